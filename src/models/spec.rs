//! How one model is to be run or read: the resolved form of `[models.base]` and `[models.tuned]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One model of the pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelSpec {
    /// Name for people; the file's stem or the column where none was given.
    pub name: String,
    /// Version for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Who it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where its predictions come from.
    pub predictor: Predictor,
    /// When a score is a positive decision.
    pub threshold: Threshold,
    /// Names of the classes in the order of the output's columns; column 1 is positive without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
    /// The model's own label column, where it answers another question than the data's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Where predictions come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predictor {
    /// An ONNX file that is run on the rows.
    Onnx(OnnxSpec),
    /// A column that holds the score of a model that ran elsewhere.
    Scores(String),
    /// Columns that hold a score for each of several classes.
    ClassScores(InputColumns),
    /// A column that holds its decision.
    Decisions(String),
}

/// An ONNX model and how to feed and read it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OnnxSpec {
    /// The file as written in the audit file, relative to it.
    pub path: String,
    /// By input name; an input that is absent here is inferred (column of its name, else the one
    /// prefix that has as many columns as the input is wide).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, InputSpec>,
    /// The output to read; inferred when absent (`probabilities`, else the only floating output).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// What the output's numbers are; inferred when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<OutputKind>,
    /// The output that holds the model's embedding of each row, `[N, d]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<String>,
}

/// Which columns fill one input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputSpec {
    /// The columns.
    pub columns: InputColumns,
    /// True when a value may be rounded to the input's type; otherwise a lossy cast is refused.
    #[serde(default)]
    pub round: bool,
    /// How the column's texts become tokens, for a model of text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<TokenSpec>,
}

/// How texts become tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSpec {
    /// `tokenizer.json` as written in the audit file, relative to it.
    pub tokenizer: String,
    /// The most tokens of a row, special ones counted; the tokenizer's own truncation where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
}

/// The columns of one input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputColumns {
    /// These, in this order, as one [N, d] tensor.
    Columns(Vec<String>),
    /// All whose name starts so, in file order, as one [N, d] tensor.
    Prefix(String),
    /// One column as a tensor of its own (`[N]` or `[N, 1]` as the model asks).
    Column(String),
}

/// What an output's numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutputKind {
    /// Probability of the positive class, or of each class.
    Probability,
    /// Log-odds; a probability after the logistic function (or softmax for two columns).
    Logit,
    /// The decided class itself.
    Label,
    /// Any score; larger means more positive.
    Score,
}

/// When a score is a positive decision: s >= threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// At this number.
    At(f64),
    /// So that about as many are positive as labels are (Wang & Russakovsky 2023).
    Prevalence,
    /// At that of the base, whatever it is.
    Shared,
    /// So that about as many are positive as under the base.
    Matched,
}

impl Threshold {
    /// Whether it is found from all scores together.
    pub fn waits(self) -> bool {
        matches!(self, Threshold::Prevalence | Threshold::Matched)
    }
}
