//! What the tests share: the walk from an audit file to its result, in this process or by the binary.
#![allow(dead_code, reason = "each test file takes what it needs")]

use heirloom::audit::{Dossier, conclude, run};
use heirloom::data::Dataset;
use heirloom::gather::{Options, preflight};
use heirloom::models::onnx::{Engine, EngineChoice};
use heirloom::result::{AuditResult, Estimate, Finding, Reason, Subject, Value};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::AtomicBool;

/// Says something that the test runner does not swallow: it captures only what macros print.
pub fn tell(message: &str) {
    // A closed standard error is no reason to fail.
    let _ = writeln!(std::io::stderr(), "{message}");
}

/// A file of the package.
pub fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The engine that is found here; one process has one.
pub fn engine() -> Engine {
    Engine::start(EngineChoice::Auto, None).expect("the embedded engine is always there")
}

/// Gathers what an audit file asks for, with `settings` as `--set` takes them.
pub fn gathered(file: &Path, settings: &[&str]) -> Dossier {
    let settings: Vec<String> = settings.iter().map(|setting| setting.to_string()).collect();
    let loaded =
        heirloom::config::load(file, &settings).unwrap_or_else(|problems| panic!("{}: {problems}", file.display()));
    let mut audit = loaded.audit;
    let dataset = Dataset::open(&audit.root, &audit.data.paths).expect("the data can be opened");
    let start = || Engine::start(EngineChoice::Auto, None);
    let plan =
        preflight(&mut audit, dataset, start, None).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let interrupted = AtomicBool::new(false);
    let options =
        Options { threads: 1, batch_size: None, keep_scores: false, interrupted: &interrupted, progress: &|_| {} };
    run(audit, plan, &options).expect("the audit can be gathered").dossier
}

/// The result of an audit file, before small cells are hidden.
pub fn audited(file: &Path, settings: &[&str]) -> AuditResult {
    conclude(&gathered(file, settings)).expect("its checks match something")
}

/// One value; it must be in the result.
pub fn value<'a>(result: &'a AuditResult, metric: &str, slice: &str, model: Subject) -> &'a Value {
    let wanted = |value: &&Value| value.metric == metric && value.slice == slice && value.model == model;
    result.values.iter().find(wanted).unwrap_or_else(|| panic!("no {metric} of {slice} for {model:?}"))
}

/// The finding of that id; it must be in the result.
pub fn finding<'a>(result: &'a AuditResult, id: &str) -> &'a Finding {
    result.findings.iter().find(|finding| finding.id == id).unwrap_or_else(|| panic!("no finding {id}"))
}

/// Why a number is undefined, where it is.
pub fn reason(estimate: &Estimate) -> Option<Reason> {
    match estimate {
        Estimate::Undefined { undefined } => Some(*undefined),
        Estimate::Known { .. } => None,
    }
}

/// Runs the binary in `folder` at a pinned time; whatever it writes goes below `folder`.
pub fn heirloom(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heirloom"));
    command.current_dir(folder).env("SOURCE_DATE_EPOCH", "1763900000").args(arguments);
    // Where the tests run under GitHub Actions, the audits in them are no steps of it.
    command.env_remove("GITHUB_ACTIONS").env_remove("GITHUB_STEP_SUMMARY");
    command.output().expect("the binary starts")
}

/// The exit code and standard error of a run.
pub fn outcome(output: &Output) -> (i32, String) {
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The result that an audit wrote into `folder`.
pub fn read(folder: &Path) -> AuditResult {
    let text = std::fs::read_to_string(folder.join("result.json")).expect("the audit wrote a result");
    heirloom::result::read(&text).expect("it reads its own result")
}
