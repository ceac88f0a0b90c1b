//! Score intervals for rates, their differences and ratios.

use statrs::distribution::{ContinuousCDF, Normal};

/// A closed interval; an end may be infinite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// True when the whole interval lies in `[low, high]`.
    pub fn inside(&self, low: f64, high: f64) -> bool {
        self.low >= low && self.high <= high
    }

    /// The interval of the negated quantity.
    pub fn negated(&self) -> Interval {
        Interval { low: -self.high, high: -self.low }
    }
}

fn standard_normal() -> Normal {
    Normal::standard()
}

/// The two-sided standard normal quantile z of a confidence: 0.95 gives 1.959964.
pub fn quantile_of(confidence: f64) -> f64 {
    standard_normal().inverse_cdf(0.5 + confidence / 2.0)
}

/// The two-sided level α = 2(1 − Φ(z)) of a quantile.
pub fn level_of(z: f64) -> f64 {
    (2.0 * standard_normal().sf(z)).min(1.0)
}

/// Wilson's (1927) score interval for `events` of `n` rows (either may be fractional, `n` > 0).
pub fn wilson(events: f64, n: f64, z: f64) -> Interval {
    let p = events / n;
    let z2 = z * z;
    let scale = 1.0 / (1.0 + z2 / n);
    let center = (p + z2 / (2.0 * n)) * scale;
    let half = z * scale * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    // At 0 and n events the ends are exactly 0 and 1; rounding must not move them off.
    let low = if events == 0.0 { 0.0 } else { (center - half).max(0.0) };
    let high = if events == n { 1.0 } else { (center + half).min(1.0) };
    Interval { low, high }
}

/// Newcombe's (1998a) hybrid score interval, method 10, for a difference of two independent rates.
pub fn newcombe(first: (u64, u64), second: (u64, u64), z: f64) -> Interval {
    let (p, a) = rate(first, z);
    let (q, b) = rate(second, z);
    let diff = p - q;
    Interval { low: diff - (p - a.low).hypot(b.high - q), high: diff + (a.high - p).hypot(q - b.low) }
}

fn rate((events, n): (u64, u64), z: f64) -> (f64, Interval) {
    (events as f64 / n as f64, wilson(events as f64, n as f64, z))
}

/// MOVER-R (Donner & Zou 2012, equation 9): the interval of p/q from the intervals of p and q.
///
/// The upper end is infinite where the denominator's interval reaches 0. The lower end keeps its meaning
/// over a denominator of 0 too; it is 0 where the numerator's interval reaches 0.
pub fn mover_ratio(p: f64, p_span: Interval, q: f64, q_span: Interval) -> Interval {
    let (l1, u1, l2, u2) = (p_span.low, p_span.high, q_span.low, q_span.high);
    let product = p * q;
    let root = |l: f64, u: f64, p_end: f64, q_end: f64| {
        (product * product - l * u * (2.0 * p - p_end) * (2.0 * q - q_end)).max(0.0).sqrt()
    };
    // The lower root times its conjugate: the plain form is 0/0 where u2 is twice q.
    let low = l1 * (2.0 * p - l1) / (product + root(l1, u2, l1, u2));
    let high = (product + root(u1, l2, u1, l2)) / (l2 * (2.0 * q - l2));
    Interval {
        low: if low.is_finite() { low.max(0.0) } else { 0.0 },
        high: if l2 > 0.0 { high } else { f64::INFINITY },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const Z: f64 = 1.959_963_984_540_054;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-6, "{a} is not {b}");
    }

    fn span(found: Interval, low: f64, high: f64) {
        close(found.low, low);
        close(found.high, high);
    }

    #[test]
    fn quantiles_and_levels_are_inverse() {
        close(quantile_of(0.95), Z);
        close(level_of(Z), 0.05);
    }

    #[test]
    fn wilson_equals_the_published_intervals() {
        span(wilson(81.0, 263.0, Z), 0.255_289, 0.366_210);
        span(wilson(0.0, 20.0, Z), 0.0, 0.161_125);
        span(wilson(20.0, 20.0, Z), 1.0 - 0.161_125, 1.0);
    }

    #[test]
    fn newcombe_equals_the_published_difference() {
        span(newcombe((56, 70), (48, 80), Z), 0.052_431, 0.333_873);
    }

    #[test]
    fn ratios_contain_their_point_and_are_unbounded_over_zero() {
        let spans = [wilson(12.0, 40.0, Z), wilson(48.0, 80.0, Z)];
        let ratio = mover_ratio(0.3, spans[0], 0.6, spans[1]);
        assert!(ratio.low < 0.5 && 0.5 < ratio.high);
        let zero = mover_ratio(0.3, spans[0], 0.0, wilson(0.0, 20.0, Z));
        assert_eq!(zero.high, f64::INFINITY);
        // scipy.optimize.brentq on the condition that defines the lower end, (p − Lq)² = (p − l1)² + L²(u2 − q)².
        close(zero.low, 1.708_485_4);
        let nothing = mover_ratio(0.0, wilson(0.0, 20.0, Z), 0.0, wilson(0.0, 20.0, Z));
        assert_eq!((nothing.low, nothing.high), (0.0, f64::INFINITY));
    }

    /// The same root where both ends exist, and where u2 is twice q.
    #[test]
    fn ratios_equal_the_roots_of_their_condition() {
        let of = |a: f64, n: f64, b: f64, m: f64| mover_ratio(a / n, wilson(a, n, Z), b / m, wilson(b, m, Z));
        span(of(12.0, 40.0, 48.0, 80.0), 0.295_203_043, 0.795_330_676);
        span(of(34.0, 76.0, 50.0, 92.0), 0.599_280_257, 1.115_711_364);
        span(of(1.0, 10.0, 3.0, 20.0), 0.101_103_068, 3.931_607_229);
        let twice = mover_ratio(0.3, wilson(12.0, 40.0, Z), 0.1, Interval { low: 0.05, high: 0.2 });
        close(twice.low, 1.262_984_473);
    }
}
