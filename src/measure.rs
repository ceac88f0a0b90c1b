//! From settled evidence to numbers: values of every slice, aggregates over groups, and the
//! comparisons that verdicts are made of. Counts end here.

mod aggregates;
mod attributes;
mod classes;
mod comparisons;
mod drift;
mod joint;
mod plain;
mod rows;
mod sample;
mod shift;
mod slices;
mod spreads;
mod values;

pub use aggregates::AGGREGATES;
pub use comparisons::Comparison;
pub use joint::Joint;
pub use rows::of_column;
pub use shift::shift;
pub use slices::{Family, Slice, Slices};

use crate::config::Audit;
use crate::evidence::{Cell, Class};
use crate::metrics::{self, Metric};
use crate::result::{Aggregate, DataSummary, Drift, MACRO, Value};
use crate::settle::Settled;
use crate::tasks::Task;
use classes::View;
use rows::ByRows;
use sample::Sample;

/// Everything that trace, policy and result need of the counts.
pub struct Measured {
    /// Every slice with its counts.
    pub slices: Slices,
    /// Every metric of every slice.
    pub values: Vec<Value>,
    /// One number over the groups of an attribute.
    pub aggregates: Vec<Aggregate>,
    /// One slice against its reference, under one metric.
    pub comparisons: Vec<Comparison>,
    /// How far scores moved.
    pub drift: Vec<Drift>,
    /// Rows by group.
    pub data: DataSummary,
    /// What the reader should know.
    pub notices: Vec<String>,
}

/// What the audit declares that decides which numbers exist.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Declared {
    task: Task,
    /// How cells are read.
    view: View,
    /// Whether base and tuned are there.
    has: [bool; 2],
    /// Whether each model has labels.
    labeled: [bool; 2],
    /// Whether both answer the same question: the same label column, or none.
    same_question: bool,
    favorable: Option<bool>,
    /// Whether both models give scores, not decisions alone.
    scored: bool,
    min_support: u64,
    z: f64,
}

impl Declared {
    fn new(audit: &Audit, settled: &Settled) -> Declared {
        let label = |side: Option<&crate::models::ModelSpec>| {
            side.and_then(|spec| spec.label.clone()).or_else(|| audit.data.label.clone())
        };
        let labels = audit.sides().map(label);
        Declared {
            task: audit.task,
            view: View::Whole,
            has: audit.sides().map(|side| side.is_some()),
            labeled: [labels[0].is_some(), labels[1].is_some()],
            same_question: labels[0] == labels[1],
            favorable: audit.data.favorable,
            scored: settled.thresholds.iter().all(Option::is_some),
            min_support: audit.slices.min_support,
            z: crate::stats::quantile_of(audit.stats.confidence),
        }
    }

    /// The metrics of the task that have a number in this view.
    fn metrics(&self) -> impl Iterator<Item = &'static Metric> {
        let view = self.view;
        metrics::of(self.task).filter(move |metric| view.has(metric))
    }

    /// Whether labels are positive or negative.
    fn counts_labels(&self) -> bool {
        self.task == Task::Binary || self.view == View::Class
    }

    /// Whether the rows with a positive label are of interest.
    fn counts_positives(&self) -> bool {
        self.task == Task::Binary && self.labeled[1]
    }

    fn has_labels(&self) -> bool {
        self.labeled.iter().any(|&labeled| labeled)
    }
}

fn weightless(rows: u64) -> Option<String> {
    let why = "Rows that weigh nothing, since their weight is missing, negative or infinite";
    (rows > 0).then(|| format!("{why}: {rows}."))
}

