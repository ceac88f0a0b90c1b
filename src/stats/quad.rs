//! The Quad: base and tuned of slice and reference, four estimates and their correlation.
//!
//! Every contrast a·D_T − k·D_B of the two gaps has the interval e ∓ √(d′ C d), where d holds the
//! distances from each estimate to its limit on the side that applies (Zou & Donner 2008, "MOVER";
//! with Wilson limits and Newcombe's phi this is statistics.md 2.2 to the digit). Verdicts,
//! p-values and checks read only Quads.

use super::{Interval, Paired, wilson};

/// Weights (a, k) of the contrast a·D_T − k·D_B. The gap of the base is (0, −1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// Weight of the tuned gap.
    pub a: f64,
    /// Weight of the base gap, subtracted.
    pub k: f64,
}

impl Contrast {
    /// The base's gap D_B.
    pub const BASE: Contrast = Contrast { a: 0.0, k: -1.0 };
    /// The tuned gap D_T.
    pub const TUNED: Contrast = Contrast { a: 1.0, k: 0.0 };
    /// The change D_T − D_B.
    pub const CHANGE: Contrast = Contrast { a: 1.0, k: 1.0 };
    /// The sum D_T + D_B, for growth of |gap| where the sign may differ.
    pub const SUM: Contrast = Contrast { a: 1.0, k: -1.0 };
}

/// One rate: events over rows, with Wilson's limits.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Marginal {
    events: f64,
    rows: f64,
}

impl Marginal {
    fn value(&self) -> f64 {
        self.events / self.rows
    }

    fn at(&self, z: f64) -> Interval {
        wilson(self.events, self.rows, z)
    }
}

/// Base and tuned, of slice and reference: four rates with the correlation of the two models'
/// estimates inside each group. Slice and reference are disjoint rows, so independent.
#[derive(Debug, Clone, PartialEq)]
pub struct Quad {
    base: [Marginal; 2],
    tuned: [Marginal; 2],
    correlation: [f64; 2],
}

/// Distance between two points of the z grid on which intervals are made to nest.
const STEP: f64 = 0.125;

impl Quad {
    /// From the joint counts of slice and reference; `None` when a condition has no rows.
    pub fn new(slice: &Paired, reference: &Paired) -> Option<Quad> {
        let groups = [slice, reference];
        if groups.iter().any(|group| group.support() == 0) {
            return None;
        }
        Some(Quad {
            base: groups.map(|group| marginal(group.base())),
            tuned: groups.map(|group| marginal(group.tuned())),
            correlation: groups.map(Paired::correlation),
        })
    }

    /// The base's rates of slice and reference.
    pub fn base(&self) -> [f64; 2] {
        self.base.map(|m| m.value())
    }

    /// The tuned model's rates of slice and reference.
    pub fn tuned(&self) -> [f64; 2] {
        self.tuned.map(|m| m.value())
    }

    /// (D_B, D_T), the two gaps.
    pub fn gaps(&self) -> (f64, f64) {
        let ([bs, br], [ts, tr]) = (self.base(), self.tuned());
        (bs - br, ts - tr)
    }

    /// The point value of a contrast.
    pub fn value(&self, contrast: Contrast) -> f64 {
        self.group_value(0, contrast) - self.group_value(1, contrast)
    }

    fn group_value(&self, group: usize, c: Contrast) -> f64 {
        c.a * self.tuned[group].value() - c.k * self.base[group].value()
    }

    /// The interval of a contrast at quantile `z`, widened to contain those at smaller `z`.
    pub fn interval(&self, contrast: Contrast, z: f64) -> Interval {
        self.curve(contrast).at(self, z)
    }

    /// The contrast with its envelope over the z grid, for many evaluations.
    pub fn curve(&self, contrast: Contrast) -> Curve {
        Curve { contrast, value: self.value(contrast), below: Vec::new(), above: Vec::new() }
    }

    /// The interval of the slice's own change (or of any contrast within one group, 0 = slice).
    pub fn within(&self, group: usize, contrast: Contrast, z: f64) -> Interval {
        let value = self.group_value(group, contrast);
        let [below, above] = self.group_widths(group, contrast, z).map(f64::sqrt);
        Interval { low: value - below, high: value + above }
    }

    /// Squared distances to the lower and upper limit of one group's a·T − k·B.
    fn group_widths(&self, group: usize, c: Contrast, z: f64) -> [f64; 2] {
        let (base, tuned) = (self.base[group], self.tuned[group]);
        let (b, t) = (base.at(z), tuned.at(z));
        let r = self.correlation[group];
        let toward = |weight: f64, value: f64, span: Interval| {
            // The limit of weight·value on its lower and upper side.
            let (down, up) = (value - span.low, span.high - value);
            if weight >= 0.0 { [weight * down, weight * up] } else { [weight * up, weight * down] }
        };
        let [tl, tu] = toward(c.a, tuned.value(), t);
        let [bl, bu] = toward(-c.k, base.value(), b);
        [square_and_add(tl, bl, r), square_and_add(tu, bu, r)]
    }

    /// Distances from the value to the lower and upper limit at `z`, without the envelope.
    fn widths(&self, contrast: Contrast, z: f64) -> [f64; 2] {
        let slice = self.group_widths(0, contrast, z);
        let [down, up] = self.group_widths(1, contrast, z);
        [(slice[0] + up).sqrt(), (slice[1] + down).sqrt()]
    }
}

/// d′Cd for two components: p² + q² + 2 r p q, with q already signed by its weight.
fn square_and_add(p: f64, q: f64, r: f64) -> f64 {
    (p * p + q * q + 2.0 * r * (p * q)).max(0.0)
}

fn marginal((events, rows): (u64, u64)) -> Marginal {
    Marginal { events: events as f64, rows: rows as f64 }
}

/// A contrast of one Quad with the running maximum of its widths over a z grid, so that a larger
/// z never gives a narrower interval and p-values by bisection are well defined.
#[derive(Debug, Clone)]
pub struct Curve {
    contrast: Contrast,
    value: f64,
    below: Vec<f64>,
    above: Vec<f64>,
}

impl Curve {
    /// The interval at quantile `z` of the contrast of `quad`, the Quad it was made from.
    pub fn at(&mut self, quad: &Quad, z: f64) -> Interval {
        let steps = (z / STEP).floor() as usize;
        self.extend_to(quad, steps);
        let [below, above] = quad.widths(self.contrast, z);
        Interval {
            low: self.value - below.max(self.below[steps]),
            high: self.value + above.max(self.above[steps]),
        }
    }

    fn extend_to(&mut self, quad: &Quad, steps: usize) {
        while self.below.len() <= steps {
            let z = self.below.len() as f64 * STEP;
            let [below, above] = quad.widths(self.contrast, z);
            self.below.push(below.max(self.below.last().copied().unwrap_or(0.0)));
            self.above.push(above.max(self.above.last().copied().unwrap_or(0.0)));
        }
    }
}
