//! Several classes: values against scikit-learn 1.9.1, a class against the rest against the same audit
//! as a binary task.

use super::common::{finding, value};
use super::{close, result};
use heirloom::result::{AuditResult, Estimate, Outcome, Reason, Subject, Value};
use std::fmt::Write;

const AUDIT: &str = r#"
[models.base]
decisions = "b"
[models.tuned]
decisions = "t"
[data]
path = "eval.csv"
task = "multiclass"
label = "y"
[groups.g]
column = "g"
[stats]
metrics = ["accuracy", "selection_rate", "true_positive_rate", "precision", "f1_score"]
"#;

const NAMES: [&str; 3] = ["ant", "bee", "cat"];

/// The label, and what base and tuned say: both err more in group a.
fn row(i: usize) -> [usize; 3] {
    let (label, a) = ([0, 0, 1, 1, 2][(7 * i) % 5], usize::from(i.is_multiple_of(3)));
    let base = if (53 * i) % 41 < 10 + 4 * a { (label + 1) % 3 } else { label };
    let tuned = if (29 * i) % 31 < 8 + 6 * a { (label + 2) % 3 } else { label };
    [label, base, tuned]
}

fn rows() -> String {
    let mut csv = String::from("y,b,t,g,b_ant,b_bee,b_cat\n");
    for i in 0..360 {
        let [label, base, tuned] = row(i);
        let score = |class: usize| if class == base { 0.6 } else { 0.2 };
        let (y, b, t, g) = (NAMES[label], NAMES[base], NAMES[tuned], ["a", "b", "c"][i % 3]);
        let _ = writeln!(csv, "{y},{b},{t},{g},{},{},{}", score(0), score(1), score(2));
    }
    csv
}

/// Everyone and group a, of the base; then of the tuned model.
const EXPECTED: [(&str, Option<&str>, [f64; 4]); 7] = [
    ("accuracy", None, [0.7222222222222222, 0.6666666666666666, 0.6777777777777778, 0.55]),
    (
        "true_positive_rate",
        Some("macro"),
        [0.7199074074074074, 0.6666666666666666, 0.6782407407407408, 0.5763888888888888],
    ),
    (
        "positive_predictive_value",
        Some("macro"),
        [0.7064966497596682, 0.6555555555555556, 0.664962962962963, 0.5653846153846154],
    ),
    ("f1_score", Some("macro"), [0.709015353311428, 0.6551226551226551, 0.6649328069315966, 0.5476666428690417]),
    (
        "true_positive_rate",
        Some("bee"),
        [0.7152777777777778, 0.6666666666666666, 0.7083333333333334, 0.6041666666666666],
    ),
    ("f1_score", Some("cat"), [0.6219512195121951, 0.5714285714285714, 0.5697674418604651, 0.4927536231884058]),
    (
        "matthews_correlation",
        Some("ant"),
        [0.6550186051710329, 0.5773502691896257, 0.4567734398020992, 0.1597983323348166],
    ),
];

fn sound() -> AuditResult {
    result(AUDIT, &rows(), &[])
}

fn of_class<'a>(result: &'a AuditResult, metric: &str, class: Option<&str>, slice: &str, model: Subject) -> &'a Value {
    let wanted = |value: &&Value| {
        value.metric == metric && value.class.as_deref() == class && value.slice == slice && value.model == model
    };
    result.values.iter().find(wanted).unwrap_or_else(|| panic!("no {metric} of {class:?} in {slice}"))
}

#[test]
fn values_equal_those_of_scikit_learn() {
    let result = sound();
    let check = |metric: &str, class: Option<&str>, slice: &str, model: Subject, expected: f64| {
        let found = of_class(&result, metric, class, slice, model).estimate.value().expect("it is defined");
        close(&format!("{metric} of {class:?} in {slice}"), found, expected, 1e-12);
    };
    for (metric, class, [base, base_a, tuned, tuned_a]) in EXPECTED {
        check(metric, class, "all", Subject::Base, base);
        check(metric, class, "g=a", Subject::Base, base_a);
        check(metric, class, "all", Subject::Tuned, tuned);
        check(metric, class, "g=a", Subject::Tuned, tuned_a);
    }
    let pair = |metric: &str| value(&result, metric, "all", Subject::Pair).estimate.value().expect("it is defined");
    close("churn", pair("churn"), 0.513_888_888_888_888_8, 1e-12);
    close("negative flips", pair("negative_flip_rate"), 0.236_111_111_111_111_1, 1e-12);
    close("still right", pair("backward_trust_compatibility"), 0.673_076_923_076_923_1, 1e-12);
    check("true_positive_rate", Some("worst"), "g=a", Subject::Tuned, 0.416_666_666_666_666_7);
}

