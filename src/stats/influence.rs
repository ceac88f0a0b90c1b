//! Estimates with the influence of every row: what variances, correlations and the totals of units
//! are summed from (statistics.md 2.8).

use super::{Duo, Limits, Marginal, Sum};
use std::collections::{BTreeMap, BTreeSet};

/// On which scale an estimate's limits are even.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// A rate: Wilson's limits.
    Rate,
    /// A mean: Student's t.
    Mean,
    /// Between 0 and 1: the logit.
    Unit,
    /// Between −1 and 1: Fisher's z.
    Signed,
    /// Positive: the logarithm.
    Positive,
    /// Any number: as it is.
    Real,
}

/// An estimate, and by how much each row moves it.
#[derive(Debug, Clone, PartialEq)]
pub struct Influenced {
    /// The estimate.
    pub value: f64,
    /// One number a row, 0 outside the condition; empty where the error of the estimate is not known.
    pub influence: Vec<f64>,
    /// Rows inside the condition; of an area under a curve the rows of its rarer class.
    pub rows: u64,
    /// Σw² / (Σw)² inverted: the rows that weigh as much, which is all of them where none is weighted. Of a
    /// table's number that is 0 or 1: one row decided otherwise would move it by the inverse of this.
    pub effective: f64,
    /// Which rows `effective` counts; empty where it is those with an influence. A number that is 0 or 1
    /// has none.
    pub inside: Vec<bool>,
    /// The scale of its limits.
    pub scale: Scale,
}

/// Which rows belong to one unit, such as a person; `None` where each stands for itself.
pub type Units<'a> = Option<&'a [u64]>;

impl Influenced {
    /// The estimate with limits; `None` where its error is not known.
    pub fn marginal(&self, units: Units) -> Option<Marginal> {
        self.spread(units).marginal
    }

    /// The same with what it is had from.
    pub fn spread(&self, units: Units) -> Spread {
        let known = !self.influence.is_empty();
        let square = if known { covariance(&self.influence, &self.influence, units) } else { f64::NAN };
        Spread { marginal: self.limited(square, units), square }
    }

    fn limited(&self, square: f64, units: Units) -> Option<Marginal> {
        if self.influence.is_empty() || self.rows == 0 {
            return None;
        }
        let variance = self.variance(square, units)?;
        let limits = self.limits(variance, units)?;
        // What rests on no estimated variance has no degrees of freedom.
        let estimated = match limits {
            Limits::Wilson { effective } => variance > 0.0 && effective < self.effective,
            Limits::Extreme { .. } => false,
            _ => true,
        };
        let freedom = units.filter(|_| estimated).map(|units| self.units_inside(units) as f64 - 1.0);
        Some(Marginal { value: self.value, rows: self.rows, limits, freedom })
    }

    /// The estimate's variance: the sum of squared influences, or of units' totals with the factor
    /// U / (U − 1) over the U units inside the condition that a few units need (Cameron & Miller 2015,
    /// section VI.B). `None` where all rows are of one unit, or the sum is too large to be told.
    fn variance(&self, square: f64, units: Units) -> Option<f64> {
        if square == 0.0 && self.influence.iter().all(|moved| *moved == 0.0) {
            return Some(0.0);
        }
        let factor = units.map_or(1.0, |units| {
            let inside = self.units_inside(units) as f64;
            if inside > 1.0 { inside / (inside - 1.0) } else { f64::NAN }
        });
        Some(square * factor).filter(|variance| variance.is_finite())
    }

    fn limits(&self, variance: f64, units: Units) -> Option<Limits> {
        let value = self.value;
        // Units that happen to be alike are not more than their rows.
        if self.scale == Scale::Rate && units.is_some() && variance > 0.0 {
            let effective = (value * (1.0 - value) / variance).min(self.effective);
            return value.is_finite().then_some(Limits::Wilson { effective });
        }
        limits(self.scale, value, variance, || self.independent(units))
    }

    /// The effective rows, times units over rows inside.
    fn independent(&self, units: Units) -> f64 {
        let Some(units) = units else { return self.effective };
        match self.rows_inside().count() {
            0 => self.effective,
            rows => self.effective * self.units_inside(units) as f64 / rows as f64,
        }
    }

    /// The units with a row inside the condition; a row without a unit (0) is one of its own.
    fn units_inside(&self, units: &[u64]) -> usize {
        let of = || self.rows_inside().map(|row| units[row]);
        let alone = of().filter(|unit| *unit == 0).count();
        alone + of().filter(|unit| *unit != 0).collect::<BTreeSet<_>>().len()
    }

