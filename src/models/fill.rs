//! Columns become tensors, a chunk of rows at a time.

use super::inputs::{Feed, Slot};
use super::{Element, Inputs, Tensor};
use crate::data::{DataError, Number, Table};
use ndarray::{ArrayD, IxDyn};
use std::ops::Range;

/// Consecutive rows of one table; a chunk may span several.
pub type Piece<'a> = (&'a Table, Range<usize>);

impl Feed {
    /// The inputs for the rows of all pieces, as tensors of `chunk_rows` rows: what is missing at the
    /// end repeats the last row, so that the model always sees the same shape. A null is NaN in a
    /// floating input, and an error in any other.
    ///
    /// `used` are inputs that nobody needs any more: their memory is taken again, since fresh memory
    /// costs about as much as filling it.
    pub fn fill(&self, pieces: &[Piece], chunk_rows: usize, used: Inputs) -> Result<Inputs, DataError> {
        let mut used = used.into_iter();
        let one = |slot: &Slot| match tensor(slot, pieces, chunk_rows, used.next().map(|(_, tensor)| tensor)) {
            Ok(tensor) => Ok((slot.name.clone(), tensor)),
            Err(DataError(cause)) => Err(DataError(format!("input {}: {cause}", slot.name))),
        };
        self.slots.iter().map(one).collect()
    }
}

fn tensor(slot: &Slot, pieces: &[Piece], chunk_rows: usize, used: Option<Tensor>) -> Result<Tensor, DataError> {
    match slot.element {
        Element::Float64 => numbers(slot, pieces, chunk_rows, Vec::new()).map(Tensor::F64),
        Element::Int64 => numbers(slot, pieces, chunk_rows, Vec::new()).map(Tensor::I64),
        Element::Int32 => numbers(slot, pieces, chunk_rows, Vec::new()).map(Tensor::I32),
        Element::Bool => numbers(slot, pieces, chunk_rows, Vec::new()).map(Tensor::Bool),
        Element::Text => texts(slot, pieces, chunk_rows).map(Tensor::Text),
        // Planning let no other element through; an engine narrows for a model of float16.
        _ => numbers(slot, pieces, chunk_rows, floats(used)).map(Tensor::F32),
    }
}

/// The memory of a tensor of float32, which most models take.
fn floats(used: Option<Tensor>) -> Vec<f32> {
    match used {
        Some(Tensor::F32(array)) => array.into_raw_vec_and_offset().0,
        _ => Vec::new(),
    }
}

/// `cells` may hold anything: every one of them is written.
fn numbers<T: Number>(
    slot: &Slot,
    pieces: &[Piece],
    chunk_rows: usize,
    mut cells: Vec<T>,
) -> Result<ArrayD<T>, DataError> {
    let width = slot.columns.len();
    cells.resize(chunk_rows * width, T::default());
    let mut filled = 0;
    for (table, range) in pieces {
        table.write_rows(&slot.columns, range.clone(), &mut cells[filled..], slot.round)?;
        filled += range.len() * width;
    }
    repeat_last(&mut cells, filled, width);
    shaped(slot, cells, chunk_rows)
}

fn texts(slot: &Slot, pieces: &[Piece], chunk_rows: usize) -> Result<ArrayD<String>, DataError> {
    let width = slot.columns.len();
    let mut cells = vec![String::new(); chunk_rows * width];
    let mut filled = 0;
    for (table, range) in pieces {
        for (at, column) in slot.columns.iter().enumerate() {
            for (row, text) in table.texts(column, range.clone())?.into_iter().enumerate() {
                cells[filled + row * width + at] = text.ok_or_else(|| null_text(column))?;
            }
        }
        filled += range.len() * width;
    }
    repeat_last(&mut cells, filled, width);
    shaped(slot, cells, chunk_rows)
}

pub(super) fn null_text(column: &str) -> DataError {
    DataError(format!(
        "column {column} has empty (null) values, which a string input cannot take; fill them in, or leave these rows out"
    ))
}

/// Copies the last filled row over the rows after it.
pub(super) fn repeat_last<T: Clone>(cells: &mut [T], filled: usize, width: usize) {
    if let Some(start) = filled.checked_sub(width) {
        let (rows, rest) = cells.split_at_mut(filled);
        rest.chunks_mut(width).for_each(|row| row.clone_from_slice(&rows[start..]));
    }
}

fn shaped<T>(slot: &Slot, cells: Vec<T>, rows: usize) -> Result<ArrayD<T>, DataError> {
    let shape = if slot.flat { IxDyn(&[rows]) } else { IxDyn(&[rows, slot.columns.len()]) };
    ArrayD::from_shape_vec(shape, cells).map_err(|error| DataError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_row_is_repeated() {
        let mut cells = vec![1, 2, 3, 4, 0, 0, 0, 0];
        repeat_last(&mut cells, 4, 2);
        assert_eq!(cells, [1, 2, 3, 4, 3, 4, 3, 4]);
        let mut none = vec![0, 0];
        repeat_last(&mut none, 0, 2);
        assert_eq!(none, [0, 0]);
    }
}
