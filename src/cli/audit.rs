//! `heirloom audit`: the whole walk, from an audit file or flags to a result, a report and a gate.

use super::flags::Flags;
use super::folder::Folder;
use super::{Failure, files, github, interrupt, print, repository, say};
use crate::audit::{self, Run};
use crate::config::{self, Audit, Loaded, Origin};
use crate::data::{self, Dataset};
use crate::evidence::Point;
use crate::gather::{self, Memory, Options, Plan, PreflightError};
use crate::models::onnx::{self, Device, Engine};
use crate::render::{self, Format};
use crate::result::{self, AuditResult, ExitStatus};
use crate::tasks::Task;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Arguments of `heirloom audit`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The audit file, TOML or JSON
    #[arg(conflicts_with = "flags")]
    file: Option<PathBuf>,
    #[command(flatten, next_help_heading = "Instead of an audit file")]
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
    /// What to write beside result.json, joined by commas: html, terminal, markdown, csv, junit, sarif, gitlab,
    /// in-toto, model-card, cyclonedx, counts
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
    /// Under GitHub Actions, write no annotations and no step summary
    #[arg(long)]
    pub no_ci_output: bool,
}

/// How the audit is run. None of it changes a number, but `limit` and `set`; `accepted` changes outcomes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "How it is run")]
pub struct Running {
    /// What runs the models
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    pub engine: EngineChoice,
    /// The ONNX Runtime library to use
    #[arg(long, value_name = "PATH")]
    pub onnxruntime: Option<PathBuf>,
    /// What the models run on; in place of the audit file's `device`, which is cpu where it says nothing
    #[arg(long, value_enum)]
    pub device: Option<DeviceChoice>,
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
    /// What was accepted before, which `heirloom accept` wrote; in place of the audit file's `accepted`
    #[arg(long, value_name = "FILE")]
    pub accepted: Option<PathBuf>,
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

impl From<EngineChoice> for onnx::EngineChoice {
    fn from(choice: EngineChoice) -> Self {
        match choice {
            EngineChoice::Auto => onnx::EngineChoice::Auto,
            EngineChoice::Onnxruntime => onnx::EngineChoice::OnnxRuntime,
            EngineChoice::Embedded => onnx::EngineChoice::Embedded,
        }
    }
}

/// What the models run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeviceChoice {
    /// The processor
    Cpu,
    /// An NVIDIA card, or an error
    Cuda,
    /// An NVIDIA card where ONNX Runtime can use one, else the processor
    Auto,
}

impl From<DeviceChoice> for Device {
    fn from(choice: DeviceChoice) -> Self {
        match choice {
            DeviceChoice::Cpu => Device::Cpu,
            DeviceChoice::Cuda => Device::Cuda,
            DeviceChoice::Auto => Device::Auto,
        }
    }
}

/// Runs an audit.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    let formats = formats(&args.output.format)?;
    let mut loaded = load(&args)?;
    if let Some(path) = &args.running.accepted {
        loaded.accept(config::read_accepted(path).map_err(config::Problems::single)?);
    }
    let quiet = args.output.quiet;
    if !quiet {
        loaded.notices.iter().for_each(|notice| say(&format!("note: {}\n", config::clean(notice))));
    }
    interrupt::watch();
    let (audit, plan) = preflight(&loaded, &args.running)?;
    let inputs = inputs(&audit, &plan);
    spare_inputs(&args, &inputs)?;
    scores_exist(&args, &audit)?;
    if !quiet {
        plan.inferred.iter().for_each(|sentence| say(&format!("inferred: {}\n", config::clean(sentence))));
    }
    if !quiet {
        tell_memory(&audit, &plan);
    }
    if args.running.check_only {
        print("The audit file, the data and the models fit together.\n");
        return Ok(ExitStatus::Ok);
    }
    let run = gather(audit, plan, &args)?;
    let result = audit::conclude(&run.dossier)
        .map_err(|error| Failure::usage(error.to_string(), "correct the check in the audit file"))?;
    interrupt::check()?;
    write(&args, &loaded, &run, result, &formats, inputs)
}

/// What a model says of several classes is no score.
fn scores_exist(args: &Args, audit: &Audit) -> Result<(), Failure> {
    match &args.output.save_scores {
        Some(_) if audit.task == Task::Multiclass => {
            Err(Failure::usage("the models of a multiclass task give classes, not scores", "leave out --save-scores"))
        }
        _ => Ok(()),
    }
}

