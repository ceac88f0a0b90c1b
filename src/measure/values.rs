//! Every metric of every slice, for base, tuned, their change, the pair and the labels.

use super::classes::View;
use super::means::mean_of_cells;
use super::measured::Measured;
use super::rows::ByRows;
use super::tables;
use super::{Declared, Family, Slices};
use crate::evidence::{Cells, POSITIVE};
use crate::metrics::{self, Formula, Metric, side};
use crate::result::{Estimate, Reason, Subject, Value, WORST};
use crate::stats::{Contrast, Duo, Paired, Twin, wilson};
use std::collections::BTreeSet;

/// The joint counts of a rate under both models.
pub fn paired(metric: &Metric, cells: &Cells) -> Paired {
    let mut counts = Paired::default();
    let Formula::Rate(event) = metric.formula else { return counts };
    for (cell, n) in cells.iter() {
        counts.add(side(&cell, 0).and_then(event), side(&cell, 1).and_then(event), n);
    }
    counts
}

/// Positive and all labels, of those that hold for the tuned model.
pub fn labels(cells: &Cells) -> (u64, u64) {
    let known = cells.iter().filter_map(|(cell, n)| Some((cell.label[1]?, n)));
    known.fold((0, 0), |(positive, all), (label, n)| (positive + if label == POSITIVE { n } else { 0 }, all + n))
}

pub(super) fn values(declared: &Declared, slices: &Slices, by_rows: Option<&ByRows>) -> Vec<Value> {
    let mut all = of_slice(declared, "all", &slices.everyone, by_rows);
    let shown = || slices.families.iter().flat_map(Family::shown);
    shown().for_each(|slice| all.extend(of_slice(declared, &slice.id, &slice.cells, by_rows)));
    let names: BTreeSet<&str> = shown().map(|slice| slice.id.as_str()).collect();
    let against = by_rows.map(ByRows::against).unwrap_or_default();
    for (slice, metric, measured) in against.iter().filter(|(slice, ..)| names.contains(slice.as_str())) {
        all.extend(of_measured(declared, metric, measured).into_iter().map(|row| value(slice, row)));
    }
    all
}

