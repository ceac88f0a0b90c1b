//! How far one distribution of scores moved from another.

use super::{Draws, Sum};
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Bins of equal rows of the base.
const BINS: usize = 10;
/// Row swaps behind a permutation p-value.
const SWAPS: usize = 199;

/// Two scores of each row with its weight.
#[derive(Debug, Clone, Copy)]
pub struct Moved {
    /// The base's score.
    pub base: f64,
    /// The tuned model's.
    pub tuned: f64,
    /// The row's weight.
    pub weight: f64,
}

/// Shares of base and tuned in bins whose inner edges are the base's deciles, its order statistics
/// x(⌈kn/10⌉), those that are equal merged; a score on an edge is in the bin below it. Half a row is
/// added to every bin.
fn shares(rows: &[Moved]) -> Option<Vec<(f64, f64)>> {
    let mut sorted: Vec<f64> = rows.iter().map(|row| row.base).collect();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let mut edges: Vec<f64> = (1..BINS).filter(|_| n > 0).map(|k| sorted[(k * n).div_ceil(BINS) - 1]).collect();
    edges.dedup();
    let place = |score: f64| edges.partition_point(|edge| *edge < score);
    let mut counts = vec![(0.0, 0.0); edges.len() + 1];
    for row in rows {
        counts[place(row.base)].0 += row.weight;
        counts[place(row.tuned)].1 += row.weight;
    }
    let total: f64 = rows.iter().map(|row| row.weight).sum();
    let smooth = |count: f64| (count + 0.5) / (total + 0.5 * counts.len() as f64);
    (total > 0.0).then(|| counts.iter().map(|&(base, tuned)| (smooth(base), smooth(tuned))).collect())
}

/// Population stability index Σ(t − b) ln(t/b), and the p-value of no drift: n/2 times the index is
/// about χ² with one degree of freedom fewer than bins.
pub fn stability(rows: &[Moved]) -> Option<(f64, Option<f64>)> {
    let shares = shares(rows)?;
    let index = Sum::of(shares.iter().map(|(b, t)| (t - b) * (t / b).ln()));
    let law = ChiSquared::new((shares.len() - 1) as f64).ok();
    Some((index, law.map(|law| law.sf(index * rows.len() as f64 / 2.0))))
}

/// The index of two independent samples counted in the same bins, those empty in both left out, half a row
/// added to each; the p-value of no drift: the index over 1/n + 1/m is about χ² with one degree of freedom
/// fewer than bins (Yurdakul & Naranjo 2020). `None` where a sample is empty.
pub fn stability_of_counts(first: &[u64], second: &[u64]) -> Option<(f64, Option<f64>)> {
    let bins: Vec<(u64, u64)> =
        first.iter().copied().zip(second.iter().copied()).filter(|bin| *bin != (0, 0)).collect();
    let (n, m) = bins.iter().fold((0, 0), |(n, m), (a, b)| (n + a, m + b));
    if n == 0 || m == 0 {
        return None;
    }
    let share = |count: u64, all: u64| (count as f64 + 0.5) / (all as f64 + 0.5 * bins.len() as f64);
    let term = |&(a, b): &(u64, u64)| {
        let (a, b) = (share(a, n), share(b, m));
        (b - a) * (b / a).ln()
    };
    let index = Sum::of(bins.iter().map(term));
    let law = ChiSquared::new((bins.len() - 1) as f64).ok();
    Some((index, law.map(|law| law.sf(index / (1.0 / n as f64 + 1.0 / m as f64)))))
}

/// Jensen–Shannon divergence of the same shares, in bits.
pub fn jensen_shannon(rows: &[Moved]) -> Option<f64> {
    let half = |p: f64, m: f64| p * (p / m).log2() / 2.0;
    let of = |&(b, t): &(f64, f64)| half(b, (b + t) / 2.0) + half(t, (b + t) / 2.0);
    shares(rows).map(|shares| Sum::of(shares.iter().map(of)))
}

/// Every score with its row and whether it is the base's, in the order of the scores.
fn pooled(rows: &[Moved]) -> Vec<(f64, usize, bool)> {
    let both = rows.iter().enumerate().flat_map(|(at, row)| [(row.base, at, true), (row.tuned, at, false)]);
    let mut pooled: Vec<(f64, usize, bool)> = both.collect();
    pooled.sort_by(|a, b| a.0.total_cmp(&b.0));
    pooled
}

/// sup |F − G|, where the scores of the rows in `swapped` have changed sides.
fn largest(rows: &[Moved], pooled: &[(f64, usize, bool)], swapped: impl Fn(usize) -> bool) -> f64 {
    let total: f64 = rows.iter().map(|row| row.weight).sum();
    let (mut difference, mut largest) = (0.0, 0.0_f64);
    for tie in pooled.chunk_by(|a, b| a.0 == b.0) {
        for &(_, row, base) in tie {
            let side = if base != swapped(row) { 1.0 } else { -1.0 };
            difference += side * rows[row].weight;
        }
        largest = largest.max(f64::abs(difference) / total);
    }
    largest
}

/// Kolmogorov–Smirnov distance, with the p-value of exchanging base and tuned row by row: the two are of
/// the same rows, so that the test for independent samples does not hold.
pub fn kolmogorov(rows: &[Moved], draws: Option<&mut Draws>) -> Option<(f64, Option<f64>)> {
    if rows.iter().map(|row| row.weight).sum::<f64>() <= 0.0 {
        return None;
    }
    let pooled = pooled(rows);
    let found = largest(rows, &pooled, |_| false);
    let p = draws.map(|draws| {
        let as_large = (0..SWAPS).filter(|_| {
            let coins = draws.coins(rows.len());
            largest(rows, &pooled, |row| coins[row / 64] >> (row % 64) & 1 == 1) >= found - 1e-12
        });
        (as_large.count() + 1) as f64 / (SWAPS + 1) as f64
    });
    Some((found, p))
}

/// ∫ |F − G|.
pub fn wasserstein(rows: &[Moved]) -> Option<f64> {
    let total: f64 = rows.iter().map(|row| row.weight).sum();
    let pooled = pooled(rows);
    let (mut difference, mut area) = (0.0, Sum::default());
    for pair in pooled.windows(2) {
        let (score, row, base) = pair[0];
        difference += if base { rows[row].weight } else { -rows[row].weight };
        area.add(f64::abs(difference) / total * (pair[1].0 - score));
    }
    (total > 0.0).then(|| area.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// statistics.md section 5, where the shares are given.
    #[test]
    fn an_index_of_shares() {
        let (b, t) = ([0.2, 0.3, 0.3, 0.2], [0.1, 0.2, 0.4, 0.3]);
        let index: f64 = b.iter().zip(t).map(|(b, t): (&f64, f64)| (t - b) * (t / b).ln()).sum();
        assert!((index - 0.179_175_9).abs() < 1e-7);
    }

    #[test]
    fn the_same_scores_have_not_moved() {
        let rows: Vec<Moved> = (0..100)
            .map(|i| f64::from(i) / 100.0)
            .map(|score| Moved { base: score, tuned: score, weight: 1.0 })
            .collect();
        assert_eq!(stability(&rows).map(|found| found.0), Some(0.0));
        assert_eq!(kolmogorov(&rows, Some(&mut Draws::new(1, "ks"))), Some((0.0, Some(1.0))));
        assert_eq!((wasserstein(&rows), jensen_shannon(&rows)), (Some(0.0), Some(0.0)));
    }
}
