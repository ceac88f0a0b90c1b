//! `heirloom gate`: holds a stored result against a policy, without models or data.

use super::{Failure, files, print};
use crate::audit;
use crate::config::{self, Known};
use crate::render;
use crate::result::{self, ExitStatus};
use std::path::PathBuf;

/// Arguments of `heirloom gate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The result.json, or the evidence that `audit --evidence` kept
    file: PathBuf,
    /// The policy, or an audit file that holds one
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// What was accepted before, which `heirloom accept` wrote
    #[arg(long, value_name = "FILE")]
    accepted: Option<PathBuf>,
}

/// Runs the gate.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    let concluded = files::read_concluded(&args.file)?;
    let mut loaded = config::load_policy(&args.policy, &Known::of_result(&concluded.result))?;
    if let Some(path) = &args.accepted {
        loaded.policy.accepted = config::read_accepted(path).map_err(config::Problems::single)?.checks;
    }
    let result = audit::judge_again(concluded.dossier, concluded.result, loaded).map_err(wrong)?;
    let result = result::redact(result);
    print(&render::gate(&result));
    Ok(result.gate.status)
}

fn wrong(error: impl std::fmt::Display) -> Failure {
    Failure::usage(error.to_string(), "correct the policy, or judge from evidence that `audit --evidence` kept")
}
