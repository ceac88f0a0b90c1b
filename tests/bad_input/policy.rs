//! Policies, locks, waivers and accepted files that are not what they should be; and what they do when
//! they are.

use crate::case::Case;
use serde_json::Value;

const FAILS: &str = "[[check]]\nid = \"c\"\nmetric = \"selection_rate\"\non = \"tuned\"\nmax_abs = 0.0001\njudge = \"estimate\"\nslices = [\"sex\"]\n";
const WAIVER: &str = "[[waiver]]\ncheck = \"c\"\nslice = \"SLICE\"\nreason = \"r\"\nowner = \"A\"\napproved_by = \"B\"\nexpires = 2027-01-31\n";

/// The small audit with a check that fails.
fn failing() -> (Case, String) {
    let case = Case::new();
    let result = case.add(FAILS).gives(1);
    let slice = result["checks"][0]["slice"].as_str().unwrap().to_owned();
    (case, slice)
}

fn outcome(result: &Value) -> &str {
    result["checks"][0]["outcome"].as_str().unwrap()
}

fn warnings(result: &Value) -> String {
    result["gate"]["warnings"].to_string()
}

#[test]
fn policies_with_problems_are_shown_at_line_and_caret() {
    let case = Case::new();
    for (policy, words) in [
        (
            "[[check]]\nid = \"c\"\nmetric = \"accuracy\"\nmin = 0.9\nmax = 0.1\n",
            &["p.toml:5", "`max` stands beside `min`"][..],
        ),
        (
            "[[check]]\nid = \"c\"\nmetric = \"accuracy\"\nmax = 0.1\n[[check]]\nid = \"c\"\nmetric = \"accuracy\"\nmax = 0.2\n",
            &["p.toml:6:6", "another check is called `c`"],
        ),
        ("[[check]]\nid = \"c\"\nverdicts = [\"introducd\"]\n", &["p.toml:3:13", "did you mean `introduced`?"]),
        (
            "[[check]]\nid = \"c\"\nmetric = \"accuracy\"\nmax = 0.1\n[[waiver]]\ncheck = \"c\"\nslice = \"sex=F\"\nreason = \"r\"\nowner = \"a\"\napproved_by = \"b\"\n",
            &["p.toml:5", "`expires` is missing"],
        ),
        (
            "[[check]]\nid = \"c\"\nmetric = \"accuracy\"\nmax = 0.1\nhazzard = \"x\"\n",
            &["p.toml:5:1", "did you mean `hazard`?"],
        ),
        ("[gate]\nlocked = \"yes\"\n", &["p.toml:2:10", "`yes`"]),
        ("[[check]\n", &["p.toml:1"]),
    ] {
        case.write("p.toml", policy);
        for verb in ["check", "explain", "lock"] {
            case.fails(&["policy", verb, "p.toml"], 2, words);
        }
    }
    case.fails(&["policy", "check", "none.toml"], 2, &["none.toml", "no such file"]);
}

#[test]
fn waivers_that_say_too_little_or_too_much_are_problems() {
    let case = Case::new();
    for (line, words) in [
        ("expires = 2027-08-01", &["180 days", "p.toml:"][..]),
        ("expires = 2026-12-01\ncreated = 2027-01-01", &["not made in the future"]),
        ("expires = 2026-01-01\ncreated = 2026-02-01", &["ends before it was made"]),
        ("expires = 2026-12-01\ncreated = \"spring\"", &["this is not a day"]),
        ("expires = 2026-12-01\nlimit = { min = 0.2 }", &["the check's own limit has another key"]),
        ("expires = 2026-12-01\nlimit = { max_abs = 0.05 }", &["not above the check's own limit"]),
        ("expires = 2026-12-01\nlimit = { max_abs = 0.3, min = 0.1 }", &["a waiver's limit has one key"]),
        ("expires = 2026-12-01\nmodels = [\"sha256:12\"]", &["not the SHA-256 of a model"]),
    ] {
        let check = "[[check]]\nid = \"c\"\nmetric = \"accuracy\"\non = \"tuned\"\nmax_abs = 0.1\n";
        let waiver = WAIVER.replace("SLICE", "sex=F").replace("expires = 2027-01-31", line);
        case.write("p.toml", format!("{check}{waiver}"));
        case.fails(&["policy", "check", "p.toml"], 2, words);
    }
}

