//! The ratchet: failures that were accepted as they were are warnings, new and worse ones still fail.
//!
//! Worse is told by the interval of the difference, now minus then, toward harm: only where it lies wholly
//! above 0. The two are held as independent, since a result does not hold both models row by row; on the same
//! rows that is the wider interval. A number without an interval is compared as it is.

use crate::config::Limit;
use crate::result::{
    ACCEPTED_SCHEMA, Accepted, AcceptedCheck, AcceptedNote, Asked, AuditResult, CheckOutcome, Finding, GapEstimate,
    ModelNote, Outcome, Verdict,
};

/// Turns failures into accepted ones where they are not worse, and says which are worse and which are gone.
pub fn apply(outcomes: &mut [CheckOutcome], accepted: &[AcceptedCheck], result: &AuditResult) -> Vec<String> {
    accepted.iter().filter_map(|then| apply_one(outcomes, then, result)).collect()
}

fn apply_one(outcomes: &mut [CheckOutcome], then: &AcceptedCheck, result: &AuditResult) -> Option<String> {
    let (id, slice, on) = (&then.id, &then.slice, day(&then.accepted));
    let outcome = outcomes.iter_mut().find(|outcome| is_same(outcome, then) && outcome.outcome != Outcome::Met);
    let Some(outcome) = outcome else {
        return Some(format!("The failure of {id} for {slice}, accepted on {on}, is gone: accept again to tighten."));
    };
    // Undecided, say: that takes nothing back, and needs nothing accepted.
    if outcome.outcome != Outcome::Failed {
        return None;
    }
    if is_worse(then, &entry(outcome, result)) {
        return Some(format!("{id} for {slice} is worse than what was accepted on {on}."));
    }
    outcome.outcome = Outcome::Accepted;
    outcome.accepted = Some(AcceptedNote {
        on: then.accepted.clone(),
        reason: then.reason.clone(),
        value: then.value,
        low: then.low,
        high: then.high,
        verdict: then.verdict,
    });
    None
}

fn day(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}

/// Whether an outcome is of the check, slice and number that was accepted; the limit's number may be another.
fn is_same(outcome: &CheckOutcome, then: &AcceptedCheck) -> bool {
    let names = (&outcome.id, &outcome.slice, &outcome.metric, &outcome.class);
    names == (&then.id, &then.slice, &then.metric, &then.class) && asks_alike(&outcome.asked, &then.asked)
}

fn asks_alike(now: &Asked, then: &Asked) -> bool {
    match (now, then) {
        (Asked::Limit { of, on, limit, .. }, Asked::Limit { of: of_then, on: on_then, limit: limit_then, .. }) => {
            (of, on) == (of_then, on_then) && std::mem::discriminant(limit) == std::mem::discriminant(limit_then)
        }
        (Asked::Verdicts { .. }, Asked::Verdicts { .. }) => true,
        _ => false,
    }
}

/// A failure as a file of accepted ones holds it.
fn entry(outcome: &CheckOutcome, result: &AuditResult) -> AcceptedCheck {
    let finding = finding_of(outcome, result);
    let of_verdict = matches!(outcome.asked, Asked::Verdicts { .. });
    let gap = finding.and_then(|finding| finding.tuned).filter(|_| of_verdict);
    let GapEstimate { value, low, high, .. } = match gap {
        Some(gap) if finding.is_some_and(|finding| finding.slice != outcome.slice) => turned(gap),
        Some(gap) => gap,
        None => return blank(outcome, finding, result),
    };
    AcceptedCheck { value: Some(value), low: Some(low), high: Some(high), ..blank(outcome, finding, result) }
}

fn turned(gap: GapEstimate) -> GapEstimate {
    GapEstimate { value: -gap.value, low: -gap.high, high: -gap.low, ..gap }
}

