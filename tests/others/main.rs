//! Audits of more than two models (other runs of the same tuning, and a control), and of other rows.

#[path = "../common/mod.rs"]
mod common;
mod control;
mod rows;
mod runs;

use common::{at, audited};
use heirloom::result::{AuditResult, Estimate, GapEstimate};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What `fixtures/oracle/others/others.py` says of its rows.
#[derive(Debug, Deserialize)]
struct Oracle {
    findings: Vec<OfFinding>,
    transfer: BTreeMap<String, Line>,
    training: Vec<OfTraining>,
    shift: OfShift,
}

#[derive(Debug, Deserialize)]
struct OfTraining {
    metric: String,
    slice: String,
    model: heirloom::result::Subject,
    own: [f64; 3],
    gap: [f64; 3],
}

#[derive(Debug, Deserialize)]
struct OfShift {
    distance: f64,
    base: [f64; 2],
    group: [f64; 2],
}

#[derive(Debug, Deserialize)]
struct OfFinding {
    id: String,
    runs: Vec<OfRun>,
    gap: [f64; 3],
    effect: [f64; 3],
    carried: [f64; 3],
    excess: f64,
}

#[derive(Debug, Deserialize)]
struct OfRun {
    tuned: [f64; 3],
    change: [f64; 3],
    verdict: heirloom::result::Verdict,
}

#[derive(Debug, Deserialize)]
struct Line {
    slope: f64,
    intercept: f64,
    r_squared: f64,
    slices: u64,
}

fn oracle() -> Oracle {
    let path = at("fixtures/oracle/others/others.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("it is committed")).expect("it is JSON")
}

const SETTINGS: &str = r#"
data.label = "label"
data.positive = "1"
data.favorable = true
groups.group.column = "group"
groups.kind.column = "kind"
stats.metrics = ["selection_rate", "true_positive_rate", "accuracy"]
"#;

/// An audit file in `folder` whose models are said by `models`, over `data` or the oracle's rows.
fn file(folder: &Path, models: &str, data: Option<&str>) -> PathBuf {
    let rows = at("fixtures/oracle/others/others.csv");
    let data = data.map_or_else(|| rows.display().to_string(), String::from);
    let path = folder.join("audit.toml");
    std::fs::write(&path, format!("{models}\ndata.path = {data:?}\n{SETTINGS}")).expect("the folder is ours");
    path
}

/// The result over the oracle's rows.
fn result(models: &str) -> AuditResult {
    let folder = tempfile::tempdir().expect("a temporary folder");
    audited(&file(folder.path(), models, None), &[])
}

fn close(what: &str, found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found} is not {expected}");
}

fn ends(estimate: &Estimate) -> [f64; 3] {
    match estimate {
        Estimate::Known { value, low, high, .. } => [*value, low.unwrap_or(f64::NAN), high.unwrap_or(f64::NAN)],
        Estimate::Undefined { .. } => [f64::NAN; 3],
    }
}

fn gap_ends(gap: Option<GapEstimate>) -> [f64; 3] {
    gap.map_or([f64::NAN; 3], |gap| [gap.value, gap.low, gap.high])
}

/// Exact numbers: a value and the ends of its interval.
fn same(what: &str, found: [f64; 3], expected: [f64; 3]) {
    found.iter().zip(expected).for_each(|(found, expected)| close(what, *found, expected, 1e-12));
}

#[test]
fn the_line_through_the_gaps_is_the_most_likely_one() {
    let (result, oracle) = (result(runs::MODELS), oracle());
    assert_eq!(result.transfer.len(), oracle.transfer.len());
    for line in &result.transfer {
        let expected = &oracle.transfer[&line.metric];
        // The search ends where the likelihood is flat to the last bits: eight digits.
        close(&line.metric, line.slope.value().expect("a slope"), expected.slope, 1e-7);
        close(&line.metric, line.intercept.expect("an intercept"), expected.intercept, 1e-8);
        close(&line.metric, line.r_squared.expect("a correlation"), expected.r_squared, 1e-7);
        let Estimate::Known { support, low, high, .. } = line.slope else { panic!("{line:?} has no slope") };
        assert_eq!(support, expected.slices);
        assert!(low < line.slope.value() && line.slope.value() < high, "{line:?}");
    }
}

#[test]
fn a_slope_needs_four_groups() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = file(folder.path(), "models.base.scores = \"base\"\nmodels.tuned.scores = \"tuned\"", None);
    let text = std::fs::read_to_string(&path).expect("it was written");
    std::fs::write(&path, text.replace("groups.group.column = \"group\"\n", "")).expect("the folder is ours");
    let result = audited(&path, &[]);
    let reason = heirloom::result::Reason::TooFewGroups;
    assert!(!result.transfer.is_empty());
    assert!(result.transfer.iter().all(|line| common::reason(&line.slope) == Some(reason)), "{:?}", result.transfer);
}
