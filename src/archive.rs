//! The folder of an audit as a dossier that stands alone: what went in, what came out, and every run.
//!
//! - [`Manifest`] names every input and every output by SHA-256; it is written last.
//! - [`log`] is `runs.jsonl`, one line a run, each with the hash of the line before it.
//! - [`verify`] holds a folder against both, [`find_inputs`] looks for the inputs where a user says
//!   they are, and [`differences`] compares the numbers of a result that was made again.
//!
//! A hash inside a folder cannot protect the folder from somebody who writes all of it anew. So this
//! makes a change evident, and a signature of the reader's own over `manifest.json` makes it theirs.

mod inputs;
pub mod log;
mod manifest;
mod same;
#[cfg(test)]
mod tests;
mod verify;

pub use inputs::{Found, find_inputs};
pub use manifest::{Input, MANIFEST, Manifest, ManifestError, SCHEMA, hashed, inputs};
pub use same::{Differences, TOLERANCE, differences};
pub use verify::{Verified, verify};

/// The name of the log of runs.
pub const RUNS: &str = "runs.jsonl";
/// The name of the result.
pub const RESULT: &str = "result.json";
/// The names under which a folder keeps copies of what was asked.
pub const AUDIT_COPY: &str = "audit.toml";
/// The policy, where it stands apart.
pub const POLICY_COPY: &str = "policy.toml";
/// What was accepted before.
pub const ACCEPTED_COPY: &str = "heirloom.accepted.json";

use sha2::{Digest, Sha256};

/// The SHA-256 of bytes, in hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
