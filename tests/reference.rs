//! Numbers against other people's programs: fairlearn, AIF360 and Aequitas on real models, and an
//! independent computation of every finding.
//!
//! The data shared between projects lie beside the package and are not part of it; where they are
//! absent the tests of them say so, and the same comparison still runs on the committed fixture.

mod common;

use common::{at, audited, engine, finding, reason, tell, value};
use heirloom::result::{AuditResult, Finding, GapEstimate, Mark, Reason, Subject, Value, Verdict};
use heirloom::stats::{Contrast, quantile_of};
use serde_json::{Map, Value as Json};
use std::path::PathBuf;

const TOLERANCE: f64 = 1e-9;
const P_TOLERANCE: f64 = 1e-7;

/// fairlearn's names in the reference files, and ours.
const RATES: [(&str, &str); 6] = [
    ("selection_rate", "selection_rate"),
    ("tpr", "true_positive_rate"),
    ("fpr", "false_positive_rate"),
    ("tnr", "true_negative_rate"),
    ("fnr", "false_negative_rate"),
    ("accuracy", "accuracy"),
];

/// How many numbers were compared, and the largest difference.
#[derive(Default)]
struct Tally {
    numbers: u32,
    worst: f64,
}

impl Tally {
    fn near(&mut self, what: &str, found: f64, expected: &Json, tolerance: f64) {
        let expected = expected.as_f64().unwrap_or_else(|| panic!("{what}: found {found}, expected {expected}"));
        let difference = (found - expected).abs();
        assert!(difference <= tolerance, "{what}: found {found}, expected {expected}");
        self.numbers += 1;
        self.worst = self.worst.max(difference);
    }

    fn same(&mut self, what: &str, found: Option<f64>, expected: &Json) {
        match found {
            Some(found) => self.near(what, found, expected, TOLERANCE),
            None => assert!(expected.is_null(), "{what}: found nothing, expected {expected}"),
        }
    }

    fn tell(&self, what: &str) {
        tell(&format!("{what}: {} numbers, largest difference {:.1e}", self.numbers, self.worst));
    }
}

/// A file of the shared data, or `None` with a message.
fn shared(path: &str) -> Option<PathBuf> {
    let file = at("../shared/data").join(path);
    if !file.exists() {
        tell(&format!("NOT RUN: {} is absent; the shared data lie beside the package", file.display()));
    }
    file.exists().then_some(file)
}

fn json(path: &PathBuf) -> Json {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("a reference file is JSON")
}

fn object(json: &Json) -> &Map<String, Json> {
    json.as_object().unwrap_or_else(|| panic!("not an object: {json}"))
}

/// An attribute of a reference file, in our words: `sex_x_race` is `sex & race`.
fn attribute(name: &str) -> String {
    name.replace("_x_", " & ")
}

/// The slice of a group in a reference file's words: `Female|Black`, `True`.
fn slice(result: &AuditResult, attribute: &str, group: &str) -> String {
    let groups = &result.data.attributes.iter().find(|a| a.name == attribute).expect("the attribute is audited").groups;
    let wanted = group.replace('|', " & ");
    let same = |ours: &str| ours == wanted || ["true", "false"].contains(&ours) && ours == wanted.to_lowercase();
    groups.iter().find(|g| same(&g.group)).unwrap_or_else(|| panic!("no group {group} of {attribute}")).slice.clone()
}

/// Whether no row was in the condition: then fairlearn says 0.0 both of a rate and of its complement.
fn empty(group: &Json, rate: &str) -> bool {
    let zero = |a: &str, b: &str| group[a].as_f64() == Some(0.0) && group[b].as_f64() == Some(0.0);
    match rate {
        "tpr" | "fnr" => zero("tpr", "fnr"),
        "fpr" | "tnr" => zero("fpr", "tnr"),
        _ => false,
    }
}

/// fairlearn's numbers of one model: everyone, every group, and the aggregates over groups.
fn compare_rates(result: &AuditResult, model: Subject, slices: &Json, tally: &mut Tally) {
    for (name, expected) in object(slices) {
        let (attribute, expected) = (attribute(name), &expected["fairlearn"]);
        for (theirs, metric) in RATES {
            let overall = value(result, metric, "all", model).estimate.value();
            tally.same(&format!("{metric} of all"), overall, &expected["overall"][theirs]);
            for (group, rates) in object(&expected["by_group"]) {
                let slice = slice(result, &attribute, group);
                let estimate = value(result, metric, &slice, model).estimate;
                if empty(rates, theirs) {
                    assert_eq!(reason(&estimate), Some(Reason::NoRowsInCondition), "{metric} of {slice}");
                } else {
                    tally.same(&format!("{metric} of {slice}"), estimate.value(), &rates[theirs]);
                }
            }
        }
        compare_aggregates(result, model, &attribute, expected, tally);
    }
}

