//! Sessions of every model, borrowed by the lanes.
//!
//! A session serves one lane at a time, and a model's weights are in each of its sessions. So there are
//! only as many of a model as lanes ever wanted at once: with lanes that begin with different models
//! seldom more than one or two, however many runs an audit has.

use super::plan::OnnxSource;
use crate::models::onnx::Engine;
use crate::models::{Model, ModelError};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The idle sessions of each model.
pub struct Sessions<'a> {
    engine: Option<&'a Engine>,
    idle: Vec<Mutex<Vec<Box<dyn Model>>>>,
}

impl<'a> Sessions<'a> {
    /// With those that preflight loaded.
    pub fn new(engine: Option<&'a Engine>, loaded: Vec<Option<Box<dyn Model>>>) -> Sessions<'a> {
        Sessions { engine, idle: loaded.into_iter().map(|model| Mutex::new(model.into_iter().collect())).collect() }
    }

    /// An idle session of a model, or a new one.
    pub fn borrow(&self, at: usize, source: &OnnxSource) -> Result<Box<dyn Model>, ModelError> {
        // The lock is not held while a new one is loaded.
        let idle = self.idle(at).pop();
        match (idle, self.engine) {
            (Some(session), _) => Ok(session),
            (None, Some(engine)) => engine.load(source.path(), 1),
            (None, None) => Err(ModelError("no engine was started for it".into())),
        }
    }

    /// For the next lane.
    pub fn give_back(&self, at: usize, session: Box<dyn Model>) {
        self.idle(at).push(session);
    }

    fn idle(&self, at: usize) -> MutexGuard<'_, Vec<Box<dyn Model>>> {
        self.idle[at].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
