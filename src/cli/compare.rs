//! `heirloom compare`: what is another between two stored results. It gates nothing.

use super::audit::EngineChoice;
use super::rerun::Rerun;
use super::verify::{Here, asked, is_asked, paths, relocate, roots};
use super::{Failure, files, print, say};
use crate::archive::{self, Found, Input};
use crate::audit;
use crate::compare::{Compared, compare, compare_paired, joint, same_rows};
use crate::render;
use crate::result::{self, AuditResult, ExitStatus};
use clap::ValueEnum;
use std::path::{Path, PathBuf};

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
    /// Run both tuned models together on the rows of the two audits, so that differences are paired
    #[arg(long)]
    paired: bool,
    /// Where the models and data are: an audit file whose paths lead to them, or a folder; more than once for
    /// several [default: the working folder]
    #[arg(long, value_name = "PATH", requires = "paired")]
    inputs: Vec<PathBuf>,
    /// What runs the models [default: what ran them in the later audit]
    #[arg(long, value_enum, requires = "paired")]
    engine: Option<EngineChoice>,
    /// The ONNX Runtime library to use
    #[arg(long, value_name = "PATH", requires = "paired")]
    onnxruntime: Option<PathBuf>,
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
    let compared = compared(&args, &read(&args.then)?, &read(&args.now)?)?;
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

/// Other rows cannot be paired, whatever is asked.
fn compared(args: &Args, then: &AuditResult, now: &AuditResult) -> Result<Compared, Failure> {
    if !args.paired {
        return Ok(compare(then, now));
    }
    if !same_rows(then, now) {
        say("note: the two audits are of other rows, so nothing can be paired, and no model is run\n");
        return Ok(compare(then, now));
    }
    Ok(compare_paired(then, now, &together(args, then, now)?))
}

/// The result of both tuned models on the same rows.
fn together(args: &Args, then: &AuditResult, now: &AuditResult) -> Result<AuditResult, Failure> {
    let (mut was, mut is) = (asked(then)?, asked(now)?);
    let roots = roots(&args.inputs)?;
    let paths = [paths(&was), paths(&is)].concat();
    let find = |input: Input| located(input, &roots, &paths);
    let earlier = archive::inputs(then).into_iter().filter(is_tuned).map(find).collect::<Result<Vec<_>, _>>()?;
    let later = archive::inputs(now).into_iter().filter(is_of_both).map(find).collect::<Result<Vec<_>, _>>()?;
    relocate(&mut was, then, &here(&earlier));
    relocate(&mut is, now, &here(&later));
    let Some(audit) = joint((&was, then), (&is, now)) else {
        return Err(Failure::Error("one of the two audits has no model, so there is nothing to pair".into()));
    };
    let rerun = Rerun { engine: args.engine, onnxruntime: args.onnxruntime.as_deref(), progress: true };
    let run = rerun.run(audit, now)?;
    let concluded = audit::conclude(&run.dossier).map_err(|error| Failure::Error(error.to_string()))?;
    Ok(result::redact(concluded))
}

fn is_tuned(input: &Input) -> bool {
    input.role == "tuned"
}

/// What both tuned models need besides the earlier one itself.
fn is_of_both(input: &Input) -> bool {
    let other = ["base", "run", "control", "train", "source"].contains(&input.role.as_str());
    !other && !is_asked(input) && !input.role.starts_with("language")
}

/// An input where it lies, byte for byte as it was read.
fn located(input: Input, roots: &[PathBuf], paths: &[String]) -> Result<(Input, PathBuf), Failure> {
    let found = archive::find_inputs(std::slice::from_ref(&input), roots, paths);
    let found = found.map_err(|error| Failure::Error(format!("an input could not be read: {error}")))?;
    let (role, name) = (&input.role, &input.file.name);
    match found.into_iter().next() {
        Some(Found::Same(path)) => Ok((input, path)),
        Some(Found::Changed(path)) => Err(Failure::Error(format!(
            "{} is not the {role} {name} that was audited: its SHA-256 is another; --inputs PATH says where that one is",
            files::name(&path)
        ))),
        Some(Found::Missing) | None => {
            Err(Failure::Error(format!("{role} {name} was not found; --inputs PATH says where it is")))
        }
    }
}

fn here(found: &[(Input, PathBuf)]) -> Vec<Here<'_>> {
    found.iter().map(|(input, path)| (input, Path::new(path))).collect()
}
