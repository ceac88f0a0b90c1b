//! The files that an audit read besides what it was asked by: where it wrote that they are, and where they are now.

use super::Here;
use crate::config::Audit;
use crate::data::pairs::{PairsSpec, is_file};
use crate::models::Predictor;
use crate::result::{AuditResult, FileHash};
use std::path::{Path, PathBuf};

/// The paths of everything that was read, as the audit wrote them.
pub(in crate::cli) fn paths(audit: &Audit) -> Vec<String> {
    let models = audit.models().into_iter().flatten().flat_map(|spec| match &spec.predictor {
        Predictor::Onnx(onnx) => {
            let aids = onnx.clone().aids().map(|aid| aid.clone()).collect::<Vec<_>>();
            std::iter::once(onnx.path.clone()).chain(aids).collect()
        }
        _ => Vec::new(),
    });
    let rows = audit.data.train.iter().chain(&audit.data.source).flat_map(|rows| &rows.paths);
    let pairs = audit.pairs.iter().flat_map(|pairs| pairs.paths.iter().chain(&pairs.swap));
    let terms = audit.groups.iter().filter_map(|group| group.terms_file.as_ref());
    let asked = audit.language_model.iter();
    let asked = asked.flat_map(|one| one.pairs.iter().map(|file| &file.path).chain(&one.associations));
    let more = audit.data.paths.iter().chain(rows).chain(pairs).chain(terms).chain(asked);
    models.chain(more.cloned()).collect()
}

/// Lets every path of an audit lead to what was found.
pub(in crate::cli) fn relocate(audit: &mut Audit, stored: &AuditResult, found: &[Here]) {
    audit.root = PathBuf::new();
    audit.data.paths = of_role(found, "data", |_| true);
    audit.data.train.iter_mut().for_each(|train| train.paths = of_role(found, "train", |_| true));
    audit.data.source.iter_mut().for_each(|source| source.paths = of_role(found, "source", |_| true));
    audit.pairs.iter_mut().for_each(|pairs| relocate_pairs(pairs, found));
    audit.groups.iter_mut().filter_map(|group| group.terms_file.as_mut()).for_each(|file| lead(found, "terms", file));
    if let Some(asked) = &mut audit.language_model {
        asked.associations.iter_mut().for_each(|list| lead(found, "language", list));
        for file in &mut asked.pairs {
            lead(found, "language", &mut file.path);
            file.path = glob::Pattern::escape(&file.path);
        }
    }
    relocate_models(audit, stored, found);
}

fn relocate_models(audit: &mut Audit, stored: &AuditResult, found: &[Here]) {
    let from = &stored.provenance.models;
    let notes = [from.base.as_ref(), from.tuned.as_ref()].into_iter();
    let notes = notes.chain(from.runs.iter().map(Some)).chain(from.control.iter().map(Some));
    for (spec, note) in audit.models_mut().into_iter().zip(notes) {
        let (Some(spec), Some(note)) = (spec, note) else { continue };
        let Predictor::Onnx(onnx) = &mut spec.predictor else { continue };
        let here = |file: &FileHash| found.iter().find(|(input, _)| input.file.sha256 == file.sha256);
        if let Some((_, path)) = note.files.first().and_then(here) {
            onnx.path = text(path);
        }
        for aid in onnx.aids() {
            if let Some((_, path)) = note.files.iter().find(|file| is_named(file, aid)).and_then(here) {
                *aid = text(path);
            }
        }
    }
}

/// Swap lists are known by their names; all other files of pairs hold pairs.
fn relocate_pairs(pairs: &mut PairsSpec, found: &[Here]) {
    let lists: Vec<String> = pairs.swap.iter().filter(|list| is_file(list)).cloned().collect();
    pairs.paths = of_role(found, "pairs", |file| !lists.iter().any(|list| is_named(file, list)));
    pairs.swap.iter_mut().filter(|list| is_file(list)).for_each(|list| lead(found, "pairs", list));
}

/// The files of a role, as paths in which nothing is a pattern.
fn of_role(found: &[Here], role: &str, wanted: impl Fn(&FileHash) -> bool) -> Vec<String> {
    let of_role = found.iter().filter(|(input, _)| input.role == role && wanted(&input.file));
    of_role.map(|(_, path)| glob::Pattern::escape(&text(path))).collect()
}

/// Lets a path lead to the file of its name that was found. A list that came with the program has none, and stays.
fn lead(found: &[Here], role: &str, path: &mut String) {
    let of_name = found.iter().find(|(input, _)| input.role == role && is_named(&input.file, path));
    if let Some((_, here)) = of_name {
        *path = text(here);
    }
}

fn is_named(file: &FileHash, path: &str) -> bool {
    Path::new(path).file_name().is_some_and(|name| *name == *file.name)
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