fn aggregate(result: &AuditResult, metric: &str, attribute: &str, kind: &str, model: Subject) -> Option<f64> {
    let wanted = |a: &&heirloom::result::Aggregate| {
        a.metric == metric && a.attribute == attribute && a.aggregate == kind && a.model == model
    };
    result
        .aggregates
        .iter()
        .find(wanted)
        .unwrap_or_else(|| panic!("no {kind} of {metric} over {attribute}"))
        .estimate
        .value()
}

fn compare_aggregates(result: &AuditResult, model: Subject, attribute: &str, expected: &Json, tally: &mut Tally) {
    let groups: Vec<&Json> = object(&expected["by_group"]).values().collect();
    let ours = |metric: &str, kind: &str| aggregate(result, metric, attribute, kind, model);
    for (theirs, metric) in RATES {
        let known: Vec<f64> = groups.iter().filter(|g| !empty(g, theirs)).filter_map(|g| g[theirs].as_f64()).collect();
        if known.len() < 2 {
            assert_eq!(ours(metric, "difference"), None, "{metric} over {attribute}: there is no second group");
            continue;
        }
        let [least, most] = [known.iter().copied().fold(1.0, f64::min), known.iter().copied().fold(0.0, f64::max)];
        // Over the groups that have the rate; fairlearn counts the others as 0.
        let what = format!("{metric} over {attribute}");
        tally.same(&what, ours(metric, "difference"), &(most - least).into());
        tally.same(&what, ours(metric, "ratio"), &if most > 0.0 { (least / most).into() } else { Json::Null });
        if known.len() < groups.len() {
            continue;
        }
        let kinds = [
            ("difference", "difference_between_groups"),
            ("ratio", "ratio_between_groups"),
            ("to_overall", "difference_to_overall"),
            ("group_min", "group_min"),
            ("group_max", "group_max"),
        ];
        for (kind, name) in kinds.into_iter().filter(|(_, name)| expected.get(name).is_some()) {
            tally.same(&format!("{kind} of {what}"), ours(metric, kind), &expected[name][theirs]);
        }
    }
    compare_named(attribute, expected, ours, tally);
}

/// fairlearn's named gap functions, where no group lacks a condition.
fn compare_named(attribute: &str, expected: &Json, ours: impl Fn(&str, &str) -> Option<f64>, tally: &mut Tally) {
    let no_trap = object(&expected["by_group"]).values().all(|group| !empty(group, "tpr") && !empty(group, "fpr"));
    if !no_trap || expected.get("demographic_parity_difference").is_none() {
        return;
    }
    let both = |kind: &str, pick: fn(f64, f64) -> f64| {
        Some(pick(ours("true_positive_rate", kind)?, ours("false_positive_rate", kind)?))
    };
    let named = [
        ("demographic_parity_difference", ours("selection_rate", "difference")),
        ("demographic_parity_ratio", ours("selection_rate", "ratio")),
        ("equal_opportunity_difference", ours("true_positive_rate", "difference")),
        ("equal_opportunity_ratio", ours("true_positive_rate", "ratio")),
        ("equalized_odds_difference", both("difference", f64::max)),
        ("equalized_odds_ratio", both("ratio", f64::min)),
    ];
    for (name, found) in named {
        tally.same(&format!("{name} over {attribute}"), found, &expected[name]);
    }
}

