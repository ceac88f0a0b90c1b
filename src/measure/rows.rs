//! Metrics measured row by row: those of scores, and all of them where rows have weights or units.

use super::classes::View;
use super::means::{Counted, mean_of};
use super::plain::{Found, Plain};
use super::sample::{Known, Part, Sample};
use super::{Comparison, Declared, Family, Slices};
use crate::evidence::{Cell, Cells};
use crate::metrics::{self, Agreement, Column, Confusion, Formula, Metric, Scored, Side, Table, kappa_of_classes};
use crate::result::{Basis, MACRO};
use crate::stats::{
    Dual, Influenced, Marginal, Path, Scale, Spread, Sum, Twin, Units, across, correlation, covariance, duo_of, mean,
};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// Rows times slices up to which slices are held against the others, score by score.
const MOST_PASSED: usize = 10_000_000;

/// One metric of one slice: base and tuned, each a value with limits where its error is known.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// The value, its rows and its limits.
    pub sides: [Option<(f64, u64, Option<Marginal>)>; 2],
    /// Both together, where both errors are known.
    pub twin: Option<Twin>,
    /// What the rows inside the condition weigh; 0 where it is not told, and then each weighs alike.
    pub weights: [f64; 2],
    /// How the tuned numbers follow the base's, where sums told it at once.
    pub path: Option<Path>,
}

impl Measured {
    /// Base and tuned together; where no error of one of them is known, the rows that both numbers rest on.
    pub fn both(&self) -> Result<Twin, u64> {
        let rows = self.sides.iter().map(|side| side.map_or(0, |(_, rows, _)| rows));
        self.twin.ok_or_else(|| rows.min().unwrap_or(0))
    }
}

