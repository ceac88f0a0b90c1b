//! The result of an audit: plain data, and the only input of every report and of every later gate.
//!
//! Nothing here computes. Field names are the format `heirloom.result/1`: a change is a change of
//! the format, and the committed JSON Schema (`schema/result.json`) shows it in review.

mod accepted;
mod annex;
mod asked;
mod cut;
mod drift;
mod estimate;
mod finding;
mod language;
mod law;
mod lineage;
mod noise;
mod outcome;
mod pairs;
mod provenance;
mod redact;
mod representations;
mod schema;
mod scores;
mod shift;
mod sweep;
#[cfg(test)]
mod tests;
mod training;
mod transfer;
mod unmapped;
mod version;

pub use accepted::{ACCEPTED_SCHEMA, Accepted, AcceptedCheck, AcceptedError};
pub use annex::{Annex, AnnexNote, AnnexSettings, Clause, Evidence, Field, Numbers, annex, annexes};
pub use asked::{Asked, Judge, Limit, Of, On};
pub use cut::{CutSlice, CutTexts};
pub use drift::Drift;
pub use estimate::{Estimate, Reason, Span};
pub use finding::{
    Adjusted, Basis, Conditional, Control, Finding, GapEstimate, Mark, Pooled, Probabilities, RatioEstimate, Ratios,
    Run, Share, Support, Verdict,
};
pub use language::{Language, Likelihood, PairSet, Preference, SentenceKind, WordEffect, WordTest};
pub use law::{AdverseImpact, AdverseNumbers, FourFifths, ImpactRate, ImpactRow, ImpactTable, Law, Test};
pub use lineage::{Kinship, LayerLineage, Lineage};
pub use noise::Noise;
pub use outcome::{AcceptedNote, At, CheckNotes, CheckOutcome, ExitStatus, Gate, Outcome, Severity, WaiverNote};
pub use pairs::{PairDirection, PairKind, PairMeasure, PairValue, Pairs};
pub use provenance::{
    DataNote, Engine, FileHash, LockNote, Method, ModelNote, Models, PolicyNote, Provenance, ReportNotes, Tool,
};
pub use redact::redact;
pub use representations::{Encoding, GroupLeak, Leakage, Probe, Representations, Sample, Similarity};
pub use schema::{schema, schema_of};
pub use scores::{ScoreBin, ScoreProfile};
pub use shift::{ColumnShift, Shift};
pub use sweep::{Curve, Sweep};
pub use training::Training;
pub use transfer::Transfer;
pub use unmapped::Unmapped;
pub use version::{SCHEMA, VersionError, read};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One audit, concluded: what was measured, what it means, and what the policy said of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditResult {
    /// Format and version, `heirloom.result/1.0`.
    pub schema: String,
    /// The audit's name.
    pub name: String,
    /// The task, `binary`, `multiclass` or `regression`.
    pub task: String,
    /// Every setting that decides a number or a verdict.
    pub method: Method,
    /// What was run, on what, by what.
    pub provenance: Provenance,
    /// How many rows there were, by group.
    pub data: DataSummary,
    /// Every metric of every slice, for base, tuned, their change, the pair and the labels.
    pub values: Vec<Value>,
    /// One number over all the groups of an attribute.
    pub aggregates: Vec<Aggregate>,
    /// One comparison each: a slice with its reference, under one metric.
    pub findings: Vec<Finding>,
    /// Counterfactual pairs, where the audit makes some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Pairs>,
    /// How far scores moved from base to tuned, where they were kept.
    pub drift: Vec<Drift>,
    /// Numbers that a law or a guideline names, where `[report] annexes` asks for them.
    #[serde(default, skip_serializing_if = "Law::is_empty")]
    pub law: Law,
    /// The laws and standards that the report answers to, where `[report] annexes` asks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annexes: Vec<AnnexNote>,
    /// Decisions at other thresholds, where `[stats] sweep` asks for them.
    #[serde(default, skip_serializing_if = "Sweep::is_empty")]
    pub sweep: Sweep,
    /// How scores are spread and what they mean, where the audit kept them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<ScoreProfile>,
    /// How the tuned gaps go with the base's across slices, one line a metric.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transfer: Vec<Transfer>,
    /// How numbers differ between the rows that the tuned model learned from and those audited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub training: Vec<Training>,
    /// How far the audited rows are from those that the base learned from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<Shift>,
    /// What the models' embeddings have in common, and what they tell of the groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub representations: Option<Representations>,
    /// What a second run of the same rows changed, where models gave scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
    /// What the class maps of models leave out of their answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<Unmapped>,
    /// What language models prefer, where the audit file asks: context, and never evidence of harm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_model: Option<Language>,
    /// Outcomes of the policy's checks, one for each check and slice (and metric).
    pub checks: Vec<CheckOutcome>,
    /// What the policy says of its checks beside what they ask, by the check's id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub check_notes: BTreeMap<String, CheckNotes>,
    /// The gate's conclusion over all checks.
    pub gate: Gate,
    /// What the reader should know before trusting a number; plain sentences.
    pub notices: Vec<String>,
}

