//! Whose decisions changed between base and tuned, and which way.

use super::lookup::Lookup;
use super::outcomes;
use super::words::Shown;
use super::{MOST_ROWS, gaps::MOST_DRAWN};
use crate::render::chart::{Figure, Layout, Mark, Panel, Row, Ticks};
use crate::render::{clean, number};
use crate::result::{AuditResult, Estimate, Subject};
use serde::Serialize;

/// The section "Who changed".
#[derive(Debug, Serialize)]
pub(in crate::render) struct Changed {
    /// Whether the direction of harm is declared, so that changes have a good and a bad side.
    pub directed: bool,
    /// One row a group.
    pub rows: Vec<ChangedRow>,
    /// Counts of everyone, as those of a row.
    pub everyone: Option<[String; 4]>,
    /// Groups that did not fit.
    pub more: usize,
    /// The chart, where there are numbers.
    pub figure: Option<Figure>,
}

/// One group: changes of 100 people, and the counts behind them.
#[derive(Debug, Serialize)]
pub(in crate::render) struct ChangedRow {
    /// The group.
    pub slice: String,
    /// People with both decisions.
    pub support: String,
    /// Changed for the worse, of 100.
    pub adverse: Shown,
    /// Changed for the better, of 100.
    pub favorable: Shown,
    /// Decided differently, of 100.
    pub churn: Shown,
    /// Counts: selected by neither, by the base alone, by the tuned model alone, by both.
    pub counts: Option<[String; 4]>,
}

/// The section, or `None` where no number needs both models.
pub(in crate::render) fn changed(result: &AuditResult) -> Option<Changed> {
    let lookup = Lookup::of(result);
    let slices = outcomes::slices(result);
    let known = |metric| slices.iter().any(|slice| value(&lookup, metric, slice).is_some());
    let directed = known("adverse_flip_rate") && known("favorable_flip_rate");
    (directed || known("churn")).then(|| Changed {
        directed,
        rows: slices.iter().take(MOST_ROWS).map(|slice| row(result, &lookup, slice)).collect(),
        everyone: counts(&lookup, "all"),
        more: slices.len().saturating_sub(MOST_ROWS),
        figure: figure(&lookup, &slices, directed, result.method.min_support),
    })
}

fn value(lookup: &Lookup, metric: &str, slice: &str) -> Option<f64> {
    lookup.estimate(metric, slice, Subject::Pair).and_then(Estimate::value).map(|value| 100.0 * value)
}

fn row(result: &AuditResult, lookup: &Lookup, slice: &str) -> ChangedRow {
    let shown = |metric| {
        Shown::estimate(lookup.estimate(metric, slice, Subject::Pair), result.method.min_cell, number::hundred)
    };
    let support = outcomes::support(lookup.estimate("churn", slice, Subject::Pair)).map_or("–".into(), number::count);
    ChangedRow {
        slice: clean::label(slice),
        support,
        adverse: shown("adverse_flip_rate"),
        favorable: shown("favorable_flip_rate"),
        churn: shown("churn"),
        counts: counts(lookup, slice),
    }
}

/// People that neither model selects, the base alone, the tuned model alone, and both.
fn counts(lookup: &Lookup, slice: &str) -> Option<[String; 4]> {
    let both = lookup.basis("selection_rate", slice)?.both;
    Some([[0, 0], [1, 0], [0, 1], [1, 1]].map(|[base, tuned]| number::count(both[base][tuned])))
}

fn figure(lookup: &Lookup, slices: &[&str], directed: bool, least: u64) -> Option<Figure> {
    let rows: Vec<Row> =
        slices.iter().filter_map(|slice| bars(lookup, slice, directed, least)).take(MOST_DRAWN).collect();
    let heading =
        if directed { "◀ for the worse · of 100 · for the better ▶" } else { "Decided differently, of 100" };
    let panel = Panel { heading: heading.into(), ticks: Ticks::Sizes, band: None, lines: vec![], least_step: 1.0 };
    (!rows.is_empty()).then(|| {
        Layout::of(&[panel], &rows).figure(
            "flips".into(),
            format!("Changed decisions by group, of 100 people; grey: fewer than {}", number::counted(least, "row")),
            "One bar a group; to the left, decisions that changed for the worse, to the right, for the better. The numbers are in the table below.",
            &rows,
        )
    })
}

/// A group's bars; too few people are drawn without colour.
fn bars(lookup: &Lookup, slice: &str, directed: bool, least: u64) -> Option<Row> {
    let small = outcomes::support(lookup.estimate("churn", slice, Subject::Pair)).is_some_and(|n| n < least);
    let class = |class| if small { "small wide" } else { class };
    let marks = if directed {
        let (worse, better) =
            (value(lookup, "adverse_flip_rate", slice)?, value(lookup, "favorable_flip_rate", slice)?);
        vec![Mark::Bar(class("worse"), 0.0, -worse), Mark::Bar(class("better"), 0.0, better)]
    } else {
        vec![Mark::Bar(class("churn"), 0.0, value(lookup, "churn", slice)?)]
    };
    Some(Row { label: clean::label(slice), note: String::new(), marks: vec![marks] })
}
