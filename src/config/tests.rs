//! Every file of `fixtures/policies/good` loads; what is said of every file of `bad` is a snapshot.

use super::alone::{Text, policy_text as policy_of};
use super::load::load_on;
use super::lock::Locks;
use super::*;
use crate::data::{ColumnInfo, ColumnKind};
use crate::models::Threshold;
use jiff::civil::{Date, date};
use std::path::{Path, PathBuf};

const TODAY: Date = date(2026, 11, 23);

fn files(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn audit(text: &str) -> Result<Loaded, Problems> {
    audit_with(text, &[])
}

fn audit_with(text: &str, settings: &[&str]) -> Result<Loaded, Problems> {
    let settings: Vec<String> = settings.iter().map(|setting| setting.to_string()).collect();
    load_text(Origin { name: "audit.toml".into(), text: text.into(), file: None }, &settings, TODAY)
}

const SHORT: &str = include_str!("../../fixtures/policies/good/short.toml");

#[test]
fn good_files_load() {
    for file in files("fixtures/policies/good") {
        if let Err(problems) = load_on(&file, &[], TODAY) {
            panic!("{}:\n{problems}", file.display());
        }
    }
    load_on(Path::new("fixtures/income/audit.toml"), &[], TODAY).unwrap();
}

#[test]
fn bad_files_say_what_is_wrong() {
    for file in files("fixtures/policies/bad") {
        let problems = load_on(&file, &[], TODAY).expect_err(&file.display().to_string());
        let shown = render(&problems, None);
        assert!(shown.chars().all(|char| char == '\n' || clean(&char.to_string()) == char.to_string()), "{shown}");
        insta::assert_snapshot!(file.file_stem().unwrap().to_str().unwrap(), shown);
    }
}

#[test]
fn files_that_are_none_are_problems() {
    for path in ["fixtures", "fixtures/nowhere.toml", "fixtures/income/base.onnx", ""] {
        let problems = load_on(Path::new(path), &[], TODAY).unwrap_err();
        assert_eq!(problems.list.len(), 1);
    }
}

#[test]
fn the_long_form_resolves() {
    let loaded = load_on(Path::new("fixtures/policies/good/long.toml"), &[], TODAY).unwrap();
    insta::assert_snapshot!("long_form", serde_json::to_string_pretty(&loaded.audit).unwrap());
    assert!(loaded.notices.is_empty());
    assert_eq!(loaded.audit.root, Path::new("fixtures/policies/good"));
}

#[test]
fn the_short_form_takes_defaults() {
    let audit = audit(SHORT).unwrap().audit;
    insta::assert_snapshot!("short_form", serde_json::to_string_pretty(&audit).unwrap());
}

#[test]
fn runs_differ_in_their_file_alone() {
    let audit = load_on(Path::new("fixtures/policies/good/runs.toml"), &[], TODAY).unwrap().audit;
    let (first, [second]) = (audit.tuned.as_ref().unwrap(), &audit.runs[..]) else { panic!("{:?}", audit.runs) };
    assert_eq!((first.name.as_str(), second.name.as_str()), ("government", "government, run 2"));
    let path = |spec: &crate::models::ModelSpec| match &spec.predictor {
        crate::models::Predictor::Onnx(onnx) => onnx.path.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((path(first), path(second)), ("tuned-1.onnx".into(), "tuned-2.onnx".into()));
    assert_eq!(first.threshold, second.threshold);
    assert_eq!(audit.control.as_ref().unwrap().name, "control");
    assert_eq!(audit.others().count(), 2);
    assert_eq!(audit.data.train.as_ref().unwrap().paths.len(), 2);
    assert_eq!(audit.data.source.unwrap().columns, ["age", "hours"]);
}

#[test]
fn a_probe_has_a_threshold_by_prevalence() {
    let loaded = load_on(Path::new("fixtures/policies/good/probe.toml"), &[], TODAY).unwrap();
    let [base, tuned] = loaded.audit.sides().map(Option::unwrap);
    assert!(base.is_probed() && !tuned.is_probed() && loaded.audit.needs_points());
    assert_eq!((base.threshold, tuned.threshold), (Threshold::Prevalence, Threshold::At(0.5)));
    assert_eq!((loaded.audit.representations.sample, loaded.audit.representations.seeds), (2000, 3));
    let fixed = load_on(Path::new("fixtures/policies/good/probe.toml"), &["models.base.threshold=0.3".into()], TODAY);
    assert_eq!(fixed.unwrap().audit.base.unwrap().threshold, Threshold::At(0.3));
    let idle = audit_with(SHORT, &["representations.sample=500"]).unwrap();
    assert!(idle.notices[0].contains("no effect"), "{:?}", idle.notices);
}

#[test]
fn settings_override_the_file() {
    let settings =
        ["stats.confidence=0.9", "tuned=other.onnx", "groups=[\"age\"]", "positive=1", "stats.confidence=0.8"];
    let audit = audit_with(SHORT, &settings).unwrap().audit;
    assert_eq!(audit.stats.confidence, 0.8);
    assert_eq!(audit.tuned.unwrap().name, "other");
    assert_eq!(audit.groups[0].name, "age");
    assert_eq!(audit.data.positive, crate::data::Literal::Integer(1));
}

#[test]
fn faulty_settings_point_at_the_flag() {
    let faulty = ["stats.confidence=95", "stats.confidense=0.9", "slices.cross=[\"sex & rice\"]"];
    insta::assert_snapshot!("settings", render(&audit_with(SHORT, &faulty).unwrap_err(), None));
    let malformed = ["stats.confidence", "data.label=x", "=1", "a b=1"];
    insta::assert_snapshot!("settings_malformed", render(&audit_with(SHORT, &malformed).unwrap_err(), None));
}

fn column(name: &str, kind: ColumnKind, dtype: &str) -> ColumnInfo {
    ColumnInfo { name: name.into(), kind, dtype: dtype.into() }
}

fn columns() -> Vec<ColumnInfo> {
    vec![
        column("income", ColumnKind::Text, "str"),
        column("sex", ColumnKind::Text, "str"),
        column("race", ColumnKind::Other, "list[str]"),
        column("x_1", ColumnKind::Float, "float32"),
    ]
}

#[test]
fn columns_are_held_against_the_data() {
    let text = r#"
groups = { sex = {}, race = {}, age = { column = "Sex", bins = [1] }, band = { column = "sex", bins = [1] } }
[models.base]
path = "b.onnx"
inputs.x = { prefix = "y_" }
inputs.y = { columns = ["x_1", "x_2"] }
[models.tuned]
scores = "sex"
[data]
path = "eval.parquet"
where = { domain = "gov" }
label = "incme"
positive = 1
"#;
    let loaded = audit(text).unwrap();
    let problems = loaded.problems(preflight_columns(&loaded, &columns()));
    insta::assert_snapshot!("columns", render(&problems, None));
}

#[test]
fn columns_of_the_short_form_are_pointed_at() {
    let loaded = audit(&SHORT.replace("\"race\"", "\"rce\"").replace("\"income\"", "\"incme\"")).unwrap();
    let problems = loaded.problems(preflight_columns(&loaded, &columns()));
    insta::assert_snapshot!("columns_short", render(&problems, None));
    let csv = audit_with(SHORT, &["data=eval.csv", "groups={ sex = { bins = [30] } }"]).unwrap();
    assert_eq!(preflight_columns(&csv, &columns()), []);
}

fn known() -> Known {
    Known {
        task: crate::tasks::Task::Binary,
        attributes: vec!["sex".into(), "race".into()],
        crosses: vec![vec![0, 1]],
        labels: true,
        direction: false,
        base: true,
        tuned: true,
        findings: vec!["selection_rate".into()],
        pairs: Default::default(),
        slices: Vec::new(),
    }
}

fn policy_text(name: &str, text: &str, known: &Known, today: Date) -> Result<LoadedPolicy, Problems> {
    policy_of(&Text { name, text, lock: None, locks: Locks::Held }, known, today)
}

#[test]
fn a_policy_loads_for_a_stored_result() {
    let text = std::fs::read_to_string("fixtures/policies/policy/apart.toml").unwrap();
    let loaded = policy_text("apart.toml", &text, &known(), TODAY).unwrap();
    assert_eq!(loaded.policy.checks.len(), 3);
    assert_eq!(loaded.policy.checks[0].at.line, 4);
    assert_eq!(loaded.policy.waivers[0].slice, "sex=Female & race=Black");
    let audit = std::fs::read_to_string("fixtures/income/audit.toml").unwrap();
    assert_eq!(policy_text("audit.toml", &audit, &known(), TODAY).unwrap().policy.checks.len(), 4);
}

#[test]
fn a_policy_for_other_groups_is_a_problem() {
    let known = Known { attributes: vec!["age".into()], crosses: vec![], ..known() };
    let text = std::fs::read_to_string("fixtures/policies/policy/apart.toml").unwrap();
    insta::assert_snapshot!(
        "policy_other_groups",
        render(&policy_text("apart.toml", &text, &known, TODAY).unwrap_err(), None)
    );
}
