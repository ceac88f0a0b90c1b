//! Where searches begin and what they take the curvature to be: what all rows say at each strength. Some of the
//! rows, at about the same strength, say about the same.

use super::lessons::{Fit, Learned, School};
use super::probe::STRENGTHS;
use crate::stats::matrix::{Factored, add_gram, mirrored};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, Axis, s};
use rayon::prelude::*;
use std::ops::Range;

/// Rows by which a curvature is judged, at most.
const JUDGED: usize = 4096;
/// Unknowns that have one curvature together; of more, those of each margin have one of their own.
const TOGETHER: usize = 256;
/// Numbers of all curvatures at most; above it, a direction is taken for as curved as any other.
const MOST: usize = 1 << 24;
/// How far from the least possible loss, in all, the fits to all rows may be.
const COARSELY: f64 = 1e-2;
/// Keeps a curvature positive, as a share of the rows.
const FLOOR: f64 = 1e-9;

/// One for every strength.
pub struct Guides([Guide; STRENGTHS.len()]);

/// What all rows say at one strength.
pub struct Guide {
    strength: f64,
    rows: f64,
    learned: Learned,
    blocks: Vec<Block>,
}

/// The curvature of some margins, by the weights and the offset of each in turn.
struct Block {
    margins: Range<usize>,
    /// `None` where it was not found.
    factored: Option<Factored>,
    /// In a direction that is like any other.
    usual: f64,
}

impl Guides {
    /// From weaker strengths to stronger ones, each from where the last one ended.
    pub fn new(school: &School) -> Guides {
        let lesson = school.whole();
        let mut bent = Bent::at(school, school.uninformed(&lesson));
        Guides(STRENGTHS.map(|strength| {
            let fit = [Fit { lesson: &lesson, strength }];
            let found = school.found(&fit, &[&bent.guide(strength)], COARSELY).into_iter().next();
            found.into_iter().for_each(|learned| bent = Bent::at(school, learned));
            bent.guide(strength)
        }))
    }

    /// The one for a fit: of a penalty that weighs about as much for all rows as it does for those of the lesson.
    pub fn of(&self, fit: &Fit) -> &Guide {
        let off = |guide: &Guide| (fit.strength * fit.lesson.rows() / (guide.strength * guide.rows)).ln().abs();
        let [first, ..] = &self.0;
        self.0.iter().fold(first, |near, guide| if off(guide) < off(near) { guide } else { near })
    }
}

impl Guide {
    /// What was learned from all rows.
    pub fn learned(&self) -> &Learned {
        &self.learned
    }

    /// The curvature's solutions of gradients: of all weights, margin by margin, and then of the offsets. Each is that
    /// of a lesson of so many rows.
    pub fn solved(&self, gradients: &[(&Array1<f64>, f64)]) -> Vec<Array1<f64>> {
        let length = gradients.first().map_or(0, |(gradient, _)| gradient.len());
        let mut solved = vec![Array1::zeros(length); gradients.len()];
        for block in &self.blocks {
            let places = self.places(block);
            let asked =
                Array2::from_shape_fn((places.len(), gradients.len()), |(at, one)| gradients[one].0[places[at]]);
            let found = match &block.factored {
                Some(factored) => factored.all_solved(asked),
                None => asked / (block.usual + 1.0 / self.strength),
            };
            for ((solved, (_, rows)), found) in solved.iter_mut().zip(gradients).zip(found.columns()) {
                let times = self.rows / rows.max(1.0);
                places.iter().zip(found).for_each(|(place, found)| solved[*place] = found * times);
            }
        }
        solved
    }

    /// Where the unknowns of a block stand in a gradient.
    fn places(&self, block: &Block) -> Vec<usize> {
        let (margins, width) = self.learned.weights.dim();
        let of = |margin: usize| (margin * width..(margin + 1) * width).chain([margins * width + margin]);
        block.margins.clone().flat_map(of).collect()
    }
}

/// How the loss of all rows bends at a point, without a penalty.
struct Bent {
    rows: f64,
    learned: Learned,
    blocks: Vec<(Range<usize>, Option<Array2<f64>>, f64)>,
}

