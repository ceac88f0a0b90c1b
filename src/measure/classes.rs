//! Several classes: each against all others, their mean and their worst, and all of them together.
//!
//! A class against the others is a binary task, so its numbers come from the same functions, on cells
//! that say no more than "this class, or not". What counts all classes together (who was right, who
//! was decided differently) is binary too. The mean has the influences of its classes added up.

use super::rows::{Measured, measured};
use super::{Declared, Family, Slice, Slices};
use crate::config::Audit;
use crate::evidence::{Cell, Cells, Class, NEGATIVE, POSITIVE};
use crate::metrics::{Across, Confusion, Formula, Metric, has_mean};
use crate::result::{Estimate, Subject, Value, WORST};
use crate::stats::{Influenced, Scale};
use std::collections::BTreeSet;

/// All classes get numbers of their own where there are at most so many.
pub const MOST: usize = 10;

/// How cells are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// As they are: a binary task, or a regression.
    Whole,
    /// One class against all others; the cells are projected.
    Class,
    /// Right or wrong; the cells are projected.
    Right,
    /// Decided alike or differently; the cells are projected.
    Same,
    /// The mean over the classes, of cells of all classes.
    Mean,
}

impl View {
    /// Whether a metric has a number in this view.
    pub fn has(self, metric: &Metric) -> bool {
        match self {
            View::Whole => true,
            View::Class => metric.across() == Some(Across::Class),
            View::Right => metric.across() == Some(Across::Right),
            View::Same => metric.across() == Some(Across::Same),
            View::Mean => has_mean(metric),
        }
    }
}

/// The slices with every cell read anew.
pub fn projected(slices: &Slices, read: impl Fn(Cell) -> Cell) -> Slices {
    let cells = |cells: &Cells| {
        cells.iter().fold(Cells::default(), |mut all, (cell, n)| {
            all.add(read(cell), n);
            all
        })
    };
    let slice = |slice: &Slice| Slice { cells: cells(&slice.cells), ..slice.clone() };
    let family = |family: &Family| Family {
        slices: family.slices.iter().map(slice).collect(),
        known: cells(&family.known),
        unknown: cells(&family.unknown),
        ..family.clone()
    };
    Slices { everyone: cells(&slices.everyone), families: slices.families.iter().map(family).collect() }
}

fn binary(holds: bool) -> Class {
    if holds { POSITIVE } else { NEGATIVE }
}

/// This class, or another.
pub fn as_class(cell: Cell, class: Class) -> Cell {
    let of = |answer: Option<Class>| answer.map(|answer| binary(answer == class));
    Cell { label: cell.label.map(of), said: cell.said.map(of) }
}

/// Every label is positive, and what is right.
pub fn as_right(cell: Cell) -> Cell {
    let said = [0, 1].map(|side| cell.said[side].map(|said| binary(cell.label[side] == Some(said))));
    Cell { label: cell.label.map(|label| label.map(|_| POSITIVE)), said }
}

/// The base is positive, and the tuned model where it says the same.
pub fn as_same(cell: Cell) -> Cell {
    let [base, tuned] = cell.said;
    let said = [base.map(|_| POSITIVE), tuned.map(|said| binary(base == Some(said)))];
    Cell { label: [None, None], said }
}

/// The classes that get numbers of their own: those named, else all of a few.
pub fn own(audit: &Audit, names: &[String]) -> Vec<usize> {
    let named = &audit.stats.classes;
    let wanted = |place: &usize| if named.is_empty() { names.len() <= MOST } else { named.contains(&names[*place]) };
    (0..names.len()).filter(wanted).collect()
}

