//! SARIF 2.1.0: every check as a rule, and what is not met as results at the check's line in the
//! audit file.
//!
//! Met outcomes are no results: code scanning shows every result as an alert, whatever its kind.

use super::view::told::{self, Level, Told};
use super::view::words;
use super::{RenderError, clean, number};
use crate::result::{AuditResult, CheckOutcome, Outcome, Severity};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A log with one run.
pub(super) fn render(result: &AuditResult) -> Result<String, RenderError> {
    let told = told::every(result);
    let rules = rules(&told);
    let ids: Vec<&str> = rules.iter().map(|check| check.id.as_str()).collect();
    let open = told.iter().filter(|told| told.level != Level::Quiet);
    let results: Vec<Value> = open.map(|told| outcome(told, &ids)).collect();
    let driver = json!({
        "name": clean::label(&result.provenance.tool.name),
        "version": clean::label(&result.provenance.tool.version),
        "rules": rules.iter().map(|check| rule(check)).collect::<Vec<_>>(),
    });
    let run = json!({
        "tool": { "driver": driver },
        // Ends with a slash, so that the audits of several models stand side by side.
        "automationDetails": { "id": format!("heirloom/{}/", clean::label(&result.name)) },
        "invocations": [invocation(result)],
        "artifacts": artifacts(result, &told),
        "results": results,
    });
    let log = json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] });
    Ok(serde_json::to_string_pretty(&log)? + "\n")
}

/// The first outcome of each check, in the order of the worst.
fn rules<'a>(told: &[Told<'a>]) -> Vec<&'a CheckOutcome> {
    let mut seen = BTreeSet::new();
    told.iter().map(|told| told.check).filter(|check| seen.insert(check.id.as_str())).collect()
}

fn rule(check: &CheckOutcome) -> Value {
    let limit = number::plain(&format!("{}: {}.", words::capitalized(&words::judged(check)), words::limit(check)));
    let level = if check.severity == Severity::Error { "error" } else { "warning" };
    json!({
        "id": clean::shortened(&check.id, 200),
        "shortDescription": { "text": escaped(&limit) },
        "defaultConfiguration": { "level": level },
        "properties": { "tags": ["inherited-bias"], "problem.severity": level },
    })
}

fn outcome(told: &Told, ids: &[&str]) -> Value {
    let check = told.check;
    let (kind, level) = kind(told);
    let mut outcome = json!({
        "ruleId": clean::shortened(&check.id, 200),
        "ruleIndex": ids.iter().position(|id| *id == check.id),
        "kind": kind,
        "level": level,
        "message": { "text": escaped(&told.text) },
        "locations": [{ "physicalLocation": place(check), "logicalLocations": [{ "fullyQualifiedName": told.name() }] }],
        // The key that code scanning tells alerts apart by; without a number, so that it is stable.
        "partialFingerprints": { "primaryLocationLineHash": format!("{}:1", told.fingerprint()) },
        "properties": properties(told),
    });
    if let Some(waiver) = &check.waiver {
        let why = format!("{}; until {}", clean::shortened(&waiver.reason, 300), clean::label(&waiver.expires));
        outcome["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": why }]);
    }
    // Known where a failure was accepted before; which of the others are new a result does not say.
    if let Some(then) = &check.accepted {
        outcome["baselineState"] = if then.value == check.value { "unchanged" } else { "updated" }.into();
    }
    outcome
}

/// What is open must have the level `none` (SARIF 2.1.0, 3.27.10).
fn kind(told: &Told) -> (&'static str, &'static str) {
    match (told.check.outcome, told.level) {
        (Outcome::Undecided | Outcome::TooSmall, _) => ("open", "none"),
        (_, Level::Error) => ("fail", "error"),
        _ => ("fail", "warning"),
    }
}

fn place(check: &CheckOutcome) -> Value {
    let region = json!({ "startLine": check.at.line.max(1), "startColumn": check.at.column.max(1) });
    json!({ "artifactLocation": { "uri": uri(&check.at.file) }, "region": region })
}

fn properties(told: &Told) -> Value {
    let check = told.check;
    json!({
        "outcome": check.outcome,
        "metric": check.metric.as_deref().map(clean::label),
        "slice": clean::label(&check.slice),
        "value": check.value,
        "low": check.low,
        "high": check.high,
        "support": check.support,
        "verdict": told.finding.map(|finding| finding.verdict),
    })
}

fn invocation(result: &AuditResult) -> Value {
    let mut invocation = json!({ "executionSuccessful": true, "exitCode": result.gate.status.code() });
    if result.provenance.created.parse::<jiff::Timestamp>().is_ok() {
        invocation["endTimeUtc"] = result.provenance.created.as_str().into();
    }
    invocation
}

/// The files that checks stand in, and the models, with their hashes where they are known.
fn artifacts(result: &AuditResult, told: &[Told]) -> Vec<Value> {
    let from = &result.provenance;
    let models = [&from.models.base, &from.models.tuned].into_iter().flatten().flat_map(|model| &model.files);
    let hashed: Vec<_> = from.audit_file.iter().chain(&from.policy_file).chain(models).collect();
    let mut names: BTreeSet<&str> = hashed.iter().map(|file| file.name.as_str()).collect();
    let mut list: Vec<Value> = hashed
        .iter()
        .filter(|file| names.remove(file.name.as_str()))
        .map(|file| json!({ "location": { "uri": uri(&file.name) }, "hashes": { "sha-256": clean::label(&file.sha256) } }))
        .collect();
    let known = |name: &str| hashed.iter().any(|file| file.name == name);
    let others: BTreeSet<&str> =
        told.iter().map(|told| told.check.at.file.as_str()).filter(|name| !known(name)).collect();
    list.extend(others.into_iter().map(|name| json!({ "location": { "uri": uri(name) } })));
    list
}

/// A message's text: brackets would make links (3.11.6) and braces placeholders (3.11.5).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '[' | ']' | '\\' => out.extend(['\\', c]),
            '{' | '}' => out.extend([c, c]),
            _ => out.push(c),
        }
    }
    out
}

/// A file's path as a relative URI (RFC 3986, section 2.3).
fn uri(name: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(byte);
    name.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
