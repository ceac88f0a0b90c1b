//! What a result says to a clause of an annex, in a sentence or two, and where the report tells more.

use super::lookup::Lookup;
use super::unit::Unit;
use super::{outcomes, tally, words};
use crate::render::{clean, number};
use crate::result::{AuditResult, Estimate, Evidence, FourFifths, GroupSummary, ModelNote, Outcome, Subject};

/// A section of the report: its id and title.
pub(in crate::render) type Section = (&'static str, &'static str);
const ONE_PAGE: Section = ("page", "In one page");
const INHERITED: Section = ("inherited", "What was inherited");
const OUTCOMES: Section = ("outcomes", "Group outcomes");
const DATA: Section = ("data", "Data");
const LIMITS: Section = ("limits", "Not measured");
const METHOD: Section = ("method", "Method");
const PROVENANCE: Section = ("provenance", "Provenance");
/// The annexes themselves; an annex puts its own id in the place of this.
pub(in crate::render) const HERE: Section = ("annexes", "The tables below");

/// The section that tells more, where there is one, and the summary.
pub(in crate::render) fn evidence(result: &AuditResult, of: Evidence) -> (Option<Section>, String) {
    use Evidence as E;
    let (section, summary): (Section, Summary) = match of {
        E::Accuracy => (OUTCOMES, accuracy),
        E::AdverseImpact => (HERE, adverse_impact),
        E::Change => (INHERITED, change),
        E::Checks => (ONE_PAGE, checks),
        E::Data => (DATA, data),
        E::Exclusions => (HERE, exclusions),
        E::ImpactTables => (HERE, impact_tables),
        E::Inputs => (PROVENANCE, inputs),
        E::Limits => (LIMITS, limits),
        E::Models => (PROVENANCE, models),
        E::None => return (None, "Not measured by this program.".into()),
        E::Outcomes => (OUTCOMES, groups),
        E::Privacy => (LIMITS, privacy),
        E::Provenance => (PROVENANCE, provenance),
        E::Sensitivity => (HERE, sensitivity),
        E::Shift => (DATA, shift),
        E::SmallGroups => (DATA, small_groups),
        E::Unknown => (DATA, unknown),
        E::Verdicts => (INHERITED, verdicts),
        E::WhyTheseMetrics => (METHOD, why),
    };
    (Some(section), summary(result))
}

/// What writes a summary.
type Summary = fn(&AuditResult) -> String;

/// The model in use: the tuned one, else the base alone.
pub(super) fn in_use(result: &AuditResult) -> (Subject, &'static str) {
    match result.provenance.models.tuned {
        Some(_) => (Subject::Tuned, "tuned model"),
        None => (Subject::Base, "base"),
    }
}

fn accuracy(result: &AuditResult) -> String {
    let lookup = Lookup::of(result);
    let (_, name) = in_use(result);
    let ids = ["accuracy", "mean_absolute_error", "roc_auc"];
    let told = ids.iter().filter_map(|id| of_everyone(result, &lookup, id)).collect::<Vec<_>>();
    if told.is_empty() {
        "Not measured: it needs labels.".into()
    } else {
        format!("Of the {name}: {}.", told.join("; "))
    }
}

fn of_everyone(result: &AuditResult, lookup: &Lookup, metric: &str) -> Option<String> {
    let estimate = lookup.estimate(metric, "all", in_use(result).0)?;
    estimate.value()?;
    Some(format!("{} {}", words::plain(metric), words::with_span(estimate, Unit::value(metric))))
}

fn change(result: &AuditResult) -> String {
    let lookup = Lookup::of(result);
    match lookup.estimate("churn", "all", Subject::Pair) {
        Some(churn @ Estimate::Known { .. }) => {
            let moved = words::with_span(churn, Unit::value("churn"));
            format!("Tuning changed {moved} decisions. {}", verdicts(result))
        }
        _ => verdicts(result),
    }
}