/// Conditional on the labels, the classes' recalls are independent rates.
#[test]
fn the_mean_of_classes_has_the_error_of_its_parts() {
    let result = sound();
    let span = |metric: &str, model: Subject| {
        let estimate = &of_class(&result, metric, Some("macro"), "g=a", model).estimate;
        let span = estimate.interval().expect("an interval");
        [span.low.expect("bounded"), span.high.expect("bounded")]
    };
    let [low, high] = span("true_positive_rate", Subject::Tuned);
    close("low", low, 0.485_632_367_215_849_1, 1e-9);
    close("high", high, 0.662_268_496_106_839_8, 1e-9);
    // Jackknife standard errors.
    let error = |[low, high]: [f64; 2]| (high - low) / 2.0 / 1.96;
    close("precision", error(span("positive_predictive_value", Subject::Tuned)), 0.0430, 0.0015);
    close("F1", error(span("f1_score", Subject::Tuned)), 0.0451, 0.0015);
    close("change of F1", error(span("f1_score", Subject::Change)), 0.0635, 0.002);
}

#[test]
fn a_class_against_the_rest_is_a_binary_task() {
    let result = sound();
    let binary = AUDIT.replace("task = \"multiclass\"", "positive = \"bee\"");
    let binary = super::result(&binary, &rows(), &[]);
    for metric in ["selection_rate", "true_positive_rate", "positive_predictive_value", "f1_score"] {
        for group in ["a", "b", "c"] {
            let found = finding(&result, &format!("{metric}/bee/g={group}"));
            let expected = finding(&binary, &format!("{metric}/g={group}"));
            assert_eq!(found.class.as_deref(), Some("bee"));
            assert_eq!((found.base, found.tuned, found.change), (expected.base, expected.tuned, expected.change));
            assert_eq!(
                (found.verdict, found.labels, found.p_value),
                (expected.verdict, expected.labels, expected.p_value)
            );
        }
    }
    let spread = |result: &AuditResult, class: Option<&str>| {
        let wanted = |one: &&heirloom::result::Aggregate| {
            one.metric == "true_positive_rate" && one.class.as_deref() == class && one.aggregate == "difference"
        };
        result.aggregates.iter().find(wanted).map(|one| one.estimate).expect("it is measured")
    };
    assert_eq!(spread(&result, Some("bee")), spread(&binary, None));
}

#[test]
fn findings_are_of_all_classes_their_mean_and_each() {
    let result = sound();
    let count = |class: Option<&str>| result.findings.iter().filter(|one| one.class.as_deref() == class).count();
    // Accuracy; three metrics with a mean; four metrics of each class; three groups.
    assert_eq!([count(None), count(Some("macro")), count(Some("cat"))], [3, 9, 12]);
    assert_eq!(result.findings.len(), 3 + 9 + 3 * 12);
    let named = super::result(&AUDIT.replace("[stats]", "[stats]\nclasses = [\"cat\"]"), &rows(), &[]);
    assert_eq!(named.findings.len(), 3 + 9 + 12);
}

#[test]
fn columns_of_scores_say_the_largest() {
    let decided = sound();
    for scores in [
        "scores = { prefix = \"b_\" }",
        "scores = [\"b_ant\", \"b_bee\", \"b_cat\"]\nclasses = [\"ant\", \"bee\", \"cat\"]",
    ] {
        let scored = result(&AUDIT.replace("decisions = \"b\"", scores), &rows(), &[]);
        // Scores tell an order, and decisions do not.
        let values = scored.values.iter().filter(|one| one.metric != "top_k_accuracy").cloned().collect::<Vec<_>>();
        assert_eq!((decided.values.len(), &decided.values), (values.len(), &values));
        assert_eq!(decided.findings, scored.findings);
    }
}

