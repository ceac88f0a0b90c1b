//! Models that are not one float32 tensor, on every engine that is here, against numpy; a model of other classes
//! than the task's; devices that are not there; and what a second run of the same rows changes.

mod common;

use common::{at, heirloom, outcome};
use heirloom::audit::{Run, conclude, run};
use heirloom::data::Dataset;
use heirloom::gather::{Options, PreflightError, preflight};
use heirloom::models::onnx::{Device, Engine, EngineChoice};
use std::sync::atomic::AtomicBool;

const FEATURES: &str = "inputs.features = { columns = [\"age\", \"visits\", \"member\", \"gold\"] }";

/// The engines of this machine; without ONNX Runtime the embedded one alone, as `scripts/test` would not have it.
fn engines() -> Vec<EngineChoice> {
    let runtime = Engine::start(EngineChoice::OnnxRuntime, None);
    assert!(runtime.is_ok() || std::env::var_os("HEIRLOOM_ONNXRUNTIME").is_none(), "HEIRLOOM_ONNXRUNTIME is not used");
    let found = runtime.is_ok().then_some(EngineChoice::OnnxRuntime);
    std::iter::once(EngineChoice::Embedded).chain(found).collect()
}

/// Runs a model of the fixture as the base, beside the scores of a column.
fn audited(model: &str, settings: &str, column: &str, engine: EngineChoice) -> Result<Run, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fixture = at("fixtures/mixes").display().to_string();
    let text = format!(
        "[models.base]\npath = \"{fixture}/{model}.onnx\"\nkind = \"probability\"\n{settings}\n\
         [models.tuned]\nscores = \"{column}\"\n\
         [data]\npath = \"{fixture}/rows.csv\"\nlabel = \"label\"\npositive = 1\n[groups.group]\ncolumn = \"group\"\n"
    );
    let file = folder.path().join("audit.toml");
    std::fs::write(&file, text).expect("the folder is ours");
    let mut audit = heirloom::config::load(&file, &[]).map_err(|problems| problems.to_string())?.audit;
    let dataset = Dataset::open(&audit.root, &audit.data.paths).expect("the rows are committed");
    let plan = preflight(&mut audit, dataset, || Engine::start(engine, None), None).map_err(|error| match error {
        PreflightError::Problems(found) => found.into_iter().map(|problem| problem.message).collect(),
        error => error.to_string(),
    })?;
    let interrupted = AtomicBool::new(false);
    let options =
        Options { threads: 2, batch_size: None, keep_scores: true, interrupted: &interrupted, progress: &|_| {} };
    run(audit, plan, &options).map_err(|error| error.to_string())
}

