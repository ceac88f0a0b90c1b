//! Rows with their scores, cut into slices: what metrics of scores, weights and units are measured on.

use super::Family;
use crate::evidence::{Point, Points};
use crate::metrics::{Column, Sorted};
use crate::settle::Settled;
use crate::stats::{MovedRows, Sum, Units};
use rayon::prelude::*;
use std::sync::{Arc, OnceLock};

/// All rows in the order of the base's scores, so that walking along either model's order, which is much the
/// same, stays in one place of memory.
pub struct Sample {
    rows: Vec<Point>,
    /// How many there are of each kind.
    of_kind: Vec<usize>,
    thresholds: [Option<f64>; 2],
    medians: [f64; 2],
    /// The places of the rows in the order of the tuned model's scores.
    tuned: Vec<u32>,
    units: bool,
    /// Whether both models have the same labels.
    same_labels: bool,
}

/// The rows of one slice under both models.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Base and tuned, the same rows in the same places.
    pub columns: [Column; 2],
    units: Option<Vec<u64>>,
    sorted: [OnceLock<Sorted>; 2],
}

impl Part {
    /// The unit of each row; `None` where each row stands for itself.
    pub fn units(&self) -> Units<'_> {
        self.units.as_deref()
    }

    /// The scores of both models.
    pub fn moved(&self) -> MovedRows {
        let [base, tuned] = &self.columns;
        MovedRows::new([base.score.clone(), tuned.score.clone()], base.weight.clone(), tuned.order.clone())
    }

    /// The rows of one model with label and score, in the order of their scores.
    pub fn sorted(&self, side: usize) -> &Sorted {
        self.sorted[side].get_or_init(|| Sorted::new(&self.columns[side]))
    }
}

impl Sample {
    /// `None` where no points were kept.
    pub fn new(settled: &Settled, units: bool) -> Option<Sample> {
        let points = settled.evidence.points.as_ref()?;
        Some(Sample::of(points, settled.thresholds, units))
    }

    /// Rows whose decisions are had at these thresholds; one half where there is none.
    pub fn of(points: &Points, thresholds: [Option<f64>; 2], units: bool) -> Sample {
        let by_base = order(&points.rows, 0);
        let rows: Vec<Point> = by_base.par_iter().map(|&place| points.rows[place as usize]).collect();
        let tuned = order(&rows, 1);
        let by_tuned = tuned.iter().map(|&place| &rows[place as usize]);
        let medians = rayon::join(
            || median(rows.iter().map(|row| (row.score[0], row.weight))),
            || median(by_tuned.map(|row| (row.score[1], row.weight))),
        );
        let medians = <[f64; 2]>::from(medians);
        let same_labels = rows.par_iter().all(|row| row.label[0].to_bits() == row.label[1].to_bits());
        let of_kind = of_kind(&rows, points.kinds.len());
        Sample { of_kind, thresholds, medians, tuned, units, same_labels, rows }
    }

    /// Everyone.
    pub fn everyone(&self) -> Part {
        let numbers = |of: fn(&Point) -> f64| self.rows.par_iter().map(of).collect::<Vec<f64>>();
        let other = if self.same_labels { Vec::new() } else { numbers(|row| row.label[1]) };
        let unit = if self.units { self.rows.iter().map(|row| row.unit).collect() } else { Vec::new() };
        let draft = Draft {
            label: [numbers(|row| row.label[0]), other],
            score: [numbers(|row| row.score[0]), numbers(|row| row.score[1])],
            tuned: self.tuned.clone(),
            weight: numbers(|row| row.weight),
            unit,
        };
        draft.part(self)
    }

    /// The slices of a family, in its order.
    pub fn slices(&self, family: &Family) -> Vec<Part> {
        self.cut(family.slices.len(), |kind| family.slice_of(kind))
    }

    /// One slice of a family.
    pub fn slice(&self, family: &Family, slice: usize) -> Part {
        let own = |kind: u32| family.slice_of(kind).filter(|&of| of == slice).map(|_| 0);
        self.cut(1, own).pop().unwrap_or_default()
    }

    /// Everyone whose values on a family's attributes are known.
    pub fn known(&self, family: &Family) -> Known {
        let part = self.cut(1, |kind| family.slice_of(kind).map(|_| 0)).pop().unwrap_or_default();
        let slices = self.rows.iter().filter_map(|row| family.slice_of(row.kind));
        Known { part, slices: slices.map(|slice| slice as u32).collect() }
    }

