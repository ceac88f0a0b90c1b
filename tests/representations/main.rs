//! Embeddings through the whole walk: a probe in the place of a head, and what base and tuned have in common.

mod classes;
#[path = "../common/mod.rs"]
mod common;
#[allow(dead_code, reason = "its other tests need more of it")]
#[path = "../bad_input/onnx.rs"]
mod onnx;
mod pairs;
mod shares;
