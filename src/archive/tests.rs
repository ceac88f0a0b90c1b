//! A folder is held against its manifest and its log, and every way of touching it is told.

use super::*;
use crate::result::{AuditResult, ExitStatus, FileHash};
use std::path::Path;

fn sample() -> AuditResult {
    crate::result::read(include_str!("../../fixtures/results/v1.0.json")).expect("the sample is a result")
}

/// A folder after `runs` runs.
fn folder(runs: usize) -> (tempfile::TempDir, Manifest) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        hashed(name, bytes)
    };
    let result = sample();
    let own = write(RESULT, b"{}");
    let mut log = Vec::new();
    for _ in 0..runs {
        log = log::append(&log, &result, &own.sha256).unwrap();
    }
    let manifest = Manifest::new(&result, vec![write(RUNS, &log), write("report.html", b"<p>"), own]);
    std::fs::write(folder.path().join(MANIFEST), manifest.to_json().unwrap()).unwrap();
    (folder, manifest)
}

fn found(folder: &Path, manifest: &Manifest) -> Verified {
    verify(folder, manifest).unwrap()
}

#[test]
fn an_untouched_folder_holds() {
    let (folder, manifest) = folder(3);
    let found = found(folder.path(), &manifest);
    assert_eq!((found.holds.len(), found.runs, found.differences()), (3, 3, 0), "{found:?}");
    let read = Manifest::read(&std::fs::read_to_string(folder.path().join(MANIFEST)).unwrap()).unwrap();
    assert_eq!(read, manifest);
}

#[test]
fn one_bit_of_any_output_is_told() {
    let (folder, manifest) = folder(2);
    for output in &manifest.outputs {
        let path = folder.path().join(&output.name);
        let whole = std::fs::read(&path).unwrap();
        let mut touched = whole.clone();
        *touched.last_mut().unwrap() ^= 1;
        std::fs::write(&path, touched).unwrap();
        assert_eq!(found(folder.path(), &manifest).changed, [output.name.as_str()]);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(found(folder.path(), &manifest).missing, [output.name.as_str()]);
        std::fs::write(&path, whole).unwrap();
    }
}

