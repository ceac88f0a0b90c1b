//! `runs.jsonl`: one line a run of the audit, each with the SHA-256 of the line before it, so that a
//! line that was changed, left out or moved breaks the chain.

use super::{manifest, sha256};
use crate::result::{AuditResult, ExitStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The hash of the line before, without its line break; `None` on the first.
    pub prev: Option<String>,
    /// When it ran.
    pub created: String,
    /// The program's version.
    pub version: String,
    /// Hashes of what it read, by role.
    pub inputs: BTreeMap<String, Vec<String>>,
    /// The hash of its `result.json`.
    pub result: String,
    /// What the gate said.
    pub outcome: ExitStatus,
    /// What the process exited with.
    pub exit: u8,
}

/// What is wrong with a log: the line, from 1, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {why}")]
pub struct Broken {
    /// The line.
    pub line: usize,
    /// What is wrong with it.
    pub why: &'static str,
}

/// The log with one run more; `sha256` is that of the result's file.
///
/// An older log is kept as it is, broken or not: mending it would hide what [`check`] finds. But a file whose
/// last line is no run is not taken for a log at all.
pub fn append(before: &[u8], result: &AuditResult, result_sha256: &str) -> Result<Vec<u8>, Broken> {
    let last = lines(before).last();
    if last.is_some_and(|(_, line)| parse(line).is_none()) {
        return Err(Broken { line: lines(before).count(), why: "is no run" });
    }
    let run = Run {
        prev: last.map(|(_, line)| sha256(line)),
        created: result.provenance.created.clone(),
        version: result.provenance.tool.version.clone(),
        inputs: inputs(result),
        result: result_sha256.into(),
        outcome: result.gate.status,
        exit: result.gate.status.code(),
    };
    let mut log = before.to_vec();
    if !log.is_empty() && !log.ends_with(b"\n") {
        log.push(b'\n');
    }
    // Text, numbers and maps keyed by text cannot fail to be written.
    log.extend(serde_json::to_vec(&run).unwrap_or_default());
    log.push(b'\n');
    Ok(log)
}

fn inputs(result: &AuditResult) -> BTreeMap<String, Vec<String>> {
    let mut roles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for input in manifest::inputs(result) {
        roles.entry(input.role).or_default().push(input.file.sha256);
    }
    roles
}

/// Every run of a log, or the first line at which its chain breaks.
pub fn check(log: &[u8]) -> Result<Vec<Run>, Broken> {
    let mut runs = Vec::new();
    let mut before: Option<&[u8]> = None;
    for (number, line) in lines(log) {
        let run = parse(line).ok_or(Broken { line: number, why: "is no run" })?;
        if run.prev != before.map(sha256) {
            return Err(Broken { line: number, why: "does not follow from the line before it" });
        }
        before = Some(line);
        runs.push(run);
    }
    Ok(runs)
}

fn parse(line: &[u8]) -> Option<Run> {
    serde_json::from_slice(line).ok()
}

/// The lines with their numbers, without a last empty one.
fn lines(log: &[u8]) -> impl DoubleEndedIterator<Item = (usize, &[u8])> + Clone {
    let log = log.strip_suffix(b"\n").unwrap_or(log);
    let lines: Vec<&[u8]> = if log.is_empty() { Vec::new() } else { log.split(|byte| *byte == b'\n').collect() };
    lines.into_iter().enumerate().map(|(at, line)| (at + 1, line))
}
