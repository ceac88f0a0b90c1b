//! Which slice is compared with what: one comparison for each finding to come.

use super::classes::View;
use super::means::mean_of_cells;
use super::rows::ByRows;
use super::values::{comparable, labels, paired};
use super::{Declared, Family, Slice, Slices};
use super::{measured, tables};
use crate::config::Audit;
use crate::data::Reference;
use crate::evidence::Cells;
use crate::metrics::{Formula, Metric, has_findings};
use crate::result::Basis;
use crate::stats::{Paired, Path, Paths, Stratum, Twin};
use rayon::prelude::*;

/// One slice against its reference, under one metric.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The metric.
    pub metric: &'static Metric,
    /// Of a multiclass task the class, or `macro`.
    pub class: Option<String>,
    /// Slice id.
    pub slice: String,
    /// `rest`, or a slice id.
    pub reference: String,
    /// The other group of a two-group attribute, whose comparison this one also is.
    pub mirror: Option<String>,
    /// The joint counts of slice and reference.
    pub basis: Basis,
    /// Rows inside the condition, of slice and reference; of both models the fewer.
    pub rows: [u64; 2],
    /// The joint counts of slice and reference in every stratum; empty where none are asked for, or counts do
    /// not tell the metric.
    pub strata: Vec<Stratum>,
    /// How tuned numbers follow the base's in slice and reference, where they are means of rows.
    pub paths: Option<[Path; 2]>,
    /// The same of the halves of counterfactual pairs, which have one law.
    pub halves: Option<Paths>,
    /// (positive, all) labels of slice and reference, beside metrics that need no label.
    pub labels: Option<[(u64, u64); 2]>,
}

pub(super) fn comparisons(
    audit: &Audit,
    declared: &Declared,
    slices: &Slices,
    by_rows: Option<&ByRows>,
    metrics: &[&'static Metric],
) -> Vec<Comparison> {
    if declared.has != [true, true] {
        return Vec::new();
    }
    let usable = |metric: &&&'static Metric| {
        declared.view.has(metric)
            && has_findings(metric)
            && comparable(declared, metric)
            && [0, 1].iter().all(|side| declared.lacks(metric, *side).is_none())
    };
    let mut found = Vec::new();
    for &metric in metrics.iter().filter(usable) {
        let side = Twins { declared, metric, by_rows };
        for family in &slices.families {
            let reference = side.resolve(&reference_of(audit, family), family);
            found.extend(side.of_family(family, &reference));
        }
    }
    found
}

/// Base and tuned of any slice under one metric.
struct Twins<'a> {
    declared: &'a Declared,
    metric: &'static Metric,
    by_rows: Option<&'a ByRows>,
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

