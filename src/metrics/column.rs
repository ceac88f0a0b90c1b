//! One model's rows of one slice, column by column: what metrics of scores are computed from.

use super::Row;
use std::sync::{Arc, OnceLock};

/// Labels, scores and decisions of the same rows. NaN stands for what is not there. Columns of slices that
/// overlap share their rows and differ in their weights.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// The label: 1 is positive, 0 negative; of a regression the number itself.
    pub label: Arc<Vec<f64>>,
    /// The score; of a regression the predicted number.
    pub score: Arc<Vec<f64>>,
    /// The score from which a decision is positive.
    pub threshold: f64,
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
    /// Its rows.
    pub fn len(&self) -> usize {
        self.score.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.score.is_empty()
    }

    /// The decision of a row; `None` where there is no score.
    #[inline]
    pub fn said(&self, row: usize) -> Option<bool> {
        let score = self.score[row];
        (!score.is_nan()).then_some(score >= self.threshold)
    }

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

/// The rows of a column with label, score and a weight above 0, in the order of their scores.
#[derive(Debug, Clone, Default)]
pub struct Sorted {
    /// Their places in the column; `None` where they are all its rows as they stand there.
    places: Option<Vec<u32>>,
    /// Their labels.
    pub label: Arc<Vec<f64>>,
    /// Their scores.
    pub score: Arc<Vec<f64>>,
    /// Their weights.
    pub weight: Arc<Vec<f64>>,
    /// How many rows the column has.
    all: usize,
    bins: OnceLock<Vec<Bin>>,
}

impl Sorted {
    /// Those of a column.
    pub fn new(column: &Column) -> Sorted {
        let (all, bins) = (column.len(), OnceLock::new());
        if column.known().eq(0..all) {
            let (label, score, weight) = (column.label.clone(), column.score.clone(), column.weight.clone());
            return Sorted { places: None, label, score, weight, all, bins };
        }
        let places: Vec<u32> = column.known().map(|row| row as u32).collect();
        let of = |numbers: &[f64]| Arc::new(places.iter().map(|&row| numbers[row as usize]).collect());
        let alike = places.len() == all && column.weight.iter().all(|weight| *weight == column.weight[0]);
        let weight = if alike { column.weight.clone() } else { of(&column.weight) };
        let (label, score) = (of(&column.label), of(&column.score));
        Sorted { places: Some(places), label, score, weight, all, bins }
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.score.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.score.is_empty()
    }

    /// A number for every row of the column from one for each of these; `empty` elsewhere.
    pub fn scattered<T: Copy>(&self, numbers: impl Iterator<Item = T>, empty: T) -> Vec<T> {
        let Some(places) = &self.places else { return numbers.collect() };
        let mut all = vec![empty; self.all];
        places.iter().zip(numbers).for_each(|(&row, number)| all[row as usize] = number);
        all
    }

    /// Bins of about equally many rows; equal scores stay together in the bin of the first of them.
    pub(super) fn bins(&self) -> &[Bin] {
        self.bins.get_or_init(|| self.binned())
    }

    fn binned(&self) -> Vec<Bin> {
        let count = (self.len() / BIN_ROWS).clamp(1, BINS);
        let mut bins: Vec<(usize, Bin)> = Vec::new();
        let mut seen = 0;
        for tie in self.score.chunk_by(|a, b| a == b) {
            let place = seen * count / self.len();
            if bins.last().is_none_or(|(last, _)| *last != place) {
                bins.push((place, Bin::default()));
            }
            let rows = seen..seen + tie.len();
            if let Some((_, bin)) = bins.last_mut() {
                rows.for_each(|row| bin.add(self.weight[row], self.score[row], self.label[row]));
            }
            seen += tie.len();
        }
        let mean = |bin: Bin| Bin { score: bin.score / bin.weight, label: bin.label / bin.weight, ..bin };
        bins.into_iter().map(|(_, bin)| mean(bin)).collect()
    }
}

/// Bins of equal rows in a calibration error, and the rows that one needs at least.
const BINS: usize = 15;
const BIN_ROWS: usize = 20;

/// One bin of scores: weight, mean score and mean label.
#[derive(Debug, Clone, Default)]
pub(super) struct Bin {
    pub rows: usize,
    pub weight: f64,
    pub score: f64,
    pub label: f64,
}

impl Bin {
    fn add(&mut self, weight: f64, score: f64, label: f64) {
        self.rows += 1;
        self.weight += weight;
        self.score += weight * score;
        self.label += weight * label;
    }
}
