//! Which slice is compared with what: one comparison for each finding to come.

use super::values::{comparable, labels, paired};
use super::{Declared, Family, Slice, Slices};
use crate::config::Audit;
use crate::data::Reference;
use crate::evidence::Cells;
use crate::metrics::{Metric, has_findings};
use crate::result::Basis;

/// One slice against its reference, under one metric.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The metric.
    pub metric: &'static Metric,
    /// Slice id.
    pub slice: String,
    /// `rest`, or a slice id.
    pub reference: String,
    /// The other group of a two-group attribute, whose comparison this one also is.
    pub mirror: Option<String>,
    /// The joint counts of slice and reference.
    pub basis: Basis,
    /// (positive, all) labels of slice and reference, beside metrics that need no label.
    pub labels: Option<[(u64, u64); 2]>,
}

pub(super) fn comparisons(
    audit: &Audit,
    declared: &Declared,
    slices: &Slices,
    metrics: &[&'static Metric],
) -> Vec<Comparison> {
    if declared.has != [true, true] {
        return Vec::new();
    }
    let usable = |metric: &&&'static Metric| {
        has_findings(metric)
            && comparable(declared, metric)
            && (!metric.needs_labels || declared.labeled == [true, true])
    };
    let mut found = Vec::new();
    for &metric in metrics.iter().filter(usable) {
        for family in &slices.families {
            let reference = resolve(&reference_of(audit, family), declared, metric, family);
            found.extend(of_family(declared, metric, family, &reference));
        }
    }
    found
}

/// What a family's slices are compared with, before groups are looked at: a cross has a named
/// reference when every crossed attribute names one.
fn reference_of(audit: &Audit, family: &Family) -> Vec<Reference> {
    let references: Vec<Reference> =
        family.attributes.iter().map(|&index| audit.groups[index].reference.clone()).collect();
    let named = references.iter().all(|reference| matches!(reference, Reference::Group(_)));
    if family.attributes.len() == 1 || named { references } else { vec![Reference::Rest] }
}

enum Resolved<'a> {
    Rest,
    Slice(&'a Slice),
    /// A named reference group that has no rows.
    Missing,
}

fn resolve<'a>(references: &[Reference], declared: &Declared, metric: &Metric, family: &'a Family) -> Resolved<'a> {
    let slice = match references[0] {
        Reference::Rest => return Resolved::Rest,
        Reference::Largest => family.slices.iter().rev().max_by_key(|slice| slice.cells.rows()),
        Reference::MaxRate => highest_base_rate(declared, metric, family),
        Reference::Group(_) => family.slices.iter().find(|slice| is_named(slice, references)),
    };
    slice.filter(|slice| slice.cells.rows() > 0).map_or(Resolved::Missing, Resolved::Slice)
}

fn is_named(slice: &Slice, references: &[Reference]) -> bool {
    let matches = |(group, reference): (&String, &Reference)| *reference == Reference::Group(group.clone());
    slice.groups.iter().zip(references).all(matches)
}

fn highest_base_rate<'a>(declared: &Declared, metric: &Metric, family: &'a Family) -> Option<&'a Slice> {
    let rated = family.slices.iter().rev().filter_map(|slice| {
        let (events, rows) = paired(metric, &slice.cells).base();
        (rows >= declared.min_support.max(1)).then(|| (events as f64 / rows as f64, slice))
    });
    rated.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, slice)| slice)
}

fn of_family(declared: &Declared, metric: &'static Metric, family: &Family, reference: &Resolved) -> Vec<Comparison> {
    let occupied: Vec<&Slice> = family.slices.iter().filter(|slice| slice.cells.rows() > 0).collect();
    match (reference, &occupied[..]) {
        (Resolved::Rest, [a, b]) if family.attributes.len() == 1 => {
            let (smaller, other) = if b.cells.rows() < a.cells.rows() { (b, a) } else { (a, b) };
            let mirror = Some(other.id.clone());
            vec![Comparison { mirror, ..compare(declared, metric, smaller, "rest", &other.cells) }]
        }
        (Resolved::Rest, slices) => {
            let against_rest =
                |slice: &&Slice| compare(declared, metric, slice, "rest", &family.known.without(&slice.cells));
            slices.iter().map(against_rest).collect()
        }
        (Resolved::Slice(reference), slices) => {
            let others = slices.iter().filter(|slice| slice.id != reference.id);
            others.map(|slice| compare(declared, metric, slice, &reference.id, &reference.cells)).collect()
        }
        (Resolved::Missing, _) => Vec::new(),
    }
}

fn compare(declared: &Declared, metric: &'static Metric, slice: &Slice, name: &str, reference: &Cells) -> Comparison {
    let about_labels = !metric.needs_labels && declared.labeled == [true, true];
    Comparison {
        metric,
        slice: slice.id.clone(),
        reference: name.into(),
        mirror: None,
        basis: Basis { slice: paired(metric, &slice.cells).into(), reference: paired(metric, reference).into() },
        labels: about_labels.then(|| [labels(&slice.cells), labels(reference)]),
    }
}
