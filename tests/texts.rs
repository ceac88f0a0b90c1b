//! Texts against Hugging Face's own tokenizers package and ONNX Runtime in Python, on real models.
//!
//! The rows of the shared data carry the tokens and the scores that Python gave. Texts are never
//! printed: they hold slurs.

mod common;

use common::{at, engine, tell};
use heirloom::audit::run;
use heirloom::data::Dataset;
use heirloom::gather::{Options, preflight};
use heirloom::models::TextReader;
use heirloom::models::onnx::{Engine, EngineChoice};
use polars::prelude::{DataFrame, ParquetReader, SerReader};
use std::fs::File;
use std::sync::atomic::AtomicBool;

/// Rows of the shared data, or `None` with a message.
fn rows(name: &str) -> Option<DataFrame> {
    let path = at("../shared/data/text_pair").join(name);
    if !path.exists() {
        tell(&format!("NOT RUN: {} is absent; the shared data lie beside the package", path.display()));
        return None;
    }
    Some(ParquetReader::new(File::open(path).expect("it opens")).finish().expect("it is Parquet"))
}

/// The tokens that Python recorded for each row.
fn recorded(frame: &DataFrame) -> Vec<Vec<u32>> {
    let list = frame.column("input_ids").expect("a column").list().expect("of lists");
    let ids = |row: polars::prelude::Series| {
        let numbers = row.cast(&polars::prelude::DataType::UInt32).expect("whole numbers");
        numbers.u32().expect("whole numbers").into_no_null_iter().collect()
    };
    (0..frame.height()).map(|at| ids(list.get_as_series(at).expect("a list"))).collect()
}

#[test]
fn tokens_equal_those_of_python_for_every_row() {
    for name in ["hatecheck_eval.parquet", "madlibs_eval.parquet"] {
        let Some(frame) = rows(name) else { return };
        let reader = TextReader::open(&at("../shared/data/text_pair/tokenizer.json"), Some(48)).expect("it is sound");
        let texts = frame.column("text").expect("a column").str().expect("of texts");
        let recorded = recorded(&frame);
        let differs = |at: &usize| {
            let tokens = reader.read(texts.get(*at).expect("no nulls")).expect("it has tokens");
            tokens.ids != recorded[*at] || tokens.cut
        };
        let different: Vec<usize> = (0..frame.height()).filter(differs).collect();
        assert!(different.is_empty(), "rows of {name} with other tokens: {different:?}");
        tell(&format!("{name}: {} rows have the tokens of Python", frame.height()));
    }
}

#[test]
fn probabilities_equal_those_of_python() {
    let Some(frame) = rows("hatecheck_eval.parquet") else { return };
    if engine().name != "onnxruntime" {
        tell("NOT RUN: six layers of a transformer need ONNX Runtime, and none was found");
        return;
    }
    let found = scores("tests/reference/hatecheck.toml", EngineChoice::Auto, None);
    assert_eq!(found.each_ref().map(Vec::len), [frame.height(); 2]);
    equal(&frame, &found);
}

/// tract cannot prepare it for rows of any number and width, so it is prepared for each.
#[test]
fn the_embedded_engine_runs_six_layers_of_a_transformer() {
    let Some(frame) = rows("hatecheck_eval.parquet") else { return };
    let found = scores("tests/reference/hatecheck.toml", EngineChoice::Embedded, Some(40));
    assert_eq!(found.each_ref().map(Vec::len), [40; 2]);
    equal(&frame, &found);
}

/// Holds the scores of the first rows against those of Python.
fn equal(frame: &DataFrame, found: &[Vec<f64>; 2]) {
    for (model, column) in ["score_base", "score_tuned"].into_iter().enumerate() {
        let expected = frame.column(column).expect("a column").cast(&polars::prelude::DataType::Float64);
        let expected = expected.expect("numbers");
        let pairs = expected.f64().expect("numbers").into_no_null_iter().zip(&found[model]);
        let worst = pairs.map(|(expected, found)| (expected - found).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-4, "{column} differs by {worst:e}");
        tell(&format!("{column}: largest difference {worst:.1e}"));
    }
}

/// The scores of base and tuned in the order of the rows.
fn scores(file: &str, engine: EngineChoice, limit: Option<u64>) -> [Vec<f64>; 2] {
    let mut audit = heirloom::config::load(&at(file), &[]).expect("it is sound").audit;
    let dataset = Dataset::open(&audit.root, &audit.data.paths).expect("the data can be opened");
    let plan = preflight(&mut audit, dataset, || Engine::start(engine, None), limit).expect("it fits");
    let interrupted = AtomicBool::new(false);
    let options =
        Options { threads: 2, batch_size: None, keep_scores: true, interrupted: &interrupted, progress: &|_| {} };
    let scores = run(audit, plan, &options).expect("it runs").scores;
    [0, 1].map(|model| scores[model].clone().expect("it gave scores"))
}
