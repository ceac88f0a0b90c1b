//! The fixture on both engines: the same decisions, so the same result but for the engine's name.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn heirloom(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heirloom"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env("SOURCE_DATE_EPOCH", "1795000000");
    command.output().expect("the tool can be started")
}

fn audit(engine: &str, folder: &Path) -> Value {
    let out = folder.to_str().expect("a temporary folder has a plain name");
    let run = heirloom(&["audit", "fixtures/income/audit.toml", "--quiet", "--engine", engine, "--out", out]);
    assert!(run.status.success(), "{engine}: {}", String::from_utf8_lossy(&run.stderr));
    let text = std::fs::read_to_string(folder.join("result.json")).expect("the result was written");
    serde_json::from_str(&text).expect("the result is JSON")
}

fn without_engine(mut result: Value) -> Value {
    result["provenance"]["engine"] = Value::Null;
    result
}

/// Runs wherever an ONNX Runtime is found, as `scripts/test` sees to.
#[test]
fn both_engines_give_the_same_result() {
    let status = heirloom(&["engine", "status"]);
    let found = String::from_utf8_lossy(&status.stdout).contains("models run on: onnxruntime");
    let asked = std::env::var_os("HEIRLOOM_ONNXRUNTIME").is_some();
    assert!(found || !asked, "HEIRLOOM_ONNXRUNTIME is set, and not used");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let embedded = audit("embedded", &folder.path().join("embedded"));
    assert_eq!(embedded["provenance"]["engine"]["name"], "embedded");
    if !found {
        eprintln!("no ONNX Runtime was found: the engines were not compared; scripts/test installs one");
        return;
    }
    let runtime = audit("onnxruntime", &folder.path().join("onnxruntime"));
    assert_eq!(runtime["provenance"]["engine"]["name"], "onnxruntime");
    assert_eq!(without_engine(embedded), without_engine(runtime));
}
