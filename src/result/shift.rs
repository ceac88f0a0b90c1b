//! How far the audited rows are from those that the base learned from.

use super::Estimate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The distance of two sets of rows, by the columns that the base reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shift {
    /// The proxy A-distance 2(1 − 2 err) of a linear classifier on rows that it has not seen (Ben-David et al.
    /// 2007): 0 where it tells nothing apart, 2 where it tells all. The support counts the smaller set.
    pub distance: Estimate,
    /// Every column, the most different first.
    pub columns: Vec<ColumnShift>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ColumnShift {
    /// Its name.
    pub column: String,
    /// The population stability index between the two sets, in the source's deciles or categories.
    pub population_stability_index: Option<f64>,
    /// How often two sets of one kind would differ so much.
    pub p_value: Option<f64>,
}
