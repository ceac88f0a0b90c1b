//! Points: the multiset of (atoms, labels, scores), kept only where a threshold or a metric needs them.

use super::{Cell, Cells, Class, Code, Lattice, POSITIVE, Tally};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;

/// Where a class stands among all that a model scores, the best being 1; the largest number is that of a class
/// which the model lacks.
pub type Rank = NonZeroU16;

/// One row with its scores. NaN stands for what is not there.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Point {
    /// Index into [`Points::kinds`]: the row's atom in each lattice.
    pub kind: u32,
    /// Of a multiclass task where the label stands among the classes that base and tuned score; `None` where
    /// there is no label, or no score for each class.
    #[serde(default, skip_serializing_if = "is_unranked")]
    pub rank: [Option<Rank>; 2],
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

fn is_unranked(rank: &[Option<Rank>; 2]) -> bool {
    *rank == [None; 2]
}

fn is_zero(unit: &u64) -> bool {
    *unit == 0
}

/// JSON has no NaN: it is written as null.
pub(super) fn nulled<S: Serializer>(pair: &[f64; 2], to: S) -> Result<S::Ok, S::Error> {
    pair.map(|number| (!number.is_nan()).then_some(number)).serialize(to)
}

pub(super) fn from_nulled<'de, D: Deserializer<'de>>(from: D) -> Result<[f64; 2], D::Error> {
    Ok(<[Option<f64>; 2]>::deserialize(from)?.map(|number| number.unwrap_or(f64::NAN)))
}

impl Point {
    /// All that tells two points apart, in a fixed order; atoms first.
    fn key(&self) -> impl Ord + use<> {
        let bits = |pair: [f64; 2]| pair.map(f64::to_bits);
        (self.kind, bits(self.label), bits(self.score), self.weight.to_bits(), self.unit, self.rank)
    }

