//! Areas under the ROC curve of many groups and of everyone but each of them, base and tuned together, in
//! one order of all rows: what `area` finds row by row, without passing over all rows for every group.
//!
//! A row's placement is how many rows of the other class it is on the right side of, ties half (Hanley &
//! Hajian-Tilaki 1997); values and DeLong's variances are sums of placements, their squares and their
//! products. Of placements among everyone but a group these are those among everyone less those among the
//! group, which are step functions with one step an opponent. All are counted twice, in whole numbers, so
//! that nothing is lost by taking away.

use super::{Duo, Scale, Summed};
use rayon::prelude::*;

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

/// One row with a label, the scores of both models, and the group that it is in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Whether its label is positive.
    pub positive: bool,
    /// Scores of base and tuned.
    pub score: [f64; 2],
    /// Its group.
    pub group: u32,
}

impl Areas {
    /// The areas of every group. `rows` are in the order of the base's scores, `order` are their places in
    /// that of the tuned model's.
    pub fn of(rows: &[Ranked], order: &[u32], groups: usize) -> Vec<Areas> {
        let classes = [true, false].map(|class| Class::new(rows, order, groups, class));
        let scratch = || classes.each_ref().map(|class| Scratch::new(class.places[0].len()));
        let of = |scratch: &mut [Scratch; 2], group: usize| {
            let mut parts = [[Placed::default(); 4]; 2];
            for (at, class) in classes.iter().enumerate() {
                parts[at] = class.parts(group, &mut scratch[at]);
            }
            let [positives, negatives] = parts;
            let area = |a: usize, b: usize| Area([positives[a], negatives[b]]);
            Areas {
                own: area(OWN_OWN, OWN_OWN),
                others: area(REST_REST, REST_REST),
                below: area(REST_OWN, OWN_REST),
                above: area(OWN_REST, REST_OWN),
            }
        };
        (0..groups).into_par_iter().map_init(scratch, of).collect()
    }
}

/// Whose rows, among whose opponents.
const OWN_OWN: usize = 0;
const OWN_REST: usize = 1;
const REST_OWN: usize = 2;
const REST_REST: usize = 3;

/// The rows of one class, numbered in the order of the base's scores, best last: positives from the lowest,
/// negatives from the highest.
struct Class {
    /// By model and number: the rank among the class.
    places: [Vec<u32>; 2],
    /// By model and rank: twice the placement among all opponents.
    placed: [Vec<u32>; 2],
    /// By model and rank: the sums of that model's and of the other's placements from this rank on.
    from: [[Vec<u64>; 2]; 2],
    /// Of everyone, among everyone.
    all: Placed,
    /// By model and group: the numbers of its rows in the order of ranks.
    members: [Groups<u32>; 2],
    /// By model and group: for each opponent in the order of scores, the rank from which on rows are at
    /// least level with it, and that from which on they are past it.
    opponents: [Groups<[u32; 2]>; 2],
}

/// Lists, one a group, one after the other.
struct Groups<T> {
    starts: Vec<usize>,
    items: Vec<T>,
}

impl<T: Copy + Default> Groups<T> {
    /// Keeps the order of the items within their groups.
    fn new(count: usize, items: &[(u32, T)]) -> Groups<T> {
        let mut starts = vec![0; count + 1];
        items.iter().for_each(|(group, _)| starts[*group as usize + 1] += 1);
        (0..count).for_each(|group| starts[group + 1] += starts[group]);
        let (mut next, mut placed) = (starts.clone(), vec![T::default(); items.len()]);
        for (group, item) in items {
            placed[next[*group as usize]] = *item;
            next[*group as usize] += 1;
        }
        Groups { starts, items: placed }
    }

    fn of(&self, group: usize) -> &[T] {
        &self.items[self.starts[group]..self.starts[group + 1]]
    }
}

/// Memory for one group after the other.
struct Scratch {
    /// By number: twice the tuned placement among the group, of the group's own rows.
    own: Vec<u32>,
    /// By tuned rank: the same of everyone.
    steps: Vec<u32>,
}

impl Scratch {
    fn new(rows: usize) -> Scratch {
        Scratch { own: vec![0; rows], steps: vec![0; rows] }
    }
}

