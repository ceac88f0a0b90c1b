//! The JSON Schema of the format, made from the types that are written and read.

use super::{AuditResult, SCHEMA};

/// The schema of a result, draft 2020-12, as indented JSON; committed as `schema/result.json`.
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(AuditResult);
    schema.insert("title".into(), SCHEMA.into());
    format!("{:#}\n", schema.as_value())
}