impl Twins<'_> {
    fn resolve<'f>(&self, references: &[Reference], family: &'f Family) -> Resolved<'f> {
        let slice = match references[0] {
            Reference::Rest => return Resolved::Rest,
            Reference::Largest => family.slices.iter().rev().max_by_key(|slice| slice.cells.rows()),
            Reference::MaxRate => self.highest_of_base(family),
            Reference::Group(_) => family.slices.iter().find(|slice| is_named(slice, references)),
        };
        slice.filter(|slice| slice.cells.rows() > 0).map_or(Resolved::Missing, Resolved::Slice)
    }

    fn highest_of_base<'f>(&self, family: &'f Family) -> Option<&'f Slice> {
        let least = self.metric.least_support(self.declared.min_support);
        let rated = family.slices.iter().rev().filter_map(|slice| {
            let base = self.of(slice)?.duo()?.base;
            (base.rows >= least).then_some((base.value, slice))
        });
        rated.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, slice)| slice)
    }

    /// A slice's own; `None` where it is not defined.
    fn of(&self, slice: &Slice) -> Option<Twin> {
        match self.by_rows.filter(|rows| rows.covers(self.metric)) {
            Some(rows) => rows.of(self.metric, &slice.id)?.twin,
            None => self.counted(&slice.cells, None).ok(),
        }
    }

    /// From the cells alone; a mean over classes is taken over those that `other` has too. Without a known
    /// error its rows.
    fn counted(&self, cells: &Cells, other: Option<&Cells>) -> Result<Twin, u64> {
        match self.metric.formula {
            _ if self.declared.view == View::Mean => mean_of_cells(self.metric, cells, other).both(),
            Formula::Rate(_) => Ok(paired(self.metric, cells).into()),
            _ => tables::of_cells(self.metric, cells).both(),
        }
    }

    fn of_family(&self, family: &Family, reference: &Resolved) -> Vec<Comparison> {
        let occupied: Vec<usize> = (0..family.slices.len()).filter(|&at| family.slices[at].cells.rows() > 0).collect();
        let slice = |at: usize| &family.slices[at];
        match (reference, &occupied[..]) {
            (Resolved::Rest, &[0, ..]) if family.overlaps.is_some() => {
                vec![self.compare(family, slice(0), Against::Slice("rest", slice(1)))]
            }
            (Resolved::Rest, _) if family.overlaps.is_some() => Vec::new(),
            (Resolved::Rest, &[a, b]) if family.attributes.len() == 1 => {
                let fewer = slice(b).cells.rows() < slice(a).cells.rows();
                let (smaller, other) = if fewer { (slice(b), slice(a)) } else { (slice(a), slice(b)) };
                let mirror = Some(other.id.clone());
                vec![Comparison { mirror, ..self.compare(family, smaller, Against::Slice("rest", other)) }]
            }
            (Resolved::Rest, places) => {
                places.par_iter().map(|&at| self.compare(family, slice(at), Against::Rest)).collect()
            }
            (Resolved::Slice(reference), places) => {
                let others = places.iter().map(|&at| slice(at)).filter(|slice| slice.id != reference.id);
                others.map(|slice| self.compare(family, slice, Against::Slice(&reference.id, reference))).collect()
            }
            (Resolved::Missing, _) => Vec::new(),
        }
    }

    fn compare(&self, family: &Family, slice: &Slice, against: Against) -> Comparison {
        let (name, cells) = match against {
            Against::Rest => ("rest", &family.known.without(&slice.cells)),
            Against::Slice(name, reference) => (name, &reference.cells),
        };
        let about_labels =
            self.declared.counts_labels() && !self.metric.needs_labels && self.declared.labeled == [true, true];
        let (basis, paths) = self.basis(family, slice, against, cells);
        let nothing = Twin::Counts(Paired::default());
        let (basis, rows) = match basis {
            Ok(basis) => (basis, basis.rows()),
            Err(rows) => (Basis::new(nothing, nothing), rows),
        };
        Comparison {
            metric: self.metric,
            class: None,
            slice: slice.id.clone(),
            reference: name.into(),
            mirror: None,
            basis,
            rows,
            paths,
            halves: None,
            strata: self.strata(family, slice, against),
            labels: about_labels.then(|| [labels(&slice.cells), labels(cells)]),
        }
    }

    /// Of a rate that is counted from cells, and whose condition is the same for both models.
    fn strata(&self, family: &Family, slice: &Slice, against: Against) -> Vec<Stratum> {
        let by_rows = self.by_rows.is_some_and(|rows| rows.covers(self.metric));
        if by_rows || self.declared.view != View::Whole || !matches!(self.metric.formula, Formula::Rate(_)) {
            return Vec::new();
        }
        let others: Vec<&Slice> = match against {
            Against::Rest => family.slices.iter().filter(|other| other.id != slice.id).collect(),
            Against::Slice(_, reference) => vec![reference],
        };
        let of = |(place, own): (usize, &Cells)| {
            let mut reference = Cells::default();
            others.iter().filter_map(|other| other.strata.get(place)).for_each(|cells| reference.merge(cells));
            [own, &reference].map(|cells| paired(self.metric, cells))
        };
        let strata: Vec<Stratum> = slice.strata.iter().enumerate().map(of).collect();
        if strata.as_flattened().iter().all(Paired::same_condition) { strata } else { Vec::new() }
    }

    fn basis(
        &self,
        family: &Family,
        slice: &Slice,
        against: Against,
        cells: &Cells,
    ) -> (Result<Basis, [u64; 2]>, Option<[Path; 2]>) {
        let place = |slice: &Slice| family.slices.iter().position(|other| other.id == slice.id);
        let Some(rows) = self.by_rows.filter(|rows| rows.covers(self.metric)) else {
            let of = |own: &Cells, other: &Cells| self.counted(own, Some(other));
            return (measured::based(of(&slice.cells, cells), of(cells, &slice.cells)), None);
        };
        let other = match against {
            Against::Rest => None,
            Against::Slice(_, reference) => place(reference),
        };
        let at = place(slice);
        let basis = at.map_or(Err([0; 2]), |at| rows.basis(self.metric, family, at, other));
        let paths = at.and_then(|at| rows.paths(self.metric, family, at, other));
        (basis, paths)
    }
}

/// What a slice is compared with.
#[derive(Clone, Copy)]
enum Against<'a> {
    /// Everyone else of the family.
    Rest,
    /// A slice, under the name that the finding gives it.
    Slice(&'a str, &'a Slice),
}

fn is_named(slice: &Slice, references: &[Reference]) -> bool {
    let matches = |(group, reference): (&String, &Reference)| *reference == Reference::Group(group.clone());
    slice.groups.iter().zip(references).all(matches)
}
