//! One number over all groups of an attribute, named and defined as in fairlearn's MetricFrame.
//!
//! Two deviations, both where fairlearn invents a number: a group without rows in the condition is
//! left out (fairlearn counts its rate as 0), and a ratio over zero is undefined (fairlearn: NaN).
//! Groups below `min_support` are left out too. Intervals are percentiles of a bootstrap over the
//! cells (statistics.md section 6); a spread of many small groups is biased upwards, so verdicts
//! are never made of aggregates.

use super::values::pair_exists;
use super::{Declared, Family, Slices};
use crate::config::Audit;
use crate::evidence::{Cells, POSITIVE};
use crate::metrics::{self, Formula, Metric, side};
use crate::result::{Aggregate, Estimate, Reason, Subject};
use crate::stats::{Draws, multinomial, percentiles};
use rayon::prelude::*;

/// Ids of the aggregates: largest minus smallest group; smallest over largest; smallest; largest;
/// largest distance of a group from everyone.
pub const AGGREGATES: [&str; 5] = ["difference", "ratio", "group_min", "group_max", "to_overall"];
pub(super) const RATIO: usize = 1;
const REPLICATES: usize = 1000;
/// Replicates that share a stream of draws, so that blocks can be drawn side by side.
const BLOCK: usize = 50;

/// The aggregates of every rate of counts; those that are `covered` elsewhere are left out.
pub(super) fn aggregates(
    audit: &Audit,
    declared: &Declared,
    slices: &Slices,
    covered: &(impl Fn(&Metric) -> bool + Sync),
) -> Vec<Aggregate> {
    let of_family =
        |family: &Family| Frame::new(declared, family, audit.stats.confidence, covered).aggregates(audit.stats.seed);
    slices.families.par_iter().flat_map_iter(of_family).collect()
}

/// One metric under one model, with the groups that enter.
struct Column {
    metric: &'static Metric,
    model: Subject,
    /// For each group, for each of its cells: the event, `None` outside the condition.
    events: Vec<Vec<Option<bool>>>,
    /// Which groups enter: defined, with enough support.
    enters: Vec<bool>,
}

/// The cells of every group of a family (the last one is everyone unknown) under every metric.
struct Frame<'a> {
    family: &'a Family,
    counts: Vec<Vec<u64>>,
    columns: Vec<Column>,
    confidence: f64,
}

type Five = [Option<f64>; 5];

impl<'a> Frame<'a> {
    fn new(declared: &Declared, family: &'a Family, confidence: f64, covered: &impl Fn(&Metric) -> bool) -> Frame<'a> {
        let groups: Vec<&Cells> = family.slices.iter().map(|slice| &slice.cells).chain([&family.unknown]).collect();
        let counts: Vec<Vec<u64>> = groups.iter().map(|cells| cells.iter().map(|(_, n)| n).collect()).collect();
        let mut columns = Vec::new();
        for metric in metrics::all().filter(|metric| !covered(metric)) {
            for model in subjects(declared, metric) {
                columns.push(column(declared, metric, model, &groups, &counts));
            }
        }
        Frame { family, counts, columns, confidence }
    }

    fn aggregates(self, seed: u64) -> Vec<Aggregate> {
        let points: Vec<Five> = self.columns.iter().map(|column| five(column, &self.counts)).collect();
        let replicates = self.replicates(seed);
        let mut found = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            for aggregate in 0..AGGREGATES.len() {
                let draws = replicates.iter().filter_map(|draw| draw[index][aggregate]).collect();
                found.push(self.aggregate(column, column.model, aggregate, points[index][aggregate], draws));
            }
            if column.model == Subject::Tuned && index > 0 && self.columns[index - 1].metric.id == column.metric.id {
                found
                    .extend((0..AGGREGATES.len()).map(|aggregate| self.change(index, aggregate, &points, &replicates)));
            }
        }
        found
    }

