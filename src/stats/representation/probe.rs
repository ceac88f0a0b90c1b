//! A cross-fitted linear probe: what a logistic regression can tell from an embedding, of rows that it has not
//! seen (statistics.md 3.5 b).

use super::Undefined;
use super::folds::{FOLDS, Ordered, Rows};
use super::guides::Guides;
use super::lessons::{Fit, Learned, Lesson, School};
use super::table::Table;
use crate::stats::{Influenced, area};
use ndarray::{Array2, ArrayView2};
use std::ops::Range;

/// The strengths C that a fold chooses from.
pub const STRENGTHS: [f64; 5] = [1e-3, 1e-2, 1e-1, 1.0, 10.0];
/// The strength where no choice can be judged: too few rows to leave out a second fold.
const UNJUDGED: usize = 3;
/// Rows on which the strengths are judged, at most.
const JUDGED: usize = 10_000;
/// Rows below which there is no probe.
const LEAST: usize = 2 * FOLDS;
/// How far from the least possible loss, in all, a fit may be where strengths are compared, and where it is used. The
/// losses of two strengths differ by far more, unless either would do.
const ROUGHLY: f64 = 1e-6;
const EXACTLY: f64 = 1e-12;

/// What a probe says of every row, each by a fit that learned from other folds.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossFitted {
    /// The classes that there are, from the smallest.
    pub classes: Vec<u32>,
    /// By row and class: the probability under the first seed's folds.
    pub scores: Array2<f64>,
    /// By seed: the area under the ROC curve; of more than two classes the mean over each against the rest.
    pub areas: Vec<f64>,
    /// By seed and fold: the strength C that was chosen without the fold.
    pub strengths: Vec<[f64; FOLDS]>,
}

impl CrossFitted {
    /// The area under the ROC curve of a class against the rest, with its influences (DeLong et al. 1988): limits
    /// by `Influenced::marginal`, the change of two models by `duo`. Folds are taken as given.
    pub fn against_rest(&self, classes: &[u32], class: u32) -> Option<Influenced> {
        let at = self.classes.iter().position(|one| *one == class)?;
        of_class(classes, class, &self.scores.column(at).to_vec())
    }
}

fn of_class(classes: &[u32], class: u32, scores: &[f64]) -> Option<Influenced> {
    let labels: Vec<f64> = classes.iter().map(|one| f64::from(u8::from(*one == class))).collect();
    let mut order: Vec<u32> = (0..scores.len() as u32).collect();
    order.sort_by(|&a, &b| scores[a as usize].total_cmp(&scores[b as usize]));
    area(&labels, scores, &vec![1.0; scores.len()], &order)
}

/// The probe of a class from an embedding, once for each of `seeds`, of which the first gives the scores.
///
/// Five folds, stratified by class and group, units kept whole; columns standardised in the folds that are learned
/// from; ridge logistic regression, multinomial where there are more than two classes. A fold's strength is the one
/// of `STRENGTHS` with the least log loss when a second fold is left out too, each of the other four in turn, on at
/// most 10,000 rows. Folds come from the content of rows, or from their units, never from their order.
pub fn cross_fitted(rows: &Rows, seeds: &[u64]) -> Result<CrossFitted, Undefined> {
    let ordered = Ordered::new(rows, LEAST)?;
    let folds: Vec<Vec<u8>> = seeds.iter().map(|seed| ordered.folds(*seed)).collect();
    let table = Table::new(rows.embedding, ordered.order.clone());
    let judged = judged(&ordered, seeds.first().copied().unwrap_or_default());
    let few = table.only(&judged);
    let few_classes: Vec<usize> = judged.iter().map(|place| ordered.classes[*place]).collect();
    let few_weights: Vec<f64> = judged.iter().map(|place| ordered.weights[*place]).collect();
    let choosing = School::new(&few, (&few_classes, &few_weights), ordered.kinds.len());
    let guides = Guides::new(&choosing);
    let of = |folds: &Vec<u8>| {
        let folds: Vec<u8> = judged.iter().map(|place| folds[*place]).collect();
        strengths(&choosing, &folds, &guides)
    };
    let strengths: Vec<[f64; FOLDS]> = folds.iter().map(of).collect();
    let school = School::new(&table, (&ordered.classes, &ordered.weights), ordered.kinds.len());
    let scores = scores(&school, &ordered, &folds, &strengths, &guides)?;
    let areas = scores.iter().map(|scores| mean_area(rows.classes, &ordered.kinds, scores)).collect();
    let scores = scores.into_iter().next().unwrap_or_default();
    Ok(CrossFitted { classes: ordered.kinds, scores, areas, strengths })
}

/// Places of the rows that strengths are judged on: those that are drawn first.
fn judged(ordered: &Ordered, seed: u64) -> Vec<usize> {
    let drawn = ordered.drawn(seed);
    let mut places: Vec<usize> = (0..drawn.len()).collect();
    places.sort_by_key(|place| (drawn[*place], *place));
    places.truncate(JUDGED);
    places.sort_unstable();
    places
}

