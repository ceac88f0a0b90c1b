//! The checks: their outcomes for the table, and the sentences that they earn on the first page.

use super::MOST_ROWS;
use super::findings::moved;
use super::headline::Sentence;
use super::lookup::Lookup;
use super::open::{CORRECTED, Open};
use super::order;
use super::unit::Unit;
use super::words::{self, Shown, Tone};
use crate::render::{clean, number};
use crate::result::{
    AcceptedNote, Asked, AuditResult, CheckNotes, CheckOutcome, Finding, GapEstimate, Judge, Outcome, Severity, Span,
    Verdict, WaiverNote, is_of_all,
};
use serde::Serialize;
use std::cmp::Reverse;

/// One check with its outcomes, worst first.
#[derive(Debug, Serialize)]
pub(in crate::render) struct CheckGroup {
    /// The check's id.
    pub id: String,
    /// Its limit in words.
    pub limit: String,
    /// What is judged, `True positive rate, growth of the gap`.
    pub what: String,
    /// `error` or `warn`.
    pub severity: &'static str,
    /// Where the check stands, `audit.toml:72`.
    pub at: String,
    /// How many outcomes of each kind: met, failed or waived, undecided, too small or missing.
    pub tally: [usize; 4],
    /// By what the number is judged, `interval`; nothing where a verdict is.
    pub judge: Option<&'static str>,
    /// What came out over all groups.
    pub overall: Outcome,
    /// One row a group of people.
    pub rows: Vec<CheckRow>,
    /// Rows that did not fit.
    pub more: usize,
    /// What the policy says of it beside: hazard, rationale, mitigation, review.
    pub notes: Vec<(&'static str, String)>,
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
    /// Why an interval beyond the limit does not settle it, or empty.
    pub corrected: &'static str,
    /// The outcome's word.
    pub outcome: &'static str,
    /// How it is shown.
    pub tone: Tone,
    /// The finding's verdict, or empty.
    pub verdict: &'static str,
    /// Whether the finding's gap surely moved, or empty.
    pub moved: &'static str,
    /// The waiver, or what was accepted before, in words; or empty.
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
        limit: words::limit(first),
        what: what(&all),
        severity: words::severity(first.severity),
        at: format!("{}:{}", clean::label(&first.at.file), first.at.line),
        judge: judge(first),
        overall: Outcome::over(all.iter().map(|check| check.outcome)),
        tally: tally(&all),
        more: all.len() - rows.len(),
        notes: notes(result, id),
        rows,
    })
}

/// "true positive rate, growth of the gap"; the metric only where all rows are of one.
fn what(checks: &[&CheckOutcome]) -> String {
    let of =
        |check: &CheckOutcome| check.metric.as_deref().map(|metric| words::title_of(metric, check.class.as_deref()));
    let metric = checks
        .first()
        .and_then(|first| of(first))
        .filter(|one| checks.iter().all(|check| of(check).as_ref() == Some(one)));
    let judged = checks.first().map(|first| words::judged(first)).unwrap_or_default();
    metric.map_or(words::capitalized(&judged), |metric| format!("{metric}, {judged}"))
}

fn judge(check: &CheckOutcome) -> Option<&'static str> {
    match check.asked {
        Asked::Limit { judge, .. } => Some(match judge {
            Judge::Interval => "interval",
            Judge::Probability => "probability",
            Judge::Estimate => "estimate",
        }),
        Asked::Verdicts { .. } => None,
    }
}

fn tally(checks: &[&CheckOutcome]) -> [usize; 4] {
    let mut counts = [0; 4];
    for check in checks {
        counts[match check.outcome {
            Outcome::Met => 0,
            Outcome::Failed | Outcome::Waived | Outcome::Accepted => 1,
            Outcome::Undecided => 2,
            Outcome::TooSmall | Outcome::Missing => 3,
        }] += 1;
    }
    counts
}

/// The finding that a check's outcome is about, where there is one.
pub(in crate::render) fn finding_of<'a>(
    result: &'a AuditResult,
    check: &CheckOutcome,
    lookup: &Lookup<'a>,
) -> Option<&'a Finding> {
    let metric = check.metric.as_deref()?;
    match is_of_all(&check.class) {
        true => lookup.finding(metric, &check.slice),
        false => result
            .findings
            .iter()
            .find(|one| one.metric == metric && one.slice == check.slice && one.class == check.class),
    }
}

