//! From settled evidence to numbers: values of every slice, aggregates over groups, and the
//! comparisons that verdicts are made of. Counts end here.

mod aggregates;
mod attributes;
mod beside;
mod classes;
mod clusters;
mod comparisons;
mod cut;
mod drift;
mod joint;
mod law;
mod means;
mod measured;
mod noise;
mod numbers;
mod overlap;
mod pairs;
mod plain;
mod rows;
mod sample;
mod scores;
mod shift;
mod singles;
mod slices;
mod slopes;
mod spreads;
mod sweep;
mod tables;
mod unmapped;
mod values;

pub use aggregates::AGGREGATES;
pub use comparisons::Comparison;
pub use joint::Joint;
pub use law::adverse;
pub use means::mean_of_columns;
pub use noise::noise;
pub use numbers::of_column;
pub use pairs::pairs;
pub use shift::shift;
pub use slices::{Family, Slice, Slices};
pub use unmapped::unmapped;

use crate::config::Audit;
use crate::evidence::{Cell, Class, Evidence, Meaning, Points, Unread};
use crate::metrics::{self, Metric};
use crate::result::{Aggregate, DataSummary, Drift, Law, MACRO, Reason, ScoreProfile, Sweep, Value};
use crate::settle::Settled;
use crate::tasks::Task;
use beside::Rows;
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
    /// How scores are spread and what they mean.
    pub scores: Vec<ScoreProfile>,
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
    /// Why a model has no number in this view.
    missing: [Option<Reason>; 2],
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
            missing: [None; 2],
            shared: audit.weighs_or_groups_rows(),
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

    /// Why a metric has no number of a model.
    fn lacks(&self, metric: &Metric, side: usize) -> Option<Reason> {
        let unlabeled = metric.needs_labels && !self.labeled[side];
        if unlabeled { Some(Reason::NoLabels) } else { self.missing[side] }
    }

    fn has_labels(&self) -> bool {
        self.labeled.iter().any(|&labeled| labeled)
    }
}

fn weightless(rows: u64) -> Option<String> {
    let why = "Rows that weigh nothing, since their weight is missing, negative or infinite";
    (rows > 0).then(|| format!("{why}: {rows}."))
}

fn unread(unread: &Unread) -> Option<String> {
    (!unread.is_empty()).then(|| {
        format!(
            "{} rows have a picture that cannot be read, and no model is asked about them: {}.",
            unread.rows,
            unread.named()
        )
    })
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
    let Rows { by_rows, drift, scores, notices: certain } =
        sample(audit, settled).map_or_else(Rows::default, |sample| Rows::new(audit, &declared, &slices, sample));
    let count = |declared: &Declared, slices: &Slices, by_rows: Option<&ByRows>| {
        numbers(audit, declared, slices, by_rows, metrics)
    };
    let classwise = Classwise { audit, declared: &declared, slices: &slices, settled, among: None };
    let numbers = match audit.task {
        Task::Multiclass => classwise.with_worst(&count),
        _ => count(&declared, &slices, by_rows.as_ref()),
    };
    let mut notices = settled.notices.clone();
    notices.extend(certain);
    notices.extend(slices.notices());
    notices.extend(weightless(settled.evidence.without_weight));
    let cut_texts = cut::cut_texts(audit, &settled.evidence, &slices);
    notices.extend(cut::notices(audit, &cut_texts));
    notices.extend(unread(&settled.evidence.unread));
    notices.extend(unmapped::notices(&unmapped::unmapped(audit, &settled.evidence)));
    notices.extend(values::without_error(&numbers.values, metrics));
    notices.extend(repeated(audit, settled.evidence.repeated_ids));
    notices.extend(by_rows.as_ref().and_then(ByRows::notice));
    let rows = settled.evidence.points.as_ref().map_or(0, |points| points.rows.len());
    notices.extend(rows::without_paths(rows, &slices, &numbers.comparisons).filter(|_| declared.shared));
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
        drift: if audit.task == Task::Multiclass { of_classes(audit, &declared, settled, &slices) } else { drift },
        law: law::law(audit, &declared, &slices, by_rows.as_ref()),
        sweep: sweep::sweep(audit, &declared, &slices, by_rows.as_ref()),
        scores,
        data: DataSummary { cut_texts, ..slices.summary(&declared, settled.evidence.rows_read) },
        slices,
        notices,
    }
}

/// How far the classes that are said moved.
fn of_classes(audit: &Audit, declared: &Declared, settled: &Settled, slices: &Slices) -> Vec<Drift> {
    let points = settled.evidence.points.as_ref().filter(|_| drift::is_measured(audit, declared));
    points.map_or(Vec::new(), |points| drift::of_sample(audit, slices, &Sample::of(points, [None, None], false)))
}

/// The rows with their scores; `None` where none were kept, and of several classes.
fn sample(audit: &Audit, settled: &Settled) -> Option<Sample> {
    Sample::new(settled, audit.data.unit.is_some()).filter(|_| audit.task != Task::Multiclass)
}

