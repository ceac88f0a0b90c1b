//! From attribute values to atoms: which lattice cell each row stands in.

use super::{AttributeSpec, DataError, Table, Want};
use crate::evidence::{Attribute, Lattice};

/// Encodes tables into atom ids, learning groups and atoms as they come.
pub struct Slicer {}

impl Slicer {
    /// For these attributes; `lattices` lists the attribute indices of each lattice, ascending.
    pub fn new(attributes: &[AttributeSpec], lattices: &[Vec<usize>]) -> Slicer {
        let _ = (attributes, lattices);
        todo!()
    }

    /// The columns that it reads.
    pub fn columns(&self) -> Vec<(String, Want)> {
        todo!()
    }

    /// The atom of every row of the table, for each lattice.
    pub fn encode(&mut self, table: &Table) -> Result<Vec<Vec<u32>>, DataError> {
        let _ = table;
        todo!()
    }

    /// The groups and atoms learned. Groups are sorted (bins ascending, whole numbers ascending,
    /// else by name) and atoms recoded to match, but atom ids stay those that `encode` gave.
    pub fn finish(self) -> (Vec<Attribute>, Vec<Lattice>) {
        todo!()
    }
}
