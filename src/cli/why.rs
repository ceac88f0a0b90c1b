//! `heirloom why`: how one check came to its outcome on one slice, number by number.

use super::{Failure, files, print};
use crate::config::{self, suggest};
use crate::evidence::SliceId;
use crate::metrics;
use crate::render;
use crate::result::{AuditResult, CheckOutcome, ExitStatus};
use std::path::PathBuf;

/// Arguments of `heirloom why`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The check's id
    check: String,
    /// The slice, sex=Female, or the attribute of a spread
    slice: String,
    /// The result.json [default: the newest under reports/]
    #[arg(long, value_name = "FILE")]
    result: Option<PathBuf>,
    /// The metric, where the check holds for several
    #[arg(long, value_name = "ID")]
    metric: Option<String>,
}

/// Tells why.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    let path = args.result.clone().or_else(newest).ok_or_else(|| {
        Failure::usage(
            "there is no result under reports/ here",
            "name one with --result FILE, or run `heirloom audit` first",
        )
    })?;
    let result = files::read_result(&path)?;
    let outcome = find(&args, &result)?;
    print(&render::why(&result, outcome));
    Ok(ExitStatus::Ok)
}

/// The result written last under `reports/` in the working folder.
fn newest() -> Option<PathBuf> {
    let folders = std::fs::read_dir("reports").ok()?.filter_map(|entry| Some(entry.ok()?.path().join("result.json")));
    folders.filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path))).max().map(|(_, path)| path)
}

fn find<'a>(args: &Args, result: &'a AuditResult) -> Result<&'a CheckOutcome, Failure> {
    let of_check: Vec<&CheckOutcome> = result.checks.iter().filter(|check| check.id == args.check).collect();
    if of_check.is_empty() {
        return Err(unknown("no check is called", &args.check, result.checks.iter().map(|check| check.id.as_str())));
    }
    let slice = SliceId::parse(&args.slice).map_or_else(|_| args.slice.clone(), |id| id.to_string());
    let metric = args.metric.as_deref().map(|name| metrics::find(name).map_or(name, |metric| metric.id));
    let fits = |check: &&CheckOutcome| check.slice == slice && (metric.is_none() || check.metric.as_deref() == metric);
    let found: Vec<&CheckOutcome> = of_check.iter().copied().filter(fits).collect();
    match found[..] {
        [one] => Ok(one),
        [] => Err(unknown(
            "this check has no outcome for",
            &args.slice,
            of_check.iter().map(|check| check.slice.as_str()),
        )),
        _ => {
            let metrics: Vec<&str> = found.iter().filter_map(|check| check.metric.as_deref()).collect();
            Err(Failure::usage(
                "this check holds for several metrics",
                format!("choose one with --metric: {}", metrics.join(", ")),
            ))
        }
    }
}

fn unknown<'a>(message: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    known.dedup();
    let help = suggest(name, known).unwrap_or_else(|| "the result holds no checks; audit with a policy first".into());
    Failure::usage(format!("{message} {}", config::quoted(name)), help)
}
