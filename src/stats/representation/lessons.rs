//! Logistic regression with a ridge, of many choices of rows and of many ridges at once: every pass over the
//! embedding serves all of them, as one matrix product.

use super::descent::Descent;
use super::guides::{Guide, Guides};
use super::table::Table;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

/// Passes over the rows at most.
const PASSES: usize = 500;
/// A variance within a lesson that is less than this of the column's variance is rounding.
const CONSTANT: f64 = 1e-12;

/// The rows that something is learned from, and how they are scaled.
pub struct Lesson {
    /// What each row weighs; nothing where it is not learned from.
    weights: Vec<f64>,
    /// Where the last of them ends.
    end: usize,
    /// What all weigh.
    rows: f64,
    /// What those of each class weigh.
    counts: Vec<f64>,
    mean: Array1<f64>,
    scale: Array1<f64>,
}

impl Lesson {
    /// Whether it has rows of every class.
    pub fn complete(&self) -> bool {
        self.counts.iter().all(|count| *count > 0.0)
    }

    /// What its rows weigh, a row without a weight one.
    pub fn rows(&self) -> f64 {
        self.rows
    }

    /// The same, row by row; nothing where it is not learned from.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }
}

/// A lesson and the weight of its log-likelihood against half the squared weights: C of Pedregosa et al. (2011).
pub struct Fit<'a> {
    /// What it learns from.
    pub lesson: &'a Lesson,
    /// The weight.
    pub strength: f64,
}

/// What was learned, in terms of the table: margins are x·weights + offset. Two classes have one margin, that of the
/// second; more have one each.
#[derive(Clone)]
pub struct Learned {
    /// By margin and column of the table.
    pub weights: Array2<f64>,
    /// By margin.
    pub offset: Array1<f64>,
}

/// Rows to learn from and to judge, and the class and the weight of each.
pub struct School<'a> {
    table: &'a Table<'a>,
    /// By place: the class.
    pub classes: &'a [usize],
    /// By place: the weight.
    pub weights: &'a [f64],
    kinds: usize,
}

