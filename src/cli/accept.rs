//! `heirloom accept`: writes down what fails, so that from now on only new and worse failures fail.

use super::{Failure, files, print};
use crate::config::{self, Problem, Problems};
use crate::policy::{self, Acceptance};
use crate::result::{Accepted, ExitStatus};
use std::path::{Path, PathBuf};

/// Arguments of `heirloom accept`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The result.json, or the folder that holds it
    result: PathBuf,
    /// Why; asked for where more is accepted than before
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The file to write, and to hold this against
    #[arg(long, value_name = "FILE", default_value = "heirloom.accepted.json")]
    out: PathBuf,
}

/// Accepts.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    let result = files::read_result(&files::result_in(&args.result))?;
    let before = before(&args.out)?;
    let reason = args.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let accepted = policy::accept(&result, before.as_ref(), reason);
    if before.is_some() && !accepted.loosened.is_empty() && reason.is_none() {
        let message = format!("more fails than was accepted before: {}", accepted.loosened.join(", "));
        return Err(Failure::usage(message, "say why it is accepted: --reason TEXT"));
    }
    let json = accepted.file.to_json().map_err(|error| Failure::Error(error.to_string()))?;
    files::write(&args.out, json.as_bytes())?;
    tell(&accepted, &args.out);
    Ok(ExitStatus::Ok)
}

/// What was accepted before. A file of another kind is not written over.
fn before(path: &Path) -> Result<Option<Accepted>, Failure> {
    if !path.exists() {
        return Ok(None);
    }
    let text = config::read_text(path).map_err(|why| wrong(path, &why))?;
    Accepted::read(&text).map(Some).map_err(|error| wrong(path, &error.to_string()))
}

fn wrong(path: &Path, why: &str) -> Failure {
    Failure::Problems(Problems::single(Problem::general(format!("{}: {why}", files::name(path)))))
}

fn tell(accepted: &Acceptance, path: &Path) {
    let lines = |what: &str, names: &[String]| {
        names.iter().map(|name| format!(" {what:<10} {}\n", config::clean(name))).collect::<String>()
    };
    let count = accepted.file.checks.len();
    print(&lines("accepted", &accepted.loosened));
    print(&lines("tightened", &accepted.tightened));
    print(&lines("hidden", &accepted.hidden));
    if !accepted.hidden.is_empty() {
        print("What is hidden has no number to hold later ones against, and stays a failure.\n");
    }
    print(&format!("{}: {count} accepted in all\n", files::name(path)));
}
