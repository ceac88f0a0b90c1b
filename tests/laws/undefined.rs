//! An undefined number is undefined with a reason: never 0, never NaN, never a pass.

use crate::common::{finding, reason, value};
use crate::small::{PLAIN, Rows, Small};
use heirloom::result::{AuditResult, Outcome, Reason, Subject, Verdict};

const CHECKS: &str = r#"
[[check]]
id = "found"
metric = "true_positive_rate"
of = "value"
max = 1.0
slices = ["group=c"]

[[check]]
id = "gap"
metric = "true_positive_rate"
max_abs = 1.0
slices = ["group=c"]

[[check]]
id = "ratio"
metric = "true_positive_rate"
of = "ratio"
max = 1000
slices = ["group=c"]

[[check]]
id = "verdict"
metric = "true_positive_rate"
verdicts = ["introduced"]
slices = ["group=c"]
"#;

/// No text of the result holds what JSON has no word for.
fn assert_finite(small: &Small) {
    let text = std::fs::read_to_string(small.path().join("out/result.json")).expect("the audit wrote a result");
    for word in ["NaN", "nan", "inf", "Infinity"] {
        assert!(!text.contains(&format!(": {word}")), "{word} is in the result");
    }
}

fn undefined(result: &AuditResult, metric: &str, slice: &str) {
    for model in [Subject::Base, Subject::Tuned, Subject::Change] {
        let estimate = value(result, metric, slice, model).estimate;
        assert_eq!(reason(&estimate), Some(Reason::NoRowsInCondition), "{metric} of {slice} for {model:?}");
    }
}

#[test]
fn a_group_without_positive_labels_has_no_true_positive_rate() {
    let rows: Vec<Rows> = PLAIN.into_iter().chain([(40, "c", "0", 1, 1), (40, "c", "0", 0, 0)]).collect();
    let small = Small::new(&rows, CHECKS);
    assert_eq!(small.run().0, 4, "no check can be settled");
    let result = small.result();
    undefined(&result, "true_positive_rate", "group=c");
    let found = finding(&result, "true_positive_rate/group=c");
    assert_eq!(found.verdict, Verdict::TooSmall);
    assert!(found.base.is_none() && found.p_value.is_none() && found.q_value.is_none() && found.transmission.is_none());
    assert_eq!(result.checks.len(), 4);
    assert!(result.checks.iter().all(|check| check.outcome == Outcome::TooSmall && check.value.is_none()));
    // The group does not enter the smallest of the rates, as a 0 would.
    let smallest = result.aggregates.iter().find(|a| a.metric == "true_positive_rate" && a.aggregate == "group_min");
    assert!(smallest.and_then(|a| a.estimate.value()).is_some_and(|value| value > 0.0));
    assert_finite(&small);
}

#[test]
fn labels_of_one_value_leave_rates_undefined() {
    for (label, missing) in [("1", "false_positive_rate"), ("0", "true_positive_rate")] {
        let rows: Vec<Rows> =
            PLAIN.into_iter().map(|(n, group, _, base, tuned)| (n, group, label, base, tuned)).collect();
        let small = Small::new(&rows, "");
        assert_eq!(small.run().0, 0);
        let result = small.result();
        ["all", "group=a", "group=b"].iter().for_each(|slice| undefined(&result, missing, slice));
        let over = result.aggregates.iter().filter(|aggregate| aggregate.metric == missing);
        assert!(over.clone().count() > 0 && over.clone().all(|aggregate| aggregate.estimate.value().is_none()));
        assert_finite(&small);
    }
}

#[test]
fn labels_that_are_never_positive_or_all_null_stop_the_audit() {
    let two: Vec<Rows> =
        PLAIN.into_iter().map(|(n, g, label, b, t)| (n, g, if label == "1" { "yes" } else { "no" }, b, t)).collect();
    let (code, text) = Small::new(&two, "").run();
    assert_eq!(code, 3, "{text}");
    let null: Vec<Rows> = PLAIN.into_iter().map(|(n, g, _, b, t)| (n, g, "", b, t)).collect();
    let (code, text) = Small::new(&null, "").run();
    assert_eq!(code, 3, "{text}");
}

#[test]
fn a_ratio_over_zero_is_undefined_or_open_above() {
    let rows: Vec<Rows> =
        vec![(40, "a", "1", 1, 1), (40, "a", "0", 0, 0), (100, "b", "1", 0, 0), (100, "b", "0", 0, 0)];
    let check = "[[check]]\nid = \"ratio\"\nmetric = \"selection_rate\"\nof = \"ratio\"\nmax = 100\n";
    let small = Small::new(&rows, check);
    assert_eq!(small.run().0, 4);
    let outcome = &small.result().checks[0];
    assert_ne!(outcome.outcome, Outcome::Met);
    assert_eq!(outcome.value, None);
    assert!(outcome.low.is_some_and(|low| low > 20.0) && outcome.high.is_none(), "{outcome:?}");
    assert_finite(&small);
    let ratios = small.result().findings.iter().find(|one| one.metric == "selection_rate").and_then(|one| one.ratios);
    let tuned = ratios.and_then(|ratios| ratios.tuned).expect("its lower end is known");
    assert_eq!((tuned.value, Some(tuned.low), tuned.high), (None, outcome.low, None));
}

/// An open ratio is judged by its lower end, on either side of a limit.
#[test]
fn a_ratio_over_zero_is_decided_where_its_lower_end_tells() {
    let rows: Vec<Rows> =
        vec![(40, "a", "1", 1, 1), (40, "a", "0", 0, 0), (100, "b", "1", 0, 0), (100, "b", "0", 0, 0)];
    for (limit, expected) in [("min = 0.8", Outcome::Met), ("max = 2", Outcome::Failed)] {
        let check = format!("[[check]]\nid = \"ratio\"\nmetric = \"selection_rate\"\nof = \"ratio\"\n{limit}\n");
        let small = Small::new(&rows, &check);
        small.run();
        assert_eq!(small.result().checks[0].outcome, expected, "{limit}");
    }
}

#[test]
fn nothing_over_nothing_is_undecided() {
    let rows: Vec<Rows> =
        vec![(80, "a", "1", 0, 0), (80, "a", "0", 0, 0), (100, "b", "1", 0, 0), (100, "b", "0", 0, 0)];
    let small =
        Small::new(&rows, "[[check]]\nid = \"ratio\"\nmetric = \"selection_rate\"\nof = \"ratio\"\nmin = 0.8\n");
    small.run();
    assert_eq!(small.result().checks[0].outcome, Outcome::Undecided);
}
