//! How far the scores of the same rows moved from base to tuned.

use super::groups::Groups;
use super::{Draws, Sum, apart_by};
use statrs::distribution::{ChiSquared, ContinuousCDF};
use std::collections::{BTreeMap, BTreeSet};

/// Bins of equal rows of the base.
const BINS: usize = 10;
/// Row swaps behind a permutation p-value.
const SWAPS: usize = 199;
/// A chance that no draw would meet.
const NEVER: f64 = 1e-12;
/// Scores at which swapped rows are compared, at most.
const LEVELS: usize = 64;

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

/// Rows in the order of the base's scores, and their places in the order of the tuned model's.
#[derive(Debug, Clone, Default)]
pub struct MovedRows {
    /// The rows.
    pub rows: Vec<Moved>,
    /// The places.
    pub tuned: Vec<u32>,
}

/// The scores of some rows, before and after, in their order.
pub struct Shift {
    all: MovedRows,
    total: f64,
    shares: Shares,
}

impl Shift {
    /// `None` where nothing weighs anything.
    pub fn new(all: MovedRows) -> Option<Shift> {
        let total: f64 = all.rows.iter().map(|row| row.weight).sum();
        (total > 0.0).then(|| Shift { shares: Shares::of_scores(&all.rows, total), all, total })
    }

    /// Rows.
    pub fn rows(&self) -> u64 {
        self.all.rows.len() as u64
    }

    /// The population stability index of the shares between the base's deciles, and its p-value.
    pub fn stability(&self) -> (f64, Option<f64>) {
        self.shares.stability(self.all.rows.len())
    }

    /// Jensen–Shannon divergence of the same shares, in bits.
    pub fn jensen_shannon(&self) -> f64 {
        self.shares.jensen_shannon()
    }

    /// sup |F − G| (Kolmogorov–Smirnov) and ∫ |F − G| (Wasserstein-1).
    pub fn apart(&self) -> [f64; 2] {
        let weighed = |score: fn(&Moved) -> f64| move |row: &Moved| (score(row), row.weight);
        let base = self.all.rows.iter().map(weighed(|row| row.base));
        apart_by(base, self.by_tuned().map(weighed(|row| row.tuned)), [self.total; 2])
    }

    fn by_tuned(&self) -> impl Iterator<Item = &Moved> {
        self.all.tuned.iter().map(|&place| &self.all.rows[place as usize])
    }

    /// The p-value of exchanging base and tuned row by row: the two are of the same rows, so that the
    /// Kolmogorov–Smirnov test for independent samples does not hold. It is that of the largest |F − G| at
    /// up to 64 scores, which are quantiles of all scores of both.
    pub fn exchanged(&self, draws: &mut Draws) -> f64 {
        let levels = self.levels();
        let moves = self.moves(&levels);
        let mut steps = vec![0.0; levels.len() + 1];
        let found = largest(&moves, &mut steps, |one| one.net as f64);
        if chance_bound(&moves, levels.len(), found) < NEVER / SWAPS as f64 {
            return 1.0 / (SWAPS + 1) as f64;
        }
        let mut exchange = |one: &Move| 2.0 * draws.heads(one.rows) as f64 - one.rows as f64;
        let mut exchanged = || largest(&moves, &mut steps, &mut exchange);
        let as_large = (0..SWAPS).filter(|_| exchanged() >= found - 1e-9 * self.total);
        (as_large.count() + 1) as f64 / (SWAPS + 1) as f64
    }

    /// Order statistics of all scores of both, those that are equal once.
    fn levels(&self) -> Vec<f64> {
        let all = 2 * self.all.rows.len();
        let mut levels: Vec<f64> = (1..=LEVELS).map(|k| self.lowest((k * all).div_ceil(LEVELS))).collect();
        levels.dedup();
        levels
    }

    /// The highest of the lowest so many scores of both, one at least.
    fn lowest(&self, count: usize) -> f64 {
        let MovedRows { rows, tuned } = &self.all;
        let base_at = |at: usize| rows[at].base;
        let tuned_at = |at: usize| rows[tuned[at] as usize].tuned;
        // How many of them are the base's.
        let (mut low, mut high) = (count.saturating_sub(rows.len()), count.min(rows.len()));
        while low < high {
            let middle = low.midpoint(high);
            if base_at(middle) < tuned_at(count - middle - 1) { low = middle + 1 } else { high = middle }
        }
        let last = [low.checked_sub(1).map(base_at), (count - low).checked_sub(1).map(tuned_at)];
        last.into_iter().flatten().fold(f64::NEG_INFINITY, f64::max)
    }

    fn moves(&self, levels: &[f64]) -> Vec<Move> {
        let mut moves = Vec::new();
        let count = levels.len() + 1;
        let between = self.between(levels, count);
        for place in 0..count * count {
            let rows = between.of(place);
            let one =
                |&(weight, net): &(u64, i64)| Move { between: (place / count, place % count, weight), rows: 1, net };
            let mut all: Vec<Move> = rows.iter().map(one).collect();
            all.sort_unstable_by_key(|one| one.between);
            let sum = |alike: &[Move]| Move {
                rows: alike.len() as u64,
                net: alike.iter().map(|one| one.net).sum(),
                ..alike[0]
            };
            moves.extend(all.chunk_by(|a, b| a.between == b.between).map(sum));
        }
        moves
    }

