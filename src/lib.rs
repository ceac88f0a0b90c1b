//! heirloom audits a fine-tuned model against the base model it came from, on the same rows, and
//! says of every group and metric whether a gap was inherited, amplified, attenuated, introduced,
//! eliminated or is absent, with error control.
//!
//! One walk, from left to right; each room reads only what the rooms before it made:
//!
//! ```text
//! audit.toml ─▶ config ─▶ gather ─▶ Evidence ─▶ settle ─▶ measure ─▶ trace ─▶ policy ─▶ redact ─▶ render ─▶ files
//!               problems  rows end              thresholds counts end verdicts outcomes  small     pure functions
//!                                                                                        cells
//! ```
//!
//! - [`config`] reads the audit file as a whole and resolves it into an [`config::Audit`].
//! - [`gather`] reads the rows once ([`data`]), runs both models on them ([`models`], [`tasks`]) and
//!   counts. It is the only place that sees rows; what leaves it is [`evidence::Evidence`].
//! - [`settle`] fixes what needs the whole data; [`measure`] turns counts into numbers with
//!   intervals ([`metrics`], [`stats`]); [`trace`] gives each comparison its verdict.
//! - [`policy`] compares with the checks. A failed check is data, never an error.
//! - [`result`] is plain data: redacted once, it is all that [`render`] and a later gate need.
//! - [`compare`] sets two results side by side: what was, and what is now.
//! - [`archive`] makes of the folder that is written a dossier that can be verified alone.
//!
//! [`audit`] is that walk in code.
#![warn(missing_docs)]
#![deny(unsafe_code)]

pub mod archive;
pub mod audit;
pub mod cli;
pub mod compare;
pub mod config;
pub mod data;
pub mod evidence;
pub mod gather;
pub mod measure;
pub mod metrics;
pub mod models;
pub mod policy;
pub mod render;
pub mod result;
pub mod settle;
pub mod stats;
pub mod tasks;
pub mod trace;
