//! What a check asks: the words of `[[check]]`, as the audit file has them and the result keeps them.

use super::Verdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A limit on a number, or verdicts that a finding may not have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Asked {
    /// That a number keeps to a limit.
    Limit {
        /// Which number.
        of: Of,
        /// Of which model.
        on: On,
        /// The key and its number.
        limit: Limit,
        /// By what the number is judged.
        judge: Judge,
    },
    /// That the finding has none of these verdicts.
    Verdicts {
        /// The verdicts that fail.
        verdicts: Vec<Verdict>,
    },
}

/// Which number a limit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// The slice's own value.
    Value,
    /// Slice minus reference.
    Gap,
    /// Slice over reference.
    Ratio,
    /// Largest minus smallest group of an attribute.
    Spread,
}

/// Of which model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// The base.
    Base,
    /// The tuned model.
    Tuned,
    /// Tuned minus base; for ratios tuned over base.
    Change,
}

/// A limit; the direction is in the key, never in a sign.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "key", content = "value", rename_all = "snake_case")]
pub enum Limit {
    /// At least.
    Min(f64),
    /// At most.
    Max(f64),
    /// At most in size.
    MaxAbs(f64),
    /// |tuned gap| − |base gap| at most; only on change.
    MaxGrowth(f64),
    /// A change of at least minus this; only on change.
    MaxDrop(f64),
    /// A change of at most this; only on change.
    MaxRise(f64),
}

/// By what a number is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Judge {
    /// The point estimate.
    Estimate,
    /// The interval.
    Interval,
    /// The posterior probability that the limit is broken.
    Probability,
}

impl Limit {
    /// Whether a number keeps to it.
    pub fn allows(self, number: f64) -> bool {
        match self {
            Limit::Min(x) => number >= x,
            Limit::Max(x) | Limit::MaxGrowth(x) | Limit::MaxRise(x) => number <= x,
            Limit::MaxAbs(x) => number.abs() <= x,
            Limit::MaxDrop(x) => number >= -x,
        }
    }

    /// The number, whatever the key.
    pub fn value(self) -> f64 {
        match self {
            Limit::Min(x)
            | Limit::Max(x)
            | Limit::MaxAbs(x)
            | Limit::MaxGrowth(x)
            | Limit::MaxDrop(x)
            | Limit::MaxRise(x) => x,
        }
    }
}
