//! Stored results, evidence and policies that are not what they should be; and that a stored result
//! is judged as the audit judged it.

use crate::case::Case;
use serde_json::Value;

const POLICY: &str = "[[check]]\nid = \"c\"\nmetric = \"selection_rate\"\nmax_abs = 0.99\n";

/// Text for text, the result of a sound audit.
fn stored() -> (Case, String) {
    let case = Case::new();
    assert_eq!(case.audit(&["--evidence", "e.json"]).code, Some(0));
    case.write("policy.toml", POLICY);
    let text = case.read("out/result.json");
    (case, text)
}

#[test]
fn results_that_are_none_are_told() {
    let (case, text) = stored();
    let newer = text.replacen("heirloom.result/1.0", "heirloom.result/1.7", 1);
    let other = text.replacen("heirloom.result/1.0", "lighthouse/9", 1);
    let lacking = text.replacen("\"findings\"", "\"findingz\"", 1);
    let deep = "[".repeat(200_000);
    for (bytes, words) in [
        ("", "not a result file"),
        ("{}", "heirloom.result/1.0"),
        ("null", "heirloom.result/1.0"),
        (&text[..text.len() / 2], "not a result file"),
        (&newer, "newer"),
        (&other, "lighthouse/9"),
        (&lacking, "findings"),
        (&deep, "not a result file"),
    ] {
        case.write("r.json", bytes);
        case.fails(&["render", "r.json"], 3, &["r.json", words]);
        case.fails(&["gate", "r.json", "--policy", "policy.toml"], 3, &["r.json", words]);
        case.fails(&["why", "c", "sex=Male", "--result", "r.json"], 3, &["r.json", words]);
    }
    case.write("r.json", b"\xff\xfe\x00");
    case.fails(&["render", "r.json"], 3, &["r.json", "could not be read"]);
    case.fails(&["render", "missing.json"], 3, &["missing.json", "could not be read"]);
    case.fails(&["render", "out"], 3, &["`out` could not be read"]);
}

#[test]
fn a_failing_render_leaves_the_older_report() {
    let (case, _) = stored();
    case.write("r.json", "{}").write("page.html", "older");
    case.fails(&["render", "r.json", "--format", "html", "--out", "page.html"], 3, &["r.json"]);
    case.fails(&["render", "out/result.json", "--format", "pdf", "--out", "page.html"], 2, &["no format `pdf`"]);
}

#[test]
fn numbers_that_no_audit_writes_do_not_shake_a_report() {
    let (case, text) = stored();
    let mut result: Value = serde_json::from_str(&text).unwrap();
    result["method"]["confidence"] = 7.5.into();
    result["findings"][0]["basis"]["slice"]["both"] = serde_json::json!([[u64::MAX, u64::MAX], [u64::MAX, u64::MAX]]);
    result["provenance"]["created"] = "\u{202e}never".into();
    result["data"]["attributes"] = serde_json::json!([]);
    case.write("r.json", result.to_string());
    for args in [
        &["render", "r.json"][..],
        &["render", "r.json", "--format", "html"],
        &["gate", "r.json", "--policy", "policy.toml"],
    ] {
        let ran = case.run(args);
        assert!(ran.code.is_some_and(|code| code <= 4), "{args:?} {ran:?}");
    }
}

#[test]
fn evidence_that_is_none_is_told() {
    let (case, _) = stored();
    let evidence = case.read("e.json");
    for (bytes, words) in [
        ("", "not an evidence file"),
        ("{}", "evidence"),
        (&evidence[..evidence.len() / 2], "not an evidence file"),
        (&case.read("out/result.json"), "heirloom.result/1.0"),
    ] {
        case.write("bad.json", bytes);
        case.fails(&["merge", "e.json", "bad.json", "--out", "sum.json"], 3, &["bad.json", words]);
    }
    let tampered = evidence.replacen("\"attributes\":[0]", "\"attributes\":[9]", 1);
    assert_ne!(tampered, evidence);
    case.write("bad.json", tampered);
    case.fails(&["render", "bad.json"], 3, &["bad.json"]);
    case.fails(&["merge", "e.json", "bad.json", "--out", "sum.json"], 3, &[]);
}

#[test]
fn evidence_of_other_settings_is_not_added() {
    let (case, _) = stored();
    assert_eq!(case.audit(&["--evidence", "f.json", "--set", "stats.confidence=0.9"]).code, Some(0));
    case.fails(&["merge", "e.json", "f.json", "--out", "sum.json"], 3, &["different settings", "same audit file"]);
    case.fails(&["merge", "e.json", "--out", "sum.json"], 2, &[]);
}

#[test]
fn the_same_evidence_twice_is_not_added() {
    let (case, _) = stored();
    case.fails(&["merge", "e.json", "e.json", "--out", "sum.json"], 3, &["eval.csv", "twice"]);
}

#[test]
fn evidence_adds_up_and_is_judged() {
    let (case, _) = stored();
    case.write("eval.csv", case.read("eval.csv").replacen("Female", "Male", 3));
    assert_eq!(case.audit(&["--evidence", "f.json"]).code, Some(0));
    assert_eq!(case.run(&["merge", "e.json", "f.json", "--out", "sum.json"]).code, Some(0));
    assert_eq!(case.run(&["gate", "sum.json", "--policy", "policy.toml"]).code, Some(0));
}

