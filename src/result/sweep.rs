//! What would be decided at other thresholds, as counts, where `[stats] sweep` asks for it.

use super::Subject;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Counts of base and tuned at the same thresholds: every rate at every threshold follows from them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sweep {
    /// At most 101, ascending: hundredths where all scores lie between 0 and 1, else percentiles of the scores of both
    /// models together. A score at or above one is a positive decision.
    pub thresholds: Vec<f64>,
    /// One a model, for everyone and the groups of every attribute; hidden groups have none.
    pub curves: Vec<Curve>,
}

impl Sweep {
    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.curves.is_empty()
    }
}

/// Counts of one slice under one model; lists are as long as the thresholds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Curve {
    /// Slice id.
    pub slice: String,
    /// Base or tuned.
    pub model: Subject,
    /// Rows with a score: with a positive label, with a negative one, without one.
    pub rows: [u64; 3],
    /// Those with a positive label and a positive decision.
    pub true_positives: Vec<u64>,
    /// Those with a negative label and a positive decision.
    pub false_positives: Vec<u64>,
    /// Those without a label and with a positive decision; empty where all have one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unlabeled: Vec<u64>,
}