/// Classes that a model, or the labels, have and others lack.
pub fn notices(audit: &Audit, everyone: &Cells, names: &[String]) -> Vec<String> {
    let seen = |of: &dyn Fn(&Cell) -> Option<Class>| -> BTreeSet<&String> {
        everyone.iter().filter_map(|(cell, _)| names.get(usize::from(of(&cell)?))).collect()
    };
    let model = |side: usize| {
        let given = audit.sides()[side].and_then(|spec| spec.classes.as_ref());
        given.map_or_else(|| seen(&|cell| cell.said[side]), |given| given.iter().collect())
    };
    let (base, tuned) = (model(0), model(1));
    let said = |side: usize| seen(&|cell| cell.said[side]);
    let labels: BTreeSet<&String> = seen(&|cell| cell.label[0]).union(&seen(&|cell| cell.label[1])).copied().collect();
    let both = audit.sides().iter().all(Option::is_some);
    let known: BTreeSet<&String> = names.iter().collect();
    let named: BTreeSet<&String> = audit.stats.classes.iter().collect();
    let all = [
        ("Classes that only the base has", if both { &base - &tuned } else { BTreeSet::new() }),
        ("Classes that only the tuned model has", if both { &tuned - &base } else { BTreeSet::new() }),
        ("Labels that no model ever says", &(&labels - &said(0)) - &said(1)),
        ("Classes of [stats] that occur nowhere", &named - &known),
    ];
    let own = own(audit, names).len();
    let few = (named.is_empty() && own < names.len()).then(|| {
        format!("There are {} classes: only their mean and worst are shown; name some in [stats] classes.", names.len())
    });
    let line = |(what, classes): (&str, BTreeSet<&String>)| {
        let some: Vec<&str> = classes.iter().take(MOST).map(|name| name.as_str()).collect();
        let more = classes.len().saturating_sub(MOST);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!classes.is_empty()).then(|| format!("{what}: {}{more}.", some.join(", ")))
    };
    all.into_iter().filter_map(line).chain(few).collect()
}

/// One model's labels and decisions, counted by class.
struct Table {
    labels: Vec<f64>,
    said: Vec<f64>,
    right: Vec<f64>,
    rows: f64,
}

impl Table {
    fn of(cells: &Cells, side: usize) -> Table {
        let nothing = || vec![0.0; 1 + usize::from(last(cells))];
        let mut table = Table { labels: nothing(), said: nothing(), right: nothing(), rows: 0.0 };
        for (cell, n) in cells.iter() {
            let (Some(label), Some(said)) = (cell.label[side], cell.said[side]) else { continue };
            let n = n as f64;
            table.rows += n;
            table.labels[usize::from(label)] += n;
            table.said[usize::from(said)] += n;
            if label == said {
                table.right[usize::from(label)] += n;
            }
        }
        table
    }

    /// The confusion table of a class against all others, in the order of [`Confusion::of`].
    fn confusion(&self, class: usize) -> [f64; 4] {
        let of = |counts: &[f64]| counts.get(class).copied().unwrap_or(0.0);
        let (labels, said, right) = (of(&self.labels), of(&self.said), of(&self.right));
        [right, said - right, labels - right, self.rows - said - labels + right]
    }
}

/// The largest class that occurs.
fn last(cells: &Cells) -> Class {
    cells.iter().flat_map(|(cell, _)| cell.label.into_iter().chain(cell.said)).flatten().max().unwrap_or(0)
}

/// A metric of one class and its derivatives by the four counts; `None` where it is not defined.
fn number(metric: &Metric, counts: [f64; 4]) -> Option<(f64, [f64; 4])> {
    match metric.formula {
        Formula::Composite { of, .. } => of(&Confusion::of(counts)).map(|number| (number.value, number.slope)),
        Formula::Rate(event) => {
            let events = Confusion::PLACES.map(event);
            let sum = |holds: fn(Option<bool>) -> bool| -> f64 {
                counts.iter().zip(events).filter(|(_, event)| holds(*event)).map(|(n, _)| n).sum()
            };
            let (happened, rows) = (sum(|event| event == Some(true)), sum(|event| event.is_some()));
            let value = happened / rows;
            let slope = events.map(|event| event.map_or(0.0, |event| (f64::from(u8::from(event)) - value) / rows));
            (rows > 0.0).then_some((value, slope))
        }
        _ => None,
    }
}

