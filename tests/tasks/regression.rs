//! Regression: values against scikit-learn 1.9.1, intervals against Welch's t of SciPy 1.17.1.

use super::common::{finding, reason, value};
use super::{close, result, same_gap};
use heirloom::result::{AuditResult, Reason, Subject, Verdict};
use std::fmt::Write;

const AUDIT: &str = r#"
[models.base]
scores = "b"
[models.tuned]
scores = "t"
[data]
path = "eval.csv"
task = "regression"
label = "y"
[groups.g]
column = "g"
[stats]
smallest_gap = 2.5
metrics = ["mean_error", "mean_absolute_error", "mean_prediction", "root_mean_squared_error", "r2_score", "scoring_rate"]
"#;

const METRICS: [&str; 8] = [
    "mean_error",
    "mean_absolute_error",
    "mean_squared_error",
    "root_mean_squared_error",
    "r2_score",
    "quantile_loss",
    "mean_prediction",
    "scoring_rate",
];

/// Three groups; both models predict group a too high, the tuned one more so.
fn row(i: i64) -> [i64; 3] {
    let (label, a) = (100 + (37 * i) % 101, i64::from(i % 3 == 0));
    [label, label + (53 * i) % 41 - 20 + 6 * a, label + (29 * i) % 31 - 15 + 12 * a]
}

fn rows(row: impl Fn(i64) -> [String; 3]) -> String {
    let mut csv = String::from("y,b,t,g\n");
    for i in 0..300 {
        let [label, base, tuned] = row(i);
        let _ = writeln!(csv, "{label},{base},{tuned},{}", ["a", "b", "c"][i as usize % 3]);
    }
    csv
}

fn sound() -> AuditResult {
    result(AUDIT, &rows(|i| row(i).map(|number| number.to_string())), &[])
}

#[test]
fn values_equal_those_of_scikit_learn() {
    let result = sound();
    let expected = [
        (
            Subject::Base,
            "all",
            [
                1.93,
                10.516_666_666_666_667,
                151.443_333_333_333_33,
                12.306_231_483_818_811,
                0.821_929_546_398_053_8,
                5.258_333_333_333_334,
                151.823_333_333_333_32,
                0.486_666_666_666_666_7,
            ],
        ),
        (
            Subject::Base,
            "g=a",
            [5.82, 11.2, 177.08, 13.307_140_940_111_816, 0.789_571_727_129_145_4, 5.6, 155.41, 0.51],
        ),
        (
            Subject::Tuned,
            "all",
            [
                4.133_333_333_333_334,
                9.3,
                127.913_333_333_333_33,
                11.309_877_688_699_084,
                0.849_596_645_906_695_9,
                4.65,
                154.026_666_666_666_67,
                0.49,
            ],
        ),
        (
            Subject::Tuned,
            "g=a",
            [11.86, 12.32, 222.3, 14.909_728_367_747_013, 0.735_835_751_868_133_2, 6.16, 161.45, 0.5],
        ),
    ];
    for (model, slice, numbers) in expected {
        for (metric, number) in METRICS.into_iter().zip(numbers) {
            let found = value(&result, metric, slice, model).estimate.value().expect("it is defined");
            close(&format!("{metric} of {slice}"), found, number, 1e-9);
        }
    }
}

#[test]
fn intervals_are_those_of_students_and_welchs_t() {
    let result = sound();
    let gaps = |metric: &str| {
        let found = finding(&result, &format!("{metric}/g=a"));
        [found.base, found.tuned, found.change]
    };
    let [base, tuned, change] = gaps("mean_absolute_error");
    same_gap("base", base, [1.025, -0.624_344_794_372_297_3, 2.674_344_794_372_294_7]);
    same_gap("tuned", tuned, [4.53, 2.745_880_806_850_006, 6.314_119_193_149_994_5]);
    same_gap("change", change, [3.505, 1.127_005_054_655_501_5, 5.882_994_944_345_498]);
    let [base, tuned, change] = gaps("mean_error");
    same_gap("base", base, [5.835, 2.947_777_126_101_537, 8.722_222_873_898_463]);
    same_gap("tuned", tuned, [11.59, 9.402_908_540_430_312, 13.777_091_459_569_688]);
    same_gap("change", change, [5.755, 2.251_588_205_956_818_6, 9.258_411_794_043_18]);
    let [base, tuned, _] = gaps("mean_prediction");
    same_gap("base", base, [5.38, -2.280_302_710_271_305_6, 13.040_302_710_271_297]);
    same_gap("tuned", tuned, [11.135, 3.735_803_735_331_068, 18.534_196_264_668_914]);
    let own = value(&result, "mean_absolute_error", "g=a", Subject::Change).estimate;
    let span = own.interval().expect("it has an interval");
    close("change of a", span.low.expect("bounded"), -1.025_662_058_990_552, 1e-7);
    close("change of a", span.high.expect("bounded"), 3.265_662_058_990_552_3, 1e-7);
}