/// Every file that is read.
fn inputs(audit: &Audit, plan: &Plan) -> Vec<PathBuf> {
    let asked = [&audit.file, &audit.policy_file, &audit.lock_file, &audit.accepted_file];
    let inputs = plan.data_files().chain(plan.model_paths()).chain(asked.into_iter().flatten());
    inputs.filter_map(|path| path.canonicalize().ok()).collect()
}

/// Nothing that is read may be written over.
fn spare_inputs(args: &Args, inputs: &[PathBuf]) -> Result<(), Failure> {
    let outputs = args.output.evidence.iter().chain(&args.output.save_scores);
    let taken = outputs.into_iter().find(|path| path.canonicalize().is_ok_and(|path| inputs.contains(&path)));
    match taken {
        Some(path) => {
            Err(Failure::usage(format!("{} is an input of this audit", files::name(path)), "write to another file"))
        }
        None => Ok(()),
    }
}

/// A threshold or a metric that waits for the whole data keeps the scores of every row.
fn tell_memory(audit: &Audit, plan: &Plan) {
    let rows = plan.dataset.rows_hint();
    if let Some(note) = rows.and_then(|rows| embeddings(&Memory::of(audit, plan, rows), rows)) {
        say(&note);
    }
    if let (true, Some(rows)) = (audit.needs_points(), plan.dataset.rows_hint()) {
        let bytes = size_of::<Point>() + audit.others().count() * size_of::<f64>();
        let megabytes = rows * bytes as u64 / 1_000_000;
        say(&format!(
            "note: the scores of up to {rows} rows are kept for the metrics or thresholds asked for, about {megabytes} MB\n"
        ));
    }
}

/// What kept embeddings take, where it is worth a word.
fn embeddings(memory: &Memory, rows: u64) -> Option<String> {
    let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
    let open = if memory.open { ", besides those of a model that does not tell how wide they are" } else { "" };
    let probed =
        format!("the embeddings of up to {rows} rows are kept for a probe, about {} MB", megabytes(memory.probed));
    let measured = format!("to measure embeddings takes about {} MB", megabytes(memory.measured));
    let parts = [(memory.probed > 0, probed), (memory.measured > 0, measured)];
    let told: Vec<String> = parts.into_iter().filter(|(told, _)| *told).map(|(_, text)| text).collect();
    (!told.is_empty()).then(|| format!("note: {}{open}\n", told.join("; ")))
}

/// The formats to write, `json` first and each once.
fn formats(ids: &[String]) -> Result<Vec<&'static Format>, Failure> {
    let mut formats: Vec<&Format> = Vec::new();
    for id in ["json"].into_iter().chain(ids.iter().map(String::as_str)) {
        let format = super::render::format(id)?;
        if formats.iter().all(|other| other.id != format.id) {
            formats.push(format);
        }
    }
    Ok(formats)
}

/// Holds audit file, data and models together; all problems come at once.
fn preflight(loaded: &Loaded, running: &Running) -> Result<(Audit, Plan), Failure> {
    let mut audit = loaded.audit.clone();
    audit.device = running.device.map_or(audit.device, Device::from);
    let device = audit.device;
    let dataset = Dataset::open(&audit.root, &audit.data.paths).map_err(error)?;
    let mut problems = config::preflight_columns(loaded, dataset.columns());
    if !problems.is_empty() {
        return Err(loaded.problems(problems).into());
    }
    let start = || Engine::start(running.engine.into(), running.onnxruntime.as_deref())?.on(device);
    match gather::preflight(&mut audit, dataset, start, running.limit) {
        Ok(plan) => Ok((audit, plan)),
        Err(PreflightError::Problems(found)) => {
            problems.extend(found.iter().map(|problem| loaded.problem(&problem.at, problem.message.clone())));
            Err(loaded.problems(problems).into())
        }
        Err(other) => Err(error(other)),
    }
}