    /// Tuned minus base of an aggregate; for the ratio tuned over base. Base stands just before tuned.
    fn change(&self, index: usize, aggregate: usize, points: &[Five], replicates: &[Vec<Five>]) -> Aggregate {
        let change = |row: &[Five]| {
            let (base, tuned) = (row[index - 1][aggregate]?, row[index][aggregate]?);
            if aggregate != RATIO { Some(tuned - base) } else { (base > 0.0).then(|| tuned / base) }
        };
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
        let estimate = match point {
            Some(value) => {
                let (low, high) = percentiles(draws, self.confidence).unzip();
                Estimate::Known { value, low, high, support: self.support(column) }
            }
            None if groups < 2 => Estimate::Undefined { undefined: Reason::TooFewGroups },
            None => Estimate::Undefined { undefined: Reason::ZeroDenominator },
        };
        Aggregate {
            metric: column.metric.id.into(),
            attribute: self.family.name.clone(),
            aggregate: AGGREGATES[kind].into(),
            model,
            estimate,
        }
    }

    /// Rows inside the condition in the groups that enter.
    fn support(&self, column: &Column) -> u64 {
        let groups = column.events.iter().zip(&self.counts).zip(&column.enters).filter(|(_, enters)| **enters);
        groups.map(|((events, counts), _)| rate(events, counts).1).sum()
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
        self.columns.iter().map(|column| five(column, drawn)).collect()
    }
}

fn subjects(declared: &Declared, metric: &Metric) -> Vec<Subject> {
    let usable = |side: usize| declared.has[side] && (!metric.needs_labels || declared.labeled[side]);
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

fn column(
    declared: &Declared,
    metric: &'static Metric,
    model: Subject,
    groups: &[&Cells],
    counts: &[Vec<u64>],
) -> Column {
    let event = |cell: &crate::evidence::Cell| match metric.formula {
        Formula::Rate(event) => side(cell, usize::from(model == Subject::Tuned)).and_then(event),
        Formula::Labels(event) => cell.label[1].and_then(|label| event(label == POSITIVE)),
        Formula::Paired(event) => event(side(cell, 0)?, side(cell, 1)?, declared.favorable),
        _ => None,
    };
    let events: Vec<Vec<Option<bool>>> =
        groups.iter().map(|cells| cells.iter().map(|(cell, _)| event(&cell)).collect()).collect();
    let enough =
        |(events, counts): (&Vec<Option<bool>>, &Vec<u64>)| rate(events, counts).1 >= declared.min_support.max(1);
    let mut enters: Vec<bool> = events.iter().zip(counts).map(enough).collect();
    if let Some(unknown) = enters.last_mut() {
        *unknown = false;
    }
    Column { metric, model, events, enters }
}

/// (events, rows in the condition).
fn rate(events: &[Option<bool>], counts: &[u64]) -> (u64, u64) {
    let inside = events.iter().zip(counts).filter_map(|(event, &n)| Some(((*event)?, n)));
    inside.fold((0, 0), |(sum, rows), (event, n)| (sum + if event { n } else { 0 }, rows + n))
}

fn five(column: &Column, counts: &[Vec<u64>]) -> Five {
    let tables: Vec<(u64, u64)> =
        column.events.iter().zip(counts).map(|(events, counts)| rate(events, counts)).collect();
    let entering = tables.iter().zip(&column.enters).filter(|(_, enters)| **enters).map(|(table, _)| table);
    let rates: Vec<f64> =
        entering.filter(|(_, rows)| *rows > 0).map(|&(events, rows)| events as f64 / rows as f64).collect();
    if rates.len() < 2 {
        return [None; 5];
    }
    let (events, rows) = tables.iter().fold((0, 0), |(a, b), (x, y)| (a + x, b + y));
    let overall = events as f64 / rows as f64;
    let smallest = rates.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = rates.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let farthest = rates.iter().map(|rate| (rate - overall).abs()).fold(0.0, f64::max);
    let ratio = (largest > 0.0).then(|| smallest / largest);
    [Some(largest - smallest), ratio, Some(smallest), Some(largest), Some(farthest)]
}
