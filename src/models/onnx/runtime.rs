//! ONNX Runtime as a library of this process: loaded once, from a path that was found before.
//!
//! `ort` keeps one library and one environment for the process. They are kept here too, so that a
//! second audit in the same process finds them again.

use super::discover;
use crate::models::ModelError;
use ort::environment::Environment;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The library that was loaded.
#[derive(Clone)]
pub(super) struct Runtime {
    pub(super) environment: Environment,
    pub(super) version: String,
    pub(super) path: PathBuf,
}

/// What has become of the one attempt that a process has.
enum Attempt {
    None,
    Loaded(Runtime),
    Failed(PathBuf),
}

static ATTEMPT: Mutex<Attempt> = Mutex::new(Attempt::None);

/// The library that this process has loaded already.
pub(super) fn loaded() -> Option<Runtime> {
    match &*ATTEMPT.lock().unwrap_or_else(PoisonError::into_inner) {
        Attempt::Loaded(runtime) => Some(runtime.clone()),
        _ => None,
    }
}

/// Loads a library and checks that it is ONNX Runtime and new enough.
///
/// A process can try one library: after an attempt that failed, ort 2.0.0-rc.14 takes its empty slot
/// for a library and reads memory that was never written, so it is not called again.
pub(super) fn load(path: &Path) -> Result<Runtime, ModelError> {
    let path =
        path.canonicalize().map_err(|error| ModelError(format!("{} cannot be read: {error}", path.display())))?;
    let mut attempt = ATTEMPT.lock().unwrap_or_else(PoisonError::into_inner);
    match &*attempt {
        Attempt::None => {}
        Attempt::Loaded(runtime) if runtime.path == path => return Ok(runtime.clone()),
        Attempt::Loaded(Runtime { path: first, .. }) => return Err(once(&path, first, "was loaded")),
        Attempt::Failed(first) => return Err(once(&path, first, "could not be loaded")),
    }
    *attempt = Attempt::Failed(path.clone());
    let environment = environment(&path)?;
    let version = discover::version(&path).unwrap_or_else(built_version);
    let runtime = Runtime { environment, version, path };
    *attempt = Attempt::Loaded(runtime.clone());
    Ok(runtime)
}

fn once(path: &Path, first: &Path, became: &str) -> ModelError {
    ModelError(format!(
        "{} was not tried: {} {became} before, and a process can try one library only",
        path.display(),
        first.display()
    ))
}

/// Telemetry off, and nothing written to standard error: what matters comes back as an error.
fn environment(path: &Path) -> Result<Environment, ModelError> {
    let builder = ort::init_from(path).map_err(|error| unusable(path, &error))?;
    let builder = builder.with_name("heirloom").with_telemetry(false).with_logger(Arc::new(|_, _, _, _, _| {}));
    builder
        .build()
        .map_err(|error| ModelError(format!("ONNX Runtime at {} could not be started: {error}", path.display())))
}

fn unusable(path: &Path, error: &ort::LoadDynamicError) -> ModelError {
    ModelError(match error {
        ort::LoadDynamicError::BadVersion { version_str, .. } => discover::too_old(path, version_str),
        ort::LoadDynamicError::MissingApi { .. } => {
            format!("{} is not ONNX Runtime: it has no OrtGetApiBase", path.display())
        }
        ort::LoadDynamicError::Dlopen { error, .. } => format!("{} cannot be loaded: {error}", path.display()),
        ort::LoadDynamicError::InvalidVersionString => format!("{} does not tell its version", path.display()),
    })
}

/// `build fab30a4`, the commit it was built from, for a library whose name tells no version.
fn built_version() -> String {
    let commit = ort::info().split("git-commit-id=").nth(1).and_then(|rest| rest.split(',').next());
    format!("build {}", commit.unwrap_or("unknown"))
}
