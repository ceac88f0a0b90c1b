//! What the HTML report alone shows, beside what all formats share.

use super::View;
use super::answers::{self, Answers};
use super::{classes, crossed, cutoff, language, policy, representations, scores};
use crate::result::AuditResult;
use serde::Serialize;

/// The parts of the report that no other format has.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Sections {
    /// The first line of every section.
    pub answers: Answers,
    /// Several classes, metric by metric.
    pub classes: Vec<classes::ClassTable>,
    /// Crossed groups.
    pub crossed: crossed::Crossed,
    /// Other thresholds.
    pub cutoff: Option<cutoff::Cutoff>,
    /// What embeddings show.
    pub encoded: Option<representations::Encoded>,
    /// What language models prefer.
    pub language: Option<language::LanguageView>,
    /// Scores.
    pub scores: Option<scores::ScoresView>,
    /// Checks as sentences, and waivers.
    pub policy: policy::PolicyView,
}

impl Sections {
    /// Reads them from the result.
    pub fn of(result: &AuditResult, view: &View) -> Sections {
        Sections {
            answers: answers::answers(result, view.changed.as_ref()),
            classes: classes::tables(result),
            crossed: crossed::crossed(result),
            cutoff: cutoff::cutoff(result),
            encoded: representations::encoded(result),
            language: language::language(result),
            scores: scores::scores(result),
            policy: policy::policy(result, &view.checks),
        }
    }
}