/// Measures everything. `metrics` are those that get comparisons.
pub fn measure(audit: &Audit, settled: &Settled, metrics: &[&'static Metric]) -> Measured {
    let declared = Declared::new(audit, settled);
    let slices = Slices::new(audit, &settled.evidence);
    let by_rows = by_rows(audit, &declared, settled, &slices, None);
    let count = |declared: &Declared, slices: &Slices| numbers(audit, declared, slices, by_rows.as_ref(), metrics);
    let mut numbers = of_task(audit, &declared, &slices, settled, &count);
    if audit.task == Task::Multiclass {
        numbers.values.extend(classes::worst(&declared, &slices));
    }
    let mut notices = settled.notices.clone();
    notices.extend(slices.notices());
    notices.extend(weightless(settled.evidence.without_weight));
    notices.extend(by_rows.as_ref().and_then(ByRows::notice));
    if audit.task == Task::Multiclass {
        notices.extend(classes::notices(audit, &slices.everyone, &settled.evidence.classes));
    }
    if !declared.same_question && declared.has == [true, true] {
        notices.push(
            "Base and tuned answer different questions (each has its own label): their decisions are not compared, \
             only how well each meets its own label."
                .into(),
        );
    }
    Measured {
        values: numbers.values,
        aggregates: numbers.aggregates,
        comparisons: numbers.comparisons,
        drift: drift::drift(audit, &declared, &slices, by_rows.as_ref()),
        data: slices.summary(&declared, settled.evidence.rows_read),
        slices,
        notices,
    }
}

/// The comparisons alone, of any two models.
pub fn compare(audit: &Audit, settled: &Settled, metrics: &[&'static Metric]) -> Vec<Comparison> {
    let declared = Declared::new(audit, settled);
    let slices = Slices::new(audit, &settled.evidence);
    let by_rows = by_rows(audit, &declared, settled, &slices, Some(metrics));
    let count = |declared: &Declared, slices: &Slices| Numbers {
        comparisons: comparisons::comparisons(audit, declared, slices, by_rows.as_ref(), metrics),
        ..Numbers::default()
    };
    of_task(audit, &declared, &slices, settled, &count).comparisons
}

/// Every metric that is measured by rows, or those among some.
fn by_rows(
    audit: &Audit,
    declared: &Declared,
    settled: &Settled,
    slices: &Slices,
    among: Option<&[&'static Metric]>,
) -> Option<ByRows> {
    let sample = Sample::new(settled, audit.data.unit.is_some()).filter(|_| audit.task != Task::Multiclass)?;
    let all = audit.data.weight.is_some() || audit.data.unit.is_some();
    Some(ByRows::new(declared, slices, sample, all, among))
}

/// The numbers of one view of the cells.
#[derive(Default)]
struct Numbers {
    values: Vec<Value>,
    aggregates: Vec<Aggregate>,
    comparisons: Vec<Comparison>,
}

fn numbers(
    audit: &Audit,
    declared: &Declared,
    slices: &Slices,
    by_rows: Option<&ByRows>,
    metrics: &[&'static Metric],
) -> Numbers {
    let covered = |metric: &Metric| by_rows.is_some_and(|rows| rows.covers(metric));
    let mut aggregates = aggregates::aggregates(audit, declared, slices, &covered);
    aggregates.extend(spreads::spreads(audit, declared, slices, by_rows));
    aggregates.extend(attributes::attributes(audit, declared, slices, by_rows));
    Numbers {
        values: values::values(declared, slices, by_rows),
        aggregates,
        comparisons: comparisons::comparisons(audit, declared, slices, by_rows, metrics),
    }
}

/// The numbers of the cells as they are; of a multiclass task of all classes together, of their mean, and
/// of each class that gets numbers of its own.
fn of_task(
    audit: &Audit,
    declared: &Declared,
    slices: &Slices,
    settled: &Settled,
    count: &dyn Fn(&Declared, &Slices) -> Numbers,
) -> Numbers {
    if audit.task != Task::Multiclass {
        return count(declared, slices);
    }
    let names = &settled.evidence.classes;
    let mut all = Numbers::default();
    let mut add = |view: View, class: Option<&str>, read: &dyn Fn(Cell) -> Cell| {
        all.add(count(&Declared { view, ..*declared }, &classes::projected(slices, read)), class);
    };
    add(View::Right, None, &classes::as_right);
    add(View::Same, None, &classes::as_same);
    add(View::Mean, Some(MACRO), &|cell| cell);
    for class in classes::own(audit, names) {
        add(View::Class, Some(&names[class]), &|cell| classes::as_class(cell, class as Class));
    }
    all
}

impl Numbers {
    /// Adds those of a class.
    fn add(&mut self, mut more: Numbers, class: Option<&str>) {
        let class = class.map(String::from);
        more.values.iter_mut().for_each(|value| value.class = class.clone());
        more.aggregates.iter_mut().for_each(|aggregate| aggregate.class = class.clone());
        more.comparisons.iter_mut().for_each(|comparison| comparison.class = class.clone());
        self.values.extend(more.values);
        self.aggregates.extend(more.aggregates);
        self.comparisons.extend(more.comparisons);
    }
}
