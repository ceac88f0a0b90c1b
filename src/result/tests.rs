//! The format keeps what it is given, its schema is committed, and old files still read.

use super::{
    AcceptedNote, Asked, AuditResult, CheckOutcome, Estimate, GapEstimate, Gate, GroupLeak, Judge, Leakage, Limit, Of,
    On, Outcome, Reason, Representations, Similarity, Subject, Value, Verdict, read, redact, schema,
};
use proptest::option;
use proptest::prelude::*;

const OLD: &str = include_str!("../../fixtures/results/v1.0.json");

fn old() -> AuditResult {
    read(OLD).expect("a result of the first version reads")
}

fn number() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO
}

prop_compose! {
    fn estimate()(
        known in option::of((number(), option::of(number()), option::of(number()), any::<u64>())),
        undefined in prop::sample::select(vec![Reason::Hidden, Reason::NoLabels, Reason::ZeroDenominator]),
    ) -> Estimate {
        match known {
            Some((value, low, high, support)) => Estimate::Known { value, low, high, support },
            None => Estimate::Undefined { undefined },
        }
    }
}

fn asked() -> impl Strategy<Value = Asked> {
    let limits: Vec<fn(f64) -> Limit> =
        vec![Limit::Min, Limit::Max, Limit::MaxAbs, Limit::MaxGrowth, Limit::MaxDrop, Limit::MaxRise];
    let of = prop::sample::select(vec![Of::Value, Of::Gap, Of::Ratio, Of::Spread]);
    let on = prop::sample::select(vec![On::Base, On::Tuned, On::Change]);
    let judge = prop::sample::select(vec![Judge::Estimate, Judge::Interval, Judge::Probability]);
    let limit = (of, on, prop::sample::select(limits), number(), judge);
    let verdict = prop::sample::select(vec![Verdict::Introduced, Verdict::CarriedOver, Verdict::TooSmall]);
    prop_oneof![
        limit.prop_map(|(of, on, limit, x, judge)| Asked::Limit { of, on, limit: limit(x), judge }),
        prop::collection::vec(verdict, 0..3).prop_map(|verdicts| Asked::Verdicts { verdicts }),
    ]
}

prop_compose! {
    fn outcome()(
        asked in asked(),
        numbers in [option::of(number()), option::of(number()), option::of(number()), option::of(number())],
        rows in [option::of(any::<u64>()), option::of(any::<u64>())],
        outcome in prop::sample::select(vec![Outcome::Met, Outcome::Undecided, Outcome::TooSmall]),
        slice in ".*",
        hidden in any::<bool>(),
    ) -> CheckOutcome {
        let [value, low, high, probability] = numbers;
        let [support, needed] = rows;
        CheckOutcome { asked, value, low, high, probability, support, needed, outcome, slice, hidden, ..old().checks[0].clone() }
    }
}

prop_compose! {
    fn gap()(value in number(), low in number(), high in number(), slice in number(), reference in number()) -> GapEstimate {
        GapEstimate { value, low, high, slice, reference }
    }
}

