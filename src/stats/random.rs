//! Seeded draws, keyed by what they are for, never by who runs them.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};
use rand_distr::{Binomial, Distribution, Gamma, StandardNormal};
use sha2::{Digest, Sha256};

/// A stream of draws for one purpose.
pub struct Draws(Xoshiro256PlusPlus);

impl Draws {
    /// The stream of (seed, purpose): the same on every machine and for every number of threads.
    pub fn new(seed: u64, purpose: &str) -> Draws {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        hash.update(purpose.as_bytes());
        Draws(Xoshiro256PlusPlus::from_seed(hash.finalize().into()))
    }
}

impl Draws {
    /// How many of so many fair coins show heads.
    pub fn heads(&mut self, coins: u64) -> u64 {
        let whole: u64 = (0..coins / 64).map(|_| u64::from(self.0.next_u64().count_ones())).sum();
        match coins % 64 {
            0 => whole,
            left => whole + u64::from((self.0.next_u64() >> (64 - left)).count_ones()),
        }
    }

    /// A number below `bound`, by the high half of a product (Lemire 2019), whose bias is below bound / 2⁶⁴.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.0.next_u64()) * bound as u128) >> 64) as usize
    }
}

impl Draws {
    /// One draw of the weight of some rows: Gamma with mean Σw and variance Σw², which rows have in the Bayesian
    /// bootstrap (Rubin 1981), where each counts w times an exponential draw; exactly so where all w are alike.
    pub fn weight(&mut self, sum: f64, squares: f64) -> f64 {
        let law = Gamma::new(sum * sum / squares, squares / sum).ok().filter(|_| sum > 0.0);
        law.map_or(0.0, |gamma| gamma.sample(&mut self.0))
    }
}

/// Dirichlet(counts + 1/2): the posterior of four probabilities under Jeffreys' prior.
pub struct Dirichlet {
    gammas: [Gamma<f64>; 4],
    shapes: [f64; 4],
}

impl Dirichlet {
    /// From the counts of the four cells.
    pub fn new(counts: [u64; 4]) -> Dirichlet {
        let shapes = counts.map(|n| n as f64 + 0.5);
        let gammas = shapes.map(|shape| match Gamma::new(shape, 1.0) {
            Ok(gamma) => gamma,
            Err(_) => unreachable!("the shape n + 1/2 is positive and finite"),
        });
        Dirichlet { gammas, shapes }
    }

    /// The tails of the sum of the last two, and of the second and the last: their laws are Beta(a, b).
    pub fn rates(&self) -> [Tail; 2] {
        let [_, n01, n10, n11] = self.shapes;
        let all: f64 = self.shapes.iter().sum();
        [n10 + n11, n01 + n11].map(|own| Tail::of_beta(own, all - own))
    }

    /// One draw.
    pub fn draw(&self, draws: &mut Draws) -> [f64; 4] {
        let gammas = self.gammas.map(|gamma| gamma.sample(&mut draws.0));
        let scale = 1.0 / gammas.iter().sum::<f64>();
        gammas.map(|gamma| gamma * scale)
    }
}

/// How far from its mean a draw may lie: beyond e either way in fewer than exp(−e² / (2 (variance + skew · e)))
/// of all draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tail {
    /// The mean.
    pub mean: f64,
    /// The variance.
    pub variance: f64,
    /// 0 of a normal law.
    pub skew: f64,
}

impl Tail {
    /// Of Beta(a, b): Bernstein's bound (Skórski 2023, theorem 1).
    fn of_beta(a: f64, b: f64) -> Tail {
        let all = a + b;
        let skew = 2.0 * (b - a).abs() / (all * (all + 2.0)) / 3.0;
        Tail { mean: a / all, variance: a * b / (all * all * (all + 1.0)), skew }
    }

    /// Of the difference of two that are independent.
    pub fn less(&self, other: &Tail) -> Tail {
        Tail { mean: self.mean - other.mean, variance: self.variance + other.variance, skew: self.skew.max(other.skew) }
    }

