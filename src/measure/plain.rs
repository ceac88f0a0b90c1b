//! Metrics of scores where rows count once each: every slice, and everyone else, from sums. Nothing here
//! passes over all rows for every slice but the covariance of two areas.

use super::measured::Measured;
use super::sample::Sample;
use super::{Declared, Family, Slices};
use crate::metrics::{Formula, Metric, Row, Scored, Versus};
use crate::stats::{Area, Areas, Distances, Moments, Ranked, Ranking, Scale, Summed, Twin, others};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// One metric of one slice, and of everyone else of its family.
pub(super) struct Found {
    pub slice: String,
    pub metric: &'static Metric,
    pub own: Measured,
    pub rest: Option<Measured>,
}

/// Rows that count once each, and what is measured of them.
pub(super) struct Plain<'a> {
    pub(super) declared: &'a Declared,
    pub(super) slices: &'a Slices,
    pub(super) sample: &'a Sample,
    /// By family and slice; `None` where a row has a label or a score under one model alone.
    areas: OnceLock<Option<(Area, Vec<Vec<Areas>>)>>,
    distances: OnceLock<Vec<Vec<Ends>>>,
}

/// The largest distance of the two functions and the area between them, of base and tuned, with the slice's
/// rows.
type Ends = [Option<([f64; 2], u64)>; 2];

