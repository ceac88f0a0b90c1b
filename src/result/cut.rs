//! Texts of which a model read only a part, by group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Of one model, over all audited rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CutTexts {
    /// `base`, `tuned`, `run 2` or `control`.
    pub model: String,
    /// Such rows.
    pub rows: u64,
    /// The same by group, in the order of the attributes; empty where it is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<CutSlice>,
}

/// The texts of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CutSlice {
    /// The slice's id, `sex=Female`.
    pub slice: String,
    /// Rows of which only a part was read; `None` when hidden.
    pub cut: Option<u64>,
    /// Rows of the slice; `None` when hidden.
    pub of: Option<u64>,
    /// Whether the share surely exceeds that of everyone else by more than five points.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

impl CutTexts {
    /// Hides the counts of these slices.
    pub(super) fn hide(&mut self, hidden: &BTreeSet<String>) {
        for slice in self.slices.iter_mut().filter(|slice| hidden.contains(&slice.slice)) {
            (slice.cut, slice.of) = (None, None);
        }
    }
}
