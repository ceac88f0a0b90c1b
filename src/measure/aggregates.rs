//! One number over all groups of an attribute, named and defined as in fairlearn's MetricFrame.
//!
//! Two deviations, both where fairlearn invents a number: a group without rows in the condition is
//! left out (fairlearn counts its rate as 0), and a ratio over zero is undefined (fairlearn: NaN).
//! Groups below `min_support` are left out too. Intervals are percentiles of a bootstrap over the
//! cells (statistics.md section 6); a spread of many small groups is biased upwards, so verdicts
//! are never made of aggregates.

use super::classes::View;
use super::values::pair_exists;
use super::{Declared, Family, Slices};
use crate::config::Audit;
use crate::evidence::{Cell, Cells, POSITIVE};
use crate::metrics::{Formula, Metric, side};
use crate::result::{Aggregate, Estimate, Reason, Subject};
use crate::stats::{Draws, multinomial, percentiles};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Ids of the aggregates: largest minus smallest group; smallest over largest; smallest; largest;
/// largest distance of a group from everyone.
pub const AGGREGATES: [&str; 5] = ["difference", "ratio", "group_min", "group_max", "to_overall"];
pub(super) const RATIO: usize = 1;
pub(super) const REPLICATES: usize = 1000;
/// Replicates that are drawn one after another, while others work on other blocks.
pub(super) const BLOCK: usize = 50;

/// The aggregates of every rate of counts; those that are `covered` elsewhere are left out.
pub(super) fn aggregates(
    audit: &Audit,
    declared: &Declared,
    slices: &Slices,
    covered: &(impl Fn(&Metric) -> bool + Sync),
) -> Vec<Aggregate> {
    let of_family =
        |family: &Family| Frame::new(declared, family, audit.stats.confidence, covered).aggregates(audit.stats.seed);
    slices.disjoint().into_par_iter().flat_map_iter(of_family).collect()
}

/// One metric under one model, with the groups that enter.
struct Column {
    metric: &'static Metric,
    model: Subject,
    /// Which cells are inside the condition, and which of them are events.
    rate: Rate,
    /// Which groups enter: defined, with enough support.
    enters: Vec<bool>,
}

/// A rate over cells, as two masks to lay over their counts: all ones where a cell counts, else 0.
struct Rate(Vec<[u64; 2]>);

/// The cells of every group of a family (the last one is everyone unknown) under every metric.
struct Frame<'a> {
    family: &'a Family,
    /// Rows of each group in each cell that any of them has.
    counts: Vec<Vec<u64>>,
    columns: Vec<Column>,
    confidence: f64,
}

/// The aggregates, in the order of [`AGGREGATES`].
pub(super) type Five = [Option<f64>; 5];

/// The aggregates of groups that lie between two numbers, beside that of everyone.
pub(super) fn five(smallest: f64, largest: f64, overall: Option<f64>) -> Five {
    let farthest = overall.map(|overall| (smallest - overall).abs().max((largest - overall).abs()));
    let ratio = (largest > 0.0 && smallest >= 0.0).then(|| smallest / largest);
    [Some(largest - smallest), ratio, Some(smallest), Some(largest), farthest]
}

/// Tuned minus base of an aggregate; for the ratio tuned over base.
pub(super) fn change(kind: usize, base: f64, tuned: f64) -> Option<f64> {
    if kind != RATIO { Some(tuned - base) } else { (base > 0.0).then(|| tuned / base) }
}

/// A number over so many groups with the percentiles of its draws, where nearly all of them have one;
/// `otherwise` tells why there is none of two groups or more.
pub(super) fn estimate(
    point: Option<f64>,
    draws: Vec<f64>,
    confidence: f64,
    (groups, support): (usize, u64),
    otherwise: Reason,
) -> Estimate {
    match point {
        Some(value) => {
            let (low, high) = percentiles(draws, REPLICATES, confidence).unzip();
            Estimate::Known { value, low, high, support }
        }
        None if groups < 2 => Estimate::Undefined { undefined: Reason::TooFewGroups },
        None => Estimate::Undefined { undefined: otherwise },
    }
}