fn checks(result: &AuditResult) -> String {
    let file = result.provenance.policy_file.as_ref().or(result.provenance.audit_file.as_ref());
    let file = file.map_or(String::new(), |file| {
        format!(" Policy {}, SHA-256 {}.", clean::label(&file.name), super::short(&file.sha256))
    });
    let waived = result.checks.iter().filter(|check| check.outcome == Outcome::Waived).count() as u64;
    let waived = if waived > 0 { format!(" {} waived.", number::counted(waived, "outcome")) } else { String::new() };
    format!("Checks: {}.{waived}{file}", tally(result))
}

fn data(result: &AuditResult) -> String {
    let groups: u64 = result.data.attributes.iter().map(|one| one.groups.len() as u64).sum();
    let period = result.provenance.report.period.as_ref();
    let period = period.map_or(String::new(), |period| format!(" Period: {}.", clean::shortened(period, 200)));
    format!("{}; {} in all.{period}", super::rows(result), number::counted(groups, "group"))
}

fn groups(result: &AuditResult) -> String {
    let lookup = Lookup::of(result);
    let told: Vec<String> =
        outcomes::metric_ids(result).into_iter().take(4).filter_map(|metric| range(result, &lookup, metric)).collect();
    let (_, name) = in_use(result);
    if told.is_empty() {
        "No group has a number.".into()
    } else {
        format!("Over the groups of the {name}: {}.", told.join("; "))
    }
}

/// The smallest and the largest number of a metric over the groups with enough rows.
fn range(result: &AuditResult, lookup: &Lookup, metric: &str) -> Option<String> {
    let slices = outcomes::slices(result);
    let enough = |slice: &&str| {
        let estimate = lookup.estimate(metric, slice, in_use(result).0)?;
        let support = outcomes::support(Some(estimate))?;
        estimate.value().filter(|_| support >= result.method.min_support)
    };
    let values: Vec<f64> = slices.iter().skip(1).filter_map(enough).collect();
    let least = values.iter().copied().reduce(f64::min)?;
    let most = values.iter().copied().reduce(f64::max)?;
    let unit = Unit::value(metric);
    Some(format!("{} {} to {}", words::plain(metric), (unit.writer())(least), unit.full(most)))
}

fn verdicts(result: &AuditResult) -> String {
    let count = |verdict| result.findings.iter().filter(|finding| finding.verdict == verdict).count() as u64;
    let some = words::VERDICTS.into_iter().filter(|verdict| count(*verdict) > 0);
    let told: Vec<String> =
        some.map(|one| format!("{} {}", number::count(count(one)), words::verdict(one).0)).collect();
    if told.is_empty() {
        return "No gap could be traced: one model alone, or no groups.".into();
    }
    format!("Of {}: {}.", number::counted(result.findings.len() as u64, "comparison"), told.join(", "))
}

fn limits(result: &AuditResult) -> String {
    let undefined = result.values.iter().filter(|value| value.estimate.value().is_none()).count() as u64;
    let notices = number::counted(result.notices.len() as u64, "notice");
    format!("{notices}; {} not defined or hidden.", number::counted(undefined, "number"))
}

