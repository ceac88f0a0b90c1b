//! From settled evidence to numbers: values of every slice, aggregates over groups, and the
//! comparisons that verdicts are made of. Counts end here.

mod aggregates;
mod attributes;
mod classes;
mod comparisons;
mod drift;
mod law;
mod plain;
mod rows;
mod sample;
mod slices;
mod spreads;
mod sweep;
mod values;

pub use aggregates::AGGREGATES;
pub use comparisons::Comparison;
pub use law::adverse;
pub use rows::of_column;
pub use slices::{Family, Slice, Slices};

use crate::config::Audit;
use crate::evidence::{Cell, Class};
use crate::metrics::{self, Metric};
use crate::result::{Aggregate, DataSummary, Drift, Law, MACRO, Sweep, Value};
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
    /// What laws and guidelines name.
    pub law: Law,
    /// Decisions at other thresholds.
    pub sweep: Sweep,
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
    /// Whether each model gives scores, not decisions alone.
    gives_scores: [bool; 2],
    /// Whether rows have weights or units.
    shared: bool,
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
            gives_scores: settled.thresholds.map(|threshold| threshold.is_some()),
            shared: audit.data.weight.is_some() || audit.data.unit.is_some(),
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

fn repeated(audit: &Audit, rows: u64) -> Option<String> {
    let column = audit.data.id.as_ref().filter(|_| rows > 0)?;
    Some(format!(
        "{rows} rows repeat an id of column {column}, and no unit is named: they count as different people, and every \
         interval is too narrow. Name the unit: [data] unit = \"{column}\"."
    ))
}

/// Measures everything. `metrics` are those that get comparisons.
pub fn measure(audit: &Audit, settled: &Settled, metrics: &[&'static Metric]) -> Measured {
    let declared = Declared::new(audit, settled);
    let slices = Slices::new(audit, &settled.evidence);
    let by_rows = Sample::new(settled, audit.data.unit.is_some()).filter(|_| audit.task != Task::Multiclass);
    let by_rows = by_rows.map(|sample| ByRows::new(&declared, &slices, sample, declared.shared));
    let numbers = match audit.task {
        Task::Multiclass => of_classes(audit, &declared, &slices, &settled.evidence.classes, metrics),
        _ => numbers(audit, &declared, &slices, by_rows.as_ref(), metrics),
    };
    let mut notices = settled.notices.clone();
    notices.extend(slices.notices());
    notices.extend(weightless(settled.evidence.without_weight));
    notices.extend(repeated(audit, settled.evidence.repeated_ids));
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
        law: law::law(audit, &declared, &slices, by_rows.as_ref()),
        sweep: sweep::sweep(audit, &declared, &slices, by_rows.as_ref()),
        data: slices.summary(&declared, settled.evidence.rows_read),
        slices,
        notices,
    }
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

/// All classes together, their mean and worst, and each of them that gets numbers of its own.
fn of_classes(
    audit: &Audit,
    declared: &Declared,
    slices: &Slices,
    names: &[String],
    metrics: &[&'static Metric],
) -> Numbers {
    let mut all = Numbers::default();
    let mut add = |view: View, class: Option<&str>, read: &dyn Fn(Cell) -> Cell| {
        let declared = Declared { view, ..*declared };
        all.add(numbers(audit, &declared, &classes::projected(slices, read), None, metrics), class);
    };
    add(View::Right, None, &classes::as_right);
    add(View::Same, None, &classes::as_same);
    add(View::Mean, Some(MACRO), &|cell| cell);
    for class in classes::own(audit, names) {
        add(View::Class, Some(&names[class]), &|cell| classes::as_class(cell, class as Class));
    }
    all.values.extend(classes::worst(declared, slices));
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
