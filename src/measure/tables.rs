//! Numbers of a table of four counts: of one model's decisions by labels, or of both models' answers.

use super::measured::{Measured, measured};
use super::sample::Part;
use crate::evidence::{Cell, Cells};
use crate::metrics::{self, Agreement, Column, Confusion, Formula, Metric, Side, Table, kappa_of_classes};
use crate::stats::{Dual, Influenced, Scale};

/// So many rows that weigh as much each, in one place of the table or outside of it.
#[derive(Debug, Clone, Copy)]
struct Alike {
    place: Option<usize>,
    weight: f64,
    count: u64,
}

impl Alike {
    /// A row that weighs nothing is outside.
    fn row(place: Option<usize>, weight: f64) -> Alike {
        Alike { place: place.filter(|_| weight > 0.0), weight, count: 1 }
    }
}

/// A number of the table that these rows make, and by how much each entry moves it: its weight times the
/// derivative by the count that it is in. One influence stands for all rows of an entry, √n times as large.
fn of_table(all: &[Alike], of: impl Fn([f64; 4]) -> Option<Dual>, scale: Scale) -> Option<Influenced> {
    let (mut counts, mut rows, mut squares) = ([0.0; 4], 0, 0.0);
    for Alike { place, weight, count } in all {
        if let Some(place) = place {
            counts[*place] += *count as f64 * weight;
            rows += count;
            squares += *count as f64 * weight * weight;
        }
    }
    let number = of(counts)?;
    let moved = |one: &Alike| one.place.map_or(0.0, |at| (one.count as f64).sqrt() * one.weight * number.slope[at]);
    let (sum, influence) = (counts.iter().sum::<f64>(), all.iter().map(moved).collect());
    let effective = match at_an_end(number.value, scale) {
        true => steps(counts, squares / sum, of),
        false => sum * sum / squares,
    };
    let inside = all.iter().map(|one| one.place.is_some()).collect();
    Some(Influenced { value: number.value, influence, rows, effective, inside, scale })
}

fn at_an_end(value: f64, scale: Scale) -> bool {
    scale == Scale::Unit && (value <= 0.0 || value >= 1.0)
}

/// In how many steps a number would go from 0 to 1 if each went as far as the first: a row of this weight
/// that is decided otherwise. Of a rate these are its rows. None are where no decision would move it, as
/// without a positive label.
fn steps(counts: [f64; 4], weight: f64, of: impl Fn([f64; 4]) -> Option<Dual>) -> f64 {
    let value = |counts| of(counts).map(|number| number.value);
    // TP and FN, FP and TN differ in the decision alone.
    let moved = |(from, to): (usize, usize)| {
        let (mut other, row) = (counts, weight.min(counts[from]));
        other[from] -= row;
        other[to] += row;
        Some((value(other)? - value(counts)?).abs())
    };
    let all = [(0, 2), (2, 0), (1, 3), (3, 1)].into_iter().filter_map(moved);
    let farthest = all.fold(0.0, f64::max);
    if farthest > 0.0 { 1.0 / farthest } else { 0.0 }
}

/// A number of one model's decisions by their labels.
pub(super) fn composite(column: &Column, of: fn(&Confusion) -> Option<Dual>, scale: Scale) -> Option<Influenced> {
    let place = |row: usize| confused(side(column, row)?);
    let rows: Vec<Alike> = (0..column.len()).map(|row| Alike::row(place(row), column.weight[row])).collect();
    of_table(&rows, |counts| of(&Confusion::of(counts)), scale)
}

fn confused(side: Side) -> Option<usize> {
    Some(Confusion::place(side.label?, side.said))
}

/// What one model said of a row; `None` where it said nothing.
pub(super) fn side(column: &Column, row: usize) -> Option<Side> {
    let label = column.label[row];
    Some(Side { label: (!label.is_nan()).then_some(label == 1.0), said: column.said(row)? })
}

/// A number of a table from the cells alone, whose rows count once each.
pub(super) fn of_cells(metric: &Metric, cells: &Cells) -> Measured {
    let alike = |place: &dyn Fn(&Cell) -> Option<usize>| -> Vec<Alike> {
        cells.iter().map(|(cell, count)| Alike { place: place(&cell), weight: 1.0, count }).collect()
    };
    let sides = match metric.formula {
        Formula::Composite { of, scale } => [0, 1].map(|at| {
            let rows = alike(&|cell| confused(metrics::side(cell, at)?));
            of_table(&rows, |counts| of(&Confusion::of(counts)), scale)
        }),
        Formula::Agreement { table, of, scale } => {
            [None, agreement(&alike(&|cell| cell_of(table, [0, 1].map(|at| metrics::side(cell, at)))), of, scale)]
        }
        _ => return Measured::default(),
    };
    measured(&sides, None)
}

/// The place of a row in a table of base by tuned; `None` where it has none.
fn cell_of(table: Table, [base, tuned]: [Option<Side>; 2]) -> Option<usize> {
    let event = |side: Side| match table {
        Table::Decisions => Some(side.said),
        Table::Right => side.label.map(|label| label == side.said),
    };
    Some(2 * usize::from(event(base?)?) + usize::from(event(tuned?)?))
}

