//! Which numbers a check visits.

use super::PolicyError;
use crate::config::{Check, Of};
use crate::evidence::PAIRS;
use crate::result::{Aggregate, AuditResult, Basis, Finding, GroupSummary, Subject, Value, is_of_all};

/// One thing that a check is judged on.
pub enum Target<'a> {
    /// A slice against its reference; `turned` when the check names the finding's mirror.
    Finding { finding: &'a Finding, turned: bool },
    /// A slice's own value: the values of base, tuned and change.
    Values { slice: String, values: Vec<&'a Value> },
    /// A spread over an attribute: base, tuned and change.
    Aggregates { attribute: String, aggregates: Vec<&'a Aggregate> },
    /// A listed group that has no rows.
    Missing { slice: String },
}

impl Target<'_> {
    /// The slice (or attribute) judged.
    pub fn name(&self) -> String {
        match self {
            Target::Finding { finding, turned: false } => finding.slice.clone(),
            Target::Finding { finding, turned: true } => finding.mirror.clone().unwrap_or_default(),
            Target::Values { slice, .. } | Target::Missing { slice } => slice.clone(),
            Target::Aggregates { attribute, .. } => attribute.clone(),
        }
    }
}

impl Target<'_> {
    /// Of a multiclass task the class judged.
    pub fn class(&self) -> Option<String> {
        match self {
            Target::Finding { finding, .. } => finding.class.clone(),
            Target::Values { values, .. } => values.first()?.class.clone(),
            Target::Aggregates { aggregates, .. } => aggregates.first()?.class.clone(),
            Target::Missing { .. } => None,
        }
    }
}

/// The counts of a finding, slice first, as the check sees them.
pub fn basis(finding: &Finding, turned: bool) -> Option<Basis> {
    let basis = finding.basis?;
    Some(if turned { basis.turned() } else { basis })
}

/// The findings that a check visits, for one metric or all.
pub fn findings<'a>(
    result: &'a AuditResult,
    check: &Check,
    metric: Option<&str>,
) -> Result<Vec<Target<'a>>, PolicyError> {
    let of_metric = |finding: &&Finding| metric.is_none_or(|metric| finding.metric == metric);
    let of_class = |finding: &&Finding| is_asked(check, &finding.class);
    let all: Vec<&Finding> = result.findings.iter().filter(of_metric).filter(of_class).collect();
    if check.slices.is_empty() {
        return some(check, all.into_iter().map(plain).collect());
    }
    let mut targets = Vec::new();
    for entry in &check.slices {
        match family(result, entry) {
            Some(slices) => {
                let inside = |finding: &&&Finding| slices.iter().any(|group| group.slice == finding.slice);
                targets.extend(all.iter().filter(inside).map(|finding| plain(finding)));
            }
            None if entry.starts_with(PAIRS) && !entry.contains('=') => {
                let of_kind = |finding: &&&Finding| finding.slice.split('=').next() == Some(entry);
                targets.extend(all.iter().filter(of_kind).map(|finding| plain(finding)));
            }
            None => targets.extend(one(result, check, &all, entry)?),
        }
    }
    some(check, targets)
}

/// Whether a number is of the class that a check is about: of all classes together, of the mean over
/// them where the check names none, else of the one named.
fn is_asked(check: &Check, class: &Option<String>) -> bool {
    match (&check.class, class) {
        (None, class) => is_of_all(class),
        (asked, class) => asked == class,
    }
}

fn plain(finding: &Finding) -> Target<'_> {
    Target::Finding { finding, turned: false }
}

/// A slice named by its id: its finding, or that of which it is the mirror, or missing.
fn one<'a>(
    result: &AuditResult,
    check: &Check,
    all: &[&'a Finding],
    slice: &str,
) -> Result<Vec<Target<'a>>, PolicyError> {
    let target = |finding: &&'a Finding| {
        let turned = finding.mirror.as_deref() == Some(slice);
        (finding.slice == slice || turned).then_some(Target::Finding { finding, turned })
    };
    let found: Vec<Target> = all.iter().filter_map(target).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    if !has_rows(result, slice) {
        return Ok(vec![Target::Missing { slice: slice.into() }]);
    }
    Err(PolicyError::Reference { check: check.id.clone(), slice: slice.into() })
}