impl<'a> School<'a> {
    /// Classes are numbered from 0 to `kinds`.
    pub fn new(table: &'a Table<'a>, (classes, weights): (&'a [usize], &'a [f64]), kinds: usize) -> School<'a> {
        School { table, classes, weights, kinds }
    }

    fn margins(&self) -> usize {
        if self.kinds == 2 { 1 } else { self.kinds }
    }

    /// Lessons of the rows that are marked.
    pub fn lessons(&self, marks: Vec<Vec<bool>>) -> Vec<Lesson> {
        let mut sums = [0, 1].map(|_| Array2::<f64>::zeros((marks.len(), self.table.width())));
        let of = |places: Range<usize>, rows: ArrayView2<f64>| {
            let weight = |place: usize, marked: bool| if marked { self.weights[place] } else { 0.0 };
            let inside = |(lesson, at): (usize, usize)| weight(places.start + at, marks[lesson][places.start + at]);
            let inside = Array2::from_shape_fn((marks.len(), rows.nrows()), inside);
            [inside.dot(&rows), inside.dot(&(&rows * &rows))]
        };
        self.table
            .walk(self.table.rows(), of, |parts| sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += &part));
        let [sums, squares] = sums;
        let scaled = marks.into_iter().zip(sums.rows()).zip(squares.rows());
        scaled.map(|((marks, sum), square)| self.lesson(&marks, sum, square)).collect()
    }

    fn lesson(&self, marks: &[bool], sum: ArrayView1<f64>, square: ArrayView1<f64>) -> Lesson {
        let weights = self.weights.iter().zip(marks).map(|(weight, marked)| if *marked { *weight } else { 0.0 });
        let weights: Vec<f64> = weights.collect();
        let mut counts = vec![0.0; self.kinds];
        self.classes.iter().zip(&weights).for_each(|(class, weight)| counts[*class] += weight);
        let rows: f64 = counts.iter().sum();
        let all = if rows > 0.0 { rows } else { 1.0 };
        let mean = &sum / all;
        let variance = &square / all - &mean * &mean;
        let scale = |(variance, mean): (&f64, &f64)| {
            if *variance > CONSTANT * (1.0 + mean * mean) { 1.0 / variance.sqrt() } else { 0.0 }
        };
        let scale = variance.iter().zip(&mean).map(scale).collect();
        let end = weights.iter().rposition(|weight| *weight > 0.0).map_or(0, |last| last + 1);
        Lesson { weights, end, rows, counts, mean, scale }
    }

    /// The lesson of all rows, scaled as the table is.
    pub fn whole(&self) -> Lesson {
        let width = self.table.width();
        let (sum, square) = (Array1::zeros(width), Array1::from_elem(width, self.weights.iter().sum()));
        self.lesson(&vec![true; self.weights.len()], sum.view(), square.view())
    }

    /// The least of −Σ ln p + |weights|² / 2C over the lesson's rows, standardised in the lesson, offsets free, to
    /// within `exact` of it. Where the search begins changes nothing but its length.
    pub fn learned(&self, fits: &[Fit], guides: &Guides, exact: f64) -> Vec<Learned> {
        let guides: Vec<&Guide> = fits.iter().map(|fit| guides.of(fit)).collect();
        self.found(fits, &guides, exact)
    }

    /// The same by a guide for each.
    pub fn found(&self, fits: &[Fit], guides: &[&Guide], exact: f64) -> Vec<Learned> {
        let start = |(fit, guide): (&Fit, &&Guide)| Descent::from(fit.lesson.point(guide.learned()));
        let mut descents: Vec<Descent> = fits.iter().zip(guides).map(start).collect();
        for _ in 0..PASSES {
            let open: Vec<usize> = (0..fits.len()).filter(|at| !descents[*at].done).collect();
            if open.is_empty() {
                break;
            }
            let asked: Vec<Array1<f64>> = open.par_iter().map(|at| descents[*at].asks()).collect();
            let asked: Vec<(&Fit, Array1<f64>)> = open.iter().map(|at| &fits[*at]).zip(asked).collect();
            let gradients = self.gradients(&asked);
            let mut guessed = guessed(&open, &gradients, fits, guides);
            let mut told: Vec<Option<(Array1<f64>, Array1<f64>)>> = vec![None; fits.len()];
            open.iter().zip(gradients).for_each(|(at, gradient)| {
                told[*at] = guessed.remove(at).map(|guessed| (gradient, guessed));
            });
            descents.par_iter_mut().zip(told).for_each(|(descent, told)| match told {
                Some((gradient, guessed)) => descent.told(gradient, guessed, exact),
                None => descent.done = true,
            });
        }
        descents.into_iter().zip(fits).map(|(descent, fit)| self.plain(fit.lesson, &descent.found())).collect()
    }

    /// No weights, and offsets that give every class its share.
    pub fn uninformed(&self, lesson: &Lesson) -> Learned {
        let share = |class: usize| (lesson.counts[class].max(f64::MIN_POSITIVE) / lesson.rows).ln();
        let offset = match self.kinds {
            2 if lesson.complete() => vec![share(1) - share(0)],
            // Several offsets may all be moved alike: their mean stays 0.
            kinds if lesson.complete() => {
                let mean = (0..kinds).map(share).sum::<f64>() / kinds as f64;
                (0..kinds).map(|class| share(class) - mean).collect()
            }
            _ => vec![0.0; self.margins()],
        };
        Learned { weights: Array2::zeros((self.margins(), self.table.width())), offset: offset.into() }
    }

    /// A search's point, weights of the lesson's scale and then offsets, in terms of the table.
    fn plain(&self, lesson: &Lesson, point: &Array1<f64>) -> Learned {
        let (margins, width) = (self.margins(), self.table.width());
        let weights = point.slice(s![..margins * width]).to_shape((margins, width)).map(|own| &own * &lesson.scale);
        let weights = weights.unwrap_or_else(|_| Array2::zeros((margins, width)));
        let offset = &point.slice(s![margins * width..]) - &weights.dot(&lesson.mean);
        Learned { weights, offset }
    }

    /// The gradient of every fit at its point.
    fn gradients(&self, asked: &[(&Fit, Array1<f64>)]) -> Vec<Array1<f64>> {
        let learned: Vec<Learned> = asked.iter().map(|(fit, point)| self.plain(fit.lesson, point)).collect();
        let margins = self.margins();
        let mut sums = Array2::<f64>::zeros((asked.len() * margins, self.table.width() + 1));
        let of = |places: Range<usize>, rows: ArrayView2<f64>, mut missed: Array2<f64>| {
            for (place, mut row) in places.zip(missed.rows_mut()) {
                let row = row.as_slice_mut().unwrap_or_default();
                for ((fit, _), margins) in asked.iter().zip(row.chunks_mut(margins)) {
                    fit.lesson.missed(place, self.classes[place], margins);
                }
            }
            (missed.t().dot(&rows), missed.sum_axis(Axis(0)))
        };
        let end = asked.iter().map(|(fit, _)| fit.lesson.end).max().unwrap_or_default();
        self.walk_to(end, &learned, of, |(products, plain)| {
            let mut own = sums.slice_mut(s![.., 1..]);
            own += &products;
            let mut own = sums.slice_mut(s![.., 0]);
            own += &plain;
        });
        let of = |(at, (fit, point)): (usize, &(&Fit, Array1<f64>))| {
            self.gradient(fit, point, sums.slice(s![at * margins..(at + 1) * margins, ..]))
        };
        asked.iter().enumerate().map(of).collect()
    }

    /// From what each margin missed, in all and by column of the table.
    fn gradient(&self, fit: &Fit, point: &Array1<f64>, missed: ArrayView2<f64>) -> Array1<f64> {
        let width = self.table.width();
        let mut gradient = Array1::zeros(point.len());
        for (margin, missed) in missed.rows().into_iter().enumerate() {
            let places = s![margin * width..(margin + 1) * width];
            let products = &missed.slice(s![1..]) - &(&fit.lesson.mean * missed[0]);
            gradient.slice_mut(places).assign(&(products * &fit.lesson.scale));
            gradient.slice_mut(places).scaled_add(1.0 / fit.strength, &point.slice(places));
            gradient[self.margins() * width + margin] = missed[0];
        }
        gradient
    }

    /// Works on all blocks of rows with the margins of everything that was learned, side by side.
    pub fn walk<T: Send>(
        &self,
        learned: &[Learned],
        of: impl Fn(Range<usize>, ArrayView2<f64>, Array2<f64>) -> T + Sync,
        take: impl FnMut(T),
    ) {
        self.walk_to(self.table.rows(), learned, of, take);
    }

    /// The same of the rows before `end`.
    pub fn walk_to<T: Send>(
        &self,
        end: usize,
        learned: &[Learned],
        of: impl Fn(Range<usize>, ArrayView2<f64>, Array2<f64>) -> T + Sync,
        take: impl FnMut(T),
    ) {
        let weights: Vec<ArrayView2<f64>> = learned.iter().map(|one| one.weights.view()).collect();
        let offsets: Vec<ArrayView1<f64>> = learned.iter().map(|one| one.offset.view()).collect();
        let both = ndarray::concatenate(Axis(0), &weights).ok().zip(ndarray::concatenate(Axis(0), &offsets).ok());
        let Some((weights, offset)) = both else { return };
        let block = |places: Range<usize>, rows: ArrayView2<f64>| {
            let mut margins = rows.dot(&weights.t());
            margins += &offset;
            of(places, rows, margins)
        };
        self.table.walk(end, block, take);
    }
}

