//! The rows of one class in the order of either model's scores, placed among the rows of the other: what areas
//! under the ROC curve are summed from, for all groups in one pass.

use super::areas::{Parts, Placed, Ranked, Sums};
use super::groups::Groups;
use rayon::prelude::*;

/// The rows of one class, numbered in the order of the base's scores, best last: positives from the lowest,
/// negatives from the highest.
pub(super) struct Class {
    /// By number: the row's kind.
    kinds: Vec<u32>,
    walks: [Walk; 2],
    /// By model and rank: the sums of that model's and of the other's placements from this rank on.
    from: [Vec<[u64; 2]>; 2],
    /// Of everyone, among everyone.
    all: Sums,
}

impl Class {
    pub fn new(rows: &[Ranked], order: &[u32], class: bool) -> Class {
        let forward = |order: &mut dyn DoubleEndedIterator<Item = usize>| -> Vec<usize> {
            if class { order.collect() } else { order.rev().collect() }
        };
        let orders = [forward(&mut (0..rows.len())), forward(&mut order.iter().map(|&place| place as usize))];
        let own: Vec<u32> =
            orders[0].iter().filter(|&&row| rows[row].positive == class).map(|&row| row as u32).collect();
        let mut numbers = vec![u32::MAX; rows.len()];
        own.iter().zip(0..).for_each(|(&row, number)| numbers[row as usize] = number);
        let walk = |side: usize| Walk::new(rows, &orders[side], &numbers, side, class);
        let (base, tuned) = rayon::join(|| walk(0), || walk(1));
        let (from, all) = ([base.sums_from(&tuned), tuned.sums_from(&base)], everyone(&base, &tuned));
        let kinds = own.iter().map(|&row| rows[row as usize].kind).collect();
        Class { kinds, walks: [base, tuned], from, all }
    }

    /// The placements of everyone among everyone.
    pub fn everyone(&self) -> Placed {
        self.all.whole(self.kinds.len() as u64, self.walks[0].opponents.len() as u64)
    }

    /// The placements of each group's and the others' rows among the group's and the others' opponents; `group` is
    /// that of each kind.
    pub fn parts(&self, group: &[u32], count: usize) -> Vec<Parts> {
        let (own, among) = rayon::join(|| self.own(group, count), || self.among(group, count));
        let opponents = self.walks.each_ref().map(|walk| {
            Groups::new(count, walk.opponents.iter().map(|opponent| (group[opponent.kind as usize], opponent.ranks)))
        });
        let scratch = || vec![0; self.kinds.len()];
        let of = |scratch: &mut Vec<u32>, group: usize| {
            let opponents = opponents.each_ref().map(|opponents| opponents.of(group));
            let everyone = Sums { both: self.both_among(opponents, scratch), ..among[group] };
            let (own_rows, own) = &own[group];
            let counts = [opponents[0].len(), self.walks[0].opponents.len()].map(|count| count as u64);
            Parts::new(own, &everyone, [*own_rows, self.kinds.len() as u64], counts)
        };
        (0..count).into_par_iter().map_init(scratch, of).collect()
    }

    /// Rows of each group, and sums over them.
    fn own(&self, group: &[u32], count: usize) -> Vec<(u64, Sums)> {
        let [base, tuned] = &self.walks;
        let mut among = vec![0; self.kinds.len()];
        let mut below = Below::new(tuned, group, count);
        for (rank, &number) in (0..).zip(&tuned.order) {
            among[number as usize] = below.of(rank, self.kinds[number as usize]);
        }
        let mut below = Below::new(base, group, count);
        let mut found = vec![(0, Sums::default()); count];
        for (number, &kind) in self.kinds.iter().enumerate() {
            // Numbers are the base's ranks.
            let placed = [base.placed[number], tuned.placed[tuned.places[number] as usize]];
            let (rows, sums) = &mut found[group[kind as usize] as usize];
            sums.add(placed, [below.of(number as u32, kind), among[number]]);
            *rows += 1;
        }
        found
    }

    /// Sums over everyone of their placements among each group's opponents, but for that of both.
    fn among(&self, group: &[u32], count: usize) -> Vec<Sums> {
        let mut found = vec![Sums { a: self.all.a, aa: self.all.aa, ab: self.all.ab, ..Sums::default() }; count];
        for side in [0, 1] {
            let mut levels = vec![0_u64; count];
            for tie in self.walks[side].opponents.chunk_by(|a, b| a.ranks == b.ranks) {
                for (end, opponent) in [0, 1].into_iter().flat_map(|end| tie.iter().map(move |one| (end, one))) {
                    let (group, rank) = (group[opponent.kind as usize] as usize, opponent.ranks[end] as usize);
                    let (sums, level, rows) = (&mut found[group], &mut levels[group], (self.kinds.len() - rank) as u64);
                    // From this rank on the placement is higher by one.
                    sums.g[side] += i128::from(rows);
                    sums.gg[side] += i128::from(2 * *level + 1) * i128::from(rows);
                    *level += 1;
                    let [own, other] = self.from[side][rank];
                    sums.ag[side] += i128::from(own);
                    sums.cross[side] += i128::from(other);
                }
            }
        }
        found
    }

