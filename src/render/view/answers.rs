//! The first line of every section: its reader's question, answered from the result.

use super::changed::Changed;
use super::lookup::Lookup;
use super::order;
use super::unit::Unit;
use super::words::{self, VERDICTS};
use super::{outcomes, overall};
use crate::evidence::SliceId;
use crate::render::{clean, number};
use crate::result::{AuditResult, Estimate, Finding, Outcome, Subject, Verdict};
use serde::Serialize;

/// One answer a section, in the order of the report.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Answers {
    inherited: String,
    outcomes: String,
    changed: String,
    crossed: String,
    data: String,
    limits: String,
    policy: String,
    method: String,
    provenance: String,
}

/// Answers every section's question.
pub(in crate::render) fn answers(result: &AuditResult, changed: Option<&Changed>) -> Answers {
    Answers {
        inherited: inherited(result),
        outcomes: outcomes(result),
        changed: changed.map_or_else(
            || "That needs decisions of both models on the same people, and there are none.".into(),
            |_| flips(result),
        ),
        crossed: crossed(result),
        data: data(result),
        limits: limits(result),
        policy: policy(result),
        method: method(result),
        provenance: provenance(result),
    }
}

fn count(result: &AuditResult, wanted: impl Fn(Verdict) -> bool) -> usize {
    result.findings.iter().filter(|finding| wanted(finding.verdict)).count()
}

/// "18 inherited, 4 carried over; none introduced, amplified or worsened. 28 unclear and 17 too small."
fn inherited(result: &AuditResult) -> String {
    if result.findings.is_empty() {
        return "Nothing was compared, so that cannot be told.".into();
    }
    let named = |wanted: fn(Verdict) -> bool| {
        let of = |verdict: &Verdict| (count(result, |one| one == *verdict), words::verdict(*verdict).0);
        let found = VERDICTS.iter().filter(|verdict| wanted(**verdict)).map(of).filter(|(n, _)| *n > 0);
        found.map(|(n, word)| format!("{n} {word}")).collect::<Vec<_>>().join(", ")
    };
    let before = named(|verdict| order::is_gap(verdict) && !order::is_worse(verdict));
    let worse = named(order::is_worse);
    let part = |list: String, none: &str| if list.is_empty() { none.to_string() } else { list };
    format!(
        "Of {}, gaps that tuning made new or larger: {}; other gaps: {}; unclear or too small: {}.",
        number::counted(result.findings.len() as u64, "comparison"),
        part(worse, "none shown"),
        part(before, "none shown"),
        count(result, |verdict| matches!(verdict, Verdict::Unclear | Verdict::TooSmall)),
    )
}

fn outcomes(result: &AuditResult) -> String {
    let widest = overall::spreads(result);
    widest.first().map_or_else(
        || "No spread over groups was measured; each group's numbers are below.".into(),
        |sentence| format!("The widest spread: {}", sentence.text),
    )
}

/// "269 of 4,952 decisions changed (5.4 of 100); most often in age=40-60: 8.1 of 100 (123 people)."
fn flips(result: &AuditResult) -> String {
    let lookup = Lookup::of(result);
    let churn = |slice: &str| match lookup.estimate("churn", slice, Subject::Pair) {
        Some(Estimate::Known { value, support, .. }) => Some((*value, *support)),
        _ => None,
    };
    let Some((all, rows)) = churn("all") else { return "The numbers are below.".into() };
    let groups = outcomes::slices(result).into_iter().skip(1);
    let large =
        groups.filter_map(|slice| Some((slice, churn(slice)?))).filter(|(_, (_, n))| *n >= result.method.min_support);
    let most = large.max_by(|a, b| a.1.0.total_cmp(&b.1.0));
    let most = most.map_or(String::new(), |(slice, (rate, n))| {
        format!(
            "; most often in {}: {} of 100 ({} people)",
            clean::label(slice),
            number::hundred(rate),
            number::count(n)
        )
    });
    let ways = [("adverse_flip_rate", "for the worse"), ("favorable_flip_rate", "for the better")].map(|(id, way)| {
        let rate = lookup.estimate(id, "all", Subject::Pair).and_then(Estimate::value);
        rate.map_or(String::new(), |rate| format!(", {} {way}", number::hundred(rate)))
    });
    format!(
        "{} of 100 decisions changed{} ({} people){most}.",
        number::hundred(all),
        ways.concat(),
        number::count(rows)
    )
}

