//! Numbers that carry their derivatives: the delta method without a formula for each derivative.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number and its derivatives by the four counts of a confusion table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dual {
    /// The number.
    pub value: f64,
    /// Its derivatives.
    pub slope: [f64; 4],
}

impl Dual {
    /// A constant.
    pub fn constant(value: f64) -> Dual {
        Dual { value, slope: [0.0; 4] }
    }

    /// The count at place `at`, whose own derivative is 1.
    pub fn count(value: f64, at: usize) -> Dual {
        let mut slope = [0.0; 4];
        slope[at] = 1.0;
        Dual { value, slope }
    }

    fn chain(self, value: f64, derivative: f64) -> Dual {
        Dual { value, slope: self.slope.map(|slope| slope * derivative) }
    }

    /// Square root of a positive number.
    pub fn sqrt(self) -> Dual {
        let root = self.value.sqrt();
        self.chain(root, 0.5 / root)
    }

    /// Natural logarithm of a positive number.
    pub fn ln(self) -> Dual {
        self.chain(self.value.ln(), 1.0 / self.value)
    }

    /// This over another; `None` over zero.
    pub fn over(self, other: Dual) -> Option<Dual> {
        (other.value != 0.0).then(|| self / other)
    }
}

fn join(a: Dual, b: Dual, value: f64, by_a: f64, by_b: f64) -> Dual {
    Dual { value, slope: std::array::from_fn(|at| a.slope[at] * by_a + b.slope[at] * by_b) }
}

impl Add for Dual {
    type Output = Dual;
    fn add(self, other: Dual) -> Dual {
        join(self, other, self.value + other.value, 1.0, 1.0)
    }
}

impl Sub for Dual {
    type Output = Dual;
    fn sub(self, other: Dual) -> Dual {
        join(self, other, self.value - other.value, 1.0, -1.0)
    }
}

impl Mul for Dual {
    type Output = Dual;
    fn mul(self, other: Dual) -> Dual {
        join(self, other, self.value * other.value, other.value, self.value)
    }
}

impl Mul<Dual> for f64 {
    type Output = Dual;
    fn mul(self, other: Dual) -> Dual {
        other.chain(self * other.value, self)
    }
}

impl Div for Dual {
    type Output = Dual;
    fn div(self, other: Dual) -> Dual {
        let value = self.value / other.value;
        join(self, other, value, 1.0 / other.value, -value / other.value)
    }
}

impl Neg for Dual {
    type Output = Dual;
    fn neg(self) -> Dual {
        self.chain(-self.value, -1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against central differences.
    #[test]
    fn derivatives_are_those_of_the_function() {
        let function = |counts: [f64; 4]| {
            let [a, b, c, d] = std::array::from_fn(|at| Dual::count(counts[at], at));
            (a * d - b * c) / ((a + b) * (c + d)).sqrt() + 2.0 * a.ln() - Dual::constant(1.0) * -b
        };
        let at = [7.0, 3.0, 2.0, 11.0];
        let found = function(at);
        for place in 0..4 {
            let step = |by: f64| {
                let mut moved = at;
                moved[place] += by;
                function(moved).value
            };
            let expected = (step(1e-5) - step(-1e-5)) / 2e-5;
            assert!((found.slope[place] - expected).abs() < 1e-7, "{place}: {} is not {expected}", found.slope[place]);
        }
    }
}
