//! Every exit code from a small audit, and what waivers do to it.

use crate::common::{heirloom, outcome};
use crate::small::{PLAIN, Rows, Small};
use heirloom::result::Outcome;

fn check(limit: &str) -> String {
    format!(
        "[[check]]\nid = \"gap\"\nmetric = \"selection_rate\"\nof = \"gap\"\non = \"tuned\"\nmax_abs = {limit}\nslices = [\"group\"]\n"
    )
}

fn run(more: &str) -> (i32, String) {
    Small::new(&PLAIN, more).run()
}

#[test]
fn nothing_asked_or_all_met_is_0() {
    assert_eq!(run("").0, 0);
    assert_eq!(run(&check("0.5")).0, 0);
}

#[test]
fn a_failed_check_is_1() {
    assert_eq!(run(&check("0.1")).0, 1);
    assert_eq!(run(&format!("{}severity = \"warn\"\n", check("0.1"))).0, 0, "a warning does not gate");
}

#[test]
fn a_fault_of_the_audit_file_is_2() {
    assert_eq!(run("typo = 1\n").0, 2);
    assert_eq!(run(&check("0.1").replace("selection_rate", "selection")).0, 2, "an unknown metric");
    assert_eq!(run(&check("0.1").replace("\"group\"", "\"grup\"")).0, 2, "an undeclared attribute");
}

#[test]
fn a_check_that_matches_nothing_is_2() {
    // Each model has its own label, so their selections are not compared and have no gap.
    let own = "models.base.label = \"tuned\"\n";
    let (code, text) = run(&format!("{own}{}", check("0.1")));
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("gap"), "{text}");
}

#[test]
fn what_cannot_be_read_is_3() {
    let small = Small::new(&PLAIN, "");
    std::fs::remove_file(small.path().join("rows.csv")).expect("it was written");
    assert_eq!(small.run().0, 3);
    let text = std::fs::read_to_string(small.audit()).expect("it was written");
    let small = Small::new(&PLAIN, "");
    let text = text.replace("models.base.decisions = \"base\"", "models.base.path = \"absent.onnx\"");
    std::fs::write(small.audit(), text).expect("the folder is ours");
    assert_eq!(small.run().0, 3);
}

#[test]
fn an_evidence_gap_is_4() {
    let few: Vec<Rows> = PLAIN.into_iter().chain([(12, "c", "1", 1, 1), (9, "c", "0", 0, 0)]).collect();
    let required = |slice: &str| Small::new(&few, &format!("slices.required = [\"{slice}\"]\n")).run();
    assert_eq!(required("group=a").0, 0);
    assert_eq!(required("group=c").0, 4, "21 rows are too few");
    assert_eq!(required("group=d").0, 4, "nobody is in it");
    assert_eq!(run(&check("0.22")).0, 4, "the only check is undecided");
    assert_eq!(run(&format!("gate.undecided = \"pass\"\n{}", check("0.22"))).0, 0);
}

#[test]
fn one_undecided_check_of_two_is_a_gap_only_where_the_file_says_so() {
    let both = format!("{}{}", check("0.22"), check("0.5").replace("\"gap\"\nmetric", "\"wide\"\nmetric"));
    assert_eq!(run(&both).0, 0);
    assert_eq!(run(&format!("gate.undecided = \"error\"\n{both}")).0, 4);
}

fn waiver(slice: &str, expires: &str) -> String {
    format!(
        "[[waiver]]\ncheck = \"gap\"\nslice = \"{slice}\"\nreason = \"known\"\nowner = \"Ada\"\napproved_by = \"Ben\"\nexpires = {expires}\n"
    )
}

/// The run's clock stands on 23 November 2025.
#[test]
fn a_waiver_holds_until_its_day() {
    let small = Small::new(&PLAIN, &format!("{}{}", check("0.1"), waiver("group=a", "2025-11-23")));
    assert_eq!(small.run().0, 0, "a waived check counts as settled");
    let result = small.result();
    assert_eq!(result.checks[0].outcome, Outcome::Waived);
    assert_eq!((result.gate.waived, result.gate.met, result.gate.failed), (1, 0, 0));
    assert!(result.checks[0].waiver.as_ref().is_some_and(|waiver| waiver.owner == "Ada"));
}

#[test]
fn an_expired_waiver_no_longer_holds() {
    let small = Small::new(&PLAIN, &format!("{}{}", check("0.1"), waiver("group=a", "2025-11-22")));
    assert_eq!(small.run().0, 1);
    let result = small.result();
    assert_eq!(result.checks[0].outcome, Outcome::Failed);
    assert!(result.gate.warnings.iter().any(|warning| warning.contains("expired")), "{:?}", result.gate);
}

#[test]
fn a_waiver_of_what_does_not_fail_is_a_warning_and_no_pass() {
    let met = Small::new(&PLAIN, &format!("{}{}", check("0.5"), waiver("group=a", "2025-12-31")));
    assert_eq!(met.run().0, 0);
    assert!(met.result().gate.warnings.iter().any(|warning| warning.contains("not used")));
    let undecided = Small::new(&PLAIN, &format!("{}{}", check("0.22"), waiver("group=a", "2025-12-31")));
    assert_eq!(undecided.run().0, 4, "a waiver does not settle what the data cannot");
    assert_eq!(undecided.result().checks[0].outcome, Outcome::Undecided);
}

#[test]
fn a_stored_result_is_gated_with_the_same_exit_code() {
    for (limit, code) in [("0.5", 0), ("0.1", 1), ("0.22", 4)] {
        let small = Small::new(&PLAIN, &check(limit));
        assert_eq!(small.run().0, code);
        let (again, text) = outcome(&heirloom(small.path(), &["gate", "out/result.json", "--policy", "audit.toml"]));
        assert_eq!(again, code, "{text}");
    }
}