#[test]
fn verdicts_follow_and_small_numbers_have_theirs() {
    let result = sound();
    assert_eq!(result.task, "regression");
    let found = finding(&result, "mean_error/g=a");
    assert_eq!((found.verdict, found.confirmed), (Verdict::CarriedOver, false));
    assert!(found.labels.is_none());
    // numpy's least squares in either group, and the percentiles of 5,000 bootstraps of the rows.
    let share = found.inherited_share.expect("its gap is material");
    close("transmission", found.transmission.expect("the base varies"), 0.042_078_641_416_249_7, 1e-9);
    close("share", share.value, 0.021_184_544_664_695_17, 1e-9);
    assert_eq!(share.low, 0.0, "no inherited flow is not ruled out");
    close("share", share.high, 0.0763, 0.01);
    // A jackknife has 0.0391 for the standard error of this R².
    let r2 = value(&result, "r2_score", "g=a", Subject::Tuned).estimate.interval().expect("an interval");
    let half = (r2.high.expect("bounded") - r2.low.expect("bounded")) / 2.0;
    close("half of the interval of R²", half / 1.96, 0.0391, 0.001);
    assert_eq!(result.findings.len(), 6 * 3);
}

/// SciPy's wasserstein_distance of the errors, and of the predictions.
#[test]
fn distances_are_those_of_scipy() {
    let result = sound();
    let found = |metric: &str| value(&result, metric, "g=a", Subject::Tuned).estimate.value().expect("it is defined");
    close("errors", found("residual_wasserstein"), 11.59, 1e-9);
    close("predictions", found("score_wasserstein"), 11.225, 1e-9);
}

#[test]
fn nulls_are_outside_and_counted() {
    let hole = |i: i64, of: i64, number: i64| if i % of == 7 { String::new() } else { number.to_string() };
    let csv = rows(|i| {
        let [label, base, tuned] = row(i);
        [hole(i, 50, label), hole(i, 60, base), tuned.to_string()]
    });
    let result = result(AUDIT, &csv, &[]);
    let data = &result.data;
    assert_eq!((data.null_labels, data.null_base, data.null_tuned, data.positives), (6, 5, 0, None));
    assert_eq!(data.attributes[0].groups[0].rows, Some(100));
    let support = |metric: &str| match value(&result, metric, "all", Subject::Base).estimate {
        heirloom::result::Estimate::Known { support, .. } => support,
        other => panic!("{other:?}"),
    };
    // Row 7 lacks both.
    assert_eq!((support("mean_error"), support("mean_prediction")), (290, 295));
}

#[test]
fn constant_labels_have_no_r2_and_no_verdict_of_it() {
    let csv = rows(|i| [100, row(i)[1], row(i)[2]].map(|number| number.to_string()));
    let result = result(AUDIT, &csv, &[]);
    let r2 = value(&result, "r2_score", "all", Subject::Tuned).estimate;
    assert_eq!(reason(&r2), Some(Reason::NotDefined));
    assert_eq!(finding(&result, "r2_score/g=a").verdict, Verdict::TooSmall);
    assert!(value(&result, "mean_error", "all", Subject::Tuned).estimate.value().is_some());
}

/// A value is judged by its own interval, in the label's unit.
#[test]
fn checks_judge_in_the_labels_unit() {
    let check = r#"
[[check]]
id = "accurate"
metric = "mae"
of = "value"
max = 13.5
slices = ["all", "g=a"]
judge = "interval"
[[check]]
id = "even"
metric = "mean_error"
max_growth = 2.0
slices = ["g=a"]
"#;
    let csv = rows(|i| row(i).map(|number| number.to_string()));
    let result = result(&format!("{AUDIT}{check}"), &csv, &[]);
    let outcomes: Vec<_> = result.checks.iter().map(|check| (check.value, check.outcome)).collect();
    use heirloom::result::Outcome::{Failed, Met, Undecided};
    assert_eq!(outcomes[0], (Some(9.3), Met));
    close("judged", outcomes[1].0.expect("a number"), 12.32, 1e-12);
    assert_eq!(outcomes[1].1, Undecided);
    assert_eq!(outcomes[2].1, Failed);
}

/// The same model on both sides, and base and tuned exchanged.
#[test]
fn the_laws_hold() {
    let twice = result(&AUDIT.replace("\"t\"", "\"b\""), &rows(|i| row(i).map(|number| number.to_string())), &[]);
    for finding in &twice.findings {
        assert_eq!(finding.change.expect("it is defined").value, 0.0, "{}", finding.id);
    }
    let turned = AUDIT.replace("\"t\"", "\"x\"").replace("\"b\"", "\"t\"").replace("\"x\"", "\"b\"");
    let turned = result(&turned, &rows(|i| row(i).map(|number| number.to_string())), &[]);
    for (a, b) in sound().findings.iter().zip(&turned.findings) {
        let (a, b) = (a.change.expect("it is defined"), b.change.expect("it is defined"));
        assert_eq!((a.value, a.low, a.high), (-b.value, -b.high, -b.low));
    }
}
