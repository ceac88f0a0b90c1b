//! A finding's gap inside strata, and its ratios.

use crate::measure::Comparison;
use crate::metrics;
use crate::result::{Conditional, Pooled, RatioEstimate, Ratios};
use crate::stats::{Common, Interval, Quad, common_change, common_difference, common_odds_ratio, shared};

/// The common gap over the strata of a comparison; `None` where no stratum has rows of both.
pub fn conditional(comparison: &Comparison, z: f64) -> Option<Conditional> {
    let strata = &comparison.strata;
    let pooled = |Common { value, interval }: Common| Pooled { value, low: interval.low, high: interval.high };
    Some(Conditional {
        strata: shared(strata),
        base: common_difference(strata, 0, z).map(pooled)?,
        tuned: common_difference(strata, 1, z).map(pooled)?,
        change: common_change(strata, z).map(pooled),
        base_odds_ratio: common_odds_ratio(strata, 0, z).map(pooled),
        tuned_odds_ratio: common_odds_ratio(strata, 1, z).map(pooled),
    })
}

/// The ratios of a rate; `None` of anything else.
pub fn ratios(comparison: &Comparison, quad: &Quad, z: f64) -> Option<Ratios> {
    let finite = |number: f64| number.is_finite().then_some(number);
    let estimate = |(value, Interval { low, high }): (f64, Interval)| {
        Some(RatioEstimate { value: finite(value), low: finite(low)?, high: finite(high) })
    };
    metrics::is_rate(comparison.metric).then(|| Ratios {
        base: quad.ratio(true, z).and_then(estimate),
        tuned: quad.ratio(false, z).and_then(estimate),
        change: quad.ratio_change(z).and_then(estimate),
    })
}
