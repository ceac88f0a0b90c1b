//! Models that cannot be loaded, fed or read.

use crate::case::{Case, csv};
use crate::onnx::{INT64, STRING, Small};

const MODELS: &str = "path = \"base.onnx\"\ninputs.features = { columns = [\"b\"] }";

/// The small audit with two models in place of the scores.
fn with(base: &[u8], tuned: &[u8]) -> Case {
    let case = Case::new();
    case.write("base.onnx", base).write("tuned.onnx", tuned);
    case.swap("scores = \"b\"", MODELS)
        .swap("scores = \"t\"", &MODELS.replace("base", "tuned").replace("\"b\"", "\"t\""));
    case
}

fn sound() -> Vec<u8> {
    Small::of(&["Sigmoid"]).bytes()
}

#[test]
fn small_models_run() {
    let result = with(&sound(), &sound()).gives(0);
    assert_eq!(result["provenance"]["engine"]["name"], "embedded");
}

#[test]
fn a_missing_model_or_a_folder_is_named() {
    let case = with(&sound(), &sound());
    std::fs::remove_file(case.path("tuned.onnx")).unwrap();
    case.refuses(3, &["model tuned", "tuned.onnx", "cannot be read"]);
    std::fs::create_dir(case.path("tuned.onnx")).unwrap();
    case.refuses(3, &["model tuned", "tuned.onnx", "it is a folder"]);
}

#[test]
fn empty_and_foreign_files_are_told_for_what_they_are() {
    for (bytes, words) in [
        (&b""[..], "it is empty"),
        (b"PAR1whatever", "it is a Parquet file"),
        (b"PK\x03\x04....", "torch.onnx.export"),
        (b"\x80\x04\x95....", "skl2onnx"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"just some text, not a model", "not an ONNX model"),
    ] {
        with(&sound(), bytes).refuses(3, &["model tuned", "tuned.onnx", words]);
    }
}

#[test]
fn a_model_cut_short_anywhere_is_told() {
    let case = Case::income();
    let whole = std::fs::read(case.path("base.onnx")).unwrap();
    for part in (1..whole.len()).step_by(whole.len() / 12) {
        case.write("base.onnx", &whole[..part]).refuses(3, &["model base", "base.onnx"]);
    }
    case.write("base.onnx", &whole[..whole.len() / 2]).refuses(3, &["cut short", "again"]);
}

#[test]
fn damaged_models_never_shake_the_program() {
    let case = Case::income();
    let whole = std::fs::read(case.path("base.onnx")).unwrap();
    // The first and the last bytes hold the structure, what lies between are weights.
    for place in (0..300).chain(whole.len() - 300..whole.len()).step_by(11) {
        let mut bytes = whole.clone();
        bytes[place] = bytes[place].wrapping_add(1);
        case.write("base.onnx", bytes);
        let _ = std::fs::remove_dir_all(case.path("out"));
        let ran = case.audit(&[]);
        assert!(matches!(ran.code, Some(0..=4)), "{place}: {ran:?}");
        assert_eq!(case.path("out").exists(), !matches!(ran.code, Some(2 | 3)), "{place}: {ran:?}");
    }
}

#[test]
fn weights_that_are_missing_are_named() {
    let model = Small { external: Some("weights.bin"), ..Small::of(&["Add", "Sigmoid"]) };
    let case = with(&sound(), &model.bytes());
    case.refuses(3, &["model tuned", "tuned.onnx", "weights.bin", "Put it beside the model"]);
    case.write("weights.bin", [0, 0]).refuses(3, &["weights.bin", "cut short", "2 bytes of at least 4"]);
    case.write("weights.bin", [0; 4]).gives(0);
}

#[test]
fn weights_outside_the_folder_are_not_followed() {
    for file in ["../weights.bin", "/etc/passwd"] {
        let model = Small { external: Some(file), ..Small::of(&["Add", "Sigmoid"]) };
        with(&sound(), &model.bytes()).refuses(3, &["model tuned", file, "not followed"]);
    }
}

#[test]
fn a_wrong_input_name_is_told_with_the_one_meant() {
    let case = with(&sound(), &sound());
    case.swap("inputs.features", "inputs.feature")
        .refuses(2, &["no input feature", "did you mean features?", "audit.toml"]);
}

#[test]
fn a_wrong_width_is_told() {
    let case = with(&sound(), &sound());
    case.swap("columns = [\"t\"]", "columns = [\"t\", \"b\"]")
        .refuses(2, &["input features", "takes 1 columns, not 2", "models.tuned"]);
}

#[test]
fn a_column_that_is_not_there_is_told() {
    let case = with(&sound(), &sound());
    case.swap("columns = [\"t\"]", "columns = [\"tt\"]").refuses(2, &["no column `tt`", "audit.toml:"]);
}

#[test]
fn a_prefix_that_no_column_has_is_told() {
    let case = with(&sound(), &sound());
    case.swap("{ columns = [\"t\"] }", "{ prefix = \"z_\" }").refuses(2, &["no column's name starts with `z_`"]);
}

#[test]
fn a_wrong_output_name_is_told_with_those_there_are() {
    let case = with(&sound(), &sound());
    case.swap("path = \"tuned.onnx\"", "path = \"tuned.onnx\"\noutput = \"probs\"");
    case.refuses(2, &["no output probs", "probabilities", "models.tuned"]);
}

