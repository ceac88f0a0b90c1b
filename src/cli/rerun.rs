//! An audit once more, on files that were found by their hash: for `verify --recompute` and `compare --paired`.

use super::audit::{EngineChoice, progress_bar};
use super::{Failure, interrupt};
use crate::audit::{self, Run};
use crate::config::Audit;
use crate::data::Dataset;
use crate::gather::{self, Options, PreflightError};
use crate::models::onnx::Engine;
use crate::result::AuditResult;
use indicatif::ProgressBar;
use std::path::Path;

/// How it is run.
pub struct Rerun<'a> {
    /// What runs the models; what ran them then where nothing is said.
    pub engine: Option<EngineChoice>,
    /// The ONNX Runtime library to use.
    pub onnxruntime: Option<&'a Path>,
    /// Whether a terminal shows how far it is.
    pub progress: bool,
}

impl Rerun<'_> {
    /// Gathers an audit over as many rows as a stored result is of.
    pub fn run(&self, mut audit: Audit, stored: &AuditResult) -> Result<Run, Failure> {
        interrupt::watch();
        let dataset = Dataset::open(&audit.root, &audit.data.paths).map_err(error)?;
        let (limit, device) = (stored.provenance.data.limit, audit.device);
        let start = || Engine::start(self.engine(stored).into(), self.onnxruntime)?.on(device);
        let plan = gather::preflight(&mut audit, dataset, start, limit).map_err(unfit)?;
        let rows = plan.dataset.rows_hint().map(|rows| limit.map_or(rows, |limit| rows.min(limit)));
        let bar = if self.progress { progress_bar(rows) } else { ProgressBar::hidden() };
        let options = Options {
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            batch_size: None,
            keep_scores: false,
            interrupted: interrupt::interrupted(),
            progress: &|rows| bar.set_position(rows),
        };
        let run = audit::run(audit, plan, &options);
        bar.finish_and_clear();
        run.map_err(error)
    }

    fn engine(&self, stored: &AuditResult) -> EngineChoice {
        let embedded = stored.provenance.engine.name == "embedded";
        self.engine.unwrap_or(if embedded { EngineChoice::Embedded } else { EngineChoice::Onnxruntime })
    }
}

fn unfit(found: PreflightError) -> Failure {
    let PreflightError::Problems(found) = found else { return error(found) };
    let lines: Vec<String> = found.into_iter().map(|problem| problem.message).collect();
    Failure::Error(format!("the audit does not fit its inputs any more:\n{}", lines.join("\n")))
}

fn error(error: impl std::fmt::Display) -> Failure {
    Failure::Error(error.to_string())
}