fn blank(outcome: &CheckOutcome, finding: Option<&Finding>, result: &AuditResult) -> AcceptedCheck {
    AcceptedCheck {
        id: outcome.id.clone(),
        slice: outcome.slice.clone(),
        metric: outcome.metric.clone(),
        class: outcome.class.clone(),
        asked: outcome.asked.clone(),
        outcome: Outcome::Failed,
        value: outcome.value,
        low: outcome.low,
        high: outcome.high,
        support: outcome.support,
        verdict: finding.map(|finding| finding.verdict),
        accepted: result.provenance.created.clone(),
        reason: None,
    }
}

/// The finding of an outcome's slice, or that of which the slice is the mirror.
fn finding_of<'a>(outcome: &CheckOutcome, result: &'a AuditResult) -> Option<&'a Finding> {
    let metric = outcome.metric.as_deref()?;
    let of = |finding: &&Finding| finding.metric == metric && finding.class == outcome.class;
    let mut findings = result.findings.iter().filter(of);
    findings.find(|one| one.slice == outcome.slice || one.mirror.as_deref() == Some(&outcome.slice))
}

/// Whether a failure is surely worse now, or another one.
fn is_worse(then: &AcceptedCheck, now: &AcceptedCheck) -> bool {
    if let Asked::Verdicts { .. } = now.asked
        && !covers(then.verdict, now.verdict)
    {
        return true;
    }
    match (Harm::of(then, then), Harm::of(now, then)) {
        (Some(then), Some(now)) => now.surely_exceeds(then),
        _ => true,
    }
}

/// Whether what was accepted is the same verdict, or an exact form of it.
fn covers(then: Option<Verdict>, now: Option<Verdict>) -> bool {
    let exact = matches!(then, Some(Verdict::Introduced | Verdict::Amplified));
    then.is_some() && (then == now || exact && now == Some(Verdict::Worsened))
}

/// A number turned so that more of it is worse.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Harm {
    value: f64,
    low: f64,
    high: f64,
}

impl Harm {
    /// Of a failure, in the direction of the one that was accepted; `None` where it has no number, or points
    /// the other way.
    fn of(check: &AcceptedCheck, accepted: &AcceptedCheck) -> Option<Harm> {
        let (value, before) = (check.value?, accepted.value?);
        let falls = match check.asked {
            Asked::Limit { limit: Limit::Min(_) | Limit::MaxDrop(_), .. } => true,
            Asked::Limit { limit: Limit::MaxAbs(_), .. } | Asked::Verdicts { .. } => before < 0.0,
            Asked::Limit { .. } => false,
        };
        let by_size = matches!(check.asked, Asked::Verdicts { .. } | Asked::Limit { limit: Limit::MaxAbs(_), .. });
        if by_size && value * before < 0.0 {
            return None;
        }
        let (low, high) = match (check.low, check.high) {
            (None, None) => (value, value),
            (low, high) => (low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY)),
        };
        Some(if falls { Harm { value: -value, low: -high, high: -low } } else { Harm { value, low, high } })
    }

    /// Whether the interval of the difference of two independent estimates lies above 0 (Zou & Donner 2008).
    fn surely_exceeds(self, then: Harm) -> bool {
        let apart = self.value - then.value;
        let reach = (self.value - self.low).powi(2) + (then.high - then.value).powi(2);
        apart - reach.sqrt() > 0.0
    }
}

/// A file of accepted failures, and what it changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Acceptance {
    /// The file.
    pub file: Accepted,
    /// What fails and was not accepted before, or is surely worse: "check for slice".
    pub loosened: Vec<String>,
    /// What was accepted before, and is gone or better.
    pub tightened: Vec<String>,
    /// What fails with hidden numbers, and cannot be accepted.
    pub hidden: Vec<String>,
}

