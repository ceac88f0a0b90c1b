//! How well a linear model of an embedding can explain classes, without fitting one.

use super::Undefined;
use super::folds::{Ordered, Rows};
use super::spectrum::eigenvalues;
use crate::stats::matrix::{add_gram, mirrored};
use ndarray::{Array1, Array2, ArrayView1, Axis};
use std::f64::consts::PI;

/// Rounds of the fixed point at most.
const ROUNDS: usize = 1000;
/// The fixed point is reached where the ratio of the precisions moves by less than this share.
const STILL: f64 = 1e-12;
/// Keeps precisions finite where weights, or what they leave unexplained, vanish.
const FLOOR: f64 = 1e-5;
/// Rows of a block.
const BLOCK: usize = 512;

/// LogME (You et al. 2021): the logarithm of the largest evidence of a Bayesian linear regression of each class's
/// indicator on the embedding as it is, by row, in the mean over the classes. Greater is better; it has no zero.
///
/// The precisions α of weights and β of noise are those of the fixed point, with the same floor of 1e-5 under
/// |m|² and the residual as in the authors' program; every eigenvalue counts, those that are 0 too.
pub fn logme(rows: &Rows) -> Result<f64, Undefined> {
    let ordered = Ordered::new(rows, 4)?;
    let width = rows.embedding.ncols();
    let (mut gram, mut products) = (Array2::zeros((width, width)), Array2::zeros((width, ordered.kinds.len())));
    let mut counts = vec![0.0; ordered.kinds.len()];
    for (order, classes) in ordered.order.chunks(BLOCK).zip(ordered.classes.chunks(BLOCK)) {
        let places: Vec<usize> = order.iter().map(|row| *row as usize).collect();
        let block = rows.embedding.select(Axis(0), &places).mapv(f64::from);
        add_gram(&mut gram, block.view());
        for (row, class) in block.rows().into_iter().zip(classes) {
            let mut own = products.column_mut(*class);
            own += &row;
            counts[*class] += 1.0;
        }
    }
    let values: Array1<f64> =
        eigenvalues(mirrored(gram), &mut products).into_iter().map(|value| value.max(0.0)).collect();
    let n = ordered.order.len() as f64;
    let evidence = |(own, count): (ArrayView1<f64>, &f64)| {
        // No more of |y|² lies in a direction than there is; rounding beside a far larger eigenvalue may say so.
        let most = values.mapv(|value| (value * count).sqrt());
        let own: Array1<f64> = own.iter().zip(&most).map(|(own, most)| own.clamp(-most, *most)).collect();
        evidence(&values, own.view(), *count, n)
    };
    let mean = products.columns().into_iter().zip(&counts).map(evidence).sum::<f64>() / counts.len() as f64;
    if mean.is_finite() { Ok(mean) } else { Err(Undefined::NotFinite) }
}

/// The largest log evidence by row. `products` are X'y in the basis of the eigenvectors of X'X, `total` is |y|².
fn evidence(values: &Array1<f64>, products: ArrayView1<f64>, total: f64, n: f64) -> f64 {
    let (mut alpha, mut beta) = (1.0, 1.0);
    for _ in 0..ROUNDS {
        let ratio: f64 = alpha / beta;
        let known = Known::new(values, products, total, ratio);
        let effective: f64 = values.iter().map(|value| value / (value + ratio)).sum();
        alpha = effective / (known.weights + FLOOR);
        beta = (n - effective) / (known.residual + FLOOR);
        if (alpha / beta - ratio).abs() <= STILL * ratio {
            break;
        }
    }
    let known = Known::new(values, products, total, alpha / beta);
    let volume: f64 = values.iter().map(|value| (alpha + beta * value).ln() - alpha.ln()).sum();
    (n * (beta / (2.0 * PI)).ln() - volume - beta * known.residual - alpha * known.weights) / (2.0 * n)
}

/// Under a ratio of the precisions: |m|² of the weights' mean, and |y − Xm|².
struct Known {
    weights: f64,
    residual: f64,
}

impl Known {
    fn new(values: &Array1<f64>, products: ArrayView1<f64>, total: f64, ratio: f64) -> Known {
        let mean = |(value, product): (&f64, &f64)| product / (value + ratio);
        let weights = values.iter().zip(&products).map(|both| mean(both).powi(2)).sum();
        let explained = |both: (&f64, &f64)| mean(both) * (2.0 * both.1 - both.0 * mean(both));
        let explained: f64 = values.iter().zip(&products).map(explained).sum();
        Known { weights, residual: (total - explained).max(0.0) }
    }
}
