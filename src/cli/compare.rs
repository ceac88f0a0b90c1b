//! `heirloom compare`: what is another between two stored results. It gates nothing.

use super::{Failure, files, print};
use crate::compare::compare;
use crate::render;
use crate::result::ExitStatus;
use clap::ValueEnum;
use std::path::PathBuf;

/// Arguments of `heirloom compare`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The earlier result.json, or the folder that holds it
    then: PathBuf,
    /// The later one
    now: PathBuf,
    /// For people, or for programs
    #[arg(long, value_enum, default_value_t = Shape::Terminal)]
    format: Shape,
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// 80 columns of text
    Terminal,
    /// JSON, `heirloom.compare/1.0`
    Json,
}

/// Compares.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    let read = |path: &PathBuf| files::read_result(&files::result_in(path));
    let compared = compare(&read(&args.then)?, &read(&args.now)?);
    let text = match args.format {
        Shape::Terminal => render::compared(&compared),
        Shape::Json => {
            serde_json::to_string_pretty(&compared).map_err(|error| Failure::Error(error.to_string()))? + "\n"
        }
    };
    match &args.out {
        Some(path) => files::write(path, text.as_bytes())?,
        None => print(&text),
    }
    Ok(ExitStatus::Ok)
}
