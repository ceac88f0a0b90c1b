//! The Quad: base and tuned of slice and reference, four estimates and their correlation.
//!
//! Every contrast a·D_T − k·D_B of the two gaps has the interval e ∓ √(d′ C d), where d holds the
//! distances from each estimate to its limit on the side that applies (Zou & Donner 2008, "MOVER";
//! with Wilson limits and Newcombe's phi this is statistics.md 2.2 to the digit). Verdicts,
//! p-values and checks read only Quads.

use super::{Interval, Marginal, Paired, Twin, mover_ratio, student};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Weights (a, k) of a contrast a·T − k·B, of rates within a group or of gaps between two.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// Weight of the tuned estimate.
    pub a: f64,
    /// Weight of the base estimate, subtracted.
    pub k: f64,
}

impl Contrast {
    /// The base's own, B or D_B.
    pub const BASE: Contrast = Contrast { a: 0.0, k: -1.0 };
    /// The tuned model's own, T or D_T.
    pub const TUNED: Contrast = Contrast { a: 1.0, k: 0.0 };
    /// The change, T − B or D_T − D_B.
    pub const CHANGE: Contrast = Contrast { a: 1.0, k: 1.0 };
    /// The sum D_T + D_B: how |D_T| − |D_B| moves where the signs differ.
    pub const SUM: Contrast = Contrast { a: 1.0, k: -1.0 };
}

/// Base and tuned in one group: two estimates and the correlation of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Duo {
    /// The base's estimate.
    pub base: Marginal,
    /// The tuned model's estimate.
    pub tuned: Marginal,
    /// Correlation of the two estimates over the group's rows.
    pub correlation: f64,
}

impl Duo {
    /// From the joint counts of a rate; `None` when a condition has no rows.
    pub fn new(counts: &Paired) -> Option<Duo> {
        let rate = |(events, rows)| Marginal::rate(events, rows);
        (counts.support() > 0).then(|| Duo {
            base: rate(counts.base()),
            tuned: rate(counts.tuned()),
            correlation: counts.correlation(),
        })
    }

    /// The smaller of the two conditions' rows.
    pub fn support(&self) -> u64 {
        self.base.rows.min(self.tuned.rows)
    }

    /// About what `factor` times as many rows would give, for planning sizes.
    pub fn scaled(&self, factor: f64) -> Duo {
        Duo { base: self.base.scaled(factor), tuned: self.tuned.scaled(factor), ..*self }
    }

    /// The point value of a contrast.
    pub fn value(&self, contrast: Contrast) -> f64 {
        contrast.a * self.tuned.value - contrast.k * self.base.value
    }

    /// The interval of a contrast; for the change of a rate this is Newcombe's (1998b)
    /// paired method 10, for that of a mean the paired t.
    pub fn interval(&self, contrast: Contrast, z: f64) -> Interval {
        let value = self.value(contrast);
        let paired = self.mean_variance(contrast).map(|(variance, freedom)| {
            let half = student::quantile(z, freedom) * variance.sqrt();
            [half, half]
        });
        let [below, above] = paired.unwrap_or_else(|| self.squares(contrast, self.reaches(z)).map(f64::sqrt));
        Interval { low: value - below, high: value + above }
    }

    /// Variances of the base's and the tuned estimate, and their covariance.
    pub fn covariance(&self) -> (f64, f64, f64) {
        let (base, tuned) = (self.base.variance(), self.tuned.variance());
        (base, tuned, self.correlation * (base * tuned).sqrt())
    }

    /// ln(T/B), with its squared distances to the lower and upper limit on the log scale; `None`
    /// where a rate is 0, and infinite distances where a lower limit is.
    fn log_change(&self, z: f64) -> Option<(f64, [f64; 2])> {
        let [t_low, t_high] = self.tuned.log_reach(z)?;
        let [b_low, b_high] = self.base.log_reach(z)?;
        let value = (self.tuned.value / self.base.value).ln();
        Some((value, [self.square_and_add(t_low, -b_high), self.square_and_add(t_high, -b_low)]))
    }