    fn rows_inside(&self) -> impl Iterator<Item = usize> + '_ {
        let inside = |row: &usize| self.inside.get(*row).copied().unwrap_or(self.influence[*row] != 0.0);
        (0..self.influence.len()).filter(inside)
    }
}

/// The limits of an estimate from so many independent rows, or units.
fn limits(scale: Scale, value: f64, variance: f64, independent: impl Fn() -> f64) -> Option<Limits> {
    let error = variance.sqrt();
    let at_an_end = value <= 0.0 || value >= 1.0;
    // What rounding alone leaves of an error is none.
    let varies = error > 1e-15 * value.abs();
    let limits = match scale {
        _ if !(value.is_finite() && error.is_finite()) => return None,
        Scale::Rate => Limits::Wilson { effective: independent() },
        // Where no row could move it, nothing bounds it.
        Scale::Unit if at_an_end && !independent().is_finite() => return None,
        Scale::Unit if at_an_end => Limits::Extreme { rows: independent() },
        // Rows that are all alike tell nothing of how far others would be from them.
        _ if !varies => return None,
        // Below one degree of freedom Student's law says nothing that could be used.
        Scale::Mean if independent() < 2.0 => return None,
        Scale::Mean => Limits::Student { error, freedom: independent() - 1.0 },
        Scale::Unit => Limits::Logit { error },
        Scale::Signed if value.abs() < 1.0 => Limits::Fisher { error },
        Scale::Positive if value > 0.0 => Limits::Log { error },
        Scale::Signed | Scale::Positive => return None,
        Scale::Real => Limits::Normal { error },
    };
    Some(limits)
}

/// An estimate of rows that count once each, of which no more is known than what their influences add
/// up to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summed {
    /// The estimate.
    pub value: f64,
    /// Rows inside the condition; of an area under a curve the rows of its rarer class.
    pub rows: u64,
    /// Σ φ² over rows; `None` where the error of the estimate is not known.
    pub variance: Option<f64>,
    /// The scale of its limits.
    pub scale: Scale,
}

impl Summed {
    /// The estimate with limits; `None` where its error is not known.
    pub fn marginal(&self) -> Option<Marginal> {
        let limits = limits(self.scale, self.value, self.variance?, || self.rows as f64)?;
        (self.rows > 0).then_some(Marginal { value: self.value, rows: self.rows, limits, freedom: None })
    }

    /// Base and tuned in one group, with Σ φψ over rows; `None` where an error is not known.
    pub fn duo(base: &Summed, tuned: &Summed, covariance: f64) -> Option<Duo> {
        let correlation = correlation(covariance, base.variance?, tuned.variance?);
        Some(Duo { base: base.marginal()?, tuned: tuned.marginal()?, correlation })
    }
}

/// Σ φψ over rows, or over the totals of units.
pub fn covariance(a: &[f64], b: &[f64], units: Units) -> f64 {
    let Some(units) = units else { return Sum::of(a.iter().zip(b).map(|(a, b)| a * b)) };
    across((a, units), (b, units))
}

/// The same of two sets of rows, whose units may be in both. A row without a unit (0) is one of its own.
pub fn across((a, a_units): (&[f64], &[u64]), (b, b_units): (&[f64], &[u64])) -> f64 {
    let (mut totals, mut alone) = (BTreeMap::<u64, [Sum; 2]>::new(), Sum::default());
    let same_rows = std::ptr::eq(a_units, b_units);
    for (row, unit) in a_units.iter().enumerate() {
        match unit {
            0 => alone.add(if same_rows { a[row] * b[row] } else { 0.0 }),
            unit => totals.entry(*unit).or_default()[0].add(a[row]),
        }
    }
    for (unit, b) in b_units.iter().zip(b).filter(|(unit, _)| **unit != 0) {
        totals.entry(*unit).or_default()[1].add(*b);
    }
    Sum::of(totals.values().map(|[a, b]| a.value() * b.value())) + alone.value()
}

/// The correlation that these sums give; 0 where one of the two does not vary.
pub fn correlation(both: f64, a: f64, b: f64) -> f64 {
    let scale = (a * b).sqrt();
    if scale > 0.0 { (both / scale).clamp(-1.0, 1.0) } else { 0.0 }
}

/// An estimate's limits, and Σ φ² over rows, or over the totals of units.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    /// `None` where the error is not known.
    pub marginal: Option<Marginal>,
    square: f64,
}

/// Base and tuned in one group; `None` where an error is not known.
pub fn duo(base: &Influenced, tuned: &Influenced, units: Units) -> Option<Duo> {
    duo_of([base, tuned], [base.spread(units), tuned.spread(units)], units)
}

