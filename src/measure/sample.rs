//! Rows with their scores, cut into slices: what metrics of scores, weights and units are measured on.

use super::Family;
use crate::evidence::{Point, Points};
use crate::metrics::Column;
use crate::settle::Settled;
use crate::stats::Units;
use std::sync::Arc;

/// All rows, and their order by either model's score.
pub struct Sample<'a> {
    points: &'a Points,
    thresholds: [Option<f64>; 2],
    medians: [f64; 2],
    order: [Vec<u32>; 2],
    units: bool,
}

/// The rows of one slice under both models.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Base and tuned, the same rows in the same places.
    pub columns: [Column; 2],
    units: Option<Vec<u64>>,
}

impl Part {
    /// The unit of each row; `None` where each row stands for itself.
    pub fn units(&self) -> Units<'_> {
        self.units.as_deref()
    }
}

impl<'a> Sample<'a> {
    /// `None` where no points were kept.
    pub fn new(settled: &'a Settled, units: bool) -> Option<Sample<'a>> {
        let points = settled.evidence.points.as_ref()?;
        let (base, tuned) = rayon::join(|| order(points, 0), || order(points, 1));
        let medians = [median(points, &base, 0), median(points, &tuned, 1)];
        Some(Sample { points, thresholds: settled.thresholds, medians, order: [base, tuned], units })
    }

    /// Everyone.
    pub fn everyone(&self) -> Part {
        self.cut(1, |_| Some(0)).pop().unwrap_or_default()
    }

    /// The slices of a family, in its order.
    pub fn slices(&self, family: &Family) -> Vec<Part> {
        self.cut(family.slices.len(), |kind| family.kinds.get(kind).copied().flatten())
    }

    /// One slice of a family.
    pub fn slice(&self, family: &Family, slice: usize) -> Part {
        let own = |kind: usize| family.kinds.get(kind).copied().flatten().filter(|&of| of == slice).map(|_| 0);
        self.cut(1, own).pop().unwrap_or_default()
    }

    /// Everyone whose values on a family's attributes are known.
    pub fn known(&self, family: &Family) -> Known {
        let of = |kind: u32| family.kinds.get(kind as usize).copied().flatten();
        let part = self.cut(1, |kind| of(kind as u32).map(|_| 0)).pop().unwrap_or_default();
        let slices = self.order[0].iter().filter_map(|&row| of(self.points.rows[row as usize].kind));
        Known { part, slices: slices.map(|slice| slice as u32).collect() }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.points.rows.len()
    }

    /// Whether rows belong to units.
    pub fn has_units(&self) -> bool {
        self.units
    }

    /// The rows.
    pub fn points(&self) -> &'a Points {
        self.points
    }

    /// The places of all rows in the order of one model's scores.
    pub fn order(&self, side: usize) -> &[u32] {
        &self.order[side]
    }

    /// The median of either model's scores.
    pub fn medians(&self) -> [f64; 2] {
        self.medians
    }

    /// Cuts the rows by kind into `count` parts. Their rows are in the order of the base's scores: the tuned
    /// model's order is much the same, so that walking along either stays in one place of memory.
    fn cut(&self, count: usize, part_of: impl Fn(usize) -> Option<usize>) -> Vec<Part> {
        let part_of: Vec<Option<usize>> = (0..self.points.kinds.len()).map(part_of).collect();
        let mut drafts = vec![Draft::default(); count];
        let mut places = vec![u32::MAX; self.points.rows.len()];
        for &row in &self.order[0] {
            let point = &self.points.rows[row as usize];
            if let Some(part) = part_of[point.kind as usize] {
                places[row as usize] = drafts[part].weight.len() as u32;
                drafts[part].add(point, self.thresholds);
            }
        }
        for (side, order) in self.order.iter().enumerate() {
            for &row in order {
                if let Some(part) = part_of[self.points.rows[row as usize].kind as usize] {
                    drafts[part].order[side].push(places[row as usize]);
                }
            }
        }
        drafts.into_iter().map(|draft| draft.part(self.medians, self.units)).collect()
    }
}

/// The rows of a part while they are collected.
#[derive(Debug, Clone, Default)]
struct Draft {
    label: [Vec<f64>; 2],
    score: [Vec<f64>; 2],
    said: [Vec<f64>; 2],
    order: [Vec<u32>; 2],
    weight: Vec<f64>,
    unit: Vec<u64>,
}

impl Draft {
    fn add(&mut self, point: &Point, thresholds: [Option<f64>; 2]) {
        for side in [0, 1] {
            let (score, threshold) = (point.score[side], thresholds[side].unwrap_or(0.5));
            self.label[side].push(point.label[side]);
            self.score[side].push(score);
            self.said[side].push(if score.is_nan() { f64::NAN } else { f64::from(u8::from(score >= threshold)) });
        }
        self.weight.push(point.weight);
        self.unit.push(point.unit);
    }

    fn part(self, medians: [f64; 2], units: bool) -> Part {
        let weight = Arc::new(self.weight);
        let ([l0, l1], [s0, s1], [d0, d1], [o0, o1]) = (self.label, self.score, self.said, self.order);
        let column = |label: Vec<f64>, score: Vec<f64>, said: Vec<f64>, order: Vec<u32>, median| Column {
            label: label.into(),
            score: score.into(),
            said: said.into(),
            order: order.into(),
            weight: weight.clone(),
            median,
        };
        let columns = [column(l0, s0, d0, o0, medians[0]), column(l1, s1, d1, o1, medians[1])];
        Part { columns, units: units.then_some(self.unit) }
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
        Part { columns: [of(base), of(tuned)], units: self.part.units.clone() }
    }
}

/// The rows by score; equal scores in the order of the rows, which is fixed.
fn order(points: &Points, side: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..points.rows.len() as u32).collect();
    let score = |row: u32| points.rows[row as usize].score[side];
    order.sort_by(|&a, &b| score(a).total_cmp(&score(b)));
    order
}

/// The median of the scores that are there, halfway between the middle two of an even number; NaN of none.
fn median(points: &Points, order: &[u32], side: usize) -> f64 {
    let scores = order.iter().map(|&row| points.rows[row as usize].score[side]);
    let known: Vec<f64> = scores.filter(|score| !score.is_nan()).collect();
    let middle = |place: usize| known.get(place).copied().unwrap_or(f64::NAN);
    (middle(known.len().saturating_sub(1) / 2) + middle(known.len() / 2)) / 2.0
}
