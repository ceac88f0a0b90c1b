//! A model whose classes are not the task's: a class map says which of them stand for which.
//!
//! The probabilities of all classes that stand for one are added up. What is left out of the map stands for
//! none: its probability is counted, so that a reader sees how much of the model was passed over.

use super::{ScoreError, Task, binary, multiclass, output};
use crate::data::Literal;
use crate::evidence::{Classes, Rank, Unmapped};
use crate::models::inputs::suggestion;
use crate::models::{ModelSpec, Output, OutputKind, Port, Predictor, Shape, Signature, largest, rank};
use std::collections::{BTreeMap, BTreeSet};

/// How the task's answers are had from a model of other classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    output: String,
    kind: OutputKind,
    /// Names of the classes in the order of the output's columns; codes 0, 1, ... without.
    named: Option<Vec<String>>,
    /// By a class of the model, the place of the task's class.
    map: BTreeMap<String, usize>,
    /// The task's classes.
    targets: Vec<String>,
    answer: Answer,
    words: String,
}

/// What becomes of the task's classes.
#[derive(Debug, Clone, PartialEq)]
enum Answer {
    /// A score: the probability of those that are positive.
    Positive(Vec<bool>),
    /// The class that has most.
    Class(Classes),
}

/// One row: the probability of each of the task's classes, and of those that stand for none.
struct Row {
    sums: Vec<f64>,
    left: f64,
    /// Whether the model's own answer is a class that stands for none.
    lost: bool,
}

