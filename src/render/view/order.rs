//! Worst first: the one order of findings and checks.

use super::words::VERDICTS;
use crate::metrics;
use crate::result::{AuditResult, CheckOutcome, Finding, Outcome, Severity, Verdict};

/// Findings, worst first: by verdict, then groups that are worse off, then the size of the gap.
pub(in crate::render) fn findings(result: &AuditResult) -> Vec<&Finding> {
    let mut sorted: Vec<&Finding> = result.findings.iter().collect();
    let favorable = result.method.favorable;
    sorted.sort_by(|a, b| {
        key(a, favorable).cmp(&key(b, favorable)).then(size(b).total_cmp(&size(a))).then_with(|| a.id.cmp(&b.id))
    });
    sorted
}

fn key(finding: &Finding, favorable: Option<bool>) -> (usize, bool, u8) {
    let harm = match worse_off(finding, favorable) {
        Some(true) => 0,
        None => 1,
        Some(false) => 2,
    };
    (rank(finding.verdict), !(finding.confirmed || finding.flagged), harm)
}

fn size(finding: &Finding) -> f64 {
    finding.tuned.map_or(0.0, |gap| gap.value.abs())
}

/// The place of a verdict, worst first.
pub(in crate::render) fn rank(verdict: Verdict) -> usize {
    VERDICTS.iter().position(|one| *one == verdict).unwrap_or(VERDICTS.len())
}

/// Whether the slice is worse off than its reference; `None` where no direction of harm is declared.
pub(in crate::render) fn worse_off(finding: &Finding, favorable: Option<bool>) -> Option<bool> {
    favorable?;
    let higher = metrics::find(&finding.metric)?.higher_is_better(favorable)?;
    finding.tuned.map(|gap| (gap.value < 0.0) == higher)
}

/// Whether a verdict says that the tuned model has a gap that counts.
pub(in crate::render) fn is_gap(verdict: Verdict) -> bool {
    rank(verdict) <= rank(Verdict::Attenuated)
}

/// Whether a verdict says that tuning made a gap new or larger.
pub(in crate::render) fn is_worse(verdict: Verdict) -> bool {
    rank(verdict) <= rank(Verdict::Worsened)
}

/// Checks, worst first and errors before warnings; a waived failure stands as high as a failure.
pub(in crate::render) fn checks(result: &AuditResult) -> Vec<&CheckOutcome> {
    let mut sorted: Vec<&CheckOutcome> = result.checks.iter().collect();
    sorted.sort_by_key(|check| (place(check.outcome), check.severity == Severity::Warn));
    sorted
}

fn place(outcome: Outcome) -> usize {
    let order =
        [Outcome::Failed, Outcome::Waived, Outcome::Missing, Outcome::Undecided, Outcome::TooSmall, Outcome::Met];
    order.iter().position(|one| *one == outcome).unwrap_or(order.len())
}
