//! `heirloom render`: draws a stored result again, without models or data.

use super::{Failure, files};
use crate::result::ExitStatus;
use std::path::PathBuf;

/// Arguments of `heirloom render`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The result.json
    file: PathBuf,
    /// The format: html, json, terminal
    #[arg(long, default_value = "terminal")]
    format: String,
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the rendering.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    let result = files::read_result(&args.file)?;
    // TODO(wire): render::FORMATS by id (a usage problem with a suggestion when unknown), then files::write_new or print
    let _ = (result, args.format, args.out);
    Err(super::unwired("render"))
}
