//! Several classes: what each group gets of each class, one table a metric.

use super::unit::Unit;
use super::words::{self, Shown};
use super::{MOST_ROWS, outcomes};
use crate::render::{clean, number};
use crate::result::{AuditResult, Estimate, MACRO, Subject, Value, WORST};
use serde::Serialize;
use std::collections::HashMap;

/// Classes of a table at most.
const MOST_CLASSES: usize = 12;

/// One metric, class by class.
#[derive(Debug, Serialize)]
pub(in crate::render) struct ClassTable {
    /// `True positive rate`.
    pub title: String,
    /// ` of 100`, or empty for a plain number.
    pub values_in: &'static str,
    /// The classes.
    pub classes: Vec<String>,
    /// One row a group, everyone first.
    pub rows: Vec<ClassRow>,
    /// Classes that did not fit.
    pub more: usize,
}

/// One group: a cell for each class.
#[derive(Debug, Serialize)]
pub(in crate::render) struct ClassRow {
    slice: String,
    cells: Vec<Shown>,
}

/// The tables; none of a task without classes.
pub(in crate::render) fn tables(result: &AuditResult) -> Vec<ClassTable> {
    let own = |value: &&Value| value.class.as_deref().is_some_and(|class| class != MACRO && class != WORST);
    let mut metrics: Vec<&str> = Vec::new();
    let mut classes: Vec<&str> = Vec::new();
    for value in result.values.iter().filter(own) {
        add(&mut metrics, &value.metric);
        add(&mut classes, value.class.as_deref().unwrap_or_default());
    }
    metrics.retain(|metric| outcomes::metric_ids(result).contains(metric));
    let by_key: Index = result.values.iter().filter(own).map(|value| (key(value), &value.estimate)).collect();
    metrics.into_iter().map(|metric| table(result, &by_key, metric, &classes)).collect()
}

type Key<'a> = (&'a str, &'a str, &'a str, Subject);
type Index<'a> = HashMap<Key<'a>, &'a Estimate>;

fn key(value: &Value) -> Key<'_> {
    (&value.metric, value.class.as_deref().unwrap_or_default(), &value.slice, value.model)
}

fn add<'a>(list: &mut Vec<&'a str>, name: &'a str) {
    if !list.contains(&name) {
        list.push(name);
    }
}

fn table(result: &AuditResult, index: &Index, metric: &str, classes: &[&str]) -> ClassTable {
    let shown = &classes[..classes.len().min(MOST_CLASSES)];
    let slices = outcomes::slices(result);
    let row = |slice: &&str| ClassRow {
        slice: clean::label(slice),
        cells: shown.iter().map(|class| cell(result, index, metric, class, slice)).collect(),
    };
    ClassTable {
        title: words::title(metric),
        values_in: Unit::value(metric).suffix(),
        classes: shown.iter().map(|class| clean::label(class)).collect(),
        rows: slices.iter().take(MOST_ROWS).map(row).collect(),
        more: classes.len() - shown.len(),
    }
}

/// The tuned number, and below it the base's.
fn cell(result: &AuditResult, index: &Index, metric: &str, class: &str, slice: &str) -> Shown {
    let write = Unit::value(metric).writer();
    let of = |model| index.get(&(metric, class, slice, model)).copied();
    let (base, tuned) = (of(Subject::Base), of(Subject::Tuned));
    let mut shown = Shown::estimate(tuned.or(base), result.method.min_cell, write);
    let rows = match tuned.or(base) {
        Some(Estimate::Known { support, .. }) => format!("n {}", number::count(*support)),
        _ => String::new(),
    };
    let before = base.filter(|_| tuned.is_some()).and_then(Estimate::value);
    let before = before.map_or(String::new(), |value| format!("base {}; ", write(value)));
    shown.span = format!("{before}{rows}");
    shown
}
