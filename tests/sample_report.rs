//! The committed sample report is the one that today's program draws from its result, byte for
//! byte, and that result holds what the fixture gives. `UPDATE=1` writes both anew.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/sample").join(name)
}

fn heirloom(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heirloom"));
    // 23 November 2026, noon UTC.
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env("SOURCE_DATE_EPOCH", "1795435200");
    let run = command.output().expect("the tool can be started");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).expect("its output is text")
}

/// What must not depend on the last bits of a machine's scores and logarithms: counts, words and structure. Of the
/// counts at a hundred thresholds and in bins of scores, one may.
fn counts_and_words(value: &Value, every: bool) -> Value {
    match value {
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), counts_and_words(value, every || by_score(key)))).collect()
        }
        Value::Array(list) => list.iter().map(|value| counts_and_words(value, every)).collect(),
        Value::Number(number) if every || number.is_f64() => Value::String("a number".into()),
        other => other.clone(),
    }
}

fn by_score(part: &str) -> bool {
    ["sweep", "scores"].contains(&part)
}

fn read(path: &Path) -> Value {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}; UPDATE=1 makes it", path.display()));
    serde_json::from_str(&text).expect("a result is JSON")
}

#[test]
fn the_sample_report_is_fresh() {
    let update = std::env::var_os("UPDATE").is_some();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().to_str().expect("a temporary folder has a plain name");
    // With decisions at other thresholds, so that the sample shows every part of a report.
    let asked = ["audit", "fixtures/income/audit.toml", "--set", "stats.sweep=true"];
    heirloom(&[&asked[..], &["--quiet", "--engine", "embedded", "--out", out]].concat());
    if update {
        std::fs::create_dir_all(sample("")).expect("the folder can be made");
        for name in ["result.json", "report.html"] {
            std::fs::copy(folder.path().join(name), sample(name)).expect("the sample can be written");
        }
    }
    let (committed, fresh) = (read(&sample("result.json")), read(&folder.path().join("result.json")));
    assert!(
        counts_and_words(&committed, false) == counts_and_words(&fresh, false),
        "reports/sample is stale; UPDATE=1 makes it anew"
    );
    let drawn = heirloom(&["render", "reports/sample/result.json", "--format", "html"]);
    let report = std::fs::read_to_string(sample("report.html")).expect("the sample report is there");
    assert!(drawn == report, "reports/sample/report.html is stale; UPDATE=1 makes it anew");
}
