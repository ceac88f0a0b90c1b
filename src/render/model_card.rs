//! A model card for the Hugging Face Hub: metadata with `base_model` and `model-index`, then the
//! Markdown summary. The slice of a number stands in `dataset.args`.
//!
//! Texts of the metadata are JSON strings, which YAML 1.2 reads as they are.

use super::{RenderError, clean, markdown};
use crate::result::{AuditResult, Estimate, Subject};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The card.
pub(super) fn render(result: &AuditResult) -> Result<String, RenderError> {
    let models = &result.provenance.models;
    let mut lines = vec!["---".to_string()];
    if let (Some(base), Some(_)) = (&models.base, &models.tuned) {
        lines.push(format!("base_model: {}", quoted(&base.name)));
        lines.push("base_model_relation: finetune".into());
    }
    let results = results(result);
    if !results.is_empty() {
        let (model, _) = subject(result);
        lines.push(format!("model-index:\n- name: {}\n  results:", quoted(&model)));
        lines.extend(results.iter().map(|one| format!("  - {one}")));
    }
    lines.push("---\n".into());
    Ok(lines.join("\n") + "\n" + &markdown::render(result)?)
}

/// The model that the card is of, and which it is in the result.
fn subject(result: &AuditResult) -> (String, Subject) {
    let models = &result.provenance.models;
    let name = |model: &Option<crate::result::ModelNote>| model.as_ref().map(|model| model.name.clone());
    match name(&models.tuned) {
        Some(tuned) => (tuned, Subject::Tuned),
        None => (name(&models.base).unwrap_or_default(), Subject::Base),
    }
}

/// One entry a slice, with the numbers that are known, each a line of YAML in its flow style.
fn results(result: &AuditResult) -> Vec<Value> {
    let (_, of) = subject(result);
    let mut slices: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for value in result.values.iter().filter(|value| value.model == of) {
        if let Estimate::Known { value: number, .. } = value.estimate {
            let class = value.class.as_deref().map_or(String::new(), |class| format!("/{}", clean::label(class)));
            let metric = format!("{}{class}", clean::label(&value.metric));
            slices.entry(&value.slice).or_default().push(json!({ "type": metric, "value": number }));
        }
    }
    let data = result.provenance.data.files.first().map_or(String::new(), |file| clean::label(&file.name));
    let entry = |(slice, metrics): (&str, Vec<Value>)| {
        json!({
            "task": { "type": "other", "name": clean::label(&result.task) },
            "dataset": { "type": data, "name": data, "args": { "slice": clean::label(slice) } },
            "metrics": metrics,
        })
    };
    slices.into_iter().map(entry).collect()
}

fn quoted(text: &str) -> String {
    Value::from(clean::label(text)).to_string()
}
