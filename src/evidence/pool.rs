//! Pools the smallest groups of an attribute with too many, so that a report stays readable.

use super::{Cells, Evidence, UNKNOWN};
use std::collections::BTreeMap;

/// Groups of one attribute at most; with more, the smallest become one.
pub const MOST_GROUPS: usize = 100;
/// The name of the pooled group.
pub const OTHER: &str = "(other)";

/// Pools what exceeds 100 groups and says so, one sentence an attribute.
pub fn pool(mut evidence: Evidence) -> (Evidence, Vec<String>) {
    let notices = (0..evidence.attributes.len()).filter_map(|index| pool_attribute(&mut evidence, index)).collect();
    (evidence, notices)
}

fn pool_attribute(evidence: &mut Evidence, index: usize) -> Option<String> {
    let groups = evidence.attributes[index].groups.len();
    if groups <= MOST_GROUPS {
        return None;
    }
    let kept = largest(evidence, index, MOST_GROUPS - 1);
    recode(evidence, index, &kept);
    let names = std::mem::take(&mut evidence.attributes[index].groups);
    let kept_names = names.into_iter().zip(&kept).filter(|(_, new)| **new != 0).map(|(name, _)| name);
    evidence.attributes[index].groups = kept_names.chain([OTHER.to_string()]).collect();
    let name = &evidence.attributes[index].name;
    Some(format!("{name} has {groups} groups; the {} smallest are pooled as {OTHER}.", groups + 1 - MOST_GROUPS))
}

/// The new code (from 1) of each group that stays, 0 for those pooled.
fn largest(evidence: &Evidence, index: usize, keep: usize) -> Vec<u32> {
    let groups = &evidence.attributes[index].groups;
    let mut order: Vec<usize> = (0..groups.len()).collect();
    let sizes = sizes(evidence, index);
    order.sort_by(|&a, &b| sizes[b].cmp(&sizes[a]).then_with(|| groups[a].cmp(&groups[b])));
    let mut stays = vec![false; groups.len()];
    order.iter().take(keep).for_each(|&group| stays[group] = true);
    let mut next = 0;
    let code = |stay: bool| {
        if stay {
            next += 1;
            next
        } else {
            0
        }
    };
    stays.into_iter().map(code).collect()
}

fn sizes(evidence: &Evidence, index: usize) -> Vec<u64> {
    let mut sizes = vec![0; evidence.attributes[index].groups.len()];
    let Some((lattice, at)) = positions(evidence, index).next() else { return sizes };
    for (signature, cells) in evidence.lattices[lattice].atoms.iter().zip(&evidence.cells[lattice]) {
        if signature[at] != UNKNOWN {
            sizes[signature[at] as usize - 1] += cells.rows();
        }
    }
    sizes
}

/// Where an attribute stands: each lattice that has it, and its place in the signatures.
fn positions(evidence: &Evidence, attribute: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
    let found = move |lattice: &super::Lattice| lattice.attributes.iter().position(|&a| a == attribute);
    evidence.lattices.iter().enumerate().filter_map(move |(index, lattice)| Some((index, found(lattice)?)))
}

fn recode(evidence: &mut Evidence, index: usize, kept: &[u32]) {
    let found: Vec<(usize, usize)> = positions(evidence, index).collect();
    for (lattice, at) in found {
        for signature in &mut evidence.lattices[lattice].atoms {
            let code = signature[at];
            if code != UNKNOWN {
                let new = kept[code as usize - 1];
                signature[at] = if new == 0 { MOST_GROUPS as u32 } else { new };
            }
        }
        unite_equal_atoms(evidence, lattice);
    }
}

fn unite_equal_atoms(evidence: &mut Evidence, lattice: usize) {
    let atoms = std::mem::take(&mut evidence.lattices[lattice].atoms);
    let mut united = BTreeMap::<Vec<u32>, Cells>::new();
    for (signature, cells) in atoms.iter().zip(std::mem::take(&mut evidence.cells[lattice])) {
        united.entry(signature.clone()).or_default().merge(&cells);
    }
    let place: BTreeMap<&Vec<u32>, u32> = united.keys().zip(0..).collect();
    if let Some(points) = &mut evidence.points {
        points.kinds.iter_mut().for_each(|kind| kind[lattice] = place[&atoms[kind[lattice] as usize]]);
    }
    evidence.cut.renumber(lattice, |atom| place[&atoms[atom as usize]]);
    (evidence.lattices[lattice].atoms, evidence.cells[lattice]) = united.into_iter().unzip();
}
