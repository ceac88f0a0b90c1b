//! The counter of the hot loop: one place for each cell of each atom, found without a search.
//!
//! Only of a lattice of very many atoms are those beyond the first few thousand kept in a hash
//! table, since most of their places would stay empty.

use super::{Cell, Cells, Class};
use std::collections::HashMap;

/// Cells of a binary task: two labels and two decisions, each negative, positive or not there.
const CELLS: usize = 81;

/// Atoms that have their places in the table: it stays below 3 MB.
const ATOMS: usize = 4096;

/// The cell of a row of a binary task as one number below 81.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code(u8);

impl Code {
    /// From what each label and each model says.
    #[inline]
    pub fn new(label: [Option<bool>; 2], said: [Option<bool>; 2]) -> Code {
        let digit = |answer: Option<bool>| answer.map_or(2, u8::from);
        let digits = [label[0], label[1], said[0], said[1]].map(digit);
        Code(digits.iter().fold(0, |code, digit| 3 * code + digit))
    }

    fn cell(self) -> Cell {
        let class = |place: u8| Some(Class::from(self.0 / place % 3)).filter(|&class| class < 2);
        Cell { label: [class(27), class(9)], said: [class(3), class(1)] }
    }
}

/// Counts by (atom, cell), to be merged by addition.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// The counts of the first atoms, as far as they were met: [`CELLS`] each.
    table: Vec<u64>,
    rest: HashMap<(u32, Code), u64>,
}

impl Tally {
    /// Counts rows by their atoms and cells.
    pub fn count(&mut self, rows: impl Iterator<Item = (u32, Code)>) {
        for (atom, code) in rows {
            match self.table.get_mut(place(atom, code)) {
                Some(count) => *count += 1,
                None => self.add(atom, code, 1),
            }
        }
    }

    fn add(&mut self, atom: u32, code: Code, n: u64) {
        if atom as usize >= ATOMS {
            *self.rest.entry((atom, code)).or_default() += n;
            return;
        }
        let needed = (atom as usize + 1) * CELLS;
        self.table.resize(needed.max(self.table.len()), 0);
        self.table[place(atom, code)] += n;
    }

    /// Adds all of another's counts.
    pub fn merge(&mut self, other: &Tally) {
        other.iter().for_each(|(atom, code, n)| self.add(atom, code, n));
    }

    /// The counts of each of `atoms` atoms.
    pub fn cells(&self, atoms: usize) -> Vec<Cells> {
        let mut cells = vec![Cells::default(); atoms];
        self.iter().for_each(|(atom, code, n)| cells[atom as usize].add(code.cell(), n));
        cells
    }

    /// What was counted.
    fn iter(&self) -> impl Iterator<Item = (u32, Code, u64)> {
        let of_place = |(at, &n): (usize, &u64)| ((at / CELLS) as u32, Code((at % CELLS) as u8), n);
        let near = self.table.iter().enumerate().filter(|(_, n)| **n > 0).map(of_place);
        near.chain(self.rest.iter().map(|(&(atom, code), &n)| (atom, code, n)))
    }
}

#[inline]
fn place(atom: u32, code: Code) -> usize {
    atom as usize * CELLS + usize::from(code.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWERS: [Option<bool>; 3] = [None, Some(false), Some(true)];

    #[test]
    fn every_cell_keeps_its_code() {
        let pairs: Vec<[Option<bool>; 2]> = ANSWERS.iter().flat_map(|&a| ANSWERS.map(|b| [a, b])).collect();
        for &label in &pairs {
            for &said in &pairs {
                let classes = |answers: [Option<bool>; 2]| answers.map(|answer| answer.map(Class::from));
                assert_eq!(Code::new(label, said).cell(), Cell { label: classes(label), said: classes(said) });
            }
        }
    }

    #[test]
    fn near_and_far_atoms_are_counted_alike() {
        let code = Code::new([Some(true), None], [Some(false), Some(true)]);
        let far = ATOMS as u32 + 7;
        let mut tally = Tally::default();
        tally.count([3, far, 3, 0, far, far].into_iter().map(|atom| (atom, code)));
        let mut twice = tally.clone();
        twice.merge(&tally);
        let rows = |tally: &Tally| tally.cells(far as usize + 1).iter().map(Cells::rows).collect::<Vec<_>>();
        for (tally, times) in [(tally, 1), (twice, 2)] {
            let rows = rows(&tally);
            assert_eq!([rows[0], rows[3], rows[far as usize]], [1, 2, 3].map(|n| n * times));
            assert_eq!(rows.iter().sum::<u64>(), 6 * times);
        }
    }
}