impl<'a> Plain<'a> {
    pub fn new(declared: &'a Declared, slices: &'a Slices, sample: &'a Sample) -> Plain<'a> {
        Plain { declared, slices, sample, areas: OnceLock::new(), distances: OnceLock::new() }
    }

    /// A metric of one model of every slice; nothing where its rows have to be looked at.
    pub fn of(&self, metric: &'static Metric) -> Vec<Found> {
        match metric.formula {
            Formula::Score(Scored::Mean(of, scale)) | Formula::Number(Scored::Mean(of, scale)) => {
                self.means(metric, of, scale)
            }
            Formula::Score(Scored::Area) => {
                let found = |slice: &str, areas: &Areas| Found {
                    slice: slice.into(),
                    metric,
                    own: of_area(&areas.own),
                    rest: Some(of_area(&areas.others)),
                };
                let mut all = self.of_areas(found).unwrap_or_default();
                all.extend(self.all_areas().map(|(everyone, _)| Found {
                    slice: "all".into(),
                    metric,
                    own: of_area(everyone),
                    rest: None,
                }));
                all
            }
            Formula::Score(Scored::Slope) => self.slopes(metric),
            _ => Vec::new(),
        }
    }

    /// A metric of every slice against the others; `None` where its rows have to be looked at.
    pub fn against(&self, metric: &'static Metric) -> Option<Vec<(String, &'static Metric, Measured)>> {
        let Formula::Versus(of) = metric.formula else { return None };
        let area =
            |area: fn(&Areas) -> &Area| self.of_areas(|slice, areas| (slice.to_string(), metric, of_area(area(areas))));
        match of {
            Versus::Below => area(|areas| &areas.below),
            Versus::Above => area(|areas| &areas.above),
            Versus::Largest => Some(self.of_distances(metric, 0)),
            Versus::Between => Some(self.of_distances(metric, 1)),
            Versus::Whole(_) => None,
        }
    }

    fn of_areas<T>(&self, of: impl Fn(&str, &Areas) -> T) -> Option<Vec<T>> {
        let (_, areas) = self.all_areas()?;
        let slices = self.slices.iter().zip(areas.iter().flatten());
        Some(slices.map(|(slice, areas)| of(&slice.id, areas)).collect())
    }

    fn all_areas(&self) -> Option<&(Area, Vec<Vec<Areas>>)> {
        self.areas.get_or_init(|| self.areas()).as_ref()
    }

    fn of_distances(&self, metric: &'static Metric, end: usize) -> Vec<(String, &'static Metric, Measured)> {
        let all = self.distances.get_or_init(|| {
            self.by_known(
                |known| {
                    let of = |side: usize| Ascending::new(self.sample, known, side);
                    <[Ascending; 2]>::from(rayon::join(|| of(0), || of(1)))
                },
                |sides, family| {
                    let [base, tuned] = sides.each_ref().map(|side| side.ends(family));
                    base.into_iter().zip(tuned).map(Ends::from).collect()
                },
            )
        });
        let of = |ends: &Ends| {
            let sides = ends.map(|ends| ends.map(|(both, rows)| (both[end], rows, None)));
            Measured { sides, ..Measured::default() }
        };
        self.slices.iter().zip(all.iter().flatten()).map(|(slice, ends)| (slice.id.clone(), metric, of(ends))).collect()
    }

    /// The mean of a number of every row.
    fn means(&self, metric: &'static Metric, of: fn(Row) -> f64, scale: Scale) -> Vec<Found> {
        let pairs: Vec<[f64; 2]> = (0..self.sample.rows().len()).map(|place| self.pair(of, place)).collect();
        let center = center(&pairs);
        let of_kinds = self.by_kind(&pairs, center);
        let measured = |moments: &Moments| {
            let (sides, covariance) = moments.means(center, scale);
            Measured { path: moments.path(center, scale), ..of_sums(sides, covariance) }
        };
        let found = |slice: &str, own: &Moments, rest: Option<&Moments>| Found {
            slice: slice.into(),
            metric,
            own: measured(own),
            rest: rest.map(measured),
        };
        let everyone = of_kinds.iter().fold(Moments::default(), |mut all, kind| {
            all.merge(kind);
            all
        });
        let mut all = vec![found("all", &everyone, None)];
        for family in &self.slices.families {
            let parts = of_slices(family, &of_kinds);
            let rests = others(&parts);
            all.extend(
                family
                    .slices
                    .iter()
                    .zip(parts.iter().zip(&rests))
                    .map(|(slice, (own, rest))| found(&slice.id, own, Some(rest))),
            );
        }
        all
    }

    /// The numbers of a row under both models.
    fn pair(&self, of: fn(Row) -> f64, place: usize) -> [f64; 2] {
        let (point, medians) = (&self.sample.rows()[place], self.sample.medians());
        [0, 1].map(|side| of(Row { label: point.label[side], score: point.score[side], median: medians[side] }))
    }

    fn by_kind(&self, pairs: &[[f64; 2]], center: f64) -> Vec<Moments> {
        let mut kinds = vec![Moments::default(); self.sample.kinds()];
        for (point, pair) in self.sample.rows().iter().zip(pairs) {
            kinds[point.kind as usize].add(pair.map(|x| x - center));
        }
        kinds
    }

    /// Whether every row has a label and a score under both models or under neither, and one label.
    pub(super) fn alike(&self) -> bool {
        self.sample.rows().par_iter().all(|point| {
            let both = self.both(point.score);
            both[0].is_nan() == both[1].is_nan()
                && self.both(point.label)[0].to_bits() == self.both(point.label)[1].to_bits()
        })
    }

    fn areas(&self) -> Option<(Area, Vec<Vec<Areas>>)> {
        if !self.alike() {
            return None;
        }
        let everyone = OnceLock::new();
        let ordered = |known: &[bool]| {
            let ordered = Ordered::new(self, known);
            if !known.contains(&false) {
                everyone.get_or_init(|| ordered.0.everyone());
            }
            ordered
        };
        let families = self.by_known(ordered, |ordered, family| ordered.areas(family));
        let known = vec![true; self.sample.kinds()];
        Some((*everyone.get_or_init(|| Ordered::new(self, &known).0.everyone()), families))
    }

    /// What is found of each family, where all that have the same rows with known values share what is made of
    /// those rows.
    pub(super) fn by_known<S: Sync, T: Send>(
        &self,
        shared: impl Fn(&[bool]) -> S,
        of: impl Fn(&S, &Family) -> T + Sync,
    ) -> Vec<T> {
        let mut alike = BTreeMap::<Vec<bool>, Vec<usize>>::new();
        for (at, family) in self.slices.families.iter().enumerate() {
            alike.entry(family.kinds.iter().map(Option::is_some).collect()).or_default().push(at);
        }
        let mut found = Vec::new();
        for (known, families) in alike {
            let shared = shared(&known);
            found.par_extend(families.into_par_iter().map(|at| (at, of(&shared, &self.slices.families[at]))));
        }
        found.sort_unstable_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, found)| found).collect()
    }

    /// A model that is not there is taken to be the other.
    pub(super) fn both(&self, pair: [f64; 2]) -> [f64; 2] {
        match self.declared.has {
            [true, true] => pair,
            [base, _] => [pair[usize::from(!base)]; 2],
        }
    }
}