    /// The rows that pass a level, by the levels between which they move: their weights, and 1 if up, −1 if down.
    fn between(&self, levels: &[f64], count: usize) -> Groups<(u64, i64)> {
        let base = places(levels, self.all.rows.iter().map(|row| row.base));
        let mut tuned = vec![0; base.len()];
        let by_tuned = places(levels, self.by_tuned().map(|row| row.tuned));
        self.all.tuned.iter().zip(by_tuned).for_each(|(&place, level)| tuned[place as usize] = level);
        let moved = |((&from, &to), row): ((&usize, &usize), &Moved)| {
            let net = if from < to { 1 } else { -1 };
            let place = from.min(to) * count + from.max(to);
            (from != to).then_some((place as u32, (row.weight.to_bits(), net)))
        };
        Groups::new(count * count, base.iter().zip(&tuned).zip(&self.all.rows).filter_map(moved))
    }
}

/// The largest |F − G|, unscaled, where so many more rows of a kind move up than down; `steps` has a place for every
/// level and one more.
fn largest(moves: &[Move], steps: &mut [f64], mut net: impl FnMut(&Move) -> f64) -> f64 {
    steps.fill(0.0);
    for one in moves {
        let (from, to, weight) = one.between;
        let net = f64::from_bits(weight) * net(one);
        steps[from] += net;
        steps[to] -= net;
    }
    let mut difference = 0.0;
    let at = steps.iter().map(|step| {
        difference += step;
        f64::abs(difference)
    });
    at.fold(0.0, f64::max)
}

/// A bound of the chance that an exchange is as far apart at any level (Hoeffding 1963): at each, the rows that pass
/// it go either way.
fn chance_bound(moves: &[Move], levels: usize, found: f64) -> f64 {
    let mut steps = vec![0.0; levels + 1];
    for one in moves {
        let (from, to, weight) = one.between;
        let square = f64::from_bits(weight).powi(2) * one.rows as f64;
        steps[from] += square;
        steps[to] -= square;
    }
    let mut squares = 0.0;
    let at = steps.iter().map(|step| {
        squares += step;
        2.0 * (-found * found / (2.0 * squares.max(f64::MIN_POSITIVE))).exp()
    });
    at.sum()
}

/// How many levels lie below each of these scores, which ascend.
fn places(levels: &[f64], scores: impl Iterator<Item = f64>) -> Vec<usize> {
    let mut place = 0;
    let below = |score: f64| {
        place += levels[place..].iter().take_while(|level| **level < score).count();
        place
    };
    scores.map(below).collect()
}

/// Rows that move between the same two levels with the same weight: how many, and how many more of them up
/// than down.
#[derive(Clone, Copy)]
struct Move {
    between: (usize, usize, u64),
    rows: u64,
    net: i64,
}

/// Shares of base and tuned in the same bins, with half a row added to every bin.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares(Vec<(f64, f64)>);

impl Shares {
    /// Of bins whose inner edges are the base's deciles, its order statistics x(⌈kn/10⌉), those that are
    /// equal merged; a score on an edge is in the bin below it. The rows are in the order of the base's scores.
    fn of_scores(rows: &[Moved], total: f64) -> Shares {
        let n = rows.len();
        let mut edges: Vec<f64> = (1..BINS).map(|k| rows[(k * n).div_ceil(BINS) - 1].base).collect();
        edges.dedup();
        Shares::counted(rows, total, edges.len() + 1, |score| edges.partition_point(|edge| *edge < score))
    }

    /// Of one bin for each class that occurs, where scores are the numbers of classes; `None` where
    /// nothing weighs anything.
    pub fn of_classes(rows: &[Moved]) -> Option<Shares> {
        let total: f64 = rows.iter().map(|row| row.weight).sum();
        let classes: BTreeSet<usize> = rows.iter().flat_map(|row| [row.base as usize, row.tuned as usize]).collect();
        let place: BTreeMap<usize, usize> = classes.iter().copied().zip(0..).collect();
        (total > 0.0).then(|| Shares::counted(rows, total, place.len(), |class| place[&(class as usize)]))
    }

    fn counted(rows: &[Moved], total: f64, bins: usize, place: impl Fn(f64) -> usize) -> Shares {
        let mut counts = vec![(0.0, 0.0); bins];
        for row in rows {
            counts[place(row.base)].0 += row.weight;
            counts[place(row.tuned)].1 += row.weight;
        }
        let smooth = |count: f64| (count + 0.5) / (total + 0.5 * bins as f64);
        Shares(counts.iter().map(|&(base, tuned)| (smooth(base), smooth(tuned))).collect())
    }

