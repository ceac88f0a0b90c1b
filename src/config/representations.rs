//! Reads `[representations]`, and holds a probe against what it needs.

use super::Audit;
use super::models::Question;
use super::problem::quoted;
use super::reader::Reader;
use crate::models::ModelSpec;
use crate::tasks::Task;
use serde::{Deserialize, Serialize};

/// Keys that say how a model's own head is read, which a probe leaves aside.
const HEAD_KEYS: [&str; 3] = ["output", "kind", "classes"];
/// Rows of a sample at least, and neighbours and seeds at most.
const LEAST_SAMPLE: u64 = 100;
const MOST: u64 = 100;

/// What is measured of the models' embeddings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Representations {
    /// Whether anything is, where a model names its embedding.
    pub measure: bool,
    /// Rows of the sample for neighbours, leakage and LogME.
    pub sample: u64,
    /// Neighbours of each row that are compared.
    pub neighbours: u64,
    /// Draws of folds for a probe.
    pub seeds: u64,
}

impl Default for Representations {
    fn default() -> Self {
        Representations { measure: true, sample: 5_000, neighbours: 10, seeds: 5 }
    }
}

impl Representations {
    /// Whether nothing but the defaults was asked.
    pub fn is_default(&self) -> bool {
        *self == Representations::default()
    }
}

/// Reads `[representations]`.
pub fn read(root: &Reader) -> Representations {
    let usual = Representations::default();
    let read = root.within("representations", |table| Representations {
        measure: table.boolean("measure").unwrap_or(usual.measure),
        sample: table.whole("sample", LEAST_SAMPLE).unwrap_or(usual.sample),
        neighbours: few(table, "neighbours").unwrap_or(usual.neighbours),
        seeds: few(table, "seeds").unwrap_or(usual.seeds),
    });
    read.unwrap_or(usual)
}

fn few(table: &Reader, key: &str) -> Option<u64> {
    let number = table.whole(key, 1)?;
    if number > MOST {
        table.report(table.at(key, format!("{} is at most {MOST}", quoted(key))).help("give a smaller number"));
    }
    Some(number)
}

/// A probe reads an embedding and learns the audited question, of two classes or more, from its labels.
pub fn check_probe(model: &Reader, question: &Question) {
    if model.boolean("probe") != Some(true) {
        return;
    }
    if !model.has("embedding") {
        let problem = model.at("probe", "a probe reads the model's embedding, and none is named");
        model.report(problem.help("name the output that holds it: embedding = \"embedding\""));
    }
    if question.task == Task::Regression {
        let problem = model.at("probe", "a probe tells classes apart, and this task asks for an amount");
        model.report(problem.help("leave it out, or ask whether it is large: task = \"binary\" with `positive`"));
    } else if !question.labels {
        let problem = model.at("probe", "a probe learns from labels, and no label column is given");
        model.report(problem.help("give `label`, or leave `probe` out"));
    }
    for key in HEAD_KEYS.into_iter().filter(|key| model.has(key)) {
        let problem = model.at(key, format!("{} is of the model's own head, which a probe leaves unread", quoted(key)));
        model.report(problem.help("leave it out, or leave `probe` out"));
    }
}

/// A probe is fitted to the audited rows, so other rows cannot be held against it.
pub fn check(root: &Reader, audit: &Audit) {
    let embeds = audit.models().into_iter().flatten().any(|spec| spec.embedding().is_some());
    if root.has("representations") && !embeds {
        root.note("`[representations]` has no effect: no model names its `embedding`".into());
    }
    let probed = audit.models().into_iter().flatten().any(ModelSpec::is_probed);
    if let (true, true, Some(place)) = (probed, audit.data.train.is_some(), root.place("data.train")) {
        let problem = super::Problem::at(&place, "a probe is fitted to the audited rows, and says nothing of others");
        root.report(problem.help("leave out `[data.train]`, or `probe`"));
    }
}
