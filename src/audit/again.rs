//! Judges a stored result, or evidence, under another policy, without models or data.

use super::{Dossier, conclude, judge, multiplicity, own_gaps};
use crate::config::{Audit, Judging, LoadedPolicy, Stats};
use crate::measure::{Comparison, adverse};
use crate::metrics;
use crate::policy::PolicyError;
use crate::result::{AdverseNumbers, AuditResult, Control, Estimate, Finding, Mark, Reason, Verdict};
use crate::stats::{Fourfold, quantile_of};
use crate::trace::{trace, transfer, verdicts};

/// The result under a policy. From evidence everything is concluded anew; from a result the
/// findings are traced again from their counts where the policy changes a setting.
pub fn judge_again(
    dossier: Option<Dossier>,
    result: AuditResult,
    loaded: LoadedPolicy,
) -> Result<AuditResult, PolicyError> {
    if let Some(mut dossier) = dossier {
        apply(&mut dossier.audit.stats, &loaded.judging);
        dossier.audit.policy = loaded.policy;
        dossier.provenance.policy = Some(loaded.note);
        return conclude(&dossier);
    }
    let mut audit = settings(&result)?;
    let before = audit.stats.clone();
    apply(&mut audit.stats, &loaded.judging);
    audit.policy = loaded.policy;
    let mut result = if audit.stats == before { result } else { retraced(&audit, result, &before) };
    result.provenance.policy = Some(loaded.note);
    judge(&audit, &mut result)?;
    Ok(result)
}

fn settings(result: &AuditResult) -> Result<Audit, PolicyError> {
    serde_json::from_value(result.provenance.config.clone()).map_err(|error| PolicyError::Settings(error.to_string()))
}

fn apply(stats: &mut Stats, judging: &Judging) {
    let keep = |new: Option<f64>, old: f64| new.unwrap_or(old);
    stats.confidence = keep(judging.confidence, stats.confidence);
    stats.same_size = keep(judging.same_size, stats.same_size);
    stats.mostly_new = keep(judging.mostly_new, stats.mostly_new);
    if let Some(gaps) = &judging.smallest_gap {
        stats.set_smallest_gap(gaps.clone());
    }
    stats.multiplicity = judging.multiplicity.unwrap_or(stats.multiplicity);
}

fn retraced(audit: &Audit, mut result: AuditResult, before: &Stats) -> AuditResult {
    let (hidden, shown): (Vec<Finding>, Vec<Finding>) =
        result.findings.into_iter().partition(|finding| finding.basis.is_none());
    let comparisons: Vec<Comparison> = shown.iter().filter_map(comparison).collect();
    let mut findings = trace(&audit.stats, audit.slices.min_support, &comparisons);
    // The labels' counts are not in a result, so their gap stays as it was.
    for (finding, old) in findings.iter_mut().zip(&shown) {
        finding.labels = old.labels;
        // Nor are the rows' own numbers, which transmission and share of means rest on.
        finding.transmission = finding.transmission.or(old.transmission);
        let same = audit.stats.confidence == before.confidence;
        let material = finding.tuned.is_some_and(|gap| gap.low.max(-gap.high) > audit.stats.tau(&finding.metric));
        finding.inherited_share = finding.inherited_share.or(old.inherited_share.filter(|_| same && material));
        finding.conditional = old.conditional.filter(|_| audit.stats.confidence == before.confidence);
        finding.marks.extend(old.marks.iter().filter(|mark| **mark == Mark::InLabels));
    }
    runs_again(audit, &mut findings, &shown);
    let again = audit.stats.confidence == before.confidence;
    for (finding, old) in findings.iter_mut().zip(&shown) {
        finding.control = old.control.map(|old| if again { old } else { Control::undefined(Reason::Hidden) });
    }
    result.transfer = transfer(audit.stats.confidence, &findings);
    // Under other settings nothing is known of what is hidden.
    findings.extend(hidden.into_iter().map(|finding| Finding {
        verdict: Verdict::Unclear,
        confirmed: false,
        flagged: false,
        ..finding
    }));
    result.findings = findings;
    if audit.stats.confidence != before.confidence {
        for aggregate in &mut result.aggregates {
            aggregate.estimate = Estimate::Undefined { undefined: Reason::Hidden };
        }
        let z = quantile_of(audit.stats.confidence);
        let rows = result.law.adverse_impact.iter_mut().filter_map(|row| row.numbers.as_mut());
        rows.for_each(|numbers| *numbers = adverse(z, counts(numbers)));
        for one in &mut result.training {
            let hidden = Estimate::Undefined { undefined: Reason::Hidden };
            (one.own, one.gap) = (hidden, hidden);
        }
        if let Some(shift) = &mut result.shift {
            shift.distance = Estimate::Undefined { undefined: Reason::Hidden };
        }
    }
    result.method.confidence = audit.stats.confidence;
    result.method.smallest_gap = audit.stats.smallest_gap;
    result.method.smallest_gaps = own_gaps(&audit.stats, &result.method.metrics);
    result.method.multiplicity = multiplicity(&audit.stats);
    result.method.same_size = audit.stats.same_size;
    result.method.mostly_new = audit.stats.mostly_new;
    result
}

