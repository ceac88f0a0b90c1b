//! heirloom audits a fine-tuned model against the base model it came from, on the same rows, and
//! says of every group and metric whether a gap was inherited, amplified, attenuated, introduced,
//! eliminated or is absent, with error control.
#![warn(missing_docs)]
#![deny(unsafe_code)]

pub mod cli;
pub mod config;
pub mod data;
pub mod evidence;
pub mod metrics;
pub mod models;
pub mod result;
pub mod stats;
