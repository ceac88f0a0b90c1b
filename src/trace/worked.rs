//! The worked examples and tables of statistics.md 2.3, 3.2 and 3.3, as tests.

use super::probability::{likeliest, probabilities};
use super::rule::{Rule, Tracer};
use super::share::{Flow, tables};
use super::trace;
use crate::config::{Multiplicity, Stats};
use crate::measure::Comparison;
use crate::result::{Adjusted, Basis, Finding, Verdict};
use crate::stats::{Contrast, Draws, Paired, Quad, Twin, quantile_of};
use proptest::prelude::*;

const RULE: Rule = Rule { tau: 0.05, phi: 1.5, psi: 3.0 };
const TOLERANCE: f64 = 1e-6;

fn basis(slice: [[u64; 2]; 2], reference: [[u64; 2]; 2]) -> Basis {
    let paired = |both| Twin::from(Paired { both, ..Paired::default() });
    Basis::new(paired(slice), paired(reference))
}

fn flow(basis: &Basis) -> Option<Flow> {
    tables(basis).and_then(|[slice, reference]| Flow::of(slice, reference))
}

fn quad(basis: &Basis) -> Quad {
    basis.quad().expect("both groups have rows")
}

fn inherited() -> Basis {
    basis([[300, 30], [20, 150]], [[3600, 200], [150, 1050]])
}

fn introduced() -> Basis {
    basis([[355, 80], [15, 50]], [[4300, 100], [80, 520]])
}

fn absent() -> Basis {
    basis([[400, 20], [60, 20]], [[4400, 100], [120, 380]])
}

fn check(quad: &Quad, a: f64, k: f64, low: f64, high: f64) {
    let interval = quad.interval(Contrast { a, k }, quantile_of(0.95));
    assert!((interval.low - low).abs() < TOLERANCE, "low of ({a}, {k}): {}", interval.low);
    assert!((interval.high - high).abs() < TOLERANCE, "high of ({a}, {k}): {}", interval.high);
}

#[test]
fn the_inherited_example() {
    let (basis, quad) = (inherited(), quad(&inherited()));
    assert!((quad.slice.correlation - 0.776_673).abs() < TOLERANCE);
    assert!((quad.reference.correlation - 0.810_566).abs() < TOLERANCE);
    check(&quad, 0.0, -1.0, 0.058_074, 0.144_161);
    check(&quad, 1.0, 0.0, 0.067_361, 0.154_585);
    check(&quad, 1.0, 1.0, -0.018_888, 0.038_864);
    check(&quad, 1.0, 1.5, -0.082_491, -0.000_325);
    check(&quad, 1.5, 1.0, 0.024_500, 0.108_147);
    let mut tracer = Tracer::new(RULE, quad);
    assert_eq!(tracer.at(quantile_of(0.95)).verdict, Verdict::Inherited);
    assert!((tracer.p_value() - 0.0481).abs() < 5e-5);
    let flow = flow(&basis).expect("both decisions occur");
    assert!((flow.transmission - 0.806_906).abs() < TOLERANCE);
    assert!((flow.inherited - 0.080_691).abs() < TOLERANCE);
    assert!((flow.introduced - 0.029_309).abs() < TOLERANCE);
    assert!((flow.share().expect("there is a flow") - 0.7336).abs() < 5e-5);
}

#[test]
fn the_introduced_example() {
    let (basis, quad) = (introduced(), quad(&introduced()));
    check(&quad, 0.0, -1.0, -0.018_254, 0.043_476);
    check(&quad, 1.0, 0.0, 0.098_289, 0.177_137);
    check(&quad, 1.0, 1.0, 0.089_082, 0.163_500);
    check(&quad, 1.0, 1.5, 0.074_376, 0.164_151);
    check(&quad, 1.0, 3.0, 0.016_734, 0.180_993);
    let mut tracer = Tracer::new(RULE, quad);
    assert_eq!(tracer.at(quantile_of(0.95)).verdict, Verdict::Introduced);
    assert!((tracer.p_value() - 0.0209).abs() < 5e-5);
    let flow = flow(&basis).expect("both decisions occur");
    assert!((flow.share().expect("there is a flow") - 0.0525).abs() < 5e-5);
}

#[test]
fn the_partial_example() {
    let quad = quad(&absent());
    check(&quad, 0.0, -1.0, 0.029_242, 0.095_621);
    check(&quad, 1.0, 0.0, -0.038_371, 0.012_222);
    assert_eq!(Tracer::new(RULE, quad).at(quantile_of(0.95)).verdict, Verdict::Clear);
}