    /// Squared distances from the value to its lower and upper limit: d′Cd on either side.
    fn squares(&self, contrast: Contrast, reaches: Reaches) -> [f64; 2] {
        let [[b_low, b_high], [t_low, t_high]] = weighed(contrast, reaches);
        [self.square_and_add(t_low, b_low), self.square_and_add(t_high, b_high)]
    }

    fn reaches(&self, z: f64) -> Reaches {
        [self.base.reach(z), self.tuned.reach(z)]
    }

    /// Variance and degrees of freedom of a contrast of two means over the same rows.
    fn mean_variance(&self, contrast: Contrast) -> Option<(f64, f64)> {
        let freedom = self.base.freedom()?.min(self.tuned.freedom()?);
        let (base, tuned, both) = self.covariance();
        let Contrast { a, k } = contrast;
        Some(((a * a * tuned + k * k * base - 2.0 * a * k * both).max(0.0), freedom))
    }

    fn square_and_add(&self, p: f64, q: f64) -> f64 {
        if p.is_infinite() || q.is_infinite() {
            return f64::INFINITY;
        }
        (p * p + q * q + 2.0 * self.correlation * (p * q)).max(0.0)
    }
}

/// Distances of base and tuned to their lower and upper limits.
type Reaches = [[f64; 2]; 2];

/// The same, weighed as in the contrast, on either side of it.
fn weighed(contrast: Contrast, [base, tuned]: Reaches) -> Reaches {
    [scaled(-contrast.k, base), scaled(contrast.a, tuned)]
}

/// Reaches of weight·x on its lower and upper side, signed by the weight.
fn scaled(weight: f64, [below, above]: [f64; 2]) -> [f64; 2] {
    // A limit may be infinite, and what is not in the contrast has no part in it all the same.
    if weight == 0.0 {
        return [0.0, 0.0];
    }
    if weight >= 0.0 { [weight * below, weight * above] } else { [weight * above, weight * below] }
}

/// Slice and reference, which share no rows; they are independent unless they share units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quad {
    /// Base and tuned in the slice.
    pub slice: Duo,
    /// Base and tuned in the reference.
    pub reference: Duo,
    /// Correlations of the slice's estimates (base, tuned) with the reference's.
    pub between: [[f64; 2]; 2],
}

impl Quad {
    /// From what is known of slice and reference; `None` when a condition has no rows.
    pub fn new(slice: &Twin, reference: &Twin) -> Option<Quad> {
        Some(Quad { slice: slice.duo()?, reference: reference.duo()?, between: [[0.0; 2]; 2] })
    }

    /// (D_B, D_T), the two gaps.
    pub fn gaps(&self) -> (f64, f64) {
        (self.value(Contrast::BASE), self.value(Contrast::TUNED))
    }

    /// The point value of a contrast of the gaps.
    pub fn value(&self, contrast: Contrast) -> f64 {
        self.slice.value(contrast) - self.reference.value(contrast)
    }

    /// Variances of D_B and D_T, and their covariance, with what slice and reference share.
    pub fn covariance(&self) -> (f64, f64, f64) {
        let (s_base, s_tuned, s_both) = self.slice.covariance();
        let (r_base, r_tuned, r_both) = self.reference.covariance();
        let error = |duo: &Duo| [duo.base.variance().sqrt(), duo.tuned.variance().sqrt()];
        let (slice, reference) = (error(&self.slice), error(&self.reference));
        let shared = |i: usize, j: usize| self.between[i][j] * slice[i] * reference[j];
        let base = (s_base + r_base - 2.0 * shared(0, 0)).max(0.0);
        let tuned = (s_tuned + r_tuned - 2.0 * shared(1, 1)).max(0.0);
        let most = (base * tuned).sqrt();
        (base, tuned, (s_both + r_both - shared(0, 1) - shared(1, 0)).clamp(-most, most))
    }

    /// The interval of a contrast at quantile `z` alone, without the envelope of [`Curves`].
    pub fn plain(&self, contrast: Contrast, z: f64) -> Interval {
        let [interval] = self.several([contrast], z);
        interval
    }

    /// The same of some contrasts.
    pub fn several<const N: usize>(&self, contrasts: [Contrast; N], z: f64) -> [Interval; N] {
        let reaches = self.reach(&contrasts, z);
        std::array::from_fn(|at| self.around(contrasts[at], reaches[at]))
    }

