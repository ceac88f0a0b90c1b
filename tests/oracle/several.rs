//! Several classes, and regressions.

use crate::common::finding;
use crate::peers::{Number, Tally, audit, ours, peers, slack};
use heirloom::result::{AuditResult, GapEstimate};

const CLASSES: &str = "models.base.scores = { prefix = \"base_\" }\nmodels.tuned.scores = { prefix = \"tuned_\" }\n\
                       data.task = \"multiclass\"\n";

const NUMBERS: &str = "models.base.scores = \"base\"\nmodels.tuned.scores = \"tuned\"\ndata.task = \"regression\"\n\
    stats.smallest_gap = { default = 5, mean_squared_error = 100 }\n\
    stats.metrics = [\"mean_error\", \"mean_absolute_error\", \"mean_squared_error\", \"quantile_loss\", \"mean_prediction\"]\n";

/// Our metric and model behind a name of the peers.
fn translated(one: &Number) -> Option<(&str, &'static str)> {
    let model = match one.model.as_str() {
        "base" => "base",
        "tuned" => "tuned",
        "labels" => "labels",
        _ if one.metric.ends_with("_change") => "change",
        _ => "pair",
    };
    let metric = one.metric.strip_suffix("_change").unwrap_or(&one.metric);
    match metric {
        // Counts that stand elsewhere in a result, and other definitions beside ours.
        "rows" | "mean_label" | "population_stability_index_linear" | "jensen_shannon_divergence_linear" => None,
        // Ours is that of the median.
        "quantile_loss" if one.class.as_deref() != Some("0.5") => None,
        "top_2_accuracy" => Some(("top_k_accuracy", model)),
        metric => Some((metric, model)),
    }
}

fn compare(name: &str, more: &str) -> (Tally, AuditResult) {
    let (peers, folder) = (peers(name), tempfile::tempdir().expect("a temporary folder"));
    let result = audit(name, &peers, more, folder.path());
    let (ours, mut tally) = (ours(&result), Tally::default());
    let regression = more == NUMBERS;
    let class = |one: &Number| if regression { String::new() } else { one.class.clone().unwrap_or_default() };
    let versus = peers.versus.iter().filter(|_| !regression);
    // Ours is the mean over the classes that are defined for both models, theirs for each: the same where
    // those are all classes, or where only labels decide.
    let other = |one: &Number| {
        let same = |other: &&Number| other.metric == one.metric && other.slice == one.slice && other.class == one.class;
        let by_labels = one.metric.starts_with("true_") || one.metric.starts_with("false_");
        let all = Some(peers.classes.len() as u64);
        one.classes.is_some() && !by_labels && peers.values.iter().filter(same).any(|other| other.classes != all)
    };
    for one in peers.values.iter().filter(|one| !other(one)).chain(versus) {
        let Some((metric, model)) = translated(one) else { continue };
        let found = ours.get(&(metric.into(), class(one), one.slice.clone(), model));
        let what = format!("{} {:?} of {} for {} in {name}", one.metric, one.class, one.slice, one.model);
        tally.estimate(&what, found, one.value(), slack(metric));
    }
    for one in &peers.aggregates {
        let aggregate = if one.aggregate == "difference_to_overall" { "to_overall" } else { &one.aggregate };
        let Some((metric, model)) = translated(one) else { continue };
        let place = format!("{}/{aggregate}", one.attribute);
        let what =
            format!("{}/{aggregate} {:?} over {} for {} in {name}", one.metric, one.class, one.attribute, one.model);
        tally.estimate(&what, ours.get(&(metric.into(), class(one), place, model)), one.value(), slack(metric));
    }
    (tally, result)
}

#[test]
fn three_classes_equal_the_peers() {
    let (tally, _) = compare("wine", CLASSES);
    assert!(!tally.missing.contains_key("top_2_accuracy"), "{:?}", tally.missing);
    tally.told("wine", 700);
}

#[test]
fn ten_classes_equal_the_peers() {
    let (tally, _) = compare("digits", CLASSES);
    assert!(!tally.missing.contains_key("top_2_accuracy"), "{:?}", tally.missing);
    tally.told("digits", 1100);
}

/// Gaps to the rest and their intervals are Welch's.
#[test]
fn predictions_of_numbers_equal_the_peers() {
    let (mut tally, result) = compare("diabetes", NUMBERS);
    for one in &peers("diabetes").versus {
        let Some((metric, model)) = translated(one) else { continue };
        // Of two groups one stands for both.
        let mirrored = result.findings.iter().find(|finding| finding.mirror.as_deref() == Some(&one.slice));
        let found = mirrored.map_or_else(
            || finding(&result, &format!("{metric}/{}", one.slice)),
            |mirror| finding(&result, &format!("{metric}/{}", mirror.slice)),
        );
        let gap = match model {
            "base" => found.base,
            "tuned" => found.tuned,
            _ => found.change,
        };
        let sign = if mirrored.is_some() { -1.0 } else { 1.0 };
        hold(&mut tally, one, gap, sign);
    }
    tally.told("diabetes", 700);
}

fn hold(tally: &mut Tally, one: &Number, gap: Option<GapEstimate>, sign: f64) {
    let what = format!("{} of {} against the rest for {}", one.metric, one.slice, one.model);
    let ends = gap.map(|gap| if sign > 0.0 { (gap.low, gap.high) } else { (-gap.high, -gap.low) });
    tally.hold(&what, gap.map(|gap| sign * gap.value), one.value(), 1e-9);
    tally.hold(&format!("{what}, from"), ends.map(|ends| ends.0), one.low, 1e-9);
    tally.hold(&format!("{what}, to"), ends.map(|ends| ends.1), one.high, 1e-9);
}
