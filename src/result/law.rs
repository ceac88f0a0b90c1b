//! Numbers that a law or a guideline names, where `[report] annexes` asks for them. None of them is a
//! conclusion of law.

use super::Subject;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was asked for; empty lists where nothing was.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Law {
    /// Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4(D): each group against the group
    /// that is selected most often, for base and tuned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adverse_impact: Vec<AdverseImpact>,
    /// New York City's Local Law 144, 6 RCNY 5-301: one table for each attribute and cross, model and kind of
    /// rate. It sets no limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub impact_tables: Vec<ImpactTable>,
}

impl Law {
    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.adverse_impact.is_empty() && self.impact_tables.is_empty()
    }
}

/// One group against the group that is selected most often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AdverseImpact {
    /// Attribute or cross.
    pub attribute: String,
    /// The group.
    pub slice: String,
    /// The group with the highest selection rate.
    pub reference: String,
    /// Base or tuned.
    pub model: Subject,
    /// The numbers; absent where they are hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<AdverseNumbers>,
}

/// The numbers of 29 CFR 1607.4(D): never one of them alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AdverseNumbers {
    /// People of the group who were selected.
    pub selected: u64,
    /// People of the group.
    pub people: u64,
    /// People of the reference who were selected.
    pub reference_selected: u64,
    /// People of the reference.
    pub reference_people: u64,
    /// The group's selection rate over the reference's.
    pub impact_ratio: f64,
    /// Lower end of its interval (MOVER-R; Donner & Zou 2012).
    pub low: f64,
    /// Upper end; absent: unbounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Two-proportion z with the pooled rate; absent where all are selected or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub z: Option<f64>,
    /// The same of the hypergeometric law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hypergeometric_z: Option<f64>,
    /// Fisher's exact test, two-sided.
    pub fisher_p: f64,
    /// The test to read: the exact one where an expected count is below 5 or there are fewer than 100 people.
    pub test: Test,
    /// Its p-value.
    pub p_value: f64,
    /// People more that would have been selected at the rate of both together; negative where more were.
    pub shortfall: f64,
    /// Selections that would have to go to the group instead of the reference for the ratio to reach four
    /// fifths; absent where no number would do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people_to_move: Option<u64>,
    /// The ratio beside four fifths.
    pub four_fifths: FourFifths,
}

/// Which test is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// The hypergeometric z.
    Z,
    /// Fisher's exact test.
    Fisher,
}

/// An impact ratio beside four fifths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FourFifths {
    /// At least four fifths.
    Reached,
    /// Below, by more than one person.
    Below,
    /// Below, and one person selected instead of another would end it: too few to say.
    OnePerson,
}

/// The categories of one table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImpactTable {
    /// Attribute or cross.
    pub attribute: String,
    /// Base or tuned.
    pub model: Subject,
    /// Which rate.
    pub rate: ImpactRate,
    /// The median of the scores of everyone, of unknown category or not; of a scoring rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median: Option<f64>,
    /// People whose category is unknown, who are in no row; absent when hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<u64>,
    /// One row a category.
    pub categories: Vec<ImpactRow>,
}

/// What is counted of a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImpactRate {
    /// People selected, over people assessed.
    SelectionRate,
    /// People with a score strictly above the median of everyone, over people scored.
    ScoringRate,
}

/// One category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImpactRow {
    /// Slice id.
    pub slice: String,
    /// People assessed; absent when hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<u64>,
    /// Those selected, or with a score above the median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<u64>,
    /// Their share; absent without people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// The rate over the highest of the table; absent where that is 0, and of a category that is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact_ratio: Option<f64>,
    /// Whether the category is so small that it is left out of the ratios, as `exclude_below` asks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub excluded: bool,
}
