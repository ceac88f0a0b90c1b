use super::*;

fn sample() -> AuditResult {
    crate::result::read(include_str!("../../fixtures/results/v1.0.json")).expect("the sample is a result")
}

/// The sample with another tuned model and other data.
fn other() -> AuditResult {
    let mut result = sample();
    let tuned = result.provenance.models.tuned.as_mut().expect("it has one");
    tuned.files[0].sha256 = "00".repeat(32);
    result.provenance.data.files[0].sha256 = "11".repeat(32);
    result
}

#[test]
fn a_result_beside_itself_shows_nothing() {
    let compared = compare(&sample(), &sample());
    assert!(compared.same_rows && compared.pairing == Pairing::SameModel);
    assert!(compared.new.is_empty() && compared.gone.is_empty() && compared.checks.is_empty());
    assert!(compared.findings.iter().all(|one| !one.turned() && !one.surely()));
    assert!(compared.findings.iter().any(|one| one.difference.is_some()));
}

/// Exchanging the two negates every difference.
#[test]
fn exchanged_the_differences_turn_round() {
    let mut later = other();
    for finding in &mut later.findings {
        finding.tuned = finding.tuned.map(|gap| GapEstimate { value: gap.value + 0.01, low: gap.low, ..gap });
    }
    let (there, back) = (compare(&sample(), &later), compare(&later, &sample()));
    assert_eq!(there.pairing, Pairing::Unpaired);
    for (a, b) in there.findings.iter().zip(&back.findings) {
        let Some((a, b)) = a.difference.zip(b.difference) else { continue };
        let near = |x: f64, y: f64| (x + y).abs() < 1e-12;
        assert!(near(a.value, b.value) && near(a.low, b.high) && near(a.high, b.low), "{a:?} {b:?}");
    }
}

#[test]
fn an_unpaired_difference_is_wider_than_either_gap() {
    for one in compare(&sample(), &other()).findings {
        let ([Some(then), Some(now)], Some(apart)) = (one.gap, one.difference) else { continue };
        let width = |gap: Gap| gap.high - gap.low;
        assert!(width(apart) + 1e-12 >= width(then).max(width(now)), "{}", one.id);
    }
}

#[test]
fn a_chain_of_tunings_takes_the_later_audits_change() {
    let then = sample();
    let mut now = other();
    now.provenance.data = then.provenance.data.clone();
    now.provenance.models.base.as_mut().expect("it has one").files =
        then.provenance.models.tuned.as_ref().expect("it has one").files.clone();
    for (later, earlier) in now.findings.iter_mut().zip(&then.findings) {
        later.base = earlier.tuned;
    }
    let compared = compare(&then, &now);
    assert_eq!(compared.pairing, Pairing::Chained);
    for (one, finding) in compared.findings.iter().zip(&now.findings) {
        assert_eq!(one.difference, finding.change.map(plain), "{}", one.id);
    }
}

#[test]
fn a_group_told_by_its_mirror_is_met_with_its_sign_turned() {
    let mut then = sample();
    let finding = then.findings.iter_mut().find(|one| one.mirror.is_some()).expect("sex has two groups");
    let mirror = finding.mirror.replace(finding.slice.clone()).expect("it has one");
    finding.slice = mirror;
    finding.id = format!("{}/{}", finding.metric, finding.slice);
    let turn = |gap: GapEstimate| GapEstimate { value: -gap.value, low: -gap.high, high: -gap.low, ..gap };
    finding.tuned = finding.tuned.map(turn);
    let compared = compare(&then, &sample());
    assert!(compared.new.is_empty() && compared.gone.is_empty());
    assert!(compared.findings.iter().filter_map(|one| one.difference).all(|apart| apart.value == 0.0));
}

#[test]
fn what_one_audit_alone_has_is_new_or_gone() {
    let mut then = sample();
    let finding = then.findings.remove(0);
    let check = then.checks.remove(0);
    let (there, back) = (compare(&then, &sample()), compare(&sample(), &then));
    assert_eq!((there.new[0].id.as_str(), there.gone.len()), (finding.id.as_str(), 0));
    assert_eq!((back.gone[0].id.as_str(), back.new.len()), (finding.id.as_str(), 0));
    assert_eq!(there.checks[0].outcome, [None, Some(check.outcome)]);
    assert_eq!(back.checks[0].outcome, [Some(check.outcome), None]);
}
