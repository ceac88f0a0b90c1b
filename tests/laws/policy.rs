//! Nothing undecided ever reads as met, held against random tables.

use crate::common::{audited, finding};
use crate::small::{PLAIN, Rows, Small};
use heirloom::config::{Ask, Check, Judge, Limit, Of, On, Policy, Undecided};
use heirloom::measure::Comparison;
use heirloom::policy::judge;
use heirloom::result::{At, AuditResult, Basis, CheckOutcome, Finding, Outcome, Paired, Severity, Twin, Verdict};
use heirloom::stats::{Contrast, Interval, quantile_of};
use heirloom::trace::{Rule, trace};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const TABLES: u32 = 400;
const EXACT: [Verdict; 6] = [
    Verdict::Inherited,
    Verdict::Amplified,
    Verdict::Attenuated,
    Verdict::Introduced,
    Verdict::Eliminated,
    Verdict::Absent,
];

/// Gaps of all sizes and signs, in groups from 30 rows to some thousands.
fn table(random: &mut ChaCha8Rng) -> Twin {
    let rows = 10_f64.powf(random.random_range(1.6..3.6));
    let base = random.random_range(0.05..0.7);
    let [stays, turns] = [random.random_range(0.2..1.0), random.random_range(0.0..0.4)];
    let cell = |share: f64| (rows * share).round() as u64;
    let both = [
        [cell((1.0 - base) * (1.0 - turns)), cell((1.0 - base) * turns)],
        [cell(base * (1.0 - stays)), cell(base * stays)],
    ];
    Paired { both, ..Paired::default() }.into()
}

/// A result whose findings are of random tables, each a slice of its own.
fn random_result() -> (AuditResult, Rule) {
    let small = Small::new(&PLAIN, "");
    let mut result = audited(&small.audit(), &[]);
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let metric = heirloom::metrics::find("selection_rate").expect("a metric");
    let bases = (0..TABLES).map(|_| Basis::new(table(&mut random), table(&mut random)));
    let comparison = |(i, basis): (usize, Basis)| Comparison {
        class: None,
        metric,
        slice: format!("group={i}"),
        reference: "rest".into(),
        mirror: None,
        basis,
        rows: basis.rows(),
        strata: Vec::new(),
        paths: None,
        halves: None,
        labels: None,
    };
    let comparisons: Vec<Comparison> = bases.enumerate().map(comparison).collect();
    let loaded = heirloom::config::load(&small.audit(), &[]).expect("it was written to be right");
    result.findings = trace(&loaded.audit.stats, 30, &comparisons);
    (result, Rule::of(&loaded.audit.stats, "selection_rate"))
}

fn check(id: String, ask: Ask, slices: Vec<String>) -> Check {
    Check {
        id,
        ask,
        slices,
        class: None,
        notes: Default::default(),
        severity: Severity::Error,
        at: At { file: "test".into(), line: 1, column: 1 },
    }
}

fn judged(result: &AuditResult, checks: Vec<Check>) -> Vec<CheckOutcome> {
    let policy = Policy { undecided: Undecided::Warn, checks, waivers: Vec::new(), accepted: Vec::new() };
    judge(&policy, &[], result).expect("every check matches").checks
}

/// Whether some pair of gaps that all six intervals allow is of this kind.
fn possible(finding: &Finding, rule: &Rule, kind: Verdict) -> bool {
    let basis = finding.basis.expect("nothing is hidden");
    let quad = basis.quad().expect("both groups have rows");
    let z = quantile_of(0.95);
    let spans = rule.contrasts().map(|contrast| (contrast, quad.interval(contrast, z)));
    let allowed = |x: f64, y: f64| spans.iter().all(|(c, span)| within(c.a * y - c.k * x, span));
    let (base, tuned) = (spans[0].1, spans[1].1);
    grid(base).any(|x| grid(tuned).any(|y| allowed(x, y) && rule.truth(x, y) == kind))
}

fn within(value: f64, span: &Interval) -> bool {
    value > span.low && value < span.high
}

fn grid(span: Interval) -> impl Iterator<Item = f64> {
    (1..60).map(move |step| span.low + (span.high - span.low) * f64::from(step) / 60.0)
}

#[test]
fn a_verdict_check_is_met_only_where_the_kind_is_ruled_out() {
    let (result, rule) = random_result();
    let mut met = 0;
    for kind in EXACT {
        let outcomes =
            judged(&result, vec![check("none".into(), Ask::Verdicts { metric: None, verdicts: vec![kind] }, vec![])]);
        for (outcome, finding) in
            outcomes.iter().zip(&result.findings).filter(|(outcome, _)| outcome.outcome == Outcome::Met)
        {
            met += 1;
            assert!(!possible(finding, &rule, kind), "{kind:?} is possible, and {outcome:?} for {finding:?}");
        }
    }
    assert!(met > 100, "only {met} were met");
}

