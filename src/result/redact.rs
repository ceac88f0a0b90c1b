//! Hides small cells and all that is derivable from them, once, before anything is written.
//!
//! A slice of fewer than `min_cell` people is hidden. So is what gives it back by subtraction: where
//! the parts of a whole are known but one, the next smallest part is hidden too. Verdict and outcome
//! words stay, since the gate judged before.

use super::{AuditResult, Estimate, Finding, Reason};
use crate::evidence::SliceId;
use std::collections::{BTreeMap, BTreeSet};

/// The name under which an attribute's unknown rows take part in the sums.
const UNKNOWN: &str = "(unknown)";

/// Hides the numbers of every slice with fewer than `method.min_cell` people.
pub fn redact(mut result: AuditResult) -> AuditResult {
    let sizes = sizes(&result);
    let hidden = hidden_slices(&result, &sizes);
    if hidden.is_empty() {
        return result;
    }
    hide_groups(&mut result, &hidden);
    hide_values(&mut result, &hidden);
    hide_aggregates(&mut result, &hidden, &sizes);
    result.findings.iter_mut().filter(|finding| touches(finding, &hidden)).for_each(hide_finding);
    hide_outcomes(&mut result, &hidden);
    let slices = hidden.iter().filter(|name| !name.ends_with(UNKNOWN)).count();
    result.notices.push(format!(
        "{slices} slices are hidden: fewer than {} people stand behind them, or behind what would give them back.",
        result.method.min_cell
    ));
    result
}

/// A whole and the disjoint parts that it is the sum of.
struct Sum {
    whole: String,
    parts: Vec<String>,
}

/// The slices to hide: the small ones, and others until no sum gives one back.
fn hidden_slices(result: &AuditResult, sizes: &BTreeMap<String, u64>) -> BTreeSet<String> {
    let least = result.method.min_cell;
    let small = |(_, rows): &(&String, &u64)| (1..least).contains(*rows);
    let mut hidden: BTreeSet<String> = sizes.iter().filter(small).map(|(name, _)| name.clone()).collect();
    let sums = sums(result);
    while let Some(next) = sums.iter().find_map(|sum| give_away(sum, sizes, &hidden, least)) {
        hidden.insert(next);
    }
    hidden
}

/// The next part to hide of a sum whose hidden parts could be found by subtraction, or whose
/// hidden parts together are still fewer than `least`.
fn give_away(sum: &Sum, sizes: &BTreeMap<String, u64>, hidden: &BTreeSet<String>, least: u64) -> Option<String> {
    let size = |name: &&String| sizes.get(*name).copied().unwrap_or(0);
    let (gone, shown): (Vec<&String>, Vec<&String>) =
        sum.parts.iter().filter(|part| size(part) > 0).partition(|part| hidden.contains(*part));
    let whole_hidden = hidden.contains(&sum.whole);
    let exposed = if whole_hidden {
        gone.is_empty()
    } else {
        gone.len() == 1 || !gone.is_empty() && gone.iter().map(size).sum::<u64>() < least
    };
    if !exposed {
        return None;
    }
    shown.into_iter().min_by_key(|part| (size(part), (*part).clone())).cloned()
}

fn sizes(result: &AuditResult) -> BTreeMap<String, u64> {
    let mut sizes = BTreeMap::from([("all".to_string(), result.data.used)]);
    for attribute in &result.data.attributes {
        sizes.extend(attribute.groups.iter().map(|group| (group.slice.clone(), group.rows.unwrap_or(0))));
        sizes.insert(unknown(&attribute.name), attribute.unknown.unwrap_or(0));
    }
    sizes
}

fn unknown(attribute: &str) -> String {
    format!("{attribute}={UNKNOWN}")
}

