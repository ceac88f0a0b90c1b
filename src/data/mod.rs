//! Tables of evaluation data: Parquet, CSV and Arrow IPC, read in chunks. The only room that knows polars.

mod dataset;
mod slicing;
mod spec;
mod table;

pub use dataset::{ColumnInfo, ColumnKind, DataError, Dataset, Scan, ScanPlan, Want};
pub use slicing::Slicer;
pub use spec::{AttributeSpec, DataSpec, Filter, Literal, Reference};
pub use table::{Number, Table};
