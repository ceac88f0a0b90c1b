//! Worst first: the one order of findings and checks.

use super::words::VERDICTS;
use crate::metrics;
use crate::result::{AuditResult, CheckOutcome, Finding, Outcome, Severity, Verdict};
use std::collections::HashMap;

/// Findings, worst first: by verdict, then groups that are worse off, then the size of the gap,
/// measured by the smallest that counts so that metrics of any scale can stand side by side.
pub(in crate::render) fn findings(result: &AuditResult) -> Vec<&Finding> {
    let mut sorted: Vec<&Finding> = result.findings.iter().collect();
    let favorable = result.method.favorable;
    sorted.sort_by(|a, b| {
        key(a, favorable)
            .cmp(&key(b, favorable))
            .then(size(result, b).total_cmp(&size(result, a)))
            .then_with(|| a.id.cmp(&b.id))
    });
    sorted
}

/// A finding in a list.
#[derive(Clone, Copy)]
pub(in crate::render) struct Listed<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// Whether it is a cross that says the same as the finding of one of its groups, above it.
    pub under: bool,
}

/// Findings, worst first; a cross whose verdict and direction are those of one of its groups stands
/// under that, since it tells nothing new.
pub(in crate::render) fn listed(result: &AuditResult) -> Vec<Listed<'_>> {
    let sorted = findings(result);
    let key = |finding: &Finding, slice: &str| (finding.metric.clone(), finding.class.clone(), slice.to_string());
    let place: HashMap<_, usize> =
        sorted.iter().enumerate().map(|(at, finding)| (key(finding, &finding.slice), at)).collect();
    let parent = |finding: &Finding| {
        let wider = wider(&finding.slice);
        let known = wider.iter().filter_map(|slice| place.get(&key(finding, slice)).copied());
        known.filter(|at| says_the_same(sorted[*at], finding)).min()
    };
    let mut under: Vec<Vec<usize>> = vec![Vec::new(); sorted.len()];
    let mut roots = Vec::new();
    for (at, finding) in sorted.iter().enumerate() {
        match parent(finding) {
            Some(parent) => under[parent].push(at),
            None => roots.push(at),
        }
    }
    let mut list = Vec::new();
    roots.into_iter().for_each(|root| place_under(root, false, &sorted, &under, &mut list));
    list
}

fn place_under<'a>(at: usize, below: bool, sorted: &[&'a Finding], under: &[Vec<usize>], list: &mut Vec<Listed<'a>>) {
    list.push(Listed { finding: sorted[at], under: below });
    under[at].iter().for_each(|child| place_under(*child, true, sorted, under, list));
}

/// The slices that a cross refines, by leaving out one of its attributes.
fn wider(slice: &str) -> Vec<String> {
    let parts: Vec<&str> = slice.split(" & ").collect();
    let without = |at: usize| {
        let kept = parts.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, part)| *part);
        kept.collect::<Vec<_>>().join(" & ")
    };
    if parts.len() < 2 { Vec::new() } else { (0..parts.len()).map(without).collect() }
}

fn says_the_same(wide: &Finding, cross: &Finding) -> bool {
    let sign = |finding: &Finding| finding.tuned.map(|gap| gap.value > 0.0);
    wide.verdict == cross.verdict && sign(wide) == sign(cross)
}

fn key(finding: &Finding, favorable: Option<bool>) -> (usize, bool, u8) {
    let harm = match worse_off(finding, favorable) {
        Some(true) => 0,
        None => 1,
        Some(false) => 2,
    };
    (rank(finding.verdict), !(finding.confirmed || finding.flagged), harm)
}

fn size(result: &AuditResult, finding: &Finding) -> f64 {
    finding.tuned.map_or(0.0, |gap| gap.value.abs() / result.method.tau(&finding.metric))
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
    let order = [
        Outcome::Failed,
        Outcome::Accepted,
        Outcome::Waived,
        Outcome::Missing,
        Outcome::Undecided,
        Outcome::TooSmall,
        Outcome::Met,
    ];
    order.iter().position(|one| *one == outcome).unwrap_or(order.len())
}
