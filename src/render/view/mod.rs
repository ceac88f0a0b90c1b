//! What every format shows: sorted, rounded and worded once.

mod annexes;
mod answers;
mod changed;
pub(super) mod checks;
mod classes;
mod crossed;
mod cut;
mod cutoff;
mod evidence;
mod extract;
pub(super) mod findings;
mod gaps;
mod headline;
pub(super) mod language;
mod limits;
mod lineage;
pub(super) mod lookup;
mod method;
pub(super) mod open;
pub(super) mod order;
pub(super) mod origin;
mod other_rows;
pub(super) mod others;
pub(super) mod outcomes;
pub(super) mod overall;
mod pairs;
mod people;
mod policy;
mod pulled;
mod references;
pub(super) mod representations;
pub(super) mod roles;
mod scores;
mod sections;
mod tables;
pub(super) mod told;
pub(super) mod unit;
pub(super) mod words;

pub(super) use annexes::ClauseRow;
pub(super) use extract::extract;
pub(super) use findings::{FindingRow, VerdictCount};
pub(super) use sections::Sections;

use super::chart::Figure;
use super::{clean, number};
use crate::result::{AuditResult, ExitStatus, ModelNote, Noise, Outcome};
use serde::Serialize;
use unit::Mix;

/// Rows of one table at most; the rest is in `result.json`.
const MOST_ROWS: usize = 100;
/// Characters of a hash that are enough to tell files apart.
const SHORT_HASH: usize = 12;

/// A result as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct View {
    pub cover: Cover,
    pub headline: Vec<String>,
    pub sentences: Vec<headline::Sentence>,
    pub checks: Vec<checks::CheckGroup>,
    pub gate: GateView,
    /// What the keeper of the policy should look at.
    pub warnings: Vec<String>,
    /// Since when the policy stands, where it was locked.
    #[serde(skip)]
    pub locked: Option<String>,
    /// The command that tells how the first check came to its outcome.
    pub why: Option<String>,
    pub verdicts: Vec<VerdictCount>,
    pub findings: Vec<FindingRow>,
    pub more_findings: usize,
    /// Whether a control allows to speak of causes.
    pub control: Option<String>,
    pub lines: Vec<others::Line>,
    pub other: other_rows::OtherRows,
    pub figures: Vec<Figure>,
    pub undrawn: usize,
    pub outcomes: Vec<outcomes::MetricOutcomes>,
    pub spreads: Vec<outcomes::Spread>,
    pub changed: Option<changed::Changed>,
    pub pairs: Option<pairs::PairsView>,
    pub people: people::People,
    pub cut: Option<cut::CutView>,
    pub limits: limits::Limits,
    pub annexes: Vec<annexes::AnnexView>,
    /// The model that annexes speak of, `tuned model`.
    pub in_use: &'static str,
    pub method: method::MethodView,
    pub origin: origin::Origin,
    /// What base and tuned are called.
    pub roles: roles::Roles,
    /// What was measured beside the models' answers, in a line each, and what it is called.
    #[serde(skip)]
    pub beside: Vec<(&'static str, String)>,
    /// Confidence, `95 %`.
    pub confidence: String,
    /// The smallest gap that counts, `5 points`.
    pub smallest_gap: String,
    /// What gaps are counted in, `in points`.
    pub gaps_in: &'static str,
    /// What values are counted in, `Rates of 100`.
    pub values_in: &'static str,
    /// What the column q is.
    pub q_is: &'static str,
    /// Which units the findings have.
    #[serde(skip)]
    pub mix: Mix,
    /// Gaps within this ratio are about the same size.
    pub same_size: String,
}

/// The strip at the top.
#[derive(Debug, Serialize)]
pub(super) struct Cover {
    pub name: String,
    pub created: String,
    pub base: Option<ModelLine>,
    pub tuned: Option<ModelLine>,
    /// "4,952 of 15,000 rows (domain = government)".
    pub rows: String,
    /// The files that the rows come from.
    pub data: String,
    /// "2 met, 0 failed, 2 undecided, 0 waived".
    pub checks: String,
    pub policy: String,
    pub prepared_by: String,
    pub reviewed_by: String,
    pub purpose: Option<String>,
    pub period: Option<String>,
    pub tool: String,
}

