//! False findings among all that whole audits confirm or flag (statistics.md 2.4 and 2.5), and how often a verdict
//! is true that is said to be so probable (2.7).

use super::boundaries::{AGREEMENT, RATE, cells, drawn};
use super::coverage::WORLD;
use super::population::{World, metric};
use heirloom::config::{Multiplicity, Stats};
use heirloom::measure::Comparison;
use heirloom::metrics::Metric;
use heirloom::result::{Basis, Finding, Probabilities, Verdict, Verdict::*};
use heirloom::trace::{Rule, trace, verdicts};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

const AUDITS: u64 = 2000;
const FINDINGS: usize = 60;
const TAU: f64 = 0.05;
/// The share of false ones among what is confirmed, and among what is flagged.
const MOST_FALSE: f64 = 0.01;
/// Said and true probability, apart.
const MOST_APART: f64 = 0.03;

/// Gaps of base and tuned on the edges of the cells; the first ones are no gap.
const EDGES: [(f64, f64); 8] =
    [(0.05, 0.05), (-0.05, 0.05), (0.0, -0.05), (0.05, 0.0), (0.10, 0.15), (0.05, 0.15), (0.15, 0.05), (0.20, 0.30)];
const GAPS: [(f64, f64); 6] = [(0.0, 0.15), (0.15, 0.15), (0.10, 0.25), (0.20, 0.10), (0.15, 0.0), (0.0, 0.20)];

fn stats(id: &str, tau: f64) -> Stats {
    Stats {
        classes: Vec::new(),
        confidence: 0.95,
        smallest_gap: tau,
        smallest_gaps: Default::default(),
        same_size: 1.5,
        mostly_new: 3.0,
        multiplicity: Multiplicity::Bh,
        metrics: vec![id.into()],
        seed: 1,
        control: Vec::new(),
        sweep: false,
        top_k: 2,
    }
}

fn rule(tau: f64) -> Rule {
    Rule { tau, phi: 1.5, psi: 3.0 }
}

fn comparison(metric: &'static Metric, place: usize, basis: Basis) -> Comparison {
    let (slice, reference) = (format!("group={place}"), "rest".into());
    Comparison {
        metric,
        class: None,
        slice,
        reference,
        mirror: None,
        rows: basis.rows(),
        basis,
        labels: None,
        paths: None,
        halves: None,
        strata: Vec::new(),
    }
}

/// Slice and reference of a rate with these gaps; the reference has ten times as many rows.
fn rates((x, y): (f64, f64), rows: u64, random: &mut ChaCha8Rng) -> Basis {
    let slice = drawn(cells(RATE + x, RATE + y, AGREEMENT), rows, random);
    Basis::new(slice, drawn(cells(RATE, RATE, AGREEMENT), 10 * rows, random))
}

/// Of 60 findings about 45 have no gap at all, 10 lie on an edge and the others have one.
fn gaps(random: &mut ChaCha8Rng) -> (f64, f64) {
    match random.random_range(0..60) {
        0..37 => (0.0, 0.0),
        37..45 => EDGES[random.random_range(0..EDGES.len())],
        _ => GAPS[random.random_range(0..GAPS.len())],
    }
}

/// Whether a statement holds of these true gaps.
fn holds(verdict: Verdict, (x, y): (f64, f64)) -> bool {
    match verdict {
        Worsened => matches!(rule(TAU).truth(x, y), Introduced | Amplified),
        CarriedOver => x.abs() > TAU && y.abs() > TAU && x * y > 0.0,
        Improved => matches!(rule(TAU).truth(x, y), Attenuated | Eliminated),
        Present => y.abs() > TAU,
        Clear => y.abs() <= TAU,
        Unclear | TooSmall => true,
        exact => exact == rule(TAU).truth(x, y),
    }
}

