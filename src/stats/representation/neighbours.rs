//! Which rows are near each other in two embeddings.

use super::Undefined;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

/// Rows whose distances to all are found at once.
const BLOCK: usize = 256;
/// Of the largest squared distance to the middle: what rounding may do to a distance found by products.
const ROUNDING: f64 = 1e-12;

/// How many of its `k` nearest rows a row has in common in both embeddings, as a share, in the mean over all rows
/// (mutual nearest neighbours; Huh et al. 2024). Distances are Euclidean; of rows equally far the first counts.
///
/// Of embeddings without anything in common it is k / (n − 1). With k + 1 rows or fewer every row is near.
pub fn mutual_neighbours(x: ArrayView2<f32>, y: ArrayView2<f32>, k: usize) -> Result<f64, Undefined> {
    super::sound(x, y.nrows(), k + 2)?;
    super::sound(y, x.nrows(), k + 2)?;
    let (x, y) = (Side::new(x), Side::new(y));
    let starts: Vec<usize> = (0..x.rows.nrows()).step_by(BLOCK).collect();
    let shared = |start: &usize| -> usize {
        let near = [&x, &y].map(|side| side.near(*start, k));
        let pairs = near[0].iter().zip(&near[1]);
        pairs.map(|(a, b)| a.iter().filter(|row| b.contains(row)).count()).sum()
    };
    let shared: usize = starts.par_iter().map(shared).sum();
    Ok(shared as f64 / (k * x.rows.nrows()) as f64)
}

/// An embedding as it came, and about its middle.
struct Side<'a> {
    rows: ArrayView2<'a, f32>,
    centred: Array2<f64>,
    squares: Array1<f64>,
    slack: f64,
}

impl<'a> Side<'a> {
    fn new(rows: ArrayView2<'a, f32>) -> Side<'a> {
        let mut centred = rows.mapv(f64::from);
        let middle = centred.sum_axis(Axis(0)) / rows.nrows().max(1) as f64;
        centred -= &middle;
        let squares = centred.map_axis(Axis(1), |row| row.dot(&row));
        let slack = ROUNDING * squares.iter().copied().fold(0.0, f64::max);
        Side { rows, centred, squares, slack }
    }

    /// The nearest `k` rows of every row of a block.
    fn near(&self, start: usize, k: usize) -> Vec<Vec<usize>> {
        let end = (start + BLOCK).min(self.rows.nrows());
        let products = self.centred.slice(s![start..end, ..]).dot(&self.centred.t());
        let of = |(at, products): (usize, ArrayView1<f64>)| {
            // Less the row's own square, which is the same for all.
            let mut found = &self.squares - &(&products * 2.0);
            found[start + at] = f64::INFINITY;
            self.nearest(start + at, &found, k)
        };
        products.rows().into_iter().enumerate().map(of).collect()
    }

    /// The nearest `k` of rows whose distances are known up to rounding: those that may be among them are measured.
    fn nearest(&self, row: usize, found: &Array1<f64>, k: usize) -> Vec<usize> {
        let mut sorted = found.to_vec();
        let (_, limit, _) = sorted.select_nth_unstable_by(k - 1, f64::total_cmp);
        let limit = *limit + self.slack;
        let candidates = found.iter().enumerate().filter(|(_, found)| **found <= limit).map(|(other, _)| other);
        let mut measured: Vec<(f64, usize)> = candidates.map(|other| (self.distance(row, other), other)).collect();
        measured.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        measured.into_iter().take(k).map(|(_, other)| other).collect()
    }

    fn distance(&self, row: usize, other: usize) -> f64 {
        let of = |(a, b): (&f32, &f32)| (f64::from(*a) - f64::from(*b)).powi(2);
        self.rows.row(row).iter().zip(self.rows.row(other)).map(of).sum()
    }
}
