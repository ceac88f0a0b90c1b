//! How many rows of each slice have which label and were given what by base and tuned, for other tools to
//! compute from.
//!
//! The counts are those behind the rates in the result: of the rows with a positive label (the true
//! positive rate) and of those without (the false positive rate), or of all rows where there are no
//! labels. So what is hidden there is not here, and rows that weigh or belong to units have no counts.
//! Of several classes each is counted against the rest.

use super::csv::{text, whole};
use super::view::outcomes::slices;
use super::{RenderError, csv};
use crate::result::{AuditResult, MACRO, Paired, Subject, Value, WORST};

const COLUMNS: [&str; 6] = ["slice", "class", "label", "base", "tuned", "n"];
/// A metric whose rows have one label, and that label.
const LABELLED: [(&str, &str); 2] = [("true_positive_rate", "1"), ("false_positive_rate", "0")];
/// A metric of all rows, whatever their label.
const UNLABELLED: [(&str, &str); 1] = [("selection_rate", "")];

/// One line for each combination that occurs, slices in the order of the audit file.
pub(super) fn render(result: &AuditResult) -> Result<String, RenderError> {
    let labelled = result.values.iter().any(|value| value.metric == LABELLED[0].0 && value.basis.is_some());
    let metrics: &[(&str, &str)] = if labelled { &LABELLED } else { &UNLABELLED };
    let header = COLUMNS.map(String::from).to_vec();
    let rows = slices(result).into_iter().flat_map(|slice| of_slice(result, slice, metrics));
    Ok(csv::table([header].into_iter().chain(rows)))
}

fn of_slice(result: &AuditResult, slice: &str, metrics: &[(&str, &str)]) -> Vec<Vec<String>> {
    let counted = |value: &&Value| value.slice == slice && value.model == Subject::Change && is_counted(value);
    let values: Vec<&Value> = result.values.iter().filter(counted).collect();
    let mut rows = Vec::new();
    for (metric, label) in metrics {
        for value in values.iter().filter(|value| value.metric == *metric) {
            let counts = value.basis.as_ref().and_then(|basis| basis.counts());
            let names = [slice, value.class.as_deref().unwrap_or_default(), label].map(text);
            rows.extend(counts.into_iter().flat_map(cells).map(|cell| names.iter().cloned().chain(cell).collect()));
        }
    }
    rows
}

/// A mean over classes, or the worst, counts nobody.
fn is_counted(value: &Value) -> bool {
    !matches!(value.class.as_deref(), Some(MACRO | WORST))
}

/// What base and tuned said, and how many rows; nothing where a model says nothing.
fn cells(counts: &Paired) -> Vec<[String; 3]> {
    let [[a, b], [c, d]] = counts.both;
    let ([e, f], [g, h]) = (counts.base_only, counts.tuned_only);
    let all = [
        ("0", "0", a),
        ("0", "1", b),
        ("1", "0", c),
        ("1", "1", d),
        ("0", "", e),
        ("1", "", f),
        ("", "0", g),
        ("", "1", h),
    ];
    let row = |(base, tuned, n): (&str, &str, u64)| [base.into(), tuned.into(), whole(Some(n))];
    all.into_iter().filter(|(_, _, n)| *n > 0).map(row).collect()
}