/// The strength of every fold: the loss of a pair of folds' fit on one of them says something to the other.
fn strengths(school: &School, folds: &[u8], guides: &Guides) -> [f64; FOLDS] {
    let pairs: Vec<[usize; 2]> = (0..FOLDS).flat_map(|a| (a + 1..FOLDS).map(move |b| [a, b])).collect();
    let outside = |pair: &[usize; 2]| folds.iter().map(|fold| !pair.contains(&usize::from(*fold))).collect();
    let lessons = school.lessons(pairs.iter().map(outside).collect());
    let known: Vec<(&[usize; 2], &Lesson)> =
        pairs.iter().zip(&lessons).filter(|(_, lesson)| lesson.complete()).collect();
    let fits = |lesson| STRENGTHS.map(|strength| Fit { lesson, strength });
    let fits: Vec<Fit> = known.iter().flat_map(|(_, lesson)| fits(*lesson)).collect();
    let learned = school.learned(&fits, guides, ROUGHLY);
    // By fold that chooses and strength, over the other folds.
    let mut losses = [[0.0; STRENGTHS.len()]; FOLDS];
    for (at, loss) in losses_by_fold(school, &fits, &learned, folds).into_iter().enumerate() {
        let [a, b] = *known[at / STRENGTHS.len()].0;
        losses[a][at % STRENGTHS.len()] += loss[b];
        losses[b][at % STRENGTHS.len()] += loss[a];
    }
    losses.map(|losses| {
        let least = (0..STRENGTHS.len()).min_by(|a, b| losses[*a].total_cmp(&losses[*b]));
        STRENGTHS[least.filter(|_| losses.iter().any(|loss| *loss > 0.0)).unwrap_or(UNJUDGED)]
    })
}

/// By fit: its loss on the rows of every fold that it did not learn from.
fn losses_by_fold(school: &School, fits: &[Fit], learned: &[Learned], folds: &[u8]) -> Vec<[f64; FOLDS]> {
    let mut losses = vec![[0.0; FOLDS]; fits.len()];
    let of = |places: Range<usize>, _: ArrayView2<f64>, mut margins: Array2<f64>| {
        let mut part = vec![[0.0; FOLDS]; fits.len()];
        let each = margins.ncols() / fits.len();
        for (place, mut row) in places.zip(margins.rows_mut()) {
            let row = row.as_slice_mut().unwrap_or_default();
            let unseen = fits.iter().zip(row.chunks_mut(each)).zip(&mut part);
            for ((fit, margins), part) in unseen.filter(|((fit, _), _)| fit.lesson.weights()[place] <= 0.0) {
                let said = fit.lesson.probability(margins, school.classes[place]);
                part[usize::from(folds[place])] -= said.max(f64::MIN_POSITIVE).ln() * school.weights[place];
            }
        }
        part
    };
    school.walk(learned, of, |part| {
        let sum = |(sum, part): (&mut [f64; FOLDS], [f64; FOLDS])| {
            sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part)
        };
        losses.iter_mut().zip(part).for_each(sum);
    });
    losses
}

/// By seed: what the fit that left out a row's fold says of the row, by row as it came and class.
fn scores(
    school: &School,
    ordered: &Ordered,
    folds: &[Vec<u8>],
    strengths: &[[f64; FOLDS]],
    guides: &Guides,
) -> Result<Vec<Array2<f64>>, Undefined> {
    let outside = |folds: &Vec<u8>, left: usize| folds.iter().map(|fold| usize::from(*fold) != left).collect();
    let marks = folds.iter().flat_map(|folds| (0..FOLDS).map(move |left| outside(folds, left))).collect();
    let lessons = school.lessons(marks);
    if !lessons.iter().all(Lesson::complete) {
        return Err(Undefined::ClassInOneFold);
    }
    let fit = |(lesson, strength): (_, &f64)| Fit { lesson, strength: *strength };
    let fits: Vec<Fit> = lessons.iter().zip(strengths.iter().flatten()).map(fit).collect();
    let learned = school.learned(&fits, guides, EXACTLY);
    let none = |rows: usize| vec![Array2::<f64>::zeros((rows, ordered.kinds.len())); folds.len()];
    let of = |places: Range<usize>, _: ArrayView2<f64>, mut margins: Array2<f64>| {
        let (each, mut said) = (margins.ncols() / fits.len(), none(places.len()));
        for (at, (place, mut row)) in places.clone().zip(margins.rows_mut()).enumerate() {
            let row = row.as_slice_mut().unwrap_or_default();
            for (seed, said) in said.iter_mut().enumerate() {
                let fit = seed * FOLDS + usize::from(folds[seed][place]);
                let own = fits[fit].lesson.said(&mut row[fit * each..(fit + 1) * each]);
                said.row_mut(at).assign(&own);
            }
        }
        (places, said)
    };
    let mut scores = none(ordered.order.len());
    school.walk(&learned, of, |(places, said)| {
        for (scores, said) in scores.iter_mut().zip(said) {
            let rows = ordered.order[places.clone()].iter().zip(said.rows());
            rows.for_each(|(row, said)| scores.row_mut(*row as usize).assign(&said));
        }
    });
    Ok(scores)
}

/// The area of the second of two classes, or the mean of those of each of several against the rest.
fn mean_area(classes: &[u32], kinds: &[u32], scores: &Array2<f64>) -> f64 {
    let from = if kinds.len() == 2 { 1 } else { 0 };
    let of = |at: usize| of_class(classes, kinds[at], &scores.column(at).to_vec()).map_or(f64::NAN, |area| area.value);
    (from..kinds.len()).map(of).sum::<f64>() / (kinds.len() - from) as f64
}
