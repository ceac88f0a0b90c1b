//! The mean and the worst over the classes of a multiclass task.
//!
//! A row of one label and one decision moves the tables of two classes at most, so both cost a pass
//! over the rows, however many classes there are. The mean has the influences of its classes added up.

use super::measured::{Measured, measured};
use super::numbers::of_column;
use super::rows::ByRows;
use super::sample::Part;
use super::{Declared, Slices};
use crate::evidence::{Cells, Class};
use crate::metrics::{Column, Confusion, Formula, Metric, has_mean};
use crate::result::{Estimate, Subject, Value, WORST};
use crate::stats::{Influenced, Interval, Marginal, Scale, level_of, quantile_of};

/// So many rows of one label and one decision, which weigh as much each.
#[derive(Debug, Clone, Copy)]
struct Alike {
    label: usize,
    said: usize,
    weight: f64,
    count: f64,
}

/// One model's rows; `None` are those without label, decision or weight.
type Rows = Vec<Option<Alike>>;

/// Sums over rows by class: of their weights, or of those squared.
#[derive(Debug, Clone)]
struct Sums {
    labels: Vec<f64>,
    said: Vec<f64>,
    right: Vec<f64>,
    all: f64,
}

impl Sums {
    fn of(rows: &Rows, classes: usize, amount: impl Fn(&Alike) -> f64) -> Sums {
        let nothing = || vec![0.0; classes];
        let mut sums = Sums { labels: nothing(), said: nothing(), right: nothing(), all: 0.0 };
        for row in rows.iter().flatten() {
            let amount = amount(row);
            sums.all += amount;
            sums.labels[row.label] += amount;
            sums.said[row.said] += amount;
            if row.label == row.said {
                sums.right[row.label] += amount;
            }
        }
        sums
    }

    /// The confusion table of a class against all others, in the order of [`Confusion::of`].
    fn confusion(&self, class: usize) -> [f64; 4] {
        let of = |sums: &[f64]| sums.get(class).copied().unwrap_or(0.0);
        let (labels, said, right) = (of(&self.labels), of(&self.said), of(&self.right));
        [right, said - right, labels - right, self.all - said - labels + right]
    }
}

/// The rows of one slice under one model, and their sums.
#[derive(Debug, Clone)]
struct Side {
    rows: Rows,
    weights: Sums,
    squares: Sums,
    count: u64,
}

impl Side {
    fn new(rows: Rows) -> Side {
        let last = rows.iter().flatten().map(|row| row.label.max(row.said)).max();
        let classes = last.map_or(0, |last| last + 1);
        let count = rows.iter().flatten().map(|row| row.count).sum::<f64>() as u64;
        let weights = Sums::of(&rows, classes, |row| row.weight * row.count);
        let squares = Sums::of(&rows, classes, |row| row.weight * row.weight * row.count);
        Side { rows, weights, squares, count }
    }

    fn classes(&self) -> usize {
        self.weights.labels.len()
    }
}

/// The rows of one slice under both models.
#[derive(Debug, Clone)]
pub struct Counted([Side; 2]);

impl Counted {
    /// Of rows that count once each.
    pub fn of_cells(cells: &Cells) -> Counted {
        let row = |label: Option<Class>, said: Option<Class>, n: u64| {
            Some(Alike { label: label?.into(), said: said?.into(), weight: 1.0, count: n as f64 })
        };
        Counted([0, 1].map(|side| Side::new(cells.iter().map(|(c, n)| row(c.label[side], c.said[side], n)).collect())))
    }

    /// Of rows whose labels and scores are the numbers of classes.
    pub fn of_part(part: &Part) -> Counted {
        Counted::of_columns(&part.columns)
    }

    fn of_columns(columns: &[Column; 2]) -> Counted {
        Counted(columns.each_ref().map(|column| Side::new(rows(column))))
    }
}

fn rows(column: &Column) -> Rows {
    let known = |number: f64| (!number.is_nan()).then_some(number as usize);
    let row = |at: usize| {
        let weight = Some(column.weight[at]).filter(|weight| *weight > 0.0)?;
        Some(Alike { label: known(column.label[at])?, said: known(column.score[at])?, weight, count: 1.0 })
    };
    (0..column.label.len()).map(row).collect()
}

/// A metric of one class and its derivatives by the four counts; `None` where it is not defined.
fn number(metric: &Metric, counts: [f64; 4]) -> Option<(f64, [f64; 4])> {
    match metric.formula {
        Formula::Composite { of, .. } => of(&Confusion::of(counts)).map(|number| (number.value, number.slope)),
        Formula::Rate(event) => {
            let events = Confusion::PLACES.map(event);
            let (happened, rows) = (inside(events, counts, Some(true)), inside(events, counts, None));
            let value = happened / rows;
            let slope = events.map(|event| event.map_or(0.0, |event| (f64::from(u8::from(event)) - value) / rows));
            (rows > 0.0).then_some((value, slope))
        }
        _ => None,
    }
}

