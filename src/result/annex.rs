//! Laws, guidelines and standards that a report can answer to, and what an audit says of them.
//!
//! Law moves, so each is a dated file of its own, `templates/annexes/*.toml`: what it asks, clause by
//! clause, and which evidence of ours answers. It is a layout of evidence and never a conclusion of law.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The files; one more law is one more line.
const FILES: [&str; 6] = [
    include_str!("../../templates/annexes/ll144.toml"),
    include_str!("../../templates/annexes/ugesp.toml"),
    include_str!("../../templates/annexes/eu-ai-act-annex-iv.toml"),
    include_str!("../../templates/annexes/nist-ai-rmf.toml"),
    include_str!("../../templates/annexes/iso-24027.toml"),
    include_str!("../../templates/annexes/hhs-1557.toml"),
];

static ANNEXES: LazyLock<Vec<Annex>> = LazyLock::new(|| {
    let read = |text: &&str| toml::from_str(text).expect("the file is part of the program, and a test reads it");
    FILES.iter().map(read).collect()
});

/// What one law, guideline or standard asks, as of a day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Annex {
    /// The name by which audit files choose it.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The version of the file.
    pub version: String,
    /// The day from which it is in force.
    pub effective_from: Option<String>,
    /// The day until which it was.
    pub effective_to: Option<String>,
    /// How it stands.
    pub status: String,
    /// Where it is written.
    pub source: String,
    /// When its facts were looked up.
    pub retrieved: String,
    /// Numbers that it needs and other reports do not have.
    pub numbers: Option<Numbers>,
    /// What its reader must know first.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Blanks for the signer, which the audit file can fill.
    #[serde(default, rename = "field")]
    pub fields: Vec<Field>,
    /// What it asks, clause by clause.
    #[serde(rename = "row")]
    pub rows: Vec<Clause>,
}

/// Numbers that an annex names itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbers {
    /// The rates and ratios of each table of categories.
    ImpactTables,
    /// Each group beside the one that is selected most often.
    AdverseImpact,
    /// Sensitivity, specificity and PPV of each group.
    Sensitivity,
}

/// A blank.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its key in `[annex.ID]`.
    pub key: String,
    /// What belongs there.
    pub asks: String,
}

/// One clause.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Where it stands.
    pub clause: String,
    /// What it asks, in our own words.
    pub asks: String,
    /// What of the result answers it.
    pub evidence: Evidence,
    /// What is left for the signer; empty for nothing.
    pub left: String,
}

/// A part of the result that answers a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// How right the models are, of everyone.
    Accuracy,
    /// Each group beside the one that is selected most often.
    AdverseImpact,
    /// What tuning changed.
    Change,
    /// The policy and its outcomes.
    Checks,
    /// Who was tested.
    Data,
    /// Categories that are left out of the ratios.
    Exclusions,
    /// The tables of selection and scoring rates.
    ImpactTables,
    /// Which attributes were looked at.
    Inputs,
    /// What was not measured.
    Limits,
    /// The models and where they came from.
    Models,
    /// Nothing.
    None,
    /// The numbers of every group.
    Outcomes,
    /// How people in small groups are kept from view.
    Privacy,
    /// Hashes, versions and the time of the run.
    Provenance,
    /// Sensitivity and specificity of every group.
    Sensitivity,
    /// Groups with few of the people.
    SmallGroups,
    /// How far the audited rows are from those that the base learned from.
    Shift,
    /// People of unknown category.
    Unknown,
    /// Inherited, introduced and so on.
    Verdicts,
    /// The auditor's reason for the metrics.
    WhyTheseMetrics,
}

/// An annex that an audit asks for: an entry of `annexes`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AnnexNote {
    /// Which one.
    pub id: String,
    /// The version of its text when the audit ran.
    pub version: String,
    /// What the audit file says of it.
    #[serde(flatten)]
    pub settings: AnnexSettings,
}

/// `[annex.ID]` of an audit file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AnnexSettings {
    /// Blanks that are filled, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// Categories with a smaller share of the people have no ratio and are no table's highest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclude_below: Option<f64>,
    /// Whether its tables show small categories that are hidden elsewhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_full: bool,
}

/// Every annex.
pub fn annexes() -> &'static [Annex] {
    &ANNEXES
}

/// The annex of that id.
pub fn annex(id: &str) -> Option<&'static Annex> {
    ANNEXES.iter().find(|annex| annex.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_reads_and_is_dated() {
        assert_eq!(annexes().len(), FILES.len());
        for annex in annexes() {
            assert!(!annex.rows.is_empty() && !annex.status.is_empty() && !annex.source.is_empty(), "{}", annex.id);
            for date in [&annex.effective_from, &annex.effective_to].into_iter().flatten() {
                assert!(date.parse::<jiff::civil::Date>().is_ok(), "{}: {date}", annex.id);
            }
            assert!(format!("{}-01", annex.retrieved).parse::<jiff::civil::Date>().is_ok(), "{}", annex.id);
            let same = annexes().iter().filter(|other| other.id == annex.id).count();
            assert_eq!(same, 1, "{}", annex.id);
        }
    }

    #[test]
    fn sentences_are_short() {
        let of = |annex: &'static Annex| annex.rows.iter().flat_map(|row| [&row.asks, &row.left]).chain(&annex.notes);
        for text in annexes().iter().flat_map(of) {
            let longest = text.split(". ").map(|sentence| sentence.split(' ').count()).max();
            assert!(longest < Some(25), "{text}");
        }
    }
}
