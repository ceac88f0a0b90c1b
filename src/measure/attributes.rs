//! Metrics of all groups of an attribute together, with percentile intervals of a bootstrap over the
//! cells. Of weighted rows a cell's weight is drawn anew in the Bayesian bootstrap's law; of rows with units it is
//! the units that are.

use super::aggregates::{BLOCK, REPLICATES, estimate};
use super::clusters::{self, Clusters, Weighed};
use super::rows::ByRows;
use super::sample::Part;
use super::{Declared, Family, Slices};
use crate::config::Audit;
use crate::evidence::{Cell, POSITIVE};
use crate::metrics::{Against, Confusion, Formula, Metric, Side, Tally, side};
use crate::result::{Aggregate, Reason, Subject};
use crate::stats::{Draws, Sum, multinomial};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The name of the one aggregate that such a metric has.
pub(super) const VALUE: &str = "value";

/// Every such metric over every family, for base, tuned and their change, or for the pair.
pub(super) fn attributes(
    audit: &Audit,
    declared: &Declared,
    slices: &Slices,
    by_rows: Option<&ByRows>,
) -> Vec<Aggregate> {
    let weighted = audit.weighs_or_groups_rows();
    let parts = |family: &Family| by_rows.filter(|_| weighted).map(|rows| rows.sample().slices(family));
    let of = |family: &Family| {
        let groups = match parts(family) {
            Some(parts) if audit.data.unit.is_some() => Groups::Units(Clusters::of(&parts)),
            Some(parts) => Groups::Rows(parts.iter().map(weighed).collect()),
            None => Groups::Cells(family.slices.iter().map(|slice| slice.cells.iter().collect()).collect()),
        };
        Frame { audit, declared, family, groups }.aggregates()
    };
    slices.disjoint().into_par_iter().flat_map_iter(of).collect()
}

/// What a family's groups are counted from.
enum Groups {
    /// Cells, which can be drawn anew.
    Cells(Vec<Vec<(Cell, u64)>>),
    /// Cells with the sum of their rows' weights, and that of the squares.
    Rows(Vec<Vec<(Cell, [f64; 2])>>),
    /// Rows that belong to units.
    Units(Clusters),
}

struct Frame<'a> {
    audit: &'a Audit,
    declared: &'a Declared,
    family: &'a Family,
    groups: Groups,
}

/// One number: a metric, and what it is computed from.
#[derive(Clone, Copy)]
struct Wanted {
    metric: &'static Metric,
    from: Counting,
    of: fn(&[Tally]) -> Option<f64>,
}

/// Whose decisions are counted, and what they are held against.
#[derive(Clone, Copy, PartialEq)]
struct Counting {
    model: Subject,
    against: Against,
}

impl Frame<'_> {
    fn aggregates(&self) -> Vec<Aggregate> {
        let wanted = self.wanted();
        if wanted.is_empty() {
            return Vec::new();
        }
        let points: Vec<Option<f64>> = wanted.iter().map(|one| self.point(one)).collect();
        let draws = self.draws(&wanted);
        let mut found = Vec::new();
        for (at, one) in wanted.iter().enumerate() {
            let drawn = draws.iter().filter_map(|draw| draw[at]).collect();
            found.push(self.aggregate(one.metric, one.from.model, points[at], drawn));
            let after_base = one.from.model == Subject::Tuned && at > 0 && wanted[at - 1].metric.id == one.metric.id;
            if after_base && (self.declared.same_question || one.metric.needs_labels) {
                let change = |pair: &[Option<f64>]| Some(pair[at]? - pair[at - 1]?);
                let drawn = draws.iter().filter_map(|draw| change(draw)).collect();
                found.push(self.aggregate(one.metric, Subject::Change, change(&points), drawn));
            }
        }
        found
    }

    fn wanted(&self) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        for metric in self.declared.metrics() {
            let Formula::Attribute { against, of } = metric.formula else { continue };
            let usable = |side: usize| self.declared.has[side] && (!metric.needs_labels || self.declared.labeled[side]);
            let models: &[(usize, Subject)] = match against {
                Against::Base if usable(0) && self.declared.same_question => &[(1, Subject::Pair)],
                Against::Base => &[],
                _ => &[(0, Subject::Base), (1, Subject::Tuned)],
            };
            let models = models.iter().filter(|(side, _)| usable(*side));
            wanted.extend(models.map(|&(_, model)| Wanted { metric, from: Counting { model, against }, of }));
        }
        wanted
    }

    /// Groups of enough rows.
    fn entering(&self) -> Vec<usize> {
        let least = self.declared.min_support.max(1);
        (0..self.family.slices.len()).filter(|&at| self.family.slices[at].cells.rows() >= least).collect()
    }

    fn point(&self, one: &Wanted) -> Option<f64> {
        let groups: Vec<Weighed> = match &self.groups {
            Groups::Cells(groups) => {
                groups.iter().map(|cells| cells.iter().map(|(c, n)| (*c, *n as f64)).collect()).collect()
            }
            Groups::Rows(groups) => {
                groups.iter().map(|cells| cells.iter().map(|(c, [sum, _])| (*c, *sum)).collect()).collect()
            }
            Groups::Units(units) => units.totals(),
        };
        let tally = |group: usize| of_cells(one.from, groups[group].iter().copied());
        (one.of)(&self.entering().into_iter().map(tally).collect::<Vec<_>>())
    }

    fn draws(&self, wanted: &[Wanted]) -> Vec<Vec<Option<f64>>> {
        let mut draws = Draws::new(self.audit.stats.seed, &format!("attributes/{}", self.family.name));
        let entering = self.entering();
        // What several metrics are computed from is counted once.
        let mut distinct: Vec<Counting> = Vec::new();
        for one in wanted {
            if !distinct.contains(&one.from) {
                distinct.push(one.from);
            }
        }
        let all = |drawn: &[Weighed]| {
            let of_groups = |from: Counting| drawn.iter().map(|cells| of_cells(from, cells.iter().copied())).collect();
            let tallies: Vec<(Counting, Vec<Tally>)> = distinct.iter().map(|from| (*from, of_groups(*from))).collect();
            let of = |one: &Wanted| tallies.iter().find(|(from, _)| *from == one.from).and_then(|(_, t)| (one.of)(t));
            wanted.iter().map(of).collect()
        };
        let mut replicate = || -> Vec<Weighed> {
            match &self.groups {
                Groups::Cells(groups) => entering.iter().map(|&at| counted_anew(&groups[at], &mut draws)).collect(),
                Groups::Rows(groups) => entering.iter().map(|&at| weighed_anew(&groups[at], &mut draws)).collect(),
                Groups::Units(units) => {
                    let mut groups = units.anew(&mut draws);
                    entering.iter().map(|&at| std::mem::take(&mut groups[at])).collect()
                }
            }
        };
        let block = |_| (0..BLOCK).map(|_| replicate()).collect::<Vec<_>>();
        let tallied = |drawn: Vec<Vec<Weighed>>| drawn.par_iter().map(|groups| all(groups)).collect::<Vec<_>>();
        (0..REPLICATES / BLOCK).map(block).flat_map(tallied).collect()
    }

    fn aggregate(&self, metric: &Metric, model: Subject, point: Option<f64>, drawn: Vec<f64>) -> Aggregate {
        let entering = self.entering();
        let support = entering.iter().map(|&at| self.family.slices[at].cells.rows()).sum();
        let over = (entering.len(), support);
        let estimate = estimate(point, drawn, self.audit.stats.confidence, over, Reason::NotDefined);
        let (metric, attribute) = (metric.id.into(), self.family.name.clone());
        Aggregate { metric, class: None, attribute, aggregate: VALUE.into(), model, estimate }
    }
}

