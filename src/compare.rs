//! Two audits side by side: which verdicts, gaps and outcomes are others now.
//!
//! The difference of two tuned gaps has an interval. Where both audits used the same rows it is paired if a
//! result tells how the two models go together: they are one model, or the later audit took the earlier one's
//! tuned model as its base, so that the difference is that audit's own change; or if both are run once more as
//! [`joint`] says. Else the two estimates are held as independent (Zou & Donner 2008), which on the same rows
//! gives too wide an interval, never too narrow a one unless the models' errors run against each other; and it
//! is said.

mod joint;
#[cfg(test)]
mod tests;

pub use joint::joint;

use crate::result::{AuditResult, CheckOutcome, ExitStatus, Finding, GapEstimate, ModelNote, Outcome, Verdict};
use crate::stats::{Contrast, quantile_of};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// Format and version.
pub const SCHEMA: &str = "heirloom.compare/1.0";
/// Two numbers of one model on the same rows differ by no more.
const SAME: f64 = 1e-9;

/// What was, and what is now.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Compared {
    /// Format and version.
    pub schema: &'static str,
    /// The earlier audit.
    pub then: Side,
    /// The later one.
    pub now: Side,
    /// Whether both audited the same rows.
    pub same_rows: bool,
    /// How differences come by their intervals.
    pub pairing: Pairing,
    /// Confidence of the intervals, that of the later audit.
    pub confidence: f64,
    /// What both compared.
    pub findings: Vec<Moved>,
    /// What the later audit alone compared.
    pub new: Vec<Told>,
    /// What the earlier audit alone compared.
    pub gone: Vec<Told>,
    /// Outcomes of checks that are others now, or that one audit alone has.
    pub checks: Vec<Turned>,
}

/// One audit.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Side {
    /// Its name.
    pub name: String,
    /// When it ran.
    pub created: String,
    /// The tuned model.
    pub tuned: String,
    /// SHA-256 of the tuned model's file; absent where its predictions came in columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Rows audited.
    pub rows: u64,
    /// What the gate said.
    pub gate: ExitStatus,
}

/// How the difference of two gaps comes by its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// One model on the same rows: no difference.
    SameModel,
    /// The later base is the earlier tuned model, on the same rows: the later audit's own change.
    Chained,
    /// Both tuned models were run once more, together on the same rows.
    Together,
    /// As if the two were independent.
    Unpaired,
}

/// A number with the ends of its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Gap {
    /// The number.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// One comparison in both audits.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Moved {
    /// The finding's id, as the later audit has it.
    pub id: String,
    /// Metric id.
    pub metric: String,
    /// Of a multiclass task the class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The slice.
    pub slice: String,
    /// The verdict then and now.
    pub verdict: [Verdict; 2],
    /// The tuned gap then and now; absent where undefined or hidden.
    pub gap: [Option<Gap>; 2],
    /// Now minus then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Gap>,
    /// Whether that difference is of the same rows under both models.
    pub paired: bool,
    /// What it amounts to.
    pub movement: Movement,
}

/// What can be said of how a gap moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    /// Not at all: the same decisions on the same rows.
    Same,
    /// Surely: the interval of the difference leaves out 0.
    Moved,
    /// That cannot be told: the interval holds 0.
    Untold,
    /// Nothing: one of the two gaps is undefined or hidden.
    Unknown,
}

/// One comparison that one audit alone has.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Told {
    /// The finding's id.
    pub id: String,
    /// Its verdict.
    pub verdict: Verdict,
}

/// One outcome that is another now.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Turned {
    /// The check's id.
    pub id: String,
    /// The slice.
    pub slice: String,
    /// Metric id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// Of a multiclass task the class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The outcome then and now; absent where that audit does not ask it.
    pub outcome: [Option<Outcome>; 2],
}

impl Moved {
    /// Whether the gap surely is another.
    pub fn surely(&self) -> bool {
        self.movement == Movement::Moved
    }

    /// Whether the verdict is another.
    pub fn turned(&self) -> bool {
        self.verdict[0] != self.verdict[1]
    }
}

/// Sets two results side by side, the earlier first.
pub fn compare(then: &AuditResult, now: &AuditResult) -> Compared {
    beside(&Pair::new(then, now, None))
}

/// The same, with the result of their [`joint`] audit, in which both tuned models ran on the same rows.
pub fn compare_paired(then: &AuditResult, now: &AuditResult, both: &AuditResult) -> Compared {
    beside(&Pair::new(then, now, Some(both)))
}

