//! Areas under the ROC curve of many groups and of everyone but each of them, base and tuned together, in
//! one order of all rows: what `area` finds row by row, without passing over all rows for every group.
//!
//! A row's placement is how many rows of the other class it is on the right side of, ties half (Hanley &
//! Hajian-Tilaki 1997); values and DeLong's variances are sums of placements, their squares and their
//! products. Of placements among everyone but a group these are those among everyone less those among the
//! group, which are step functions with one step an opponent. All are counted twice, in whole numbers, so
//! that nothing is lost by taking away.

use super::ranks::Class;
use super::{Duo, Scale, Summed};

/// Sums over the placements of so many rows among so many opponents, counted twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Placed {
    rows: i128,
    opponents: i128,
    sum: [i128; 2],
    square: [i128; 2],
    product: i128,
}

/// An area under both models: the placements of positives and of negatives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Area([Placed; 2]);

impl Area {
    /// Base and tuned, and Σ φψ over rows; `None` where a class is missing.
    pub fn sides(&self) -> Option<([Summed; 2], f64)> {
        let [positives, negatives] = &self.0;
        let pairs = positives.rows * positives.opponents;
        if pairs == 0 {
            return None;
        }
        let fewer = positives.rows.min(negatives.rows);
        let spread = |a: usize, b: usize| {
            let product = |placed: &Placed| if a == b { placed.square[a] } else { placed.product };
            [positives, negatives]
                .iter()
                .map(|placed| placed.spread([placed.sum[a], placed.sum[b]], product(placed)))
                .sum::<f64>()
        };
        let one = |side: usize| {
            let value = positives.sum[side] as f64 / (2 * pairs) as f64;
            // Of a class of one row nothing is known about its spread.
            let known = fewer > 1 || value <= 0.0 || value >= 1.0;
            Summed { value, rows: fewer as u64, variance: known.then(|| spread(side, side)), scale: Scale::Unit }
        };
        Some(([one(0), one(1)], spread(0, 1)))
    }

    /// Base and tuned with their limits and their correlation.
    pub fn duo(&self) -> Option<Duo> {
        let ([base, tuned], covariance) = self.sides()?;
        Summed::duo(&base, &tuned, covariance)
    }
}

impl Placed {
    /// This class's part of a variance or covariance: Σ (R/m − mean)(S/m − mean) / (n (n − 1)).
    fn spread(&self, [a, b]: [i128; 2], product: i128) -> f64 {
        let around = (self.rows * product - a * b) as f64 / self.rows as f64;
        let opponents = self.opponents as f64;
        around / (4.0 * opponents * opponents) / (self.rows * (self.rows - 1).max(1)) as f64
    }
}

/// What is known of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Areas {
    /// Within the group.
    pub own: Area,
    /// Among everyone else.
    pub others: Area,
    /// The others' positives against the group's negatives (BPSN).
    pub below: Area,
    /// The group's positives against the others' negatives (BNSP).
    pub above: Area,
}

/// One row with a label and the scores of both models.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Whether its label is positive.
    pub positive: bool,
    /// Scores of base and tuned.
    pub score: [f64; 2],
    /// Rows of one kind are in the same group.
    pub kind: u32,
}

/// Rows in the order of either model's scores, in whatever groups they are.
pub struct Ranking([Class; 2]);

impl Ranking {
    /// `rows` are in the order of the base's scores, `order` are their places in that of the tuned model's.
    pub fn new(rows: &[Ranked], order: &[u32]) -> Ranking {
        let (positives, negatives) = rayon::join(|| Class::new(rows, order, true), || Class::new(rows, order, false));
        Ranking([positives, negatives])
    }

    /// The area of everyone.
    pub fn everyone(&self) -> Area {
        Area(self.0.each_ref().map(Class::everyone))
    }

    /// The areas of every group; `group` is that of each kind.
    pub fn areas(&self, group: &[u32], count: usize) -> Vec<Areas> {
        let [positives, negatives] = self.0.each_ref().map(|class| class.parts(group, count));
        let of = |(positives, negatives): (Parts, Parts)| Areas {
            own: Area([positives.own_own, negatives.own_own]),
            others: Area([positives.rest_rest, negatives.rest_rest]),
            below: Area([positives.rest_own, negatives.own_rest]),
            above: Area([positives.own_rest, negatives.rest_own]),
        };
        positives.into_iter().zip(negatives).map(of).collect()
    }
}

/// A class's rows among its opponents: whose rows, among whose opponents.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts {
    own_own: Placed,
    own_rest: Placed,
    rest_own: Placed,
    rest_rest: Placed,
}

impl Parts {
    /// From sums over a group's own rows and over everyone, with how many rows and opponents there are of either.
    pub fn new(own: &Sums, everyone: &Sums, [own_rows, rows]: [u64; 2], [own_opponents, opponents]: [u64; 2]) -> Parts {
        let rest = everyone.less(own);
        let (other_rows, other_opponents) = (rows - own_rows, opponents - own_opponents);
        Parts {
            own_own: own.among_group(own_rows, own_opponents),
            own_rest: own.among_others(own_rows, other_opponents),
            rest_own: rest.among_group(other_rows, own_opponents),
            rest_rest: rest.among_others(other_rows, other_opponents),
        }
    }
}

/// Sums over rows of a, the placement among everyone, and g, that among a group, of base and tuned.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub a: [i128; 2],
    pub aa: [i128; 2],
    /// Of base times tuned.
    pub ab: i128,
    pub g: [i128; 2],
    pub gg: [i128; 2],
    /// Of base times tuned.
    pub both: i128,
    /// Of the same model's a and g.
    pub ag: [i128; 2],
    /// Of this model's g and the other's a.
    pub cross: [i128; 2],
}

