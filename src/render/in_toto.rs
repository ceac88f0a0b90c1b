//! An unsigned in-toto statement that says of the tuned model, by its hash, what the gate said, and
//! of the result and the report that they are what it was read from:
//! predicate `test-result/v0.1`, which policy engines read. To be signed by the reader's own tools.
//!
//! Nothing that is open passes: a gate that asked nothing, or left something open, is `WARNED`.

use super::view::told::{self, Level, Told};
use super::{RenderError, clean, html, json};
use crate::result::{AuditResult, ExitStatus, FileHash};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The statement.
pub(super) fn render(result: &AuditResult) -> Result<String, RenderError> {
    let told = told::every(result);
    let from = &result.provenance;
    let named = |wanted: &str| told.iter().filter(|told| place(told) == wanted).map(name).collect::<Vec<_>>();
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subject(result)?,
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {
            "result": conclusion(result, &told),
            "configuration": from.audit_file.iter().chain(&from.policy_file).map(descriptor).collect::<Vec<_>>(),
            "passedTests": named("passed"),
            "warnedTests": named("warned"),
            "failedTests": named("failed"),
        },
    });
    Ok(serde_json::to_string_pretty(&statement)? + "\n")
}

/// The tuned model's files, of predictions that came in columns the data that hold them; and the result and the
/// report, which are drawn for their hashes whether they were written or not.
fn subject(result: &AuditResult) -> Result<Vec<Value>, RenderError> {
    let models = &result.provenance.models;
    let files = models.tuned.as_ref().or(models.base.as_ref()).map_or(&[][..], |model| &model.files);
    let files = if files.is_empty() { &result.provenance.data.files[..] } else { files };
    let drawn = [("result.json", json::render(result)?), ("report.html", html::render(result)?)];
    let drawn = drawn.iter().map(|(name, text)| file(name, text));
    Ok(files.iter().cloned().chain(drawn).map(|file| descriptor(&file)).collect())
}

fn file(name: &str, text: &str) -> FileHash {
    let sha256 = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    FileHash { name: name.into(), sha256, bytes: text.len() as u64 }
}

fn descriptor(file: &FileHash) -> Value {
    json!({ "name": clean::label(&file.name), "digest": { "sha256": clean::label(&file.sha256) } })
}

fn conclusion(result: &AuditResult, told: &[Told]) -> &'static str {
    match result.gate.status {
        ExitStatus::Ok if !told.is_empty() && told.iter().all(|told| told.level == Level::Quiet) => "PASSED",
        ExitStatus::Ok => "WARNED",
        _ => "FAILED",
    }
}

fn place(told: &Told) -> &'static str {
    match told.level {
        Level::Quiet => "passed",
        _ if told.is_gap => "failed",
        Level::Error => "failed",
        Level::Warning | Level::Note => "warned",
    }
}

fn name(told: &Told) -> String {
    format!("{}/{}", clean::label(&told.check.id), told.name())
}
