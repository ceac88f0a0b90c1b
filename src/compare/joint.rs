//! The audit that pairs two: the earlier tuned model as base, the later as tuned, over the later audit's rows.

use crate::config::{Audit, Policy};
use crate::models::{ModelSpec, Threshold};
use crate::result::AuditResult;
use std::collections::BTreeMap;

/// Two audits, each with its result.
pub type Audited<'a> = (&'a Audit, &'a AuditResult);

/// The joint audit: the later one's rows, groups, metrics and settings, and none of what compares nothing here:
/// other models, other rows, embeddings, language models, checks and annexes. `None` where an audit has no model.
///
/// Each model keeps its own inputs, output and label column.
pub fn joint((then, was): Audited, (now, is): Audited) -> Option<Audit> {
    let mut audit = now.of_two(Some(tuned(then, was)?), Some(tuned(now, is)?));
    audit.stats.metrics = now.metrics().into_iter().map(|metric| metric.id.to_string()).collect();
    (audit.data.train, audit.data.source) = (None, None);
    audit.representations.measure = false;
    audit.language_model = None;
    audit.stats.sweep = false;
    audit.policy = Policy { checks: Vec::new(), waivers: Vec::new(), accepted: Vec::new(), ..audit.policy };
    (audit.annexes, audit.annex) = (Vec::new(), BTreeMap::new());
    Some(audit)
}

/// The tuned model, or the only one. A threshold that it took from its base is the number that came of it.
fn tuned(audit: &Audit, result: &AuditResult) -> Option<ModelSpec> {
    let mut spec = audit.tuned.clone().or_else(|| audit.base.clone())?;
    if let (Threshold::Shared | Threshold::Matched, Some(threshold)) = (spec.threshold, result.method.tuned_threshold) {
        spec.threshold = Threshold::At(threshold);
    }
    Some(spec)
}
