//! The decisions that numeric noise could change.

use crate::result::Noise;
use crate::settle::Settled;

/// The noise of the run with the decisions that are as near to their threshold, by the thresholds that were settled.
pub fn noise(settled: &Settled) -> Option<Noise> {
    let noise = settled.evidence.noise?;
    let near = |side: usize| {
        let threshold = settled.thresholds[side]?;
        Some(match &settled.evidence.points {
            Some(points) => points.rows.iter().filter(|row| noise.reaches(row.score[side], threshold)).count() as u64,
            None => noise.near[side],
        })
    };
    Some(Noise { at_most: noise.at_most, base: near(0), tuned: near(1) })
}
