//! Metrics measured row by row: those of scores, and all of them where rows have weights or units.

use super::classes::View;
use super::means::{Counted, mean_of};
use super::measured::{Measured, based, between, measured, path, weighed};
use super::numbers::{against, sides};
use super::plain::{Found, Plain};
use super::sample::{Known, Part, Sample};
use super::tables::agreement_of_classes;
use super::{Comparison, Declared, Family, Slices};
use crate::metrics::{Formula, Metric, Scored};
use crate::result::{Basis, MACRO};
use crate::stats::{Influenced, Path, Twin};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// Rows times slices up to which slices are held against the others, score by score.
const MOST_PASSED: usize = 10_000_000;

/// Every metric that is measured by rows, of every slice.
pub struct ByRows {
    sample: Sample,
    metrics: Vec<&'static Metric>,
    view: View,
    favorable: Option<bool>,
    found: BTreeMap<(String, &'static str), Measured>,
    /// Everyone else of a slice's family, where sums told it at once.
    rests: BTreeMap<(String, &'static str), Measured>,
    /// A slice against the others.
    against: Vec<(String, &'static Metric, Measured)>,
    notice: Option<String>,
    /// Everyone known of each family, cut when first asked for.
    known: BTreeMap<String, OnceLock<Known>>,
}

/// What else is told of a slice, from its rows.
pub type Also<'a, T> = &'a (dyn Fn(&str, &Part) -> T + Sync);

impl ByRows {
    /// Measures everyone and every slice. With `all` every metric is measured so, since rows have weights or
    /// units; else those of scores; none but those `among` which are asked for, where they are.
    pub fn new(
        declared: &Declared,
        slices: &Slices,
        sample: Sample,
        all: bool,
        among: Option<&[&'static Metric]>,
    ) -> ByRows {
        ByRows::telling::<()>(declared, slices, sample, (all, among), None).0
    }

    /// The same, and what else is told of everyone and of every slice that is shown, in their order.
    pub fn telling<T: Send>(
        declared: &Declared,
        slices: &Slices,
        sample: Sample,
        (all, among): (bool, Option<&[&'static Metric]>),
        also: Option<Also<T>>,
    ) -> (ByRows, Vec<T>) {
        let asked = |metric: &Metric| among.is_none_or(|among| among.iter().any(|one| one.id == metric.id));
        let usable = |metric: &&'static Metric| {
            asked(metric)
                && (all && !matches!(metric.formula, Formula::Versus(_) | Formula::Attribute { .. })
                    || matches!(metric.formula, Formula::Score(_) | Formula::Number(_)))
                && (!metric.needs_labels || declared.has_labels())
        };
        let metrics: Vec<&'static Metric> = declared.metrics().filter(usable).collect();
        let known = slices.families.iter().map(|family| (family.name.clone(), OnceLock::new())).collect();
        let (found, rests, against) = Default::default();
        let (view, favorable) = (declared.view, declared.favorable);
        let mut rows = ByRows { sample, metrics, view, favorable, found, rests, against, notice: None, known };
        let versus = declared.metrics().filter(|metric| {
            let versus = matches!(metric.formula, Formula::Versus(_)) && asked(metric);
            versus && (!metric.needs_labels || declared.has_labels())
        });
        let versus = if all { versus.collect() } else { rows.summed(declared, slices, versus.collect()) };
        let told = rows.counted(slices, also);
        rows.held_against(slices, &versus);
        (rows, told)
    }

    /// What sums tell; gives back those metrics of a slice against the others that they do not.
    fn summed(&mut self, declared: &Declared, slices: &Slices, versus: Vec<&'static Metric>) -> Vec<&'static Metric> {
        let plain = Plain::new(declared, slices, &self.sample);
        // Areas are shared, and made by all threads at once: not from within one of them.
        let (areas, means): (Vec<&'static Metric>, Vec<_>) =
            self.metrics.iter().copied().partition(|metric| is_area(metric));
        let mut found: Vec<Found> = means.par_iter().flat_map_iter(|metric| plain.of(metric)).collect();
        found.extend(areas.iter().flat_map(|metric| plain.of(metric)));
        let against: Vec<_> = versus.iter().map(|metric| plain.against(metric)).collect();
        for Found { slice, metric, own, rest } in found {
            self.rests.extend(rest.map(|rest| ((slice.clone(), metric.id), rest)));
            self.found.insert((slice, metric.id), own);
        }
        let left = versus.iter().zip(&against).filter(|(_, found)| found.is_none()).map(|(metric, _)| *metric);
        let left = left.collect();
        self.against = against.into_iter().flatten().flatten().collect();
        left
    }

    /// The metrics that are not known yet, row by row, and what else is told.
    fn counted<T: Send>(&mut self, slices: &Slices, also: Option<Also<T>>) -> Vec<T> {
        let seen = |slice: &str, part: &Part, shown: bool| {
            let told = || also.filter(|_| shown).map(|also| also(slice, part));
            rayon::join(|| self.measure(slice, part), told)
        };
        let unknown = |family: &&Family| {
            let known = |metric: &&Metric| family.slices.iter().all(|slice| self.of(metric, &slice.id).is_some());
            also.is_some() || self.metrics.iter().copied().any(|metric| !known(&metric))
        };
        let of_family = |family: &Family| {
            let parts: Vec<(usize, Part)> = self.sample.slices(family).into_iter().enumerate().collect();
            let of = |(at, part): (usize, Part)| seen(&family.slices[at].id, &part, at < family.shown().len());
            parts.into_par_iter().map(of).collect::<Vec<_>>()
        };
        let everyone = seen("all", &self.sample.everyone(), true);
        let families: Vec<_> = slices.families.par_iter().filter(unknown).flat_map_iter(of_family).collect();
        let (measured, told): (Vec<_>, Vec<_>) = std::iter::once(everyone).chain(families).unzip();
        self.found.extend(measured.into_iter().flatten());
        told.into_iter().flatten().collect()
    }

    /// All rows.
    pub fn sample(&self) -> &Sample {
        &self.sample
    }

    /// Whether a metric is measured here.
    pub fn covers(&self, metric: &Metric) -> bool {
        self.metrics.iter().any(|own| own.id == metric.id)
    }

    /// What was measured of a slice.
    pub fn of(&self, metric: &Metric, slice: &str) -> Option<&Measured> {
        self.found.get(&(slice.to_string(), metric.id))
    }

    /// Every metric of a slice against all others of its family: base and tuned.
    pub fn against(&self) -> &[(String, &'static Metric, Measured)] {
        &self.against
    }

    /// What the reader should know.
    pub fn notice(&self) -> Option<String> {
        self.notice.clone()
    }

    /// Everyone of a family but one of its slices.
    fn rest(&self, family: &Family, slice: usize) -> Part {
        match self.known.get(&family.name) {
            Some(known) => known.get_or_init(|| self.sample.known(family)).without(slice),
            None => self.sample.known(family).without(slice),
        }
    }

    /// A slice of a family against another, or against all others; the rows of both where a number has no
    /// known error.
    pub fn basis(
        &self,
        metric: &Metric,
        family: &Family,
        slice: usize,
        other: Option<usize>,
    ) -> Result<Basis, [u64; 2]> {
        let id = |at: usize| &family.slices[at].id;
        let of_slice = |at: usize| self.of(metric, id(at)).map_or(Err(0), Measured::both);
        if !self.sample.has_units() && self.view != View::Mean {
            let rest = || measured(&sides(metric, &self.rest(family, slice), self.favorable), None).both();
            let reference = match (other, self.rests.get(&(id(slice).clone(), metric.id))) {
                (Some(other), _) => of_slice(other),
                (None, Some(known)) => known.both(),
                (None, None) => rest(),
            };
            return based(of_slice(slice), reference);
        }
        let reference = match other {
            Some(other) => self.sample.slice(family, other),
            None => self.rest(family, slice),
        };
        let part = self.sample.slice(family, slice);
        let (own, others) = (self.sides(metric, &part, Some(&reference)), self.sides(metric, &reference, Some(&part)));
        let basis = based(measured(&own, part.units()).both(), measured(&others, reference.units()).both())?;
        let Some((units, other_units)) = part.units().zip(reference.units()) else { return Ok(basis) };
        Ok(Basis { between: between(units, &own, other_units, &others), ..basis })
    }

    /// Base and tuned of a part; a mean over classes is taken over those that `also` has too.
    fn sides(&self, metric: &Metric, part: &Part, also: Option<&Part>) -> [Option<Influenced>; 2] {
        match self.view {
            View::Mean => mean_of(metric, &Counted::of_part(part), also.map(Counted::of_part).as_ref()),
            View::Named => [None, agreement_of_classes(part)],
            _ => sides(metric, part, self.favorable),
        }
    }

    /// How the tuned numbers follow the base's in a slice and in another, or in all others; `None` where they are no
    /// means of the same rows (a mean over classes is none), where the two share units, and of very many slices of
    /// very many rows that sums do not tell, since it passes over all rows.
    pub fn paths(&self, metric: &Metric, family: &Family, slice: usize, other: Option<usize>) -> Option<[Path; 2]> {
        let id = |at: usize| (family.slices[at].id.clone(), metric.id);
        if let Some(rest) = self.rests.get(&id(slice)) {
            let reference = other.map_or(Some(rest), |other| self.found.get(&id(other)));
            return Some([self.found.get(&id(slice))?.path?, reference?.path?]);
        }
        let many = self.sample.rows().len() * family.slices.len() > MOST_PASSED;
        if !is_mean(metric) || self.view == View::Mean || many {
            return None;
        }
        let reference = match other {
            Some(other) => self.sample.slice(family, other),
            None => self.rest(family, slice),
        };
        let own = self.sample.slice(family, slice);
        let shared = |units: &[u64], others: &[u64]| {
            let known: BTreeSet<u64> = units.iter().copied().filter(|unit| *unit != 0).collect();
            others.iter().any(|unit| known.contains(unit))
        };
        if own.units().zip(reference.units()).is_some_and(|(units, others)| shared(units, others)) {
            return None;
        }
        let of = |part: &Part| path(&sides(metric, part, self.favorable), part);
        Some([of(&own)?, of(&reference)?])
    }

    /// Each passes over all rows, so that of very many slices of very many rows there are none.
    fn held_against(&mut self, slices: &Slices, metrics: &[&'static Metric]) {
        if metrics.is_empty() {
            return;
        }
        if self.sample.rows().len() * slices.iter().count() > MOST_PASSED {
            let names: Vec<&str> = metrics.iter().map(|metric| metric.id).collect();
            let why = "each of them would pass over all rows for every slice";
            self.notice = Some(format!("Not measured, since {why}: {}.", names.join(", ")));
            return;
        }
        for family in &slices.families {
            let of_slice = |(at, slice): (usize, &Part)| {
                let rest = self.rest(family, at);
                let one =
                    |metric: &&'static Metric| (family.slices[at].id.clone(), *metric, against(metric, slice, &rest));
                metrics.iter().map(one).collect::<Vec<_>>()
            };
            let parts = self.sample.slices(family);
            let found: Vec<_> = parts.par_iter().enumerate().flat_map_iter(of_slice).collect();
            self.against.extend(found);
        }
    }

    fn measure(&self, slice: &str, part: &Part) -> Vec<((String, &'static str), Measured)> {
        let one = |metric: &Metric| weighed(&self.sides(metric, part, None), part);
        let of = |metric: &&'static Metric| ((slice.to_string(), metric.id), one(metric));
        self.metrics.par_iter().filter(|metric| self.of(metric, slice).is_none()).map(of).collect()
    }
}

/// The means of rows with weights or units whose share is not had, since all rows would be passed over for each of
/// very many slices.
pub(super) fn without_paths(rows: usize, slices: &Slices, comparisons: &[Comparison]) -> Option<String> {
    let large = slices.families.iter().filter(|family| rows * family.slices.len() > MOST_PASSED);
    let within: BTreeSet<&str> = large.flat_map(|family| &family.slices).map(|slice| slice.id.as_str()).collect();
    let of_classes = |one: &Comparison| one.class.as_deref() == Some(MACRO);
    let by_rows =
        |one: &&Comparison| is_mean(one.metric) && !of_classes(one) && matches!(one.basis.slice, Twin::Estimates(_));
    let left = comparisons
        .iter()
        .filter(|one| one.paths.is_none())
        .filter(by_rows)
        .filter(|one| within.contains(one.slice.as_str()));
    let names: BTreeSet<&str> = left.map(|one| one.metric.id).collect();
    let why = "each of them would pass over all rows for every slice";
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| format!("Without an inherited share, since {why}: {names}."))
}

fn is_mean(metric: &Metric) -> bool {
    let of = |scored: Scored| matches!(scored, Scored::Mean(..));
    match metric.formula {
        Formula::Rate(_) => true,
        Formula::Score(scored) | Formula::Number(scored) => of(scored),
        _ => false,
    }
}

fn is_area(metric: &Metric) -> bool {
    matches!(metric.formula, Formula::Score(Scored::Area))
}
