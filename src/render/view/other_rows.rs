//! The audited rows beside those that the tuned model and the base learned from.

use super::unit::Unit;
use super::words::{self, Shown};
use crate::render::{clean, number};
use crate::result::{AuditResult, ColumnShift, Estimate, Shift, Subject, Training};
use serde::Serialize;

/// Rows of either table at most.
const MOST: usize = 20;

/// What is shown of other rows.
#[derive(Debug, Serialize)]
pub(in crate::render) struct OtherRows {
    /// The comparisons in which the training rows were asked.
    pub compared: usize,
    /// Gaps of the tuned model that surely differ between training and audited rows, the largest first.
    pub trained: Vec<Trained>,
    /// Those that did not fit.
    pub more: usize,
    /// The distance from the base's rows; empty where they were not given.
    pub distance: Option<Shown>,
    /// The columns that differ most.
    pub columns: Vec<Column>,
}

/// One gap.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Trained {
    title: String,
    slice: String,
    /// The tuned model's number of the group, training minus audited.
    own: Shown,
    /// Its gap, training minus audited.
    gap: Shown,
    /// The same of the base, which did not learn from these rows.
    base: Shown,
}

/// One column.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Column {
    name: String,
    index: String,
    p_value: String,
}

/// Reads the tables from the result.
pub(in crate::render) fn other_rows(result: &AuditResult) -> OtherRows {
    let tuned = || result.training.iter().filter(|one| one.model == Subject::Tuned);
    let size = |one: &Training| one.gap.value().map_or(0.0, f64::abs);
    let mut apart: Vec<&Training> = tuned().filter(|one| leaves_out_zero(&one.gap)).collect();
    apart.sort_by(|a, b| size(b).total_cmp(&size(a)));
    OtherRows {
        compared: tuned().filter(|one| one.gap.value().is_some()).count(),
        more: apart.len().saturating_sub(MOST),
        trained: apart.into_iter().take(MOST).map(|one| trained(result, one)).collect(),
        distance: result.shift.as_ref().map(|shift| shown(result, &shift.distance, number::ratio)),
        columns: result.shift.iter().flat_map(columns).collect(),
    }
}

fn leaves_out_zero(estimate: &Estimate) -> bool {
    let span = estimate.interval();
    span.is_some_and(|span| span.low.is_some_and(|low| low > 0.0) || span.high.is_some_and(|high| high < 0.0))
}

fn shown(result: &AuditResult, estimate: &Estimate, write: fn(f64) -> String) -> Shown {
    Shown::estimate(Some(estimate), result.method.min_cell, write)
}

fn trained(result: &AuditResult, one: &Training) -> Trained {
    let write = Unit::gap(&one.metric).writer();
    let of_base = |other: &&Training| {
        let same = (&other.metric, &other.class, &other.slice) == (&one.metric, &one.class, &one.slice);
        same && other.model == Subject::Base
    };
    Trained {
        title: words::title_of(&one.metric, one.class.as_deref()),
        slice: clean::label(&one.slice),
        own: shown(result, &one.own, write),
        gap: shown(result, &one.gap, write),
        base: result.training.iter().find(of_base).map_or_else(Shown::nothing, |base| shown(result, &base.gap, write)),
    }
}

fn columns(shift: &Shift) -> Vec<Column> {
    let column = |one: &ColumnShift| Column {
        name: clean::label(&one.column),
        index: one.population_stability_index.map_or("–".into(), number::ratio),
        p_value: one.p_value.map_or("–".into(), number::p_value),
    };
    shift.columns.iter().take(MOST).map(column).collect()
}
