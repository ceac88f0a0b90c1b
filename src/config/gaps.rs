//! Reads `[stats] smallest_gap`: τ of all metrics, or a table that names some of its own.

use super::document::Value;
use super::problem::{Problem, quoted};
use super::reader::Reader;
use super::source::Span;
use super::stats::named_metric;
use super::{Audit, Stats};
use crate::metrics::{self, Metric, SmallestGap};
use crate::tasks::Task;
use std::collections::BTreeMap;

const DEFAULT: f64 = 0.05;
const BELOW_ONE: &str = "above 0 and below 1";

/// τ as an audit file or a policy gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct SmallestGaps {
    /// Of rates, and of numbers on their scale.
    pub default: f64,
    /// Of the metrics that are named, by id.
    pub own: BTreeMap<String, f64>,
}

impl Default for SmallestGaps {
    fn default() -> Self {
        SmallestGaps { default: DEFAULT, own: BTreeMap::new() }
    }
}

impl Stats {
    /// τ of a metric: what is given for it, else its own, else the default.
    pub fn tau(&self, metric: &str) -> f64 {
        let built_in = || metrics::find(metric).and_then(|metric| metric.smallest_gap.own());
        self.smallest_gaps.get(metric).copied().or_else(built_in).unwrap_or(self.smallest_gap)
    }

    /// Sets τ anew; what the metrics have of their own is written out, so that the settings tell it.
    pub fn set_smallest_gap(&mut self, gaps: SmallestGaps) {
        let built_in = self.metrics.iter().filter_map(|id| Some((id.clone(), metrics::find(id)?.smallest_gap.own()?)));
        self.smallest_gaps = built_in.chain(gaps.own).collect();
        self.smallest_gap = gaps.default;
    }
}

/// A number for all metrics, or a table by metric; its `default` may be left out.
pub fn read(stats: &Reader, task: Task) -> Option<SmallestGaps> {
    let node = stats.node("smallest_gap")?;
    // The numbers of a regression are in the label's unit.
    let (range, fits): (_, fn(f64) -> bool) = match task {
        Task::Regression => ("above 0, in the label's unit", |gap| gap > 0.0),
        _ => (BELOW_ONE, below_one),
    };
    if !matches!(node.value, Value::Table(_)) {
        let default = stats.as_number(node, range, fits)?;
        return Some(SmallestGaps { default, ..SmallestGaps::default() });
    }
    stats.within("smallest_gap", |gaps| {
        gaps.later(&["ratio"]);
        if task == Task::Regression {
            gaps.require("default", "give that of the metrics in the label's unit: { default = 500 }");
        }
        let default = gaps.number("default", range, fits).unwrap_or(DEFAULT);
        let mut own = BTreeMap::new();
        for (key, span) in gaps.names().into_iter().filter(|(key, _)| !["default", "ratio"].contains(key)) {
            if let Some((metric, gap)) = one(gaps, key, span)
                && own.insert(metric.id.to_string(), gap).is_some()
            {
                let message = format!("{} names {} again", quoted(key), quoted(metric.id));
                gaps.report(Problem::at(span, message).help("keep one of them"));
            }
        }
        SmallestGaps { default, own }
    })
}

fn one(gaps: &Reader, key: &str, span: &Span) -> Option<(&'static Metric, f64)> {
    // Asked for in any case, so that a wrong name is reported once.
    let node = gaps.node(key)?;
    let metric = named_metric(key);
    let metric = metric.map_err(|problem| gaps.report(Problem { span: Some(span.clone()), ..problem })).ok()?;
    let (low, high) = metric.bounds();
    let gap = match high - low <= 1.0 {
        true => gaps.as_number(node, BELOW_ONE, below_one),
        false => gaps.as_number(node, "above 0", |gap| gap > 0.0),
    };
    Some((metric, gap?))
}

fn below_one(gap: f64) -> bool {
    gap > 0.0 && gap < 1.0
}

/// Reports metrics that no default fits, and for which nobody says how large a gap counts.
pub fn require(root: &Reader, audit: &Audit) {
    // Without two models nothing is compared.
    let compared = audit.sides().iter().all(Option::is_some);
    let silent = |metric: &&&Metric| {
        compared && metric.smallest_gap == SmallestGap::Named && !audit.stats.smallest_gaps.contains_key(metric.id)
    };
    for metric in audit.metrics().iter().filter(|metric| metrics::has_findings(metric)).filter(silent) {
        let place = ["stats.smallest_gap", "policy.stats.smallest_gap", "stats.metrics"].into_iter();
        let span = place.filter_map(|path| root.place(path)).next().unwrap_or_else(|| root.span().clone());
        let message =
            format!("nothing says from which size a gap of {} counts, and no default fits", quoted(metric.id));
        let help = format!("name it: [stats] smallest_gap = {{ {} = ... }}", metric.id);
        root.report(Problem::at(&span, message).help(help));
    }
}
