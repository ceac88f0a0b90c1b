//! A line through points whose both coordinates have errors (Deming), each point with its own.

use super::student;

/// Iterations until the slope stands still; a well-posed line needs about ten.
const MOST: usize = 200;

/// A point with the variances and the covariance of its errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Uncertain {
    /// The coordinates.
    pub at: (f64, f64),
    /// Variances of the errors of x and of y, and their covariance.
    pub errors: (f64, f64, f64),
}

/// A fitted line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Its slope.
    pub slope: f64,
    /// Half the width of the slope's interval.
    pub reach: f64,
    /// Its value at x = 0.
    pub intercept: f64,
    /// The weighted squared correlation of the points.
    pub r_squared: f64,
}

/// York, Evensen, López Martínez & De Basabe Delgado (2004), Am. J. Phys. 72:367, equations 13: Deming's
/// regression with known errors, which may be correlated inside a point. Least squares of y on x alone
/// would be too flat, since x has errors too.
///
/// The slope's standard error is theirs, times the scatter beyond the known errors where there is any
/// (never below 1), at Student's t of n − 2 degrees of freedom that `z` stands for. `None` for fewer than
/// three points, or where they all share one x.
pub fn york(points: &[Uncertain], z: f64) -> Option<Line> {
    let freedom = points.len().checked_sub(2).filter(|&freedom| freedom > 0)? as f64;
    let mut slope = start(points)?;
    for _ in 0..MOST {
        let next = Step::new(points, slope).slope(points)?;
        let moved = (next - slope).abs();
        slope = next;
        if moved <= 1e-14 * slope.abs().max(1e-300) {
            break;
        }
    }
    let step = Step::new(points, slope);
    let spread = step.spread();
    let intercept = step.mean.1 - slope * step.mean.0;
    let excess = (step.scatter(points, slope, intercept) / freedom).max(1.0);
    let reach = student::quantile(z, freedom) * (excess / spread).sqrt();
    let line = Line { slope, reach, intercept, r_squared: step.r_squared(points) };
    (line.slope.is_finite() && line.reach.is_finite()).then_some(line)
}

/// The slope of plain least squares, from which the iteration starts.
fn start(points: &[Uncertain]) -> Option<f64> {
    let n = points.len() as f64;
    let mean = |of: fn(&Uncertain) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.at.0), mean(|p| p.at.1));
    let [xx, xy] = points.iter().fold([0.0; 2], |[xx, xy], p| {
        let (u, v) = (p.at.0 - x, p.at.1 - y);
        [xx + u * u, xy + u * v]
    });
    (xx > 0.0).then(|| xy / xx)
}

/// The weights of the points at a slope, and their mean.
struct Step {
    weights: Vec<f64>,
    /// For each point β, the adjusted x minus the mean.
    beta: Vec<f64>,
    mean: (f64, f64),
}

impl Step {
    fn new(points: &[Uncertain], slope: f64) -> Step {
        let weight = |p: &Uncertain| {
            let (xx, yy, xy) = p.errors;
            1.0 / (yy + slope * slope * xx - 2.0 * slope * xy)
        };
        let weights: Vec<f64> = points.iter().map(weight).collect();
        let all: f64 = weights.iter().sum();
        let mean = |of: fn(&Uncertain) -> f64| points.iter().zip(&weights).map(|(p, w)| w * of(p)).sum::<f64>() / all;
        let mean = (mean(|p| p.at.0), mean(|p| p.at.1));
        let beta = points.iter().zip(&weights).map(|(p, w)| {
            let ((u, v), (xx, yy, xy)) = ((p.at.0 - mean.0, p.at.1 - mean.1), p.errors);
            w * (u * yy + slope * v * xx - (slope * u + v) * xy)
        });
        Step { beta: beta.collect(), weights, mean }
    }

    fn slope(&self, points: &[Uncertain]) -> Option<f64> {
        let sum = |of: &dyn Fn(&Uncertain) -> f64| {
            points.iter().zip(&self.weights).zip(&self.beta).map(|((p, w), beta)| w * beta * of(p)).sum::<f64>()
        };
        let slope = sum(&|p| p.at.1 - self.mean.1) / sum(&|p| p.at.0 - self.mean.0);
        slope.is_finite().then_some(slope)
    }

    /// Σ W u², u being the adjusted x minus their weighted mean.
    fn spread(&self) -> f64 {
        let all: f64 = self.weights.iter().sum();
        let mean = self.weights.iter().zip(&self.beta).map(|(w, beta)| w * beta).sum::<f64>() / all;
        self.weights.iter().zip(&self.beta).map(|(w, beta)| w * (beta - mean).powi(2)).sum()
    }

    /// Σ W (y − a − b x)².
    fn scatter(&self, points: &[Uncertain], slope: f64, intercept: f64) -> f64 {
        points.iter().zip(&self.weights).map(|(p, w)| w * (p.at.1 - intercept - slope * p.at.0).powi(2)).sum()
    }

    fn r_squared(&self, points: &[Uncertain]) -> f64 {
        let sum = |of: &dyn Fn(f64, f64) -> f64| {
            let terms = points.iter().zip(&self.weights);
            terms.map(|(p, w)| w * of(p.at.0 - self.mean.0, p.at.1 - self.mean.1)).sum::<f64>()
        };
        let (xx, yy, xy) = (sum(&|x, _| x * x), sum(&|_, y| y * y), sum(&|x, y| x * y));
        if xx * yy > 0.0 { xy * xy / (xx * yy) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pearson's data with York's (1966) weights, the common test of such fits: slope −0.4805334,
    /// intercept 5.4799102, and their standard errors with the scatter beyond the weights left out.
    #[test]
    fn pearsons_data_with_yorks_weights() {
        let x = [0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4];
        let y = [5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5];
        let wx = [1000.0, 1000.0, 500.0, 800.0, 200.0, 80.0, 60.0, 20.0, 1.8, 1.0];
        let wy = [1.0, 1.8, 4.0, 8.0, 20.0, 20.0, 70.0, 70.0, 100.0, 500.0];
        let point = |i: usize| Uncertain { at: (x[i], y[i]), errors: (1.0 / wx[i], 1.0 / wy[i], 0.0) };
        let points: Vec<Uncertain> = (0..10).map(point).collect();
        let line = york(&points, 1.0).unwrap();
        assert!((line.slope + 0.480533407).abs() < 1e-8, "{line:?}");
        assert!((line.intercept - 5.479910224).abs() < 1e-8, "{line:?}");
        // σ_b = 0.057985 and S / (n − 2) = 1.483294, at the t of 8 degrees of freedom for z = 1.
        let expected = 0.0579850 * 1.4832941_f64.sqrt() * student::quantile(1.0, 8.0);
        assert!((line.reach - expected).abs() < 1e-5, "{line:?} {expected}");
    }

    #[test]
    fn points_on_a_line_give_that_line() {
        let point = |x: f64| Uncertain { at: (x, 0.5 - 2.0 * x), errors: (0.01, 0.04, 0.01) };
        let line = york(&[point(0.0), point(1.0), point(3.0)], 1.96).unwrap();
        assert!((line.slope + 2.0).abs() < 1e-12 && (line.intercept - 0.5).abs() < 1e-12, "{line:?}");
        assert!((line.r_squared - 1.0).abs() < 1e-12, "{line:?}");
        assert_eq!(york(&[point(1.0), point(1.0), point(1.0)], 1.96), None);
        assert_eq!(york(&[point(0.0), point(1.0)], 1.96), None);
    }
}
