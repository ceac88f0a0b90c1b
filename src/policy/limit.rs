//! Limits: how a number is judged against one, by estimate, interval or probability.

use super::number::Number;
use crate::config::{Judge, Limit};
use crate::result::Outcome;
use crate::stats::{Draws, Interval, holm, level_of, quantile_of};
use crate::trace::{DRAWS, smallest_factor, two_digits};

/// A judged number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// What came out.
    pub outcome: Outcome,
    /// The point estimate.
    pub value: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
    /// Posterior probability that the limit is broken.
    pub probability: Option<f64>,
    /// About how many rows of the slice would settle it.
    pub needed: Option<u64>,
}

/// The allowed range of the number.
fn allowed(limit: Limit) -> Interval {
    let (low, high) = match limit {
        Limit::Min(x) => (x, f64::INFINITY),
        Limit::Max(x) | Limit::MaxGrowth(x) | Limit::MaxRise(x) => (f64::NEG_INFINITY, x),
        Limit::MaxAbs(x) => (-x, x),
        Limit::MaxDrop(x) => (-x, f64::INFINITY),
    };
    Interval { low, high }
}

/// Met when wholly inside, failed when wholly outside.
fn settled(interval: Interval, allowed: Interval) -> Option<Outcome> {
    if interval.inside(allowed.low, allowed.high) {
        Some(Outcome::Met)
    } else if interval.high < allowed.low || interval.low > allowed.high {
        Some(Outcome::Failed)
    } else {
        None
    }
}

/// Judges all the numbers of one check: those that can be are, the others stay `None`.
pub fn judge(
    numbers: &[Option<Number>],
    limit: Limit,
    by: Judge,
    confidence: f64,
    seed: u64,
    id: &str,
) -> Vec<Option<Judged>> {
    let allowed = allowed(limit);
    let z = quantile_of(confidence);
    match by {
        Judge::Interval => by_interval(numbers, allowed, confidence),
        Judge::Estimate => each(numbers, |number| {
            let inside = number.value().map(|value| settled(Interval { low: value, high: value }, allowed));
            Judged { outcome: inside.flatten().unwrap_or(Outcome::Undecided), ..shown(number, z) }
        }),
        Judge::Probability => each(numbers, |number| by_probability(number, allowed, confidence, seed, id)),
    }
}

fn each(numbers: &[Option<Number>], judge: impl Fn(&Number) -> Judged) -> Vec<Option<Judged>> {
    numbers.iter().map(|number| number.as_ref().map(&judge)).collect()
}

fn shown(number: &Number, z: f64) -> Judged {
    Judged {
        outcome: Outcome::Undecided,
        value: number.value(),
        interval: number.at(z),
        probability: None,
        needed: None,
    }
}

/// By interval, with Holm over the slices of the check: each has the smallest level at which it is
/// settled either way, and is settled where that level, corrected, is small enough.
fn by_interval(numbers: &[Option<Number>], allowed: Interval, confidence: f64) -> Vec<Option<Judged>> {
    let present: Vec<&Number> = numbers.iter().flatten().collect();
    let levels: Vec<f64> = present.iter().map(|number| level(number, allowed)).collect();
    let mut corrected = holm(&levels, levels.len()).into_iter();
    let z = quantile_of(confidence);
    each(numbers, |number| shown(number, z))
        .into_iter()
        .zip(numbers)
        .map(|(judged, number)| {
            let (mut judged, number) = (judged?, number.as_ref()?);
            // Rounding apart, a single slice is settled exactly when its interval is.
            let holds = corrected.next().is_some_and(|level| level <= 1.0 - confidence + 1e-12);
            let point = judged.value.map(|value| Interval { low: value, high: value });
            judged.outcome = match point.and_then(|point| settled(point, allowed)) {
                Some(outcome) if holds => outcome,
                _ => Outcome::Undecided,
            };
            if !holds {
                judged.needed = rows_to_settle(number, allowed, z);
            }
            Some(judged)
        })
        .collect()
}

/// The smallest level at which the number is settled.
fn level(number: &Number, allowed: Interval) -> f64 {
    let fires = |z: f64| number.at(z).is_some_and(|interval| settled(interval, allowed).is_some());
    let (mut low, mut high) = (0.0, 9.0);
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        if fires(middle) { low = middle } else { high = middle }
    }
    level_of(low)
}

fn rows_to_settle(number: &Number, allowed: Interval, z: f64) -> Option<u64> {
    let fires = |factor: f64| {
        let interval = number.scaled(factor).and_then(|number| number.at(z));
        interval.is_some_and(|interval| settled(interval, allowed).is_some())
    };
    smallest_factor(fires).map(|factor| two_digits(number.support().0 as f64 * factor))
}

fn by_probability(number: &Number, allowed: Interval, confidence: f64, seed: u64, id: &str) -> Judged {
    let mut draws = Draws::new(seed, id);
    let drawn: Vec<f64> = (0..DRAWS).filter_map(|_| number.draw(&mut draws)).collect();
    let judged = shown(number, quantile_of(confidence));
    if drawn.is_empty() {
        return judged;
    }
    let broken = drawn.iter().filter(|&&x| x < allowed.low || x > allowed.high).count();
    let probability = broken as f64 / drawn.len() as f64;
    let outcome = if probability >= confidence {
        Outcome::Failed
    } else if probability <= 1.0 - confidence {
        Outcome::Met
    } else {
        Outcome::Undecided
    };
    Judged { outcome, probability: Some(probability), ..judged }
}
