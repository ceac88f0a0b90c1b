//! Several classes: how they are read, each against all others or all of them together.
//!
//! A class against the others is a binary task, so its numbers come from the same functions, on cells
//! that say no more than "this class, or not". What counts all classes together (who was right, who
//! was decided differently) is binary too. Rows with weights or units are read in the same way.

use super::{Family, Slice, Slices};
use crate::config::Audit;
use crate::evidence::{Cell, Cells, Class, NEGATIVE, POSITIVE, Point, Points};
use crate::metrics::{Across, Metric, has_mean};
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
    /// The label among the best or not; the cells are counted anew.
    Best,
    /// Decided alike or differently; the cells are projected.
    Same,
    /// The classes by their numbers.
    Named,
    /// Whether a label is this class, and the classes decided by their numbers.
    Confused,
    /// The mean over the classes, by their numbers.
    Mean,
}

impl View {
    /// Whether a metric has a number in this view.
    pub fn has(self, metric: &Metric) -> bool {
        match self {
            View::Whole => true,
            View::Class => metric.across() == Some(Across::Class),
            View::Right => metric.across() == Some(Across::Right),
            View::Best => metric.across() == Some(Across::Best),
            View::Same => metric.across() == Some(Across::Same),
            View::Named => metric.across() == Some(Across::Named),
            View::Confused => metric.across() == Some(Across::Confused),
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

/// The rows with every label and decision read anew; both are places in the list of classes.
pub fn projected_points(points: &Points, read: impl Fn(Cell) -> Cell) -> Points {
    let class = |number: f64| (!number.is_nan()).then_some(number as Class);
    let number = |class: Option<Class>| class.map_or(f64::NAN, f64::from);
    let row = |point: &Point| {
        let cell = read(Cell { label: point.label.map(class), said: point.score.map(class) });
        Point { label: cell.label.map(number), score: cell.said.map(number), ..*point }
    };
    Points { kinds: points.kinds.clone(), rows: points.rows.iter().map(row).collect(), ..Points::default() }
}

fn binary(holds: bool) -> Class {
    if holds { POSITIVE } else { NEGATIVE }
}

/// This class, or another.
pub fn as_class(cell: Cell, class: Class) -> Cell {
    let of = |answer: Option<Class>| answer.map(|answer| binary(answer == class));
    Cell { label: cell.label.map(of), said: cell.said.map(of) }
}

/// This class, or another, and the class that was decided.
pub fn as_confused(cell: Cell, class: Class) -> Cell {
    Cell { said: cell.said, ..as_class(cell, class) }
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
