//! `heirloom gate`: holds a stored result against a policy, without models or data.

use super::{Failure, files};
use crate::config::{self, Known};
use crate::result::ExitStatus;
use std::path::PathBuf;

/// Arguments of `heirloom gate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The result.json, or the evidence that `audit --evidence` kept
    file: PathBuf,
    /// The policy, or an audit file that holds one
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
}

/// Runs the gate.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    let result = files::read_result(&args.file)?;
    let loaded = config::load_policy(&args.policy, &Known::of_result(&result))?;
    // TODO(wire): policy::judge(&result, &loaded.policy, &loaded.judging) -> (Vec<CheckOutcome>, Gate); print; status
    let _ = loaded;
    Err(super::unwired("gate"))
}
