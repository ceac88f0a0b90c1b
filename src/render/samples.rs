//! Results of every kind, made from one sample, that all formats have to draw.

use crate::measure::adverse;
use crate::result::{
    self, AcceptedNote, Adjusted, AdverseImpact, AnnexNote, AnnexSettings, AttributeSummary, AuditResult, CheckNotes,
    Curve, CutSlice, CutTexts, Estimate, ExitStatus, Finding, GapEstimate, Gate, GroupSummary, ImpactRate, ImpactRow,
    ImpactTable, Law, LockNote, Outcome, PolicyNote, Reason, ScoreBin, ScoreProfile, Subject, Sweep, Value, Verdict,
    WaiverNote,
};

const SAMPLE: &str = include_str!("../../fixtures/results/v1.0.json");
const HOSTILE: &str = "<script>alert(1)</script>\" onload='x' \u{202E}txt\n\u{1b}[31m\0&amp;";

pub(super) fn sample() -> AuditResult {
    result::read(SAMPLE).expect("the sample is a result")
}

fn empty() -> AuditResult {
    let mut result = sample();
    result.values.clear();
    result.aggregates.clear();
    result.findings.clear();
    result.checks.clear();
    result.notices.clear();
    result.data = Default::default();
    result.gate = Gate { why: "No error-level check was asked.".into(), ..Gate::default() };
    result
}

fn one_alone() -> AuditResult {
    let mut result = sample();
    result.provenance.models.base = None;
    result.findings.clear();
    result.values.retain(|value| matches!(value.model, Subject::Tuned | Subject::Labels));
    result.aggregates.retain(|one| one.model == Subject::Tuned);
    result
}

fn unlabeled() -> AuditResult {
    let mut result = sample();
    result.provenance.data.label = None;
    result.method.favorable = None;
    result.data.positives = None;
    result.values.iter_mut().filter(|value| value.metric != "selection_rate" && value.metric != "churn").for_each(
        |value| {
            value.estimate = Estimate::Undefined {
                undefined: if value.metric.contains("flip") { Reason::DirectionNotDeclared } else { Reason::NoLabels },
            };
        },
    );
    result.findings.retain(|finding| finding.metric == "selection_rate");
    result
}

pub(super) fn hidden() -> AuditResult {
    let mut result = sample();
    for finding in &mut result.findings {
        (finding.base, finding.tuned, finding.change, finding.labels) = (None, None, None, None);
        (finding.support, finding.basis, finding.hidden) = (None, None, true);
        (finding.p_value, finding.q_value, finding.probabilities) = (None, None, None);
    }
    for value in &mut result.values {
        value.estimate = Estimate::Undefined { undefined: Reason::Hidden };
        value.basis = None;
    }
    for attribute in &mut result.data.attributes {
        attribute.unknown = None;
        attribute.groups.iter_mut().for_each(|group| (group.rows, group.positives) = (None, None));
    }
    result
}

fn hostile(name: &str) -> AuditResult {
    let mut result = sample();
    result.name = name.into();
    result.notices.push(name.into());
    result
        .findings
        .iter_mut()
        .for_each(|finding| (finding.slice, finding.reference) = (format!("sex={name}"), name.into()));
    result.checks.iter_mut().for_each(|check| (check.slice, check.id) = (name.into(), name.into()));
    result.data.attributes.iter_mut().for_each(|one| one.name = name.into());
    result
        .data
        .attributes
        .iter_mut()
        .flat_map(|one| &mut one.groups)
        .for_each(|group| (group.group, group.slice) = (name.into(), name.into()));
    result.values.iter_mut().filter(|value| value.slice != "all").for_each(|value| value.slice = name.into());
    result.provenance.config = serde_json::json!({ name: { name: name } });
    result
}

pub(super) fn thousand() -> AuditResult {
    let mut result = sample();
    let some = result.findings.clone();
    result.findings = (0..1000).map(|place| some[place % some.len()].clone()).collect();
    result
}

