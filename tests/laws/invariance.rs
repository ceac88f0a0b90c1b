//! What may not change a result, and what must turn it round.

use crate::common::{at, audited, finding, gathered, heirloom, outcome};
use heirloom::audit::{Dossier, conclude};
use heirloom::result::{AuditResult, Subject, Verdict};
use polars::prelude::{DataFrame, IdxCa, ParquetReader, ParquetWriter, SerReader};
use std::fs::File;
use std::path::Path;

const INCOME: &str = "fixtures/income/audit.toml";

fn model(side: &str, file: &str) -> String {
    format!("models.{side}.path={}", at("fixtures/income").join(file).display())
}

#[test]
fn the_same_model_on_both_sides_changes_nothing() {
    let result = audited(&at(INCOME), &[&model("base", "tuned.onnx")]);
    use Verdict::{Amplified, Attenuated, Eliminated, Improved, Introduced, Worsened};
    for finding in &result.findings {
        assert!(finding.change.is_none_or(|change| change.value == 0.0), "{finding:?}");
        assert!(finding.change.is_none_or(|change| change.low <= 0.0 && change.high >= 0.0), "{finding:?}");
        let changed = [Amplified, Attenuated, Eliminated, Improved, Introduced, Worsened].contains(&finding.verdict);
        assert!(!changed, "{finding:?}");
    }
    let values = result.values.iter().filter(|value| value.model == Subject::Change);
    assert!(values.clone().count() > 0 && values.clone().all(|v| v.estimate.value().is_none_or(|x| x == 0.0)));
    let still = |kind: &str| if kind == "ratio" { 1.0 } else { 0.0 };
    let mut aggregates = result.aggregates.iter().filter(|aggregate| aggregate.model == Subject::Change);
    assert!(aggregates.all(|a| a.estimate.value().is_none_or(|x| x == still(&a.aggregate))));
    let flips = ["churn", "adverse_flip_rate", "favorable_flip_rate", "negative_flip_rate", "positive_flip_rate"];
    let mut flips = result.values.iter().filter(|value| flips.contains(&value.metric.as_str()));
    assert!(flips.all(|value| value.estimate.value() == Some(0.0)));
}

#[test]
fn swapping_the_models_turns_every_change_round() {
    let one = audited(&at(INCOME), &[]);
    let other = audited(&at(INCOME), &[&model("base", "tuned.onnx"), &model("tuned", "base.onnx")]);
    assert_eq!(one.findings.len(), other.findings.len());
    for found in &one.findings {
        let turned = finding(&other, &found.id);
        assert_eq!((found.base, found.tuned), (turned.tuned, turned.base), "{}", found.id);
        let ends = |f: &heirloom::result::Finding| f.change.map(|change| (change.value, change.low, change.high));
        let negated = ends(turned).map(|(value, low, high)| (-value, -high, -low));
        assert_eq!(ends(found), negated, "{}", found.id);
    }
    for (a, b) in one.values.iter().zip(&other.values).filter(|(a, _)| a.model == Subject::Change) {
        assert_eq!((&a.metric, &a.slice), (&b.metric, &b.slice));
        let sum = a.estimate.value().unwrap_or(0.0) + b.estimate.value().unwrap_or(0.0);
        assert!(sum.abs() < 1e-12, "{} of {}: {sum}", a.metric, a.slice);
        let turned = b.estimate.interval().map(|span| (span.high.map(|x| -x), span.low.map(|x| -x)));
        let span = a.estimate.interval().map(|span| (span.low, span.high));
        // Sums of real scores run in the order of the base's, so that the last bit of an error may differ.
        let near = |a: Option<f64>, b: Option<f64>| a.zip(b).map_or(a == b, |(a, b)| (a - b).abs() < 1e-12);
        let same = span.zip(turned).map_or(span == turned, |(a, b)| near(a.0, b.0) && near(a.1, b.1));
        assert!(same, "{} of {}: {span:?}, {turned:?}", a.metric, a.slice);
    }
}

#[test]
fn threads_and_batch_sizes_change_no_byte() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let audit = at(INCOME);
    let bytes = |more: &[&str]| {
        let arguments = [&["audit", audit.to_str().expect("a plain path"), "--out", "out", "--quiet"], more].concat();
        let (code, text) = outcome(&heirloom(folder.path(), &arguments));
        assert_eq!(code, 0, "{text}");
        std::fs::read(folder.path().join("out/result.json")).expect("the audit wrote a result")
    };
    let first = bytes(&["--threads", "1"]);
    let ways: [&[&str]; 5] = [
        &["--threads", "2"],
        &["--threads", "3"],
        &["--threads", "1", "--batch-size", "1"],
        &["--threads", "2", "--batch-size", "5000"],
        &["--threads", "3", "--batch-size", "1000000"],
    ];
    for way in ways {
        assert!(bytes(way) == first, "{way:?} changed the result");
    }
}

/// The fixture's rows with both models' scores beside them.
fn scored(folder: &Path) -> DataFrame {
    let audit = at(INCOME);
    let audit = audit.to_str().expect("a plain path");
    let run = heirloom(folder, &["audit", audit, "--out", "out", "--quiet", "--save-scores", "scores.parquet"]);
    assert_eq!(outcome(&run).0, 0, "{}", outcome(&run).1);
    read(&folder.join("scores.parquet"))
}

fn read(path: &Path) -> DataFrame {
    ParquetReader::new(File::open(path).expect("the file is there")).finish().expect("it is Parquet")
}

fn write(frame: &DataFrame, path: &Path) {
    ParquetWriter::new(File::create(path).expect("the folder is ours"))
        .finish(&mut frame.clone())
        .expect("it can be written");
}