/// Two groups; where no error of one of them is known, the rows of both.
pub(super) fn based(slice: Result<Twin, u64>, reference: Result<Twin, u64>) -> Result<Basis, [u64; 2]> {
    match (slice, reference) {
        (Ok(slice), Ok(reference)) => Ok(Basis::new(slice, reference)),
        sides => Err(<[_; 2]>::from(sides).map(|side| side.map_or_else(|rows| rows, |twin| twin.support()))),
    }
}

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
        rows.counted(slices);
        rows.held_against(slices, &versus);
        rows
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

    /// The metrics that are not known yet, row by row.
    fn counted(&mut self, slices: &Slices) {
        let everyone = self.measure("all", &self.sample.everyone());
        self.found.extend(everyone);
        let unknown = |family: &&Family| {
            let known = |metric: &&Metric| family.slices.iter().any(|slice| self.of(metric, &slice.id).is_some());
            self.metrics.iter().copied().any(|metric| !known(&metric))
        };
        let of_family = |family: &Family| {
            let parts: Vec<(&String, Part)> =
                family.slices.iter().map(|slice| &slice.id).zip(self.sample.slices(family)).collect();
            parts.par_iter().flat_map_iter(|(id, part)| self.measure(id, part)).collect::<Vec<_>>()
        };
        let measured: Vec<_> = slices.families.par_iter().filter(unknown).flat_map_iter(of_family).collect();
        self.found.extend(measured);
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

/// What the sides of a part say, with what the rows inside their conditions weigh.
fn weighed(sides: &[Option<Influenced>; 2], part: &Part) -> Measured {
    let weights = [0, 1].map(|side| sides[side].as_ref().map_or(0.0, |one| inside(one, &part.columns[side].weight)));
    Measured { weights, ..measured(sides, part.units()) }
}

fn path(sides: &[Option<Influenced>; 2], part: &Part) -> Option<Path> {
    let [Some(base), Some(tuned)] = sides else { return None };
    Path::new(base, tuned, &part.columns[1].weight, part.units())
}

/// What the rows inside a number's condition weigh.
fn inside(one: &Influenced, weights: &[f64]) -> f64 {
    Sum::of(one.inside.iter().zip(weights).filter(|(inside, _)| **inside).map(|(_, weight)| *weight))
}

fn against(metric: &Metric, slice: &Part, rest: &Part) -> Measured {
    let Formula::Versus(of) = metric.formula else { return Measured::default() };
    let units = slice.units().zip(rest.units()).map(|(own, others)| [own, others].concat());
    measured(&[0, 1].map(|side| of.of_columns(&slice.columns[side], &rest.columns[side])), units.as_deref())
}

fn sides(metric: &Metric, part: &Part, favorable: Option<bool>) -> [Option<Influenced>; 2] {
    match metric.formula {
        // A number of the pair, or of the labels, is the same for both.
        Formula::Paired(_) => [None, pair(metric, part, favorable)],
        Formula::Agreement { table, of, scale } => [None, agreement_of_rows(part, table, of, scale)],
        Formula::Labels(_) => [None, of_column(metric, &part.columns[1])],
        _ => part.columns.each_ref().map(|column| of_column(metric, column)),
    }
}

/// Correlations of a slice's estimates with its reference's over the units that are in both.
fn between(
    units: &[u64],
    own: &[Option<Influenced>; 2],
    other_units: &[u64],
    others: &[Option<Influenced>; 2],
) -> Option<[[f64; 2]; 2]> {
    let mut found = [[0.0; 2]; 2];
    for (at, one) in own.iter().enumerate() {
        for (to, other) in others.iter().enumerate() {
            let (a, b) = (&one.as_ref()?.influence, &other.as_ref()?.influence);
            let (own, others) = (covariance(a, a, Some(units)), covariance(b, b, Some(other_units)));
            found[at][to] = correlation(across((a, units), (b, other_units)), own, others);
        }
    }
    Some(found)
}

pub(super) fn measured(sides: &[Option<Influenced>; 2], units: Units) -> Measured {
    let spreads = sides.each_ref().map(|side| side.as_ref().map(|one| one.spread(units)));
    // What is too large to be told, such as the square of 1e200, is no number.
    let shown = |(one, spread): (&Influenced, Spread)| {
        one.value.is_finite().then_some((one.value, one.rows, spread.marginal))
    };
    let twin = match (sides, spreads) {
        ([Some(base), Some(tuned)], [Some(b), Some(t)]) => duo_of([base, tuned], [b, t], units).map(Twin::Estimates),
        _ => None,
    };
    let shown = [0, 1].map(|side| sides[side].as_ref().zip(spreads[side]).and_then(shown));
    Measured { sides: shown, twin, ..Measured::default() }
}

/// One model's number with the influence of every row.
pub fn of_column(metric: &Metric, column: &Column) -> Option<Influenced> {
    match metric.formula {
        Formula::Rate(event) => mean(&events(column, event), &column.weight, Scale::Rate),
        Formula::Labels(event) => {
            let of = |&label: &f64| if label.is_nan() { None } else { event(label == 1.0) };
            mean(&column.label.iter().map(|label| number(of(label))).collect::<Vec<_>>(), &column.weight, Scale::Rate)
        }
        Formula::Composite { of, scale } => composite(column, of, scale),
        Formula::Score(of) | Formula::Number(of) => of.of_column(column),
        Formula::Paired(_) | Formula::Agreement { .. } | Formula::Versus(_) | Formula::Attribute { .. } => None,
    }
}

fn events(column: &Column, event: fn(Side) -> Option<bool>) -> Vec<f64> {
    (0..column.said.len()).map(|row| number(side(column, row).and_then(event))).collect()
}

fn side(column: &Column, row: usize) -> Option<Side> {
    let (label, said) = (column.label[row], column.said[row]);
    (!said.is_nan()).then_some(Side { label: (!label.is_nan()).then_some(label == 1.0), said: said == 1.0 })
}

fn number(event: Option<bool>) -> f64 {
    event.map_or(f64::NAN, |event| f64::from(u8::from(event)))
}

/// A row moves a composite by its weight times the derivative by the count that it is in.
fn composite(column: &Column, of: fn(&Confusion) -> Option<Dual>, scale: Scale) -> Option<Influenced> {
    let place = |row: usize| side(column, row).and_then(|side| Some(Confusion::place(side.label?, side.said)));
    let weighs = |row: &usize| column.weight[*row] > 0.0;
    let places: Vec<Option<usize>> =
        (0..column.said.len()).map(|row| Some(row).filter(weighs).and_then(place)).collect();
    let (mut counts, mut rows, mut squares) = ([0.0; 4], 0, 0.0);
    for (place, weight) in places.iter().zip(column.weight.iter()) {
        if let Some(place) = place {
            counts[*place] += weight;
            rows += 1;
            squares += weight * weight;
        }
    }
    let number = of(&Confusion::of(counts))?;
    let influence = places
        .iter()
        .zip(column.weight.iter())
        .map(|(place, weight)| place.map_or(0.0, |at| weight * number.slope[at]));
    let (sum, influence) = (counts.iter().sum::<f64>(), influence.collect());
    let effective = match at_an_end(number.value, scale) {
        true => steps(counts, squares / sum, of),
        false => sum * sum / squares,
    };
    let inside = places.iter().map(Option::is_some).collect();
    Some(Influenced { value: number.value, influence, rows, effective, inside, scale })
}

fn at_an_end(value: f64, scale: Scale) -> bool {
    scale == Scale::Unit && (value <= 0.0 || value >= 1.0)
}

/// In how many steps a number would go from 0 to 1 if each went as far as the first: a row of this weight
/// that is decided otherwise. Of a rate these are its rows. None are where no decision would move it, as
/// without a positive label.
fn steps(counts: [f64; 4], weight: f64, of: fn(&Confusion) -> Option<Dual>) -> f64 {
    let value = |counts| of(&Confusion::of(counts)).map(|number| number.value);
    // TP and FN, FP and TN differ in the decision alone.
    let moved = |(from, to): (usize, usize)| {
        let (mut other, row) = (counts, weight.min(counts[from]));
        other[from] -= row;
        other[to] += row;
        Some((value(other)? - value(counts)?).abs())
    };
    let all = [(0, 2), (2, 0), (1, 3), (3, 1)].into_iter().filter_map(moved);
    let farthest = all.fold(0.0, f64::max);
    if farthest > 0.0 { 1.0 / farthest } else { 0.0 }
}

fn pair(metric: &Metric, part: &Part, favorable: Option<bool>) -> Option<Influenced> {
    let Formula::Paired(event) = metric.formula else { return None };
    let [base, tuned] = &part.columns;
    let of = |row: usize| event(side(base, row)?, side(tuned, row)?, favorable);
    let events: Vec<f64> = (0..base.said.len()).map(|row| number(of(row))).collect();
    mean(&events, &base.weight, Scale::Rate)
}

/// A composite from the cells alone, whose rows count once each.
pub(super) fn of_cells(metric: &Metric, cells: &Cells) -> Measured {
    let (of, scale) = match metric.formula {
        Formula::Composite { of, scale } => (of, scale),
        Formula::Agreement { table, of, scale } => {
            return measured(&[None, agreement_of_cells(cells, table, of, scale)], None);
        }
        _ => return Measured::default(),
    };
    let place = |cell: &Cell, at: usize| {
        metrics::side(cell, at).and_then(|side| Some(Confusion::place(side.label?, side.said)))
    };
    let counts: Vec<_> = cells.iter().map(|(cell, n)| ([place(&cell, 0), place(&cell, 1)], n)).collect();
    let sides = composites(&counts, of, scale);
    measured(&sides, None)
}

/// The place of a row in a table of base by tuned; `None` where it has none.
fn cell_of(table: Table, base: Option<Side>, tuned: Option<Side>) -> Option<usize> {
    let event = |side: Side| match table {
        Table::Decisions => Some(side.said),
        Table::Right => side.label.map(|label| label == side.said),
    };
    Some(2 * usize::from(event(base?)?) + usize::from(event(tuned?)?))
}

type OfAgreement = fn(&Agreement) -> Option<Dual>;

fn agreement_of_cells(cells: &Cells, table: Table, of: OfAgreement, scale: Option<Scale>) -> Option<Influenced> {
    let mut counts = [0.0; 4];
    for (cell, n) in cells.iter() {
        if let Some(place) = cell_of(table, metrics::side(&cell, 0), metrics::side(&cell, 1)) {
            counts[place] += n as f64;
        }
    }
    let number = of(&std::array::from_fn(|at| Dual::count(counts[at], at)))?;
    let influence = scale.map(|_| (0..4).map(|at| counts[at].sqrt() * number.slope[at]).collect());
    let rows = counts.iter().sum::<f64>();
    let (influence, scale) = (influence.unwrap_or_default(), scale.unwrap_or(Scale::Real));
    Some(Influenced { value: number.value, influence, rows: rows as u64, effective: rows, inside: Vec::new(), scale })
}

fn agreement_of_rows(part: &Part, table: Table, of: OfAgreement, scale: Option<Scale>) -> Option<Influenced> {
    let [base, tuned] = &part.columns;
    let alike = part.units().is_none() && base.weight.iter().all(|&weight| weight == 0.0 || weight == 1.0);
    // Without a scale it is an exact test, which counts rows that are independent and weigh alike.
    if scale.is_none() && !alike {
        return None;
    }
    let weighs = |row: &usize| base.weight[*row] > 0.0;
    let place = |row: usize| cell_of(table, side(base, row), side(tuned, row));
    let places: Vec<Option<usize>> = (0..base.said.len()).map(|row| Some(row).filter(weighs).and_then(place)).collect();
    let (mut counts, mut rows) = ([0.0; 4], 0);
    for (place, weight) in places.iter().zip(base.weight.iter()) {
        if let Some(place) = place {
            counts[*place] += weight;
            rows += 1;
        }
    }
    let number = of(&std::array::from_fn(|at| Dual::count(counts[at], at)))?;
    let moved = |(place, weight): (&Option<usize>, &f64)| place.map_or(0.0, |at| weight * number.slope[at]);
    let influence = scale.map(|_| places.iter().zip(base.weight.iter()).map(moved).collect()).unwrap_or_default();
    let (effective, inside, scale) = (rows as f64, Vec::new(), scale.unwrap_or(Scale::Real));
    Some(Influenced { value: number.value, influence, rows, effective, inside, scale })
}

/// Cohen's kappa where scores are the numbers of classes.
fn agreement_of_classes(part: &Part) -> Option<Influenced> {
    let [base, tuned] = &part.columns;
    let known = |row: &usize| base.weight[*row] > 0.0 && !base.score[*row].is_nan() && !tuned.score[*row].is_nan();
    let places: Vec<usize> = (0..base.score.len()).filter(known).collect();
    let row = |&row: &usize| (base.score[row] as usize, tuned.score[row] as usize, base.weight[row]);
    let (value, moved) = kappa_of_classes(&places.iter().map(row).collect::<Vec<_>>())?;
    let (mut influence, mut inside) = (vec![0.0; base.score.len()], vec![false; base.score.len()]);
    for (place, moved) in places.iter().zip(moved) {
        (influence[*place], inside[*place]) = (moved, true);
    }
    let rows = places.len();
    Some(Influenced { value, influence, rows: rows as u64, effective: rows as f64, inside, scale: Scale::Signed })
}

fn composites(
    counts: &[([Option<usize>; 2], u64)],
    of: fn(&Confusion) -> Option<Dual>,
    scale: Scale,
) -> [Option<Influenced>; 2] {
    [0, 1].map(|side| {
        let (mut table, mut rows) = ([0.0; 4], 0);
        for (places, n) in counts {
            if let Some(place) = places[side] {
                table[place] += *n as f64;
                rows += n;
            }
        }
        let number = of(&Confusion::of(table))?;
        // Rows of one cell move the number alike: one influence stands for all of them, √n times as large.
        let influence = counts
            .iter()
            .map(|(places, n)| places[side].map_or(0.0, |at| (*n as f64).sqrt() * number.slope[at]))
            .collect();
        let effective = if at_an_end(number.value, scale) { steps(table, 1.0, of) } else { rows as f64 };
        Some(Influenced { value: number.value, influence, rows, effective, inside: Vec::new(), scale })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Interval;

    #[test]
    fn what_is_too_large_is_no_number() {
        let column = Column {
            label: vec![1.0; 3].into(),
            score: vec![0.5, 1e200, 2.0].into(),
            weight: vec![1.0; 3].into(),
            ..Column::default()
        };
        let found = of_column(metrics::find("mean_squared_error").unwrap(), &column);
        let both = measured(&[found.clone(), found], None);
        assert!(both.sides == [None, None] && both.twin.is_none());
    }

    #[test]
    fn an_f1_of_no_positive_label_says_nothing() {
        let said: Vec<f64> = (0..40).map(|row| f64::from(row % 2)).collect();
        let (label, weight) = (vec![0.0; 40].into(), vec![1.0; 40].into());
        let column = Column { label, said: said.into(), weight, ..Column::default() };
        let found = of_column(metrics::find("f1_score").unwrap(), &column).unwrap().marginal(None).unwrap();
        assert_eq!((found.value, found.at(1.96)), (0.0, Interval { low: 0.0, high: 1.0 }));
    }

    /// Five with a positive label, all found, or none, among very many others.
    #[test]
    fn a_composite_of_0_or_1_has_the_limits_of_the_few_that_decide_it() {
        for (id, [found, missed], others) in
            [("f1_score", [0.0, 5.0], 1000), ("f1_score", [5.0, 0.0], 1000), ("balanced_accuracy", [5.0, 0.0], 1000)]
        {
            let label: Vec<f64> = (0..5 + others).map(|row| f64::from(u8::from(row < 5))).collect();
            let said = label.iter().enumerate().map(|(row, label)| label * f64::from(u8::from((row as f64) < found)));
            let said: Vec<f64> = said.collect();
            let weight = vec![1.0; label.len()].into();
            let column = Column { said: said.into(), weight, label: label.into(), ..Column::default() };
            let metric = metrics::find(id).unwrap();
            let rows = of_column(metric, &column).unwrap();
            let limits = rows.marginal(None).unwrap().at(1.96);
            assert!(limits.high - limits.low > 0.2, "{id}: {limits:?}");
            let by_units = rows.marginal(Some(&vec![0; column.label.len()])).unwrap().at(1.96);
            assert!((by_units.high - by_units.low - (limits.high - limits.low)).abs() < 1e-12);
            let Formula::Composite { of, scale } = metric.formula else { panic!("{id} is a composite") };
            let table = [found, 0.0, missed, others as f64];
            let cells: Vec<_> = (0..4).map(|place| ([Some(place); 2], table[place] as u64)).collect();
            let [of_cells, _] = composites(&cells, of, scale);
            assert_eq!(of_cells.unwrap().effective, rows.effective);
        }
    }
}
