//! Newton's method for intercept and slope.

/// Intercept and slope, and the inverse of the log-likelihood's negative second derivatives there: of the
/// intercept, of both, of the slope.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    pub at: [f64; 2],
    pub inverse: [f64; 3],
}

impl Fit {
    /// How far the slope is moved by what a label leaves of the chance, at one place.
    #[inline]
    pub fn moves(&self, x: f64) -> f64 {
        self.inverse[1] + self.inverse[2] * x
    }

    /// The chance at one place.
    #[inline]
    pub fn chance(&self, x: f64) -> f64 {
        chance(self.at, x)
    }
}

#[inline]
pub fn chance([intercept, slope]: [f64; 2], x: f64) -> f64 {
    1.0 / (1.0 + (-(intercept + slope * x)).exp())
}

/// Why there is no fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Labels or numbers do not vary, or the labels are separated, so that intercept and slope run away.
    Undefined,
    /// The slope is too steep for the cells that sums were made over.
    TooWide,
}

/// Gradient of the log-likelihood, and its negative second derivatives.
#[derive(Debug, Clone, Copy, Default)]
pub struct Newton {
    gradient: [f64; 2],
    second: [f64; 3],
}

impl Newton {
    /// Adds to the gradient.
    #[inline]
    pub fn add(&mut self, left: f64, left_x: f64) {
        self.gradient = [self.gradient[0] + left, self.gradient[1] + left_x];
    }

    /// Adds to the second derivatives.
    #[inline]
    pub fn curve(&mut self, spread: f64, spread_x: f64, spread_xx: f64) {
        let [own, both, along] = self.second;
        self.second = [own + spread, both + spread_x, along + spread_xx];
    }

    fn inverse(&self) -> Result<[f64; 3], Unfit> {
        let [own, both, along] = self.second;
        let determinant = own * along - both * both;
        let sound = determinant > 1e-12 * own * along && determinant.is_finite();
        if sound { Ok([along / determinant, -both / determinant, own / determinant]) } else { Err(Unfit::Undefined) }
    }
}

/// The fit that a search ends at. Most scores are nearly right, so that it starts at a slope of 1; from nothing it is
/// safer.
///
/// # Errors
///
/// Where neither ends.
pub fn climb(newton: impl Fn([f64; 2]) -> Result<Newton, Unfit>) -> Result<Fit, Unfit> {
    let from = |start| climb_from(start, &newton);
    from([0.0, 1.0])
        .or_else(|first| from([0.0, 0.0]).map_err(|second| if first == Unfit::TooWide { first } else { second }))
}

fn climb_from(mut at: [f64; 2], newton: impl Fn([f64; 2]) -> Result<Newton, Unfit>) -> Result<Fit, Unfit> {
    let mut near = false;
    for _ in 0..50 {
        let found = newton(at)?;
        let (inverse, [g0, g1]) = (found.inverse()?, found.gradient);
        if near {
            return Ok(Fit { at, inverse });
        }
        let step = [inverse[0] * g0 + inverse[1] * g1, inverse[1] * g0 + inverse[2] * g1];
        at = [at[0] + step[0], at[1] + step[1]];
        // What is left is about the square of this step.
        near = step[0].abs() + step[1].abs() < 1e-7 * (1.0 + at[0].abs() + at[1].abs());
    }
    Err(Unfit::Undefined)
}

/// Of rows one by one: `number`, label and weight.
///
/// # Errors
///
/// Where there is no fit.
pub fn fit_rows(rows: impl Iterator<Item = (f64, f64, f64)> + Clone) -> Result<Fit, Unfit> {
    climb(|at| {
        let mut newton = Newton::default();
        for (x, y, weight) in rows.clone() {
            let p = chance(at, x);
            let (left, spread) = (weight * (y - p), weight * p * (1.0 - p));
            newton.add(left, left * x);
            newton.curve(spread, spread * x, spread * x * x);
        }
        Ok(newton)
    })
}
