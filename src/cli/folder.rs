//! The folder of an audit: the formats asked for, copies of what was asked, the log of runs, and last
//! the manifest over all of them. Everything is staged first, so a run that fails leaves the folder of
//! the last one as it was.

use super::{Failure, files};
use crate::archive::{
    self, ACCEPTED_COPY, AUDIT_COPY, MANIFEST, Manifest, POLICY_COPY, RESULT, RUNS, hashed, log, sha256,
};
use crate::config::{Audit, Copies, lock_path};
use crate::result::{AuditResult, FileHash};
use std::fs::File;
use std::path::{Path, PathBuf};

/// A folder that is being filled.
pub struct Folder {
    path: PathBuf,
    staged: files::Staged,
    outputs: Vec<FileHash>,
    /// What the audit reads, which nothing may be written over.
    inputs: Vec<PathBuf>,
    /// What the last run wrote here.
    before: Option<Manifest>,
}

impl Folder {
    /// The folder at a path, which need not be there yet.
    pub fn new(path: PathBuf, inputs: Vec<PathBuf>) -> Result<Folder, Failure> {
        let before = match std::fs::read_to_string(path.join(MANIFEST)) {
            Ok(text) => Some(Manifest::read(&text).map_err(|_| taken(&path.join(MANIFEST)))?),
            Err(_) => None,
        };
        Ok(Folder { path, staged: files::Staged::new(), outputs: Vec::new(), inputs, before })
    }

    /// Adds an output.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.path.join(name);
        if path.canonicalize().is_ok_and(|path| self.inputs.contains(&path)) {
            let message = format!("{} is an input of this audit, and would be written over", files::name(&path));
            return Err(Failure::usage(message, "choose another folder with --out"));
        }
        self.staged.add(&path, bytes)?;
        self.outputs.push(hashed(name, bytes));
        Ok(())
    }

    /// Adds a file that its owner alone may read, wherever it goes.
    pub fn add_private(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        self.staged.add_private(path, bytes)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let here = folder.canonicalize().ok().is_some_and(|folder| self.path.canonicalize().ok() == Some(folder));
        if let (true, Some(name)) = (here, path.file_name()) {
            self.outputs.push(hashed(&name.to_string_lossy(), bytes));
        }
        Ok(())
    }

    /// Keeps what the audit was asked by, so that the folder stands alone.
    pub fn keep(&mut self, audit: &Audit, texts: &Copies) -> Result<(), Failure> {
        let apart = audit.policy_file.is_some();
        let lock = lock_path(Path::new(if apart { POLICY_COPY } else { AUDIT_COPY })).display().to_string();
        let copies = [
            (AUDIT_COPY, Some(&texts.audit), &audit.file),
            (POLICY_COPY, texts.policy.as_ref(), &audit.policy_file),
            (&lock, texts.lock.as_ref(), &audit.lock_file),
            (ACCEPTED_COPY, texts.accepted.as_ref(), &audit.accepted_file),
        ];
        for (name, text, from) in copies {
            if let Some(text) = text {
                self.copy(name, text.as_bytes(), from.as_deref())?;
            }
        }
        Ok(())
    }

    /// A copy stands in for nobody's own file: only what is the same, or what an audit wrote here, gives way.
    fn copy(&mut self, name: &str, bytes: &[u8], from: Option<&Path>) -> Result<(), Failure> {
        let path = self.path.join(name);
        let itself = from.and_then(|from| from.canonicalize().ok());
        if itself.is_some() && itself == path.canonicalize().ok() {
            self.outputs.push(hashed(name, bytes));
            return Ok(());
        }
        let old = std::fs::read(&path).ok();
        let ours = |old: &[u8]| {
            let before = self.before.as_ref().and_then(|before| before.output(name));
            old == bytes || before.is_some_and(|before| before.sha256 == sha256(old))
        };
        if old.is_some_and(|old| !ours(&old)) {
            return Err(taken(&path));
        }
        self.add(name, bytes)
    }

    /// Adds the log and the manifest, and gives everything its name. Of two audits that end at once one waits, so
    /// that each has its line in the log and the folder is of one of them.
    pub fn commit(mut self, result: &AuditResult) -> Result<(), Failure> {
        let _held = hold(&self.path);
        let path = self.path.join(RUNS);
        let before =
            if path.exists() { std::fs::read(&path).map_err(|error| unreadable(&path, error))? } else { Vec::new() };
        let sha256 = self.outputs.iter().find(|file| file.name == RESULT).map(|file| file.sha256.clone());
        let log = log::append(&before, result, &sha256.unwrap_or_default())
            .map_err(|error| Failure::Error(format!("{}: {error}; move the file away", files::name(&path))))?;
        self.add(RUNS, &log)?;
        let manifest = Manifest::new(result, std::mem::take(&mut self.outputs));
        let json = manifest.to_json().map_err(|error| Failure::Error(error.to_string()))?;
        self.add(archive::MANIFEST, json.as_bytes())?;
        self.staged.commit()
    }

    /// Files that an earlier run wrote here and this one does not.
    pub fn stale(&self) -> Vec<String> {
        let now = |name: &str| name == RUNS || self.outputs.iter().any(|file| file.name == name);
        let before = self.before.iter().flat_map(|before| &before.outputs);
        let stale = before.filter(|file| !now(&file.name) && self.path.join(&file.name).exists());
        stale.map(|file| file.name.clone()).collect()
    }
}

/// Holds a folder until what is returned is dropped. The folder itself is locked, since its files give way to
/// others and a file for the lock alone would stay behind. A file system without locks holds nothing.
fn hold(folder: &Path) -> Option<File> {
    let folder = File::open(folder).ok()?;
    folder.lock().ok()?;
    Some(folder)
}

fn taken(path: &Path) -> Failure {
    Failure::Error(format!(
        "{} is there already and was not written by an audit; choose another folder with --out, or move it away",
        files::name(path)
    ))
}

fn unreadable(path: &Path, error: std::io::Error) -> Failure {
    Failure::Error(format!("{} could not be read: {error}", files::name(path)))
}
