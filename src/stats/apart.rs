//! How well a linear classifier tells two samples apart, row by row that it has not seen.

use super::matrix::Factored;
use ndarray::{Array1, Array2};
use rayon::prelude::*;

/// Parts of either sample; a row is judged by the classifier that learned from the other parts.
const FOLDS: usize = 5;
/// Weight of the penalty Σ β² / 2 against one row's log-likelihood.
const PENALTY: f64 = 1.0;
/// Newton steps at most.
const STEPS: usize = 30;

/// Wrongly judged rows and all rows of either sample, `[[wrong, all]; 2]`, by 5-fold cross-fitted logistic
/// regression with a small ridge, both samples weighing the same. `samples[s][f]` holds feature f of every row;
/// NaN counts as the mean.
///
/// The proxy A-distance (Ben-David et al. 2007) is 2(1 − 2 err) of the mean of the two error rates.
pub fn apart(samples: &[Vec<Vec<f64>>; 2]) -> [[u64; 2]; 2] {
    let rows = samples.each_ref().map(|sample| rows(sample));
    let judged: Vec<[[u64; 2]; 2]> = (0..FOLDS).into_par_iter().map(|fold| judge(&rows, fold)).collect();
    let sum = |side: usize, at: usize| judged.iter().map(|one| one[side][at]).sum();
    [0, 1].map(|side| [sum(side, 0), sum(side, 1)])
}

/// Row by row, in an order that does not depend on that of the files.
fn rows(sample: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let count = sample.first().map_or(0, Vec::len);
    let mut rows: Vec<Vec<f64>> = (0..count).map(|row| sample.iter().map(|feature| feature[row]).collect()).collect();
    let order = |a: &Vec<f64>, b: &Vec<f64>| {
        let pairs = a.iter().zip(b).map(|(x, y)| x.total_cmp(y));
        pairs.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    };
    rows.sort_by(order);
    rows
}

fn judge(rows: &[Vec<Vec<f64>>; 2], fold: usize) -> [[u64; 2]; 2] {
    let learns = |at: &usize| at % FOLDS != fold;
    let of = |side: usize, learning: bool| {
        (0..rows[side].len()).filter(move |at| learns(at) == learning).map(move |at| &rows[side][at])
    };
    let counts = [0, 1].map(|side| of(side, true).count() as f64);
    if counts.contains(&0.0) {
        return [[0; 2]; 2];
    }
    let scaling = Scaling::new(of(0, true).chain(of(1, true)));
    let learned: Vec<Learned> = [0, 1]
        .into_iter()
        .flat_map(|side| of(side, true).map(move |row| (side, row)))
        .map(|(side, row)| Learned {
            row: scaling.scaled(row),
            second: side == 1,
            weight: (counts[0] + counts[1]) / (2.0 * counts[side]),
        })
        .collect();
    let beta = fitted(&learned, scaling.features() + 1);
    [0, 1].map(|side| {
        let wrong = of(side, false).filter(|row| (dot(&beta, &scaling.scaled(row)) >= 0.0) != (side == 1));
        [wrong.count() as u64, of(side, false).count() as u64]
    })
}

/// Means and standard deviations of the features.
struct Scaling(Vec<(f64, f64)>);

impl Scaling {
    fn new<'a>(rows: impl Iterator<Item = &'a Vec<f64>> + Clone) -> Scaling {
        let features = rows.clone().next().map_or(0, Vec::len);
        let of = |feature: usize| {
            let known = || rows.clone().map(move |row| row[feature]).filter(|x| x.is_finite());
            let n = (known().count() as f64).max(1.0);
            let mean = known().sum::<f64>() / n;
            let deviation = (known().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
            (mean, if deviation > 0.0 { deviation } else { 1.0 })
        };
        Scaling((0..features).map(of).collect())
    }

    fn features(&self) -> usize {
        self.0.len()
    }

    /// With a 1 for the intercept in front; what is missing or infinite is the mean.
    fn scaled(&self, row: &[f64]) -> Vec<f64> {
        let one =
            |(x, (mean, deviation)): (&f64, &(f64, f64))| if x.is_finite() { (x - mean) / deviation } else { 0.0 };
        std::iter::once(1.0).chain(row.iter().zip(&self.0).map(one)).collect()
    }
}