/// The largest difference of the model's scores from the column's.
fn worst(run: &Run) -> f64 {
    let [base, tuned] = [0, 1].map(|side| run.scores[side].as_ref().expect("both gave scores"));
    assert_eq!((base.len(), tuned.len()), (60, 60));
    base.iter().zip(tuned).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn every_form_gives_the_numbers_of_numpy() {
    // float16 has 11 bits and int8 has 8, of numbers up to 80.
    let forms = [
        ("mixed", "", 1e-6),
        ("half", FEATURES, 5e-3),
        ("int8", FEATURES, 5e-2),
        ("external", FEATURES, 1e-6),
        ("flat", FEATURES, 1e-6),
    ];
    for engine in engines() {
        for (model, settings, most) in forms {
            let run = audited(model, settings, "score", engine);
            let apart = worst(&run.unwrap_or_else(|error| panic!("{model} on {engine:?}: {error}")));
            assert!(apart < most, "{model} on {engine:?} differs by {apart:e}");
        }
    }
}

#[test]
fn what_the_embedded_engine_cannot_run_is_refused_by_name() {
    for engine in engines() {
        let run = audited("words", "", "score", engine);
        match engine {
            EngineChoice::Embedded => {
                let said = run.err().expect("it takes no strings");
                assert!(said.contains("LabelEncoder") && said.contains("heirloom engine install"), "{said}");
            }
            _ => assert!(worst(&run.expect("it runs")) < 1e-6),
        }
    }
}

const CLASSES: &str = "classes = [\"1 star\", \"2 stars\", \"3 stars\", \"4 stars\", \"5 stars\"]\n";

#[test]
fn a_class_map_adds_up_and_tells_what_it_leaves_out() {
    let map = "map = { \"1 star\" = 0, \"2 stars\" = 0, \"4 stars\" = 1, \"5 stars\" = 1 }";
    for engine in engines() {
        let run = audited("stars", &format!("{FEATURES}\n{CLASSES}{map}"), "many", engine).expect("it runs");
        assert!(worst(&run) < 1e-6);
        let result = conclude(&run.dossier).expect("nothing is checked");
        let [left] = &result.unmapped[..] else { panic!("{:?}", result.unmapped) };
        assert_eq!((left.model.as_str(), left.of), ("stars", 60));
        assert!(left.share > 0.05 && left.share < 0.25, "{}", left.share);
        assert!(result.notices.iter().any(|said| said.contains("classes that its `map` leaves out hold")));
    }
}

#[test]
fn a_map_that_does_not_fit_is_told_before_anything_runs() {
    let said = |settings: &str| {
        audited("stars", &format!("{FEATURES}\n{settings}"), "many", EngineChoice::Embedded)
            .err()
            .expect("it is faulty")
    };
    assert!(said(&format!("{CLASSES}map = {{ \"5 star\" = 1 }}")).contains("none of the model's classes"));
    assert!(said(&format!("{CLASSES}map = {{ \"5 stars\" = 0 }}")).contains("the positive class"));
    assert!(said("map = { \"5 stars\" = 1 }").contains("names the class 5 stars, which the model does not have"));
    assert!(said("map = {}").contains("maps no class of the model to"));
}

#[test]
fn a_device_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = at("fixtures/income/audit.toml").display().to_string();
    let audit = |engine: &str, device: &str| {
        let quiet = ["--quiet", "--check-only", "--engine", engine, device];
        outcome(&heirloom(folder.path(), &[&["audit", file.as_str()], &quiet[..]].concat()))
    };
    let (code, said) = audit("embedded", "--device=cuda");
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("the embedded engine runs on the processor alone"), "{said}");
    let (code, said) = audit("embedded", "--set=device=cuda");
    assert_eq!((code, said.contains("onnxruntime-gpu")), (3, true), "{said}");
    assert_eq!(audit("embedded", "--device=auto").0, 0);
    assert_eq!(audit("embedded", "--set=device=gpu").0, 2);
}

/// A library for the processor alone, as the tests have it, refuses a card and falls back only where it may.
#[test]
fn onnx_runtime_tells_what_it_runs_on() {
    if !engines().contains(&EngineChoice::OnnxRuntime) {
        return common::tell("NOT RUN: no ONNX Runtime was found");
    }
    let start = || Engine::start(EngineChoice::OnnxRuntime, None);
    assert_eq!(start().expect("it is there").provider(), Some("CPU"));
    match start().and_then(|engine| engine.on(Device::Cuda)) {
        Ok(engine) => assert_eq!(engine.provider(), Some("CUDA")),
        Err(error) => {
            assert!(error.to_string().contains("device \"cuda\" was asked for, and ONNX Runtime"), "{error}");
            let engine = start().and_then(|engine| engine.on(Device::Auto)).expect("it falls back");
            assert_eq!((engine.provider(), engine.passed_over.len()), (Some("CPU"), 1));
        }
    }
}

#[test]
fn a_second_run_of_the_same_rows_is_told() {
    for engine in engines() {
        let run = audited("half", FEATURES, "score", engine).expect("it runs");
        let noise = conclude(&run.dossier).expect("nothing is checked").noise.expect("the base was run");
        assert!(noise.at_most >= 1e-6 && noise.at_most < 1e-2, "{noise:?}");
        assert!(noise.base.is_some() && noise.tuned.is_some());
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let near = |threshold: &str| {
        let file = at("fixtures/income/audit.toml").display().to_string();
        let threshold = format!("--set=models.tuned.threshold={threshold}");
        let run = ["audit", file.as_str(), "--quiet", "--engine", "embedded", "--out", "out", threshold.as_str()];
        assert!(matches!(outcome(&heirloom(folder.path(), &run)).0, 0 | 1 | 4));
        common::read(&folder.path().join("out")).noise.expect("the base was run").tuned
    };
    assert_eq!(near("0.5"), Some(0));
    // A threshold that is found from the scores is the score of a row.
    assert!(near("prevalence") >= Some(1));
}
