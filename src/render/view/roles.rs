//! What base and tuned are called: where a probe answers for one of them, its name says so everywhere.

use crate::result::{AuditResult, ModelNote};
use serde::Serialize;

/// The two names, as they stand in a sentence and at the head of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(in crate::render) struct Roles {
    /// `base`, or `base-as-probe`.
    pub base: &'static str,
    /// `tuned`, or `tuned-as-probe`.
    pub tuned: &'static str,
    /// `Base`.
    pub base_head: &'static str,
    /// `Tuned`.
    pub tuned_head: &'static str,
    /// What the names mean; empty where both models answer for themselves.
    pub note: &'static str,
}

const NOTE: &str = "“As probe”: a linear classifier on the model's embedding answers in place of its own head, fitted so that no row is judged by one that learned from it. That is a lower bound of what the model encodes, not of what its own head did.";

impl Roles {
    /// The names of a result's models.
    pub fn of(result: &AuditResult) -> Roles {
        let models = &result.provenance.models;
        let probed = |model: &Option<ModelNote>| model.as_ref().is_some_and(|model| model.probe);
        let (base, tuned) = (probed(&models.base), probed(&models.tuned));
        let (base_word, base_head) = if base { ("base-as-probe", "Base-as-probe") } else { ("base", "Base") };
        let (tuned_word, tuned_head) = if tuned { ("tuned-as-probe", "Tuned-as-probe") } else { ("tuned", "Tuned") };
        let note = if base || tuned { NOTE } else { "" };
        Roles { base: base_word, tuned: tuned_word, base_head, tuned_head, note }
    }

    /// Whether a probe answers for either.
    pub fn are_probed(&self) -> bool {
        !self.note.is_empty()
    }
}
