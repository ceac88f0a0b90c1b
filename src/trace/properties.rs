//! What holds of the rule on any intervals (statistics.md 2.1 and 2.3), of the inherited share on any tables
//! (3.2), and of estimates that are no counts, as tests.

use super::rule::{Rule, Ruling, Six, Tracer};
use super::share::Flow;
use crate::result::{Basis, Verdict};
use crate::stats::{Contrast, Duo, Interval, Limits, Marginal, Quad, Twin};
use proptest::prelude::*;

const RULE: Rule = Rule { tau: 0.05, phi: 1.5, psi: 3.0 };

/// The six cells of the plane by their definitions, each on its own.
fn cells(x: f64, y: f64) -> [(Verdict, bool); 6] {
    let Rule { tau, phi, psi } = RULE;
    let (turn, none) = (y.signum(), x.abs() <= tau && y.abs() <= tau);
    let alike = (y - x).abs() <= tau / 2.0 || x * y > 0.0 && y / x <= phi && x / y <= phi;
    let larger = y.abs() > tau && (y.abs() > x.abs() || x * y <= 0.0);
    let new = turn * x <= tau.max(y.abs() / psi);
    let moved = !none && !alike;
    [
        (Verdict::Absent, none),
        (Verdict::Inherited, !none && alike),
        (Verdict::Introduced, moved && larger && new),
        (Verdict::Amplified, moved && larger && !new),
        (Verdict::Eliminated, moved && !larger && y.abs() <= tau),
        (Verdict::Attenuated, moved && !larger && y.abs() > tau),
    ]
}

/// Rows 1 to 6 of the rule for one sign, each on its own.
fn rows(six: &Six) -> [(Verdict, bool); 6] {
    let s = RULE.statements(six);
    [
        (Verdict::Absent, s.base_none && s.tuned_none),
        (Verdict::Inherited, (s.base_gap || s.tuned_gap) && s.same),
        (Verdict::Introduced, s.tuned_gap && s.grown && s.mostly_new),
        (Verdict::Amplified, s.tuned_gap && s.base_gap && s.grown && s.partly_old),
        (Verdict::Attenuated, s.base_gap && s.tuned_gap && s.shrunk),
        (Verdict::Eliminated, s.base_gap && s.tuned_none && s.shrunk),
    ]
}

fn holding(all: [(Verdict, bool); 6]) -> Vec<Verdict> {
    all.into_iter().filter(|(_, holds)| *holds).map(|(verdict, _)| verdict).collect()
}

/// Gaps, often near one another, near nothing, or near the smallest gap.
fn any_gap() -> impl Strategy<Value = f64> {
    prop_oneof![-0.6_f64..0.6, -0.06_f64..0.06, 0.049_f64..0.051, Just(0.0)]
}

/// How far intervals reach on either side; very little, or much.
fn any_reach() -> impl Strategy<Value = [[f64; 2]; 6]> {
    let reach = || prop_oneof![0.0_f64..0.005, 0.0_f64..0.3];
    let both = move || [reach(), reach()];
    [both(), both(), both(), both(), both(), both()]
}

fn shifted(x: f64, y: f64, reach: [[f64; 2]; 6], shift: [f64; 6]) -> Six {
    Six::of(std::array::from_fn(|index| {
        let Contrast { a, k } = RULE.contrasts()[index];
        let value = a * y - k * x + shift[index];
        Interval { low: value - reach[index][0], high: value + reach[index][1] }
    }))
}