/// The order of the rows, and so of the classes met, shows nowhere.
#[test]
fn order_does_not_show() {
    let csv = rows();
    let (head, body) = csv.split_once('\n').expect("a header");
    let mut lines: Vec<&str> = body.lines().collect();
    lines.reverse();
    let turned = result(AUDIT, &format!("{head}\n{}\n", lines.join("\n")), &[]);
    assert_eq!((sound().values, sound().findings), (turned.values, turned.findings));
}

#[test]
fn classes_that_one_lacks_are_told() {
    let result = result(AUDIT, &rows().replace(",cat,a,", ",dog,a,"), &[]);
    assert!(
        result.notices.iter().any(|one| one == "Classes that only the tuned model has: dog."),
        "{:?}",
        result.notices
    );
    assert_eq!(result.data.null_labels, 0);
}

#[test]
fn checks_name_their_class() {
    let check = |more: &str| format!("{AUDIT}[[check]]\nid = \"c\"\n{more}\n");
    let judged = |more: &str| {
        let found = result(&check(more), &rows(), &[]).checks;
        found.into_iter().map(|one| (one.class, one.value, one.outcome)).next().expect("an outcome")
    };
    let (class, found, _) = judged("metric = \"tpr\"\nof = \"value\"\nmin = 0.5\nslices = [\"g=a\"]");
    assert_eq!(class.as_deref(), Some("macro"));
    close("judged", found.expect("a number"), EXPECTED[1].2[3], 1e-12);
    let (class, _, outcome) =
        judged("metric = \"tpr\"\nclass = \"bee\"\nof = \"value\"\nmin = 0.1\nslices = [\"g=a\"]");
    assert_eq!((class.as_deref(), outcome), (Some("bee"), Outcome::Met));
    let (class, _, _) = judged("metric = \"accuracy\"\nmax_growth = 0.5");
    assert_eq!(class, None);
}

/// The worst class may fail a limit for sure, or keep to it.
#[test]
fn the_worst_class_has_an_interval_and_checks() {
    let worst = |model| of_class(&sound(), "true_positive_rate", Some("worst"), "g=a", model).estimate;
    let found = worst(Subject::Tuned);
    let (value, span) = (found.value().expect("it is defined"), found.interval().expect("an interval"));
    let (low, high) = (span.low.expect("bounded"), span.high.expect("bounded"));
    // The worst recall is that of ants, 20 of 48; Wilson's limits by SciPy, the upper one at 0.05/3.
    close("value", value, 20.0 / 48.0, 1e-12);
    close("low", low, 0.288_496_677_784_116, 1e-9);
    close("high", high, 0.586_813_168_433_838, 1e-9);
    let judged = |limit: &str| {
        let check = format!(
            "{AUDIT}[[check]]\nid = \"c\"\nmetric = \"tpr\"\nclass = \"worst\"\nof = \"value\"\n{limit}\nslices = [\"g=a\"]\n"
        );
        result(&check, &rows(), &[]).checks.into_iter().map(|one| one.outcome).next().expect("an outcome")
    };
    assert_eq!(judged("min = 0.9"), Outcome::Failed);
    assert_eq!(judged("min = 0.1"), Outcome::Met);
    assert_eq!(judged("min = 0.4"), Outcome::Undecided);
}

