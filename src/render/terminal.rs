//! The summary for a terminal: 80 columns of plain text, worst first.
//!
//! It takes no decision on colour. Numbers never fall off the edge: a group whose name does not
//! fit its column gets a line of its own.

use super::view::checks::{CheckGroup, CheckRow};
use super::view::overall::{self, Overall};
use super::view::unit::Mix;
use super::view::{FindingRow, ModelLine, VerdictCount, View};
use super::{RenderError, clean, number};
use crate::result::AuditResult;

const WIDTH: usize = 80;
/// Findings shown of one verdict.
const MOST_OF_A_VERDICT: usize = 3;
/// Unmet rows shown of one check.
const MOST_OF_A_CHECK: usize = 3;
const SLICE: usize = 23;
const PLAIN: usize = 16;
/// Columns beside the heads of the numbers, and of the numbers themselves.
const COUNTS: usize = 44;
const NUMBERS: usize = 34;

/// The summary.
pub(super) fn render(result: &AuditResult) -> Result<String, RenderError> {
    let view = View::of(result);
    let mut lines = Vec::new();
    heading(&mut lines, &view, &overall::overall(result));
    lines.extend(view.headline.iter().flat_map(|line| filled(" ", line)));
    findings(&mut lines, &view);
    lines.extend(view.pairs.iter().flat_map(|pairs| &pairs.lines).flat_map(|line| filled(" ", line)));
    checks(&mut lines, &view);
    Ok(lines.iter().map(|line| number::plain(line.trim_end()) + "\n").collect())
}

/// The checks alone, for a stored result that was judged again.
pub(super) fn gate(result: &AuditResult) -> String {
    let view = View::of(result);
    let mut lines = Vec::new();
    checks(&mut lines, &view);
    lines.iter().map(|line| number::plain(line.trim_end()) + "\n").collect()
}

/// Text in lines that keep to the width, each with the same indent.
fn filled(indent: &str, text: &str) -> Vec<String> {
    clean::wrapped(text, WIDTH - indent.len()).into_iter().map(|line| format!("{indent}{line}")).collect()
}

fn heading(lines: &mut Vec<String>, view: &View, overall: &Overall) {
    let cover = &view.cover;
    lines.extend(filled("", &format!("{}  {}  {}", cover.tool, cover.name, cover.rows)));
    lines.extend(view.locked.iter().flat_map(|locked| filled(" ", &format!("policy {locked}"))));
    let right = |shown: &Option<super::view::words::Shown>| {
        shown.as_ref().map_or(String::new(), |shown| format!("   right {} %", shown.text))
    };
    lines.extend(
        cover.base.as_ref().map(|model| model_line(view.roles.base, model, &right(&overall.base))).unwrap_or_default(),
    );
    let changed = overall.changed.map_or(String::new(), |n| format!("   {} changed", number::counted(n, "decision")));
    lines.extend(
        cover
            .tuned
            .as_ref()
            .map(|model| model_line(view.roles.tuned, model, &format!("{}{changed}", right(&overall.tuned))))
            .unwrap_or_default(),
    );
    let lineage = view.origin.lineage.as_ref().map(|lineage| format!("weights: the tuned file {}", lineage.verdict));
    lines.extend(lineage.iter().flat_map(|text| filled(" ", text)));
    view.beside.iter().for_each(|(what, text)| lines.extend(filled(" ", &format!("{what}: {text}"))));
    lines.extend(view.cut.iter().flat_map(|cut| filled(" ", &cut.line)));
}

fn model_line(role: &str, model: &ModelLine, rest: &str) -> Vec<String> {
    let line = format!(" {role:<6} {}  {}{rest}", padded(&model.name, 18), model.hash);
    if clean::columns(&line) <= WIDTH { vec![line] } else { filled(" ", line.trim()) }
}

fn findings(lines: &mut Vec<String>, view: &View) {
    if view.findings.is_empty() {
        return;
    }
    lines.extend(heads(view));
    for verdict in view.verdicts.iter().filter(|one| one.count > 0 && is_listed(one)) {
        lines.push(verdict_line(verdict));
        let rows: Vec<&FindingRow> = view
            .findings
            .iter()
            .filter(|row| row.verdict == verdict.word && !row.under)
            .take(MOST_OF_A_VERDICT)
            .collect();
        for row in rows.iter() {
            finding(lines, row);
            let beside = [&row.runs, &row.cause].into_iter().filter(|text| !text.is_empty());
            beside.for_each(|text| lines.extend(filled("     ", text)));
        }
        let more = verdict.count - rows.len() as u64;
        lines.extend((more > 0).then(|| format!("   {} more in the report", number::count(more))));
    }
    lines.extend(filled(" ", &tally(&view.verdicts)));
    if view.findings.iter().any(|row| !row.moved.is_empty()) {
        lines.push(format!(" + it grew, - it shrank; inherited: to less than {} times", view.same_size));
    }
}

/// The heads of the columns; findings of several units say so in a line of their own.
fn heads(view: &View) -> Vec<String> {
    let (over, note) = match view.mix {
        Mix::Rates => ("of 100    gap, points   gap in", ""),
        Mix::Numbers => (" value            gap    gap in", ""),
        Mix::Both => (" value            gap    gap in", "rates of 100, their gaps in points; others as plain numbers"),
    };
    let counts = format!("gap counts from {}; {}", view.smallest_gap, view.confidence);
    let mut lines = vec![format!("{:48}{over}", "")];
    let own_line = clean::columns(&counts) > COUNTS;
    lines.extend(own_line.then(|| filled(" ", &counts)).into_iter().flatten());
    lines.extend((!note.is_empty()).then(|| format!(" {note}")));
    let beside = if own_line { String::new() } else { counts };
    lines.push(format!(" {}base tuned   base  tuned   labels", padded(&beside, COUNTS)));
    lines
}