impl Class {
    fn new(rows: &[Ranked], order: &[u32], groups: usize, class: bool) -> Class {
        let forward = |order: &mut dyn DoubleEndedIterator<Item = usize>| -> Vec<usize> {
            if class { order.collect() } else { order.rev().collect() }
        };
        let orders = [forward(&mut (0..rows.len())), forward(&mut order.iter().map(|&place| place as usize))];
        let mut numbers = vec![u32::MAX; rows.len()];
        let own = orders[0].iter().filter(|&&row| rows[row].positive == class);
        own.zip(0..).for_each(|(&row, number)| numbers[row] = number);
        let walk = |side: usize| Walk::new(rows, &orders[side], &numbers, side, class);
        let (base, tuned) = rayon::join(|| walk(0), || walk(1));
        let cross = |one: &Walk, other: &Walk| -> Vec<u64> {
            let mut placed = vec![0; one.order.len()];
            one.order.iter().zip(&mut placed).for_each(|(&number, placed)| {
                *placed = u64::from(other.placed[other.places[number as usize] as usize]);
            });
            suffix_sums(placed.into_iter())
        };
        let own = |walk: &Walk| suffix_sums(walk.placed.iter().map(|&placed| u64::from(placed)));
        let from = [[own(&base), cross(&base, &tuned)], [own(&tuned), cross(&tuned, &base)]];
        let all = everyone(&base, &tuned, rows.len());
        let members = [&base, &tuned].map(|walk| {
            let group = |&number: &u32| (walk.groups[number as usize], number);
            Groups::new(groups, &walk.order.iter().map(group).collect::<Vec<_>>())
        });
        let opponents = [&base, &tuned].map(|walk| Groups::new(groups, &walk.opponents));
        let (places, placed) = ([base.places, tuned.places], [base.placed, tuned.placed]);
        Class { places, placed, from, all, members, opponents }
    }

    /// The placements of the group's and the others' rows among the group's and the others' opponents.
    fn parts(&self, group: usize, scratch: &mut Scratch) -> [Placed; 4] {
        let own = self.own(group, scratch);
        let among = self.among(group, scratch);
        let counts = (
            self.all.rows,
            self.all.opponents,
            own.rows,
            i128::try_from(self.opponents[0].of(group).len()).unwrap_or(0),
        );
        let (rows, opponents, own_rows, own_opponents) = counts;
        let whole = Sums { a: self.all.sum, aa: self.all.square, ab: self.all.product, ..among };
        let rest = whole.less(&own.sums);
        [
            own.sums.among_group(own_rows, own_opponents),
            own.sums.among_others(own_rows, opponents - own_opponents),
            rest.among_group(rows - own_rows, own_opponents),
            rest.among_others(rows - own_rows, opponents - own_opponents),
        ]
    }

    /// Sums over the group's own rows.
    fn own(&self, group: usize, scratch: &mut Scratch) -> Own {
        let mut steps = Steps::new(self.opponents[1].of(group));
        for &number in self.members[1].of(group) {
            scratch.own[number as usize] = steps.below(self.places[1][number as usize]);
        }
        let mut steps = Steps::new(self.opponents[0].of(group));
        let mut sums = Sums::default();
        let members = self.members[0].of(group);
        for &number in members {
            let ranks = [0, 1].map(|side| self.places[side][number as usize]);
            let g = [steps.below(ranks[0]), scratch.own[number as usize]];
            sums.add([0, 1].map(|side| self.placed[side][ranks[side] as usize]), g);
        }
        Own { rows: i128::try_from(members.len()).unwrap_or(0), sums }
    }

    /// Sums over everyone of their placements among the group's opponents.
    fn among(&self, group: usize, scratch: &mut Scratch) -> Sums {
        let mut sums = Sums::default();
        for side in [0, 1] {
            let (mut level, mut from) = (0_u64, 0_u64);
            let rows = self.places[side].len() as u64;
            for rank in Steps::new(self.opponents[side].of(group)) {
                sums.gg[side] += i128::from(level * level) * i128::from(u64::from(rank) - from);
                (level, from) = (level + 1, u64::from(rank));
                sums.g[side] += i128::from(rows - from);
                sums.ag[side] += i128::from(self.from[side][0][rank as usize]);
                sums.cross[side] += i128::from(self.from[side][1][rank as usize]);
            }
            sums.gg[side] += i128::from(level * level) * i128::from(rows - from);
        }
        sums.both = self.both_among(group, scratch);
        sums
    }

