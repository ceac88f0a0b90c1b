//! Counterfactual pairs in numbers (statistics.md 4.6): flips, moves of the score, and the gap between second
//! and first halves, which is compared like that of any slice and its reference.
//!
//! The unit is the pair, or the audit's own; both halves are of the same units, so that all four estimates of a
//! gap have one correlation matrix.

use super::measured::based;
use super::{Comparison, classes};
use crate::config::Audit;
use crate::evidence::{Direction, Pair};
use crate::metrics::Metric;
use crate::result::{Basis, Estimate, PairDirection, PairKind, PairMeasure, PairValue, Pairs, Reason};
use crate::settle::Settled;
use crate::stats::{
    Contrast, Duo, Influenced, Limits, Marginal, Paired, Paths, Scale, Twin, Units, correlation, covariance, duo, mean,
    quantile_of,
};
use crate::tasks::Task;

/// The metrics of which halves are compared.
const OF_DECISIONS: &str = "selection_rate";
const OF_SCORES: [&str; 2] = ["mean_score", "mean_prediction"];

/// What came of the audit's pairs, and their comparisons under those of `metrics` that need no label.
pub fn pairs(audit: &Audit, settled: &Settled, metrics: &[&'static Metric]) -> Option<(Pairs, Vec<Comparison>)> {
    let found = settled.evidence.pairs.as_ref()?;
    let mut result = Pairs { kinds: Vec::new(), directions: Vec::new() };
    let mut comparisons = Vec::new();
    let names = &settled.evidence.classes;
    let own_classes: Vec<(usize, &String)> =
        classes::own(audit, names).into_iter().map(|class| (class, &names[class])).collect();
    for (kind, counts) in &found.unpaired {
        result.kinds.push(PairKind {
            kind: kind.clone(),
            without: Some(counts.without),
            several: Some(counts.several),
            unknown: Some(counts.unknown),
            equal: Some(counts.equal),
        });
    }
    for (place, direction) in found.directions.iter().enumerate() {
        let own: Vec<&Pair> = found.pairs.iter().filter(|pair| pair.direction as usize == place).collect();
        let halves = Halves::new(audit, settled.thresholds, &own);
        result.directions.push(halves.direction(direction));
        comparisons.extend(metrics.iter().flat_map(|metric| halves.comparisons(direction, metric, &own_classes)));
    }
    Some((result, comparisons))
}

/// Of first and second halves, of base and tuned, a number for each pair.
type Columns = [[Vec<f64>; 2]; 2];

/// The pairs of one direction, column by column.
struct Halves {
    count: u64,
    task: Task,
    has: [bool; 2],
    /// Scores of base and tuned, of first and second halves.
    scores: Columns,
    /// Decisions: 1 or 0, or the place of a class.
    said: Columns,
    weights: Vec<f64>,
    units: Option<Vec<u64>>,
    /// Whether pairs count once each.
    plain: bool,
    z: f64,
}

impl Halves {
    fn new(audit: &Audit, thresholds: [Option<f64>; 2], pairs: &[&Pair]) -> Halves {
        let scores = |of: fn(&Pair) -> [f64; 2]| [0, 1].map(|side| pairs.iter().map(|pair| of(pair)[side]).collect());
        let scores: Columns = [scores(|pair| pair.first), scores(|pair| pair.second)];
        let decided = |side: usize, scores: &Vec<f64>| -> Vec<f64> {
            if audit.task == Task::Multiclass {
                return scores.clone();
            }
            let threshold = thresholds[side].unwrap_or(0.5);
            let one = |&score: &f64| if score.is_nan() { f64::NAN } else { f64::from(u8::from(score >= threshold)) };
            scores.iter().map(one).collect()
        };
        Halves {
            count: pairs.len() as u64,
            task: audit.task,
            has: audit.sides().map(|side| side.is_some()),
            said: scores.each_ref().map(|half| [0, 1].map(|side| decided(side, &half[side]))),
            scores,
            weights: pairs.iter().map(|pair| pair.weight).collect(),
            units: audit.data.unit.is_some().then(|| pairs.iter().map(|pair| pair.unit).collect()),
            plain: !audit.weighs_or_groups_rows(),
            z: quantile_of(audit.stats.confidence),
        }
    }

    fn units(&self) -> Units<'_> {
        self.units.as_deref()
    }

    fn direction(&self, direction: &Direction) -> PairDirection {
        let [slice, reference] = direction.slices();
        let Direction { kind, first, second } = direction.clone();
        PairDirection { kind, first, second, slice, reference, pairs: Some(self.count), values: self.values() }
    }

    fn values(&self) -> Vec<PairValue> {
        let apart = |columns: &Columns, of: fn(f64, f64) -> f64| {
            [0, 1].map(|side| {
                let [first, second] = columns.each_ref().map(|half| &half[side]);
                first.iter().zip(second).map(|(&first, &second)| of(first, second)).collect::<Vec<f64>>()
            })
        };
        let differ = |first: f64, second: f64| match first.is_nan() || second.is_nan() {
            true => f64::NAN,
            false => f64::from(u8::from(first != second)),
        };
        let flips = apart(&self.said, differ);
        let far = apart(&self.scores, |first, second| (second - first).abs());
        let moved = apart(&self.scores, |first, second| second - first);
        let flips = (self.task != Task::Regression).then(|| self.value(PairMeasure::FlipRate, &flips, Scale::Rate));
        // Of several classes it is the decision that is kept, which has no size.
        let others = [(PairMeasure::CtfGap, far), (PairMeasure::ScoreChange, moved)].into_iter();
        let others = others.filter(|_| self.task != Task::Multiclass);
        let others = others.map(|(measure, columns)| self.value(measure, &columns, Scale::Mean));
        flips.into_iter().chain(others).collect()
    }

    fn value(&self, measure: PairMeasure, columns: &[Vec<f64>; 2], scale: Scale) -> PairValue {
        let sides = columns.each_ref().map(|column| mean(column, &self.weights, scale));
        let one = |side: usize| self.has[side].then(|| self.shown(sides[side].as_ref()));
        let change = || self.change(&sides, columns, scale);
        PairValue { measure, base: one(0), tuned: one(1), change: (self.has == [true, true]).then(change) }
    }

    fn shown(&self, found: Option<&Influenced>) -> Estimate {
        let Some(found) = found else { return Estimate::Undefined { undefined: Reason::NoRowsInCondition } };
        let limits = found.marginal(self.units()).map(|marginal| marginal.at(self.z));
        Estimate::Known {
            value: found.value,
            low: limits.map(|limits| limits.low),
            high: limits.map(|limits| limits.high),
            support: found.rows,
        }
    }

    fn change(&self, sides: &[Option<Influenced>; 2], columns: &[Vec<f64>; 2], scale: Scale) -> Estimate {
        let [Some(base), Some(tuned)] = sides else {
            return Estimate::Undefined { undefined: Reason::NoRowsInCondition };
        };
        let value = tuned.value - base.value;
        let limits = self.twin(base, tuned, columns, scale).and_then(|twin| twin.duo());
        let limits = limits.map(|duo: Duo| duo.interval(Contrast::CHANGE, self.z));
        Estimate::Known {
            value,
            low: limits.map(|limits| limits.low),
            high: limits.map(|limits| limits.high),
            support: base.rows.min(tuned.rows),
        }
    }

    /// Base and tuned of one half: counts where pairs count once each.
    fn twin(&self, base: &Influenced, tuned: &Influenced, columns: &[Vec<f64>; 2], scale: Scale) -> Option<Twin> {
        if scale == Scale::Rate && self.plain {
            return Some(counted(columns).into());
        }
        duo(base, tuned, self.units()).map(Twin::Estimates)
    }

    /// Second halves against first halves; of several classes each against all others.
    fn comparisons(
        &self,
        direction: &Direction,
        metric: &'static Metric,
        classes: &[(usize, &String)],
    ) -> Vec<Comparison> {
        let one = |columns: &Columns, scale| self.comparison(direction, metric, columns, scale);
        match (metric.id, self.task) {
            _ if self.has != [true, true] => Vec::new(),
            (OF_DECISIONS, Task::Binary) => vec![one(&self.said, Scale::Rate)],
            (OF_DECISIONS, Task::Multiclass) => {
                let of = |&(class, name): &(usize, &String)| Comparison {
                    class: Some(name.clone()),
                    ..one(&self.said_as(class), Scale::Rate)
                };
                classes.iter().map(of).collect()
            }
            (id, Task::Binary | Task::Regression) if OF_SCORES.contains(&id) => vec![one(&self.scores, Scale::Mean)],
            _ => Vec::new(),
        }
    }

    /// Whether each decision is this class: 1 or 0.
    fn said_as(&self, class: usize) -> Columns {
        let is = |said: &f64| if said.is_nan() { *said } else { f64::from(u8::from(*said == class as f64)) };
        self.said.each_ref().map(|half| half.each_ref().map(|said| said.iter().map(is).collect()))
    }

    fn comparison(
        &self,
        direction: &Direction,
        metric: &'static Metric,
        columns: &Columns,
        scale: Scale,
    ) -> Comparison {
        let [slice, reference] = direction.slices();
        let found = columns.each_ref().map(|half| half.each_ref().map(|one| mean(one, &self.weights, scale)));
        let twin = |half: usize| match &found[half] {
            [Some(base), Some(tuned)] => self.twin(base, tuned, &columns[half], scale).ok_or(base.rows.min(tuned.rows)),
            _ => Err(0),
        };
        let basis = based(twin(1), twin(0));
        let rows = basis.as_ref().map_or_else(|rows| *rows, Basis::rows);
        let nothing = Basis::new(Paired::default().into(), Paired::default().into());
        let basis = basis.map_or(nothing, |basis| Basis { between: self.between(&found), ..basis });
        Comparison {
            metric,
            class: None,
            slice,
            reference,
            mirror: None,
            basis,
            rows,
            strata: Vec::new(),
            paths: None,
            halves: self.halves(&found),
            labels: None,
        }
    }

    /// How tuned follows base in second and first halves.
    fn halves(&self, [first, second]: &[[Option<Influenced>; 2]; 2]) -> Option<Paths> {
        let both = |half: &[Option<Influenced>; 2]| match half {
            [Some(base), Some(tuned)] => Some([base.clone(), tuned.clone()]),
            _ => None,
        };
        let (second, first) = (both(second)?, both(first)?);
        Paths::new([second.each_ref(), first.each_ref()], &self.weights, self.units())
    }

    /// Correlations of the second halves' estimates with the first halves'.
    fn between(&self, [first, second]: &[[Option<Influenced>; 2]; 2]) -> Option<[[f64; 2]; 2]> {
        let mut found = [[0.0; 2]; 2];
        for (at, one) in second.iter().enumerate() {
            for (to, other) in first.iter().enumerate() {
                found[at][to] = self.along(one.as_ref()?, other.as_ref()?);
            }
        }
        Some(found)
    }

    fn along(&self, one: &Influenced, other: &Influenced) -> f64 {
        let sum = |a: &Influenced, b: &Influenced| covariance(&a.influence, &b.influence, self.units());
        let found = correlation(sum(one, other), sum(one, one), sum(other, other));
        match (one.scale, one.marginal(self.units()), other.marginal(self.units())) {
            (Scale::Rate, Some(one), Some(other)) => corrected(found, &one, &other),
            _ => found,
        }
    }
}

