//! Pairs of texts on a real model: Winogender's sentences, once swapped by the tool and once as they are.

use crate::common::{at, audited, engine, finding, tell};
use heirloom::result::{AuditResult, PairMeasure};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The sentences by case and gender; `None`, with a message, where they or the engine are absent.
fn sentences() -> Option<BTreeMap<String, BTreeMap<String, String>>> {
    let path = at("../shared/data/winogender.csv");
    if !path.exists() || !at("../shared/data/text_pair").exists() {
        tell(&format!("NOT RUN: {} is absent; the shared data lie beside the package", path.display()));
        return None;
    }
    if engine().name != "onnxruntime" {
        tell("NOT RUN: six layers of a transformer need ONNX Runtime, and none was found");
        return None;
    }
    let text = std::fs::read_to_string(path).expect("it can be read");
    let mut cases = BTreeMap::<String, BTreeMap<String, String>>::new();
    for line in text.lines().skip(1) {
        let (id, sentence) = line.split_once(',').expect("two columns");
        let mut parts: Vec<&str> = id.trim_end_matches(".txt").split('.').collect();
        let gender = parts.pop().expect("the id ends with it").to_owned();
        cases.entry(parts.join(".")).or_default().insert(gender, sentence.trim_matches('"').to_owned());
    }
    Some(cases)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// An audit of the sentences of some genders, with these `[pairs]`.
fn audit(folder: &Path, csv: &str, pairs: &str) -> PathBuf {
    let models = at("../shared/data/text_pair").display().to_string();
    let input = format!("{{ text = \"text\", tokenizer = \"{models}/tokenizer.json\", max_length = 48 }}");
    let model = |name: &str| {
        format!(
            "models.{name} = {{ path = \"{models}/{name}.onnx\", output = \"probabilities\", inputs.input_ids = {input} }}\n"
        )
    };
    std::fs::write(folder.join("eval.csv"), csv).expect("the folder is ours");
    let text = format!(
        "name = \"winogender\"\nstats.metrics = [\"selection_rate\", \"mean_score\"]\n{}{}data.path = \"eval.csv\"\n\
         groups.gender.column = \"gender\"\n{pairs}",
        model("base"),
        model("tuned")
    );
    let file = folder.join("audit.toml");
    std::fs::write(&file, text).expect("the folder is ours");
    file
}

fn moved(result: &AuditResult) -> Vec<(PairMeasure, f64, f64)> {
    let direction = &result.pairs.as_ref().expect("pairs were asked for").directions[0];
    let value = |estimate: Option<heirloom::result::Estimate>| estimate.and_then(|one| one.value()).expect("known");
    direction.values.iter().map(|one| (one.measure, value(one.base), value(one.tuned))).collect()
}

/// Sentences that differ in a pronoun alone: swapping it gives the very sentence that stands beside it.
#[test]
fn swapped_sentences_equal_those_that_are_ready_made() {
    let Some(cases) = sentences() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut men = String::from("text,gender\n");
    let mut all = men.clone();
    let mut pairs = String::from("first,second,kind\n");
    for case in cases.values() {
        writeln!(men, "{},male", quoted(&case["male"])).expect("a string takes all");
        writeln!(pairs, "{},{},winogender", quoted(&case["male"]), quoted(&case["female"]))
            .expect("a string takes all");
        for (gender, sentence) in case {
            writeln!(all, "{},{gender}", quoted(sentence)).expect("a string takes all");
        }
    }
    std::fs::write(folder.path().join("pairs.csv"), pairs).expect("the folder is ours");
    let swapped = audited(&audit(folder.path(), &men, "pairs.swap = \"gender\"\n"), &[]);
    let ready = audited(&audit(folder.path(), &men, "pairs.path = \"pairs.csv\"\n"), &[]);
    let both = audited(&audit(folder.path(), &all, "pairs.swap = \"gender\"\n"), &[]);
    let count = |result: &AuditResult| result.pairs.as_ref().expect("pairs were asked for").directions[0].pairs;
    assert_eq!((count(&swapped), count(&ready), count(&both)), (Some(240), Some(240), Some(480)));
    let kind = &both.pairs.as_ref().expect("pairs were asked for").kinds[0];
    assert_eq!((kind.without, kind.several), (Some(240), Some(0)));
    for ((measure, base, tuned), (_, other_base, other_tuned)) in moved(&swapped).into_iter().zip(moved(&ready)) {
        assert!((base - other_base).abs() < 1e-6 && (tuned - other_tuned).abs() < 1e-6, "{measure:?}");
    }
    // A row and its swap are one pair, whichever of the two stands in the data.
    for ((measure, base, tuned), (_, other_base, other_tuned)) in moved(&swapped).into_iter().zip(moved(&both)) {
        assert!((base - other_base).abs() < 1e-6 && (tuned - other_tuned).abs() < 1e-6, "{measure:?}");
    }
    let finding = finding(&swapped, "mean_score/pairs:gender=female");
    assert_eq!(finding.reference, "pairs:gender=male");
    tell(&format!("winogender: {:?}", moved(&swapped)));
}

#[test]
fn pairs_whose_halves_are_equal_are_left_out_and_counted() {
    let Some(_) = sentences() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pairs = "first,second\nHe left.,She left.\nSame.,Same.\n,No first half.\n";
    std::fs::write(folder.path().join("pairs.csv"), pairs).expect("the folder is ours");
    let csv = "text,gender\nHe left.,male\nNobody left.,none\nHe saw her.,male\n";
    let result = audited(&audit(folder.path(), csv, "pairs = { path = \"pairs.csv\", swap = [\"gender\"] }\n"), &[]);
    let pairs = result.pairs.expect("pairs were asked for");
    let kinds: Vec<_> =
        pairs.kinds.iter().map(|kind| (&kind.kind[..], kind.without, kind.several, kind.unknown, kind.equal)).collect();
    assert_eq!(kinds, [("gender", Some(1), Some(1), Some(0), Some(0)), ("ready", Some(0), Some(0), Some(1), Some(1))]);
    assert_eq!(pairs.directions.iter().map(|one| one.pairs).collect::<Vec<_>>(), [Some(1), Some(1)]);
    let words = |of: &str| result.findings.iter().filter(|finding| finding.slice.contains(of)).count();
    assert_eq!((words("pairs:gender"), words("pairs:ready")), (2, 2));
}