fn six(x: f64, y: f64, reach: [[f64; 2]; 6]) -> Six {
    shifted(x, y, reach, [0.0; 6])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    /// The cells are exhaustive and exclusive, and the same for the gaps turned round.
    #[test]
    fn every_pair_of_gaps_is_in_one_cell(x in any_gap(), y in any_gap()) {
        prop_assert_eq!(holding(cells(x, y)), vec![RULE.truth(x, y)]);
        prop_assert_eq!(RULE.truth(x, y), RULE.truth(-x, -y));
    }

    /// Of any intervals at most one row holds for either sign.
    #[test]
    fn rows_are_exclusive(x in any_gap(), y in any_gap(), reach in any_reach(), shift in prop::array::uniform6(-0.3_f64..0.3)) {
        let six = shifted(x, y, reach, shift);
        for six in [six, six.negated()] {
            let holding = holding(rows(&six));
            prop_assert!(holding.len() <= 1, "{:?}", holding);
        }
    }

    /// Where all six intervals hold the truth, no row of either sign says anything else, and the rule always says
    /// something; the gaps turned round give the same.
    #[test]
    fn intervals_that_hold_the_truth_never_lie(x in any_gap(), y in any_gap(), reach in any_reach()) {
        let six = six(x, y, reach);
        let truth = RULE.truth(x, y);
        for verdict in [holding(rows(&six)), holding(rows(&six.negated()))].concat() {
            prop_assert_eq!(verdict, truth);
        }
        let Ruling { verdict, .. } = RULE.ruling(&six);
        let partial = match verdict {
            Verdict::Worsened => matches!(truth, Verdict::Introduced | Verdict::Amplified),
            Verdict::CarriedOver => x.abs() > RULE.tau && y.abs() > RULE.tau && x * y > 0.0,
            Verdict::Improved => matches!(truth, Verdict::Attenuated | Verdict::Eliminated | Verdict::Introduced),
            Verdict::Present => y.abs() > RULE.tau,
            Verdict::Clear => y.abs() <= RULE.tau,
            Verdict::Unclear => true,
            exact => exact == truth,
        };
        prop_assert!(partial, "{verdict:?} of {x}, {y}");
        prop_assert_eq!(RULE.ruling(&six.negated()), RULE.ruling(&six));
    }
}

/// Rows of a group by base and tuned decision.
type Table = [u64; 4];

