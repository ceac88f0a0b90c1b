//! The numeric noise of the machine that ran the models.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a second run of the same rows in other batches changed, and the decisions that it could change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Noise {
    /// No score of the base differed by more, rounded up to a power of ten from 0.000001 on.
    pub at_most: f64,
    /// Decisions of the base that are as near to its threshold; absent where it decides nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<u64>,
    /// The same of the tuned model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<u64>,
}