impl Sums {
    /// Everyone's placements among everyone.
    pub fn whole(&self, rows: u64, opponents: u64) -> Placed {
        let [rows, opponents] = [rows, opponents].map(i128::from);
        Placed { rows, opponents, sum: self.a, square: self.aa, product: self.ab }
    }

    /// Adds a row.
    #[inline]
    pub fn add(&mut self, a: [u32; 2], g: [u32; 2]) {
        let product = |x: u32, y: u32| i128::from(u64::from(x) * u64::from(y));
        for side in [0, 1] {
            self.a[side] += i128::from(a[side]);
            self.aa[side] += product(a[side], a[side]);
            self.g[side] += i128::from(g[side]);
            self.gg[side] += product(g[side], g[side]);
            self.ag[side] += product(a[side], g[side]);
            self.cross[side] += product(g[side], a[1 - side]);
        }
        self.ab += product(a[0], a[1]);
        self.both += product(g[0], g[1]);
    }

    fn less(&self, other: &Sums) -> Sums {
        let less = |a: [i128; 2], b: [i128; 2]| [a[0] - b[0], a[1] - b[1]];
        Sums {
            a: less(self.a, other.a),
            aa: less(self.aa, other.aa),
            ab: self.ab - other.ab,
            g: less(self.g, other.g),
            gg: less(self.gg, other.gg),
            both: self.both - other.both,
            ag: less(self.ag, other.ag),
            cross: less(self.cross, other.cross),
        }
    }

    fn among_group(&self, rows: u64, opponents: u64) -> Placed {
        let [rows, opponents] = [rows, opponents].map(i128::from);
        Placed { rows, opponents, sum: self.g, square: self.gg, product: self.both }
    }

    /// Of a − g.
    fn among_others(&self, rows: u64, opponents: u64) -> Placed {
        let [rows, opponents] = [rows, opponents].map(i128::from);
        let of = |side: usize| self.aa[side] - 2 * self.ag[side] + self.gg[side];
        let product = self.ab - self.cross[0] - self.cross[1] + self.both;
        let sum = [self.a[0] - self.g[0], self.a[1] - self.g[1]];
        Placed { rows, opponents, sum, square: [of(0), of(1)], product }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Influenced, area, covariance};
    use proptest::prelude::*;

    /// The same by rows: the areas of the rows that are kept.
    fn by_rows(rows: &[(Ranked, u32)], keep: impl Fn(&Ranked, u32) -> bool) -> [Option<Influenced>; 2] {
        let kept: Vec<&Ranked> = rows.iter().filter(|(row, group)| keep(row, *group)).map(|(row, _)| row).collect();
        let labels: Vec<f64> = kept.iter().map(|row| f64::from(u8::from(row.positive))).collect();
        [0, 1].map(|side| {
            let scores: Vec<f64> = kept.iter().map(|row| row.score[side]).collect();
            let mut order: Vec<u32> = (0..scores.len() as u32).collect();
            order.sort_by(|&a, &b| scores[a as usize].total_cmp(&scores[b as usize]));
            area(&labels, &scores, &vec![1.0; scores.len()], &order)
        })
    }

    fn same(found: &Area, expected: [Option<Influenced>; 2]) -> Result<(), TestCaseError> {
        let [Some(base), Some(tuned)] = &expected else {
            prop_assert!(found.sides().is_none());
            return Ok(());
        };
        let (sides, both) = found.sides().expect("both classes are there");
        for (found, one) in sides.iter().zip([base, tuned]) {
            prop_assert!((found.value - one.value).abs() < 1e-13 && found.rows == one.rows);
            prop_assert_eq!(found.variance.is_some(), !one.influence.is_empty());
            let variance = covariance(&one.influence, &one.influence, None);
            prop_assert!(found.variance.is_none_or(|found| (found - variance).abs() < 1e-13));
        }
        if ![base, tuned].iter().any(|one| one.influence.is_empty()) {
            prop_assert!((both - covariance(&base.influence, &tuned.influence, None)).abs() < 1e-13);
        }
        prop_assert_eq!(
            found.duo().map(|duo| duo.base.rows),
            crate::stats::duo(base, tuned, None).map(|duo| duo.base.rows)
        );
        Ok(())
    }

    proptest! {
        /// Scores of few values, so that ties are everywhere.
        #[test]
        fn sums_equal_rows(drawn in prop::collection::vec((any::<bool>(), 0..8_u8, 0..8_u8, 0..4_u32), 1..60)) {
            let row = |&(positive, base, tuned, group): &(bool, u8, u8, u32)| {
                (Ranked { positive, score: [f64::from(base) / 8.0, f64::from(tuned) / 8.0], kind: group }, group)
            };
            let mut rows: Vec<(Ranked, u32)> = drawn.iter().map(row).collect();
            rows.sort_by(|a, b| a.0.score[0].total_cmp(&b.0.score[0]));
            let ranked: Vec<Ranked> = rows.iter().map(|row| row.0).collect();
            let mut order: Vec<u32> = (0..rows.len() as u32).collect();
            order.sort_by(|&a, &b| ranked[a as usize].score[1].total_cmp(&ranked[b as usize].score[1]));
            let ranking = Ranking::new(&ranked, &order);
            same(&ranking.everyone(), by_rows(&rows, |_, _| true))?;
            for (group, found) in (0..).zip(ranking.areas(&[0, 1, 2, 3], 4)) {
                same(&found.own, by_rows(&rows, |_, of| of == group))?;
                same(&found.others, by_rows(&rows, |_, of| of != group))?;
                same(&found.below, by_rows(&rows, |row, of| row.positive != (of == group)))?;
                same(&found.above, by_rows(&rows, |row, of| row.positive == (of == group)))?;
            }
        }
    }
}
