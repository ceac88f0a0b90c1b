//! `heirloom inspect`: what a model asks for and gives, or what columns the data has.

use super::Failure;
use crate::result::ExitStatus;
use std::path::PathBuf;

/// Arguments of `heirloom inspect`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// An ONNX model, or data in Parquet, CSV or Arrow
    file: PathBuf,
}

/// Inspects.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    let is_model = args.file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"));
    // TODO(wire): is_model: models::onnx signature of the file; else data::Dataset::open(".", [file]).columns(); print one a line
    let _ = is_model;
    Err(super::unwired("inspect"))
}
