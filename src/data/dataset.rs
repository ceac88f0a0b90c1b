//! Files of one schema, opened, described and scanned.

use super::{Filter, Table};
use std::path::{Path, PathBuf};

/// Why data could not be read. Every message tells what, where and what to do next.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DataError(pub String);

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Strings and categoricals.
    Text,
    /// Whole numbers.
    Integer,
    /// Floating numbers.
    Float,
    /// Booleans.
    Boolean,
    /// Anything else: dates, lists, structs.
    Other,
}

/// One column of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// Its type in the file, for people: `float32`.
    pub dtype: String,
}

/// How a column is wanted: a CSV file has no types of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// As text: groups, labels, filters. A CSV cell keeps its text ("05" is not "5").
    Text,
    /// As a number: model inputs, scores, binned attributes.
    Number,
}

/// What to read.
#[derive(Debug, Clone, Default)]
pub struct ScanPlan {
    /// The columns, each with how it is wanted; all others are not read.
    pub columns: Vec<(String, Want)>,
    /// Rows to keep.
    pub filter: Vec<Filter>,
    /// Stop after this many kept rows.
    pub limit: Option<u64>,
}

/// Files of one schema.
pub struct Dataset {}

impl Dataset {
    /// Opens files, lists and globs (relative to `root`) and reads their schema, which must be one.
    pub fn open(root: &Path, patterns: &[String]) -> Result<Dataset, DataError> {
        let _ = (root, patterns);
        todo!()
    }

    /// Every column, in file order.
    pub fn columns(&self) -> &[ColumnInfo] {
        todo!()
    }

    /// The files, in the order read.
    pub fn files(&self) -> &[PathBuf] {
        todo!()
    }

    /// Rows in the files where the format tells without reading them.
    pub fn rows_hint(&self) -> Option<u64> {
        todo!()
    }

    /// Reads the rows, in chunks of bounded size, in file order.
    pub fn scan(&self, plan: &ScanPlan) -> Result<Scan, DataError> {
        let _ = plan;
        todo!()
    }
}

/// The rows of a scan, chunk by chunk.
pub struct Scan {}

impl Scan {
    /// Rows read so far, before the filter.
    pub fn rows_read(&self) -> u64 {
        todo!()
    }
}

impl Iterator for Scan {
    type Item = Result<Table, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        todo!()
    }
}