/// One model on the cover.
#[derive(Debug, Serialize)]
pub(super) struct ModelLine {
    pub name: String,
    pub hash: String,
}

/// The gate's conclusion.
#[derive(Debug, Serialize)]
pub(super) struct GateView {
    /// Whether any check was asked.
    pub asked: bool,
    /// `MET`, `FAILED`, `UNDECIDED`, ...
    pub word: &'static str,
    /// The process's exit code.
    pub code: u8,
    /// One sentence: why.
    pub why: String,
}

/// Embeddings, language models, and the noise of the machine where it reaches a decision.
fn beside(result: &AuditResult) -> Vec<(&'static str, String)> {
    let encoded = result.representations.as_ref().map(|found| ("embeddings", representations::answer(found)));
    let language = result.language_model.as_ref().map(|found| ("language models", language::answer(found)));
    let reaches = |noise: &&Noise| [noise.base, noise.tuned].into_iter().flatten().any(|near| near > 0);
    let noise = result.noise.as_ref().filter(reaches).map(|noise| ("noise", origin::noise_in_words(noise)));
    [encoded, language, noise].into_iter().flatten().collect()
}

impl View {
    /// Sorts, rounds and words a result.
    pub fn of(result: &AuditResult) -> View {
        let (findings, more_findings) = findings::rows(result);
        let (figures, undrawn) = gaps::figures(result);
        let checks = checks::groups(result);
        let mix = Mix::of(result);
        View {
            cover: cover(result),
            headline: headline::headline(result),
            sentences: headline::sentences(result),
            gate: gate(result, &checks),
            checks,
            warnings: result.gate.warnings.iter().take(MOST_ROWS).map(|text| clean::shortened(text, 400)).collect(),
            locked: locked(result),
            why: checks::why(result),
            verdicts: findings::counts(result),
            findings,
            more_findings,
            control: result.provenance.models.control.as_ref().map(|model| clean::label(&model.name)),
            lines: others::lines(result),
            other: other_rows::other_rows(result),
            figures,
            undrawn,
            outcomes: outcomes::outcomes(result),
            spreads: outcomes::spreads(result),
            changed: changed::changed(result),
            pairs: pairs::pairs(result),
            people: people::people(result),
            cut: cut::cut(result),
            limits: limits::limits(result),
            annexes: annexes::annexes(result),
            in_use: evidence::in_use(result).1,
            method: method::method(result),
            origin: origin::origin(result),
            roles: roles::Roles::of(result),
            beside: beside(result),
            confidence: number::percent(result.method.confidence),
            smallest_gap: words::smallest_gap(&result.method),
            gaps_in: mix.gaps(),
            values_in: mix.values(),
            q_is: words::q_is(&result.method),
            mix,
            same_size: number::setting(result.method.same_size),
        }
    }
}

fn cover(result: &AuditResult) -> Cover {
    let from = &result.provenance;
    let note = |text: &Option<String>| text.as_deref().map(|text| clean::shortened(text, 300));
    Cover {
        name: clean::label(&result.name),
        created: created(&from.created),
        base: from.models.base.as_ref().map(model),
        tuned: from.models.tuned.as_ref().map(model),
        rows: rows(result),
        data: from.data.files.iter().take(3).map(|file| clean::label(&file.name)).collect::<Vec<_>>().join(", "),
        checks: tally(result),
        policy: policy_line(result),
        prepared_by: note(&from.report.prepared_by).unwrap_or_default(),
        reviewed_by: note(&from.report.reviewed_by).unwrap_or_default(),
        purpose: note(&from.report.purpose),
        period: note(&from.report.period),
        tool: format!("{} {}", clean::label(&from.tool.name), clean::label(&from.tool.version)),
    }
}