fn models(result: &AuditResult) -> String {
    let models = &result.provenance.models;
    let told = |role: &str, note: &Option<ModelNote>| note.as_ref().map(|note| model(role, note));
    [told("Base", &models.base), told("Tuned", &models.tuned)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn model(role: &str, note: &ModelNote) -> String {
    let source = note
        .source
        .as_ref()
        .map_or("origin not given".into(), |source| format!("from {}", clean::shortened(source, 200)));
    let line = super::model(note);
    let hash = if line.hash.is_empty() { "read from a column".into() } else { format!("SHA-256 {}", line.hash) };
    format!("{role}: {}, {source}, {hash}.", line.name)
}

fn inputs(result: &AuditResult) -> String {
    let names: Vec<String> = result.data.attributes.iter().map(|one| clean::label(&one.name)).collect();
    format!("Groups audited: {}. How the model's inputs are filled stands among the settings.", names.join(", "))
}

fn privacy(result: &AuditResult) -> String {
    match result.method.min_cell {
        0 | 1 => "No group is hidden; no row of the data is printed.".into(),
        least => format!("Numbers of fewer than {least} people are hidden; no row of the data is printed."),
    }
}

fn provenance(result: &AuditResult) -> String {
    let from = &result.provenance;
    let tool = format!("{} {}", clean::label(&from.tool.name), clean::label(&from.tool.version));
    format!("{} by {tool}, seed {}; every file with its SHA-256.", super::created(&from.created), result.method.seed)
}

fn shift(result: &AuditResult) -> String {
    let told = result.shift.as_ref().map(|shift| words::with_span(&shift.distance, Unit::Number));
    match told.filter(|text| !text.is_empty()) {
        Some(distance) => format!("Distance of the audited rows from the base's own: {distance} of at most 2."),
        None => "Not measured: `[data] source` names no rows of the base's kind.".into(),
    }
}

/// Groups below the share that the guidelines name, 2 %.
fn small_groups(result: &AuditResult) -> String {
    let single = result.data.attributes.iter().filter(|one| !one.name.contains(" & "));
    let small = single.flat_map(|attribute| {
        let people: u64 = attribute.groups.iter().filter_map(|group| group.rows).sum();
        let share = move |rows: u64| rows as f64 / people as f64;
        let told = move |group: &GroupSummary| {
            let share = share(group.rows.filter(|rows| *rows > 0)?);
            (share < 0.02).then(|| format!("{} {} of 100", clean::label(&group.slice), number::hundred(share)))
        };
        attribute.groups.iter().filter_map(told)
    });
    let mut told: Vec<String> = small.collect();
    let more = told.len().saturating_sub(12);
    told.truncate(12);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    if told.is_empty() {
        "No group that is shown is below 2 %.".into()
    } else {
        format!("Below 2 %: {}{more}.", told.join(", "))
    }
}

fn why(result: &AuditResult) -> String {
    let why = result.provenance.report.why_these_metrics.as_ref();
    why.map_or("No reason is given.".into(), |why| clean::shortened(why, 600))
}

fn adverse_impact(result: &AuditResult) -> String {
    let (model, _) = in_use(result);
    let rows = result.law.adverse_impact.iter().filter(|row| row.model == model);
    let shown: Vec<_> = rows.filter_map(|row| row.numbers).collect();
    let below = shown.iter().filter(|row| row.four_fifths == FourFifths::Below).count() as u64;
    let groups = number::counted(shown.len() as u64, "group");
    format!(
        "{groups} beside the one selected most often; {} below four fifths by more than one person.",
        number::count(below)
    )
}

fn impact_tables(result: &AuditResult) -> String {
    let (model, _) = in_use(result);
    let tables = result.law.impact_tables.iter().filter(|table| table.model == model).count() as u64;
    format!("{}, each with its own highest rate.", number::counted(tables, "table"))
}

fn unknown(result: &AuditResult) -> String {
    let told = result.data.attributes.iter().map(|one| {
        format!(
            "{} {}",
            clean::label(&one.name),
            one.unknown.map_or_else(|| words::hidden(result.method.min_cell), number::count)
        )
    });
    format!("Of unknown category: {}.", told.take(12).collect::<Vec<_>>().join(", "))
}

fn exclusions(result: &AuditResult) -> String {
    let Some(least) = result.annexes.iter().find_map(|annex| annex.settings.exclude_below) else {
        return "No category is left out.".into();
    };
    let (model, _) = in_use(result);
    let tables = result.law.impact_tables.iter().filter(|table| table.model == model);
    let out = tables.flat_map(|table| &table.categories).filter(|row| row.excluded).count() as u64;
    let share = number::percent(least);
    format!("Below {share} of a table's known people: {} left out of the ratios.", number::counted(out, "row"))
}

fn sensitivity(result: &AuditResult) -> String {
    let lookup = Lookup::of(result);
    let ids = ["true_positive_rate", "true_negative_rate"];
    let told: Vec<String> = ids.iter().filter_map(|id| range(result, &lookup, id)).collect();
    let (_, name) = in_use(result);
    if told.is_empty() {
        return "Not measured: it needs labels of two kinds.".into();
    }
    format!("Over the groups of the {name}: {}.", told.join("; "))
}
