//! Base and tuned in one group: the counts of a rate, or two estimates of anything else.

use super::{Duo, Paired};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What every number of a finding is computed from, for one group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Twin {
    /// A rate of rows that are independent and count once each: its joint counts.
    Counts(Paired),
    /// Anything else: two estimates, their standard errors and their correlation.
    Estimates(Duo),
}

impl Twin {
    /// The two estimates; `None` where a condition has no rows.
    pub fn duo(&self) -> Option<Duo> {
        match self {
            Twin::Counts(counts) => Duo::new(counts),
            Twin::Estimates(duo) => (duo.support() > 0).then_some(*duo),
        }
    }

    /// The joint counts, of a rate.
    pub fn counts(&self) -> Option<&Paired> {
        match self {
            Twin::Counts(counts) => Some(counts),
            Twin::Estimates(_) => None,
        }
    }

    /// The smaller of the two conditions' rows.
    pub fn support(&self) -> u64 {
        match self {
            Twin::Counts(counts) => counts.support(),
            Twin::Estimates(duo) => duo.support(),
        }
    }

    /// The same group with base and tuned exchanged.
    pub fn swapped(&self) -> Twin {
        match self {
            Twin::Counts(counts) => Twin::Counts(counts.swapped()),
            Twin::Estimates(duo) => Twin::Estimates(Duo { base: duo.tuned, tuned: duo.base, ..*duo }),
        }
    }

    /// About what `factor` times as many rows would give, for planning sizes.
    pub fn scaled(&self, factor: f64) -> Twin {
        match self {
            Twin::Counts(counts) => Twin::Counts(counts.scaled(factor)),
            Twin::Estimates(duo) => Twin::Estimates(duo.scaled(factor)),
        }
    }
}

impl From<Paired> for Twin {
    fn from(counts: Paired) -> Twin {
        Twin::Counts(counts)
    }
}
