//! Aggregates over groups of numbers that are no plain counts: composites, metrics of scores, and all
//! metrics of rows with weights or units.
//!
//! Their intervals are percentiles of draws from the normal law of each group's estimates, base and
//! tuned together (a parametric bootstrap; Efron & Tibshirani 1993, section 6.5).

use super::aggregates::{AGGREGATES, Five, REPLICATES, change, estimate, five};
use super::classes::View;
use super::means::mean_of_cells;
use super::measured::Measured;
use super::rows::ByRows;
use super::tables;
use super::values::comparable;
use super::{Declared, Family, Slices};
use crate::config::Audit;
use crate::evidence::Cells;
use crate::metrics::{Formula, Metric};
use crate::result::{Aggregate, Reason, Subject};
use crate::stats::{Contrast, Draws, Duo, Limits, Marginal, bivariate_normal};
use rayon::prelude::*;

/// The aggregates of every such metric over every family.
pub(super) fn spreads(audit: &Audit, declared: &Declared, slices: &Slices, by_rows: Option<&ByRows>) -> Vec<Aggregate> {
    let covered = |metric: &Metric| by_rows.is_some_and(|rows| rows.covers(metric));
    let usable = |metric: &&'static Metric| {
        let composite = matches!(metric.formula, Formula::Composite { .. });
        (composite || covered(metric) || declared.view == View::Mean) && (!metric.needs_labels || declared.has_labels())
    };
    let metrics: Vec<&'static Metric> = declared.metrics().filter(usable).collect();
    let each =
        slices.disjoint().into_par_iter().flat_map_iter(|family| metrics.iter().map(move |metric| (family, *metric)));
    let of = |(family, metric): (&Family, &'static Metric)| {
        let measured = |id: &str, cells: &Cells| match by_rows.filter(|rows| rows.covers(metric)) {
            Some(rows) => rows.of(metric, id).cloned().unwrap_or_default(),
            None if declared.view == View::Mean => mean_of_cells(metric, cells, None),
            None => tables::of_cells(metric, cells),
        };
        let groups: Vec<Measured> = family.slices.iter().map(|slice| measured(&slice.id, &slice.cells)).collect();
        let everyone = measured("all", &slices.everyone);
        let entering = [0, 1].map(|side| entering(declared, metric, &groups, side));
        Spread { audit, declared, family, metric, groups, everyone, entering }.aggregates()
    };
    each.flat_map_iter(of).collect()
}

/// One metric over the groups of one family.
struct Spread<'a> {
    audit: &'a Audit,
    declared: &'a Declared,
    family: &'a Family,
    metric: &'static Metric,
    groups: Vec<Measured>,
    everyone: Measured,
    /// Those of base and of tuned.
    entering: [Vec<usize>; 2],
}

/// Groups with a number and enough rows.
fn entering(declared: &Declared, metric: &Metric, groups: &[Measured], side: usize) -> Vec<usize> {
    let least = declared.min_support.max(1);
    let least = least.min(metric.least_support(least));
    let enters = |group: &usize| groups[*group].sides[side].is_some_and(|(_, rows, _)| rows >= least);
    (0..groups.len()).filter(enters).collect()
}

