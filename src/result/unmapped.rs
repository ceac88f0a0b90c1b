//! What a class map leaves out of a model's answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Of one model with a class map, over all rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unmapped {
    /// The model's name.
    pub model: String,
    /// The mean probability of its classes that stand for none of the task's.
    pub share: f64,
    /// Rows whose largest class is one of those.
    pub rows: u64,
    /// Rows that it answered.
    pub of: u64,
}
