//! Counterfactual pairs end to end: against numbers computed outside of the tool, and what must always hold.

#[path = "../common/mod.rs"]
mod common;
mod planted;
mod problems;
mod several;
mod terms;
mod texts;

use common::{at, audited, finding, heirloom, outcome};
use heirloom::result::{AuditResult, Estimate, GapEstimate, PairDirection, PairMeasure, PairValue, Verdict, redact};
use serde_json::Value;
use std::path::Path;

const INCOME: &str = "fixtures/income/audit.toml";
const FLIP: &str =
    r#"pairs.flip={ sex = [["x_sex_Male", "x_sex_Female"], ["x_relationship_Husband", "x_relationship_Wife"]] }"#;
const TURNED: &str =
    r#"pairs.flip={ sex = [["x_sex_Female", "x_sex_Male"], ["x_relationship_Wife", "x_relationship_Husband"]] }"#;
const METRICS: &str = r#"stats.metrics=["selection_rate", "mean_score"]"#;

fn income(more: &[&str]) -> AuditResult {
    audited(&at(INCOME), &[&[METRICS], more].concat())
}

fn direction(result: &AuditResult) -> &PairDirection {
    let pairs = result.pairs.as_ref().expect("pairs were asked for");
    let [direction] = &pairs.directions[..] else { panic!("{:?}", pairs.directions) };
    direction
}

fn value(direction: &PairDirection, measure: PairMeasure) -> &PairValue {
    direction.values.iter().find(|value| value.measure == measure).expect("it is measured")
}

fn known(estimate: Option<Estimate>) -> [f64; 3] {
    match estimate {
        Some(Estimate::Known { value, low: Some(low), high: Some(high), .. }) => [value, low, high],
        other => panic!("{other:?}"),
    }
}

fn gap(gap: Option<GapEstimate>) -> [f64; 3] {
    let gap = gap.expect("there is a gap");
    [gap.value, gap.low, gap.high]
}

fn same(what: &str, found: [f64; 3], expected: &Value, tolerance: f64) {
    for (found, expected) in found.into_iter().zip(expected.as_array().expect("three numbers")) {
        let expected = expected.as_f64().expect("a number");
        assert!((found - expected).abs() < tolerance, "{what}: {found} is not {expected}");
    }
}

/// numpy and scipy, from the definitions; scores of two engines differ in their last bits.
#[test]
fn exchanged_columns_equal_python() {
    let oracle: Value = serde_json::from_str(include_str!("../../fixtures/oracle/pairs/pairs.json")).expect("JSON");
    let result = income(&[FLIP]);
    let own = direction(&result);
    assert_eq!((own.first.as_str(), own.second.as_str(), own.pairs), ("Male", "Female", oracle["pairs"].as_u64()));
    for (measure, name) in [
        (PairMeasure::FlipRate, "flip_rate"),
        (PairMeasure::CtfGap, "ctf_gap"),
        (PairMeasure::ScoreChange, "score_change"),
    ] {
        let (found, expected) = (value(own, measure), &oracle[name]);
        for (model, estimate) in [("base", found.base), ("tuned", found.tuned), ("change", found.change)] {
            same(&format!("{name} of {model}"), known(estimate), &expected[model], 1e-6);
        }
    }
    let rate = finding(&result, "selection_rate/pairs:sex=Female");
    for (model, found) in [("base", rate.base), ("tuned", rate.tuned), ("change", rate.change)] {
        same(&format!("selection rate of {model}"), gap(found), &oracle["selection_rate"][model], 1e-9);
    }
    let score = finding(&result, "mean_score/pairs:sex=Female");
    for (model, found) in [("base", score.base), ("tuned", score.tuned), ("change", score.change)] {
        same(&format!("mean score of {model}"), gap(found), &oracle["score_change"][model], 1e-6);
    }
    for one in [rate, score] {
        let expected = oracle[&one.metric]["transmission"].as_f64().expect("a number");
        assert!((one.transmission.expect("the base varies") - expected).abs() < 1e-6, "{}", one.id);
        assert_eq!(one.reference, "pairs:sex=Male");
    }
}

#[test]
fn the_same_model_on_both_sides_changes_nothing() {
    let result = income(&[FLIP, "models.tuned.path=base.onnx"]);
    for value in &direction(&result).values {
        assert_eq!(known(value.base), known(value.tuned));
        assert_eq!(known(value.change)[0], 0.0, "{:?}", value.measure);
    }
    let own: Vec<_> = result.findings.iter().filter(|finding| finding.is_of_pairs()).collect();
    assert_eq!(own.len(), 2);
    for finding in own {
        assert_eq!(gap(finding.change)[0], 0.0, "{}", finding.id);
        assert!(matches!(finding.verdict, Verdict::Absent | Verdict::Inherited | Verdict::Unclear), "{}", finding.id);
    }
}

