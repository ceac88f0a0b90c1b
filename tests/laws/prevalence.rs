//! The threshold that gives as many positive decisions as there are positive labels, or fewer.

use heirloom::evidence::{Point, Points};
use heirloom::settle::prevalence_threshold;

/// Points of the base, each a score and whether its label is positive.
fn points(rows: &[(f64, bool)]) -> Points {
    let point = |&(score, positive): &(f64, bool)| point(score, positive);
    Points { kinds: vec![vec![0]], rows: rows.iter().map(point).collect(), others: Vec::new() }
}

fn point(score: f64, positive: bool) -> Point {
    let label = f64::from(u8::from(positive));
    Point { kind: 0, label: [label, f64::NAN], score: [score, f64::NAN], weight: 1.0, unit: 0 }
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
