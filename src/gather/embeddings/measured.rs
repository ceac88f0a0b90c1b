//! From what was kept to numbers: how alike both embeddings are, group by group, and LogME.

use super::SIDES;
use super::kept::{Kept, Sample};
use super::leakage::leakage;
use super::moments::Moments;
use crate::config::Audit;
use crate::evidence::{Attribute, SliceId, UNKNOWN};
use crate::result::{Estimate, Reason, Representations, Similarity};
use crate::stats::representation::{self, Rows, Undefined, logme, mutual_neighbours};
use crate::tasks::Task;
use ndarray::{Array2, Axis};

/// Rows for each neighbour that is compared at least: among fewer, many are shared by chance.
const ROWS_A_NEIGHBOUR: u64 = 5;
/// Rows of a slice at least, whatever the audit asks for.
const LEAST_ROWS: u64 = 10;

/// What is measured of embeddings that were kept.
pub(super) struct Groups<'a> {
    pub audit: &'a Audit,
    /// The attributes as the evidence has them.
    pub attributes: &'a [Attribute],
    /// By attribute and code as rows met it: the code in `attributes`.
    pub places: &'a [Vec<u32>],
}

impl Groups<'_> {
    /// The slice of an attribute's code.
    pub fn slice(&self, attribute: usize, code: u32) -> Option<String> {
        let attribute = self.attributes.get(attribute)?;
        let group = attribute.groups.get((code as usize).checked_sub(1)?)?;
        Some(SliceId::single(&attribute.name, group).to_string())
    }

    /// The code in `attributes` of one as rows met it.
    fn place(&self, attribute: usize, code: u32) -> u32 {
        self.places[attribute].get(code as usize).copied().unwrap_or(UNKNOWN)
    }

    /// Rows of a slice at least.
    pub fn least(&self) -> u64 {
        self.audit.slices.min_support.max(LEAST_ROWS)
    }

    /// Everything that is measured; `not_finite` counts the rows of either side that hold numbers which are none.
    pub fn measured(
        &self,
        not_finite: [u64; SIDES],
        moments: Option<Moments>,
        sample: Option<Sample>,
    ) -> Representations {
        let settings = &self.audit.representations;
        let confidence = self.audit.stats.confidence;
        let Some(sample) = sample.map(|sample| sample.rows(self.places)) else {
            return Representations { confidence, ..Representations::default() };
        };
        let broken = not_finite.iter().any(|&rows| rows > 0);
        let width = |side: usize| sample.embedded(side).map(|rows| rows.ncols() as u64);
        let log_me = |side: usize| {
            width(side).map(|_| if broken { undefined(Reason::NotFinite) } else { self.log_me(&sample, side) })
        };
        Representations {
            confidence,
            base_width: width(0),
            tuned_width: width(1),
            sample: Some(crate::result::Sample {
                rows: sample.people.len() as u64,
                seed: self.audit.stats.seed,
                neighbours: settings.neighbours,
            }),
            left_out: moments.as_ref().map_or(0, |moments| moments.left_out() as u64),
            similarity: moments.map_or(Vec::new(), |moments| self.similarity(&moments, &sample, broken)),
            leakage: (0..self.attributes.len()).map(|at| leakage(self, &sample, at, broken)).collect(),
            log_me_base: log_me(0),
            log_me_tuned: log_me(1),
            probes: Vec::new(),
        }
    }

    fn similarity(&self, moments: &Moments, sample: &Kept, broken: bool) -> Vec<Similarity> {
        let Some(all) = moments.all() else { return Vec::new() };
        let neighbours = |rows: &[usize]| self.neighbours(sample, rows);
        let everyone: Vec<usize> = (0..sample.people.len()).collect();
        let mut found = vec![Similarity {
            slice: SliceId::all().to_string(),
            cka: self.of(all, representation::Similarity::cka),
            cka_rest: None,
            neighbours: neighbours(&everyone),
            neighbours_rest: None,
            procrustes: self.of(all, representation::Similarity::procrustes),
        }];
        let mut groups: Vec<_> = moments
            .groups()
            .map(|((attribute, code), own, rest)| ((attribute, self.place(attribute, code)), own, rest))
            .collect();
        groups.sort_by_key(|(group, _, _)| *group);
        for ((attribute, code), own, rest) in groups {
            let Some(slice) = self.slice(attribute, code) else { continue };
            let [inside, outside] = sides(sample, attribute, code);
            let same = inside.len().min(outside.len());
            found.push(Similarity {
                slice,
                cka: self.of(own, representation::Similarity::cka),
                cka_rest: Some(self.of(&rest, representation::Similarity::cka)),
                neighbours: neighbours(&inside[..same]),
                neighbours_rest: Some(neighbours(&outside[..same])),
                procrustes: self.of(own, representation::Similarity::procrustes),
            });
        }
        if broken {
            found.iter_mut().for_each(blank);
        }
        found
    }

    /// A number of moments; undefined of few people.
    fn of(
        &self,
        moments: &representation::Similarity,
        number: fn(&representation::Similarity) -> Result<f64, Undefined>,
    ) -> Estimate {
        match moments.rows() {
            rows if rows < self.least() => undefined(Reason::TooFewRows),
            rows => estimate(number(moments), rows),
        }
    }

    fn neighbours(&self, sample: &Kept, rows: &[usize]) -> Estimate {
        let k = self.audit.representations.neighbours;
        let count = rows.len() as u64;
        let Some([base, tuned]) = both(sample, rows) else { return undefined(Reason::TooFewRows) };
        if count < self.least().max(ROWS_A_NEIGHBOUR * k) {
            return undefined(Reason::TooFewRows);
        }
        estimate(mutual_neighbours(base.view(), tuned.view(), k as usize), count)
    }

    fn log_me(&self, sample: &Kept, side: usize) -> Estimate {
        // The question of the audit is the tuned model's, where there is one.
        let asked = if self.audit.tuned.is_some() { 1 } else { 0 };
        let label = |row: &usize| sample.people[*row].label[asked];
        let rows: Vec<usize> = (0..sample.people.len()).filter(|row| !label(row).is_nan()).collect();
        let Some(embedded) = sample.embedded(side).filter(|_| !rows.is_empty() && self.audit.task != Task::Regression)
        else {
            return undefined(if self.audit.task == Task::Regression { Reason::NotDefined } else { Reason::NoLabels });
        };
        let classes: Vec<u32> = rows.iter().map(|row| label(row) as u32).collect();
        let embedded = embedded.select(Axis(0), &rows);
        let asked = Rows { embedding: embedded.view(), classes: &classes, groups: None, units: None, weights: None };
        estimate(logme(&asked), rows.len() as u64)
    }
}