/// AIF360: everyone else minus the privileged group (or over it), which is our finding turned round
/// where the slice is the privileged one.
fn compare_aif360(result: &AuditResult, model: Subject, splits: &Json, tally: &mut Tally) {
    for (split, expected) in splits.as_object().into_iter().flatten() {
        let (slice, sign) = match split.as_str() {
            "sex_male_privileged" => ("sex=Female", 1.0),
            "race_white_privileged" => ("race=White", -1.0),
            other => panic!("no rule for {other}"),
        };
        let gap = |metric: &str| {
            let found = result.findings.iter().find(|f| f.metric == metric && f.slice == slice)?;
            if model == Subject::Base { found.base } else { found.tuned }
        };
        let rates = [
            ("statistical_parity_difference", "selection_rate"),
            ("equal_opportunity_difference", "true_positive_rate"),
            ("false_positive_rate_difference", "false_positive_rate"),
            ("false_negative_rate_difference", "false_negative_rate"),
            ("error_rate_difference", "error_rate"),
        ];
        for (name, metric) in rates {
            if let Some(gap) = gap(metric) {
                tally.near(&format!("{name}, {split}"), sign * gap.value, &expected[name], TOLERANCE);
            }
        }
        if let (Some(tpr), Some(fpr)) = (gap("true_positive_rate"), gap("false_positive_rate")) {
            let mean = sign * (tpr.value + fpr.value) / 2.0;
            tally.near(split, mean, &expected["average_odds_difference"], TOLERANCE);
        }
        if let Some(GapEstimate { slice, reference, .. }) = gap("selection_rate") {
            let ratio = if sign > 0.0 { slice / reference } else { reference / slice };
            tally.near(split, ratio, &expected["disparate_impact"], TOLERANCE);
        }
        let labels = result.findings.iter().find(|f| f.slice == slice).and_then(|finding| finding.labels);
        if let Some(labels) = labels {
            tally.near(split, sign * labels.value, &expected["dataset_statistical_parity_difference"], TOLERANCE);
        }
    }
}

/// Aequitas: `sex_x_race=Female|Black` and its rates.
fn compare_aequitas(result: &AuditResult, model: Subject, groups: &Json, tally: &mut Tally) {
    for (key, expected) in groups.as_object().into_iter().flatten() {
        let (name, group) = key.split_once('=').expect("a column and its group");
        let slice = slice(result, &attribute(name), group);
        let rates = [
            ("tpr", "true_positive_rate"),
            ("tnr", "true_negative_rate"),
            ("fpr", "false_positive_rate"),
            ("fnr", "false_negative_rate"),
            ("pprev", "selection_rate"),
        ];
        for (theirs, metric) in rates {
            tally.same(key, value(result, metric, &slice, model).estimate.value(), &expected[theirs]);
        }
        let size =
            result.data.attributes.iter().flat_map(|a| &a.groups).find(|g| g.slice == slice).and_then(|g| g.rows);
        tally.same(key, size.map(|rows| rows as f64), &expected["group_size"]);
        if model == Subject::Tuned {
            tally.same(key, value(result, "base_rate", &slice, Subject::Labels).estimate.value(), &expected["prev"]);
        }
    }
}

/// Decisions that changed, in all and by group and direction.
fn compare_flips(result: &AuditResult, expected: &Json, tally: &mut Tally) {
    let counts = |slice: &str| {
        let basis = value(result, "selection_rate", slice, Subject::Change).basis.expect("a change has a basis");
        let basis = *basis.counts().expect("a rate has counts");
        (basis.both[0][1] as f64, basis.both[1][0] as f64)
    };
    let (up, down) = counts("all");
    tally.near("changed", up + down, &expected["n_changed"], 0.0);
    let churn = value(result, "churn", "all", Subject::Pair).estimate.value();
    tally.near("churn", churn.unwrap_or(-1.0) * result.data.used as f64, &expected["n_changed"], TOLERANCE);
    for (name, groups) in object(&expected["by_slice"]) {
        for (group, flips) in object(groups) {
            let (up, down) = counts(&slice(result, &attribute(name), group));
            tally.near(group, up, &flips["neg_to_pos"], 0.0);
            tally.near(group, down, &flips["pos_to_neg"], 0.0);
        }
    }
}

fn compare_model(result: &AuditResult, model: Subject, expected: &Json, tally: &mut Tally) {
    compare_rates(result, model, &expected["slices"], tally);
    compare_aif360(result, model, &expected["aif360"], tally);
    compare_aequitas(result, model, &expected["aequitas"], tally);
}

#[test]
fn income_equals_fairlearn() {
    let result = audited(&at("tests/reference/income.toml"), &[]);
    let expected = json(&at("fixtures/oracle/income.json"));
    let mut tally = Tally::default();
    assert_eq!(expected["n"], result.data.used);
    compare_model(&result, Subject::Base, &expected["models"]["base"], &mut tally);
    compare_model(&result, Subject::Tuned, &expected["models"]["tuned"], &mut tally);
    compare_flips(&result, &expected["delta_vs_base"]["tuned"]["flips"], &mut tally);
    tally.tell("income against fairlearn");
}

