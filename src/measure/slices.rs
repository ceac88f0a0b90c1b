//! Which slices there are, and their counts: every group of every attribute and every occurring
//! combination of every cross.

use super::{Declared, overlap};
use crate::config::Audit;
use crate::evidence::{Cells, Evidence, POSITIVE, SliceId, UNKNOWN};
use crate::result::{AttributeSummary, DataSummary, GroupSummary};
use std::collections::{BTreeMap, BTreeSet};

/// One slice and its counts.
#[derive(Debug, Clone)]
pub struct Slice {
    /// `sex=Female & race=Black`.
    pub id: String,
    /// Its groups alone, `Female & Black`.
    pub group: String,
    /// Its group names, one for each attribute of the family.
    pub groups: Vec<String>,
    /// Its rows.
    pub cells: Cells,
    /// Its rows in every stratum of the family; empty where none are asked for.
    pub strata: Vec<Cells>,
}

/// The slices of one attribute or cross: disjoint, and together everyone whose values are known. Of groups that
/// overlap each is a family of its own, beside everyone else.
#[derive(Debug, Clone)]
pub struct Family {
    /// `sex`, or `sex & race`.
    pub name: String,
    /// Where groups overlap, the attribute or cross that this is a group of; the second slice is everyone else, and
    /// is not shown.
    pub overlaps: Option<String>,
    /// Indices of its attributes.
    pub attributes: Vec<usize>,
    /// Its slices in the order shown; a single attribute's empty bins are among them.
    pub slices: Vec<Slice>,
    /// Everyone whose values on these attributes are known.
    pub known: Cells,
    /// Everyone else.
    pub unknown: Cells,
    /// Combinations that could be and have no rows.
    pub empty: usize,
    /// For each kind of point, the slice that it is in; empty where no points are kept.
    pub kinds: Vec<Option<usize>>,
}

/// Everyone, and every family.
#[derive(Debug, Clone)]
pub struct Slices {
    /// All audited rows.
    pub everyone: Cells,
    /// Attributes in declared order, then crosses.
    pub families: Vec<Family>,
}

impl Slices {
    /// Cuts the evidence as the audit asks.
    pub fn new(audit: &Audit, evidence: &Evidence) -> Slices {
        let single = (0..audit.groups.len()).map(|index| vec![index]);
        let families = single.chain(audit.slices.cross.iter().cloned());
        Slices {
            everyone: evidence.everyone(),
            families: families.flat_map(|attributes| cut(evidence, attributes, &audit.stats.control)).collect(),
        }
    }

    /// The families whose slices are the groups of an attribute or a cross, none in two of them.
    pub fn disjoint(&self) -> Vec<&Family> {
        self.families.iter().filter(|family| family.overlaps.is_none()).collect()
    }

    /// Every slice of every family.
    pub fn iter(&self) -> impl Iterator<Item = &Slice> {
        self.families.iter().flat_map(|family| &family.slices)
    }

    pub(super) fn notices(&self) -> Vec<String> {
        let crosses = self.families.iter().filter(|family| family.attributes.len() > 1 && family.empty > 0);
        let crosses = crosses.map(|family| format!("{}: {} combinations have no rows.", family.name, family.empty));
        crosses.chain(self.overlapping()).collect()
    }

    /// What is said of attributes whose groups overlap, and of groups that no row names.
    fn overlapping(&self) -> Vec<String> {
        let mut groups = BTreeMap::<&str, Vec<&str>>::new();
        for family in &self.families {
            if let Some(name) = family.overlaps.as_deref() {
                let absent = family.shown().iter().filter(|slice| slice.cells.rows() == 0);
                groups.entry(name).or_default().extend(absent.map(|slice| slice.group.as_str()));
            }
        }
        let told = |(name, absent): (&str, Vec<&str>)| {
            let no_spread = format!("{name}: a row may be in several groups, so that no spread over them is measured.");
            let absent = (!absent.is_empty())
                .then(|| format!("{name}: no text holds a term of {} groups: {}.", absent.len(), absent.join(", ")));
            std::iter::once(no_spread).chain(absent)
        };
        groups.into_iter().flat_map(told).collect()
    }