impl Spread<'_> {
    fn aggregates(&self) -> Vec<Aggregate> {
        let subjects: &[(usize, Subject)] = match self.metric.formula {
            Formula::Labels(_) => &[(1, Subject::Labels)],
            Formula::Paired(_) | Formula::Agreement { .. } => &[(1, Subject::Pair)],
            _ => &[(0, Subject::Base), (1, Subject::Tuned)],
        };
        let own = subjects.iter().filter(|(side, _)| self.exists(*side)).collect::<Vec<_>>();
        let points = [0, 1]
            .map(|side| self.five(side, |group| self.groups[group].sides[side].map(|one| one.0), self.whole(side)));
        let draws = self.draws();
        let mut found = Vec::new();
        for (side, subject) in &own {
            found.extend((0..AGGREGATES.len()).map(|kind| {
                let drawn = draws.iter().filter_map(|draw| draw[*side][kind]).collect();
                self.aggregate(*subject, kind, points[*side][kind], drawn, *side)
            }));
        }
        if own.len() == 2 && comparable(self.declared, self.metric) {
            found.extend((0..AGGREGATES.len()).map(|kind| {
                let change = |pair: &[Five; 2]| change(kind, pair[0][kind]?, pair[1][kind]?);
                let drawn = draws.iter().filter_map(change).collect();
                self.aggregate(Subject::Change, kind, change(&points), drawn, 1)
            }));
        }
        found
    }

    fn exists(&self, side: usize) -> bool {
        self.declared.has[side] && self.declared.lacks(self.metric, side).is_none()
    }

    fn whole(&self, side: usize) -> Option<f64> {
        self.everyone.sides[side].map(|one| one.0)
    }

    fn five(&self, side: usize, value: impl Fn(usize) -> Option<f64>, whole: Option<f64>) -> Five {
        let values: Vec<f64> = self.entering[side].iter().filter_map(|group| value(*group)).collect();
        if values.len() < 2 {
            return [None; 5];
        }
        let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        five(smallest, largest, whole)
    }

    /// Both models' aggregates of each draw; none of a model where the error of one of its groups is not known.
    fn draws(&self) -> Vec<[Five; 2]> {
        let duos: Vec<Option<Duo>> = self.groups.iter().map(duo).collect();
        let known = [0, 1].map(|side| self.has_errors(side));
        if known == [false; 2] {
            return Vec::new();
        }
        let purpose = format!("spreads/{}/{}", self.metric.id, self.family.name);
        let mut draws = Draws::new(self.audit.stats.seed, &purpose);
        let none = |side: usize, five: Five| if known[side] { five } else { [None; 5] };
        let one = |[base, tuned]: [Five; 2]| [none(0, base), none(1, tuned)];
        (0..REPLICATES).map(|_| one(self.draw(&duos, &mut draws))).collect()
    }

    /// Whether the error of every group that enters is known.
    fn has_errors(&self, side: usize) -> bool {
        let known = |group: &usize| self.groups[*group].sides[side].is_some_and(|(_, _, marginal)| marginal.is_some());
        self.entering[side].iter().all(known)
    }

    fn draw(&self, duos: &[Option<Duo>], draws: &mut Draws) -> [Five; 2] {
        let drawn: Vec<Option<[f64; 2]>> = duos.iter().map(|duo| duo.map(|duo| draw(&duo, draws))).collect();
        [0, 1].map(|side| {
            let value = |group: usize| drawn[group].map(|pair| pair[side]);
            // Everyone moves with the groups, each by its share of the weight.
            let moved = |group: usize| {
                let (own, ..) = self.groups[group].sides[side]?;
                Some((value(group)? - own) * share(&self.groups[group], &self.everyone, side))
            };
            let whole = self.whole(side).map(|whole| whole + (0..drawn.len()).filter_map(moved).sum::<f64>());
            self.five(side, value, whole)
        })
    }

    fn aggregate(&self, model: Subject, kind: usize, point: Option<f64>, drawn: Vec<f64>, side: usize) -> Aggregate {
        let entering = &self.entering[side];
        let support = entering.iter().filter_map(|&group| self.groups[group].sides[side]).map(|one| one.1).sum();
        let over = (entering.len(), support);
        let estimate = estimate(point, drawn, self.audit.stats.confidence, over, Reason::ZeroDenominator);
        let (metric, attribute) = (self.metric.id.into(), self.family.name.clone());
        Aggregate { metric, class: None, attribute, aggregate: AGGREGATES[kind].into(), model, estimate }
    }
}

/// A group's share of everyone: of the weight inside the condition, or of the rows where that is not told.
fn share(group: &Measured, everyone: &Measured, side: usize) -> f64 {
    let rows = |of: &Measured| of.sides[side].map_or(1.0, |one| one.1 as f64);
    match (group.weights[side], everyone.weights[side]) {
        (own, all) if all > 0.0 => own / all,
        _ => rows(group) / rows(everyone),
    }
}

/// Both estimates of a group; of a number that there is once, or whose other error is not known, the same
/// twice: what stands in is not used.
fn duo(group: &Measured) -> Option<Duo> {
    let [base, tuned] = group.sides.map(|side| side.and_then(|(_, _, marginal)| marginal));
    let stand_in = || Some(Duo { base: base.or(tuned)?, tuned: tuned.or(base)?, correlation: 1.0 });
    group.twin.and_then(|twin| twin.duo()).or_else(stand_in)
}

fn draw(duo: &Duo, draws: &mut Draws) -> [f64; 2] {
    let mean = (duo.value(Contrast::BASE), duo.value(Contrast::TUNED));
    let (base, tuned) = bivariate_normal(mean, duo.covariance(), draws);
    [kept(base, &duo.base), kept(tuned, &duo.tuned)]
}

/// A draw within the range of its number.
fn kept(drawn: f64, of: &Marginal) -> f64 {
    match of.limits {
        Limits::Wilson { .. } | Limits::Logit { .. } | Limits::Extreme { .. } => drawn.clamp(0.0, 1.0),
        Limits::Fisher { .. } => drawn.clamp(-1.0, 1.0),
        Limits::Log { .. } => drawn.max(0.0),
        Limits::Student { .. } | Limits::Normal { .. } => drawn,
    }
}