/// The same where their spreads are known.
pub fn duo_of([base, tuned]: [&Influenced; 2], [b, t]: [Spread; 2], units: Units) -> Option<Duo> {
    let (of_base, of_tuned) = (b.marginal?, t.marginal?);
    let both = covariance(&base.influence, &tuned.influence, units);
    Some(Duo { base: of_base, tuned: of_tuned, correlation: correlation(both, b.square, t.square) })
}

/// The weighted mean of the values that are there (NaN is outside the condition). Of rows that
/// count once each the influences' squares add up to s²/n.
pub fn mean(values: &[f64], weights: &[f64], scale: Scale) -> Option<Influenced> {
    let inside = || values.iter().zip(weights).filter(|(value, _)| !value.is_nan());
    let (mut rows, mut sum, mut squares, mut total) = (0_u64, Sum::default(), Sum::default(), Sum::default());
    for (value, weight) in inside().filter(|(_, weight)| **weight > 0.0) {
        rows += 1;
        sum.add(*weight);
        squares.add(weight * weight);
        total.add(weight * value);
    }
    let [sum, squares, total] = [sum, squares, total].map(|sum| sum.value());
    if sum <= 0.0 {
        return None;
    }
    let value = total / sum;
    let few = if scale == Scale::Rate || rows < 2 { 1.0 } else { (rows as f64 / (rows - 1) as f64).sqrt() };
    let of = |(x, w): (&f64, &f64)| if x.is_nan() { 0.0 } else { w * (x - value) / sum * few };
    let influence = values.iter().zip(weights).map(of).collect();
    let inside = values.iter().zip(weights).map(|(value, weight)| !value.is_nan() && *weight > 0.0).collect();
    Some(Influenced { value, influence, rows, effective: sum * sum / squares, inside, scale })
}

/// The area under the ROC curve: the chance that a positive row scores above a negative one, ties
/// half (midranks; Sun & Xu 2014), with the influences of DeLong, DeLong & Clarke-Pearson (1988), whose
/// squares add up to S10/m + S01/n. `order` sorts the rows by score; rows without score, label or
/// weight are outside.
pub fn area(labels: &[f64], scores: &[f64], weights: &[f64], order: &[u32]) -> Option<Influenced> {
    let known = |row: &usize| weights[*row] > 0.0 && !labels[*row].is_nan() && !scores[*row].is_nan();
    let order: Vec<usize> = order.iter().map(|&row| row as usize).filter(known).collect();
    let positive = |row: usize| labels[row] > 0.5;
    let of = |class: bool| order.iter().filter(move |&&row| positive(row) == class);
    let (m, n) = (of(true).count(), of(false).count());
    let weight_of = |class: bool| Sum::of(of(class).map(|&row| weights[row]));
    let (positives, negatives) = (weight_of(true), weight_of(false));
    if positives <= 0.0 || negatives <= 0.0 {
        return None;
    }
    // For a positive row the weight of negatives below it, for a negative one that of positives above.
    let mut placed = vec![0.0; labels.len()];
    let (mut below, mut above) = (0.0, positives);
    for tie in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let tied =
            |class: bool| tie.iter().filter(|&&row| positive(row) == class).map(|&row| weights[row]).sum::<f64>();
        let (up, down) = (tied(true), tied(false));
        above -= up;
        tie.iter().for_each(|&row| placed[row] = if positive(row) { below + down / 2.0 } else { above + up / 2.0 });
        below += down;
    }
    let value = Sum::of(of(true).map(|&row| weights[row] * placed[row])) / (positives * negatives);
    let few = |count: usize| if count > 1 { (count as f64 / (count - 1) as f64).sqrt() } else { 1.0 };
    let mut influence = vec![0.0; labels.len()];
    for &row in &order {
        let (own, other, count) = if positive(row) { (positives, negatives, m) } else { (negatives, positives, n) };
        influence[row] = weights[row] * (placed[row] / other - value) / own * few(count);
    }
    // Rounding may leave a perfect order a hair from 1.
    let value = if (value - 1.0).abs() < 1e-14 { 1.0 } else { value };
    // Of a class of one row nothing is known about its spread.
    if m.min(n) == 1 && value > 0.0 && value < 1.0 {
        influence.clear();
    }
    let rarer = m <= n;
    let mut inside = vec![false; labels.len()];
    of(rarer).for_each(|&row| inside[row] = true);
    let (sum, squares) = (weight_of(rarer), Sum::of(of(rarer).map(|&row| weights[row].powi(2))));
    Some(Influenced {
        value,
        influence,
        rows: m.min(n) as u64,
        effective: sum * sum / squares,
        inside,
        scale: Scale::Unit,
    })
}

#[cfg(test)]
mod tests;