    pub(super) fn summary(&self, declared: &Declared, rows_read: u64) -> DataSummary {
        let absent =
            |side: usize| if declared.has[side] { count(&self.everyone, |cell| cell.said[side].is_none()) } else { 0 };
        DataSummary {
            rows: rows_read,
            used: self.everyone.rows(),
            null_labels: if declared.labeled[1] { count(&self.everyone, |cell| cell.label[1].is_none()) } else { 0 },
            null_base: absent(0),
            null_tuned: absent(1),
            positives: declared.counts_positives().then(|| positives(&self.everyone)),
            attributes: self.summaries(declared),
            cut_texts: Vec::new(),
        }
    }
}

impl Slices {
    /// One for each attribute or cross; groups that overlap are families of their own.
    fn summaries(&self, declared: &Declared) -> Vec<AttributeSummary> {
        let mut summaries: Vec<AttributeSummary> = Vec::new();
        for family in &self.families {
            let own = family.summary(declared);
            match summaries.last_mut() {
                Some(last) if own.overlapping && last.name == own.name => last.groups.extend(own.groups),
                _ => summaries.push(own),
            }
        }
        summaries
    }
}

impl Family {
    /// The slices that are groups.
    pub fn shown(&self) -> &[Slice] {
        if self.overlaps.is_some() { &self.slices[..1] } else { &self.slices }
    }

    /// The slice that rows of a kind are in; `None` where a value is unknown.
    pub(super) fn slice_of(&self, kind: u32) -> Option<usize> {
        self.kinds.get(kind as usize).copied().flatten()
    }

    fn summary(&self, declared: &Declared) -> AttributeSummary {
        let group = |slice: &Slice| GroupSummary {
            group: slice.group.clone(),
            slice: slice.id.clone(),
            rows: Some(slice.cells.rows()),
            positives: declared.counts_positives().then(|| positives(&slice.cells)),
        };
        AttributeSummary {
            name: self.overlaps.clone().unwrap_or_else(|| self.name.clone()),
            groups: self.shown().iter().map(group).collect(),
            unknown: Some(self.unknown.rows()),
            overlapping: self.overlaps.is_some(),
        }
    }
}

fn positives(cells: &Cells) -> u64 {
    count(cells, |cell| cell.label[1] == Some(POSITIVE))
}

fn count(cells: &Cells, keep: impl Fn(&crate::evidence::Cell) -> bool) -> u64 {
    cells.iter().filter(|(cell, _)| keep(cell)).map(|(_, n)| n).sum()
}

fn cut(evidence: &Evidence, attributes: Vec<usize>, control: &[usize]) -> Vec<Family> {
    match overlap::is_overlapping(evidence, &attributes) {
        true => overlap::families(evidence, &attributes, control),
        false => vec![family(evidence, attributes, control)],
    }
}

fn family(evidence: &Evidence, attributes: Vec<usize>, control: &[usize]) -> Family {
    let strata = strata(evidence, &attributes, control);
    let mut parts = partition(evidence, &attributes);
    let unknown = parts.remove(&Vec::new()).unwrap_or_default();
    let name = |index: &usize| evidence.attributes[*index].name.clone();
    if let [attribute] = attributes[..] {
        // A declared bin that nobody is in stays visible, with no rows.
        let groups = evidence.attributes[attribute].groups.len() as u32;
        for code in 1..=groups {
            parts.entry(vec![code]).or_default();
        }
    }
    let possible: usize = attributes.iter().map(|&index| evidence.attributes[index].groups.len()).product();
    Family {
        kinds: kinds(evidence, &attributes, &parts),
        name: attributes.iter().map(name).collect::<Vec<_>>().join(" & "),
        overlaps: None,
        known: parts.values().fold(Cells::default(), merged),
        unknown,
        empty: possible.saturating_sub(parts.len()),
        slices: parts
            .into_iter()
            .map(|(codes, cells)| {
                let strata = strata.get(&codes).cloned().unwrap_or_default();
                Slice { strata, ..slice(evidence, &attributes, &codes, cells) }
            })
            .collect(),
        attributes,
    }
}

pub(super) fn merged(mut sum: Cells, cells: &Cells) -> Cells {
    sum.merge(cells);
    sum
}

