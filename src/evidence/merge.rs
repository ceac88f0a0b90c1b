//! Adds two pieces of evidence, gathered apart under the same settings.

use super::{Attribute, Cells, Cut, Evidence, Lattice, Points, UNKNOWN, sort_groups};
use std::collections::{BTreeMap, BTreeSet};

/// Why two pieces of evidence do not add.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// They were cut differently.
    #[error("the two were gathered with other attributes or crosses; gather both with the same audit file")]
    Attributes,
    /// One keeps scores, the other counts.
    #[error("one keeps scores and the other counts; gather both with the same thresholds")]
    Thresholds,
    /// They were held against other models.
    #[error("the two have other runs or controls; gather both with the same models")]
    Others,
}

/// The sum. Groups that only one side saw are groups of the sum.
pub fn merge(a: Evidence, b: Evidence) -> Result<Evidence, MergeError> {
    let cut = |e: &Evidence| e.lattices.iter().map(|l| l.attributes.clone()).collect::<Vec<_>>();
    let names = |e: &Evidence| {
        let own = |a: &Attribute| (a.name.clone(), a.sets.as_ref().map(|_| a.groups.clone()));
        e.attributes.iter().map(own).collect::<Vec<_>>()
    };
    if cut(&a) != cut(&b) || names(&a) != names(&b) {
        return Err(MergeError::Attributes);
    }
    if a.points.is_some() != b.points.is_some() {
        return Err(MergeError::Thresholds);
    }
    let others = |e: &Evidence| e.points.as_ref().map_or(0, |points| points.others.len());
    if others(&a) != others(&b) {
        return Err(MergeError::Others);
    }
    let attributes: Vec<Attribute> = a.attributes.iter().zip(&b.attributes).map(|(x, y)| union(x, y)).collect();
    let (mut a, mut b) = (recoded(a, &attributes), recoded(b, &attributes));
    let classes = super::classes::united(&a.classes, &b.classes);
    a.classified(classes.clone());
    b.classified(classes);
    Ok(add(attributes, a, b).sorted())
}

fn union(a: &Attribute, b: &Attribute) -> Attribute {
    if let (Some(own), Some(others)) = (&a.sets, &b.sets) {
        // The groups are those of the audit file.
        let sets: BTreeSet<&Vec<u32>> = own.iter().chain(others).collect();
        return Attribute { sets: Some(sets.into_iter().cloned().collect()), ..a.clone() };
    }
    if a.groups == b.groups {
        return a.clone();
    }
    let all: BTreeSet<&String> = a.groups.iter().chain(&b.groups).collect();
    let mut groups: Vec<String> = all.into_iter().cloned().collect();
    sort_groups(&mut groups);
    Attribute { name: a.name.clone(), groups, sets: None }
}

/// The same evidence with codes that point into `attributes`.
fn recoded(mut evidence: Evidence, attributes: &[Attribute]) -> Evidence {
    let maps: Vec<Vec<u32>> = evidence.attributes.iter().zip(attributes).map(|(old, new)| codes(old, new)).collect();
    for lattice in &mut evidence.lattices {
        for signature in &mut lattice.atoms {
            for (code, &attribute) in signature.iter_mut().zip(&lattice.attributes) {
                *code = maps[attribute][*code as usize];
            }
        }
    }
    evidence
}

fn codes(old: &Attribute, new: &Attribute) -> Vec<u32> {
    if let (Some(old), Some(new)) = (&old.sets, &new.sets) {
        let place: BTreeMap<&Vec<u32>, u32> = new.iter().zip(1..).collect();
        return std::iter::once(UNKNOWN).chain(old.iter().map(|set| place[set])).collect();
    }
    let place: BTreeMap<&String, u32> = new.groups.iter().zip(1..).collect();
    let known = old.groups.iter().map(|group| place[group]);
    std::iter::once(UNKNOWN).chain(known).collect()
}

fn add(attributes: Vec<Attribute>, a: Evidence, b: Evidence) -> Evidence {
    let mut lattices = Vec::new();
    let (mut into_a, mut into_b) = (Vec::new(), Vec::new());
    for (x, y) in a.lattices.iter().zip(&b.lattices) {
        let atoms: BTreeSet<&Vec<u32>> = x.atoms.iter().chain(&y.atoms).collect();
        let place: BTreeMap<&Vec<u32>, u32> = atoms.iter().copied().zip(0..).collect();
        into_a.push(x.atoms.iter().map(|atom| place[atom]).collect::<Vec<_>>());
        into_b.push(y.atoms.iter().map(|atom| place[atom]).collect::<Vec<_>>());
        lattices.push(Lattice { attributes: x.attributes.clone(), atoms: atoms.into_iter().cloned().collect() });
    }
    let points = a.points.as_ref().zip(b.points.as_ref()).map(|(x, y)| add_points(x, &into_a, y, &into_b));
    let cells = if points.is_some() { Vec::new() } else { add_cells(&lattices, [(&a, &into_a), (&b, &into_b)]) };
    let without_weight = a.without_weight + b.without_weight;
    let repeated_ids = a.repeated_ids + b.repeated_ids;
    let rows_read = a.rows_read + b.rows_read;
    let cut_texts = added(&a.cut_texts, &b.cut_texts);
    let cut = cut([(a.cut, &into_a), (b.cut, &into_b)]);
    let (classes, mut unread) = (a.classes, a.unread);
    unread.merge(b.unread);
    let noise = super::Noise::merged(a.noise, b.noise);
    let mut unmapped = a.unmapped;
    unmapped.iter_mut().zip(&b.unmapped).for_each(|(own, more)| own.merge(more));
    let pairs = a.pairs.into_iter().chain(b.pairs).reduce(|mut sum, more| {
        sum.merge(more);
        sum
    });
    Evidence {
        attributes,
        lattices,
        cells,
        points,
        classes,
        rows_read,
        without_weight,
        repeated_ids,
        cut_texts,
        cut,
        unread,
        noise,
        unmapped,
        pairs,
    }
}

/// Counts of each model; a side that cut nothing has none.
fn added(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut sum = a.to_vec();
    super::add_counts(&mut sum, b);
    sum
}

/// The same by atom.
fn cut(parts: [(Cut, &Vec<Vec<u32>>); 2]) -> Cut {
    let mut sum = Cut::default();
    for (mut part, into) in parts {
        for (lattice, place) in into.iter().enumerate() {
            part.renumber(lattice, |atom| place[atom as usize]);
        }
        sum.merge(part);
    }
    sum
}

fn add_cells(lattices: &[Lattice], parts: [(&Evidence, &Vec<Vec<u32>>); 2]) -> Vec<Vec<Cells>> {
    let mut sum: Vec<Vec<Cells>> = lattices.iter().map(|l| vec![Cells::default(); l.atoms.len()]).collect();
    for (evidence, into) in parts {
        for (lattice, cells) in evidence.cells.iter().enumerate() {
            for (atom, counts) in cells.iter().enumerate() {
                sum[lattice][into[lattice][atom] as usize].merge(counts);
            }
        }
    }
    sum
}

fn add_points(a: &Points, into_a: &[Vec<u32>], b: &Points, into_b: &[Vec<u32>]) -> Points {
    let mut sum = Points::of_others(a.others.len());
    for (points, into) in [(a, into_a), (b, into_b)] {
        let from = sum.kinds.len();
        sum.append(points);
        let moved = |kind: &Vec<u32>| kind.iter().zip(into).map(|(&atom, into)| into[atom as usize]).collect();
        sum.kinds[from..].iter_mut().for_each(|kind| *kind = moved(kind));
    }
    sum
}
