//! Rows that are kept whole: those of a sample, or all.

use super::{Page, Person};
use crate::evidence::UNKNOWN;
use crate::stats::Draws;
use ndarray::ArrayView2;
use std::collections::BinaryHeap;

/// Rows with the embeddings of some models.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub people: Vec<Person>,
    /// By attribute the code of every row.
    codes: Vec<Vec<u32>>,
    tables: Vec<Table>,
}

/// The embeddings of one model.
#[derive(Debug, Clone)]
struct Table {
    /// Its place among all models.
    model: usize,
    width: usize,
    cells: Vec<f32>,
}

impl Kept {
    pub fn new(models: &[usize]) -> Kept {
        let table = |&model: &usize| Table { model, width: 0, cells: Vec::new() };
        Kept { people: Vec::new(), codes: Vec::new(), tables: models.iter().map(table).collect() }
    }

    /// Keeps all rows of a page.
    pub fn add(&mut self, page: &Page) {
        (0..page.people.len()).for_each(|row| self.put(self.people.len(), page, row));
    }

    /// Keeps a row in a place, or behind the last one.
    fn put(&mut self, place: usize, page: &Page, row: usize) {
        self.codes.resize(page.codes.len(), Vec::new());
        set(&mut self.people, place, page.people[row]);
        self.codes.iter_mut().zip(&page.codes).for_each(|(kept, codes)| set(kept, place, codes[row]));
        self.tables.iter_mut().for_each(|table| table.put(place, page, row));
    }

    /// The embeddings of a model.
    pub fn embedded(&self, model: usize) -> Option<ArrayView2<'_, f32>> {
        let table = self.tables.iter().find(|table| table.model == model && table.width > 0)?;
        ArrayView2::from_shape((self.people.len(), table.width), &table.cells).ok()
    }

    /// The code of every row, by attribute.
    pub fn codes(&self) -> &[Vec<u32>] {
        &self.codes
    }

    /// The units, where the rows have any.
    pub fn units(&self) -> Option<Vec<u64>> {
        let units: Vec<u64> = self.people.iter().map(|person| person.unit).collect();
        units.iter().any(|&unit| unit != 0).then_some(units)
    }

    /// The weights, where they are not all alike.
    pub fn weights(&self) -> Option<Vec<f64>> {
        let weights: Vec<f64> = self.people.iter().map(|person| person.weight).collect();
        weights.iter().any(|&weight| weight != weights[0]).then_some(weights)
    }

    /// The rows that pass, in an order that their own order does not show in. Codes become those of `places`.
    pub fn sorted(mut self, places: &[Vec<u32>], passes: impl Fn(&Person) -> bool) -> Kept {
        for (codes, places) in self.codes.iter_mut().zip(places) {
            codes.iter_mut().for_each(|code| *code = places.get(*code as usize).copied().unwrap_or(UNKNOWN));
        }
        let hashes: Vec<u64> = (0..self.people.len()).map(|row| self.hash(row)).collect();
        let mut order: Vec<usize> = (0..self.people.len()).filter(|&row| passes(&self.people[row])).collect();
        let rest = |row: usize| {
            let person = self.people[row];
            let codes: Vec<u32> = self.codes.iter().map(|codes| codes[row]).collect();
            (person.label.map(f64::to_bits), person.unit, codes, person.row)
        };
        order.sort_by(|&a, &b| hashes[a].cmp(&hashes[b]).then_with(|| rest(a).cmp(&rest(b))));
        self.tables.iter_mut().for_each(|table| table.arrange(&order));
        let people = order.iter().map(|&row| self.people[row]).collect();
        let codes = self.codes.iter().map(|codes| order.iter().map(|&row| codes[row]).collect()).collect();
        Kept { people, codes, tables: self.tables }
    }

    fn hash(&self, row: usize) -> u64 {
        let numbers = self.tables.iter().flat_map(|table| table.row(row));
        numbers.fold(0, |hash, number| mixed(hash ^ u64::from(number.to_bits())))
    }
}

/// Sets an item, or adds it behind the last one.
fn set<T>(items: &mut Vec<T>, place: usize, item: T) {
    match items.get_mut(place) {
        Some(old) => *old = item,
        None => items.push(item),
    }
}

impl Table {
    fn put(&mut self, place: usize, page: &Page, row: usize) {
        let Some(embedded) = page.embedded.get(self.model).and_then(Option::as_ref) else { return };
        let numbers = embedded.rows.row(row);
        self.width = numbers.len();
        let end = (place + 1) * self.width;
        self.cells.resize(self.cells.len().max(end), 0.0);
        self.cells[end - self.width..end].iter_mut().zip(numbers).for_each(|(cell, number)| *cell = *number);
    }

    fn row(&self, row: usize) -> &[f32] {
        &self.cells[row * self.width..(row + 1) * self.width]
    }

