//! What was not measured: everything a reader could think was looked at and was not.

use super::outcomes;
use super::words;
use crate::render::{clean, number};
use crate::result::{AuditResult, Estimate, Finding, Subject, Value, Verdict};
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
    /// Groups with too few people, or where no error can be told, each with the metrics concerned.
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

/// Slices with too few people, or where no error can be told, each with the metrics concerned and their rows.
fn too_small(result: &AuditResult) -> Vec<String> {
    let mut by_slice: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for finding in result.findings.iter().filter(|finding| finding.verdict == Verdict::TooSmall) {
        by_slice.entry(&finding.slice).or_default().push(small_finding(finding));
    }
    for value in result.values.iter().filter(|_| result.findings.is_empty()) {
        by_slice.entry(&value.slice).or_default().extend(small_value(result, value));
    }
    by_slice.retain(|_, metrics| !metrics.is_empty());
    let all = by_slice.len();
    let line = |(slice, metrics): (&str, Vec<String>)| format!("{}: {}", clean::label(slice), metrics.join(", "));
    by_slice.into_iter().take(MOST_LINES).map(line).chain(more(all)).collect()
}

fn small_finding(finding: &Finding) -> String {
    let rows = match finding.support {
        _ if finding.is_without_error() => "no error can be told".into(),
        None => "hidden".into(),
        Some(n) => number::counted(n.slice.min(n.reference), "row"),
    };
    format!("{} ({rows})", words::plain_of(&finding.metric, finding.class.as_deref()))
}

/// Of one model alone, where there are no findings.
fn small_value(result: &AuditResult, value: &Value) -> Option<String> {
    let Estimate::Known { support, .. } = value.estimate else { return None };
    let of_model = matches!(value.model, Subject::Base | Subject::Tuned)
        && outcomes::metric_ids(result).contains(&value.metric.as_str());
    let small = of_model && support < result.method.min_support;
    small.then(|| {
        format!("{} ({})", words::plain_of(&value.metric, value.class.as_deref()), number::counted(support, "row"))
    })
}

/// Numbers that do not exist: the metrics that share a reason and its groups stand in one line.
fn undefined(result: &AuditResult) -> Vec<String> {
    let every = outcomes::slices(result).len();
    let mut by_reason: BTreeMap<(String, Vec<String>), Vec<String>> = BTreeMap::new();
    for ((metric, reason), slices) in reasons(result) {
        by_reason.entry((reason, slices)).or_default().push(words::title(metric));
    }
    let all = by_reason.len();
    let line = |((reason, slices), metrics): ((String, Vec<String>), Vec<String>)| {
        let slices = if slices.len() == every { "everyone and every group".into() } else { named(&slices) };
        format!("{}, of {slices}: {reason}", named(&metrics))
    };
    by_reason.into_iter().take(MOST_LINES).map(line).chain(more(all)).collect()
}

/// The slices without a number, by metric and reason.
fn reasons(result: &AuditResult) -> BTreeMap<(&str, String), Vec<String>> {
    let mut found: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for value in result.values.iter().filter(|value| value.model != Subject::Change) {
        let Estimate::Undefined { undefined } = value.estimate else { continue };
        let slices =
            found.entry((value.metric.as_str(), words::reason(undefined, result.method.min_cell))).or_default();
        let slice = clean::label(&value.slice);
        if !slices.contains(&slice) {
            slices.push(slice);
        }
    }
    found
}

fn named(slices: &[String]) -> String {
    let shown = slices.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    let rest = slices.len().saturating_sub(MOST_NAMED) as u64;
    if rest > 0 { format!("{shown} and {}", number::count(rest) + " more") } else { shown }
}

fn more(all: usize) -> Option<String> {
    (all > MOST_LINES).then(|| format!("{} more are in result.json.", all - MOST_LINES))
}

fn missing(result: &AuditResult) -> Vec<String> {
    let mut lines = Vec::new();
    if result.provenance.models.base.is_none() || result.provenance.models.tuned.is_none() {
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
    if result.provenance.data.label.is_some() {
        lines.push("Whether the labels are right was not measured: error rates take them as true, and an old injustice in them stays unseen.".into());
    }
    lines.extend(NEVER.map(String::from));
    lines
}

/// What the tool never measures.
const NEVER: [&str; 4] = [
    "Causes were not measured: what base and tuned share may come from the base, the data or the labels.",
    "Verdicts are about decisions at the thresholds in use. At another threshold the gaps may differ.",
    "Intervals cover which people were tested, not another training run of either model.",
    "People who are not in these data, and what happens to a person after the decision, were not measured.",
];

fn attributes(result: &AuditResult) -> String {
    let names: Vec<String> = result.data.attributes.iter().map(|one| clean::label(&one.name)).collect();
    if names.is_empty() {
        "No groups were declared.".into()
    } else {
        format!("Only the groups named in the audit were looked at: {}.", names.join(", "))
    }
}
