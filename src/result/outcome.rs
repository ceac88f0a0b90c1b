//! What the policy said: the outcome of each check on each slice, and the gate's conclusion.

use super::{Asked, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The outcome of one check on one slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Surely inside the limit.
    Met,
    /// Surely outside the limit.
    Failed,
    /// The data cannot say.
    Undecided,
    /// Too few people to judge.
    TooSmall,
    /// A required or listed group without rows.
    Missing,
    /// Failed, and accepted by a waiver in force.
    Waived,
}

impl Outcome {
    /// A check over all its slices: failed if one failed, undecided if one is, met if at least one is.
    pub fn over(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
        let all: Vec<Outcome> = outcomes.collect();
        let order = [Outcome::Failed, Outcome::Undecided, Outcome::Missing, Outcome::Waived, Outcome::Met];
        order.into_iter().find(|outcome| all.contains(outcome)).unwrap_or(Outcome::TooSmall)
    }

    /// Whether it settles a check.
    pub fn is_settled(self) -> bool {
        matches!(self, Outcome::Met | Outcome::Failed | Outcome::Waived)
    }
}

/// How much a failed check weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Fails the gate.
    Error,
    /// Is shown.
    Warn,
}

/// A place in the audit file or policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct At {
    /// File name, without its folder.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// The waiver that accepts a failed check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaiverNote {
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who accepted it.
    pub approved_by: String,
    /// Last day on which it holds, `2027-01-31`.
    pub expires: String,
}

/// One check on one slice (and one metric).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckOutcome {
    /// The check's id.
    pub id: String,
    /// Slice id, or the attribute for a spread.
    pub slice: String,
    /// Metric id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// Of a multiclass task the class, or `macro`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// What came out.
    pub outcome: Outcome,
    /// The number judged; absent for verdict checks, or when hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Lower end of its interval at the result's confidence; absent: unbounded, or no interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// What the check asks: `of`, `on`, `limit` and `judge`, or `verdicts`.
    #[serde(flatten)]
    pub asked: Asked,
    /// Posterior probability that the limit is broken, for `judge = "probability"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Rows of the slice inside the condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<u64>,
    /// About how many rows of the slice would settle it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed: Option<u64>,
    /// Error or warn.
    pub severity: Severity,
    /// The waiver in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<WaiverNote>,
    /// Where the check stands.
    pub at: At,
    /// True when its numbers are hidden because too few people stand behind them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

impl CheckOutcome {
    /// The interval of the number judged, where it has one.
    pub fn interval(&self) -> Option<Span> {
        Span::of(self.low, self.high)
    }
}

/// The process's exit codes: a stable interface, documented in the README.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExitStatus {
    #[default]
    /// 0: every error-level check met, or none asked.
    Ok,
    /// 1: an error-level check failed.
    Failed,
    /// 2: usage, audit file or policy problem.
    Problem,
    /// 3: could not evaluate.
    Error,
    /// 4: evidence gap.
    EvidenceGap,
}

impl ExitStatus {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            ExitStatus::Ok => 0,
            ExitStatus::Failed => 1,
            ExitStatus::Problem => 2,
            ExitStatus::Error => 3,
            ExitStatus::EvidenceGap => 4,
        }
    }
}

/// The conclusion over all checks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gate {
    /// What the process exits with.
    pub status: ExitStatus,
    /// One sentence: why.
    pub why: String,
    /// Checks (not slices) that are met: no slice failed or undecided, at least one met.
    pub met: u32,
    /// Checks with a failed slice.
    pub failed: u32,
    /// Checks that the data cannot settle.
    pub undecided: u32,
    /// Checks with a waived slice.
    pub waived: u32,
    /// Checks on groups that are all too small.
    pub too_small: u32,
    /// Checks with a group that has no rows.
    pub missing: u32,
}
