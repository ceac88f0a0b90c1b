//! Groups that overlap: each is a family of its own, of those inside and everyone else who is known, so that
//! whatever holds for disjoint slices holds for it.

use super::slices::{keys, merged, named_slice, partition, strata};
use super::{Family, Slice};
use crate::evidence::{Cells, Evidence};
use std::collections::{BTreeMap, BTreeSet};

/// What the slice of everyone else is called; no other id ends so, and it is never shown.
const REST: char = '\u{1}';

/// Whether the groups of one of these attributes overlap.
pub(super) fn is_overlapping(evidence: &Evidence, attributes: &[usize]) -> bool {
    attributes.iter().any(|&index| evidence.attributes[index].sets.is_some())
}

/// A family for each group, or each combination of groups that occurs; of a single attribute also for groups that
/// nobody is in.
pub(super) fn families(evidence: &Evidence, attributes: &[usize], control: &[usize]) -> Vec<Family> {
    let mut parts = partition(evidence, attributes);
    let unknown = parts.remove(&Vec::new()).unwrap_or_default();
    let mut wanted: BTreeSet<Vec<u32>> =
        parts.keys().flat_map(|codes| combinations(evidence, attributes, codes)).collect();
    if let [attribute] = attributes {
        wanted.extend((0..evidence.attributes[*attribute].groups.len() as u32).map(|group| vec![group + 1]));
    }
    let cut = Cut { evidence, attributes, strata: strata(evidence, attributes, control), parts, unknown };
    wanted.iter().map(|groups| cut.family(groups)).collect()
}

/// The groups (their places, plus 1) that a code stands for.
fn groups(evidence: &Evidence, attribute: usize, code: u32) -> Vec<u32> {
    match &evidence.attributes[attribute].sets {
        Some(sets) => sets[code as usize - 1].iter().map(|group| group + 1).collect(),
        None => vec![code],
    }
}

/// Every combination of groups that codes stand for.
pub(super) fn combinations(evidence: &Evidence, attributes: &[usize], codes: &[u32]) -> Vec<Vec<u32>> {
    attributes.iter().zip(codes).fold(vec![Vec::new()], |all, (&attribute, &code)| {
        let groups = groups(evidence, attribute, code);
        all.iter().flat_map(|one| groups.iter().map(move |&group| [one.as_slice(), &[group]].concat())).collect()
    })
}

/// The atoms of some attributes, to be cut by group.
struct Cut<'a> {
    evidence: &'a Evidence,
    attributes: &'a [usize],
    parts: BTreeMap<Vec<u32>, Cells>,
    strata: BTreeMap<Vec<u32>, Vec<Cells>>,
    unknown: Cells,
}

impl Cut<'_> {
    fn family(&self, wanted: &[u32]) -> Family {
        let holds = |codes: &Vec<u32>| self.holds(codes, wanted);
        let sum = |inside: bool| {
            let own = self.parts.iter().filter(|(codes, _)| holds(codes) == inside);
            own.fold(Cells::default(), |sum, (_, cells)| merged(sum, cells))
        };
        let slice = named_slice(self.evidence, self.attributes, wanted);
        let own = Slice { cells: sum(true), strata: self.strata(wanted, true), ..slice };
        let rest = Slice {
            id: format!("{}{REST}", own.id),
            group: String::new(),
            groups: Vec::new(),
            cells: sum(false),
            strata: self.strata(wanted, false),
        };
        let name = |index: &usize| self.evidence.attributes[*index].name.clone();
        Family {
            name: own.id.clone(),
            overlaps: Some(self.attributes.iter().map(name).collect::<Vec<_>>().join(" & ")),
            attributes: self.attributes.to_vec(),
            known: self.parts.values().fold(Cells::default(), merged),
            unknown: self.unknown.clone(),
            empty: 0,
            kinds: self.kinds(wanted),
            slices: vec![own, rest],
        }
    }

    /// Whether rows of these codes are in all of these groups.
    fn holds(&self, codes: &[u32], wanted: &[u32]) -> bool {
        let of = self.attributes.iter().zip(codes).zip(wanted);
        of.into_iter().all(|((&attribute, &code), group)| groups(self.evidence, attribute, code).contains(group))
    }

    fn strata(&self, wanted: &[u32], inside: bool) -> Vec<Cells> {
        let mut sums = Vec::new();
        for (_, strata) in self.strata.iter().filter(|(codes, _)| self.holds(codes, wanted) == inside) {
            sums.resize(strata.len(), Cells::default());
            sums.iter_mut().zip(strata).for_each(|(sum, cells): (&mut Cells, &Cells)| sum.merge(cells));
        }
        sums
    }

    /// For each kind of point whether it is inside (0) or not (1).
    fn kinds(&self, wanted: &[u32]) -> Vec<Option<usize>> {
        let (Some(points), Some((lattice, keys))) = (&self.evidence.points, keys(self.evidence, self.attributes))
        else {
            return Vec::new();
        };
        let place = |kind: &Vec<u32>| {
            let codes = &keys[kind[lattice] as usize];
            (!codes.is_empty()).then(|| usize::from(!self.holds(codes, wanted)))
        };
        points.kinds.iter().map(place).collect()
    }
}
