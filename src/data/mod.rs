//! Tables of evaluation data: Parquet, CSV and Arrow IPC, read in chunks. The only room that knows polars.
//!
//! A [`Dataset`] is some files of one schema. A [`Scan`] of it gives [`Table`]s, each of at most
//! [`TABLE_ROWS`] rows, and holds no more than a few of them: what it costs does not grow with the
//! rows. A [`Slicer`] turns the groups of a table's rows into atoms.

mod blocks;
mod coded;
mod column;
mod csv;
mod dataset;
mod error;
mod exchange;
mod files;
mod fill;
mod groups;
mod ipc;
mod literal;
mod nested;
pub mod pairs;
mod parquet;
mod records;
mod scan;
mod scores;
mod slicing;
mod spec;
mod swaps;
mod table;
pub mod terms;
#[cfg(test)]
mod tests;
mod words;

pub use dataset::{ColumnInfo, ColumnKind, Dataset, ScanPlan, Want};
pub use error::DataError;
pub use fill::Number;
pub use groups::MAX_GROUPS;
pub use scan::{Scan, TABLE_ROWS};
pub use scores::with_scores;
pub use slicing::Slicer;
pub use spec::{AttributeSpec, DataSpec, Filter, Literal, OtherRows, Reference};
pub use swaps::{Made, SWAP_LISTS, SwapList, Swapped};
pub use table::Table;