fn any_table() -> impl Strategy<Value = Table> {
    [1_u64..500, 1_u64..500, 1_u64..500, 1_u64..500]
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

fn share(slice: Table, reference: Table) -> Option<f64> {
    Flow::of(slice, reference).and_then(|flow| flow.share())
}

/// Rows of either base decision, of which a share `copies` is copied and the others are positive in a share
/// `fresh`; both in tenths, so that rows times a hundred are whole.
fn copied(negatives: u64, positives: u64, copies: u64, fresh: u64) -> Table {
    let one = |rows: u64, base: u64| rows * (copies * 10 * base + (10 - copies) * fresh);
    let (n01, n11) = (one(negatives, 0), one(positives, 1));
    [100 * negatives - n01, n01, 100 * positives - n11, n11]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// 1 and 2: the flows add up, and the share is a share.
    #[test]
    fn flows_add_up_to_the_tuned_gap(s in any_table(), r in any_table()) {
        let flow = Flow::of(s, r).expect("both decisions occur");
        let rate = |[a, b, c, d]: Table| (b + d) as f64 / (a + b + c + d) as f64;
        prop_assert!(near(flow.inherited + flow.introduced, rate(s) - rate(r)));
        prop_assert!(flow.share().is_none_or(|share| (0.0..=1.0).contains(&share)));
    }

    /// 3 and 5: a descendant that is the base has all of it, one that says the opposite nothing.
    #[test]
    fn the_base_itself_and_its_opposite(n in [1_u64..500, 1_u64..500, 1_u64..500, 1_u64..500]) {
        let same = Flow::of([n[0], 0, 0, n[1]], [n[2], 0, 0, n[3]]).expect("both decisions occur");
        prop_assert_eq!((same.transmission, same.introduced), (1.0, 0.0));
        prop_assert!(same.share().is_none_or(|share| share == 1.0));
        let opposite = Flow::of([0, n[0], n[1], 0], [0, n[2], n[3], 0]).expect("both decisions occur");
        prop_assert_eq!(opposite.transmission, -1.0);
        prop_assert!(near(opposite.introduced, 0.0));
        prop_assert!(opposite.share().is_none_or(|share| share == 0.0));
    }

    /// 4: independent inside the groups, nothing is inherited, however equal the gaps are.
    #[test]
    fn what_is_independent_is_not_inherited(a in [1_u64..50, 1_u64..50], b in [1_u64..50, 1_u64..50], same: bool) {
        let table = |[b0, b1]: [u64; 2], [t0, t1]: [u64; 2]| [b0 * t0, b0 * t1, b1 * t0, b1 * t1];
        let (s, r) = if same { (table(a, a), table(b, b)) } else { (table(a, b), table(b, a)) };
        let flow = Flow::of(s, r).expect("both decisions occur");
        prop_assert!(near(flow.transmission, 0.0) && near(flow.inherited, 0.0));
        prop_assert!(flow.share().is_none_or(|share| share < 1e-6 || flow.introduced.abs() < 1e-6));
    }

    /// 6: of a base without a gap nothing is inherited.
    #[test]
    fn a_fair_base_gives_nothing(n in 1_u64..300, p in 1_u64..300, cut in prop::array::uniform4(0.0_f64..1.0)) {
        let part = |rows: u64, cut: f64| (rows as f64 * cut) as u64;
        let table = |at: usize| {
            let (n01, n11) = (part(n, cut[at]), part(p, cut[at + 1]));
            [n - n01, n01, p - n11, n11]
        };
        let flow = Flow::of(table(0), table(2)).expect("both decisions occur");
        prop_assert_eq!(flow.inherited, 0.0);
        prop_assert!(flow.share().is_none_or(|share| share == 0.0));
    }

    /// 7: of a model that copies a share of the decisions and draws the others, the flows are the recipe.
    #[test]
    fn a_copy_is_taken_apart_again(
        n in [1_u64..60, 1_u64..60, 1_u64..60, 1_u64..60], copies in 0_u64..=10, fresh in [0_u64..=10, 0_u64..=10],
    ) {
        let flow = Flow::of(copied(n[0], n[1], copies, fresh[0]), copied(n[2], n[3], copies, fresh[1]));
        let flow = flow.expect("both decisions occur");
        let (copied, rate) = (copies as f64 / 10.0, |a: u64, b: u64| b as f64 / (a + b) as f64);
        prop_assert!(near(flow.transmission, copied));
        prop_assert!(near(flow.inherited, copied * (rate(n[0], n[1]) - rate(n[2], n[3]))));
        prop_assert!(near(flow.introduced, (1.0 - copied) * (fresh[0] as f64 - fresh[1] as f64) / 10.0));
    }

    /// 8: where two flows cancel, half is inherited.
    #[test]
    fn what_cancels_is_half_inherited(t in 2_u64..200, f in 2_u64..200, cut in prop::array::uniform4(0.0_f64..1.0)) {
        let table = |at: usize| {
            let (n11, n00) = ((t as f64 * cut[at]) as u64, (f as f64 * cut[at + 1]) as u64);
            [n00, t - n11, f - n00, n11]
        };
        if let Some(flow) = Flow::of(table(0), table(2)).filter(|flow| flow.transmission > 0.0) {
            prop_assert!(flow.share().is_none_or(|share| near(share, 0.5)));
        }
    }

    /// 9: slice and reference, and the two decisions, can change places.
    #[test]
    fn names_do_not_matter(s in any_table(), r in any_table()) {
        let turned = |[a, b, c, d]: Table| [d, c, b, a];
        let (one, groups, decisions) = (share(s, r), share(r, s), share(turned(s), turned(r)));
        prop_assume!(Flow::of(s, r).is_some_and(|flow| flow.transmission.abs() > 1e-9));
        prop_assert!(one.zip(groups).is_none_or(|(a, b)| near(a, b)), "{one:?} {groups:?}");
        prop_assert!(one.zip(decisions).is_none_or(|(a, b)| near(a, b)), "{one:?} {decisions:?}");
    }

    /// 10: a small step of the flows is a small step of the share, 1 / (|I| + |U|) at most.
    #[test]
    fn the_share_is_continuous(s in any_table(), r in any_table(), at in 0_usize..4) {
        let mut moved = s;
        moved[at] += 1;
        let both = Flow::of(s, r).zip(Flow::of(moved, r));
        let Some((one, other)) = both.filter(|(a, b)| a.transmission > 0.0 && b.transmission > 0.0) else {
            return Ok(());
        };
        let step = (one.inherited - other.inherited).abs() + (one.introduced - other.introduced).abs();
        let total = |flow: &Flow| flow.inherited.abs() + flow.introduced.abs();
        if let Some((a, b)) = one.share().zip(other.share()) {
            prop_assert!((a - b).abs() <= step / total(&one).min(total(&other)) + 1e-12);
        }
    }
}

/// The limits of estimates of one kind, of rows or of units.
#[derive(Debug, Clone, Copy)]
struct Kind {
    limits: usize,
    rows: u64,
    freedom: Option<f64>,
}

impl Kind {
    /// An estimate as uncertain as a mean over these rows of numbers between 0 and 1 is.
    fn of(self, value: f64) -> Marginal {
        let Kind { limits, rows, freedom } = self;
        let error = (value * (1.0 - value) / rows as f64).sqrt();
        let limits = match limits {
            0 => Limits::Wilson { effective: rows as f64 },
            1 => Limits::Student { error, freedom: freedom.unwrap_or(99.0) },
            2 => Limits::Logit { error },
            _ => Limits::Normal { error },
        };
        Marginal { value, rows, limits, freedom: freedom.filter(|_| self.limits != 1) }
    }
}

fn any_kind() -> impl Strategy<Value = Kind> {
    let freedom = prop_oneof![Just(None), (5_u64..40).prop_map(|freedom| Some(freedom as f64))];
    (0_usize..4, 30_u64..2000, freedom).prop_map(|(limits, rows, freedom)| Kind { limits, rows, freedom })
}

/// Both are of one kind and of the same rows, as those of one metric are.
fn any_duo() -> impl Strategy<Value = Duo> {
    (any_kind(), 0.02_f64..0.98, -0.5_f64..0.2, -0.9_f64..0.99).prop_map(|(kind, base, by, correlation)| Duo {
        base: kind.of(base),
        tuned: kind.of((base + by).clamp(0.02, 0.98)),
        correlation,
    })
}

fn quad(slice: Duo, reference: Duo) -> Quad {
    Basis::new(Twin::Estimates(slice), Twin::Estimates(reference)).quad().expect("both groups have rows")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Laws of section 1 where metrics are no counts: swapping the models turns the change round, swapping the groups
    /// keeps the verdict, the same model never changes, and intervals nest about their points.
    #[test]
    fn estimates_keep_the_laws_of_counts(s in any_duo(), r in any_duo(), z in 0.1_f64..4.0) {
        let swap = |duo: Duo| Duo { base: duo.tuned, tuned: duo.base, ..duo };
        let (one, other) = (quad(s, r), quad(swap(s), swap(r)));
        let (a, b) = (one.interval(Contrast::CHANGE, z), other.interval(Contrast::CHANGE, z));
        prop_assert!(near(a.low, -b.high) && near(a.high, -b.low), "{a:?} {b:?}");
        prop_assert_eq!(Tracer::new(RULE, one).at(z), Tracer::new(RULE, quad(r, s)).at(z));
        // Between the points of the grid an interval may be a little wider than one of a larger z.
        let of_grid = |z: f64| one.interval(Contrast::CHANGE, (8.0 * z).floor() / 8.0);
        let (narrow, wide, value) = (of_grid(z), of_grid(z + 0.5), one.value(Contrast::CHANGE));
        prop_assert!(wide.low <= narrow.low && narrow.low <= value && value <= narrow.high && narrow.high <= wide.high);
        let same = |duo: Duo| Duo { base: duo.base, tuned: duo.base, correlation: 1.0 };
        let same = quad(same(s), same(r));
        prop_assert_eq!(same.value(Contrast::CHANGE), 0.0);
        use Verdict::*;
        let verdict = Tracer::new(RULE, same).at(z).verdict;
        prop_assert!(!matches!(verdict, Introduced | Amplified | Attenuated | Eliminated | Worsened | Improved));
    }
}