/// Alone, a policy may speak of any group; beside an audit file of its attributes, and beside a result of its groups.
#[test]
fn names_are_held_against_an_audit_file_or_a_result() {
    let case = Case::new();
    case.gives(0);
    let check = |slice: &str| {
        let text = format!(
            "[[check]]\nid = \"c\"\nmetric = \"accuracy\"\non = \"tuned\"\nmax_abs = 0.1\nslices = [\"{slice}\"]\n"
        );
        case.write("p.toml", text);
    };
    let against = |what| ["policy", "check", "p.toml", "--against", what];
    check("sx=Female");
    assert_eq!(case.run(&["policy", "check", "p.toml"]).code, Some(0));
    for what in ["audit.toml", "out", "out/result.json"] {
        case.fails(&against(what), 2, &["p.toml:6:11", "`sx` is not a declared attribute", "`sex`"]);
    }
    check("sex=Femal");
    assert_eq!(case.run(&against("audit.toml")).code, Some(0));
    case.fails(&against("out"), 2, &["p.toml:6:11", "`sex=Femal` has no rows", "did you mean `sex=Female`?"]);
    check("sex=Female");
    assert_eq!(case.run(&against("out")).out, "No problem found: 1 check, 0 waivers.\n");
    case.fails(&against("none.toml"), 2, &["none.toml"]);
    case.fails(&against("out/manifest.json"), 3, &["manifest.json"]);
}

