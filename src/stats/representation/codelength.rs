//! How many bits it takes to send the classes of rows to someone who has their embedding.

use super::Undefined;
use super::folds::{Ordered, Rows};
use super::guides::Guides;
use super::lessons::{Fit, Learned, School};
use super::probe::STRENGTHS;
use super::table::Table;
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use std::ops::Range;

/// Where blocks end, in shares of all rows.
const ENDS: [f64; 11] = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.0625, 0.125, 0.25, 0.5, 1.0];
/// How far from the least possible loss, in all, a fit may be.
const EXACT: f64 = 1e-8;

/// The length of an online code of classes, given an embedding (Voita & Titov 2020, section 2.2.2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Codelength {
    /// Its length in bits.
    pub bits: f64,
    /// That of a code that knows how many classes there are and nothing else: n log₂ K.
    pub uniform_bits: f64,
    /// The second over the first: 1 or less where the embedding says nothing that pays.
    pub compression: f64,
}

/// The code of the classes, sent in blocks that end at 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.25, 12.5, 25, 50 and 100 % of the
/// rows: the first in equal shares, every other by logistic regressions that learned from all before.
///
/// Rows come in an order that `seed` draws, from their content or their unit. A regression over t rows says
/// (t p + 1) / (t + K) of a class, so that one it has not seen yet can be sent. Each strength of `STRENGTHS` makes a
/// code; the five are mixed as one, with equal shares at the start, which costs log₂ 5 bits at most against the best.
pub fn codelength(rows: &Rows, seed: u64) -> Result<Codelength, Undefined> {
    let ordered = Ordered::new(rows, 4)?;
    let drawn = ordered.drawn(seed);
    let mut places: Vec<usize> = (0..drawn.len()).collect();
    places.sort_by_key(|place| (drawn[*place], *place));
    let table = Table::new(rows.embedding, places.iter().map(|place| ordered.order[*place]).collect());
    let classes: Vec<usize> = places.iter().map(|place| ordered.classes[*place]).collect();
    let kinds = ordered.kinds.len();
    let ends = ends(classes.len());
    let uniform = (kinds as f64).log2();
    // What is sent is sent of every row alike.
    let weights = vec![1.0; classes.len()];
    let codes = codes(&School::new(&table, (&classes, &weights), kinds), kinds, &ends);
    let bits = ends[0] as f64 * uniform + mixed(&codes);
    let uniform_bits = classes.len() as f64 * uniform;
    Ok(Codelength { bits, uniform_bits, compression: uniform_bits / bits })
}

/// The number of rows before the end of every block that is not empty.
fn ends(rows: usize) -> Vec<usize> {
    let mut ends: Vec<usize> = ENDS.iter().map(|share| (share * rows as f64).ceil() as usize).collect();
    ends.dedup();
    ends
}

/// By strength: the bits of all blocks but the first.
fn codes(school: &School, kinds: usize, ends: &[usize]) -> [f64; STRENGTHS.len()] {
    let before = |end: &usize| (0..school.classes.len()).map(|place| place < *end).collect();
    let lessons = school.lessons(ends[..ends.len() - 1].iter().map(before).collect());
    let guides = Guides::new(school);
    // A lesson at a time, since its passes end where it does.
    let learned = lessons
        .par_iter()
        .flat_map_iter(|lesson| school.learned(&STRENGTHS.map(|strength| Fit { lesson, strength }), &guides, EXACT));
    let learned: Vec<Learned> = learned.collect();
    let mut codes = [0.0; STRENGTHS.len()];
    let of = |places: Range<usize>, _: ArrayView2<f64>, mut margins: Array2<f64>| {
        let mut part = [0.0; STRENGTHS.len()];
        let each = margins.ncols() / learned.len().max(1);
        for (place, mut row) in places.zip(margins.rows_mut()) {
            let row = row.as_slice_mut().unwrap_or_default();
            // The last regression that had not seen the row.
            let Some(block) = ends.partition_point(|end| *end <= place).checked_sub(1) else { continue };
            let known = ends[block] as f64;
            for (code, part) in part.iter_mut().enumerate() {
                let at = block * STRENGTHS.len() + code;
                let said = lessons[block].probability(&mut row[at * each..(at + 1) * each], school.classes[place]);
                *part -= ((known * said + 1.0) / (known + kinds as f64)).log2();
            }
        }
        part
    };
    school.walk(&learned, of, |part| codes.iter_mut().zip(part).for_each(|(sum, part)| *sum += part));
    codes
}

/// −log₂ of the mean of 2^−bits.
fn mixed(codes: &[f64]) -> f64 {
    let least = codes.iter().copied().fold(f64::INFINITY, f64::min);
    let sum: f64 = codes.iter().map(|bits| (least - bits).exp2()).sum();
    least - (sum / codes.len() as f64).log2()
}
