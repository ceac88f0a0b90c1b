//! How scores are spread and what they mean, group by group, where the audit kept them. No person's score
//! is here: every number is of at least ten rows together.

use super::{Estimate, Subject};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The scores of one slice under one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreProfile {
    /// Slice id.
    pub slice: String,
    /// Base or tuned.
    pub model: Subject,
    /// Rows with a score.
    pub rows: u64,
    /// The scores in ascending order, cut into at most 50 blocks of equally many rows (give or take one): the
    /// mean of each, to six digits. The k-th of m stands at the share (k + ½)/m of the rows.
    pub blocks: Vec<f64>,
    /// Rows by score and what their labels say, ascending; empty unless all scores lie between 0 and 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bins: Vec<ScoreBin>,
}

/// Labeled rows whose scores lie in the same tenth, or in tenths side by side where one has too few rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreBin {
    /// Their mean score, to six digits.
    pub score: f64,
    /// The share of positive labels among them, with Wilson's interval.
    pub positives: Estimate,
}
