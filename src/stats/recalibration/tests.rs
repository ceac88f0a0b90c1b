//! Sums against rows.

use super::*;
use proptest::prelude::*;

/// Slopes of the rows that are kept and Σ φψ, each row looked at.
fn by_rows(rows: &[Rated], keep: impl Fn(&Rated) -> bool) -> ([Option<(Fit, f64)>; 2], f64) {
    let kept: Vec<&Rated> = rows.iter().filter(|row| keep(row)).collect();
    let label = |row: &Rated| f64::from(u8::from(row.positive));
    let fit = |side: usize| fit_rows(kept.iter().map(|row| (row.log_odds[side], label(row), 1.0))).ok();
    let moved = |side: usize, fit: Fit| -> Vec<f64> {
        let of = |row: &&Rated| {
            let x = row.log_odds[side];
            (label(row) - fit.chance(x)) * fit.moves(x)
        };
        kept.iter().map(of).collect()
    };
    let fits = [fit(0), fit(1)]
        .map(|fit| fit.filter(|_| [true, false].iter().all(|&is| kept.iter().any(|row| row.positive == is))));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let influences = [0, 1].map(|side| fits[side].map_or(Vec::new(), |fit| moved(side, fit)));
    let both = product(&influences[0], &influences[1]);
    ([0, 1].map(|side| Some((fits[side]?, product(&influences[side], &influences[side])))), both)
}

fn same(found: Option<Slopes>, (expected, both): ([Option<(Fit, f64)>; 2], f64)) {
    let Some((sides, covariance)) = found else {
        // Only where one is steep, or labels are separated.
        let steep = expected.iter().any(|one| one.is_none_or(|(fit, _)| fit.at[1].abs() > 2.0));
        return assert!(steep, "{expected:?}");
    };
    let near = |a: f64, b: f64, within: f64| assert!((a - b).abs() <= within * b.abs(), "{a} is not {b}");
    for (found, expected) in sides.iter().zip(expected) {
        assert_eq!(found.is_some(), expected.is_some(), "{found:?} {expected:?}");
        let Some((found, (fit, variance))) = found.as_ref().zip(expected) else { continue };
        near(found.value, fit.at[1], 1e-10);
        near(found.variance.expect("it is known"), variance, 1e-8);
    }
    let scale = expected.map(|one| one.map_or(0.0, |(_, variance)| variance.sqrt()));
    assert!((covariance - both).abs() <= 2e-6 * scale[0] * scale[1], "{covariance} is not {both}");
}

/// So many rows of four kinds, whose labels follow the base's log-odds; the tuned model's differ a little.
fn rows(count: usize, [steep, noise]: [f64; 2], seed: u64) -> Vec<Rated> {
    let mut draws = crate::stats::Draws::new(seed, "rows");
    let mut unit = || draws.below(1 << 30) as f64 / f64::from(1 << 30);
    let row = |_| {
        let x = 6.0 * (unit() + unit() + unit() - 1.5);
        let positive = unit() < 1.0 / (1.0 + (-(0.3 + steep * x)).exp());
        let kind = (4.0 * unit() * unit()) as u32;
        Rated { positive, log_odds: [x, 0.7 * x + noise * (unit() - 0.5) + 0.1 * f64::from(kind)], kind }
    };
    (0..count).map(row).collect()
}

fn check(rows: &[Rated]) {
    let slopes = Recalibrations::new(rows);
    same(slopes.everyone(), by_rows(rows, |_| true));
    for (group, [own, rest]) in (0..).zip(slopes.of_groups(&[0, 1, 2, 3], 4)) {
        same(own, by_rows(rows, |row| row.kind == group));
        same(rest, by_rows(rows, |row| row.kind != group));
    }
}

proptest! {
    #[test]
    fn sums_equal_rows(seed in any::<u64>(), steep in 0.2..1.2_f64, noise in 0.0..2.0_f64) {
        check(&rows(700, [steep, noise], seed));
    }
}

#[test]
fn many_rows_and_far_ones() {
    check(&rows(60_000, [0.8, 1.0], 5));
    let mut some = rows(3_000, [0.8, 1.0], 6);
    // Certain scores, kept 1e-15 away from 0 and 1, on the wrong side too.
    (0..40).for_each(|row| some[70 * row].log_odds[row % 2] = if row % 3 == 0 { 34.5 } else { -34.5 });
    check(&some);
}

/// Scores all near one half are a narrow range, over which slopes may be large.
#[test]
fn a_narrow_range_has_narrow_cells() {
    let mut some = rows(4_000, [1.0, 0.5], 7);
    some.iter_mut().for_each(|row| row.log_odds = row.log_odds.map(|x| x / 40.0));
    check(&some);
}

#[test]
fn few_rows_and_one_label() {
    let some = rows(60, [0.5, 1.0], 8);
    let positive = |row: &&Rated| row.positive && row.kind == 0;
    let alone: Vec<Rated> =
        some.iter().filter(|row| row.kind > 0).chain(some.iter().filter(positive)).copied().collect();
    check(&alone);
    let one = [Rated { positive: true, log_odds: [0.3, 0.2], kind: 0 }];
    assert_eq!(Recalibrations::new(&one).everyone(), Some(([None, None], 0.0)));
    assert_eq!(Recalibrations::new(&[]).everyone(), Some(([None, None], 0.0)));
}

/// Log-odds of one value have no slope; labels that log-odds tell apart have none that cells could hold.
#[test]
fn what_has_no_slope() {
    let mut some = rows(500, [0.5, 1.0], 9);
    some.iter_mut().for_each(|row| row.log_odds[1] = 0.25);
    let (sides, covariance) = Recalibrations::new(&some).everyone().expect("one value needs no narrow cell");
    assert!(sides[0].is_some() && sides[1].is_none() && covariance == 0.0);
    some.iter_mut().for_each(|row| row.log_odds[1] = if row.positive { 1.0 } else { -1.0 } + row.log_odds[0] / 100.0);
    assert!(Recalibrations::new(&some).everyone().is_none_or(|(sides, _)| sides[1].is_none()));
    let each = some.iter().map(|row| (row.log_odds[1], f64::from(u8::from(row.positive)), 1.0));
    assert_eq!(recalibrated(each), None);
}

/// A weight of two is two rows.
#[test]
fn weights_count() {
    let some = rows(300, [0.7, 1.0], 10);
    let label = |row: &Rated| f64::from(u8::from(row.positive));
    let weighted = || some.iter().map(|row| (row.log_odds[0], label(row), f64::from(row.kind + 1)));
    let repeated = || some.iter().flat_map(|row| (0..=row.kind).map(|_| (row.log_odds[0], label(row), 1.0)));
    let fits = [recalibrated(weighted()), recalibrated(repeated()), fit_rows(weighted()).ok()]
        .map(|fit| fit.expect("labels vary").at);
    fits.iter()
        .for_each(|at| assert!((at[1] - fits[2][1]).abs() < 1e-11 && (at[0] - fits[2][0]).abs() < 1e-11, "{fits:?}"));
}
