//! Every number that another program gives of the same rows, held against ours.
//!
//! `fixtures/oracle/peers` has the rows, the numbers and the scripts that made them. Where a peer
//! invents a number (0/0 as 0) its file says null, and ours has to be undefined.

mod common;

use common::audited;
use heirloom::result::{AuditResult, Estimate, Subject};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// One number of a peer.
#[derive(Debug, Deserialize)]
struct Number {
    metric: String,
    #[serde(default)]
    slice: String,
    #[serde(default)]
    attribute: String,
    #[serde(default)]
    aggregate: String,
    model: String,
    value: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct Area {
    slice: String,
    auc_base: Option<f64>,
    auc_tuned: Option<f64>,
    var_base: Option<f64>,
    var_tuned: Option<f64>,
    cov: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Peers {
    positive: String,
    groups: Vec<String>,
    #[serde(default)]
    crosses: Vec<String>,
    #[serde(default)]
    weight: Option<String>,
    #[serde(default)]
    values: Vec<Number>,
    #[serde(default)]
    aggregates: Vec<Number>,
    #[serde(default)]
    versus: Vec<Number>,
    #[serde(default)]
    delong: Vec<Area>,
}

fn peers(name: &str) -> Peers {
    let path = common::at(&format!("fixtures/oracle/peers/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("it is committed")).expect("it is JSON")
}

/// The audit of a set of binary rows, under all metrics.
fn audit(name: &str, peers: &Peers, folder: &Path) -> AuditResult {
    let list = |names: &[String]| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let rows = common::at(&format!("fixtures/oracle/peers/{name}.csv"));
    let weight = peers.weight.as_ref().map_or(String::new(), |weight| format!("data.weight = {weight:?}\n"));
    let text = format!(
        "models.base.scores = \"base\"\nmodels.tuned.scores = \"tuned\"\ndata.path = {:?}\ndata.label = \"label\"\n\
         data.positive = {:?}\ngroups = [{}]\nslices.cross = [{}]\nslices.min_support = 1\n\
         stats.metrics = [\"roc_auc\"]\nprivacy.min_cell = 0\n{weight}",
        rows.display().to_string(),
        peers.positive,
        list(&peers.groups),
        list(&peers.crosses),
    );
    let file = folder.join("audit.toml");
    std::fs::write(&file, text).expect("the folder is ours");
    audited(&file, &[])
}

type Key = (String, String, &'static str);

/// Every value by metric, slice and model, and every aggregate by metric, attribute/aggregate and model.
fn ours(result: &AuditResult) -> BTreeMap<Key, Estimate> {
    let model = |subject: Subject| match subject {
        Subject::Base => "base",
        Subject::Tuned => "tuned",
        Subject::Change => "change",
        Subject::Pair => "pair",
        Subject::Labels => "labels",
    };
    let values = result.values.iter().map(|v| ((v.metric.clone(), v.slice.clone(), model(v.model)), v.estimate));
    let aggregates = result
        .aggregates
        .iter()
        .map(|a| ((a.metric.clone(), format!("{}/{}", a.attribute, a.aggregate), model(a.model)), a.estimate));
    let drift = result.drift.iter().map(|d| ((d.metric.clone(), d.slice.clone(), "pair"), d.estimate));
    values.chain(aggregates).chain(drift).collect()
}

/// Turns a number of ours into that of the oracle.
type Translation = fn(f64) -> f64;

/// What the peers' files call otherwise: our metric and what has to be done to our number.
fn translated(metric: &str) -> Option<(&str, Translation)> {
    let same: fn(f64) -> f64 = |x| x;
    Some(match metric {
        "expected_calibration_error_20" => ("expected_calibration_error", same),
        // Other definitions beside ours, and counts that stand elsewhere in a result.
        "expected_calibration_error"
        | "squared_calibration_error_20"
        | "debiased_squared_calibration_error_20"
        | "rows"
        | "labelled_rows"
        | "effective_rows"
        | "churn_to_positive"
        | "churn_to_negative" => return None,
        metric => (metric, same),
    })
}

/// Our metric and aggregate behind a name over groups.
fn made<'a>(one: &'a Number, aggregate: &'a str) -> (&'a str, &'a str) {
    match (one.metric.as_str(), one.model.as_str()) {
        ("demographic_parity_difference", _) => ("selection_rate", "difference"),
        ("demographic_parity_ratio", _) => ("selection_rate", "ratio"),
        ("equal_opportunity_difference", _) if one.aggregate == "between_groups" => {
            ("true_positive_rate", "difference")
        }
        ("equal_opportunity_ratio", _) => ("true_positive_rate", "ratio"),
        ("bias_amplification", "pair") => ("bias_amplification_from_base", "value"),
        ("equalized_odds_difference" | "equalized_odds_ratio" | "differential_fairness" | "bias_amplification", _) => {
            (&one.metric, "value")
        }
        _ => (&one.metric, aggregate),
    }
}

#[derive(Default)]
struct Tally {
    compared: usize,
    worst: f64,
    missing: BTreeMap<String, usize>,
}

impl Tally {
    fn hold(&mut self, what: &str, found: Option<&Estimate>, expected: Option<f64>, slack: f64) {
        let Some(found) = found else {
            *self.missing.entry(what.split(' ').next().unwrap_or_default().into()).or_default() += 1;
            return;
        };
        match (found.value(), expected) {
            (Some(found), Some(expected)) => {
                let off = (found - expected).abs() / expected.abs().max(1.0);
                assert!(off <= slack, "{what}: {found} is not {expected}");
                self.worst = self.worst.max(off);
            }
            (None, None) => {}
            (found, expected) => panic!("{what}: {found:?} is not {expected:?}"),
        }
        self.compared += 1;
    }
}

fn number(value: &Option<serde_json::Value>) -> Option<f64> {
    value.as_ref().and_then(serde_json::Value::as_f64)
}

fn slack(metric: &str) -> f64 {
    if metric == "calibration_slope" {
        1e-8
    } else if metric.ends_with("_rate") || metric == "accuracy" {
        1e-12
    } else {
        1e-9
    }
}

fn compare(name: &str) -> Tally {
    let (peers, folder) = (peers(name), tempfile::tempdir().expect("a temporary folder"));
    let result = audit(name, &peers, folder.path());
    let ours = ours(&result);
    let find = |metric: &str, place: &str, model: &str| {
        let model = ["base", "tuned", "pair", "labels"].into_iter().find(|name| *name == model)?;
        ours.get(&(metric.to_string(), place.to_string(), model))
    };
    let mut tally = Tally::default();
    for one in peers.values.iter().chain(&peers.versus) {
        let Some((metric, turn)) = translated(&one.metric) else { continue };
        let found = find(metric, &one.slice, &one.model).map(|found| match *found {
            Estimate::Known { value, low, high, support } => Estimate::Known { value: turn(value), low, high, support },
            undefined => undefined,
        });
        let what = format!("{} of {} for {} in {name}", one.metric, one.slice, one.model);
        tally.hold(&what, found.as_ref(), number(&one.value), slack(metric));
    }
    for one in &peers.aggregates {
        // fairlearn refuses rows without a group or a label; here they are part of everyone, and of what needs no label.
        let refused = one.aggregate == "difference_to_overall"
            || ["selection_rate", "mean_score", "differential_fairness"].contains(&made(one, "").0);
        if name == "edge" && refused {
            continue;
        }
        let aggregate = if one.aggregate == "difference_to_overall" { "to_overall" } else { &one.aggregate };
        let (metric, aggregate) = made(one, aggregate);
        let place = format!("{}/{aggregate}", one.attribute);
        let what = format!("{}/{} over {} for {} in {name}", one.metric, one.aggregate, one.attribute, one.model);
        tally.hold(&what, find(metric, &place, &one.model), number(&one.value), slack(&one.metric));
    }
    tally
}

#[test]
fn binary_numbers_equal_the_peers() {
    let mut all = Tally::default();
    for name in ["income", "credit", "cancer", "ties", "edge", "weighted", "drift"] {
        let one = compare(name);
        common::tell(&format!("{name}: {} numbers, worst difference {:e}", one.compared, one.worst));
        all.compared += one.compared;
        all.worst = all.worst.max(one.worst);
        one.missing.into_iter().for_each(|(metric, n)| *all.missing.entry(metric).or_default() += n);
    }
    common::tell(&format!("not measured here: {:?}", all.missing));
    assert!(all.compared >= 5_000, "only {} numbers", all.compared);
}

#[test]
fn areas_and_their_covariances_equal_proc() {
    let mut compared = 0;
    for name in ["income", "credit", "cancer", "ties", "drift"] {
        let (peers, folder) = (peers(name), tempfile::tempdir().expect("a temporary folder"));
        let result = audit(name, &peers, folder.path());
        for area in &peers.delong {
            let change = common::value(&result, "roc_auc", &area.slice, Subject::Change);
            let Some(duo) = change.basis.and_then(|twin| twin.duo()) else { continue };
            let (base, tuned, both) = duo.covariance();
            let pairs = [
                (duo.base.value, area.auc_base),
                (duo.tuned.value, area.auc_tuned),
                (base, area.var_base),
                (tuned, area.var_tuned),
                (both, area.cov),
            ];
            for (found, expected) in pairs.into_iter().filter_map(|(found, expected)| Some((found, expected?))) {
                assert!((found - expected).abs() < 1e-9, "{name}, {}: {found} is not {expected}", area.slice);
                compared += 1;
            }
        }
    }
    assert!(compared >= 200, "only {compared}");
}
