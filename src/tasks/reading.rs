//! How the numbers of a model are had from its output, whatever the task.

use super::{Task, binary, mapped, multiclass, regression};
use crate::data::Literal;
use crate::evidence::{Classes, Rank, Unmapped};
use crate::models::{ModelSpec, Output, OutputKind, Signature, Threshold};

/// How a model's numbers are had from its output.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// A score for each row, larger meaning more positive.
    Binary(binary::Reading),
    /// A class for each row, by its number.
    Multiclass(multiclass::Reading),
    /// A prediction for each row, in the label's unit.
    Regression(regression::Reading),
    /// What a class map makes of a model of other classes.
    Mapped(mapped::Reading),
}

/// Why an output gave no numbers. The caller knows the model's name.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScoreError {
    /// So many rows got NaN or an infinite number. Chunks add up.
    #[error("gave NaN or infinite outputs on {rows} row{s}", rows = .0, s = if *.0 == 1 { "" } else { "s" })]
    NotFinite(u64),
    /// Anything else, in a sentence that starts with the output.
    #[error("{0}")]
    Unreadable(String),
}

impl Reading {
    /// Settles which output is read and how; `signature` is that of the loaded model, `None` where
    /// the predictions are a column. With the reading come sentences on what was inferred. `None` where
    /// there is nothing to read, since columns say the classes.
    pub fn plan(
        task: Task,
        spec: &ModelSpec,
        signature: Option<&Signature>,
        positive: &Literal,
        classes: &Classes,
    ) -> Result<Option<(Reading, Vec<String>)>, Vec<String>> {
        if let Some((reading, said)) = mapped::Reading::plan(task, spec, signature, positive, classes)? {
            return Ok(Some((Reading::Mapped(reading), said)));
        }
        let planned =
            match task {
                Task::Binary => binary::Reading::plan(spec, signature, positive)
                    .map(|(reading, said)| (Reading::Binary(reading), said)),
                Task::Multiclass => {
                    let planned = multiclass::Reading::plan(spec, signature, classes)?;
                    return Ok(planned.map(|(reading, said)| (Reading::Multiclass(reading), said)));
                }
                Task::Regression => regression::Reading::plan(spec, signature)
                    .map(|(reading, said)| (Reading::Regression(reading), said)),
            };
        planned.map(Some)
    }

    /// The output to ask the model for; `None` when the predictions are a column of the data.
    pub fn output(&self) -> Option<&str> {
        match self {
            Reading::Binary(reading) => reading.output(),
            Reading::Multiclass(reading) => reading.output(),
            Reading::Regression(reading) => reading.output(),
            Reading::Mapped(reading) => reading.output(),
        }
    }

    /// The threshold that holds; it has a meaning for a binary task alone.
    pub fn threshold(&self, asked: Threshold) -> Threshold {
        match self {
            Reading::Binary(reading) => reading.threshold(asked),
            Reading::Mapped(reading) if reading.kind() == OutputKind::Label => Threshold::At(0.5),
            Reading::Multiclass(_) | Reading::Regression(_) | Reading::Mapped(_) => asked,
        }
    }

    /// The reading in words, for the report: `output probabilities [N, 2], class 1`.
    pub fn describe(&self) -> &str {
        match self {
            Reading::Binary(reading) => reading.describe(),
            Reading::Multiclass(reading) => reading.describe(),
            Reading::Regression(reading) => reading.describe(),
            Reading::Mapped(reading) => reading.describe(),
        }
    }

    /// Where the label of each row stands among the classes that the model scores, best first; `None` where there
    /// is no score for each class.
    pub fn ranks(&self, output: &Output, labels: &[f64]) -> Result<Option<Vec<Option<Rank>>>, ScoreError> {
        match self {
            Reading::Multiclass(reading) => reading.ranks(output, labels),
            Reading::Mapped(reading) => reading.ranks(output, labels),
            Reading::Binary(_) | Reading::Regression(_) => Ok(None),
        }
    }

    /// One number for each of the first `rows` rows; what was filled up behind them is cut off.
    pub fn scores(&self, output: &Output, rows: usize) -> Result<Vec<f64>, ScoreError> {
        match self {
            Reading::Binary(reading) => reading.scores(output, rows),
            Reading::Multiclass(reading) => reading.said(output, rows),
            Reading::Regression(reading) => reading.scores(output, rows),
            Reading::Mapped(reading) => reading.scores(output, rows),
        }
    }

    /// How much of the rows went to classes that a class map leaves out; `None` without a map. The output is one
    /// that [`Reading::scores`] has read.
    pub fn unmapped(&self, output: &Output, rows: usize) -> Result<Option<Unmapped>, ScoreError> {
        match self {
            Reading::Mapped(reading) => reading.unmapped(output, rows).map(Some),
            Reading::Binary(_) | Reading::Multiclass(_) | Reading::Regression(_) => Ok(None),
        }
    }
}