/// What the guides make of the gradients of the fits that are open; those with one guide are solved together.
fn guessed(open: &[usize], gradients: &[Array1<f64>], fits: &[Fit], guides: &[&Guide]) -> BTreeMap<usize, Array1<f64>> {
    let mut by_guide: Vec<(&Guide, Vec<usize>)> = Vec::new();
    for (place, at) in open.iter().enumerate() {
        match by_guide.iter_mut().find(|(guide, _)| std::ptr::eq(*guide, guides[*at])) {
            Some((_, places)) => places.push(place),
            None => by_guide.push((guides[*at], vec![place])),
        }
    }
    let solved = by_guide.into_par_iter().flat_map_iter(|(guide, places)| {
        let asked: Vec<_> = places.iter().map(|place| (&gradients[*place], fits[open[*place]].lesson.rows)).collect();
        let solved = guide.solved(&asked);
        places.into_iter().map(|place| open[place]).zip(solved)
    });
    solved.collect()
}

impl Lesson {
    /// What was learned as a search's point: weights of the lesson's scale and then offsets.
    fn point(&self, learned: &Learned) -> Array1<f64> {
        let back = self.scale.mapv(|scale| if scale > 0.0 { 1.0 / scale } else { 0.0 });
        let weights = &learned.weights * &back;
        weights.into_iter().chain(&learned.offset + &learned.weights.dot(&self.mean)).collect()
    }

