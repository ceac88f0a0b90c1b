//! How two models hold the same rows inside, and what can be read off it: similarity of embeddings,
//! cross-fitted probes, and what an attribute leaks (statistics.md 3.5).
//!
//! An embedding is a matrix with one row a row of the data, in float32; all sums are in float64.
//! Whatever has no number says why.

mod codelength;
mod descent;
mod folds;
mod guides;
#[cfg(test)]
mod laws;
mod lessons;
mod logme;
mod neighbours;
mod probe;
mod similarity;
mod spectrum;
mod table;

pub use codelength::{Codelength, codelength};
pub use folds::{FOLDS, Rows};
pub use logme::logme;
pub use neighbours::mutual_neighbours;
pub use probe::{CrossFitted, STRENGTHS, cross_fitted};
pub use similarity::Similarity;

use ndarray::ArrayView2;

/// Why a number of an embedding does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undefined {
    /// There are fewer rows than the formula needs.
    TooFewRows,
    /// The two sides, or an embedding and its classes, do not have the same rows, or the parts that were
    /// added differ in width.
    OtherRows,
    /// A number of the embedding is infinite or not a number, or so large that sums are.
    NotFinite,
    /// The embedding is the same on every row.
    NoSpread,
    /// All rows are of one class.
    OneClass,
    /// All rows of a class are in one fold, so that nothing can be learned of it without them.
    ClassInOneFold,
}

/// An embedding of as many rows as `rows`, at least `least`, finite and with some spread.
fn sound(x: ArrayView2<f32>, rows: usize, least: usize) -> Result<(), Undefined> {
    match x {
        _ if x.nrows() != rows => Err(Undefined::OtherRows),
        _ if rows < least => Err(Undefined::TooFewRows),
        _ if x.iter().any(|value| !value.is_finite()) => Err(Undefined::NotFinite),
        _ if x.columns().into_iter().all(|column| column.iter().all(|value| *value == column[0])) => {
            Err(Undefined::NoSpread)
        }
        _ => Ok(()),
    }
}