/// The false share of what is confirmed and of what is flagged in one audit; 0 where nothing is.
fn false_shares(seed: u64, gaps: impl Fn(&mut ChaCha8Rng) -> (f64, f64)) -> [f64; 2] {
    let (mut random, metric) = (ChaCha8Rng::seed_from_u64(seed), metric("selection_rate"));
    let truths: Vec<(f64, f64)> = (0..FINDINGS).map(|_| gaps(&mut random)).collect();
    let mut basis = |truth: &(f64, f64)| {
        // Log-uniform between 60 and 4,000 rows.
        let rows = (60.0 * (4000.0_f64 / 60.0).powf(random.random())).round() as u64;
        rates(*truth, rows, &mut random)
    };
    let all: Vec<Comparison> =
        truths.iter().enumerate().map(|(place, truth)| comparison(metric, place, basis(truth))).collect();
    let found = verdicts(&stats(metric.id, TAU), 30, &all);
    let share = |of: fn(&Finding) -> bool| {
        let said = found.iter().zip(&truths).filter(|(finding, _)| of(finding));
        let (all, wrong) = said.fold((0, 0), |(all, wrong), (finding, truth)| {
            (all + 1, wrong + u32::from(!holds(finding.verdict, *truth)))
        });
        f64::from(wrong) / f64::from(all.max(1))
    };
    [share(|finding| finding.confirmed), share(|finding| finding.flagged)]
}

fn mean_false(gaps: impl Fn(&mut ChaCha8Rng) -> (f64, f64) + Sync) -> [f64; 2] {
    let add = |a: [f64; 2], b: [f64; 2]| [a[0] + b[0], a[1] + b[1]];
    let sum = (0..AUDITS).into_par_iter().map(|seed| false_shares(seed, &gaps)).reduce(|| [0.0; 2], add);
    sum.map(|sum| sum / AUDITS as f64)
}

#[test]
#[ignore = "takes minutes"]
fn little_of_what_audits_say_is_false() {
    let (mixed, edges) = (mean_false(gaps), mean_false(|random| EDGES[random.random_range(0..EDGES.len())]));
    for (name, [confirmed, flagged]) in [("as audits are", mixed), ("all on an edge", edges)] {
        println!("| {name} | {:.2} % | {:.2} % |", 100.0 * confirmed, 100.0 * flagged);
    }
    assert!(mixed.into_iter().all(|share| share <= MOST_FALSE), "{mixed:?}");
    assert!(edges.into_iter().all(|share| share <= 0.05), "{edges:?}");
}

/// A finding's true gaps and its two groups.
type Draw = fn(&mut ChaCha8Rng) -> ((f64, f64), Option<Basis>);

/// The base's gap and what tuning adds to it, each as a rule within `unit` in half of the findings, and up to
/// three times as large in the others.
fn apart(unit: f64, random: &mut ChaCha8Rng) -> (f64, f64) {
    let mut one = || {
        let size: f64 = StandardNormal.sample(random);
        if random.random::<bool>() { unit * size } else { 3.0 * unit * size }
    };
    let base = one();
    (base, base + one())
}

fn drawn_rate(random: &mut ChaCha8Rng) -> ((f64, f64), Option<Basis>) {
    let gaps = apart(TAU, random);
    spread_rate(gaps, random)
}

/// In half of the findings neither model has any gap.
fn drawn_none(random: &mut ChaCha8Rng) -> ((f64, f64), Option<Basis>) {
    let gaps = if random.random::<bool>() { (0.0, 0.0) } else { apart(TAU, random) };
    spread_rate(gaps, random)
}

/// Rates of all sizes and agreements, of 100 to 3,000 rows.
fn spread_rate((x, y): (f64, f64), random: &mut ChaCha8Rng) -> ((f64, f64), Option<Basis>) {
    let (rate, agreement) = (random.random_range(0.1..0.6), random.random_range(0.3..0.95));
    let rows = (100.0 * 30.0_f64.powf(random.random())).round() as u64;
    let [base, tuned] = [x, y].map(|gap: f64| (rate + gap).clamp(0.02, 0.98));
    let slice = drawn(cells(base, tuned, agreement), rows, random);
    let reference = drawn(cells(rate, rate, agreement), 2 * rows, random);
    ((base - rate, tuned - rate), Some(Basis::new(slice, reference)))
}