fn counts(numbers: &AdverseNumbers) -> Fourfold {
    let AdverseNumbers { selected, people, reference_selected, reference_people, .. } = *numbers;
    Fourfold { own: (selected, people), other: (reference_selected, reference_people) }
}

/// The verdicts of the other runs, which have counts of their own.
fn runs_again(audit: &Audit, findings: &mut [Finding], before: &[Finding]) {
    for (finding, old) in findings.iter_mut().zip(before) {
        finding.runs = old.runs.clone();
        for run in &mut finding.runs {
            let of_run = Finding { basis: run.basis, ..old.clone() };
            let Some(comparison) = comparison(&of_run) else { continue };
            let again = verdicts(&audit.stats, audit.slices.min_support, &[comparison]);
            if let Some(again) = again.into_iter().next() {
                (run.tuned, run.change, run.verdict) = (again.tuned, again.change, again.verdict);
            }
        }
    }
}

fn comparison(finding: &Finding) -> Option<Comparison> {
    let basis = finding.basis?;
    let told = finding.support.filter(|_| basis.quad().is_none());
    Some(Comparison {
        metric: metrics::find(&finding.metric)?,
        class: finding.class.clone(),
        slice: finding.slice.clone(),
        reference: finding.reference.clone(),
        mirror: finding.mirror.clone(),
        basis,
        rows: told.map_or_else(|| basis.rows(), |support| [support.slice, support.reference]),
        strata: Vec::new(),
        paths: None,
        halves: None,
        labels: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Known, load_policy};

    const POLICY: &str = "[stats]\nsmallest_gap = { default = 0.05, selection_rate = 0.6 }\n\
        [[check]]\nid = \"nothing-new\"\nverdicts = [\"introduced\"]\n";

    /// A gap of one metric is judged by another smallest gap, those of the others are not.
    #[test]
    fn a_policy_may_set_the_smallest_gap_of_one_metric() {
        let stored = crate::result::read(include_str!("../../fixtures/results/v1.0.json")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.toml");
        std::fs::write(&path, POLICY).unwrap();
        let loaded = load_policy(&path, &Known::of_result(&stored)).unwrap();
        let judged = judge_again(None, stored.clone(), loaded).unwrap();
        assert_eq!((judged.method.tau("selection_rate"), judged.method.tau("accuracy")), (0.6, 0.05));
        for (before, after) in stored.findings.iter().zip(&judged.findings).filter(|(_, after)| after.basis.is_some()) {
            let small = matches!(after.verdict, Verdict::Absent | Verdict::TooSmall);
            assert_eq!(before.id, after.id);
            assert!(if after.metric == "selection_rate" { small } else { before.verdict == after.verdict });
        }
    }
}
