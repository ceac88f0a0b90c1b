//! Two audits side by side: which verdicts, gaps and outcomes are others now.
//!
//! The difference of two tuned gaps has an interval. Where both audits used the same rows it is paired if a
//! result tells how the two models go together: they are one model, or the later audit took the earlier one's
//! tuned model as its base, so that the difference is that audit's own change. Else the two estimates are
//! held as independent (Zou & Donner 2008), which on the same rows gives too wide an interval, never too
//! narrow a one unless the models' errors run against each other; and it is said.

use crate::result::{AuditResult, CheckOutcome, ExitStatus, Finding, GapEstimate, ModelNote, Outcome, Verdict};
use crate::stats::{Contrast, quantile_of};
use serde::Serialize;
use std::collections::BTreeSet;

/// Format and version.
pub const SCHEMA: &str = "heirloom.compare/1.0";
/// Two numbers of one model on the same rows differ by no more.
const SAME: f64 = 1e-9;

/// What was, and what is now.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// One model on the same rows: no difference.
    SameModel,
    /// The later base is the earlier tuned model, on the same rows: the later audit's own change.
    Chained,
    /// As if the two were independent.
    Unpaired,
}

/// A number with the ends of its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Gap {
    /// The number.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// One comparison in both audits.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
}

/// One comparison that one audit alone has.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    /// The finding's id.
    pub id: String,
    /// Its verdict.
    pub verdict: Verdict,
}

/// One outcome that is another now.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    /// Whether the gap surely is another: the interval of the difference leaves out 0.
    pub fn surely(&self) -> bool {
        self.difference.is_some_and(|apart| apart.low > 0.0 || apart.high < 0.0)
    }

    /// Whether the verdict is another.
    pub fn turned(&self) -> bool {
        self.verdict[0] != self.verdict[1]
    }
}

