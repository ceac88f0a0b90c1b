//! `heirloom schema`: the JSON Schema of a file format, for editors and other programs.

use super::{Failure, print};
use crate::result::ExitStatus;
use crate::{config, result};

/// Arguments of `heirloom schema`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of what
    #[arg(value_enum)]
    format: Format,
}

/// A format that has a schema.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Format {
    /// The audit file
    Audit,
    /// The result
    Result,
}

/// Prints a schema.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    print(&match args.format {
        Format::Audit => config::schema(),
        Format::Result => result::schema(),
    });
    Ok(ExitStatus::Ok)
}