    /// Σ over everyone of the product of both placements among a group's opponents: the one sum that needs all
    /// rows for every group. `scratch` has a place for each.
    fn both_among(&self, opponents: [&[[u32; 2]]; 2], scratch: &mut [u32]) -> i128 {
        let (mut level, mut from) = (0, 0);
        for (rank, rise) in Steps::new(opponents[1]) {
            scratch[from..rank as usize].fill(level);
            (level, from) = (level + rise, rank as usize);
        }
        scratch[from..].fill(level);
        let places = &self.walks[1].places;
        let run = |from: usize, to: usize| {
            i128::from(places[from..to].iter().map(|&rank| u64::from(scratch[rank as usize])).sum::<u64>())
        };
        let (mut sum, mut level, mut from) = (0, 0, 0);
        for (rank, rise) in Steps::new(opponents[0]) {
            sum += level * run(from, rank as usize);
            (level, from) = (level + i128::from(rise), rank as usize);
        }
        sum + level * run(from, places.len())
    }
}

/// A row of the other class: the ranks from which on rows are level with it, and past it.
#[derive(Debug, Clone, Copy)]
struct Opponent {
    kind: u32,
    ranks: [u32; 2],
}

/// The doubled placement of a row among the opponents of its own group; ranks are asked for in their order.
struct Below<'a> {
    opponents: &'a [Opponent],
    group: &'a [u32],
    /// How many are level with or past the last rank, and how many past it.
    next: [usize; 2],
    counts: Vec<u32>,
}

impl<'a> Below<'a> {
    fn new(walk: &'a Walk, group: &'a [u32], count: usize) -> Below<'a> {
        Below { opponents: &walk.opponents, group, next: [0, 0], counts: vec![0; count] }
    }

    fn of(&mut self, rank: u32, kind: u32) -> u32 {
        for end in [0, 1] {
            while let Some(opponent) = self.opponents.get(self.next[end]).filter(|one| one.ranks[end] <= rank) {
                self.counts[self.group[opponent.kind as usize] as usize] += 1;
                self.next[end] += 1;
            }
        }
        self.counts[self.group[kind as usize] as usize]
    }
}

/// The ranks at which a row's doubled placement among a group's opponents rises, in their order, and by how much.
struct Steps<'a> {
    opponents: &'a [[u32; 2]],
    next: [usize; 2],
}

impl<'a> Steps<'a> {
    fn new(opponents: &'a [[u32; 2]]) -> Steps<'a> {
        Steps { opponents, next: [0, 0] }
    }
}

impl Iterator for Steps<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        let at = |end: usize| self.opponents.get(self.next[end]).map(|opponent| opponent[end]);
        let past = at(1)?;
        let rank = at(0).map_or(past, |level| level.min(past));
        let before = self.next;
        for end in [0, 1] {
            while self.opponents.get(self.next[end]).is_some_and(|opponent| opponent[end] == rank) {
                self.next[end] += 1;
            }
        }
        Some((rank, (self.next[0] - before[0] + self.next[1] - before[1]) as u32))
    }
}

/// One class against the other in the order of one model's scores.
struct Walk {
    /// By rank: the number.
    order: Vec<u32>,
    /// By number: the rank.
    places: Vec<u32>,
    /// By rank: twice the placement.
    placed: Vec<u32>,
    /// In the order of scores.
    opponents: Vec<Opponent>,
}

impl Walk {
    fn new(rows: &[Ranked], order: &[usize], numbers: &[u32], side: usize, class: bool) -> Walk {
        let own = |row: &&usize| rows[**row].positive == class;
        let count = order.iter().filter(own).count();
        let mut walk = Walk {
            order: Vec::with_capacity(count),
            places: vec![0; count],
            placed: Vec::with_capacity(count),
            opponents: Vec::with_capacity(rows.len() - count),
        };
        for tie in order.chunk_by(|&a, &b| rows[a].score[side] == rows[b].score[side]) {
            let before = walk.order.len() as u32;
            let level = tie.iter().filter(own).count() as u32;
            let (passed, against) = (walk.opponents.len() as u32, tie.len() as u32 - level);
            for &row in tie {
                if rows[row].positive == class {
                    walk.places[numbers[row] as usize] = walk.order.len() as u32;
                    walk.order.push(numbers[row]);
                    walk.placed.push(2 * passed + against);
                } else {
                    walk.opponents.push(Opponent { kind: rows[row].kind, ranks: [before, before + level] });
                }
            }
        }
        walk
    }

    /// At every rank the sums of this walk's and of the other's placements from there on; one more at the end.
    fn sums_from(&self, other: &Walk) -> Vec<[u64; 2]> {
        let (mut sums, mut sum) = (vec![[0, 0]; self.order.len() + 1], [0, 0]);
        for (rank, &number) in self.order.iter().enumerate().rev() {
            let both = [self.placed[rank], other.placed[other.places[number as usize] as usize]].map(u64::from);
            sum = [sum[0] + both[0], sum[1] + both[1]];
            sums[rank] = sum;
        }
        sums
    }
}

/// Everyone's placements among everyone.
fn everyone(base: &Walk, tuned: &Walk) -> Sums {
    let mut sums = Sums::default();
    for (&placed, &place) in base.placed.iter().zip(&tuned.places) {
        sums.add([placed, tuned.placed[place as usize]], [0, 0]);
    }
    sums
}
