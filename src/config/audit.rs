//! The resolved audit: what the rest of the program reads. No spans, no options left open.

use super::{LanguageModel, Representations};
use crate::data::pairs::PairsSpec;
use crate::data::{AttributeSpec, DataSpec};
use crate::evidence::Meaning;
use crate::metrics::{self, Metric};
use crate::models::onnx::Device;
use crate::models::{ModelSpec, Predictor, Threshold};
use crate::result::{
    AcceptedCheck, Annex, AnnexNote, AnnexSettings, Asked, At, CheckNotes, Judge, Limit, Numbers, Of, On, PolicyNote,
    ReportNotes, Severity, Verdict, annex,
};
use crate::tasks::Task;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One audit, resolved and checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    /// Folder that relative paths start from.
    #[serde(skip)]
    pub root: PathBuf,
    /// The audit file itself; `None` when the audit came from flags.
    #[serde(skip)]
    pub file: Option<PathBuf>,
    /// The policy file, when checks and waivers are apart.
    #[serde(skip)]
    pub policy_file: Option<PathBuf>,
    /// The policy's lock, when there is one.
    #[serde(skip)]
    pub lock_file: Option<PathBuf>,
    /// The file of what was accepted before.
    #[serde(skip)]
    pub accepted_file: Option<PathBuf>,
    /// The policy's hash, and what its lock says.
    #[serde(skip)]
    pub policy_note: Option<PolicyNote>,
    /// The audit's name; also the default folder under `reports/`.
    pub name: String,
    /// What the models are asked.
    #[serde(default, skip_serializing_if = "Task::is_default")]
    pub task: Task,
    /// What the models run on.
    #[serde(default, skip_serializing_if = "Device::is_default")]
    pub device: Device,
    /// The base; absent when one model alone is audited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<ModelSpec>,
    /// The tuned model; absent when the base alone is audited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<ModelSpec>,
    /// More runs of the same tuning, each held against the base on the same rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<ModelSpec>,
    /// A model that was tuned the same way from another base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<ModelSpec>,
    /// The evaluation data.
    pub data: DataSpec,
    /// Attributes in declared order.
    pub groups: Vec<AttributeSpec>,
    /// What makes a row's counterpart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs: Option<PairsSpec>,
    /// Which slices there are.
    pub slices: Slices,
    /// Settings of the statistics.
    pub stats: Stats,
    /// What is measured of the models' embeddings.
    #[serde(default, skip_serializing_if = "Representations::is_default")]
    pub representations: Representations,
    /// What language models are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_model: Option<LanguageModel>,
    /// Slices of fewer people are hidden.
    pub min_cell: u64,
    /// Checks, waivers and what undecided means.
    pub policy: Policy,
    /// Free text for the report.
    pub report: ReportNotes,
    /// Ids of the laws and standards that the report answers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annexes: Vec<String>,
    /// What is said of them, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annex: BTreeMap<String, AnnexSettings>,
}

impl Audit {
    /// The two models, base first.
    pub fn sides(&self) -> [Option<&ModelSpec>; 2] {
        [self.base.as_ref(), self.tuned.as_ref()]
    }

    /// The models besides base and tuned: the other runs, then the control.
    pub fn others(&self) -> impl Iterator<Item = &ModelSpec> {
        self.runs.iter().chain(&self.control)
    }

    /// All models where they stand: base, tuned, the others.
    pub fn models(&self) -> Vec<Option<&ModelSpec>> {
        self.sides().into_iter().chain(self.others().map(Some)).collect()
    }

    /// The same, to be settled.
    pub fn models_mut(&mut self) -> Vec<Option<&mut ModelSpec>> {
        let others = self.runs.iter_mut().chain(&mut self.control).map(Some);
        [self.base.as_mut(), self.tuned.as_mut()].into_iter().chain(others).collect()
    }

    /// The audit of two models alone, over the same rows.
    pub fn of_two(&self, base: Option<ModelSpec>, tuned: Option<ModelSpec>) -> Audit {
        Audit { base, tuned, runs: Vec::new(), control: None, ..self.clone() }
    }