/// The comparisons alone, of any two models.
pub fn compare(audit: &Audit, settled: &Settled, metrics: &[&'static Metric]) -> Vec<Comparison> {
    let declared = Declared::new(audit, settled);
    let slices = Slices::new(audit, &settled.evidence);
    let by_rows =
        sample(audit, settled).map(|sample| ByRows::new(&declared, &slices, sample, declared.shared, Some(metrics)));
    let count = |declared: &Declared, slices: &Slices, by_rows: Option<&ByRows>| Numbers {
        comparisons: comparisons::comparisons(audit, declared, slices, by_rows, metrics),
        ..Numbers::default()
    };
    let classwise = Classwise { audit, declared: &declared, slices: &slices, settled, among: Some(metrics) };
    let numbers = match audit.task {
        Task::Multiclass => classwise.numbers(&count),
        _ => count(&declared, &slices, by_rows.as_ref()),
    };
    numbers.comparisons
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
    // Side by side, so that no thread waits for the last group of each.
    let of_counts = || aggregates::aggregates(audit, declared, slices, &covered);
    let of_attributes = || attributes::attributes(audit, declared, slices, by_rows);
    let of_spreads = || spreads::spreads(audit, declared, slices, by_rows);
    let compared = || comparisons::comparisons(audit, declared, slices, by_rows, metrics);
    let valued = || values::values(declared, slices, by_rows);
    let (((mut aggregates, over_attributes), over_spreads), (comparisons, values)) = rayon::join(
        || rayon::join(|| rayon::join(of_counts, of_attributes), of_spreads),
        || rayon::join(compared, valued),
    );
    aggregates.extend(over_spreads);
    aggregates.extend(over_attributes);
    Numbers { values, aggregates, comparisons }
}

/// How the numbers of one view of the cells are made.
type Count<'a> = &'a dyn Fn(&Declared, &Slices, Option<&ByRows>) -> Numbers;

/// Several classes.
struct Classwise<'a> {
    audit: &'a Audit,
    declared: &'a Declared,
    slices: &'a Slices,
    settled: &'a Settled,
    /// The metrics to measure by rows, where not all of them are.
    among: Option<&'a [&'static Metric]>,
}

impl Classwise<'_> {
    /// All classes together, their mean, and each of them that gets numbers of its own.
    fn numbers(&self, count: Count) -> Numbers {
        let names = &self.settled.evidence.classes;
        let shared = self.declared.shared;
        let mut all = Numbers::default();
        let mut add = |view: View, class: Option<&str>, rows: bool, read: &dyn Fn(Cell) -> Cell| {
            all.add(self.view(view, rows, count, read), class);
        };
        add(View::Right, None, shared, &classes::as_right);
        add(View::Same, None, shared, &classes::as_same);
        add(View::Named, None, true, &|cell| cell);
        add(View::Mean, Some(MACRO), shared, &|cell| cell);
        for class in classes::own(self.audit, names) {
            let (name, class) = (Some(&names[class][..]), class as Class);
            add(View::Class, name, shared, &|cell| classes::as_class(cell, class));
            add(View::Confused, name, true, &|cell| classes::as_confused(cell, class));
        }
        all.add(self.best(count), None);
        all
    }

    /// The same with the worst class.
    fn with_worst(&self, count: Count) -> Numbers {
        let mut all = self.numbers(count);
        let by_rows = self.settled.evidence.points.as_ref().filter(|_| self.declared.shared);
        let by_rows = by_rows.map(|points| self.by_rows(points, View::Mean));
        all.values.extend(means::worst(self.declared, self.slices, by_rows.as_ref()));
        all
    }

    /// Whether the label is among the best classes, where a model scores them or the metric is asked for.
    fn best(&self, count: Count) -> Numbers {
        let evidence = &self.settled.evidence;
        let Some(points) = &evidence.points else { return Numbers::default() };
        let (ranked, k) = (points.ranked(), self.audit.stats.top_k);
        let asked = self.audit.metrics().iter().any(|metric| metric.id == metrics::TOP_K_ACCURACY);
        if ranked == [false; 2] && !asked {
            return Numbers::default();
        }
        let few = evidence.classes.len() as u64 <= k;
        let reason = |ranked: bool| if ranked { few.then_some(Reason::TooFewClasses) } else { Some(Reason::NoScores) };
        let declared = Declared { view: View::Best, missing: ranked.map(reason), ..*self.declared };
        let points = points.among_best(k);
        let cells = points.cells(Meaning::Classes, &evidence.lattices);
        let slices = Slices::new(self.audit, &Evidence { cells, points: None, ..evidence.clone() });
        let by_rows = self.declared.shared.then(|| self.by_rows(&points, View::Best));
        count(&declared, &slices, by_rows.as_ref())
    }

    /// The numbers of one view, from the rows themselves or from their counts.
    fn view(&self, view: View, rows: bool, count: Count, read: &dyn Fn(Cell) -> Cell) -> Numbers {
        let declared = Declared { view, ..*self.declared };
        let slices = classes::projected(self.slices, read);
        let points = self.settled.evidence.points.as_ref().filter(|_| rows);
        let points = points.map(|points| classes::projected_points(points, read));
        let by_rows = points.as_ref().map(|points| self.by_rows(points, view));
        count(&declared, &slices, by_rows.as_ref())
    }

    fn by_rows(&self, points: &Points, view: View) -> ByRows {
        let declared = Declared { view, ..*self.declared };
        let sample = Sample::of(points, [None, None], self.audit.data.unit.is_some());
        ByRows::new(&declared, self.slices, sample, true, self.among)
    }
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
