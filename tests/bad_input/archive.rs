//! The folder of an audit as a dossier: what is in it, that it verifies alone, and that every way of
//! touching it is told.

use crate::case::Case;
use serde_json::Value;

const CHECK: &str = "[[check]]\nid = \"c\"\nmetric = \"selection_rate\"\non = \"tuned\"\nmax_abs = 0.99\n";

fn audited() -> Case {
    let case = Case::new();
    case.add(CHECK).gives(0);
    case
}

fn manifest(case: &Case) -> Value {
    serde_json::from_str(&case.read("out/manifest.json")).unwrap()
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect()
}

#[track_caller]
fn says(case: &Case, args: &[&str], code: i32, words: &[&str]) {
    let ran = case.run(args);
    assert_eq!(ran.code, Some(code), "{args:?}: {}{}", ran.out, ran.err);
    for word in words {
        assert!(ran.out.contains(word), "{word:?} is not in:\n{}", ran.out);
    }
}

#[test]
fn the_manifest_names_what_went_in_and_what_came_out() {
    let case = audited();
    let manifest = manifest(&case);
    assert_eq!(names(&manifest["outputs"]), ["audit.toml", "report.html", "result.json", "runs.jsonl"]);
    assert_eq!(names(&manifest["inputs"]), ["eval.csv", "audit.toml"]);
    assert_eq!(case.read("out/audit.toml"), case.read("audit.toml"));
    says(&case, &["verify", "out"], 0, &["4 of 4 hold", "HOLDS"]);
    says(&case, &["verify", "out", "--inputs", "."], 0, &["1 of 1 are the same"]);
}

#[test]
fn models_policy_lock_and_accepted_stand_in_the_folder_too() {
    let case = Case::income();
    case.write("policy.toml", "[[check]]\nid = \"p\"\nmetric = \"accuracy\"\non = \"tuned\"\nmax_abs = 0.0001\n");
    case.swap("schema = 1\n", "schema = 1\npolicy = \"policy.toml\"\n");
    assert_eq!(case.run(&["policy", "lock", "policy.toml"]).code, Some(0));
    let failed = case.audit(&[]).code;
    assert_eq!(case.run(&["accept", "out"]).code, Some(0), "exit {failed:?}");
    case.swap("schema = 1\n", "schema = 1\naccepted = \"heirloom.accepted.json\"\n");
    case.gives(0);
    let manifest = manifest(&case);
    let inputs = ["base.onnx", "tuned.onnx", "eval.parquet", "audit.toml", "policy.toml", "policy.toml.lock"];
    assert_eq!(names(&manifest["inputs"])[..6], inputs);
    assert_eq!(names(&manifest["inputs"])[6], "heirloom.accepted.json");
    for name in ["audit.toml", "policy.toml", "policy.toml.lock", "heirloom.accepted.json"] {
        assert_eq!(case.read(name), case.read(&format!("out/{name}")), "{name}");
    }
    let words = ["3 of 3 are the same", "numbers", "worst difference", "HOLDS", "2, each following"];
    says(&case, &["verify", "out", "--recompute"], 0, &words);
}

#[test]
fn every_touch_is_named() {
    let case = audited();
    let report = case.read("out/report.html");
    case.write("out/report.html", report.replace("</html>", " </html>")).write("out/junit.xml", "");
    says(&case, &["verify", "out"], 1, &["CHANGED     report.html", "EXTRA       junit.xml", "2 things"]);
    std::fs::remove_file(case.path("out/report.html")).unwrap();
    std::fs::remove_file(case.path("out/junit.xml")).unwrap();
    says(&case, &["verify", "out"], 1, &["MISSING     report.html", "1 thing"]);
    case.write("out/report.html", report).write("eval.csv", case.read("eval.csv") + "1,Male,0.5,0.5\n");
    says(&case, &["verify", "out", "--inputs", "audit.toml"], 1, &["CHANGED     data eval.csv"]);
    says(&case, &["verify", "out", "--recompute"], 1, &["not computed again"]);
    std::fs::remove_file(case.path("eval.csv")).unwrap();
    says(&case, &["verify", "out", "--inputs", "."], 3, &["NOT FOUND   data eval.csv", "NOT SETTLED"]);
}

#[test]
fn numbers_that_were_edited_are_found_by_running_again() {
    let case = audited();
    let mut result: Value = serde_json::from_str(&case.read("out/result.json")).unwrap();
    let value = &mut result["findings"][0]["tuned"]["value"];
    *value = (value.as_f64().unwrap() + 0.01).into();
    let text = serde_json::to_string_pretty(&result).unwrap() + "\n";
    case.write("out/result.json", &text);
    says(&case, &["verify", "out", "--recompute"], 1, &["CHANGED     result.json", "not looked at"]);
    // Somebody who makes manifest and log fit too is found all the same.
    let digest = |bytes: &[u8]| heirloom::archive::sha256(bytes);
    let mut manifest = manifest(&case);
    let old = manifest["outputs"][2]["sha256"].as_str().unwrap().to_owned();
    let log = case.read("out/runs.jsonl").replace(&old, &digest(text.as_bytes()));
    for (at, text) in [(2, &text), (3, &log)] {
        manifest["outputs"][at]["sha256"] = digest(text.as_bytes()).into();
        manifest["outputs"][at]["bytes"] = text.len().into();
    }
    case.write("out/runs.jsonl", &log).write("out/manifest.json", manifest.to_string());
    says(&case, &["verify", "out"], 1, &["report.html is not what result.json draws", "1 thing"]);
    says(&case, &["verify", "out", "--recompute"], 1, &["DIFFERS     findings[0].tuned.value", "2 things"]);
}