impl Bent {
    fn at(school: &School, learned: Learned) -> Bent {
        let (x, said, weights) = seen(school, &learned);
        let rows = school.whole().rows();
        let times = rows / weights.sum().max(f64::MIN_POSITIVE);
        let (margins, size) = (learned.weights.nrows(), x.ncols());
        let together = if margins * size <= TOGETHER { margins } else { 1 };
        let few = margins.div_ceil(together) * (together * size).pow(2) <= MOST;
        let block = |first: usize| {
            let margins = first..(first + together).min(margins);
            let varies = said.column(first).mapv(|p| p * (1.0 - p)).dot(&weights) * times;
            let curvature = few.then(|| curvature(&x, &said, &(&weights * times), margins.clone()));
            (margins, curvature, varies)
        };
        let blocks = (0..margins).step_by(together).collect::<Vec<usize>>().into_par_iter().map(block).collect();
        Bent { rows, learned, blocks }
    }

    /// With the penalty of a strength.
    fn guide(&self, strength: f64) -> Guide {
        let size = self.learned.weights.ncols() + 1;
        let block = |(margins, curvature, usual): &(Range<usize>, Option<Array2<f64>>, f64)| {
            let penalized = curvature.clone().map(|mut a| {
                let penalty = |at: usize| if at % size == size - 1 { FLOOR * self.rows } else { 1.0 / strength };
                a.diag_mut().iter_mut().enumerate().for_each(|(at, own)| *own += penalty(at));
                a
            });
            Block { margins: margins.clone(), factored: penalized.and_then(Factored::new), usual: *usual }
        };
        let blocks = self.blocks.par_iter().map(block).collect();
        Guide { strength, rows: self.rows, learned: self.learned.clone(), blocks }
    }
}

/// The first rows with a column of ones, what is said of them, and what they weigh.
fn seen(school: &School, learned: &Learned) -> (Array2<f64>, Array2<f64>, Array1<f64>) {
    let (margins, width) = learned.weights.dim();
    let lesson = school.whole();
    let rows = lesson.weights().len().min(JUDGED);
    let (mut x, mut said) = (Array2::ones((rows, width + 1)), Array2::zeros((rows, margins)));
    school.walk_to(
        rows,
        std::slice::from_ref(learned),
        |places, rows, mut margins| {
            margins.rows_mut().into_iter().for_each(|mut row| {
                lesson.probabilities(row.as_slice_mut().unwrap_or_default());
            });
            (places, rows.to_owned(), margins)
        },
        |(places, rows, probabilities)| {
            x.slice_mut(s![places.clone(), ..width]).assign(&rows);
            said.slice_mut(s![places, ..]).assign(&probabilities);
        },
    );
    let weights = Array1::from_iter(lesson.weights().iter().take(rows).copied());
    (x, said, weights)
}

/// Σ w p (δ − q) x x' for every two of the margins, p and q being what they say.
fn curvature(x: &Array2<f64>, said: &Array2<f64>, weights: &Array1<f64>, margins: Range<usize>) -> Array2<f64> {
    let size = x.ncols();
    let mut all = Array2::zeros((margins.len() * size, margins.len() * size));
    for (i, one) in margins.clone().enumerate() {
        for (j, other) in margins.clone().enumerate().skip(i) {
            let mut target = all.slice_mut(s![i * size..(i + 1) * size, j * size..(j + 1) * size]);
            if one == other {
                let own = said.column(one).mapv(|p| p * (1.0 - p)) * weights;
                let mut gram = Array2::zeros((size, size));
                add_gram(&mut gram, (x * &own.mapv(f64::sqrt).insert_axis(Axis(1))).view());
                target.assign(&gram);
            } else {
                let both = &said.column(one) * &said.column(other) * weights;
                general_mat_mul(-1.0, &x.t(), &(x * &both.insert_axis(Axis(1))), 0.0, &mut target);
            }
        }
    }
    // All offsets moved alike change nothing; it is as good as any curvature that they do.
    if margins.len() > 1 {
        let lift = weights.sum() / margins.len() as f64;
        (0..margins.len())
            .for_each(|i| (i..margins.len()).for_each(|j| all[[(i + 1) * size - 1, (j + 1) * size - 1]] += lift));
    }
    mirrored(all)
}
