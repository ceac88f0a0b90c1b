//! The engine that runs all models of a process, chosen once.

use super::discover::{self, Finding, Place};
use super::embedded::{self, EmbeddedModel};
use super::graph::Graph;
use super::runtime::{self, Runtime};
use super::session::RuntimeModel;
use crate::models::{Model, ModelError};
use std::path::{Path, PathBuf};

/// Which engine is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EngineChoice {
    /// ONNX Runtime where it is found, else the embedded engine.
    #[default]
    Auto,
    /// ONNX Runtime or nothing.
    OnnxRuntime,
    /// The embedded engine.
    Embedded,
}

/// The engine of a run; the report names it.
pub struct Engine {
    /// `onnxruntime` or `embedded`.
    pub name: &'static str,
    /// Its version.
    pub version: String,
    /// The library, where there is one.
    pub path: Option<PathBuf>,
    /// Libraries that were found and passed over, one sentence each.
    pub passed_over: Vec<String>,
    runtime: Option<Runtime>,
}

impl Engine {
    /// Finds and starts the engine. `path` is the library that the user named, if any: one that is
    /// named, there or in `HEIRLOOM_ONNXRUNTIME`, and cannot be used is an error, and no other is
    /// taken in its stead.
    pub fn start(choice: EngineChoice, path: Option<&Path>) -> Result<Engine, ModelError> {
        match (choice, path) {
            (EngineChoice::Embedded, None) => Ok(Engine::embedded(vec![])),
            (EngineChoice::Embedded, Some(_)) => Err(ModelError(
                "the embedded engine takes no library: leave out --onnxruntime, or choose the engine onnxruntime"
                    .into(),
            )),
            _ => Engine::search(choice, path),
        }
    }

    fn search(choice: EngineChoice, path: Option<&Path>) -> Result<Engine, ModelError> {
        if let (None, Some(runtime)) = (path, runtime::loaded()) {
            return Ok(Engine::onnxruntime(runtime, vec![]));
        }
        let mut passed_over = vec![];
        for place in discover::places(path) {
            match usable(&place) {
                Ok(Some(runtime)) => return Ok(Engine::onnxruntime(runtime, passed_over)),
                Ok(None) => {}
                Err(ModelError(cause)) if place.named => return Err(ModelError(format!("{}: {cause}", place.name))),
                Err(ModelError(cause)) => passed_over.push(cause),
            }
        }
        match choice {
            EngineChoice::OnnxRuntime => Err(none_found(&passed_over)),
            _ => Ok(Engine::embedded(passed_over)),
        }
    }

    fn onnxruntime(runtime: Runtime, passed_over: Vec<String>) -> Engine {
        Engine {
            name: "onnxruntime",
            version: runtime.version.clone(),
            path: Some(runtime.path.clone()),
            passed_over,
            runtime: Some(runtime),
        }
    }

    fn embedded(passed_over: Vec<String>) -> Engine {
        Engine { name: "embedded", version: embedded::VERSION.to_owned(), path: None, passed_over, runtime: None }
    }

    /// Loads a model from its file. `threads` is how many threads one run may use; the embedded
    /// engine uses one. Files of weights beside the model are checked first.
    pub fn load(&self, path: &Path, threads: usize) -> Result<Box<dyn Model>, ModelError> {
        let graph = Graph::read(path)?;
        graph.external_files()?;
        match &self.runtime {
            Some(runtime) => Ok(Box::new(RuntimeModel::load(runtime, path, graph, threads)?)),
            None => Ok(Box::new(EmbeddedModel::load(path, graph)?)),
        }
    }
}

/// The library of a place, loaded; `None` where there is none.
fn usable(place: &Place) -> Result<Option<Runtime>, ModelError> {
    match &place.finding {
        Finding::Library(path, _) => runtime::load(path).map(Some),
        Finding::TooOld(path, version) => Err(ModelError(discover::too_old(path, version))),
        Finding::Missing(path) => Err(ModelError(format!("there is no file {}", path.display()))),
        Finding::Nothing => Ok(None),
    }
}

fn none_found(passed_over: &[String]) -> ModelError {
    let notes: String = passed_over.iter().map(|note| format!(" ({note}.)")).collect();
    ModelError(format!(
        "no ONNX Runtime was found{notes}. Get it with `heirloom engine install` or `pip install onnxruntime`, or name its library with --onnxruntime PATH; `heirloom engine status` says where was looked."
    ))
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
