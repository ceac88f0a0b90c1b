//! How far the scores of the same rows moved from base to tuned.

use super::{Draws, Sum, apart_by};
use statrs::distribution::{ChiSquared, ContinuousCDF};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Bins of equal rows of the base.
const BINS: usize = 10;
/// Row swaps behind a permutation p-value.
const SWAPS: usize = 199;
/// A chance that no draw would meet.
const NEVER: f64 = 1e-12;
/// Scores at which swapped rows are compared, at most.
const LEVELS: usize = 64;

/// Rows in the order of the base's scores: the scores of base and tuned, what the rows weigh, and their places in
/// the order of the tuned model's scores.
#[derive(Debug, Clone, Default)]
pub struct MovedRows {
    scores: [Arc<Vec<f64>>; 2],
    weight: Arc<Vec<f64>>,
    tuned: Arc<Vec<u32>>,
}

impl MovedRows {
    /// Rows to which a model gave no score are left out.
    pub fn new(scores: [Arc<Vec<f64>>; 2], weight: Arc<Vec<f64>>, tuned: Arc<Vec<u32>>) -> MovedRows {
        let known = |row: usize| scores.iter().all(|scores| !scores[row].is_nan());
        if (0..weight.len()).all(known) {
            return MovedRows { scores, weight, tuned };
        }
        let kept: Vec<usize> = (0..weight.len()).filter(|&row| known(row)).collect();
        let mut places = vec![u32::MAX; weight.len()];
        kept.iter().zip(0..).for_each(|(&row, place)| places[row] = place);
        let of = |numbers: &[f64]| Arc::new(kept.iter().map(|&row| numbers[row]).collect());
        let tuned = tuned.iter().map(|&row| places[row as usize]).filter(|place| *place != u32::MAX);
        MovedRows {
            scores: scores.each_ref().map(|scores| of(scores)),
            weight: of(&weight),
            tuned: Arc::new(tuned.collect()),
        }
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.weight.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.weight.is_empty()
    }

    fn base(&self) -> &[f64] {
        &self.scores[0]
    }

    /// The tuned model's scores in their order.
    fn by_tuned(&self) -> impl Iterator<Item = f64> {
        self.tuned.iter().map(|&row| self.scores[1][row as usize])
    }

    fn total(&self) -> f64 {
        self.weight.iter().sum()
    }

    fn iter(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        self.scores[0].iter().zip(self.scores[1].iter()).zip(self.weight.iter()).map(|((b, t), w)| (*b, *t, *w))
    }
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
        let total = all.total();
        (total > 0.0).then(|| Shift { shares: Shares::of_scores(&all, total), all, total })
    }

    /// Rows.
    pub fn rows(&self) -> u64 {
        self.all.len() as u64
    }

    /// The population stability index of the shares between the base's deciles, and its p-value.
    pub fn stability(&self) -> (f64, Option<f64>) {
        self.shares.stability(self.all.len())
    }

    /// Jensen–Shannon divergence of the same shares, in bits.
    pub fn jensen_shannon(&self) -> f64 {
        self.shares.jensen_shannon()
    }

    /// sup |F − G| (Kolmogorov–Smirnov) and ∫ |F − G| (Wasserstein-1).
    pub fn apart(&self) -> [f64; 2] {
        let all = &self.all;
        let base: Vec<(f64, f64)> = all.base().iter().copied().zip(all.weight.iter().copied()).collect();
        let weights = all.tuned.iter().map(|&row| all.weight[row as usize]);
        let tuned: Vec<(f64, f64)> = all.by_tuned().zip(weights).collect();
        apart_by(&base, &tuned, [self.total; 2])
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
        let all = 2 * self.all.len();
        let mut levels: Vec<f64> = (1..=LEVELS).map(|k| self.lowest((k * all).div_ceil(LEVELS))).collect();
        levels.dedup();
        levels
    }

    /// The highest of the lowest so many scores of both, one at least.
    fn lowest(&self, count: usize) -> f64 {
        let (rows, tuned) = (self.all.len(), &self.all.scores[1]);
        let base_at = |at: usize| self.all.base()[at];
        let tuned_at = |at: usize| tuned[self.all.tuned[at] as usize];
        // How many of them are the base's.
        let (mut low, mut high) = (count.saturating_sub(rows), count.min(rows));
        while low < high {
            let middle = low.midpoint(high);
            if base_at(middle) < tuned_at(count - middle - 1) { low = middle + 1 } else { high = middle }
        }
        let last = [low.checked_sub(1).map(base_at), (count - low).checked_sub(1).map(tuned_at)];
        last.into_iter().flatten().fold(f64::NEG_INFINITY, f64::max)
    }

    /// The rows that pass a level, by the levels between which they move and by their weights.
    fn moves(&self, levels: &[f64]) -> Vec<Move> {
        let (all, count) = (&self.all, levels.len() + 1);
        let mut tuned = vec![0; all.len()];
        all.tuned.iter().zip(places(levels, all.by_tuned())).for_each(|(&row, level)| tuned[row as usize] = level);
        let base = places(levels, all.base().iter().copied());
        let mut between: Vec<Vec<Move>> = vec![Vec::new(); count * count];
        for ((from, to), weight) in base.zip(tuned).zip(all.weight.iter()).filter(|((from, to), _)| from != to) {
            let (low, high) = (usize::from(from.min(to)), usize::from(from.max(to)));
            let one = Move { between: (low, high, weight.to_bits()), rows: 1, net: if from < to { 1 } else { -1 } };
            match between[low * count + high].last_mut().filter(|last| last.between == one.between) {
                Some(last) => last.add(&one),
                None => between[low * count + high].push(one),
            }
        }
        between.into_iter().flat_map(united).collect()
    }
}

