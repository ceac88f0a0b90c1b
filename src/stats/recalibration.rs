//! How labels rise with the log-odds of scores: slopes of logistic regressions for many groups and for everyone but
//! each of them, base and tuned together, without passing over all rows for every group.
//!
//! Log-odds are put into cells so narrow that the logistic function is a short series in each; what a regression
//! needs are then sums of powers, which add up over rows and can be taken away from those of everyone. Slopes are
//! those of Newton's method over the rows themselves to about 1e-10 (Cox 1958); their variances and covariance come
//! from the score equation (White 1982).

mod curve;
mod joint;
mod newton;
mod series;

pub use newton::Fit;

use super::groups::Groups;
use super::{Scale, Summed};
use curve::{Curve, Grid};
use joint::{Joint, Products, products};
use newton::{Unfit, fit_rows};
use rayon::prelude::*;
use series::{Powers, powers};

/// The regression of rows one by one: log-odds, label and weight of each. `None` where labels or log-odds do not
/// vary, or the labels are separated.
pub fn recalibrated(rows: impl Iterator<Item = (f64, f64, f64)> + Clone) -> Option<Fit> {
    let grid = Grid::new(rows.clone().map(|(x, ..)| x));
    let mut curve = Curve::new(grid);
    for (x, label, weight) in rows.clone() {
        let (cell, distance) = grid.place(x);
        curve.add(cell, label == 1.0, &powers(distance).map(|power| weight * power));
    }
    match curve.fit() {
        Err(Unfit::TooWide) => fit_rows(rows).ok(),
        fit => fit.ok(),
    }
}

/// One row with a label and the scores of both models.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rated {
    /// Whether its label is positive.
    pub positive: bool,
    /// Log-odds of the scores of base and tuned, finite.
    pub log_odds: [f64; 2],
    /// Rows of one kind are in the same group.
    pub kind: u32,
}

/// Slopes of base and tuned, `None` where there is none, and Σ φψ over rows.
pub type Slopes = ([Option<Summed>; 2], f64);

/// Rows in cells, and sums over everyone.
pub struct Recalibrations {
    grids: [Grid; 2],
    /// By pair of cells and label; where those are the same in the order in which they were given.
    rows: Vec<Placed>,
    everyone: Sums,
}

#[derive(Debug, Clone, Copy, Default)]
struct Placed {
    /// Pair of cells, then label.
    place: u32,
    kind: u32,
    /// From the middles of the cells.
    distances: [f64; 2],
}

impl Recalibrations {
    /// Puts rows into cells.
    pub fn new(rows: &[Rated]) -> Recalibrations {
        let grids = [0, 1].map(|side| Grid::new(rows.iter().map(|row| row.log_odds[side])));
        let placed = |row: &Rated| {
            let [(base, from_base), (tuned, from_tuned)] = [0, 1].map(|side| grids[side].place(row.log_odds[side]));
            let place = (2 * (base * grids[1].cells() + tuned) + usize::from(row.positive)) as u32;
            Placed { place, kind: row.kind, distances: [from_base, from_tuned] }
        };
        let mut rows: Vec<Placed> = rows.par_iter().map(placed).collect();
        rows.par_sort_by_key(|row| row.place);
        let everyone = Sums::new(&grids, &rows);
        Recalibrations { grids, rows, everyone }
    }

    /// Slopes of everyone; `None` where cells are too wide for one of them, so that rows have to be looked at.
    pub fn everyone(&self) -> Option<Slopes> {
        self.everyone.slopes(None)
    }

    /// Slopes within each group, and among everyone else, `None` as above; `group` is that of each kind.
    pub fn of_groups(&self, group: &[u32], count: usize) -> Vec<[Option<Slopes>; 2]> {
        let by_group = Groups::new(count, self.rows.iter().map(|row| (group[row.kind as usize], *row)));
        let of = |at: usize| {
            let own = Sums::new(&self.grids, by_group.of(at));
            [own.slopes(None), self.everyone.slopes(Some(&own))]
        };
        (0..count).into_par_iter().map(of).collect()
    }
}

/// Sums over some rows.
#[derive(Debug, Clone)]
struct Sums {
    curves: [Curve; 2],
    joint: Joint,
    /// Cells of the tuned model.
    width: usize,
}

impl Sums {
    /// Of rows by place.
    fn new(grids: &[Grid; 2], rows: &[Placed]) -> Sums {
        let mut sums = Sums { curves: grids.map(Curve::new), joint: Joint::default(), width: grids[1].cells() };
        rows.chunk_by(|a, b| a.place == b.place).for_each(|alike| sums.add(alike));
        sums
    }

    /// Adds rows that are all in one place.
    fn add(&mut self, rows: &[Placed]) {
        let (mut base, mut tuned, mut both) = <(Powers, Powers, Products)>::default();
        for row in rows {
            let [own, other] = row.distances.map(powers);
            plus(&mut base, &own);
            plus(&mut tuned, &other);
            plus(&mut both, &products(&own, &other));
        }
        let place = rows[0].place;
        let (pair, positive) = (place / 2, place % 2 == 1);
        self.curves[0].add(pair as usize / self.width, positive, &base);
        self.curves[1].add(pair as usize % self.width, positive, &tuned);
        self.joint.add(pair, positive, both);
    }

    /// Slopes of these rows but for `others` of them.
    fn slopes(&self, others: Option<&Sums>) -> Option<Slopes> {
        let curve = |side: usize| match others {
            Some(others) => self.curves[side].without(&others.curves[side]),
            None => self.curves[side].clone(),
        };
        let curves = [0, 1].map(curve);
        let fit = |side: usize| match curves[side].fit() {
            Err(Unfit::TooWide) => None,
            fit => Some(fit.ok()),
        };
        let fits = [fit(0)?, fit(1)?];
        let covariance = match fits {
            [Some(base), Some(tuned)] => self.covariance(others, [(&curves[0], &base), (&curves[1], &tuned)]),
            _ => 0.0,
        };
        Some(([0, 1].map(|side| Some(curves[side].summed(fits[side].as_ref()?))), covariance))
    }

    fn covariance(&self, others: Option<&Sums>, fits: [(&Curve, &Fit); 2]) -> f64 {
        let [base, tuned] = fits.map(|(curve, fit)| curve.influences(fit));
        let of_pair = |pair: u32| [&base[pair as usize / self.width], &tuned[pair as usize % self.width]];
        self.joint.covariance(others.map(|others| &others.joint), of_pair)
    }
}

#[inline]
fn plus<const N: usize>(sums: &mut [f64; N], row: &[f64; N]) {
    sums.iter_mut().zip(row).for_each(|(sum, number)| *sum += number);
}

impl Curve {
    fn summed(&self, fit: &Fit) -> Summed {
        let rows = self.weights().iter().sum::<f64>() as u64;
        Summed { value: fit.at[1], rows, variance: Some(self.variance(fit)), scale: Scale::Real }
    }
}

#[cfg(test)]
mod tests;