fn gather(audit: Audit, plan: Plan, args: &Args) -> Result<Run, Failure> {
    let rows = plan.dataset.rows_hint().map(|rows| args.running.limit.map_or(rows, |limit| rows.min(limit)));
    // Hidden where standard error is no terminal. With `where` the end comes before the total.
    let bar = if args.output.quiet { ProgressBar::hidden() } else { progress_bar(rows) };
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let options = Options {
        threads: args.running.threads.map_or_else(cores, |threads| threads as usize),
        batch_size: args.running.batch_size.map(|rows| rows as usize),
        keep_scores: args.output.save_scores.is_some(),
        interrupted: interrupt::interrupted(),
        progress: &|rows| bar.set_position(rows),
    };
    let run = audit::run(audit, plan, &options);
    bar.finish_and_clear();
    run.map_err(error)
}

/// Rows so far, of all where they are known.
pub(super) fn progress_bar(rows: Option<u64>) -> ProgressBar {
    let template = "{wide_bar} {human_pos} rows  {per_sec}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    rows.map_or_else(ProgressBar::no_length, ProgressBar::new).with_style(style)
}

/// Writes everything under temporary names, then renames: a run that fails leaves no half file.
fn write(
    args: &Args,
    loaded: &Loaded,
    run: &Run,
    judged: AuditResult,
    formats: &[&'static Format],
    inputs: Vec<PathBuf>,
) -> Result<ExitStatus, Failure> {
    let (output, limit) = (&args.output, args.running.limit);
    let result = result::redact(judged);
    let path =
        output.out.clone().unwrap_or_else(|| PathBuf::from("reports").join(files::folder_name(&loaded.audit.name)));
    let asked = [loaded.audit.file.as_deref(), loaded.audit.policy_file.as_deref()];
    let placed = render::placed(&result, |name| place(name, &asked));
    let mut folder = Folder::new(path.clone(), inputs)?;
    for (name, text) in texts(&result, &placed, formats)? {
        folder.add(name, text.as_bytes())?;
    }
    folder.keep(&loaded.audit, &loaded.texts)?;
    if let Some(path) = &output.evidence {
        folder.add_private(path, run.dossier.to_json().map_err(error)?.as_bytes())?;
    }
    if let Some(path) = &output.save_scores {
        let bytes = scores(run, limit)?;
        folder.add_private(path, &bytes)?;
    }
    interrupt::check()?;
    let stale = folder.stale();
    folder.commit(&result)?;
    if !output.quiet {
        print(&github::inert(super::render::text("terminal", &result)?));
        let last = formats.last().map_or("result.json", |format| format.file);
        print(&format!("\nwritten: {}\n", config::clean(&path.join(last).display().to_string())));
        stale.iter().for_each(|name| say(&format!("note: {} is of an earlier run\n", files::name(&path.join(name)))));
    }
    if !output.no_ci_output {
        github::tell(&result, &placed);
    }
    Ok(result.gate.status)
}

/// Every format, drawn; those that point at lines of the audit file from what says where it lies.
fn texts(
    result: &AuditResult,
    placed: &AuditResult,
    formats: &[&'static Format],
) -> Result<Vec<(&'static str, String)>, Failure> {
    let draw = |format: &&'static Format| {
        let result = if format.points() { placed } else { result };
        Ok((format.file, super::render::draw(format, result)?))
    };
    formats.par_iter().map(draw).collect()
}

/// Where the file of that name lies in the repository; else its name has to do.
pub(super) fn place(name: &str, files: &[Option<&Path>]) -> String {
    let file = files.iter().flatten().find(|path| path.file_name().is_some_and(|own| *own == *name));
    file.and_then(|path| repository::place(path)).unwrap_or_else(|| name.into())
}

fn scores(run: &Run, limit: Option<u64>) -> Result<Vec<u8>, Failure> {
    let audit = &run.dossier.audit;
    let dataset = Dataset::open(&audit.root, &audit.data.paths).map_err(error)?;
    let runs = (0..audit.runs.len()).map(|at| format!("tuned_{}_score", at + 2));
    let names = ["base_score".into(), "tuned_score".into()].into_iter().chain(runs).chain(["control_score".into()]);
    let named: Vec<(String, &Vec<f64>)> =
        names.zip(&run.scores).filter_map(|(name, scores)| Some((name, scores.as_ref()?))).collect();
    data::with_scores(&dataset, &gather::cut_columns(audit, limit), &named).map_err(error)
}

fn error(error: impl std::fmt::Display) -> Failure {
    Failure::Error(error.to_string())
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