/// The mean over the classes that are defined for both models, here and in `also`.
pub fn mean_of(metric: &Metric, cells: &Cells, also: Option<&Cells>) -> Measured {
    let of = |cells: &Cells| [0, 1].map(|side| Table::of(cells, side));
    let (own, others) = (of(cells), also.map(of));
    let there = || own.iter().chain(others.iter().flatten()).filter(|table| table.rows > 0.0);
    let count = there().map(|table| table.labels.len()).max().unwrap_or(0);
    let defined = |class: &usize| there().all(|table| number(metric, table.confusion(*class)).is_some());
    let classes: Vec<usize> = (0..count).filter(defined).collect();
    measured(&[0, 1].map(|side| mean_of_side(metric, cells, side, &own[side], &classes)), None)
}

fn mean_of_side(metric: &Metric, cells: &Cells, side: usize, table: &Table, classes: &[usize]) -> Option<Influenced> {
    let numbers: Vec<(f64, [f64; 4])> =
        classes.iter().map(|&class| number(metric, table.confusion(class))).collect::<Option<_>>()?;
    if numbers.is_empty() || table.rows == 0.0 {
        return None;
    }
    let mut slopes = vec![[0.0; 4]; 1 + usize::from(last(cells)).max(classes.last().copied().unwrap_or(0))];
    classes.iter().zip(&numbers).for_each(|(&class, number)| slopes[class] = number.1);
    let elsewhere: f64 = slopes.iter().map(|slope| slope[3]).sum();
    let count = numbers.len() as f64;
    // A row is elsewhere for every class but those of its label and decision.
    let moved = |(cell, n): (Cell, u64)| {
        let (Some(label), Some(said)) = (cell.label[side], cell.said[side]) else { return 0.0 };
        let (own, other) = (slopes[usize::from(label)], slopes[usize::from(said)]);
        let placed = if label == said { own[0] - own[3] } else { own[2] - own[3] + other[1] - other[3] };
        (n as f64).sqrt() * (elsewhere + placed) / count
    };
    let scale = if let Formula::Composite { scale, .. } = metric.formula { scale } else { Scale::Unit };
    // How far one row decided otherwise moves the class that it moves most: what a mean of 0 or 1 rests on.
    let by_a_decision = |slope: &[f64; 4]| f64::max((slope[0] - slope[2]).abs(), (slope[1] - slope[3]).abs());
    let farthest = numbers.iter().map(|number| by_a_decision(&number.1)).fold(0.0, f64::max);
    Some(Influenced {
        value: numbers.iter().map(|number| number.0).sum::<f64>() / count,
        influence: cells.iter().map(moved).collect(),
        rows: table.rows as u64,
        // As of one table, a number that no decision could move says nothing.
        effective: if farthest > 0.0 { count / farthest } else { 0.0 },
        inside: Vec::new(),
        scale,
    })
}

/// The number of the worst class of every slice and model. It is an extreme, so it has no interval.
pub fn worst(declared: &Declared, slices: &Slices) -> Vec<Value> {
    let everyone = std::iter::once(("all", &slices.everyone));
    let all = everyone.chain(slices.iter().map(|slice| (slice.id.as_str(), &slice.cells)));
    all.flat_map(|(slice, cells)| worst_of(declared, slice, cells)).collect()
}

fn worst_of(declared: &Declared, slice: &str, cells: &Cells) -> Vec<Value> {
    let mut values = Vec::new();
    for (side, model) in [(0, Subject::Base), (1, Subject::Tuned)].into_iter().filter(|(side, _)| declared.has[*side]) {
        let table = Table::of(cells, side);
        for metric in declared.metrics().filter(|metric| has_mean(metric)) {
            let Some(higher) = metric.higher_is_better(None) else { continue };
            let numbers = (0..table.labels.len()).filter_map(|class| number(metric, table.confusion(class)));
            let pick = |a: f64, b: f64| if higher { a.min(b) } else { a.max(b) };
            if let Some(value) = numbers.map(|number| number.0).reduce(pick) {
                let estimate = Estimate::Known { value, low: None, high: None, support: table.rows as u64 };
                let (metric, slice, class) = (metric.id.into(), slice.into(), Some(WORST.into()));
                values.push(Value { metric, class, slice, model, estimate, basis: None });
            }
        }
    }
    values
}
