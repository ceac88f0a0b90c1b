//! How the numbers were made: settings, formulas with their sources, and the metrics in use.

use super::references::references;
use super::{outcomes, words};
use crate::metrics;
use crate::render::{clean, number};
use crate::result::AuditResult;
use serde::Serialize;

/// The section "Method".
#[derive(Debug, Serialize)]
pub(in crate::render) struct MethodView {
    /// Settings that decide a number or a verdict: name, value, meaning.
    pub settings: Vec<[String; 3]>,
    /// What is computed how, with the source.
    pub formulas: Vec<[&'static str; 2]>,
    /// The metrics of this report.
    pub metrics: Vec<MetricNote>,
    /// The papers behind them.
    pub references: Vec<&'static str>,
    /// Why these metrics were chosen, in the auditor's words.
    pub why: Option<String>,
}

/// One metric's definition.
#[derive(Debug, Serialize)]
pub(in crate::render) struct MetricNote {
    /// Title and id.
    pub title: String,
    /// The id.
    pub id: String,
    /// Definition.
    pub doc: String,
    /// Source.
    pub source: &'static str,
}

const FORMULAS: [[&str; 2]; 12] = [
    [
        "Interval of a value",
        "Of a rate Wilson's score interval (1927); of a mean Student's t; of an area under a curve DeLong et al. (1988) on the logit; of what mixes counts the delta method.",
    ],
    [
        "Interval of a gap or a change",
        "Square-and-add of the limits with the correlation of the two models on the same rows: Newcombe (1998), Zou & Donner (2008); of means Welch's t.",
    ],
    [
        "Pulled rates",
        "The upright lines of the charts: a beta-binomial model fitted to the groups of an attribute (empirical Bayes). No verdict reads them, since they make gaps look smaller.",
    ],
    ["Interval of a spread over groups", "Bootstrap of the counted cells."],
    [
        "Verdict",
        "Each is a conjunction of interval statements about both gaps, their change and their ratio; “about the same size” is an equivalence statement (Schuirmann 1987; Berger 1982).",
    ],
    [
        "Verdict from other smallest gaps",
        "The same rule with half and with twice the smallest gap, without the correction: how far a verdict hangs on that choice.",
    ],
    [
        "Gap that these people could show",
        "The smallest gap and the half-width of the tuned gap's interval, stretched so that four of five such gaps would be shown.",
    ],
    ["p-value of a finding", "The smallest level at which an exact verdict holds."],
    [
        "Adjusted interval",
        "Of the tuned gap of a flagged finding, at level 1 − R·(1 − confidence)/m over the R flagged of m tested: Benjamini & Yekutieli (2005).",
    ],
    [
        "Inherited share and transmission",
        "How far the tuned gap runs along the base's decisions inside the groups: Kitagawa (1955), Shorrocks (2013). Association, not proof of cause.",
    ],
    [
        "Probabilities of the verdicts",
        "Posterior of the joint counts under a Dirichlet(½) prior; of what is no rate, normal around the estimates.",
    ],
    [
        "Gap and change",
        "A gap is the group minus what it is compared with. A change is tuned minus base. Nothing is turned by direction.",
    ],
];

/// Which rule named a verdict, where two could.
const BY_PROBABILITY: [&str; 2] = [
    "Confirmed verdict",
    "The most probable one: verdicts are confirmed, the most probable first, while the mean chance that one is wrong stays at or below 1 − confidence. All other verdicts are the interval rule's. This names more than intervals do, and errs more often where a gap lies on a limit.",
];

/// How the other models of an audit are read.
const RUNS: [&str; 2] = [
    "Runs that agree",
    "Each run is held against the base on the same rows by the same rule; the first is the audited model. Intervals are over people and do not cover another training run: the runs do.",
];
const CONTROL: [&str; 2] = [
    "Beside the control",
    "The tuned gap minus that of a model tuned the same way from another base (Salman et al. 2022), and what of either runs along the base's decisions, by a paired bootstrap: the only numbers here that speak of a cause.",
];
const SLOPE: [&str; 2] = [
    "From group to group",
    "Deming's regression with known, correlated errors: York et al. (2004). Groups of one attribute only.",
];

fn formulas(result: &AuditResult) -> Vec<[&'static str; 2]> {
    let by_probability = words::is_bayes(&result.method).then_some(BY_PROBABILITY);
    let models = &result.provenance.models;
    let runs = (!models.runs.is_empty()).then_some(RUNS);
    let control = models.control.as_ref().map(|_| CONTROL);
    let slope = result.transfer.iter().any(|line| line.slope.value().is_some()).then_some(SLOPE);
    FORMULAS.into_iter().chain(by_probability).chain(runs).chain(control).chain(slope).collect()
}

/// Reads the section from the result.
pub(in crate::render) fn method(result: &AuditResult) -> MethodView {
    MethodView {
        settings: settings(result),
        formulas: formulas(result),
        metrics: used(result).into_iter().map(note).collect(),
        references: references(result),
        why: result.provenance.report.why_these_metrics.as_deref().map(|text| clean::shortened(text, 2000)),
    }
}

fn settings(result: &AuditResult) -> Vec<[String; 3]> {
    let method = &result.method;
    let row = |name: &str, value: String, meaning: &str| [name.to_owned(), value, meaning.to_owned()];
    let mut rows = vec![
        row("Confidence", number::percent(method.confidence), "of intervals and of the correction"),
        row("Smallest gap that counts (τ)", words::smallest_gap(method), "smaller gaps are not counted as gaps"),
        row(
            "About the same size (φ)",
            format!("up to {} times", number::setting(method.same_size)),
            "gaps within this ratio have not changed in size",
        ),
        row(
            "Mostly new (ψ)",
            format!("{} times", number::setting(method.mostly_new)),
            "a gap this many times the base's is mostly new",
        ),
        row("Correction for multiplicity", words::multiplicity(&method.multiplicity), "over all tested comparisons"),
        row(
            "Comparisons",
            format!("{} made, {} tested", number::count(method.compared), number::count(method.tested)),
            "the rest have too few people, or no error that can be told",
        ),
        row("Least people in a comparison", number::count(method.min_support), "inside the metric's condition"),
        row(
            "Hidden below",
            format!("{} people", number::count(method.min_cell)),
            "numbers of smaller groups are hidden",
        ),
        row("Decision threshold", thresholds(result), "a score at or above it is a positive decision"),
        row("Positive decision", favorable(method.favorable).into(), "decides who is worse off"),
        row("Seed", method.seed.to_string(), "of every random draw"),
    ];
    let best = method.top_k.filter(|_| result.values.iter().any(|value| value.metric == metrics::TOP_K_ACCURACY));
    rows.extend(
        best.map(|k| row("Best classes (k)", k.to_string(), "a label among so many is right in top-k accuracy")),
    );
    rows
}

fn thresholds(result: &AuditResult) -> String {
    let one = |threshold: Option<f64>| threshold.map_or("none".into(), number::setting);
    format!("base {}, tuned {}", one(result.method.base_threshold), one(result.method.tuned_threshold))
}

fn favorable(favorable: Option<bool>) -> &'static str {
    match favorable {
        Some(true) => "benefits the person",
        Some(false) => "is to the person's disadvantage",
        None => "direction of harm not declared",
    }
}

/// Metrics that the report shows without being asked.
const SHOWN: [&str; 4] = ["churn", "adverse_flip_rate", "favorable_flip_rate", "base_rate"];

/// Ids of the metrics that the report shows: those with findings, those of checks, then others.
fn used(result: &AuditResult) -> Vec<&str> {
    let asked = result.method.metrics.iter().chain(result.checks.iter().filter_map(|check| check.metric.as_ref()));
    let has = |id: &&str| result.values.iter().any(|value| value.metric == *id);
    let shown = outcomes::metric_ids(result).into_iter().chain(SHOWN.into_iter().filter(has));
    let mut ids: Vec<&str> = Vec::new();
    for id in asked.map(String::as_str).chain(shown) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

fn note(id: &str) -> MetricNote {
    let entry = metrics::find(id);
    let doc = entry
        .map_or(String::new(), |entry| format!("{}, {}. {}", words::capitalized(entry.plain), entry.among, entry.doc));
    MetricNote { title: words::title(id), id: clean::label(id), doc, source: entry.map_or("", |entry| entry.source) }
}
