//! Two small transformers of text, from raw sentences to verdicts, on both engines: the verdicts follow what
//! `fixtures/comments` planted.

mod common;

use common::{at, engine, finding, heirloom, outcome, read, tell};
use heirloom::result::{AuditResult, Verdict};
use std::path::Path;

/// The folder of the package, which the audit file is named from.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn audited(engine: &str, folder: &Path) -> AuditResult {
    let out = folder.to_str().expect("a temporary folder has a plain name");
    let arguments = ["audit", "fixtures/comments/audit.toml", "--quiet", "--engine", engine, "--out", out];
    let (code, said) = outcome(&heirloom(Path::new(ROOT), &arguments));
    assert_eq!(code, 0, "{engine}: {said}");
    read(folder)
}

fn follows_what_was_planted(engine: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let result = audited(engine, folder.path());
    assert_eq!(result.provenance.engine.name, engine);
    agrees_with_python(&result);
    for (group, verdict) in [("muslims", Verdict::Inherited), ("women", Verdict::Introduced)] {
        let found = finding(&result, &format!("selection_rate/identity={group}"));
        assert_eq!((found.verdict, found.confirmed), (verdict, true), "{group} on {engine}");
    }
}

/// What language models prefer, held against `fixtures/oracle/language.py`.
fn agrees_with_python(result: &AuditResult) {
    let text = std::fs::read_to_string(at("fixtures/oracle/language.json")).expect("it is committed");
    let expected: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let language = result.language_model.as_ref().expect("the audit file asks");
    let [pairs, choices] = &language.pairs[..] else { panic!("two files of pairs") };
    for kind in &pairs.kinds[1..] {
        let (name, base) = (kind.kind.as_deref().expect("a kind"), kind.base.as_ref().expect("the base has the output"));
        let of = &expected["pairs"];
        assert_eq!((Some(base.more), base.ties), (of["more"][name].as_u64(), 0), "{name}");
        assert_eq!(Some(base.more + base.less), of["pairs"][name].as_u64(), "{name}");
        assert!(kind.tuned.is_none() && kind.mcnemar_p.is_none(), "the tuned model has another head");
    }
    let base = choices.kinds[0].base.as_ref().expect("the base has the output");
    let found = [base.score.value(), base.makes_sense, base.icat];
    assert_eq!(found, ["score", "makes_sense", "icat"].map(|key| expected["choices"][key].as_f64()));
    for test in &language.associations {
        for (model, found) in [("base", &test.base), ("tuned", &test.tuned)] {
            let (found, expected) = (found.as_ref().expect("both have an embedding"), &expected["words"][&test.name][model]);
            let effect = found.effect.value().expect("it is defined") - expected["effect"].as_f64().expect("a number");
            assert!(effect.abs() < 1e-4, "{} of {model} differs by {effect:e}", test.name);
            assert_eq!((found.p_value, found.exact), (expected["p"].as_f64(), true), "{} of {model}", test.name);
        }
    }
}

#[test]
fn verdicts_follow_what_was_planted_on_the_embedded_engine() {
    follows_what_was_planted("embedded");
}

#[test]
fn verdicts_follow_what_was_planted_on_onnx_runtime() {
    if engine().name != "onnxruntime" {
        tell("NOT RUN: no ONNX Runtime was found; scripts/test installs one");
        return;
    }
    follows_what_was_planted("onnxruntime");
}