/// Which numbers that ought to have an error have none, by metric and model. Slices are counted, not named, since
/// some may be small.
pub(super) fn without_error(values: &[Value], metrics: &[&'static Metric]) -> Vec<String> {
    let mut told = Vec::new();
    for metric in metrics.iter().filter(|metric| metrics::has_findings(metric)) {
        for (model, name) in [(Subject::Base, "base"), (Subject::Tuned, "tuned")] {
            let own = |value: &&Value| value.metric == metric.id && value.model == model;
            let own = || values.iter().filter(own).filter(|value| value.class.as_deref() != Some(WORST));
            let known = |value: &&Value| matches!(value.estimate, Estimate::Known { low: None, high: None, .. });
            let (none, all) = (own().filter(known).count(), own().count());
            if none > 0 {
                let why = "every row has the same number there, or what counts is of one row or one unit";
                let title = metric.title;
                told.push(format!(
                    "No error can be told of {title} of {name} in {none} of {all} groups, and no gap is judged: {why}."
                ));
            }
        }
    }
    told
}

fn of_slice(declared: &Declared, slice: &str, cells: &Cells, by_rows: Option<&ByRows>) -> Vec<Value> {
    declared
        .metrics()
        .flat_map(|metric| match by_rows.filter(|rows| rows.covers(metric)).and_then(|rows| rows.of(metric, slice)) {
            Some(measured) => of_measured(declared, metric, measured),
            None => of_metric(declared, metric, cells),
        })
        .map(|row| value(slice, row))
        .collect()
}

fn value(slice: &str, (metric, model, estimate, basis): Row) -> Value {
    Value { metric: metric.id.into(), class: None, slice: slice.into(), model, estimate, basis }
}

type Row = (&'static Metric, Subject, Estimate, Option<Twin>);

fn of_metric(declared: &Declared, metric: &'static Metric, cells: &Cells) -> Vec<Row> {
    if declared.view == View::Mean {
        return of_measured(declared, metric, &mean_of_cells(metric, cells, None));
    }
    match metric.formula {
        Formula::Rate(_) => rates(declared, metric, cells),
        Formula::Composite { .. } | Formula::Agreement { .. } => {
            of_measured(declared, metric, &tables::of_cells(metric, cells))
        }
        Formula::Labels(_) if declared.has_labels() => {
            vec![(metric, Subject::Labels, rate(labels(cells), declared.z), None)]
        }
        Formula::Paired(_) if declared.has == [true, true] => {
            vec![(metric, Subject::Pair, pair(declared, metric, cells), None)]
        }
        _ => Vec::new(),
    }
}

fn rates(declared: &Declared, metric: &'static Metric, cells: &Cells) -> Vec<Row> {
    let counts = paired(metric, cells);
    let lacks = |side: usize| declared.lacks(metric, side);
    let one = |side: usize, counts: (u64, u64)| lacks(side).map_or_else(|| rate(counts, declared.z), undefined);
    let mut rows = Vec::new();
    if declared.has[0] {
        rows.push((metric, Subject::Base, one(0, counts.base()), None));
    }
    if declared.has[1] {
        rows.push((metric, Subject::Tuned, one(1, counts.tuned()), None));
    }
    if declared.has == [true, true] {
        let estimate = lacks(0).or(lacks(1)).map_or_else(|| change(declared, metric, &counts), undefined);
        let basis = estimate.value().map(|_| counts.into());
        rows.push((metric, Subject::Change, estimate, basis));
    }
    rows
}

/// Base, tuned and change of a metric of one model that is no plain count; of others its one number.
fn of_measured(declared: &Declared, metric: &'static Metric, measured: &Measured) -> Vec<Row> {
    let lacks = |side: usize| declared.lacks(metric, side);
    let single = match metric.formula {
        Formula::Labels(_) => declared.has_labels().then_some(Subject::Labels),
        Formula::Paired(_) | Formula::Agreement { .. } => (declared.has == [true, true]).then_some(Subject::Pair),
        _ => {
            let side = |side: usize| lacks(side).map_or_else(|| shown(declared, measured, side), undefined);
            let mut rows = Vec::new();
            for (at, subject) in
                [(0, Subject::Base), (1, Subject::Tuned)].into_iter().filter(|(at, _)| declared.has[*at])
            {
                rows.push((metric, subject, side(at), None));
            }
            if declared.has == [true, true] && metrics::has_findings(metric) {
                let lacking = lacks(0).or(lacks(1));
                let twin = measured.twin.filter(|_| lacking.is_none() && comparable(declared, metric));
                let estimate = lacking.map_or_else(|| moved(declared, metric, twin), undefined);
                rows.push((metric, Subject::Change, estimate, twin));
            }
            return rows;
        }
    };
    let exact = matches!(metric.formula, Formula::Agreement { scale: None, .. });
    let estimate = match (single, no_pair(declared, metric)) {
        (Some(Subject::Pair), Some(reason)) => undefined(reason),
        _ if exact && declared.shared && measured.sides[1].is_none() => undefined(Reason::RowsNotAlike),
        _ => shown(declared, measured, 1),
    };
    single.map(|subject| (metric, subject, estimate, None)).into_iter().collect()
}

fn shown(declared: &Declared, measured: &Measured, side: usize) -> Estimate {
    match measured.sides[side] {
        Some((value, support, Some(marginal))) => {
            let limits = marginal.at(declared.z);
            Estimate::known(value, limits.low, limits.high, support)
        }
        Some((value, support, None)) => Estimate::Known { value, low: None, high: None, support },
        None => undefined(Reason::NotDefined),
    }
}

fn moved(declared: &Declared, metric: &Metric, twin: Option<Twin>) -> Estimate {
    if !comparable(declared, metric) {
        return undefined(Reason::DifferentLabels);
    }
    let Some(duo) = twin.and_then(|twin| twin.duo()) else { return undefined(Reason::NotDefined) };
    let interval = duo.interval(Contrast::CHANGE, declared.z);
    Estimate::known(duo.value(Contrast::CHANGE), interval.low, interval.high, duo.support())
}

/// Whether base and tuned may be compared under a metric: each against its own label, or both
/// deciding the same question.
pub(super) fn comparable(declared: &Declared, metric: &Metric) -> bool {
    declared.same_question || metric.needs_labels
}

fn change(declared: &Declared, metric: &Metric, counts: &Paired) -> Estimate {
    if !comparable(declared, metric) {
        return undefined(Reason::DifferentLabels);
    }
    let Some(duo) = Duo::new(counts) else { return undefined(Reason::NoRowsInCondition) };
    let interval = duo.interval(Contrast::CHANGE, declared.z);
    Estimate::known(duo.value(Contrast::CHANGE), interval.low, interval.high, counts.support())
}

fn pair(declared: &Declared, metric: &Metric, cells: &Cells) -> Estimate {
    match no_pair(declared, metric) {
        Some(reason) => undefined(reason),
        None => rate(pair_counts(declared.favorable, metric, cells), declared.z),
    }
}

/// Whether a metric of the pair can be counted at all.
pub(super) fn pair_exists(declared: &Declared, metric: &Metric) -> bool {
    declared.has == [true, true] && no_pair(declared, metric).is_none()
}

fn no_pair(declared: &Declared, metric: &Metric) -> Option<Reason> {
    if !declared.same_question {
        Some(Reason::DifferentLabels)
    } else if metric.needs_labels && !declared.has_labels() {
        Some(Reason::NoLabels)
    } else if metric.needs_direction() && declared.favorable.is_none() {
        Some(Reason::DirectionNotDeclared)
    } else {
        None
    }
}

fn pair_counts(favorable: Option<bool>, metric: &Metric, cells: &Cells) -> (u64, u64) {
    let Formula::Paired(event) = metric.formula else { return (0, 0) };
    let both = cells.iter().filter_map(|(cell, n)| Some((side(&cell, 0)?, side(&cell, 1)?, n)));
    both.fold((0, 0), |(events, rows), (base, tuned, n)| match event(base, tuned, favorable) {
        Some(happened) => (events + if happened { n } else { 0 }, rows + n),
        None => (events, rows),
    })
}

fn rate((events, rows): (u64, u64), z: f64) -> Estimate {
    if rows == 0 {
        return undefined(Reason::NoRowsInCondition);
    }
    let limits = wilson(events as f64, rows as f64, z);
    Estimate::known(events as f64 / rows as f64, limits.low, limits.high, rows)
}

fn undefined(reason: Reason) -> Estimate {
    Estimate::Undefined { undefined: reason }
}
