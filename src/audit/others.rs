//! What the other models of an audit say of its findings: more runs of the same tuning, and a control.
//!
//! Each is held against the base (the control against the tuned model too) by the walk that the audit's
//! own two models take, on the same rows and the same slices.

use crate::config::Audit;
use crate::evidence::Evidence;
use crate::measure::{Comparison, Joint, compare};
use crate::metrics::{self, Metric};
use crate::models::ModelSpec;
use crate::result::{Control, Estimate, Finding, GapEstimate, Reason, Run};
use crate::settle::{Settled, settle};
use crate::stats::{Draws, Interval};
use crate::tasks::Task;
use crate::trace::{excess, verdicts};
use std::collections::BTreeMap;

/// Where the base, the tuned model and the first of the others stand among all models.
const BASE: usize = 0;
const TUNED: usize = 1;
const OTHERS: usize = 2;

/// Findings by their id.
type ById = BTreeMap<String, Finding>;

/// Adds to every finding what the other runs and the control say; what the reader should know of them.
pub fn attach(
    audit: &Audit,
    settled: &Settled,
    metrics: &[&'static Metric],
    findings: &mut [Finding],
) -> Option<String> {
    let against = Against { audit, metrics };
    for (at, spec) in audit.runs.iter().enumerate() {
        let found = against.of_run(&settled.evidence, at, spec);
        findings.iter_mut().for_each(|finding| finding.runs.extend(run(spec, found.get(&finding.id))));
    }
    against.control(settled, findings)
}

fn run(spec: &ModelSpec, found: Option<&Finding>) -> Option<Run> {
    let Finding { tuned, change, verdict, basis, .. } = found?.clone();
    Some(Run { name: spec.name.clone(), tuned, change, verdict, basis })
}

/// Any two of the audit's models, under the metrics with findings.
struct Against<'a> {
    audit: &'a Audit,
    metrics: &'a [&'static Metric],
}

impl Against<'_> {
    fn of_run(&self, evidence: &Evidence, at: usize, spec: &ModelSpec) -> ById {
        let audit = self.audit.of_two(self.audit.base.clone(), Some(spec.clone()));
        self.found(&audit, &settle(&audit, evidence.chosen([BASE, OTHERS + at])))
    }

    fn found(&self, audit: &Audit, settled: &Settled) -> ById {
        let comparisons: Vec<Comparison> = compare(audit, settled, self.metrics);
        let findings = verdicts(&audit.stats, audit.slices.min_support, &comparisons);
        findings.into_iter().map(|finding| (finding.id.clone(), finding)).collect()
    }

    fn control(&self, settled: &Settled, findings: &mut [Finding]) -> Option<String> {
        let spec = self.audit.control.as_ref()?;
        let control = OTHERS + self.audit.runs.len();
        let (evidence, silent) = settled.evidence.spoken(control);
        let beside = self.beside(settled, evidence, control, spec, silent > 0);
        let tested = findings.iter_mut().filter(|finding| finding.p_value.is_some());
        tested.for_each(|finding| finding.control = Some(beside.of(finding)));
        let rows = settled.evidence.everyone().rows();
        (silent > 0).then(|| {
            let rest = rows - silent;
            format!("The control says nothing on {silent} of {rows} rows: it is compared on the other {rest} alone.")
        })
    }

    fn beside(
        &self,
        settled: &Settled,
        evidence: Evidence,
        control: usize,
        spec: &ModelSpec,
        silent: bool,
    ) -> Beside<'_> {
        let Audit { base, tuned, .. } = self.audit;
        let from_base = self.audit.of_two(base.clone(), Some(spec.clone()));
        let own = settle(&from_base, evidence.chosen([BASE, control]));
        let to_tuned = self.audit.of_two(Some(spec.clone()), tuned.clone());
        let effect = settle(&to_tuned, evidence.chosen([control, TUNED]));
        let threshold = own.thresholds[1].unwrap_or(0.5);
        let joint = || Joint::new(self.audit, &Settled { evidence, ..settled.clone() }, control, threshold);
        Beside {
            audit: self.audit,
            gap: self.found(&from_base, &own),
            effect: self.found(&to_tuned, &effect),
            joint: counts(self.audit).then(joint),
            why: if silent { Reason::OtherRows } else { Reason::NotDefined },
        }
    }
}

/// Whether rates are plain counts of decisions.
fn counts(audit: &Audit) -> bool {
    audit.task == Task::Binary && audit.data.weight.is_none() && audit.data.unit.is_none()
}

/// The audit's findings beside the control, on the rows of which it said something.
struct Beside<'a> {
    audit: &'a Audit,
    /// The control's findings against the base.
    gap: ById,
    /// The tuned model's against the control.
    effect: ById,
    joint: Option<Joint>,
    /// Why a number is not there.
    why: Reason,
}

impl Beside<'_> {
    fn of(&self, finding: &Finding) -> Control {
        let tested = |found: &ById| {
            let found = found.get(&finding.id)?;
            found.p_value.filter(|_| found.reference == finding.reference).map(|_| found.clone())
        };
        let (Some(own), Some(effect)) = (tested(&self.gap), tested(&self.effect)) else {
            return Control::undefined(self.why);
        };
        let rows = own.basis.map_or(0, |basis| basis.support());
        let gap = |gap: Option<GapEstimate>| match gap {
            Some(gap) => Estimate::known(gap.value, gap.low, gap.high, rows),
            None => Estimate::Undefined { undefined: self.why },
        };
        let (carried, excess) = self.beyond(finding, own.tuned, rows);
        Control { gap: gap(own.tuned), effect: gap(effect.change), carried, excess }
    }

    /// The flow and the share minus the control's. A share needs a gap on both sides.
    fn beyond(&self, finding: &Finding, own: Option<GapEstimate>, rows: u64) -> (Estimate, Estimate) {
        let undefined = |reason| Estimate::Undefined { undefined: reason };
        let metric = metrics::find(&finding.metric);
        let rate = finding.basis.is_some_and(|basis| basis.slice.counts().is_some_and(|n| n.same_condition()));
        let (Some(joint), Some(metric), true) = (&self.joint, metric, rate) else {
            return (undefined(Reason::NoCounts), undefined(Reason::NoCounts));
        };
        let mut draws = Draws::new(self.audit.stats.seed, &format!("control/{}", finding.id));
        let tables = joint.tables(metric, &finding.slice, &finding.reference);
        let Some(found) = tables.and_then(|tables| excess(tables, self.audit.stats.confidence, &mut draws)) else {
            return (undefined(self.why), undefined(self.why));
        };
        let known = |(value, Interval { low, high })| Estimate::known(value, low, high, rows);
        let tau = self.audit.stats.tau(&finding.metric);
        let material = own.is_some_and(|gap| gap.low > tau || gap.high < -tau) && finding.inherited_share.is_some();
        let share = found.share.filter(|_| material).map_or(undefined(Reason::NoGap), known);
        (known(found.carried), share)
    }
}