/// A bootstrap draw of the rows' counts.
fn counted_anew(cells: &[(Cell, u64)], draws: &mut Draws) -> Weighed {
    let counts: Vec<u64> = cells.iter().map(|(_, n)| *n).collect();
    let mut drawn = vec![0; counts.len()];
    multinomial(&counts, &mut drawn, draws);
    cells.iter().zip(drawn).map(|((cell, _), n)| (*cell, n as f64)).collect()
}

/// A bootstrap draw of the rows' weights.
fn weighed_anew(cells: &[(Cell, [f64; 2])], draws: &mut Draws) -> Weighed {
    cells.iter().map(|(cell, [sum, squares])| (*cell, draws.weight(*sum, *squares))).collect()
}

fn of_cells(from: Counting, cells: impl Iterator<Item = (Cell, f64)>) -> Tally {
    let mut tally = Tally::default();
    for (cell, n) in cells {
        let label = |side: usize| cell.label[side].map(|label| label == POSITIVE);
        add(&mut tally, from, [side(&cell, 0), side(&cell, 1)], [label(0), label(1)], n);
    }
    tally
}

/// The cells of a group's rows, with what they weigh.
fn weighed(part: &Part) -> Vec<(Cell, [f64; 2])> {
    let mut cells = BTreeMap::<Cell, [Sum; 2]>::new();
    for (row, weight) in part.columns[0].weight.iter().enumerate() {
        let [sum, squares] = cells.entry(clusters::cell(part, row)).or_default();
        sum.add(*weight);
        squares.add(weight.powi(2));
    }
    cells.into_iter().map(|(cell, sums)| (cell, sums.map(|sum| sum.value()))).collect()
}

/// Counts one row. What decisions are held against is of the same rows: those with a label, or those
/// that both models decided.
fn add(tally: &mut Tally, from: Counting, sides: [Option<Side>; 2], labels: [Option<bool>; 2], n: f64) {
    let model = usize::from(from.model != Subject::Base);
    let Some(own) = sides[model] else { return };
    if let Some(label) = own.label {
        tally.labeled[Confusion::place(label, own.said)] += n;
    }
    let before = match from.against {
        Against::Labels => labels[model],
        Against::Base => sides[0].map(|base| base.said),
        Against::Nothing => Some(false),
    };
    if let Some(before) = before {
        tally.decided = [tally.decided[0] + n, tally.decided[1] + if own.said { n } else { 0.0 }];
        tally.before = [tally.before[0] + n, tally.before[1] + if before { n } else { 0.0 }];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Cells;
    use crate::metrics;

    #[test]
    fn a_row_without_a_label_is_decided_and_no_more() {
        let metric = metrics::find("differential_fairness").expect("it is in the table");
        let Formula::Attribute { against, .. } = metric.formula else { panic!("it is over groups") };
        let from = Counting { model: Subject::Tuned, against };
        let mut cells = Cells::default();
        cells.add(Cell { label: [None, None], said: [None, Some(POSITIVE)] }, 3);
        let tally = of_cells(from, cells.iter().map(|(cell, n)| (cell, n as f64)));
        assert_eq!((tally.labeled, tally.decided), ([0.0; 4], [3.0, 3.0]));
    }
}
