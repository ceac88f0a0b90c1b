//! Where everyone's number improves and a group's gets worse: an average that hides a loss.

use crate::config::Stats;
use crate::metrics::{self, Metric};
use crate::result::{Subject, Value, is_of_all};
use crate::stats::{Contrast, Interval, quantile_of};

/// Groups named in one sentence at most.
const MOST_NAMED: usize = 5;

/// One sentence for each metric of the audit that surely improved overall and surely got worse for a
/// group; the groups' intervals allow for their number (Bonferroni).
pub fn opposed(stats: &Stats, favorable: Option<bool>, min_support: u64, values: &[Value]) -> Vec<String> {
    let metrics = stats.metrics.iter().filter_map(|id| metrics::find(id));
    metrics.filter_map(|metric| of_metric(stats, favorable, min_support, values, metric)).collect()
}

fn of_metric(
    stats: &Stats,
    favorable: Option<bool>,
    min_support: u64,
    values: &[Value],
    metric: &Metric,
) -> Option<String> {
    let toward = if metric.higher_is_better(favorable)? { 1.0 } else { -1.0 };
    let least = metric.least_support(min_support);
    let of_all = |value: &&Value| value.metric == metric.id && is_of_all(&value.class);
    let changes = || values.iter().filter(of_all).filter(|value| value.model == Subject::Change);
    let moved = |value: &Value, z: f64| -> Option<Interval> {
        let duo = value.basis.filter(|twin| twin.support() >= least)?.duo()?;
        let interval = duo.interval(Contrast::CHANGE, z);
        Some(if toward > 0.0 { interval } else { interval.negated() })
    };
    let everyone = changes().find(|value| value.slice == "all")?;
    if moved(everyone, quantile_of(stats.confidence))?.low <= 0.0 {
        return None;
    }
    let groups: Vec<&Value> = changes().filter(|value| value.slice != "all" && moved(value, 0.0).is_some()).collect();
    let z = quantile_of(1.0 - (1.0 - stats.confidence) / groups.len().max(1) as f64);
    let worse: Vec<&str> = groups
        .into_iter()
        .filter(|value| moved(value, z).is_some_and(|interval| interval.high < 0.0))
        .map(|value| value.slice.as_str())
        .collect();
    (!worse.is_empty()).then(|| sentence(metric, &worse))
}

fn sentence(metric: &Metric, worse: &[&str]) -> String {
    let named = worse[..worse.len().min(MOST_NAMED)].join(", ");
    let more = if worse.len() > MOST_NAMED { format!(" and {} more", worse.len() - MOST_NAMED) } else { String::new() };
    format!("{} improved from base to tuned over everyone, and surely got worse for {named}{more}.", metric.title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Multiplicity;
    use crate::result::Estimate;
    use crate::stats::Paired;

    fn change(slice: &str, both: [[u64; 2]; 2]) -> Value {
        Value {
            metric: "accuracy".into(),
            class: None,
            slice: slice.into(),
            model: Subject::Change,
            estimate: Estimate::Known { value: 0.0, low: None, high: None, support: 0 },
            basis: Some(Paired { both, ..Paired::default() }.into()),
        }
    }

    #[test]
    fn a_loss_under_a_gain_is_told() {
        let stats = Stats {
            confidence: 0.95,
            smallest_gap: 0.05,
            smallest_gaps: Default::default(),
            same_size: 1.5,
            mostly_new: 3.0,
            multiplicity: Multiplicity::Bh,
            metrics: vec!["accuracy".into()],
            classes: Vec::new(),
            control: Vec::new(),
            sweep: false,
            top_k: 2,
            seed: 1,
        };
        let gain = change("all", [[400, 200], [50, 1350]]);
        let loss = change("group=a", [[40, 5], [45, 110]]);
        let told = |values: &[Value]| opposed(&stats, Some(true), 30, values);
        let found = told(&[gain.clone(), loss.clone(), change("group=b", [[360, 195], [5, 1240]])]);
        assert_eq!(found, ["Accuracy improved from base to tuned over everyone, and surely got worse for group=a."]);
        assert!(told(&[loss.clone(), change("group=b", [[360, 195], [5, 1240]])]).is_empty());
        assert!(told(&[change("all", [[400, 60], [50, 1350]]), loss]).is_empty());
    }
}