    /// Population stability index Σ(t − b) ln(t/b) of so many rows, and the p-value of no drift: n/2 times
    /// the index is about χ² with one degree of freedom fewer than bins.
    pub fn stability(&self, rows: usize) -> (f64, Option<f64>) {
        let index = Sum::of(self.0.iter().map(|(b, t)| (t - b) * (t / b).ln()));
        let law = ChiSquared::new((self.0.len() - 1) as f64).ok();
        (index, law.map(|law| law.sf(index * rows as f64 / 2.0)))
    }

    /// Jensen–Shannon divergence, in bits.
    pub fn jensen_shannon(&self) -> f64 {
        let half = |p: f64, m: f64| p * (p / m).log2() / 2.0;
        Sum::of(self.0.iter().map(|&(b, t)| half(b, (b + t) / 2.0) + half(t, (b + t) / 2.0)))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// statistics.md section 5, where the shares are given.
    #[test]
    fn an_index_of_shares() {
        let shares = Shares(vec![(0.2, 0.1), (0.3, 0.2), (0.3, 0.4), (0.2, 0.3)]);
        assert!((shares.stability(100).0 - 0.179_175_9).abs() < 1e-7);
        assert!((shares.jensen_shannon() - 0.031_950_5).abs() < 1e-7);
    }

    /// Classes 3 and 7 of four rows, of which one moves: (2.5, 2.5) of 5 to (1.5, 3.5).
    #[test]
    fn classes_are_bins() {
        let rows = [(3.0, 3.0), (3.0, 7.0), (7.0, 7.0), (7.0, 7.0)];
        let rows = rows.map(|(base, tuned)| Moved { base, tuned, weight: 1.0 });
        assert_eq!(Shares::of_classes(&rows), Some(Shares(vec![(0.5, 0.3), (0.5, 0.7)])));
        assert_eq!(Shares::of_classes(&[]), None);
    }

    fn shift(pairs: impl Iterator<Item = (f64, f64)>) -> Shift {
        let mut rows: Vec<Moved> = pairs.map(|(base, tuned)| Moved { base, tuned, weight: 1.0 }).collect();
        rows.sort_by(|a, b| a.base.total_cmp(&b.base));
        let mut tuned: Vec<u32> = (0..rows.len() as u32).collect();
        tuned.sort_by(|&a, &b| rows[a as usize].tuned.total_cmp(&rows[b as usize].tuned));
        Shift::new(MovedRows { rows, tuned }).expect("rows")
    }

    #[test]
    fn the_same_scores_have_not_moved() {
        let same = shift((0..100).map(|i| (f64::from(i) / 100.0, f64::from(i) / 100.0)));
        assert_eq!((same.stability().0, same.jensen_shannon()), (0.0, 0.0));
        assert_eq!((same.apart(), same.exchanged(&mut Draws::new(1, "ks"))), ([0.0, 0.0], 1.0));
    }

    /// A thousand rows that all move up: what no exchange reaches is not drawn, and what one may reach is bounded.
    #[test]
    fn a_chance_is_bounded() {
        let up = |rows: u32| shift((0..rows).map(|row| (f64::from(row), f64::from(row) + 2000.0)));
        assert_eq!(up(1000).exchanged(&mut Draws::new(1, "ks")), 1.0 / 200.0);
        let one = up(6);
        let (levels, moves) = (one.levels(), one.moves(&one.levels()));
        // Two of 64 orders are as far apart.
        assert!(chance_bound(&moves, levels.len(), 6.0) >= 2.0 / 64.0);
        assert!(chance_bound(&moves, levels.len(), 60.0) < 1e-12);
    }

    #[test]
    fn the_lowest_of_both_are_those_of_all_sorted() {
        let pairs = (0..57_i32).map(|row| (f64::from(row * 7 % 19), f64::from(row * 5 % 23)));
        let mut all: Vec<f64> = pairs.clone().flat_map(|(base, tuned)| [base, tuned]).collect();
        all.sort_by(f64::total_cmp);
        let shift = shift(pairs);
        let lowest: Vec<f64> = (1..=114).map(|count| shift.lowest(count)).collect();
        assert_eq!(lowest, all);
    }

    /// All orders of four rows: 2 of 16 are as far apart, so that about an eighth of the draws are.
    #[test]
    fn rows_are_exchanged_one_by_one() {
        let one = shift([(0.1, 0.6), (0.2, 0.7), (0.3, 0.8), (0.4, 0.9)].into_iter());
        assert_eq!(one.apart()[0], 1.0);
        let p: f64 = (0..20).map(|seed| one.exchanged(&mut Draws::new(seed, "ks"))).sum::<f64>() / 20.0;
        assert!((p - 0.125).abs() < 0.03, "{p}");
    }

    /// Where nothing moved but by chance, one in twenty is below 0.05.
    #[test]
    fn the_test_keeps_its_level() {
        let small = (0..400_u64).filter(|seed| {
            let mut draws = Draws::new(*seed, "level");
            let mut score = || draws.heads(1 << 20) as f64 / f64::from(1 << 20);
            let moved = shift((0..300).map(|_| (score(), score())));
            moved.exchanged(&mut Draws::new(*seed, "ks")) <= 0.05
        });
        let small = small.count();
        assert!((8..=34).contains(&small), "{small} of 400");
    }
}