#[test]
fn the_share_table() {
    // Slice and reference of 10,000 rows with base rates .35 and .20: a copy with probability π,
    // else a fresh draw with the group's own rate (statistics.md 3.2).
    let table = |rate: f64, copy: f64, fresh: f64| {
        let n = 1e6;
        let cell = |b: f64, t: f64| {
            let follow = if b == t { copy } else { 0.0 };
            let drawn = if t == 1.0 { fresh } else { 1.0 - fresh };
            let mass = if b == 1.0 { rate } else { 1.0 - rate };
            (n * mass * (follow + (1.0 - copy) * drawn)).round() as u64
        };
        [cell(0.0, 0.0), cell(0.0, 1.0), cell(1.0, 0.0), cell(1.0, 1.0)]
    };
    let expect = |s: [u64; 4], r: [u64; 4], transmission: f64, share: f64| {
        let flow = Flow::of(s, r).expect("both decisions occur");
        assert!((flow.transmission - transmission).abs() < 1e-3, "{flow:?}");
        assert!((flow.share().unwrap_or(-1.0) - share).abs() < 1e-3, "{flow:?}");
    };
    expect(table(0.35, 1.0, 0.5), table(0.20, 1.0, 0.5), 1.0, 1.0);
    expect(table(0.35, 0.0, 0.35), table(0.20, 0.0, 0.20), 0.0, 0.0);
    expect(table(0.35, 0.6, 0.3), table(0.20, 0.6, 0.3), 0.6, 1.0);
    expect(table(0.35, 0.6, 0.4), table(0.20, 0.6, 0.3), 0.6, 0.09 / 0.13);
    let [a, b, c, d] = table(0.35, 1.0, 0.5);
    let [e, f, g, h] = table(0.20, 1.0, 0.5);
    expect([b, a, d, c], [f, e, h, g], -1.0, 0.0);
}

#[test]
fn the_truth_cells() {
    let truth = |x: f64, y: f64| RULE.truth(x, y);
    assert_eq!(truth(0.0, 0.0), Verdict::Absent);
    assert_eq!(truth(0.2, 0.2), Verdict::Inherited);
    assert_eq!(truth(0.06, 0.04), Verdict::Inherited);
    assert_eq!(truth(0.0, 0.2), Verdict::Introduced);
    assert_eq!(truth(-0.1, 0.2), Verdict::Introduced);
    assert_eq!(truth(0.1, 0.2), Verdict::Amplified);
    assert_eq!(truth(0.2, 0.1), Verdict::Attenuated);
    assert_eq!(truth(0.15, 0.0), Verdict::Eliminated);
    assert_eq!(truth(-0.15, -0.3), Verdict::Amplified);
}

#[test]
fn probabilities_sum_to_one_and_favor_the_candidate() {
    let found = probabilities(&RULE, &inherited(), &mut Draws::new(1, "test"));
    let sum = found.absent + found.inherited + found.introduced + found.amplified + found.attenuated + found.eliminated;
    assert!((sum - 1.0).abs() < 1e-12);
    assert!(found.inherited > 0.8, "{found:?}");
}

