//! The logistic function near a place, as a series in the distance from it.

/// Terms of a series; with cells as narrow as [`NARROW`] says, those left out are below 1e-10 of the whole.
pub const TERMS: usize = 10;

/// How far log-odds may reach on either side of a cell's middle. The series ends at π, and its terms shrink by the
/// share of that.
pub const NARROW: f64 = 0.2;

/// Numbers by power of the distance, from the 0th.
pub type Powers = [f64; TERMS];

/// The powers of a distance.
#[inline]
pub fn powers(distance: f64) -> Powers {
    let mut found = [1.0; TERMS];
    found[1] = distance;
    found[2] = distance * distance;
    found[3] = found[2] * distance;
    let fourth = found[2] * found[2];
    for power in 4..TERMS {
        found[power] = found[power - 4] * fourth;
    }
    found
}

/// The chance 1 / (1 + exp(−η)) and its derivative by η.
#[derive(Debug, Clone, Copy)]
pub struct Series {
    /// Of the chance p.
    pub chance: Powers,
    /// Of p(1 − p).
    pub spread: Powers,
}

impl Series {
    /// Around the log-odds `middle`, which rise by `reach` where the distance rises by 1. From p′ = p − p² term by
    /// term.
    pub fn new(middle: f64, reach: f64) -> Series {
        let mut term = [0.0; TERMS + 1];
        term[0] = 1.0 / (1.0 + (-middle).exp());
        for power in 0..TERMS {
            let square: f64 = (0..=power).map(|at| term[at] * term[power - at]).sum();
            term[power + 1] = (term[power] - square) / (power + 1) as f64;
        }
        let (mut chance, mut spread, mut scale) = ([0.0; TERMS], [0.0; TERMS], 1.0);
        for power in 0..TERMS {
            chance[power] = term[power] * scale;
            spread[power] = (power + 1) as f64 * term[power + 1] * scale;
            scale *= reach;
        }
        Series { chance, spread }
    }

    /// What a label leaves of the chance: 1 − p of a positive, −p of a negative.
    pub fn left(&self, positive: bool) -> Powers {
        let mut left = self.chance.map(|term| -term);
        left[0] += f64::from(u8::from(positive));
        left
    }

    /// The same squared: (1 − p)² = 1 − p − p(1 − p), p² = p − p(1 − p).
    pub fn left_squared(&self, positive: bool) -> Powers {
        let sign = if positive { -1.0 } else { 1.0 };
        let mut squared: Powers = std::array::from_fn(|power| sign * self.chance[power] - self.spread[power]);
        squared[0] += f64::from(u8::from(positive));
        squared
    }
}

/// Σ over rows of a series in the distance times its power `raised`, from the sums of the distance's powers.
#[inline]
pub fn summed(series: &Powers, sums: &Powers, raised: usize) -> f64 {
    series.iter().zip(&sums[raised..]).map(|(term, sum)| term * sum).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_its_function() {
        let of = |powers: &Powers, distance: f64| summed(powers, &super::powers(distance), 0);
        for middle in [-30.0, -2.5, -0.1, 0.0, 0.7, 4.0, 33.0] {
            let series = Series::new(middle, NARROW);
            for distance in [-1.0, -0.4, 0.0, 0.3, 1.0] {
                let p = 1.0 / (1.0 + (-(middle + NARROW * distance)).exp());
                let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-11, "{found} {expected}");
                close(of(&series.chance, distance), p);
                close(of(&series.spread, distance), p * (1.0 - p));
                for (positive, left) in [(true, 1.0 - p), (false, -p)] {
                    close(of(&series.left(positive), distance), left);
                    close(of(&series.left_squared(positive), distance), left * left);
                }
            }
        }
    }
}
