//! Counterfactual pairs: what both models say of a row and of the row with one thing exchanged.

use super::SliceId;
use super::points::{from_nulled, nulled};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the slices of pairs begin with: `pairs:gender=female` is the second half of pairs of `gender`.
pub const PAIRS: &str = "pairs:";

/// Two sides of one kind, `male` and `female` of `gender`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Direction {
    /// The kind of pair.
    pub kind: String,
    /// The side that is compared with.
    pub first: String,
    /// The other side.
    pub second: String,
}

impl Direction {
    /// The slices of the second and of the first side.
    pub fn slices(&self) -> [String; 2] {
        let slice = |side: &String| SliceId::single(&format!("{PAIRS}{}", self.kind), side).to_string();
        [slice(&self.second), slice(&self.first)]
    }
}

/// One pair, however it came about.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Pair {
    /// Index into [`Pairs::directions`].
    pub direction: u32,
    /// Scores of base and tuned for the half of the first side, of a multiclass task the places of their classes;
    /// NaN is "said nothing".
    #[serde(serialize_with = "nulled", deserialize_with = "from_nulled")]
    pub first: [f64; 2],
    /// The same for the half of the second side.
    #[serde(serialize_with = "nulled", deserialize_with = "from_nulled")]
    pub second: [f64; 2],
    /// Its row's weight.
    pub weight: f64,
    /// A hash of the unit that its row belongs to; 0 where none is given.
    pub unit: u64,
}

impl Pair {
    fn key(&self) -> impl Ord + use<> {
        let bits = |pair: [f64; 2]| pair.map(f64::to_bits);
        (self.direction, bits(self.first), bits(self.second), self.weight.to_bits(), self.unit)
    }
}

impl PartialEq for Pair {
    fn eq(&self, other: &Pair) -> bool {
        self.key() == other.key()
    }
}

/// Rows of one kind that make no pair, and pairs that say nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unpaired {
    /// Rows of no side.
    pub without: u64,
    /// Rows of several sides.
    pub several: u64,
    /// Rows whose value is null.
    pub unknown: u64,
    /// Pairs whose halves are equal.
    pub equal: u64,
}

impl Unpaired {
    /// Adds another's counts.
    pub fn add(&mut self, more: &Unpaired) {
        self.without += more.without;
        self.several += more.several;
        self.unknown += more.unknown;
        self.equal += more.equal;
    }
}

/// All pairs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Pairs {
    /// The directions, those without a pair too.
    pub directions: Vec<Direction>,
    /// The pairs, in no order that matters.
    pub pairs: Vec<Pair>,
    /// By kind, what made no pair.
    pub unpaired: BTreeMap<String, Unpaired>,
}

impl Pairs {
    /// Adds another's pairs and counts.
    pub fn merge(&mut self, more: Pairs) {
        let all: BTreeSet<&Direction> = self.directions.iter().chain(&more.directions).collect();
        let all: Vec<Direction> = all.into_iter().cloned().collect();
        let places = |directions: &[Direction]| -> Vec<u32> {
            directions.iter().map(|one| all.partition_point(|other| other < one) as u32).collect()
        };
        let (own, others) = (places(&self.directions), places(&more.directions));
        self.pairs.iter_mut().for_each(|pair| pair.direction = own[pair.direction as usize]);
        self.pairs
            .extend(more.pairs.into_iter().map(|pair| Pair { direction: others[pair.direction as usize], ..pair }));
        more.unpaired.iter().for_each(|(kind, counts)| self.unpaired.entry(kind.clone()).or_default().add(counts));
        self.directions = all;
    }

    /// The same in a fixed order, so that the order of rows never shows.
    pub fn sorted(self) -> Pairs {
        let mut sorted = Pairs::default();
        sorted.merge(self);
        sorted.pairs.sort_unstable_by_key(Pair::key);
        sorted
    }

    /// Gives classes their new places, where scores are the places of classes.
    pub(super) fn renumber(&mut self, places: &[f64]) {
        let new = |number: f64| places.get(number as usize).copied().filter(|_| !number.is_nan()).unwrap_or(f64::NAN);
        for pair in &mut self.pairs {
            (pair.first, pair.second) = (pair.first.map(new), pair.second.map(new));
        }
    }

    /// Whether every pair has a direction.
    pub(super) fn is_sound(&self) -> bool {
        self.pairs.iter().all(|pair| (pair.direction as usize) < self.directions.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direction(second: &str) -> Direction {
        Direction { kind: "kind".into(), first: "one".into(), second: second.into() }
    }

    fn pairs(directions: &[&str], scores: &[(u32, f64)]) -> Pairs {
        let pair = |&(direction, score): &(u32, f64)| Pair {
            direction,
            first: [score, f64::NAN],
            second: [0.0; 2],
            weight: 1.0,
            unit: 0,
        };
        Pairs {
            directions: directions.iter().map(|second| direction(second)).collect(),
            pairs: scores.iter().map(pair).collect(),
            unpaired: BTreeMap::from([("kind".into(), Unpaired { equal: 2, ..Unpaired::default() })]),
        }
    }

    #[test]
    fn the_order_of_shards_does_not_show() {
        let (a, b) = (|| pairs(&["y", "x"], &[(0, 0.5), (1, 0.25)]), || pairs(&["z", "y"], &[(1, 0.125)]));
        let sum = |mut one: Pairs, other: Pairs| {
            one.merge(other);
            one.sorted()
        };
        let whole = sum(a(), b());
        assert_eq!(whole, sum(b(), a()));
        assert_eq!(whole.directions, [direction("x"), direction("y"), direction("z")]);
        assert_eq!(
            whole.pairs.iter().map(|pair| (pair.direction, pair.first[0])).collect::<Vec<_>>(),
            [(0, 0.25), (1, 0.125), (1, 0.5)]
        );
        assert_eq!(whole.unpaired["kind"].equal, 4);
        let text = serde_json::to_string(&whole).expect("it is data");
        assert_eq!(serde_json::from_str::<Pairs>(&text).expect("it reads back"), whole);
        assert!(whole.is_sound() && !pairs(&[], &[(0, 0.5)]).is_sound());
    }
}