/// Counts by the codes on `attributes`; the empty key collects rows with an unknown value.
pub(super) fn partition(evidence: &Evidence, attributes: &[usize]) -> BTreeMap<Vec<u32>, Cells> {
    let Some((lattice, keys)) = keys(evidence, attributes) else { return BTreeMap::new() };
    let mut parts = BTreeMap::<Vec<u32>, Cells>::new();
    for (key, cells) in keys.into_iter().zip(&evidence.cells[lattice]) {
        parts.entry(key).or_default().merge(cells);
    }
    parts
}

/// Counts by the codes on `attributes`, each cut into the same strata: the combinations of known groups of
/// `control`. Empty where there are none, or where an attribute would be cut by itself.
pub(super) fn strata(evidence: &Evidence, attributes: &[usize], control: &[usize]) -> BTreeMap<Vec<u32>, Vec<Cells>> {
    let mut found = BTreeMap::<Vec<u32>, Vec<Cells>>::new();
    if control.is_empty() || control.iter().any(|index| attributes.contains(index)) {
        return found;
    }
    let mut all = [attributes, control].concat();
    all.sort_unstable();
    let parts = partition(evidence, &all);
    let split = |codes: &Vec<u32>| {
        let (own, others): (Vec<_>, Vec<_>) = all.iter().zip(codes).partition(|(index, _)| attributes.contains(index));
        [own, others].map(|codes| codes.into_iter().map(|(_, &code)| code).collect::<Vec<u32>>())
    };
    let known = || parts.iter().filter(|(codes, _)| !codes.is_empty()).map(|(codes, cells)| (split(codes), cells));
    let places: BTreeSet<Vec<u32>> = known().map(|([_, stratum], _)| stratum).collect();
    let place: BTreeMap<&Vec<u32>, usize> = places.iter().zip(0..).collect();
    for ([own, stratum], cells) in known() {
        found.entry(own).or_insert_with(|| vec![Cells::default(); place.len()])[place[&stratum]].merge(cells);
    }
    found
}

/// The lattice that holds `attributes`, and the codes of each of its atoms on them; empty where one is unknown.
pub(super) fn keys(evidence: &Evidence, attributes: &[usize]) -> Option<(usize, Vec<Vec<u32>>)> {
    let lattice = evidence.lattices.iter().position(|l| attributes.iter().all(|a| l.attributes.contains(a)))?;
    let of = &evidence.lattices[lattice];
    let places: Vec<usize> = (0..of.attributes.len()).filter(|&at| attributes.contains(&of.attributes[at])).collect();
    let key = |signature: &Vec<u32>| {
        let codes: Vec<u32> = places.iter().map(|&place| signature[place]).collect();
        if codes.contains(&UNKNOWN) { Vec::new() } else { codes }
    };
    Some((lattice, of.atoms.iter().map(key).collect()))
}

/// For each kind of point the slice that it is in, by its place among `parts`.
fn kinds(evidence: &Evidence, attributes: &[usize], parts: &BTreeMap<Vec<u32>, Cells>) -> Vec<Option<usize>> {
    let (Some(points), Some((lattice, keys))) = (&evidence.points, keys(evidence, attributes)) else {
        return Vec::new();
    };
    let place: BTreeMap<&Vec<u32>, usize> = parts.keys().zip(0..).collect();
    points.kinds.iter().map(|kind| place.get(&keys[kind[lattice] as usize]).copied()).collect()
}

fn slice(evidence: &Evidence, attributes: &[usize], codes: &[u32], cells: Cells) -> Slice {
    Slice { cells, ..named_slice(evidence, attributes, codes) }
}

/// The slice of these groups (their places, plus 1), without rows.
pub(super) fn named_slice(evidence: &Evidence, attributes: &[usize], codes: &[u32]) -> Slice {
    let named = |(&attribute, &code): (&usize, &u32)| {
        let attribute = &evidence.attributes[attribute];
        (attribute.name.clone(), attribute.groups[code as usize - 1].clone())
    };
    let parts: Vec<(String, String)> = attributes.iter().zip(codes).map(named).collect();
    let groups: Vec<String> = parts.iter().map(|(_, group)| group.clone()).collect();
    let (cells, strata) = Default::default();
    Slice { id: SliceId { parts }.to_string(), group: groups.join(" & "), groups, cells, strata }
}
