//! The pairs of the shared data, against numbers of scikit-learn and numpy. The data lie beside the package and are
//! not part of it; where they are absent the tests say so.

use crate::common::{at, audited, engine, tell};
use heirloom::result::{AuditResult, Estimate, Representations};
use serde_json::Value as Json;

const ADULT: &str = r#"
[models.base]
path = "PAIR_base.onnx"
embedding = "embedding"
[models.tuned]
path = "PAIR_TUNED.onnx"
embedding = "embedding"
[data]
path = "PAIR_eval.parquet"
where = { domain = "target_gov" }
label = "label"
positive = 1
[groups.sex]
column = "sex"
[groups.race]
column = "race"
"#;

/// An audit of a pair; `None` where the data are absent.
fn audit(pair: &str, tuned: &str, settings: &[&str]) -> Option<(AuditResult, Json)> {
    let data = at("../shared/data");
    if !data.join("adult_pair").exists() {
        tell(&format!("NOT RUN: {} is absent; the shared data lie beside the package", data.display()));
        return None;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let models = data.join("adult_pair").canonicalize().expect("it is there");
    let named = ADULT.replace("TUNED", tuned).replace("\"PAIR_", &format!("\"{}/PAIR_", models.display()));
    let file = folder.path().join("audit.toml");
    std::fs::write(&file, named.replace("PAIR", pair)).expect("the folder is ours");
    let expected = std::fs::read_to_string(data.join(format!("expected/adult_{pair}_target_gov.json")));
    let expected = serde_json::from_str(&expected.expect("it is there")).expect("it is JSON");
    Some((audited(&file, settings), expected))
}

fn found(result: &AuditResult) -> &Representations {
    result.representations.as_ref().expect("embeddings are read")
}

/// The number of that name, wherever it stands in a file.
fn number(json: &Json, key: &str, model: &str) -> f64 {
    fn find<'a>(json: &'a Json, key: &str) -> Option<&'a Json> {
        match json {
            Json::Object(map) => map.get(key).or_else(|| map.values().find_map(|one| find(one, key))),
            _ => None,
        }
    }
    find(json, key).and_then(|one| one[model].as_f64()).unwrap_or_else(|| panic!("no {key} of {model}"))
}

fn area(result: &AuditResult, slice: &str) -> [f64; 2] {
    let groups = || found(result).leakage.iter().flat_map(|one| &one.groups);
    let group = groups().find(|group| group.slice == slice).unwrap_or_else(|| panic!("no {slice}"));
    [&group.base, &group.tuned].map(|area| area.as_ref().and_then(Estimate::value).expect("it is known"))
}

#[test]
fn a_tuned_head_leaves_the_embedding_as_it_was() {
    let Some((result, expected)) = audit("A", "tuned_head", &[]) else { return };
    assert!(found(&result).similarity.len() > 5);
    for one in &found(&result).similarity {
        let known = |estimate: &Estimate| estimate.value();
        if let Some(cka) = known(&one.cka) {
            assert_eq!((cka, known(&one.procrustes)), (1.0, Some(0.0)), "{}", one.slice);
        }
        assert!(known(&one.neighbours).is_none_or(|share| share == 1.0), "{}", one.slice);
    }
    let sex = number(&expected, "linear_probe_auc_sex_from_embedding", "tuned_head");
    assert!(area(&result, "sex=Female").iter().all(|area| (area - sex).abs() < 0.02));
    assert_eq!(found(&result).log_me_base, found(&result).log_me_tuned);
}

#[test]
fn a_base_of_another_task_is_judged_as_probe() {
    let Some((result, expected)) = audit("B", "tuned", &["models.base.probe=true"]) else { return };
    let [base, tuned] = area(&result, "sex=Female");
    let sex = |model| number(&expected, "linear_probe_auc_sex_from_embedding", model);
    assert!((base - sex("base")).abs() < 0.02 && (tuned - sex("tuned")).abs() < 0.02, "{base}, {tuned}");
    // Theirs is the biased estimator, which at this size is close.
    let cka = found(&result).similarity[0].cka.value().expect("it is known");
    assert!((cka - number(&expected, "linear_cka_vs_base", "tuned")).abs() < 0.02, "{cka}");
    let [probe] = &found(&result).probes[..] else { panic!("{:?}", found(&result).probes) };
    assert!(probe.auc.iter().all(|area| (0.82..0.87).contains(area)), "{:?}", probe.auc);
    assert!(result.findings.iter().any(|finding| finding.inherited_share.is_some()));
    assert!(result.provenance.models.base.as_ref().is_some_and(|model| model.probe));
}

#[test]
fn embeddings_may_answer_on_both_sides() {
    let Some((result, _)) = audit("B", "tuned", &["models.base.probe=true", "models.tuned.probe=true"]) else { return };
    let models: Vec<&str> = found(&result).probes.iter().map(|probe| probe.model.as_str()).collect();
    assert_eq!(models, ["base", "tuned"]);
    let [base, tuned] = [0, 1].map(|at| found(&result).probes[at].auc[0]);
    assert!(tuned > base, "what was tuned to the question encodes more of it: {base}, {tuned}");
}

#[test]
fn nothing_is_measured_where_nothing_is_asked() {
    let Some((result, _)) = audit("A", "tuned_full", &["representations.measure=false"]) else { return };
    assert_eq!(result.representations, None);
}

/// The text pair from raw texts: 0.9909 is numpy's, of the biased estimator.
#[test]
fn texts_are_encoded_nearly_alike() {
    if engine().name != "onnxruntime" {
        return tell("NOT RUN: six layers of a transformer need ONNX Runtime, and none was found");
    }
    let file = at("tests/reference/hatecheck.toml");
    if !at("../shared/data/text_pair").exists() {
        return tell("NOT RUN: the text pair is absent; the shared data lie beside the package");
    }
    let settings = [
        "models.base.embedding=embedding",
        "models.tuned.embedding=embedding",
        "representations.sample=500",
        "groups=[\"direction\"]",
    ];
    let result = audited(&file, &settings);
    let expected = std::fs::read_to_string(at("../shared/data/expected/text_hatecheck.json")).expect("it is there");
    let expected: Json = serde_json::from_str(&expected).expect("it is JSON");
    let all = found(&result).similarity.first().and_then(|one| one.cka.value()).expect("it is known");
    let theirs = &expected["models"]["tuned"]["linear_cka_vs_base"];
    let theirs = theirs.as_f64().or(expected["linear_cka_vs_base"].as_f64()).expect("a number");
    assert!((all - theirs).abs() < 0.005, "{all}, {theirs}");
    assert_eq!(found(&result).base_width, Some(384));
}
