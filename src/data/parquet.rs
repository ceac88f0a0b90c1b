//! Parquet, window by window.
//!
//! A window is a run of row groups, or a part of one, that decodes to about [`WINDOW_BYTES`]. Writers
//! often put a million rows into one row group: it is read in parts, and pages outside of a part are
//! skipped without being decompressed, so that the parts together cost little more than the whole.

use super::coded::Coded;
use super::column::Column;
use super::dataset::{Header, Source, columns_of};
use super::error::{DataError, guarded};
use super::scan::TABLE_ROWS;
use super::table::columns;
use super::{Table, Want, nested};
use polars::prelude::*;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// About how much memory a window takes once decoded.
const WINDOW_BYTES: usize = 128 << 20;

/// Fewer columns than these are read by one thread.
const FEW: usize = 8;

pub(super) fn header(path: &Path) -> Result<Header, DataError> {
    let read = || {
        let mut reader = ParquetReader::new(File::open(path).map_err(|e| e.to_string())?);
        let schema = reader.schema().map_err(|e| e.to_string())?;
        let rows = reader.num_rows().map_err(|e| e.to_string())?;
        Ok(Header { columns: columns_of(&schema), rows: Some(rows as u64) })
    };
    guarded(read).map_err(|e| DataError::damaged(path, "Parquet", e))
}

pub(super) fn read(path: &Path, columns: &[(String, Want)]) -> Result<Source, DataError> {
    let windows = guarded(|| Windows::open(path, columns)).map_err(|e| DataError::damaged(path, "Parquet", e))?;
    Ok(Box::new(windows))
}

/// The windows of one file.
struct Windows {
    path: PathBuf,
    columns: Vec<String>,
    /// Columns of structs with a field of bytes, which alone is read.
    nested: Vec<ArrowField>,
    schema: std::sync::Arc<ArrowSchema>,
    metadata: FileMetadataRef,
    /// The metadata without its row groups, to be given a window's.
    bare: FileMetadata,
    plan: std::vec::IntoIter<Window>,
}

/// Row groups, and the rows to take of those.
#[derive(Debug, Clone, PartialEq)]
struct Window {
    groups: Range<usize>,
    rows: Range<usize>,
}

impl Windows {
    fn open(path: &Path, columns: &[(String, Want)]) -> Result<Windows, String> {
        let mut reader = ParquetReader::new(File::open(path).map_err(|e| e.to_string())?);
        let schema = reader.schema().map_err(|e| e.to_string())?;
        let metadata = reader.get_metadata().map_err(|e| e.to_string())?.clone();
        // A file without rows to read still has a first column to count them by.
        let mut names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        names.extend(schema.get_at_index(0).filter(|_| columns.is_empty()).map(|(name, _)| name.to_string()));
        names.sort_unstable();
        names.dedup();
        // As in the file, in which order models mostly ask for them.
        names.sort_by_key(|name| schema.index_of(name));
        let sizes: Vec<(usize, usize)> =
            (0..metadata.row_groups.len()).map(|group| size(&metadata, group, &names)).collect();
        let holds = |name: &String| schema.get(name).filter(|field| nested::holds_bytes(field.dtype())).cloned();
        let nested: Vec<ArrowField> = names.iter().filter_map(holds).collect();
        let names = names.into_iter().filter(|name| !nested.iter().any(|field| field.name == name.as_str())).collect();
        let bare = FileMetadata { row_groups: Vec::new(), ..(*metadata).clone() };
        Ok(Windows {
            path: path.to_path_buf(),
            columns: names,
            nested,
            schema,
            metadata,
            bare,
            plan: plan(&sizes, WINDOW_BYTES).into_iter(),
        })
    }

    fn decode(&self, window: &Window) -> Result<Table, String> {
        let mut table = match self.columns.is_empty() {
            true => Table::new(window.rows.len(), Vec::new()),
            false => self.flat(window)?,
        };
        let groups = &self.metadata.row_groups[window.groups.clone()];
        for field in &self.nested {
            let series = nested::of_parquet(&self.path, groups, field, window.rows.clone())?;
            table.add(Column::new(series, None)?)?;
        }
        Ok(table)
    }

    fn flat(&self, window: &Window) -> Result<Table, String> {
        let coded: Vec<Option<Column>> = self.columns.iter().map(|name| self.coded(window, name)).collect();
        let left = self.columns.iter().zip(&coded).filter(|(_, coded)| coded.is_none());
        let left: Vec<String> = left.map(|(name, _)| name.clone()).collect();
        let mut plain = if left.is_empty() { Vec::new() } else { self.plain(window, left)? }.into_iter();
        let columns = coded.into_iter().map(|coded| coded.or_else(|| plain.next()));
        Ok(Table::new(window.rows.len(), columns.flatten().collect()))
    }

