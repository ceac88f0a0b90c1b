//! Slice ids: `all`, `sex=Female`, `sex=Female & race=Black`.

use std::fmt;

/// A slice by its groups, attributes in declared order; none is everyone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SliceId {
    /// (attribute, group).
    pub parts: Vec<(String, String)>,
}

impl SliceId {
    /// From (attribute, group) pairs.
    pub fn new(parts: Vec<(String, String)>) -> SliceId {
        SliceId { parts }
    }
}

impl fmt::Display for SliceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.parts.is_empty() {
            return f.write_str("all");
        }
        let part = |(attribute, group): &(String, String)| format!("{attribute}={group}");
        f.write_str(&self.parts.iter().map(part).collect::<Vec<_>>().join(" & "))
    }
}
