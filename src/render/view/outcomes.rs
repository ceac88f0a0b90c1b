//! What each group gets, metric by metric: base and tuned, with intervals and the people behind them.

use super::lookup::Lookup;
use super::pulled::pulled;
use super::unit::Unit;
use super::words::{self, Shown};
use super::{MOST_ROWS, gaps::MOST_DRAWN};
use crate::metrics;
use crate::render::chart::{Figure, Layout, Mark, Panel, Row, Ticks};
use crate::render::{clean, number};
use crate::result::{Aggregate, Asked, AuditResult, CheckOutcome, Estimate, Limit, Of, On, Subject, is_of_all};
use serde::Serialize;
use std::collections::HashSet;

/// Rows of all charts and of all tables together, so that many metrics do not swell the file.
const MOST_IN_ALL: usize = 240;
const MOST_TABLED: usize = 250;

/// What falls to one metric of a room for all.
fn share_of(room: usize, result: &AuditResult) -> usize {
    room / metric_ids(result).len().max(1)
}

/// One metric over all groups.
#[derive(Debug, Serialize)]
pub(in crate::render) struct MetricOutcomes {
    /// `Selection rate`.
    pub title: String,
    /// `selected, of all`.
    pub plain: String,
    /// What a value counts, ` of 100`; empty for a plain number.
    pub values_in: &'static str,
    /// What a change counts, ` points`; empty for a plain number.
    pub change_in: &'static str,
    /// One row a group, everyone first.
    pub rows: Vec<OutcomeRow>,
    /// Groups that did not fit.
    pub more: usize,
    /// The chart; `None` where no group has a number.
    pub figure: Option<Figure>,
}

/// One group under one metric.
#[derive(Debug, Serialize)]
pub(in crate::render) struct OutcomeRow {
    /// The group.
    pub slice: String,
    /// Rows inside the condition.
    pub support: String,
    /// The base.
    pub base: Shown,
    /// The tuned model.
    pub tuned: Shown,
    /// Tuned minus base.
    pub change: Shown,
}

/// The spread of one metric over one attribute's groups.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Spread {
    /// The attribute.
    pub attribute: String,
    /// The metric's title.
    pub metric: String,
    /// Largest minus smallest: base, tuned.
    pub difference: [Shown; 2],
    /// Smallest over largest: base, tuned.
    pub ratio: [Shown; 2],
}

/// Metrics whose outcomes are shown: those with findings, or all that describe one model.
pub(super) fn metric_ids(result: &AuditResult) -> Vec<&str> {
    let (mut met, mut seen) = (HashSet::new(), Vec::new());
    for value in &result.values {
        let of_model = matches!(value.model, Subject::Base | Subject::Tuned);
        if of_model && is_of_all(&value.class) && met.insert(&value.metric) && describes_a_model(&value.metric) {
            seen.push(value.metric.as_str());
        }
    }
    let chosen: Vec<&str> = result.method.metrics.iter().map(String::as_str).filter(|id| seen.contains(id)).collect();
    if chosen.is_empty() { seen } else { chosen }
}

fn describes_a_model(id: &str) -> bool {
    metrics::find(id).is_none_or(metrics::of_model)
}

/// Everyone, then every group in the order of the audit file.
pub(in crate::render) fn slices(result: &AuditResult) -> Vec<&str> {
    let groups = result.data.attributes.iter().flat_map(|attribute| &attribute.groups);
    std::iter::once("all").chain(groups.map(|group| group.slice.as_str())).collect()
}

/// One part for each metric.
pub(in crate::render) fn outcomes(result: &AuditResult) -> Vec<MetricOutcomes> {
    let lookup = Lookup::of(result);
    let slices = slices(result);
    metric_ids(result)
        .into_iter()
        .enumerate()
        .map(|(place, metric)| outcome(result, &lookup, metric, &slices, place))
        .collect()
}

fn outcome(result: &AuditResult, lookup: &Lookup, metric: &str, slices: &[&str], place: usize) -> MetricOutcomes {
    let shown = &slices[..slices.len().min(share_of(MOST_TABLED, result).min(MOST_ROWS))];
    let entry = metrics::find(metric);
    MetricOutcomes {
        title: words::title(metric),
        plain: entry.map_or(String::new(), |entry| format!("{}, {}", words::capitalized(entry.plain), entry.among)),
        values_in: Unit::value(metric).suffix(),
        change_in: Unit::gap(metric).suffix(),
        rows: shown.iter().map(|slice| row(result, lookup, metric, slice)).collect(),
        more: slices.len() - shown.len(),
        figure: figure(result, lookup, metric, place),
    }
}

fn row(result: &AuditResult, lookup: &Lookup, metric: &str, slice: &str) -> OutcomeRow {
    let of = |subject| lookup.estimate(metric, slice, subject);
    let shown = |subject, unit: Unit| Shown::estimate(of(subject), result.method.min_cell, unit.writer());
    let support = [Subject::Tuned, Subject::Base].into_iter().find_map(|subject| support(of(subject)));
    OutcomeRow {
        slice: clean::label(slice),
        support: support.map_or("–".into(), number::count),
        base: shown(Subject::Base, Unit::value(metric)),
        tuned: shown(Subject::Tuned, Unit::value(metric)),
        change: shown(Subject::Change, Unit::gap(metric)),
    }
}

pub(super) fn support(estimate: Option<&Estimate>) -> Option<u64> {
    match estimate {
        Some(Estimate::Known { support, .. }) => Some(*support),
        _ => None,
    }
}

