//! Whether two answers to the same questions differ (McNemar 1947), exactly.

use statrs::distribution::{Binomial, DiscreteCDF};

/// The two-sided p of so many questions that only the first answers with yes, and so many that only the second does.
pub fn mcnemar(first: u64, second: u64) -> f64 {
    let law = Binomial::new(0.5, first + second);
    law.map_or(1.0, |law| (2.0 * law.cdf(first.min(second))).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_published_number() {
        assert!((mcnemar(30, 10) - 0.002_221_4).abs() < 1e-7);
        assert_eq!((mcnemar(0, 0), mcnemar(3, 3)), (1.0, 1.0));
    }
}