#[test]
fn what_the_manifest_does_not_name_is_extra_but_companions_are_not() {
    let (folder, manifest) = folder(1);
    let beside = ["report.html.sig", "manifest.json.sigstore.json"];
    for name in beside.iter().chain(&["junit.xml", "report.htm"]) {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    std::fs::create_dir(folder.path().join("more")).unwrap();
    let found = found(folder.path(), &manifest);
    assert_eq!(found.extra, ["junit.xml", "more", "report.htm"]);
    assert_eq!(found.beside, ["manifest.json.sigstore.json", "report.html.sig"]);
}

#[test]
fn a_log_that_was_touched_breaks_where_it_was_touched() {
    let mut log = Vec::new();
    for at in 0..4 {
        log = log::append(&log, &sample(), &format!("{at:064}")).unwrap();
    }
    let text = String::from_utf8(log.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(log::check(&log).unwrap().len(), 4);
    let broken = |lines: &[&str]| log::check(lines.join("\n").as_bytes()).unwrap_err().line;
    assert_eq!(broken(&[lines[0], lines[2], lines[3]]), 2, "a line is gone");
    assert_eq!(broken(&[lines[0], lines[2], lines[1], lines[3]]), 2, "two are exchanged");
    assert_eq!(broken(&[lines[1], lines[2], lines[3]]), 1, "the first is gone");
    let edited = lines[1].replace("\"exit\":0", "\"exit\":1");
    assert_ne!(edited, lines[1]);
    assert_eq!(broken(&[lines[0], &edited, lines[2], lines[3]]), 3, "one was edited");
    assert_eq!(broken(&[lines[0], "{}"]), 2, "one is no run");
    assert!(log::append(b"a list of my own\n", &sample(), "").is_err());
}

/// Lines cut off at the end leave a sound chain, which the manifest does not tell of.
#[test]
fn a_log_cut_short_is_told_by_the_manifest() {
    let (folder, mut manifest) = folder(2);
    let log = std::fs::read_to_string(folder.path().join(RUNS)).unwrap();
    let cut = log.lines().next().unwrap().to_owned() + "\n";
    std::fs::write(folder.path().join(RUNS), &cut).unwrap();
    assert_eq!(found(folder.path(), &manifest).changed, [RUNS]);
    let at = manifest.outputs.iter().position(|file| file.name == RESULT).unwrap();
    manifest.outputs[at].sha256 = "0".repeat(64);
    assert!(found(folder.path(), &manifest).log.is_some_and(|why| why.contains("last line")));
}

#[test]
fn a_manifest_that_is_none_or_leads_outside_is_refused() {
    let (_, manifest) = folder(1);
    let json = manifest.to_json().unwrap();
    assert!(matches!(Manifest::read(&json[..json.len() / 2]), Err(ManifestError::Format(_))));
    assert!(matches!(Manifest::read(&json.replace("manifest/1.0", "manifest/2.0")), Err(ManifestError::Schema(_))));
    for name in ["../report.html", "/etc/passwd", "..", "", "a\\\\b"] {
        let edited = json.replace("\"report.html\"", &format!("\"{name}\""));
        assert!(matches!(Manifest::read(&edited), Err(ManifestError::Outside(_))), "{name}");
    }
}

fn input(name: &str, bytes: &[u8]) -> Input {
    Input { role: "tuned".into(), file: hashed(name, bytes) }
}

#[test]
fn inputs_are_known_by_their_hash_wherever_the_paths_lead() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("base/model.onnx", "base");
    write("tuned/model.onnx", "tuned");
    write("old.onnx", "older");
    let wanted = [
        input("model.onnx", b"tuned"),
        input("model.onnx", b"base"),
        input("old.onnx", b"new"),
        input("gone.onnx", b""),
        input("../old.onnx", b"older"),
    ];
    let paths = ["base/model.onnx".into(), "tuned/model.onnx".into()];
    let found = find_inputs(&wanted, &[folder.path().into()], &paths).unwrap();
    let at = |name: &str| folder.path().join(name);
    let expected = [
        Found::Same(at("tuned/model.onnx")),
        Found::Same(at("base/model.onnx")),
        Found::Changed(at("old.onnx")),
        Found::Missing,
        Found::Missing,
    ];
    assert_eq!(found, expected);
}

#[test]
fn numbers_are_the_same_up_to_the_tolerance_and_words_exactly() {
    let stored = sample();
    let same = differences(&stored, &stored).unwrap();
    assert!(same.numbers > 1000 && same.count == 0 && same.worst.0 == 0.0);
    let mut again = stored.clone();
    again.provenance.created = "another day".into();
    let gap = again.findings.iter_mut().find_map(|one| one.tuned.as_mut()).unwrap();
    gap.value += 5e-7;
    let near = differences(&stored, &again).unwrap();
    assert!(near.count == 0 && near.worst.1.ends_with("tuned.value"), "{near:?}");
    again.findings.iter_mut().find_map(|one| one.tuned.as_mut()).unwrap().value += 1e-4;
    again.notices.push("one more".into());
    again.gate.status = ExitStatus::Error;
    let far = differences(&stored, &again).unwrap();
    assert_eq!(far.count, 3, "{far:?}");
}

/// Every input has a role, and none is told twice.
#[test]
fn the_manifest_names_every_file_of_the_provenance() {
    let mut result = sample();
    let file = |name: &str| FileHash { name: name.into(), sha256: "a".repeat(64), bytes: 1 };
    result.provenance.policy_file = Some(file("policy.toml"));
    result.provenance.lock_file = Some(file("policy.toml.lock"));
    result.provenance.accepted_file = Some(file("heirloom.accepted.json"));
    let json = serde_json::to_string(&result.provenance).unwrap();
    let named = Manifest::new(&result, Vec::new()).inputs;
    assert_eq!(json.matches("\"sha256\"").count(), named.len());
}
