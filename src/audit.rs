//! The whole walk: from an audit to its result, through the rooms in their order.
//!
//! Gathering ends in [`Dossier`], all that was counted and what it was counted with. Concluding
//! starts from there and needs neither models nor data, so that dossiers gathered on several
//! machines can be merged and concluded as one.

mod again;
mod dossier;
mod others;
mod probed;
mod provenance;

pub use again::judge_again;
pub use dossier::{Dossier, DossierError, SCHEMA as EVIDENCE_SCHEMA};
pub use provenance::created;

use crate::config::{Audit, Stats};
use crate::gather::{self, GatherError, Gathered, Hashing, Options, Plan};
use crate::measure::{Measured, compare, measure, noise, pairs, shift, unmapped};
use crate::metrics::{Metric, has_findings};
use crate::models::Threshold;
use crate::policy::{self, PolicyError};
use crate::result::{AuditResult, Gate, Kinship, Lineage, Method, SCHEMA};
use crate::settle::{Settled, settle};
use crate::trace::{opposed, trace, training, transfer};
use std::collections::BTreeMap;

/// What gathering gave: the dossier, and the scores if they were asked for.
pub struct Run {
    /// Everything that concluding needs.
    pub dossier: Dossier,
    /// Scores of every model in row order.
    pub scores: Vec<Option<Vec<f64>>>,
}

/// Reads the data, runs the models and hashes what went in.
pub fn run(audit: Audit, mut plan: Plan, options: &Options) -> Result<Run, GatherError> {
    let mut provenance = provenance::describe(&audit, &plan)?;
    let files = plan.take_hashing();
    let train = plan.train.as_mut().map(|train| train.1.take_hashing());
    let source = plan.source.as_ref().map(|source| Hashing::start(source.files()));
    let Gathered { evidence, scores, train: trained, source: shift, representations, language } =
        gather::gather(&audit, plan, options)?;
    let finish = |hashing: Option<Hashing>| hashing.map_or(Ok(Vec::new()), Hashing::finish);
    provenance.data.files = files.finish()?;
    (provenance.data.train, provenance.data.source) = (finish(train)?, finish(source)?);
    let dossier = Dossier { audit, evidence, provenance, train: trained, source: shift, representations, language };
    Ok(Run { dossier, scores })
}

/// From what was counted to the result, not yet redacted: the gate judges before redaction.
pub fn conclude(dossier: &Dossier) -> Result<AuditResult, PolicyError> {
    let audit = &dossier.audit;
    let metrics: Vec<_> = audit.metrics().into_iter().filter(|metric| has_findings(metric)).collect();
    let settled = settle(audit, dossier.evidence.clone());
    let mut measured = measure(audit, &settled, &metrics);
    let (pairs, compared) = pairs(audit, &settled, &metrics).unzip();
    measured.comparisons.extend(compared.unwrap_or_default());
    let mut findings = trace(&audit.stats, audit.slices.min_support, &measured.comparisons);
    let limit = dossier.provenance.data.limit;
    let mut notices: Vec<String> =
        limit.map(|rows| format!("Only the first {rows} rows were audited.")).into_iter().collect();
    notices.extend(measured.notices.iter().cloned());
    notices.extend(dossier.provenance.lineage.as_ref().and_then(strangers));
    notices.extend(probed::notices(dossier));
    notices.extend(others::attach(audit, &settled, &metrics, &mut findings));
    notices.extend(opposed(&audit.stats, audit.data.favorable, audit.slices.min_support, &measured.values));
    let tested = findings.iter().filter(|finding| finding.p_value.is_some()).count() as u64;
    let method = method(audit, &settled, &measured, &metrics, tested);
    let training = trained(dossier, &settled, &measured, &metrics);
    let mut result = AuditResult {
        schema: SCHEMA.into(),
        name: audit.name.clone(),
        task: audit.task.word().into(),
        method,
        provenance: dossier.provenance.clone(),
        data: measured.data,
        values: measured.values,
        aggregates: measured.aggregates,
        training,
        shift: dossier.source.as_ref().map(|counted| shift(audit.stats.confidence, counted)),
        representations: dossier.representations.clone(),
        language_model: dossier.language.clone(),
        transfer: transfer(audit.stats.confidence, &findings),
        findings,
        pairs,
        drift: measured.drift,
        law: measured.law,
        noise: noise(&settled),
        unmapped: unmapped(audit, &settled.evidence),
        annexes: audit.annex_notes(),
        sweep: measured.sweep,
        scores: measured.scores,
        checks: Vec::new(),
        check_notes: BTreeMap::new(),
        gate: Gate::default(),
        notices,
    };
    judge(audit, &mut result)?;
    Ok(result)
}

