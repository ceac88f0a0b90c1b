//! LEEP, the log expected empirical prediction: how well labels follow from a model's classes alone.

use super::Sorted;
use crate::stats::{Influenced, Scale};

/// A number for each label and each of the model's two classes.
type Table = [[f64; 2]; 2];

/// 1 of a positive label.
fn place(label: f64) -> usize {
    usize::from(label == 1.0)
}

/// The scores of both classes.
fn theta(score: f64) -> [f64; 2] {
    [1.0 - score, score]
}

/// Adds numbers of both classes to those of a label; what is added elsewhere is 0, so that nothing waits for the label.
#[inline]
fn add(table: &mut Table, label: usize, numbers: [f64; 2]) {
    for (at, own) in table.iter_mut().enumerate() {
        let added = numbers.map(|number| if at == label { number } else { 0.0 });
        *own = [own[0] + added[0], own[1] + added[1]];
    }
}

/// P(y | z) from the joint table of labels and classes; 0 for a class that nobody has.
fn given(joint: &Table, of_class: [f64; 2]) -> Table {
    joint.map(|of_label| [0, 1].map(|z| share(of_label[z], of_class[z])))
}

fn share(part: f64, all: f64) -> f64 {
    if all > 0.0 { part / all } else { 0.0 }
}

/// The sum of logarithms and what moves it, once P(y | z) is known.
struct Passed {
    logs: Vec<f64>,
    sum: f64,
    /// How the sum moves with P(y | z).
    pull: Table,
}

impl Passed {
    /// ln Σ P(y | z) θ(z) of every row, for its own label.
    fn new(rows: &Sorted, given: &Table) -> Passed {
        let mut passed = Passed { logs: Vec::with_capacity(rows.len()), sum: 0.0, pull: Table::default() };
        for ((&score, &label), &weight) in rows.score.iter().zip(rows.label.iter()).zip(rows.weight.iter()) {
            let (theta, label) = (theta(score), place(label));
            let chance = given[label][0] * theta[0] + given[label][1] * theta[1];
            let log = chance.ln();
            passed.sum += weight * log;
            passed.logs.push(log);
            add(&mut passed.pull, label, theta.map(|theta| weight * (theta / chance)));
        }
        passed
    }
}

/// The mean of ln Σ P(y | z) θ(z) (Nguyen et al. 2020, equation 4), with the influence of every row, also by
/// way of the table P(y | z), which is estimated from the same rows. `None` without rows, or where a score is
/// no probability.
pub fn leep(rows: &Sorted) -> Option<Influenced> {
    if rows.is_empty() || rows.score.iter().any(|score| !(0.0..=1.0).contains(score)) {
        return None;
    }
    let mut joint = Table::default();
    for ((&score, &label), &weight) in rows.score.iter().zip(rows.label.iter()).zip(rows.weight.iter()) {
        add(&mut joint, place(label), theta(score).map(|theta| weight * theta));
    }
    let total: f64 = joint.iter().flatten().sum();
    let of_class = [0, 1].map(|z| joint[0][z] + joint[1][z]);
    let given = given(&joint, of_class);
    let Passed { logs, sum, pull } = Passed::new(rows, &given);
    // By how much more than on average over y.
    let mean = [0, 1].map(|z| given[0][z] * pull[0][z] + given[1][z] * pull[1][z]);
    let more = pull.map(|of_label| [0, 1].map(|z| of_label[z] - mean[z]));
    let value = sum / total;
    let influence = (0..logs.len()).map(|row| {
        let (theta, more) = (theta(rows.score[row]), more[place(rows.label[row])]);
        let by_table = |z: usize| share(theta[z], of_class[z]) * more[z];
        rows.weight[row] * ((logs[row] - value) / total + (by_table(0) + by_table(1)) / total)
    });
    let (influence, count) = (rows.scattered(influence, 0.0), logs.len() as u64);
    let inside = rows.scattered(logs.iter().map(|_| true), false);
    Some(Influenced { value, influence, rows: count, effective: count as f64, inside, scale: Scale::Real })
}

#[cfg(test)]
mod tests {
    use super::super::Column;
    use super::*;

    fn sorted(label: &[f64], score: &[f64], weight: &[f64]) -> Sorted {
        Sorted::new(&Column {
            label: label.to_vec().into(),
            score: score.to_vec().into(),
            weight: weight.to_vec().into(),
            order: super::super::column::by_score(score).into(),
            ..Column::default()
        })
    }

    #[test]
    fn four_rows_by_hand() {
        let found = leep(&sorted(&[0.0, 0.0, 1.0, 1.0], &[0.1, 0.2, 0.7, 0.8], &[1.0; 4])).unwrap();
        assert!((found.value + 0.383_980_9).abs() < 5e-8, "{}", found.value);
        assert!(found.influence.iter().sum::<f64>().abs() < 1e-12);
        assert_eq!(leep(&sorted(&[0.0, 1.0], &[0.5, 1.5], &[1.0; 2])), None);
    }

    /// An influence is the derivative by a row's weight, times that weight.
    #[test]
    fn influences_are_derivatives() {
        let (label, score) = ([0.0, 1.0, 1.0, 0.0, 1.0], [0.2, 0.9, 0.4, 0.6, 0.7]);
        let weight = [1.0, 2.0, 0.5, 1.5, 1.0];
        let found = leep(&sorted(&label, &score, &weight)).unwrap();
        for row in 0..5 {
            let moved = |step: f64| {
                let mut weight = weight;
                weight[row] += step;
                leep(&sorted(&label, &score, &weight)).unwrap().value
            };
            let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6 * weight[row];
            assert!((slope - found.influence[row]).abs() < 1e-8, "{row}: {slope} is not {}", found.influence[row]);
        }
    }
}
