//! A probe of several classes, leakage of groups that overlap, and what two models that are one have in common.

use crate::common::{heirloom, outcome, read};
use crate::onnx::Small;
use heirloom::result::{AuditResult, Estimate, GroupLeak, Subject};
use heirloom::stats::Draws;
use std::path::Path;
use tempfile::TempDir;

const ROWS: usize = 1500;

const CLASSES: &str = r#"name = "classes"
[models.base]
path = "base.onnx"
embedding = "probabilities"
probe = true
inputs.features = { prefix = "x" }
[models.tuned]
decisions = "said"
[data]
path = "eval.csv"
task = "multiclass"
label = "y"
[groups.group]
column = "group"
"#;

const OVERLAP: &str = r#"name = "overlap"
[models.base]
path = "base.onnx"
embedding = "probabilities"
output = "probabilities"
classes = ["up", "left", "down"]
inputs.features = { prefix = "x" }
[models.tuned]
path = "base.onnx"
embedding = "probabilities"
output = "probabilities"
classes = ["up", "left", "down"]
inputs.features = { prefix = "x" }
[data]
path = "eval.csv"
task = "multiclass"
label = "y"
[groups.named]
column = "text"
terms = "terms.toml"
[groups.group]
column = "group"
"#;

fn uniform(draws: &mut Draws) -> f64 {
    draws.below(1 << 30) as f64 / f64::from(1 << 30)
}

/// Rows of three classes, of which the first two features tell; the third tells whether the text names red.
fn folder(order: impl Fn(&mut Vec<String>)) -> TempDir {
    let mut draws = Draws::new(11, "classes");
    let mut rows: Vec<String> = (0..ROWS)
        .map(|_| {
            let [a, b, c, luck] = [0; 4].map(|_| uniform(&mut draws) - 0.5);
            let class = |noise: f64| match () {
                () if a + noise * luck > 0.15 => "up",
                () if b - noise * luck > 0.1 => "left",
                () => "down",
            };
            let text = match (c > 0.2, b > 0.0) {
                (true, true) => "red and blue",
                (true, false) => "red",
                (false, true) => "blue",
                (false, false) => "plain",
            };
            let group = if a > 0.0 { "S" } else { "R" };
            let weight = if luck > 0.0 { 2 } else { 1 };
            format!("{a:.5},{b:.5},{c:.5},{text},{group},{},{},{weight}\n", class(0.3), class(0.5))
        })
        .collect();
    order(&mut rows);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let width = vec![None, Some(3)];
    let base = Small { input: width.clone(), output: width, ..Small::of(&["Identity"]) };
    std::fs::write(folder.path().join("base.onnx"), base.bytes()).expect("the folder is ours");
    let text = format!("x0,x1,x2,text,group,y,said,w\n{}", rows.concat());
    std::fs::write(folder.path().join("eval.csv"), text).expect("the folder is ours");
    let terms = "[terms]\nred = ['red']\nblue = ['blue']\nnobody = ['nobody']\n";
    std::fs::write(folder.path().join("terms.toml"), terms).expect("the folder is ours");
    folder
}

fn audit(folder: &Path, text: &str, more: &[&str]) -> AuditResult {
    std::fs::write(folder.join("audit.toml"), text).expect("the folder is ours");
    let formats = "html,terminal,markdown,context";
    let arguments = ["audit", "audit.toml", "--out", "out", "--quiet", "--format", formats];
    let (code, text) = outcome(&heirloom(folder, &[&arguments, more].concat()));
    assert_eq!(code, 0, "{text}");
    read(&folder.join("out"))
}

fn accuracy(result: &AuditResult, of: Subject) -> f64 {
    crate::common::value(result, "accuracy", "all", of).estimate.value().expect("it is known")
}

