//! Reading and writing the files that verbs are given, with errors that say what to do.

use super::Failure;
use crate::config::quoted;
use crate::result::{self, AuditResult};
use std::path::Path;

/// A path for people.
pub fn name(path: &Path) -> String {
    quoted(&path.display().to_string())
}

/// Reads a `result.json`.
pub fn read_result(path: &Path) -> Result<AuditResult, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::Error(format!("{} could not be read: {error}", name(path))))?;
    result::read(&text).map_err(|error| Failure::Error(format!("{}: {error}", name(path))))
}

/// Writes a new file; an existing one stays, unless `force`.
pub fn write_new(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let opened = std::fs::OpenOptions::new().write(true).create(true).truncate(force).create_new(!force).open(path);
    let mut file = opened.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::Error(format!("{} is already there; give another name, or --force", name(path))),
        _ => Failure::Error(format!("{} could not be written: {error}", name(path))),
    })?;
    let written = std::io::Write::write_all(&mut file, text.as_bytes());
    written.map_err(|error| Failure::Error(format!("{} could not be written: {error}", name(path))))
}
