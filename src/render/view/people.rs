//! The people in the data: how many of each group, and what their labels say.

use super::gaps::MOST_DRAWN;
use super::lookup::Lookup;
use super::unit::Unit;
use super::words::{self, Shown};
use super::{MOST_ROWS, answers};
use crate::render::chart::{Figure, Layout, Mark, Panel, Row, Ticks};
use crate::render::{clean, number};
use crate::result::{AttributeSummary, AuditResult, GroupSummary, Subject};
use serde::Serialize;

/// The section "Data".
#[derive(Debug, Serialize)]
pub(in crate::render) struct People {
    /// Facts about all rows, label and value.
    pub facts: Vec<(&'static str, String)>,
    /// One table an attribute.
    pub attributes: Vec<Attribute>,
    /// Whether labels are positive or negative.
    pub labeled: bool,
    /// Sizes as bars, and the gaps that they could show.
    pub figure: Option<Figure>,
    /// The metric that the smallest gaps are of; empty where none is known.
    pub metric: String,
}

/// One attribute's groups.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Attribute {
    /// Its name.
    pub name: String,
    /// Rows without a known value.
    pub unknown: String,
    /// Its groups, in the order of the result.
    pub groups: Vec<Group>,
    /// Groups that did not fit.
    pub more: usize,
}

/// One group's size.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Group {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: String,
    /// Its rows of all audited ones.
    pub share: String,
    /// Rows with a positive label.
    pub positives: String,
    /// The same of 100, with its interval.
    pub base_rate: Shown,
    /// The smallest gap that its rows could show.
    pub detectable: String,
}

/// Reads the section from the result.
pub(in crate::render) fn people(result: &AuditResult) -> People {
    let lookup = Lookup::of(result);
    let metric = answers::first_metric(result);
    let known = |metric: &&str| sizes(result, metric).iter().any(|size| size.detectable.is_some());
    People {
        facts: facts(result),
        attributes: result.data.attributes.iter().map(|one| attribute(result, one, &lookup)).collect(),
        labeled: result.data.attributes.iter().flat_map(|one| &one.groups).any(|group| group.positives.is_some()),
        figure: figure(result, metric.unwrap_or_default()),
        metric: metric.filter(known).map_or(String::new(), words::plain),
    }
}

/// One group of a single attribute.
struct Size<'a> {
    slice: &'a str,
    rows: u64,
    /// The smallest gap that they could show.
    detectable: Option<f64>,
}

fn sizes<'a>(result: &'a AuditResult, metric: &str) -> Vec<Size<'a>> {
    let groups = result.data.attributes.iter().flat_map(|one| &one.groups);
    let size = |group: &'a GroupSummary| {
        let detectable = answers::detectable(result, &group.slice, metric);
        Some(Size { slice: &group.slice, rows: group.rows.filter(|rows| *rows > 0)?, detectable })
    };
    groups.filter_map(size).take(MOST_DRAWN).collect()
}

/// Group sizes as bars; beside them the smallest gap that so many people could show.
fn figure(result: &AuditResult, metric: &str) -> Option<Figure> {
    let sizes = sizes(result, metric);
    let least = result.method.min_support;
    let row = |size: &Size| Row {
        label: clean::label(size.slice),
        note: String::new(),
        marks: vec![
            vec![Mark::Bar(if size.rows < least { "small wide" } else { "churn" }, 0.0, size.rows as f64)],
            size.detectable.map(|gap| Mark::Dot("tuned", gap)).into_iter().collect(),
        ],
    };
    let panel =
        |heading: String, least_step| Panel { heading, ticks: Ticks::Sizes, band: None, lines: vec![], least_step };
    let mut panels = vec![panel("Rows".into(), 1.0)];
    if sizes.iter().any(|size| size.detectable.is_some()) {
        let unit = Unit::size(metric).suffix().trim_start();
        panels.push(panel(if unit.is_empty() { "Smallest gap".into() } else { format!("Smallest gap, {unit}") }, 0.0));
    }
    let title = match panels.len() {
        1 => "Rows by group".into(),
        _ => format!("Rows by group, and the smallest gap that they could show ({})", words::plain(metric)),
    };
    let rows: Vec<Row> = sizes.iter().map(row).collect();
    (!rows.is_empty()).then(|| {
        Layout::of(&panels, &rows).figure(
            "sizes".into(),
            format!("{title}; grey: fewer than {}", number::counted(least, "row")),
            "One row a group. Left: a bar for its rows. Right, where it is known: the smallest gap that four of five such audits would show. The numbers are in the tables below.",
            &rows,
        )
    })
}

fn facts(result: &AuditResult) -> Vec<(&'static str, String)> {
    let data = &result.data;
    let kept = &result.provenance.data.filter;
    let mut facts = vec![
        ("Rows in the files", number::count(data.rows)),
        (
            "Rows audited",
            if kept.is_empty() {
                format!("{}: all", number::count(data.used))
            } else {
                format!("{}, where {}", number::count(data.used), clean::label(kept))
            },
        ),
        (
            "Label",
            result
                .provenance
                .data
                .label
                .as_deref()
                .map_or("none: only what needs no labels is measured".into(), clean::label),
        ),
    ];
    facts.extend(data.positives.map(|n| ("Positive labels", share(n, data.used))));
    facts.push(("Without a label", number::count(data.null_labels)));
    facts.push(("Without a base decision", number::count(data.null_base)));
    facts.push(("Without a tuned decision", number::count(data.null_tuned)));
    facts
}

fn share(n: u64, of: u64) -> String {
    if of == 0 {
        number::count(n)
    } else {
        format!("{} ({} of 100)", number::count(n), number::hundred(n as f64 / of as f64))
    }
}

fn attribute(result: &AuditResult, attribute: &AttributeSummary, lookup: &Lookup) -> Attribute {
    let hidden = || words::hidden(result.method.min_cell);
    Attribute {
        name: clean::label(&attribute.name),
        unknown: attribute.unknown.map_or_else(hidden, number::count),
        groups: attribute.groups.iter().take(MOST_ROWS).map(|one| group(result, one, lookup)).collect(),
        more: attribute.groups.len().saturating_sub(MOST_ROWS),
    }
}

fn group(result: &AuditResult, group: &GroupSummary, lookup: &Lookup) -> Group {
    let hidden = || words::hidden(result.method.min_cell);
    let of_used =
        |n: u64| if result.data.used == 0 { "–".into() } else { number::hundred(n as f64 / result.data.used as f64) };
    let estimate = lookup.estimate("base_rate", &group.slice, Subject::Labels);
    Group {
        name: clean::label(&group.group),
        rows: group.rows.map_or_else(hidden, number::count),
        share: group.rows.map_or("–".into(), of_used),
        positives: group.positives.map_or("–".into(), number::count),
        base_rate: Shown::estimate(estimate, result.method.min_cell, number::hundred),
        detectable: detectable(result, &group.slice),
    }
}

/// "8.3 points", or a dash where it is not known.
fn detectable(result: &AuditResult, slice: &str) -> String {
    let metric = answers::first_metric(result).unwrap_or_default();
    let unit = Unit::size(metric);
    answers::detectable(result, slice, metric).map_or("–".into(), |gap| unit.full(gap / unit.scale()))
}
