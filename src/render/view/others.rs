//! What the other runs and the control say of a finding, and the lines through the gaps of all groups.

use super::unit::Unit;
use super::words::{self, Shown};
use crate::render::number;
use crate::result::{AuditResult, Control, Estimate, Finding, GapEstimate, Run, Span, Verdict};
use serde::Serialize;

/// "inherited in 4 of 5 runs"; empty without other runs.
pub(in crate::render) fn agreement(finding: &Finding) -> String {
    if finding.runs.is_empty() || finding.verdict == Verdict::TooSmall {
        return String::new();
    }
    let alike = 1 + finding.runs.iter().filter(|run| run.verdict == finding.verdict).count();
    format!("{} in {alike} of {} runs", words::of(finding).0, 1 + finding.runs.len())
}

/// "tuned gaps from +3.1 to +7.0": over all runs; empty without other runs, or where one is hidden.
pub(in crate::render) fn range(finding: &Finding) -> Option<String> {
    let runs = finding.runs.iter().map(|run| run.tuned);
    let gaps: Option<Vec<f64>> = runs.chain([finding.tuned]).map(|gap| gap.map(|gap| gap.value)).collect();
    let gaps = gaps.filter(|gaps| gaps.len() > 1)?;
    let (low, high) = (gaps.iter().copied().fold(f64::MAX, f64::min), gaps.iter().copied().fold(f64::MIN, f64::max));
    let write = Unit::gap(&finding.metric).writer();
    Some(format!("tuned gaps from {} to {}", write(low), write(high)))
}

/// One run's verdict and gap, with its interval.
pub(in crate::render) fn run(metric: &str, run: &Run) -> String {
    let write = Unit::gap(metric).writer();
    let gap = |gap: GapEstimate| {
        format!(", tuned gap {} ({})", write(gap.value), number::span(Span::bounded(gap.low, gap.high), write))
    };
    format!("{}: {}{}", run.name, words::verdict(run.verdict).0, run.tuned.map_or(String::new(), gap))
}

/// What the base made of the gap, the only sentence of a cause: the tuned gap minus that of a model tuned the
/// same way from another base.
pub(in crate::render) fn cause(finding: &Finding, min_cell: u64) -> Option<String> {
    let Control { effect, .. } = finding.control?;
    let unit = Unit::gap(&finding.metric);
    Some(match effect {
        Estimate::Known { value, .. } => {
            let with = words::with_span(&effect, unit);
            let span = effect.interval();
            let apart =
                span.is_some_and(|span| span.low.is_some_and(|low| low > 0.0) || span.high.is_some_and(|h| h < 0.0));
            let same = finding.tuned.is_some_and(|gap| gap.value * value > 0.0);
            match (apart, same) {
                (true, true) => format!("because of this base: {with}"),
                (true, false) => format!("smaller because of this base: {with}"),
                (false, _) => format!("not shown to come from this base: {with} beside the control"),
            }
        }
        Estimate::Undefined { undefined } => format!("beside the control: {}", words::reason(undefined, min_cell)),
    })
}

/// One line through the gaps.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Line {
    /// The metric's title.
    title: String,
    /// Its slope.
    slope: Shown,
    /// Its value where the base has no gap.
    intercept: String,
    /// The squared correlation.
    r_squared: String,
    /// Groups.
    groups: String,
}

/// The lines that have a slope.
pub(in crate::render) fn lines(result: &AuditResult) -> Vec<Line> {
    let known = result.transfer.iter().filter(|line| line.slope.value().is_some());
    let line = |line: &crate::result::Transfer| Line {
        title: words::title_of(&line.metric, line.class.as_deref()),
        slope: Shown::estimate(Some(&line.slope), result.method.min_cell, number::ratio),
        intercept: line.intercept.map_or("–".into(), Unit::gap(&line.metric).writer()),
        r_squared: line.r_squared.map_or("–".into(), number::ratio),
        groups: match line.slope {
            Estimate::Known { support, .. } => number::count(support),
            Estimate::Undefined { .. } => String::new(),
        },
    };
    known.map(line).collect()
}