impl<'a> Frame<'a> {
    fn new(declared: &Declared, family: &'a Family, confidence: f64, covered: &impl Fn(&Metric) -> bool) -> Frame<'a> {
        let groups = || family.slices.iter().map(|slice| &slice.cells).chain([&family.unknown]);
        let cells: BTreeSet<Cell> = groups().flat_map(Cells::iter).map(|(cell, _)| cell).collect();
        let counts: Vec<Vec<u64>> =
            groups().map(|group| cells.iter().map(|cell| group.count(cell)).collect()).collect();
        let mut columns = Vec::new();
        for metric in declared.metrics().filter(|metric| !covered(metric)) {
            for model in subjects(declared, metric) {
                columns.push(Column::new(declared, metric, model, &cells, &counts));
            }
        }
        Frame { family, counts, columns, confidence }
    }

    fn aggregates(self, seed: u64) -> Vec<Aggregate> {
        if self.columns.is_empty() {
            return Vec::new();
        }
        let points: Vec<Five> = self.columns.iter().map(|column| column.five(&self.counts)).collect();
        let replicates = self.replicates(seed);
        let of_column = |index: usize| {
            let (column, kinds) = (&self.columns[index], 0..AGGREGATES.len());
            let one = |kind: usize| {
                let draws = replicates.iter().filter_map(|draw| draw[index][kind]).collect();
                self.aggregate(column, column.model, kind, points[index][kind], draws)
            };
            let after_base = index > 0 && self.columns[index - 1].metric.id == column.metric.id;
            let changes = kinds.clone().filter(|_| column.model == Subject::Tuned && after_base);
            let change = |kind: usize| self.change(index, kind, &points, &replicates);
            kinds.map(one).chain(changes.map(change)).collect::<Vec<_>>()
        };
        (0..self.columns.len()).into_par_iter().flat_map_iter(of_column).collect()
    }

    /// The change of an aggregate. Base stands just before tuned.
    fn change(&self, index: usize, aggregate: usize, points: &[Five], replicates: &[Vec<Five>]) -> Aggregate {
        let change = |row: &[Five]| self::change(aggregate, row[index - 1][aggregate]?, row[index][aggregate]?);
        let draws = replicates.iter().filter_map(|draw| change(draw)).collect();
        self.aggregate(&self.columns[index], Subject::Change, aggregate, change(points), draws)
    }

    fn aggregate(
        &self,
        column: &Column,
        model: Subject,
        kind: usize,
        point: Option<f64>,
        draws: Vec<f64>,
    ) -> Aggregate {
        let groups = column.enters.iter().filter(|&&enters| enters).count();
        let over = (groups, self.support(column));
        let estimate = estimate(point, draws, self.confidence, over, Reason::ZeroDenominator);
        Aggregate {
            metric: column.metric.id.into(),
            class: None,
            attribute: self.family.name.clone(),
            aggregate: AGGREGATES[kind].into(),
            model,
            estimate,
        }
    }

    /// Rows inside the condition in the groups that enter.
    fn support(&self, column: &Column) -> u64 {
        let groups = self.counts.iter().zip(&column.enters).filter(|(_, enters)| **enters);
        groups.map(|(counts, _)| column.rate.of(counts).1).sum()
    }

    /// All aggregates of bootstrap draws of the whole family; one draw serves every metric.
    fn replicates(&self, seed: u64) -> Vec<Vec<Five>> {
        let block = |block: usize| {
            let mut draws = Draws::new(seed, &format!("aggregates/{}/{block}", self.family.name));
            let mut counts = self.counts.clone();
            (0..BLOCK).map(|_| self.replicate(&mut counts, &mut draws)).collect::<Vec<_>>()
        };
        (0..REPLICATES / BLOCK).into_par_iter().flat_map_iter(block).collect()
    }

    fn replicate(&self, drawn: &mut [Vec<u64>], draws: &mut Draws) -> Vec<Five> {
        self.counts.iter().zip(drawn.iter_mut()).for_each(|(counts, drawn)| multinomial(counts, drawn, draws));
        self.columns.iter().map(|column| column.five(drawn)).collect()
    }
}

fn subjects(declared: &Declared, metric: &Metric) -> Vec<Subject> {
    let usable = |side: usize| declared.has[side] && declared.lacks(metric, side).is_none();
    if declared.view == View::Mean {
        return Vec::new();
    }
    match metric.formula {
        Formula::Rate(_) => {
            let both = [(0, Subject::Base), (1, Subject::Tuned)];
            both.into_iter().filter(|(side, _)| usable(*side)).map(|(_, model)| model).collect()
        }
        Formula::Labels(_) if declared.has_labels() => vec![Subject::Labels],
        Formula::Paired(_) if pair_exists(declared, metric) => vec![Subject::Pair],
        _ => Vec::new(),
    }
}

impl Column {
    fn new(
        declared: &Declared,
        metric: &'static Metric,
        model: Subject,
        cells: &BTreeSet<Cell>,
        counts: &[Vec<u64>],
    ) -> Column {
        let event = |cell: &Cell| match metric.formula {
            Formula::Rate(event) => side(cell, usize::from(model == Subject::Tuned)).and_then(event),
            Formula::Labels(event) => cell.label[1].and_then(|label| event(label == POSITIVE)),
            Formula::Paired(event) => event(side(cell, 0)?, side(cell, 1)?, declared.favorable),
            _ => None,
        };
        let rate = Rate::new(cells.iter().map(event));
        let mut enters: Vec<bool> =
            counts.iter().map(|counts| rate.of(counts).1 >= declared.min_support.max(1)).collect();
        if let Some(unknown) = enters.last_mut() {
            *unknown = false;
        }
        Column { metric, model, rate, enters }
    }

    /// All aggregates over groups of these counts.
    fn five(&self, counts: &[Vec<u64>]) -> Five {
        let (mut all, mut groups) = ((0, 0), 0);
        let (mut smallest, mut largest) = (f64::INFINITY, f64::NEG_INFINITY);
        for (counts, &enters) in counts.iter().zip(&self.enters) {
            let (events, rows) = self.rate.of(counts);
            all = (all.0 + events, all.1 + rows);
            if enters && rows > 0 {
                let rate = events as f64 / rows as f64;
                (smallest, largest, groups) = (smallest.min(rate), largest.max(rate), groups + 1);
            }
        }
        if groups < 2 {
            return [None; 5];
        }
        five(smallest, largest, Some(all.0 as f64 / all.1 as f64))
    }
}

impl Rate {
    fn new(events: impl Iterator<Item = Option<bool>>) -> Rate {
        let mask = |counts: bool| if counts { u64::MAX } else { 0 };
        Rate(events.map(|event| [mask(event == Some(true)), mask(event.is_some())]).collect())
    }

    /// (events, rows in the condition).
    fn of(&self, counts: &[u64]) -> (u64, u64) {
        let cells = self.0.iter().zip(counts);
        cells.fold((0, 0), |(events, rows), ([event, inside], n)| (events + (n & event), rows + (n & inside)))
    }
}
