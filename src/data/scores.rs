//! The models' outputs beside the columns that an audit cuts by, so that another cut runs no model.

use super::{DataError, Dataset, ScanPlan, Table};
use polars::prelude::{Column, DataFrame, ParquetWriter};

/// A Parquet file of the plan's columns with `base_score` and `tuned_score` beside them, row by row.
///
/// `scores` are in the order of the scan, NaN where a model said nothing.
pub fn with_scores(dataset: &Dataset, plan: &ScanPlan, scores: &[Option<Vec<f64>>; 2]) -> Result<Vec<u8>, DataError> {
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

fn failed(error: impl std::fmt::Display) -> DataError {
    DataError(format!("the scores could not be written: {error}"))
}

fn frame(table: &Table, scores: &[Option<Vec<f64>>; 2], start: &mut usize) -> Result<DataFrame, DataError> {
    let rows = *start..*start + table.rows();
    *start = rows.end;
    let mut columns: Vec<Column> = table.series().into_iter().map(Column::from).collect();
    for (scores, name) in scores.iter().zip(["base_score", "tuned_score"]) {
        if let Some(scores) = scores {
            let part = scores.get(rows.clone()).ok_or_else(|| failed("the data changed while they were read"))?;
            columns
                .push(Column::new(name.into(), part.iter().map(|s| (!s.is_nan()).then_some(*s)).collect::<Vec<_>>()));
        }
    }
    let mut frame = DataFrame::new(table.rows(), columns).map_err(failed)?;
    // The writer takes batches whose columns are cut at the same rows.
    frame.rechunk_mut();
    Ok(frame)
}