    /// Σ over everyone of the product of both placements among the group's opponents: the one sum that
    /// needs all rows.
    fn both_among(&self, group: usize, scratch: &mut Scratch) -> i128 {
        let rows = self.places[1].len();
        let (mut level, mut from) = (0, 0);
        for rank in Steps::new(self.opponents[1].of(group)) {
            scratch.steps[from..rank as usize].fill(level);
            (level, from) = (level + 1, rank as usize);
        }
        scratch.steps[from..].fill(level);
        let run = |from: usize, to: usize| {
            self.places[1][from..to].iter().map(|&rank| u64::from(scratch.steps[rank as usize])).sum::<u64>()
        };
        let (mut sum, mut level, mut from) = (0, 0_i128, 0);
        for rank in Steps::new(self.opponents[0].of(group)) {
            sum += level * i128::from(run(from, rank as usize));
            (level, from) = (level + 1, rank as usize);
        }
        sum + level * i128::from(run(from, rows))
    }
}

/// The ranks at which a row's doubled placement among a group's opponents rises by one, in their order.
struct Steps<'a> {
    opponents: &'a [[u32; 2]],
    next: [usize; 2],
}

impl<'a> Steps<'a> {
    fn new(opponents: &'a [[u32; 2]]) -> Steps<'a> {
        Steps { opponents, next: [0, 0] }
    }

    /// How many steps lie at or below a rank; ranks are asked for in their order.
    fn below(&mut self, rank: u32) -> u32 {
        for end in [0, 1] {
            while self.opponents.get(self.next[end]).is_some_and(|opponent| opponent[end] <= rank) {
                self.next[end] += 1;
            }
        }
        (self.next[0] + self.next[1]) as u32
    }
}

impl Iterator for Steps<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let at = |end: usize| self.opponents.get(self.next[end]).map(|opponent| opponent[end]);
        let (level, past) = (at(0), at(1)?);
        let end = if level.is_some_and(|level| level <= past) { 0 } else { 1 };
        self.next[end] += 1;
        Some(if end == 0 { level.unwrap_or(past) } else { past })
    }
}

struct Own {
    rows: i128,
    sums: Sums,
}

/// Sums over rows of a, the placement among everyone, and g, that among a group, of base and tuned.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    a: [i128; 2],
    aa: [i128; 2],
    /// Of base times tuned.
    ab: i128,
    g: [i128; 2],
    gg: [i128; 2],
    /// Of base times tuned.
    both: i128,
    /// Of the same model's a and g.
    ag: [i128; 2],
    /// Of this model's g and the other's a.
    cross: [i128; 2],
}

