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

static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

/// The library that this process has loaded already.
pub(super) fn loaded() -> Option<Runtime> {
    LOADED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Loads a library and checks that it is ONNX Runtime and new enough; `ort` would panic later on.
pub(super) fn load(path: &Path) -> Result<Runtime, ModelError> {
    let path = path.canonicalize().map_err(|error| ModelError(format!("{} cannot be read: {error}", path.display())))?;
    let mut slot = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    match slot.as_ref() {
        Some(runtime) if runtime.path == path => return Ok(runtime.clone()),
        Some(runtime) => return Err(ModelError(format!("{} is loaded already, and a process can load one ONNX Runtime only", runtime.path.display()))),
        None => {}
    }
    let environment = environment(&path)?;
    let version = discover::version(&path).unwrap_or_else(built_version);
    Ok(slot.insert(Runtime { environment, version, path }).clone())
}

/// Telemetry off, and nothing written to standard error: what matters comes back as an error.
fn environment(path: &Path) -> Result<Environment, ModelError> {
    let builder = ort::init_from(path).map_err(|error| unusable(path, &error))?;
    let builder = builder.with_name("heirloom").with_telemetry(false).with_logger(Arc::new(|_, _, _, _, _| {}));
    builder.build().map_err(|error| ModelError(format!("ONNX Runtime at {} could not be started: {error}", path.display())))
}

fn unusable(path: &Path, error: &ort::LoadDynamicError) -> ModelError {
    ModelError(match error {
        ort::LoadDynamicError::BadVersion { version_str, .. } => discover::too_old(path, version_str),
        ort::LoadDynamicError::MissingApi { .. } => format!("{} is not ONNX Runtime: it has no OrtGetApiBase", path.display()),
        ort::LoadDynamicError::Dlopen { error, .. } => format!("{} cannot be loaded: {error}", path.display()),
        ort::LoadDynamicError::InvalidVersionString => format!("{} does not tell its version", path.display()),
    })
}

/// `git-branch=rel-1.32.0`, for a library whose name tells no version.
fn built_version() -> String {
    let branch = ort::info().split("git-branch=").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or("");
    branch.strip_prefix("rel-").unwrap_or("of unknown version").to_owned()
}
