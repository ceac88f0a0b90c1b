//! A number with its interval, or the reason why there is none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A two-sided interval at the result's confidence. A missing end is unbounded.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// Lower end; `None` is unbounded.
    // Read so that an absent end is no end: where a span is flattened, both absent is no span.
    #[serde(deserialize_with = "Option::deserialize")]
    pub low: Option<f64>,
    /// Upper end; `None` is unbounded.
    #[serde(deserialize_with = "Option::deserialize")]
    pub high: Option<f64>,
}

/// Why a number does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No row meets the metric's condition: a rate over nobody.
    NoRowsInCondition,
    /// The data carry no labels.
    NoLabels,
    /// Whether a positive decision benefits the person was not declared.
    DirectionNotDeclared,
    /// The two models answer different questions (each has its own label).
    DifferentLabels,
    /// A ratio over zero.
    ZeroDenominator,
    /// Fewer than two groups have a number.
    TooFewGroups,
    /// Hidden: fewer people than `min_cell`, or it would give such a number away.
    Hidden,
}

/// A number with its interval and support, or `undefined` with a reason: never 0, never NaN.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Estimate {
    /// The number exists.
    Known {
        /// The point estimate.
        value: f64,
        /// Its interval at the result's confidence, where one is defined.
        #[serde(flatten)]
        interval: Option<Span>,
        /// Rows inside the metric's condition.
        support: u64,
    },
    /// The number does not exist.
    Undefined {
        /// Why.
        undefined: Reason,
    },
}

impl Estimate {
    /// The number, if it exists.
    pub fn value(&self) -> Option<f64> {
        match self {
            Estimate::Known { value, .. } => Some(*value),
            Estimate::Undefined { .. } => None,
        }
    }

    /// The interval, if the number and its interval exist.
    pub fn interval(&self) -> Option<Span> {
        match self {
            Estimate::Known { interval, .. } => *interval,
            Estimate::Undefined { .. } => None,
        }
    }
}
