//! Arrow IPC files (Feather version 2), one record batch at a time.

use super::dataset::{Header, Source, columns_of};
use super::error::{DataError, guarded};
use super::{Table, Want, nested};
use polars::prelude::{ArrowSchema, DataFrame};
use polars_arrow::io::ipc::read::{FileReader, get_row_count, read_file_metadata};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

pub(super) fn header(path: &Path) -> Result<Header, DataError> {
    let read = || {
        let mut file = open(path)?;
        let metadata = read_file_metadata(&mut file).map_err(|e| e.to_string())?;
        let rows = get_row_count(&mut file).map_err(|e| e.to_string())?;
        Ok(Header { columns: columns_of(&metadata.schema), rows: u64::try_from(rows).ok() })
    };
    guarded(read).map_err(|e| DataError::damaged(path, "Arrow", e))
}

pub(super) fn read(path: &Path, columns: &[(String, Want)]) -> Result<Source, DataError> {
    let reader = || {
        let mut file = open(path)?;
        let metadata = read_file_metadata(&mut file).map_err(|e| e.to_string())?;
        let wanted = projection(&metadata.schema, columns);
        Ok(FileReader::new(file, metadata, Some(wanted), None))
    };
    let reader = guarded(reader).map_err(|e| DataError::damaged(path, "Arrow", e))?;
    Ok(Box::new(Batches { path: path.to_path_buf(), reader }))
}

fn open(path: &Path) -> Result<BufReader<File>, String> {
    File::open(path).map(BufReader::new).map_err(|e| e.to_string())
}

/// The places of the wanted columns, ascending; the first column if none is wanted, to count rows by.
fn projection(schema: &ArrowSchema, columns: &[(String, Want)]) -> Vec<usize> {
    let wanted = |name: &str| columns.iter().any(|(have, _)| have == name);
    let places: Vec<usize> =
        schema.iter_names().enumerate().filter(|(_, name)| wanted(name)).map(|(place, _)| place).collect();
    if places.is_empty() && !schema.is_empty() { vec![0] } else { places }
}

struct Batches {
    path: PathBuf,
    reader: FileReader<BufReader<File>>,
}

impl Iterator for Batches {
    type Item = Result<Table, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = &mut self.reader;
        let decode = || match reader.next() {
            None => Ok(None),
            Some(batch) => Table::of(DataFrame::from(nested::plain(batch.map_err(|e| e.to_string())?)?)).map(Some),
        };
        guarded(decode).map_err(|e| DataError::damaged(&self.path, "Arrow", e)).transpose()
    }
}
