//! `heirloom inspect`: what a model asks for and gives, or what columns the data has.

use super::{Failure, print};
use crate::config::clean;
use crate::data::{ColumnInfo, Dataset};
use crate::models::{self, onnx::Graph};
use crate::result::ExitStatus;
use crate::tasks::{self, Beside};
use glob::Pattern;
use std::path::{Path, PathBuf};

/// Arguments of `heirloom inspect`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// An ONNX model, or data in Parquet, CSV or Arrow
    file: PathBuf,
}

/// Inspects.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    let is_model = args.file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"));
    let text = if is_model { model(&args.file)? } else { data(&args.file)? };
    text.lines().for_each(|line| print(&format!("{}\n", clean(line))));
    Ok(ExitStatus::Ok)
}

fn model(file: &Path) -> Result<String, Failure> {
    let graph = Graph::read(file).map_err(failure)?;
    let path = file.file_name().unwrap_or_default().to_string_lossy();
    let snippet = tasks::snippet("tuned", &path, &graph.signature, Beside::default());
    Ok(format!("{}\nIn the audit file:\n\n{snippet}", models::describe(&graph.signature)))
}

fn data(file: &Path) -> Result<String, Failure> {
    let name = file.to_string_lossy().into_owned();
    let dataset = Dataset::open(Path::new(""), &[Pattern::escape(&name)]).map_err(failure)?;
    let rows = dataset.rows_hint().map_or(String::new(), |rows| format!("{rows} rows, "));
    let width = dataset.columns().iter().map(|column| column.name.chars().count()).max().unwrap_or(0).min(40);
    let line = |column: &ColumnInfo| format!("  {:width$}  {}\n", column.name, column.dtype);
    let columns: String = dataset.columns().iter().map(line).collect();
    let path = file.file_name().unwrap_or_default().to_string_lossy();
    let hint =
        format!("[data]\npath = {path:?}\nlabel = \"...\"\npositive = \"...\"\n\n[groups.NAME]\ncolumn = \"...\"\n");
    Ok(format!("{rows}{} columns\n{columns}\nIn the audit file:\n\n{hint}", dataset.columns().len()))
}

fn failure(error: impl std::fmt::Display) -> Failure {
    Failure::Error(error.to_string())
}
