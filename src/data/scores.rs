//! The models' outputs beside the columns that an audit cuts by, so that another cut runs no model.

use super::{DataError, Dataset, ScanPlan, Table};
use polars::prelude::{Column, DataFrame, ParquetWriter};

/// A Parquet file of the plan's columns with named columns of scores beside them, row by row.
///
/// `scores` are in the order of the scan, NaN where a model said nothing.
pub fn with_scores(dataset: &Dataset, plan: &ScanPlan, scores: &Named) -> Result<Vec<u8>, DataError> {
    let mut file = Vec::new();
    let mut start = 0;
    let mut frames = dataset.scan(plan)?.map(|table| frame(&table?, scores, &mut start));
    let Some(first) = frames.next().transpose()? else { return Ok(file) };
    let mut writer = ParquetWriter::new(&mut file).batched(first.schema()).map_err(failed)?;
    writer.write_batch(&first).map_err(failed)?;
    for frame in frames {
        writer.write_batch(&frame?).map_err(failed)?;
    }
    writer.finish().map_err(failed)?;
    Ok(file)
}

/// Names of columns and a score for each row.
type Named<'a> = [(String, &'a Vec<f64>)];

fn failed(error: impl std::fmt::Display) -> DataError {
    DataError(format!("the scores could not be written: {error}"))
}

fn frame(table: &Table, scores: &Named, start: &mut usize) -> Result<DataFrame, DataError> {
    let rows = *start..*start + table.rows();
    *start = rows.end;
    let mut columns: Vec<Column> = table.series().into_iter().map(Column::from).collect();
    for (name, scores) in scores {
        let part = scores.get(rows.clone()).ok_or_else(|| failed("the data changed while they were read"))?;
        let said: Vec<Option<f64>> = part.iter().map(|s| (!s.is_nan()).then_some(*s)).collect();
        columns.push(Column::new(name.into(), said));
    }
    let mut frame = DataFrame::new(table.rows(), columns).map_err(failed)?;
    // The writer takes batches whose columns are cut at the same rows.
    frame.rechunk_mut();
    Ok(frame)
}