impl Reading {
    /// Settles which output is read; see [`super::Reading::plan`]. `None` for a model without a map.
    pub fn plan(
        task: Task,
        spec: &ModelSpec,
        signature: Option<&Signature>,
        positive: &Literal,
        classes: &Classes,
    ) -> Result<Option<(Reading, Vec<String>)>, Vec<String>> {
        let (Predictor::Onnx(onnx), Some(map)) = (&spec.predictor, &spec.map) else { return Ok(None) };
        let signature = signature.ok_or_else(|| vec!["the model was not loaded".to_owned()])?;
        let (port, kind, mut notes) = multiclass::choose(onnx, signature).map_err(|problem| vec![problem])?;
        let targets: BTreeSet<&String> = map.values().collect();
        let targets: Vec<String> = targets.into_iter().cloned().collect();
        let positives: Vec<bool> = targets.iter().map(|target| binary::names(positive, target)).collect();
        let mut problems = unknown(spec, map.keys(), port, kind);
        if kind == OutputKind::Score {
            problems.push("a `map` adds up probabilities, and the sum of scores has no meaning".into());
        }
        if task == Task::Binary && !positives.contains(&true) {
            problems.push(format!("`map` maps no class to {}, the positive one", positive.text()));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        notes.push(format!("the classes of output {} are mapped to {}", port.name, targets.join(", ")));
        let place = |target: &String| targets.iter().position(|known| known == target).unwrap_or_default();
        let reading = Reading {
            output: port.name.clone(),
            kind,
            named: spec.classes.clone(),
            map: map.iter().map(|(class, target)| (class.clone(), place(target))).collect(),
            answer: if task == Task::Binary { Answer::Positive(positives) } else { Answer::Class(classes.clone()) },
            words: format!(
                "output {} of {}, {} of its classes mapped to {}",
                port.name,
                port.shape,
                map.len(),
                targets.join(", ")
            ),
            targets,
        };
        Ok(Some((reading, notes)))
    }

    /// The output to ask the model for.
    pub fn output(&self) -> Option<&str> {
        Some(&self.output)
    }

    /// What the output's numbers are.
    pub fn kind(&self) -> OutputKind {
        self.kind
    }

    /// The reading in words, for the report.
    pub fn describe(&self) -> &str {
        &self.words
    }

    /// The score or the class of each of the first `rows` rows.
    pub fn scores(&self, output: &Output, rows: usize) -> Result<Vec<f64>, ScoreError> {
        let found = self.rows(output, rows)?;
        match found.len() == rows {
            true => found.iter().map(|row| self.answered(row)).collect(),
            false => Err(self.unreadable(&format!("has {} rows where {rows} were given", found.len()))),
        }
    }

    /// Where each label stands among the task's classes; see [`rank`].
    pub fn ranks(&self, output: &Output, labels: &[f64]) -> Result<Option<Vec<Option<Rank>>>, ScoreError> {
        let Answer::Class(classes) = &self.answer else { return Ok(None) };
        if self.kind == OutputKind::Label {
            return Ok(None);
        }
        let places = self.targets.iter().map(|target| self.number(classes, target)).collect::<Result<Vec<_>, _>>()?;
        let rows = self.rows(output, labels.len())?;
        Ok(Some(rows.iter().zip(labels).map(|(row, label)| rank(&row.sums, &places, *label)).collect()))
    }

    /// How much of the first `rows` rows went to classes that stand for none. The output is one that
    /// [`Reading::scores`] has read.
    pub fn unmapped(&self, output: &Output, rows: usize) -> Result<Unmapped, ScoreError> {
        Ok(self.rows(output, rows)?.iter().map(|row| (row.left, row.lost)).collect())
    }

    fn answered(&self, row: &Row) -> Result<f64, ScoreError> {
        match &self.answer {
            Answer::Positive(positive) => {
                Ok(row.sums.iter().zip(positive).filter(|(_, yes)| **yes).map(|(p, _)| p).sum())
            }
            Answer::Class(classes) => {
                largest(&row.sums).map_or(Ok(f64::NAN), |place| self.number(classes, &self.targets[place]))
            }
        }
    }

    fn rows(&self, output: &Output, rows: usize) -> Result<Vec<Row>, ScoreError> {
        match (output, self.kind) {
            (Output::Text(array), _) => array.iter().take(rows).map(|label| self.labelled(label)).collect(),
            (Output::Integer(array), _) => {
                array.iter().take(rows).map(|code| self.labelled(&code.to_string())).collect()
            }
            (Output::Float(array), OutputKind::Label) => {
                array.iter().take(rows).map(|code| self.labelled(&code.to_string())).collect()
            }
            (Output::Maps(maps), _) => maps.iter().take(rows).map(|map| self.zipped(map)).collect(),
            (Output::Float(array), kind) => {
                let &[_, width] = array.shape() else {
                    return Err(self.unreadable(&format!("has shape {:?}, and [N, classes] is needed", array.shape())));
                };
                if self.named.as_ref().is_some_and(|named| named.len() != width) {
                    return Err(self.unreadable(&format!("has {width} columns; `classes` has to name as many")));
                }
                let targets: Vec<Option<usize>> = (0..width).map(|place| self.target(&place.to_string())).collect();
                let array = array.as_standard_layout();
                let numbers = array.as_slice().unwrap_or_default().chunks_exact(width.max(1)).take(rows);
                numbers.map(|row| self.added(&probabilities(row, kind), &targets)).collect()
            }
        }
    }

    /// The probabilities of a row, added up.
    fn added(&self, row: &[f64], targets: &[Option<usize>]) -> Result<Row, ScoreError> {
        if row.iter().any(|p| !p.is_finite()) {
            return Err(ScoreError::NotFinite(1));
        }
        if let Some(p) = row.iter().find(|p| !(-binary::SLACK..=1.0 + binary::SLACK).contains(*p)) {
            return Err(self.unreadable(&format!(
                "gave {p}, which is no probability; say kind = \"logit\" if these are log-odds"
            )));
        }
        let mut sums = vec![0.0; self.targets.len()];
        let mut left = 0.0;
        for (p, target) in row.iter().zip(targets) {
            *target.map_or(&mut left, |target| &mut sums[target]) += p;
        }
        let lost = largest(row).is_some_and(|place| targets[place].is_none());
        Ok(Row { sums, left, lost })
    }

    fn zipped(&self, map: &[(String, f64)]) -> Result<Row, ScoreError> {
        let missing = self.map.keys().find(|class| !map.iter().any(|(key, _)| self.class(key) == class.as_str()));
        if let Some(class) = missing {
            let keys: Vec<&str> = map.iter().map(|(key, _)| key.as_str()).collect();
            return Err(self.unreadable(&format!(
                "scores the classes {}; `map` names {class}, which is none of them",
                keys.join(", ")
            )));
        }
        let targets: Vec<Option<usize>> = map.iter().map(|(key, _)| self.target(key)).collect();
        self.added(&map.iter().map(|(_, p)| *p).collect::<Vec<_>>(), &targets)
    }

    /// A label has no probability to pass on, so each has to stand for something.
    fn labelled(&self, label: &str) -> Result<Row, ScoreError> {
        let target = self.target(label).ok_or_else(|| {
            self.unreadable(&format!(
                "says class {}, which `map` leaves out; a model that says labels needs each of them mapped",
                self.class(label)
            ))
        })?;
        let sums = (0..self.targets.len()).map(|place| f64::from(u8::from(place == target))).collect();
        Ok(Row { sums, left: 0.0, lost: false })
    }

    /// The name of a class: `classes` may give names to the codes 0, 1, ...
    fn class<'a>(&'a self, label: &'a str) -> &'a str {
        let place = label.parse::<usize>().ok();
        self.named.as_ref().zip(place).and_then(|(named, place)| named.get(place)).map_or(label, String::as_str)
    }

    fn target(&self, label: &str) -> Option<usize> {
        self.map.get(self.class(label)).copied()
    }

    fn number(&self, classes: &Classes, name: &str) -> Result<f64, ScoreError> {
        let number = classes.number(name).map(f64::from);
        number.ok_or_else(|| self.unreadable(&format!("says more than {} classes", crate::evidence::MOST_CLASSES)))
    }

    fn unreadable(&self, what: &str) -> ScoreError {
        ScoreError::Unreadable(format!("output {} {what}", self.output))
    }
}

/// Classes of the map that the model does not have, as far as that can be told before it is run.
fn unknown<'a>(spec: &ModelSpec, map: impl Iterator<Item = &'a String>, port: &Port, kind: OutputKind) -> Vec<String> {
    let width = if let Shape::Tensor(_, dims) = &port.shape { output::columns(dims) } else { None };
    let codes =
        || width.filter(|_| kind != OutputKind::Label).map(|width| (0..width).map(|code| code.to_string()).collect());
    let Some(known): Option<Vec<String>> = spec.classes.clone().or_else(codes) else { return Vec::new() };
    let mut problems: Vec<String> = width
        .filter(|width| kind != OutputKind::Label && *width != known.len() as u64)
        .map(|_| format!("output {} is {}, and `classes` names {}", port.name, port.shape, known.len()))
        .into_iter()
        .collect();
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    problems.extend(map.filter(|class| !known.contains(class)).map(|class| {
        let hint = suggestion(class, &names);
        let way =
            if spec.classes.is_none() { "; name the columns of the output in order: classes = [...]" } else { "" };
        format!("`map` names the class {class}, which the model does not have{hint}{way}")
    }));
    problems
}

/// Softmax of log-odds, or the numbers as they are.
fn probabilities(row: &[f64], kind: OutputKind) -> Vec<f64> {
    if kind != OutputKind::Logit {
        return row.to_vec();
    }
    let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = row.iter().map(|logit| (logit - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

#[cfg(test)]
#[path = "mapped_tests.rs"]
mod tests;