    /// Puts the rows of these numbers into this order. Each goes to its place along its cycle, since a second
    /// table would take as much memory again.
    fn arrange(&mut self, order: &[usize]) {
        let (width, rows) = (self.width, self.cells.len().checked_div(self.width).unwrap_or(0));
        let wanted = order.len();
        let mut chosen = vec![false; rows];
        order.iter().for_each(|&row| chosen[row] = true);
        let left = (0..rows).filter(|&row| !chosen[row]);
        let order: Vec<usize> = order.iter().copied().chain(left).collect();
        let mut placed = vec![false; rows];
        for start in 0..rows {
            let (mut place, held) = (start, self.row(start).to_vec());
            while !std::mem::replace(&mut placed[place], true) {
                let from = order[place];
                let source = if from == start { None } else { Some(from * width..(from + 1) * width) };
                match source {
                    Some(source) => self.cells.copy_within(source, place * width),
                    None => self.cells[place * width..(place + 1) * width].copy_from_slice(&held),
                }
                place = from;
            }
        }
        self.cells.truncate(width * wanted);
    }
}

/// As many rows as asked for, drawn by a hash of the seed and the row's number.
pub(super) struct Sample {
    kept: Kept,
    most: usize,
    seed: u64,
    /// The hash of every row kept, and its place.
    drawn: BinaryHeap<(u64, usize)>,
}

impl Sample {
    pub fn new(models: &[usize], most: u64, seed: u64) -> Sample {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        // A seed of its own, so that no other draw goes along with this one.
        let seed = Draws::new(seed, "representations").below(usize::MAX) as u64;
        Sample { kept: Kept::new(models), most, seed, drawn: BinaryHeap::new() }
    }

    /// Keeps the rows of a page whose hash is among the smallest so far.
    pub fn add(&mut self, page: &Page) {
        for row in 0..page.people.len() {
            let hash = mixed(self.seed ^ mixed(page.people[row].row));
            let place = if self.drawn.len() < self.most {
                self.drawn.len()
            } else {
                match self.drawn.peek() {
                    Some(&(largest, place)) if hash < largest => {
                        self.drawn.pop();
                        place
                    }
                    _ => continue,
                }
            };
            self.drawn.push((hash, place));
            self.kept.put(place, page, row);
        }
    }

    /// The rows, in an order that does not depend on that of the files as long as all are kept.
    pub fn rows(self, places: &[Vec<u32>]) -> Kept {
        self.kept.sorted(places, |_| true)
    }
}

/// SplitMix64's finalizer (Steele, Lea & Flood 2014): every bit of the number moves every bit of its hash.
fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Embedded;
    use ndarray::Array2;

    fn page(from: u64, rows: usize) -> Page {
        let number = |(row, column): (usize, usize)| ((from as usize + row) * 7 % 13 * 10 + column) as f32;
        let person = |row: usize| Person { row: from + row as u64, label: [1.0, 1.0], unit: 0, weight: 1.0 };
        let embedded = Embedded { rows: Array2::from_shape_fn((rows, 2), number), not_finite: 0 };
        Page {
            embedded: vec![None, Some(embedded)],
            people: (0..rows).map(person).collect(),
            codes: vec![(0..rows).map(|row| (from as usize + row) as u32 % 3).collect()],
        }
    }

    fn filled(chunks: &[(u64, usize)]) -> Kept {
        let mut kept = Kept::new(&[1]);
        chunks.iter().for_each(|&(from, rows)| kept.add(&page(from, rows)));
        kept
    }

    #[test]
    fn sorting_moves_rows_as_a_whole_and_forgets_their_order() {
        let (forth, back) = (
            filled(&[(0, 4), (4, 5)]).sorted(&[vec![0, 1, 2]], |_| true),
            filled(&[(4, 5), (0, 4)]).sorted(&[vec![0, 1, 2]], |_| true),
        );
        assert_eq!(forth.embedded(1), back.embedded(1));
        assert_eq!((&forth.people, &forth.codes), (&back.people, &back.codes));
        for (row, person) in forth.people.iter().enumerate() {
            let first = forth.embedded(1).unwrap()[[row, 0]];
            assert_eq!((first, forth.codes()[0][row]), ((person.row * 7 % 13 * 10) as f32, person.row as u32 % 3));
        }
        assert!(forth.embedded(0).is_none());
    }

    #[test]
    fn rows_that_do_not_pass_are_left_out() {
        let kept = filled(&[(0, 20)]).sorted(&[], |person| person.row % 4 == 1);
        let view = kept.embedded(1).unwrap();
        assert_eq!((view.nrows(), kept.people.len()), (5, 5));
        kept.people.iter().zip(view.rows()).for_each(|(person, row)| {
            assert_eq!(row[0], (person.row * 7 % 13 * 10) as f32);
        });
    }

    #[test]
    fn a_sample_is_drawn_whatever_the_chunks() {
        let drawn = |chunks: &[(u64, usize)]| {
            let mut sample = Sample::new(&[1], 5, 7);
            chunks.iter().for_each(|&(from, rows)| sample.add(&page(from, rows)));
            sample.rows(&[])
        };
        let (one, two) = (drawn(&[(0, 40)]), drawn(&[(0, 13), (13, 27)]));
        assert_eq!((one.people.len(), &one.people), (5, &two.people));
        assert_eq!(one.embedded(1), two.embedded(1));
    }
}
