//! Looks for the inputs of an audit where a user says they are, and tells the same file by its hash.

use super::Input;
use crate::gather::hash_file;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// What became of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is here, byte for byte.
    Same(PathBuf),
    /// A file of its name is here, and no such file is the same.
    Changed(PathBuf),
    /// No file of its name is here.
    Missing,
}

/// Looks for every input by name in `roots`, and in the folders below them that `paths` (as the audit wrote
/// them, of models and data) lead to.
pub fn find_inputs(inputs: &[Input], roots: &[PathBuf], paths: &[String]) -> io::Result<Vec<Found>> {
    let folders = folders(roots, paths);
    inputs.iter().map(|input| find(input, &folders)).collect()
}

fn folders(roots: &[PathBuf], paths: &[String]) -> Vec<PathBuf> {
    let below = |root: &PathBuf| {
        let parents = paths.iter().filter_map(|path| Path::new(path).parent());
        parents.map(|parent| root.join(parent)).collect::<Vec<_>>()
    };
    let mut seen = BTreeSet::new();
    let all = roots.iter().flat_map(|root| [root.clone()].into_iter().chain(below(root)));
    all.filter(|folder| seen.insert(folder.clone())).collect()
}

fn find(input: &Input, folders: &[PathBuf]) -> io::Result<Found> {
    // A name with a folder in it was never written by an audit, and is looked for nowhere.
    let Some(name) = Path::new(&input.file.name).file_name().filter(|name| **name == *input.file.name) else {
        return Ok(Found::Missing);
    };
    let mut found = Found::Missing;
    for path in folders.iter().map(|folder| folder.join(name)).filter(|path| path.is_file()) {
        if hash_file(&path)?.sha256 == input.file.sha256 {
            return Ok(Found::Same(path));
        }
        found = if found == Found::Missing { Found::Changed(path) } else { found };
    }
    Ok(found)
}