    /// Between which numbers nearly all draws lie: all but as many as of a normal law lie so many standard
    /// deviations from its mean.
    pub fn ends(&self, deviations: f64) -> (f64, f64) {
        let half = deviations * deviations * self.skew / 2.0;
        let far = half + (half * half + deviations * deviations * self.variance).sqrt();
        (self.mean - far, self.mean + far)
    }
}

/// One draw of counts from Multinomial(Σ counts, counts / Σ counts) by conditional binomials: the
/// law of a bootstrap over the rows (statistics.md section 6), at a cost that no row count enters.
/// `drawn` is as long as `counts`.
pub fn multinomial(counts: &[u64], drawn: &mut [u64], draws: &mut Draws) {
    let mut rows_left: u64 = counts.iter().sum();
    let mut mass_left = rows_left;
    for (drawn, &count) in drawn.iter_mut().zip(counts) {
        *drawn = binomial(rows_left, count, mass_left, draws);
        rows_left -= *drawn;
        mass_left -= count;
    }
}

fn binomial(n: u64, count: u64, mass: u64, draws: &mut Draws) -> u64 {
    if count == 0 || n == 0 {
        return 0;
    }
    if count == mass {
        return n;
    }
    let p = count as f64 / mass as f64;
    let variance = n as f64 * p * (1.0 - p);
    if variance >= SMOOTH {
        return smooth_binomial(n, p, variance.sqrt(), StandardNormal.sample(&mut draws.0));
    }
    match Binomial::new(n, p) {
        Ok(law) => law.sample(&mut draws.0),
        Err(_) => unreachable!("count < mass, so the probability lies in (0, 1)"),
    }
}

/// The variance from which a binomial law is drawn by its expansion.
const SMOOTH: f64 = 1000.0;

/// The z-quantile of a binomial law by its expansion to the skewness (Cornish & Fisher 1938), rounded.
/// Of a variance of 1,000 or more its distribution differs from the exact one by less than 0.0001, a
/// hundredth of what 1,000 replicates leave open, at a fifth of the time.
fn smooth_binomial(n: u64, p: f64, sd: f64, z: f64) -> u64 {
    let drawn = n as f64 * p + sd * z + (1.0 - 2.0 * p) * (z * z - 1.0) / 6.0;
    // Negative numbers become 0.
    ((drawn + 0.5).max(0.0) as i64 as u64).min(n)
}

/// One draw of a pair of normal variables with these means, variances and covariance.
pub fn bivariate_normal(mean: (f64, f64), covariance: (f64, f64, f64), draws: &mut Draws) -> (f64, f64) {
    let (u, v): (f64, f64) = (StandardNormal.sample(&mut draws.0), StandardNormal.sample(&mut draws.0));
    let (xx, yy, xy) = covariance;
    let sd = xx.sqrt();
    let slope = if sd > 0.0 { xy / sd } else { 0.0 };
    (mean.0 + sd * u, mean.1 + slope * u + (yy - slope * slope).max(0.0).sqrt() * v)
}

/// One draw of several normal variables with these means and covariances, by Cholesky's root; what rounding
/// makes negative of a variance is none.
pub fn normal<const N: usize>(mean: [f64; N], covariance: &[[f64; N]; N], draws: &mut Draws) -> [f64; N] {
    let mut root = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| root[i][k] * root[j][k]).sum();
            let left = covariance[i][j] - known;
            root[i][j] = match i == j {
                true => left.max(0.0).sqrt(),
                false if root[j][j] > 0.0 => left / root[j][j],
                false => 0.0,
            };
        }
    }
    let drawn: [f64; N] = std::array::from_fn(|_| StandardNormal.sample(&mut draws.0));
    std::array::from_fn(|i| mean[i] + (0..=i).map(|k| root[i][k] * drawn[k]).sum::<f64>())
}

/// Of so many draws those that have to be defined: the ends of an interval over fewer would be those of the
/// draws that happen to have a number, which is not a chance event.
const DEFINED: f64 = 0.9;

