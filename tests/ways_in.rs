//! The first files that a user meets: presets filled with what models and data tell, schemas, completions, pages.

mod common;

use common::{at, heirloom, outcome, read};
use std::path::Path;

/// An audit file for the income fixture, from a preset, in a folder of its own.
fn init(folder: &Path, preset: &str, more: &[&str]) -> String {
    let income = at("fixtures/income");
    let file = |name: &str| income.join(name).display().to_string();
    let (base, tuned, data) = (file("base.onnx"), file("tuned.onnx"), file("eval.parquet"));
    let known = ["--base", &base, "--tuned", &tuned, "--data", &data, "--label", "income", "--groups", "sex,race"];
    let arguments = [&["init", "--preset", preset, "--out", "audits.toml"], &known[..], more].concat();
    assert_eq!(outcome(&heirloom(folder, &arguments)), (0, String::new()), "{preset}");
    std::fs::read_to_string(folder.join("audits.toml")).expect("init writes a file")
}

#[test]
fn every_preset_runs_on_models_and_data_that_init_was_given() {
    let list = heirloom(Path::new("."), &["init", "--list"]);
    let list = String::from_utf8(list.stdout).expect("it is text");
    let presets: Vec<&str> = list.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(presets, ["default", "hiring", "lending", "health", "ll144", "eu"]);
    for preset in presets {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = init(folder.path(), preset, &[]);
        assert!(text.contains("# Guessed: the label's values are `<=50K`, `>50K`.\npositive = \">50K\""), "{text}");
        assert!(text.contains("Columns that could be labels or groups: ") && text.contains("`race`"), "{text}");
        let run = heirloom(
            folder.path(),
            &["audit", "audits.toml", "--engine", "embedded", "--limit", "3000", "--out", "out"],
        );
        let (code, said) = outcome(&run);
        assert!([0, 1, 4].contains(&code), "{preset}: {said}");
        let result = read(&folder.path().join("out"));
        assert_eq!(result.data.used, 3000);
        let report = std::fs::read_to_string(folder.path().join("out/report.html")).expect("it writes a report");
        for annex in &result.annexes {
            assert!(report.contains(&format!("id=\"annex-{}\"", annex.id)), "{preset}: {}", annex.id);
        }
        assert_eq!(result.annexes.is_empty(), preset == "default");
    }
}

/// Nothing but the files: what the audit asks is guessed, said to be guessed, and runs.
#[test]
fn what_nobody_named_is_guessed_from_models_and_data() {
    for (files, data, said) in [
        ("fixtures/income", "eval.parquet", "label `income`; groups "),
        ("fixtures/planted", "eval.csv", "label `label`; groups `group`"),
        ("fixtures/comments", "eval.parquet", "label `label`; groups `identity`"),
        ("fixtures/shapes", "eval.parquet", "label `side`; groups `shape`"),
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = |name: &str| at(files).join(name).display().to_string();
        let tuned = if files.ends_with("planted") { "inherit.onnx" } else { "tuned.onnx" };
        let arguments = ["init", "--base", &file("base.onnx"), "--tuned", &file(tuned), "--data", &file(data)];
        let run = heirloom(folder.path(), &arguments);
        let printed = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(printed.contains(said) && printed.contains("Look it through"), "{printed}");
        let text = std::fs::read_to_string(folder.path().join("audit.toml")).expect("init writes a file");
        assert!(text.lines().any(|line| line.starts_with("label = ") && line.ends_with("# guessed")), "{text}");
        let (code, said) =
            outcome(&heirloom(folder.path(), &["audit", "audit.toml", "--engine", "embedded", "--limit", "500"]));
        assert!([0, 1, 4].contains(&code), "{said}");
    }
}

#[test]
fn a_label_of_many_numbers_is_a_regressions() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let rows: String =
        (0..400).map(|row| format!("{},{}.5,{}.25,{row}.5\n", ["f", "m"][row % 2], row, row + 1)).collect();
    std::fs::write(folder.path().join("d.csv"), format!("sex,b,t,target\n{rows}")).expect("the folder is ours");
    let run = heirloom(folder.path(), &["init", "--base-scores", "b", "--tuned-scores", "t", "--data", "d.csv"]);
    let printed = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(printed.contains("label `target`; groups `sex`; task `regression`. Look it through"), "{printed}");
    let text = std::fs::read_to_string(folder.path().join("audit.toml")).expect("init writes a file");
    assert!(text.contains("\nsmallest_gap = 10    # guessed"), "{text}");
    let (code, said) = outcome(&heirloom(folder.path(), &["audit", "audit.toml"]));
    assert!([0, 1, 4].contains(&code), "{said}");
}

#[test]
fn a_group_or_preset_that_is_not_there_is_told_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = at("fixtures/income/eval.parquet").display().to_string();
    for (arguments, words) in [
        (vec!["init", "--preset", "hirring"], "did you mean `hiring`?"),
        (vec!["init", "--data", &data, "--groups", "sexx"], "the data has no column `sexx`"),
        (vec!["init", "--scores", "s"], "compares two models"),
    ] {
        let (code, said) = outcome(&heirloom(folder.path(), &arguments));
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(words), "{said}");
        assert!(!folder.path().join("audit.toml").exists());
    }
}

#[test]
fn small_categories_are_never_shown_by_local_law_144_without_a_word_for_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = init(folder.path(), "hiring", &[]);
    let without = text.replace("[annex.ll144]\n", "[annex.ll144]\ntool = \"a\"\n").replace("\nmin_cell = 0\n", "\n");
    std::fs::write(folder.path().join("audits.toml"), without).expect("the folder is ours");
    let (code, said) = outcome(&heirloom(folder.path(), &["audit", "audits.toml", "--check-only"]));
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("groups of fewer than 10 people") && said.contains("[annex.ll144] min_cell = 0"), "{said}");
}

#[test]
fn schemas_are_those_that_are_committed() {
    for name in ["audit", "result"] {
        let printed = heirloom(Path::new("."), &["schema", name]).stdout;
        assert!(printed == std::fs::read(at(&format!("schema/{name}.json"))).expect("it is committed"), "{name}");
    }
}

#[test]
fn completions_and_pages_know_every_verb() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = String::from_utf8(heirloom(Path::new("."), &["completions", shell]).stdout).expect("it is text");
        assert!(["audit", "gate", "preset"].iter().all(|word| script.contains(word)), "{shell}");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert_eq!(outcome(&heirloom(folder.path(), &["man", "--out", "pages"])), (0, String::new()));
    let page = |name: &str| std::fs::read_to_string(folder.path().join("pages").join(name)).expect(name);
    assert!(page("heirloom.1").contains("Exit codes") && page("heirloom-audit.1").contains("min"));
    assert!(page("heirloom-engine-install.1").contains("SHA"));
    let printed = String::from_utf8(heirloom(folder.path(), &["man"]).stdout).expect("it is text");
    assert_eq!(printed, page("heirloom.1"));
}