/// Accepts what fails in a result, beside what was accepted before. An entry moves only toward less harm unless
/// it is surely worse, so that accepting again and again does not creep; it goes when its check is met or gone,
/// and stays while the data cannot say.
pub fn accept(result: &AuditResult, before: Option<&Accepted>, reason: Option<&str>) -> Acceptance {
    let old = before.map_or(&[][..], |before| &before.checks);
    let failing = result.checks.iter().filter(|one| matches!(one.outcome, Outcome::Failed | Outcome::Accepted));
    let (hidden, failing): (Vec<_>, Vec<_>) = failing.partition(|outcome| outcome.hidden);
    let (mut loosened, mut tightened) = (Vec::new(), Vec::new());
    let mut checks: Vec<AcceptedCheck> = failing
        .iter()
        .map(|outcome| {
            let now = AcceptedCheck { reason: reason.map(String::from), ..entry(outcome, result) };
            match old.iter().find(|then| is_same(outcome, then)) {
                Some(then) if is_worse(then, &now) => loosened.push(name(&now)),
                Some(then) if !is_better(then, &now) => return then.clone(),
                Some(_) => tightened.push(name(&now)),
                None => loosened.push(name(&now)),
            }
            now
        })
        .collect();
    for then in old.iter().filter(|then| !failing.iter().any(|one| is_same(one, then))) {
        let stays = result.checks.iter().any(|one| is_same(one, then) && one.outcome != Outcome::Met);
        if stays { checks.push(then.clone()) } else { tightened.push(name(then)) }
    }
    let hidden = hidden.iter().map(|outcome| format!("{} for {}", outcome.id, outcome.slice)).collect();
    Acceptance { file: file(result, checks), loosened, tightened, hidden }
}

fn is_better(then: &AcceptedCheck, now: &AcceptedCheck) -> bool {
    Harm::of(then, then).zip(Harm::of(now, then)).is_some_and(|(then, now)| now.value < then.value)
}

fn name(check: &AcceptedCheck) -> String {
    format!("{} for {}", check.id, check.slice)
}