/// Every number of rows that weigh 1, and of people with one row each, is that of the counts.
#[test]
fn a_weight_of_one_changes_no_number() {
    let csv = rows();
    let more: String = csv.lines().enumerate().fold(String::new(), |mut text, (at, line)| {
        let share = if at == 0 { "w,p".into() } else { format!("1,{at}") };
        let _ = writeln!(text, "{line},{share}");
        text
    });
    let weighted = result(&AUDIT.replace("[groups.g]", "weight = \"w\"\n[groups.g]"), &more, &[]);
    let plain = sound();
    assert_eq!(plain.values.len(), weighted.values.len());
    for one in &plain.values {
        let other = of_class(&weighted, &one.metric, one.class.as_deref(), &one.slice, one.model);
        same(&format!("{} of {:?} in {} for {:?}", one.metric, one.class, one.slice, one.model), one, other);
    }
    for one in &plain.findings {
        let other = finding(&weighted, &one.id);
        assert_eq!(one.verdict, other.verdict, "{}", one.id);
    }
    let people = result(&AUDIT.replace("[groups.g]", "unit = \"p\"\n[groups.g]"), &more, &[]);
    // An exact test is for rows that count once each, and says so.
    let exact = |value: &&Value| value.metric.starts_with("mcnemar");
    for one in plain.values.iter().filter(exact) {
        let other = of_class(&people, &one.metric, one.class.as_deref(), &one.slice, one.model);
        assert_eq!(other.estimate, Estimate::Undefined { undefined: Reason::RowsNotAlike }, "{}", one.metric);
    }
    for one in plain.values.iter().filter(|one| !exact(one)) {
        let other = of_class(&people, &one.metric, one.class.as_deref(), &one.slice, one.model);
        let what = format!("{} of {:?}", one.metric, one.class);
        assert_eq!(one.estimate.value().is_some(), other.estimate.value().is_some(), "{what}");
        if let (Some(a), Some(b)) = (one.estimate.value(), other.estimate.value()) {
            close(&what, b, a, 1e-12);
        }
    }
}

/// The change of a rate has Newcombe's correlation where rows count once, else that of the influences.
fn same(what: &str, plain: &Value, weighted: &Value) {
    let (a, b) = (plain.estimate, weighted.estimate);
    assert_eq!(a.value().is_some(), b.value().is_some(), "{what}: {a:?}, {b:?}");
    let (Some(x), Some(y)) = (a.value(), b.value()) else { return };
    close(what, y, x, 1e-12);
    let ends = |one: &Estimate| one.interval().map(|span| [span.low, span.high].map(|end| end.unwrap_or(f64::NAN)));
    match (ends(&a), ends(&b)) {
        (Some(a), Some(b)) => {
            let slack = if plain.model == Subject::Change { 0.02 } else { 1e-9 };
            (0..2).for_each(|end| close(&format!("{what}, end {end}"), b[end], a[end], slack));
        }
        (a, b) => assert_eq!(a, b, "{what}"),
    }
}

/// A weight of 3 is three rows, and three rows of one person are one person.
#[test]
fn weights_and_people_count_as_they_should() {
    let csv = rows();
    let lines: Vec<&str> = csv.lines().skip(1).collect();
    let table = |of: &dyn Fn(usize) -> (usize, String)| {
        let mut text = String::from("y,b,t,g,b_ant,b_bee,b_cat,x\n");
        for (at, line) in lines.iter().enumerate() {
            let (times, x) = of(at);
            (0..times).for_each(|_| writeln!(text, "{line},{x}").expect("a string takes all"));
        }
        text
    };
    let times = |at: usize| 1 + at % 3;
    let weighted = AUDIT.replace("[groups.g]", "weight = \"x\"\n[groups.g]");
    let weighted = result(&weighted, &table(&|at| (1, times(at).to_string())), &[]);
    let repeated = result(AUDIT, &table(&|at| (times(at), "1".into())), &[]);
    let units = AUDIT.replace("[groups.g]", "unit = \"x\"\n[groups.g]");
    let people = result(&units, &table(&|at| (3, at.to_string())), &[]);
    let plain = sound();
    for one in &plain.values {
        let of = |result| of_class(result, &one.metric, one.class.as_deref(), &one.slice, one.model).estimate;
        let what = format!("{} of {:?} in {} for {:?}", one.metric, one.class, one.slice, one.model);
        let p_value = one.metric.starts_with("mcnemar");
        if let (Some(a), Some(b)) = (of(&weighted).value(), of(&repeated).value()) {
            close(&what, a, b, 1e-12);
        }
        let (found, expected) = (of(&people), of(&plain));
        if let (Some(a), Some(b), false) = (found.value(), expected.value(), p_value) {
            close(&what, a, b, 1e-12);
        }
        let width = |one: Estimate| one.interval().and_then(|span| Some(span.high? - span.low?));
        if let (Some(a), Some(b)) = (width(found), width(expected)) {
            // Student's quantile and U / (U - 1) widen it a little; three times the rows would halve it nearly.
            assert!(a > 0.93 * b && a < 1.25 * b, "{what}: {a} against {b}");
        }
    }
}

