//! Runs every check over a result and draws the conclusion: what the process exits with, and why.

use super::limit::{self, Judged};
use super::number::{NoNumber, Number};
use super::select::{self, Target, has_rows};
use super::{accepted, verdicts, waivers};
use crate::config::{Ask, Check, Judge, Limit, Of, On, Policy, Undecided};
use crate::metrics::{self, Metric};
use crate::result::{
    Asked, AuditResult, CheckNotes, CheckOutcome, ExitStatus, Gate, LockNote, Outcome, Severity, Verdict,
};
use crate::stats::quantile_of;
use std::collections::{BTreeMap, BTreeSet};

/// Why a policy cannot be applied to a result: the policy is wrong, not the model.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A check visits nothing.
    #[error(
        "check `{0}` matches nothing: no finding or value of that metric and those slices is in the result; correct `slices` or `metric`, or judge from evidence (`--evidence`)"
    )]
    Nothing(String),
    /// The result does not tell its settings.
    #[error("the settings in this result cannot be read: {0}; judge from evidence, or audit again")]
    Settings(String),
    /// A check is about the reference itself.
    #[error(
        "check `{check}` lists `{slice}`, which the other groups are compared with, so it has no gap of its own; list another slice, or use of = \"value\""
    )]
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
    /// What is said of a check beside what it asks, by its id.
    pub notes: BTreeMap<String, CheckNotes>,
    /// The conclusion.
    pub gate: Gate,
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
    let mut warnings = waivers::apply(&mut checks, &policy.waivers, today, tuned(result));
    warnings.extend(accepted::apply(&mut checks, &policy.accepted, result));
    warnings.extend(policy.checks.iter().filter_map(|check| due(check, today)));
    warnings.extend(changed(result));
    let gate = Gate { warnings, ..conclude(policy, required, result, &checks, hidden) };
    let noted = policy.checks.iter().filter(|check| !check.notes.is_empty());
    let notes = noted.map(|check| (check.id.clone(), check.notes.clone())).collect();
    Ok(Judgement { checks, notes, gate })
}

/// SHA-256 of the tuned model's files, or of the only model's.
fn tuned(result: &AuditResult) -> Vec<&str> {
    let models = &result.provenance.models;
    let model = models.tuned.as_ref().or(models.base.as_ref());
    model.iter().flat_map(|model| &model.files).map(|file| file.sha256.as_str()).collect()
}

/// A review whose day has passed. Of an occasion nobody but its reader can tell.
fn due(check: &Check, today: &str) -> Option<String> {
    let day = check.notes.review_by.as_deref()?;
    let passed = day.parse::<jiff::civil::Date>().is_ok() && day < today;
    passed.then(|| format!("The review of check {} was due on {day}.", check.id))
}

/// That the policy is not what was locked.
fn changed(result: &AuditResult) -> Option<String> {
    let LockNote { on, unchanged, .. } = result.provenance.policy.as_ref()?.locked.as_ref()?;
    let day = on.get(..10).unwrap_or(on);
    (!unchanged).then(|| format!("The policy changed since it was locked on {day}."))
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
    let mut outcome = blank(check, target, Asked::Verdicts { verdicts: listed.to_vec() });
    if let Target::Finding { finding, .. } = target {
        outcome.outcome = verdicts::judge(finding, listed);
        outcome.metric = Some(finding.metric.clone());
        outcome.class = finding.class.clone();
        outcome.hidden = finding.hidden;
        outcome.support = finding.support.map(|support| support.slice);
        outcome.needed = finding.support.and_then(|support| support.needed);
    }
    outcome
}

