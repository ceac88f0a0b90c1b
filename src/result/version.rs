//! The format's version and the rule for reading it: same major, any minor that is not newer.

use super::AuditResult;

/// The version written.
pub const SCHEMA: &str = "heirloom.result/1.0";
const NAME: &str = "heirloom.result/";
const READS: (u32, u32) = (1, 0);

/// Why a result file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// It is not JSON, or lacks fields of the format.
    #[error("this is not a result file: {0}; results are made by `heirloom audit`")]
    Format(#[from] serde_json::Error),
    /// It is JSON of another kind.
    #[error("the file says it is {0:?}, and a result says {SCHEMA:?}; give a result.json")]
    Schema(String),
    /// Nobody could have asked for it.
    #[error("the file's confidence is {0}, which is not between 0 and 1: it is damaged or was edited; audit again")]
    Confidence(f64),
    /// It was written by a newer program.
    #[error("the file's format is {0}, newer than {SCHEMA}; read it with a newer heirloom")]
    Newer(String),
}

/// Reads a result of the same major version and any minor that is not newer.
pub fn read(json: &str) -> Result<AuditResult, VersionError> {
    let value: serde_json::Value = serde_json::from_str(json)?;
    let schema = value.get("schema").and_then(|schema| schema.as_str()).unwrap_or_default();
    check(schema)?;
    let result: AuditResult = serde_json::from_value(value)?;
    match result.method.confidence {
        confidence if confidence > 0.0 && confidence < 1.0 => Ok(result),
        confidence => Err(VersionError::Confidence(confidence)),
    }
}

fn check(schema: &str) -> Result<(), VersionError> {
    let version = schema.strip_prefix(NAME).and_then(|text| text.split_once('.'));
    let parsed = version.and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    match parsed {
        // Today's readers know one version; later ones accept older minors and upgrade older majors.
        Some(READS) => Ok(()),
        Some(version) if version > READS => Err(VersionError::Newer(schema.into())),
        _ => Err(VersionError::Schema(schema.into())),
    }
}