/// Every sum that a reader of the result can form: each attribute adds up to everyone, each cross
/// to the groups (and smaller crosses) that it refines.
fn sums(result: &AuditResult) -> Vec<Sum> {
    let families: Vec<Vec<(String, SliceId)>> = result.data.attributes.iter().map(slices).collect();
    let mut sums = Vec::new();
    for (attribute, family) in result.data.attributes.iter().zip(&families) {
        let mut parts: Vec<String> = family.iter().map(|(name, _)| name.clone()).collect();
        parts.push(unknown(&attribute.name));
        sums.push(Sum { whole: "all".into(), parts });
        for (whole, id) in families.iter().flatten() {
            let inside = |part: &&(String, SliceId)| part.1.parts.len() > id.parts.len() && id.parts.iter().all(|p| part.1.parts.contains(p));
            let parts: Vec<String> = family.iter().filter(inside).map(|(name, _)| name.clone()).collect();
            if !parts.is_empty() {
                sums.push(Sum { whole: whole.clone(), parts });
            }
        }
    }
    sums
}

fn slices(attribute: &super::AttributeSummary) -> Vec<(String, SliceId)> {
    let parsed = |group: &super::GroupSummary| Some((group.slice.clone(), SliceId::parse(&group.slice).ok()?));
    attribute.groups.iter().filter_map(parsed).collect()
}

fn hide_groups(result: &mut AuditResult, hidden: &BTreeSet<String>) {
    for attribute in &mut result.data.attributes {
        if hidden.contains(&unknown(&attribute.name)) {
            attribute.unknown = None;
        }
        for group in attribute.groups.iter_mut().filter(|group| hidden.contains(&group.slice)) {
            (group.rows, group.positives) = (None, None);
        }
    }
}

fn hide_values(result: &mut AuditResult, hidden: &BTreeSet<String>) {
    for value in result.values.iter_mut().filter(|value| hidden.contains(&value.slice)) {
        value.estimate = Estimate::Undefined { undefined: Reason::Hidden };
        value.basis = None;
    }
}

/// An aggregate can be some group's own number (a minimum, say). Only groups with `min_support`
/// rows enter one, so those of a family whose hidden slices are all smaller stay.
fn hide_aggregates(result: &mut AuditResult, hidden: &BTreeSet<String>, sizes: &BTreeMap<String, u64>) {
    let least = result.method.min_support.max(1);
    let enters = |slice: &String| hidden.contains(slice) && sizes.get(slice).is_some_and(|rows| *rows >= least);
    let exposed = |attribute: &&super::AttributeSummary| attribute.groups.iter().any(|group| enters(&group.slice));
    let named: BTreeSet<String> =
        result.data.attributes.iter().filter(exposed).map(|attribute| attribute.name.clone()).collect();
    for aggregate in result.aggregates.iter_mut().filter(|aggregate| named.contains(&aggregate.attribute)) {
        aggregate.estimate = Estimate::Undefined { undefined: Reason::Hidden };
    }
}

fn touches(finding: &Finding, hidden: &BTreeSet<String>) -> bool {
    let mirror = finding.mirror.iter();
    [&finding.slice, &finding.reference].into_iter().chain(mirror).any(|slice| hidden.contains(slice))
}

fn hide_finding(finding: &mut Finding) {
    *finding = Finding {
        base: None,
        tuned: None,
        change: None,
        labels: None,
        p_value: None,
        q_value: None,
        flag_p: None,
        flag_q: None,
        probabilities: None,
        inherited_share: None,
        transmission: None,
        support: None,
        basis: None,
        hidden: true,
        ..finding.clone()
    };
}

fn hide_outcomes(result: &mut AuditResult, hidden: &BTreeSet<String>) {
    let aggregated: BTreeSet<&String> = result
        .aggregates
        .iter()
        .filter(|aggregate| aggregate.estimate == Estimate::Undefined { undefined: Reason::Hidden })
        .map(|aggregate| &aggregate.attribute)
        .collect();
    let hides = |slice: &String| hidden.contains(slice) || aggregated.contains(slice);
    for outcome in result.checks.iter_mut().filter(|outcome| hides(&outcome.slice)) {
        (outcome.value, outcome.low, outcome.high) = (None, None, None);
        (outcome.probability, outcome.support, outcome.needed) = (None, None, None);
        outcome.hidden = true;
    }
}
