//! The audited people as a whole: how often each model is right, and how many decisions changed.

use super::headline::Sentence;
use super::lookup::Lookup;
use super::words::{self, Shown};
use crate::render::number;
use crate::result::{AuditResult, Estimate, Subject};

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
    let right = |subject| known(lookup.estimate("accuracy", ALL, subject)).map(|estimate| Shown::estimate(Some(estimate), 0, number::hundred));
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

/// Closing sentences of the first page.
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
        text.push(format!("{} were read and {} used.", number::counted(result.data.rows, "row"), number::count(result.data.used)));
    }
    vec![Sentence { tag: "overall".into(), tone: "quiet", text: text.join(" ") }]
}

fn right(result: &AuditResult, model: &Shown, base: Option<&Shown>) -> String {
    let base = base.map_or(String::new(), |base| format!("; base {} ({})", base.text, base.span));
    format!(
        "{}: {} of 100 ({} interval {}{base}; {}).",
        capitalized(&words::plain("accuracy")),
        model.text,
        number::percent(result.method.confidence),
        model.span,
        number::counted(result.data.used, "row"),
    )
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
