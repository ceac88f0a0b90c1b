//! The counter of the hot loop: one small hash table per lattice, keyed by atom and cell in one word.

use super::{Cell, Cells, Class};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Bits of one class in a key; the value 0 is `None`.
const BITS: u32 = 10;

/// Counts by (atom, cell), to be merged by addition.
#[derive(Debug, Clone, Default)]
pub struct Tally(HashMap<u64, u64, BuildHasherDefault<Mix>>);

impl Tally {
    /// Counts one row.
    pub fn count(&mut self, atom: u32, cell: Cell) {
        *self.0.entry(pack(atom, cell)).or_default() += 1;
    }

    /// Adds all of another's counts.
    pub fn merge(&mut self, other: &Tally) {
        for (key, n) in &other.0 {
            *self.0.entry(*key).or_default() += n;
        }
    }

    /// The counts of each of `atoms` atoms.
    pub fn cells(&self, atoms: usize) -> Vec<Cells> {
        let mut cells = vec![Cells::default(); atoms];
        for (&key, &n) in &self.0 {
            let (atom, cell) = unpack(key);
            cells[atom as usize].add(cell, n);
        }
        cells
    }
}

fn pack(atom: u32, cell: Cell) -> u64 {
    let code = |class: Option<Class>| class.map_or(0, |class| u64::from(class) + 1);
    let [a, b] = cell.label.map(code);
    let [c, d] = cell.said.map(code);
    (u64::from(atom) << (4 * BITS)) | (a << (3 * BITS)) | (b << (2 * BITS)) | (c << BITS) | d
}

fn unpack(key: u64) -> (u32, Cell) {
    let class = |at: u32| ((key >> (at * BITS)) & ((1 << BITS) - 1)).checked_sub(1).map(|c| c as Class);
    let atom = (key >> (4 * BITS)) as u32;
    (atom, Cell { label: [class(3), class(2)], said: [class(1), class(0)] })
}

/// A multiplicative hash of one word: keys are our own, so no attacker chooses them.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
}
