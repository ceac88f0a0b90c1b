//! The rows of an embedding, in an order that is their own and not that of the files, a block at a time.

use ndarray::{Array1, Array2, ArrayView2, Axis, Zip, s};
use rayon::prelude::*;
use std::ops::Range;

/// Rows of a block.
const BLOCK: usize = 512;
/// Numbers of a table that is kept scaled; a larger one is scaled again whenever it is walked through.
const KEPT: usize = 1 << 23;
/// Blocks that are worked on at once. What they give is added up in their order, whatever the threads.
const ROUND: usize = 16;

/// Rows of an embedding with mean 0 and variance 1 in every column; a constant column is 0.
pub struct Table<'a> {
    x: ArrayView2<'a, f32>,
    order: Vec<u32>,
    mean: Array1<f64>,
    scale: Array1<f64>,
    /// All rows, scaled, where there are few.
    kept: Option<Array2<f64>>,
}

impl<'a> Table<'a> {
    /// The rows in this order.
    pub fn new(x: ArrayView2<'a, f32>, order: Vec<u32>) -> Table<'a> {
        let width = x.ncols();
        let plain = Table { x, order, mean: Array1::zeros(width), scale: Array1::ones(width), kept: None };
        let mean = plain.sums(|x| x) / plain.rows().max(1) as f64;
        let plain = Table { mean, ..plain };
        let variance = plain.sums(|x| x * x) / plain.rows().max(1) as f64;
        let constant = x.columns().into_iter().map(|column| column.iter().all(|value| *value == column[0]));
        let scale = variance.iter().zip(constant).map(|(v, constant)| if constant { 0.0 } else { 1.0 / v.sqrt() });
        Table { scale: scale.collect(), ..plain }.keeping()
    }

    fn keeping(mut self) -> Table<'a> {
        self.kept = (self.rows() * self.width() <= KEPT).then(|| self.scaled(0..self.rows()));
        self
    }

    fn sums(&self, of: impl Fn(f64) -> f64 + Sync) -> Array1<f64> {
        let mut sum = Array1::zeros(self.width());
        self.walk(self.rows(), |_, rows| rows.mapv(&of).sum_axis(Axis(0)), |part| sum += &part);
        sum
    }

    /// Some of the rows, by their places in the order, scaled as all are.
    pub fn only(&self, places: &[usize]) -> Table<'a> {
        let order = places.iter().map(|place| self.order[*place]).collect();
        Table { x: self.x, order, mean: self.mean.clone(), scale: self.scale.clone(), kept: None }.keeping()
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.order.len()
    }

    /// How many columns.
    pub fn width(&self) -> usize {
        self.x.ncols()
    }

    /// Works on the blocks of the first rows up to `end`, and takes up what each gives in their order.
    pub fn walk<T: Send>(
        &self,
        end: usize,
        of: impl Fn(Range<usize>, ArrayView2<f64>) -> T + Sync,
        mut take: impl FnMut(T),
    ) {
        let starts: Vec<usize> = (0..end).step_by(BLOCK).collect();
        for round in starts.chunks(ROUND) {
            let block = |start: &usize| {
                let places = *start..(start + BLOCK).min(end);
                match &self.kept {
                    Some(kept) => of(places.clone(), kept.slice(s![places, ..])),
                    None => of(places.clone(), self.scaled(places).view()),
                }
            };
            round.par_iter().map(block).collect::<Vec<T>>().into_iter().for_each(&mut take);
        }
    }

    fn scaled(&self, places: Range<usize>) -> Array2<f64> {
        let mut block = Array2::zeros((places.len(), self.width()));
        for (mut row, place) in block.rows_mut().into_iter().zip(places) {
            let source = self.x.row(self.order[place] as usize);
            Zip::from(&mut row)
                .and(source)
                .and(&self.mean)
                .and(&self.scale)
                .for_each(|to, from, mean, scale| *to = (f64::from(*from) - mean) * scale);
        }
        block
    }
}