impl Sums {
    fn add(&mut self, a: [u32; 2], g: [u32; 2]) {
        let (a, g) = (a.map(i128::from), g.map(i128::from));
        for side in [0, 1] {
            self.a[side] += a[side];
            self.aa[side] += a[side] * a[side];
            self.g[side] += g[side];
            self.gg[side] += g[side] * g[side];
            self.ag[side] += a[side] * g[side];
            self.cross[side] += g[side] * a[1 - side];
        }
        self.ab += a[0] * a[1];
        self.both += g[0] * g[1];
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

    fn among_group(&self, rows: i128, opponents: i128) -> Placed {
        Placed { rows, opponents, sum: self.g, square: self.gg, product: self.both }
    }

    /// Of a − g.
    fn among_others(&self, rows: i128, opponents: i128) -> Placed {
        let of = |side: usize| self.aa[side] - 2 * self.ag[side] + self.gg[side];
        let product = self.ab - self.cross[0] - self.cross[1] + self.both;
        let sum = [self.a[0] - self.g[0], self.a[1] - self.g[1]];
        Placed { rows, opponents, sum, square: [of(0), of(1)], product }
    }
}

/// One class against the other in the order of one model's scores.
struct Walk {
    /// By rank: the number.
    order: Vec<u32>,
    /// By number: the rank, and the group.
    places: Vec<u32>,
    groups: Vec<u32>,
    /// By rank: twice the placement.
    placed: Vec<u32>,
    /// Of each opponent in the order of scores: its group, and the ranks between which rows are level with it.
    opponents: Vec<(u32, [u32; 2])>,
}

impl Walk {
    fn new(rows: &[Ranked], order: &[usize], numbers: &[u32], side: usize, class: bool) -> Walk {
        let own = |row: &&usize| rows[**row].positive == class;
        let count = order.iter().filter(own).count();
        let mut walk = Walk {
            order: Vec::with_capacity(count),
            places: vec![0; count],
            groups: vec![0; count],
            placed: Vec::with_capacity(count),
            opponents: Vec::with_capacity(rows.len() - count),
        };
        for tie in order.chunk_by(|&a, &b| rows[a].score[side] == rows[b].score[side]) {
            let before = walk.order.len() as u32;
            let level = tie.iter().filter(own).count() as u32;
            let (passed, against) = (walk.opponents.len() as u32, tie.len() as u32 - level);
            for &row in tie {
                if rows[row].positive == class {
                    let number = numbers[row] as usize;
                    (walk.places[number], walk.groups[number]) = (walk.order.len() as u32, rows[row].group);
                    walk.order.push(numbers[row]);
                    walk.placed.push(2 * passed + against);
                } else {
                    walk.opponents.push((rows[row].group, [before, before + level]));
                }
            }
        }
        walk
    }
}

/// The sums of everyone's placements among everyone.
fn everyone(base: &Walk, tuned: &Walk, rows: usize) -> Placed {
    let sum = |walk: &Walk| walk.placed.iter().map(|&placed| i128::from(placed)).sum::<i128>();
    let square = |walk: &Walk| walk.placed.iter().map(|&placed| i128::from(placed).pow(2)).sum::<i128>();
    let placed = |walk: &Walk, number: usize| i128::from(walk.placed[walk.places[number] as usize]);
    let own = base.order.len();
    Placed {
        rows: own as i128,
        opponents: (rows - own) as i128,
        sum: [sum(base), sum(tuned)],
        square: [square(base), square(tuned)],
        product: (0..own).map(|number| placed(base, number) * placed(tuned, number)).sum(),
    }
}

/// At every place the sum of all from there on; one more place at the end.
fn suffix_sums(numbers: impl DoubleEndedIterator<Item = u64> + ExactSizeIterator) -> Vec<u64> {
    let mut sums = vec![0; numbers.len() + 1];
    let mut sum = 0;
    for (place, number) in numbers.enumerate().rev() {
        sum += number;
        sums[place] = sum;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Influenced, area, covariance};
    use proptest::prelude::*;

    /// The same by rows: the areas of the rows that are kept.
    fn by_rows(rows: &[Ranked], keep: impl Fn(&Ranked) -> bool) -> [Option<Influenced>; 2] {
        let kept: Vec<&Ranked> = rows.iter().filter(|row| keep(row)).collect();
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
            let row = |&(positive, base, tuned, group): &(bool, u8, u8, u32)| Ranked {
                positive, group, score: [f64::from(base) / 8.0, f64::from(tuned) / 8.0],
            };
            let mut rows: Vec<Ranked> = drawn.iter().map(row).collect();
            rows.sort_by(|a, b| a.score[0].total_cmp(&b.score[0]));
            let mut order: Vec<u32> = (0..rows.len() as u32).collect();
            order.sort_by(|&a, &b| rows[a as usize].score[1].total_cmp(&rows[b as usize].score[1]));
            for (group, found) in (0..).zip(Areas::of(&rows, &order, 4)) {
                same(&found.own, by_rows(&rows, |row| row.group == group))?;
                same(&found.others, by_rows(&rows, |row| row.group != group))?;
                same(&found.below, by_rows(&rows, |row| row.positive != (row.group == group)))?;
                same(&found.above, by_rows(&rows, |row| row.positive == (row.group == group)))?;
            }
        }
    }
}
