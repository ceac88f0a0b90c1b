//! One table of all findings and of all outcomes of checks, told apart by the column `kind`.
//!
//! Numbers are whole, as in `result.json`, and empty where there is none. Text that a spreadsheet
//! would take for a formula gets an apostrophe in front.

use super::view::told::{self, Told};
use super::view::{order, words};
use super::{RenderError, clean, number};
use crate::result::{AuditResult, Finding, GapEstimate};

const COLUMNS: [&str; 30] = [
    "kind",
    "id",
    "metric",
    "class",
    "slice",
    "reference",
    "verdict",
    "standing",
    "base",
    "base_low",
    "base_high",
    "tuned",
    "tuned_low",
    "tuned_high",
    "change",
    "change_low",
    "change_high",
    "p_value",
    "q_value",
    "support",
    "reference_support",
    "hidden",
    "outcome",
    "severity",
    "limit",
    "judged",
    "judged_low",
    "judged_high",
    "file",
    "line",
];
/// Columns between a verdict and its support, which only findings fill.
const BETWEEN: usize = 12;

/// Findings, then checks, each worst first.
pub(super) fn render(result: &AuditResult) -> Result<String, RenderError> {
    let header = COLUMNS.map(String::from).to_vec();
    let findings = order::findings(result).into_iter().map(finding);
    let told = told::every(result);
    let rows = [header].into_iter().chain(findings).chain(told.iter().map(check));
    Ok(table(rows))
}

/// Rows as lines that end as RFC 4180 asks.
pub(super) fn table(rows: impl Iterator<Item = Vec<String>>) -> String {
    rows.map(|row| row.join(",") + "\r\n").collect()
}

fn finding(finding: &Finding) -> Vec<String> {
    let names = [Some("finding"), Some(&finding.id), Some(&finding.metric), finding.class.as_deref()];
    let mut row: Vec<String> = names.into_iter().map(|name| text(name.unwrap_or_default())).collect();
    row.extend([&finding.slice, &finding.reference].map(|name| text(name)));
    row.extend([words::of(finding).0, words::standing(finding)].map(text));
    row.extend([finding.base, finding.tuned, finding.change].into_iter().flat_map(gap));
    row.extend([finding.p_value, finding.q_value].map(real));
    row.extend([finding.support.map(|n| n.slice), finding.support.map(|n| n.reference)].map(whole));
    row.push(finding.hidden.to_string());
    row.resize(COLUMNS.len(), String::new());
    row
}

fn check(told: &Told) -> Vec<String> {
    let check = told.check;
    let names = [Some("check"), Some(&check.id), check.metric.as_deref(), check.class.as_deref(), Some(&check.slice)];
    let mut row: Vec<String> = names.into_iter().map(|name| text(name.unwrap_or_default())).collect();
    row.push(String::new());
    row.push(text(told.finding.map_or("", |finding| words::of(finding).0)));
    row.resize(row.len() + BETWEEN, String::new());
    row.push(whole(check.support));
    row.extend([String::new(), check.hidden.to_string()]);
    row.extend([words::outcome_on(told.finding, check.outcome).0, words::severity(check.severity)].map(text));
    row.push(text(&number::plain(&words::limit(check))));
    row.extend([check.value, check.low, check.high].map(real));
    row.extend([text(&check.at.file), check.at.line.to_string()]);
    row
}

fn gap(gap: Option<GapEstimate>) -> [String; 3] {
    [gap.map(|gap| gap.value), gap.map(|gap| gap.low), gap.map(|gap| gap.high)].map(real)
}

/// The digits of `result.json`, which read back as the same number.
pub(super) fn real(number: Option<f64>) -> String {
    number.map_or(String::new(), |number| serde_json::json!(number).to_string())
}

pub(super) fn whole(number: Option<u64>) -> String {
    number.map_or(String::new(), |number| number.to_string())
}

pub(super) fn text(text: &str) -> String {
    let mut text = clean::printable(text);
    if text.starts_with(['=', '+', '-', '@']) {
        text.insert(0, '\'');
    }
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
