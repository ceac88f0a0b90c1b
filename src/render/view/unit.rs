//! What a number counts, and so how it is written: the one place that decides between "of 100",
//! points and plain numbers.

use crate::metrics;
use crate::render::number;
use crate::result::{Asked, AuditResult, CheckOutcome, Of, On};

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::render) enum Unit {
    /// A rate, of 100 people.
    Hundred,
    /// A difference of rates, with its sign.
    Points,
    /// The size of a difference of rates.
    Spread,
    /// One number over another.
    Ratio,
    /// What is no rate: a plain number.
    Number,
    /// A difference of such numbers, with its sign.
    Difference,
}

impl Unit {
    /// Of a metric's own value.
    pub fn value(metric: &str) -> Unit {
        if is_rate(metric) { Unit::Hundred } else { Unit::Number }
    }

    /// Of a gap or a change, which has a sign.
    pub fn gap(metric: &str) -> Unit {
        if is_rate(metric) { Unit::Points } else { Unit::Difference }
    }

    /// Of the size of a gap, which has none.
    pub fn size(metric: &str) -> Unit {
        Unit::gap(metric).unsigned()
    }

    /// What the number of a check counts.
    pub fn of(check: &CheckOutcome) -> Unit {
        let metric = check.metric.as_deref().unwrap_or_default();
        let Asked::Limit { of, on, .. } = check.asked else { return Unit::gap(metric) };
        match (of, on) {
            (Of::Ratio, _) => Unit::Ratio,
            (Of::Spread, _) => Unit::size(metric),
            (Of::Value, On::Change) if !is_of_pair(check) => Unit::gap(metric),
            (Of::Value, _) => Unit::value(metric),
            (Of::Gap, _) => Unit::gap(metric),
        }
    }

    /// The same without a sign.
    pub fn unsigned(self) -> Unit {
        match self {
            Unit::Points => Unit::Spread,
            Unit::Difference => Unit::Number,
            other => other,
        }
    }

    /// How such a number is written.
    pub fn writer(self) -> fn(f64) -> String {
        match self {
            Unit::Hundred | Unit::Spread => number::hundred,
            Unit::Points => number::points,
            Unit::Ratio => number::ratio,
            Unit::Number => number::decimal,
            Unit::Difference => number::difference,
        }
    }

    /// What stands behind such a number.
    pub fn suffix(self) -> &'static str {
        match self {
            Unit::Hundred => " of 100",
            Unit::Points | Unit::Spread => " points",
            Unit::Ratio | Unit::Number | Unit::Difference => "",
        }
    }

    /// The number and what it counts, `12.6 of 100`.
    pub fn full(self, value: f64) -> String {
        format!("{}{}", self.writer()(value), self.suffix())
    }

    /// A limit and what it counts, `5.0 points`: never rounded away.
    pub fn limit(self, value: f64) -> String {
        format!("{}{}", number::exact(value, self.scale(), self.writer()), self.suffix())
    }

    /// A setting and what it counts, `5 points`, `0.03`.
    pub fn setting(self, value: f64) -> String {
        format!("{}{}", number::setting(self.scale() * value), self.suffix())
    }

    /// How many of the unit are 1: what a chart multiplies its values by.
    pub fn scale(self) -> f64 {
        if matches!(self, Unit::Hundred | Unit::Points | Unit::Spread) { 100.0 } else { 1.0 }
    }
}

/// An id that this version does not know is taken for a rate, as all were in older results.
fn is_rate(metric: &str) -> bool {
    metrics::find(metric).is_none_or(metrics::is_rate)
}

/// Whether the metric describes both models at once, so that its value is no difference.
pub(in crate::render) fn is_of_pair(check: &CheckOutcome) -> bool {
    let metric = check.metric.as_deref().and_then(metrics::find);
    metric.is_some_and(metrics::of_pair)
}

/// Which units the findings of a report have, so that captions can say it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::render) enum Mix {
    /// Rates alone.
    Rates,
    /// No rates.
    Numbers,
    /// Both.
    Both,
}

impl Mix {
    /// Of a result's findings.
    pub fn of(result: &AuditResult) -> Mix {
        let any = |rate: bool| result.findings.iter().any(|finding| is_rate(&finding.metric) == rate);
        match (any(true), any(false)) {
            (_, false) => Mix::Rates,
            (false, true) => Mix::Numbers,
            (true, true) => Mix::Both,
        }
    }

    /// What gaps are counted in, for a caption.
    pub fn gaps(self) -> &'static str {
        match self {
            Mix::Rates => "in points",
            Mix::Numbers => "as plain numbers",
            Mix::Both => "of rates in points, of other metrics as plain numbers with three decimals",
        }
    }

    /// What values are counted in, for a caption.
    pub fn values(self) -> &'static str {
        match self {
            Mix::Rates => "Rates of 100",
            Mix::Numbers => "Values",
            Mix::Both => "Rates of 100, other metrics as plain numbers",
        }
    }
}
