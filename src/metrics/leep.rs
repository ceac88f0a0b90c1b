//! LEEP, the log expected empirical prediction: how well labels follow from a model's classes alone.

use super::Column;
use crate::stats::{Influenced, Scale};

/// A number for each label and each of the model's two classes.
type Table = [[f64; 2]; 2];

/// Rows that are known, by what is asked of each.
struct Rows<'a> {
    column: &'a Column,
    known: Vec<usize>,
    /// Weights by label and class, Σ w θ(z).
    joint: Table,
    total: f64,
}

impl Rows<'_> {
    fn label(&self, row: usize) -> usize {
        usize::from(self.column.label[row] == 1.0)
    }

    /// The scores of both classes.
    fn theta(&self, row: usize) -> [f64; 2] {
        [1.0 - self.column.score[row], self.column.score[row]]
    }

    fn of_class(&self, z: usize) -> f64 {
        self.joint[0][z] + self.joint[1][z]
    }

    /// P(y | z); 0 for a class that nobody has.
    fn given(&self, y: usize, z: usize) -> f64 {
        if self.of_class(z) > 0.0 { self.joint[y][z] / self.of_class(z) } else { 0.0 }
    }

    /// Σ P(y | z) θ(z), for the row's own label.
    fn chance(&self, row: usize) -> f64 {
        let theta = self.theta(row);
        self.given(self.label(row), 0) * theta[0] + self.given(self.label(row), 1) * theta[1]
    }

    /// Adds up by label and class what `of` says of each row.
    fn table(&self, of: impl Fn(usize) -> [f64; 2]) -> Table {
        self.known.iter().fold([[0.0; 2]; 2], |mut table, &row| {
            let [a, b] = of(row).map(|x| self.column.weight[row] * x);
            let own = &mut table[self.label(row)];
            *own = [own[0] + a, own[1] + b];
            table
        })
    }
}

/// The mean of ln Σ P(y | z) θ(z) (Nguyen et al. 2020, equation 4), with the influence of every row, also by
/// way of the table P(y | z), which is estimated from the same rows. `None` without rows, or where a score is
/// no probability.
pub fn leep(column: &Column) -> Option<Influenced> {
    let known: Vec<usize> = column.known().collect();
    if known.is_empty() || known.iter().any(|&row| !(0.0..=1.0).contains(&column.score[row])) {
        return None;
    }
    let total = known.iter().map(|&row| column.weight[row]).sum();
    let mut rows = Rows { column, known, joint: [[0.0; 2]; 2], total };
    rows.joint = rows.table(|row| rows.theta(row));
    // How the sum of logarithms moves with P(y | z).
    let pull = rows.table(|row| rows.theta(row).map(|theta| theta / rows.chance(row)));
    let value = rows.known.iter().map(|&row| column.weight[row] * rows.chance(row).ln()).sum::<f64>() / rows.total;
    let (mut influence, mut inside) = (vec![0.0; column.label.len()], vec![false; column.label.len()]);
    for &row in &rows.known {
        let by_table = |z: usize| {
            let mean = rows.given(0, z) * pull[0][z] + rows.given(1, z) * pull[1][z];
            let all = rows.of_class(z);
            if all > 0.0 { rows.theta(row)[z] / all * (pull[rows.label(row)][z] - mean) } else { 0.0 }
        };
        let own = (rows.chance(row).ln() - value) / rows.total;
        influence[row] = column.weight[row] * (own + (by_table(0) + by_table(1)) / rows.total);
        inside[row] = true;
    }
    let count = rows.known.len() as u64;
    Some(Influenced { value, influence, rows: count, effective: count as f64, inside, scale: Scale::Real })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(label: &[f64], score: &[f64], weight: &[f64]) -> Column {
        Column {
            label: label.to_vec().into(),
            score: score.to_vec().into(),
            weight: weight.to_vec().into(),
            order: super::super::column::by_score(score).into(),
            ..Column::default()
        }
    }

    #[test]
    fn four_rows_by_hand() {
        let found = leep(&column(&[0.0, 0.0, 1.0, 1.0], &[0.1, 0.2, 0.7, 0.8], &[1.0; 4])).unwrap();
        assert!((found.value + 0.383_980_9).abs() < 5e-8, "{}", found.value);
        assert!(found.influence.iter().sum::<f64>().abs() < 1e-12);
        assert_eq!(leep(&column(&[0.0, 1.0], &[0.5, 1.5], &[1.0; 2])), None);
    }

    /// An influence is the derivative by a row's weight, times that weight.
    #[test]
    fn influences_are_derivatives() {
        let (label, score) = ([0.0, 1.0, 1.0, 0.0, 1.0], [0.2, 0.9, 0.4, 0.6, 0.7]);
        let weight = [1.0, 2.0, 0.5, 1.5, 1.0];
        let found = leep(&column(&label, &score, &weight)).unwrap();
        for row in 0..5 {
            let moved = |step: f64| {
                let mut weight = weight;
                weight[row] += step;
                leep(&column(&label, &score, &weight)).unwrap().value
            };
            let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6 * weight[row];
            assert!((slope - found.influence[row]).abs() < 1e-8, "{row}: {slope} is not {}", found.influence[row]);
        }
    }
}
