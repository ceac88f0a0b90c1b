//! Other runs, controls and rows that do not fit.

use crate::case::Case;

/// The small audit with more lines under `[models.tuned]`.
fn with(old: &str, new: &str) -> Case {
    let case = Case::new();
    case.swap(old, new);
    case
}

const TUNED: &str = "[models.tuned]\nscores = \"t\"";

#[test]
fn a_run_that_is_not_there_is_named() {
    with("scores = \"t\"", "scores = [\"t\", \"nowhere\"]").refuses(2, &["nowhere", "audit.toml"]);
    let files = "path = [\"one.onnx\", \"two.onnx\"]";
    with("scores = \"t\"", files).refuses(3, &["model tuned", "one.onnx", "cannot be read"]);
}

#[test]
fn a_run_that_stands_twice_is_a_problem() {
    with("scores = \"t\"", "scores = [\"t\", \"b\", \"t\"]")
        .refuses(2, &["`t` stands here twice", "agrees with itself"]);
}

#[test]
fn a_control_needs_a_base_and_reads_its_own_column() {
    with("[models.base]\nscores = \"b\"", "[models.control]\nscores = \"b\"").refuses(2, &["a control needs a base"]);
    let control = format!("{TUNED}\n[models.control]\ndecisions = \"sex\"");
    with(TUNED, &control).refuses(3, &["decision", "sex", "Female"]);
    let control = format!("{TUNED}\n[models.control]\nscores = \"nowhere\"");
    with(TUNED, &control).refuses(2, &["nowhere"]);
}

#[test]
fn training_rows_have_the_columns_of_the_others() {
    let train = "positive = 1\ntrain = { path = \"train.csv\" }";
    with("positive = 1", train).refuses(3, &["train.csv"]);
    let case = with("positive = 1", train);
    case.write("train.csv", "b,t,sex\n0.1,0.2,Male\n");
    case.refuses(3, &["train.csv", "`y`"]);
    case.write("train.csv", "b,t,sex,y\n");
    case.refuses(3, &["[data.train]", "no row was read"]);
}

#[test]
fn a_source_says_what_is_compared() {
    let case = with("positive = 1", "positive = 1\nsource = { path = \"eval.csv\" }");
    case.refuses(2, &["nothing says which columns to compare", "columns = "]);
    case.swap("path = \"eval.csv\" }", "path = \"eval.csv\", columns = [\"age\"] }");
    case.refuses(2, &["no column age"]);
    case.swap("columns = [\"age\"]", "columns = [\"sex\", \"b\"]");
    let result = case.gives(0);
    assert_eq!(result["shift"]["columns"].as_array().unwrap().len(), 2);
}
