//! The fixture models on each engine, and models that an engine cannot run.

use super::*;
use crate::models::{Inputs, Output, Tensor};
use ndarray::{ArrayD, IxDyn};
use std::fs;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/income").join(name)
}

/// ONNX Runtime where there is one; else the test says so and is left out.
fn onnxruntime() -> Option<Engine> {
    let engine = Engine::start(EngineChoice::OnnxRuntime, None);
    engine.map_err(|error| eprintln!("left out: {error}")).ok()
}

fn embedded() -> Engine {
    Engine::start(EngineChoice::Embedded, None).unwrap()
}

fn rows(n: usize) -> Inputs {
    let array = ArrayD::from_shape_fn(IxDyn(&[n, 40]), |at| ((at[0] * 7 + at[1] * 3) % 5) as f32);
    vec![("features".to_owned(), Tensor::F32(array))]
}

fn scores(engine: &Engine, model: &str, output: &str) -> ArrayD<f64> {
    let mut model = engine.load(&fixture(model), 1).unwrap();
    match model.predict(&rows(64), output).unwrap() {
        Output::Float(array) => array,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_embedded_engine_runs_the_fixture() {
    let engine = embedded();
    let scores = scores(&engine, "base.onnx", "probabilities");
    assert_eq!(scores.shape(), [64, 2]);
    assert!(scores.rows().into_iter().all(|row| (row[0] + row[1] - 1.0).abs() < 1e-6));
    assert_eq!(self::scores(&engine, "base.onnx", "embedding").shape(), [64, 16]);
}

#[test]
fn both_engines_agree() {
    let Some(engine) = onnxruntime() else { return };
    for model in ["base.onnx", "tuned.onnx"] {
        let (one, other) = (scores(&engine, model, "probabilities"), scores(&embedded(), model, "probabilities"));
        assert!(one.iter().zip(&other).all(|(a, b)| (a - b).abs() < 1e-6), "{model}");
    }
}

#[test]
fn the_tested_version_of_the_embedded_engine_is_the_one_reported() {
    let lock = include_str!("../../../Cargo.lock");
    let version = embedded::VERSION.strip_prefix("tract ").unwrap();
    assert!(lock.contains(&format!("name = \"tract-onnx\"\nversion = \"{version}\"")));
}

#[test]
fn what_is_wrong_with_a_run_is_told() {
    for engine in [Some(embedded()), onnxruntime()].into_iter().flatten() {
        let mut model = engine.load(&fixture("base.onnx"), 1).unwrap();
        assert!(model.predict(&rows(2), "nothing").unwrap_err().0.contains("no output \"nothing\""));
        assert!(model.predict(&vec![], "probabilities").unwrap_err().0.contains("input \"features\" was not given"));
        let narrow = vec![("features".to_owned(), Tensor::F32(ArrayD::zeros(IxDyn(&[2, 39]))))];
        assert!(model.predict(&narrow, "probabilities").unwrap_err().0.contains("base.onnx"));
    }
}

#[test]
fn broken_models_are_refused_and_never_panic() {
    let whole = fs::read(fixture("base.onnx")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.onnx");
    for engine in [Some(embedded()), onnxruntime()].into_iter().flatten() {
        for place in (0..whole.len()).step_by(61) {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x55;
            fs::write(&path, bytes).unwrap();
            let Ok(mut model) = engine.load(&path, 1) else { continue };
            let _ = model.predict(&rows(2), "probabilities");
        }
    }
}

fn refused(path: &Path) -> String {
    Engine::start(EngineChoice::Auto, Some(path)).err().unwrap().0
}

#[test]
fn a_named_library_that_is_missing_or_old_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(refused(&folder.path().join("none.so")).contains("there is no file"));
    let old = folder.path().join("libonnxruntime.so.1.20.1");
    fs::write(&old, "").unwrap();
    assert!(refused(&old).contains("1.20.1") && refused(&old).contains("too old"));
    assert!(Engine::start(EngineChoice::Embedded, Some(&old)).is_err());
}

/// Takes the one attempt of a process, so the test below runs it in another.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn alone_a_foreign_library_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = folder.path().join("libonnxruntime.so");
    fs::write(&foreign, "no library").unwrap();
    assert!(refused(&foreign).contains("cannot be loaded"));
    assert!(refused(&foreign).contains("was not tried"));
    assert_eq!(Engine::start(EngineChoice::Embedded, None).unwrap().name, "embedded");
}

#[test]
fn a_foreign_library_is_an_error() {
    let name = "models::onnx::engine::tests::alone_a_foreign_library_is_an_error";
    let run = std::process::Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--ignored"])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
}
