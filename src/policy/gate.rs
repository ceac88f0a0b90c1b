//! Runs every check over a result and draws the conclusion: what the process exits with, and why.

use super::limit::{self, Judged};
use super::number::{NoNumber, Number};
use super::select::{self, Target, has_rows};
use super::{verdicts, waivers};
use crate::config::{Ask, Check, Judge, Limit, Of, On, Policy, Undecided};
use crate::result::{AuditResult, CheckOutcome, ExitStatus, Gate, Outcome, Severity, Span, Verdict};
use std::collections::BTreeSet;

/// Why a policy cannot be applied to a result: the policy is wrong, not the model.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A check visits nothing.
    #[error("check `{0}` matches nothing: no finding or value of that metric and those slices is in the result; correct `slices` or `metric`, or judge from evidence (`--evidence`)")]
    Nothing(String),
    /// The result does not tell its settings.
    #[error("the settings in this result cannot be read: {0}; judge from evidence, or audit again")]
    Settings(String),
    /// A check is about the reference itself.
    #[error("check `{check}` lists `{slice}`, which the other groups are compared with, so it has no gap of its own; list another slice, or use of = \"value\"")]
    Reference {
        /// The check.
        check: String,
        /// The slice.
        slice: String,
    },
}

/// What the policy says of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Outcomes in the order of the policy.
    pub checks: Vec<CheckOutcome>,
    /// The conclusion.
    pub gate: Gate,
    /// About waivers.
    pub notices: Vec<String>,
}

/// Judges a result. `required` slices must have enough rows; a named reference is among them.
pub fn judge(policy: &Policy, required: &[String], result: &AuditResult) -> Result<Judgement, PolicyError> {
    let mut checks = Vec::new();
    let mut hidden = false;
    for check in &policy.checks {
        let (outcomes, hides) = outcomes(check, result)?;
        checks.extend(outcomes);
        hidden |= hides && check.severity == Severity::Error;
    }
    let today = result.provenance.created.get(..10).unwrap_or_default();
    let notices = waivers::apply(&mut checks, &policy.waivers, today);
    let gate = conclude(policy, required, result, &checks, hidden);
    Ok(Judgement { checks, gate, notices })
}

/// One check's outcomes, and whether one needed a hidden number.
fn outcomes(check: &Check, result: &AuditResult) -> Result<(Vec<CheckOutcome>, bool), PolicyError> {
    match &check.ask {
        Ask::Limit { metric, of, on, limit, judge } => limits(check, result, metric, *of, *on, *limit, *judge),
        Ask::Verdicts { metric, verdicts } => {
            let targets = select::findings(result, check, metric.as_deref())?;
            Ok((targets.iter().map(|target| verdict_outcome(check, target, verdicts)).collect(), false))
        }
    }
}

fn verdict_outcome(check: &Check, target: &Target, listed: &[Verdict]) -> CheckOutcome {
    let words: Vec<String> = listed.iter().map(|verdict| verdict.id()).collect();
    let mut outcome = blank(check, target, format!("not {}", words.join(", ")), "verdict".into());
    if let Target::Finding { finding, .. } = target {
        outcome.outcome = verdicts::judge(finding, listed);
        outcome.metric = Some(finding.metric.clone());
        outcome.support = finding.support.map(|support| support.slice);
        outcome.needed = finding.support.and_then(|support| support.needed);
    }
    outcome
}

fn limits(check: &Check, result: &AuditResult, metric: &str, of: Of, on: On, limit: Limit, by: Judge) -> Result<(Vec<CheckOutcome>, bool), PolicyError> {
    let targets = select::targets(result, check, metric, of)?;
    let numbers: Vec<Result<Number, NoNumber>> = targets.iter().map(|target| Number::of(target, of, on, limit)).collect();
    let hidden = numbers.iter().any(|number| matches!(number, Err(NoNumber::Hidden)));
    let needed = result.method.min_support.max(10);
    let enough = |number: Result<Number, NoNumber>| number.ok().filter(|number| number.support().1 >= needed);
    let supports: Vec<Option<u64>> = numbers.iter().map(|number| number.as_ref().ok().map(|n| n.support().0)).collect();
    let numbers: Vec<Option<Number>> = numbers.into_iter().map(enough).collect();
    let id = format!("check/{}/{metric}", check.id);
    let judged = limit::judge(&numbers, limit, by, result.method.confidence, result.method.seed, &id);
    let what = format!("{metric} {} on {}", word(of), word(on));
    let rows = targets.iter().zip(judged).zip(supports).map(|((target, judged), support)| {
        let mut outcome = blank(check, target, limit::in_words(limit), what.clone());
        outcome.metric = Some(metric.into());
        outcome.support = support;
        fill(&mut outcome, judged);
        outcome
    });
    Ok((rows.collect(), hidden))
}

fn fill(outcome: &mut CheckOutcome, judged: Option<Judged>) {
    let Some(judged) = judged else { return };
    let finite = |end: f64| end.is_finite().then_some(end);
    outcome.outcome = judged.outcome;
    outcome.value = judged.value;
    outcome.interval = judged.interval.map(|span| Span { low: finite(span.low), high: finite(span.high) });
    outcome.probability = judged.probability;
    outcome.needed = judged.needed;
}

