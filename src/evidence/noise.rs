//! The numeric noise of the machine, and the decisions that it could change.

use serde::{Deserialize, Serialize};

/// The largest difference between two scores of one row, rounded up, and how many decisions are nearer to their
/// threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Noise {
    /// No difference was larger.
    pub at_most: f64,
    /// Decisions of base and tuned that are nearer to the threshold; 0 where points are kept, which tell it later.
    pub near: [u64; 2],
}

impl Noise {
    /// Whether a score is as near to the threshold as the noise.
    #[inline]
    pub fn reaches(&self, score: f64, threshold: f64) -> bool {
        (score - threshold).abs() <= self.at_most
    }

    /// Of two parts; of one where the other has none.
    pub fn merged(a: Option<Noise>, b: Option<Noise>) -> Option<Noise> {
        let (Some(one), Some(two)) = (a, b) else { return a.or(b) };
        let near = [one.near[0] + two.near[0], one.near[1] + two.near[1]];
        Some(Noise { at_most: one.at_most.max(two.at_most), near })
    }
}
