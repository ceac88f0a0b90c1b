//! Points: the multiset of (atoms, labels, scores), kept only where a threshold needs the whole data.

use super::{Cells, Class, Code, Lattice, POSITIVE, Tally};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One row's scores before a threshold is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Index into [`Points::kinds`]: the row's atom in each lattice.
    pub kind: u32,
    /// Labels for base and tuned.
    pub label: [Option<Class>; 2],
    /// Scores of base and tuned; `None` is "said nothing".
    pub score: [Option<f64>; 2],
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
        let bits = |score: Option<f64>| score.map(f64::to_bits);
        self.rows.sort_by_key(|row| (row.kind, row.label, row.score.map(bits)));
    }

    /// The counts, once each model has a threshold: positive where the score reaches it.
    pub fn cells(&self, thresholds: [f64; 2], lattices: &[Lattice]) -> Vec<Vec<Cells>> {
        let mut tallies = vec![Tally::default(); lattices.len()];
        for point in &self.rows {
            let label = point.label.map(|label| label.map(|class| class == POSITIVE));
            let code = Code::new(label, decide(point.score, thresholds));
            for (tally, &atom) in tallies.iter_mut().zip(&self.kinds[point.kind as usize]) {
                tally.count(std::iter::once((atom, code)));
            }
        }
        tallies.iter().zip(lattices).map(|(tally, lattice)| tally.cells(lattice.atoms.len())).collect()
    }
}

/// What each model says at its threshold: s >= threshold is positive.
#[inline]
pub fn decide(score: [Option<f64>; 2], thresholds: [f64; 2]) -> [Option<bool>; 2] {
    let one = |side: usize| score[side].map(|score| score >= thresholds[side]);
    [one(0), one(1)]
}
