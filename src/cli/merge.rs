//! `heirloom merge`: adds up the evidence of shards that were audited apart.

use super::Failure;
use crate::result::ExitStatus;
use std::path::PathBuf;

/// Arguments of `heirloom merge`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Evidence files that `audit --evidence` kept
    #[arg(required = true, num_args = 2..)]
    files: Vec<PathBuf>,
    /// The merged evidence
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Merges.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    // TODO(wire): evidence::merge over args.files, written to args.out
    let _ = (args.files, args.out);
    Err(super::unwired("merge"))
}