/// The rows of a group, and those of all others whose group is known.
pub(super) fn sides(sample: &Kept, attribute: usize, code: u32) -> [Vec<usize>; 2] {
    let codes = &sample.codes()[attribute];
    let (inside, outside) = (0..codes.len()).filter(|&row| codes[row] != UNKNOWN).partition(|&row| codes[row] == code);
    [inside, outside]
}

fn both(sample: &Kept, rows: &[usize]) -> Option<[Array2<f32>; 2]> {
    let [base, tuned] = [0, 1].map(|side| sample.embedded(side).map(|all| all.select(Axis(0), rows)));
    Some([base?, tuned?])
}

fn blank(one: &mut Similarity) {
    let none = undefined(Reason::NotFinite);
    (one.cka, one.neighbours, one.procrustes) = (none, none, none);
    (one.cka_rest, one.neighbours_rest) = (one.cka_rest.map(|_| none), one.neighbours_rest.map(|_| none));
}

pub(super) fn undefined(undefined: Reason) -> Estimate {
    Estimate::Undefined { undefined }
}

/// A number without an interval.
pub(super) fn estimate(number: Result<f64, Undefined>, support: u64) -> Estimate {
    match number {
        Ok(value) => Estimate::Known { value: rounded(value), low: None, high: None, support },
        Err(why) => undefined(reason(why)),
    }
}

/// To nine decimals: the last bits of long sums are the machine's.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e9).round() / 1e9 + 0.0
}

pub(super) fn reason(why: Undefined) -> Reason {
    match why {
        Undefined::TooFewRows | Undefined::ClassInOneFold => Reason::TooFewRows,
        Undefined::NotFinite => Reason::NotFinite,
        Undefined::OtherRows | Undefined::NoSpread | Undefined::OneClass => Reason::NotDefined,
    }
}
