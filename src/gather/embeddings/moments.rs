//! Moments of both embeddings, of everyone and of groups: what similarity needs, at a cost that the rows do not enter.

use super::Page;
use crate::evidence::UNKNOWN;
use crate::stats::representation::Similarity;
use ndarray::{Array2, Axis};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Groups at most; of more, those that come first, and of the first chunk the largest.
const MOST_GROUPS: usize = 20;
/// Bytes that the moments of groups may take.
const MOST_BYTES: usize = 1 << 29;

/// An attribute and a code of it.
type Group = (usize, u32);

/// Moments of everyone, of groups, and of those whose group is unknown.
pub(super) struct Moments {
    /// The attributes of which a row has one group: of sets there would be too many.
    attributes: Vec<usize>,
    all: Option<Similarity>,
    groups: BTreeMap<Group, Similarity>,
    /// Groups that found no room.
    left_out: BTreeSet<Group>,
}

impl Moments {
    pub fn new(attributes: Vec<usize>) -> Moments {
        Moments { attributes, all: None, groups: BTreeMap::new(), left_out: BTreeSet::new() }
    }

    /// Adds the rows of a page.
    pub fn add(&mut self, page: &Page) {
        let [Some(base), Some(tuned)] = [0, 1].map(|side| page.embedded[side].as_ref().map(|one| &one.rows)) else {
            return;
        };
        let rows = rows_of(page, &self.attributes);
        self.admit(&rows, [base.ncols(), tuned.ncols()]);
        let all = self.all.get_or_insert_default();
        let groups = self.groups.iter_mut().filter_map(|(group, kept)| Some((kept, rows.get(group)?)));
        let mut work: Vec<(&mut Similarity, Option<&Vec<usize>>)> =
            groups.map(|(kept, rows)| (kept, Some(rows))).collect();
        work.push((all, None));
        work.into_par_iter().for_each(|(kept, rows)| match rows {
            Some(rows) => kept.add(chosen(base, rows).view(), chosen(tuned, rows).view()),
            None => kept.add(base.view(), tuned.view()),
        });
    }

    /// Makes room for groups that are new, the largest first. The unknown do not count, since their number is
    /// that of the attributes; without them the rest of a group would not be known.
    fn admit(&mut self, rows: &BTreeMap<Group, Vec<usize>>, widths: [usize; 2]) {
        let new = |group: &Group| !self.groups.contains_key(group) && !self.left_out.contains(group);
        let mut groups: Vec<Group> = rows.keys().copied().filter(new).collect();
        groups.sort_by_key(|group| (std::cmp::Reverse(rows[group].len()), *group));
        for group in groups {
            let known = self.groups.keys().filter(|group| group.1 != UNKNOWN).count();
            if group.1 == UNKNOWN || known < most(widths) {
                self.groups.insert(group, Similarity::default());
            } else {
                self.left_out.insert(group);
            }
        }
    }

    /// Of everyone.
    pub fn all(&self) -> Option<&Similarity> {
        self.all.as_ref()
    }

    /// The groups, by attribute and code, each with its rest: those whose group is known, and another.
    pub fn groups(&self) -> impl Iterator<Item = (Group, &Similarity, Similarity)> {
        self.groups.iter().filter(|(group, _)| group.1 != UNKNOWN).map(|(&group, kept)| {
            let unknown = self.groups.get(&(group.0, UNKNOWN)).cloned().unwrap_or_default();
            (group, kept, self.all.clone().unwrap_or_default().minus(unknown).minus(kept.clone()))
        })
    }

    /// Groups that found no room.
    pub fn left_out(&self) -> usize {
        self.left_out.len()
    }
}

/// Groups that have room, by the numbers that the moments of one take.
pub(super) fn most(widths: [usize; 2]) -> usize {
    (MOST_BYTES / bytes(widths).max(1)).clamp(1, MOST_GROUPS)
}

/// Bytes of the moments of one set of people.
pub(super) fn bytes([base, tuned]: [usize; 2]) -> usize {
    size_of::<f64>()
        .saturating_mul(base.saturating_mul(base) + base.saturating_mul(tuned) + tuned.saturating_mul(tuned))
}

/// The rows of each group of these attributes in a page.
fn rows_of(page: &Page, attributes: &[usize]) -> BTreeMap<Group, Vec<usize>> {
    let mut rows: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
    for (attribute, codes) in attributes.iter().filter_map(|&at| Some((at, page.codes.get(at)?))) {
        codes.iter().enumerate().for_each(|(row, &code)| rows.entry((attribute, code)).or_default().push(row));
    }
    rows
}

fn chosen(table: &Array2<f32>, rows: &[usize]) -> Array2<f32> {
    table.select(Axis(0), rows)
}
