//! Two groups' rates held against each other inside strata, and pooled over them (Mantel & Haenszel 1959).

use super::{Interval, Paired};

/// Base and tuned counts of slice and reference in one stratum. Both models have the same condition.
pub type Stratum = [Paired; 2];

/// A common number of all strata with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Common {
    /// The number.
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
}

/// One model's table in one stratum: events a of n in the slice, c of m in the reference.
#[derive(Debug, Clone, Copy)]
struct Table {
    a: f64,
    n: f64,
    c: f64,
    m: f64,
}

impl Table {
    fn new((a, n): (u64, u64), (c, m): (u64, u64)) -> Option<Table> {
        let [a, n, c, m] = [a, n, c, m].map(|count| count as f64);
        (n > 0.0 && m > 0.0).then_some(Table { a, n, c, m })
    }

    fn rows(&self) -> f64 {
        self.n + self.m
    }

    /// Mantel and Haenszel's weight.
    fn weight(&self) -> f64 {
        self.n * self.m / self.rows()
    }

    fn gap(&self) -> f64 {
        self.a / self.n - self.c / self.m
    }
}

/// The tables of one model; strata where one of the two has no rows say nothing. `side` is 0 for the base.
fn tables(strata: &[Stratum], side: usize) -> Vec<Table> {
    let of = |counts: &Paired| if side == 0 { counts.base() } else { counts.tuned() };
    strata.iter().filter_map(|[slice, reference]| Table::new(of(slice), of(reference))).collect()
}

/// The strata in which slice and reference both have rows.
pub fn shared(strata: &[Stratum]) -> u64 {
    strata.iter().filter(|pair| pair.iter().all(|counts| counts.support() > 0)).count() as u64
}

/// The common difference of rates, Σ w d / Σ w with w = n m / (n + m), and Sato's (1989, Biometrics 45)
/// variance, which holds for few large strata and for many small ones. `None` without a shared stratum.
pub fn common_difference(strata: &[Stratum], side: usize, z: f64) -> Option<Common> {
    let tables = tables(strata, side);
    let sum = |of: fn(&Table) -> f64| tables.iter().map(of).sum::<f64>();
    let weights = sum(Table::weight);
    if tables.is_empty() {
        return None;
    }
    let value = sum(|t| t.weight() * t.gap()) / weights;
    let p = sum(|&Table { a, n, c, m }| (n * n * c - m * m * a + n * m * (m - n) / 2.0) / ((n + m) * (n + m)));
    let q = sum(|&Table { a, n, c, m }| (a * (m - c) + c * (n - a)) / (2.0 * (n + m)));
    let half = z * (value * p + q).max(0.0).sqrt() / weights;
    Some(Common { value, interval: Interval { low: value - half, high: value + half } })
}

/// The common odds ratio, Σ a(m − c)/N / Σ c(n − a)/N, and the variance of its logarithm by Robins, Breslow &
/// Greenland (1986, Biometrics 42). `None` where either sum is 0.
pub fn common_odds_ratio(strata: &[Stratum], side: usize, z: f64) -> Option<Common> {
    let tables = tables(strata, side);
    let parts = tables.iter().map(|t| {
        let (b, d) = (t.n - t.a, t.m - t.c);
        let [p, q, r, s] = [t.a + d, b + t.c, t.a * d, b * t.c].map(|x| x / t.rows());
        [r, s, p * r, p * s + q * r, q * s]
    });
    let [r, s, pr, mixed, qs] = parts.fold([0.0; 5], |sum, part| std::array::from_fn(|at| sum[at] + part[at]));
    if r <= 0.0 || s <= 0.0 {
        return None;
    }
    let variance = pr / (2.0 * r * r) + mixed / (2.0 * r * s) + qs / (2.0 * s * s);
    let (value, half) = (r / s, z * variance.sqrt());
    Some(Common { value, interval: Interval { low: value * (-half).exp(), high: value * half.exp() } })
}

/// The change of the common difference, tuned minus base: the same weights over each row's own change, which
/// is −1, 0 or 1. Its variance is Σ w² (s²/n + s′²/m) / (Σ w)² with the strata's own variances; one row alone
/// takes that of its group over all strata. `None` without a shared stratum, or where no variance is known.
pub fn common_change(strata: &[Stratum], z: f64) -> Option<Common> {
    let shared: Vec<&Stratum> = strata.iter().filter(|pair| pair.iter().all(|counts| counts.support() > 0)).collect();
    let pooled = [0, 1].map(|group| pooled_variance(shared.iter().map(|pair| &pair[group])));
    let (mut weights, mut sum, mut variance) = (0.0, 0.0, 0.0);
    for [slice, reference] in shared {
        let ([d, s, n], [e, t, m]) = (moved(slice), moved(reference));
        let weight = n * m / (n + m);
        let of = |squares: f64, n: f64, pooled: Option<f64>| {
            if n > 1.0 { Some(squares / (n - 1.0) / n) } else { pooled }
        };
        weights += weight;
        sum += weight * (d - e);
        variance += weight * weight * (of(s, n, pooled[0])? + of(t, m, pooled[1])?);
    }
    let (value, half) = (sum / weights, z * variance.sqrt() / weights);
    (weights > 0.0).then_some(Common { value, interval: Interval { low: value - half, high: value + half } })
}

