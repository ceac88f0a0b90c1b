//! Embeddings that are none, and probes that have nothing to learn.

use crate::case::{Case, csv};
use crate::onnx::Small;

const PROBED: &str =
    "path = \"base.onnx\"\nembedding = \"probabilities\"\nprobe = true\ninputs.features = { columns = [\"b\", \"t\"] }";

/// The small audit with a base that hands two columns on as its embedding.
fn with(model: Small) -> Case {
    let case = Case::new();
    case.write("base.onnx", model.bytes()).swap("scores = \"b\"", PROBED);
    case
}

fn handed_on() -> Small {
    Small { input: vec![None, Some(2)], output: vec![None, Some(2)], ..Small::of(&["Identity"]) }
}

#[test]
fn a_probe_answers() {
    let result = with(handed_on()).gives(0);
    assert_eq!(result["provenance"]["models"]["base"]["probe"], true);
    assert_eq!(result["representations"]["probes"][0]["rows"], 400);
    assert_eq!(result["representations"]["base_width"], 2);
}

#[test]
fn an_embedding_of_another_rank_or_of_no_name_is_told() {
    for output in [vec![None], vec![None, Some(2), Some(1)]] {
        let shape = Small { output, ..handed_on() };
        with(shape).refuses(2, &["embedding = \"probabilities\"", "an embedding is floating numbers [N, d]"]);
    }
    let case = with(handed_on());
    case.swap("embedding = \"probabilities\"", "embedding = \"hidden\"");
    case.refuses(2, &["the model has no output hidden to read an embedding from; its outputs are probabilities"]);
}

#[test]
fn a_probe_needs_labels_of_both_classes() {
    let case = with(handed_on());
    case.swap("label = \"y\"\npositive = 1\n", "");
    case.refuses(2, &["a probe learns from labels, and no label column is given"]);
    let case = with(handed_on());
    let text = csv(400, |row| if row % 2 == 0 { "a".into() } else { "b".into() });
    let all_positive: String = text.lines().map(|line| line.replacen("0,", "1,", 1) + "\n").collect();
    assert!(all_positive.lines().skip(1).all(|line| line.starts_with("1,")));
    case.write("eval.csv", all_positive);
    case.refuses(3, &["model base", "all labels are of one class"]);
}

#[test]
fn an_embedding_that_tells_nothing_is_told() {
    let case = with(handed_on());
    let text = csv(400, |row| if row % 2 == 0 { "a".into() } else { "b".into() });
    let still = |line: &str| line.split(',').take(2).collect::<Vec<_>>().join(",") + ",0.5,0.5\n";
    let constant: String = std::iter::once("y,sex,b,t\n".to_owned()).chain(text.lines().skip(1).map(still)).collect();
    case.write("eval.csv", constant);
    case.refuses(3, &["model base", "its embedding is the same in every row"]);
}

#[test]
fn an_embedding_of_nan_stops_a_probe() {
    let text = csv(400, |row| if row % 2 == 0 { "a".into() } else { "b".into() });
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    let kept = lines[7].rsplit_once(',').expect("it has cells").0.rsplit_once(',').expect("it has more").0.to_owned();
    lines[7] = format!("{kept},,0.5");
    let case = with(handed_on());
    case.write("eval.csv", lines.join("\n") + "\n");
    case.refuses(3, &["model base gave NaN or infinite outputs on 1 of 400 rows"]);
}

#[test]
fn an_embedding_of_nan_is_not_measured_and_the_audit_goes_on() {
    // The head hands the column on, and the embedding is its root.
    let case = Case::new();
    case.write("base.onnx", Small { first: true, ..Small::of(&["Identity", "Sqrt"]) }.bytes());
    let read = "path = \"base.onnx\"\noutput = \"v1\"\nkind = \"score\"\nthreshold = 0.5\nembedding = \"probabilities\"\ninputs.features = { columns = [\"b\"] }";
    case.swap("scores = \"b\"", read);
    let text = csv(400, |row| if row % 2 == 0 { "a".into() } else { "b".into() });
    case.write("eval.csv", text.replacen(",0.", ",-0.", 1));
    let result = case.gives(0);
    let told = &result["representations"];
    assert_eq!(told["log_me_base"]["undefined"], "not_finite");
    assert_eq!(told["leakage"][0]["groups"][0]["base"]["undefined"], "not_finite");
    assert!(!result["values"].as_array().expect("values are a list").is_empty());
}

#[test]
fn few_rows_are_no_ground_for_a_probe() {
    let case = with(handed_on());
    case.write("eval.csv", csv(8, |row| if row % 2 == 0 { "a".into() } else { "b".into() }));
    case.refuses(3, &["model base", "give more"]);
}
