//! How far the scores moved from base to tuned, of everyone and of every slice.

use super::rows::ByRows;
use super::sample::Part;
use super::{Declared, Slices};
use crate::config::Audit;
use crate::result::{Drift, Estimate, Reason};
use crate::stats::{Draws, Moved, jensen_shannon, kolmogorov, stability, wasserstein};
use rayon::prelude::*;

/// A permutation test passes over the rows this often; slices of more get none, everyone does.
const MOST_PERMUTED: usize = 200_000;

/// Every distance; none where a model is missing or has no scores.
pub(super) fn drift(audit: &Audit, declared: &Declared, slices: &Slices, by_rows: Option<&ByRows>) -> Vec<Drift> {
    let Some(sample) = by_rows.map(ByRows::sample).filter(|_| declared.has == [true, true]) else {
        return Vec::new();
    };
    if !declared.same_question || declared.gives_scores != [true, true] {
        return Vec::new();
    }
    let mut found = distances(audit, "all", &sample.everyone(), true);
    for family in &slices.families {
        let parts: Vec<(&String, Part)> =
            family.slices.iter().map(|slice| &slice.id).zip(sample.slices(family)).collect();
        found.par_extend(parts.par_iter().flat_map_iter(|(id, part)| distances(audit, id, part, false)));
    }
    found
}

fn distances(audit: &Audit, slice: &str, part: &Part, everyone: bool) -> Vec<Drift> {
    let [base, tuned] = &part.columns;
    let both = |row: &usize| !base.score[*row].is_nan() && !tuned.score[*row].is_nan();
    let moved = |row| Moved { base: base.score[row], tuned: tuned.score[row], weight: base.weight[row] };
    let rows: Vec<Moved> = (0..base.score.len()).filter(both).map(moved).collect();
    let mut draws = Draws::new(audit.stats.seed, &format!("drift/{slice}"));
    let tested = (everyone || rows.len() <= MOST_PERMUTED).then_some(&mut draws);
    let plain = |value: Option<f64>| value.map(|value| (value, None));
    let all = [
        ("population_stability_index", stability(&rows)),
        ("jensen_shannon_divergence", plain(jensen_shannon(&rows))),
        ("ks_statistic", kolmogorov(&rows, tested)),
        ("wasserstein", plain(wasserstein(&rows))),
    ];
    let of = |(metric, found): (&str, Option<(f64, Option<f64>)>)| Drift {
        metric: metric.into(),
        slice: slice.into(),
        estimate: match found {
            Some((value, _)) => Estimate::Known { value, low: None, high: None, support: rows.len() as u64 },
            None => Estimate::Undefined { undefined: Reason::NoRowsInCondition },
        },
        p_value: found.and_then(|(_, p)| p),
    };
    all.into_iter().map(of).collect()
}