/// Mean change of a group's rows in a stratum, the squared distances from it, and the rows.
fn moved(counts: &Paired) -> [f64; 3] {
    let [_, up, down, _] = counts.cells().map(|n| n as f64);
    let n = counts.support() as f64;
    let mean = (up - down) / n;
    [mean, up + down - n * mean * mean, n]
}

fn pooled_variance<'a>(strata: impl Iterator<Item = &'a Paired>) -> Option<f64> {
    let (squares, freedom) = strata.map(moved).fold((0.0, 0.0), |(s, f), [_, squares, n]| (s + squares, f + n - 1.0));
    (freedom > 0.0).then(|| squares / freedom)
}

#[cfg(test)]
mod tests {
    use super::*;

    const Z: f64 = 1.959_963_984_540_054;

    /// [n00, n01, n10, n11] by base and tuned, of slice and reference.
    const STRATA: [[[u64; 4]; 2]; 4] = [
        [[20, 6, 3, 11], [40, 4, 9, 27]],
        [[8, 2, 1, 3], [90, 10, 5, 45]],
        [[1, 0, 0, 0], [3, 1, 1, 2]],
        [[0, 0, 0, 0], [5, 1, 0, 2]],
    ];

    fn strata() -> Vec<Stratum> {
        let paired = |[a, b, c, d]: [u64; 4]| Paired { both: [[a, b], [c, d]], ..Paired::default() };
        STRATA.iter().map(|pair| pair.map(paired)).collect()
    }

    fn same(found: Option<Common>, [value, low, high]: [f64; 3]) {
        let found = found.expect("it is defined");
        for (found, expected) in
            [found.value, found.interval.low, found.interval.high].into_iter().zip([value, low, high])
        {
            assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        }
    }

    /// statsmodels 0.15, StratifiedTable; Sato's variance in fractions; the change from the rows one by one.
    #[test]
    fn common_numbers_are_those_of_other_code() {
        let strata = strata();
        assert_eq!(shared(&strata), 3);
        for side in [0, 1] {
            same(
                common_odds_ratio(&strata, side, Z),
                [
                    [0.674_670_867_966_896_7, 0.350_334_828_557_103_8, 1.299_273_560_547_555_8],
                    [1.053_888_695_349_242_3, 0.560_105_055_948_755_1, 1.982_987_602_751_699],
                ][side],
            );
            same(
                common_difference(&strata, side, Z),
                [
                    [-0.090_501_498_702_803_45, -0.235_850_113_358_502_3, 0.054_847_115_952_895_42],
                    [0.012_468_199_793_456_085, -0.138_158_481_586_191_2, 0.163_094_881_173_103_4],
                ][side],
            );
        }
        same(
            common_change(&strata, Z),
            [0.102_969_698_496_259_55, -0.037_685_327_340_643_13, 0.243_624_724_333_162_23],
        );
    }

    #[test]
    fn of_one_stratum_the_difference_is_the_gap_and_its_variance_the_plain_one() {
        let one = &strata()[..1];
        let found = common_difference(one, 1, Z).expect("it has rows");
        let (p, q) = (17.0 / 40.0, 31.0 / 80.0);
        let error = (p * (1.0 - p) / 40.0 + q * (1.0 - q) / 80.0_f64).sqrt();
        same(Some(found), [p - q, p - q - Z * error, p - q + Z * error]);
    }

    #[test]
    fn the_same_model_twice_has_not_changed_and_exchanged_models_turn_the_sign() {
        let same_model: Vec<Stratum> = strata()
            .iter()
            .map(|pair| {
                pair.map(|counts| Paired {
                    both: [[counts.base().1 - counts.base().0, 0], [0, counts.base().0]],
                    ..counts
                })
            })
            .collect();
        same(common_change(&same_model, Z), [0.0; 3]);
        let swapped: Vec<Stratum> = strata().iter().map(|pair| pair.map(|counts| counts.swapped())).collect();
        let (a, b) = (common_change(&strata(), Z).expect("rows"), common_change(&swapped, Z).expect("rows"));
        assert_eq!((a.value, a.interval.low), (-b.value, -b.interval.high));
    }

    #[test]
    fn without_a_shared_stratum_there_is_nothing() {
        let apart = &strata()[3..];
        assert!(common_difference(apart, 0, Z).is_none() && common_change(apart, Z).is_none());
        assert!(common_odds_ratio(apart, 0, Z).is_none());
    }
}
