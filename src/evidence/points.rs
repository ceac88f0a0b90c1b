//! Points: the multiset of (atoms, labels, scores), kept only where a threshold or a metric needs them.

use super::{Cells, Code, Lattice, Tally};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};

/// One row with its scores. NaN stands for what is not there.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Point {
    /// Index into [`Points::kinds`]: the row's atom in each lattice.
    pub kind: u32,
    /// Labels for base and tuned: a class, 1 being positive; of a regression the number itself.
    #[serde(serialize_with = "nulled", deserialize_with = "from_nulled")]
    pub label: [f64; 2],
    /// Scores of base and tuned; NaN is "said nothing".
    #[serde(serialize_with = "nulled", deserialize_with = "from_nulled")]
    pub score: [f64; 2],
    /// Its weight; 1 where none are given.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub weight: f64,
    /// A hash of the unit that it belongs to; 0 where none are given.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unit: u64,
}

fn one() -> f64 {
    1.0
}

fn is_one(weight: &f64) -> bool {
    *weight == 1.0
}

fn is_zero(unit: &u64) -> bool {
    *unit == 0
}

/// JSON has no NaN: it is written as null.
fn nulled<S: Serializer>(pair: &[f64; 2], to: S) -> Result<S::Ok, S::Error> {
    pair.map(|number| (!number.is_nan()).then_some(number)).serialize(to)
}

fn from_nulled<'de, D: Deserializer<'de>>(from: D) -> Result<[f64; 2], D::Error> {
    Ok(<[Option<f64>; 2]>::deserialize(from)?.map(|number| number.unwrap_or(f64::NAN)))
}

impl Point {
    /// All that tells two points apart, in a fixed order; atoms first.
    fn key(&self) -> (u32, [u64; 2], [u64; 2], u64, u64) {
        let bits = |pair: [f64; 2]| pair.map(f64::to_bits);
        (self.kind, bits(self.label), bits(self.score), self.weight.to_bits(), self.unit)
    }

    /// The cell that it is counted in.
    fn code(&self, meaning: Meaning) -> Code {
        let known = |number: f64| (!number.is_nan()).then_some(number);
        let (label, score) = (self.label.map(known), self.score.map(known));
        match meaning {
            Meaning::Thresholds(thresholds) => {
                Code::new(label.map(|label| label.map(|label| label == 1.0)), decide(score, thresholds))
            }
            Meaning::Amounts => {
                Code::new(label.map(|label| label.map(|_| false)), score.map(|score| score.map(|_| false)))
            }
        }
    }
}

impl PartialEq for Point {
    fn eq(&self, other: &Point) -> bool {
        self.key() == other.key()
    }
}

/// All points, with the distinct tuples of atoms that they refer to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Points {
    /// One tuple an entry: the atom in each lattice. Equal tuples may occur twice.
    pub kinds: Vec<Vec<u32>>,
    /// The rows, in no order that matters.
    pub rows: Vec<Point>,
}

impl Points {
    /// Points atoms to their new places and brings kinds and rows into a fixed order.
    pub fn sort(&mut self, places: &[Vec<u32>]) {
        let moved = |kind: &Vec<u32>| kind.iter().zip(places).map(|(&atom, place)| place[atom as usize]).collect();
        let kinds: Vec<Vec<u32>> = self.kinds.iter().map(moved).collect();
        let unique: BTreeSet<&Vec<u32>> = kinds.iter().collect();
        let place: BTreeMap<&Vec<u32>, u32> = unique.iter().copied().zip(0..).collect();
        self.rows.iter_mut().for_each(|row| row.kind = place[&kinds[row.kind as usize]]);
        self.kinds = unique.into_iter().cloned().collect();
        self.rows.sort_unstable_by_key(Point::key);
    }

    /// The counts, once it is known what the numbers mean.
    pub fn cells(&self, meaning: Meaning, lattices: &[Lattice]) -> Vec<Vec<Cells>> {
        let mut tallies = vec![Tally::default(); lattices.len()];
        for point in &self.rows {
            let code = point.code(meaning);
            for (tally, &atom) in tallies.iter_mut().zip(&self.kinds[point.kind as usize]) {
                tally.count(std::iter::once((atom, code)));
            }
        }
        tallies.iter().zip(lattices).map(|(tally, lattice)| tally.cells(lattice.atoms.len())).collect()
    }
}

/// What the numbers of a row mean, as classes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Meaning {
    /// Labels are classes; a score is positive where it reaches its model's threshold.
    Thresholds([f64; 2]),
    /// Labels and predictions are amounts: only that they are there is counted, as the negative class.
    Amounts,
}

/// What each model says at its threshold: s >= threshold is positive.
#[inline]
pub fn decide(score: [Option<f64>; 2], thresholds: [f64; 2]) -> [Option<bool>; 2] {
    let one = |side: usize| score[side].map(|score| score >= thresholds[side]);
    [one(0), one(1)]
}