/// Two results, and what tells how their models go together.
struct Pair<'a> {
    then: &'a AuditResult,
    now: &'a AuditResult,
    both: Option<&'a AuditResult>,
    pairing: Pairing,
    /// One model on the same rows at one threshold: every decision is the same.
    alike: bool,
}

fn beside(pair: &Pair) -> Compared {
    let Pair { then, now, pairing, .. } = *pair;
    let (mut findings, mut new) = (Vec::new(), Vec::new());
    let mut met = BTreeSet::new();
    for finding in &now.findings {
        match counterpart(finding, then) {
            Some((other, turned)) => {
                met.insert(&other.id);
                findings.push(pair.moved(other, turned, finding));
            }
            None => new.push(told(finding)),
        }
    }
    let gone = then.findings.iter().filter(|finding| !met.contains(&finding.id)).map(told).collect();
    Compared {
        schema: SCHEMA,
        then: side(then),
        now: side(now),
        same_rows: same_rows(then, now),
        pairing,
        confidence: now.method.confidence,
        findings,
        new,
        gone,
        checks: checks(then, now),
    }
}

fn side(result: &AuditResult) -> Side {
    let model = model(result);
    Side {
        name: result.name.clone(),
        created: result.provenance.created.clone(),
        tuned: model.map(|model| model.name.clone()).unwrap_or_default(),
        sha256: model.and_then(|model| model.files.first()).map(|file| file.sha256.clone()),
        rows: result.data.used,
        gate: result.gate.status,
    }
}

/// The tuned model, or the only one.
fn model(result: &AuditResult) -> Option<&ModelNote> {
    let models = &result.provenance.models;
    models.tuned.as_ref().or(models.base.as_ref())
}

/// Whether both audited the same files, and the same of their rows.
pub fn same_rows(then: &AuditResult, now: &AuditResult) -> bool {
    let rows = |result: &AuditResult| {
        let data = &result.provenance.data;
        let hashes: Vec<String> = data.files.iter().map(|file| file.sha256.clone()).collect();
        (hashes, data.filter.clone(), data.limit, data.label.clone(), result.data.used)
    };
    rows(then) == rows(now)
}

fn pairing(then: &AuditResult, now: &AuditResult, same_rows: bool) -> Pairing {
    let (models, earlier) = (&now.provenance.models, identity(then.provenance.models.tuned.as_ref()));
    if !same_rows || earlier.is_none() {
        Pairing::Unpaired
    } else if identity(models.tuned.as_ref()) == earlier {
        Pairing::SameModel
    } else if identity(models.base.as_ref()) == earlier {
        Pairing::Chained
    } else {
        Pairing::Unpaired
    }
}

/// What tells a model apart: the hashes of its files, or of predictions in the data how they are read.
fn identity(model: Option<&ModelNote>) -> Option<Vec<&str>> {
    let model = model?;
    let files = model.files.iter().map(|file| file.sha256.as_str());
    Some(if model.files.is_empty() { vec![model.reading.as_str()] } else { files.collect() })
}

/// The earlier finding of the same comparison; of a two-group attribute it may be told of the other group.
fn counterpart<'a>(finding: &Finding, then: &'a AuditResult) -> Option<(&'a Finding, bool)> {
    let same = |other: &&Finding| is_same(other, finding);
    let mirror = |other: &&Finding| {
        let names = (&other.metric, &other.class) == (&finding.metric, &finding.class);
        names && other.mirror.as_ref() == Some(&finding.slice) && finding.mirror.as_ref() == Some(&other.slice)
    };
    let found = then.findings.iter().find(same).map(|other| (other, false));
    found.or_else(|| then.findings.iter().find(mirror).map(|other| (other, true)))
}

fn told(finding: &Finding) -> Told {
    Told { id: finding.id.clone(), verdict: finding.verdict }
}

