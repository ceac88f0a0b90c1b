//! Audits of a task that the audit file, the data or the models do not fit.

use crate::case::{AUDIT, Case};
use crate::onnx::Small;
use std::fmt::Write;

fn csv(row: impl Fn(usize) -> String) -> String {
    let mut text = String::from("y,sex,b,t\n");
    (0..200).for_each(|at| writeln!(text, "{}", row(at)).unwrap());
    text
}

/// A sound regression.
fn regression() -> Case {
    let case = Case::new();
    let audit = AUDIT.replace("positive = 1", "task = \"regression\"");
    case.write("audit.toml", audit).add("[stats]\nsmallest_gap = 5\n");
    let row = |at: usize| format!("{},{},{},{}", 7 * at % 50, ["F", "M"][at % 2], 7 * at % 50 + at % 9, 7 * at % 49);
    case.write("eval.csv", csv(row));
    case
}

#[test]
fn a_regression_is_audited() {
    let result = regression().gives(0);
    assert_eq!(result["task"], "regression");
    assert_eq!(result["method"]["metrics"][1], "mean_absolute_error");
    assert!(result["method"]["base_threshold"].is_null());
}

#[test]
fn what_a_regression_does_not_have_is_told() {
    regression()
        .swap("label = \"y\"", "label = \"y\"\npositive = 1")
        .refuses(2, &["a regression task has no positive label", "audit.toml:12", "leave `positive` out"]);
    for line in ["threshold = 0.5", "kind = \"logit\"", "classes = [\"a\", \"b\"]"] {
        let key = line.split(' ').next().unwrap();
        regression()
            .swap("scores = \"t\"", &format!("scores = \"t\"\n{line}"))
            .refuses(2, &[&format!("a regression has no `{key}`")]);
    }
    regression().swap("scores = \"t\"", "decisions = \"t\"").refuses(2, &["no `decisions`", "`scores`"]);
}

#[test]
fn metrics_of_another_task_are_told() {
    regression()
        .swap("smallest_gap = 5", "smallest_gap = 5\nmetrics = [\"mae\", \"accuracy\"]")
        .refuses(2, &["`accuracy` is no metric of a regression task", "mean_absolute_error", "audit.toml:19"]);
    regression()
        .add("[[check]]\nid = \"c\"\nmetric = \"selection_rate\"\nmax_growth = 0.1\n")
        .refuses(2, &["`selection_rate` is no metric of a regression task"]);
    let binary = Case::new();
    binary
        .add("[stats]\nmetrics = [\"rmse\"]\n")
        .refuses(2, &["`root_mean_squared_error` is no metric of a binary task"]);
}

#[test]
fn the_smallest_gap_of_a_regression_has_to_be_given() {
    let case = regression();
    case.swap("[stats]\nsmallest_gap = 5\n", "")
        .refuses(2, &["`smallest_gap` is missing", "in the label's unit", "task = \"regression\""]);
    // One model alone has no findings, so nothing has to count.
    case.swap("[models.base]\nscores = \"b\"\n", "").gives(0);
    regression().swap("smallest_gap = 5", "smallest_gap = 0").refuses(2, &["above 0, in the label's unit"]);
}

#[test]
fn labels_that_are_no_numbers_are_told() {
    regression()
        .write("eval.csv", csv(|at| format!("{},F,1,2", ["1", "high"][at % 2])))
        .refuses(3, &["line 3: column `y` holds `high`, which is not a number"]);
    regression()
        .write("eval.csv", csv(|at| format!(",{},1,2", ["F", "M"][at % 2])))
        .refuses(3, &["every label in column y is null", "leave `label` out"]);
    regression()
        .write("eval.csv", csv(|at| format!("{},F,1,2", ["1", "inf"][at % 2])))
        .refuses(3, &["column y", "infinite", "100 rows"]);
}

#[test]
fn a_limit_is_in_the_labels_unit() {
    let case = regression();
    case.add("[[check]]\nid = \"c\"\nmetric = \"mae\"\nof = \"value\"\nmax = 500\n").gives(0);
    case.swap("max = 500", "max_rise = -5").refuses(2, &["must not be negative"]);
}

