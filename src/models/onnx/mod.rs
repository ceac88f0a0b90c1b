//! ONNX models: what a file says of itself, and the two engines that can run it.
//!
//! This folder is the only place that knows `ort` (ONNX Runtime, loaded from a library that is found
//! when the program runs) and tract (the embedded engine). Everyone else sees [`Engine`] and the
//! trait `Model`.

mod device;
mod discover;
mod embedded;
mod engine;
mod graph;
mod install;
mod lineage;
pub(super) mod quiet;
mod runtime;
mod session;
mod weights;
mod wire;

pub use device::{DEVICES, Device};
pub use discover::{Finding, Place, status};
pub use engine::{Engine, EngineChoice};
pub use graph::Graph;
pub use install::install;
pub use lineage::lineage;
