//! How gaps of the base go over into gaps of the tuned model, across slices.

use super::Estimate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The line of the tuned gaps on the base's over the slices of one metric, by Deming's regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Transfer {
    /// Metric id.
    pub metric: String,
    /// Of a multiclass task the class, or `macro`; absent where all classes count together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Tuned gap for each unit of base gap, with its interval; the support counts slices.
    pub slope: Estimate,
    /// The tuned gap where the base has none.
    pub intercept: Option<f64>,
    /// The weighted squared correlation of the gaps.
    pub r_squared: Option<f64>,
}