/// "4,952 of 15,000 rows (domain = government)".
fn rows(result: &AuditResult) -> String {
    let (used, all) = (number::count(result.data.used), number::counted(result.data.rows, "row"));
    match result.provenance.data.filter.as_str() {
        "" if result.data.used == result.data.rows => all,
        "" => format!("{used} of {all}"),
        kept => format!("{used} of {all} ({})", clean::label(kept)),
    }
}

fn model(note: &ModelNote) -> ModelLine {
    let version = note.version.as_deref().map_or(String::new(), |version| format!(" {}", clean::label(version)));
    let probe = if note.probe { ", as probe" } else { "" };
    ModelLine {
        name: format!("{}{version}{probe}", clean::label(&note.name)),
        hash: note.files.first().map_or(String::new(), |file| short(&file.sha256)),
    }
}

fn short(hash: &str) -> String {
    clean::printable(hash).chars().take(SHORT_HASH).collect()
}

/// "2026-11-23 09:00 UTC"; a time of another form prints as it is.
fn created(time: &str) -> String {
    time.parse::<jiff::Timestamp>()
        .map_or_else(|_| clean::label(time), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

fn tally(result: &AuditResult) -> String {
    let gate = &result.gate;
    if result.checks.is_empty() {
        return "none: nothing was gated".into();
    }
    let rare = [(gate.accepted, "accepted"), (gate.too_small, "too small"), (gate.missing, "without rows")];
    let rare: String = rare.iter().filter(|one| one.0 > 0).map(|(n, words)| format!(", {n} {words}")).collect();
    format!("{} met, {} failed, {} undecided, {} waived{rare}", gate.met, gate.failed, gate.undecided, gate.waived)
}

/// The file that holds the checks, with the start of its hash.
fn policy_line(result: &AuditResult) -> String {
    let file = result.provenance.policy_file.as_ref().or(result.provenance.audit_file.as_ref());
    let name =
        file.map_or("given as flags".into(), |file| format!("{} {}", clean::label(&file.name), short(&file.sha256)));
    locked(result).map_or(name.clone(), |locked| format!("{name}, {locked}"))
}

/// "unchanged since 2026-10-02", or that it changed; `None` where it was never locked.
pub(super) fn locked(result: &AuditResult) -> Option<String> {
    let lock = result.provenance.policy.as_ref()?.locked.as_ref()?;
    let day = clean::label(lock.on.get(..10).unwrap_or(&lock.on));
    let commit = lock.commit.as_deref().map_or(String::new(), |commit| format!(" (commit {})", short(commit)));
    Some(if lock.unchanged {
        format!("unchanged since {day}{commit}")
    } else {
        format!("changed since it was locked on {day}{commit}")
    })
}

/// Nothing undecided may read as met, whatever the exit code.
fn gate(result: &AuditResult, checks: &[checks::CheckGroup]) -> GateView {
    let errors: Vec<Outcome> = checks.iter().filter(|one| one.severity == "error").map(|one| one.overall).collect();
    let word = match result.gate.status {
        ExitStatus::Failed => "FAILED",
        ExitStatus::EvidenceGap => "UNDECIDED",
        ExitStatus::Problem | ExitStatus::Error => "NOT EVALUATED",
        ExitStatus::Ok if errors.is_empty() => "NOTHING WAS GATED",
        ExitStatus::Ok if !errors.iter().all(|one| one.is_settled()) => "NOT ALL SETTLED",
        ExitStatus::Ok if errors.contains(&Outcome::Accepted) => "NOTHING NEW FAILED",
        ExitStatus::Ok if errors.contains(&Outcome::Waived) => "MET, WITH WAIVERS",
        ExitStatus::Ok => "MET",
    };
    let gate = &result.gate;
    GateView { asked: !result.checks.is_empty(), word, code: gate.status.code(), why: clean::shortened(&gate.why, 300) }
}