#[test]
fn a_gap_that_may_have_turned_round_is_not_ruled_out_as_introduced() {
    let rows: Vec<Rows> = vec![
        (9, "a", "1", 1, 1),
        (27, "a", "1", 1, 0),
        (24, "a", "1", 0, 0),
        (120, "b", "1", 1, 1),
        (480, "b", "1", 0, 0),
    ];
    let check = "[[check]]\nid = \"not-new\"\nmetric = \"selection_rate\"\nverdicts = [\"introduced\"]\n";
    let small = Small::new(&rows, check);
    let result = audited(&small.audit(), &[]);
    let found = finding(&result, "selection_rate/group=a");
    assert_eq!(found.verdict, Verdict::Improved);
    assert!(found.tuned.is_some_and(|gap| gap.low < -0.05), "{:?}", found.tuned);
    assert_eq!(result.checks[0].outcome, Outcome::Undecided);
}

/// Of one slice alone Holm corrects nothing: the outcome is what the printed interval says.
#[test]
fn a_limit_check_says_what_its_interval_says() {
    let (result, _) = random_result();
    let limits = [
        (Of::Gap, On::Tuned, Limit::MaxAbs(0.1)),
        (Of::Gap, On::Change, Limit::MaxGrowth(0.05)),
        (Of::Gap, On::Change, Limit::MaxDrop(0.05)),
        (Of::Gap, On::Base, Limit::Min(-0.1)),
        (Of::Ratio, On::Tuned, Limit::Min(0.8)),
        (Of::Ratio, On::Change, Limit::Max(1.25)),
    ];
    for (of, on, limit) in limits {
        let ask = || Ask::Limit { metric: "selection_rate".into(), of, on, limit, judge: Judge::Interval };
        let checks =
            result.findings.iter().enumerate().map(|(i, f)| check(format!("c{i}"), ask(), vec![f.slice.clone()]));
        for outcome in judged(&result, checks.collect()) {
            assert_eq!(outcome.outcome, expected(&outcome, limit), "{outcome:?}");
        }
    }
}

fn expected(outcome: &CheckOutcome, limit: Limit) -> Outcome {
    let Some(span) = outcome.interval() else { return outcome.outcome };
    let (low, high) = (span.low.unwrap_or(f64::NEG_INFINITY), span.high.unwrap_or(f64::INFINITY));
    let (least, most) = match limit {
        Limit::Min(x) => (x, f64::INFINITY),
        Limit::Max(x) | Limit::MaxGrowth(x) | Limit::MaxRise(x) => (f64::NEG_INFINITY, x),
        Limit::MaxAbs(x) => (-x, x),
        Limit::MaxDrop(x) => (-x, f64::INFINITY),
    };
    if low >= least && high <= most {
        Outcome::Met
    } else if high < least || low > most {
        Outcome::Failed
    } else {
        Outcome::Undecided
    }
}

/// Over many slices Holm's correction only takes away: what is settled, is settled alone too.
#[test]
fn many_slices_settle_no_more_than_each_alone() {
    let (result, _) = random_result();
    let limit = Limit::MaxAbs(0.1);
    let ask = Ask::Limit { metric: "selection_rate".into(), of: Of::Gap, on: On::Tuned, limit, judge: Judge::Interval };
    let outcomes = judged(&result, vec![check("all".into(), ask, vec![])]);
    let alone = |outcome: &&CheckOutcome| expected(outcome, limit) != Outcome::Undecided;
    let settled = |outcome: &&CheckOutcome| outcome.outcome != Outcome::Undecided;
    assert!(outcomes.iter().filter(settled).all(|outcome| outcome.outcome == expected(outcome, limit)));
    let (together, apart) = (outcomes.iter().filter(settled).count(), outcomes.iter().filter(alone).count());
    assert!(0 < together && together < apart, "{together} of {apart}");
}

/// Two groups are compared once; a check of the other one reads the same numbers turned round.
#[test]
fn the_other_of_two_groups_is_judged_by_the_same_finding() {
    let ask = |slice: &str| {
        format!("[[check]]\nid = \"{slice}\"\nmetric = \"selection_rate\"\nmax = 0.5\nslices = [\"group={slice}\"]\n")
    };
    let small = Small::new(&PLAIN, &format!("{}{}", ask("a"), ask("b")));
    let result = audited(&small.audit(), &[]);
    let found = finding(&result, "selection_rate/group=a");
    assert_eq!(found.mirror.as_deref(), Some("group=b"));
    let [a, b] = [&result.checks[0], &result.checks[1]];
    assert_eq!((a.slice.as_str(), b.slice.as_str()), ("group=a", "group=b"));
    assert_eq!(a.value, found.tuned.map(|gap| gap.value));
    assert_eq!(b.value, a.value.map(|value| -value));
    let ends = |outcome: &CheckOutcome| outcome.interval().map(|span| (span.low, span.high));
    assert_eq!(ends(b), a.interval().map(|span| (span.high.map(|x| -x), span.low.map(|x| -x))));
}

/// The interval of a contrast contains its point and those of less confidence.
#[test]
fn printed_intervals_contain_their_points() {
    let (result, _) = random_result();
    for finding in &result.findings {
        for gap in [finding.base, finding.tuned, finding.change].into_iter().flatten() {
            assert!(gap.low <= gap.value && gap.value <= gap.high, "{finding:?}");
        }
        let basis = finding.basis.expect("nothing is hidden");
        let quad = basis.quad().expect("both groups have rows");
        let ends = [0.5, 0.8, 0.9, 0.95, 0.99].map(|c| quad.interval(Contrast::CHANGE, quantile_of(c)));
        assert!(ends.windows(2).all(|pair| pair[1].low <= pair[0].low && pair[1].high >= pair[0].high));
    }
}
