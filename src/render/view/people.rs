//! The people in the data: how many of each group, and what their labels say.

use super::MOST_ROWS;
use super::lookup::Lookup;
use super::words::{self, Shown};
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
}

/// Reads the section from the result.
pub(in crate::render) fn people(result: &AuditResult) -> People {
    let lookup = Lookup::of(result);
    People {
        facts: facts(result),
        attributes: result.data.attributes.iter().map(|one| attribute(result, one, &lookup)).collect(),
    }
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
    }
}
