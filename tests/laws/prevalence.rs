//! Thresholds that are found from all scores: as many positive decisions as there are positive labels, or fewer; as
//! many as the base has; that of the base.

use super::common::{audited, value};
use heirloom::evidence::{Point, Points};
use heirloom::result::{AuditResult, Subject};
use heirloom::settle::prevalence_threshold;
use std::fmt::Write;

/// Points of the base, each a score and whether its label is positive.
fn points(rows: &[(f64, bool)]) -> Points {
    let point = |&(score, positive): &(f64, bool)| point(score, positive);
    Points { kinds: vec![vec![0]], rows: rows.iter().map(point).collect(), ..Points::default() }
}

fn point(score: f64, positive: bool) -> Point {
    let label = f64::from(u8::from(positive));
    Point { kind: 0, rank: [None; 2], label: [label, f64::NAN], score: [score, f64::NAN], weight: 1.0, unit: 0 }
}

/// The threshold, and how many rows it makes positive.
fn cut(rows: &[(f64, bool)]) -> (f64, usize) {
    let points = points(rows);
    let threshold = prevalence_threshold(&points, 0);
    let positive = |point: &&Point| point.score[0] >= threshold;
    (threshold, points.rows.iter().filter(positive).count())
}

#[test]
fn without_ties_as_many_are_positive_as_labels_are() {
    assert_eq!(cut(&[(0.1, false), (0.9, true), (0.4, true), (0.6, false), (0.2, false)]), (0.6, 2));
}

#[test]
fn ties_at_the_bound_are_all_negative() {
    // The third largest is 0.6, so is the second: only what lies above is positive.
    assert_eq!(cut(&[(0.9, true), (0.6, true), (0.6, false), (0.1, false)]), (0.9, 1));
}

#[test]
fn none_is_positive_where_the_top_ties() {
    let (threshold, positive) = cut(&[(0.7, true), (0.7, false), (0.7, false), (0.1, false)]);
    assert_eq!((threshold, positive), (f64::INFINITY, 0));
}

#[test]
fn no_positive_label_gives_no_positive_decision() {
    assert_eq!(cut(&[(0.7, false), (0.9, false), (0.8, false)]).1, 0);
}

#[test]
fn all_positive_labels_make_all_rows_positive() {
    assert_eq!(cut(&[(0.7, true), (0.2, true), (0.9, true)]), (f64::NEG_INFINITY, 3));
}

#[test]
fn rows_without_a_score_do_not_count() {
    let mut points = points(&[(0.9, false), (0.8, true), (0.3, false)]);
    points.rows.push(point(f64::NAN, true));
    assert_eq!(prevalence_threshold(&points, 0), 0.9);
}

/// 200 rows whose tuned scores are on another scale, with a threshold for each model.
fn audit(base: &str, tuned: &str) -> Result<AuditResult, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut csv = String::from("group,label,b,t\n");
    for row in 0..200_u32 {
        let (score, noise) = (f64::from(row * 37 % 200) / 200.0, f64::from(row * 91 % 200) / 2000.0);
        let label = u8::from(score + noise > 0.6);
        writeln!(csv, "{},{label},{score},{}", ["a", "b"][(row % 2) as usize], 0.3 * score + noise).expect("a string");
    }
    std::fs::write(folder.path().join("rows.csv"), csv).expect("the folder is ours");
    let text = format!(
        "models.base.scores = \"b\"\nmodels.base.threshold = {base}\nmodels.tuned.scores = \"t\"\n\
         models.tuned.threshold = {tuned}\ndata.path = \"rows.csv\"\ndata.label = \"label\"\ndata.positive = 1\n\
         groups.group.column = \"group\"\n"
    );
    let file = folder.path().join("audit.toml");
    std::fs::write(&file, text).expect("the folder is ours");
    if let Err(problems) = heirloom::config::load(&file, &[]) {
        return Err(problems.to_string());
    }
    Ok(audited(&file, &[]))
}

fn selected(result: &AuditResult, model: Subject) -> f64 {
    value(result, "selection_rate", "all", model).estimate.value().expect("there are rows")
}

#[test]
fn a_matched_threshold_selects_as_many_as_the_base() {
    for base in ["0.7", "\"prevalence\""] {
        let result = audit(base, "\"matched\"").expect("it is sound");
        assert_eq!(selected(&result, Subject::Base), selected(&result, Subject::Tuned), "{base}");
        assert_ne!(result.method.base_threshold, result.method.tuned_threshold);
        assert!(selected(&result, Subject::Base) > 0.1);
    }
}

#[test]
fn a_shared_threshold_is_the_base_s_whatever_it_is() {
    for base in ["0.2", "\"prevalence\""] {
        let result = audit(base, "\"shared\"").expect("it is sound");
        assert_eq!(result.method.base_threshold, result.method.tuned_threshold, "{base}");
    }
}

#[test]
fn no_threshold_follows_what_is_not_there() {
    let told = audit("\"shared\"", "0.5").expect_err("the base follows nobody");
    assert!(told.contains("cannot follow"), "{told}");
}