    /// The median of everyone's scores under one model, each row counted once.
    pub fn middle(&self, side: usize) -> f64 {
        match side {
            0 => median(self.rows.iter().map(|row| (row.score[0], 1.0))),
            _ => median(self.tuned.iter().map(|&place| (self.rows[place as usize].score[1], 1.0))),
        }
    }

    /// For each slice of a family the rows with a score strictly above this, and those with one.
    pub fn above(&self, family: &Family, side: usize, median: f64) -> Vec<(u64, u64)> {
        let mut counts = vec![(0, 0); family.slices.len()];
        for point in self.rows.iter().filter(|point| !point.score[side].is_nan()) {
            if let Some(slice) = family.slice_of(point.kind) {
                counts[slice].0 += u64::from(point.score[side] > median);
                counts[slice].1 += 1;
            }
        }
        counts
    }

    /// Whether rows belong to units.
    pub fn has_units(&self) -> bool {
        self.units
    }

    /// The rows in the order of the base's scores.
    pub fn rows(&self) -> &[Point] {
        &self.rows
    }

    /// How many kinds of rows there are.
    pub fn kinds(&self) -> usize {
        self.of_kind.len()
    }

    /// The places of all rows in the order of one model's scores.
    pub fn order(&self, side: usize) -> impl Iterator<Item = usize> + '_ {
        let tuned = (side == 1).then_some(&self.tuned);
        (0..self.rows.len()).map(move |place| tuned.map_or(place, |tuned| tuned[place] as usize))
    }

    /// The median of either model's scores.
    pub fn medians(&self) -> [f64; 2] {
        self.medians
    }

    /// The rows of all parts, by part and place there, in the order of the tuned model's scores.
    fn by_tuned(&self, places: &[(u32, u32)]) -> impl Iterator<Item = (usize, u32)> {
        let all = self.tuned.iter().map(|&row| places[row as usize]);
        all.filter(|place| *place != OUTSIDE).map(|(part, place)| (part as usize, place))
    }

    /// The rows of each part.
    fn sizes(&self, count: usize, part_of: &[Option<usize>]) -> Vec<usize> {
        let mut sizes = vec![0; count];
        let kinds = self.of_kind.iter().zip(part_of);
        kinds.filter_map(|(rows, part)| Some((rows, (*part)?))).for_each(|(rows, part)| sizes[part] += rows);
        sizes
    }

    /// Cuts the rows by kind into `count` parts, in the order of the base's scores.
    fn cut(&self, count: usize, part_of: impl Fn(u32) -> Option<usize>) -> Vec<Part> {
        let part_of: Vec<Option<usize>> = (0..self.of_kind.len() as u32).map(part_of).collect();
        let mut drafts: Vec<Draft> = self.sizes(count, &part_of).into_iter().map(Draft::with_capacity).collect();
        let mut places = vec![OUTSIDE; self.rows.len()];
        for (row, place) in self.rows.iter().zip(&mut places) {
            if let Some(part) = part_of[row.kind as usize] {
                *place = (part as u32, drafts[part].weight.len() as u32);
                drafts[part].add(row, self);
            }
        }
        for (part, place) in self.by_tuned(&places) {
            drafts[part].tuned.push(place);
        }
        drafts.into_iter().map(|draft| draft.part(self)).collect()
    }
}

/// How many rows there are of each kind.
fn of_kind(rows: &[Point], kinds: usize) -> Vec<usize> {
    let mut counts = vec![0; kinds];
    rows.iter().for_each(|row| counts[row.kind as usize] += 1);
    counts
}

/// The part, and the place there, of a row that is in none.
const OUTSIDE: (u32, u32) = (u32::MAX, u32::MAX);

/// The rows of a part while they are collected.
#[derive(Debug, Clone, Default)]
struct Draft {
    label: [Vec<f64>; 2],
    score: [Vec<f64>; 2],
    tuned: Vec<u32>,
    weight: Vec<f64>,
    unit: Vec<u64>,
}

impl Draft {
    fn with_capacity(rows: usize) -> Draft {
        let numbers = || [Vec::with_capacity(rows), Vec::with_capacity(rows)];
        Draft {
            label: numbers(),
            score: numbers(),
            tuned: Vec::with_capacity(rows),
            weight: Vec::with_capacity(rows),
            unit: Vec::with_capacity(rows),
        }
    }

