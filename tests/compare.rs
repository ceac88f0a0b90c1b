//! Two audits of two tuned models on the same rows, paired by running both models together: the numbers are
//! those of an audit that was written by hand with the earlier tuned model as its base.

mod common;

use common::{at, heirloom, outcome, read};
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

/// Models of `fixtures/planted`, whose columns the two tuned models take in another order.
const PLANTED: &str = "schema = 1\n[models.base]\npath = \"BASE\"\n[models.base.inputs.x]\ncolumns = FIRST\n\
    [models.tuned]\npath = \"TUNED\"\n[models.tuned.inputs.x]\ncolumns = SECOND\n\
    [data]\npath = \"eval.csv\"\nlabel = \"label\"\npositive = 1\n[groups.group]\ncolumn = \"group\"\n";
const STRAIGHT: &str = "[\"x1\", \"x2\", \"b\"]";
const CROSSED: &str = "[\"x2\", \"x1\", \"b\"]";

/// A folder with the files of a fixture.
fn with(fixture: &str, files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let from = at("fixtures").join(fixture);
    for name in files {
        std::fs::copy(from.join(name), folder.path().join(name)).expect("it is there");
    }
    folder
}

fn planted() -> TempDir {
    with("planted", &["base.onnx", "clean.onnx", "amplify.onnx", "introduce.onnx", "eval.csv"])
}

/// Audits by the text into `name`.
fn audit(folder: &Path, name: &str, text: &str) {
    let file = format!("{name}.toml");
    std::fs::write(folder.join(&file), text).expect("the folder is ours");
    let ran = heirloom(folder, &["audit", &file, "--out", name, "--engine", "embedded", "--quiet"]);
    assert!(matches!(outcome(&ran).0, 0 | 1 | 4), "{}", outcome(&ran).1);
}

fn planted_audit(folder: &Path, name: &str, [base, tuned]: [(&str, &str); 2]) {
    let text = PLANTED.replace("BASE", base.0).replace("TUNED", tuned.0);
    audit(folder, name, &text.replace("FIRST", base.1).replace("SECOND", tuned.1));
}

fn compared(folder: &Path, more: &[&str]) -> Value {
    let ran = heirloom(folder, &[&["compare", "a", "b", "--format", "json"], more].concat());
    assert_eq!(outcome(&ran).0, 0, "{}", outcome(&ran).1);
    serde_json::from_slice(&ran.stdout).expect("it is JSON")
}

/// Every difference is the change of the audit by hand, to the last bit; how many there are.
fn equals_the_audit_by_hand(compared: &Value, by_hand: &Path) -> usize {
    let hand = serde_json::to_value(read(by_hand)).expect("a result is JSON");
    let change = |id: &Value| {
        let found = hand["findings"].as_array().expect("a list").iter().find(|one| &one["id"] == id);
        found.expect("the same comparisons")["change"].clone()
    };
    let findings = compared["findings"].as_array().expect("a list");
    for one in findings.iter().filter(|one| one["difference"].is_object()) {
        let change = change(&one["id"]);
        assert_eq!(one["paired"], true, "{one}");
        for key in ["value", "low", "high"] {
            assert_eq!(one["difference"][key], change[key], "{key} of {one}");
        }
    }
    findings.iter().filter(|one| one["difference"].is_object()).count()
}

