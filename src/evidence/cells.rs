//! Cells: how many rows share an atom, the labels and what the models said.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A class by its index; for a binary task [`NEGATIVE`] or [`POSITIVE`].
pub type Class = u16;
/// The negative class of a binary task.
pub const NEGATIVE: Class = 0;
/// The positive class of a binary task.
pub const POSITIVE: Class = 1;

/// One joint outcome of a row, for base (0) and tuned (1).
///
/// Each model has a label of its own, since they may answer different questions; usually the two
/// are the same. `None` is a null label, or a model that said nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// The label that holds for each model.
    pub label: [Option<Class>; 2],
    /// What each model said.
    pub said: [Option<Class>; 2],
}

/// Counts by cell, of one set of people. Sparse: only what occurred.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<(Cell, u64)>", from = "Vec<(Cell, u64)>")]
pub struct Cells(BTreeMap<Cell, u64>);

impl Cells {
    /// Counts `n` more rows in a cell.
    pub fn add(&mut self, cell: Cell, n: u64) {
        if n > 0 {
            *self.0.entry(cell).or_default() += n;
        }
    }

    /// Adds all of another's counts.
    pub fn merge(&mut self, other: &Cells) {
        other.iter().for_each(|(cell, n)| self.add(cell, n));
    }

    /// What is in `self` and not in `part`, where `part` was counted within it.
    pub fn without(&self, part: &Cells) -> Cells {
        let left = self.iter().map(|(cell, n)| (cell, n - part.count(&cell)));
        left.fold(Cells::default(), |mut cells, (cell, n)| {
            cells.add(cell, n);
            cells
        })
    }

    /// Rows in one cell.
    pub fn count(&self, cell: &Cell) -> u64 {
        self.0.get(cell).copied().unwrap_or(0)
    }

    /// Rows in all cells.
    pub fn rows(&self) -> u64 {
        self.0.values().sum()
    }

    /// Every cell with its count, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (Cell, u64)> + '_ {
        self.0.iter().map(|(cell, n)| (*cell, *n))
    }
}

impl From<Cells> for Vec<(Cell, u64)> {
    fn from(cells: Cells) -> Self {
        cells.0.into_iter().collect()
    }
}

impl From<Vec<(Cell, u64)>> for Cells {
    fn from(counts: Vec<(Cell, u64)>) -> Self {
        let mut cells = Cells::default();
        counts.into_iter().for_each(|(cell, n)| cells.add(cell, n));
        cells
    }
}