/// Rows with known values, a label and a score, in the order of either model's scores.
struct Ordered(Ranking);

impl Ordered {
    fn new(plain: &Plain, known: &[bool]) -> Ordered {
        let points = plain.sample.rows();
        let side = usize::from(!plain.declared.has[0]);
        let mut places = vec![u32::MAX; points.len()];
        let mut rows = Vec::new();
        for place in plain.sample.order(side) {
            let point = &points[place];
            let (label, score) = (plain.both(point.label)[0], plain.both(point.score));
            if known[point.kind as usize] && !label.is_nan() && !score[0].is_nan() {
                places[place] = rows.len() as u32;
                rows.push(Ranked { positive: label > 0.5, score, kind: point.kind });
            }
        }
        let last = if plain.declared.has[1] { 1 } else { 0 };
        let order = plain.sample.order(last).map(|place| places[place]).filter(|&place| place != u32::MAX);
        Ordered(Ranking::new(&rows, &order.collect::<Vec<_>>()))
    }

    fn areas(&self, family: &Family) -> Vec<Areas> {
        self.0.areas(&groups(family), family.slices.len())
    }
}

/// One model's scores of rows with known values, in their order.
struct Ascending {
    distances: Distances,
    kinds: Vec<u32>,
}

impl Ascending {
    fn new(sample: &Sample, known: &[bool], side: usize) -> Ascending {
        let points = sample.order(side).map(|place| &sample.rows()[place]);
        let there = points.filter(|point| known[point.kind as usize] && !point.score[side].is_nan());
        let (scores, kinds): (Vec<f64>, Vec<u32>) = there.map(|point| (point.score[side], point.kind)).unzip();
        Ascending { distances: Distances::new(&scores), kinds }
    }

    fn ends(&self, family: &Family) -> Vec<Option<([f64; 2], u64)>> {
        let groups = groups(family);
        self.distances.of_groups(self.kinds.iter().map(|&kind| groups[kind as usize]), family.slices.len())
    }
}

/// The slice that rows of each kind are in; no row is asked for whose values are not known.
pub(super) fn groups(family: &Family) -> Vec<u32> {
    family.kinds.iter().map(|slice| slice.map_or(u32::MAX, |slice| slice as u32)).collect()
}

/// About the mean, so that sums around it lose no digits. It is cut to a few digits, so that the order of
/// the rows, which is fixed but for equal ones, does not show.
fn center(pairs: &[[f64; 2]]) -> f64 {
    let known = || pairs.iter().flatten().filter(|x| !x.is_nan());
    let mean = known().sum::<f64>() / known().count().max(1) as f64;
    f64::from(mean as f32)
}

fn of_slices(family: &Family, kinds: &[Moments]) -> Vec<Moments> {
    let mut parts = vec![Moments::default(); family.slices.len()];
    for (kind, slice) in kinds.iter().zip(&family.kinds) {
        if let Some(slice) = slice {
            parts[*slice].merge(kind);
        }
    }
    parts
}

/// What is too large to be told, such as the square of 1e200, is no number.
pub(super) fn of_sums(sides: [Option<Summed>; 2], covariance: f64) -> Measured {
    let sides = sides.map(|side| side.filter(|side| side.value.is_finite()));
    let twin = match &sides {
        [Some(base), Some(tuned)] => Summed::duo(base, tuned, covariance).map(Twin::Estimates),
        _ => None,
    };
    let sides = sides.map(|side| side.map(|one| (one.value, one.rows, one.marginal())));
    Measured { sides, twin, ..Measured::default() }
}

fn of_area(area: &Area) -> Measured {
    let found = area.sides();
    found.map_or(Measured::default(), |([base, tuned], covariance)| of_sums([Some(base), Some(tuned)], covariance))
}
