//! One chunk of rows, column by column.

use super::{DataError, Literal};
use std::ops::Range;

/// A chunk of consecutive rows that passed the filter.
pub struct Table {}

/// A type that a numeric column can be cast to.
pub trait Number: Copy + Default {}
impl Number for f32 {}
impl Number for f64 {}
impl Number for i64 {}
impl Number for i32 {}
impl Number for bool {}

impl Table {
    /// Rows in the chunk.
    pub fn rows(&self) -> usize {
        todo!()
    }

    /// Writes rows `range` of a numeric or boolean column to `out[offset + i * stride]`.
    ///
    /// A null becomes NaN in a float; in any other type it is an error, as is a text column and,
    /// unless `round`, a value that the type cannot hold exactly.
    pub fn write<T: Number>(&self, column: &str, range: Range<usize>, out: &mut [T], offset: usize, stride: usize, round: bool) -> Result<(), DataError> {
        let _ = (column, range, out, offset, stride, round);
        todo!()
    }

    /// Rows `range` of a column as canonical text: `0`, `true`, the text itself; `None` is null.
    pub fn texts(&self, column: &str, range: Range<usize>) -> Result<Vec<Option<String>>, DataError> {
        let _ = (column, range);
        todo!()
    }

    /// Rows `range` of a numeric column; NaN where null.
    pub fn numbers(&self, column: &str, range: Range<usize>) -> Result<Vec<f64>, DataError> {
        let _ = (column, range);
        todo!()
    }

    /// Whether each row of a column is `value`; `None` where null.
    pub fn matches(&self, column: &str, value: &Literal) -> Result<Vec<Option<bool>>, DataError> {
        let _ = (column, value);
        todo!()
    }
}
