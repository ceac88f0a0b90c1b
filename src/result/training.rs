//! What differs between the rows that the tuned model learned from and those audited.

use super::{Estimate, Subject};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One metric of one slice on the training rows minus the same on the audited rows.
///
/// For the tuned model this is overfitting, as far as both rows are of one kind; the base did not learn from
/// them, so its difference tells how far they are not, and that of the change what is left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Training {
    /// Metric id.
    pub metric: String,
    /// Of a multiclass task the class, or `macro`; absent where all classes count together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Slice id.
    pub slice: String,
    /// `rest`, or the slice compared with.
    pub reference: String,
    /// Base, tuned or their change.
    pub model: Subject,
    /// The slice's own number, training minus audited.
    pub own: Estimate,
    /// The gap, training minus audited.
    pub gap: Estimate,
}