/// Sets two results side by side, the earlier first.
pub fn compare(then: &AuditResult, now: &AuditResult) -> Compared {
    let same_rows = same_rows(then, now);
    let pairing = pairing(then, now, same_rows);
    let (mut findings, mut new) = (Vec::new(), Vec::new());
    let mut met = BTreeSet::new();
    for finding in &now.findings {
        match counterpart(finding, then) {
            Some((other, turned)) => {
                met.insert(&other.id);
                findings.push(moved((other, turned, then), (finding, now), pairing));
            }
            None => new.push(told(finding)),
        }
    }
    let gone = then.findings.iter().filter(|finding| !met.contains(&finding.id)).map(told).collect();
    Compared {
        schema: SCHEMA,
        then: side(then),
        now: side(now),
        same_rows,
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

/// The same files, and the same of their rows.
fn same_rows(then: &AuditResult, now: &AuditResult) -> bool {
    let rows = |result: &AuditResult| {
        let data = &result.provenance.data;
        let hashes: Vec<String> = data.files.iter().map(|file| file.sha256.clone()).collect();
        (hashes, data.filter.clone(), data.limit, data.label.clone(), result.data.used)
    };
    rows(then) == rows(now)
}

fn pairing(then: &AuditResult, now: &AuditResult, same_rows: bool) -> Pairing {
    let hashes = |model: Option<&ModelNote>| -> Vec<String> {
        model.iter().flat_map(|model| &model.files).map(|file| file.sha256.clone()).collect()
    };
    let (models, earlier) = (&now.provenance.models, hashes(then.provenance.models.tuned.as_ref()));
    if !same_rows || earlier.is_empty() {
        Pairing::Unpaired
    } else if hashes(models.tuned.as_ref()) == earlier {
        Pairing::SameModel
    } else if hashes(models.base.as_ref()) == earlier {
        Pairing::Chained
    } else {
        Pairing::Unpaired
    }
}

/// The earlier finding of the same comparison; of a two-group attribute it may be told of the other group.
fn counterpart<'a>(finding: &Finding, then: &'a AuditResult) -> Option<(&'a Finding, bool)> {
    let same = |other: &&Finding| other.id == finding.id && other.reference == finding.reference;
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

type Earlier<'a> = (&'a Finding, bool, &'a AuditResult);

fn moved((other, turned, then): Earlier, (finding, now): (&Finding, &AuditResult), pairing: Pairing) -> Moved {
    let confidence = now.method.confidence;
    let before = gap(other, then, confidence).map(|gap| if turned { negated(gap) } else { gap });
    let after = gap(finding, now, confidence);
    Moved {
        id: finding.id.clone(),
        metric: finding.metric.clone(),
        class: finding.class.clone(),
        slice: finding.slice.clone(),
        verdict: [other.verdict, finding.verdict],
        gap: [before, after],
        difference: before.zip(after).map(|(before, after)| difference(before, after, finding, pairing)),
    }
}

fn difference(then: Gap, now: Gap, finding: &Finding, pairing: Pairing) -> Gap {
    let value = now.value - then.value;
    let same = |a: f64, b: f64| (a - b).abs() <= SAME;
    // A threshold may be another, and then the one model is not the same decisions.
    match (pairing, finding.base, finding.change) {
        (Pairing::SameModel, ..) if same(then.value, now.value) => Gap { value: 0.0, low: 0.0, high: 0.0 },
        (Pairing::Chained, Some(base), Some(change)) if same(base.value, then.value) => plain(change),
        _ => {
            let reach = |a: f64, b: f64| a.hypot(b);
            let low = value - reach(now.value - now.low, then.high - then.value);
            Gap { value, low, high: value + reach(now.high - now.value, then.value - then.low) }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> AuditResult {
        crate::result::read(include_str!("../fixtures/results/v1.0.json")).expect("the sample is a result")
    }

    /// The sample with another tuned model and other data.
    fn other() -> AuditResult {
        let mut result = sample();
        let tuned = result.provenance.models.tuned.as_mut().expect("it has one");
        tuned.files[0].sha256 = "00".repeat(32);
        result.provenance.data.files[0].sha256 = "11".repeat(32);
        result
    }

    #[test]
    fn a_result_beside_itself_shows_nothing() {
        let compared = compare(&sample(), &sample());
        assert!(compared.same_rows && compared.pairing == Pairing::SameModel);
        assert!(compared.new.is_empty() && compared.gone.is_empty() && compared.checks.is_empty());
        assert!(compared.findings.iter().all(|one| !one.turned() && !one.surely()));
        assert!(compared.findings.iter().any(|one| one.difference.is_some()));
    }

    /// Exchanging the two negates every difference.
    #[test]
    fn exchanged_the_differences_turn_round() {
        let mut later = other();
        for finding in &mut later.findings {
            finding.tuned = finding.tuned.map(|gap| GapEstimate { value: gap.value + 0.01, low: gap.low, ..gap });
        }
        let (there, back) = (compare(&sample(), &later), compare(&later, &sample()));
        assert_eq!(there.pairing, Pairing::Unpaired);
        for (a, b) in there.findings.iter().zip(&back.findings) {
            let Some((a, b)) = a.difference.zip(b.difference) else { continue };
            let near = |x: f64, y: f64| (x + y).abs() < 1e-12;
            assert!(near(a.value, b.value) && near(a.low, b.high) && near(a.high, b.low), "{a:?} {b:?}");
        }
    }

    #[test]
    fn an_unpaired_difference_is_wider_than_either_gap() {
        for one in compare(&sample(), &other()).findings {
            let ([Some(then), Some(now)], Some(apart)) = (one.gap, one.difference) else { continue };
            let width = |gap: Gap| gap.high - gap.low;
            assert!(width(apart) + 1e-12 >= width(then).max(width(now)), "{}", one.id);
        }
    }

    #[test]
    fn a_chain_of_tunings_takes_the_later_audits_change() {
        let then = sample();
        let mut now = other();
        now.provenance.data = then.provenance.data.clone();
        now.provenance.models.base.as_mut().expect("it has one").files =
            then.provenance.models.tuned.as_ref().expect("it has one").files.clone();
        for (later, earlier) in now.findings.iter_mut().zip(&then.findings) {
            later.base = earlier.tuned;
        }
        let compared = compare(&then, &now);
        assert_eq!(compared.pairing, Pairing::Chained);
        for (one, finding) in compared.findings.iter().zip(&now.findings) {
            assert_eq!(one.difference, finding.change.map(plain), "{}", one.id);
        }
    }

    #[test]
    fn a_group_told_by_its_mirror_is_met_with_its_sign_turned() {
        let mut then = sample();
        let finding = then.findings.iter_mut().find(|one| one.mirror.is_some()).expect("sex has two groups");
        let mirror = finding.mirror.replace(finding.slice.clone()).expect("it has one");
        finding.slice = mirror;
        finding.id = format!("{}/{}", finding.metric, finding.slice);
        let turn = |gap: GapEstimate| GapEstimate { value: -gap.value, low: -gap.high, high: -gap.low, ..gap };
        finding.tuned = finding.tuned.map(turn);
        let compared = compare(&then, &sample());
        assert!(compared.new.is_empty() && compared.gone.is_empty());
        assert!(compared.findings.iter().filter_map(|one| one.difference).all(|apart| apart.value == 0.0));
    }

    #[test]
    fn what_one_audit_alone_has_is_new_or_gone() {
        let mut then = sample();
        let finding = then.findings.remove(0);
        let check = then.checks.remove(0);
        let (there, back) = (compare(&then, &sample()), compare(&sample(), &then));
        assert_eq!((there.new[0].id.as_str(), there.gone.len()), (finding.id.as_str(), 0));
        assert_eq!((back.gone[0].id.as_str(), back.new.len()), (finding.id.as_str(), 0));
        assert_eq!(there.checks[0].outcome, [None, Some(check.outcome)]);
        assert_eq!(back.checks[0].outcome, [Some(check.outcome), None]);
    }
}
