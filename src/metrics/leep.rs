//! LEEP, the log expected empirical prediction: how well labels follow from a model's classes alone.

use super::Column;
use crate::stats::{Influenced, Scale};

/// A number for each label and each of the model's two classes.
type Table = [[f64; 2]; 2];

/// Rows that are known.
struct Rows<'a> {
    column: &'a Column,
    known: Vec<usize>,
}

impl Rows<'_> {
    fn label(&self, row: usize) -> usize {
        usize::from(self.column.label[row] == 1.0)
    }

    /// The scores of both classes.
    fn theta(&self, row: usize) -> [f64; 2] {
        [1.0 - self.column.score[row], self.column.score[row]]
    }

    /// Adds up by label and class what `of` says of each row, by its place among those known.
    fn table(&self, of: impl Fn(usize, usize) -> [f64; 2]) -> Table {
        let mut table = [[0.0; 2]; 2];
        for (at, &row) in self.known.iter().enumerate() {
            let own = &mut table[self.label(row)];
            let [a, b] = of(at, row).map(|x| self.column.weight[row] * x);
            *own = [own[0] + a, own[1] + b];
        }
        table
    }

    /// Σ P(y | z) θ(z) of every row, for its own label.
    fn chances(&self, given: &Table) -> Vec<f64> {
        let chance = |&row: &usize| {
            let (theta, given) = (self.theta(row), given[self.label(row)]);
            given[0] * theta[0] + given[1] * theta[1]
        };
        self.known.iter().map(chance).collect()
    }
}

/// The mean of ln Σ P(y | z) θ(z) (Nguyen et al. 2020, equation 4), with the influence of every row, also by
/// way of the table P(y | z), which is estimated from the same rows. `None` without rows, or where a score is
/// no probability.
pub fn leep(column: &Column) -> Option<Influenced> {
    let rows = Rows { column, known: column.known().collect() };
    if rows.known.is_empty() || rows.known.iter().any(|&row| !(0.0..=1.0).contains(&column.score[row])) {
        return None;
    }
    let total: f64 = rows.known.iter().map(|&row| column.weight[row]).sum();
    let joint = rows.table(|_, row| rows.theta(row));
    let of_class = [0, 1].map(|z| joint[0][z] + joint[1][z]);
    // 0 for a class that nobody has.
    let share = |part: f64, all: f64| if all > 0.0 { part / all } else { 0.0 };
    let given = joint.map(|of_label| [0, 1].map(|z| share(of_label[z], of_class[z])));
    let chances = rows.chances(&given);
    // How the sum of logarithms moves with P(y | z), and by how much more than on average over y.
    let pull = rows.table(|at, row| rows.theta(row).map(|theta| theta / chances[at]));
    let mean = [0, 1].map(|z| given[0][z] * pull[0][z] + given[1][z] * pull[1][z]);
    let more = pull.map(|of_label| [0, 1].map(|z| of_label[z] - mean[z]));
    let logs: Vec<f64> = chances.iter().map(|chance| chance.ln()).collect();
    let value = rows.known.iter().zip(&logs).map(|(&row, log)| column.weight[row] * log).sum::<f64>() / total;
    let (mut influence, mut inside) = (vec![0.0; column.label.len()], vec![false; column.label.len()]);
    for (&row, log) in rows.known.iter().zip(&logs) {
        let (theta, more) = (rows.theta(row), more[rows.label(row)]);
        let by_table = |z: usize| share(theta[z], of_class[z]) * more[z];
        influence[row] = column.weight[row] * ((log - value) / total + (by_table(0) + by_table(1)) / total);
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