/// Whether a cross shows a gap that none of its own groups shows.
fn crossed(result: &AuditResult) -> String {
    let lookup = Lookup::of(result);
    let crosses: Vec<&Finding> = result.findings.iter().filter(|finding| finding.is_crossed()).collect();
    let hides = |finding: &&Finding| order::is_gap(finding.verdict) && !shown_alone(&lookup, finding);
    let mut hidden: Vec<&Finding> = crosses.iter().copied().filter(hides).collect();
    hidden.sort_by_key(|finding| order::rank(finding.verdict));
    let settled = crosses.iter().filter(|one| !matches!(one.verdict, Verdict::Unclear | Verdict::TooSmall)).count();
    let all = number::counted(crosses.len() as u64, "comparison");
    match (crosses.is_empty(), hidden.first()) {
        (true, _) => "No combinations of attributes were compared.".into(),
        (_, None) => format!(
            "Of {all} of combinations, {settled} are settled; none of them shows a gap that none of its groups shows alone."
        ),
        (_, Some(worst)) => format!(
            "{} of {all} of combinations show a gap that none of their groups shows alone, such as {}, {}: {}.",
            hidden.len(),
            clean::label(&worst.slice),
            words::plain_of(&worst.metric, worst.class.as_deref()),
            words::of(worst).0,
        ),
    }
}

/// Whether a group that a cross refines shows a gap of the same metric, as itself or as a mirror.
fn shown_alone(lookup: &Lookup, finding: &Finding) -> bool {
    let parts = SliceId::parse(&finding.slice).map(|id| id.parts).unwrap_or_default();
    let singles = parts.iter().map(|(attribute, group)| SliceId::single(attribute, group).to_string());
    singles.filter_map(|slice| lookup.finding(&finding.metric, &slice)).any(|one| order::is_gap(one.verdict))
}

fn data(result: &AuditResult) -> String {
    let groups = || result.data.attributes.iter().flat_map(|one| &one.groups);
    let known = groups().filter_map(|group| Some((group.rows?, group.slice.as_str()))).filter(|(rows, _)| *rows > 0);
    let smallest = known.min().map_or(String::new(), |(rows, slice)| {
        format!(" The smallest group shown is {} with {}.", clean::label(slice), number::counted(rows, "row"))
    });
    let small = groups().filter(|group| group.rows.is_none_or(|rows| rows < result.method.min_support)).count();
    format!(
        "{} in {}; {} of them with fewer than {}.{smallest}",
        number::counted(result.data.used, "row"),
        number::counted(groups().count() as u64, "group"),
        small,
        number::counted(result.method.min_support, "row"),
    )
}

fn limits(result: &AuditResult) -> String {
    format!(
        "{} of {} are unclear, {} have too few people or no error that can be told, and {} are hidden.",
        count(result, |verdict| verdict == Verdict::Unclear),
        number::counted(result.findings.len() as u64, "comparison"),
        count(result, |verdict| verdict == Verdict::TooSmall),
        result.findings.iter().filter(|finding| finding.hidden).count(),
    )
}

fn policy(result: &AuditResult) -> String {
    if result.checks.is_empty() {
        return "No limits were set: nothing was gated.".into();
    }
    let of = |outcome| result.checks.iter().filter(|check| check.outcome == outcome).count();
    let gate = &result.gate;
    format!(
        "Checks: {} met, {} failed, {} undecided, {} waived. Group by group: {} outcomes, {} failed, {} waived.",
        gate.met,
        gate.failed,
        gate.undecided,
        gate.waived,
        result.checks.len(),
        of(Outcome::Failed),
        of(Outcome::Waived),
    )
}

fn method(result: &AuditResult) -> String {
    let method = &result.method;
    format!(
        "Every gap has a {} interval over the people tested; gaps count from {}; {} comparisons are corrected for their number ({}).",
        number::percent(method.confidence),
        words::smallest_gap(method),
        number::count(method.tested),
        words::multiplicity(&method.multiplicity),
    )
}

fn provenance(result: &AuditResult) -> String {
    let models = &result.provenance.models;
    let named = [&models.base, &models.tuned].into_iter().flatten().map(|model| clean::label(&model.name));
    format!(
        "{} on {} by {} {}; every file is named below with its hash.",
        named.collect::<Vec<_>>().join(" and "),
        number::counted(result.data.used, "row"),
        clean::label(&result.provenance.tool.name),
        clean::label(&result.provenance.tool.version),
    )
}

/// The metric that a reader meets first: that of the audit's first findings.
pub(super) fn first_metric(result: &AuditResult) -> Option<&str> {
    result
        .method
        .metrics
        .first()
        .map(String::as_str)
        .filter(|metric| result.findings.iter().any(|one| one.metric == *metric))
}

/// The smallest gap that the rows of a slice could show under a metric, in its own unit.
pub(super) fn detectable(result: &AuditResult, slice: &str, metric: &str) -> Option<f64> {
    let of = |one: &&Finding| {
        one.metric == metric
            && (one.slice == slice || one.mirror.as_deref() == Some(slice))
            && crate::result::is_of_all(&one.class)
    };
    Some(Unit::size(metric).scale() * result.findings.iter().find(of)?.detectable?)
}
