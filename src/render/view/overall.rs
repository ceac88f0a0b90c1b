//! The audited people as a whole: how often each model is right, and how many decisions changed.

use super::headline::Sentence;
use super::lookup::Lookup;
use super::outcomes;
use super::roles::Roles;
use super::unit::Unit;
use super::words::{self, Shown};
use crate::render::{clean, number};
use crate::result::{Aggregate, AuditResult, Estimate, Subject, is_of_all};

/// Everyone's slice id.
const ALL: &str = "all";

/// How often each model is right and how many decisions changed, where they were measured.
pub(in crate::render) struct Overall {
    /// Accuracy of the base, of 100.
    pub base: Option<Shown>,
    /// Accuracy of the tuned model, of 100.
    pub tuned: Option<Shown>,
    /// Rows decided differently.
    pub changed: Option<u64>,
}

/// Reads the whole data's numbers from the result.
pub(in crate::render) fn overall(result: &AuditResult) -> Overall {
    let lookup = Lookup::of(result);
    let right = |subject| {
        known(lookup.estimate("accuracy", ALL, subject))
            .map(|estimate| Shown::estimate(Some(estimate), 0, number::hundred))
    };
    Overall { base: right(Subject::Base), tuned: right(Subject::Tuned), changed: changed(&lookup) }
}

fn known(estimate: Option<&Estimate>) -> Option<&Estimate> {
    estimate.filter(|estimate| estimate.value().is_some())
}

fn changed(lookup: &Lookup) -> Option<u64> {
    let from_counts = lookup.basis("selection_rate", ALL).map(|basis| basis.both[0][1] + basis.both[1][0]);
    from_counts.or_else(|| match lookup.estimate("churn", ALL, Subject::Pair) {
        Some(Estimate::Known { value, support, .. }) => Some((value * *support as f64).round() as u64),
        _ => None,
    })
}

/// Spreads told of where nothing was compared.
const MOST_SPREADS: usize = 4;

/// Where nothing was compared: the largest differences between the groups of one model.
pub(in crate::render) fn spreads(result: &AuditResult) -> Vec<Sentence> {
    let shown = outcomes::metric_ids(result);
    let wanted = |one: &&Aggregate| {
        one.aggregate == "difference"
            && matches!(one.model, Subject::Base | Subject::Tuned)
            && is_of_all(&one.class)
            && shown.contains(&one.metric.as_str())
            && one.estimate.value().is_some()
    };
    let mut found: Vec<&Aggregate> = result.aggregates.iter().filter(wanted).collect();
    found.sort_by(|a, b| b.estimate.value().unwrap_or(0.0).total_cmp(&a.estimate.value().unwrap_or(0.0)));
    let mut told: Vec<&str> = Vec::new();
    found.retain(|one| {
        !told.contains(&one.metric.as_str()) && {
            told.push(&one.metric);
            true
        }
    });
    found.into_iter().take(MOST_SPREADS).map(|one| spread(result, one)).collect()
}

/// "age, selected: from 22.0 of 100 (age=Greater than 45) to 64.3 (age=Less than 25). Difference ...".
fn spread(result: &AuditResult, one: &Aggregate) -> Sentence {
    let unit = Unit::size(&one.metric);
    let shown = Shown::estimate(Some(&one.estimate), result.method.min_cell, unit.writer());
    let rows = match &one.estimate {
        Estimate::Known { support, .. } => format!("; {}", number::counted(*support, "row")),
        Estimate::Undefined { .. } => String::new(),
    };
    let text = format!(
        "{}, {}: {}difference {}{} ({} interval {}{rows}).",
        clean::label(&one.attribute),
        words::plain(&one.metric),
        ends(result, one).unwrap_or_default(),
        shown.text,
        unit.suffix(),
        number::percent(result.method.confidence),
        if shown.span.is_empty() { "not computed" } else { &shown.span },
    );
    Sentence { tag: "difference".into(), tone: words::QUIET, text }
}

/// The groups with the smallest and the largest number, of those that enter the difference.
fn ends(result: &AuditResult, one: &Aggregate) -> Option<String> {
    let lookup = Lookup::of(result);
    let groups = &result.data.attributes.iter().find(|attribute| attribute.name == one.attribute)?.groups;
    let mut rates: Vec<(f64, &str)> = groups
        .iter()
        .filter_map(|group| {
            let Estimate::Known { value, support, .. } = lookup.estimate(&one.metric, &group.slice, one.model)? else {
                return None;
            };
            (*support >= result.method.min_support.max(1)).then_some((*value, group.slice.as_str()))
        })
        .collect();
    rates.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ((low, lowest), (high, highest)) = (rates.first()?, rates.last()?);
    // Some metrics count their people otherwise, and then other groups may be the ends.
    let apart = one.estimate.value().is_some_and(|difference| (high - low - difference).abs() > 1e-9);
    if apart {
        return None;
    }
    let unit = Unit::value(&one.metric);
    let (low, high) = (unit.full(*low), unit.writer()(*high));
    Some(format!("from {low} ({}) to {high} ({}); ", clean::label(lowest), clean::label(highest)))
}

/// The closing sentence of the first page.
pub(in crate::render) fn sentences(result: &AuditResult) -> Vec<Sentence> {
    let told = overall(result);
    let mut text = Vec::new();
    if let Some(model) = told.tuned.as_ref().or(told.base.as_ref()) {
        text.push(right(result, model, told.tuned.as_ref().and(told.base.as_ref())));
    }
    if let Some(changed) = told.changed {
        text.push(format!("{} of {} decisions changed.", number::count(changed), number::count(result.data.used)));
    }
    if text.is_empty() {
        text.push(format!(
            "{} were read and {} used.",
            number::counted(result.data.rows, "row"),
            number::count(result.data.used)
        ));
    }
    vec![Sentence { tag: "overall".into(), tone: words::QUIET, text: text.join(" ") }]
}

fn right(result: &AuditResult, model: &Shown, base: Option<&Shown>) -> String {
    let base = base.map_or(String::new(), |base| format!("; {} {} ({})", Roles::of(result).base, base.text, base.span));
    format!(
        "{}: {} of 100 ({} interval {}{base}; {}).",
        words::capitalized(&words::plain("accuracy")),
        model.text,
        number::percent(result.method.confidence),
        model.span,
        number::counted(result.data.used, "row"),
    )
}