#[test]
fn adult_a_equals_fairlearn_aif360_and_aequitas() {
    let Some(expected) = shared("expected/adult_A_target_gov.json") else { return };
    let expected = json(&expected);
    for (file, tuned) in [("adult_a_full", "tuned_full"), ("adult_a_head", "tuned_head")] {
        let result = audited(&at(&format!("tests/reference/{file}.toml")), &[]);
        let mut tally = Tally::default();
        compare_model(&result, Subject::Base, &expected["models"]["base"], &mut tally);
        compare_model(&result, Subject::Tuned, &expected["models"][tuned], &mut tally);
        compare_flips(&result, &expected["delta_vs_base"][tuned]["flips"], &mut tally);
        compare_deltas(&result, &expected["delta_vs_base"][tuned], &mut tally);
        tally.tell(file);
    }
}

/// Tuned minus base of the parity difference, which never meets the trap of empty conditions.
fn compare_deltas(result: &AuditResult, expected: &Json, tally: &mut Tally) {
    for (name, deltas) in object(expected).iter().filter(|(name, _)| *name != "flips") {
        let found = aggregate(result, "selection_rate", &attribute(name), "difference", Subject::Change);
        tally.same(name, found, &deltas["demographic_parity_difference"]);
    }
}

#[test]
fn adult_b_judges_each_model_by_its_own_label() {
    let Some(expected) = shared("expected/adult_B_target_gov.json") else { return };
    let expected = json(&expected);
    let result = audited(&at("tests/reference/adult_b.toml"), &[]);
    let mut tally = Tally::default();
    compare_model(&result, Subject::Base, &expected["base_source_task"]["models"]["base"], &mut tally);
    compare_model(&result, Subject::Tuned, &expected["models"]["tuned"], &mut tally);
    let change = value(&result, "selection_rate", "all", Subject::Change).estimate;
    assert_eq!(reason(&change), Some(Reason::DifferentLabels), "their selections are not to be compared");
    tally.tell("adult_b");
}

#[test]
fn compas_deciles_equal_fairlearn_and_aequitas() {
    let Some(expected) = shared("expected/compas_decile.json") else { return };
    let result = audited(&at("tests/reference/compas.toml"), &[]);
    let mut tally = Tally::default();
    let expected = &json(&expected)["models"]["compas_decile_ge5"];
    compare_rates(&result, Subject::Tuned, &expected["slices"], &mut tally);
    compare_aequitas(&result, Subject::Tuned, &expected["aequitas"], &mut tally);
    tally.tell("compas");
}

#[test]
fn german_models_decide_as_their_recorded_scores() {
    if shared("german_skl/eval.parquet").is_none() {
        return;
    }
    if engine().name != "onnxruntime" {
        tell("NOT RUN: the German models need ONNX Runtime, and none was found");
        return;
    }
    let [ran, read] =
        ["german", "german_scores"].map(|file| audited(&at(&format!("tests/reference/{file}.toml")), &[]));
    assert_eq!(ran.values, read.values);
    assert_eq!(ran.aggregates, read.aggregates);
    assert_eq!(ran.findings, read.findings);
    assert_eq!(ran.data, read.data);
    println!("german: {} values, {} findings are equal", ran.values.len(), ran.findings.len());
}

/// No row's score is so near to the threshold that the engines' last bits could move it.
#[test]
fn hatecheck_from_raw_texts_equals_fairlearn() {
    let Some(expected) = shared("expected/text_hatecheck.json") else { return };
    if engine().name != "onnxruntime" {
        tell("NOT RUN: six layers of a transformer need ONNX Runtime, and none was found");
        return;
    }
    let expected = json(&expected);
    let result = audited(&at("tests/reference/hatecheck.toml"), &[]);
    let mut tally = Tally::default();
    for (model, name) in [(Subject::Base, "base"), (Subject::Tuned, "tuned")] {
        compare_rates(&result, model, &expected["models"][name]["slices"], &mut tally);
    }
    compare_flips(&result, &expected["delta_vs_base"]["tuned"]["flips"], &mut tally);
    tally.tell("hatecheck");
}

