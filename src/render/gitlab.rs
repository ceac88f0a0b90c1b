//! GitLab Code Quality: a JSON list of what is not met, at the check's line in the audit file.

use super::view::told::{self, Level, Told};
use super::{RenderError, clean};
use crate::result::{AuditResult, Verdict};
use serde::Serialize;

/// One entry, with the fields that GitLab asks for.
#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// What is not met, worst first.
pub(super) fn render(result: &AuditResult) -> Result<String, RenderError> {
    let told = told::every(result);
    let issues: Vec<Issue> = told.iter().filter_map(issue).collect();
    Ok(serde_json::to_string_pretty(&issues)? + "\n")
}

fn issue(told: &Told) -> Option<Issue> {
    let check = told.check;
    let id = clean::label(&check.id);
    Some(Issue {
        description: format!("{id}: {}", told.text),
        check_name: format!("heirloom/{id}"),
        fingerprint: told.fingerprint(),
        severity: severity(told)?,
        location: Location {
            path: clean::shortened(&check.at.file, 400),
            lines: Lines { begin: check.at.line.max(1) },
        },
    })
}

/// A failure whose gap tuning made new or larger weighs most.
fn severity(told: &Told) -> Option<&'static str> {
    let worse = told.finding.is_some_and(|one| matches!(one.verdict, Verdict::Introduced | Verdict::Amplified));
    match told.level {
        Level::Error if worse => Some("critical"),
        Level::Error => Some("major"),
        Level::Warning => Some("minor"),
        Level::Note => Some("info"),
        Level::Quiet => None,
    }
}
