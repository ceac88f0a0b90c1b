//! How a tuned model's numbers follow the base's inside one group of rows: what the inherited share of means
//! rests on (statistics.md 3.1; of events 0 and 1 it is the same formula as over counts).

use super::{Draws, Influenced, Scale, Sum, Units, covariance, normal};

/// Two means of the same rows and the slope of the tuned numbers on the base's, with their law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Path {
    /// Mean of the base.
    pub base: f64,
    /// Mean of the tuned model.
    pub tuned: f64,
    /// Least squares slope of tuned on base; `None` where the base says the same of every row.
    pub slope: Option<f64>,
    /// Covariance of the three estimates, in that order; 0 for a slope that there is not. Of the slope it holds
    /// whatever the errors' variances (White 1980, Econometrica 48), times n / (n − 1).
    pub covariance: [[f64; 3]; 3],
}

impl Path {
    /// A variance this small beside the square of the mean is what rounding leaves of none.
    pub(super) const ROUNDING: f64 = 1e-24;

    /// From the influences of two means or rates of the same rows; `None` of anything else.
    pub fn new(base: &Influenced, tuned: &Influenced, weights: &[f64], units: Units) -> Option<Path> {
        Path::moved(base, tuned, weights, units).map(|(path, _)| path)
    }

    /// The same, with by how much each row moves the three.
    fn moved(base: &Influenced, tuned: &Influenced, weights: &[f64], units: Units) -> Option<(Path, [Vec<f64>; 3])> {
        let means = |one: &Influenced| matches!(one.scale, Scale::Mean | Scale::Rate);
        let alike = means(base) && base.scale == tuned.scale && base.inside == tuned.inside;
        if !alike || base.rows < 2 {
            return None;
        }
        let inside = || base.inside.iter().zip(weights).filter(|(inside, _)| **inside);
        let sum = Sum::of(inside().map(|(_, weight)| *weight));
        // Influences are w (x − mean) / Σw, of means times this.
        let few = if base.scale == Scale::Rate { 1.0 } else { (base.rows as f64 / (base.rows - 1) as f64).sqrt() };
        let centered = |one: &Influenced, row: usize| match weights[row] {
            weight if weight > 0.0 => one.influence[row] * sum / (weight * few),
            _ => 0.0,
        };
        let rows = || (0..weights.len()).map(|row| (weights[row], centered(base, row), centered(tuned, row)));
        let squares = Sum::of(rows().map(|(w, x, _)| w * x * x));
        let slope = (squares > Path::ROUNDING * base.value * base.value * sum)
            .then(|| Sum::of(rows().map(|(w, x, y)| w * x * y)) / squares);
        let of_slope = |(w, x, y): (f64, f64, f64)| slope.map_or(0.0, |slope| w * x * (y - slope * x) / squares * few);
        let influences = [base.influence.clone(), tuned.influence.clone(), rows().map(of_slope).collect()];
        let covariance = along(&influences, &influences, units);
        let path = Path { base: base.value, tuned: tuned.value, slope, covariance };
        let finite = path.covariance.as_flattened().iter().all(|number| number.is_finite());
        finite.then_some((path, influences))
    }

    /// One draw from the normal law of the three.
    pub fn draw(&self, draws: &mut Draws) -> Path {
        let mean = [self.base, self.tuned, self.slope.unwrap_or(0.0)];
        let [base, tuned, slope] = normal(mean, &self.covariance, draws);
        Path { base, tuned, slope: self.slope.map(|_| slope), ..*self }
    }
}

fn along(a: &[Vec<f64>; 3], b: &[Vec<f64>; 3], units: Units) -> [[f64; 3]; 3] {
    std::array::from_fn(|i: usize| std::array::from_fn(|j: usize| covariance(&a[i], &b[j], units)))
}

/// The paths of two groups whose rows stand beside each other, such as the halves of pairs, with one law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paths {
    /// Of the slice and of the reference.
    pub each: [Path; 2],
    /// Covariance of the slice's three estimates with the reference's.
    across: [[f64; 3]; 3],
}

impl Paths {
    /// From the influences of base and tuned, of slice and reference; rows of the same place belong together.
    pub fn new(groups: [[&Influenced; 2]; 2], weights: &[f64], units: Units) -> Option<Paths> {
        let moved = |[base, tuned]: [&Influenced; 2]| Path::moved(base, tuned, weights, units);
        let [(slice, own), (reference, others)] = [moved(groups[0])?, moved(groups[1])?];
        let across = along(&own, &others, units);
        across
            .as_flattened()
            .iter()
            .all(|number| number.is_finite())
            .then_some(Paths { each: [slice, reference], across })
    }

