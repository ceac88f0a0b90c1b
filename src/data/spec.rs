//! Which rows and columns are audited: the resolved form of `[data]`, `[groups]` and `[slices] cross`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The evaluation data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataSpec {
    /// Files or globs as written in the audit file, relative to it.
    pub paths: Vec<String>,
    /// Rows to keep: every column's value must be one of its list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filter: Vec<Filter>,
    /// The label column; absent for an audit without labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The value that counts as positive.
    pub positive: Literal,
    /// The column of the rows' weights; absent where each counts once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// The column that tells which rows belong together, such as those of one person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The column that names a row's person or case; only to tell where ids repeat and no `unit` is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether a positive decision benefits the person; `None`: not declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub favorable: Option<bool>,
    /// The rows that the tuned model learned from, with the same columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<OtherRows>,
    /// Rows of the kind that the base learned from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<OtherRows>,
}

/// Rows beside the evaluation data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OtherRows {
    /// Files or globs as written in the audit file, relative to it.
    pub paths: Vec<String>,
    /// Rows to keep.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filter: Vec<Filter>,
    /// The columns that are compared; empty for those that the base reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

/// Rows whose `column` holds one of `values`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    /// The column.
    pub column: String,
    /// The values to keep.
    pub values: Vec<Literal>,
}

/// A value as written in the audit file. `1` matches 1, 1.0, "1" and true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Literal {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// Text.
    Text(String),
}

/// One attribute whose groups are compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributeSpec {
    /// Its name, the first half of a slice id.
    pub name: String,
    /// The column.
    pub column: String,
    /// Ascending cut points, closed on the left; empty for a categorical column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bins: Vec<f64>,
    /// Names for codes, (value, name).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<(String, String)>,
    /// Values that count as unknown besides null.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
    /// The terms of each group, where the column holds texts that may name several.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub terms: BTreeMap<String, Vec<String>>,
    /// The file that the terms come from, as written in the audit file; absent for those of the tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms_file: Option<String>,
    /// What its groups are compared with.
    pub reference: Reference,
}

/// What a group is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// Everyone else whose value is known.
    Rest,
    /// The largest group.
    Largest,
    /// The group with the base's highest rate.
    MaxRate,
    /// A named group.
    Group(String),
}