/// Newcombe's (1998b) correction of phi, without which pairs that all agree would have no error at all:
/// m − n/2 for m, the excess of agreeing pairs, and never below 0.
fn corrected(phi: f64, one: &Marginal, other: &Marginal) -> f64 {
    let effective = |marginal: &Marginal| match marginal.limits {
        Limits::Wilson { effective } => effective,
        _ => f64::INFINITY,
    };
    let spread = |marginal: &Marginal| (marginal.value * (1.0 - marginal.value)).sqrt();
    let scale = 2.0 * effective(one).min(effective(other)) * spread(one) * spread(other);
    if phi > 0.0 && scale > 0.0 { (phi - 1.0 / scale).max(0.0) } else { phi }
}

fn counted([base, tuned]: &[Vec<f64>; 2]) -> Paired {
    let mut counts = Paired::default();
    let event = |said: f64| (!said.is_nan()).then_some(said == 1.0);
    base.iter().zip(tuned).for_each(|(&base, &tuned)| counts.add(event(base), event(tuned), 1));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Evidence, Pairs as Counted};
    use crate::metrics::find;
    use std::path::Path;

    /// Four pairs: base and tuned scores of first and second halves.
    const PAIRS: [([f64; 2], [f64; 2]); 4] =
        [([0.2, 0.1], [0.3, 0.1]), ([0.4, 0.7], [0.6, 0.2]), ([0.6, 0.9], [0.6, 0.4]), ([0.8, 0.9], [0.4, 0.9])];

    fn measured(pairs: &[([f64; 2], [f64; 2])], units: Option<&[u64]>) -> (Pairs, Vec<Comparison>) {
        measured_as(Task::Binary, pairs, units)
    }

    fn measured_as(task: Task, pairs: &[([f64; 2], [f64; 2])], units: Option<&[u64]>) -> (Pairs, Vec<Comparison>) {
        let mut audit = crate::config::load(Path::new("fixtures/income/audit.toml"), &[]).expect("it is sound").audit;
        audit.task = task;
        audit.data.unit = units.map(|_| "unit".into());
        let pair = |(place, &(first, second)): (usize, &([f64; 2], [f64; 2]))| Pair {
            direction: 0,
            first,
            second,
            weight: 1.0,
            unit: units.map_or(0, |units| units[place]),
        };
        let direction = Direction { kind: "sex".into(), first: "m".into(), second: "f".into() };
        let pairs = Counted {
            directions: vec![direction],
            pairs: pairs.iter().enumerate().map(pair).collect(),
            ..Counted::default()
        };
        let classes = ["ant", "bee", "cat"].map(String::from).to_vec();
        let evidence = Evidence { pairs: Some(pairs), classes, ..Evidence::default() };
        let settled = Settled { evidence, thresholds: [Some(0.5); 2], notices: Vec::new() };
        let metrics =
            ["selection_rate", "mean_score", "true_positive_rate"].map(|id| find(id).expect("it is a metric"));
        super::pairs(&audit, &settled, &metrics).expect("there are pairs")
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    /// By hand: the base decides 0011 and 0110, the tuned model 0111 and 0001.
    #[test]
    fn four_pairs_by_hand() {
        let (pairs, comparisons) = measured(&PAIRS, None);
        let of = |measure: PairMeasure| {
            let value = pairs.directions[0].values.iter().find(|value| value.measure == measure).expect("measured");
            [value.base, value.tuned, value.change].map(|one| one.and_then(|one| one.value()).expect("known"))
        };
        let same = |found: [f64; 3], expected: [f64; 3]| found.into_iter().zip(expected).for_each(|(a, b)| close(a, b));
        same(of(PairMeasure::FlipRate), [0.5, 0.5, 0.0]);
        same(of(PairMeasure::CtfGap), [0.175, 0.25, 0.075]);
        same(of(PairMeasure::ScoreChange), [-0.025, -0.25, -0.225]);
        assert_eq!(comparisons.iter().map(|one| one.metric.id).collect::<Vec<_>>(), ["selection_rate", "mean_score"]);
        let rate = &comparisons[0];
        assert_eq!((rate.slice.as_str(), rate.reference.as_str()), ("pairs:sex=f", "pairs:sex=m"));
        assert_eq!(rate.basis.slice.counts().map(|counts| counts.both), Some([[1, 1], [2, 0]]));
        assert_eq!(rate.basis.reference.counts().map(|counts| counts.both), Some([[1, 1], [0, 2]]));
        assert_eq!(rate.basis.quad().map(|quad| quad.gaps()), Some((0.0, -0.5)));
        // The paired t of 0.1, 0.2, 0, -0.4: 3.182446 · √(0.0691667 / 4) around -0.025.
        let quad = comparisons[1].basis.quad().expect("they vary");
        let interval = quad.plain(Contrast::BASE, quantile_of(0.95));
        assert!(
            (interval.low + 0.443_484_7).abs() < 1e-5 && (interval.high - 0.393_484_7).abs() < 1e-5,
            "{interval:?}"
        );
    }

    /// The same pair again and again is no new evidence where units say so.
    #[test]
    fn units_count_once() {
        let many: Vec<_> = PAIRS.iter().cycle().take(40).copied().collect();
        let units: Vec<u64> = (0..40).map(|place| place % 4 + 1).collect();
        let width = |units| {
            let (_, comparisons) = measured(&many, units);
            let interval = comparisons[1].basis.quad().expect("they vary").plain(Contrast::TUNED, 1.96);
            interval.high - interval.low
        };
        assert!(width(Some(&units[..])) > 2.0 * width(None));
    }

    /// Pairs that all agree still leave a doubt, of decisions as of any event that was never seen.
    #[test]
    fn no_flip_is_not_no_doubt() {
        let agree: Vec<_> = (0..40).map(|place| if place % 2 == 0 { [0.2; 2] } else { [0.8; 2] }).collect();
        let (_, comparisons) = measured(&agree.iter().map(|&one| (one, one)).collect::<Vec<_>>(), None);
        let interval = comparisons[0].basis.quad().expect("rows").plain(Contrast::TUNED, 1.96);
        assert!(interval.high > 0.02 && interval.low < -0.02 && interval.high < 0.2, "{interval:?}");
    }

    /// Of three classes, by hand: what differs, and how often each class is decided.
    #[test]
    fn classes_are_compared_one_by_one() {
        let pairs: [([f64; 2], [f64; 2]); 4] =
            [([0.0, 0.0], [0.0, 1.0]), ([1.0, 1.0], [2.0, 1.0]), ([2.0, 0.0], [2.0, 0.0]), ([0.0, 2.0], [1.0, 0.0])];
        let (found, comparisons) = measured_as(Task::Multiclass, &pairs, None);
        let [flips] = &found.directions[0].values[..] else { panic!("decisions have no size") };
        let known = |estimate: Option<Estimate>| estimate.and_then(|one| one.value()).expect("known");
        assert_eq!(flips.measure, PairMeasure::FlipRate);
        close(known(flips.base), 0.5);
        close(known(flips.tuned), 0.5);
        let gaps = |class: &str| {
            let one = comparisons.iter().find(|one| one.class.as_deref() == Some(class)).expect("it is compared");
            assert_eq!(one.metric.id, "selection_rate");
            one.basis.quad().map(|quad| quad.gaps())
        };
        assert_eq!(comparisons.len(), 3);
        assert_eq!(gaps("ant"), Some((-0.25, 0.0)));
        assert_eq!(gaps("bee"), Some((0.0, 0.25)));
        assert_eq!(gaps("cat"), Some((0.25, -0.25)));
    }

    #[test]
    fn no_pair_is_too_small() {
        let (pairs, comparisons) = measured(&[], None);
        assert!(pairs.directions[0].values.iter().all(|value| value.base.is_some_and(|base| base.value().is_none())));
        assert!(comparisons.iter().all(|one| one.rows == [0, 0]));
    }
}
