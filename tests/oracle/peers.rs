//! The peers' files, audits of their rows, and the count of what was compared.

use crate::common::{self, audited};
use heirloom::result::{AuditResult, Estimate, Subject};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// One number of a peer.
#[derive(Debug, Deserialize)]
pub struct Number {
    pub metric: String,
    #[serde(default)]
    pub class: Option<String>,
    /// Of a mean over classes, how many of them are defined.
    #[serde(default)]
    pub classes: Option<u64>,
    #[serde(default)]
    pub slice: String,
    #[serde(default)]
    pub attribute: String,
    #[serde(default)]
    pub aggregate: String,
    pub model: String,
    pub value: Option<serde_json::Value>,
    #[serde(default)]
    pub low: Option<f64>,
    #[serde(default)]
    pub high: Option<f64>,
}

impl Number {
    pub fn value(&self) -> Option<f64> {
        self.value.as_ref().and_then(serde_json::Value::as_f64)
    }
}

#[derive(Debug, Deserialize)]
pub struct Area {
    pub slice: String,
    pub auc_base: Option<f64>,
    pub auc_tuned: Option<f64>,
    pub var_base: Option<f64>,
    pub var_tuned: Option<f64>,
    pub cov: Option<f64>,
}

/// A rate of rows that belong to persons.
#[derive(Debug, Deserialize)]
pub struct Clustered {
    pub metric: String,
    pub slice: String,
    pub model: String,
    pub value: Option<f64>,
    pub variance_corrected: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub struct Peers {
    #[serde(default)]
    pub positive: String,
    #[serde(default)]
    pub classes: Vec<String>,
    pub groups: Vec<String>,
    #[serde(default)]
    pub crosses: Vec<String>,
    #[serde(default)]
    pub weight: Option<String>,
    #[serde(default)]
    pub person: Option<String>,
    #[serde(default)]
    pub values: Vec<Number>,
    #[serde(default)]
    pub aggregates: Vec<Number>,
    #[serde(default)]
    pub versus: Vec<Number>,
    #[serde(default)]
    pub delong: Vec<Area>,
    #[serde(default)]
    pub clustered: Vec<Clustered>,
}

/// A peer's file.
pub fn json(name: &str) -> String {
    std::fs::read_to_string(common::at(&format!("fixtures/oracle/peers/{name}.json"))).expect("it is committed")
}

pub fn peers(name: &str) -> Peers {
    serde_json::from_str(&json(name)).expect("it is JSON")
}

/// The audit of a set of rows, groups and crosses as in its file and `more` at the end.
pub fn audit(name: &str, peers: &Peers, more: &str, folder: &Path) -> AuditResult {
    let list = |names: &[String]| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let rows = common::at(&format!("fixtures/oracle/peers/{name}.csv"));
    let key =
        |key: &str, value: &Option<String>| value.as_ref().map_or(String::new(), |it| format!("{key} = {it:?}\n"));
    let text = format!(
        "data.path = {:?}\ndata.label = \"label\"\ngroups = [{}]\nslices.cross = [{}]\nslices.min_support = 1\n\
         privacy.min_cell = 0\n{}{}{more}",
        rows.display().to_string(),
        list(&peers.groups),
        list(&peers.crosses),
        key("data.weight", &peers.weight),
        key("data.unit", &peers.person),
    );
    let file = folder.join("audit.toml");
    std::fs::write(&file, text).expect("the folder is ours");
    audited(&file, &[])
}

/// Metric, class (empty without one), slice or attribute/aggregate, and model.
pub type Key = (String, String, String, &'static str);

/// Every value, aggregate and number of drift.
pub fn ours(result: &AuditResult) -> BTreeMap<Key, Estimate> {
    let model = |subject: Subject| match subject {
        Subject::Base => "base",
        Subject::Tuned => "tuned",
        Subject::Change => "change",
        Subject::Pair => "pair",
        Subject::Labels => "labels",
    };
    let class = |class: &Option<String>| class.clone().unwrap_or_default();
    let values = &result.values;
    let values =
        values.iter().map(|v| ((v.metric.clone(), class(&v.class), v.slice.clone(), model(v.model)), v.estimate));
    let place = |a: &heirloom::result::Aggregate| format!("{}/{}", a.attribute, a.aggregate);
    let aggregates = &result.aggregates;
    let aggregates =
        aggregates.iter().map(|a| ((a.metric.clone(), class(&a.class), place(a), model(a.model)), a.estimate));
    let drift = &result.drift;
    let drift = drift.iter().map(|d| ((d.metric.clone(), String::new(), d.slice.clone(), "pair"), d.estimate));
    values.chain(aggregates).chain(drift).collect()
}

#[derive(Default)]
pub struct Tally {
    pub compared: usize,
    pub worst: f64,
    pub missing: BTreeMap<String, usize>,
}

impl Tally {
    /// Two numbers, or two that are not defined; of numbers above 1 the relative difference.
    pub fn hold(&mut self, what: &str, found: Option<f64>, expected: Option<f64>, slack: f64) {
        match (found, expected) {
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

    /// The same of an estimate, which may not be measured at all.
    pub fn estimate(&mut self, what: &str, found: Option<&Estimate>, expected: Option<f64>, slack: f64) {
        match found {
            Some(found) => self.hold(what, found.value(), expected, slack),
            None => *self.missing.entry(what.split(' ').next().unwrap_or_default().into()).or_default() += 1,
        }
    }

    /// Says what was compared, and fails where it was less than it ought to be.
    pub fn told(self, name: &str, least: usize) {
        common::tell(&format!("{name}: {} numbers, worst difference {:e}", self.compared, self.worst));
        common::tell(&format!("{name}: not measured: {:?}", self.missing));
        assert!(self.compared >= least, "{name}: only {} numbers", self.compared);
    }
}

/// How far a number may be from the peers': rates are exact but for the last bits.
pub fn slack(metric: &str) -> f64 {
    if metric == "calibration_slope" {
        1e-8
    } else if metric.ends_with("_rate") || metric == "accuracy" {
        1e-12
    } else {
        1e-9
    }
}