fn file(result: &AuditResult, checks: Vec<AcceptedCheck>) -> Accepted {
    let from = &result.provenance;
    let of = |model: &Option<ModelNote>| {
        model.iter().flat_map(|model| &model.files).map(|file| file.sha256.clone()).collect::<Vec<_>>()
    };
    Accepted {
        schema: ACCEPTED_SCHEMA.into(),
        name: result.name.clone(),
        created: from.created.clone(),
        base: of(&from.models.base),
        tuned: of(&from.models.tuned),
        data: from.data.files.iter().map(|file| file.sha256.clone()).collect(),
        checks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Judge, Of, On};
    use crate::result::AuditResult;

    fn sample() -> AuditResult {
        crate::result::read(include_str!("../../fixtures/results/v1.0.json")).expect("the sample is a result")
    }

    fn check(limit: Limit, [value, low, high]: [f64; 3]) -> AcceptedCheck {
        let mut outcome = sample().checks[0].clone();
        outcome.asked = Asked::Limit { of: Of::Gap, on: On::Tuned, limit, judge: Judge::Interval };
        (outcome.value, outcome.low, outcome.high) = (Some(value), Some(low), Some(high));
        entry(&outcome, &sample())
    }

    #[test]
    fn worse_is_told_in_the_direction_of_harm_and_only_when_it_is_sure() {
        let (min, max, size) = (Limit::Min(0.8), Limit::Max(0.1), Limit::MaxAbs(0.1));
        let drop = Limit::MaxDrop(0.01);
        for (limit, then, now, worse) in [
            (max, [0.2, 0.15, 0.25], [0.22, 0.17, 0.27], false),
            (max, [0.2, 0.15, 0.25], [0.4, 0.35, 0.45], true),
            (max, [0.4, 0.35, 0.45], [0.2, 0.15, 0.25], false),
            (min, [0.7, 0.65, 0.75], [0.5, 0.45, 0.55], true),
            (min, [0.5, 0.45, 0.55], [0.7, 0.65, 0.75], false),
            (drop, [-0.1, -0.15, -0.05], [-0.4, -0.45, -0.35], true),
            (size, [-0.2, -0.25, -0.15], [-0.4, -0.45, -0.35], true),
            (size, [-0.2, -0.25, -0.15], [-0.22, -0.27, -0.17], false),
            // As large, but the other way.
            (size, [-0.2, -0.25, -0.15], [0.2, 0.15, 0.25], true),
        ] {
            assert_eq!(is_worse(&check(limit, then), &check(limit, now)), worse, "{limit:?} {then:?} {now:?}");
        }
    }

    #[test]
    fn a_number_that_is_gone_is_worse_and_a_point_is_compared_as_it_is() {
        let limit = Limit::Max(0.1);
        let then = check(limit, [0.2, 0.15, 0.25]);
        let gone = AcceptedCheck { value: None, ..then.clone() };
        assert!(is_worse(&then, &gone) && is_worse(&gone, &then));
        let point = |value| AcceptedCheck { value: Some(value), low: None, high: None, ..then.clone() };
        assert!(is_worse(&point(0.2), &point(0.2 + 1e-9)) && !is_worse(&point(0.2), &point(0.2)));
    }

    #[test]
    fn another_verdict_is_another_failure() {
        use Verdict::*;
        for (then, now, covered) in [
            (Introduced, Introduced, true),
            (Amplified, Worsened, true),
            (Inherited, Introduced, false),
            (Worsened, Introduced, false),
            (Introduced, Amplified, false),
        ] {
            assert_eq!(covers(Some(then), Some(now)), covered, "{then:?} {now:?}");
        }
    }

    /// The sample with its first check failed at a value.
    fn failing(value: f64) -> AuditResult {
        let mut result = sample();
        let check = &mut result.checks[0];
        (check.outcome, check.value, check.low, check.high) =
            (Outcome::Failed, Some(value), Some(value - 0.01), Some(value + 0.01));
        result
    }

    #[test]
    fn accepting_again_and_again_does_not_creep() {
        let first = accept(&failing(0.2), None, None).file;
        // Each a little worse, none surely worse than the one before.
        let second = accept(&failing(0.205), Some(&first), None);
        assert!(second.loosened.is_empty() && second.tightened.is_empty());
        assert_eq!(second.file.checks[0].value, Some(0.2));
        let better = accept(&failing(0.15), Some(&first), None);
        assert_eq!((better.tightened.len(), better.file.checks[0].value), (1, Some(0.15)));
        let mut open = failing(0.2);
        open.checks[0].outcome = Outcome::Undecided;
        assert_eq!(accept(&open, Some(&first), None).file.checks, first.checks, "what is open takes nothing back");
        open.checks[0].outcome = Outcome::Met;
        assert_eq!(accept(&open, Some(&first), None).tightened.len(), 1);
        let worse = accept(&failing(0.3), Some(&first), Some("why"));
        assert_eq!((worse.loosened.len(), worse.file.checks[0].reason.as_deref()), (1, Some("why")));
    }

    #[test]
    fn what_was_accepted_is_marked_and_what_is_new_still_fails() {
        let accepted = accept(&failing(0.2), None, Some("known")).file.checks;
        let judged = |value| {
            let mut result = failing(value);
            let mut checks = result.checks.clone();
            let warnings = apply(&mut checks, &accepted, &result);
            result.checks = checks;
            (result, warnings)
        };
        let (same, warnings) = judged(0.2);
        assert!(same.checks[0].outcome == Outcome::Accepted && warnings.is_empty());
        assert_eq!(same.checks[0].accepted.as_ref().and_then(|then| then.reason.as_deref()), Some("known"));
        let (worse, warnings) = judged(0.3);
        assert!(worse.checks[0].outcome == Outcome::Failed && warnings[0].contains("worse"), "{warnings:?}");
        let mut met = sample();
        met.checks[0].outcome = Outcome::Met;
        let warnings = apply(&mut met.checks.clone(), &accepted, &met);
        assert!(warnings[0].contains("is gone"), "{warnings:?}");
    }

    #[test]
    fn hidden_numbers_are_not_accepted() {
        let mut result = failing(0.2);
        result.checks[0].hidden = true;
        let accepted = accept(&result, None, None);
        assert!(accepted.file.checks.is_empty() && accepted.hidden.len() == 1);
    }
}