#[test]
fn two_tuned_models_are_paired_as_an_audit_by_hand_pairs_them() {
    let folder = planted();
    let (amplify, introduce) = (("amplify.onnx", STRAIGHT), ("introduce.onnx", CROSSED));
    planted_audit(folder.path(), "a", [("base.onnx", STRAIGHT), amplify]);
    planted_audit(folder.path(), "b", [("clean.onnx", STRAIGHT), introduce]);
    planted_audit(folder.path(), "hand", [amplify, introduce]);
    let unpaired = compared(folder.path(), &[]);
    assert_eq!((&unpaired["pairing"], &unpaired["same_rows"]), (&"unpaired".into(), &true.into()));
    let paired = compared(folder.path(), &["--paired"]);
    assert_eq!(paired["pairing"], "together");
    assert!(equals_the_audit_by_hand(&paired, &folder.path().join("hand")) >= 4);
    let width = |of: &Value, at: usize| {
        let apart = &of["findings"][at]["difference"];
        apart["high"].as_f64().expect("a number") - apart["low"].as_f64().expect("a number")
    };
    assert!(width(&paired, 0) < width(&unpaired, 0), "the same rows tell more than two independent samples");
    let told = heirloom(folder.path(), &["compare", "a", "b"]).stdout;
    assert!(String::from_utf8_lossy(&told).contains("--paired"), "the way to a paired one is told");
    let told = heirloom(folder.path(), &["compare", "a", "b", "--paired"]).stdout;
    let told = String::from_utf8(told).expect("it is text").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("Both tuned models ran together: differences are paired, 95 %."), "{told}");
    assert!(!told.contains("unpaired"), "{told}");
}

#[test]
fn the_income_fixture_is_paired_too() {
    let folder = with("income", &["base.onnx", "tuned.onnx", "eval.parquet", "audit.toml"]);
    let text = std::fs::read_to_string(folder.path().join("audit.toml")).expect("it was copied");
    let swapped = text.replace("\"base.onnx\"", "\"X\"").replace("\"tuned.onnx\"", "\"base.onnx\"");
    audit(folder.path(), "a", &text);
    audit(folder.path(), "b", &swapped.replace("\"X\"", "\"tuned.onnx\""));
    let paired = compared(folder.path(), &["--paired", "--inputs", "audit.toml"]);
    // The later audit has the models the other way round.
    assert!(equals_the_audit_by_hand(&paired, &folder.path().join("b")) >= 20);
}

#[test]
fn one_model_twice_is_the_same_for_every_group() {
    let folder = planted();
    let pair = [("base.onnx", STRAIGHT), ("amplify.onnx", STRAIGHT)];
    planted_audit(folder.path(), "a", pair);
    planted_audit(folder.path(), "b", pair);
    for more in [&[][..], &["--paired"]] {
        let compared = compared(folder.path(), more);
        let findings = compared["findings"].as_array().expect("a list");
        assert!(!findings.is_empty() && findings.iter().all(|one| one["movement"] == "same"), "{findings:?}");
    }
    let told = String::from_utf8(heirloom(folder.path(), &["compare", "a", "b"]).stdout).expect("it is text");
    assert!(told.contains("in which nothing moved: the same.") && !told.contains("cannot be told"), "{told}");
}

#[test]
fn a_file_that_is_another_or_gone_is_named_and_other_rows_stay_unpaired() {
    let folder = planted();
    planted_audit(folder.path(), "a", [("base.onnx", STRAIGHT), ("amplify.onnx", STRAIGHT)]);
    planted_audit(folder.path(), "b", [("base.onnx", STRAIGHT), ("introduce.onnx", STRAIGHT)]);
    let fails = |words: [&str; 2]| {
        let (code, told) = outcome(&heirloom(folder.path(), &["compare", "a", "b", "--paired"]));
        assert!(code == 3 && words.iter().all(|word| told.contains(word)), "{code} {told}");
    };
    std::fs::copy(folder.path().join("base.onnx"), folder.path().join("amplify.onnx")).expect("both are there");
    fails(["amplify.onnx", "SHA-256"]);
    std::fs::remove_file(folder.path().join("amplify.onnx")).expect("it is there");
    fails(["amplify.onnx was not found", "--inputs"]);
    let data = folder.path().join("eval.csv");
    let mut text = std::fs::read_to_string(&data).expect("it is there");
    text.truncate(text.trim_end().rfind('\n').expect("it has lines") + 1);
    std::fs::write(&data, text).expect("the folder is ours");
    planted_audit(folder.path(), "b", [("base.onnx", STRAIGHT), ("introduce.onnx", STRAIGHT)]);
    assert_eq!(compared(folder.path(), &["--paired"])["pairing"], "unpaired");
}