/// 200 slices under 10 metrics, with curves over thresholds and scores.
pub(super) fn large() -> AuditResult {
    large_of(|place| format!("Region of the number {place}"))
}

/// The same with groups of any name.
pub(super) fn large_of(name: impl Fn(usize) -> String) -> AuditResult {
    const METRICS: [&str; 10] = [
        "selection_rate",
        "true_positive_rate",
        "false_positive_rate",
        "accuracy",
        "error_rate",
        "false_negative_rate",
        "true_negative_rate",
        "precision",
        "f1_score",
        "roc_auc",
    ];
    let mut result = sample();
    let slices: Vec<String> = (0..200).map(|place| format!("region={}", name(place))).collect();
    let group = result.data.attributes[0].groups[0].clone();
    let groups = slices.iter().map(|slice| GroupSummary { slice: slice.clone(), ..group.clone() });
    result.data.attributes = vec![AttributeSummary {
        name: "region".into(),
        groups: groups.collect(),
        unknown: Some(0),
        overlapping: false,
    }];
    let (findings, values) = (std::mem::take(&mut result.findings), std::mem::take(&mut result.values));
    let both =
        |subject| values.iter().find(|value| value.model == subject && value.estimate.value().is_some()).expect("one");
    for (place, (slice, metric)) in slices.iter().flat_map(|slice| METRICS.map(|metric| (slice, metric))).enumerate() {
        let names = (metric.to_string(), slice.clone(), format!("{metric}/{slice}"));
        result.findings.push(Finding {
            metric: names.0,
            slice: names.1,
            reference: slices[0].clone(),
            id: names.2,
            ..findings[place % findings.len()].clone()
        });
        for subject in [Subject::Base, Subject::Tuned, Subject::Change] {
            result.values.push(Value {
                metric: metric.into(),
                slice: slice.clone(),
                basis: None,
                ..both(subject).clone()
            });
        }
    }
    result.method.metrics = METRICS.map(String::from).to_vec();
    let models = || slices.iter().flat_map(|slice| [Subject::Base, Subject::Tuned].map(|model| (slice.clone(), model)));
    let falling: Vec<u64> = (0..=100).map(|place| 10 * (1000 - 10 * place)).collect();
    let curve = |(slice, model)| Curve {
        slice,
        model,
        rows: [10_000, 10_000, 0],
        true_positives: falling.clone(),
        false_positives: falling.clone(),
        unlabeled: vec![],
    };
    result.sweep = Sweep {
        thresholds: (0..=100).map(|step| f64::from(step) / 100.0).collect(),
        curves: models().take(200).map(curve).collect(),
    };
    let bin = |place: i32| ScoreBin {
        score: 0.05 + 0.1 * f64::from(place),
        positives: Estimate::known(0.123, 0.101, 0.145, 1234),
    };
    let profile = |(slice, model)| ScoreProfile {
        slice,
        model,
        rows: 20_000,
        blocks: (0..50).map(|place| 0.01 + f64::from(place) / 51.0).collect(),
        bins: (0..10).map(bin).collect(),
    };
    result.scores = models().take(80).map(profile).collect();
    result
}

pub(super) fn waived() -> AuditResult {
    let mut result = sample();
    let outcomes = [Outcome::Failed, Outcome::Waived, Outcome::Missing];
    result.checks.iter_mut().zip(outcomes).for_each(|(check, outcome)| check.outcome = outcome);
    result.checks[1].waiver = Some(WaiverNote {
        reason: "retraining is scheduled".into(),
        owner: "A. Person".into(),
        approved_by: "B. Person".into(),
        expires: "2027-01-31".into(),
        id: Some("W-7".into()),
        created: Some("2026-11-01".into()),
        ticket: Some("RISK-481".into()),
        floor: None,
    });
    result.gate = Gate {
        status: ExitStatus::Failed,
        why: "1 of 2 error-level checks failed.".into(),
        failed: 1,
        undecided: 1,
        waived: 1,
        missing: 1,
        ..Gate::default()
    };
    result
}