    /// One draw from the normal law of all six.
    pub fn draw(&self, draws: &mut Draws) -> [Path; 2] {
        let [slice, reference] = self.each;
        let covariance: [[f64; 6]; 6] = std::array::from_fn(|i| {
            std::array::from_fn(|j| match (i < 3, j < 3) {
                (true, true) => slice.covariance[i][j],
                (true, false) => self.across[i][j - 3],
                (false, true) => self.across[j][i - 3],
                (false, false) => reference.covariance[i - 3][j - 3],
            })
        });
        let mean = |path: &Path| [path.base, path.tuned, path.slope.unwrap_or(0.0)];
        let ([a, b, c], [d, e, f]) = (mean(&slice), mean(&reference));
        let [a, b, c, d, e, f] = normal([a, b, c, d, e, f], &covariance, draws);
        let drawn = |path: Path, base, tuned, slope| Path { base, tuned, slope: path.slope.map(|_| slope), ..path };
        [drawn(slice, a, b, c), drawn(reference, d, e, f)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::mean;

    const BASE: [f64; 8] = [0.1, 0.4, 0.35, 0.8, 0.55, 0.9, 0.2, 0.65];
    const TUNED: [f64; 8] = [0.2, 0.35, 0.5, 0.7, 0.6, 0.95, 0.1, 0.4];

    fn path(base: &[f64], tuned: &[f64], scale: Scale) -> Option<Path> {
        let ones = vec![1.0; base.len()];
        Path::new(&mean(base, &ones, scale)?, &mean(tuned, &ones, scale)?, &ones, None)
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-14, "{found} is not {expected}");
    }

    /// statsmodels 0.15, OLS with the covariance HC0, times 8/7, and numpy for the rest.
    #[test]
    fn slope_and_law_are_those_of_least_squares() {
        let found = path(&BASE, &TUNED, Scale::Mean).expect("the base varies");
        close(found.base, 0.49375);
        close(found.tuned, 0.475);
        close(found.slope.expect("the base varies"), 0.868_199_663_488_501_9);
        let expected = [
            [0.009_949_776_785_714_286, 0.008_638_392_857_142_857, 0.003_633_565_644_569_463_4],
            [0.008_638_392_857_142_857, 0.009_464_285_714_285_715, 0.004_297_174_442_112_222],
            [0.003_633_565_644_569_463_4, 0.004_297_174_442_112_222, 0.022_610_159_879_935_84],
        ];
        found.covariance.as_flattened().iter().zip(expected.as_flattened()).for_each(|(a, b)| close(*a, *b));
    }

    #[test]
    fn a_base_that_says_one_thing_has_no_slope() {
        let found = path(&[0.1; 8], &TUNED, Scale::Mean).expect("rows");
        assert_eq!(found.slope, None);
        assert!(found.covariance[2].iter().all(|number| *number == 0.0));
    }

    #[test]
    fn other_rows_have_no_path() {
        let mut missing = BASE;
        missing[3] = f64::NAN;
        assert_eq!(path(&missing, &TUNED, Scale::Mean), None);
        assert_eq!(path(&BASE, &TUNED, Scale::Unit), None);
    }

    /// Halves that say the same of every pair differ in nothing, in any draw.
    #[test]
    fn paths_of_halves_are_drawn_together() {
        let ones = [1.0; 8];
        let [base, tuned] = [BASE, TUNED].map(|numbers| mean(&numbers, &ones, Scale::Mean).expect("rows"));
        let both = Paths::new([[&base, &tuned]; 2], &ones, None).expect("the base varies");
        let mut draws = Draws::new(5, "paths");
        for _ in 0..100 {
            let [slice, reference] = both.draw(&mut draws);
            assert!((slice.base - reference.base).abs() < 1e-7 && (slice.tuned - reference.tuned).abs() < 1e-7);
            assert!((slice.slope.expect("there is one") - reference.slope.expect("there is one")).abs() < 1e-7);
        }
        assert_eq!(
            Paths::new([[&base, &tuned], [&tuned, &base]], &ones, None).map(|paths| paths.each[1].base),
            Some(0.475)
        );
    }

    #[test]
    fn draws_have_the_law() {
        let path = path(&BASE, &TUNED, Scale::Mean).expect("the base varies");
        let mut draws = Draws::new(3, "path");
        let drawn: Vec<[f64; 2]> =
            (0..20_000).map(|_| path.draw(&mut draws)).map(|one| [one.tuned, one.slope.unwrap_or(0.0)]).collect();
        let mean = [0, 1].map(|at| drawn.iter().map(|one| one[at]).sum::<f64>() / 20_000.0);
        let both = drawn.iter().map(|one| (one[0] - mean[0]) * (one[1] - mean[1])).sum::<f64>() / 20_000.0;
        assert!(
            (mean[1] - 0.8682).abs() < 0.005 && (both / path.covariance[1][2] - 1.0).abs() < 0.1,
            "{mean:?} {both}"
        );
    }
}
