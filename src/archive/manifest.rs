//! `manifest.json`: every input and every output of an audit by name, size and SHA-256.

use super::sha256;
use crate::result::{AuditResult, FileHash, ModelNote, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The manifest's own name; it cannot name itself.
pub const MANIFEST: &str = "manifest.json";
/// Format and version.
pub const SCHEMA: &str = "heirloom.manifest/1.0";

/// All that went in and came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// Format and version.
    pub schema: String,
    /// The audit's name.
    pub name: String,
    /// When the audit ran.
    pub created: String,
    /// The program.
    pub tool: Tool,
    /// What the audit read.
    pub inputs: Vec<Input>,
    /// What lies in the folder, by name.
    pub outputs: Vec<FileHash>,
}

/// One file that the audit read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Input {
    /// What it was read as: `base`, `tuned`, `run`, `control`, `data`, `train`, `source`, `pairs`, `terms`,
    /// `language` (sentences and words), `audit`, `policy`, `lock` or `accepted`.
    pub role: String,
    /// The file.
    #[serde(flatten)]
    pub file: FileHash,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is none.
    #[error("this is not a manifest: {0}; `heirloom audit` writes one into its folder")]
    Format(#[from] serde_json::Error),
    /// It is of another kind or version.
    #[error("the file says it is {0:?}, and this version reads {SCHEMA:?}")]
    Schema(String),
    /// It names something outside of its folder.
    #[error("it names {0:?}, which is no file of its folder: it is damaged or was edited")]
    Outside(String),
}

impl Manifest {
    /// Of a result and the files beside it.
    pub fn new(result: &AuditResult, mut outputs: Vec<FileHash>) -> Manifest {
        outputs.sort_by(|a, b| a.name.cmp(&b.name));
        Manifest {
            schema: SCHEMA.into(),
            name: result.name.clone(),
            created: result.provenance.created.clone(),
            tool: result.provenance.tool.clone(),
            inputs: inputs(result),
            outputs,
        }
    }

    /// Indented JSON with a newline at the end.
    pub fn to_json(&self) -> Result<String, ManifestError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// From JSON of this version; every output is a plain name.
    pub fn read(json: &str) -> Result<Manifest, ManifestError> {
        let value: serde_json::Value = serde_json::from_str(json)?;
        let schema = value.get("schema").and_then(|schema| schema.as_str()).unwrap_or_default();
        if schema != SCHEMA {
            return Err(ManifestError::Schema(schema.into()));
        }
        let manifest: Manifest = serde_json::from_value(value)?;
        match manifest.outputs.iter().find(|file| !is_plain(&file.name)) {
            Some(file) => Err(ManifestError::Outside(file.name.clone())),
            None => Ok(manifest),
        }
    }

    /// The output of that name.
    pub fn output(&self, name: &str) -> Option<&FileHash> {
        self.outputs.iter().find(|file| file.name == name)
    }
}

/// Whether a name stays inside its folder.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\0'])
}

/// A file of these bytes.
pub fn hashed(name: &str, bytes: &[u8]) -> FileHash {
    FileHash { name: name.into(), sha256: sha256(bytes), bytes: bytes.len() as u64 }
}

/// Every input of a result, models first.
pub fn inputs(result: &AuditResult) -> Vec<Input> {
    let from = &result.provenance;
    let of = |model: &Option<ModelNote>| model.iter().flat_map(|model| model.files.clone()).collect::<Vec<_>>();
    let single = |file: &Option<FileHash>| file.iter().cloned().collect::<Vec<_>>();
    let roles = [
        ("base", of(&from.models.base)),
        ("tuned", of(&from.models.tuned)),
        ("run", from.models.runs.iter().flat_map(|model| model.files.clone()).collect()),
        ("control", of(&from.models.control)),
        ("data", from.data.files.clone()),
        ("train", from.data.train.clone()),
        ("source", from.data.source.clone()),
        ("pairs", from.data.pairs.clone()),
        ("terms", from.data.terms.clone()),
        ("language", result.language_model.iter().flat_map(|asked| asked.read_files().cloned()).collect()),
        ("audit", single(&from.audit_file)),
        ("policy", single(&from.policy_file)),
        ("lock", single(&from.lock_file)),
        ("accepted", single(&from.accepted_file)),
    ];
    let input = |role: &str, file| Input { role: role.into(), file };
    roles.into_iter().flat_map(|(role, files)| files.into_iter().map(move |file| input(role, file))).collect()
}
