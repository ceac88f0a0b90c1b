//! A sum that does not show the order of its terms.

/// Adds in twice the precision (Knuth's two-sum; Ogita, Rump & Oishi 2005), so that the order of the
/// terms is lost in digits that are cut off at the end.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sum {
    high: f64,
    low: f64,
}

impl Sum {
    /// Adds a term.
    #[inline]
    pub fn add(&mut self, term: f64) {
        let sum = self.high + term;
        let part = sum - self.high;
        self.low += (self.high - (sum - part)) + (term - part);
        self.high = sum;
    }

    /// Adds the terms of another sum.
    pub fn merge(&mut self, other: &Sum) {
        self.add(other.high);
        self.low += other.low;
    }

    /// The sum, rounded once.
    pub fn value(&self) -> f64 {
        self.high + self.low
    }

    /// The sum of all terms.
    pub fn of(terms: impl IntoIterator<Item = f64>) -> f64 {
        let mut sum = Sum::default();
        terms.into_iter().for_each(|term| sum.add(term));
        sum.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_does_not_show() {
        let terms: Vec<f64> = (0..10_000).map(|i| ((i * 7919) % 1000) as f64 * 1e-7 + 1.0 / (i + 3) as f64).collect();
        let backwards = Sum::of(terms.iter().rev().copied());
        assert_eq!(Sum::of(terms.iter().copied()), backwards);
        assert_eq!(Sum::of([1e16, 1.0, -1e16]), 1.0);
    }
}
