//! Reading and writing the files that verbs are given, with errors that say what to do.

use super::Failure;
use crate::archive::RESULT;
use crate::audit::{self, Dossier};
use crate::config::quoted;
use crate::result::{self, AuditResult};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// A path for people.
pub fn name(path: &Path) -> String {
    quoted(&path.display().to_string())
}

/// A result, and the dossier that it was concluded from when the file held evidence.
pub struct Concluded {
    /// The result; from evidence it is not redacted yet.
    pub result: AuditResult,
    /// The evidence.
    pub dossier: Option<Dossier>,
}

fn read_text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::Error(format!("{} could not be read: {error}", name(path))))
}

fn failed(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::Error(format!("{}: {error}", name(path)))
}

/// Reads a `result.json`.
pub fn read_result(path: &Path) -> Result<AuditResult, Failure> {
    result::read(&read_text(path)?).map_err(|error| failed(path, error))
}

/// The result in a folder, or the file itself.
pub fn result_in(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(RESULT) } else { path.into() }
}

/// Reads evidence.
pub fn read_dossier(path: &Path) -> Result<Dossier, Failure> {
    Dossier::from_json(&read_text(path)?).map_err(|error| failed(path, error))
}

/// Reads a result, or concludes one from evidence.
pub fn read_concluded(path: &Path) -> Result<Concluded, Failure> {
    let text = read_text(path)?;
    if !is_evidence(&text) {
        let result = result::read(&text).map_err(|error| failed(path, error))?;
        return Ok(Concluded { result, dossier: None });
    }
    let dossier = Dossier::from_json(&text).map_err(|error| failed(path, error))?;
    let result = audit::conclude(&dossier).map_err(|error| failed(path, error))?;
    Ok(Concluded { result, dossier: Some(dossier) })
}

/// Whether a file says of itself that it is evidence; a group may be called so too.
fn is_evidence(text: &str) -> bool {
    schema_of(text).is_some_and(|schema| schema == audit::EVIDENCE_SCHEMA)
}

/// Whether a file says of itself that it is of heirloom's making, and not an audit file, whose `schema` is a number.
pub fn is_result(path: &Path) -> bool {
    read_text(path).is_ok_and(|text| schema_of(&text).is_some())
}

fn schema_of(json: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Head {
        schema: String,
    }
    serde_json::from_str::<Head>(json).ok().map(|head| head.schema)
}

/// Outputs under temporary names beside their places, until all are there. What is not committed
/// leaves nothing behind, no folder either.
#[derive(Default)]
pub struct Staged {
    files: Vec<(NamedTempFile, PathBuf)>,
    /// What goes to a device or a pipe, which no file may take the place of.
    streams: Vec<(Vec<u8>, PathBuf)>,
    /// Folders made for them, the outer ones first.
    made: Vec<PathBuf>,
}

impl Staged {
    /// Nothing yet.
    pub fn new() -> Staged {
        Staged::default()
    }

    /// Adds a file that others may read, as far as the user's mask lets them.
    pub fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        self.stage(path, bytes, &mut public()).map_err(|error| unwritable(path, error))
    }

    /// Adds a file that its owner alone may read, as temporary files are made.
    pub fn add_private(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        self.stage(path, bytes, &mut Builder::new()).map_err(|error| unwritable(path, error))
    }

    fn stage(&mut self, path: &Path, bytes: &[u8], builder: &mut Builder) -> std::io::Result<()> {
        // Seen now, since a rename that fails would come after others that did not.
        if path.is_dir() {
            return Err(std::io::Error::other("it is a folder"));
        }
        if self.files.iter().any(|(_, other)| other == path) {
            return Err(std::io::Error::other("two outputs have this name"));
        }
        if path.exists() && !path.is_file() {
            self.streams.push((bytes.to_vec(), path.into()));
            return Ok(());
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let missing: Vec<PathBuf> =
            folder.ancestors().take_while(|folder| !folder.exists()).map(PathBuf::from).collect();
        self.made.extend(missing.into_iter().filter(|folder| !folder.as_os_str().is_empty()).rev());
        std::fs::create_dir_all(folder)?;
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        self.files.push((file, path.into()));
        Ok(())
    }

    /// Gives every file its name.
    pub fn commit(mut self) -> Result<(), Failure> {
        for (bytes, path) in &self.streams {
            let opened = std::fs::OpenOptions::new().write(true).open(path);
            opened.and_then(|mut file| file.write_all(bytes)).map_err(|error| unwritable(path, error))?;
        }
        let rename = |(file, path): (NamedTempFile, PathBuf)| {
            file.persist(&path).map(drop).map_err(|error| unwritable(&path, error.error))
        };
        std::mem::take(&mut self.files).into_iter().try_for_each(rename)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        self.files.clear();
        // A folder that holds something stays.
        self.made.iter().rev().for_each(|folder| drop(std::fs::remove_dir(folder)));
    }
}

/// Makes files with the permissions that files made in the ordinary way have.
#[cfg(unix)]
fn public() -> Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt;
    let mut builder = Builder::new();
    builder.permissions(std::fs::Permissions::from_mode(0o666));
    builder
}

#[cfg(not(unix))]
fn public() -> Builder<'static, 'static> {
    Builder::new()
}

fn unwritable(path: &Path, error: std::io::Error) -> Failure {
    Failure::Error(format!("{} could not be written: {error}", name(path)))
}

/// Writes one file, whole or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut staged = Staged::new();
    staged.add(path, bytes)?;
    staged.commit()
}

/// A name as a folder's: letters, digits, dots, dashes and underscores.
pub fn folder_name(name: &str) -> String {
    let safe = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let text: String = name.chars().map(safe).take(100).collect();
    let text = text.trim_matches('.');
    if text.is_empty() { "audit".into() } else { text.into() }
}

/// Writes a new file; an existing one stays, unless `force`.
pub fn write_new(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let opened = std::fs::OpenOptions::new().write(true).create(true).truncate(force).create_new(!force).open(path);
    let mut file = opened.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::Error(format!("{} is already there; give another name, or --force", name(path)))
        }
        _ => Failure::Error(format!("{} could not be written: {error}", name(path))),
    })?;
    let written = std::io::Write::write_all(&mut file, text.as_bytes());
    written.map_err(|error| Failure::Error(format!("{} could not be written: {error}", name(path))))
}
