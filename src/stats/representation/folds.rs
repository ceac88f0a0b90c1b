//! What is asked of an embedding, row by row, and the folds that its rows are dealt to.

use super::{Undefined, sound};
use ndarray::ArrayView2;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Folds of a cross-fit.
pub const FOLDS: usize = 5;

/// Rows with an embedding and a class each.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// The embedding, a row each.
    pub embedding: ArrayView2<'a, f32>,
    /// What a probe has to tell; any numbers, each a class.
    pub classes: &'a [u32],
    /// Folds have the same shares of every class in every group.
    pub groups: Option<&'a [u32]>,
    /// Rows of one unit, such as a person, are in one fold; 0 is a row of its own.
    pub units: Option<&'a [u64]>,
    /// What each row weighs where something is learned of it; all alike where there is none. Only ratios count.
    pub weights: Option<&'a [f64]>,
}

/// The same in an order that depends on the rows alone: what is found below has no other.
///
/// Rows that agree in everything known of them keep the order in which they came.
pub struct Ordered {
    /// The classes that there are, from the smallest.
    pub kinds: Vec<u32>,
    /// Where each row came.
    pub order: Vec<u32>,
    /// By place in that order: the number of the row's class among the kinds.
    pub classes: Vec<usize>,
    /// By place: the row's weight, 1 in the mean.
    pub weights: Vec<f64>,
    groups: Vec<u32>,
    /// The row's unit, or 0.
    units: Vec<u64>,
    /// What a row is dealt by: its unit, or its content.
    keys: Vec<u64>,
}

impl Ordered {
    /// Of `least` rows or more, with two classes or more.
    pub fn new(rows: &Rows, least: usize) -> Result<Ordered, Undefined> {
        let count = rows.classes.len();
        let others = rows.groups.is_some_and(|groups| groups.len() != count);
        let others = others || rows.weights.is_some_and(|weights| weights.len() != count);
        if others || rows.units.is_some_and(|units| units.len() != count) {
            return Err(Undefined::OtherRows);
        }
        sound(rows.embedding, count, least)?;
        if rows.weights.is_some_and(|weights| weights.iter().sum::<f64>() <= 0.0) {
            return Err(Undefined::TooFewRows);
        }
        let kinds: Vec<u32> = rows.classes.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        if kinds.len() < 2 {
            return Err(Undefined::OneClass);
        }
        let contents = contents(rows.embedding);
        let group = |row: usize| rows.groups.map_or(0, |groups| groups[row]);
        let unit = |row: usize| rows.units.map_or(0, |units| units[row]);
        let key = |row: usize| if unit(row) == 0 { contents[row] } else { unit(row) };
        let mut order: Vec<u32> = (0..count as u32).collect();
        order.sort_by_key(|&row| {
            (key(row as usize), contents[row as usize], rows.classes[row as usize], group(row as usize))
        });
        let of = |row: usize| kinds.partition_point(|kind| *kind < rows.classes[row]);
        let weight = |row: usize| rows.weights.map_or(1.0, |weights| weights[row]);
        let all: f64 = order.iter().map(|&row| weight(row as usize)).sum();
        let weights = order.iter().map(|&row| weight(row as usize) * (count as f64 / all)).collect();
        let classes = order.iter().map(|&row| of(row as usize)).collect();
        let groups = order.iter().map(|&row| group(row as usize)).collect();
        let units: Vec<u64> = order.iter().map(|&row| unit(row as usize)).collect();
        let keys = apart(&order.iter().map(|&row| key(row as usize)).collect::<Vec<u64>>(), &units);
        Ok(Ordered { kinds, order, classes, weights, groups, units, keys })
    }

    /// By place: where the row's key falls under this seed.
    pub fn drawn(&self, seed: u64) -> Vec<u64> {
        let of = |key: &u64| first(Sha256::new().chain_update(seed.to_le_bytes()).chain_update(key.to_le_bytes()));
        self.keys.par_iter().map(of).collect()
    }

    /// By place: the fold. Units are dealt in the order of their draws, those of each class and group apart, every
    /// one to the fold with the fewest rows of its kind, of those to the one with the fewest rows, and to the first.
    pub fn folds(&self, seed: u64) -> Vec<u8> {
        let drawn = self.drawn(seed);
        let mut strata: BTreeMap<(usize, u32), Vec<Vec<usize>>> = BTreeMap::new();
        for unit in self.units() {
            strata.entry(self.stratum(&unit)).or_default().push(unit);
        }
        let (mut folds, mut all) = (vec![0; self.order.len()], [0; FOLDS]);
        for mut stratum in strata.into_values() {
            stratum.sort_by_key(|unit| (drawn[unit[0]], unit[0]));
            let mut own = [0; FOLDS];
            for unit in stratum {
                let fold = (0..FOLDS).min_by_key(|fold| (own[*fold], all[*fold])).unwrap_or_default();
                own[fold] += unit.len();
                all[fold] += unit.len();
                unit.into_iter().for_each(|place| folds[place] = fold as u8);
            }
        }
        folds
    }

    /// Places of the rows of every unit, which stand together; alike rows without a unit are one each.
    fn units(&self) -> Vec<Vec<usize>> {
        let places: Vec<usize> = (0..self.order.len()).collect();
        let same = |a: &usize, b: &usize| self.units[*a] != 0 && self.units[*a] == self.units[*b];
        places.chunk_by(same).map(<[usize]>::to_vec).collect()
    }

    /// The class and group that most rows of a unit have; of several the first.
    fn stratum(&self, unit: &[usize]) -> (usize, u32) {
        let mut counts = BTreeMap::new();
        unit.iter().for_each(|&place| *counts.entry((self.classes[place], self.groups[place])).or_insert(0) += 1);
        let most = counts.iter().max_by_key(|(kind, count)| (**count, std::cmp::Reverse(**kind)));
        most.map_or((0, 0), |(kind, _)| *kind)
    }
}

/// The keys, with other ones for all but the first of rows of the same content: what is drawn by them does not
/// come in a lump.
fn apart(keys: &[u64], units: &[u64]) -> Vec<u64> {
    let mut alike = 0_u64;
    let of = |at: usize| {
        alike = if at > 0 && keys[at] == keys[at - 1] { alike + 1 } else { 0 };
        match alike {
            nth if nth > 0 && units[at] == 0 => {
                first(Sha256::new().chain_update(keys[at].to_le_bytes()).chain_update(nth.to_le_bytes()))
            }
            _ => keys[at],
        }
    };
    (0..keys.len()).map(of).collect()
}

/// A digest of every row.
fn contents(x: ArrayView2<f32>) -> Vec<u64> {
    let of = |row: usize| {
        let bytes: Vec<u8> = x.row(row).iter().flat_map(|value| value.to_le_bytes()).collect();
        first(Sha256::new().chain_update(bytes))
    };
    (0..x.nrows()).into_par_iter().map(of).collect()
}

fn first(hash: Sha256) -> u64 {
    hash.finalize().iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte))
}
