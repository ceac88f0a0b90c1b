//! A machine-learning bill of materials, CycloneDX 1.7: the tuned model with its base as ancestor,
//! its numbers by slice, and the gaps that were found as assessments.
//!
//! The format has no place for the number of people behind a number; `result.json` has.

use super::view::roles::Roles;
use super::view::{order, words};
use super::{RenderError, clean, number};
use crate::result::{AuditResult, Estimate, Finding, GapEstimate, ModelNote, Subject, Verdict};
use serde_json::{Value, json};

/// Hexadecimal digits of a SHA-256.
const HASH: usize = 64;

/// The bill of materials.
pub(super) fn render(result: &AuditResult) -> Result<String, RenderError> {
    let from = &result.provenance;
    let tool = json!({ "type": "application", "name": clean::label(&from.tool.name), "version": clean::label(&from.tool.version) });
    let mut metadata = json!({ "tools": { "components": [tool] } });
    if from.created.parse::<jiff::Timestamp>().is_ok() {
        metadata["timestamp"] = from.created.as_str().into();
    }
    let bom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "version": 1,
        "metadata": metadata,
        "components": component(result).into_iter().collect::<Vec<_>>(),
    });
    Ok(serde_json::to_string_pretty(&bom)? + "\n")
}

fn component(result: &AuditResult) -> Option<Value> {
    let models = &result.provenance.models;
    let (audited, of) = match &models.tuned {
        Some(tuned) => (tuned, Subject::Tuned),
        None => (models.base.as_ref()?, Subject::Base),
    };
    let mut component = model(audited);
    component["bom-ref"] = "audited".into();
    component["modelCard"] = card(result, of);
    if let (Some(base), Subject::Tuned) = (&models.base, of) {
        component["pedigree"] = json!({ "ancestors": [model(base)] });
    }
    Some(component)
}

fn model(note: &ModelNote) -> Value {
    let mut model = json!({ "type": "machine-learning-model", "name": clean::label(&note.name) });
    if let Some(version) = &note.version {
        model["version"] = clean::label(version).into();
    }
    let whole = |hash: &&str| hash.len() == HASH && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(hash) = note.files.first().map(|file| file.sha256.as_str()).filter(whole) {
        model["hashes"] = json!([{ "alg": "SHA-256", "content": hash }]);
    }
    model
}

fn card(result: &AuditResult, of: Subject) -> Value {
    let sorted = order::findings(result);
    let mut metrics: Vec<Value> = values(result, of).collect();
    metrics.extend(sorted.iter().flat_map(|finding| gaps(finding)));
    let assessed = sorted.iter().filter(|one| order::is_gap(one.verdict)).map(|one| assessment(one));
    json!({
        "quantitativeAnalysis": { "performanceMetrics": metrics },
        "considerations": {
            "technicalLimitations": limitations(result),
            "fairnessAssessments": assessed.collect::<Vec<_>>(),
        },
    })
}

fn values(result: &AuditResult, of: Subject) -> impl Iterator<Item = Value> {
    result.values.iter().filter(move |value| value.model == of).filter_map(|value| match value.estimate {
        Estimate::Known { value: number, low, high, .. } => {
            Some(metric(&named(&value.metric, &value.class), &value.slice, number, low, high))
        }
        Estimate::Undefined { .. } => None,
    })
}

/// The tuned model's gap and its change from the base, where they are known.
fn gaps(finding: &Finding) -> impl Iterator<Item = Value> {
    let known = |what: &str, gap: Option<GapEstimate>| {
        let name = format!("{}.{what}", named(&finding.metric, &finding.class));
        gap.map(|gap| metric(&name, &finding.slice, gap.value, Some(gap.low), Some(gap.high)))
    };
    [known("gap", finding.tuned), known("gap_change_from_base", finding.change)].into_iter().flatten()
}

fn named(metric: &str, class: &Option<String>) -> String {
    let class = class.as_deref().map_or(String::new(), |class| format!("/{}", clean::label(class)));
    format!("{}{class}", clean::label(metric))
}

/// A number; the format holds numbers as text. An open end is left out.
fn metric(name: &str, slice: &str, value: f64, low: Option<f64>, high: Option<f64>) -> Value {
    let mut metric = json!({ "type": name, "value": json!(value).to_string(), "slice": clean::label(slice) });
    for (key, end) in [("lowerBound", low), ("upperBound", high)] {
        if let Some(end) = end {
            metric["confidenceInterval"][key] = json!(end).to_string().into();
        }
    }
    metric
}

fn assessment(finding: &Finding) -> Value {
    let (word, _, meaning) = words::of(finding);
    let what = words::title_of(&finding.metric, finding.class.as_deref());
    let harms = format!("{what} differs from {}: {word}. {meaning}", words::reference(finding));
    json!({ "groupAtRisk": clean::label(&finding.slice), "harms": harms })
}

/// How much of it is not settled: this is not an all-clear.
fn limitations(result: &AuditResult) -> Vec<String> {
    let base = Roles::of(result).base;
    let of = |verdict| result.findings.iter().filter(|finding| finding.verdict == verdict).count() as u64;
    let all = number::counted(result.findings.len() as u64, "comparison");
    vec![
        format!(
            "Of {all}, {} could not be told and {} had too few people.",
            of(Verdict::Unclear),
            of(Verdict::TooSmall)
        ),
        format!("Inherited means that the {base} shows the same gap on the same people. It is not proof of cause."),
    ]
}
