//! What the weights say of where the tuned model comes from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether the tuned model looks like a descendant of the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kinship {
    /// All weights are the base's.
    Same,
    /// Most of its matrices are the base's, or close to them.
    Descendant,
    /// Some of its matrices are, and most are not.
    Partly,
    /// None of its matrices is close to one of the base's.
    Unrelated,
    /// It has no matrices that could be compared.
    Unknown,
}

/// The weights of the tuned model beside the base's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lineage {
    /// What they amount to.
    pub kinship: Kinship,
    /// Weights of both files, in numbers of the tensors' elements.
    pub total: LayerLineage,
    /// The same for each layer, in the order of the tuned file; layers that are gone come last.
    pub layers: Vec<LayerLineage>,
}

/// The weights of one layer, or of all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LayerLineage {
    /// The layer's name, as far as the names in the file tell; `all` for the whole model.
    pub layer: String,
    /// Elements that are the base's, bit for bit.
    pub shared: u64,
    /// Elements of tensors that have another content than in the base.
    pub moved: u64,
    /// Elements of tensors that the base does not have.
    pub new: u64,
    /// Elements of the base's tensors that the tuned model does not have.
    pub gone: u64,
    /// Frobenius norm of the difference over that of the base, of shared and moved tensors together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<f64>,
    /// Cosine between the base's and the tuned model's, of the same tensors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cosine: Option<f64>,
}

impl LayerLineage {
    /// Whether tuning left it as it was.
    pub fn is_frozen(&self) -> bool {
        self.shared > 0 && self.moved + self.new + self.gone == 0
    }
}
