//! Influences against worked examples, and where nothing is known of an error.

use super::*;

fn sorted(scores: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..scores.len() as u32).collect();
    order.sort_by(|&a, &b| scores[a as usize].total_cmp(&scores[b as usize]));
    order
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-8, "{found} is not {expected}");
}

/// statistics.md section 6.
#[test]
fn delong_equals_the_worked_example() {
    let y = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let (first, second) =
        ([0.9, 0.8, 0.4, 0.6, 0.3, 0.5, 0.2, 0.4, 0.1], [0.7, 0.9, 0.5, 0.3, 0.2, 0.6, 0.3, 0.1, 0.4]);
    let ones = [1.0; 9];
    let [a, b] = [first, second].map(|s| area(&y, &s, &ones, &sorted(&s)).expect("both classes"));
    close(a.value, 0.925);
    close(b.value, 0.825);
    close(covariance(&a.influence, &a.influence, None), 0.008_125);
    close(covariance(&a.influence, &b.influence, None), 0.003_593_75);
    close(covariance(&b.influence, &b.influence, None), 0.022_708_333_333);
}

#[test]
fn a_perfect_order_has_limits() {
    let (y, s) = ([1.0, 1.0, 0.0], [0.9, 0.8, 0.1]);
    let found = area(&y, &s, &[1.0; 3], &sorted(&s)).and_then(|area| area.marginal(None)).expect("both classes");
    assert_eq!(found.value, 1.0);
    assert!(found.at(1.96).low < 0.3 && found.at(1.96).high == 1.0);
}

/// One in the condition of 1,000 rows, be they as many people.
#[test]
fn a_number_of_0_or_1_has_the_units_of_its_condition() {
    let units: Vec<u64> = (1..=1000).collect();
    let inside = |row: usize| row < 5;
    let rate: Vec<f64> = (0..1000).map(|row| if inside(row) { 1.0 } else { f64::NAN }).collect();
    let labels: Vec<f64> = (0..1000).map(|row| f64::from(u8::from(inside(row)))).collect();
    let ones = [1.0; 1000];
    let both = [mean(&rate, &ones, Scale::Rate), area(&labels, &labels, &ones, &sorted(&labels))];
    for found in both.map(|found| found.expect("it is defined")) {
        let low = |units: Units| found.marginal(units).expect("it has limits").at(1.96).low;
        close(low(Some(&units)), low(None));
        assert!(low(None) < 0.6, "{}", low(None));
        // All five of one person.
        let few: Vec<u64> = (0..1000).map(|row| if inside(row) { 7 } else { 8 }).collect();
        assert!(low(Some(&few)) < 0.3, "{}", low(Some(&few)));
        // Rows without a unit are each their own.
        close(low(Some(&[0; 1000])), low(None));
    }
}

/// Every person has the same share, so that nothing but rounding is left of the variance.
#[test]
fn units_that_are_alike_are_not_more_than_their_rows() {
    for size in [2, 3, 7] {
        let values: Vec<f64> = (0..40 * size).map(|row| f64::from(u8::from(row % size == 0))).collect();
        let units: Vec<u64> = (0..40 * size).map(|row| (row / size + 1) as u64).collect();
        let found = mean(&values, &vec![1.0; values.len()], Scale::Rate).expect("rows");
        let Some(Limits::Wilson { effective }) = found.marginal(Some(&units)).map(|one| one.limits) else {
            panic!("a rate has Wilson's limits")
        };
        assert!(effective <= values.len() as f64, "{effective}");
    }
}

#[test]
fn rows_without_weight_are_not_there() {
    let (y, s, w) = ([1.0, 1.0, 0.0, 0.0, 1.0, 0.0], [0.9, 0.3, 0.5, 0.2, 0.1, 0.8], [1.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
    let weighted = area(&y, &s, &w, &sorted(&s)).expect("both classes");
    let fewer = area(&y[..4], &s[..4], &w[..4], &sorted(&s[..4])).expect("both classes");
    assert_eq!((weighted.value, weighted.rows), (fewer.value, fewer.rows));
    assert_eq!(weighted.influence[..4], fewer.influence);
}

#[test]
fn an_area_of_one_positive_row_has_no_error() {
    let (y, s) = ([1.0, 0.0, 0.0, 0.0], [0.4, 0.5, 0.2, 0.1]);
    let found = area(&y, &s, &[1.0; 4], &sorted(&s)).expect("both classes");
    assert!(found.value > 0.6 && found.marginal(None).is_none());
}

#[test]
fn a_mean_of_one_row_in_effect_has_no_limits() {
    let values = [1.0, 2.0, 3.0, 5.0];
    let of = |weights: [f64; 4]| mean(&values, &weights, Scale::Mean).and_then(|mean| mean.marginal(None));
    assert!(of([1.0, 0.01, 0.01, 0.01]).is_none());
    assert!(of([1.0, 1.0, 0.0, 0.0]).is_some_and(|mean| mean.at(0.05).high > mean.value));
}

#[test]
fn a_mean_is_a_mean_and_units_add_up() {
    let values = [1.0, 2.0, f64::NAN, 4.0];
    let found = mean(&values, &[1.0; 4], Scale::Mean).expect("three rows");
    close(found.value, 7.0 / 3.0);
    close(covariance(&found.influence, &found.influence, None), 7.0 / 9.0);
    // Three of the four units are inside.
    let variance = |units: &[u64]| found.variance(found.spread(Some(units)).square, Some(units));
    close(variance(&[1, 2, 3, 4]).expect("it varies"), 7.0 / 9.0 * 3.0 / 2.0);
    assert!(variance(&[1, 1, 1, 2]) > variance(&[1, 2, 3, 4]));
    // Of one unit nothing is known of how units differ.
    assert_eq!(variance(&[1, 1, 5, 1]), None);
}

#[test]
fn what_never_varies_has_no_error() {
    let (ones, labels) = ([1.0; 6], [1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
    let alike = [0.1; 6];
    let constant = mean(&alike, &ones, Scale::Mean).expect("rows");
    assert!(constant.marginal(None).is_none());
    let tied = area(&labels, &alike, &ones, &sorted(&alike)).expect("both classes");
    assert!(tied.value == 0.5 && tied.marginal(None).is_none());
    // A rate has Wilson's limits all the same.
    let rate = mean(&ones, &ones, Scale::Rate).and_then(|rate| rate.marginal(None)).expect("limits");
    assert!(rate.at(1.96).low < 0.7 && rate.at(1.96).high == 1.0);
}

/// The quantile is Student's with one degree of freedom fewer than units.
#[test]
fn few_units_have_wider_limits() {
    let values: Vec<f64> = (0..60).map(|row| f64::from(u8::from(row * 7 % 10 < row / 8))).collect();
    let units: Vec<u64> = (0..60).map(|row| row / 10 + 1).collect();
    let found = mean(&values, &[1.0; 60], Scale::Rate).expect("rows");
    let marginal = found.marginal(Some(&units)).expect("limits");
    assert_eq!(marginal.freedom, Some(5.0));
    let Limits::Wilson { effective } = marginal.limits else { panic!("a rate has Wilson's limits") };
    let z = crate::stats::student::quantile(1.96, 5.0);
    let expected = crate::stats::wilson(marginal.value * effective, effective, z);
    close(marginal.at(1.96).low, expected.low);
    close(marginal.at(1.96).high, expected.high);
}