/// The slices whose own values a check visits; everyone only where `all` is listed.
pub fn values<'a>(result: &'a AuditResult, check: &Check, metric: &str) -> Result<Vec<Target<'a>>, PolicyError> {
    let families: Vec<&str> = result.data.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    let entries: Vec<&str> =
        if check.slices.is_empty() { families } else { check.slices.iter().map(String::as_str).collect() };
    let mut targets = Vec::new();
    for entry in entries {
        match family(result, entry) {
            Some(groups) => {
                let slices = groups.iter().filter(|group| group.rows != Some(0)).map(|group| group.slice.as_str());
                targets.extend(slices.map(|slice| value_of(result, check, metric, slice)));
            }
            None => targets.push(value_of(result, check, metric, entry)),
        }
    }
    some(check, targets)
}

fn value_of<'a>(result: &'a AuditResult, check: &Check, metric: &str, slice: &str) -> Target<'a> {
    if slice != "all" && !has_rows(result, slice) {
        return Target::Missing { slice: slice.into() };
    }
    let asked = |value: &&Value| value.metric == metric && value.slice == slice && is_asked(check, &value.class);
    let values = result.values.iter().filter(asked);
    Target::Values { slice: slice.into(), values: values.collect() }
}

/// The attributes whose spread a check visits.
pub fn spreads<'a>(result: &'a AuditResult, check: &Check, metric: &str) -> Result<Vec<Target<'a>>, PolicyError> {
    let asked = |name: &str| check.slices.is_empty() || check.slices.iter().any(|slice| slice == name);
    let attributes = result.data.attributes.iter().filter(|one| asked(&one.name) && !one.overlapping);
    let target = |name: &str| {
        // A metric of all groups together has one number, of others the spread is the difference.
        let kind = |a: &Aggregate| a.aggregate == "difference" || a.aggregate == "value";
        let spread = |a: &&Aggregate| a.metric == metric && a.attribute == name && kind(a) && is_asked(check, &a.class);
        let aggregates: Vec<&Aggregate> = result.aggregates.iter().filter(spread).collect();
        Target::Aggregates { attribute: name.into(), aggregates }
    };
    some(check, attributes.map(|attribute| target(&attribute.name)).collect())
}

/// Which model's number, of the rows for one slice.
pub fn subject(on: crate::config::On) -> Subject {
    match on {
        crate::config::On::Base => Subject::Base,
        crate::config::On::Tuned => Subject::Tuned,
        crate::config::On::Change => Subject::Change,
    }
}

/// The targets of a limit check.
pub fn targets<'a>(
    result: &'a AuditResult,
    check: &Check,
    metric: &str,
    of: Of,
) -> Result<Vec<Target<'a>>, PolicyError> {
    match of {
        Of::Value => values(result, check, metric),
        Of::Spread => spreads(result, check, metric),
        Of::Gap | Of::Ratio => findings(result, check, Some(metric)),
    }
}

fn family<'a>(result: &'a AuditResult, name: &str) -> Option<&'a [GroupSummary]> {
    let found = result.data.attributes.iter().find(|attribute| attribute.name == name);
    found.map(|attribute| attribute.groups.as_slice())
}

/// Whether a slice has rows, as far as the result tells (a hidden count is some rows).
pub fn has_rows(result: &AuditResult, slice: &str) -> bool {
    let mut groups = result.data.attributes.iter().flat_map(|attribute| &attribute.groups);
    groups.any(|group| group.slice == slice && group.rows != Some(0))
}

fn some<'a>(check: &Check, targets: Vec<Target<'a>>) -> Result<Vec<Target<'a>>, PolicyError> {
    if targets.is_empty() { Err(PolicyError::Nothing(check.id.clone())) } else { Ok(targets) }
}