/// Those of the same weight together.
fn united(mut moves: Vec<Move>) -> Vec<Move> {
    moves.sort_unstable_by_key(|one| one.between);
    let sum = |alike: &[Move]| {
        let mut sum = alike[0];
        alike[1..].iter().for_each(|one| sum.add(one));
        sum
    };
    moves.chunk_by(|a, b| a.between == b.between).map(sum).collect()
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
fn places(levels: &[f64], scores: impl Iterator<Item = f64>) -> impl Iterator<Item = u8> {
    const { assert!(LEVELS < 256) };
    let mut place = 0;
    scores.map(move |score| {
        place += levels[place..].iter().take_while(|level| **level < score).count();
        place as u8
    })
}

/// Rows that move between the same two levels with the same weight: how many, and how many more of them up
/// than down.
#[derive(Clone, Copy)]
struct Move {
    between: (usize, usize, u64),
    rows: u64,
    net: i64,
}

impl Move {
    fn add(&mut self, more: &Move) {
        (self.rows, self.net) = (self.rows + more.rows, self.net + more.net);
    }
}

/// Shares of base and tuned in the same bins, with half a row added to every bin.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares(Vec<(f64, f64)>);

impl Shares {
    /// Of bins whose inner edges are the base's deciles, its order statistics x(⌈kn/10⌉), those that are
    /// equal merged; a score on an edge is in the bin below it. The rows are in the order of the base's scores.
    fn of_scores(rows: &MovedRows, total: f64) -> Shares {
        let n = rows.len();
        let mut edges: Vec<f64> = (1..BINS).map(|k| rows.base()[(k * n).div_ceil(BINS) - 1]).collect();
        edges.dedup();
        Shares::counted(rows, total, edges.len() + 1, |score| edges.partition_point(|edge| *edge < score))
    }

    /// Of one bin for each class that occurs, where scores are the numbers of classes; `None` where
    /// nothing weighs anything.
    pub fn of_classes(rows: &MovedRows) -> Option<Shares> {
        let total = rows.total();
        let classes: BTreeSet<usize> = rows.iter().flat_map(|(b, t, _)| [b as usize, t as usize]).collect();
        let place: BTreeMap<usize, usize> = classes.iter().copied().zip(0..).collect();
        (total > 0.0).then(|| Shares::counted(rows, total, place.len(), |class| place[&(class as usize)]))
    }

    fn counted(rows: &MovedRows, total: f64, bins: usize, place: impl Fn(f64) -> usize) -> Shares {
        let mut counts = vec![(0.0, 0.0); bins];
        for (base, tuned, weight) in rows.iter() {
            counts[place(base)].0 += weight;
            counts[place(tuned)].1 += weight;
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
        assert_eq!(Shares::of_classes(&moved(rows.into())), Some(Shares(vec![(0.5, 0.3), (0.5, 0.7)])));
        assert_eq!(Shares::of_classes(&MovedRows::default()), None);
    }

    fn moved(mut rows: Vec<(f64, f64)>) -> MovedRows {
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_by(|&a, &b| rows[a as usize].1.total_cmp(&rows[b as usize].1));
        let (base, tuned): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
        let weight = vec![1.0; base.len()];
        MovedRows::new([base.into(), tuned.into()], weight.into(), order.into())
    }

    fn shift(pairs: impl Iterator<Item = (f64, f64)>) -> Shift {
        Shift::new(moved(pairs.collect())).expect("rows")
    }

    #[test]
    fn a_row_without_a_score_is_left_out() {
        let left = moved(vec![(0.3, 0.2), (f64::NAN, 0.1), (0.1, 0.9), (0.2, f64::NAN), (0.4, 0.5)]);
        assert_eq!(left.len(), 3);
        assert_eq!(left.by_tuned().collect::<Vec<_>>(), [0.2, 0.5, 0.9]);
        assert_eq!(left.base(), [0.1, 0.3, 0.4]);
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
