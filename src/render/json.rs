//! The result itself, as JSON.

use super::RenderError;
use crate::result::AuditResult;

/// Indented JSON with a newline at the end.
pub(super) fn render(result: &AuditResult) -> Result<String, RenderError> {
    Ok(serde_json::to_string_pretty(result)? + "\n")
}
