//! Groups of two or more attributes as tables of cells: whether a gap hides in a combination.

use super::lookup::Lookup;
use super::outcomes::{metric_ids, support};
use super::unit::Unit;
use super::words;
use crate::evidence::SliceId;
use crate::render::{clean, number};
use crate::result::{AttributeSummary, AuditResult, Estimate, Finding, Reason, Subject, Verdict};
use serde::Serialize;
use std::collections::HashMap;

/// Cells of all tables at most; the rest is in `result.json`.
const MOST_CELLS: usize = 400;
/// Columns of one table at most.
const MOST_COLUMNS: usize = 12;
/// Gaps from so many times the smallest that counts are shaded one step darker each.
const STEPS: [f64; 3] = [1.0, 2.0, 4.0];

/// The section "Crossed groups".
#[derive(Debug, Default, Serialize)]
pub(in crate::render) struct Crossed {
    /// One table a cross and metric.
    pub tables: Vec<HeatTable>,
    /// Tables that did not fit.
    pub more: usize,
}

/// The groups of a cross under one metric.
#[derive(Debug, Serialize)]
pub(in crate::render) struct HeatTable {
    /// `sex & race`.
    pub attribute: String,
    /// `Selection rate`.
    pub title: String,
    /// ` of 100`, or empty for a plain number.
    pub values_in: &'static str,
    /// Which model's numbers: `tuned` or `base`.
    pub model: &'static str,
    /// The groups of the last attribute.
    pub columns: Vec<String>,
    /// The groups of the others.
    pub rows: Vec<HeatRow>,
    /// Groups that did not fit.
    pub more: usize,
}

/// One row of cells.
#[derive(Debug, Serialize)]
pub(in crate::render) struct HeatRow {
    /// The group.
    pub label: String,
    /// A cell for each column.
    pub cells: Vec<HeatCell>,
}

/// One group.
#[derive(Debug, Clone, Default, Serialize)]
pub(in crate::render) struct HeatCell {
    /// How it is shaded: `heat-0` to `heat-3` by the size of the gap, `thin` for too little evidence, `none`.
    pub look: &'static str,
    /// Its value, or a dash.
    pub value: String,
    /// Its gap with the verdict, or why there is none.
    pub gap: String,
    /// The people behind it, `n 834`.
    pub people: String,
}

/// The tables, cross by cross.
pub(in crate::render) fn crossed(result: &AuditResult) -> Crossed {
    let lookup = Lookup::of(result);
    let crosses = result.data.attributes.iter().filter_map(Cross::of);
    let model = if result.provenance.models.tuned.is_some() { Subject::Tuned } else { Subject::Base };
    let (mut tables, mut more, mut room) = (Vec::new(), 0, MOST_CELLS);
    for cross in crosses {
        for metric in metric_ids(result) {
            let table = cross.table(result, &lookup, metric, model);
            let cells = table.rows.len() * table.columns.len();
            // The first is shown however large it is.
            if cells > room && !tables.is_empty() {
                more += 1;
                continue;
            }
            room = room.saturating_sub(cells);
            tables.push(table);
        }
    }
    Crossed { tables, more }
}

/// A cross, cut into rows and columns.
struct Cross<'a> {
    attribute: &'a AttributeSummary,
    rows: Vec<String>,
    columns: Vec<String>,
    /// The slice of a row and column.
    slices: HashMap<(String, String), &'a str>,
    more: usize,
}

impl<'a> Cross<'a> {
    /// `None` of an attribute that is no cross.
    fn of(attribute: &'a AttributeSummary) -> Option<Cross<'a>> {
        let mut cross = Cross { attribute, rows: vec![], columns: vec![], slices: HashMap::new(), more: 0 };
        for group in &attribute.groups {
            let Ok(SliceId { mut parts }) = SliceId::parse(&group.slice) else { continue };
            let Some((_, column)) = parts.pop().filter(|_| !parts.is_empty()) else { continue };
            let row = parts.iter().map(|(_, group)| group.as_str()).collect::<Vec<_>>().join(" & ");
            if !cross.has_room(&row, &column) {
                cross.more += 1;
                continue;
            }
            cross.slices.insert((row, column), &group.slice);
        }
        (!cross.slices.is_empty()).then_some(cross)
    }

    /// Makes room for a cell where the table may still grow.
    fn has_room(&mut self, row: &String, column: &String) -> bool {
        let rows = MOST_CELLS / MOST_COLUMNS;
        let known = (self.rows.contains(row), self.columns.contains(column));
        let fits = (known.0 || self.rows.len() < rows) && (known.1 || self.columns.len() < MOST_COLUMNS);
        if fits && !known.0 {
            self.rows.push(row.clone());
        }
        if fits && !known.1 {
            self.columns.push(column.clone());
        }
        fits
    }

    fn table(&self, result: &AuditResult, lookup: &Lookup, metric: &str, model: Subject) -> HeatTable {
        let cell = |row: &String, column: &String| match self.slices.get(&(row.clone(), column.clone())) {
            Some(slice) => cell(result, lookup, metric, slice, model),
            None => HeatCell { look: "none", value: "no rows".into(), ..HeatCell::default() },
        };
        let row = |row: &String| HeatRow {
            label: clean::label(row),
            cells: self.columns.iter().map(|column| cell(row, column)).collect(),
        };
        HeatTable {
            attribute: clean::label(&self.attribute.name),
            title: words::title(metric),
            values_in: Unit::value(metric).suffix(),
            model: if model == Subject::Tuned { "tuned" } else { "base" },
            columns: self.columns.iter().map(|column| clean::label(column)).collect(),
            rows: self.rows.iter().map(row).collect(),
            more: self.more,
        }
    }
}

fn cell(result: &AuditResult, lookup: &Lookup, metric: &str, slice: &str, model: Subject) -> HeatCell {
    let estimate = lookup.estimate(metric, slice, model);
    let Some(value) = estimate.and_then(Estimate::value) else { return unknown(result, estimate) };
    let rows = support(estimate).unwrap_or(0);
    let finding = lookup.finding(metric, slice);
    let thin = rows < result.method.min_support || finding.is_some_and(|one| one.verdict == Verdict::TooSmall);
    HeatCell {
        look: if thin { "thin" } else { shade(result, finding) },
        value: Unit::value(metric).writer()(value),
        gap: if thin { "too few people".into() } else { finding.and_then(gap).unwrap_or_default() },
        people: format!("n {}", number::count(rows)),
    }
}

/// A dash of what is hidden; else why there is no number.
fn unknown(result: &AuditResult, estimate: Option<&Estimate>) -> HeatCell {
    let reason = match estimate {
        Some(Estimate::Undefined { undefined: Reason::Hidden }) => words::hidden(result.method.min_cell),
        Some(Estimate::Undefined { undefined }) => words::reason(*undefined, result.method.min_cell),
        _ => "not measured".into(),
    };
    HeatCell { look: "none", value: "–".into(), gap: reason, people: String::new() }
}

fn shade(result: &AuditResult, finding: Option<&Finding>) -> &'static str {
    let size = |one: &Finding| one.tuned.map(|gap| gap.value.abs() / result.method.tau(&one.metric));
    let size = finding.and_then(size).unwrap_or(0.0);
    ["heat-0", "heat-1", "heat-2", "heat-3"][STEPS.iter().filter(|step| size >= **step).count()]
}

/// "gap −24.1, inherited".
fn gap(finding: &Finding) -> Option<String> {
    let write = Unit::gap(&finding.metric).writer();
    Some(format!("gap {}, {}", write(finding.tuned?.value), words::of(finding).0))
}