/// The percentile interval of draws, of `drawn` that were made; `None` where fewer than nine in ten have a number.
pub fn percentiles(mut draws: Vec<f64>, drawn: usize, confidence: f64) -> Option<(f64, f64)> {
    if (draws.len() as f64) < DEFINED * drawn as f64 {
        return None;
    }
    let tail = (1.0 - confidence) / 2.0;
    Some((quantile(&mut draws, tail)?, quantile(&mut draws, 1.0 - tail)?))
}

/// Linear interpolation between order statistics (Hyndman & Fan 1996, type 7), without sorting all.
fn quantile(draws: &mut [f64], q: f64) -> Option<f64> {
    let at = q * draws.len().checked_sub(1)? as f64;
    let (_, below, above) = draws.select_nth_unstable_by(at.floor() as usize, f64::total_cmp);
    let next = above.iter().copied().min_by(f64::total_cmp).unwrap_or(*below);
    Some(*below + (next - *below) * at.fract())
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Binomial as Exact, ContinuousCDF, DiscreteCDF, Normal};

    #[test]
    fn the_expansion_of_a_binomial_is_close_where_it_is_used() {
        for (n, p) in [(4000, 0.5), (100_000, 0.01005), (100_000, 0.98995), (10_000_000, 0.00011)] {
            let (Ok(exact), Ok(normal)) = (Exact::new(p, n), Normal::new(0.0, 1.0)) else { panic!("sound parameters") };
            let sd = (n as f64 * p * (1.0 - p)).sqrt();
            let farthest = (-400..=400).map(|step| f64::from(step) / 100.0).map(|z| {
                // The largest z that still gives this number: half a unit above.
                let k = smooth_binomial(n, p, sd, z);
                let above = bisect(|z| smooth_binomial(n, p, sd, z) > k, z, z + 3.0 / sd);
                (exact.cdf(k) - normal.cdf(above)).abs()
            });
            assert!(farthest.fold(0.0, f64::max) < 1e-4, "{n} {p}");
        }
    }

    #[test]
    fn an_interval_needs_nine_draws_in_ten() {
        let draws = |count: usize| (0..count).map(|draw| draw as f64).collect::<Vec<_>>();
        assert_eq!(percentiles(draws(899), 1000, 0.95), None);
        assert_eq!(percentiles(draws(900), 1000, 0.0), Some((449.5, 449.5)));
        assert_eq!(percentiles(Vec::new(), 0, 0.95), None);
    }

    /// The tails of Beta(3.5, 40.5) by its distribution function: less than is said lies outside.
    #[test]
    fn a_tail_holds_less_than_it_says() {
        use statrs::distribution::Beta;
        for (a, b) in [(3.5, 40.5), (40.5, 3.5), (200.5, 300.5), (0.5, 900.5)] {
            let law = Beta::new(a, b).expect("sound parameters");
            for deviations in [2.0_f64, 4.0, 6.0] {
                let (low, high) = Tail::of_beta(a, b).ends(deviations);
                let bound = (-deviations * deviations / 2.0).exp();
                assert!(law.cdf(low.max(0.0)) <= bound && law.sf(high.min(1.0)) <= bound, "{a} {b} {deviations}");
            }
        }
        assert_eq!(Tail { mean: 1.0, variance: 4.0, skew: 0.0 }.ends(3.0), (-5.0, 7.0));
    }

    /// Rubin's (1981) law of weights that sum: mean W and variance Σw².
    #[test]
    fn redrawn_weights_have_their_moments() {
        let mut draws = Draws::new(7, "weights");
        let drawn: Vec<f64> = (0..20_000).map(|_| draws.weight(30.0, 90.0)).collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        let variance = drawn.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!((mean - 30.0).abs() < 0.3 && (variance / 90.0 - 1.0).abs() < 0.05, "{mean} {variance}");
        assert_eq!(draws.weight(0.0, 0.0), 0.0);
    }

    fn bisect(past: impl Fn(f64) -> bool, mut low: f64, mut high: f64) -> f64 {
        for _ in 0..50 {
            let middle = (low + high) / 2.0;
            if past(middle) { high = middle } else { low = middle }
        }
        low
    }
}