/// An outcome without a number: missing, or too small until something is judged.
fn blank(check: &Check, target: &Target, limit: String, what: String) -> CheckOutcome {
    let missing = matches!(target, Target::Missing { .. });
    CheckOutcome {
        id: check.id.clone(),
        slice: target.name(),
        metric: None,
        outcome: if missing { Outcome::Missing } else { Outcome::TooSmall },
        value: None,
        interval: None,
        limit,
        what,
        probability: None,
        support: None,
        needed: None,
        severity: check.severity,
        waiver: None,
        at: check.at.clone(),
    }
}

/// A check over all its slices: failed if one failed, undecided if one is, met if at least one is.
fn overall(outcomes: &[&CheckOutcome]) -> Outcome {
    let any = |outcome: Outcome| outcomes.iter().any(|o| o.outcome == outcome);
    let order = [Outcome::Failed, Outcome::Undecided, Outcome::Missing, Outcome::Waived, Outcome::Met];
    order.into_iter().find(|outcome| any(*outcome)).unwrap_or(Outcome::TooSmall)
}

fn conclude(policy: &Policy, required: &[String], result: &AuditResult, checks: &[CheckOutcome], hidden: bool) -> Gate {
    let of = |check: &Check| overall(&checks.iter().filter(|outcome| outcome.id == check.id).collect::<Vec<_>>());
    let all: Vec<(Severity, Outcome)> = policy.checks.iter().map(|check| (check.severity, of(check))).collect();
    let count = |wanted: &[Outcome]| all.iter().filter(|(_, outcome)| wanted.contains(outcome)).count() as u32;
    let errors: Vec<Outcome> = all.iter().filter(|(severity, _)| *severity == Severity::Error).map(|(_, o)| *o).collect();
    let gap = evidence_gap(required, result, checks, hidden);
    let (status, why) = status(policy.undecided, &errors, gap);
    Gate {
        status,
        why,
        met: count(&[Outcome::Met]),
        failed: count(&[Outcome::Failed]),
        undecided: count(&[Outcome::Undecided, Outcome::Missing, Outcome::TooSmall]),
        waived: count(&[Outcome::Waived]),
    }
}

/// The rules of the exit code, in order.
fn status(undecided: Undecided, errors: &[Outcome], gap: Option<String>) -> (ExitStatus, String) {
    let settled = |outcome: &Outcome| matches!(outcome, Outcome::Met | Outcome::Failed | Outcome::Waived);
    let open = errors.iter().filter(|outcome| !settled(outcome)).count();
    let failed = errors.iter().filter(|&&outcome| outcome == Outcome::Failed).count();
    if failed > 0 {
        return (ExitStatus::Failed, format!("{failed} of {} error-level checks failed.", errors.len()));
    }
    if let Some(gap) = gap {
        return (ExitStatus::EvidenceGap, gap);
    }
    if errors.is_empty() {
        return (ExitStatus::Ok, "Nothing was gated: no error-level check was asked.".into());
    }
    if open > 0 && undecided == Undecided::Error {
        return (ExitStatus::EvidenceGap, format!("Nothing failed, but {open} error-level checks are undecided."));
    }
    if open == errors.len() && undecided != Undecided::Pass {
        return (ExitStatus::EvidenceGap, "Nothing failed, but no error-level check could be settled.".into());
    }
    if open > 0 {
        return (ExitStatus::Ok, format!("Nothing failed; {open} of {} error-level checks are undecided.", errors.len()));
    }
    (ExitStatus::Ok, format!("All {} error-level checks are met.", errors.len()))
}

/// A required slice, or one that an error-level check lists, that is missing or too small.
fn evidence_gap(required: &[String], result: &AuditResult, checks: &[CheckOutcome], hidden: bool) -> Option<String> {
    if hidden {
        return Some("A check needs a number that is hidden in this result; judge from evidence (`--evidence`).".into());
    }
    let least = result.method.min_support.max(10);
    for slice in required {
        if !has_rows(result, slice) {
            return Some(format!("The required slice {slice} has no rows."));
        }
        if rows(result, slice).is_none_or(|rows| rows < least) {
            return Some(format!("The required slice {slice} has fewer than {least} rows."));
        }
    }
    let error = |outcome: &&CheckOutcome| outcome.severity == Severity::Error;
    let names: BTreeSet<&String> = required.iter().collect();
    checks.iter().filter(error).find_map(|outcome| match outcome.outcome {
        Outcome::Missing => Some(format!("{} of check {} has no rows.", outcome.slice, outcome.id)),
        Outcome::TooSmall if names.contains(&outcome.slice) => {
            Some(format!("The required slice {} is too small for check {}.", outcome.slice, outcome.id))
        }
        _ => None,
    })
}

fn rows(result: &AuditResult, slice: &str) -> Option<u64> {
    let mut groups = result.data.attributes.iter().flat_map(|attribute| &attribute.groups);
    groups.find(|group| group.slice == slice)?.rows
}

impl Verdict {
    /// The word used in files, `carried_over`.
    pub fn id(self) -> String {
        word(self)
    }
}

/// The serialized word of a plain enum.
fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => unreachable!("a unit variant serializes as its name"),
    }
}
