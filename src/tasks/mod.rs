//! What a prediction means. One file for each kind of task.
//!
//! Whatever the task, a model says one number of each row: a binary task's score, a regression's
//! prediction, or the number of a class. NaN is "said nothing".

pub mod binary;
mod mapped;
pub mod multiclass;
mod output;
mod reading;
pub mod regression;
mod snippet;

pub use reading::{Reading, ScoreError};
pub use snippet::{Beside, may_be_for, snippet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the models are asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Yes or no: a score and a threshold.
    #[default]
    Binary,
    /// Which of several classes.
    Multiclass,
    /// How much: a number.
    Regression,
}

impl Task {
    /// The word for it, as in `task = "binary"`.
    pub fn word(self) -> &'static str {
        match self {
            Task::Binary => "binary",
            Task::Multiclass => "multiclass",
            Task::Regression => "regression",
        }
    }

    /// The task of that word.
    pub fn of(word: &str) -> Option<Task> {
        [Task::Binary, Task::Multiclass, Task::Regression].into_iter().find(|task| task.word() == word)
    }

    /// Whether it is the one that is meant where none is named.
    pub fn is_default(&self) -> bool {
        *self == Task::default()
    }
}
