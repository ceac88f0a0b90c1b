//! Models that say yes or no.

use crate::common;
use crate::peers::{Number, Peers, Tally, audit, ours, peers, slack};
use heirloom::result::{AuditResult, Estimate, Subject};
use std::path::Path;

/// Two columns of scores, under all metrics.
fn scored(name: &str, peers: &Peers, folder: &Path) -> AuditResult {
    let more = format!(
        "models.base.scores = \"base\"\nmodels.tuned.scores = \"tuned\"\ndata.positive = {:?}\n\
         stats.metrics = [\"roc_auc\"]\n",
        peers.positive
    );
    audit(name, peers, &more, folder)
}

/// Turns a number of ours into that of the oracle.
type Translation = fn(f64) -> f64;

/// What the peers' files call otherwise: our metric and what has to be done to our number.
fn translated(metric: &str) -> Option<(&str, Translation)> {
    let same: fn(f64) -> f64 = |x| x;
    Some(match metric {
        "expected_calibration_error_20" => ("expected_calibration_error", same),
        // Other definitions beside ours, and counts that stand elsewhere in a result.
        "expected_calibration_error"
        | "squared_calibration_error_20"
        | "debiased_squared_calibration_error_20"
        | "rows"
        | "labelled_rows"
        | "effective_rows"
        | "churn_to_positive"
        | "churn_to_negative" => return None,
        metric => (metric, same),
    })
}

/// Our metric and aggregate behind a name over groups.
fn made<'a>(one: &'a Number, aggregate: &'a str) -> (&'a str, &'a str) {
    match (one.metric.as_str(), one.model.as_str()) {
        ("demographic_parity_difference", _) => ("selection_rate", "difference"),
        ("demographic_parity_ratio", _) => ("selection_rate", "ratio"),
        ("equal_opportunity_difference", _) if one.aggregate == "between_groups" => {
            ("true_positive_rate", "difference")
        }
        ("equal_opportunity_ratio", _) => ("true_positive_rate", "ratio"),
        ("bias_amplification", "pair") => ("bias_amplification_from_base", "value"),
        ("equalized_odds_difference" | "equalized_odds_ratio" | "differential_fairness" | "bias_amplification", _) => {
            (&one.metric, "value")
        }
        _ => (&one.metric, aggregate),
    }
}

fn compare(name: &str) -> Tally {
    let (peers, folder) = (peers(name), tempfile::tempdir().expect("a temporary folder"));
    let result = scored(name, &peers, folder.path());
    let ours = ours(&result);
    let find = |metric: &str, place: &str, model: &str| {
        let model = ["base", "tuned", "pair", "labels"].into_iter().find(|name| *name == model)?;
        ours.get(&(metric.to_string(), String::new(), place.to_string(), model))
    };
    let mut tally = Tally::default();
    for one in peers.values.iter().chain(&peers.versus) {
        let Some((metric, turn)) = translated(&one.metric) else { continue };
        let found = find(metric, &one.slice, &one.model).map(|found| match *found {
            Estimate::Known { value, low, high, support } => Estimate::Known { value: turn(value), low, high, support },
            undefined => undefined,
        });
        let what = format!("{} of {} for {} in {name}", one.metric, one.slice, one.model);
        tally.estimate(&what, found.as_ref(), one.value(), slack(metric));
    }
    for one in &peers.aggregates {
        // fairlearn refuses rows without a group or a label; here they are part of everyone, and of what needs no label.
        let refused = one.aggregate == "difference_to_overall"
            || ["selection_rate", "mean_score", "differential_fairness"].contains(&made(one, "").0);
        if name == "edge" && refused {
            continue;
        }
        let aggregate = if one.aggregate == "difference_to_overall" { "to_overall" } else { &one.aggregate };
        let (metric, aggregate) = made(one, aggregate);
        let place = format!("{}/{aggregate}", one.attribute);
        let what = format!("{}/{} over {} for {} in {name}", one.metric, one.aggregate, one.attribute, one.model);
        tally.estimate(&what, find(metric, &place, &one.model), one.value(), slack(&one.metric));
    }
    tally
}

#[test]
fn binary_numbers_equal_the_peers() {
    let mut all = Tally::default();
    for name in ["income", "credit", "cancer", "ties", "edge", "weighted", "drift"] {
        let one = compare(name);
        common::tell(&format!("{name}: {} numbers, worst difference {:e}", one.compared, one.worst));
        all.compared += one.compared;
        all.worst = all.worst.max(one.worst);
        one.missing.into_iter().for_each(|(metric, n)| *all.missing.entry(metric).or_default() += n);
    }
    all.told("binary", 5_000);
}

#[test]
fn areas_and_their_covariances_equal_proc() {
    let mut compared = 0;
    for name in ["income", "credit", "cancer", "ties", "drift"] {
        let (peers, folder) = (peers(name), tempfile::tempdir().expect("a temporary folder"));
        let result = scored(name, &peers, folder.path());
        for area in &peers.delong {
            let change = common::value(&result, "roc_auc", &area.slice, Subject::Change);
            let Some(duo) = change.basis.and_then(|twin| twin.duo()) else { continue };
            let (base, tuned, both) = duo.covariance();
            let pairs = [
                (duo.base.value, area.auc_base),
                (duo.tuned.value, area.auc_tuned),
                (base, area.var_base),
                (tuned, area.var_tuned),
                (both, area.cov),
            ];
            for (found, expected) in pairs.into_iter().filter_map(|(found, expected)| Some((found, expected?))) {
                assert!((found - expected).abs() < 1e-9, "{name}, {}: {found} is not {expected}", area.slice);
                compared += 1;
            }
        }
    }
    assert!(compared >= 200, "only {compared}");
}