prop_compose! {
    fn result()(
        estimates in prop::collection::vec(estimate(), 0..8),
        checks in prop::collection::vec(outcome(), 0..4),
        gaps in [option::of(gap()), option::of(gap()), option::of(gap()), option::of(gap())],
        counts in any::<[u32; 6]>(),
        unknown in option::of(any::<u64>()),
    ) -> AuditResult {
        let mut result = old();
        let value = |estimate| Value { metric: "m".into(), class: None, slice: "s".into(), model: Subject::Tuned, estimate, basis: None };
        result.aggregates.truncate(estimates.len());
        result.aggregates.iter_mut().zip(&estimates).for_each(|(one, estimate)| one.estimate = *estimate);
        result.values = estimates.into_iter().map(value).collect();
        result.findings.truncate(1);
        let finding = &mut result.findings[0];
        [finding.base, finding.tuned, finding.change, finding.labels] = gaps;
        let [met, failed, undecided, waived, too_small, missing] = counts;
        result.gate = Gate { met, failed, undecided, waived, too_small, missing, ..result.gate };
        result.data.attributes[0].unknown = unknown;
        AuditResult { checks, ..result }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_written_reads_back(result in result()) {
        let json = serde_json::to_string(&result).expect("a result can be written");
        prop_assert_eq!(read(&json).expect("and read"), result);
    }
}

#[test]
fn a_number_and_its_interval_stand_side_by_side() {
    let json = serde_json::to_value(Estimate::known(0.5, 0.25, 0.75, 8)).expect("it can be written");
    assert_eq!(json, serde_json::json!({ "value": 0.5, "low": 0.25, "high": 0.75, "support": 8 }));
    let alone: Estimate = serde_json::from_str(r#"{"value":0.5,"support":8}"#).expect("it reads");
    assert_eq!((alone.value(), alone.interval()), (Some(0.5), None));
}

#[test]
fn the_oldest_file_reads_and_is_written_the_same() {
    let text = serde_json::to_string_pretty(&old()).expect("it can be written") + "\n";
    assert!(text == OLD, "fixtures/results/v1.0.json is not what this version writes: was the format changed?");
}

#[test]
fn the_committed_schema_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/result.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/schema")).expect("the folder can be made");
        std::fs::write(path, schema()).expect("the schema can be written");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == schema(), "schema/result.json is stale: the format changed; UPDATE=1 writes it anew");
}

/// What an accepted failure was is hidden with what it is.
#[test]
fn a_hidden_outcome_hides_what_was_accepted_before() {
    let mut result = old();
    let check = &mut result.checks[0];
    let slice = check.slice.clone();
    check.accepted = Some(AcceptedNote {
        on: "2026-10-05T08:00:00Z".into(),
        reason: Some("known".into()),
        value: Some(0.5),
        low: Some(0.4),
        high: Some(0.6),
        verdict: None,
    });
    let groups = result.data.attributes.iter_mut().flat_map(|attribute| &mut attribute.groups);
    groups.filter(|group| group.slice == slice).for_each(|group| group.rows = Some(3));
    let result = redact(result);
    let check = &result.checks[0];
    let then = check.accepted.as_ref().expect("that it was accepted is no secret");
    assert!(check.hidden && then.reason.is_some());
    assert_eq!((then.value, then.low, then.high), (None, None, None));
}

/// What embeddings show of a hidden group is gone, and of the others it stays.
#[test]
fn embeddings_of_a_hidden_group_are_not_shown() {
    let mut result = old();
    let known = Estimate::known(0.9, 0.8, 0.95, 200);
    let similarity = |slice: &str| Similarity {
        slice: slice.into(),
        cka: known,
        cka_rest: Some(known),
        neighbours: known,
        neighbours_rest: Some(known),
        procrustes: known,
    };
    let attribute = result.data.attributes.iter_mut().find(|one| one.groups.len() > 3).expect("there are many races");
    let slices: Vec<String> = attribute.groups.iter().map(|group| group.slice.clone()).collect();
    attribute.groups[0].rows = Some(3);
    let leak = |slice: &String| GroupLeak { slice: slice.clone(), base: Some(known), tuned: None, change: None };
    let leakage = Leakage {
        attribute: attribute.name.clone(),
        groups: slices.iter().map(leak).collect(),
        base: None,
        tuned: None,
        change: None,
    };
    result.representations = Some(Representations {
        similarity: std::iter::once("all").chain(slices.iter().map(String::as_str)).map(similarity).collect(),
        leakage: vec![leakage],
        ..Representations::default()
    });
    let shown = redact(result).representations.expect("it was measured");
    let told = |slice: &String| shown.similarity.iter().any(|one| one.slice == *slice);
    assert!(!told(&slices[0]) && told(&"all".to_string()));
    assert!(!shown.leakage.iter().flat_map(|one| &one.groups).any(|group| group.slice == slices[0]));
    assert!(slices.iter().any(told), "groups that hide nobody stay");
}
