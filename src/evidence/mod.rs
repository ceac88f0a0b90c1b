//! What was counted. Evidence merges by addition, so shards gathered apart conclude as one.

mod cells;
mod classes;
mod cut;
mod lattice;
mod merge;
mod noise;
mod pairs;
mod points;
mod pool;
mod shift;
mod slice_id;
mod tally;
mod unmapped;
mod unread;

pub use cells::{Cell, Cells, Class, NEGATIVE, POSITIVE};
pub use classes::{Classes, MOST_CLASSES};
pub use cut::{Cut, add_counts};
pub use lattice::{Attribute, Lattice, UNKNOWN, sort_groups};
pub use merge::{MergeError, merge};
pub use noise::Noise;
pub use pairs::{Direction, PAIRS, Pair, Pairs, Unpaired};
pub use points::{Meaning, Point, Points, Rank, decide};
pub use pool::pool;
pub use shift::{Shift, ShiftColumn};
pub use slice_id::{SliceId, SliceIdError};
pub use tally::{Code, Tally};
pub use unmapped::Unmapped;
pub use unread::Unread;

use serde::{Deserialize, Serialize};

fn is_zero(rows: &u64) -> bool {
    *rows == 0
}

/// Everything counted from the rows: the only thing that later rooms know of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Attributes in declared order.
    pub attributes: Vec<Attribute>,
    /// At least one lattice; without attributes, one with a single atom.
    pub lattices: Vec<Lattice>,
    /// Counts of every atom of every lattice; empty while `points` wait for thresholds.
    pub cells: Vec<Vec<Cells>>,
    /// Scores, where a threshold needs the whole data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
    /// The classes of a multiclass task, in the order shown; labels and scores of points are places in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Rows in the files.
    pub rows_read: u64,
    /// Rows whose weight is missing, negative or infinite: they weigh nothing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub without_weight: u64,
    /// Rows whose id an earlier row of the same piece has, where no units are named.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub repeated_ids: u64,
    /// Rows of which each model read only a part of the text, base first; empty where none was cut.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut_texts: Vec<u64>,
    /// The same by atom.
    #[serde(default, skip_serializing_if = "Cut::is_empty")]
    pub cut: Cut,
    /// Rows whose picture could not be read, and of which no model said anything.
    #[serde(default, skip_serializing_if = "Unread::is_empty")]
    pub unread: Unread,
    /// What a second run of the same rows changed, where models gave scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
    /// What the class map of each model leaves out, base first; empty where no model has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<Unmapped>,
    /// Counterfactual pairs, where they are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Pairs>,
}

impl Evidence {
    /// Whether every place that one part names is there in the other, as in all that was gathered:
    /// a file may have been edited.
    pub fn is_sound(&self, attributes: usize, others: usize) -> bool {
        let code = |attribute: usize, code: u32| code as usize <= self.attributes[attribute].codes();
        let sets = |attribute: &Attribute| {
            let groups = attribute.groups.len();
            let known = |sets: &Vec<Vec<u32>>| sets.iter().flatten().all(|&group| (group as usize) < groups);
            attribute.sets.as_ref().is_none_or(|sets| groups <= pool::MOST_GROUPS && known(sets))
        };
        let atom = |lattice: &Lattice, atom: &Vec<u32>| {
            atom.len() == lattice.attributes.len()
                && atom.iter().zip(&lattice.attributes).all(|(&at, &of)| code(of, at))
        };
        let lattice = |lattice: &Lattice| {
            lattice.attributes.iter().all(|&of| of < self.attributes.len())
                && lattice.atoms.iter().all(|one| atom(lattice, one))
        };
        let whole = (0..attributes).all(|of| self.lattices.iter().any(|lattice| lattice.attributes.contains(&of)));
        let counted = self.cells.iter().map(Vec::len).eq(self.lattices.iter().map(|lattice| lattice.atoms.len()));
        let pointed = |points: &Points| {
            let kind = |kind: &Vec<u32>| {
                kind.len() == self.lattices.len()
                    && kind.iter().zip(&self.lattices).all(|(&at, lattice)| (at as usize) < lattice.atoms.len())
            };
            points.kinds.iter().all(kind)
                && points.has_classes(self.classes.len())
                && points.rows.iter().all(|row| (row.kind as usize) < points.kinds.len())
                && points.others.iter().all(|scores| scores.len() == points.rows.len())
                && (points.ranks.is_empty() || points.ranks.len() == points.others.len())
                && points.ranks.iter().all(|ranks| ranks.len() == points.rows.len())
        };
        self.attributes.len() == attributes
            && self.points.as_ref().map_or(0, |points| points.others.len()) == others
            && whole
            && self.attributes.iter().all(sets)
            && self.lattices.iter().all(lattice)
            && self.cut.is_sound(&self.lattices)
            && self.points.as_ref().map_or(counted, pointed)
            && self.pairs.as_ref().is_none_or(Pairs::is_sound)
    }

    /// The evidence of two of all models alone; see [`Points::chosen`].
    pub fn chosen(&self, sides: [usize; 2]) -> Evidence {
        Evidence { points: self.points.as_ref().map(|points| points.chosen(sides)), ..self.clone() }
    }

    /// The rows of which a model said something, and how many those are not.
    pub fn spoken(&self, model: usize) -> (Evidence, u64) {
        let points = self.points.as_ref().map(|points| points.kept(model, |score| !score.is_nan()));
        let rows = |points: &Option<Points>| points.as_ref().map_or(0, |points| points.rows.len());
        let silent = rows(&self.points) - rows(&points);
        (Evidence { points, ..self.clone() }, silent as u64)
    }

    /// Everyone's counts.
    pub fn everyone(&self) -> Cells {
        let atoms = self.cells.first().into_iter().flatten();
        atoms.fold(Cells::default(), |mut all, cells| {
            all.merge(cells);
            all
        })
    }

    /// Gives the classes these places; all that there are must be among them.
    fn classified(&mut self, classes: Vec<String>) {
        if self.classes != classes {
            let places = classes::places(&self.classes, &classes);
            self.points.iter_mut().for_each(|points| points.renumber(&places));
            self.pairs.iter_mut().for_each(|pairs| pairs.renumber(&places));
        }
        self.classes = classes;
    }

    /// The same evidence with atoms in the order of their signatures and points in a fixed order,
    /// so that the order of the rows never shows.
    pub fn sorted(mut self) -> Evidence {
        self.classified(classes::united(&self.classes, &[]));
        let places: Vec<Vec<u32>> = self.lattices.iter_mut().map(Lattice::sort).collect();
        for (cells, place) in self.cells.iter_mut().zip(&places) {
            let mut sorted = vec![Cells::default(); cells.len()];
            std::mem::take(cells).into_iter().zip(place).for_each(|(cells, &place)| sorted[place as usize] = cells);
            *cells = sorted;
        }
        for (lattice, place) in places.iter().enumerate() {
            self.cut.renumber(lattice, |atom| place[atom as usize]);
        }
        if let Some(points) = &mut self.points {
            points.sort(&places);
        }
        self.pairs = self.pairs.map(Pairs::sorted);
        self
    }
}
