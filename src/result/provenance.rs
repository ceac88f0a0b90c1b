//! What was run, on what, by what: enough to run it again and to see that it is the same.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Every setting that decides a number or a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Method {
    /// Confidence of intervals and of the correction for multiplicity.
    pub confidence: f64,
    /// τ: the smallest gap that counts.
    pub smallest_gap: f64,
    /// τ of the metrics for which it is another, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub smallest_gaps: BTreeMap<String, f64>,
    /// φ: gaps within this ratio are "about the same size".
    pub same_size: f64,
    /// ψ: a gap this many times the base's is mostly new.
    pub mostly_new: f64,
    /// How findings are corrected: `bh`, `by`, `holm`, `none` or `bayes`.
    pub multiplicity: String,
    /// Rows needed inside a condition.
    pub min_support: u64,
    /// Slices of fewer people are hidden.
    pub min_cell: u64,
    /// Seed of every random draw.
    pub seed: u64,
    /// Of a multiclass task, how many classes a top-k accuracy counts as the best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u64>,
    /// Metrics that get findings.
    pub metrics: Vec<String>,
    /// Whether the positive decision benefits the person; `None`: not declared.
    pub favorable: Option<bool>,
    /// Findings compared, and of them tested (with enough support).
    pub compared: u64,
    /// The number of findings that the correction counts.
    pub tested: u64,
    /// The decision threshold used for the base.
    pub base_threshold: Option<f64>,
    /// The decision threshold used for the tuned model.
    pub tuned_threshold: Option<f64>,
}

impl Method {
    /// τ of a metric.
    pub fn tau(&self, metric: &str) -> f64 {
        self.smallest_gaps.get(metric).copied().unwrap_or(self.smallest_gap)
    }
}

/// A file by name and hash. Never a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileHash {
    /// File name without its folder.
    pub name: String,
    /// SHA-256 in hex.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// The program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `heirloom`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What ran the models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Engine {
    /// `onnxruntime`, `embedded`, or `none` when predictions came from columns.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Rows in a chunk that the models ran on.
    pub chunk: u64,
    /// What ONNX Runtime ran them on: `CPU` or `CUDA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelNote {
    /// The name given in the audit file, or the file's.
    pub name: String,
    /// The version given in the audit file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Who it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The model file and its external data; empty when predictions came from a column.
    pub files: Vec<FileHash>,
    /// What was read from it and how, in words: `output probabilities [N, 2], class 1, threshold 0.5`.
    pub reading: String,
    /// Whether a probe on its embedding answered in the place of its own head.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub probe: bool,
}

/// Base and tuned; one may be absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Models {
    /// The base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<ModelNote>,
    /// The tuned model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<ModelNote>,
    /// More runs of the same tuning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<ModelNote>,
    /// A model that was tuned the same way from another base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<ModelNote>,
}

/// The data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataNote {
    /// Every file.
    pub files: Vec<FileHash>,
    /// The rows kept, in words: `domain = government`; empty for all.
    #[serde(rename = "where")]
    pub filter: String,
    /// The label column and its positive value, in words.
    pub label: Option<String>,
    /// The files that the tuned model learned from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub train: Vec<FileHash>,
    /// The files of the kind that the base learned from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<FileHash>,
    /// The files of counterfactual pairs and of swap lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<FileHash>,
    /// The files of terms that texts are cut by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<FileHash>,
    /// Only so many rows, the first, as `--limit` asked; absent for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// The policy by its content: checks, waivers, and the settings by which findings are judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyNote {
    /// SHA-256 of what was read, which comments, spaces and the order of keys do not change.
    pub sha256: String,
    /// What its lock says; absent where it was never locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<LockNote>,
}

/// A lock of the policy, as the audit found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LockNote {
    /// When the policy was locked, UTC.
    pub on: String,
    /// The commit that was checked out then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Whether the policy is still what was locked.
    pub unchanged: bool,
}

/// Free text of the audit file's `[report]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportNotes {
    /// Who prepared the report.
    pub prepared_by: Option<String>,
    /// Who reviewed it.
    pub reviewed_by: Option<String>,
    /// What the model is for.
    pub purpose: Option<String>,
    /// The period that the data cover.
    pub period: Option<String>,
    /// Why these metrics were chosen.
    pub why_these_metrics: Option<String>,
}

/// Everything about how the result came to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// The program.
    pub tool: Tool,
    /// What ran the models.
    pub engine: Engine,
    /// The models.
    pub models: Models,
    /// The data.
    pub data: DataNote,
    /// The audit file and the policy, by hash; absent when the audit came from flags.
    pub audit_file: Option<FileHash>,
    /// The policy file, when it is apart.
    pub policy_file: Option<FileHash>,
    /// The lock of the policy, by hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock_file: Option<FileHash>,
    /// What was accepted before, by hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_file: Option<FileHash>,
    /// What is judged by, whatever file it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyNote>,
    /// What the weights of base and tuned say of each other, where both are files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<super::Lineage>,
    /// What the audit file left open and was inferred, one sentence each.
    pub inferred: Vec<String>,
    /// The audit's settings in full, as they were resolved.
    pub config: serde_json::Value,
    /// Free text for the report.
    pub report: ReportNotes,
    /// When the audit ran, UTC, `2026-11-23T09:00:00Z`.
    pub created: String,
}
