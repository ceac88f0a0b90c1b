//! Rows that leave some numbers without a meaning: each is told why, and the rest of the audit goes on.

use crate::case::{AUDIT, Case, csv, label, scores};
use serde_json::Value;
use std::fmt::Write;

/// The small audit of all kinds of metrics over rows that are made here: label, sex, base, tuned, weight.
fn case(row: impl Fn(usize) -> (String, &'static str, f64, f64, String)) -> Case {
    let mut text = String::from("y,sex,b,t,w\n");
    for at in 0..400 {
        let (y, sex, b, t, w) = row(at);
        writeln!(text, "{y},{sex},{b},{t},{w}").unwrap();
    }
    let case = Case::new();
    case.write("eval.csv", text);
    case.add("[stats]\nmetrics = [\"selection_rate\", \"true_positive_rate\", \"roc_auc\", \"mean_score\"]\n");
    case
}

fn sex(at: usize) -> &'static str {
    ["Female", "Male"][at / 2 % 2]
}

fn plain(at: usize) -> (String, &'static str, f64, f64, String) {
    let [b, t] = scores(at);
    (label(at).to_string(), sex(at), b, t, "1".into())
}

fn value<'a>(result: &'a Value, metric: &str, slice: &str, model: &str) -> &'a Value {
    let wanted = |one: &&Value| one["metric"] == metric && one["slice"] == slice && one["model"] == model;
    result["values"].as_array().unwrap().iter().find(wanted).unwrap_or_else(|| panic!("no {metric} of {slice}"))
}

fn finding<'a>(result: &'a Value, id: &str) -> &'a Value {
    result["findings"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("no {id}"))
}

#[track_caller]
fn tells(result: &Value, words: &str) {
    let notices = result["notices"].as_array().unwrap();
    assert!(notices.iter().any(|notice| notice.as_str().unwrap().contains(words)), "{words:?} is not in {notices:?}");
}

#[test]
fn weights_that_are_none_weigh_nothing() {
    let bad = ["-1", "NaN", "inf", ""];
    let weighed = case(|at| {
        let row = plain(at);
        let weight = if at % 10 == 0 { bad[at / 10 % 4].into() } else { row.4 };
        (row.0, row.1, row.2, row.3, weight)
    });
    let result = weighed.swap("label = \"y\"", "label = \"y\"\nweight = \"w\"").gives(0);
    tells(&result, "negative or infinite: 40.");
    assert_eq!(value(&result, "selection_rate", "all", "base")["support"], 360);
    assert!(finding(&result, "roc_auc/sex=Female")["p_value"].is_f64());
}

#[test]
fn weights_that_are_all_zero_are_told() {
    for weight in ["0", "-2", ""] {
        case(|at| {
            let row = plain(at);
            (row.0, row.1, row.2, row.3, weight.into())
        })
        .swap("label = \"y\"", "label = \"y\"\nweight = \"w\"")
        .refuses(3, &["no row weighs anything", "column w is 0", "leave `weight` out"]);
    }
}

/// Everybody gets one score from the base.
fn constant() -> Case {
    case(|at| {
        let row = plain(at);
        (row.0, row.1, 0.3, row.3, row.4)
    })
}

/// Its decisions are known, and the spread of its scores is not.
#[test]
fn constant_scores_leave_the_rest_standing() {
    let result = constant().gives(0);
    for metric in ["roc_auc", "mean_score"] {
        let found = value(&result, metric, "sex=Female", "base");
        assert!(found["value"].is_f64() && found["low"].is_null(), "{found}");
        let found = finding(&result, &format!("{metric}/sex=Female"));
        assert_eq!((&found["verdict"], &found["marks"][0]), (&"too_small".into(), &"without_error".into()));
        assert!(found["support"]["slice"].as_u64().unwrap() > 50, "{found}");
        assert!(value(&result, metric, "sex=Female", "tuned")["low"].is_f64());
    }
    assert_eq!(value(&result, "calibration_slope", "all", "base")["undefined"], "not_defined");
    assert_eq!(value(&result, "positive_predictive_value", "all", "base")["undefined"], "no_rows_in_condition");
    tells(&result, "No error can be told of Area under the ROC curve of base in 3 of 3 groups");
    let selected = finding(&result, "selection_rate/sex=Female");
    assert!(selected["p_value"].is_f64() && selected["base"]["value"] == 0.0, "{selected}");
}

/// A reader is told that no error is known, not that there are too few people.
#[test]
fn what_has_no_error_is_not_judged_in_every_format() {
    let case = constant();
    case.add("[[check]]\nid = \"c\"\nverdicts = [\"introduced\"]\nmetric = \"mean_score\"\n");
    case.gives(4);
    let why = case.run(&["why", "c", "sex=Female", "--result", "out/result.json"]).out;
    let html = case.read("out/report.html");
    for text in [&why, &html] {
        assert!(text.contains("not judged") && text.to_lowercase().contains("no error can be told"), "{text}");
        assert!(!text.contains("Too few people; nothing is claimed."), "{text}");
    }
    assert!(html.contains("Of 2 of 4 comparisons no error can be told"));
    assert!(!html.contains("people behind them"));
}

