//! The joint counts of one event under two models, on the same rows of one group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rows of one group, by what the metric's event was for base and tuned.
///
/// A metric is a rate P(event | condition). Where the condition does not depend on the model (the
/// usual case) every row is in `both`; a row inside only one model's condition (each model has its
/// own label, or the condition is a decision) is in `base_only` or `tuned_only`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Paired {
    /// `both[b][t]`: rows inside both conditions with event `b` for base and `t` for tuned.
    pub both: [[u64; 2]; 2],
    /// `base_only[b]`: rows inside the base's condition alone.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub base_only: [u64; 2],
    /// `tuned_only[t]`: rows inside the tuned model's condition alone.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tuned_only: [u64; 2],
}

fn is_zero(counts: &[u64; 2]) -> bool {
    *counts == [0, 0]
}

impl Paired {
    /// Counts one joint state `n` times; `None` is outside that model's condition.
    pub fn add(&mut self, base: Option<bool>, tuned: Option<bool>, n: u64) {
        match (base, tuned) {
            (Some(b), Some(t)) => self.both[usize::from(b)][usize::from(t)] += n,
            (Some(b), None) => self.base_only[usize::from(b)] += n,
            (None, Some(t)) => self.tuned_only[usize::from(t)] += n,
            (None, None) => {}
        }
    }

    /// The base's (events, rows in its condition).
    pub fn base(&self) -> (u64, u64) {
        let [[a, b], [c, d]] = self.both;
        let events = c + d + self.base_only[1];
        (events, a + b + events + self.base_only[0])
    }

    /// The tuned model's (events, rows in its condition).
    pub fn tuned(&self) -> (u64, u64) {
        let [[a, b], [c, d]] = self.both;
        let events = b + d + self.tuned_only[1];
        (events, a + c + events + self.tuned_only[0])
    }

    /// The smaller of the two conditions' rows.
    pub fn support(&self) -> u64 {
        self.base().1.min(self.tuned().1)
    }

    /// True when both models have the same condition on every row.
    pub fn same_condition(&self) -> bool {
        self.base_only == [0, 0] && self.tuned_only == [0, 0]
    }

    /// The four joint cells (b,t) = 00, 01, 10, 11.
    pub fn cells(&self) -> [u64; 4] {
        let [[a, b], [c, d]] = self.both;
        [a, b, c, d]
    }

    /// The same rows with base and tuned exchanged.
    pub fn swapped(&self) -> Paired {
        let [[a, b], [c, d]] = self.both;
        Paired { both: [[a, c], [b, d]], base_only: self.tuned_only, tuned_only: self.base_only }
    }

    /// About `factor` times as many rows in every cell, for planning sizes.
    pub fn scaled(&self, factor: f64) -> Paired {
        let times = |n: u64| (n as f64 * factor).round() as u64;
        Paired {
            both: self.both.map(|row| row.map(times)),
            base_only: self.base_only.map(times),
            tuned_only: self.tuned_only.map(times),
        }
    }

    /// Correlation of the two rates' estimates over these rows.
    ///
    /// With one condition: Newcombe's (1998b) corrected phi. With two: the covariance of the two
    /// influence functions over the rows in both, divided by the standard errors (statistics.md 2.8).
    pub fn correlation(&self) -> f64 {
        if self.same_condition() { self.corrected_phi() } else { self.influence_correlation() }
    }

    fn corrected_phi(&self) -> f64 {
        let [a, b, c, d] = self.cells().map(|n| n as f64);
        // Grouped so that exchanging base and tuned gives the same bits.
        let margins = ((a + b) * (c + d)) * ((a + c) * (b + d));
        if margins == 0.0 {
            return 0.0;
        }
        let n = a + b + c + d;
        let m = d * a - c * b;
        let corrected = if m > n / 2.0 { m - n / 2.0 } else { m.min(0.0) };
        corrected / margins.sqrt()
    }

    fn influence_correlation(&self) -> f64 {
        let (rate_b, rate_t) = (share(self.base()), share(self.tuned()));
        let (Some((p, n)), Some((q, m))) = (rate_b, rate_t) else { return 0.0 };
        // Grouped so that exchanging base and tuned gives the same bits.
        let spread = ((p * (1.0 - p) / n) * (q * (1.0 - q) / m)).sqrt();
        if spread == 0.0 {
            return 0.0;
        }
        let term = |b: usize, t: usize| self.both[b][t] as f64 * ((b as f64 - p) * (t as f64 - q));
        let sum = (term(0, 0) + term(1, 1)) + (term(0, 1) + term(1, 0));
        (sum / (n * m) / spread).clamp(-1.0, 1.0)
    }
}

fn share((events, rows): (u64, u64)) -> Option<(f64, f64)> {
    (rows > 0).then(|| (events as f64 / rows as f64, rows as f64))
}