#[test]
fn a_policy_is_told_in_sentences() {
    let case = Case::income();
    let ran = case.run(&["policy", "explain", "audit.toml"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for words in [
        "Selection rate: the growth of the gap must be at most 10.0 points, for every group of sex.",
        "no gap may be introduced",
        "A failure fails the gate.",
    ] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
    assert_eq!(case.run(&["policy", "check", "audit.toml"]).out, "No problem found: 4 checks, 0 waivers.\n");
}

#[test]
fn a_waiver_holds_until_its_day_for_its_model_and_down_to_its_floor() {
    let (case, slice) = failing();
    let waiver = WAIVER.replace("SLICE", &slice);
    let with = |more: &str| {
        let case = Case::new();
        case.add(FAILS).add(&format!("{waiver}{more}"));
        case
    };
    let held = with("id = \"W-1\"\nticket = \"T-9\"\ncreated = 2026-09-01\nlimit = { max_abs = 0.9 }\n").gives(0);
    assert_eq!(outcome(&held), "waived");
    let note = &held["checks"][0]["waiver"];
    assert_eq!(
        (note["id"].as_str(), note["ticket"].as_str(), note["created"].as_str()),
        (Some("W-1"), Some("T-9"), Some("2026-09-01"))
    );
    let beyond = with("limit = { max_abs = 0.0002 }\n").gives(1);
    assert!(outcome(&beyond) == "failed" && warnings(&beyond).contains("beyond the limit that it sets"));
    let pinned = with(&format!("models = [\"sha256:{}\"]\n", "0".repeat(64))).gives(1);
    assert!(outcome(&pinned) == "failed" && warnings(&pinned).contains("another model"));
    case.add(&waiver.replace("2027-01-31", "2026-09-01"));
    assert!(warnings(&case.gives(1)).contains("expired on 2026-09-01 and no longer holds"));
    let unused = Case::new();
    unused.add(&FAILS.replace("0.0001", "0.99")).add(&waiver);
    let ran = unused.audit(&[]);
    assert!(ran.code == Some(0) && ran.out.contains("WARNING:") && ran.out.contains("was not used"), "{}", ran.out);
}

#[test]
fn a_waiver_may_be_pinned_to_the_model_that_it_is_for() {
    let case = Case::income();
    let check = "[[check]]\nid = \"a\"\nmetric = \"accuracy\"\nof = \"value\"\non = \"tuned\"\nmin = 0.999\nslices = [\"sex=Female\"]\n";
    let result = case.add(check).gives(1);
    let hash = result["provenance"]["models"]["tuned"]["files"][0]["sha256"].as_str().unwrap();
    let waiver = WAIVER.replace("\"c\"", "\"a\"").replace("SLICE", "sex=Female");
    case.add(&format!("{waiver}models = [\"sha256:{hash}\"]\n"));
    assert_eq!(case.audit(&[]).code, Some(0));
}

#[test]
fn notes_on_a_check_reach_the_result_and_a_review_comes_due() {
    let (case, slice) = failing();
    case.swap("max_abs = 0.0001\n", "max_abs = 0.0001\nhazard = \"women are passed over\"\nrationale = \"r\"\nmitigation = \"m\"\nreview_by = 2026-09-01\n");
    let result = case.gives(1);
    let notes = &result["check_notes"]["c"];
    assert_eq!(
        (notes["hazard"].as_str(), notes["review_by"].as_str()),
        (Some("women are passed over"), Some("2026-09-01"))
    );
    assert!(warnings(&result).contains("The review of check c was due on 2026-09-01."));
    let why = case.run(&["why", "c", &slice, "--result", "out/result.json"]).out;
    assert!(why.contains("women are passed over"), "{why}");
}

#[test]
fn a_lock_says_since_when_and_what_changed() {
    let (case, _) = failing();
    assert_eq!(case.run(&["policy", "lock", "audit.toml"]).code, Some(0));
    let lock: Value = serde_json::from_str(&case.read("audit.toml.lock")).unwrap();
    assert_eq!(lock["schema"], "heirloom.lock/1.0");
    let ran = case.audit(&[]);
    assert!(ran.out.contains("policy unchanged since 2026-09-21"), "{}", ran.out);
    assert!(case.read("out/report.html").contains("unchanged since 2026-09-21"));
    // Comments and data may change.
    case.add("# a remark\n").swap("label = \"y\"", "label = 'y'");
    assert!(case.audit(&[]).out.contains("policy unchanged since"));
    case.swap("max_abs = 0.0001", "max_abs = 0.0002");
    let changed = case.gives(1);
    assert!(warnings(&changed).contains("The policy changed since it was locked on 2026-09-21."));
    assert_eq!(changed["provenance"]["policy"]["locked"]["unchanged"], false);
    case.add("[gate]\nlocked = \"error\"\n").refuses(2, &["changed since it was locked", "heirloom policy lock"]);
    assert_eq!(case.run(&["policy", "lock", "audit.toml"]).code, Some(0));
    assert_eq!(case.audit(&["--set", "stats.confidence=0.9"]).code, Some(2), "a flag changes the policy too");
    assert_eq!(case.audit(&[]).code, Some(1));
    case.write("audit.toml.lock", "{\"schema\": \"x\"").refuses(2, &["audit.toml.lock", "policy lock"]);
    std::fs::remove_file(case.path("audit.toml.lock")).unwrap();
    case.refuses(2, &["must be locked"]);
}

#[test]
fn what_was_accepted_and_is_not_worse_is_a_warning() {
    let (case, _) = failing();
    assert_eq!(case.run(&["accept", "out"]).code, Some(0));
    let file: Value = serde_json::from_str(&case.read("heirloom.accepted.json")).unwrap();
    assert_eq!(file["schema"], "heirloom.accepted/1.0");
    assert!(file["checks"].as_array().unwrap().iter().all(|one| one["value"].is_f64() && one["outcome"] == "failed"));
    // By flag, by key, and in the gate over a stored result.
    assert_eq!(case.audit(&["--accepted", "heirloom.accepted.json"]).code, Some(0));
    let gate = case.run(&["gate", "out/result.json", "--policy", "audit.toml", "--accepted", "heirloom.accepted.json"]);
    assert_eq!(gate.code, Some(0), "{}", gate.out);
    case.swap("schema = 1\n", "schema = 1\naccepted = \"heirloom.accepted.json\"\n");
    let result = case.gives(0);
    assert_eq!(outcome(&result), "accepted");
    assert_eq!((result["gate"]["accepted"].as_u64(), result["gate"]["met"].as_u64()), (Some(1), Some(0)));
    assert!(case.audit(&[]).out.contains("NOTHING NEW FAILED"));
    assert_eq!(case.run(&["gate", "out/result.json", "--policy", "audit.toml"]).code, Some(0));
}

#[test]
fn accepting_more_than_before_needs_a_reason_and_less_none() {
    let (case, _) = failing();
    assert_eq!(case.run(&["accept", "out/result.json"]).code, Some(0));
    let before = case.read("heirloom.accepted.json");
    assert_eq!(case.run(&["accept", "out"]).code, Some(0), "nothing changed");
    assert_eq!(case.read("heirloom.accepted.json"), before);
    case.add(&FAILS.replace("\"c\"", "\"d\"").replace("selection_rate", "accuracy")).gives(1);
    case.fails(&["accept", "out"], 2, &["more fails than was accepted", "d for sex", "--reason"]);
    assert_eq!(case.run(&["accept", "out", "--reason", "agreed in the board"]).code, Some(0));
    assert!(case.read("heirloom.accepted.json").contains("agreed in the board"));
    case.swap("max_abs = 0.0001", "max_abs = 0.9999").gives(0);
    let ran = case.run(&["accept", "out"]);
    assert!(ran.code == Some(0) && ran.out.contains("tightened  c for"), "{}", ran.out);
}

#[test]
fn what_is_worse_than_accepted_fails() {
    let (case, _) = failing();
    assert_eq!(case.run(&["accept", "out"]).code, Some(0));
    // As if the gap had been next to nothing then.
    let mut file: Value = serde_json::from_str(&case.read("heirloom.accepted.json")).unwrap();
    let check = &mut file["checks"][0];
    let sign = check["value"].as_f64().unwrap().signum();
    for (key, size) in [("value", 0.0002), ("low", 0.0002 - 1e-6), ("high", 0.0002 + 1e-6)] {
        check[key] = (sign * size).into();
    }
    if sign < 0.0 {
        let (low, high) = (check["low"].clone(), check["high"].clone());
        (check["low"], check["high"]) = (high, low);
    }
    // And with rows enough to tell.
    let rows: String = case.read("eval.csv").lines().skip(1).map(|line| format!("{line}\n")).collect();
    case.write("eval.csv", format!("y,sex,b,t\n{}", rows.repeat(40)));
    case.write("a.json", file.to_string());
    let ran = case.audit(&["--accepted", "a.json"]);
    assert!(ran.code == Some(1) && ran.out.contains("is worse than what was accepted"), "{}", ran.out);
}

#[test]
fn accepted_files_that_are_none_are_named() {
    let (case, _) = failing();
    assert_eq!(case.run(&["accept", "out"]).code, Some(0));
    let text = case.read("heirloom.accepted.json");
    case.swap("schema = 1\n", "schema = 1\naccepted = \"a.json\"\n");
    for (bytes, words) in [
        (&text[..text.len() / 2], "no file of accepted failures"),
        (&text.replace("heirloom.accepted/1.0", "heirloom.accepted/3.0"), "heirloom.accepted/3.0"),
        ("{\"schema\": \"fairness.baseline/1\"}", "fairness.baseline/1"),
        ("", "no file of accepted failures"),
    ] {
        case.write("a.json", bytes);
        case.refuses(2, &["a.json", words, "audit.toml:2"]);
        case.fails(&["gate", "out/result.json", "--policy", "audit.toml"], 3, &[]);
        case.fails(&["accept", "out", "--out", "a.json"], 3, &[]);
    }
    std::fs::remove_file(case.path("a.json")).unwrap();
    case.refuses(2, &["a.json", "no such file"]);
}

/// A stored result is held against the lock of the policy that judges it now.
#[test]
fn the_gate_holds_a_policy_apart_against_its_lock() {
    let (case, _) = failing();
    case.write("p.toml", format!("[gate]\nlocked = \"error\"\n{FAILS}"));
    let gate = ["gate", "out/result.json", "--policy", "p.toml"];
    case.fails(&gate, 2, &["must be locked", "p.toml:2"]);
    case.fails(&["policy", "check", "p.toml"], 2, &["must be locked"]);
    assert_eq!(case.run(&["policy", "lock", "p.toml"]).code, Some(0));
    assert_eq!((case.run(&gate).code, case.run(&["policy", "check", "p.toml"]).code), (Some(1), Some(0)));
    case.write("p.toml", case.read("p.toml").replace("0.0001", "0.9"));
    case.fails(&gate, 2, &["changed since it was locked on 2026-09-21"]);
    // A damaged lock is locked anew.
    case.write("p.toml.lock", "{").fails(&gate, 2, &["p.toml.lock", "cannot be used"]);
    assert_eq!(case.run(&["policy", "lock", "p.toml"]).code, Some(0));
    assert_eq!(case.run(&gate).code, Some(0));
}
