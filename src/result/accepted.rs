//! `heirloom.accepted.json`: failures that were accepted as they were, so that only new and worse ones fail.

use super::{Asked, Outcome, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Format and version.
pub const ACCEPTED_SCHEMA: &str = "heirloom.accepted/1.0";

/// All that was accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// Format and version.
    pub schema: String,
    /// The audit's name.
    pub name: String,
    /// When the result that was last accepted was made.
    pub created: String,
    /// SHA-256 of the base's files.
    pub base: Vec<String>,
    /// SHA-256 of the tuned model's files.
    pub tuned: Vec<String>,
    /// SHA-256 of the data files.
    pub data: Vec<String>,
    /// One entry for each check and slice that failed.
    pub checks: Vec<AcceptedCheck>,
}

/// One failure, as it was when it was accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AcceptedCheck {
    /// The check's id.
    pub id: String,
    /// Slice id, or the attribute of a spread.
    pub slice: String,
    /// Metric id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// Of a multiclass task the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// What the check asked.
    #[serde(flatten)]
    pub asked: Asked,
    /// What came out.
    pub outcome: Outcome,
    /// The number judged; of a verdict check the tuned gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Lower end of its interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Rows of the slice inside the condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<u64>,
    /// The finding's verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// When it was accepted, UTC.
    pub accepted: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Why a file of accepted failures cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AcceptedError {
    /// It is none.
    #[error("this is no file of accepted failures: {0}; `heirloom accept` makes one")]
    Format(#[from] serde_json::Error),
    /// It is of another kind or version.
    #[error(
        "the file says it is {0:?}, and this version reads {ACCEPTED_SCHEMA:?}; make it anew with `heirloom accept`"
    )]
    Schema(String),
}

impl Accepted {
    /// From JSON of this version.
    pub fn read(json: &str) -> Result<Accepted, AcceptedError> {
        let value: serde_json::Value = serde_json::from_str(json)?;
        match value.get("schema").and_then(|schema| schema.as_str()).unwrap_or_default() {
            // From the text again, so that a mistake has its line.
            ACCEPTED_SCHEMA => Ok(serde_json::from_str(json)?),
            other => Err(AcceptedError::Schema(other.into())),
        }
    }

    /// Indented JSON with a newline at the end.
    pub fn to_json(&self) -> Result<String, AcceptedError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}
