//! Holds a folder against its manifest and its log of runs.

use super::log::{self, Run};
use super::{MANIFEST, Manifest, RESULT, RUNS};
use crate::gather::hash_file;
use crate::result::FileHash;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

/// What was found in a folder. It holds where all but `holds`, `beside` and `runs` are empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Outputs that are there as they were written.
    pub holds: Vec<String>,
    /// Outputs that are gone.
    pub missing: Vec<String>,
    /// Outputs whose bytes are others.
    pub changed: Vec<String>,
    /// Files and folders that the manifest does not name.
    pub extra: Vec<String>,
    /// Inputs, and companions of a named file, such as its signature `report.html.sig`.
    pub beside: Vec<String>,
    /// Runs in the log.
    pub runs: usize,
    /// What is wrong with the log, in words.
    pub log: Option<String>,
}

impl Verified {
    /// How many things differ.
    pub fn differences(&self) -> usize {
        self.missing.len() + self.changed.len() + self.extra.len() + usize::from(self.log.is_some())
    }
}

/// Hashes every output of the folder again. An error tells what could not be read.
pub fn verify(folder: &Path, manifest: &Manifest) -> io::Result<Verified> {
    let mut found = Verified::default();
    for output in &manifest.outputs {
        let name = output.name.clone();
        match state(folder, output)? {
            State::Holds => found.holds.push(name),
            State::Changed => found.changed.push(name),
            State::Missing => found.missing.push(name),
        }
    }
    for name in others(folder, manifest)? {
        let companion = |known: &str| name.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'));
        let named = manifest.outputs.iter().map(|file| file.name.as_str()).chain([MANIFEST]);
        let input = manifest.inputs.iter().any(|input| input.file.name == name);
        if input || named.into_iter().any(companion) { found.beside.push(name) } else { found.extra.push(name) }
    }
    if !found.missing.iter().any(|name| name == RUNS) {
        match runs(folder, manifest)? {
            Ok(runs) => found.runs = runs,
            Err(why) => found.log = Some(why),
        }
    }
    Ok(found)
}

enum State {
    Holds,
    Changed,
    Missing,
}

fn state(folder: &Path, output: &FileHash) -> io::Result<State> {
    let path = folder.join(&output.name);
    if !path.is_file() {
        return Ok(State::Missing);
    }
    let now = hash_file(&path)?;
    Ok(if (&now.sha256, now.bytes) == (&output.sha256, output.bytes) { State::Holds } else { State::Changed })
}

/// What else lies in the folder, in order.
fn others(folder: &Path, manifest: &Manifest) -> io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder)? {
        names.insert(entry?.file_name().to_string_lossy().into_owned());
    }
    names.remove(MANIFEST);
    names.retain(|name| manifest.output(name).is_none());
    Ok(names)
}

/// How many runs the log tells, or what is wrong with it.
fn runs(folder: &Path, manifest: &Manifest) -> io::Result<Result<usize, String>> {
    if manifest.output(RUNS).is_none() {
        return Ok(Err(format!("the manifest names no {RUNS}")));
    }
    let log = std::fs::read(folder.join(RUNS))?;
    Ok(match log::check(&log) {
        Ok(runs) if is_last(&runs, manifest) => Ok(runs.len()),
        Ok(_) => Err("its last line is not of the run that the manifest tells of".into()),
        Err(broken) => Err(broken.to_string()),
    })
}

fn is_last(runs: &[Run], manifest: &Manifest) -> bool {
    let Some((last, result)) = runs.last().zip(manifest.output(RESULT)) else { return false };
    last.result == result.sha256 && last.created == manifest.created
}