#[test]
fn a_probe_tells_several_classes_apart() {
    let folder = folder(|_| {});
    let result = audit(folder.path(), CLASSES, &[]);
    let [probe] = &result.representations.as_ref().expect("an embedding is read").probes[..] else { panic!() };
    assert_eq!((probe.rows, probe.inverse_penalty.len(), probe.auc.len()), (ROWS as u64, 5, 5));
    assert!(probe.auc.iter().all(|area| (0.85..0.99).contains(area)), "{:?}", probe.auc);
    let (base, tuned) = (accuracy(&result, Subject::Base), accuracy(&result, Subject::Tuned));
    assert!(base > 0.75 && tuned > 0.75, "{base} {tuned}");
    // What each class is held against, and the gaps of the base, are there as of any model.
    let classes: Vec<&str> = result.findings.iter().filter_map(|one| one.class.as_deref()).collect();
    assert!(["up", "left", "down", "macro"].iter().all(|class| classes.contains(class)), "{classes:?}");
    assert!(result.findings.iter().any(|one| one.base.is_some() && one.inherited_share.is_some()));
    assert!(result.notices.iter().any(|notice| notice.contains("the mean AUC of each class against the rest")));
    let summary = std::fs::read_to_string(folder.path().join("out/summary.md")).expect("it is written");
    assert!(summary.contains("base-as-probe gap"), "{summary}");
}

/// Where the label stands among the classes is known of a probe too.
#[test]
fn a_probe_ranks_the_classes() {
    let folder = folder(|_| {});
    let text = CLASSES.replace("[groups", "[stats]\nmetrics = [\"top_k_accuracy\"]\ntop_k = 2\n[groups");
    let result = audit(folder.path(), &text, &[]);
    let best = crate::common::value(&result, "top_k_accuracy", "all", Subject::Base).estimate;
    assert!(best.value().is_some_and(|best| best > 0.9 && best <= 1.0), "{best:?}");
}

#[test]
fn neither_threads_nor_the_order_of_rows_move_a_probe_of_classes() {
    let (forth, back) = (folder(|_| {}), folder(|rows| rows.reverse()));
    let one = audit(forth.path(), CLASSES, &["--threads", "1"]);
    let bytes = std::fs::read(forth.path().join("out/result.json")).expect("it is written");
    audit(forth.path(), CLASSES, &["--threads", "3"]);
    assert!(bytes == std::fs::read(forth.path().join("out/result.json")).expect("it is written"));
    let other = audit(back.path(), CLASSES, &[]);
    assert_eq!((one.findings, one.representations), (other.findings, other.representations));
}

#[test]
fn weights_move_what_a_probe_learns() {
    let folder = folder(|_| {});
    let plain = audit(folder.path(), CLASSES, &[]);
    let weighed = audit(folder.path(), &CLASSES.replace("label = \"y\"", "label = \"y\"\nweight = \"w\""), &[]);
    let of = |result: &AuditResult| result.representations.as_ref().map(|found| found.probes[0].auc.clone());
    assert!(of(&plain) != of(&weighed));
    assert!(weighed.notices.iter().any(|notice| notice.contains("learns from rows by their weight")));
}

fn leaks<'a>(result: &'a AuditResult, attribute: &str) -> &'a [GroupLeak] {
    let found = result.representations.as_ref().expect("embeddings are read");
    &found.leakage.iter().find(|one| one.attribute == attribute).expect("it is measured").groups
}

#[test]
fn groups_that_overlap_leak_one_by_one() {
    let folder = folder(|_| {});
    let result = audit(folder.path(), OVERLAP, &[]);
    let slices: Vec<&str> = leaks(&result, "named").iter().map(|one| one.slice.as_str()).collect();
    assert_eq!(slices, ["named=blue", "named=red"]);
    let area = |leak: &GroupLeak| leak.base.as_ref().and_then(Estimate::value).expect("it is known");
    let all: Vec<f64> = leaks(&result, "named").iter().map(area).collect();
    assert!(all.iter().all(|area| *area > 0.99), "a feature tells each: {all:?}");
    let csv = std::fs::read_to_string(folder.path().join("out/context.csv")).expect("it is written");
    assert!(csv.contains("leakage,auc,named=red,base,"), "{csv}");
}

#[test]
fn one_model_on_both_sides_changes_by_nothing_at_all() {
    let folder = folder(|_| {});
    let result = audit(folder.path(), OVERLAP, &[]);
    for leak in ["named", "group"].into_iter().flat_map(|attribute| leaks(&result, attribute)) {
        let nothing =
            |change: &Estimate| matches!(change, Estimate::Known { value: 0.0, low: Some(0.0), high: Some(0.0), .. });
        assert!(leak.change.as_ref().is_some_and(nothing), "{leak:?}");
    }
}