    fn add(&mut self, point: &Point, sample: &Sample) {
        for side in [0, 1] {
            self.score[side].push(point.score[side]);
        }
        self.label[0].push(point.label[0]);
        if !sample.same_labels {
            self.label[1].push(point.label[1]);
        }
        if sample.units {
            self.unit.push(point.unit);
        }
        self.weight.push(point.weight);
    }

    fn part(self, sample: &Sample) -> Part {
        let (weight, medians) = (Arc::new(self.weight), sample.medians);
        let ([l0, l1], [s0, s1]) = (self.label.map(Arc::new), self.score);
        let [t0, t1] = sample.thresholds.map(|threshold| threshold.unwrap_or(0.5));
        let l1 = if sample.same_labels { l0.clone() } else { l1 };
        let [o0, o1] = [(0..weight.len() as u32).collect(), self.tuned];
        let column = |label: Arc<Vec<f64>>, score: Vec<f64>, threshold: f64, order: Vec<u32>, median| Column {
            label,
            score: score.into(),
            threshold,
            order: order.into(),
            weight: weight.clone(),
            median,
        };
        let columns = [column(l0, s0, t0, o0, medians[0]), column(l1, s1, t1, o1, medians[1])];
        Part { columns, units: sample.units.then_some(self.unit), ..Part::default() }
    }
}

/// Everyone known of a family, and which of its slices each row is in.
#[derive(Debug)]
pub struct Known {
    part: Part,
    slices: Vec<u32>,
}

impl Known {
    /// The same rows, of which those of one slice weigh nothing.
    pub fn without(&self, slice: usize) -> Part {
        let [base, tuned] = &self.part.columns;
        let kept = base.weight.iter().zip(&self.slices);
        let weight = Arc::new(kept.map(|(w, &of)| if of as usize == slice { 0.0 } else { *w }).collect::<Vec<f64>>());
        let of = |column: &Column| Column { weight: weight.clone(), ..column.clone() };
        Part { columns: [of(base), of(tuned)], units: self.part.units.clone(), ..Part::default() }
    }
}

/// The places of the rows by score; equal scores in the order of the rows, which is fixed.
fn order(rows: &[Point], side: usize) -> Vec<u32> {
    let mut order: Vec<(f64, u32)> = rows.iter().map(|row| row.score[side]).zip(0..).collect();
    order.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    order.into_iter().map(|(_, place)| place).collect()
}

/// The median of sorted scores that are there, each with its weight: of rows that weigh alike halfway between the middle two of an even
/// number, else the score on either side of which lies at most half of the weight, halfway to the next where
/// half lies below it exactly. NaN of none.
fn median(scores: impl Iterator<Item = (f64, f64)>) -> f64 {
    let known: Vec<(f64, f64)> = scores.filter(|(score, weight)| !score.is_nan() && *weight > 0.0).collect();
    let half = Sum::of(known.iter().map(|(_, weight)| *weight)) / 2.0;
    let mut below = Sum::default();
    // The first score with more than half at or below it, and the first with half of it.
    let mut reached = [f64::NAN; 2];
    for (score, weight) in known {
        below.add(weight);
        let slack = half * 1e-12;
        if below.value() >= half - slack && reached[0].is_nan() {
            reached[0] = score;
        }
        if below.value() > half + slack {
            reached[1] = score;
            break;
        }
    }
    (reached[0] + reached[1]) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_weight_two_is_two_rows() {
        let weighted = |rows: &[(f64, f64)]| {
            let mut rows = rows.to_vec();
            rows.sort_by(|a, b| a.0.total_cmp(&b.0));
            median(rows.into_iter())
        };
        assert_eq!(weighted(&[(3.0, 1.0), (1.0, 1.0), (2.0, 1.0)]), 2.0);
        assert_eq!(weighted(&[(3.0, 1.0), (1.0, 1.0), (2.0, 1.0), (4.0, 1.0)]), 2.5);
        assert_eq!(weighted(&[(1.0, 2.0), (2.0, 1.0), (4.0, 1.0)]), 1.5);
        assert_eq!(weighted(&[(1.0, 1.0), (1.0, 1.0), (2.0, 1.0), (4.0, 1.0)]), 1.5);
        assert_eq!(weighted(&[(1.0, 0.3), (2.0, 0.6), (9.0, 0.3), (f64::NAN, 7.0)]), 2.0);
        assert!(weighted(&[]).is_nan());
    }
}
