//! Attributes, lattices and atoms: which sets of people can be told apart.
//!
//! A slice is a set of atoms; an atom is a distinct signature on the attributes of one lattice.
//! Attributes that a cross joins share a lattice, others stand alone, so that the number of atoms
//! never explodes with the number of attributes.

use serde::{Deserialize, Serialize};

/// The code of a value that is null or declared unknown.
pub const UNKNOWN: u32 = 0;

/// One attribute and the groups seen. Code 0 is unknown, code i + 1 is `groups[i]`, or where a row may be in several
/// groups `sets[i]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// The attribute's name.
    pub name: String,
    /// The groups' names, in the order shown: bins ascending, whole numbers ascending, else by name.
    pub groups: Vec<String>,
    /// The sets of groups that rows are in, each of places in `groups`, ascending; absent where a row is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sets: Option<Vec<Vec<u32>>>,
}

impl Attribute {
    /// Whether a code is that of a group, or of a set that the group is in. Groups are told by their place.
    pub fn names(&self, code: u32, group: usize) -> bool {
        let Some(at) = (code as usize).checked_sub(1) else { return false };
        self.sets.as_ref().map_or(at == group, |sets| sets.get(at).is_some_and(|set| set.contains(&(group as u32))))
    }

    /// How many codes there are besides the unknown.
    pub(super) fn codes(&self) -> usize {
        self.sets.as_ref().map_or(self.groups.len(), Vec::len)
    }
}

/// The signatures seen on a set of attributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lattice {
    /// Indices of its attributes, ascending.
    pub attributes: Vec<usize>,
    /// One signature an atom: a code for each of `attributes`.
    pub atoms: Vec<Vec<u32>>,
}

impl Lattice {
    /// Sorts the atoms by signature and returns the new place of each.
    pub fn sort(&mut self) -> Vec<u32> {
        let mut order: Vec<usize> = (0..self.atoms.len()).collect();
        order.sort_by(|&a, &b| self.atoms[a].cmp(&self.atoms[b]));
        let mut place = vec![0; order.len()];
        order.iter().zip(0..).for_each(|(&old, new)| place[old] = new);
        self.atoms.sort();
        place
    }
}

/// Sorts group names as they are shown: whole numbers ascending when all are, else by name.
pub fn sort_groups(groups: &mut [String]) {
    let numbers: Option<Vec<i64>> = groups.iter().map(|group| group.parse().ok()).collect();
    match numbers {
        Some(_) => groups.sort_by_key(|group| group.parse::<i64>().unwrap_or_default()),
        None => groups.sort(),
    }
}
