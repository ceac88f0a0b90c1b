//! The checks: their outcomes for the table, and the sentences that they earn on the first page.

use super::MOST_ROWS;
use super::headline::Sentence;
use super::lookup::Lookup;
use super::order;
use super::words::{self, Shown, Tone, Unit};
use crate::render::{clean, number};
use crate::result::{AuditResult, CheckOutcome, GapEstimate, Outcome};
use serde::Serialize;

/// One check with its outcomes, worst first.
#[derive(Debug, Serialize)]
pub(in crate::render) struct CheckGroup {
    /// The check's id.
    pub id: String,
    /// Its limit in words.
    pub limit: String,
    /// What is judged, in the audit file's words.
    pub what: String,
    /// `error` or `warn`.
    pub severity: &'static str,
    /// Where the check stands, `audit.toml:72`.
    pub at: String,
    /// How many outcomes of each kind: met, failed or waived, undecided, too small or missing.
    pub tally: [usize; 4],
    /// One row a group of people.
    pub rows: Vec<CheckRow>,
    /// Rows that did not fit.
    pub more: usize,
}

/// One check on one slice.
#[derive(Debug, Serialize)]
pub(in crate::render) struct CheckRow {
    /// The group.
    pub slice: String,
    /// What happens to a person under the metric; empty for a check without one.
    pub plain: String,
    /// The base's gap.
    pub base: Shown,
    /// The tuned model's gap.
    pub tuned: Shown,
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
    /// The waiver in words, or empty.
    pub waiver: String,
}

/// The checks, the one with the worst outcome first.
pub(in crate::render) fn groups(result: &AuditResult) -> Vec<CheckGroup> {
    let lookup = Lookup::of(result);
    let sorted = order::checks(result);
    let mut ids: Vec<&str> = Vec::new();
    sorted.iter().for_each(|check| {
        if !ids.contains(&check.id.as_str()) {
            ids.push(&check.id)
        }
    });
    let mut room = MOST_ROWS;
    ids.into_iter().filter_map(|id| group(result, &sorted, id, &lookup, &mut room)).collect()
}

/// One check's outcomes, as many as there is room for.
fn group(
    result: &AuditResult,
    sorted: &[&CheckOutcome],
    id: &str,
    lookup: &Lookup,
    room: &mut usize,
) -> Option<CheckGroup> {
    let all: Vec<&CheckOutcome> = sorted.iter().filter(|check| check.id == id).copied().collect();
    let first = all.first()?;
    let rows: Vec<CheckRow> = all.iter().take(*room).map(|check| row(result, check, lookup)).collect();
    *room -= rows.len();
    Some(CheckGroup {
        id: clean::label(id),
        limit: words::limit(&first.limit, unit(first)),
        what: clean::label(&first.what),
        severity: words::severity(first.severity),
        at: format!("{}:{}", clean::label(&first.at.file), first.at.line),
        tally: tally(&all),
        more: all.len() - rows.len(),
        rows,
    })
}

fn tally(checks: &[&CheckOutcome]) -> [usize; 4] {
    let mut counts = [0; 4];
    for check in checks {
        counts[match check.outcome {
            Outcome::Met => 0,
            Outcome::Failed | Outcome::Waived => 1,
            Outcome::Undecided => 2,
            Outcome::TooSmall | Outcome::Missing => 3,
        }] += 1;
    }
    counts
}

fn row(result: &AuditResult, check: &CheckOutcome, lookup: &Lookup) -> CheckRow {
    let finding = check.metric.as_deref().and_then(|metric| lookup.finding(metric, &check.slice));
    // A gap of too few people stands in the table of findings, not beside a limit.
    let counts = !matches!(check.outcome, Outcome::TooSmall | Outcome::Missing);
    let gap = |gap: Option<GapEstimate>| gap.filter(|_| counts).map_or_else(Shown::nothing, Shown::gap);
    let (outcome, tone) = words::outcome(check.outcome);
    CheckRow {
        slice: clean::label(&check.slice),
        plain: check.metric.as_deref().map(words::plain).unwrap_or_default(),
        base: gap(finding.and_then(|finding| finding.base)),
        tuned: gap(finding.and_then(|finding| finding.tuned)),
        judged: judged(check, result.method.min_cell, finding.is_some_and(|finding| finding.hidden)),
        support: check.support.map_or("–".into(), number::count),
        needed: check.needed.map(number::count).unwrap_or_default(),
        outcome,
        tone,
        verdict: finding.map_or("", |finding| words::verdict(finding.verdict).0),
        waiver: waiver(check),
    }
}

/// The number that a check judges, in the unit of its limit.
fn judged(check: &CheckOutcome, min_cell: u64, hidden: bool) -> Shown {
    let mut shown = match check.value {
        Some(value) => Shown::number(value, check.interval, unit(check).writer()),
        None if hidden => return Shown::words(words::hidden(min_cell)),
        None => Shown::nothing(),
    };
    if let Some(chance) = check.probability {
        let broken = format!("broken with probability {}", number::chance(chance));
        shown.span = if shown.span.is_empty() { broken } else { format!("{}; {broken}", shown.span) };
    }
    shown
}

/// What a check's number counts, told from the words for what is judged.
fn unit(check: &CheckOutcome) -> Unit {
    let named = |word: &str| check.what.split_whitespace().any(|one| one == word);
    match (named("ratio"), named("value") && !named("change")) {
        (true, _) => Unit::Ratio,
        (_, true) => Unit::Hundred,
        _ => Unit::Points,
    }
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
    order::checks(result).into_iter().filter(broken).take(most).map(failure).collect()
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
    let limit = words::limit(&check.limit, unit(check));
    let shown = judged(check, 0, false);
    let rows = check.support.map_or(String::new(), |n| number::counted(n, "row"));
    let detail = [shown.span.as_str(), rows.as_str()]
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join("; ");
    let detail = if detail.is_empty() { detail } else { format!(" ({detail})") };
    if check.value.is_none() {
        format!("your limit: {limit}{detail}")
    } else {
        format!("{}{}{detail}, your limit: {limit}", shown.text, unit(check).suffix())
    }
}

/// One sentence on the undecided checks: the one with most people behind it.
pub(in crate::render) fn unsettled(result: &AuditResult) -> Option<Sentence> {
    let open: Vec<_> = result.checks.iter().filter(|check| check.outcome == Outcome::Undecided).collect();
    let check = open.iter().max_by_key(|check| (check.support, std::cmp::Reverse(&check.slice)))?;
    let settle =
        check.needed.map_or(String::new(), |n| format!(" About {} would settle it.", number::counted(n, "row")));
    let rest = open.len() as u64 - 1;
    let more = if rest > 0 {
        format!(" {} undecided too.", number::counted(rest, "other outcome") + if rest == 1 { " is" } else { " are" })
    } else {
        String::new()
    };
    let text =
        format!("{}, {}: {}.{settle}{more}", clean::label(&check.id), clean::label(&check.slice), measured(check));
    Some(Sentence { tag: "not settled".into(), tone: "caution", text })
}
