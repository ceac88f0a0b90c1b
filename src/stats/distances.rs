//! How far two samples of scores are apart, sup |F − G| (Kolmogorov–Smirnov) and ∫ |F − G| (Wasserstein-1): of
//! any two, and of each of many groups and everyone else in one order of all.
//!
//! With F of all N rows, F_g of the n of a group and F_r of the others, N F = n F_g + (N − n) F_r, so that
//! F_g − F_r = N / (N − n) (F_g − F): the others need not be looked at.

use super::Sum;
use super::groups::Groups;
use rayon::prelude::*;

/// sup |F − G| and ∫ |F − G| of two samples of these total weights, scores with their weights in the order of scores.
pub fn apart_by(first: &[(f64, f64)], second: &[(f64, f64)], totals: [f64; 2]) -> [f64; 2] {
    let (mut at, mut to) = (0, 0);
    let lowest = [first, second].into_iter().filter_map(|sample| sample.first()).map(|one| one.0);
    let mut passed = Passed::new(lowest.fold(f64::INFINITY, f64::min), totals);
    while at < first.len() && to < second.len() {
        // Nobody can foresee whose turn it is: both are computed, and one of them counts.
        let ((score, weight), (other, more)) = (first[at], second[to]);
        let own = score <= other;
        passed.reach(if own { score } else { other });
        passed.weights[0] += if own { weight } else { 0.0 };
        passed.weights[1] += if own { 0.0 } else { more };
        (at, to) = (at + usize::from(own), to + usize::from(!own));
    }
    for (sample, rest) in [&first[at..], &second[to..]].into_iter().enumerate() {
        for &(score, weight) in rest {
            passed.reach(score);
            passed.weights[sample] += weight;
        }
    }
    [passed.largest.max(passed.difference()), passed.area.value()]
}

/// What of two samples lies below the last score.
struct Passed {
    totals: [f64; 2],
    weights: [f64; 2],
    last: f64,
    largest: f64,
    area: Sum,
}

impl Passed {
    fn new(lowest: f64, totals: [f64; 2]) -> Passed {
        Passed { totals, weights: [0.0; 2], last: lowest, largest: 0.0, area: Sum::default() }
    }

    #[inline]
    fn difference(&self) -> f64 {
        f64::abs(self.weights[0] / self.totals[0] - self.weights[1] / self.totals[1])
    }

    /// Between two scores both functions stand still.
    #[inline]
    fn reach(&mut self, score: f64) {
        let (difference, further) = (self.difference(), score > self.last);
        self.largest = if further { self.largest.max(difference) } else { self.largest };
        self.area.add(if further { score - self.last } else { 0.0 } * difference);
        self.last = score;
    }
}

/// Scores in their order, with what lies below each.
#[derive(Debug, Clone, Default)]
pub struct Distances(Vec<Place>);

#[derive(Debug, Clone, Copy, Default)]
struct Place {
    score: f64,
    /// ∫ of N F from the lowest score up to this one.
    integral: f64,
    /// The first place of this score, and the first place after it.
    tied: [u32; 2],
}

impl Distances {
    /// `scores` are sorted and none is NaN.
    pub fn new(scores: &[f64]) -> Distances {
        let mut places: Vec<Place> = Vec::with_capacity(scores.len());
        let mut integral = 0.0;
        for tie in scores.chunk_by(|a, b| a == b) {
            let (from, score) = (places.len(), tie[0]);
            integral += places.last().map_or(0.0, |last| from as f64 * (score - last.score));
            let place = Place { score, integral, tied: [from as u32, (from + tie.len()) as u32] };
            places.extend(tie.iter().map(|&score| Place { score, ..place }));
        }
        Distances(places)
    }

    /// sup |F_g − F_r| and ∫ |F_g − F_r| of every group, with its rows; `None` where the group or its others have
    /// none. `group` is that of each place.
    pub fn of_groups(&self, group: impl Iterator<Item = u32> + Clone, count: usize) -> Vec<Option<([f64; 2], u64)>> {
        // What a group needs lies together.
        let groups = Groups::new(count, group.zip(self.0.iter().copied()));
        let of = |group: usize| Some((self.of(groups.of(group))?, groups.of(group).len() as u64));
        (0..count).into_par_iter().map(of).collect()
    }

