//! What is known of one metric in one group: values with limits, both models together, and how they hang together.

use super::sample::Part;
use crate::result::Basis;
use crate::stats::{Influenced, Marginal, Path, Spread, Sum, Twin, Units, across, correlation, covariance, duo_of};

/// One metric of one slice: base and tuned, each a value with limits where its error is known.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// The value, its rows and its limits.
    pub sides: [Option<(f64, u64, Option<Marginal>)>; 2],
    /// Both together, where both errors are known.
    pub twin: Option<Twin>,
    /// What the rows inside the condition weigh; 0 where it is not told, and then each weighs alike.
    pub weights: [f64; 2],
    /// How the tuned numbers follow the base's, where sums told it at once.
    pub path: Option<Path>,
}

impl Measured {
    /// Base and tuned together; where no error of one of them is known, the rows that both numbers rest on.
    pub fn both(&self) -> Result<Twin, u64> {
        let rows = self.sides.iter().map(|side| side.map_or(0, |(_, rows, _)| rows));
        self.twin.ok_or_else(|| rows.min().unwrap_or(0))
    }
}

/// Two groups; where no error of one of them is known, the rows of both.
pub(super) fn based(slice: Result<Twin, u64>, reference: Result<Twin, u64>) -> Result<Basis, [u64; 2]> {
    match (slice, reference) {
        (Ok(slice), Ok(reference)) => Ok(Basis::new(slice, reference)),
        sides => Err(<[_; 2]>::from(sides).map(|side| side.map_or_else(|rows| rows, |twin| twin.support()))),
    }
}

/// From what the rows of a part say of base and tuned.
pub(super) fn measured(sides: &[Option<Influenced>; 2], units: Units) -> Measured {
    let spreads = sides.each_ref().map(|side| side.as_ref().map(|one| one.spread(units)));
    // What is too large to be told, such as the square of 1e200, is no number.
    let shown =
        |(one, spread): (&Influenced, Spread)| one.value.is_finite().then_some((one.value, one.rows, spread.marginal));
    let twin = match (sides, spreads) {
        ([Some(base), Some(tuned)], [Some(b), Some(t)]) => duo_of([base, tuned], [b, t], units).map(Twin::Estimates),
        _ => None,
    };
    let shown = [0, 1].map(|side| sides[side].as_ref().zip(spreads[side]).and_then(shown));
    Measured { sides: shown, twin, ..Measured::default() }
}

/// What the sides of a part say, with what the rows inside their conditions weigh.
pub(super) fn weighed(sides: &[Option<Influenced>; 2], part: &Part) -> Measured {
    let weights = [0, 1].map(|side| sides[side].as_ref().map_or(0.0, |one| inside(one, &part.columns[side].weight)));
    Measured { weights, ..measured(sides, part.units()) }
}

pub(super) fn path(sides: &[Option<Influenced>; 2], part: &Part) -> Option<Path> {
    let [Some(base), Some(tuned)] = sides else { return None };
    Path::new(base, tuned, &part.columns[1].weight, part.units())
}

/// What the rows inside a number's condition weigh.
fn inside(one: &Influenced, weights: &[f64]) -> f64 {
    Sum::of(one.inside.iter().zip(weights).filter(|(inside, _)| **inside).map(|(_, weight)| *weight))
}

/// Correlations of a slice's estimates with its reference's over the units that are in both.
pub(super) fn between(
    units: &[u64],
    own: &[Option<Influenced>; 2],
    other_units: &[u64],
    others: &[Option<Influenced>; 2],
) -> Option<[[f64; 2]; 2]> {
    let mut found = [[0.0; 2]; 2];
    for (at, one) in own.iter().enumerate() {
        for (to, other) in others.iter().enumerate() {
            let (a, b) = (&one.as_ref()?.influence, &other.as_ref()?.influence);
            let (own, others) = (covariance(a, a, Some(units)), covariance(b, b, Some(other_units)));
            found[at][to] = correlation(across((a, units), (b, other_units)), own, others);
        }
    }
    Some(found)
}