/// scikit-learn 1.9, cohen_kappa_score; the shares of what base and tuned say.
#[test]
fn agreement_and_drift_are_over_all_classes() {
    let result = sound();
    let kappa = value(&result, "cohens_kappa", "all", Subject::Pair).estimate;
    close("kappa", kappa.value().expect("it is defined"), 0.222_235_197_944_645_52, 1e-12);
    let span = kappa.interval().expect("an interval");
    assert!(span.low.expect("bounded") < 0.2 && span.high.expect("bounded") > 0.22);
    let drift: Vec<&str> =
        result.drift.iter().filter(|one| one.slice == "g=a").map(|one| one.metric.as_str()).collect();
    assert_eq!(drift, ["population_stability_index", "jensen_shannon_divergence"]);
}

/// Every decision is right, or wrong: the mean is 1 or 0, and rests on the class that has the fewest rows.
#[test]
fn a_mean_of_0_or_1_has_limits() {
    let said = |shift: usize| {
        let mut csv = String::from("y,b,t,g\n");
        for i in 0..300 {
            let label = [0, 0, 0, 0, 0, 0, 0, 1, 1, 2][i % 10];
            let _ = writeln!(
                csv,
                "{},{},{},{}",
                NAMES[label],
                NAMES[label],
                NAMES[(label + shift) % 3],
                ["a", "b"][i / 10 % 2]
            );
        }
        let result = result(AUDIT, &csv, &[]);
        let found = of_class(&result, "true_positive_rate", Some("macro"), "all", Subject::Tuned).estimate;
        let span = found.interval().expect("an interval");
        (found.value().expect("it is defined"), span.low.expect("bounded"), span.high.expect("bounded"))
    };
    // 30 cats: the exact bound 0.05^(1/30), of a third of the mean.
    let bound = 0.05_f64.powf(1.0 / 90.0);
    let (value, low, high) = said(0);
    assert_eq!((value, high), (1.0, 1.0));
    close("low", low, bound, 1e-9);
    let (value, low, high) = said(1);
    assert_eq!((value, low), (0.0, 0.0));
    close("high", high, 1.0 - bound, 1e-9);
}

#[test]
fn an_undefined_class_is_left_out_of_the_mean() {
    let csv: String =
        rows().lines().filter(|line| !(line.starts_with("cat") && line.contains(",a,"))).collect::<Vec<_>>().join("\n");
    let result = result(AUDIT, &csv, &[]);
    let rate = |class: &str| of_class(&result, "true_positive_rate", Some(class), "g=a", Subject::Tuned).estimate;
    assert!(matches!(rate("cat"), Estimate::Undefined { .. }));
    let mean = (rate("ant").value().expect("defined") + rate("bee").value().expect("defined")) / 2.0;
    close("mean of two", rate("macro").value().expect("defined"), mean, 1e-12);
    let found = finding(&result, "true_positive_rate/macro/g=a").tuned.expect("a gap");
    close("the same two", found.slice, mean, 1e-12);
    let others = (finding(&result, "true_positive_rate/ant/g=a").tuned.expect("a gap").reference
        + finding(&result, "true_positive_rate/bee/g=a").tuned.expect("a gap").reference)
        / 2.0;
    close("of the reference", found.reference, others, 1e-12);
}

/// Shards meet the classes in different orders, and one of them may lack some.
#[test]
fn shards_add_up_by_the_names_of_classes() {
    let evidence = |rows: &str| super::gathered_from(AUDIT, &format!("y,b,t,g,b_ant,b_bee,b_cat\n{rows}\n")).evidence;
    let csv = rows();
    let mut lines: Vec<&str> = csv.lines().skip(1).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(*line));
    let (first, second) = lines.split_at(100);
    let sum = heirloom::evidence::merge(evidence(&first.join("\n")), evidence(&second.join("\n"))).expect("they add");
    assert_eq!(sum.classes, NAMES);
    assert!(sum == evidence(&lines.join("\n")), "the sum is not the whole");
}

