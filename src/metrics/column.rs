//! One model's rows of one slice, column by column: what metrics of scores are computed from.

use super::Row;
use std::sync::Arc;

/// Labels, scores and decisions of the same rows. NaN stands for what is not there. Columns of slices that
/// overlap share their rows and differ in their weights.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// The label: 1 is positive, 0 negative; of a regression the number itself.
    pub label: Arc<Vec<f64>>,
    /// The score; of a regression the predicted number.
    pub score: Arc<Vec<f64>>,
    /// The decision, 1 or 0.
    pub said: Arc<Vec<f64>>,
    /// The rows' weights; 1 where none are given, 0 for a row that does not belong here.
    pub weight: Arc<Vec<f64>>,
    /// The rows sorted by score, those without one anywhere.
    pub order: Arc<Vec<u32>>,
    /// The median of the scores of everyone, in this slice or not.
    pub median: f64,
}

/// Rows in the order of their scores; those that are equal in the order of the rows.
pub(super) fn by_score(scores: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..scores.len() as u32).collect();
    order.sort_by(|&a, &b| scores[a as usize].total_cmp(&scores[b as usize]));
    order
}

impl Column {
    /// A number for each row from its label and score; NaN where either is missing.
    pub fn both(&self, of: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        self.label.iter().zip(self.score.iter()).map(|(&label, &score)| of(label, score)).collect()
    }

    /// A number for each row.
    pub fn each(&self, of: impl Fn(Row) -> f64) -> Vec<f64> {
        let median = self.median;
        self.label.iter().zip(self.score.iter()).map(|(&label, &score)| of(Row { label, score, median })).collect()
    }

    /// The rows with label, score and a weight above 0, in the order of their scores.
    pub fn known(&self) -> impl Iterator<Item = usize> + '_ {
        let order = self.order.iter().map(|&row| row as usize);
        order.filter(|&row| self.weight[row] > 0.0 && !self.label[row].is_nan() && !self.score[row].is_nan())
    }
}
