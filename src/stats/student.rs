//! Student's t at the level of a normal quantile.

use statrs::distribution::{Continuous, ContinuousCDF, Normal, StudentsT};

/// Above so many degrees of freedom the expansion alone is exact to 1e-12 for every z in use.
const MANY: f64 = 1e5;

/// The quantile of Student's t that leaves as much beyond it as `z` leaves of the normal law.
///
/// Starts from the Cornish–Fisher expansion (Abramowitz & Stegun 26.7.5) and solves by Newton's
/// method on the logarithm of the tail, which is nearly straight.
pub fn quantile(z: f64, freedom: f64) -> f64 {
    let start = expansion(z, freedom);
    if z <= 0.0 || freedom > MANY {
        return start;
    }
    let Ok(law) = StudentsT::new(0.0, 1.0, freedom) else { return f64::INFINITY };
    let wanted = Normal::standard().sf(z).ln();
    let mut t = start;
    for _ in 0..20 {
        let tail = law.sf(t);
        let step = (tail.ln() - wanted) * tail / law.pdf(t);
        t += step;
        if step.abs() <= 1e-12 * t.abs() || !t.is_finite() {
            break;
        }
    }
    if t.is_finite() { t } else { start }
}

fn expansion(z: f64, freedom: f64) -> f64 {
    let (z2, f) = (z * z, freedom);
    let first = z * (z2 + 1.0) / 4.0;
    let second = z * (5.0 * z2 * z2 + 16.0 * z2 + 3.0) / 96.0;
    let third = z * (3.0 * z2 * z2 * z2 + 19.0 * z2 * z2 + 17.0 * z2 - 15.0) / 384.0;
    z + first / f + second / (f * f) + third / (f * f * f)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference: scipy 1.17, stats.t.ppf(stats.norm.cdf(z), df).
    #[test]
    fn quantiles_equal_scipy() {
        let z = 1.959_963_984_540_054;
        for (freedom, expected) in
            [(4.0, 2.776_445_105_197_798_7), (29.0, 2.045_229_642_132_703), (1000.0, 1.962_339_080_671_638_3)]
        {
            let found = quantile(z, freedom);
            assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
        }
    }

    #[test]
    fn a_larger_level_never_gives_a_larger_quantile() {
        for freedom in [2.0, 30.0, 1e4, 1e6] {
            let steps: Vec<f64> = (0..=72).map(|step| quantile(f64::from(step) * 0.125, freedom)).collect();
            assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{freedom}: {steps:?}");
        }
    }
}