fn figure(result: &AuditResult, lookup: &Lookup, metric: &str, place: usize) -> Option<Figure> {
    let least = result.method.min_support;
    let scale = Unit::value(metric).scale();
    let everyone = lookup.estimate(metric, "all", Subject::Tuned).and_then(Estimate::value);
    let limits = limits(result, metric);
    let lines = everyone.map(|value| ("level", value)).into_iter().chain(limits.iter().map(|limit| ("limit", *limit)));
    let lines = lines.map(|(class, value)| (class, scale * value)).collect();
    let pulled = pulled(result, lookup, metric);
    let mut rows: Vec<Row> = Vec::new();
    for slice in slices(result) {
        let tick = pulled.get(slice).map(|rate| Mark::Tick("pulled", scale * rate, 4.0));
        rows.extend(drawn(lookup, metric, slice, least, tick));
    }
    rows.truncate(share_of(MOST_IN_ALL, result).min(MOST_DRAWN));
    let pull = if pulled.is_empty() { "" } else { PULL };
    let (ticks, least_step) =
        if Unit::value(metric) == Unit::Hundred { (Ticks::Sizes, 1.0) } else { (Ticks::Values, 0.0) };
    let panel = Panel { heading: heading(result, metric, !limits.is_empty()), ticks, band: None, lines, least_step };
    (!rows.is_empty()).then(|| {
        Layout::of(&[panel], &rows).figure(
            format!("outcome-{place}"),
            format!("{} by group; grey: fewer than {}{pull}", words::title(metric), number::counted(least, "row")),
            "One row a group: an open circle for the base, a filled one for the tuned model, each on its interval. The numbers are in the table below.",
            &rows,
        )
    })
}

/// What the upright lines of a chart are.
const PULL: &str = "; upright: the tuned rate pulled toward the other groups where people are few, for looking alone";

/// The limits that checks set on a group's own value under the tuned model.
fn limits(result: &AuditResult, metric: &str) -> Vec<f64> {
    let limit = |check: &CheckOutcome| match check.asked {
        Asked::Limit { of: Of::Value, on: On::Tuned, limit: Limit::Min(value) | Limit::Max(value), .. } => Some(value),
        _ => None,
    };
    let mut limits: Vec<f64> =
        result.checks.iter().filter(|check| check.metric.as_deref() == Some(metric)).filter_map(limit).collect();
    limits.sort_by(f64::total_cmp);
    limits.dedup();
    limits
}

fn heading(result: &AuditResult, metric: &str, limited: bool) -> String {
    let models = &result.provenance.models;
    let value = if Unit::value(metric) == Unit::Hundred { "Of 100" } else { "Value" };
    let limit = if limited { "; solid: your limit" } else { "" };
    match (&models.base, &models.tuned) {
        (Some(_), None) => format!("{value}, with its interval"),
        (None, _) => format!("{value}, with its interval; dashed: everyone{limit}"),
        _ => format!("{value}: base ○, tuned ●, with intervals; dashed: everyone{limit}"),
    }
}

/// A group's row; too few people are drawn without colour.
fn drawn(lookup: &Lookup, metric: &str, slice: &str, least: u64, tick: Option<Mark>) -> Option<Row> {
    let of = |subject| lookup.estimate(metric, slice, subject);
    let small =
        [Subject::Base, Subject::Tuned].into_iter().filter_map(|subject| support(of(subject))).any(|n| n < least);
    let scale = Unit::value(metric).scale();
    let tuned = whisker(if small { "small" } else { "tuned" }, of(Subject::Tuned), scale, 4.0);
    let base = whisker("base", of(Subject::Base), scale, -4.0);
    let marks: Vec<Mark> = [base, tuned, tick].into_iter().flatten().collect();
    (!marks.is_empty()).then(|| Row { label: clean::label(slice), note: String::new(), marks: vec![marks] })
}

fn whisker(class: &'static str, estimate: Option<&Estimate>, scale: f64, down: f64) -> Option<Mark> {
    let value = scale * estimate?.value()?;
    let span = estimate?.interval();
    let end = |end: Option<f64>| end.map_or(value, |end| scale * end);
    Some(Mark::Whisker(class, end(span.and_then(|span| span.low)), value, end(span.and_then(|span| span.high)), down))
}

/// The spread of each metric over each attribute's groups.
pub(in crate::render) fn spreads(result: &AuditResult) -> Vec<Spread> {
    let (shown, mut met) = (metric_ids(result), HashSet::new());
    let keys = result.aggregates.iter().filter(|one| is_of_all(&one.class)).map(|one| (&*one.attribute, &*one.metric));
    let keys = keys.filter(|key| shown.contains(&key.1) && met.insert(*key)).take(MOST_ROWS);
    keys.map(|(attribute, metric)| spread(result, attribute, metric)).collect()
}

fn spread(result: &AuditResult, attribute: &str, metric: &str) -> Spread {
    let find = |aggregate: &str, subject| {
        let matches = |one: &&Aggregate| {
            is_of_all(&one.class)
                && one.attribute == attribute
                && one.metric == metric
                && one.aggregate == aggregate
                && one.model == subject
        };
        result.aggregates.iter().find(matches).map(|one| &one.estimate)
    };
    let both = |aggregate, write| {
        [Subject::Base, Subject::Tuned]
            .map(|subject| Shown::estimate(find(aggregate, subject), result.method.min_cell, write))
    };
    Spread {
        attribute: clean::label(attribute),
        metric: words::title(metric),
        difference: both("difference", Unit::size(metric).writer()),
        ratio: both("ratio", number::ratio),
    }
}