const SCORED: &str = r#"
models.base.scores = { prefix = "b_" }
models.tuned.scores = { prefix = "t_" }
data.path = "eval.csv"
data.task = "multiclass"
data.label = "y"
groups = ["g"]
slices.min_support = 10
stats.metrics = ["accuracy", "top_k_accuracy"]
"#;

/// Scores of four classes with many ties, of which the fourth is never a label; weight and person.
fn scored() -> Vec<String> {
    let line = |i: usize| {
        let (label, group) = ([0, 0, 1, 1, 2][(7 * i) % 5], i % 3);
        let own = |class: usize, more: usize| if class == label { more } else { 0 };
        let base = (0..4).map(|class| (31 * i + 17 * class * (i % 7 + 1)) % 10 + own(class, 4));
        let more = if group == 0 { 3 } else { 5 };
        let tuned = (0..4).map(|class| (29 * i + 13 * class * (i % 5 + 1)) % 10 + own(class, more));
        let scores: Vec<String> = base.chain(tuned).map(|score| score.to_string()).collect();
        format!("{},{},{},{},{i}", NAMES[label], ["a", "b", "c"][group], scores.join(","), 1 + i % 3)
    };
    (0..360).map(line).collect()
}

fn table(lines: &[String]) -> String {
    let names = |model: &str| ["ant", "bee", "cat", "dog"].map(|class| format!("{model}_{class}")).join(",");
    format!("y,g,{},{},w,p\n{}\n", names("b"), names("t"), lines.join("\n"))
}

/// scikit-learn 1.9.1, top_k_accuracy_score: 165 of the 360 rows have ties of the base.
#[test]
fn top_k_accuracy_equals_that_of_scikit_learn() {
    let csv = table(&scored());
    let check = |more: &str, expected: [f64; 4]| {
        let result = result(&format!("{SCORED}{more}"), &csv, &[]);
        let places = [(Subject::Base, "all"), (Subject::Base, "g=a"), (Subject::Tuned, "all"), (Subject::Tuned, "g=a")];
        for ((model, slice), expected) in places.into_iter().zip(expected) {
            let found = value(&result, "top_k_accuracy", slice, model).estimate.value().expect("it is defined");
            close(&format!("{more} {slice} {model:?}"), found, expected, 1e-12);
        }
        result
    };
    let result = check("", [0.713_888_888_888_888_9, 0.708_333_333_333_333_4, 0.8, 0.6]);
    check("stats.top_k = 1", [0.525, 0.508_333_333_333_333_3, 0.533_333_333_333_333_3, 0.4]);
    check("stats.top_k = 3", [0.958_333_333_333_333_4, 0.958_333_333_333_333_4, 0.966_666_666_666_666_7, 0.9]);
    let weighted = check("data.weight = \"w\"", [0.7125, 0.708_333_333_333_333_4, 0.85, 0.6]);
    check("data.unit = \"p\"", [0.713_888_888_888_888_9, 0.708_333_333_333_333_4, 0.8, 0.6]);
    let change = value(&result, "top_k_accuracy", "g=a", Subject::Change).estimate.value().expect("it is defined");
    close("change", change, 0.6 - 85.0 / 120.0, 1e-12);
    let base = value(&result, "top_k_accuracy", "g=a", Subject::Base).estimate.interval().expect("an interval");
    // statsmodels 0.15, proportion_confint(85, 120, method="wilson").
    close("low", base.low.expect("bounded"), 0.6215576502025922, 1e-9);
    close("high", base.high.expect("bounded"), 0.7821843637896148, 1e-9);
    let found = finding(&result, "top_k_accuracy/g=a");
    assert_eq!(found.verdict, heirloom::result::Verdict::Worsened, "{found:?}");
    assert!(found.basis.is_some_and(|basis| basis.slice.counts().is_some()) && found.transmission.is_some());
    assert_eq!(finding(&weighted, "top_k_accuracy/g=a").class, None);
    assert!(result.aggregates.iter().any(|one| one.metric == "top_k_accuracy" && one.estimate.value().is_some()));
}