    fn around(&self, contrast: Contrast, [below, above]: [f64; 2]) -> Interval {
        let value = self.value(contrast);
        Interval { low: value - below, high: value + above }
    }

    /// The interval of a contrast at quantile `z`, widened to contain those at smaller `z`.
    pub fn interval(&self, contrast: Contrast, z: f64) -> Interval {
        let [interval] = Curves::new(*self, [contrast]).at(z);
        interval
    }

    /// The ratio of one model's numbers, slice over reference, with its MOVER-R interval: infinite over
    /// zero, where the interval keeps its lower end; `None` of 0 over 0. `base` picks the model.
    pub fn ratio(&self, base: bool, z: f64) -> Option<(f64, Interval)> {
        let pick = |duo: &Duo| if base { duo.base } else { duo.tuned };
        let (p, q) = (pick(&self.slice), pick(&self.reference));
        let interval = mover_ratio(p.value, p.at(z), q.value, q.at(z));
        let defined = q.value > 0.0 || q.value == 0.0 && p.value > 0.0;
        defined.then(|| (p.value / q.value, interval))
    }

    /// The tuned ratio over the base's, on logs; `None` where a rate is 0.
    pub fn ratio_change(&self, z: f64) -> Option<(f64, Interval)> {
        let (s, [s_low, s_high]) = self.slice.log_change(z)?;
        let (r, [r_low, r_high]) = self.reference.log_change(z)?;
        let (value, below, above) = (s - r, (s_low + r_high).sqrt(), (s_high + r_low).sqrt());
        Some((value.exp(), Interval { low: (value - below).exp(), high: (value + above).exp() }))
    }

    /// Distances of some contrasts to their limits; those of the four estimates are looked up once for all.
    fn reach<const N: usize>(&self, contrasts: &[Contrast; N], z: f64) -> [[f64; 2]; N] {
        if self.of_means() {
            return contrasts.map(|contrast| [self.welch(contrast, z).unwrap_or(f64::INFINITY); 2]);
        }
        let reaches = [self.slice.reaches(z), self.reference.reaches(z)];
        contrasts.map(|contrast| self.square_and_add(contrast, reaches))
    }

    fn square_and_add(&self, contrast: Contrast, reaches: [Reaches; 2]) -> [f64; 2] {
        let [s_low, s_high] = self.slice.squares(contrast, reaches[0]);
        let [r_low, r_high] = self.reference.squares(contrast, reaches[1]);
        // Where a limit is infinite, nothing that is shared brings it back.
        let whole = |apart: f64, shared: f64| if apart.is_infinite() { apart } else { (apart + shared).max(0.0) };
        let [low, high] = self.shared(contrast, reaches);
        [whole(s_low + r_high, low).sqrt(), whole(s_high + r_low, high).sqrt()]
    }

    /// What shared units add to the squared distances: 2 Σ ρ d d over pairs of an estimate of the
    /// slice and one of the reference.
    fn shared(&self, contrast: Contrast, reaches: [Reaches; 2]) -> [f64; 2] {
        if self.between == [[0.0; 2]; 2] {
            return [0.0, 0.0];
        }
        let turned = Contrast { a: -contrast.a, k: -contrast.k };
        let (slice, reference) = (weighed(contrast, reaches[0]), weighed(turned, reaches[1]));
        [0, 1].map(|end| {
            let pairs = [0, 1].map(|i| [0, 1].map(|j| self.between[i][j] * slice[i][end] * reference[j][end]));
            2.0 * pairs.as_flattened().iter().sum::<f64>()
        })
    }

    /// What shared units add to the variance of a contrast.
    fn shared_variance(&self, Contrast { a, k }: Contrast) -> f64 {
        let errors = |duo: &Duo| [-k * duo.base.variance().sqrt(), a * duo.tuned.variance().sqrt()];
        let (slice, reference) = (errors(&self.slice), errors(&self.reference));
        let pairs = [0, 1].map(|i| [0, 1].map(|j| self.between[i][j] * slice[i] * reference[j]));
        -2.0 * pairs.as_flattened().iter().sum::<f64>()
    }