impl<'a> Pair<'a> {
    fn new(then: &'a AuditResult, now: &'a AuditResult, both: Option<&'a AuditResult>) -> Pair<'a> {
        let pairing = pairing(then, now, same_rows(then, now));
        let threshold = |result: &AuditResult| result.method.tuned_threshold;
        let alike = pairing == Pairing::SameModel && threshold(then) == threshold(now);
        Pair { then, now, both, alike, pairing: if both.is_some() { Pairing::Together } else { pairing } }
    }

    fn moved(&self, other: &Finding, turned: bool, finding: &Finding) -> Moved {
        let confidence = self.now.method.confidence;
        let before = gap(other, self.then, confidence).map(|gap| if turned { negated(gap) } else { gap });
        let after = gap(finding, self.now, confidence);
        let gaps = before.zip(after);
        let paired = gaps.and_then(|(before, after)| self.paired(before, after, finding));
        let difference = paired.or_else(|| gaps.map(|(before, after)| unpaired(before, after)));
        let same = self.alike && (before, other.verdict) == (after, finding.verdict);
        Moved {
            id: finding.id.clone(),
            metric: finding.metric.clone(),
            class: finding.class.clone(),
            slice: finding.slice.clone(),
            verdict: [other.verdict, finding.verdict],
            gap: [before, after],
            difference,
            paired: paired.is_some(),
            movement: if same { Movement::Same } else { movement(difference) },
        }
    }

    /// The difference on the same rows, where the numbers that it comes from are those that the results have.
    fn paired(&self, then: Gap, now: Gap, finding: &Finding) -> Option<Gap> {
        let same = |a: f64, b: f64| (a - b).abs() <= SAME;
        let change = |of: &Finding| {
            let ends = of
                .base
                .zip(of.tuned)
                .filter(|(base, tuned)| same(base.value, then.value) && same(tuned.value, now.value));
            ends.and(of.change).map(plain)
        };
        if self.alike && same(then.value, now.value) {
            return Some(Gap { value: 0.0, low: 0.0, high: 0.0 });
        }
        match self.pairing {
            Pairing::Chained => change(finding),
            Pairing::Together => change(self.both?.findings.iter().find(|one| is_same(one, finding))?),
            Pairing::SameModel | Pairing::Unpaired => None,
        }
    }
}

fn is_same(one: &Finding, other: &Finding) -> bool {
    (&one.id, &one.reference) == (&other.id, &other.reference)
}

/// As of two independent estimates.
fn unpaired(then: Gap, now: Gap) -> Gap {
    let value = now.value - then.value;
    let low = value - (now.value - now.low).hypot(then.high - then.value);
    Gap { value, low, high: value + (now.high - now.value).hypot(then.value - then.low) }
}

fn movement(difference: Option<Gap>) -> Movement {
    match difference {
        None => Movement::Unknown,
        Some(Gap { low: 0.0, high: 0.0, .. }) => Movement::Same,
        Some(apart) if apart.low > 0.0 || apart.high < 0.0 => Movement::Moved,
        Some(_) => Movement::Untold,
    }
}

/// The tuned gap with its interval at a confidence; `None` where it is hidden or undefined, or the interval
/// stands at another confidence alone.
fn gap(finding: &Finding, of: &AuditResult, confidence: f64) -> Option<Gap> {
    let tuned = finding.tuned?;
    if of.method.confidence == confidence {
        return Some(plain(tuned));
    }
    let interval = finding.basis?.quad()?.interval(Contrast::TUNED, quantile_of(confidence));
    Some(Gap { value: tuned.value, low: interval.low, high: interval.high })
}

fn plain(gap: GapEstimate) -> Gap {
    Gap { value: gap.value, low: gap.low, high: gap.high }
}

fn negated(gap: Gap) -> Gap {
    Gap { value: -gap.value, low: -gap.high, high: -gap.low }
}

/// Outcomes that are others now, in the order of the later policy, then those that it does not ask.
fn checks(then: &AuditResult, now: &AuditResult) -> Vec<Turned> {
    let names =
        |check: &CheckOutcome| (check.id.clone(), check.slice.clone(), check.metric.clone(), check.class.clone());
    let find = |result: &AuditResult, check: &CheckOutcome| {
        result.checks.iter().find(|other| names(other) == names(check)).map(|other| other.outcome)
    };
    let turned = |check: &CheckOutcome, outcome: [Option<Outcome>; 2]| {
        let (id, slice, metric, class) = names(check);
        (outcome[0] != outcome[1]).then_some(Turned { id, slice, metric, class, outcome })
    };
    let later = now.checks.iter().filter_map(|check| turned(check, [find(then, check), Some(check.outcome)]));
    let gone = then.checks.iter().filter(|check| find(now, check).is_none());
    later.chain(gone.filter_map(|check| turned(check, [Some(check.outcome), None]))).collect()
}
