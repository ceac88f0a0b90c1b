//! Under GitHub Actions an audit tells its outcome where reviewers look: annotations on the checks'
//! lines, and the summary of the step.

use super::{print, render, say};
use crate::render::annotations;
use crate::result::AuditResult;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;

/// GitHub drops a step's summary that is larger than this, all of it.
const LARGEST_SUMMARY: u64 = 1024 * 1024;

/// Writes annotations and the summary, where this runs under GitHub Actions; `placed` says where in the repository
/// the checks stand. The gate's outcome
/// must not hang on them, so a summary that cannot be written is only said.
pub fn tell(result: &AuditResult, placed: &AuditResult) {
    if !is_here() {
        return;
    }
    print(&annotations(placed));
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return };
    if let Err(why) = summarize(result, Path::new(&path)) {
        say(&format!("note: the step summary was not written: {why}\n"));
    }
}

/// The text so that GitHub Actions takes no line of it for a command, whatever a group is called:
/// commands stop at a word, and go on at the same. The word is the text's own hash, which no name
/// inside the text can know.
pub fn inert(text: String) -> String {
    if !is_here() {
        return text;
    }
    let word: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("::stop-commands::{word}\n{text}\n::{word}::\n")
}

fn is_here() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true")
}

/// Adds the result to what the step has written so far.
fn summarize(result: &AuditResult, path: &Path) -> Result<(), String> {
    let text = render::text("markdown", result).map_err(|_| "the result could not be drawn".to_string())?;
    let written = path.metadata().map_or(0, |file| file.len());
    if written + text.len() as u64 > LARGEST_SUMMARY {
        return Err("with what is there already it would be too large for GitHub".into());
    }
    let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| error.to_string())
}
