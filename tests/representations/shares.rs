//! Descendants whose decisions are known: built on the base's embedding, independent of it, and half of each.

use crate::common::{heirloom, outcome, read};
use crate::onnx::Small;
use heirloom::result::{AuditResult, Finding};
use heirloom::stats::Draws;
use std::path::Path;
use tempfile::TempDir;

const ROWS: usize = 4000;

const AUDIT: &str = r#"name = "NAME"
[models.base]
path = "base.onnx"
embedding = "probabilities"
probe = true
inputs.features = { prefix = "x" }
[models.tuned]
decisions = "NAME"
[data]
path = "eval.csv"
label = "y"
positive = 1
[groups.group]
column = "group"
[stats]
metrics = ["selection_rate"]
"#;

/// About normal: the sum of twelve uniform numbers less 6.
fn normal(draws: &mut Draws) -> f64 {
    (0..12).map(|_| uniform(draws)).sum::<f64>() - 6.0
}

fn uniform(draws: &mut Draws) -> f64 {
    draws.below(1 << 30) as f64 / f64::from(1 << 30)
}

/// A folder with a base that hands its four features on as its embedding. The first feature tells the label, and
/// the label tells the group.
fn folder(order: impl Fn(&mut Vec<String>)) -> TempDir {
    let mut draws = Draws::new(7, "shares");
    let mut rows = Vec::new();
    for row in 0..ROWS {
        let inside = row % 5 < 2;
        let merit = normal(&mut draws) - if inside { 0.5 } else { 0.0 };
        let features = [merit + 0.3 * normal(&mut draws), normal(&mut draws), normal(&mut draws), normal(&mut draws)];
        let label = merit + 0.5 * normal(&mut draws) > 0.3;
        let built = features[0] + 0.25 * normal(&mut draws) > 0.3;
        // The rates of the built one in either group.
        let independent = uniform(&mut draws) < if inside { 0.23 } else { 0.39 };
        let half = if uniform(&mut draws) < 0.5 { built } else { independent };
        let [built, independent, half, label] = [built, independent, half, label].map(u8::from);
        let features = features.map(|x| format!("{x:.6}")).join(",");
        let group = if inside { "S" } else { "R" };
        rows.push(format!("{features},{group},{label},{built},{independent},{half}\n"));
    }
    order(&mut rows);
    let mut text = String::from("x0,x1,x2,x3,group,y,built,independent,half\n");
    rows.iter().for_each(|row| text.push_str(row));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let base = Small { input: vec![None, Some(4)], output: vec![None, Some(4)], ..Small::of(&["Identity"]) };
    std::fs::write(folder.path().join("base.onnx"), base.bytes()).expect("the folder is ours");
    std::fs::write(folder.path().join("eval.csv"), text).expect("the folder is ours");
    folder
}

/// The result of one descendant, with the outputs that were written beside it.
fn audit(folder: &Path, name: &str, more: &[&str]) -> AuditResult {
    std::fs::write(folder.join("audit.toml"), AUDIT.replace("NAME", name)).expect("the folder is ours");
    let arguments = ["audit", "audit.toml", "--out", "out", "--quiet", "--format", "html,terminal,markdown"];
    let (code, text) = outcome(&heirloom(folder, &[&arguments, more].concat()));
    assert_eq!(code, 0, "{text}");
    read(&folder.join("out"))
}

fn only(result: &AuditResult) -> &Finding {
    let [finding] = &result.findings[..] else { panic!("{:?}", result.findings) };
    finding
}

fn share(result: &AuditResult) -> f64 {
    only(result).inherited_share.expect("the gap surely counts").value
}

/// statistics.md 3.5: .83, .42 and .03 in its example.
#[test]
fn what_is_built_on_the_base_inherits_more_than_half_of_it_and_that_more_than_what_is_not() {
    let folder = folder(|_| {});
    let [built, half, independent] =
        ["built", "half", "independent"].map(|name| share(&audit(folder.path(), name, &[])));
    assert!(built > 0.6 && independent < 0.2, "{built}, {independent}");
    assert!(built > half + 0.15 && half > independent + 0.15, "{built}, {half}, {independent}");
}

#[test]
fn a_probe_is_named_wherever_the_base_is() {
    let folder = folder(|_| {});
    let result = audit(folder.path(), "built", &[]);
    let found = result.representations.as_ref().expect("an embedding is read");
    let [probe] = &found.probes[..] else { panic!("{:?}", found.probes) };
    assert_eq!((probe.model.as_str(), probe.rows, probe.folds, probe.auc.len()), ("base", ROWS as u64, 5, 5));
    let [low, high] = probe.range();
    assert!(0.85 < low && low < high && high < low + 0.01, "{:?}", probe.auc);
    // As many are selected as have the label.
    let positives = result.data.positives.expect("there are labels") as f64;
    let selected = crate::common::value(&result, "selection_rate", "all", heirloom::result::Subject::Base);
    let selected = selected.estimate.value().expect("it is known") * ROWS as f64;
    assert!((selected - positives).abs() <= 1.0, "{selected} of {positives}");
    assert!(result.notices.iter().any(|notice| notice.contains("lower bound of what the base encodes")));
    let written = |name: &str| std::fs::read_to_string(folder.path().join("out").join(name)).expect("it is written");
    let html = written("report.html");
    for words in ["Base-as-probe model", "base, as probe", "The base is judged as probe", "Base-as-probe gap"] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains(">Base gap<"));
    assert!(written("report.txt").contains("base-as-probe") && written("summary.md").contains("base-as-probe gap"));
}

#[test]
fn neither_threads_nor_the_order_of_rows_move_a_probe() {
    let (forth, back) = (folder(|_| {}), folder(|rows| rows.reverse()));
    let bytes = |more: &[&str]| {
        audit(forth.path(), "built", more);
        std::fs::read(forth.path().join("out/result.json")).expect("it is written")
    };
    let first = bytes(&["--threads", "1"]);
    for way in [&["--threads", "3"][..], &["--threads", "2", "--batch-size", "1"]] {
        assert!(bytes(way) == first, "{way:?} changed the result");
    }
    let (one, other) = (audit(forth.path(), "built", &[]), audit(back.path(), "built", &[]));
    assert_eq!((one.findings, one.representations), (other.findings, other.representations));
}

#[test]
fn saved_scores_are_the_probes_and_evidence_of_two_probes_does_not_merge() {
    let folder = folder(|_| {});
    let kept = ["--save-scores", "scores.parquet", "--evidence", "one.json"];
    let result = audit(folder.path(), "built", &kept);
    let read = "[models.base]\nscores = \"base_score\"\nthreshold = \"prevalence\"\n[models.tuned]\nscores = \"tuned_score\"\n";
    let rest = AUDIT.split_once("[data]").expect("the models come first").1;
    let text = format!("{read}[data]{}", rest.replace("eval.csv", "scores.parquet"));
    std::fs::write(folder.path().join("again.toml"), text).expect("the folder is ours");
    let (code, said) = outcome(&heirloom(folder.path(), &["audit", "again.toml", "--out", "again", "--quiet"]));
    assert_eq!(code, 0, "{said}");
    assert_eq!(crate::common::read(&folder.path().join("again")).findings, result.findings);
    let merge = ["merge", "one.json", "one.json", "--out", "both.json"];
    let (code, said) = outcome(&heirloom(folder.path(), &merge));
    assert!(code == 3 && said.contains("gather all data in one run"), "{code}: {said}");
    let (code, said) = outcome(&heirloom(folder.path(), &["render", "one.json", "--format", "terminal"]));
    assert_eq!(code, 0, "{said}");
}