fn row(result: &AuditResult, check: &CheckOutcome, lookup: &Lookup) -> CheckRow {
    let finding = finding_of(result, check, lookup);
    // A gap of too few people stands in the table of findings, not beside a limit.
    let counts = !matches!(check.outcome, Outcome::TooSmall | Outcome::Missing);
    let metric = check.metric.as_deref().unwrap_or_default();
    let shown = |gap: GapEstimate| Shown::gap(metric, gap);
    let gap = |gap: Option<GapEstimate>| gap.filter(|_| counts).map_or_else(Shown::nothing, shown);
    let (outcome, tone) = words::outcome_on(finding, check.outcome);
    CheckRow {
        slice: clean::label(&check.slice),
        plain: check
            .metric
            .as_deref()
            .map(|metric| words::plain_of(metric, check.class.as_deref()))
            .unwrap_or_default(),
        base: gap(finding.and_then(|finding| finding.base)),
        tuned: gap(finding.and_then(|finding| finding.tuned)),
        judged: judged(check, result.method.min_cell),
        support: check.support.map_or("–".into(), number::count),
        needed: check.needed.map(number::count).unwrap_or_default(),
        corrected: if Open::of(check) == Some(Open::Corrected) { CORRECTED } else { "" },
        outcome,
        tone,
        verdict: finding.map_or("", |finding| words::of(finding).0),
        moved: finding.map_or("", moved),
        waiver: tolerated(check),
    }
}

/// The number that a check judges, in the unit of its limit.
fn judged(check: &CheckOutcome, min_cell: u64) -> Shown {
    let mut shown = match check.value {
        Some(value) => Shown::number(value, check.interval(), Unit::of(check).writer()),
        None if check.hidden => return Shown::words(words::hidden(min_cell)),
        None if check.low.is_some() => over_zero(check),
        None => Shown::nothing(),
    };
    if let Some(chance) = check.probability {
        let broken = format!("broken with probability {}", number::chance(chance));
        shown.span = if shown.span.is_empty() { broken } else { format!("{}; {broken}", shown.span) };
    }
    shown
}

/// A ratio over zero: its lower end alone.
fn over_zero(check: &CheckOutcome) -> Shown {
    let low = check.low.map_or(String::new(), Unit::of(check).writer());
    Shown { text: "over 0".into(), span: format!("at least {low}"), words: true }
}

/// Why a failure is tolerated, by a waiver or since it was accepted before; or nothing.
pub(in crate::render) fn tolerated(check: &CheckOutcome) -> String {
    check.waiver.as_ref().map(waiver).or(check.accepted.as_ref().map(|then| accepted(check, then))).unwrap_or_default()
}

fn waiver(waiver: &WaiverNote) -> String {
    format!("Outside the limit; {}", accepted_until(waiver))
}

/// "accepted until 2027-01-31 by B. Person (answerable: A. Person; RISK-481): retraining is scheduled".
pub(in crate::render) fn accepted_until(waiver: &WaiverNote) -> String {
    let ticket = waiver.ticket.as_deref().map_or(String::new(), |ticket| format!("; {}", clean::label(ticket)));
    format!(
        "accepted until {} by {} (answerable: {}{ticket}): {}",
        clean::label(&waiver.expires),
        clean::label(&waiver.approved_by),
        clean::label(&waiver.owner),
        clean::shortened(&waiver.reason, 300)
    )
}

/// "Outside the limit; accepted as it was on 2026-11-23, +7.0 points (+4.0 to +10.1), and not surely worse".
fn accepted(check: &CheckOutcome, then: &AcceptedNote) -> String {
    let on = clean::label(then.on.get(..10).unwrap_or(&then.on));
    let unit = Unit::of(check);
    let span = Span::of(then.low, then.high).map(|span| format!(" ({})", number::span(span, unit.writer())));
    let was = then.value.map(|value| format!(", {}{}", unit.full(value), span.unwrap_or_default()));
    let why = then.reason.as_deref().map_or(String::new(), |why| format!(": {}", clean::shortened(why, 300)));
    format!("Outside the limit; accepted as it was on {on}{}, and not surely worse{why}", was.unwrap_or_default())
}

/// What the policy says of a check beside what it asks: name and text.
pub(in crate::render) fn notes(result: &AuditResult, id: &str) -> Vec<(&'static str, String)> {
    result.check_notes.get(id).map(facts).unwrap_or_default()
}

/// The same of one check.
pub(in crate::render) fn facts(notes: &CheckNotes) -> Vec<(&'static str, String)> {
    let named = [
        ("hazard", &notes.hazard),
        ("rationale", &notes.rationale),
        ("mitigation", &notes.mitigation),
        ("review by", &notes.review_by),
    ];
    named.into_iter().filter_map(|(name, text)| Some((name, clean::shortened(text.as_deref()?, 300)))).collect()
}

/// Sentences on failed, waived and missing checks.
pub(in crate::render) fn failures(result: &AuditResult, most: usize) -> Vec<Sentence> {
    let broken = |check: &&CheckOutcome| check.outcome.is_broken();
    order::checks(result).into_iter().filter(broken).take(most).map(failure).collect()
}

