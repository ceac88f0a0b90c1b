//! Decisions at other thresholds: scores are counted between thresholds once, and added up from above. Rows count once
//! each, whatever they weigh.

use super::rows::ByRows;
use super::singles::Singles;
use super::{Declared, Slices};
use crate::config::Audit;
use crate::evidence::Point;
use crate::result::{Curve, Subject, Sweep};
use crate::tasks::Task;

/// Slices at most, so that a result stays small; the first in the order shown.
const MOST_SLICES: usize = 100;
/// Steps between the lowest and the highest threshold.
const STEPS: usize = 100;

const MODELS: [(usize, Subject); 2] = [(0, Subject::Base), (1, Subject::Tuned)];

/// The sweep; empty unless it is asked for.
pub(super) fn sweep(audit: &Audit, declared: &Declared, slices: &Slices, by_rows: Option<&ByRows>) -> Sweep {
    let asked = audit.stats.sweep && declared.task == Task::Binary;
    let Some(sample) = by_rows.map(ByRows::sample).filter(|_| asked) else { return Sweep::default() };
    let points = sample.rows();
    let models: Vec<(usize, Subject)> = MODELS.into_iter().filter(|(side, _)| declared.gives_scores[*side]).collect();
    let thresholds = thresholds(points, &models);
    let singles = Singles::of(slices, MOST_SLICES);
    let places: Vec<Vec<usize>> = (0..sample.kinds() as u32).map(|kind| singles.places(kind)).collect();
    let mut curves = Vec::new();
    for (side, model) in models {
        let mut bins = vec![vec![[0; 3]; thresholds.len() + 1]; singles.names.len()];
        for point in points.iter().filter(|point| !point.score[side].is_nan()) {
            let at = thresholds.partition_point(|threshold| *threshold <= point.score[side]);
            places[point.kind as usize].iter().for_each(|&slice| bins[slice][at][place(point, side)] += 1);
        }
        curves.extend(singles.names.iter().zip(&bins).map(|(name, bins)| curve(name, model, bins)));
    }
    Sweep { thresholds, curves }
}

/// Of a positive label, a negative one, or none.
fn place(point: &Point, side: usize) -> usize {
    match point.label[side] {
        label if label.is_nan() => 2,
        label => usize::from(label != 1.0),
    }
}

/// Bin k holds the rows at or above k of the thresholds and below the next.
fn curve(name: &str, model: Subject, bins: &[[u64; 3]]) -> Curve {
    let rows = [0, 1, 2].map(|place| bins.iter().map(|bin| bin[place]).sum());
    let above = |place: usize| {
        let mut sums: Vec<u64> = bins
            .iter()
            .skip(1)
            .rev()
            .scan(0, |sum, bin| {
                *sum += bin[place];
                Some(*sum)
            })
            .collect();
        sums.reverse();
        sums
    };
    let unlabeled = if rows[2] > 0 { above(2) } else { Vec::new() };
    Curve { slice: name.into(), model, rows, true_positives: above(0), false_positives: above(1), unlabeled }
}

fn thresholds(points: &[Point], models: &[(usize, Subject)]) -> Vec<f64> {
    let scores = || models.iter().flat_map(|(side, _)| points.iter().map(|point| point.score[*side]));
    let known = || scores().filter(|score| !score.is_nan());
    if known().all(|score| (0.0..=1.0).contains(&score)) {
        return (0..=STEPS).map(|step| step as f64 / STEPS as f64).collect();
    }
    let mut sorted: Vec<f64> = known().collect();
    sorted.sort_by(f64::total_cmp);
    let mut found: Vec<f64> = (0..=STEPS).map(|step| sorted[step * (sorted.len() - 1) / STEPS]).collect();
    found.dedup();
    found
}