    /// The cell that it is counted in.
    fn code(&self, meaning: Meaning) -> Code {
        let known = |number: f64| (!number.is_nan()).then_some(number);
        let (label, score) = (self.label.map(known), self.score.map(known));
        match meaning {
            Meaning::Thresholds(thresholds) => {
                Code::new(label.map(|label| label.map(|label| label == 1.0)), decide(score, thresholds))
            }
            Meaning::Amounts | Meaning::Classes => {
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
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Points {
    /// One tuple an entry: the atom in each lattice. Equal tuples may occur twice.
    pub kinds: Vec<Vec<u32>>,
    /// The rows, in no order that matters.
    pub rows: Vec<Point>,
    /// What other models said of the same rows, a list a model: the other runs, then the control.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "others")]
    pub others: Vec<Vec<f64>>,
    /// The same of [`Point::rank`]; empty where none of them scores each class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranks: Vec<Vec<Option<Rank>>>,
}

/// JSON has no NaN: it is written as null.
mod others {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(others: &[Vec<f64>], to: S) -> Result<S::Ok, S::Error> {
        let nulled = |scores: &Vec<f64>| scores.iter().map(|x| (!x.is_nan()).then_some(*x)).collect::<Vec<_>>();
        others.iter().map(nulled).collect::<Vec<_>>().serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Vec<f64>>, D::Error> {
        let others = Vec::<Vec<Option<f64>>>::deserialize(from)?;
        let known = |scores: Vec<Option<f64>>| scores.into_iter().map(|x| x.unwrap_or(f64::NAN)).collect();
        Ok(others.into_iter().map(known).collect())
    }
}

impl PartialEq for Points {
    /// What is not there equals what is not there.
    fn eq(&self, other: &Points) -> bool {
        let bits = |points: &Points| points.others.iter().flatten().map(|x| x.to_bits()).collect::<Vec<_>>();
        (&self.kinds, &self.rows, bits(self), &self.ranks) == (&other.kinds, &other.rows, bits(other), &other.ranks)
    }
}

impl Points {
    /// None yet, with places for what so many other models say.
    pub fn of_others(others: usize) -> Points {
        Points { others: vec![Vec::new(); others], ranks: vec![Vec::new(); others], ..Points::default() }
    }

    /// What a model said of a row: 0 the base, 1 the tuned model, from 2 the others.
    fn said(&self, row: usize, model: usize) -> f64 {
        match model {
            0 | 1 => self.rows[row].score[model],
            other => self.others[other - 2][row],
        }
    }

    /// Where the label of a row stands among the classes that a model scores.
    fn rank(&self, row: usize, model: usize) -> Option<Rank> {
        match model {
            0 | 1 => self.rows[row].rank[model],
            other => *self.ranks.get(other - 2)?.get(row)?,
        }
    }

    /// The rows of other points too, whose kinds come after these; their order is kept.
    pub(super) fn append(&mut self, more: &Points) {
        let (before, offset) = (self.rows.len(), self.kinds.len() as u32);
        self.kinds.extend(more.kinds.iter().cloned());
        self.rows.extend(more.rows.iter().map(|point| Point { kind: point.kind + offset, ..*point }));
        self.others.iter_mut().zip(&more.others).for_each(|(scores, more)| scores.extend(more));
        for (at, ranks) in self.ranks.iter_mut().enumerate() {
            ranks.resize(before, None);
            ranks.extend((0..more.rows.len()).map(|row| more.rank(row, at + 2)));
        }
    }

    /// The rows of which a model's score passes.
    pub fn kept(&self, model: usize, passes: impl Fn(f64) -> bool) -> Points {
        let kept: Vec<usize> = (0..self.rows.len()).filter(|&row| passes(self.said(row, model))).collect();
        Points {
            kinds: self.kinds.clone(),
            rows: kept.iter().map(|&row| self.rows[row]).collect(),
            others: self.others.iter().map(|scores| kept.iter().map(|&row| scores[row]).collect()).collect(),
            ranks: self.ranks.iter().map(|ranks| kept.iter().map(|&row| ranks[row]).collect()).collect(),
        }
    }

    /// The same rows with base and tuned chosen among all models; those besides the base answer the tuned
    /// model's question.
    pub fn chosen(&self, sides: [usize; 2]) -> Points {
        let point = |row: usize| {
            let [base, tuned] = self.rows[row].label;
            let label = sides.map(|model| if model == 0 { base } else { tuned });
            let rank = sides.map(|model| self.rank(row, model));
            Point { score: sides.map(|model| self.said(row, model)), rank, label, ..self.rows[row] }
        };
        let mut rows: Vec<Point> = (0..self.rows.len()).map(point).collect();
        rows.sort_unstable_by_key(Point::key);
        Points { kinds: self.kinds.clone(), rows, ..Points::default() }
    }

    /// Whether each of the two models scores every class.
    pub fn ranked(&self) -> [bool; 2] {
        [0, 1].map(|side| self.rows.iter().any(|row| row.rank[side].is_some()))
    }

    /// The same rows as a binary task: every label is positive, and so is what has it among its `k` best classes.
    pub fn among_best(&self, k: u64) -> Points {
        let among = |rank: Option<Rank>| rank.map_or(f64::NAN, |rank| f64::from(u8::from(u64::from(rank.get()) <= k)));
        let positive = |label: f64| if label.is_nan() { f64::NAN } else { f64::from(POSITIVE) };
        let row = |row: &Point| Point { label: row.label.map(positive), score: row.rank.map(among), ..*row };
        Points { kinds: self.kinds.clone(), rows: self.rows.iter().map(row).collect(), ..Points::default() }
    }

    /// Gives every class its new number: labels and scores are places in the list of classes.
    pub(super) fn renumber(&mut self, places: &[f64]) {
        let new = |number: f64| places.get(number as usize).copied().filter(|_| !number.is_nan()).unwrap_or(f64::NAN);
        for row in &mut self.rows {
            (row.label, row.score) = (row.label.map(new), row.score.map(new));
        }
        self.others.iter_mut().flatten().for_each(|said| *said = new(*said));
    }

    /// Whether all labels and scores are among so many classes, where there are any.
    pub(super) fn has_classes(&self, count: usize) -> bool {
        let known = |number: f64| number.is_nan() || number >= 0.0 && number.fract() == 0.0 && number < count as f64;
        let others = || self.others.iter().flatten().all(|&said| known(said));
        count == 0 || self.rows.iter().all(|row| row.label.into_iter().chain(row.score).all(known)) && others()
    }

    /// Points atoms to their new places and brings kinds and rows into a fixed order.
    pub fn sort(&mut self, places: &[Vec<u32>]) {
        let moved = |kind: &Vec<u32>| kind.iter().zip(places).map(|(&atom, place)| place[atom as usize]).collect();
        let kinds: Vec<Vec<u32>> = self.kinds.iter().map(moved).collect();
        let unique: BTreeSet<&Vec<u32>> = kinds.iter().collect();
        let place: BTreeMap<&Vec<u32>, u32> = unique.iter().copied().zip(0..).collect();
        self.rows.iter_mut().for_each(|row| row.kind = place[&kinds[row.kind as usize]]);
        self.kinds = unique.into_iter().cloned().collect();
        self.sort_rows();
    }

    fn sort_rows(&mut self) {
        if self.ranks.iter().flatten().all(Option::is_none) {
            self.ranks.clear();
        }
        if self.others.is_empty() {
            return self.rows.sort_unstable_by_key(Point::key);
        }
        let said = |row: &u32| {
            let scores = self.others.iter().map(|scores| scores[*row as usize].to_bits());
            let ranks = self.ranks.iter().map(|ranks| ranks[*row as usize]);
            (scores.collect::<Vec<_>>(), ranks.collect::<Vec<_>>())
        };
        let mut order: Vec<u32> = (0..self.rows.len() as u32).collect();
        order.sort_unstable_by_key(|row| (self.rows[*row as usize].key(), said(row)));
        self.others.iter_mut().for_each(|scores| *scores = order.iter().map(|&row| scores[row as usize]).collect());
        self.ranks.iter_mut().for_each(|ranks| *ranks = order.iter().map(|&row| ranks[row as usize]).collect());
        self.rows = order.iter().map(|&row| self.rows[row as usize]).collect();
    }

    /// The counts, once it is known what the numbers mean.
    pub fn cells(&self, meaning: Meaning, lattices: &[Lattice]) -> Vec<Vec<Cells>> {
        if meaning == Meaning::Classes {
            return self.class_cells(lattices);
        }
        let mut tallies = vec![Tally::default(); lattices.len()];
        for point in &self.rows {
            let code = point.code(meaning);
            for (tally, &atom) in tallies.iter_mut().zip(&self.kinds[point.kind as usize]) {
                tally.count(std::iter::once((atom, code)));
            }
        }
        tallies.iter().zip(lattices).map(|(tally, lattice)| tally.cells(lattice.atoms.len())).collect()
    }

    /// The counts by class.
    fn class_cells(&self, lattices: &[Lattice]) -> Vec<Vec<Cells>> {
        let class = |number: f64| (!number.is_nan()).then_some(number as Class);
        let mut counts: BTreeMap<(u32, Cell), u64> = BTreeMap::new();
        for row in &self.rows {
            let cell = Cell { label: row.label.map(class), said: row.score.map(class) };
            *counts.entry((row.kind, cell)).or_default() += 1;
        }
        let mut cells: Vec<Vec<Cells>> = lattices.iter().map(|l| vec![Cells::default(); l.atoms.len()]).collect();
        for ((kind, cell), n) in counts {
            let atoms = &self.kinds[kind as usize];
            cells.iter_mut().zip(atoms).for_each(|(cells, &atom)| cells[atom as usize].add(cell, n));
        }
        cells
    }
}

/// What the numbers of a row mean, as classes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Meaning {
    /// Labels are classes; a score is positive where it reaches its model's threshold.
    Thresholds([f64; 2]),
    /// Labels and predictions are amounts: only that they are there is counted, as the negative class.
    Amounts,
    /// Labels and predictions are classes.
    Classes,
}

/// What each model says at its threshold: s >= threshold is positive.
#[inline]
pub fn decide(score: [Option<f64>; 2], thresholds: [f64; 2]) -> [Option<bool>; 2] {
    let one = |side: usize| score[side].map(|score| score >= thresholds[side]);
    [one(0), one(1)]
}
