//! Rows of which a model read only a part of the text, by atom.

use super::Lattice;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// For each lattice, by the place of an atom, such rows of each model, base first. Atoms without any are absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Vec<Entry>>", into = "Vec<Vec<Entry>>")]
pub struct Cut(Vec<BTreeMap<u32, Vec<u64>>>);

/// An atom and its rows, as a file holds them: a key of JSON is no number.
type Entry = (u32, Vec<u64>);

impl From<Vec<Vec<Entry>>> for Cut {
    fn from(lattices: Vec<Vec<Entry>>) -> Cut {
        Cut(lattices.into_iter().map(|atoms| atoms.into_iter().collect()).collect())
    }
}

impl From<Cut> for Vec<Vec<Entry>> {
    fn from(Cut(lattices): Cut) -> Vec<Vec<Entry>> {
        lattices.into_iter().map(|atoms| atoms.into_iter().collect()).collect()
    }
}

impl Cut {
    /// Counts a row for a model; `atoms` are its atoms, one for each lattice.
    pub fn add(&mut self, atoms: impl Iterator<Item = u32>, model: usize) {
        for (lattice, atom) in atoms.enumerate() {
            let mut rows = vec![0; model + 1];
            rows[model] = 1;
            self.include(lattice, atom, &rows);
        }
    }

    /// Adds what was counted elsewhere, where atoms have the same places.
    pub fn merge(&mut self, more: Cut) {
        for (lattice, atoms) in more.0.into_iter().enumerate() {
            atoms.into_iter().for_each(|(atom, rows)| self.include(lattice, atom, &rows));
        }
    }

    /// Whether no text was cut.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(BTreeMap::is_empty)
    }

    /// Such rows of each model, over all atoms.
    pub fn totals(&self) -> Vec<u64> {
        let mut sum = Vec::new();
        self.atoms(0).for_each(|(_, rows)| add_counts(&mut sum, rows));
        sum
    }

    /// The atoms of a lattice with their rows.
    pub fn atoms(&self, lattice: usize) -> impl Iterator<Item = (u32, &Vec<u64>)> {
        self.0.get(lattice).into_iter().flatten().map(|(&atom, rows)| (atom, rows))
    }

    /// Gives the atoms of a lattice other places; those of one place are added up.
    pub fn renumber(&mut self, lattice: usize, place: impl Fn(u32) -> u32) {
        let old = self.0.get_mut(lattice).map(std::mem::take).unwrap_or_default();
        old.into_iter().for_each(|(atom, rows)| self.include(lattice, place(atom), &rows));
    }

    /// Whether every atom is one of its lattice.
    pub(super) fn is_sound(&self, lattices: &[Lattice]) -> bool {
        let within = |(atoms, lattice): (&BTreeMap<u32, Vec<u64>>, &Lattice)| {
            atoms.keys().next_back().is_none_or(|&last| (last as usize) < lattice.atoms.len())
        };
        self.0.len() <= lattices.len() && self.0.iter().zip(lattices).all(within)
    }

    fn include(&mut self, lattice: usize, atom: u32, rows: &[u64]) {
        if self.0.len() <= lattice {
            self.0.resize(lattice + 1, BTreeMap::new());
        }
        add_counts(self.0[lattice].entry(atom).or_default(), rows);
    }
}

/// Adds counts of each model; a sum of fewer models grows.
pub fn add_counts(sum: &mut Vec<u64>, rows: &[u64]) {
    sum.resize(sum.len().max(rows.len()), 0);
    sum.iter_mut().zip(rows).for_each(|(sum, more)| *sum += more);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(rows: &[([u32; 2], usize)]) -> Cut {
        let mut cut = Cut::default();
        rows.iter().for_each(|(atoms, model)| cut.add(atoms.iter().copied(), *model));
        cut
    }

    #[test]
    fn parts_add_up_in_any_order() {
        let (one, two) = (cut(&[([0, 1], 0), ([0, 2], 1)]), cut(&[([0, 1], 1), ([3, 1], 1)]));
        let sum = |mut a: Cut, b: &Cut| {
            a.merge(b.clone());
            a
        };
        let whole = sum(one.clone(), &two);
        assert_eq!(whole, sum(two, &one));
        assert_eq!(whole.totals(), [1, 3]);
        assert_eq!(whole.atoms(1).collect::<Vec<_>>(), [(1, &vec![1, 2]), (2, &vec![0, 1])]);
        let text = serde_json::to_string(&whole).expect("it is data");
        assert_eq!(serde_json::from_str::<Cut>(&text).expect("it reads back"), whole);
        assert!(Cut::default().is_empty() && !whole.is_empty());
    }

    #[test]
    fn atoms_that_become_one_are_added_up() {
        let mut cut = cut(&[([0, 0], 0), ([1, 0], 0), ([2, 0], 1)]);
        cut.renumber(0, |atom| atom / 2);
        assert_eq!(cut.atoms(0).collect::<Vec<_>>(), [(0, &vec![2]), (1, &vec![0, 1])]);
        assert_eq!(cut.totals(), [2, 1]);
        cut.renumber(7, |atom| atom);
        assert_eq!(cut.totals(), [2, 1]);
    }

    #[test]
    fn an_atom_that_is_not_there_is_told() {
        let lattice = |atoms| Lattice { attributes: vec![], atoms: vec![vec![]; atoms] };
        let cut = cut(&[([0, 1], 0)]);
        assert!(cut.is_sound(&[lattice(1), lattice(2)]));
        assert!(!cut.is_sound(&[lattice(1), lattice(1)]));
        assert!(!cut.is_sound(&[lattice(9)]));
    }
}
