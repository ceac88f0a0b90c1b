//! How far the scores, or the classes that are said, moved from base to tuned, of everyone and of every slice.

use super::rows::ByRows;
use super::sample::{Part, Sample};
use super::{Declared, Slices};
use crate::config::Audit;
use crate::result::{Drift, Estimate, Reason};
use crate::stats::{Draws, Moved, Shares, kolmogorov, wasserstein};
use crate::tasks::Task;
use rayon::prelude::*;

/// A permutation test passes over the rows this often; slices of more get none, everyone does.
const MOST_PERMUTED: usize = 200_000;

/// Every distance; none where a model is missing or has no scores.
pub(super) fn drift(audit: &Audit, declared: &Declared, slices: &Slices, by_rows: Option<&ByRows>) -> Vec<Drift> {
    match by_rows.map(ByRows::sample) {
        Some(sample) if declared.scored || audit.task == Task::Regression => of_sample(audit, declared, slices, sample),
        _ => Vec::new(),
    }
}

/// The same of rows with two scores each, or the numbers of two classes.
pub(super) fn of_sample(audit: &Audit, declared: &Declared, slices: &Slices, sample: &Sample) -> Vec<Drift> {
    if !declared.same_question || declared.has != [true, true] {
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
    let all = match audit.task {
        Task::Multiclass => of_classes(&rows),
        _ => {
            let mut draws = Draws::new(audit.stats.seed, &format!("drift/{slice}"));
            of_scores(&rows, (everyone || rows.len() <= MOST_PERMUTED).then_some(&mut draws))
        }
    };
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

type Distance = (&'static str, Option<(f64, Option<f64>)>);

fn of_shares(shares: Option<&Shares>, rows: usize) -> Vec<Distance> {
    vec![
        ("population_stability_index", shares.map(|shares| shares.stability(rows))),
        ("jensen_shannon_divergence", shares.map(|shares| (shares.jensen_shannon(), None))),
    ]
}

/// Classes have no order, so that only shares can be compared.
fn of_classes(rows: &[Moved]) -> Vec<Distance> {
    of_shares(Shares::of_classes(rows).as_ref(), rows.len())
}

fn of_scores(rows: &[Moved], draws: Option<&mut Draws>) -> Vec<Distance> {
    let mut all = of_shares(Shares::of_scores(rows).as_ref(), rows.len());
    all.push(("ks_statistic", kolmogorov(rows, draws)));
    all.push(("wasserstein", wasserstein(rows).map(|distance| (distance, None))));
    all
}