#[test]
fn top_k_accuracy_tells_why_it_is_not_there() {
    let csv = table(&scored());
    let undefined = |result: &AuditResult, model: Subject| {
        super::common::reason(&value(result, "top_k_accuracy", "g=a", model).estimate)
    };
    let few = result(&format!("{SCORED}stats.top_k = 4"), &csv, &[]);
    assert_eq!(undefined(&few, Subject::Base), Some(Reason::TooFewClasses));
    let half = result(&SCORED.replace("tuned.scores = { prefix = \"t_\" }", "tuned.decisions = \"y\""), &csv, &[]);
    assert_eq!(undefined(&half, Subject::Base), None);
    assert_eq!(undefined(&half, Subject::Tuned), Some(Reason::NoScores));
    assert_eq!(undefined(&half, Subject::Change), Some(Reason::NoScores));
    for result in [few, half] {
        assert!(result.findings.iter().all(|one| one.metric == "accuracy"));
    }
    assert!(sound().values.iter().all(|one| one.metric != "top_k_accuracy"), "nobody asked");
}

/// Shards of scores are one run; evidence without ranks, as older files are, is read, and says why it has no number.
#[test]
fn ranks_add_up_and_may_be_missing() {
    let lines = scored();
    let dossier = |lines: &[String]| super::gathered_from(SCORED, &table(lines));
    let whole = dossier(&lines);
    let (first, second) = lines.split_at(130);
    let sum = heirloom::evidence::merge(dossier(second).evidence, dossier(first).evidence).expect("they add");
    assert!(sum == whole.evidence, "the sum is not the whole");
    let json = whole.to_json().expect("it is written");
    let again = heirloom::audit::Dossier::from_json(&json).expect("it is read");
    assert!(again.evidence == whole.evidence);
    let mut older: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let rows = older["evidence"]["points"]["rows"].as_array_mut().expect("rows");
    assert!(rows.iter_mut().all(|row| row.as_object_mut().expect("a row").remove("rank").is_some()));
    let older = heirloom::audit::Dossier::from_json(&older.to_string()).expect("it is read");
    let older = heirloom::audit::conclude(&older).expect("it is concluded");
    let estimate = value(&older, "top_k_accuracy", "all", Subject::Base).estimate;
    assert_eq!(super::common::reason(&estimate), Some(Reason::NoScores));
}

/// Without a share of their own, weighted means over classes have none.
#[test]
fn a_mean_over_classes_has_no_share() {
    let audit = SCORED.replace("\"top_k_accuracy\"", "\"true_positive_rate\"") + "data.weight = \"w\"\n";
    let result = result(&audit, &table(&scored()), &[]);
    let of = |class: Option<&str>| {
        let found = result.findings.iter().filter(move |one| one.class.as_deref() == class);
        found.filter(|one| one.transmission.is_some()).count()
    };
    assert!(of(None) > 0 && of(Some("ant")) > 0);
    assert_eq!(of(Some("macro")), 0);
}

/// A control that says what the base says has the base's numbers, and shards add up with it.
#[test]
fn a_control_has_its_top_k_accuracy() {
    let lines = scored();
    let audit = format!("{SCORED}models.control.scores = {{ prefix = \"b_\" }}\n");
    let result = result(&audit, &table(&lines), &[]);
    let own = finding(&result, "top_k_accuracy/g=a");
    let control = own.control.expect("it was tested");
    assert_eq!(control.gap.value(), own.base.map(|gap| gap.value));
    assert_eq!(control.effect.value(), own.change.map(|gap| gap.value));
    let evidence = |lines: &[String]| super::gathered_from(&audit, &table(lines)).evidence;
    let (first, second) = lines.split_at(130);
    let sum = heirloom::evidence::merge(evidence(second), evidence(first)).expect("they add");
    let whole = evidence(&lines);
    assert!(sum == whole && whole.points.is_some_and(|points| points.ranks.iter().flatten().all(Option::is_some)));
}
