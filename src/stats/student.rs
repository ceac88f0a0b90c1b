//! Student's t at the level of a normal quantile.

use statrs::distribution::{Continuous, ContinuousCDF, Normal, StudentsT};

/// From so many degrees of freedom on the expansion alone is exact to 3e-14 for every z in use; the search is not, for
/// want of digits in the law's tail.
const MANY: f64 = 2e3;

/// The quantile of Student's t that leaves as much beyond it as `z` leaves of the normal law.
///
/// Starts from the Cornish–Fisher expansion (Fisher & Cornish 1960) and solves by Newton's method on the
/// logarithm of the tail, which is nearly straight.
pub fn quantile(z: f64, freedom: f64) -> f64 {
    let start = expansion(z, freedom);
    if z <= 0.0 || freedom >= MANY {
        return start;
    }
    let Ok(law) = StudentsT::new(0.0, 1.0, freedom) else { return f64::INFINITY };
    let wanted = Normal::standard().sf(z).ln();
    let mut t = start;
    for _ in 0..20 {
        let tail = law.sf(t);
        let step = (tail.ln() - wanted) * tail / law.pdf(t);
        t += step;
        // What is left is about the square of this step.
        if step.abs() <= 1e-8 * t.abs() || !t.is_finite() {
            break;
        }
    }
    if t.is_finite() { t } else { start }
}

/// To the fifth power of 1 / freedom; the first four are also Abramowitz & Stegun 26.7.5.
fn expansion(z: f64, freedom: f64) -> f64 {
    let (x, f) = (z * z, 1.0 / freedom);
    let terms = [
        (x + 1.0) / 4.0,
        ((5.0 * x + 16.0) * x + 3.0) / 96.0,
        (((3.0 * x + 19.0) * x + 17.0) * x - 15.0) / 384.0,
        ((((79.0 * x + 776.0) * x + 1482.0) * x - 1920.0) * x - 945.0) / 92_160.0,
        (((((27.0 * x + 339.0) * x + 930.0) * x - 1782.0) * x - 765.0) * x + 17_955.0) / 368_640.0,
    ];
    z + z * terms.iter().rev().fold(0.0, |sum, term| (sum + term) * f)
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

    /// Reference: mpmath 1.3 at 50 digits.
    #[test]
    fn the_expansion_is_exact() {
        for (freedom, z, expected) in [
            (MANY, 0.1, 0.100_012_625_822_564_12),
            (MANY, 1.96, 1.961_186_897_996_445),
            (MANY, 4.5, 4.511_981_032_579_186),
            (MANY, 9.0, 9.093_054_375_985_552),
            (6e3, 1.96, 1.960_395_475_753_705_3),
            (6e3, 9.0, 9.030_838_999_457_659),
        ] {
            let found = quantile(z, freedom);
            assert!((found / expected - 1.0).abs() < 4e-14, "{freedom} {z}: {found} is not {expected}");
        }
    }

    #[test]
    fn the_search_ends_where_the_expansion_begins() {
        for z in [0.1, 1.0, 1.96, 4.5, 9.0] {
            let (searched, expanded) = (quantile(z, MANY - 1e-6), quantile(z, MANY));
            assert!((searched / expanded - 1.0).abs() < 1e-10, "{z}: {searched} is not {expanded}");
        }
    }

    #[test]
    fn a_larger_level_never_gives_a_larger_quantile() {
        for freedom in [2.0, 30.0, 1.9e3, 2e3, 1e4, 1e6] {
            let steps: Vec<f64> = (0..=72).map(|step| quantile(f64::from(step) * 0.125, freedom)).collect();
            assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{freedom}: {steps:?}");
        }
    }
}
