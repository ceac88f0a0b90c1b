//! The JSON Schema of the format, made from the types that are written and read.

use super::{AuditResult, SCHEMA};
use schemars::JsonSchema;

/// The schema of a result, draft 2020-12, as indented JSON; committed as `schema/result.json`.
pub fn schema() -> String {
    schema_of::<AuditResult>(SCHEMA)
}

/// The schema of a type, under a title.
pub fn schema_of<T: JsonSchema>(title: &str) -> String {
    let mut schema = schemars::schema_for!(T);
    schema.insert("title".into(), title.into());
    format!("{:#}\n", schema.as_value())
}
