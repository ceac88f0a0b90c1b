//! What the policy said: the outcome of each check on each slice, and the gate's conclusion.

use super::{Asked, Limit, Span, Verdict};
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
    /// Failed as it did when it was accepted, and not surely worse since.
    Accepted,
}

impl Outcome {
    /// A check over all its slices: failed if one failed, undecided if one is, met if at least one is.
    pub fn over(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
        let all: Vec<Outcome> = outcomes.collect();
        let order =
            [Outcome::Failed, Outcome::Undecided, Outcome::Missing, Outcome::Accepted, Outcome::Waived, Outcome::Met];
        order.into_iter().find(|outcome| all.contains(outcome)).unwrap_or(Outcome::TooSmall)
    }

    /// Whether it must be told first: outside the limit, tolerated or not, or of nobody.
    pub fn is_broken(self) -> bool {
        matches!(self, Outcome::Failed | Outcome::Waived | Outcome::Accepted | Outcome::Missing)
    }

    /// Whether it settles a check.
    pub fn is_settled(self) -> bool {
        matches!(self, Outcome::Met | Outcome::Failed | Outcome::Waived | Outcome::Accepted)
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WaiverNote {
    /// Its id, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who accepted it.
    pub approved_by: String,
    /// Last day on which it holds, `2027-01-31`.
    pub expires: String,
    /// The day on which it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Where it is followed up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The limit beyond which it does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Limit>,
}

/// What was accepted before, beside a failure that is not surely worse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AcceptedNote {
    /// When it was accepted, UTC.
    pub on: String,
    /// Why, where a reason was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The number then; of a verdict check the tuned gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Lower end of its interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// The verdict then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// What a policy says of a check beside what it asks: the parts of a bias scenario that no number holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckNotes {
    /// What could happen to whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hazard: Option<String>,
    /// Why this metric and this limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rationale: Option<String>,
    /// What is done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mitigation: Option<String>,
    /// When, or on what occasion, the check is looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_by: Option<String>,
}

impl CheckNotes {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == CheckNotes::default()
    }
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
    /// What was accepted before, where this is not surely worse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<AcceptedNote>,
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
    /// Checks that fail only as they did when that was accepted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub accepted: u32,
    /// Checks on groups that are all too small.
    pub too_small: u32,
    /// Checks with a group that has no rows.
    pub missing: u32,
    /// What the keeper of the policy should look at: waivers that expired or are not used, reviews that are due.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}
