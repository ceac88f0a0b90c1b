//! How often the 95 % intervals hold the truth (statistics.md 2.8).

use super::population::{Law, World, metric};
use heirloom::stats::{Contrast, Quad, quantile_of};
use rayon::prelude::*;

pub const DATA_SETS: u64 = 2000;
/// 95 % and four standard errors of a simulation of this size.
pub const SOUND: [f64; 2] = [0.93, 0.97];
/// Of models that nearly agree, limits that are not even about a number do not cancel: intervals are too wide.
const CAREFUL: [f64; 2] = [0.93, 1.0];
/// Of few units each group's limits take its own degrees of freedom, so that those of a gap are a little too wide.
const FEW: [f64; 2] = [0.93, 1.0];

pub const WORLD: World = World {
    slice: Law { positives: 0.4, shift: [-0.9, -0.6], signal: [1.2, 1.5], agreement: 0.7, unit: None },
    reference: Law { positives: 0.3, shift: [-1.0, -1.0], signal: [1.6, 1.6], agreement: 0.7, unit: None },
    shared: false,
};

/// Metrics with the rows of the slice; the reference has twice as many.
pub const METRICS: [(&str, [usize; 3]); 8] = [
    ("selection_rate", [100, 300, 1000]),
    ("positive_predictive_value", [100, 300, 1000]),
    ("f1_score", [100, 300, 1000]),
    ("matthews_correlation", [100, 300, 1000]),
    ("balanced_accuracy", [100, 300, 1000]),
    ("roc_auc", [100, 300, 1000]),
    ("mean_score", [30, 100, 300]),
    ("brier_score", [30, 100, 300]),
];

/// Units of five rows in the slice, with the ICC of the latent numbers that gives decisions one of 0.3.
const UNITS: [usize; 4] = [10, 30, 60, 200];
const UNIT: (usize, f64) = (5, 0.45);
const CLUSTERED: [&str; 4] = ["selection_rate", "positive_predictive_value", "roc_auc", "mean_score"];

/// Data sets that have an interval, and how many of them hold the truth of D_T, Δ and D_T − 1.5 D_B.
#[derive(Default, Clone, Copy)]
pub struct Tally {
    data_sets: u64,
    held: [u64; 3],
}

impl Tally {
    /// One data set, held against the true gaps of base and tuned.
    pub fn of(quad: &Quad, [base, tuned]: [f64; 2], z: f64) -> Tally {
        let held = CONTRASTS.map(|contrast| {
            let (span, truth) = (quad.interval(contrast, z), contrast.a * tuned - contrast.k * base);
            u64::from((span.low..=span.high).contains(&truth))
        });
        Tally { data_sets: 1, held }
    }

    pub fn add(self, other: Tally) -> Tally {
        let held = std::array::from_fn(|at| self.held[at] + other.held[at]);
        Tally { data_sets: self.data_sets + other.data_sets, held }
    }

    fn coverage(self) -> [f64; 3] {
        self.held.map(|held| held as f64 / self.data_sets as f64)
    }

    /// Prints a line of tests/simulation.md, and returns it where a share is not within these bounds.
    pub fn unsound(self, name: &str, [least, most]: [f64; 2]) -> Option<String> {
        let [tuned, change, ratio] = self.coverage().map(|share| format!("{:.1} %", 100.0 * share));
        let line = format!("| {name} | {tuned} | {change} | {ratio} | {} |", DATA_SETS - self.data_sets);
        println!("{line}");
        (!self.coverage().iter().all(|share| (least..=most).contains(share))).then_some(line)
    }
}

const CONTRASTS: [Contrast; 3] = [Contrast::TUNED, Contrast::CHANGE, Contrast { a: 1.0, k: 1.5 }];

fn tally(world: &World, id: &str, rows: usize) -> Tally {
    let (metric, z) = (metric(id), quantile_of(0.95));
    let gaps = world.gaps(metric);
    let of = |seed: u64| match world.quad(metric, rows, seed) {
        Some(quad) => Tally::of(&quad, gaps, z),
        None => Tally::default(),
    };
    (0..DATA_SETS).into_par_iter().map(of).reduce(Tally::default, Tally::add)
}

#[test]
#[ignore = "takes minutes"]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let mut unsound = Vec::new();
    for agreement in [0.0, 0.7, 0.95] {
        println!("correlation {agreement}");
        let of = |law: Law| Law { agreement, ..law };
        let world = World { slice: of(WORLD.slice), reference: of(WORLD.reference), ..WORLD };
        let bounds = if agreement < 0.9 { SOUND } else { CAREFUL };
        for (id, sizes) in METRICS {
            let of = |rows: usize| tally(&world, id, rows).unsound(&format!("{id} | {rows}"), bounds);
            unsound.extend(sizes.into_iter().filter_map(of));
        }
    }
    assert!(unsound.is_empty(), "{unsound:#?}");
}

#[test]
#[ignore = "takes minutes"]
fn intervals_of_units_hold_the_truth_as_often_as_they_say() {
    let mut unsound = Vec::new();
    let of = |law: Law| Law { unit: Some(UNIT), ..law };
    for shared in [false, true] {
        println!("units in both groups: {shared}");
        let world = World { slice: of(WORLD.slice), reference: of(WORLD.reference), shared };
        for (id, units) in CLUSTERED.into_iter().flat_map(|id| UNITS.map(|units| (id, units))) {
            let (rows, bounds) = (units * UNIT.0, if units < 30 { FEW } else { SOUND });
            unsound.extend(tally(&world, id, rows).unsound(&format!("{id} | {rows} in {units} units"), bounds));
        }
    }
    assert!(unsound.is_empty(), "{unsound:#?}");
}