/// A report that was edited together with its hash is not what the result draws.
#[test]
fn a_report_that_its_result_does_not_draw_is_told() {
    let case = audited();
    let report = case.read("out/report.html").replacen("small", "large", 1);
    let mut manifest = manifest(&case);
    manifest["outputs"][1]["sha256"] = heirloom::archive::sha256(report.as_bytes()).into();
    manifest["outputs"][1]["bytes"] = report.len().into();
    case.write("out/report.html", report).write("out/manifest.json", manifest.to_string());
    says(&case, &["verify", "out"], 1, &["4 of 4 hold", "CHANGED     report.html is not what result.json draws"]);
}

#[test]
fn limits_and_settings_of_the_command_line_are_run_again_too() {
    let case = audited();
    let more = ["--limit", "300", "--set", "stats.confidence=0.9"];
    assert_eq!(case.audit(&more).code, Some(0));
    assert!(case.read("out/result.json").contains("Only the first 300 rows were audited."));
    says(&case, &["verify", "out", "--recompute"], 0, &["worst difference 0e0", "HOLDS"]);
}

#[test]
fn a_folder_that_no_audit_wrote_is_told() {
    let case = audited();
    case.fails(&["verify", "."], 3, &["manifest.json", "heirloom audit"]);
    case.fails(&["verify", "nowhere"], 3, &["nowhere/manifest.json"]);
    let text = case.read("out/manifest.json");
    for (bytes, words) in [
        (&text[..text.len() / 2], "not a manifest"),
        (&text.replace("heirloom.manifest/1.0", "heirloom.manifest/9.0"), "heirloom.manifest/9.0"),
        (&text.replace("\"report.html\"", "\"../../report.html\""), "no file of its folder"),
    ] {
        case.write("out/manifest.json", bytes);
        case.fails(&["verify", "out"], 3, &["out/manifest.json", words]);
    }
}

#[test]
fn each_run_adds_a_line_and_one_run_gives_the_same_bytes_anywhere() {
    let case = audited();
    let first = case.read("out/runs.jsonl");
    case.gives(0);
    let log = case.read("out/runs.jsonl");
    assert!(log.starts_with(&first) && log.lines().count() == 2, "{log}");
    assert!(!log.contains(case.path("").to_str().unwrap()));
    let other = audited();
    let fresh = case.run(&["audit", "audit.toml", "--out", "fresh", "--engine", "embedded"]);
    assert_eq!(fresh.code, Some(0), "{}", fresh.err);
    for name in ["manifest.json", "runs.jsonl", "audit.toml", "result.json", "report.html"] {
        assert!(case.read(&format!("fresh/{name}")) == other.read(&format!("out/{name}")), "{name} differs");
    }
}

/// What lies in the folder and is not an audit's is not written over.
#[test]
fn files_of_other_people_stay() {
    for (name, text) in [
        ("audit.toml", "# notes of my own\n"),
        ("manifest.json", "{\"name\": \"a web app\"}"),
        ("runs.jsonl", "a list of runs in the park\n"),
    ] {
        let case = Case::new();
        std::fs::create_dir(case.path("out")).unwrap();
        case.write(&format!("out/{name}"), text);
        case.fails(&["audit", "audit.toml", "--out", "out", "--engine", "embedded"], 3, &[name]);
    }
}

/// The audit's own folder may be the one that is written to.
#[test]
fn an_audit_beside_its_own_file_keeps_it() {
    let case = Case::new();
    let text = case.read("audit.toml");
    let ran = case.run(&["audit", "audit.toml", "--out", ".", "--engine", "embedded"]);
    assert_eq!((ran.code, case.read("audit.toml")), (Some(0), text), "{}", ran.err);
    // The data are no output, and may lie there all the same.
    says(&case, &["verify", "."], 0, &["beside      eval.csv", "4 of 4 hold"]);
}

#[test]
fn an_audit_of_flags_keeps_the_file_that_they_amount_to() {
    let case = Case::new();
    let flags = [
        "--base-scores",
        "b",
        "--tuned-scores",
        "t",
        "--data",
        "eval.csv",
        "--label",
        "y",
        "--positive",
        "1",
        "--groups",
        "sex",
    ];
    let ran = case.run(&[&["audit", "--out", "out"], &flags[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(case.read("out/audit.toml").contains("groups = [\"sex\"]"));
    says(&case, &["verify", "out", "--recompute"], 0, &["HOLDS"]);
}

#[test]
fn a_run_with_fewer_formats_tells_what_is_older() {
    let case = audited();
    assert_eq!(case.audit(&["--format", "junit,counts"]).code, Some(0));
    let ran = case.audit(&["--format", "html"]);
    assert!(ran.err.contains("junit.xml` is of an earlier run"), "{}", ran.err);
    says(&case, &["verify", "out"], 1, &["EXTRA       counts.csv", "EXTRA       junit.xml"]);
}

/// Audits that end at once wait for one another: none loses its line, and the folder is of one of them.
#[test]
fn audits_at_once_in_one_folder_keep_every_line() {
    const AT_ONCE: usize = 8;
    let case = audited();
    let audit = ["audit", "audit.toml", "--out", "out", "--engine", "embedded", "--quiet", "--threads", "1"];
    for _ in 0..3 {
        let started: Vec<_> = (0..AT_ONCE).map(|_| case.command(&audit).spawn().unwrap()).collect();
        started.into_iter().for_each(|mut one| assert!(one.wait().unwrap().success()));
    }
    assert_eq!(case.read("out/runs.jsonl").lines().count(), 1 + 3 * AT_ONCE);
    says(&case, &["verify", "out"], 0, &["25, each following", "HOLDS"]);
}