    /// The audit of base and tuned over the rows that the tuned model learned from, where they are given.
    pub fn of_train(&self) -> Option<Audit> {
        let train = self.data.train.clone()?;
        let mut audit = self.of_two(self.base.clone(), self.tuned.clone());
        (audit.data.paths, audit.data.filter) = (train.paths, train.filter);
        (audit.data.train, audit.data.source) = (None, None);
        audit.representations.measure = false;
        audit.pairs = None;
        audit.language_model = None;
        Some(audit)
    }

    /// The files of terms, where groups are named in texts.
    pub fn term_files(&self) -> Vec<PathBuf> {
        self.groups.iter().filter_map(|group| group.terms_file.as_ref()).map(|file| self.root.join(file)).collect()
    }

    /// Whether rows have weights or units, so that they do not count once each.
    pub fn weighs_or_groups_rows(&self) -> bool {
        self.data.weight.is_some() || self.data.unit.is_some()
    }

    /// Whether a threshold or a metric waits for the whole data, so that scores must be kept.
    pub fn needs_points(&self) -> bool {
        let waits = self.models().into_iter().flatten().any(|spec| spec.threshold.waits());
        let by_rows = self.weighs_or_groups_rows() || self.task != Task::Binary;
        // What several models say of a row stays together.
        let several = self.others().next().is_some();
        let probed = self.models().into_iter().flatten().any(ModelSpec::is_probed);
        waits
            || probed
            || by_rows
            || several
            || self.needs_medians()
            || self.stats.sweep
            || self.metrics().iter().any(|metric| metrics::needs_scores(metric))
    }

    /// Whether an annex with numbers of that kind is asked for.
    pub fn asks_for(&self, numbers: Numbers) -> bool {
        self.annexes.iter().filter_map(|id| annex(id)).any(|annex| annex.numbers == Some(numbers))
    }

    /// The annexes asked for, for the result.
    pub fn annex_notes(&self) -> Vec<AnnexNote> {
        let note = |annex: &Annex| AnnexNote {
            id: annex.id.clone(),
            version: annex.version.clone(),
            settings: self.annex.get(&annex.id).cloned().unwrap_or_default(),
        };
        self.annexes.iter().filter_map(|id| annex(id)).map(note).collect()
    }

    /// Whether a law's scoring rates are asked for, and a model gives scores.
    fn needs_medians(&self) -> bool {
        let decides = |spec: &ModelSpec| matches!(spec.predictor, Predictor::Decisions(_));
        self.asks_for(Numbers::ImpactTables) && !self.sides().into_iter().flatten().all(decides)
    }

    /// The metrics that are asked for: those that get findings, and those that a check limits.
    pub fn metrics(&self) -> Vec<&'static Metric> {
        let asked = self.policy.checks.iter().filter_map(|check| match &check.ask {
            Ask::Limit { metric, .. } => Some(metric),
            Ask::Verdicts { metric, .. } => metric.as_ref(),
        });
        let mut found: Vec<&'static Metric> = Vec::new();
        for metric in self.stats.metrics.iter().chain(asked).filter_map(|id| metrics::find(id)) {
            if !found.iter().any(|known| known.id == metric.id) {
                found.push(metric);
            }
        }
        found
    }

    /// What labels and predictions mean, given the models' thresholds.
    pub fn meaning(&self, thresholds: [f64; 2]) -> Meaning {
        match self.task {
            Task::Binary => Meaning::Thresholds(thresholds),
            Task::Multiclass => Meaning::Classes,
            Task::Regression => Meaning::Amounts,
        }
    }

    /// The threshold of each model where it is fixed beforehand; 0.5 stands in for the others.
    pub fn fixed_thresholds(&self) -> [f64; 2] {
        let fixed = self.sides().map(|spec| match spec.map(|spec| spec.threshold) {
            Some(Threshold::At(threshold)) => threshold,
            _ => 0.5,
        });
        let shared = self.tuned.as_ref().is_some_and(|tuned| tuned.threshold == Threshold::Shared);
        if shared { [fixed[0]; 2] } else { fixed }
    }
}

/// Which slices there are besides single groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slices {
    /// Crosses, each a list of indices into `groups`, ascending.
    pub cross: Vec<Vec<usize>>,
    /// Rows needed inside a metric's condition.
    pub min_support: u64,
    /// Slice ids that must have enough rows.
    pub required: Vec<String>,
}

