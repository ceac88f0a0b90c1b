//! Pictures as Hugging Face stores them: a column of structs {bytes, path}, of which the bytes are read.
//!
//! polars knows structs only where more of it is built in. So the field is taken out before polars sees the column.

use super::dataset::is_of_bytes;
use polars::prelude::{ArrowDataType, ArrowField, ArrowSchema, Series};
use polars_arrow::array::{Array, StructArray};
use polars_arrow::compute::utils::combine_validities_and;
use polars_arrow::record_batch::RecordBatchT;
use polars_buffer::Buffer;
use polars_parquet::read::{
    BasicDecompressor, ColumnChunkMetadata, Filter, PageReader, RowGroupMetadata, column_iter_to_arrays,
};
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Columns of an Arrow file, of some rows.
type Batch = RecordBatchT<Box<dyn Array>>;

/// The field that holds a picture.
const BYTES: &str = "bytes";
/// The largest page of a column: larger ones are damage.
const MOST_PAGE: usize = i32::MAX as usize;

/// Whether a column is of such structs.
pub(super) fn holds_bytes(dtype: &ArrowDataType) -> bool {
    let ArrowDataType::Struct(fields) = dtype else { return false };
    fields.iter().any(|field| field.name == BYTES && is_of_bytes(field.dtype()))
}

/// The bytes of an array of structs, null where the struct is; an array of anything else as it is.
pub(super) fn bytes_of(array: &dyn Array) -> Box<dyn Array> {
    let found = array.as_any().downcast_ref::<StructArray>().filter(|array| holds_bytes(array.dtype()));
    let place = found.and_then(|array| array.fields().iter().position(|field| field.name == BYTES));
    match found.zip(place) {
        Some((structs, place)) => {
            let bytes = &structs.values()[place];
            bytes.with_validity(combine_validities_and(bytes.validity(), structs.validity()))
        }
        None => array.to_boxed(),
    }
}

/// A batch of an Arrow file with the bytes in the place of such structs.
pub(super) fn plain(batch: Batch) -> Result<Batch, String> {
    if !batch.schema().iter_values().any(|field| holds_bytes(field.dtype())) {
        return Ok(batch);
    }
    let rows = batch.len();
    let (schema, arrays) = batch.into_schema_and_arrays();
    let arrays: Vec<Box<dyn Array>> = arrays.iter().map(|array| bytes_of(array.as_ref())).collect();
    let types = arrays.iter().map(|array| array.dtype().clone());
    let fields = schema.iter_values().zip(types).map(|(field, dtype)| ArrowField::new(field.name.clone(), dtype, true));
    let schema: ArrowSchema = fields.collect();
    Batch::try_new(rows, Arc::new(schema), arrays).map_err(words)
}

/// The bytes of some rows of a Parquet file's row groups, which count the rows of all of them together.
pub(super) fn of_parquet(
    path: &Path,
    groups: &[RowGroupMetadata],
    field: &ArrowField,
    rows: Range<usize>,
) -> Result<Series, String> {
    let mut file = File::open(path).map_err(words)?;
    let (mut start, mut chunks) = (0, Vec::new());
    for group in groups {
        let end = start + group.num_rows();
        let wanted = rows.start.clamp(start, end) - start..rows.end.clamp(start, end) - start;
        start = end;
        if !wanted.is_empty() {
            chunks.extend(of_group(&mut file, group, field, wanted)?);
        }
    }
    Series::try_from((field.name.clone(), chunks)).map_err(words)
}

fn of_group(
    file: &mut File,
    group: &RowGroupMetadata,
    field: &ArrowField,
    rows: Range<usize>,
) -> Result<Vec<Box<dyn Array>>, String> {
    let columns: Vec<&ColumnChunkMetadata> = group.columns_under_root_iter(&field.name).into_iter().flatten().collect();
    let pages = columns.iter().map(|column| pages(file, column)).collect::<Result<Vec<_>, String>>()?;
    let types = columns.iter().map(|column| &column.descriptor().descriptor.primitive_type).collect();
    let filter = Some(Filter::new_ranged(rows.start, rows.end));
    let (arrays, _) = column_iter_to_arrays(pages, types, field.clone(), filter).map_err(words)?;
    Ok(arrays.iter().map(|array| bytes_of(array.as_ref())).collect())
}

/// The pages of a column of a row group.
pub(super) fn pages(file: &mut File, column: &ColumnChunkMetadata) -> Result<BasicDecompressor, String> {
    let place = column.byte_range();
    let size = place.end.saturating_sub(place.start);
    file.seek(SeekFrom::Start(place.start)).map_err(words)?;
    let mut bytes = Vec::new();
    // Only what is there: a damaged file may promise more than memory holds.
    let read = file.take(size).read_to_end(&mut bytes).map_err(words)?;
    if read as u64 != size {
        return Err(format!("it ends in column {}", column.descriptor().path_in_schema[0]));
    }
    let pages = PageReader::new(Cursor::new(Buffer::from(bytes)), column, Vec::new(), MOST_PAGE);
    Ok(BasicDecompressor::new(pages, Vec::new()))
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