fn failure(check: &CheckOutcome) -> Sentence {
    let (tag, tone) = words::outcome(check.outcome);
    let subject = format!("{}, {}", clean::label(&check.id), clean::label(&check.slice));
    let text = match check.outcome {
        Outcome::Missing => format!("{subject}: this group has no rows in the data."),
        Outcome::Waived | Outcome::Accepted => {
            format!("{subject}, {}. {}.", measured(check), tolerated(check).trim_end_matches('.'))
        }
        _ => format!("{subject}, {}. This is outside the limit you set.", measured(check)),
    };
    Sentence { tag: tag.into(), tone, text }
}

/// "selected, growth of the gap: +7.2 points (+4.0 to +10.3; 307 rows); your limit: at most 5.0 points".
pub(in crate::render) fn measured(check: &CheckOutcome) -> String {
    let shown = judged(check, 0);
    let rows = check.support.map_or(String::new(), |n| number::counted(n, "row"));
    let parts: Vec<&str> = [shown.span.as_str(), &rows].into_iter().filter(|part| !part.is_empty()).collect();
    let detail = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) };
    let metric = check
        .metric
        .as_deref()
        .map_or(String::new(), |metric| format!("{}, ", words::plain_of(metric, check.class.as_deref())));
    let number =
        if check.value.is_none() { String::new() } else { format!(": {}{}", shown.text, Unit::of(check).suffix()) };
    format!("{metric}{}{number}{detail}; your limit: {}", words::judged(check), words::limit(check))
}

/// Sentences on the undecided checks: of each check a group whose number is outside the limit, if
/// there is one, and of those the one with most people.
pub(in crate::render) fn unsettled(result: &AuditResult, most: usize) -> Vec<Sentence> {
    let mut open: Vec<_> = result.checks.iter().filter(|check| check.outcome == Outcome::Undecided).collect();
    let others = open.len();
    open.sort_by_key(|check| {
        let verdicts = matches!(check.asked, Asked::Verdicts { .. });
        let crossed = check.slice.contains(" & ");
        (check.severity == Severity::Warn, verdicts, !words::is_outside(check), crossed, Reverse(check.support))
    });
    let mut told: Vec<&str> = Vec::new();
    open.retain(|check| {
        !told.contains(&check.id.as_str()) && {
            told.push(&check.id);
            true
        }
    });
    open.truncate(most);
    let others = (others - open.len()) as u64;
    let mut sentences: Vec<Sentence> = open.into_iter().map(not_settled).collect();
    if let Some(last) = sentences.last_mut().filter(|_| others > 0) {
        let verb = if others == 1 { "is" } else { "are" };
        last.text += &format!(" {} {verb} undecided too.", number::counted(others, "other outcome"));
    }
    sentences
}

fn not_settled(check: &CheckOutcome) -> Sentence {
    if let Asked::Verdicts { verdicts } = &check.asked {
        return Sentence { tag: "not settled".into(), tone: "caution", text: not_ruled_out(check, verdicts) };
    }
    let missed = match Open::of(check) {
        Some(Open::Corrected) => Some(format!(" It is {CORRECTED} for the groups of this check.")),
        _ => words::missed(check).map(|missed| format!(" {} is not ruled out.", words::capitalized(&missed))),
    };
    let missed = missed.unwrap_or_default();
    let settle =
        check.needed.map_or(String::new(), |n| format!(" About {} would settle it.", number::counted(n, "row")));
    let text =
        format!("{}, {}, {}.{missed}{settle}", clean::label(&check.id), clean::label(&check.slice), measured(check));
    Sentence { tag: "not settled".into(), tone: "caution", text }
}

/// "nothing-introduced, race=Black, selected: whether the gap is introduced cannot be told from 51 rows."
fn not_ruled_out(check: &CheckOutcome, verdicts: &[Verdict]) -> String {
    let metric = check
        .metric
        .as_deref()
        .map_or(String::new(), |metric| format!(", {}", words::plain_of(metric, check.class.as_deref())));
    let listed: Vec<&str> = verdicts.iter().map(|one| words::verdict(*one).0).collect();
    let from = check.support.map_or(String::new(), |n| format!(" from {}", number::counted(n, "row")));
    let (id, slice) = (clean::label(&check.id), clean::label(&check.slice));
    format!("{id}, {slice}{metric}: whether the gap is {} cannot be told{from}.", listed.join(" or "))
}

/// "heirloom why no-gap-grows 'sex=Female & race=Black'": for the first check, which is the worst.
pub(in crate::render) fn why(result: &AuditResult) -> Option<String> {
    let first = *order::checks(result).first()?;
    let same = |check: &&CheckOutcome| check.id == first.id && check.slice == first.slice;
    let several = result.checks.iter().filter(same).count() > 1;
    let metric =
        first.metric.as_deref().filter(|_| several).map_or(String::new(), |id| format!(" --metric {}", quoted(id)));
    Some(format!("heirloom why {} {}{metric}", quoted(&first.id), quoted(&first.slice)))
}

/// A word of a command line, in quotes where a shell would read it otherwise.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_./:=,+-@%".contains(c);
    let word = clean::shortened(word, 400);
    if !word.is_empty() && word.chars().all(plain) { word } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