/// An audit of score columns, with the settings of the fixture's own.
fn audit_of(folder: &Path, name: &str, data: &[&str], threshold: &str) -> std::path::PathBuf {
    let text = std::fs::read_to_string(at(INCOME)).expect("the fixture is committed");
    let (_, settings) = text.split_once("[data]").expect("its models come first");
    let settings = settings.replace("path = \"eval.parquet\"", &format!("path = {data:?}"));
    let side = |side: &str| format!("[models.{side}]\nscores = \"{side}_score\"\nthreshold = {threshold}\n");
    let path = folder.join(name);
    std::fs::write(&path, format!("{}{}[data]{settings}", side("base"), side("tuned"))).expect("the folder is ours");
    path
}

fn assert_same(a: &AuditResult, b: &AuditResult) {
    assert_eq!(a.findings, b.findings);
    assert_eq!(a.values, b.values);
    assert_eq!(a.aggregates, b.aggregates);
    assert_eq!(a.data, b.data);
    // Each check names the file it stands in, and nothing else of it differs.
    let outcomes = |result: &AuditResult| {
        let checks =
            result.checks.iter().map(|check| (check.id.clone(), check.slice.clone(), check.outcome, check.value));
        checks.collect::<Vec<_>>()
    };
    assert_eq!(outcomes(a), outcomes(b));
    assert_eq!(a.gate, b.gate);
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let frame = scored(folder.path());
    // 7919 is a prime and no divisor of the row count, so every row comes once.
    let rows = frame.height() as u32;
    let order: Vec<u32> = (0..rows).map(|row| (u64::from(row) * 7919 % u64::from(rows)) as u32).collect();
    let shuffled = frame.take(&IdxCa::from_vec("order".into(), order)).expect("every index is a row");
    write(&frame, &folder.path().join("plain.parquet"));
    write(&shuffled, &folder.path().join("shuffled.parquet"));
    for threshold in ["0.5", "\"prevalence\""] {
        let run = |data: &str| audited(&audit_of(folder.path(), "audit.toml", &[data], threshold), &[]);
        let [one, other] = [run("plain.parquet"), run("shuffled.parquet")];
        assert_same(&one, &other);
        assert_eq!(one.method, other.method);
    }
}

#[test]
fn stored_scores_audit_like_the_models_that_gave_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(&scored(folder.path()), &folder.path().join("plain.parquet"));
    let read = audited(&audit_of(folder.path(), "audit.toml", &["plain.parquet"], "0.5"), &[]);
    let ran = audited(&at(INCOME), &[]);
    assert_eq!((&ran.findings, &ran.values, &ran.aggregates), (&read.findings, &read.values, &read.aggregates));
}

#[test]
fn halves_merge_to_the_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let frame = scored(folder.path());
    // Sorted by race first, so that the halves do not even know the same groups.
    let frame = frame.sort(["race"], Default::default()).expect("race is a column");
    let cut = (frame.height() / 3) as i64;
    write(&frame.slice(0, cut as usize), &folder.path().join("a.parquet"));
    write(&frame.slice(cut, frame.height()), &folder.path().join("b.parquet"));
    for threshold in ["0.5", "\"prevalence\""] {
        let whole = gathered(&audit_of(folder.path(), "audit.toml", &["a.parquet", "b.parquet"], threshold), &[]);
        for (name, data) in [("a", "a.parquet"), ("b", "b.parquet")] {
            audit_of(folder.path(), "audit.toml", &[data], threshold);
            let evidence = format!("{name}.json");
            let run =
                heirloom(folder.path(), &["audit", "audit.toml", "--out", name, "--quiet", "--evidence", &evidence]);
            assert!([0, 1, 4].contains(&outcome(&run).0), "{}", outcome(&run).1);
        }
        for files in [["a.json", "b.json"], ["b.json", "a.json"]] {
            let run = heirloom(folder.path(), &["merge", files[0], files[1], "--out", "both.json"]);
            assert_eq!(outcome(&run).0, 0, "{}", outcome(&run).1);
            let merged = std::fs::read_to_string(folder.path().join("both.json")).expect("merge wrote it");
            let merged = Dossier::from_json(&merged).expect("merge wrote evidence");
            let [merged, whole] = [&merged, &whole].map(|dossier| conclude(dossier).expect("its checks match"));
            assert_same(&merged, &whole);
            assert_eq!(merged.method, whole.method);
        }
    }
}

#[test]
fn a_slice_is_the_sum_of_its_parts() {
    let result = audited(&at(INCOME), &[]);
    let changes = |inside: &dyn Fn(&str) -> bool, metric: &str| {
        let values =
            result.values.iter().filter(|v| v.metric == metric && v.model == Subject::Change && inside(&v.slice));
        let counts = values.filter_map(|value| value.basis.as_ref()?.counts());
        counts.map(|basis| basis.cells()).fold([0; 4], |sum, cells| std::array::from_fn(|i| sum[i] + cells[i]))
    };
    for metric in ["selection_rate", "true_positive_rate", "false_positive_rate", "accuracy"] {
        let all = changes(&|slice| slice == "all", metric);
        for attribute in ["sex=", "race=", "age="] {
            assert_eq!(changes(&|slice| slice.starts_with(attribute) && !slice.contains('&'), metric), all);
        }
        for sex in ["sex=Female", "sex=Male"] {
            let parts = changes(&|slice| slice.starts_with(&format!("{sex} & ")), metric);
            assert_eq!(parts, changes(&|slice| slice == sex, metric), "{metric} of {sex}");
        }
    }
}
