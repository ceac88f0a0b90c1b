//! A probe: a linear classifier on a model's embedding that answers the audited question in the place of its head.

use super::kept::Kept;
use super::measured::rounded;
use crate::config::Audit;
use crate::gather::{GatherError, Gathered};
use crate::result;
use crate::stats::representation::{FOLDS, Rows, Undefined, cross_fitted};
use std::collections::BTreeMap;

/// Rows of a stratum at least; smaller ones are one together, since folds could not share them out.
const LEAST_ROWS: usize = 50;

/// What a fitted probe says.
pub(super) struct Probe {
    pub note: result::Probe,
    /// The score of every row by its number; NaN where it says nothing.
    scores: Vec<f64>,
}

/// Fits the probe of a model to all rows that have a label. `at` is its place among all models.
pub(super) fn fit(audit: &Audit, name: &str, at: usize, rows: Kept, places: &[Vec<u32>]) -> Result<Probe, GatherError> {
    let side = at.min(1);
    let all = rows.people.len();
    let rows = rows.sorted(places, |person| !person.label[side].is_nan());
    let classes: Vec<u32> = rows.people.iter().map(|person| u32::from(person.label[side] == 1.0)).collect();
    let failed = |cause: &str| GatherError::Probe { model: name.into(), cause: cause.into() };
    let embedding = rows.embedded(at).ok_or_else(|| failed("no row has a label"))?;
    let (strata, units) = (strata(rows.codes(), classes.len()), rows.units());
    let asked = Rows { embedding, classes: &classes, groups: Some(&strata), units: units.as_deref() };
    let seeds: Vec<u64> = (0..audit.representations.seeds).map(|draw| audit.stats.seed.wrapping_add(draw)).collect();
    let fitted = cross_fitted(&asked, &seeds).map_err(|why| failed(&told(why)))?;
    let said = fitted.scores.column(1);
    let mut scores = vec![f64::NAN; all];
    rows.people.iter().zip(said).for_each(|(person, score)| scores[person.row as usize] = *score);
    let note = result::Probe {
        model: name.into(),
        rows: classes.len() as u64,
        unlabelled: (all - classes.len()) as u64,
        folds: FOLDS as u64,
        inverse_penalty: fitted.strengths.first().map_or(Vec::new(), |chosen| chosen.to_vec()),
        auc: fitted.areas.into_iter().map(rounded).collect(),
    };
    Ok(Probe { note, scores })
}

impl Probe {
    /// Puts the scores where the numbers of the rows stand.
    pub fn answer(&self, at: usize, gathered: &mut Gathered) {
        let score = |number: f64| self.scores.get(number as usize).copied().unwrap_or(f64::NAN);
        let answered = |said: &mut f64| *said = score(*said);
        if let Some(points) = &mut gathered.evidence.points {
            match at {
                0 | 1 => points.rows.iter_mut().for_each(|row| answered(&mut row.score[at])),
                other => points.others[other - 2].iter_mut().for_each(answered),
            }
        }
        gathered.scores.get_mut(at).into_iter().flatten().flatten().for_each(answered);
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