/// Settings of the statistics; see the design, section 5.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// Confidence of intervals and of the correction for multiplicity.
    pub confidence: f64,
    /// τ of rates, and of numbers on their scale; of a regression in the label's unit.
    pub smallest_gap: f64,
    /// τ of the metrics that have one of their own, by id; see [`Stats::tau`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub smallest_gaps: BTreeMap<String, f64>,
    /// φ.
    pub same_size: f64,
    /// ψ.
    pub mostly_new: f64,
    /// How findings are corrected.
    pub multiplicity: Multiplicity,
    /// Ids of the metrics that get findings.
    pub metrics: Vec<String>,
    /// Attributes inside whose groups gaps are taken too, as indices into `groups`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub control: Vec<usize>,
    /// Whether decisions are counted at other thresholds too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sweep: bool,
    /// Of a multiclass task the classes that get findings of their own; empty for all of a few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// How many of a model's best classes a top-k accuracy counts.
    #[serde(default = "usual_top_k", skip_serializing_if = "is_usual_top_k")]
    pub top_k: u64,
    /// Seed of every random draw.
    pub seed: u64,
}

/// scikit-learn's default, top_k_accuracy_score.
pub(super) fn usual_top_k() -> u64 {
    2
}

fn is_usual_top_k(k: &u64) -> bool {
    *k == usual_top_k()
}

/// How findings are corrected for their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Multiplicity {
    /// Benjamini & Hochberg (1995).
    Bh,
    /// Benjamini & Yekutieli (2001).
    By,
    /// Holm (1979).
    Holm,
    /// Not at all.
    None,
    /// By the posterior probabilities of the verdicts, which then name the confirmed ones.
    Bayes,
}

/// What is gated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// What an undecided error-level check does to the exit code.
    pub undecided: Undecided,
    /// Checks in file order.
    pub checks: Vec<Check>,
    /// Waivers in file order.
    pub waivers: Vec<Waiver>,
    /// Failures that were accepted as they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<AcceptedCheck>,
}

/// What an undecided error-level check does to the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Undecided {
    /// Nothing.
    Pass,
    /// It is shown.
    Warn,
    /// Exit code 4.
    Error,
}

/// One `[[check]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Its id.
    pub id: String,
    /// What it asks.
    pub ask: Ask,
    /// Attributes, crosses or slices it holds for; empty for all.
    pub slices: Vec<String>,
    /// Of a multiclass task the class that it is about; `None` is the mean over classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Error or warn.
    pub severity: Severity,
    /// What is said of it beside what it asks.
    #[serde(default, skip_serializing_if = "CheckNotes::is_empty")]
    pub notes: CheckNotes,
    /// Where it stands.
    pub at: At,
}

/// What a check asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// That a number keeps to a limit.
    Limit {
        /// Metric id.
        metric: String,
        /// Which number.
        of: Of,
        /// Of which model.
        on: On,
        /// The limit.
        limit: Limit,
        /// By what the number is judged.
        judge: Judge,
    },
    /// That no finding has one of these verdicts.
    Verdicts {
        /// One metric, or all that get findings.
        metric: Option<String>,
        /// The verdicts that fail.
        verdicts: Vec<Verdict>,
    },
}

impl Ask {
    /// The one metric that it is about, where there is one.
    pub fn metric(&self) -> Option<&str> {
        match self {
            Ask::Limit { metric, .. } => Some(metric),
            Ask::Verdicts { metric, .. } => metric.as_deref(),
        }
    }

    /// The same in the words of a result.
    pub fn asked(&self) -> Asked {
        match self {
            Ask::Limit { of, on, limit, judge, .. } => Asked::Limit { of: *of, on: *on, limit: *limit, judge: *judge },
            Ask::Verdicts { verdicts, .. } => Asked::Verdicts { verdicts: verdicts.clone() },
        }
    }
}

/// One `[[waiver]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiver {
    /// Its id, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The check's id.
    pub check: String,
    /// The slice it is for.
    pub slice: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who accepted it; not the owner.
    pub approved_by: String,
    /// Last day on which it holds, ISO date.
    pub expires: String,
    /// The day on which it was made, ISO date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Where it is followed up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The limit beyond which it does not hold; of the kind of the check's own, and looser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Limit>,
    /// SHA-256 of the tuned models that it is for; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Where it stands.
    pub at: At,
}