#[test]
fn turning_the_sides_turns_the_gaps() {
    let (result, turned) = (income(&[FLIP]), income(&[TURNED]));
    for (one, other) in [
        ("selection_rate/pairs:sex=Female", "selection_rate/pairs:sex=Male"),
        ("mean_score/pairs:sex=Female", "mean_score/pairs:sex=Male"),
    ] {
        let (one, other) = (finding(&result, one), finding(&turned, other));
        for (a, b) in [(one.base, other.base), (one.tuned, other.tuned), (one.change, other.change)] {
            let ([value, low, high], [turned, turned_low, turned_high]) = (gap(a), gap(b));
            assert!((value + turned).abs() < 1e-12);
            assert!((low + turned_high).abs() < 1e-9 && (high + turned_low).abs() < 1e-9);
        }
        assert_eq!(one.verdict, other.verdict);
    }
    let of = |result: &AuditResult, measure| known(value(direction(result), measure).base)[0];
    assert_eq!(of(&result, PairMeasure::FlipRate), of(&turned, PairMeasure::FlipRate));
    assert!((of(&result, PairMeasure::ScoreChange) + of(&turned, PairMeasure::ScoreChange)).abs() < 1e-12);
}

#[test]
fn few_pairs_are_hidden_with_what_gives_them_back() {
    let result = income(&[FLIP, "privacy.min_cell=5000"]);
    assert!(direction(&result).pairs.is_some());
    let hidden = redact(result);
    let own = direction(&hidden);
    assert_eq!(own.pairs, None);
    assert!(own.values.iter().all(|value| value.base.is_some_and(|base| base.value().is_none())));
    let kind = &hidden.pairs.as_ref().expect("pairs were asked for").kinds[0];
    assert_eq!((kind.without, kind.equal), (None, None));
    let finding = finding(&hidden, "selection_rate/pairs:sex=Female");
    assert!(finding.hidden && finding.base.is_none() && finding.basis.is_none());
}

/// Every format tells of them, whatever the number of lanes.
#[test]
fn all_formats_show_pairs_and_lanes_do_not() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = at(INCOME);
    let run = |threads: &str, out: &Path| {
        let (file, out) = (file.to_string_lossy(), out.to_string_lossy());
        let check = "check=[{ id = \"pairs-hold\", metric = \"selection_rate\", max_growth = 0.05, slices = [\"pairs:sex\"] }, { id = \"pairs-not-new\", metric = \"selection_rate\", verdicts = [\"introduced\"], slices = [\"pairs:sex=Female\"] }]";
        let arguments = [
            "audit",
            &file,
            "--set",
            FLIP,
            "--set",
            check,
            "--threads",
            threads,
            "--format",
            "json,html,csv,markdown",
            "--out",
            &out,
        ];
        let output = heirloom(folder.path(), &arguments);
        let (code, told) = outcome(&output);
        assert_eq!(code, 0, "{told}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let (one, four) = (folder.path().join("one"), folder.path().join("four"));
    let shown = run("1", &one);
    run("4", &four);
    assert!(shown.contains("pairs sex: Male"), "{shown}");
    let mut seen = 0;
    for entry in std::fs::read_dir(&one).expect("it was written") {
        let name = entry.expect("a file").file_name();
        let (a, b) = (std::fs::read(one.join(&name)), std::fs::read(four.join(&name)));
        let (Ok(a), Ok(b)) = (a, b) else { continue };
        assert!(a == b, "{name:?} differs with the number of lanes");
        let text = String::from_utf8_lossy(&a).into_owned();
        if name.to_string_lossy().ends_with("result.json") || name.to_string_lossy().contains("report.html") {
            assert!(text.contains("pairs:sex=Female"), "{name:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 2);
    let html = std::fs::read_to_string(one.join("report.html")).expect("it was written");
    assert!(html.contains("Counterfactual pairs") && html.contains("when one thing about a person is exchanged"));
}

/// A stored result can be judged by its pairs again.
#[test]
fn a_stored_result_is_judged_by_its_pairs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = at(INCOME);
    let file = file.to_string_lossy();
    let out = folder.path().join("out");
    let (code, told) =
        outcome(&heirloom(folder.path(), &["audit", &file, "--set", FLIP, "--out", &out.to_string_lossy()]));
    assert_eq!(code, 0, "{told}");
    let policy = |text: &str| {
        std::fs::write(folder.path().join("policy.toml"), text).expect("the folder is ours");
        let stored = out.join("result.json");
        outcome(&heirloom(folder.path(), &["gate", &stored.to_string_lossy(), "--policy", "policy.toml"]))
    };
    let check = |slice: &str, limit: &str| {
        policy(&format!(
            "[[check]]\nid = \"a\"\nmetric = \"selection_rate\"\non = \"tuned\"\nmax_abs = {limit}\nslices = [\"{slice}\"]\n"
        ))
    };
    assert_eq!(check("pairs:sex=Female", "0.05").0, 0);
    assert_eq!(check("pairs:sex", "0.001").0, 1);
    for (slice, why) in
        [("pairs:race", "no pairs of"), ("pairs:sex=Male", "no gap of its own"), ("pairs:sex=Other", "is no side of")]
    {
        let (code, told) = check(slice, "0.05");
        assert!(code == 2 && told.contains(why), "{slice}: {told}");
    }
}
