//! A summary in GitHub's Markdown: the gate, every check and every finding, worst first.
//!
//! GitHub drops a step's summary above 1 MiB as a whole, so rows that would pass 900 kB are left
//! out and counted. Names stand in code spans, where nothing is a link, a mention or a tag.

mod context;

use super::view::told::{self, Told};
use super::view::words::{self, Shown};
use super::view::{ClauseRow, ModelLine, View, order};
use super::{RenderError, clean, number};
use crate::result::{AuditResult, Finding, GapEstimate};

const LARGEST: usize = 900_000;
/// Kept for the sentences on what was left out, and the last line.
const RESERVE: usize = 1_000;

/// The summary.
pub(super) fn render(result: &AuditResult) -> Result<String, RenderError> {
    let view = View::of(result);
    let mut text = heading(&view);
    let told = told::every(result);
    let checks = told.iter().map(check_row).collect();
    table(&mut text, "Checks", ["outcome", "check", "group", "what came out"], checks);
    let findings = order::findings(result).into_iter().map(|one| finding_row(one, result.method.min_cell)).collect();
    let [base_gap, tuned_gap] = [view.roles.base, view.roles.tuned].map(|role| format!("{role} gap"));
    let columns =
        ["verdict", "group", "against", "metric", &base_gap, &tuned_gap, "change", "q", "people, group and others"];
    table(&mut text, "Findings", columns, findings);
    context::context(&mut text, result);
    annexes(&mut text, &view);
    text += &format!(
        "\n\"Inherited\": the {} shows the same gap on the same people. It is not proof of cause. Not a legal finding.\n",
        view.roles.base
    );
    Ok(number::plain(&text))
}

fn heading(view: &View) -> String {
    let cover = &view.cover;
    let mut text = format!("### Inherited-bias audit: {}\n\n", code(&cover.name));
    text += &if view.gate.asked {
        format!("**{}** (exit code {}): {}\n\n", view.gate.word, view.gate.code, escaped(&view.gate.why))
    } else {
        "No checks: nothing was gated.\n\n".into()
    };
    view.headline.iter().for_each(|line| text += &format!("{}\n\n", escaped(line)));
    text += &models(view);
    text + &format!("Gaps count from {}; {} confidence.\n", escaped(&view.smallest_gap), view.confidence)
}

fn models(view: &View) -> String {
    let cover = &view.cover;
    let line = |role: &str, model: &Option<ModelLine>| {
        model.as_ref().map_or(String::new(), |model| format!("- {role}: {} {}\n", code(&model.name), code(&model.hash)))
    };
    let (base, tuned) = (line(view.roles.base, &cover.base), line(view.roles.tuned, &cover.tuned));
    let cut = view.cut.as_ref().map_or(String::new(), |cut| format!("- {}\n", escaped(&cut.line)));
    format!("{base}{tuned}- data: {}, {}\n{cut}- {}\n\n", code(&cover.data), code(&cover.rows), escaped(&cover.tool))
}

/// A table, cut where the file would grow too large.
fn table<const N: usize>(text: &mut String, title: &str, columns: [&str; N], rows: Vec<[String; N]>) {
    if rows.is_empty() {
        return;
    }
    *text += &format!("\n#### {title}\n\n| {} |\n|{}\n", columns.join(" | "), " --- |".repeat(N));
    let all = rows.len();
    for (place, row) in rows.into_iter().enumerate() {
        let line = format!("| {} |\n", row.join(" | "));
        if text.len() + line.len() > LARGEST - RESERVE {
            let more = number::count((all - place) as u64);
            *text += &format!("\n{more} more are in result.json.\n");
            return;
        }
        *text += &line;
    }
}

fn check_row(told: &Told) -> [String; 4] {
    let outcome = format!("**{}**", words::outcome_on(told.finding, told.check.outcome).0);
    [outcome, code(&told.check.id), code(&told.check.slice), code(&told.text)]
}

fn finding_row(finding: &Finding, min_cell: u64) -> [String; 9] {
    let absent = if finding.hidden { words::hidden(min_cell) } else { "not defined".into() };
    let gap =
        |gap: Option<GapEstimate>| gap.map_or_else(|| absent.clone(), |gap| shown(&Shown::gap(&finding.metric, gap)));
    let standing = words::standing(finding);
    let verdict = words::of(finding).0;
    let people = |n: crate::result::Support| format!("{}, {}", number::count(n.slice), number::count(n.reference));
    [
        if standing.is_empty() { format!("**{verdict}**") } else { format!("**{verdict}**, {standing}") },
        code(&finding.slice),
        code(&words::reference(finding)),
        code(&words::title_of(&finding.metric, finding.class.as_deref())),
        gap(finding.base),
        gap(finding.tuned),
        gap(finding.change),
        finding.q_value.map_or("–".into(), |q| escaped(&number::p_value(q))),
        finding.support.map_or_else(|| absent.clone(), people),
    ]
}

/// What each law or standard asks and what answers; its tables are in the report.
fn annexes(text: &mut String, view: &View) {
    for annex in &view.annexes {
        let row = |row: &ClauseRow| [row.clause, row.asks, &row.evidence, row.left].map(escaped);
        let columns = ["clause", "what it asks", "our evidence", "left for you to write"];
        table(text, &format!("Annex: {}", escaped(&annex.title)), columns, annex.rows.iter().map(row).collect());
    }
}

fn shown(shown: &Shown) -> String {
    if shown.span.is_empty() { shown.text.clone() } else { format!("{} ({})", shown.text, shown.span) }
}

/// A name as a code span, with a fence that it does not hold (CommonMark 0.31, section 6.1).
fn code(name: &str) -> String {
    let name = clean::shortened(name, 600);
    let name = name.trim();
    if name.is_empty() {
        return "(no name)".into();
    }
    let runs = name.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(runs + 1);
    // A table's cell ends at a bar even inside code, and a backslash before the bar's own would undo it.
    let name = if name.contains('|') { name.replace('\\', "\\\\").replace('|', "\\|") } else { name.into() };
    format!("{fence} {name} {fence}")
}

/// Text in which nothing is markup: every ASCII punctuation mark may be escaped (section 2.4).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean::printable(text).chars() {
        if c.is_ascii_punctuation() && !matches!(c, ',' | ';' | '%' | '\'' | '(' | ')') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