type OfAgreement = fn(&Agreement) -> Option<Dual>;

/// A number of both models' answers; without a scale it has no interval.
fn agreement(rows: &[Alike], of: OfAgreement, scale: Option<Scale>) -> Option<Influenced> {
    let number = |counts: [f64; 4]| of(&std::array::from_fn(|at| Dual::count(counts[at], at)));
    let found = of_table(rows, number, scale.unwrap_or(Scale::Real))?;
    let influence = if scale.is_some() { found.influence } else { Vec::new() };
    Some(Influenced { influence, effective: found.rows as f64, inside: Vec::new(), ..found })
}

/// The same of rows.
pub(super) fn agreement_of_rows(
    part: &Part,
    table: Table,
    of: OfAgreement,
    scale: Option<Scale>,
) -> Option<Influenced> {
    let [base, tuned] = &part.columns;
    let alike = part.units().is_none() && base.weight.iter().all(|&weight| weight == 0.0 || weight == 1.0);
    // Without a scale it is an exact test, which counts rows that are independent and weigh alike.
    if scale.is_none() && !alike {
        return None;
    }
    let place = |row: usize| cell_of(table, [side(base, row), side(tuned, row)]);
    let rows = (0..base.len()).map(|row| Alike::row(place(row), base.weight[row]));
    agreement(&rows.collect::<Vec<_>>(), of, scale)
}

/// Cohen's kappa where scores are the numbers of classes.
pub(super) fn agreement_of_classes(part: &Part) -> Option<Influenced> {
    let [base, tuned] = &part.columns;
    let known = |row: &usize| base.weight[*row] > 0.0 && !base.score[*row].is_nan() && !tuned.score[*row].is_nan();
    let places: Vec<usize> = (0..base.score.len()).filter(known).collect();
    let row = |&row: &usize| (base.score[row] as usize, tuned.score[row] as usize, base.weight[row]);
    let (value, moved) = kappa_of_classes(&places.iter().map(row).collect::<Vec<_>>())?;
    let (mut influence, mut inside) = (vec![0.0; base.score.len()], vec![false; base.score.len()]);
    for (place, moved) in places.iter().zip(moved) {
        (influence[*place], inside[*place]) = (moved, true);
    }
    let rows = places.len();
    Some(Influenced { value, influence, rows: rows as u64, effective: rows as f64, inside, scale: Scale::Signed })
}

#[cfg(test)]
mod tests {
    use super::super::numbers::of_column;
    use super::*;
    use crate::stats::Interval;

    #[test]
    fn an_f1_of_no_positive_label_says_nothing() {
        let said: Vec<f64> = (0..40).map(|row| f64::from(row % 2)).collect();
        let (label, weight) = (vec![0.0; 40].into(), vec![1.0; 40].into());
        let column = Column { label, score: said.into(), threshold: 0.5, weight, ..Column::default() };
        let found = of_column(metrics::find("f1_score").unwrap(), &column).unwrap().marginal(None).unwrap();
        assert_eq!((found.value, found.at(1.96)), (0.0, Interval { low: 0.0, high: 1.0 }));
    }

    /// Five with a positive label, all found, or none, among very many others.
    #[test]
    fn a_composite_of_0_or_1_has_the_limits_of_the_few_that_decide_it() {
        for (id, [found, missed], others) in
            [("f1_score", [0.0, 5.0], 1000), ("f1_score", [5.0, 0.0], 1000), ("balanced_accuracy", [5.0, 0.0], 1000)]
        {
            let label: Vec<f64> = (0..5 + others).map(|row| f64::from(u8::from(row < 5))).collect();
            let said = label.iter().enumerate().map(|(row, label)| label * f64::from(u8::from((row as f64) < found)));
            let said: Vec<f64> = said.collect();
            let weight = vec![1.0; label.len()].into();
            let column =
                Column { score: said.into(), threshold: 0.5, weight, label: label.into(), ..Column::default() };
            let metric = metrics::find(id).unwrap();
            let rows = of_column(metric, &column).unwrap();
            let limits = rows.marginal(None).unwrap().at(1.96);
            assert!(limits.high - limits.low > 0.2, "{id}: {limits:?}");
            let by_units = rows.marginal(Some(&vec![0; column.label.len()])).unwrap().at(1.96);
            assert!((by_units.high - by_units.low - (limits.high - limits.low)).abs() < 1e-12);
            let Formula::Composite { of, scale } = metric.formula else { panic!("{id} is a composite") };
            let table = [found, 0.0, missed, others as f64];
            let cell = |place| Alike { place: Some(place), weight: 1.0, count: table[place] as u64 };
            let of_cells = of_table(&[0, 1, 2, 3].map(cell), |counts| of(&Confusion::of(counts)), scale);
            assert_eq!(of_cells.unwrap().effective, rows.effective);
        }
    }
}