/// Rows read and used, and their spread over the groups.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataSummary {
    /// Rows in the files.
    pub rows: u64,
    /// Rows that `where` kept: the rows audited.
    pub used: u64,
    /// Audited rows whose label is null (metrics that need a label leave them out).
    pub null_labels: u64,
    /// Audited rows without a score or decision of the base.
    pub null_base: u64,
    /// Audited rows without a score or decision of the tuned model.
    pub null_tuned: u64,
    /// Audited rows with a positive label; `None` without labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positives: Option<u64>,
    /// Every attribute, in the order of the audit file.
    pub attributes: Vec<AttributeSummary>,
    /// Texts of which a model read only a part; one entry a model that did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut_texts: Vec<CutTexts>,
}

/// One attribute's groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttributeSummary {
    /// The attribute's name, `sex`; a cross is `sex & race`.
    pub name: String,
    /// The known groups, in the order in which they are shown.
    pub groups: Vec<GroupSummary>,
    /// Rows whose value is null or declared unknown.
    pub unknown: Option<u64>,
    /// Whether a row may be in several of the groups.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overlapping: bool,
}

/// One group's size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupSummary {
    /// The group's name, `Female`; in a cross `Female & Black`.
    pub group: String,
    /// The slice's id, `sex=Female`.
    pub slice: String,
    /// Rows in the group; `None` when hidden.
    pub rows: Option<u64>,
    /// Rows with a positive label; `None` when hidden or without labels.
    pub positives: Option<u64>,
}

/// The class of a number that is a mean over classes.
pub const MACRO: &str = "macro";
/// The class of a number that is that of the worst class.
pub const WORST: &str = "worst";

/// Whether a number is about all classes together, or their mean; so is any that has no class.
pub fn is_of_all(class: &Option<String>) -> bool {
    class.as_deref().is_none_or(|class| class == MACRO)
}

/// Which model, or which relation of the two, a number describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// The base model.
    Base,
    /// The tuned model.
    Tuned,
    /// Tuned minus base (a ratio of ratios for ratios), on the same rows.
    Change,
    /// A number that needs both models' decisions on each row, such as churn.
    Pair,
    /// The labels in the data, whatever a model says.
    Labels,
}

/// One metric of one slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Value {
    /// Metric id.
    pub metric: String,
    /// Of a multiclass task the class, `macro` or `worst`; absent where all classes count together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Slice id; `all` for everyone.
    pub slice: String,
    /// Base, tuned, their change, the pair or the labels.
    pub model: Subject,
    /// The number, or why there is none.
    #[serde(flatten)]
    pub estimate: Estimate,
    /// The counts behind a change, so that a stored result can be judged again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Twin>,
}

/// One number over all groups of an attribute, named and defined as in fairlearn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Aggregate {
    /// Metric id.
    pub metric: String,
    /// Of a multiclass task the class, `macro` or `worst`; absent where all classes count together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Attribute or cross.
    pub attribute: String,
    /// `difference`, `ratio`, `group_min`, `group_max`, `to_overall`.
    pub aggregate: String,
    /// Base, tuned or change.
    pub model: Subject,
    /// The number, or why there is none.
    #[serde(flatten)]
    pub estimate: Estimate,
}

pub use crate::stats::{Paired, Twin};
