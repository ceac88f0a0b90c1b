//! How far the scores moved from base to tuned, of everyone and of every slice.

use super::rows::ByRows;
use super::sample::Part;
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
    let mut found = distances(audit, "all", &sample.everyone());
    for family in &slices.families {
        let parts: Vec<(&String, Part)> =
            family.slices.iter().map(|slice| &slice.id).zip(sample.slices(family)).collect();
        found.par_extend(parts.par_iter().flat_map_iter(|(id, part)| distances(audit, id, part)));
    }
    found
}

fn distances(audit: &Audit, slice: &str, part: &Part) -> Vec<Drift> {
    let [base, tuned] = &part.columns;
    let both = |row: &usize| !base.score[*row].is_nan() && !tuned.score[*row].is_nan();
    let moved = |row| Moved { base: base.score[row], tuned: tuned.score[row], weight: base.weight[row] };
    let shift = Shift::new((0..base.score.len()).filter(both).map(moved).collect());
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