fn any_table() -> impl Strategy<Value = [[u64; 2]; 2]> {
    let cell = prop_oneof![0_u64..5, 0_u64..60, 0_u64..2000];
    [[cell.clone(), cell.clone()], [cell.clone(), cell]].prop_filter("rows", |t| t.iter().flatten().sum::<u64>() > 0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Law: the same model on both sides has a change of exactly 0, and never a change verdict.
    #[test]
    fn the_same_model_never_changes(n in [0_u64..500, 0..500, 0..500, 0..500]) {
        let basis = basis([[n[0], 0], [0, n[1]]], [[n[2], 0], [0, n[3]]]);
        prop_assume!(n[0] + n[1] > 0 && n[2] + n[3] > 0);
        let quad = quad(&basis);
        prop_assert_eq!(quad.value(Contrast::CHANGE), 0.0);
        let verdict = Tracer::new(RULE, quad).at(1.96).verdict;
        use Verdict::*;
        prop_assert!(!matches!(verdict, Introduced | Amplified | Attenuated | Eliminated | Worsened | Improved));
    }

    /// Law: swapping base and tuned negates the change and its interval, to the bit.
    #[test]
    fn swapping_the_models_negates_the_change(s in any_table(), r in any_table(), z in 0.1_f64..4.0) {
        let basis = basis(s, r);
        let swapped = Basis::new(basis.slice.swapped(), basis.reference.swapped());
        let (one, other) = (quad(&basis), quad(&swapped));
        prop_assert_eq!(one.value(Contrast::CHANGE), -other.value(Contrast::CHANGE));
        let (a, b) = (one.interval(Contrast::CHANGE, z), other.interval(Contrast::CHANGE, z));
        prop_assert_eq!((a.low, a.high), (-b.high, -b.low));
    }

    /// Swapping slice and reference negates every gap and keeps every verdict.
    #[test]
    fn swapping_the_groups_keeps_the_verdict(s in any_table(), r in any_table(), z in 0.1_f64..4.0) {
        let (one, other) = (quad(&basis(s, r)), quad(&basis(r, s)));
        prop_assert_eq!(Tracer::new(RULE, one).at(z), Tracer::new(RULE, other).at(z));
    }

    /// Intervals nest, and the p-value is the smallest level at which an exact verdict fires.
    #[test]
    fn verdicts_are_monotone_in_the_level(s in any_table(), r in any_table()) {
        let mut tracer = Tracer::new(RULE, quad(&basis(s, r)));
        let fires: Vec<bool> = (1..60).map(|i| tracer.at(f64::from(i) * 0.1).verdict.is_exact()).collect();
        prop_assert!(fires.windows(2).all(|pair| pair[0] || !pair[1]), "{fires:?}");
        let p = tracer.p_value();
        let fires_at = |level: f64, tracer: &mut Tracer| tracer.at(quantile_of(1.0 - level)).verdict.is_exact();
        if p > 1e-6 && p < 0.999 {
            prop_assert!(fires_at((p * 1.01).min(1.0), &mut tracer));
            prop_assert!(!fires_at(p * 0.99, &mut tracer));
        }
    }

    /// At most one of the exact rows holds, whatever the tables (statistics.md 2.3).
    #[test]
    fn an_exact_verdict_is_the_truth_cell_of_the_point(s in any_table(), r in any_table(), z in 0.5_f64..4.0) {
        let quad = quad(&basis(s, r));
        let (x, y) = quad.gaps();
        let verdict = Tracer::new(RULE, quad).at(z).verdict;
        if verdict.is_exact() {
            prop_assert_eq!(verdict, RULE.truth(x, y));
        }
    }

    /// The flows add up to the tuned gap, and the share stays in [0, 1].
    #[test]
    fn flows_add_up(s in any_table(), r in any_table()) {
        let basis = basis(s, r);
        if let Some(flow) = flow(&basis) {
            let (_, gap) = quad(&basis).gaps();
            prop_assert!((flow.inherited + flow.introduced - gap).abs() < 1e-12);
            prop_assert!(flow.share().is_none_or(|share| (0.0..=1.0).contains(&share)));
        }
    }
}

fn traced(multiplicity: Multiplicity) -> Vec<Finding> {
    let metric = crate::metrics::find("selection_rate").expect("it is a metric");
    let comparison = |(place, basis)| Comparison {
        class: None,
        metric,
        slice: format!("group={place}"),
        reference: "rest".into(),
        mirror: None,
        basis,
        rows: basis.rows(),
        strata: Vec::new(),
        paths: None,
        halves: None,
        labels: None,
    };
    let stats = Stats {
        classes: Vec::new(),
        control: Vec::new(),
        sweep: false,
        top_k: 2,
        confidence: 0.95,
        smallest_gap: 0.05,
        smallest_gaps: Default::default(),
        same_size: 1.5,
        mostly_new: 3.0,
        multiplicity,
        metrics: vec![metric.id.into()],
        seed: 1,
    };
    let comparisons: Vec<Comparison> =
        [inherited(), introduced(), absent()].into_iter().enumerate().map(comparison).collect();
    trace(&stats, 30, &comparisons)
}

/// A gap of 11 points in both is one from 2.5 points too, and from 10 points nothing can be said.
#[test]
fn verdicts_stand_beside_those_of_other_smallest_gaps() {
    let found = &traced(Multiplicity::None)[0];
    assert_eq!((found.verdict, found.at_half), (Verdict::Inherited, Some(Verdict::Inherited)));
    assert_eq!(found.at_double, Some(Verdict::Unclear));
}

/// Two of three are flagged, so their intervals are at 1 − 2 · 0.05 / 3, not at 0.95.
#[test]
fn flagged_findings_have_wider_intervals() {
    let found = traced(Multiplicity::None);
    assert!(found[0].flagged && found[1].flagged && !found[2].flagged && found[2].adjusted.is_none());
    let expected = quad(&inherited()).interval(Contrast::TUNED, quantile_of(1.0 - 0.05 * 2.0 / 3.0));
    assert_eq!(found[0].adjusted, Some(Adjusted { low: expected.low, high: expected.high }));
}

/// The introduced gap is named by its probability; the mean error of all that is confirmed is small.
#[test]
fn probabilities_confirm_the_surest_verdicts() {
    let found = traced(Multiplicity::Bayes);
    let confirmed: Vec<&Finding> = found.iter().filter(|finding| finding.confirmed).collect();
    let chance = |finding: &Finding| finding.probabilities.as_ref().map(likeliest).expect("it was drawn");
    assert!(confirmed.iter().any(|finding| finding.verdict == Verdict::Introduced));
    assert!(confirmed.iter().all(|finding| finding.verdict == chance(finding).0));
    let error: f64 = confirmed.iter().map(|finding| 1.0 - chance(finding).1).sum();
    assert!(error / confirmed.len() as f64 <= 0.05);
}