fn limits(
    check: &Check,
    result: &AuditResult,
    metric: &str,
    of: Of,
    on: On,
    limit: Limit,
    by: Judge,
) -> Result<(Vec<CheckOutcome>, bool), PolicyError> {
    let targets = select::targets(result, check, metric, of)?;
    let z = quantile_of(result.method.confidence);
    let numbers: Vec<Result<Number, NoNumber>> =
        targets.iter().map(|target| Number::of(target, of, on, limit, z)).collect();
    let hidden = numbers.iter().any(|number| matches!(number, Err(NoNumber::Hidden)));
    let least = |metric: &Metric| metric.least_support(result.method.min_support);
    let needed = metrics::find(metric).map_or(result.method.min_support.max(10), least);
    let enough = |number: Result<Number, NoNumber>| number.ok().filter(|number| number.support().1 >= needed);
    let supports: Vec<Option<u64>> = numbers.iter().map(|number| number.as_ref().ok().map(|n| n.support().0)).collect();
    let numbers: Vec<Option<Number>> = numbers.into_iter().map(enough).collect();
    let id = format!("check/{}/{metric}", check.id);
    let judged = limit::judge(&numbers, limit, by, result.method.confidence, result.method.seed, &id);
    let asked = Asked::Limit { of, on, limit, judge: by };
    let rows = targets.iter().zip(judged).zip(supports).map(|((target, judged), support)| {
        let mut outcome = blank(check, target, asked.clone());
        outcome.metric = Some(metric.into());
        outcome.class = target.class();
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
    outcome.value = judged.value.filter(|value| value.is_finite());
    outcome.low = judged.interval.and_then(|span| finite(span.low));
    outcome.high = judged.interval.and_then(|span| finite(span.high));
    outcome.probability = judged.probability;
    outcome.needed = judged.needed;
}

/// An outcome without a number: missing, or too small until something is judged.
fn blank(check: &Check, target: &Target, asked: Asked) -> CheckOutcome {
    let missing = matches!(target, Target::Missing { .. });
    let outcome = if missing { Outcome::Missing } else { Outcome::TooSmall };
    CheckOutcome { slice: target.name(), metric: None, class: None, outcome, asked, ..unjudged(check) }
}

/// A check before anything is judged, for those who tell what it asks.
pub fn unjudged(check: &Check) -> CheckOutcome {
    CheckOutcome {
        id: check.id.clone(),
        slice: String::new(),
        metric: check.ask.metric().map(String::from),
        class: check.class.clone(),
        outcome: Outcome::Undecided,
        value: None,
        low: None,
        high: None,
        asked: check.ask.asked(),
        probability: None,
        support: None,
        needed: None,
        severity: check.severity,
        waiver: None,
        accepted: None,
        at: check.at.clone(),
        hidden: false,
    }
}

fn conclude(policy: &Policy, required: &[String], result: &AuditResult, checks: &[CheckOutcome], hidden: bool) -> Gate {
    let of = |check: &Check| Outcome::over(checks.iter().filter(|one| one.id == check.id).map(|one| one.outcome));
    let all: Vec<(Severity, Outcome)> = policy.checks.iter().map(|check| (check.severity, of(check))).collect();
    let count = |wanted: Outcome| all.iter().filter(|(_, outcome)| *outcome == wanted).count() as u32;
    let gap = evidence_gap(required, result, checks, hidden);
    let (status, why) = status(policy.undecided, &of_level(&all, Severity::Error), gap);
    let why = why + &warnings(&of_level(&all, Severity::Warn));
    Gate {
        status,
        why,
        met: count(Outcome::Met),
        failed: count(Outcome::Failed),
        undecided: count(Outcome::Undecided),
        waived: count(Outcome::Waived),
        accepted: count(Outcome::Accepted),
        too_small: count(Outcome::TooSmall),
        missing: count(Outcome::Missing),
        warnings: Vec::new(),
    }
}

fn of_level(all: &[(Severity, Outcome)], level: Severity) -> Vec<Outcome> {
    all.iter().filter(|(severity, _)| *severity == level).map(|(_, outcome)| *outcome).collect()
}

/// The rules of the exit code, in order.
fn status(undecided: Undecided, errors: &[Outcome], gap: Option<String>) -> (ExitStatus, String) {
    let open = errors.iter().filter(|outcome| !outcome.is_settled()).count();
    let failed = errors.iter().filter(|&&outcome| outcome == Outcome::Failed).count();
    let all = errors.len();
    if failed > 0 {
        return (ExitStatus::Failed, format!("{failed} of {} failed.", checks(all, "error-level")));
    }
    if let Some(gap) = gap {
        return (ExitStatus::EvidenceGap, gap);
    }
    if all == 0 {
        return (ExitStatus::Ok, "No error-level check was asked.".into());
    }
    if open == all && undecided != Undecided::Pass {
        return (ExitStatus::EvidenceGap, "Nothing failed, but no error-level check could be settled.".into());
    }
    let status = if open > 0 && undecided == Undecided::Error { ExitStatus::EvidenceGap } else { ExitStatus::Ok };
    let why = match open {
        0 => format!("Every error-level check is {}.", settled(errors)),
        _ => format!("Nothing failed, but {open} of {} could not be settled.", checks(all, "error-level")),
    };
    (status, why)
}

/// "met (3)", "met (1), waived (1) or failed as accepted before (1)".
fn settled(errors: &[Outcome]) -> String {
    let count = |wanted: Outcome| errors.iter().filter(|&&outcome| outcome == wanted).count();
    let rest = [(count(Outcome::Waived), "waived"), (count(Outcome::Accepted), "failed as accepted before")];
    let mut parts = vec![format!("met ({})", count(Outcome::Met))];
    parts.extend(rest.iter().filter(|part| part.0 > 0).map(|(n, words)| format!("{words} ({n})")));
    match parts.split_last() {
        Some((last, first @ [_, ..])) => format!("{} or {last}", first.join(", ")),
        _ => parts.join(""),
    }
}

/// What is open or failed among the checks that weigh nothing, so that "met" is not read as all.
fn warnings(warns: &[Outcome]) -> String {
    let count = |wanted: fn(Outcome) -> bool| warns.iter().filter(|&&outcome| wanted(outcome)).count();
    let parts = [(count(|o| o == Outcome::Failed), "failed"), (count(|o| !o.is_settled()), "could not be settled")];
    let said: Vec<String> = parts.iter().filter(|part| part.0 > 0).map(|(n, word)| format!("{n} {word}")).collect();
    if said.is_empty() {
        String::new()
    } else {
        format!(" Of {}, {}.", checks(warns.len(), "warn-level"), said.join(" and "))
    }
}

/// "1 error-level check", "2 error-level checks".
fn checks(n: usize, level: &str) -> String {
    format!("{n} {level} check{}", if n == 1 { "" } else { "s" })
}

/// A required slice, or one that an error-level check lists, that is missing or too small.
fn evidence_gap(required: &[String], result: &AuditResult, checks: &[CheckOutcome], hidden: bool) -> Option<String> {
    if hidden {
        return Some(
            "A check needs a number that is hidden in this result; judge from evidence (`--evidence`).".into(),
        );
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
