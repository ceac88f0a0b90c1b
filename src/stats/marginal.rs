//! One estimate and the law of its limits: what a Quad is made of.

use super::interval::{Interval, level_of, wilson};
use super::student;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an estimate's limits are had (statistics.md 2.8). Standard errors are on the estimate's own scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Limits {
    /// A rate: Wilson's (1927) score limits on an effective number of rows.
    Wilson {
        /// p(1 − p) / Var(p); the rows themselves where they are unweighted and independent.
        effective: f64,
    },
    /// A mean: Student's t.
    Student {
        /// Standard error.
        error: f64,
        /// Degrees of freedom.
        freedom: f64,
    },
    /// A number between 0 and 1: normal on the logit.
    Logit {
        /// Standard error.
        error: f64,
    },
    /// A number between −1 and 1: normal on Fisher's z, atanh.
    Fisher {
        /// Standard error.
        error: f64,
    },
    /// A positive number: normal on the logarithm.
    Log {
        /// Standard error.
        error: f64,
    },
    /// A rate of pairs that is exactly 0 or 1, so that no error can be estimated: the exact bound,
    /// α^(1/rows) away from the other end (statistics.md section 6).
    Extreme {
        /// Independent rows.
        rows: f64,
    },
    /// Any number: normal as it is.
    Normal {
        /// Standard error.
        error: f64,
    },
}

/// One model's estimate in one group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Marginal {
    /// The estimate.
    pub value: f64,
    /// Rows inside the metric's condition.
    pub rows: u64,
    /// The law of its limits.
    pub limits: Limits,
    /// Where rows are of units, the degrees of freedom of its error, units less one: limits then take
    /// Student's quantile for the normal one (Cameron & Miller 2015, section VI.D).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freedom: Option<f64>,
}

impl Marginal {
    /// A rate of independent rows, each counted once; `rows` > 0.
    pub fn rate(events: u64, rows: u64) -> Marginal {
        let (value, effective) = (events as f64 / rows as f64, rows as f64);
        Marginal { value, rows, limits: Limits::Wilson { effective }, freedom: None }
    }

    /// The interval at quantile `z`.
    pub fn at(&self, z: f64) -> Interval {
        let Marginal { value, limits, .. } = *self;
        let z = self.quantile(z);
        match limits {
            // Counts come back whole, so that the ends at no and at all events are exact.
            Limits::Wilson { effective } => wilson(whole(value * effective), effective, z),
            Limits::Student { error, .. } | Limits::Normal { error } => around(value, z * error),
            Limits::Extreme { rows } => {
                let bound = level_of(z).powf(1.0 / rows);
                if value > 0.5 { Interval { low: bound, high: 1.0 } } else { Interval { low: 0.0, high: 1.0 - bound } }
            }
            Limits::Logit { error } => through(
                value,
                z * error / (value * (1.0 - value)),
                |p| (p / (1.0 - p)).ln(),
                |x| 1.0 / (1.0 + (-x).exp()),
            ),
            Limits::Fisher { error } => through(value, z * error / (1.0 - value * value), f64::atanh, f64::tanh),
            Limits::Log { error } => through(value, z * error / value, f64::ln, f64::exp),
        }
    }

    /// Student's quantile at the level of `z` where the error has few degrees of freedom.
    fn quantile(&self, z: f64) -> f64 {
        let freedom = self.freedom().or(self.freedom);
        freedom.map_or(z, |freedom| student::quantile(z, freedom))
    }

    /// The estimate's variance.
    pub fn variance(&self) -> f64 {
        match self.limits {
            Limits::Wilson { effective } => self.value * (1.0 - self.value) / effective,
            Limits::Extreme { .. } => 0.0,
            Limits::Student { error, .. }
            | Limits::Logit { error }
            | Limits::Fisher { error }
            | Limits::Log { error }
            | Limits::Normal { error } => error * error,
        }
    }

    /// Degrees of freedom where the limits are Student's.
    pub(super) fn freedom(&self) -> Option<f64> {
        match self.limits {
            Limits::Student { freedom, .. } => Some(freedom),
            _ => None,
        }
    }

    /// Distances from the value to its lower and upper limit.
    pub(super) fn reach(&self, z: f64) -> [f64; 2] {
        let limits = self.at(z);
        [self.value - limits.low, limits.high - self.value]
    }

    /// The same on the log scale; `None` where the value is not positive.
    pub(super) fn log_reach(&self, z: f64) -> Option<[f64; 2]> {
        let (limits, value) = (self.at(z), self.value);
        (value > 0.0).then(|| [(value / limits.low.max(0.0)).ln(), (limits.high / value).ln()])
    }

    /// About what `factor` times as many rows would give, for planning sizes.
    pub fn scaled(&self, factor: f64) -> Marginal {
        let less = factor.sqrt();
        let limits = match self.limits {
            Limits::Wilson { effective } => Limits::Wilson { effective: effective * factor },
            Limits::Student { error, freedom } => Limits::Student { error: error / less, freedom: freedom * factor },
            Limits::Extreme { rows } => Limits::Extreme { rows: rows * factor },
            Limits::Logit { error } => Limits::Logit { error: error / less },
            Limits::Fisher { error } => Limits::Fisher { error: error / less },
            Limits::Log { error } => Limits::Log { error: error / less },
            Limits::Normal { error } => Limits::Normal { error: error / less },
        };
        let freedom = self.freedom.map(|freedom| freedom * factor);
        Marginal { value: self.value, rows: (self.rows as f64 * factor).round() as u64, limits, freedom }
    }
}

fn whole(count: f64) -> f64 {
    if (count - count.round()).abs() < 1e-9 * count.max(1.0) { count.round() } else { count }
}

fn around(value: f64, half: f64) -> Interval {
    Interval { low: value - half, high: value + half }
}

/// Limits that are even on another scale.
fn through(value: f64, half: f64, to: fn(f64) -> f64, from: fn(f64) -> f64) -> Interval {
    let center = to(value);
    Interval { low: from(center - half).min(value), high: from(center + half).max(value) }
}
