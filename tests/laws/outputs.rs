//! What an audit writes beside its result, and what it tells GitHub Actions.

use crate::small::{PLAIN, Small};
use std::collections::BTreeSet;
use std::process::{Command, Output};

const CHECK: &str = "[[check]]\nid = \"gap\"\nmetric = \"selection_rate\"\nof = \"gap\"\non = \"tuned\"\nmax_abs = 0.1\nslices = [\"group\"]\n";

fn files(small: &Small) -> BTreeSet<String> {
    let entries = std::fs::read_dir(small.path().join("out")).expect("the folder was written");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

fn heirloom(small: &Small, arguments: &[&str]) -> Output {
    crate::common::heirloom(small.path(), arguments)
}

/// The audit as a step of GitHub Actions.
fn step(small: &Small, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heirloom"));
    command.current_dir(small.path()).args(["audit", "./audit.toml", "--out", "out", "--quiet"]).args(more);
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", small.path().join("summary"));
    command.output().expect("the binary starts")
}

#[test]
fn every_format_asked_for_is_a_file_that_render_draws_the_same() {
    let small = Small::new(&PLAIN, CHECK);
    let formats = heirloom::render::FORMATS;
    let ids: Vec<&str> = formats.iter().map(|format| format.id).collect();
    // Asked twice is asked once.
    let asked = format!("{0},{0}", ids.join(","));
    let ran = heirloom(&small, &["audit", "audit.toml", "--out", "out", "--quiet", "--format", &asked]);
    assert_eq!(ran.status.code(), Some(1), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(ran.stdout.is_empty(), "nothing is said outside of GitHub Actions");
    let beside = ["audit.toml", "manifest.json", "runs.jsonl"].map(String::from);
    assert_eq!(files(&small), formats.iter().map(|format| format.file.to_string()).chain(beside).collect());
    for format in formats {
        let drawn = heirloom(&small, &["render", "out/result.json", "--format", format.id, "--out", "again"]);
        assert!(drawn.status.success(), "{}", format.id);
        let read = |name: &str| std::fs::read(small.path().join(name)).expect("it was written");
        assert!(read("again") == read(&format!("out/{}", format.file)), "{}", format.id);
    }
}

#[test]
fn without_formats_there_is_the_report_and_the_result() {
    let small = Small::new(&PLAIN, "");
    small.run();
    let names = ["audit.toml", "manifest.json", "report.html", "result.json", "runs.jsonl"];
    assert_eq!(files(&small).into_iter().collect::<Vec<_>>(), names);
}

#[test]
fn an_unknown_format_is_named_before_anything_is_read() {
    let small = Small::new(&PLAIN, "");
    let ran = heirloom(&small, &["audit", "audit.toml", "--out", "out", "--format", "junti"]);
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.code() == Some(2) && told.contains("junti") && told.contains("junit"), "{told}");
    assert!(!small.path().join("out").exists());
}

#[test]
fn a_step_of_github_actions_gets_annotations_and_a_summary() {
    let small = Small::new(&PLAIN, CHECK);
    std::fs::write(small.path().join("summary"), "before\n").expect("the folder is ours");
    let ran = step(&small, &[]);
    assert_eq!(ran.status.code(), Some(1));
    let told = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(told.starts_with("::error file=audit.toml,line="), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    let summary = std::fs::read_to_string(small.path().join("summary")).expect("it is there");
    let result = heirloom(&small, &["render", "out/result.json", "--format", "markdown"]);
    assert_eq!(summary, format!("before\n{}", String::from_utf8_lossy(&result.stdout)));
}

#[test]
fn a_summary_that_cannot_be_written_changes_no_outcome() {
    let small = Small::new(&PLAIN, CHECK);
    std::fs::create_dir(small.path().join("summary")).expect("the folder is ours");
    let ran = step(&small, &[]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("step summary was not written"));
    let full = Small::new(&PLAIN, CHECK);
    std::fs::write(full.path().join("summary"), "x".repeat(1024 * 1024 - 10)).expect("the folder is ours");
    assert!(String::from_utf8_lossy(&step(&full, &[]).stderr).contains("too large for GitHub"));
    assert_eq!(full.path().join("summary").metadata().expect("it is there").len(), 1024 * 1024 - 10);
}

/// Else a group of the data could be called so that GitHub takes its name for a command.
#[test]
fn what_names_people_gave_stands_where_github_reads_no_commands() {
    let small = Small::new(&PLAIN, "");
    let mut command = Command::new(env!("CARGO_BIN_EXE_heirloom"));
    command.current_dir(small.path()).args(["audit", "audit.toml", "--out", "out"]).env("GITHUB_ACTIONS", "true");
    let told = String::from_utf8(command.output().expect("the binary starts").stdout).expect("it is text");
    let word =
        told.lines().next().and_then(|line| line.strip_prefix("::stop-commands::")).expect("commands stop first");
    let (inside, after) = told.split_once(&format!("\n::{word}::\n")).expect("they go on at the same word");
    assert!(word.len() == 64 && inside.contains("group=") && after.contains("written: out"), "{told}");
}

#[test]
fn github_hears_nothing_where_it_is_not_wanted() {
    let small = Small::new(&PLAIN, CHECK);
    assert!(step(&small, &["--no-ci-output"]).stdout.is_empty());
    assert!(!small.path().join("summary").exists());
}
