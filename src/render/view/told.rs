//! The outcomes of checks as continuous integration tells them: one text, one level and one stable
//! name each. Every format for it lays out the same.

use super::checks::{finding_of, measured, tolerated};
use super::lookup::Lookup;
use super::{order, words};
use crate::render::{clean, number};
use crate::result::{Asked, AuditResult, CheckOutcome, ExitStatus, Finding, Of, On, Outcome, Severity};
use sha2::{Digest, Sha256};

/// Characters of a fingerprint: enough that no two outcomes of a policy meet.
const FINGERPRINT: usize = 32;

/// How loudly an outcome is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum Level {
    /// It fails the gate.
    Error,
    /// It is outside the limit without failing the gate, or stands open where the gate asks.
    Warning,
    /// The data cannot say.
    Note,
    /// Met.
    Quiet,
}

/// One outcome.
pub(in crate::render) struct Told<'a> {
    /// The outcome itself.
    pub check: &'a CheckOutcome,
    /// The finding that it is about.
    pub finding: Option<&'a Finding>,
    /// How loudly it is told.
    pub level: Level,
    /// Whether it is what keeps the gate from a conclusion.
    pub is_gap: bool,
    /// The outcome in sentences, without the check's id.
    pub text: String,
}

/// Every outcome, worst first.
pub(in crate::render) fn every(result: &AuditResult) -> Vec<Told<'_>> {
    let lookup = Lookup::of(result);
    order::checks(result).into_iter().map(|check| Told::of(result, check, &lookup)).collect()
}

impl<'a> Told<'a> {
    fn of(result: &'a AuditResult, check: &'a CheckOutcome, lookup: &Lookup<'a>) -> Told<'a> {
        let finding = finding_of(result, check, lookup);
        Told { check, finding, level: level(check), is_gap: is_gap(result, check), text: text(result, check, finding) }
    }

    /// What is judged, of whom, `true_positive_rate[change] sex=Female`.
    pub fn name(&self) -> String {
        let metric = self.check.metric.as_deref().map_or("verdict".into(), clean::label);
        let class = self.check.class.as_deref().map_or(String::new(), |class| format!("/{}", clean::label(class)));
        format!("{metric}{class}[{}] {}", self.asked(), clean::label(&self.check.slice))
    }

    /// Stays the same from run to run, whatever the numbers: of the check, the metric and the slice.
    pub fn fingerprint(&self) -> String {
        let check = self.check;
        // As JSON, so that no two lists of names read alike.
        let key = serde_json::json!([check.id, check.metric, check.class, check.slice, self.asked()]);
        let hash = Sha256::digest(key.to_string().as_bytes());
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        hex[..FINGERPRINT].into()
    }

    fn asked(&self) -> &'static str {
        match self.check.asked {
            Asked::Verdicts { .. } => "verdict",
            Asked::Limit { of: Of::Spread, on: On::Change, .. } => "spread of change",
            Asked::Limit { on: On::Base, .. } => "base",
            Asked::Limit { on: On::Tuned, .. } => "tuned",
            Asked::Limit { on: On::Change, .. } => "change",
        }
    }
}

fn level(check: &CheckOutcome) -> Level {
    match (check.outcome, check.severity) {
        (Outcome::Failed | Outcome::Missing, Severity::Error) => Level::Error,
        (Outcome::Failed | Outcome::Missing | Outcome::Waived | Outcome::Accepted, _) => Level::Warning,
        (Outcome::Undecided, Severity::Error) => Level::Warning,
        (Outcome::Undecided | Outcome::TooSmall, _) => Level::Note,
        (Outcome::Met, _) => Level::Quiet,
    }
}

/// Whether the gate ended in an evidence gap, and this is part of it.
fn is_gap(result: &AuditResult, check: &CheckOutcome) -> bool {
    let is_error = check.severity == Severity::Error;
    let ended_open = result.gate.status == ExitStatus::EvidenceGap;
    is_error && (check.outcome == Outcome::Missing || (ended_open && !check.outcome.is_settled()))
}

/// "Failed: sex=Female, selected, growth of the gap: +7.2 points (+4.0 to +10.3; 307 rows); your
/// limit: at most 5.0 points. Verdict: inherited."
fn text(result: &AuditResult, check: &CheckOutcome, finding: Option<&Finding>) -> String {
    let outcome = words::capitalized(words::outcome_on(finding, check.outcome).0);
    let mut text = format!("{outcome}: {}, {}.", clean::label(&check.slice), measured(check));
    let mut add = |sentence: String| text += &format!(" {sentence}.");
    if check.hidden {
        add(format!("Its numbers are {}", words::hidden(result.method.min_cell)));
    }
    if check.outcome == Outcome::Missing {
        add("This group has no rows in the data".into());
    }
    if check.waiver.is_some() || check.accepted.is_some() {
        add(tolerated(check).trim_end_matches('.').into());
    }
    if let Some(finding) = finding {
        add(format!("Verdict: {}", words::of(finding).0));
    }
    if let Some(needed) = check.needed {
        add(format!("About {} would settle it", number::counted(needed, "row")));
    }
    number::plain(&text)
}