    /// Whether all four estimates are means, whose contrasts have Student's limits.
    fn of_means(&self) -> bool {
        [&self.slice, &self.reference].iter().all(|duo| duo.base.freedom().is_some() && duo.tuned.freedom().is_some())
    }

    /// Of means: Welch's (1947) t for the contrast of the two groups' paired differences, with the
    /// Welch–Satterthwaite degrees of freedom (statistics.md 4.5). `None` where the estimates are no means.
    fn welch(&self, contrast: Contrast, z: f64) -> Option<f64> {
        let (s, s_freedom) = self.slice.mean_variance(contrast)?;
        let (r, r_freedom) = self.reference.mean_variance(contrast)?;
        let sum = (s + r + self.shared_variance(contrast)).max(0.0);
        // Halves of the same pairs, or groups of the same units, have no more freedom than the fewer of them.
        let freedom = match self.between == [[0.0; 2]; 2] {
            true => (s + r).powi(2) / (s * s / s_freedom + r * r / r_freedom),
            false => s_freedom.min(r_freedom),
        };
        Some(if sum > 0.0 { student::quantile(z, freedom) * sum.sqrt() } else { 0.0 })
    }
}

/// Distance between two points of the z grid on which intervals are made to nest.
const STEP: f64 = 0.125;

/// Some contrasts of one Quad with the running maximum of their reaches over a z grid, so that a larger z
/// never gives a narrower interval and p-values by bisection are well defined.
#[derive(Debug, Clone)]
pub struct Curves<const N: usize> {
    quad: Quad,
    contrasts: [Contrast; N],
    /// Running maxima of the reaches at 0, STEP, 2 STEP, …; none where reaches grow with z anyway.
    envelope: Vec<[[f64; 2]; N]>,
}

impl<const N: usize> Curves<N> {
    /// The curves of some contrasts.
    pub fn new(quad: Quad, contrasts: [Contrast; N]) -> Curves<N> {
        Curves { quad, contrasts, envelope: Vec::new() }
    }

    /// The intervals at quantile `z` >= 0.
    pub fn at(&mut self, z: f64) -> [Interval; N] {
        let mut reaches = self.quad.reach(&self.contrasts, z);
        // Student's quantile rises with z, and so does all that is a multiple of it.
        if !self.quad.of_means() {
            reaches = farther(reaches, self.farthest_up_to(z));
        }
        std::array::from_fn(|at| self.quad.around(self.contrasts[at], reaches[at]))
    }

    fn farthest_up_to(&mut self, z: f64) -> [[f64; 2]; N] {
        let steps = (z / STEP).floor() as usize;
        while self.envelope.len() <= steps {
            let reaches = self.quad.reach(&self.contrasts, self.envelope.len() as f64 * STEP);
            self.envelope.push(self.envelope.last().map_or(reaches, |last| farther(reaches, *last)));
        }
        self.envelope[steps]
    }
}

fn farther<const N: usize>(reaches: [[f64; 2]; N], others: [[f64; 2]; N]) -> [[f64; 2]; N] {
    std::array::from_fn(|at| [0, 1].map(|end| reaches[at][end].max(others[at][end])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Limits;

    fn positive(value: f64, error: f64) -> Marginal {
        Marginal { value, rows: 50, limits: Limits::Log { error }, freedom: None }
    }

    #[test]
    fn an_infinite_limit_gives_an_infinite_interval_where_it_counts() {
        let wild = Duo { base: positive(1.0, 0.2), tuned: positive(1.0, 500.0), correlation: 0.5 };
        let calm = Duo { base: positive(1.0, 0.2), tuned: positive(1.0, 0.2), correlation: 0.5 };
        for between in [[[0.0; 2]; 2], [[0.3; 2]; 2]] {
            let quad = Quad { slice: wild, reference: calm, between };
            let [base, change] = quad.several([Contrast::BASE, Contrast::CHANGE], 1.96);
            assert!(base.low < -0.3 && base.high > 0.3 && base.high < 2.0, "{base:?}");
            assert_eq!(change.high, f64::INFINITY);
        }
    }
}
