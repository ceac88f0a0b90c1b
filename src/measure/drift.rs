//! How far the scores, or the classes that are said, moved from base to tuned, of everyone and of every slice.

use super::sample::{Part, Sample};
use super::{Declared, Family, Slices};
use crate::config::Audit;
use crate::result::{Drift, Estimate, Reason};
use crate::stats::{Draws, MovedRows, Shares, Shift};
use crate::tasks::Task;
use rayon::prelude::*;

/// Whether distances are measured: not where a model is missing or has no scores.
pub(super) fn is_measured(audit: &Audit, declared: &Declared) -> bool {
    let numbers = audit.task != Task::Binary || declared.gives_scores == [true, true];
    numbers && declared.same_question && declared.has == [true, true]
}

/// Every distance of rows with two scores each, or the numbers of two classes.
pub(super) fn of_sample(audit: &Audit, slices: &Slices, sample: &Sample) -> Vec<Drift> {
    let mut found = distances(audit, "all", &sample.everyone());
    let of_family = |family: &Family| {
        let parts: Vec<_> = family.shown().iter().zip(sample.slices(family)).collect();
        let each = parts.into_par_iter().flat_map_iter(|(slice, part)| distances(audit, &slice.id, &part));
        each.collect::<Vec<_>>()
    };
    found.par_extend(slices.families.par_iter().flat_map_iter(of_family));
    found
}

/// Every distance of one slice.
pub(super) fn distances(audit: &Audit, slice: &str, part: &Part) -> Vec<Drift> {
    let all = part.moved();
    let support = all.len() as u64;
    let found = match audit.task {
        Task::Multiclass => of_classes(&all),
        _ => of_scores(all, &mut Draws::new(audit.stats.seed, &format!("drift/{slice}"))),
    };
    let of = |(metric, found): Distance| Drift {
        metric: metric.into(),
        slice: slice.into(),
        estimate: match found {
            Some((value, _)) => Estimate::Known { value, low: None, high: None, support },
            None => Estimate::Undefined { undefined: Reason::NoRowsInCondition },
        },
        p_value: found.and_then(|(_, p)| p),
    };
    found.into_iter().map(of).collect()
}

/// A distance by its name, with a p-value where it has one; `None` of no rows.
type Distance = (&'static str, Option<(f64, Option<f64>)>);

/// Classes have no order, so that only shares can be compared.
fn of_classes(rows: &MovedRows) -> Vec<Distance> {
    let shares = Shares::of_classes(rows);
    vec![
        ("population_stability_index", shares.as_ref().map(|shares| shares.stability(rows.len()))),
        ("jensen_shannon_divergence", shares.as_ref().map(|shares| (shares.jensen_shannon(), None))),
    ]
}

fn of_scores(all: MovedRows, draws: &mut Draws) -> Vec<Distance> {
    let shift = Shift::new(all);
    let shift = shift.as_ref();
    let apart = shift.map(Shift::apart);
    vec![
        ("population_stability_index", shift.map(Shift::stability)),
        ("jensen_shannon_divergence", shift.map(|shift| (shift.jensen_shannon(), None))),
        ("ks_statistic", shift.zip(apart).map(|(shift, [ks, _])| (ks, Some(shift.exchanged(draws))))),
        ("wasserstein", apart.map(|[_, area]| (area, None))),
    ]
}
