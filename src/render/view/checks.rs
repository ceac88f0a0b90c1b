//! The checks: one row each for the table, and the sentences that they earn on the first page.

use super::headline::Sentence;
use super::lookup::Lookup;
use super::order;
use super::words::{self, Shown, Tone};
use super::MOST_ROWS;
use crate::render::{clean, number};
use crate::result::{AuditResult, CheckOutcome, Outcome};
use serde::Serialize;

/// One check on one slice.
#[derive(Debug, Serialize)]
pub(in crate::render) struct CheckRow {
    /// The check's id.
    pub id: String,
    /// Its limit in words.
    pub limit: String,
    /// What is judged, in the audit file's words.
    pub what: String,
    /// The group.
    pub slice: String,
    /// `error` or `warn`.
    pub severity: &'static str,
    /// The base's gap.
    pub base: String,
    /// The tuned model's gap.
    pub tuned: String,
    /// The number judged, with its interval.
    pub judged: Shown,
    /// Rows inside the condition.
    pub support: String,
    /// Rows that would settle it.
    pub needed: String,
    /// The outcome's word.
    pub outcome: &'static str,
    /// How it is shown.
    pub tone: Tone,
    /// The finding's verdict, or empty.
    pub verdict: &'static str,
    /// Where the check stands, `audit.toml:72`.
    pub at: String,
    /// The waiver in words, or empty.
    pub waiver: String,
}

/// The table's rows, worst first, and how many did not fit.
pub(in crate::render) fn rows(result: &AuditResult) -> (Vec<CheckRow>, usize) {
    let lookup = Lookup::of(result);
    let sorted = order::checks(result);
    let more = sorted.len().saturating_sub(MOST_ROWS);
    (sorted.into_iter().take(MOST_ROWS).map(|check| row(result, check, &lookup)).collect(), more)
}

fn row(result: &AuditResult, check: &CheckOutcome, lookup: &Lookup) -> CheckRow {
    let finding = check.metric.as_deref().and_then(|metric| lookup.finding(metric, &check.slice));
    let gap = |gap: Option<crate::result::GapEstimate>| gap.map_or("–".to_owned(), |gap| number::points(gap.value));
    let (outcome, tone) = words::outcome(check.outcome);
    CheckRow {
        id: clean::label(&check.id),
        limit: words::limit(&check.limit, is_ratio(check)),
        what: clean::label(&check.what),
        slice: clean::label(&check.slice),
        severity: words::severity(check.severity),
        base: gap(finding.and_then(|finding| finding.base)),
        tuned: gap(finding.and_then(|finding| finding.tuned)),
        judged: judged(check, result.method.min_cell, finding.is_some_and(|finding| finding.hidden)),
        support: check.support.map_or("–".into(), number::count),
        needed: check.needed.map(number::count).unwrap_or_default(),
        outcome,
        tone,
        verdict: finding.map_or("", |finding| words::verdict(finding.verdict).0),
        at: format!("{}:{}", clean::label(&check.at.file), check.at.line),
        waiver: waiver(check),
    }
}

/// The number that a check judges, in the unit of its limit.
pub(in crate::render) fn judged(check: &CheckOutcome, min_cell: u64, hidden: bool) -> Shown {
    let write = if is_ratio(check) { number::ratio } else { number::points };
    match (check.value, check.probability) {
        (Some(value), _) => Shown::number(value, check.interval, write),
        (None, Some(chance)) => Shown::words(format!("broken with probability {}", number::ratio(chance))),
        _ if hidden => Shown::words(words::hidden(min_cell)),
        _ => Shown::words("–"),
    }
}

/// Whether a check judges a ratio: its words name it.
pub(in crate::render) fn is_ratio(check: &CheckOutcome) -> bool {
    check.what.split_whitespace().any(|word| word == "ratio")
}

fn waiver(check: &CheckOutcome) -> String {
    check.waiver.as_ref().map_or(String::new(), |waiver| {
        format!(
            "Outside the limit; accepted until {} by {} (answerable: {}): {}",
            clean::label(&waiver.expires),
            clean::label(&waiver.approved_by),
            clean::label(&waiver.owner),
            clean::shortened(&waiver.reason, 300)
        )
    })
}

/// Sentences on failed, waived and missing checks.
pub(in crate::render) fn failures(result: &AuditResult, most: usize) -> Vec<Sentence> {
    let broken = |check: &&CheckOutcome| matches!(check.outcome, Outcome::Failed | Outcome::Waived | Outcome::Missing);
    order::checks(result).into_iter().filter(broken).take(most).map(|check| failure(check)).collect()
}

fn failure(check: &CheckOutcome) -> Sentence {
    let (tag, tone) = words::outcome(check.outcome);
    let subject = format!("{}, {}", clean::label(&check.id), clean::label(&check.slice));
    let text = match check.outcome {
        Outcome::Missing => format!("{subject}: this group has no rows in the data."),
        Outcome::Waived => format!("{subject}: {}. {}.", measured(check), waiver(check).trim_end_matches('.')),
        _ => format!("{subject}: {}. This is outside the limit you set.", measured(check)),
    };
    Sentence { tag: tag.into(), tone, text }
}

/// "+7.2 points (+4.0 to +10.3; 307 rows), your limit: growth at most 5.0 points".
fn measured(check: &CheckOutcome) -> String {
    let limit = words::limit(&check.limit, is_ratio(check));
    let shown = judged(check, 0, false);
    let rows = check.support.map_or(String::new(), |n| number::counted(n, "row"));
    let unit = if is_ratio(check) { "" } else { " points" };
    let detail = [shown.span.as_str(), rows.as_str()].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("; ");
    let detail = if detail.is_empty() { detail } else { format!(" ({detail})") };
    if shown.words { format!("your limit: {limit}{detail}") } else { format!("{}{unit}{detail}, your limit: {limit}", shown.text) }
}

/// One sentence on the undecided checks: the one with most people behind it.
pub(in crate::render) fn unsettled(result: &AuditResult) -> Option<Sentence> {
    let open: Vec<_> = result.checks.iter().filter(|check| check.outcome == Outcome::Undecided).collect();
    let check = open.iter().max_by_key(|check| (check.support, std::cmp::Reverse(&check.slice)))?;
    let settle = check.needed.map_or(String::new(), |n| format!(" About {} would settle it.", number::counted(n, "row")));
    let rest = open.len() as u64 - 1;
    let more = if rest > 0 { format!(" {} of a check with a group stay undecided too.", number::counted(rest, "comparison")) } else { String::new() };
    let text = format!("{}, {}: {}.{settle}{more}", clean::label(&check.id), clean::label(&check.slice), measured(check));
    Some(Sentence { tag: "not settled".into(), tone: "caution", text })
}
