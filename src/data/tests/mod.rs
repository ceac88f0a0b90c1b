//! The room tested through its door, on real files.

mod coded;
mod csv;
mod files;
mod scale;
mod scan;
mod slicing;
mod table;

use super::{DataError, Dataset, Filter, Literal, ScanPlan, Table, Want};
use polars::prelude::*;
use std::fs::File;
use std::path::Path;
use tempfile::TempDir;

/// A folder of files for one test.
fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn write_text(folder: &TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).expect("a file written");
}

/// A Parquet file with row groups of this many rows.
fn write_parquet(path: &Path, frame: &mut DataFrame, group: usize) {
    let file = File::create(path).expect("a file");
    ParquetWriter::new(file).with_row_group_size(Some(group)).finish(frame).expect("a file written");
}

/// 10 rows: `x` 0 to 9 as float32, with a null at 3; `n` as int64; `sex` as text; `old` as boolean.
fn people() -> DataFrame {
    let x: Vec<Option<f32>> = (0..10u8).map(|i| (i != 3).then_some(f32::from(i))).collect();
    let n: Vec<i64> = (0..10).map(|i| i % 3).collect();
    let sex: Vec<&str> = (0..10).map(|i| if i % 2 == 0 { "Female" } else { "Male" }).collect();
    let old: Vec<bool> = (0..10).map(|i| i > 6).collect();
    df!("x" => x, "n" => n, "sex" => sex, "old" => old).expect("columns of one length")
}

fn wants(columns: &[(&str, Want)]) -> ScanPlan {
    ScanPlan { columns: columns.iter().map(|(name, want)| (name.to_string(), *want)).collect(), ..ScanPlan::default() }
}

fn open(folder: &TempDir, pattern: &str) -> Result<Dataset, DataError> {
    Dataset::open(folder.path(), &[pattern.to_string()])
}

fn read(folder: &TempDir, pattern: &str, plan: &ScanPlan) -> Result<Vec<Table>, DataError> {
    open(folder, pattern)?.scan(plan)?.collect()
}

/// All rows of one column as text, nulls as `-`.
fn texts(tables: &[Table], column: &str) -> Vec<String> {
    let all = tables.iter().flat_map(|table| table.texts(column, 0..table.rows()).expect("texts"));
    all.map(|text| text.unwrap_or("-".into())).collect()
}

fn numbers(tables: &[Table], column: &str) -> Vec<f64> {
    tables.iter().flat_map(|table| table.numbers(column, 0..table.rows()).expect("numbers")).collect()
}

fn error<T>(result: Result<T, DataError>) -> String {
    result.err().map(|e| e.0).expect("an error")
}
