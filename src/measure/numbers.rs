//! One metric of one part, row by row: the number and how every row moves it.

use super::measured::{Measured, measured};
use super::sample::Part;
use super::tables::{agreement_of_rows, composite, side};
use crate::metrics::{Column, Formula, Metric, Scored, Side, slope};
use crate::stats::{Influenced, Scale, mean};

/// Base and tuned.
pub(super) fn sides(metric: &Metric, part: &Part, favorable: Option<bool>) -> [Option<Influenced>; 2] {
    match metric.formula {
        // A number of the pair, or of the labels, is the same for both.
        Formula::Paired(_) => [None, pair(metric, part, favorable)],
        Formula::Agreement { table, of, scale } => [None, agreement_of_rows(part, table, of, scale)],
        Formula::Labels(_) => [None, of_column(metric, &part.columns[1])],
        Formula::Score(Scored::Sorted(of)) => [0, 1].map(|side| of(part.sorted(side))),
        Formula::Score(Scored::Slope) => [0, 1].map(|side| slope(part.sorted(side))),
        _ => part.columns.each_ref().map(|column| of_column(metric, column)),
    }
}

/// A slice against the others.
pub(super) fn against(metric: &Metric, slice: &Part, rest: &Part) -> Measured {
    let Formula::Versus(of) = metric.formula else { return Measured::default() };
    let units = slice.units().zip(rest.units()).map(|(own, others)| [own, others].concat());
    measured(&[0, 1].map(|side| of.of_columns(&slice.columns[side], &rest.columns[side])), units.as_deref())
}

/// One model's number with the influence of every row.
pub fn of_column(metric: &Metric, column: &Column) -> Option<Influenced> {
    match metric.formula {
        Formula::Rate(event) => mean(&events(column, event), &column.weight, Scale::Rate),
        Formula::Labels(event) => {
            let of = |&label: &f64| if label.is_nan() { None } else { event(label == 1.0) };
            mean(&column.label.iter().map(|label| number(of(label))).collect::<Vec<_>>(), &column.weight, Scale::Rate)
        }
        Formula::Composite { of, scale } => composite(column, of, scale),
        Formula::Score(of) | Formula::Number(of) => of.of_column(column),
        Formula::Paired(_) | Formula::Agreement { .. } | Formula::Versus(_) | Formula::Attribute { .. } => None,
    }
}

fn events(column: &Column, event: fn(Side) -> Option<bool>) -> Vec<f64> {
    (0..column.len()).map(|row| number(side(column, row).and_then(event))).collect()
}

fn number(event: Option<bool>) -> f64 {
    event.map_or(f64::NAN, |event| f64::from(u8::from(event)))
}

fn pair(metric: &Metric, part: &Part, favorable: Option<bool>) -> Option<Influenced> {
    let Formula::Paired(event) = metric.formula else { return None };
    let [base, tuned] = &part.columns;
    let of = |row: usize| event(side(base, row)?, side(tuned, row)?, favorable);
    let events: Vec<f64> = (0..base.len()).map(|row| number(of(row))).collect();
    mean(&events, &base.weight, Scale::Rate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics;

    #[test]
    fn what_is_too_large_is_no_number() {
        let column = Column {
            label: vec![1.0; 3].into(),
            score: vec![0.5, 1e200, 2.0].into(),
            weight: vec![1.0; 3].into(),
            ..Column::default()
        };
        let found = of_column(metrics::find("mean_squared_error").unwrap(), &column);
        let both = measured(&[found.clone(), found], None);
        assert!(both.sides == [None, None] && both.twin.is_none());
    }
}
