//! Two small transformers of text, from raw sentences to verdicts, on both engines: the verdicts follow what
//! `fixtures/comments` planted.

mod common;

use common::{engine, finding, heirloom, outcome, read, tell};
use heirloom::result::{AuditResult, Verdict};
use std::path::Path;

/// The folder of the package, which the audit file is named from.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn audited(engine: &str, folder: &Path) -> AuditResult {
    let out = folder.to_str().expect("a temporary folder has a plain name");
    let arguments = ["audit", "fixtures/comments/audit.toml", "--quiet", "--engine", engine, "--out", out];
    let (code, said) = outcome(&heirloom(Path::new(ROOT), &arguments));
    assert_eq!(code, 0, "{engine}: {said}");
    read(folder)
}

fn follows_what_was_planted(engine: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let result = audited(engine, folder.path());
    assert_eq!(result.provenance.engine.name, engine);
    for (group, verdict) in [("muslims", Verdict::Inherited), ("women", Verdict::Introduced)] {
        let found = finding(&result, &format!("selection_rate/identity={group}"));
        assert_eq!((found.verdict, found.confirmed), (verdict, true), "{group} on {engine}");
    }
}

#[test]
fn verdicts_follow_what_was_planted_on_the_embedded_engine() {
    follows_what_was_planted("embedded");
}

#[test]
fn verdicts_follow_what_was_planted_on_onnx_runtime() {
    if engine().name != "onnxruntime" {
        tell("NOT RUN: no ONNX Runtime was found; scripts/test installs one");
        return;
    }
    follows_what_was_planted("onnxruntime");
}