/// The sum of counts inside the condition, or of those where the event is as asked.
fn inside(events: [Option<bool>; 4], counts: [f64; 4], asked: Option<bool>) -> f64 {
    let counted = |event: &Option<bool>| event.is_some() && asked.is_none_or(|asked| *event == Some(asked));
    counts.iter().zip(events).filter(|(_, event)| counted(event)).map(|(n, _)| n).sum()
}

/// The mean over the classes that are defined for both models, here and in `also`.
pub fn mean_of(metric: &Metric, own: &Counted, also: Option<&Counted>) -> [Option<Influenced>; 2] {
    let there = || own.0.iter().chain(also.iter().flat_map(|also| &also.0)).filter(|side| side.count > 0);
    let count = there().map(Side::classes).max().unwrap_or(0);
    let defined = |class: &usize| there().all(|side| number(metric, side.weights.confusion(*class)).is_some());
    let classes: Vec<usize> = (0..count).filter(defined).collect();
    own.0.each_ref().map(|side| side.mean(metric, &classes))
}

/// The mean over the classes that are defined for both models, of rows whose labels and scores are the numbers
/// of classes, with the influence of each row.
pub fn mean_of_columns(metric: &Metric, columns: &[Column; 2]) -> [Option<Influenced>; 2] {
    mean_of(metric, &Counted::of_columns(columns), None)
}

/// The same from the cells alone.
pub fn mean_of_cells(metric: &Metric, cells: &Cells, also: Option<&Cells>) -> Measured {
    measured(&mean_of(metric, &Counted::of_cells(cells), also.map(Counted::of_cells).as_ref()), None)
}

impl Side {
    fn mean(&self, metric: &Metric, classes: &[usize]) -> Option<Influenced> {
        let of = |&class: &usize| number(metric, self.weights.confusion(class));
        let numbers: Vec<(f64, [f64; 4])> = classes.iter().map(of).collect::<Option<_>>()?;
        if numbers.is_empty() || self.count == 0 {
            return None;
        }
        let mut slopes = vec![[0.0; 4]; self.classes().max(classes.last().map_or(0, |last| last + 1))];
        classes.iter().zip(&numbers).for_each(|(&class, number)| slopes[class] = number.1);
        let count = numbers.len() as f64;
        // How far one row decided otherwise moves the class that it moves most: what a mean of 0 or 1 rests on.
        let by_a_decision = |slope: &[f64; 4]| f64::max((slope[0] - slope[2]).abs(), (slope[1] - slope[3]).abs());
        let row = self.squares.all / self.weights.all;
        let farthest = numbers.iter().map(|number| row * by_a_decision(&number.1)).fold(0.0, f64::max);
        Some(Influenced {
            value: numbers.iter().map(|number| number.0).sum::<f64>() / count,
            influence: self.influence(&slopes, count),
            rows: self.count,
            // As of one table, a number that no decision could move says nothing.
            effective: if farthest > 0.0 { count / farthest } else { 0.0 },
            inside: self.rows.iter().map(Option::is_some).collect(),
            scale: scale(metric, Scale::Unit),
        })
    }

    /// What each row moves: it is elsewhere for every class but those of its label and decision. Rows that
    /// are alike have one influence for all of them, the root of their number times as large.
    fn influence(&self, slopes: &[[f64; 4]], count: f64) -> Vec<f64> {
        let elsewhere: f64 = slopes.iter().map(|slope| slope[3]).sum();
        let moved = |row: &Alike| {
            let (own, other) = (slopes[row.label], slopes[row.said]);
            let right = row.label == row.said;
            let placed = if right { own[0] - own[3] } else { own[2] - own[3] + other[1] - other[3] };
            row.weight * row.count.sqrt() * (elsewhere + placed) / count
        };
        self.rows.iter().map(|row| row.as_ref().map_or(0.0, moved)).collect()
    }

    /// One class alone, of rows that stand each for itself.
    fn class(&self, metric: &Metric, class: usize) -> Option<(f64, Option<Marginal>)> {
        let (counts, squares) = (self.weights.confusion(class), self.squares.confusion(class));
        let (value, slope) = number(metric, counts)?;
        let effective = match metric.formula {
            Formula::Rate(event) => {
                let events = Confusion::PLACES.map(event);
                inside(events, counts, None).powi(2) / inside(events, squares, None)
            }
            _ => {
                let farthest = f64::max((slope[0] - slope[2]).abs(), (slope[1] - slope[3]).abs());
                if farthest > 0.0 { self.weights.all / self.squares.all / farthest } else { 0.0 }
            }
        };
        let influence = squares.iter().zip(slope).map(|(square, slope)| square.max(0.0).sqrt() * slope).collect();
        let scale = scale(metric, Scale::Rate);
        let found = Influenced { value, influence, rows: self.count, effective, inside: Vec::new(), scale };
        Some((value, found.marginal(None)))
    }

