//! `heirloom merge`: adds up the evidence of shards that were audited apart.

use super::{Failure, files};
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
    let mut dossiers = args.files.iter().map(|file| files::read_dossier(file));
    let Some(first) = dossiers.next() else {
        return Err(Failure::usage("there is nothing to merge", "name evidence files"));
    };
    let merged =
        dossiers.try_fold(first?, |sum, next| sum.merge(next?).map_err(|error| Failure::Error(error.to_string())))?;
    let json = merged.to_json().map_err(|error| Failure::Error(error.to_string()))?;
    let mut staged = files::Staged::new();
    staged.add_private(&args.out, json.as_bytes())?;
    staged.commit()?;
    Ok(ExitStatus::Ok)
}
