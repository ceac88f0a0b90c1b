//! The engine that runs all models of a process, chosen once.

use super::device::{self, Device, Provider};
use super::discover::{self, Finding, Place};
use super::embedded::{self, EmbeddedModel};
use super::graph::Graph;
use super::runtime::{self, Runtime};
use super::session::RuntimeModel;
use crate::models::{Model, ModelError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

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
    /// What ONNX Runtime runs models on.
    provider: Option<Provider>,
    /// Whether some operators of a model had to run on the processor beside the card.
    mixed: AtomicBool,
}

impl Engine {
    /// The same engine on a device: one that is asked for and cannot be used is an error.
    pub fn on(mut self, device: Device) -> Result<Engine, ModelError> {
        let (provider, note) = device::provider(self.runtime.as_ref(), device)?;
        self.provider = provider;
        self.passed_over.extend(note);
        Ok(self)
    }

    /// What the models that were loaded so far run on, where the engine has a choice.
    pub fn provider(&self) -> Option<&'static str> {
        match (self.provider?, self.mixed.load(Ordering::Relaxed)) {
            (Provider::Cpu, _) => Some("CPU"),
            (Provider::Cuda, false) => Some("CUDA"),
            (Provider::Cuda, true) => Some("CUDA, and CPU for some operators"),
        }
    }

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
            provider: Some(Provider::Cpu),
            mixed: AtomicBool::new(false),
        }
    }

    fn embedded(passed_over: Vec<String>) -> Engine {
        Engine {
            name: "embedded",
            version: embedded::VERSION.to_owned(),
            path: None,
            passed_over,
            runtime: None,
            provider: None,
            mixed: AtomicBool::new(false),
        }
    }

    /// Loads a model from its file. `threads` is how many threads one run may use; the embedded
    /// engine uses one. Files of weights beside the model are checked first. The engine is given the path and
    /// nobody else reads the file as a whole, so that models of many gigabytes are loaded too.
    pub fn load(&self, path: &Path, threads: usize) -> Result<Box<dyn Model>, ModelError> {
        let graph = Graph::read(path)?;
        graph.external_files()?;
        match &self.runtime {
            Some(runtime) => {
                let provider = self.provider.unwrap_or(Provider::Cpu);
                let (model, mixed) = RuntimeModel::load(runtime, path, graph, (threads, provider))?;
                self.mixed.fetch_or(mixed, Ordering::Relaxed);
                Ok(Box::new(model))
            }
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