    /// The worst class: the smallest number where a larger one is better, else the largest.
    ///
    /// Its interval needs no more than one class's own limit on the side of the worst, and on the other
    /// side limits that hold for all classes at once (Bonferroni), so that it holds the truth at least as
    /// often as it says. Without the error of some class it has none.
    fn worst(
        &self,
        metric: &Metric,
        (higher, z): (bool, f64),
        rows: Option<OfUnits>,
    ) -> Option<(f64, Option<Interval>)> {
        let number = |class: usize| {
            let (value, alone) = self.class(metric, class)?;
            Some((value, rows.as_ref().map_or(alone, |rows| rows.class(metric, class))))
        };
        let numbers: Vec<(f64, Option<Marginal>)> = (0..self.classes()).filter_map(number).collect();
        let pick = |a: f64, b: f64| if higher { a.min(b) } else { a.max(b) };
        let value = numbers.iter().map(|number| number.0).reduce(pick)?;
        let marginals: Option<Vec<Marginal>> = numbers.iter().map(|number| number.1).collect();
        let all = quantile_of(1.0 - level_of(z) / numbers.len() as f64);
        let interval = marginals.map(|marginals| {
            let end = |of: fn(Interval) -> f64, z: f64| marginals.iter().map(|one| of(one.at(z))).reduce(pick);
            let (low, high) = if higher { (z, all) } else { (all, z) };
            let (low, high) = (end(|span| span.low, low), end(|span| span.high, high));
            Interval { low: low.unwrap_or(value), high: high.unwrap_or(value) }
        });
        Some((value, interval))
    }
}

fn scale(metric: &Metric, of_rate: Scale) -> Scale {
    if let Formula::Composite { scale, .. } = metric.formula { scale } else { of_rate }
}

/// The number of the worst class of every slice and model.
pub fn worst(declared: &Declared, slices: &Slices, by_rows: Option<&ByRows>) -> Vec<Value> {
    let mut values = Vec::new();
    let mut add = |slice: &str, counted: Counted, part: Option<&Part>| {
        values.extend(worst_of(declared, slice, &counted, part.filter(|part| part.units().is_some())));
    };
    let Some(rows) = by_rows else {
        add("all", Counted::of_cells(&slices.everyone), None);
        slices.iter().for_each(|slice| add(&slice.id, Counted::of_cells(&slice.cells), None));
        return values;
    };
    let everyone = rows.sample().everyone();
    add("all", Counted::of_part(&everyone), Some(&everyone));
    for family in &slices.families {
        let parts = rows.sample().slices(family);
        family.slices.iter().zip(&parts).for_each(|(slice, part)| add(&slice.id, Counted::of_part(part), Some(part)));
    }
    values
}

/// One model's rows of a part that belong to units, which may have rows of several classes.
struct OfUnits<'a> {
    part: &'a Part,
    side: usize,
}

impl OfUnits<'_> {
    /// A class against the rest, with the error that units give.
    fn class(&self, metric: &Metric, class: usize) -> Option<Marginal> {
        let own = &self.part.columns[self.side];
        let is = |number: &f64| if number.is_nan() { f64::NAN } else { f64::from(u8::from(*number == class as f64)) };
        let against_rest = |numbers: &[f64]| numbers.iter().map(is).collect::<Vec<f64>>().into();
        let (label, score) = (against_rest(&own.label), against_rest(&own.score));
        let column = Column { label, score, threshold: 0.5, weight: own.weight.clone(), ..Column::default() };
        of_column(metric, &column)?.marginal(self.part.units())
    }
}

fn worst_of(declared: &Declared, slice: &str, counted: &Counted, of_units: Option<&Part>) -> Vec<Value> {
    let mut values = Vec::new();
    for (side, model) in [(0, Subject::Base), (1, Subject::Tuned)].into_iter().filter(|(side, _)| declared.has[*side]) {
        for metric in declared.metrics().filter(|metric| has_mean(metric)) {
            let Some(higher) = metric.higher_is_better(None) else { continue };
            let counted = &counted.0[side];
            let rows = of_units.map(|part| OfUnits { part, side });
            let Some((value, interval)) = counted.worst(metric, (higher, declared.z), rows) else { continue };
            let (low, high) = (interval.map(|span| span.low), interval.map(|span| span.high));
            let estimate = Estimate::Known { value, low, high, support: counted.count };
            let (metric, slice, class) = (metric.id.into(), slice.into(), Some(WORST.into()));
            values.push(Value { metric, class, slice, model, estimate, basis: None });
        }
    }
    values
}