    /// A column by code; row groups together have no codes in common.
    fn coded(&self, window: &Window, name: &str) -> Option<Column> {
        let [group] = &self.metadata.row_groups[window.groups.clone()] else { return None };
        let mut chunks = group.columns_under_root_iter(name)?;
        let chunk = (chunks.next()?, self.schema.get(name)?.dtype());
        Coded::of_parquet(&self.path, chunk, &window.rows).map(|coded| Column::coded(name, coded))
    }

    fn plain(&self, window: &Window, names: Vec<String>) -> Result<Vec<Column>, String> {
        let mut metadata = self.bare.clone();
        metadata.row_groups = self.metadata.row_groups[window.groups.clone()].to_vec();
        metadata.num_rows = metadata.row_groups.iter().map(|group| group.num_rows()).sum();
        let mut reader = ParquetReader::new(File::open(&self.path).map_err(|e| e.to_string())?);
        reader.set_metadata(metadata.into());
        // A few columns are read sooner than other threads are woken, which have memory of their own.
        let how = if names.len() < FEW { ParallelStrategy::None } else { ParallelStrategy::Auto };
        let reader = reader
            .read_parallel(how)
            .with_columns(Some(names))
            .with_slice(Some((window.rows.start, window.rows.len())));
        let frame = reader.finish().map_err(|e| e.to_string())?;
        match frame.height() == window.rows.len() {
            true => columns(frame),
            false => Err(format!("{} rows where its metadata promise {}", frame.height(), window.rows.len())),
        }
    }
}

impl Iterator for Windows {
    type Item = Result<Table, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let window = self.plan.next()?;
        Some(guarded(|| self.decode(&window)).map_err(|e| DataError::damaged(&self.path, "Parquet", e)))
    }
}

/// The rows of a row group, and about how many bytes its columns take once decoded.
fn size(metadata: &FileMetadata, group: usize, names: &[String]) -> (usize, usize) {
    let group = &metadata.row_groups[group];
    // Dictionaries and runs are smaller in the file than in memory, where a value takes at least 4 bytes.
    let decoded = |name: &String| {
        let chunks = group.columns_under_root_iter(name).into_iter().flatten();
        let stored: i64 = chunks.map(|chunk| chunk.uncompressed_size()).sum();
        usize::try_from(stored).unwrap_or(0).max(group.num_rows() * 4)
    };
    (group.num_rows(), names.iter().map(decoded).sum())
}

/// Windows over row groups of these rows and bytes: small groups together, big ones in parts.
fn plan(sizes: &[(usize, usize)], budget: usize) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    let mut held = 0;
    for (group, &(rows, bytes)) in sizes.iter().enumerate().filter(|(_, (rows, _))| *rows > 0) {
        match windows.last_mut() {
            Some(last)
                if last.rows.start == 0
                    && last.rows.end + rows <= TABLE_ROWS
                    && last.groups.end == group
                    && held + bytes <= budget.max(1) =>
            {
                last.groups.end += 1;
                last.rows.end += rows;
                held += bytes;
            }
            _ => {
                windows.extend(parts(rows, bytes, budget).map(|rows| Window { groups: group..group + 1, rows }));
                held = bytes;
            }
        }
    }
    windows
}

/// Parts of a row group, each a whole number of tables but for the last; of large rows as many as fit.
fn parts(rows: usize, bytes: usize, budget: usize) -> impl Iterator<Item = Range<usize>> {
    let count = bytes.div_ceil(budget).max(1);
    let even = rows.div_ceil(count);
    let size = if even < TABLE_ROWS { even } else { even.next_multiple_of(TABLE_ROWS) };
    (0..rows).step_by(size).map(move |start| start..rows.min(start + size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(groups: Range<usize>, rows: Range<usize>) -> Window {
        Window { groups, rows }
    }

    #[test]
    fn small_row_groups_are_read_together_and_big_ones_in_parts() {
        let sizes = [(1000, 10), (0, 0), (1000, 10), (64_000, 10), (200_000, 100)];
        let windows = plan(&sizes, 50);
        assert_eq!(windows[0], window(0..1, 0..1000));
        assert_eq!(windows[1], window(2..4, 0..65_000));
        assert_eq!(windows[2..], [window(4..5, 0..131_072), window(4..5, 131_072..200_000)]);
        // Rows as large as pictures: as many as fit.
        let windows = plan(&[(1000, 100), (10, 30), (10, 30)], 50);
        assert_eq!(windows[..2], [window(0..1, 0..500), window(0..1, 500..1000)]);
        assert_eq!(windows[2..], [window(1..2, 0..10), window(2..3, 0..10)]);
    }
}