/// The sample with every annex there is, and one that this version does not know.
pub(super) fn annexed() -> AuditResult {
    let mut result = sample();
    let note = |id: &str, version: &str| AnnexNote {
        id: id.into(),
        version: version.into(),
        settings: AnnexSettings::default(),
    };
    result.annexes = result::annexes().iter().map(|annex| note(&annex.id, &annex.version)).collect();
    result.annexes.extend([note("mars-1", "2099-01"), note("mars-2", "2099-01")]);
    result.annexes[0].settings.fields.insert("tool".into(), HOSTILE.into());
    result.annexes[0].settings.exclude_below = Some(0.02);
    result.annexes[1].version = "2026-01".into();
    result.law = law();
    result
}

/// Numbers of every kind: hidden, left out, not defined, of nobody.
fn law() -> Law {
    let row = |slice: &str, counts: Option<(u64, u64)>, impact_ratio| ImpactRow {
        slice: slice.into(),
        people: counts.map(|counts| counts.1),
        counted: counts.map(|counts| counts.0),
        rate: counts.filter(|counts| counts.1 > 0).map(|(counted, people)| counted as f64 / people as f64),
        impact_ratio,
        excluded: slice == "race=Asian",
    };
    let table = |rate, median, categories| ImpactTable {
        attribute: "race".into(),
        model: Subject::Tuned,
        rate,
        median,
        unknown: median.map(|_| 12),
        categories,
    };
    let scores = vec![row("race=Black", Some((16, 32)), Some(1.0)), row("race=White", Some((15, 40)), Some(0.75))];
    let selections = vec![
        row("race=Asian", Some((1, 3)), None),
        row("race=Black", None, None),
        row("race=Other", Some((0, 0)), None),
    ];
    let beside = |slice: &str, own, other| AdverseImpact {
        attribute: "race".into(),
        slice: slice.into(),
        reference: "race=White".into(),
        model: Subject::Tuned,
        numbers: Some(adverse(1.96, crate::stats::Fourfold { own, other })),
    };
    let mut hidden = beside("race=Other", (1, 4), (48, 80));
    hidden.numbers = None;
    Law {
        adverse_impact: vec![beside("race=Black", (12, 40), (48, 80)), beside("race=Asian", (1, 10), (3, 20)), hidden],
        impact_tables: vec![
            table(ImpactRate::ScoringRate, Some(0.31), scores),
            table(ImpactRate::SelectionRate, None, selections),
        ],
    }
}

/// The sample with a failure that was accepted before, a policy that was locked, and notes on a check.
pub(super) fn accepted() -> AuditResult {
    let mut result = sample();
    let check = &mut result.checks[0];
    (check.outcome, check.value, check.low, check.high) = (Outcome::Accepted, Some(0.07), Some(0.04), Some(0.1));
    check.accepted = Some(AcceptedNote {
        on: "2026-10-05T08:00:00Z".into(),
        reason: Some("known from the base; retraining is scheduled".into()),
        value: Some(0.06),
        low: Some(0.03),
        high: Some(0.09),
        verdict: None,
    });
    let notes = CheckNotes {
        hazard: Some("women are passed over".into()),
        review_by: Some("each new base".into()),
        ..CheckNotes::default()
    };
    result.check_notes.insert(check.id.clone(), notes);
    let on = "2026-10-02T08:00:00Z".into();
    let locked = Some(LockNote { on, commit: Some("4639e2b".repeat(6)), unchanged: true });
    result.provenance.policy = Some(PolicyNote { sha256: "f01a".repeat(16), locked });
    let warnings = vec!["The waiver of a for b was not used: nothing fails there. Remove it.".into()];
    result.gate = Gate {
        accepted: 1,
        warnings,
        why: "Every error-level check is met (1) or failed as accepted before (1).".into(),
        ..Gate::default()
    };
    result
}

