//! From the counts of a shift to its numbers.

use crate::evidence;
use crate::result::{ColumnShift, Estimate, Reason, Shift};
use crate::stats::{quantile_of, stability_of_counts, wilson};

/// The numbers of a shift at a confidence.
pub fn shift(confidence: f64, counted: &evidence::Shift) -> Shift {
    let column = |column: &evidence::ShiftColumn| {
        let found = stability_of_counts(&column.source, &column.audited);
        ColumnShift {
            column: column.name.clone(),
            population_stability_index: found.map(|(index, _)| index),
            p_value: found.and_then(|(_, p)| p),
        }
    };
    let mut columns: Vec<ColumnShift> = counted.columns.iter().map(column).collect();
    let index = |one: &ColumnShift| one.population_stability_index.unwrap_or(f64::NEG_INFINITY);
    columns.sort_by(|a, b| index(b).total_cmp(&index(a)).then_with(|| a.column.cmp(&b.column)));
    Shift { distance: distance(confidence, counted), columns }
}

/// Of the mean of both error rates, whose limits square and add Wilson's (the classifiers taken as they are).
fn distance(confidence: f64, counted: &evidence::Shift) -> Estimate {
    let [[a, n], [b, m]] = [counted.source, counted.audited];
    if n == 0 || m == 0 {
        return Estimate::Undefined { undefined: Reason::NoRowsInCondition };
    }
    let z = quantile_of(confidence);
    let [a, n, b, m] = [a, n, b, m].map(|count| count as f64);
    let (first, second) = (wilson(a, n, z), wilson(b, m, z));
    let (p, q) = (a / n, b / m);
    let of = |error: f64| 2.0 * (1.0 - 2.0 * error);
    let error = (p + q) / 2.0;
    let (below, above) = ((p - first.low).hypot(q - second.low) / 2.0, (first.high - p).hypot(second.high - q) / 2.0);
    Estimate::known(of(error), of(error + above), of(error - below), n.min(m) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_three_in_ten_is_a_distance_of_four_fifths() {
        let counted = evidence::Shift { source: [30, 100], audited: [60, 200], columns: Vec::new() };
        let Estimate::Known { value, low, high, support } = shift(0.95, &counted).distance else { panic!() };
        assert!((value - 0.8).abs() < 1e-12, "{value}");
        assert!(low.unwrap() < 0.8 && high.unwrap() > 0.8 && support == 100);
    }
}
