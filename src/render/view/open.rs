//! Why an interval leaves a check undecided.

use crate::result::{Asked, CheckOutcome, Judge, Limit, Outcome, Span};

/// What is said where an interval settles a check alone, and not among the check's other groups.
pub(in crate::render) const CORRECTED: &str = "settled alone, but not after the correction";

/// Where the limit is, as the interval that is shown has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum Open {
    /// Inside the interval.
    Inside,
    /// Outside, but inside that which is corrected for the groups of the check.
    Corrected,
}

impl Open {
    /// `None` where the check is decided, or is not judged by an interval.
    pub fn of(outcome: &CheckOutcome) -> Option<Open> {
        let Asked::Limit { limit, judge: Judge::Interval, .. } = outcome.asked else { return None };
        let (Outcome::Undecided, Some(span)) = (outcome.outcome, outcome.interval()) else { return None };
        let x = limit.value();
        let limits: &[f64] = match limit {
            Limit::MaxAbs(_) => &[-x, x],
            Limit::MaxDrop(_) => &[-x],
            _ => &[x],
        };
        Some(if limits.iter().any(|x| holds(span, *x)) { Open::Inside } else { Open::Corrected })
    }
}

fn holds(span: Span, x: f64) -> bool {
    span.low.is_none_or(|low| low <= x) && span.high.is_none_or(|high| x <= high)
}
