//! What was run, on what, by what, for the result.

use crate::config::Audit;
use crate::data::Filter;
use crate::gather::{GatherError, Plan, hash_file, hashes};
use crate::models::onnx::lineage;
use crate::models::{ModelError, ModelSpec};
use crate::result::{DataNote, Engine, FileHash, ModelNote, Models, Provenance, Tool};
use crate::tasks::Task;
use std::path::Path;

/// Everything but the data's hashes, which are made while the models run.
pub fn describe(audit: &Audit, plan: &Plan) -> Result<Provenance, GatherError> {
    Ok(Provenance {
        tool: Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() },
        engine: engine(plan),
        models: Models {
            base: audit.base.as_ref().map(|spec| model(spec, plan, 0)).transpose()?,
            tuned: audit.tuned.as_ref().map(|spec| model(spec, plan, 1)).transpose()?,
            runs: audit
                .runs
                .iter()
                .enumerate()
                .map(|(at, spec)| model(spec, plan, 2 + at))
                .collect::<Result<_, _>>()?,
            control: audit.control.as_ref().map(|spec| model(spec, plan, 2 + audit.runs.len())).transpose()?,
        },
        data: DataNote {
            limit: plan.scan.limit,
            pairs: hashes(plan.pair_files())?,
            terms: hashes(&audit.term_files())?,
            ..data(audit)
        },
        audit_file: audit.file.as_deref().map(hashed).transpose()?,
        policy_file: audit.policy_file.as_deref().map(hashed).transpose()?,
        lock_file: audit.lock_file.as_deref().map(hashed).transpose()?,
        accepted_file: audit.accepted_file.as_deref().map(hashed).transpose()?,
        policy: audit.policy_note.clone(),
        lineage: plan.pair().map(|[base, tuned]| lineage(base, tuned)).transpose()?,
        inferred: plan.inferred.clone(),
        config: config(audit),
        report: audit.report.clone(),
        created: created(),
    })
}

fn hashed(path: &Path) -> Result<FileHash, ModelError> {
    hash_file(path).map_err(|error| ModelError(format!("{}: {error}", path.display())))
}

fn engine(plan: &Plan) -> Engine {
    let (name, version) = match &plan.engine {
        Some(engine) => (engine.name.to_string(), engine.version.clone()),
        None => ("none".to_string(), String::new()),
    };
    let provider = plan.engine.as_ref().and_then(|engine| engine.provider()).map(str::to_string);
    Engine { name, version, chunk: plan.chunk as u64, provider }
}

fn model(spec: &ModelSpec, plan: &Plan, side: usize) -> Result<ModelNote, ModelError> {
    Ok(ModelNote {
        name: spec.name.clone(),
        version: spec.version.clone(),
        source: spec.source.clone(),
        files: plan.model_files(side)?,
        reading: plan.readings[side].clone().unwrap_or_default(),
        probe: spec.is_probed(),
    })
}

fn data(audit: &Audit) -> DataNote {
    let label = |label: &String| match audit.task {
        Task::Binary => format!("{label}, positive: {}", audit.data.positive.text()),
        Task::Multiclass | Task::Regression => label.clone(),
    };
    DataNote {
        files: Vec::new(),
        filter: audit.data.filter.iter().map(in_words).collect::<Vec<_>>().join(", "),
        label: audit.data.label.as_ref().map(label),
        train: Vec::new(),
        source: Vec::new(),
        pairs: Vec::new(),
        terms: Vec::new(),
        limit: None,
    }
}

fn in_words(filter: &Filter) -> String {
    let values: Vec<String> = filter.values.iter().map(|value| value.text()).collect();
    format!("{} = {}", filter.column, values.join(" or "))
}

/// The settings in full, as they were resolved.
pub fn config(audit: &Audit) -> serde_json::Value {
    // Only a map with keys that are no text could fail, and the audit has none.
    serde_json::to_value(audit).unwrap_or(serde_json::Value::Null)
}

/// The time of the run, UTC, to the second; `SOURCE_DATE_EPOCH` pins it.
pub fn created() -> String {
    let pinned = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse::<i64>().ok());
    let pinned = pinned.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    let now = pinned.unwrap_or_else(jiff::Timestamp::now);
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}