/// The sample with another metric in the place of one of its rates, whose numbers are `scale` times
/// as large; findings come with all that may stand beside a verdict.
pub(super) fn exchanged(rate: &str, metric: &str, scale: f64) -> AuditResult {
    let mut result = sample();
    let exchange = |name: &mut String| {
        let hit = name == rate;
        if hit {
            *name = metric.into();
        }
        hit
    };
    let gap = |gap: GapEstimate| scaled(gap, scale);
    for finding in result.findings.iter_mut().filter_map(|one| exchange(&mut one.metric).then_some(one)) {
        finding.base = finding.base.map(gap);
        finding.tuned = finding.tuned.map(gap);
        finding.change = finding.change.map(gap);
        finding.labels = finding.labels.map(gap);
        finding.basis = None;
        (finding.at_half, finding.at_double) = (Some(finding.verdict), Some(Verdict::Unclear));
        finding.adjusted = finding.tuned.map(|gap| Adjusted { low: gap.low, high: gap.high });
    }
    for value in result.values.iter_mut().filter_map(|one| exchange(&mut one.metric).then_some(one)) {
        if let Estimate::Known { value, low, high, .. } = &mut value.estimate {
            *value *= scale;
            [low, high].into_iter().flatten().for_each(|end| *end *= scale);
        }
    }
    for one in &mut result.aggregates {
        exchange(&mut one.metric);
    }
    for check in result.checks.iter_mut().filter_map(|one| exchange(one.metric.as_mut()?).then_some(one)) {
        [&mut check.value, &mut check.low, &mut check.high].into_iter().flatten().for_each(|x| *x *= scale);
    }
    for name in &mut result.method.metrics {
        exchange(name);
    }
    result.method.smallest_gaps.insert(metric.into(), 0.03 * scale);
    result
}

fn scaled(gap: GapEstimate, scale: f64) -> GapEstimate {
    let GapEstimate { value, low, high, slice, reference } = gap;
    let [value, low, high, slice, reference] = [value, low, high, slice, reference].map(|x| scale * x);
    GapEstimate { value, low, high, slice, reference }
}

/// The sample with texts that were not read to their ends: alike by two models, hidden of one group.
pub(super) fn cut() -> AuditResult {
    let mut result = sample();
    let groups = result.data.attributes.iter().flat_map(|one| &one.groups);
    let slice = |(at, group): (u64, &GroupSummary)| CutSlice {
        slice: group.slice.clone(),
        cut: Some(at).filter(|_| at != 1),
        of: group.rows.filter(|_| at != 1),
        more: at == 2,
    };
    let slices: Vec<CutSlice> = (0..).zip(groups).map(slice).collect();
    let texts = |model: &str, rows| CutTexts { model: model.into(), rows, slices: slices.clone() };
    result.data.cut_texts =
        vec![texts("base", 30), texts("tuned", 30), CutTexts { slices: vec![], ..texts("control", 1) }];
    result
}

/// Every kind of result, by name.
pub(super) fn every() -> Vec<(&'static str, AuditResult)> {
    vec![
        ("sample", sample()),
        ("empty", empty()),
        ("one-alone", one_alone()),
        ("unlabeled", unlabeled()),
        ("hidden", hidden()),
        ("hostile", hostile(HOSTILE)),
        ("long", hostile(&"wörd ".repeat(2000))),
        ("unbroken", hostile(&"x".repeat(10_000))),
        ("wide", hostile(&"群".repeat(40))),
        ("nameless", hostile("")),
        ("thousand", thousand()),
        ("waived", waived()),
        ("many", large()),
        ("annexed", annexed()),
        ("accepted", accepted()),
        ("cut", cut()),
        ("mixed", exchanged("selection_rate", "roc_auc", 1.0)),
        ("large", exchanged("true_positive_rate", "calibration_slope", 1e5)),
    ]
}