/// A row to learn from, scaled.
struct Learned {
    row: Vec<f64>,
    second: bool,
    weight: f64,
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Newton's method on the penalized log-likelihood, which is concave; a step that does not raise it is halved.
fn fitted(learned: &[Learned], size: usize) -> Vec<f64> {
    let mut beta = vec![0.0; size];
    let mut now = likelihood(learned, &beta);
    for _ in 0..STEPS {
        let (gradient, curvature) = derivatives(learned, &beta);
        let Some(step) = Factored::new(curvature).map(|curvature| curvature.solved(gradient.view())) else { break };
        let moved = |factor: f64| beta.iter().zip(&step).map(|(b, s)| b + factor * s).collect::<Vec<f64>>();
        let tried = (0..20).map(|halvings| moved(0.5_f64.powi(halvings)));
        let better = tried.map(|beta| (likelihood(learned, &beta), beta)).find(|(value, _)| *value > now);
        let Some((value, next)) = better else { break };
        let gain = value - now;
        (now, beta) = (value, next);
        if gain < 1e-9 * now.abs() {
            break;
        }
    }
    beta
}

fn penalty(beta: &[f64]) -> f64 {
    PENALTY * beta.iter().skip(1).map(|b| b * b).sum::<f64>() / 2.0
}

fn likelihood(learned: &[Learned], beta: &[f64]) -> f64 {
    let of = |one: &Learned| {
        let at = dot(beta, &one.row);
        // −ln(1 + e^−m), without overflow.
        let margin = if one.second { at } else { -at };
        one.weight * (margin.min(0.0) - (-margin.abs()).exp().ln_1p())
    };
    learned.iter().map(of).sum::<f64>() - penalty(beta)
}

/// The gradient, and the curvature in its lower half.
fn derivatives(learned: &[Learned], beta: &[f64]) -> (Array1<f64>, Array2<f64>) {
    let size = beta.len();
    let own = |at: usize| if at == 0 { 0.0 } else { PENALTY };
    let mut gradient: Array1<f64> = (0..size).map(|at| -own(at) * beta[at]).collect();
    let mut curvature = Array2::from_diag(&(0..size).map(|at| own(at) + 1e-9).collect::<Array1<f64>>());
    for one in learned {
        let p = 1.0 / (1.0 + (-dot(beta, &one.row)).exp());
        let (missed, weight) = (one.weight * (f64::from(u8::from(one.second)) - p), one.weight * p * (1.0 - p));
        for i in 0..size {
            gradient[i] += missed * one.row[i];
            let scaled = weight * one.row[i];
            (0..=i).for_each(|j| curvature[[i, j]] += scaled * one.row[j]);
        }
    }
    (gradient, curvature)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(i: usize, salt: u64) -> f64 {
        (((i as u64 + 1) * (salt * 2 + 7919)).wrapping_mul(2_654_435_761) % 10_007) as f64 / 10_007.0
    }

    fn sample(rows: usize, salt: u64, shift: f64) -> Vec<Vec<f64>> {
        (0..3).map(|f| (0..rows).map(|i| noise(i, salt + f) + if f == 0 { shift } else { 0.0 }).collect()).collect()
    }

    #[test]
    fn samples_of_one_kind_are_told_apart_by_chance_alone() {
        let [[wrong, all], [other, rest]] = apart(&[sample(3000, 1, 0.0), sample(1000, 11, 0.0)]);
        assert_eq!((all, rest), (3000, 1000));
        let error = (wrong as f64 / 3000.0 + other as f64 / 1000.0) / 2.0;
        assert!((error - 0.5).abs() < 0.03, "{error}");
    }

    #[test]
    fn samples_that_lie_apart_are_told_apart() {
        // A uniform number, moved by a quarter: the best cut errs on 3/8 of either side.
        let [[wrong, all], [other, rest]] = apart(&[sample(3000, 1, 0.0), sample(3000, 11, 0.25)]);
        let error = (wrong as f64 / all as f64 + other as f64 / rest as f64) / 2.0;
        assert!((error - 0.375).abs() < 0.02, "{error}");
        assert_eq!(apart(&[sample(100, 1, 0.0), sample(100, 11, 5.0)]).map(|[wrong, _]| wrong), [0, 0]);
        assert_eq!(apart(&[Vec::new(), Vec::new()]), [[0; 2]; 2]);
    }
}
