//! The annexes: what a law or a standard asks, clause by clause, and what of this report answers.

use super::words::{self, Shown};
use super::{MOST_ROWS, evidence, tables};
use crate::render::clean;
use crate::result::{Annex, AnnexNote, AuditResult, Clause, Numbers, annex};
use serde::Serialize;

/// One annex.
#[derive(Debug, Serialize)]
pub(in crate::render) struct AnnexView {
    /// Its id, also the place in the report.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How it stands and where it is written: label and value.
    pub facts: Vec<(&'static str, String)>,
    /// What its reader must know first.
    pub notes: Vec<String>,
    /// Blanks: what belongs there, and what the audit file says.
    pub fields: Vec<(String, String)>,
    /// What it asks.
    pub rows: Vec<ClauseRow>,
    /// Tables of rates and ratios.
    pub impact: Vec<tables::Impact>,
    /// Each group beside the one that is selected most often.
    pub adverse: Vec<tables::Adverse>,
    /// Sensitivity, specificity and PPV.
    pub sensitivity: Vec<tables::Sensitivity>,
}

/// One clause.
#[derive(Debug, Serialize)]
pub(in crate::render) struct ClauseRow {
    /// Where it stands.
    pub clause: &'static str,
    /// What it asks.
    pub asks: &'static str,
    /// What the result says to it.
    pub evidence: String,
    /// The id and title of what tells more, where there is something.
    pub place: Option<(String, &'static str)>,
    /// What is left for the signer.
    pub left: &'static str,
}

/// The annexes that were asked for, in their order.
pub(in crate::render) fn annexes(result: &AuditResult) -> Vec<AnnexView> {
    let of = |(place, note): (usize, &AnnexNote)| match annex(&note.id) {
        Some(annex) => view(result, note, annex),
        None => unknown(place, note),
    };
    result.annexes.iter().enumerate().map(of).collect()
}

/// One of a newer version.
fn unknown(place: usize, note: &AnnexNote) -> AnnexView {
    AnnexView {
        id: format!("unknown-{place}"),
        title: clean::label(&note.id),
        facts: Vec::new(),
        notes: vec!["This version of the program does not know this annex.".into()],
        fields: Vec::new(),
        rows: Vec::new(),
        impact: Vec::new(),
        adverse: Vec::new(),
        sensitivity: Vec::new(),
    }
}

fn view(result: &AuditResult, note: &AnnexNote, annex: &'static Annex) -> AnnexView {
    let has = |numbers| annex.numbers == Some(numbers);
    let given = |key: &str| note.settings.fields.get(key).map(|text| clean::shortened(text, 600));
    AnnexView {
        id: annex.id.clone(),
        title: annex.title.clone(),
        facts: facts(result, note, annex),
        notes: annex.notes.clone(),
        fields: annex.fields.iter().map(|one| (one.asks.clone(), given(&one.key).unwrap_or_default())).collect(),
        rows: annex.rows.iter().map(|clause| row(result, annex, clause)).collect(),
        impact: if has(Numbers::ImpactTables) { tables::impact(result) } else { Vec::new() },
        adverse: if has(Numbers::AdverseImpact) { tables::adverse(result) } else { Vec::new() },
        sensitivity: if has(Numbers::Sensitivity) { tables::sensitivity(result) } else { Vec::new() },
    }
}

fn facts(result: &AuditResult, note: &AnnexNote, annex: &Annex) -> Vec<(&'static str, String)> {
    let end = annex.effective_to.as_ref().map(|day| format!(" to {day}")).unwrap_or_default();
    let version = match &note.version {
        same if *same == annex.version => same.clone(),
        then => format!("{}; the audit was run with {}", annex.version, clean::label(then)),
    };
    let mut facts = vec![
        ("Status", annex.status.clone()),
        ("Source", annex.source.clone()),
        ("Version of this annex", format!("{version}; facts as of {}", annex.retrieved)),
        ("Audited", super::created(&result.provenance.created)),
        ("Run by", result.provenance.report.prepared_by.as_ref().map_or_else(String::new, |name| clean::label(name))),
    ];
    facts.extend(annex.effective_from.as_ref().map(|day| ("Effective", format!("from {day}{end}"))));
    facts
}

fn row(result: &AuditResult, annex: &'static Annex, clause: &'static Clause) -> ClauseRow {
    let (section, evidence) = evidence::evidence(result, clause.evidence);
    let place = |section: evidence::Section| match section == evidence::HERE {
        true => (format!("annex-{}", annex.id), section.1),
        false => (section.0.into(), section.1),
    };
    ClauseRow {
        clause: &clause.clause,
        asks: &clause.asks,
        evidence,
        place: section.map(place),
        left: if clause.left.is_empty() { "–" } else { &clause.left },
    }
}

/// Rows of a table as far as they fit, and how many do not.
pub(super) fn cut<T>(mut rows: Vec<T>) -> (Vec<T>, usize) {
    let more = rows.len().saturating_sub(MOST_ROWS);
    rows.truncate(MOST_ROWS);
    (rows, more)
}

/// A number that may be hidden.
pub(super) fn or_hidden<T>(number: Option<T>, min_cell: u64, write: impl Fn(T) -> String) -> Shown {
    number.map_or_else(
        || Shown::words(words::hidden(min_cell)),
        |number| Shown { text: write(number), span: String::new(), words: false },
    )
}
