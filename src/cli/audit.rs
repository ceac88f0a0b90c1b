//! `heirloom audit`: the whole walk, from an audit file or flags to a result, a report and a gate.

use super::flags::Flags;
use super::{Failure, interrupt, say};
use crate::config::{self, Loaded, Origin};
use crate::result::ExitStatus;
use clap::ValueEnum;
use std::path::PathBuf;

/// Arguments of `heirloom audit`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The audit file
    #[arg(conflicts_with = "flags")]
    file: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    running: Running,
}

/// What is written, and where.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What is written")]
pub struct Output {
    /// The folder for result.json and the reports [default: reports/NAME]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Report formats, joined by commas; result.json is always written
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "html")]
    pub format: Vec<String>,
    /// Keep the models' outputs, so that another audit of the same rows runs no model
    #[arg(long, value_name = "FILE")]
    pub save_scores: Option<PathBuf>,
    /// Keep the full evidence, which only its owner may read
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
    /// Print nothing but problems
    #[arg(long, short)]
    pub quiet: bool,
}

/// How the audit is run. None of it changes a number, but `limit` and `set`.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "How it is run")]
pub struct Running {
    /// What runs the models
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    pub engine: EngineChoice,
    /// The ONNX Runtime library to use
    #[arg(long, value_name = "PATH")]
    pub onnxruntime: Option<PathBuf>,
    /// Threads in all [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub threads: Option<u32>,
    /// Rows in flight at once; changes no number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub batch_size: Option<u64>,
    /// Check the audit file against models and data, and stop
    #[arg(long)]
    pub check_only: bool,
    /// Audit only the first rows
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    /// Override a key of the audit file: stats.confidence=0.9
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// What runs the models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EngineChoice {
    /// ONNX Runtime where it is found, else the embedded engine
    Auto,
    /// ONNX Runtime
    Onnxruntime,
    /// The embedded engine, which needs no library
    Embedded,
}

/// Runs an audit.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    let loaded = load(&args)?;
    if !args.output.quiet {
        loaded.notices.iter().for_each(|notice| say(&format!("note: {}\n", config::clean(notice))));
    }
    interrupt::watch();
    interrupt::check()?;
    // TODO(wire): audit::run(&loaded, &args.output, &args.running, interrupted()) -> ExitStatus
    Err(super::unwired("audit"))
}

fn load(args: &Args) -> Result<Loaded, Failure> {
    let set = &args.running.set;
    if let Some(file) = &args.file {
        return Ok(config::load(file, set)?);
    }
    if !args.flags.any() {
        let help = "heirloom audit audit.toml, or --base, --tuned, --data, --label, --positive and --groups; \
                    `heirloom init` writes a file to start from";
        return Err(Failure::usage("nothing says what to audit", help));
    }
    let text = args.flags.toml();
    if !args.output.quiet {
        let shown: Vec<String> = text.lines().map(config::clean).collect();
        say(&format!("These flags amount to the audit file:\n\n{}\n\n", shown.join("\n")));
    }
    let origin = Origin { name: "the flags".into(), text, file: None };
    Ok(config::load_text(origin, set, config::today())?)
}
