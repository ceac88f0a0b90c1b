//! The tuned rates of an attribute's groups, pulled toward one another where people are few: what a
//! chart shows beside the plain rates, so that the smallest groups do not look like the extremes.

use super::lookup::Lookup;
use super::unit::Unit;
use crate::result::{AuditResult, Estimate, Subject};
use crate::stats::shrunk;
use std::collections::HashMap;

/// The pulled rate of every group that has a rate, by slice; empty for what is no rate.
pub(in crate::render) fn pulled<'a>(result: &'a AuditResult, lookup: &Lookup, metric: &str) -> HashMap<&'a str, f64> {
    let mut all = HashMap::new();
    if Unit::value(metric) != Unit::Hundred {
        return all;
    }
    for attribute in &result.data.attributes {
        let rate = |slice: &str| match lookup.estimate(metric, slice, Subject::Tuned)? {
            Estimate::Known { value, support, .. } => Some((value * *support as f64, *support as f64)),
            Estimate::Undefined { .. } => None,
        };
        let (slices, rates): (Vec<&str>, Vec<(f64, f64)>) =
            attribute.groups.iter().filter_map(|group| Some((group.slice.as_str(), rate(&group.slice)?))).unzip();
        all.extend(slices.into_iter().zip(shrunk(&rates).unwrap_or_default()));
    }
    all
}
