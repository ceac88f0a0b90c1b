//! `heirloom render`: draws a stored result again, without models or data.

use super::{Failure, files, print};
use crate::config::{quoted, suggest};
use crate::render::{self, Format};
use crate::result::{self, AuditResult, ExitStatus};
use std::path::{Path, PathBuf};

/// Arguments of `heirloom render`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The result.json, or the evidence that `audit --evidence` kept
    file: PathBuf,
    /// The format: html, json, terminal, markdown, csv, junit, sarif, gitlab, in-toto, model-card,
    /// cyclonedx, counts
    #[arg(long, default_value = "terminal")]
    format: String,
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The audit file or policy as it lies in this repository, for formats that point into it; more than once for
    /// both
    #[arg(long, value_name = "FILE")]
    audit_file: Vec<PathBuf>,
}

/// Runs the rendering.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    let format = format(&args.format)?;
    let concluded = files::read_concluded(&args.file)?;
    // A stored result was redacted when it was written; one concluded from evidence was not.
    let result = if concluded.dossier.is_some() { result::redact(concluded.result) } else { concluded.result };
    let text = match format.points() {
        true => draw(format, &placed(&result, &args.audit_file))?,
        false => draw(format, &result)?,
    };
    match &args.out {
        Some(path) => files::write(path, text.as_bytes())?,
        None => print(&text),
    }
    Ok(ExitStatus::Ok)
}

/// The result with the paths of these files in place of their names.
fn placed(result: &AuditResult, files: &[PathBuf]) -> AuditResult {
    let files: Vec<Option<&Path>> = files.iter().map(|file| Some(file.as_path())).collect();
    render::placed(result, |name| super::audit::place(name, &files))
}

/// The format of that id.
pub(super) fn format(id: &str) -> Result<&'static Format, Failure> {
    render::find(id).ok_or_else(|| {
        let known: Vec<&str> = render::FORMATS.iter().map(|format| format.id).collect();
        let help = suggest(id, known.iter().copied()).unwrap_or_else(|| format!("formats are {}", known.join(", ")));
        Failure::usage(format!("there is no format {}", quoted(id)), help)
    })
}

/// A result drawn in the format of that id.
pub(super) fn text(id: &str, result: &AuditResult) -> Result<String, Failure> {
    draw(format(id)?, result)
}

/// A result drawn in a format.
pub(super) fn draw(format: &Format, result: &AuditResult) -> Result<String, Failure> {
    (format.render)(result).map_err(|error| Failure::Error(error.to_string()))
}