/// What is said where the tuned model does not look as if it came from the base.
fn strangers(lineage: &Lineage) -> Option<String> {
    let what = match lineage.kinship {
        Kinship::Same | Kinship::Descendant => return None,
        Kinship::Partly => "Most of the tuned model's matrices are not the base's, nor close to them",
        Kinship::Unrelated => "None of the tuned model's matrices is the base's, or close to one of them",
        Kinship::Unknown => "The two files hold no matrices that could be compared",
    };
    Some(format!(
        "{what}: by its weights it cannot be told to descend from the base. `inherited` then says only that both have \
         the gap."
    ))
}

/// How numbers differ between the rows that the tuned model learned from and those audited, each model at the
/// threshold that the audited rows settled.
fn trained(
    dossier: &Dossier,
    settled: &Settled,
    measured: &Measured,
    metrics: &[&'static Metric],
) -> Vec<crate::result::Training> {
    let (Some(evidence), Some(mut audit)) = (&dossier.train, dossier.audit.of_train()) else { return Vec::new() };
    for (spec, threshold) in [&mut audit.base, &mut audit.tuned].into_iter().zip(settled.thresholds) {
        if let (Some(spec), Some(threshold)) = (spec, threshold) {
            spec.threshold = Threshold::At(threshold);
        }
    }
    let train = compare(&audit, &settle(&audit, evidence.clone()), metrics);
    let least = audit.slices.min_support.max(audit.min_cell);
    training(audit.stats.confidence, least, &train, &measured.comparisons)
}

/// Judges a result by the audit's policy and writes the outcomes into it.
pub fn judge(audit: &Audit, result: &mut AuditResult) -> Result<(), PolicyError> {
    let judgement = policy::judge(&audit.policy, &required(audit), result)?;
    result.checks = judgement.checks;
    result.check_notes = judgement.notes;
    result.gate = judgement.gate;
    Ok(())
}

/// The slices that must have enough rows: those listed, and every named reference.
fn required(audit: &Audit) -> Vec<String> {
    let named = audit.groups.iter().filter_map(|attribute| match &attribute.reference {
        crate::data::Reference::Group(group) => {
            Some(crate::evidence::SliceId::single(&attribute.name, group).to_string())
        }
        _ => None,
    });
    audit.slices.required.iter().cloned().chain(named).collect()
}

fn method(audit: &Audit, settled: &Settled, measured: &Measured, metrics: &[&Metric], tested: u64) -> Method {
    let [base_threshold, tuned_threshold] = settled.thresholds;
    let metrics: Vec<String> = metrics.iter().map(|metric| metric.id.to_string()).collect();
    Method {
        confidence: audit.stats.confidence,
        smallest_gap: audit.stats.smallest_gap,
        smallest_gaps: own_gaps(&audit.stats, &metrics),
        same_size: audit.stats.same_size,
        mostly_new: audit.stats.mostly_new,
        multiplicity: multiplicity(&audit.stats),
        min_support: audit.slices.min_support,
        min_cell: audit.min_cell,
        seed: audit.stats.seed,
        top_k: (audit.task == crate::tasks::Task::Multiclass).then_some(audit.stats.top_k),
        metrics,
        favorable: audit.data.favorable,
        compared: measured.comparisons.len() as u64,
        tested,
        base_threshold,
        tuned_threshold,
    }
}

fn multiplicity(stats: &Stats) -> String {
    match serde_json::to_value(stats.multiplicity) {
        Ok(serde_json::Value::String(word)) => word,
        _ => unreachable!("a unit variant serializes as its name"),
    }
}

/// τ of the metrics with findings, where it differs from the default.
fn own_gaps(stats: &Stats, metrics: &[String]) -> BTreeMap<String, f64> {
    let taus = metrics.iter().map(|id| (id.clone(), stats.tau(id)));
    taus.filter(|(_, tau)| *tau != stats.smallest_gap).collect()
}
