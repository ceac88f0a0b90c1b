//! One chunk of rows, column by column.

use super::column::{Cell, Column, Dense};
use super::error::{DataError, suggestion};
use super::fill::{Number, fill, transpose};
use super::literal::Matcher;
use super::{Literal, Want};
use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray};
use std::ops::Range;

/// A chunk of consecutive rows that passed the filter.
#[derive(Debug, Clone)]
pub struct Table {
    rows: usize,
    columns: Vec<Column>,
}

/// The columns of a frame read from a file that has types.
pub(super) fn columns(frame: DataFrame) -> Result<Vec<Column>, String> {
    let series = frame.into_columns().into_iter().map(|column| column.take_materialized_series());
    series.map(|series| Column::new(series, None)).collect()
}

impl Table {
    /// Of columns of equal length.
    pub(super) fn new(rows: usize, columns: Vec<Column>) -> Table {
        Table { rows, columns }
    }

    /// Of a frame read from a file that has types.
    pub(super) fn of(frame: DataFrame) -> Result<Table, String> {
        Ok(Table { rows: frame.height(), columns: columns(frame)? })
    }

    /// Adds a column of as many rows.
    pub(super) fn add(&mut self, column: Column) -> Result<(), String> {
        let rows = column.series().len();
        if rows != self.rows {
            return Err(format!("column {} has {rows} rows where there are {}", column.name, self.rows));
        }
        self.columns.push(column);
        Ok(())
    }

    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Rows in the chunk.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Writes rows `range` of a numeric or boolean column to `out[offset + i * stride]`.
    ///
    /// A null becomes NaN in a float; in any other type it is an error, as is a text column and,
    /// unless `round`, a value that the type cannot hold exactly. Numbers of a CSV file are text
    /// until read, so they may always be rounded to a float.
    pub fn write<T: Number>(
        &self,
        column: &str,
        range: Range<usize>,
        out: &mut [T],
        offset: usize,
        stride: usize,
        round: bool,
    ) -> Result<(), DataError> {
        let column = self.column(column, Want::Number)?;
        let stride = stride.max(1);
        let needed = range.len().checked_sub(1).map_or(0, |last| offset + last * stride + 1);
        if range.end > self.rows || out.len() < needed {
            return Err(DataError(format!(
                "column `{}`: rows {range:?} of {} do not fit the tensor",
                column.name, self.rows
            )));
        }
        if range.is_empty() {
            return Ok(());
        }
        fill(&column.slice(range), out[offset..].iter_mut().step_by(stride), round)
    }

    /// Writes rows `range` of several columns side by side, row by row, as [`Table::write`] does each.
    pub fn write_rows<T: Number>(
        &self,
        names: &[String],
        range: Range<usize>,
        out: &mut [T],
        round: bool,
    ) -> Result<(), DataError> {
        let dense = self.dense(names, &range).filter(|_| out.len() >= range.len() * names.len());
        if dense.is_some_and(|columns| transpose(&columns, out, round)) {
            return Ok(());
        }
        // The slow way also says what is wrong.
        let each = names.iter().enumerate();
        each.into_iter().try_for_each(|(at, name)| self.write(name, range.clone(), out, at, names.len(), round))
    }

    /// Rows `range` of several columns, if all are float32 without nulls, in one piece or coded.
    fn dense(&self, names: &[String], range: &Range<usize>) -> Option<Vec<Dense<'_>>> {
        let mut next = 0;
        let one = |name: &String| {
            let is = |column: &Column| column.name == *name && column.serves(Want::Number);
            // Columns are mostly asked for in the order in which they were read.
            let at = if self.columns.get(next).is_some_and(is) { next } else { self.columns.iter().position(is)? };
            next = at + 1;
            self.columns[at].dense(range.clone())
        };
        names.iter().map(one).collect()
    }

    /// Rows `range` of a column as canonical text: `0`, `true`, the text itself; `None` is null.
    pub fn texts(&self, column: &str, range: Range<usize>) -> Result<Vec<Option<String>>, DataError> {
        let mut texts = Vec::with_capacity(range.len());
        let column = self.column(column, Want::Text)?.slice(range);
        column.visit(|cell| texts.push(cell.text().map(String::from)))?;
        Ok(texts)
    }

    /// Shows the bytes of rows `range` of a column of bytes, one after another; `None` is null.
    pub fn each_bytes(
        &self,
        column: &str,
        range: Range<usize>,
        mut see: impl FnMut(Option<&[u8]>),
    ) -> Result<(), DataError> {
        let column = self.column(column, Want::Bytes)?.slice(range);
        let bytes = column.series().binary().map_err(|error| column.mistyped(error))?;
        bytes.iter().for_each(&mut see);
        Ok(())
    }

    /// Rows `range` of a numeric or boolean column; NaN where null.
    pub fn numbers(&self, column: &str, range: Range<usize>) -> Result<Vec<f64>, DataError> {
        let mut numbers = vec![0.0; range.len()];
        self.write(column, range, &mut numbers, 0, 1, true)?;
        Ok(numbers)
    }

    /// Whether each row of a column is `value`; `None` where null.
    pub fn matches(&self, column: &str, value: &Literal) -> Result<Vec<Option<bool>>, DataError> {
        let matcher = Matcher::of(value);
        self.map(column, Want::Text, |cell| (cell != Cell::Null).then(|| matcher.test(cell)))
    }

    /// What `see` makes of every value of a column; it must give the same for the same value.
    pub(super) fn map<T: Copy>(
        &self,
        column: &str,
        want: Want,
        see: impl FnMut(Cell) -> T,
    ) -> Result<Vec<T>, DataError> {
        self.column(column, want)?.map(see)
    }

    /// Every column as it was read.
    pub(super) fn series(&self) -> Vec<polars::prelude::Series> {
        self.columns.iter().map(|column| column.series().clone()).collect()
    }

    /// A column; of a CSV file, the one read as wanted, if there is one.
    fn column(&self, name: &str, want: Want) -> Result<&Column, DataError> {
        let mut named = self.columns.iter().filter(|column| column.name == name);
        let first = named.next().ok_or_else(|| {
            let hint = suggestion(name, self.columns.iter().map(|column| column.name.as_str()));
            DataError(format!("column `{name}` was not read{hint}"))
        })?;
        let fits = |column: &&Column| column.serves(want);
        Ok(Some(first).into_iter().chain(named).find(fits).unwrap_or(first))
    }

    /// These rows, without copying.
    pub(super) fn slice(&self, range: Range<usize>) -> Table {
        Table { rows: range.len(), columns: self.columns.iter().map(|column| column.slice(range.clone())).collect() }
    }

    /// The rows where the mask holds, copied.
    pub(super) fn filter(&self, mask: &[bool]) -> Result<Table, String> {
        let chosen = BooleanChunked::from_iter_values("".into(), mask.iter().copied());
        let columns = self.columns.iter().map(|column| column.filter(&chosen)).collect::<Result<_, _>>()?;
        Ok(Table { rows: mask.iter().filter(|keep| **keep).count(), columns })
    }

    /// Adds another table's rows after these; both have the same columns.
    pub(super) fn append(&mut self, other: &Table) -> Result<(), String> {
        self.rows += other.rows;
        self.columns.iter_mut().zip(&other.columns).try_for_each(|(mine, theirs)| mine.append(theirs))
    }
}
