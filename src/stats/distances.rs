//! How far two samples of scores are apart, sup |F − G| (Kolmogorov–Smirnov) and ∫ |F − G| (Wasserstein-1): of
//! any two, and of each of many groups and everyone else in one order of all.
//!
//! With F of all N rows, F_g of the n of a group and F_r of the others, N F = n F_g + (N − n) F_r, so that
//! F_g − F_r = N / (N − n) (F_g − F): the others need not be looked at.

use super::Sum;
use super::groups::Groups;
use rayon::prelude::*;

/// sup |F − G| and ∫ |F − G| of two samples of these total weights, each in the order of its scores with their
/// weights.
pub fn apart_by(
    first: impl Iterator<Item = (f64, f64)>,
    second: impl Iterator<Item = (f64, f64)>,
    totals: [f64; 2],
) -> [f64; 2] {
    let (mut first, mut second) = (Passed::new(first), Passed::new(second));
    let (mut largest, mut area) = (0.0_f64, Sum::default());
    let mut next = first.lowest(&second);
    while let Some(score) = next {
        first.pass(score);
        second.pass(score);
        let difference = f64::abs(first.weight / totals[0] - second.weight / totals[1]);
        largest = largest.max(difference);
        next = first.lowest(&second);
        area.add(next.map_or(0.0, |next| next - score) * difference);
    }
    [largest, area.value()]
}

/// A sample, and what of it was passed.
struct Passed<I> {
    rest: I,
    next: Option<(f64, f64)>,
    weight: f64,
}

impl<I: Iterator<Item = (f64, f64)>> Passed<I> {
    fn new(mut rest: I) -> Passed<I> {
        Passed { next: rest.next(), rest, weight: 0.0 }
    }

    /// The lower of what comes next here and there.
    #[inline]
    fn lowest<J>(&self, other: &Passed<J>) -> Option<f64> {
        match (self.next, other.next) {
            (Some(a), Some(b)) => Some(a.0.min(b.0)),
            (a, b) => a.or(b).map(|one| one.0),
        }
    }

    #[inline]
    fn pass(&mut self, score: f64) {
        while let Some((_, weight)) = self.next.filter(|next| next.0 == score) {
            self.weight += weight;
            self.next = self.rest.next();
        }
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
        let [ks, w1] = apart_by(a.into_iter(), b.into_iter(), [4.0, 4.0]);
        // 1/4 up to 0.25, −1/2 up to 0.5, 1/4 up to 1.
        assert!((ks - 0.5).abs() < 1e-12 && (w1 - (0.0625 + 0.125 + 0.125)).abs() < 1e-12, "{ks} {w1}");
        assert_eq!(apart_by(a.into_iter(), a.into_iter(), [4.0, 4.0]), [0.0, 0.0]);
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
            let of = |own: bool| rows.iter().zip(&scores).filter(move |(row, _)| row.1 == own).map(|(_, s)| (*s, 1.0));
            let [largest, area] = apart_by(of(true), of(false), [true, false].map(|own| of(own).count() as f64));
            prop_assert!((ks - largest).abs() < 1e-12);
            prop_assert!((w1 - area).abs() < 1e-12, "{} is not {}", w1, area);
        }
    }
}