/// A world whose latent numbers are moved, so that a number of the scores has gaps.
fn drawn_scores(
    id: &str,
    unit: f64,
    turn: fn(&mut World, (f64, f64)),
    random: &mut ChaCha8Rng,
) -> ((f64, f64), Option<Basis>) {
    // The slice starts as the reference is.
    let mut world = World { slice: WORLD.reference, ..WORLD };
    turn(&mut world, apart(unit, random));
    let (metric, rows) = (metric(id), (100.0 * 10.0_f64.powf(random.random())).round() as usize);
    let [x, y] = world.gaps(metric);
    ((x, y), world.basis(metric, rows, random.random()))
}

fn drawn_mean(random: &mut ChaCha8Rng) -> ((f64, f64), Option<Basis>) {
    let turn: fn(&mut World, (f64, f64)) = |world, (x, y)| {
        world.slice.shift[0] += x;
        world.slice.shift[1] += y;
    };
    // A shift of 0.25 moves the mean score by about 0.05.
    drawn_scores("mean_score", 0.25, turn, random)
}

fn drawn_area(random: &mut ChaCha8Rng) -> ((f64, f64), Option<Basis>) {
    let turn: fn(&mut World, (f64, f64)) = |world, (x, y)| {
        world.slice.signal[0] += x;
        world.slice.signal[1] += y;
    };
    // A signal stronger by 0.13 moves the area by about 0.03.
    drawn_scores("roc_auc", 0.13, turn, random)
}

/// How many probabilities fell into each tenth, their sum, and how many of those verdicts were true.
type Tenths = [(u64, f64, u64); 10];

fn tenths(id: &str, tau: f64, findings: u64, draw: Draw) -> Tenths {
    let (metric, stats, rule) = (metric(id), stats(id, tau), rule(tau));
    let of = |seed: u64| {
        let mut tenths = Tenths::default();
        let ((x, y), basis) = draw(&mut ChaCha8Rng::seed_from_u64(seed));
        let found = basis.map(|basis| trace(&stats, 10, &[comparison(metric, seed as usize, basis)]));
        let chances = found.and_then(|found| found[0].probabilities);
        for (verdict, said) in chances.into_iter().flat_map(|chances| each(&chances)) {
            let tenth = &mut tenths[((10.0 * said) as usize).min(9)];
            *tenth = (tenth.0 + 1, tenth.1 + said, tenth.2 + u64::from(verdict == rule.truth(x, y)));
        }
        tenths
    };
    let add =
        |a: Tenths, b: Tenths| std::array::from_fn(|at| (a[at].0 + b[at].0, a[at].1 + b[at].1, a[at].2 + b[at].2));
    (0..findings).into_par_iter().map(of).reduce(Tenths::default, add)
}

fn each(of: &Probabilities) -> [(Verdict, f64); 6] {
    [
        (Absent, of.absent),
        (Inherited, of.inherited),
        (Introduced, of.introduced),
        (Amplified, of.amplified),
        (Attenuated, of.attenuated),
        (Eliminated, of.eliminated),
    ]
}

#[test]
#[ignore = "takes minutes"]
fn probabilities_are_as_often_true_as_they_say() {
    let mut wrong = Vec::new();
    let cases: [(&str, &str, f64, u64, Draw); 4] = [
        ("selection_rate", "", TAU, 20_000, drawn_rate),
        ("mean_score", "", 0.05, 10_000, drawn_mean),
        ("roc_auc", "", 0.03, 10_000, drawn_area),
        ("selection_rate", ", half without a gap", TAU, 20_000, drawn_none),
    ];
    for (id, name, tau, findings, draw) in cases {
        let shares = tenths(id, tau, findings, draw).map(|(n, sum, held)| [sum / n as f64, held as f64 / n as f64]);
        let row = |at: usize| shares.map(|pair| format!("{:.3}", pair[at])).join(" | ");
        println!("| {id}{name}, said | {} |\n| was | {} |", row(0), row(1));
        // Where many gaps are none at all, a verdict that is probable may be true more often than it says.
        let off = |[said, was]: &[f64; 2]| match name {
            "" => (said - was).abs() > MOST_APART,
            _ => *said > 0.5 && said - was > MOST_APART,
        };
        wrong.extend(shares.into_iter().filter(off).map(|pair| (id, pair)));
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
