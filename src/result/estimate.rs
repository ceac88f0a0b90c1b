//! A number with its interval, or the reason why there is none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A two-sided interval at the result's confidence. A missing end is unbounded. Files hold its ends
/// side by side with the number, so that no interval and an interval cannot be confused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Lower end; `None` is unbounded.
    pub low: Option<f64>,
    /// Upper end; `None` is unbounded.
    pub high: Option<f64>,
}

impl Span {
    /// A bounded interval.
    pub fn bounded(low: f64, high: f64) -> Self {
        Span { low: Some(low), high: Some(high) }
    }

    /// From the ends of a number; without any end there is no interval.
    pub fn of(low: Option<f64>, high: Option<f64>) -> Option<Self> {
        (low.is_some() || high.is_some()).then_some(Span { low, high })
    }
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
    /// The formula has no number on these rows: a label that never occurs, or nothing that varies.
    NotDefined,
    /// A ratio over zero.
    ZeroDenominator,
    /// The model gives no score for each class.
    NoScores,
    /// There are no more classes than are counted as the best.
    TooFewClasses,
    /// Fewer than two groups have a number.
    TooFewGroups,
    /// An exact test counts rows that are independent and weigh alike, and these have weights or units.
    RowsNotAlike,
    /// Fewer rows than `min_support`, or than `min_cell`, stand behind it.
    TooFewRows,
    /// The control says nothing on too many of the finding's rows.
    OtherRows,
    /// The number would need plain counts of decisions, and these rows have weights, units or no decisions.
    NoCounts,
    /// One of the gaps is too small for a share of it to mean anything.
    NoGap,
    /// The embedding holds NaN or infinite numbers.
    NotFinite,
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
        /// Lower end of its interval at the result's confidence; absent: unbounded, or no interval.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        low: Option<f64>,
        /// Upper end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        high: Option<f64>,
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
    /// The number with its sign turned.
    pub fn negated(self) -> Estimate {
        match self {
            Estimate::Known { value, low, high, support } => {
                Estimate::Known { value: -value, low: high.map(|x| -x), high: low.map(|x| -x), support }
            }
            undefined => undefined,
        }
    }

    /// A number with a bounded interval.
    pub fn known(value: f64, low: f64, high: f64, support: u64) -> Self {
        Estimate::Known { value, low: Some(low), high: Some(high), support }
    }

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
            Estimate::Known { low, high, .. } => Span::of(*low, *high),
            Estimate::Undefined { .. } => None,
        }
    }
}
