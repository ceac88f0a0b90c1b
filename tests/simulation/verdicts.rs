//! False exact verdicts where a metric is no rate: a mean and an area, on the boundaries between the
//! verdicts (statistics.md 2.4).

use super::coverage::WORLD;
use super::population::{World, metric};
use heirloom::result::{Verdict, Verdict::*};
use heirloom::stats::quantile_of;
use heirloom::trace::{Rule, Tracer};
use rayon::prelude::*;

const DATA_SETS: u64 = 2000;
/// Nominal 5 % and three standard errors of a simulation of this size.
const MOST: f64 = 0.065;

/// Base gap and tuned gap in smallest gaps, and the one verdict that is true of them.
const TRUTHS: [(f64, f64, Verdict); 10] = [
    (1.0, 1.0, Absent),
    (-1.0, 1.0, Absent),
    (0.0, -1.0, Absent),
    (1.0, 1.5, Inherited),
    (-2.0, -3.0, Inherited),
    (-3.0, -2.0, Inherited),
    (-1.0, -3.0, Introduced),
    (0.0, -1.002, Introduced),
    (-3.0, -1.0, Eliminated),
    (-2.0, -3.002, Amplified),
];

/// A metric, its smallest gap, the rows of the slice, and how a law's parameter of one model moves it.
struct Case {
    id: &'static str,
    tau: f64,
    rows: [usize; 3],
    turn: fn(&mut World, usize, f64),
}

const CASES: [Case; 2] = [
    Case { id: "mean_score", tau: 0.05, rows: [30, 100, 1000], turn: |world, model, to| world.slice.shift[model] = to },
    Case { id: "roc_auc", tau: 0.03, rows: [100, 300, 1000], turn: |world, model, to| world.slice.signal[model] = to },
];

impl Case {
    /// A world with these gaps, by bisection.
    fn world(&self, gaps: [f64; 2]) -> World {
        let (metric, mut world) = (metric(self.id), WORLD);
        for (model, gap) in gaps.into_iter().enumerate() {
            let (mut low, mut high) = (-4.0, 4.0);
            for _ in 0..60 {
                let middle = (low + high) / 2.0;
                (self.turn)(&mut world, model, middle);
                if world.gaps(metric)[model] < gap { low = middle } else { high = middle }
            }
        }
        world
    }

    /// The share of data sets in which an exact verdict is said that is not true.
    fn false_rate(&self, (x, y, truth): (f64, f64, Verdict), rows: usize) -> f64 {
        let (world, metric, z) = (self.world([x * self.tau, y * self.tau]), metric(self.id), quantile_of(0.95));
        let rule = Rule { tau: self.tau, phi: 1.5, psi: 3.0 };
        let wrong = |seed: &u64| {
            let Some(quad) = world.quad(metric, rows, *seed) else { return false };
            let verdict = Tracer::new(rule, quad).at(z).verdict;
            verdict.is_exact() && verdict != truth
        };
        (0..DATA_SETS).into_par_iter().filter(wrong).count() as f64 / DATA_SETS as f64
    }
}

#[test]
#[ignore = "takes minutes"]
fn false_verdicts_of_means_and_areas_are_rare_on_every_boundary() {
    let mut often = Vec::new();
    for case in CASES {
        for truth in TRUTHS {
            let rates = case.rows.map(|rows| case.false_rate(truth, rows));
            let shown = rates.map(|rate| format!("{:.1} %", 100.0 * rate)).join(" | ");
            let line = format!("| {} | {} τ → {} τ ({:?}) | {shown} |", case.id, truth.0, truth.1, truth.2);
            println!("{line}");
            if rates.iter().any(|rate| *rate > MOST) {
                often.push(line);
            }
        }
    }
    assert!(often.is_empty(), "{often:#?}");
}