#[test]
fn inputs_of_a_rank_or_type_that_columns_cannot_fill_are_told() {
    let cube = Small { input: vec![None, Some(1), Some(1)], ..Small::of(&["Sigmoid"]) };
    with(&sound(), &cube.bytes()).refuses(2, &["input features", "one or two dimensions"]);
    let text = Small { element: STRING, ..Small::of(&["Sigmoid"]) };
    with(&sound(), &text.bytes()).refuses(3, &["model tuned", "string inputs", "heirloom engine install"]);
    let whole = Small { element: INT64, ..Small::of(&["Identity"]) };
    with(&sound(), &whole.bytes()).refuses(3, &["input features", "column `t`", "396 of 400 rows", "round = true"]);
}

#[test]
fn outputs_that_are_no_binary_scores_are_told() {
    let wide = Small { output: vec![None, Some(3)], ..Small::of(&["Sigmoid"]) };
    with(&sound(), &wide.bytes()).refuses(2, &["output", "probabilities", "models.tuned"]);
}

#[test]
fn operators_that_the_embedded_engine_lacks_are_named() {
    let model = Small::of(&["Sigmoid", "TreeEnsembleClassifier"]);
    with(&sound(), &model.bytes()).refuses(3, &["TreeEnsembleClassifier", "heirloom engine install"]);
}

#[test]
fn two_fixed_batches_are_told() {
    let fixed = |rows| {
        Small { input: vec![Some(rows), Some(1)], output: vec![Some(rows), Some(1)], ..Small::of(&["Sigmoid"]) }.bytes()
    };
    with(&fixed(7), &fixed(5))
        .refuses(2, &["the base takes exactly 7 rows", "the tuned model 5", "free first dimension"]);
}

#[test]
fn one_fixed_batch_gives_the_numbers_of_a_free_one() {
    let fixed =
        Small { input: vec![Some(7), Some(1)], output: vec![Some(7), Some(1)], ..Small::of(&["Sigmoid"]) }.bytes();
    let (one, other) = (with(&fixed, &sound()).gives(0), with(&sound(), &sound()).gives(0));
    assert_eq!(one["provenance"]["engine"]["chunk"], 7);
    assert_eq!(one["values"], other["values"]);
}

#[test]
fn batches_that_cannot_be_are_refused() {
    for rows in [1 << 40, u64::MAX >> 1] {
        let fixed =
            Small { input: vec![Some(rows), Some(1)], output: vec![Some(rows), Some(1)], ..Small::of(&["Sigmoid"]) }
                .bytes();
        let case = with(&fixed, &fixed);
        let ran = case.audit(&[]);
        assert!(matches!(ran.code, Some(2 | 3)), "{rows}: {ran:?}");
        assert!(ran.err.contains("features") && ran.err.contains("free first dimension"), "{rows}: {}", ran.err);
    }
}

#[test]
fn outputs_that_are_no_numbers_are_counted() {
    // 0 / 0 on the rows whose column holds 0.
    let text = csv(5_000, |row| ["Female", "Male"][row % 2].into());
    let zeros = text.lines().skip(1).filter(|line| line.split(',').nth(3) == Some("0")).count();
    let case = with(&sound(), &Small::of(&["Div"]).bytes());
    case.write("eval.csv", text)
        .refuses(3, &["model tuned", &format!("on {zeros} of 5000 rows"), "check the input columns"]);
}

#[test]
fn nulls_in_an_input_are_counted() {
    let case = with(&sound(), &sound());
    let text = csv(400, |row| ["Female", "Male"][row % 2].into()) + "1,Male,,0.5\n1,Male,,0.5\n0,Male,,0.5\n";
    case.write("eval.csv", text).refuses(3, &["model base", "NaN", "3 of 403 rows", "null"]);
}

#[test]
fn infinite_outputs_are_counted() {
    let case = with(&Small::of(&["Reciprocal"]).bytes(), &sound());
    let text: String =
        (0..300).map(|row| format!("{},F,{},0.5\n", row % 2, if row < 2 { "0" } else { "0.9" })).collect();
    case.write("eval.csv", format!("y,sex,b,t\n{text}")).refuses(3, &["model base"]);
}

#[test]
fn probabilities_out_of_range_are_told() {
    let case = with(&sound(), &Small::of(&["Neg"]).bytes());
    case.refuses(3, &["model tuned", "output probabilities", "no probability", "kind = \"logit\""]);
}

#[test]
fn an_unknown_library_is_named() {
    let case = with(&sound(), &sound());
    let args = ["audit", "audit.toml", "--out", "out", "--onnxruntime", "nowhere.so"];
    case.fails(&args, 3, &["nowhere.so", "--onnxruntime"]);
    case.write("nowhere.so", "this is no library");
    case.fails(&args, 3, &["nowhere.so"]);
}

#[test]
fn inspect_tells_the_same_of_bad_files() {
    let case = Case::new();
    case.write("m.onnx", "text").write("d.parquet", "text");
    case.fails(&["inspect", "m.onnx"], 3, &["m.onnx", "not an ONNX model"]);
    case.fails(&["inspect", "d.parquet"], 3, &["d.parquet", "not a Parquet file"]);
    case.fails(&["inspect", "nothing.csv"], 3, &["nothing.csv", "does not exist"]);
}
