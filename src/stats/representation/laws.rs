//! What must hold whatever the rows: laws of similarity, of probes and of codes, and a reason wherever there is
//! no number.

use super::*;
use crate::stats::{Draws, Interval, bivariate_normal};
use ndarray::{Array2, array, concatenate, s};
use proptest::prelude::*;

fn noise(rows: usize, width: usize, seed: u64) -> Array2<f32> {
    let mut draws = Draws::new(seed, "noise");
    Array2::from_shape_simple_fn((rows, width), || bivariate_normal((0.0, 0.0), (1.0, 1.0, 0.0), &mut draws).0 as f32)
}

fn coins(rows: usize, seed: u64) -> Vec<u32> {
    let mut draws = Draws::new(seed, "coins");
    (0..rows).map(|_| draws.below(2) as u32).collect()
}

fn of(x: ArrayView2<f32>, y: ArrayView2<f32>) -> Similarity {
    let mut similarity = Similarity::default();
    similarity.add(x, y);
    similarity
}

fn rows<'a>(x: &'a Array2<f32>, classes: &'a [u32]) -> Rows<'a> {
    Rows { embedding: x.view(), classes, groups: None, units: None, weights: None }
}

fn close(found: Result<f64, Undefined>, expected: Result<f64, Undefined>, slack: f64) {
    let both = found.ok().zip(expected.ok());
    assert!(both.is_some_and(|(a, b)| (a - b).abs() <= slack), "{found:?} is not {expected:?}");
}

fn alike(found: &Similarity, expected: &Similarity) {
    assert_eq!(found.rows(), expected.rows());
    close(found.cka(), expected.cka(), 1e-9);
    close(found.procrustes(), expected.procrustes(), 1e-9);
}

/// statistics.md 3.5 (d).
#[test]
fn cka_equals_the_worked_example() {
    let x = array![[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 0.0], [0.0, 3.0]];
    let y = array![[1.0, 1.0], [0.0, 1.0], [2.0, 1.0], [2.0, 1.0], [1.0, 3.0]];
    close(of(x.view(), y.view()).cka(), Ok(0.389_249_5), 1e-7);
}

/// The biased estimator gives .93 here, and .2 at 1,000 rows.
#[test]
fn independent_embeddings_have_nothing_in_common() {
    for (count, slack) in [(20, 0.2), (1000, 0.01)] {
        let (x, y) = (noise(count, 256, 1), noise(count, 256, 2));
        close(of(x.view(), y.view()).cka(), Ok(0.0), slack);
    }
    let (x, y) = (noise(500, 16, 1), noise(500, 16, 2));
    close(mutual_neighbours(x.view(), y.view(), 10), Ok(10.0 / 499.0), 0.01);
}

#[test]
fn an_embedding_is_like_itself() {
    for (count, width) in [(50, 8), (12, 40), (300, 1)] {
        let x = noise(count, width, 3);
        let itself = of(x.view(), x.view());
        close(itself.cka(), Ok(1.0), 1e-12);
        close(itself.procrustes(), Ok(0.0), 1e-12);
        assert_eq!(mutual_neighbours(x.view(), x.view(), 5), Ok(1.0));
    }
}

