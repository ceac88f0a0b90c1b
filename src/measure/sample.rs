//! Rows with their scores, cut into slices: what metrics of scores, weights and units are measured on.

use super::Family;
use crate::evidence::{Point, Points};
use crate::metrics::Column;
use crate::settle::Settled;
use crate::stats::Units;

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

    /// Everyone whose values are known, but for one slice of the family.
    pub fn rest(&self, family: &Family, slice: usize) -> Part {
        let other = |kind: usize| family.kinds.get(kind).copied().flatten().filter(|&of| of != slice).map(|_| 0);
        self.cut(1, other).pop().unwrap_or_default()
    }

    /// Cuts the rows by kind into `count` parts.
    fn cut(&self, count: usize, part_of: impl Fn(usize) -> Option<usize>) -> Vec<Part> {
        let part_of: Vec<Option<usize>> = (0..self.points.kinds.len()).map(part_of).collect();
        let mut parts = vec![Part { units: self.units.then(Vec::new), ..Part::default() }; count];
        let mut places = vec![u32::MAX; self.points.rows.len()];
        for (row, point) in self.points.rows.iter().enumerate() {
            if let Some(part) = part_of[point.kind as usize] {
                places[row] = parts[part].columns[0].label.len() as u32;
                self.add(&mut parts[part], point);
            }
        }
        for (side, order) in self.order.iter().enumerate() {
            for &row in order {
                if let Some(part) = part_of[self.points.rows[row as usize].kind as usize] {
                    parts[part].columns[side].order.push(places[row as usize]);
                }
            }
        }
        parts
    }

    fn add(&self, part: &mut Part, point: &Point) {
        for (side, column) in part.columns.iter_mut().enumerate() {
            let score = point.score[side];
            let threshold = self.thresholds[side].unwrap_or(0.5);
            column.label.push(point.label[side]);
            column.score.push(score);
            column.said.push(if score.is_nan() { f64::NAN } else { f64::from(u8::from(score >= threshold)) });
            column.weight.push(point.weight);
            column.median = self.medians[side];
        }
        if let Some(units) = &mut part.units {
            units.push(point.unit);
        }
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
