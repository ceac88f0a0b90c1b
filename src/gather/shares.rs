//! What a row weighs, and the unit that it belongs to.

use crate::data::{DataError, DataSpec, Table};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// Weights and units of a table's rows.
#[derive(Debug, Default)]
pub struct Shares {
    weights: Option<Vec<f64>>,
    units: Option<Vec<u64>>,
}

impl Shares {
    /// A row's weight; 1 where none are given.
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    /// A hash of a row's unit; 0 where it has none.
    pub fn unit(&self, row: usize) -> u64 {
        self.units.as_ref().map_or(0, |units| units[row])
    }
}

/// Reads the columns of weights and units.
pub struct Sharing {
    weight: Option<String>,
    unit: Option<String>,
    without_weight: u64,
    /// The column of ids, where no units are named, with the hashes of those met.
    ids: Option<(String, HashSet<u64>)>,
    repeated: u64,
}

impl Sharing {
    /// For the columns that the audit names.
    pub fn new(data: &DataSpec) -> Sharing {
        let ids = data.id.clone().filter(|_| data.unit.is_none()).map(|column| (column, HashSet::new()));
        Sharing { weight: data.weight.clone(), unit: data.unit.clone(), without_weight: 0, ids, repeated: 0 }
    }

    /// Those of a table's rows. A weight that is none weighs nothing and is counted.
    pub fn read(&mut self, table: &Table) -> Result<Shares, DataError> {
        let rows = 0..table.rows();
        let mut weights = self.weight.as_ref().map(|column| table.numbers(column, rows.clone())).transpose()?;
        for weight in weights.iter_mut().flatten().filter(|weight| !(weight.is_finite() && **weight >= 0.0)) {
            *weight = 0.0;
            self.without_weight += 1;
        }
        if let Some((column, seen)) = &mut self.ids {
            let met = table.texts(column, rows.clone())?;
            let again = met.iter().flatten().filter(|id| !seen.insert(key(id))).count();
            self.repeated += again as u64;
        }
        let texts = self.unit.as_ref().map(|column| table.texts(column, rows)).transpose()?;
        let units = texts.map(|texts| texts.iter().map(|text| text.as_deref().map_or(0, key)).collect());
        Ok(Shares { weights, units })
    }

    /// Rows whose id an earlier row has.
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// Rows whose weight was none.
    pub fn without_weight(&self) -> u64 {
        self.without_weight
    }
}

/// The unit's name does not enter the evidence, only this.
fn key(name: &str) -> u64 {
    let hash = Sha256::digest(name.as_bytes());
    let bytes = hash.first_chunk().copied().unwrap_or_default();
    u64::from_le_bytes(bytes).max(1)
}
