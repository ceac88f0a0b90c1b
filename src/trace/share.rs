//! The inherited share (statistics.md section 3): how much of the tuned gap runs along the base's
//! own decisions, with its extended bootstrap interval.
//!
//! It is an association: descendants that relearn the same labels on the same features also score
//! high. Only a control model could say more.

use crate::result::{Basis, Share};
use crate::stats::Paired;
use crate::stats::{Draws, multinomial, percentiles};

const REPLICATES: usize = 1000;

/// The parts of a tuned gap for one pair of tables.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// λ: mean slope of tuned on base decisions inside the groups.
    pub transmission: f64,
    /// I = λ · D_B.
    pub inherited: f64,
    /// U = D_T − I.
    pub introduced: f64,
}

impl Flow {
    /// From the 2×2 tables (cells 00, 01, 10, 11) of slice and reference; `None` where neither
    /// group has both base decisions.
    pub fn of(slice: [u64; 4], reference: [u64; 4]) -> Option<Flow> {
        let transmission = match (slope(slice), slope(reference)) {
            (Some(a), Some(b)) => (a + b) / 2.0,
            (a, b) => a.or(b)?,
        };
        let inherited = transmission * (base_rate(slice)? - base_rate(reference)?);
        let gap = tuned_rate(slice)? - tuned_rate(reference)?;
        Some(Flow { transmission, inherited, introduced: gap - inherited })
    }

    /// |I| / (|I| + |U|) where λ > 0, else 0; `None` where there is no flow at all.
    pub fn share(&self) -> Option<f64> {
        let total = self.inherited.abs() + self.introduced.abs();
        let share = if self.transmission > 0.0 { self.inherited.abs() } else { 0.0 };
        (total > 0.0).then(|| share / total)
    }
}

/// The 2×2 tables of slice and reference, where the metric is a rate with one condition for both models.
pub fn tables(basis: &Basis) -> Option<[[u64; 4]; 2]> {
    let table = |counts: Option<&Paired>| counts.filter(|counts| counts.same_condition()).map(Paired::cells);
    Some([table(basis.slice.counts())?, table(basis.reference.counts())?])
}

/// P(t=1|b=1) − P(t=1|b=0), the slope of tuned on base.
fn slope([n00, n01, n10, n11]: [u64; 4]) -> Option<f64> {
    let (negative, positive) = (n00 + n01, n10 + n11);
    (negative > 0 && positive > 0).then(|| n11 as f64 / positive as f64 - n01 as f64 / negative as f64)
}

fn base_rate([n00, n01, n10, n11]: [u64; 4]) -> Option<f64> {
    let n = n00 + n01 + n10 + n11;
    (n > 0).then(|| (n10 + n11) as f64 / n as f64)
}

fn tuned_rate([n00, n01, n10, n11]: [u64; 4]) -> Option<f64> {
    let n = n00 + n01 + n10 + n11;
    (n > 0).then(|| (n01 + n11) as f64 / n as f64)
}

/// The flows of `REPLICATES` multinomial bootstrap draws of both groups.
pub struct Resampled(Vec<Flow>);

impl Resampled {
    /// Draws; replicates without a flow (one base decision only) are left out.
    pub fn new([slice, reference]: [[u64; 4]; 2], draws: &mut Draws) -> Resampled {
        let mut draw = |cells: [u64; 4]| {
            let mut drawn = [0; 4];
            multinomial(&cells, &mut drawn, draws);
            drawn
        };
        Resampled((0..REPLICATES).filter_map(|_| Flow::of(draw(slice), draw(reference))).collect())
    }

    /// Replicates that were drawn elsewhere.
    pub fn of(flows: Vec<Flow>) -> Resampled {
        Resampled(flows)
    }

    /// Percentile interval of a function of the flow.
    pub fn interval(&self, confidence: f64, part: impl Fn(&Flow) -> Option<f64>) -> Option<(f64, f64)> {
        percentiles(self.0.iter().filter_map(part).collect(), confidence)
    }

    /// The share with its interval, extended to 0 or 1 where the flows cannot exclude them
    /// (statistics.md 3.3: the plain percentile interval never covers a share of 1).
    pub fn share(&self, point: &Flow, confidence: f64) -> Option<Share> {
        let value = point.share()?;
        let (low, high) = self.interval(confidence, Flow::share)?;
        let inherited = self.interval(confidence, |flow| Some(flow.inherited))?;
        let introduced = self.interval(confidence, |flow| Some(flow.introduced))?;
        let transmission = self.interval(confidence, |flow| Some(flow.transmission))?;
        let to_zero = contains_zero(inherited) || transmission.0 <= 0.0;
        Some(Share {
            value,
            low: if to_zero { 0.0 } else { low.min(value) },
            high: if contains_zero(introduced) { 1.0 } else { high.max(value) },
        })
    }
}

fn contains_zero((low, high): (f64, f64)) -> bool {
    low <= 0.0 && high >= 0.0
}
