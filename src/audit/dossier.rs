//! The evidence file `heirloom.evidence/1`: what was counted, the settings and the provenance.
//!
//! It holds counts of small groups in full, and scores where thresholds wait for them, so it is for
//! its owner alone.

use crate::config::Audit;
use crate::evidence::{Evidence, MergeError, Shift, merge};
use crate::models::ModelSpec;
use crate::result::{Language, Provenance, Representations};
use serde::{Deserialize, Serialize};

/// The format's name and major version.
pub const SCHEMA: &str = "heirloom.evidence/1";

/// Everything that concluding needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dossier {
    /// The settings.
    pub audit: Audit,
    /// The counts.
    pub evidence: Evidence,
    /// What was run, on what.
    pub provenance: Provenance,
    /// The counts of the rows that the tuned model learned from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<Evidence>,
    /// The counts of the audited rows beside those that the base learned from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Shift>,
    /// What was measured of the models' embeddings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub representations: Option<Representations>,
    /// What language models prefer, which no row enters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

#[derive(Serialize, Deserialize)]
struct File<T> {
    schema: String,
    #[serde(flatten)]
    dossier: T,
}

/// Why an evidence file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// It is not one.
    #[error("this is not an evidence file: {0}; such files are made by `heirloom audit --evidence FILE`")]
    Format(#[from] serde_json::Error),
    /// It is of another kind or version.
    #[error("the file says it is {0:?}, and an evidence file says {SCHEMA:?}")]
    Schema(String),
    /// Its counts contradict each other.
    #[error("the counts in this evidence do not fit together: it is damaged or was edited; gather it again")]
    Damaged,
    /// Two were made under different settings.
    #[error("the two were gathered under different {0}; gather both with the same audit file, but for the data")]
    Settings(&'static str),
    /// The same rows would count twice.
    #[error("both hold the counts of the data file {0:?}, whose rows would count twice; merge each shard once")]
    Twice(String),
    /// A probe is fitted to all rows at once.
    #[error(
        "a probe was fitted to the rows of each, and one of all rows cannot be had from two; gather all data in one run"
    )]
    Probes,
    /// They do not add.
    #[error(transparent)]
    Merge(#[from] MergeError),
}

impl Dossier {
    /// As JSON.
    pub fn to_json(&self) -> Result<String, DossierError> {
        Ok(serde_json::to_string(&File { schema: SCHEMA.into(), dossier: self })?)
    }

    /// From JSON of the same major version.
    pub fn from_json(json: &str) -> Result<Dossier, DossierError> {
        let value: serde_json::Value = serde_json::from_str(json)?;
        let schema = value.get("schema").and_then(|schema| schema.as_str()).unwrap_or_default();
        if schema != SCHEMA {
            return Err(DossierError::Schema(schema.into()));
        }
        let dossier = serde_json::from_value::<File<Dossier>>(value)?.dossier;
        let (groups, others) = (dossier.audit.groups.len(), dossier.audit.others().count());
        let trained = dossier.train.as_ref().is_none_or(|train| train.is_sound(groups, 0));
        if dossier.evidence.is_sound(groups, others) && trained { Ok(dossier) } else { Err(DossierError::Damaged) }
    }

    /// The sum of two, as if both data sets had been gathered in one run.
    pub fn merge(self, other: Dossier) -> Result<Dossier, DossierError> {
        self.compare(&other)?;
        if self.audit.models().into_iter().flatten().any(ModelSpec::is_probed) {
            return Err(DossierError::Probes);
        }
        let ours = &self.provenance.data.files;
        if let Some(file) =
            other.provenance.data.files.iter().find(|file| ours.iter().any(|our| our.sha256 == file.sha256))
        {
            return Err(DossierError::Twice(file.name.clone()));
        }
        // Each shard ran the same ready pairs.
        if let Some(file) = self.audit.pairs.as_ref().and_then(|pairs| pairs.paths.first()) {
            return Err(DossierError::Twice(file.clone()));
        }
        let Dossier { mut audit, evidence, mut provenance, train, source, language, .. } = self;
        // Each shard gathered the same training rows and the same source.
        if train != other.train {
            return Err(DossierError::Settings("training rows"));
        }
        let source = match (source, other.source) {
            (Some(own), Some(more)) => Some(own.merge(more).ok_or(DossierError::Settings("source rows"))?),
            (None, None) => None,
            _ => return Err(DossierError::Settings("source rows")),
        };
        let more =
            other.audit.data.paths.into_iter().filter(|path| !audit.data.paths.contains(path)).collect::<Vec<_>>();
        audit.data.paths.extend(more);
        provenance.data.files.extend(other.provenance.data.files);
        provenance.config = super::provenance::config(&audit);
        // What embeddings show of all rows does not follow from what they show of parts.
        let representations = None;
        let evidence = merge(evidence, other.evidence)?;
        Ok(Dossier { evidence, audit, provenance, train, source, representations, language })
    }

    /// Everything but the data must be the same, or the sum means nothing.
    fn compare(&self, other: &Dossier) -> Result<(), DossierError> {
        let apart = |audit: &Audit| {
            let mut audit = audit.clone();
            audit.data.paths.clear();
            super::provenance::config(&audit)
        };
        if apart(&self.audit) != apart(&other.audit) {
            return Err(DossierError::Settings("settings"));
        }
        let (a, b) = (&self.provenance, &other.provenance);
        if a.models != b.models {
            return Err(DossierError::Settings("models"));
        }
        if a.engine != b.engine {
            return Err(DossierError::Settings("engines"));
        }
        Ok(())
    }
}