/// A million from the middle with a spread of 1, as float32 holds it.
#[test]
fn an_embedding_far_from_zero_loses_nothing() {
    let x = noise(400, 5, 4).mapv(|value| (value * 16.0).round() / 16.0);
    let y = noise(400, 5, 5) + &x;
    let far = &x + 1e6;
    assert_eq!(&far - 1e6, x);
    alike(&of(far.view(), y.view()), &of(x.view(), y.view()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn parts_merge_to_the_whole_and_the_rest_is_what_they_leave(
        seed in 0_u64..1000, cut in 4_usize..56, middle in -50_f32..50.0, widths in (1_usize..9, 1_usize..9),
    ) {
        let x = noise(60, widths.0, seed) + middle;
        let mut y = noise(60, widths.1, seed + 1000);
        y.column_mut(0).scaled_add(1.0, &x.column(0));
        let whole = of(x.view(), y.view());
        let part = |from: usize, to: usize| of(x.slice(s![from..to, ..]), y.slice(s![from..to, ..]));
        alike(&part(0, cut).merge(part(cut, 60)), &whole);
        alike(&part(cut, 60).merge(part(0, cut)), &whole);
        alike(&whole.clone().minus(part(0, cut)), &part(cut, 60));
        let mut streamed = Similarity::default();
        (0..60).step_by(7).for_each(|from| {
            let to = (from + 7).min(60);
            streamed.add(x.slice(s![from..to, ..]), y.slice(s![from..to, ..]));
        });
        alike(&streamed, &whole);
        alike(&Similarity::default().merge(whole.clone()).minus(Similarity::default()), &whole);
    }

    #[test]
    fn turning_moving_and_scaling_change_nothing(
        seed in 0_u64..1000, turn in 0.0_f32..6.0, scale in 0.01_f32..100.0, by in -20_f32..20.0,
    ) {
        let (x, y) = (noise(40, 4, seed), noise(40, 4, seed + 1) + noise(40, 4, seed));
        let mut turned = y.clone();
        let (first, last) = (y.column(0).to_owned(), y.column(3).to_owned());
        turned.column_mut(0).assign(&(&first * turn.cos() - &last * turn.sin()));
        turned.column_mut(3).assign(&(&first * turn.sin() + &last * turn.cos()));
        let turned = turned * scale + by;
        let (before, after) = (of(x.view(), y.view()), of(x.view(), turned.view()));
        close(after.cka(), before.cka(), 1e-4);
        close(after.procrustes(), before.procrustes(), 1e-4);
        let near = |y: &Array2<f32>| mutual_neighbours(x.view(), y.view(), 5);
        // Rounding to float32 may exchange two that are as far.
        close(near(&turned), near(&y), 0.021);
        let there_and_back = of(turned.view(), x.view());
        close(there_and_back.cka(), after.cka(), 1e-12);
        close(there_and_back.procrustes(), after.procrustes(), 1e-12);
    }

    #[test]
    fn folds_have_equal_shares_and_whole_units(seed in 0_u64..1000, people in 20_usize..60) {
        let x = noise(200, 2, seed);
        let classes: Vec<u32> = coins(200, seed);
        let units: Vec<u64> = (0..200).map(|row| (row * 7 % people) as u64).collect();
        let plain = folds::Ordered::new(&rows(&x, &classes), 10).expect("two classes");
        let folds = plain.folds(seed);
        for class in 0..2 {
            let of = |fold: u8| (0..200).filter(|at| folds[*at] == fold && plain.classes[*at] == class).count();
            let counts: Vec<usize> = (0..5).map(of).collect();
            prop_assert!(counts.iter().max().zip(counts.iter().min()).is_some_and(|(most, least)| most - least <= 1));
        }
        let with = folds::Ordered::new(&Rows { units: Some(&units), ..rows(&x, &classes) }, 10).expect("two classes");
        let folds = with.folds(seed);
        for (at, row) in with.order.iter().enumerate() {
            for (other, row_of_other) in with.order.iter().enumerate() {
                let (unit, unit_of_other) = (units[*row as usize], units[*row_of_other as usize]);
                prop_assert!(unit != unit_of_other || unit == 0 || folds[at] == folds[other]);
            }
        }
    }
}

/// In the rows that it learned from it would be .73.
#[test]
fn a_probe_of_chance_is_at_chance() {
    let mut inside = 0;
    for seed in 0..10 {
        let (x, classes) = (noise(400, 64, seed), coins(400, seed));
        let found = cross_fitted(&rows(&x, &classes), &[seed]).expect("two classes");
        let area = found.against_rest(&classes, 1).and_then(|area| area.marginal(None)).expect("it is defined");
        assert!((area.value - 0.5).abs() < 0.12, "{}", area.value);
        assert_eq!(area.value, found.areas[0]);
        let Interval { low, high } = area.at(1.96);
        inside += usize::from(low <= 0.5 && 0.5 <= high);
    }
    // 95 % each, a little fewer since folds are pooled.
    assert!(inside >= 7, "{inside} of 10");
}

#[test]
fn a_probe_finds_what_is_there() {
    let x = noise(400, 8, 1);
    let classes: Vec<u32> = x.rows().into_iter().map(|row| u32::from(row[0] + row[1] > 0.0)).collect();
    let found = cross_fitted(&rows(&x, &classes), &[1, 2, 3, 4, 5]).expect("two classes");
    assert!(found.areas.len() == 5 && found.areas.iter().all(|area| *area > 0.98), "{:?}", found.areas);
    assert!(codelength(&rows(&x, &classes), 1).expect("two classes").compression > 2.0);
    let chance = codelength(&rows(&x, &coins(400, 2)), 1).expect("two classes");
    assert!(chance.compression < 1.0 && chance.uniform_bits == 400.0, "{chance:?}");
    let more = logme(&rows(&x, &classes)).expect("two classes");
    assert!(more > logme(&rows(&x, &coins(400, 2))).expect("two classes") + 0.1, "{more}");
}

/// A class that turns moves no score of its own fold, and scores of all others.
#[test]
fn a_row_never_tells_its_own_class() {
    let (x, people) = (noise(240, 3, 6), coins(80, 6));
    // Three rows of one person each, most of one class: the folds stay as they are.
    let units: Vec<u64> = (0..240).map(|row| row / 3 + 1).collect();
    let before: Vec<u32> = (0..240).map(|row| people[row / 3]).collect();
    let mut after = before.clone();
    after[100] = 1 - after[100];
    let [asked, turned] = [&before, &after].map(|classes| Rows { units: Some(&units), ..rows(&x, classes) });
    let ordered = folds::Ordered::new(&asked, 10).expect("two classes");
    let folds = ordered.folds(1);
    assert_eq!(folds::Ordered::new(&turned, 10).expect("two classes").folds(1), folds);
    let [asked, turned] = [asked, turned].map(|rows| cross_fitted(&rows, &[1]).expect("two classes").scores);
    let moved = |fold: bool| {
        let own = ordered.order.iter().position(|row| *row == 100).map(|at| folds[at]);
        let of = |(_, row): (&u8, &u32)| (asked[[*row as usize, 1]] - turned[[*row as usize, 1]]).abs();
        folds.iter().zip(&ordered.order).filter(|(one, _)| (Some(**one) == own) == fold).map(of).fold(0.0, f64::max)
    };
    assert!(moved(true) < 1e-6 && moved(false) > 1e-4, "{} {}", moved(true), moved(false));
}

#[test]
fn the_order_of_rows_and_the_threads_change_no_bit() {
    let (x, groups) = (noise(700, 6, 8), coins(700, 9));
    let classes: Vec<u32> =
        x.rows().into_iter().zip(coins(700, 8)).map(|(row, coin)| u32::from(row[0] > 0.5) + coin).collect();
    let asked = Rows { groups: Some(&groups), ..rows(&x, &classes) };
    let found = cross_fitted(&asked, &[1, 2]).expect("three classes");
    let back: Vec<usize> = (0..700).rev().collect();
    let turned = x.select(ndarray::Axis(0), &back);
    let [other_classes, other_groups] =
        [&classes, &groups].map(|list| back.iter().map(|row| list[*row]).collect::<Vec<u32>>());
    let turned = Rows {
        embedding: turned.view(),
        classes: &other_classes,
        groups: Some(&other_groups),
        units: None,
        weights: None,
    };
    let other = cross_fitted(&turned, &[1, 2]).expect("three classes");
    assert_eq!(other.scores, found.scores.select(ndarray::Axis(0), &back));
    assert_eq!((&other.areas, &other.strengths), (&found.areas, &found.strengths));
    assert_eq!(codelength(&turned, 3), codelength(&asked, 3));
    assert_eq!(logme(&turned), logme(&asked));
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    assert_eq!(alone.install(|| cross_fitted(&asked, &[1, 2])), Ok(found));
    assert_eq!(alone.install(|| codelength(&asked, 3)), codelength(&asked, 3));
}

#[test]
fn whatever_has_no_number_says_why() {
    use Undefined::*;
    let x = noise(40, 3, 1);
    let classes = coins(40, 1);
    let flat = Array2::<f32>::from_elem((40, 3), 7.3);
    let mut broken = x.clone();
    broken[[3, 1]] = f32::NAN;
    let all = |x: &Array2<f32>, classes: &[u32]| {
        [
            cross_fitted(&rows(x, classes), &[1]).map(|_| ()),
            codelength(&rows(x, classes), 1).map(|_| ()),
            logme(&rows(x, classes)).map(|_| ()),
        ]
    };
    assert_eq!(all(&x, &classes[1..]), [Err(OtherRows); 3]);
    assert_eq!(all(&x, &[4; 40]), [Err(OneClass); 3]);
    assert_eq!(all(&flat, &classes), [Err(NoSpread); 3]);
    assert_eq!(all(&broken, &classes), [Err(NotFinite); 3]);
    assert_eq!(all(&x.slice(s![..3, ..]).to_owned(), &classes[..3]), [Err(TooFewRows); 3]);
    assert_eq!(all(&Array2::zeros((40, 0)), &classes), [Err(NoSpread); 3]);
    let one: Vec<u32> = (0..40).map(|row| u32::from(row == 5)).collect();
    assert_eq!(all(&x, &one), [Err(ClassInOneFold), Ok(()), Ok(())]);
    let (units, groups) = ([1; 4], [1; 4]);
    assert_eq!(cross_fitted(&Rows { units: Some(&units), ..rows(&x, &classes) }, &[1]), Err(OtherRows));
    assert_eq!(cross_fitted(&Rows { groups: Some(&groups), ..rows(&x, &classes) }, &[1]), Err(OtherRows));

    let both = |x: &Array2<f32>, y: &Array2<f32>| {
        let similarity = of(x.view(), y.view());
        [similarity.cka(), similarity.procrustes(), mutual_neighbours(x.view(), y.view(), 5)]
            .map(|found| found.map(|_| ()))
    };
    assert_eq!(both(&x, &flat), [Err(NoSpread); 3]);
    assert_eq!(both(&broken, &x), [Err(NotFinite); 3]);
    assert_eq!(both(&x, &noise(39, 3, 1)), [Err(OtherRows); 3]);
    let few = x.slice(s![..3, ..]).to_owned();
    assert_eq!(both(&few, &few), [Err(TooFewRows), Ok(()), Err(TooFewRows)]);
    // As far from each other as can be: no row is more like one than like another.
    assert_eq!(both(&Array2::eye(8), &Array2::eye(8))[0], Err(NoSpread));
    assert_eq!(Similarity::default().cka(), Err(TooFewRows));
    let part = of(x.slice(s![..9, ..]), x.slice(s![..9, ..]));
    assert_eq!(part.clone().minus(of(x.view(), x.view())).cka(), Err(OtherRows));
    assert_eq!(part.merge(of(noise(9, 2, 1).view(), x.slice(s![..9, ..]))).cka(), Err(OtherRows));
}

/// A slice that is taken away leaves a rest that is constant, and rounding.
#[test]
fn a_rest_without_spread_is_found_out() {
    let some = noise(200, 4, 1) * 1e3;
    let flat = Array2::<f32>::from_elem((50, 4), 0.1);
    let both = concatenate![ndarray::Axis(0), some, flat];
    let rest = of(both.view(), both.view()).minus(of(some.view(), some.view()));
    assert_eq!((rest.rows(), rest.cka()), (50, Err(Undefined::NoSpread)));
}

/// A constant column, a copy of another, more columns than rows, and a column that varies in one row alone.
#[test]
fn awkward_columns_do_no_harm() {
    let mut x = noise(60, 90, 2);
    x.column_mut(3).fill(1e9);
    let copy = x.column(4).to_owned();
    x.column_mut(5).assign(&copy);
    x.column_mut(6).fill(0.0);
    x[[17, 6]] = 1e30;
    let classes: Vec<u32> = x.column(4).iter().map(|value| u32::from(*value > 0.0)).collect();
    let found = cross_fitted(&rows(&x, &classes), &[1, 2]).expect("two classes");
    assert!(found.scores.iter().all(|score| (0.0..=1.0).contains(score)));
    assert!(found.areas.iter().all(|area| *area > 0.6), "{:?}", found.areas);
    assert!(codelength(&rows(&x, &classes), 1).is_ok_and(|code| code.bits.is_finite()));
    assert!(logme(&rows(&x, &classes)).is_ok_and(f64::is_finite));
    // Beside one row of 1e30 all others are rounding.
    assert_eq!(of(x.view(), x.view()).cka(), Err(Undefined::NoSpread));
}

/// Twelve classes, of which some first show late in the code.
#[test]
fn several_classes_share_what_there_is() {
    let x = noise(600, 4, 5);
    let classes: Vec<u32> =
        (0..600).map(|row| if row % 3 == 0 { row % 11 + 10 } else { u32::from(x[[row as usize, 0]] > 0.0) }).collect();
    let found = cross_fitted(&rows(&x, &classes), &[1]).expect("thirteen classes");
    assert_eq!(found.classes.len(), found.scores.ncols());
    let sums = found.scores.sum_axis(ndarray::Axis(1));
    assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-12));
    let area = found.against_rest(&classes, 1).expect("it is there");
    assert!(area.value > 0.7 && found.against_rest(&classes, 99).is_none(), "{}", area.value);
    assert!(codelength(&rows(&x, &classes), 1).expect("classes").compression > 1.1);
}

/// Four contents for 400 rows, of two classes nine in ten and one in ten times.
#[test]
fn rows_of_one_content_do_not_come_in_a_lump() {
    let x = Array2::from_shape_fn((400, 4), |(row, column)| if row % 4 == column { 1.0 } else { 0.0 });
    let classes: Vec<u32> = (0..400).map(|row| u32::from((row % 4 < 2) != (row / 4 % 10 == 0))).collect();
    let found = cross_fitted(&rows(&x, &classes), &[1]).expect("two classes");
    assert!((found.areas[0] - 0.9).abs() < 0.03, "{}", found.areas[0]);
    let code = codelength(&rows(&x, &classes), 1).expect("two classes");
    // The entropy is .47 bits a row.
    assert!(code.compression > 1.6 && code.compression < 2.15, "{code:?}");
}