    fn of(&self, group: &[Place]) -> Option<[f64; 2]> {
        let (all, own) = (self.0.len() as f64, group.len() as f64);
        let highest = self.0.last().filter(|_| !group.is_empty() && group.len() < self.0.len())?;
        let (mut largest, mut area, mut seen, mut at) = (0.0_f64, group[0].integral, 0.0, 0);
        while at < group.len() {
            let [from, to] = group[at].tied;
            let next = at + group[at..].iter().take_while(|place| place.tied[0] == from).count();
            // Between two of the group's scores F_g stands still and F rises.
            largest = largest.max(f64::abs(seen / own - f64::from(from) / all));
            seen += (next - at) as f64;
            largest = largest.max(f64::abs(seen / own - f64::from(to) / all));
            area += self.between(&group[at], group.get(next).unwrap_or(highest), seen / own * all);
            at = next;
        }
        let stretch = all / (all - own);
        Some([largest * stretch, area * stretch / all])
    }

    /// ∫ |level − N F| between the scores at two places.
    fn between(&self, first: &Place, last: &Place, level: f64) -> f64 {
        // The level rounded up, less one.
        let whole = level as u32;
        let risen = if f64::from(whole) == level { whole.saturating_sub(1) } else { whole };
        // Up to the score at which N F reaches the level it is below, from there on not.
        let turn = match risen {
            risen if risen <= first.tied[0] => first,
            risen if risen >= last.tied[0] => last,
            risen => &self.0[risen as usize],
        };
        let below = level * (turn.score - first.score) - (turn.integral - first.integral);
        let above = (last.integral - turn.integral) - level * (last.score - turn.score);
        below.max(0.0) + above.max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// statistics.md section 5.
    #[test]
    fn distances_equal_the_worked_example() {
        let mut both: Vec<(f64, bool)> = [0.1, 0.4, 0.35, 0.8].map(|score| (score, true)).to_vec();
        both.extend([0.2, 0.5, 0.3, 0.9, 0.6].map(|score| (score, false)));
        both.sort_by(|a, b| a.0.total_cmp(&b.0));
        let distances = Distances::new(&both.iter().map(|one| one.0).collect::<Vec<_>>());
        let found = distances.of_groups(both.iter().map(|one| u32::from(one.1)), 2);
        let ([ks, w1], rows) = found[1].expect("both have rows");
        assert_eq!(rows, 4);
        assert!((ks - 0.35).abs() < 1e-12 && (w1 - 0.1225).abs() < 1e-12, "{ks} {w1}");
    }

    /// The same by their definitions: F − G after every score, and its distance to the next.
    #[test]
    fn weights_count() {
        let (a, b) = ([(0.0, 1.0), (0.5, 2.0), (0.5, 1.0)], [(0.25, 3.0), (1.0, 1.0)]);
        let [ks, w1] = apart_by(&a, &b, [4.0, 4.0]);
        // 1/4 up to 0.25, −1/2 up to 0.5, 1/4 up to 1.
        assert!((ks - 0.5).abs() < 1e-12 && (w1 - (0.0625 + 0.125 + 0.125)).abs() < 1e-12, "{ks} {w1}");
        assert_eq!(apart_by(&a, &a, [4.0, 4.0]), [0.0, 0.0]);
    }

    proptest! {
        #[test]
        fn a_group_and_the_others_are_two_samples(mut rows in prop::collection::vec((0..12_i32, any::<bool>()), 2..40)) {
            rows.sort_unstable();
            let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.0) / 4.0).collect();
            let found = Distances::new(&scores).of_groups(rows.iter().map(|row| u32::from(row.1)), 2);
            let Some(([ks, w1], _)) = found[1] else {
                prop_assert!(rows.iter().all(|row| row.1 == rows[0].1));
                return Ok(());
            };
            let of = |own: bool| -> Vec<(f64, f64)> {
                rows.iter().zip(&scores).filter(|(row, _)| row.1 == own).map(|(_, score)| (*score, 1.0)).collect()
            };
            let [own, others] = [of(true), of(false)];
            let [largest, area] = apart_by(&own, &others, [own.len() as f64, others.len() as f64]);
            prop_assert!((ks - largest).abs() < 1e-12);
            prop_assert!((w1 - area).abs() < 1e-12, "{} is not {}", w1, area);
        }
    }
}