#[test]
fn shares_that_would_pass_over_too_many_rows_are_told_once() {
    let case = Case::new();
    case.add("[stats]\nmetrics = [\"mean_score\"]\n");
    let told = |rows: usize| {
        case.write("eval.csv", csv(rows, |row| format!("g{}", row % 100)));
        let result = case.gives(0);
        let notices = result["notices"].as_array().unwrap();
        notices.iter().filter(|notice| notice.as_str().unwrap().starts_with("Without an inherited share")).count()
    };
    // Sums tell the shares of rows that weigh alike; of others ten million rows times slices are the most.
    assert_eq!(told(100_100), 0);
    case.swap("label = \"y\"", "label = \"y\"\nweight = \"t\"");
    assert_eq!([told(2_000), told(100_100)], [0, 1]);
}

/// Scores are 0 or 1 and nothing between.
#[test]
fn ties_everywhere_are_counted_half() {
    let result = case(|at| {
        let row = plain(at);
        (row.0, row.1, row.2.round(), row.3.round(), row.4)
    })
    .gives(0);
    let number = |metric: &str| value(&result, metric, "all", "tuned")["value"].as_f64().unwrap();
    let expected = (number("true_positive_rate") + 1.0 - number("false_positive_rate")) / 2.0;
    assert!((number("roc_auc") - expected).abs() < 1e-12);
    assert!(finding(&result, "roc_auc/sex=Female")["p_value"].is_f64());
}

#[test]
fn a_group_without_positives_has_no_finding_of_theirs_alone() {
    let result = case(|at| {
        let row = plain(at);
        let label = if row.1 == "Female" { "0".into() } else { row.0 };
        (label, row.1, row.2, row.3, row.4)
    })
    .gives(0);
    for metric in ["true_positive_rate", "roc_auc"] {
        let reason = &value(&result, metric, "sex=Female", "tuned")["undefined"];
        assert!(reason == "no_rows_in_condition" || reason == "not_defined", "{reason}");
        assert_eq!(finding(&result, &format!("{metric}/sex=Female"))["verdict"], "too_small");
        assert!(value(&result, metric, "sex=Male", "tuned")["value"].is_f64());
    }
    assert!(finding(&result, "selection_rate/sex=Female")["p_value"].is_f64());
}

/// The base never heard of class c, nor the tuned model of class a.
#[test]
fn classes_that_one_model_lacks_are_told() {
    let case = Case::new();
    let audit = AUDIT.replace("positive = 1", "task = \"multiclass\"").replace("scores", "decisions");
    case.write("audit.toml", audit);
    let mut text = String::from("y,sex,b,t\n");
    for at in 0..300 {
        let (label, base, tuned) = (["a", "b", "c"][at % 3], ["a", "b"][at % 7 % 2], ["b", "c"][at % 5 % 2]);
        writeln!(text, "{label},{},{base},{tuned}", sex(at)).unwrap();
    }
    let result = case.write("eval.csv", text).gives(0);
    tells(&result, "Classes that only the base has: a.");
    tells(&result, "Classes that only the tuned model has: c.");
    let of_class = |metric: &str, class: &str, model: &str| {
        let wanted = |one: &&Value| {
            one["metric"] == metric && one["class"] == class && one["slice"] == "all" && one["model"] == model
        };
        result["values"].as_array().unwrap().iter().find(wanted).unwrap().clone()
    };
    assert_eq!(of_class("true_positive_rate", "c", "base")["value"], 0.0);
    assert_eq!(of_class("positive_predictive_value", "c", "base")["undefined"], "no_rows_in_condition");
    assert!(of_class("positive_predictive_value", "macro", "base")["value"].is_f64());
    assert!(finding(&result, "accuracy/sex=Female")["p_value"].is_f64());
}

/// The base's scores of four rows are 0 as they are made.
#[test]
fn scores_that_are_certain_are_told() {
    let certain = case(|at| {
        let (y, sex, b, t, w) = plain(at);
        (y, sex, b, [t, 0.0, 1.0][if at < 2 { at + 1 } else { 0 }], w)
    });
    let result = certain.gives(0);
    tells(&result, "t scores 6 rows as exactly 0 or 1");
    tells(&result, "b scores 4 rows as exactly 0 or 1");
    assert!(value(&result, "calibration_slope", "all", "tuned")["value"].is_f64());
    assert!(value(&result, "log_loss", "all", "tuned")["value"].is_f64());
}
