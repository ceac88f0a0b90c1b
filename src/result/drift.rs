//! How far a distribution moved from base to tuned.

use super::Estimate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One distance of the base's scores and the tuned model's on the same rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Drift {
    /// `population_stability_index`, `jensen_shannon_divergence`, `ks_statistic` or `wasserstein`.
    pub metric: String,
    /// Slice id; `all` for everyone.
    pub slice: String,
    /// The distance, or why there is none.
    #[serde(flatten)]
    pub estimate: Estimate,
    /// Probability of such a distance where nothing moved, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
}