    /// Turns the margins of a row into what they missed: the probability of each class less the truth, as often as
    /// the row weighs, nothing where it is not learned from.
    fn missed(&self, place: usize, class: usize, margins: &mut [f64]) {
        let weight = self.weights[place];
        if weight <= 0.0 {
            margins.fill(0.0);
            return;
        }
        self.probabilities(margins);
        match &mut *margins {
            [second] => *second -= class as f64,
            several => several[class] -= 1.0,
        }
        if weight != 1.0 {
            margins.iter_mut().for_each(|missed| *missed *= weight);
        }
    }

    /// Turns margins into probabilities: of two classes that of the second, of more that of each. A class that the
    /// lesson has no row of has none.
    pub fn probabilities(&self, margins: &mut [f64]) {
        if let [second] = margins {
            *second = match (self.counts[0] > 0.0, self.counts[1] > 0.0) {
                (false, _) => 1.0,
                (_, false) => 0.0,
                _ => 1.0 / (1.0 + (-*second).exp()),
            };
            return;
        }
        let seen = |(margin, count): (&mut f64, &f64)| {
            if *count <= 0.0 {
                *margin = f64::NEG_INFINITY
            }
        };
        margins.iter_mut().zip(&self.counts).for_each(seen);
        let most = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        margins.iter_mut().for_each(|margin| *margin = (*margin - most).exp());
        let sum: f64 = margins.iter().sum();
        margins.iter_mut().for_each(|margin| *margin /= sum);
    }

    /// The probability of each class, of two classes too.
    pub fn said(&self, margins: &mut [f64]) -> Array1<f64> {
        self.probabilities(margins);
        match margins {
            [second] => ndarray::arr1(&[1.0 - *second, *second]),
            several => ndarray::arr1(several),
        }
    }

    /// The probability of a class among those that `margins` turn into.
    pub fn probability(&self, margins: &mut [f64], class: usize) -> f64 {
        match margins {
            // 1 − p loses what is left of a p near 1.
            [second] if class == 0 && self.complete() => 1.0 / (1.0 + second.exp()),
            margins => {
                self.probabilities(margins);
                if let [second] = margins { [1.0 - *second, *second][class] } else { margins[class] }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use serde_json::Value;

    fn numbers<T>(list: &Value, of: impl Fn(&Value) -> T) -> Vec<T> {
        list.as_array().expect("a list").iter().map(of).collect()
    }

    fn real(value: &Value) -> f64 {
        value.as_f64().expect("a number")
    }

    /// fixtures/oracle/representations.py: all rows at every strength.
    #[test]
    fn coefficients_are_those_of_scikit_learn() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/oracle/representations.json");
        let oracle: Value = serde_json::from_str(&std::fs::read_to_string(file).expect("it is there")).expect("JSON");
        for probe in oracle["probes"].as_array().expect("a list") {
            let rows = numbers(&probe["x"], |row| numbers(row, |value| real(value) as f32));
            let x = Array2::from_shape_fn((rows.len(), rows[0].len()), |(row, column)| rows[row][column]);
            let labels = numbers(&probe["classes"], real);
            let mut kinds = labels.clone();
            kinds.sort_by(f64::total_cmp);
            kinds.dedup();
            let classes: Vec<usize> = labels.iter().map(|label| kinds.partition_point(|kind| kind < label)).collect();
            let table = Table::new(x.view(), (0..x.nrows() as u32).collect());
            let weights = vec![1.0; classes.len()];
            let school = School::new(&table, (&classes, &weights), kinds.len());
            let lessons = school.lessons(vec![vec![true; x.nrows()]]);
            for (strength, expected) in probe["coefficients"].as_object().expect("by strength") {
                let strength = strength.parse().expect("a number");
                let fit = Fit { lesson: &lessons[0], strength };
                let found = school.learned(&[fit], &Guides::new(&school), 1e-11).remove(0);
                let offsets = numbers(&expected[0], real);
                let weights: Vec<f64> = numbers(&expected[1], |row| numbers(row, real)).concat();
                let pairs = found.offset.iter().zip(&offsets).chain(found.weights.iter().zip(&weights));
                pairs.for_each(|(found, expected)| {
                    assert!((found - expected).abs() < 1e-4, "{strength}: {found} {expected}")
                });
            }
        }
    }
}
