//! What was not measured: everything a reader could think was looked at and was not.

use super::words;
use crate::render::{clean, number};
use crate::result::{AuditResult, Estimate, Finding, Subject, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// Slices named in one list at most.
const MOST_NAMED: usize = 12;
/// Lines of one list at most.
const MOST_LINES: usize = 40;

/// The section "Not measured, and limits".
#[derive(Debug, Default, Serialize)]
pub(in crate::render) struct Limits {
    /// What the reader should know first, from the audit itself.
    pub notices: Vec<String>,
    /// Groups with too few people, each with the metrics concerned.
    pub too_small: Vec<String>,
    /// Numbers that do not exist, with the reason.
    pub undefined: Vec<String>,
    /// What is missing from the data or the audit file.
    pub missing: Vec<String>,
}

/// Reads the section from the result.
pub(in crate::render) fn limits(result: &AuditResult) -> Limits {
    Limits {
        notices: result.notices.iter().take(MOST_LINES).map(|notice| clean::shortened(notice, 400)).collect(),
        too_small: too_small(result),
        undefined: undefined(result),
        missing: missing(result),
    }
}

fn too_small(result: &AuditResult) -> Vec<String> {
    let mut by_slice: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in result.findings.iter().filter(|finding| finding.verdict == Verdict::TooSmall) {
        by_slice.entry(&finding.slice).or_default().push(finding);
    }
    let all = by_slice.len();
    let mut lines: Vec<String> =
        by_slice.into_iter().take(MOST_LINES).map(|(slice, findings)| small(slice, &findings)).collect();
    lines.extend(more(all));
    lines
}

fn small(slice: &str, findings: &[&Finding]) -> String {
    let one = |finding: &&Finding| {
        let rows = finding.support.map_or("hidden".into(), |n| number::counted(n.slice.min(n.reference), "row"));
        format!("{} ({rows})", words::plain(&finding.metric))
    };
    format!("{}: {}", clean::label(slice), findings.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn undefined(result: &AuditResult) -> Vec<String> {
    let mut by_reason: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for value in &result.values {
        if let Estimate::Undefined { undefined } = &value.estimate
            && value.model != Subject::Change
        {
            let slices = by_reason
                .entry((value.metric.as_str(), words::reason(*undefined, result.method.min_cell)))
                .or_default();
            let slice = clean::label(&value.slice);
            if !slices.contains(&slice) {
                slices.push(slice);
            }
        }
    }
    let all = by_reason.len();
    let line = |((metric, reason), slices): ((&str, String), Vec<String>)| {
        format!("{} of {}: {reason}", words::title(metric), named(&slices))
    };
    let mut lines: Vec<String> = by_reason.into_iter().take(MOST_LINES).map(line).collect();
    lines.extend(more(all));
    lines
}

fn named(slices: &[String]) -> String {
    let shown = slices.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    let rest = slices.len().saturating_sub(MOST_NAMED) as u64;
    if rest > 0 { format!("{shown} and {}", number::counted(rest, "more group")) } else { shown }
}

fn more(all: usize) -> Option<String> {
    (all > MOST_LINES).then(|| format!("{} more are in result.json.", all - MOST_LINES))
}

fn missing(result: &AuditResult) -> Vec<String> {
    let mut lines = Vec::new();
    if result.provenance.base.is_none() || result.provenance.tuned.is_none() {
        lines.push("One model alone was given: no gap can be traced to a base.".into());
    }
    if result.provenance.data.label.is_none() {
        lines.push("The data carry no labels: error rates were not measured.".into());
    }
    if result.method.favorable.is_none() {
        lines.push("Direction of harm not declared: gaps are sorted by size, not by who is worse off, and adverse changes are not counted.".into());
    }
    lines.extend(result.data.attributes.iter().filter_map(|one| {
        let unknown = one.unknown.filter(|n| *n > 0)?;
        Some(format!(
            "{}: {} with no known value; they are in no group.",
            clean::label(&one.name),
            number::counted(unknown, "row")
        ))
    }));
    lines.push(attributes(result));
    lines.push(
        "Only decisions at the thresholds in use were measured. At another threshold the gaps may differ.".into(),
    );
    lines.push("Intervals cover which people were tested, not another training run of either model.".into());
    lines
}

fn attributes(result: &AuditResult) -> String {
    let names: Vec<String> = result.data.attributes.iter().map(|one| clean::label(&one.name)).collect();
    if names.is_empty() {
        "No groups were declared.".into()
    } else {
        format!("Only the groups named in the audit were looked at: {}.", names.join(", "))
    }
}
