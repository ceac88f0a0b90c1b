//! How far the scores moved from base to tuned, of everyone and of every slice.

use super::rows::ByRows;
use super::{Declared, Slices};
use crate::config::Audit;
use crate::result::{Drift, Estimate, Reason};
use crate::stats::{Draws, Moved, Shift};
use rayon::prelude::*;

/// Every distance; none where a model is missing or has no scores.
pub(super) fn drift(audit: &Audit, declared: &Declared, slices: &Slices, by_rows: Option<&ByRows>) -> Vec<Drift> {
    let Some(sample) = by_rows.map(ByRows::sample).filter(|_| declared.has == [true, true]) else {
        return Vec::new();
    };
    if !declared.same_question || !declared.scored {
        return Vec::new();
    }
    let mut found = distances(audit, "all", sample.all_moved());
    for family in &slices.families {
        let parts: Vec<_> = family.slices.iter().zip(sample.moved(family)).collect();
        found.par_extend(parts.into_par_iter().flat_map_iter(|(slice, rows)| distances(audit, &slice.id, rows)));
    }
    found
}

fn distances(audit: &Audit, slice: &str, rows: Vec<Moved>) -> Vec<Drift> {
    let shift = Shift::new(rows);
    let mut draws = Draws::new(audit.stats.seed, &format!("drift/{slice}"));
    let all = |shift: &Shift| {
        let (index, p) = shift.stability();
        [
            (index, p),
            (shift.jensen_shannon(), None),
            (shift.kolmogorov(), Some(shift.exchanged(&mut draws))),
            (shift.wasserstein(), None),
        ]
    };
    let names = ["population_stability_index", "jensen_shannon_divergence", "ks_statistic", "wasserstein"];
    let support = shift.as_ref().map_or(0, Shift::rows);
    let found = shift.as_ref().map(all);
    let of = |(at, metric): (usize, &str)| Drift {
        metric: metric.into(),
        slice: slice.into(),
        estimate: match found {
            Some(all) => Estimate::Known { value: all[at].0, low: None, high: None, support },
            None => Estimate::Undefined { undefined: Reason::NoRowsInCondition },
        },
        p_value: found.and_then(|all| all[at].1),
    };
    names.into_iter().enumerate().map(of).collect()
}
