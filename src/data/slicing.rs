//! From attribute values to atoms: which lattice cell each row stands in.

use super::groups::Groups;
use super::{AttributeSpec, DataError, Table, Want};
use crate::evidence::{Attribute, Lattice};
use polars::prelude::{InitHashMaps, PlHashMap};

/// Combinations of codes that are kept in a plain list while a table is encoded.
const DENSE: usize = 4096;
const UNSEEN: u32 = u32::MAX;

/// Encodes tables into atom ids, learning groups and atoms as they come.
pub struct Slicer {
    attributes: Vec<Groups>,
    lattices: Vec<Atoms>,
}

impl Slicer {
    /// For these attributes; `lattices` lists the attribute indices of each lattice, ascending.
    pub fn new(attributes: &[AttributeSpec], lattices: &[Vec<usize>]) -> Slicer {
        Slicer {
            attributes: attributes.iter().map(Groups::new).collect(),
            lattices: lattices.iter().map(|attributes| Atoms::new(attributes)).collect(),
        }
    }

    /// The columns that it reads.
    pub fn columns(&self) -> Vec<(String, Want)> {
        self.attributes.iter().map(|groups| (groups.column().to_string(), groups.want())).collect()
    }

    /// The atom of every row of the table, for each lattice.
    pub fn encode(&mut self, table: &Table) -> Result<Vec<Vec<u32>>, DataError> {
        let codes = self.attributes.iter_mut().map(|groups| groups.encode(table)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.lattices.iter_mut().map(|atoms| atoms.encode(&codes, table.rows())).collect())
    }

    /// The code of every row for each attribute, from the atoms that `encode` gave.
    pub fn codes(&self, atoms: &[Vec<u32>]) -> Vec<Vec<u32>> {
        let of = |attribute: usize| {
            let at = |one: &Atoms| one.lattice.attributes.iter().position(|own| *own == attribute);
            let (lattice, place) =
                self.lattices.iter().enumerate().find_map(|(at_lattice, one)| Some((at_lattice, at(one)?)))?;
            let signatures = &self.lattices[lattice].lattice.atoms;
            Some(atoms[lattice].iter().map(|&atom| signatures[atom as usize][place]).collect())
        };
        (0..self.attributes.len()).map(|attribute| of(attribute).unwrap_or_default()).collect()
    }

    /// The groups met so far, in the order of the codes that [`Slicer::codes`] gives.
    pub fn met(&self) -> Vec<Attribute> {
        self.attributes.iter().map(Groups::met).collect()
    }

    /// The groups and atoms learned. Groups are sorted (bins ascending, whole numbers ascending,
    /// else by name) and atoms recoded to match, but atom ids stay those that `encode` gave.
    pub fn finish(self) -> (Vec<Attribute>, Vec<Lattice>) {
        let (attributes, recoded): (Vec<_>, Vec<_>) = self.attributes.into_iter().map(Groups::finish).unzip();
        (attributes, self.lattices.into_iter().map(|atoms| atoms.finish(&recoded)).collect())
    }
}

/// The atoms of one lattice, found by walking a tree of codes, one attribute a level.
struct Atoms {
    lattice: Lattice,
    /// From a node and a code to the next node, or on the last level to the atom.
    steps: PlHashMap<(u32, u32), u32>,
    nodes: u32,
}

impl Atoms {
    fn new(attributes: &[usize]) -> Atoms {
        let atoms = if attributes.is_empty() { vec![Vec::new()] } else { Vec::new() };
        Atoms { lattice: Lattice { attributes: attributes.to_vec(), atoms }, steps: PlHashMap::new(), nodes: 0 }
    }

    fn encode(&mut self, codes: &[Vec<u32>], rows: usize) -> Vec<u32> {
        let columns: Vec<&[u32]> = self.lattice.attributes.iter().map(|a| codes[*a].as_slice()).collect();
        let Some((last, upper)) = columns.split_last() else { return vec![0; rows] };
        let widths: Vec<usize> =
            columns.iter().map(|codes| codes.iter().fold(0, |most: u32, code| most.max(*code)) as usize + 1).collect();
        let places = widths.iter().try_fold(1_usize, |places, width| places.checked_mul(*width));
        let Some(places) = places.filter(|places| *places <= DENSE) else {
            return (0..rows).map(|row| self.atom(upper, last, row)).collect();
        };
        // Few combinations: each is looked up once a table, and found by its place from then on.
        let mut at: Vec<u32> = columns[0].to_vec();
        for (codes, width) in columns.iter().zip(&widths).skip(1) {
            at.iter_mut().zip(*codes).for_each(|(at, code)| *at = *at * *width as u32 + code);
        }
        let mut known = vec![UNSEEN; places];
        for (row, at) in at.iter_mut().enumerate() {
            let known = &mut known[*at as usize];
            if *known == UNSEEN {
                *known = self.atom(upper, last, row);
            }
            *at = *known;
        }
        at
    }

    fn atom(&mut self, upper: &[&[u32]], last: &[u32], row: usize) -> u32 {
        let node = upper.iter().fold(0, |node, codes| {
            *self.steps.entry((node, codes[row])).or_insert_with(|| {
                self.nodes += 1;
                self.nodes
            })
        });
        *self.steps.entry((node, last[row])).or_insert_with(|| {
            let signature = upper.iter().map(|codes| codes[row]).chain([last[row]]).collect();
            self.lattice.atoms.push(signature);
            self.lattice.atoms.len() as u32 - 1
        })
    }

    fn finish(mut self, recoded: &[Vec<u32>]) -> Lattice {
        for signature in &mut self.lattice.atoms {
            for (code, attribute) in signature.iter_mut().zip(&self.lattice.attributes) {
                *code = recoded[*attribute][*code as usize];
            }
        }
        self.lattice
    }
}
