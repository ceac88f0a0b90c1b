//! A probe: a linear classifier on a model's embedding that answers the audited question in the place of its head.

use super::kept::Kept;
use super::measured::rounded;
use crate::config::Audit;
use crate::evidence::Rank;
use crate::gather::{GatherError, Gathered};
use crate::models::{largest, rank};
use crate::result;
use crate::stats::representation::{FOLDS, Rows, Undefined, cross_fitted};
use crate::tasks::Task;
use std::collections::BTreeMap;

/// Rows of a stratum at least; smaller ones are one together, since folds could not share them out.
const LEAST_ROWS: usize = 50;

/// What a fitted probe says.
pub(super) struct Probe {
    pub note: result::Probe,
    /// Of every row by its number.
    said: Vec<Answer>,
}

/// What it says of a row: a score, or the number of a class and where the label stands among all. NaN is nothing.
#[derive(Clone, Copy)]
struct Answer {
    number: f64,
    rank: Option<Rank>,
}

const NOTHING: Answer = Answer { number: f64::NAN, rank: None };

/// Fits the probe of a model to all rows that have a label. `at` is its place among all models; `places` are the
/// codes of groups as they are shown, `classes` the names of those of a multiclass task by their numbers.
pub(super) fn fit(
    audit: &Audit,
    (name, at): (&str, usize),
    rows: Kept,
    (places, classes): (&[Vec<u32>], &[String]),
) -> Result<Probe, GatherError> {
    let side = at.min(1);
    let all = rows.people.len();
    let rows = rows.sorted(places, |person| !person.label[side].is_nan());
    let kinds = Kinds::new(audit.task, classes);
    let classes: Vec<u32> = rows.people.iter().map(|person| kinds.of(person.label[side])).collect();
    let failed = |cause: &str| GatherError::Probe { model: name.into(), cause: cause.into() };
    let embedding = rows.embedded(at).ok_or_else(|| failed("no row has a label"))?;
    let (strata, units, weights) = (strata(rows.codes(), classes.len()), rows.units(), rows.weights());
    let (groups, units, weights) = (Some(&strata[..]), units.as_deref(), weights.as_deref());
    let asked = Rows { embedding, classes: &classes, groups, units, weights };
    let seeds: Vec<u64> = (0..audit.representations.seeds).map(|draw| audit.stats.seed.wrapping_add(draw)).collect();
    let fitted = cross_fitted(&asked, &seeds).map_err(|why| failed(&told(why)))?;
    let numbers: Vec<f64> = fitted.classes.iter().map(|kind| kinds.number(*kind)).collect();
    let mut said = vec![NOTHING; all];
    for (person, scores) in rows.people.iter().zip(fitted.scores.rows()) {
        said[person.row as usize] = kinds.answer(&scores.to_vec(), &numbers, person.label[side]);
    }
    let note = result::Probe {
        model: name.into(),
        rows: classes.len() as u64,
        unlabelled: (all - classes.len()) as u64,
        folds: FOLDS as u64,
        inverse_penalty: fitted.strengths.first().map_or(Vec::new(), |chosen| chosen.to_vec()),
        auc: fitted.areas.into_iter().map(rounded).collect(),
    };
    Ok(Probe { note, said })
}

/// What a probe has to tell.
enum Kinds {
    /// Whether a row is positive.
    Binary,
    /// By number of a class its place by name, which does not depend on which row came first; and back.
    Multiclass { places: Vec<u32>, numbers: Vec<usize> },
}

impl Kinds {
    fn new(task: Task, classes: &[String]) -> Kinds {
        if task != Task::Multiclass {
            return Kinds::Binary;
        }
        let mut numbers: Vec<usize> = (0..classes.len()).collect();
        numbers.sort_by_key(|number| &classes[*number]);
        let mut places = vec![0; classes.len()];
        numbers.iter().zip(0..).for_each(|(number, place)| places[*number] = place);
        Kinds::Multiclass { places, numbers }
    }

    fn of(&self, label: f64) -> u32 {
        match self {
            Kinds::Binary => u32::from(label == 1.0),
            Kinds::Multiclass { places, .. } => places.get(label as usize).copied().unwrap_or_default(),
        }
    }

    fn number(&self, kind: u32) -> f64 {
        match self {
            Kinds::Binary => f64::from(kind),
            Kinds::Multiclass { numbers, .. } => numbers.get(kind as usize).map_or(f64::NAN, |number| *number as f64),
        }
    }

    /// `scores` of the classes with these `numbers`.
    fn answer(&self, scores: &[f64], numbers: &[f64], label: f64) -> Answer {
        match self {
            Kinds::Binary => Answer { number: scores.get(1).copied().unwrap_or(f64::NAN), rank: None },
            Kinds::Multiclass { .. } => Answer {
                number: largest(scores).map_or(f64::NAN, |place| numbers[place]),
                rank: rank(scores, numbers, label),
            },
        }
    }
}

impl Probe {
    /// Puts what it says where the numbers of the rows stand.
    pub fn answer(&self, at: usize, gathered: &mut Gathered) {
        // Of a row that could not be read there is not even a number.
        let known = |row: f64| if row.is_nan() { None } else { self.said.get(row as usize).copied() };
        let answer = |row: f64| known(row).unwrap_or(NOTHING);
        if let Some(points) = &mut gathered.evidence.points {
            match at {
                0 | 1 => points.rows.iter_mut().for_each(|row| {
                    let said = answer(row.score[at]);
                    (row.score[at], row.rank[at]) = (said.number, said.rank);
                }),
                other => points.others[other - 2].iter_mut().for_each(|said| *said = answer(*said).number),
            }
        }
        let kept = gathered.scores.get_mut(at).into_iter().flatten().flatten();
        kept.for_each(|said| *said = answer(*said).number);
    }
}

/// The signature of every row over all attributes, as a number; small ones are one.
fn strata(codes: &[Vec<u32>], rows: usize) -> Vec<u32> {
    let signature = |row: usize| codes.iter().map(|codes| codes[row]).collect::<Vec<u32>>();
    let mut counts: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
    (0..rows).for_each(|row| *counts.entry(signature(row)).or_default() += 1);
    counts.retain(|_, count| *count >= LEAST_ROWS);
    let numbers: BTreeMap<Vec<u32>, u32> = counts.into_keys().zip(1..).collect();
    (0..rows).map(|row| numbers.get(&signature(row)).copied().unwrap_or(0)).collect()
}

/// What is wrong, and what to do.
fn told(why: Undefined) -> String {
    match why {
        Undefined::TooFewRows => "there are too few rows with a label; give more, or leave `probe` out",
        Undefined::OneClass => {
            "all labels are of one class, and there is nothing to learn; correct `positive` or the rows"
        }
        Undefined::ClassInOneFold => "a class has too few rows, or too few units, to be shared out; give more rows",
        Undefined::NoSpread => "its embedding is the same in every row; name another output as `embedding`",
        Undefined::NotFinite => "its embedding holds NaN or infinite numbers; check the input columns, and the model",
        Undefined::OtherRows => "its embedding has other rows than the data; name another output as `embedding`",
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_strata_are_one() {
        let codes = vec![vec![1; 60].into_iter().chain(vec![2; 60]).chain([3; 5]).collect::<Vec<u32>>()];
        let strata = strata(&codes, 125);
        assert_eq!((strata[0], strata[60], strata[120]), (1, 2, 0));
        assert_eq!(super::strata(&[], 3), [0, 0, 0]);
    }
}