#[test]
fn a_policy_is_held_against_what_the_result_has() {
    let (case, _) = stored();
    for (policy, words) in [
        (
            "[[check]]\nid = \"c\"\nmetric = \"selecton_rate\"\nmax_abs = 0.1\n",
            &["p.toml:3:10", "did you mean `selection_rate`?"][..],
        ),
        (
            "[[check]]\nid = \"c\"\nmetric = \"selection_rate\"\nmax_abs = 0.1\nslices = [\"race\"]\n",
            &["p.toml:5", "`race` is not a declared attribute", "`sex`"],
        ),
        (
            "[[check]]\nid = \"c\"\nmetric = \"selection_rate\"\nmax_abz = 0.1\n",
            &["p.toml:4:1", "`max_abz`", "did you mean `max_abs`?"],
        ),
        ("checks = 1\n", &["p.toml:1:1", "`checks`"]),
        ("[[check]\n", &["p.toml:1"]),
    ] {
        case.write("p.toml", policy).fails(&["gate", "out/result.json", "--policy", "p.toml"], 2, words);
    }
    case.fails(&["gate", "out/result.json", "--policy", "none.toml"], 2, &["none.toml", "could not be read"]);
    case.write("p.toml", b"\xff\xff").fails(&["gate", "out/result.json", "--policy", "p.toml"], 2, &["p.toml"]);
}

#[test]
fn a_metric_without_findings_in_the_result_names_the_evidence() {
    let (case, _) = stored();
    case.write("p.toml", "[[check]]\nid = \"c\"\nmetric = \"error_rate\"\nmax_abs = 0.1\n");
    case.fails(&["gate", "out/result.json", "--policy", "p.toml"], 2, &["--evidence"]);
}

#[test]
fn why_names_what_there_is() {
    let (case, _) = stored();
    case.add(POLICY).gives(0);
    case.fails(&["why", "d", "sex=Female", "--result", "out/result.json"], 2, &["no check is called `d`", "`c`"]);
    case.fails(&["why", "c", "sex=Femal", "--result", "out/result.json"], 2, &["no outcome for `sex=Femal`", "sex="]);
    case.fails(&["why", "c", "sex=Female"], 2, &["no result under reports/", "--result"]);
}

#[test]
fn gate_on_the_stored_result_says_what_the_audit_said() {
    let case = Case::income();
    // Numbers that are hidden are another matter.
    case.add("[privacy]\nmin_cell = 0\n");
    let audited = case.gives(0);
    assert_eq!(case.audit(&["--evidence", "e.json"]).code, Some(0));
    let gates = ["out/result.json", "e.json"].map(|file| case.run(&["gate", file, "--policy", "audit.toml"]));
    for ran in &gates {
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let outcomes = |text: &str| ["met", "failed", "undecided", "too small"].map(|word| text.matches(word).count());
        assert_eq!(outcomes(&ran.out), outcomes(&gates[0].out));
    }
    let count = |outcome: &str| {
        audited["checks"].as_array().unwrap().iter().filter(|check| check["outcome"] == outcome).count()
    };
    assert!(count("undecided") > 0 && count("too_small") > 0 && count("met") > 0);
    assert_eq!(gates[0].out, gates[1].out);
}

#[test]
fn why_answers_for_every_outcome_of_the_fixture() {
    let case = Case::income();
    let result = case.gives(0);
    for check in result["checks"].as_array().unwrap() {
        let (id, slice) = (check["id"].as_str().unwrap(), check["slice"].as_str().unwrap());
        let mut args = vec!["why", id, slice, "--result", "out/result.json"];
        args.extend(check["metric"].as_str().into_iter().flat_map(|metric| ["--metric", metric]));
        let ran = case.run(&args);
        assert_eq!(ran.code, Some(0), "{args:?} {}", ran.err);
        assert!(ran.out.starts_with(&format!("{id} on ")), "{}", ran.out);
    }
}

#[test]
fn two_results_are_compared_and_others_refused() {
    let (case, text) = stored();
    let same = case.run(&["compare", "out", "out/result.json"]);
    assert_eq!(same.code, Some(0), "{}", same.err);
    assert!(same.out.contains("The same rows.") && !same.out.contains("OTHERS NOW"), "{}", same.out);
    case.write("eval.csv", case.read("eval.csv").replacen("Female", "Male", 60));
    case.add(POLICY);
    assert_eq!(case.run(&["audit", "audit.toml", "--out", "later", "--engine", "embedded"]).code, Some(0));
    let ran = case.run(&["compare", "out", "later", "--format", "json"]);
    let compared: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&compared["schema"], &compared["pairing"]), (&"heirloom.compare/1.0".into(), &"unpaired".into()));
    assert!(compared["findings"].as_array().unwrap().iter().any(|one| one["difference"]["low"].is_f64()));
    assert!(compared["checks"].as_array().unwrap().iter().all(|one| one["outcome"][0].is_null()));
    let told = case.run(&["compare", "out", "later"]);
    assert!(told.out.contains("Other rows.") && told.out.contains("unpaired"), "{}", told.out);
    assert!(told.out.lines().all(|line| line.chars().count() <= 80), "{}", told.out);
    for (bytes, words) in [(&text[..text.len() / 2], "not a result file"), ("{}", "heirloom.result/1.0")] {
        case.write("r.json", bytes);
        case.fails(&["compare", "out", "r.json"], 3, &["r.json", words]);
        case.fails(&["accept", "r.json"], 3, &["r.json", words]);
    }
    case.fails(&["compare", "out", "nowhere"], 3, &["nowhere", "could not be read"]);
}
