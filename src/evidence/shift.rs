//! What was counted of the audited rows beside rows of the kind that the base learned from.

use serde::{Deserialize, Serialize};

/// Rows told apart by a classifier, and rows by column and bin.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    /// Of the source's rows: those that the classifier took for audited ones, and all.
    pub source: [u64; 2],
    /// Of the audited rows: those that it took for the source's, and all.
    pub audited: [u64; 2],
    /// Every column that is compared.
    pub columns: Vec<ShiftColumn>,
}

/// One column: rows by bin, the last but one for what is beyond the source's, the last for what is missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShiftColumn {
    /// Its name.
    pub name: String,
    /// The source's rows.
    pub source: Vec<u64>,
    /// The audited rows.
    pub audited: Vec<u64>,
}

impl Shift {
    /// With the audited rows of another shard beside the same source; `None` where the sources differ. Each
    /// shard was told apart by a classifier of its own.
    pub fn merge(mut self, other: Shift) -> Option<Shift> {
        let sources =
            |shift: &Shift| shift.columns.iter().map(|c| (c.name.clone(), c.source.clone())).collect::<Vec<_>>();
        if sources(&self) != sources(&other) {
            return None;
        }
        for (column, more) in self.columns.iter_mut().zip(&other.columns) {
            column.audited.iter_mut().zip(&more.audited).for_each(|(rows, more)| *rows += more);
        }
        self.audited = [0, 1].map(|at| self.audited[at] + other.audited[at]);
        Some(self)
    }
}