/// How many findings of pair A have each verdict, as the independent computation counts them.
#[test]
fn adult_a_verdicts_are_as_computed_independently() {
    if shared("adult_pair/A_eval.parquet").is_none() {
        return;
    }
    let metrics = r#"stats.metrics = ["selection_rate", "true_positive_rate", "false_positive_rate", "accuracy"]"#;
    let result = audited(&at("tests/reference/adult_a_full.toml"), &["slices.min_support = 30", metrics]);
    let count = |verdict: Verdict| result.findings.iter().filter(|finding| finding.verdict == verdict).count();
    let words = [
        Verdict::Inherited,
        Verdict::CarriedOver,
        Verdict::Present,
        Verdict::Unclear,
        Verdict::TooSmall,
        Verdict::Absent,
    ];
    assert_eq!(words.map(count), [18, 3, 2, 31, 29, 1]);
    assert_eq!(result.findings.len(), 84);
    assert_eq!(result.findings.iter().filter(|finding| finding.confirmed).count(), 15);
}

/// Every finding of the fixture against `fixtures/oracle/verdicts.py`.
#[test]
fn income_findings_equal_an_independent_computation() {
    let result = audited(&at("fixtures/income/audit.toml"), &[]);
    let expected = json(&at("fixtures/oracle/verdicts.json"));
    let expected = expected.as_array().expect("a list of findings");
    assert_eq!(expected.len(), result.findings.len());
    let mut tally = Tally::default();
    for expected in expected {
        let id = expected["id"].as_str().expect("a finding has an id");
        compare_finding(finding(&result, id), expected, &mut tally);
    }
    tally.tell("income findings");
}

fn compare_finding(found: &Finding, expected: &Json, tally: &mut Tally) {
    let id = &found.id;
    assert_eq!(serde_json::to_value(found.verdict).expect("a word"), expected["verdict"], "{id}");
    let support = found.support.expect("nothing is hidden");
    assert_eq!(serde_json::json!([support.slice, support.reference]), expected["support"], "{id}");
    for (name, gap) in
        [("base", found.base), ("tuned", found.tuned), ("change", found.change), ("labels", found.labels)]
    {
        let gap = gap.map(|gap| (gap.value, gap.low, gap.high));
        compare_interval(&format!("{name} of {id}"), gap, &expected[name], tally);
    }
    compare_contrasts(found, expected, tally);
    tally.same(id, found.transmission, &expected["transmission"]);
    tally.same(id, found.inherited_share.map(|share| share.value), &expected["share"]);
    let levels =
        [("p_value", found.p_value), ("q_value", found.q_value), ("flag_p", found.flag_p), ("flag_q", found.flag_q)];
    for (name, level) in levels {
        match level {
            Some(level) => tally.near(&format!("{name} of {id}"), level, &expected[name], P_TOLERANCE),
            None => assert!(expected[name].is_null(), "{name} of {id}"),
        }
    }
    if found.p_value.is_some() {
        assert_eq!(found.confirmed, expected["confirmed"] == true, "{id}");
        assert_eq!(found.flagged, expected["flagged"] == true, "{id}");
        // Two marks rest on random draws, which the other computation makes otherwise.
        let marks: Vec<Mark> =
            found.marks.iter().copied().filter(|m| !matches!(m, Mark::Relearned | Mark::Latent)).collect();
        assert_eq!(serde_json::to_value(marks).expect("words"), expected["marks"], "{id}");
    }
}

fn compare_interval(what: &str, found: Option<(f64, f64, f64)>, expected: &Json, tally: &mut Tally) {
    let Some((value, low, high)) = found else {
        assert!(expected.is_null(), "{what}: found nothing, expected {expected}");
        return;
    };
    for (end, number) in [("value", value), ("low", low), ("high", high)] {
        tally.near(&format!("{end} of {what}"), number, &expected[end], TOLERANCE);
    }
}

/// The three contrasts that the rule reads and the result does not print.
fn compare_contrasts(found: &Finding, expected: &Json, tally: &mut Tally) {
    let basis = found.basis.expect("nothing is hidden");
    let Some(quad) = basis.quad() else { return };
    for (name, a, k) in [("over", 1.0, 1.5), ("under", 1.5, 1.0), ("mostly", 1.0, 3.0)] {
        let contrast = Contrast { a, k };
        let interval = quad.interval(contrast, quantile_of(0.95));
        let numbers = Some((quad.value(contrast), interval.low, interval.high));
        compare_interval(&format!("{name} of {}", found.id), numbers, &expected[name], tally);
    }
}

/// Everything in a result is a number or has a reason: no value is left out without a word.
#[test]
fn every_value_is_a_number_or_has_a_reason() {
    let result = audited(&at("tests/reference/income.toml"), &[]);
    let sound = |value: &Value| match value.estimate.value() {
        Some(number) => number.is_finite(),
        None => reason(&value.estimate).is_some(),
    };
    assert!(result.values.iter().all(sound));
}
