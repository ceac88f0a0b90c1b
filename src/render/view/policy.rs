//! The policy as sentences, and every waiver with how it stands.

use super::checks::CheckGroup;
use super::words::{self, Tone};
use super::{MOST_ROWS, policy_line};
use crate::render::{clean, number};
use crate::result::{AuditResult, CheckOutcome, Outcome};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

/// A waiver that ends within so many days is said to end soon.
const SOON: i32 = 30;

/// The section "Policy and waivers".
#[derive(Debug, Serialize)]
pub(in crate::render) struct PolicyView {
    /// File and hash, or that there is none.
    pub file: String,
    /// One sentence a check.
    pub checks: Vec<CheckSentence>,
    /// Every waiver.
    pub waivers: Vec<WaiverRow>,
    /// Waivers that did not fit.
    pub more: usize,
    /// Groups that must have enough people.
    pub required: Vec<String>,
}

/// One check.
#[derive(Debug, Serialize)]
pub(in crate::render) struct CheckSentence {
    /// Its id.
    pub id: String,
    /// What it asks.
    pub asks: String,
    /// The groups it is asked of.
    pub of: String,
    /// `fails the gate` or `is shown`.
    pub weight: &'static str,
    /// What came out over all groups.
    pub outcome: &'static str,
    /// How that is shown.
    pub tone: Tone,
    /// Where it stands.
    pub at: String,
}

/// One waiver.
#[derive(Debug, Serialize)]
pub(in crate::render) struct WaiverRow {
    /// `active`, `ends soon`, `expired` or `unused`.
    pub state: &'static str,
    /// How that is shown.
    pub tone: Tone,
    /// The check.
    pub check: String,
    /// The group.
    pub slice: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who accepted it.
    pub approved_by: String,
    /// Its last day.
    pub expires: String,
}

/// Reads the section from the result.
pub(in crate::render) fn policy(result: &AuditResult, groups: &[CheckGroup]) -> PolicyView {
    let settings = &result.provenance.config;
    let waivers = settings["policy"]["waivers"].as_array().map_or(&[][..], Vec::as_slice);
    let required = settings["slices"]["required"].as_array().map_or(&[][..], Vec::as_slice);
    PolicyView {
        file: policy_line(result),
        checks: groups.iter().map(|group| sentence(result, group)).collect(),
        waivers: waivers.iter().take(MOST_ROWS).map(|waiver| row(result, waiver)).collect(),
        more: waivers.len().saturating_sub(MOST_ROWS),
        required: required.iter().filter_map(Value::as_str).take(MOST_ROWS).map(clean::label).collect(),
    }
}

fn sentence(result: &AuditResult, group: &CheckGroup) -> CheckSentence {
    let asked = group.rows.len() + group.more;
    let (outcome, tone) = words::outcome(group.overall);
    CheckSentence {
        id: group.id.clone(),
        asks: format!("{}: {}{}.", group.what, group.limit, judged(result, group)),
        of: match asked {
            0..=4 => group.rows.iter().map(|row| row.slice.as_str()).collect::<Vec<_>>().join(", "),
            many => number::counted(many as u64, "group"),
        },
        weight: if group.severity == "error" { "fails the gate" } else { "is shown, and fails nothing" },
        outcome,
        tone,
        at: group.at.clone(),
    }
}

/// ", judged by its 95 % interval": how the number is held against its limit.
fn judged(result: &AuditResult, group: &CheckGroup) -> String {
    let confidence = number::percent(result.method.confidence);
    match group.judge {
        Some("interval") => format!("; met only where the whole {confidence} interval is inside"),
        Some("probability") => format!("; met only where it is broken with a probability of at most 1 − {confidence}"),
        Some(_) => "; the number alone is judged".into(),
        None => String::new(),
    }
}

fn row(result: &AuditResult, waiver: &Value) -> WaiverRow {
    let text = |key: &str, most| clean::shortened(waiver[key].as_str().unwrap_or("–"), most);
    let (state, tone) = state(result, waiver);
    WaiverRow {
        state,
        tone,
        check: text("check", 80),
        slice: text("slice", 80),
        reason: text("reason", 300),
        owner: text("owner", 80),
        approved_by: text("approved_by", 80),
        expires: text("expires", 20),
    }
}

/// How a waiver stands on the day of the run.
fn state(result: &AuditResult, waiver: &Value) -> (&'static str, Tone) {
    let is_of = |check: &&CheckOutcome| {
        waiver["check"].as_str() == Some(&check.id) && waiver["slice"].as_str() == Some(&check.slice)
    };
    let day = |text: Option<&str>| text.and_then(|text| text.get(..10)?.parse::<Date>().ok());
    let (today, last) = (day(Some(&result.provenance.created)), day(waiver["expires"].as_str()));
    let left = today.zip(last).and_then(|(today, last)| Some(today.until(last).ok()?.get_days()));
    let used = result.checks.iter().filter(is_of).any(|check| check.outcome == Outcome::Waived);
    match left {
        Some(..0) => ("expired", words::OUTSIDE),
        _ if !used => ("unused", words::CAUTION),
        Some(..SOON) => ("ends soon", words::OUTSIDE),
        _ => ("active", words::OUTSIDE),
    }
}