/// A regression whose base is an ONNX model of one input.
fn with_model(operations: &[&'static str]) -> Case {
    let case = regression();
    case.write("base.onnx", Small::of(operations).bytes());
    case.swap("scores = \"b\"", "path = \"base.onnx\"\ninputs.features = { columns = [\"b\"] }");
    case
}

#[test]
fn a_model_predicts_numbers() {
    let result = with_model(&["Neg"]).gives(0);
    let values = result["values"].as_array().unwrap();
    let mean = values.iter().find(|v| v["metric"] == "mean_prediction" && v["slice"] == "all").unwrap();
    assert!(mean["value"].as_f64().unwrap() < 0.0, "{mean}");
    assert!(result["provenance"]["models"]["base"]["reading"].as_str().unwrap().starts_with("output "));
}

#[test]
fn predictions_that_are_no_numbers_are_told() {
    with_model(&["Neg", "Log"]).refuses(3, &["model base gave NaN or infinite outputs", "200 rows"]);
}

/// A sound multiclass task.
fn multiclass() -> Case {
    let case = Case::new();
    case.write("audit.toml", AUDIT.replace("positive = 1", "task = \"multiclass\"").replace("scores", "decisions"));
    let class = |at: usize| ["ant", "bee", "cat"][at % 3];
    case.write(
        "eval.csv",
        csv(|at| format!("{},{},{},{}", class(at), ["F", "M"][at % 2], class(at * at), class(at / 2))),
    );
    case
}

#[test]
fn a_multiclass_task_is_audited() {
    let result = multiclass().gives(0);
    assert_eq!(result["task"], "multiclass");
    assert!(result["findings"].as_array().unwrap().iter().any(|one| one["id"] == "true_positive_rate/macro/sex=F"));
}

#[test]
fn classes_are_not_saved_as_scores() {
    let ran = multiclass().audit(&["--save-scores", "scores.parquet"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("give classes, not scores"), "{}", ran.err);
}

#[test]
fn what_several_classes_do_not_have_is_told() {
    for line in ["positive = \"ant\"", "favorable = true"] {
        let key = line.split(' ').next().unwrap();
        multiclass().swap("label = \"y\"", &format!("label = \"y\"\n{line}")).refuses(2, &["multiclass task", key]);
    }
    multiclass()
        .swap("decisions = \"t\"", "scores = \"t\"")
        .refuses(2, &["a column of scores for each class", "prefix"]);
    multiclass().swap("decisions = \"t\"", "decisions = \"t\"\nthreshold = 0.5").refuses(2, &["has no `threshold`"]);
    multiclass()
        .swap("decisions = \"t\"", "scores = { prefix = \"t\" }")
        .refuses(2, &["1 columns of scores for 1 classes"]);
    multiclass()
        .swap("decisions = \"t\"", "scores = [\"b\", \"t\"]\nclasses = [\"a\", \"a\"]")
        .refuses(2, &["2 to 1000 different classes"]);
    let many: Vec<String> = (0..1001).map(|class| format!("\"{class}\"")).collect();
    multiclass()
        .swap("decisions = \"t\"", &format!("scores = [\"b\", \"t\"]\nclasses = [{}]", many.join(", ")))
        .refuses(2, &["2 to 1000 different classes"]);
}

#[test]
fn metrics_and_checks_of_other_tasks_are_told() {
    multiclass().add("[stats]\nmetrics = [\"roc_auc\"]\n").refuses(2, &["`roc_auc` is no metric of a multiclass task"]);
    let check = |metric: &str, more: &str, words: &[&str]| {
        let text = format!("[[check]]\nid = \"c\"\nmetric = \"{metric}\"\nmax_growth = 0.1\n{more}\n");
        multiclass().add(&text).refuses(2, words);
    };
    check("selection_rate", "", &["this metric has no mean over classes", "name a class"]);
    check("accuracy", "class = \"ant\"", &["counts all classes together"]);
    check("tpr", "class = \"worst\"", &["has a value of its own and no gap", "of = \"value\""]);
    check("confusion_distance", "", &["has no mean over classes", "name a class"]);
    check("tpr", "class = \"dog\"", &["matches nothing"]);
    let binary = Case::new();
    binary
        .add("[[check]]\nid = \"c\"\nmetric = \"tpr\"\nmax_growth = 0.1\nclass = \"1\"\n")
        .refuses(2, &["classes are those of a multiclass task"]);
    Case::new().add("[stats]\ntop_k = 3\n").refuses(2, &["the best classes are those of a multiclass task"]);
    multiclass().add("[stats]\ntop_k = 0\n").refuses(2, &["this number must be 1 or more", "audit.toml:18"]);
}

#[test]
fn classes_that_cannot_be_are_told() {
    let one = |label: &str, said: &str| {
        let row = |at: usize| format!("{label},{},{said},{said}", ["F", "M"][at % 2]);
        multiclass().write("eval.csv", csv(row)).audit(&[])
    };
    for (label, said, words) in [
        ("", "ant", "every label in column y is null"),
        ("ant", "ant", "know the class ant alone, and two are needed"),
        ("ant", "0", "the base model says the classes 0, and the labels hold ant"),
    ] {
        let ran = one(label, said);
        assert_eq!(ran.code, Some(3), "{ran:?}");
        assert!(ran.err.contains(words), "{}", ran.err);
    }
    let mut text = String::from("y,sex,b,t\n");
    (0..1001).for_each(|at| writeln!(text, "{at},F,1,2").unwrap());
    multiclass().write("eval.csv", text).refuses(3, &["more than 1000 classes", "task = \"regression\""]);
}

/// A model of [N, 2] probabilities without names for its columns.
fn with_columns(classes: &str) -> Case {
    let case = multiclass();
    let pair = vec![None, Some(2)];
    let model = Small { input: pair.clone(), output: pair, ..Small::of(&["Identity"]) };
    case.write("base.onnx", model.bytes());
    let rows = |at: usize| format!("{},{},{},{}", at % 2, ["F", "M"][at % 3 % 2], f64::from(at as u32 % 7) / 7.0, 0.4);
    case.write("eval.csv", csv(rows));
    let columns = "path = \"base.onnx\"\ninputs.features = { columns = [\"b\", \"t\"] }";
    case.swap("decisions = \"b\"", &format!("{columns}\n{classes}")).swap("[models.tuned]\ndecisions = \"t\"\n", "");
    case
}

#[test]
fn columns_without_names_are_codes() {
    with_columns("").gives(0);
    with_columns("classes = [\"ant\", \"bee\"]").refuses(3, &["the base model says", "ant", "classes = [...]"]);
    with_columns("classes = [\"0\", \"1\", \"2\"]").refuses(2, &["output probabilities is", "`classes` names 3"]);
}
