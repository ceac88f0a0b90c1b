//! Sums over pairs of cells, one for each model: how the two models' influences hang together.

use super::series::Powers;

/// Powers of both distances together that are kept. They make a correlation, for which fewer do than for a fit.
const DEGREE: usize = 6;

/// Sums of products of powers, whose degrees together are below [`DEGREE`].
pub type Products = [f64; PRODUCTS];
const PRODUCTS: usize = DEGREE * (DEGREE + 1) / 2;

/// Where the products with a power of the first distance begin.
const fn start(power: usize) -> usize {
    power * (2 * DEGREE + 1 - power) / 2
}

/// By pair of cells the sums over its negatives and its positives. Pairs without rows are left out.
#[derive(Debug, Clone, Default)]
pub struct Joint(Vec<(u32, [Products; 2])>);

impl Joint {
    /// Adds the sums over rows of one label in a pair of cells, the last one or a later one.
    pub fn add(&mut self, pair: u32, positive: bool, sums: Products) {
        if self.0.last().is_none_or(|(last, _)| *last != pair) {
            self.0.push((pair, Default::default()));
        }
        if let Some((_, cell)) = self.0.last_mut() {
            cell[usize::from(positive)] = sums;
        }
    }

    /// Σ φψ over rows. `influences` are those of a cell of either model; `others` are rows of these that are left
    /// out.
    pub fn covariance<'a>(&self, others: Option<&Joint>, influences: impl Fn(u32) -> [&'a [Powers; 2]; 2]) -> f64 {
        let mut others = others.iter().flat_map(|others| &others.0).peekable();
        let mut sum = 0.0;
        for (pair, cell) in &self.0 {
            let left_out = others.next_if(|(other, _)| other == pair);
            let [base, tuned] = influences(*pair);
            for label in [0, 1] {
                let own = product(&cell[label], &base[label], &tuned[label]);
                let other = left_out.map_or(0.0, |(_, other)| product(&other[label], &base[label], &tuned[label]));
                sum += own - other;
            }
        }
        sum
    }
}

/// The products of a row.
#[inline]
pub fn products(base: &Powers, tuned: &Powers) -> Products {
    let mut found = [0.0; PRODUCTS];
    for power in 0..DEGREE {
        let found = &mut found[start(power)..start(power + 1)];
        found.iter_mut().zip(tuned).for_each(|(product, other)| *product = base[power] * other);
    }
    found
}

#[inline]
fn product(sums: &Products, base: &Powers, tuned: &Powers) -> f64 {
    let of = |power: usize| {
        let sums = &sums[start(power)..start(power + 1)];
        base[power] * sums.iter().zip(tuned).map(|(sum, term)| sum * term).sum::<f64>()
    };
    (0..DEGREE).map(of).sum()
}
