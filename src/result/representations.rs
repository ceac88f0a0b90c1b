//! What the models' embeddings have in common, what they tell of the groups, and what a probe made of them.

use super::{Estimate, Reason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything that was measured of embeddings, on the rows that were audited.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Representations {
    /// Confidence of the intervals here: that of the audit when it ran.
    pub confidence: f64,
    /// Numbers of a row in the base's embedding; absent where none is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_width: Option<u64>,
    /// The same of the tuned model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned_width: Option<u64>,
    /// The rows behind neighbours, leakage and LogME.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// How alike base and tuned encode a slice: everyone, then groups of single attributes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub similarity: Vec<Similarity>,
    /// Groups that found no room among these.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u64,
    /// What the embeddings tell of each attribute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leakage: Vec<Leakage>,
    /// The log evidence of the labels, given the base's embedding, per row (You et al. 2021).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_me_base: Option<Estimate>,
    /// The same of the tuned model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_me_tuned: Option<Estimate>,
    /// The probes that answer in the place of models' heads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<Probe>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Rows that were drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// How many.
    pub rows: u64,
    /// By which seed.
    pub seed: u64,
    /// Neighbours of each that are compared.
    pub neighbours: u64,
}

/// How alike base and tuned encode the people of a slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Similarity {
    /// The slice.
    pub slice: String,
    /// Unbiased linear CKA (Song et al. 2012; Nguyen et al. 2021): 1 the same up to rotation and scale, 0 unrelated;
    /// it may fall below 0.
    pub cka: Estimate,
    /// The same of everyone else whose group is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cka_rest: Option<Estimate>,
    /// The mean share of a row's nearest neighbours that both embeddings agree on.
    pub neighbours: Estimate,
    /// The same among as many rows of everyone else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbours_rest: Option<Estimate>,
    /// The squared distance that is left after the best rotation of centred embeddings of norm 1: 0 the same, 2 unrelated.
    pub procrustes: Estimate,
}

/// What the embeddings tell of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Leakage {
    /// The attribute.
    pub attribute: String,
    /// Group by group; of two the smaller one stands for both.
    pub groups: Vec<GroupLeak>,
    /// In how few bits the base's embedding tells all groups; absent where it is not read, and where groups overlap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Encoding>,
    /// The same of the tuned model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<Encoding>,
    /// Tuned minus base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Encoding>,
}

/// The AUC of a linear classifier that tells a group from everyone else whose group is known, on rows that it has
/// not seen, with DeLong's interval: 0.5 nothing, 1 all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupLeak {
    /// The group.
    pub slice: String,
    /// From the base's embedding; absent where it is not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Estimate>,
    /// From the tuned model's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<Estimate>,
    /// Tuned minus base, on the same rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Estimate>,
}

/// In how few bits the group of every row can be told, the embedding given (Voita & Titov 2020).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Encoding {
    /// The bits.
    pub codelength: Estimate,
    /// The bits without the embedding over these: 1 is no gain.
    pub compression: Estimate,
}

impl Encoding {
    /// Of which nothing is known.
    pub fn undefined(undefined: Reason) -> Encoding {
        let none = Estimate::Undefined { undefined };
        Encoding { codelength: none, compression: none }
    }

    /// This less another, of the same rows.
    pub fn minus(&self, other: &Encoding) -> Encoding {
        let less = |a: Estimate, b: Estimate| match (a, b) {
            (Estimate::Known { value, support, .. }, Estimate::Known { value: other, .. }) => {
                Estimate::Known { value: value - other, low: None, high: None, support }
            }
            (none @ Estimate::Undefined { .. }, _) | (_, none) => none,
        };
        Encoding {
            codelength: less(self.codelength, other.codelength),
            compression: less(self.compression, other.compression),
        }
    }
}

/// A linear classifier on a model's embedding that answers the audited question in the place of its head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Probe {
    /// `base`, `tuned`, another run or the control.
    pub model: String,
    /// Rows that it was fitted to and answers for: those with a label.
    pub rows: u64,
    /// Rows without a label, of which it says nothing.
    pub unlabelled: u64,
    /// Parts of the rows: each is answered by a classifier that learned from the others.
    pub folds: u64,
    /// The inverse of the penalty that was chosen inside each part of the first draw.
    pub inverse_penalty: Vec<f64>,
    /// The AUC of each draw of the parts, of several classes the mean over each against the rest; the first one answers.
    pub auc: Vec<f64>,
}

impl Probe {
    /// The smallest and the largest AUC of the draws.
    pub fn range(&self) -> [f64; 2] {
        [
            self.auc.iter().copied().fold(f64::INFINITY, f64::min),
            self.auc.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        ]
    }
}