/// Whether a verdict is told finding by finding; of the others only the number is.
fn is_listed(verdict: &VerdictCount) -> bool {
    !verdict.gloss.is_empty()
}

fn verdict_line(verdict: &VerdictCount) -> String {
    let confirmed = if verdict.confirmed > 0 { format!(" ({} confirmed)", verdict.confirmed) } else { String::new() };
    format!(" {} {}  {}{confirmed}", verdict.word.to_uppercase(), verdict.count, verdict.gloss)
}

fn finding(lines: &mut Vec<String>, row: &FindingRow) {
    let arrow = match row.moved {
        "it grew" => "+",
        "it shrank" => "-",
        _ => "",
    };
    let numbers = if row.tuned.words {
        row.tuned.text.clone()
    } else {
        format!(
            "{:>5} {:>5} {:>6} {:>6} {arrow:<1} {:>6}",
            row.rates[0],
            row.rates[1],
            row.base.text,
            row.tuned.text,
            row.labels.text.replace('–', "")
        )
    };
    let plain = &fitting(&row.plain, PLAIN);
    let fits = clean::columns(&numbers) <= NUMBERS || row.tuned.words;
    if clean::columns(&row.slice) <= SLICE && clean::columns(plain) <= PLAIN && fits {
        lines.push(format!("   {} {} {numbers}", padded(&row.slice, SLICE), padded(plain, PLAIN)));
    } else {
        lines.extend(filled("   ", &format!("{} {plain}", row.slice)));
        // Numbers that are wider than their columns end where the others do.
        let free = (SLICE + 1 + PLAIN + NUMBERS).saturating_sub(clean::columns(&numbers));
        let column = free.clamp(1, SLICE + 1 + PLAIN);
        lines.push(format!("   {} {numbers}", " ".repeat(column)));
    }
}

/// The text, or nothing after it got a line of its own.
fn fitted(lines: &mut Vec<String>, text: &str, width: usize) -> String {
    if clean::columns(text) <= width {
        return text.into();
    }
    lines.extend(filled("   ", text));
    String::new()
}

/// A metric's words without their abbreviation where the column is too narrow.
fn fitting(text: &str, width: usize) -> String {
    match (text.find(" ("), text.find(')')) {
        (Some(start), Some(end)) if start < end && clean::columns(text) > width => {
            format!("{}{}", &text[..start], &text[end + 1..])
        }
        _ => text.into(),
    }
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(clean::columns(text))))
}

/// "NEW OR LARGER 0  UNCLEAR 28  TOO SMALL 17 (of 80 compared)".
fn tally(verdicts: &[VerdictCount]) -> String {
    let compared = verdicts.iter().map(|one| one.count).sum();
    let worse: u64 = verdicts.iter().take_while(|one| one.word != "inherited").map(|one| one.count).sum();
    let mut parts = vec![format!("NEW OR LARGER {worse}")];
    let others = verdicts.iter().filter(|one| !is_listed(one) && one.count > 0);
    parts.extend(others.map(|one| format!("{} {}", one.word.to_uppercase(), one.count)));
    format!("{} (of {} compared)", parts.join(", "), number::count(compared))
}

fn checks(lines: &mut Vec<String>, view: &View) {
    lines.push(String::new());
    if !view.gate.asked {
        lines.push(" NO CHECKS: nothing was gated".into());
        return;
    }
    lines.push(format!(
        " {:<31} {:<6} {:>4} {:>7} {:>10} {:>10}",
        "CHECKS", "", "met", "failed", "undecided", "too small"
    ));
    view.checks.iter().for_each(|check| check_lines(lines, check));
    let (word, code) = (view.gate.word, view.gate.code);
    lines.extend(filled(" ", &format!("{word} (exit {code}): {}", view.gate.why)));
    lines.extend(view.warnings.iter().flat_map(|warning| filled(" ", &format!("WARNING: {warning}"))));
    lines.extend(view.why.iter().flat_map(|command| filled(" ", &format!("why: {command}"))));
}

fn check_lines(lines: &mut Vec<String>, check: &CheckGroup) {
    let [met, failed, undecided, small] = check.tally;
    let name = fitted(lines, &check.id, 30);
    lines.push(format!(
        "  {} {:<6} {met:>4} {failed:>7} {undecided:>10} {small:>10}",
        padded(&name, 30),
        check.severity
    ));
    let open = || check.rows.iter().filter(|row| !matches!(row.outcome, "met" | "too small"));
    if open().next().is_some() {
        lines.extend(filled("    ", &format!("{}: {} ({})", check.what, check.limit, check.at)));
    }
    open().take(MOST_OF_A_CHECK).for_each(|row| lines.extend(filled("    ", &open_row(row))));
    let more = open().count().saturating_sub(MOST_OF_A_CHECK) + check.more;
    lines.extend((more > 0).then(|| format!("    {more} more in the report")));
}

fn open_row(row: &CheckRow) -> String {
    let span = if row.judged.span.is_empty() { String::new() } else { format!(" ({})", row.judged.span) };
    let judged = row.judged.text.trim_matches('–');
    let needed = if row.needed.is_empty() { String::new() } else { format!(", needs ~{}", row.needed) };
    let waiver = if row.waiver.is_empty() { String::new() } else { format!("; {}", row.waiver) };
    let corrected = if row.corrected.is_empty() { String::new() } else { format!(", {}", row.corrected) };
    format!("{} {} {judged}{span}{corrected}; {} rows{needed}{waiver}", row.slice, row.outcome, row.support)
        .replace(" ;", ";")
}
