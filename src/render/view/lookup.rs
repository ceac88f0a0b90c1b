//! Finds the result's numbers by metric, slice and model: of several classes those that are about all.

use crate::result::{AuditResult, Estimate, Finding, Paired, Subject, Value, is_of_all};
use std::collections::HashMap;

/// An index over a result's values and findings. Read by key only, so its order never shows.
pub(in crate::render) struct Lookup<'a> {
    values: HashMap<(&'a str, &'a str, Subject), &'a Value>,
    findings: HashMap<(&'a str, &'a str), &'a Finding>,
}

impl<'a> Lookup<'a> {
    /// Indexes a result.
    pub fn of(result: &'a AuditResult) -> Lookup<'a> {
        let values = result
            .values
            .iter()
            .filter(|value| is_of_all(&value.class))
            .map(|value| ((value.metric.as_str(), value.slice.as_str(), value.model), value));
        let findings = result
            .findings
            .iter()
            .filter(|finding| is_of_all(&finding.class))
            .map(|finding| ((finding.metric.as_str(), finding.slice.as_str()), finding));
        Lookup { values: values.collect(), findings: findings.collect() }
    }

    /// The estimate of a metric, if the result has one.
    pub fn estimate(&self, metric: &str, slice: &str, subject: Subject) -> Option<&'a Estimate> {
        self.values.get(&(metric, slice, subject)).map(|value| &value.estimate)
    }

    /// The joint counts behind a change.
    pub fn basis(&self, metric: &str, slice: &str) -> Option<&'a Paired> {
        self.values.get(&(metric, slice, Subject::Change)).and_then(|value| value.basis.as_ref()?.counts())
    }

    /// The finding of a metric and slice.
    pub fn finding(&self, metric: &str, slice: &str) -> Option<&'a Finding> {
        self.findings.get(&(metric, slice)).copied()
    }
}
