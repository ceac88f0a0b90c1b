//! Makes a finding of each comparison.

use super::bayes;
use super::conditional::{conditional, ratios};
use super::family::{Tested, correct};
use super::probability::probabilities;
use super::rule::{Rule, Ruling, Tracer, settles};
use super::selected;
use super::share::Source;
use crate::config::{Multiplicity, Stats};
use crate::measure::Comparison;
use crate::result::{Basis, Finding, GapEstimate, Mark, Probabilities, Support, Verdict};
use crate::stats::{Contrast, Draws, Interval, Quad, newcombe, quantile_of};
use rayon::prelude::*;

/// One finding for each comparison, in order: its verdict, and all that is drawn at random beside it.
pub fn trace(stats: &Stats, min_support: u64, comparisons: &[Comparison]) -> Vec<Finding> {
    let mut findings = verdicts(stats, min_support, comparisons);
    findings.par_iter_mut().for_each(|finding| finding.probabilities = drawn(stats, finding));
    if stats.multiplicity == Multiplicity::Bayes {
        bayes::confirm(1.0 - stats.confidence, &mut findings);
    }
    selected::adjust(stats, &mut findings);
    let tested = findings.par_iter_mut().zip(comparisons).filter(|(finding, _)| finding.p_value.is_some());
    tested.for_each(|(finding, comparison)| share(stats, finding, comparison));
    findings
}

/// Verdicts, p-values and their correction alone: exact arithmetic, no draws.
pub fn verdicts(stats: &Stats, min_support: u64, comparisons: &[Comparison]) -> Vec<Finding> {
    let tracing = Tracing { stats, z: quantile_of(stats.confidence), min_support };
    let mut drafts: Vec<Draft> = comparisons.par_iter().map(|comparison| tracing.draft(comparison)).collect();
    tracing.correct(&mut drafts);
    drafts.into_iter().map(|draft| draft.finding).collect()
}

impl Rule {
    /// The margins of the audit's settings for a metric.
    pub fn of(stats: &Stats, metric: &str) -> Rule {
        Rule { tau: stats.tau(metric), phi: stats.same_size, psi: stats.mostly_new }
    }
}

struct Tracing<'a> {
    stats: &'a Stats,
    z: f64,
    min_support: u64,
}

struct Draft {
    finding: Finding,
    tested: Option<Tested>,
}

impl Tracing<'_> {
    fn draft(&self, comparison: &Comparison) -> Draft {
        let mut finding = self.blank(comparison);
        let support = finding.support.map_or(0, |support| support.slice.min(support.reference));
        let enough = support >= comparison.metric.least_support(self.min_support);
        let Some(quad) = comparison.basis.quad() else {
            finding.marks.extend(enough.then_some(Mark::WithoutError));
            return Draft { finding, tested: None };
        };
        self.fill_gaps(&mut finding, &quad);
        finding.ratios = ratios(comparison, &quad, self.z);
        if !enough {
            return Draft { finding, tested: None };
        }
        let tested = self.judge(&mut finding, &quad);
        Draft { finding, tested: Some(tested) }
    }

    fn blank(&self, comparison: &Comparison) -> Finding {
        let Comparison { metric, class, slice, reference, mirror, basis, rows, labels, .. } = comparison;
        Finding {
            id: match class {
                Some(class) => format!("{}/{class}/{slice}", metric.id),
                None => format!("{}/{slice}", metric.id),
            },
            metric: metric.id.into(),
            class: class.clone(),
            slice: slice.clone(),
            reference: reference.clone(),
            mirror: mirror.clone(),
            base: None,
            tuned: None,
            change: None,
            labels: labels.and_then(|[slice, reference]| self.labels_gap(slice, reference)),
            ratios: None,
            conditional: conditional(comparison, self.z),
            verdict: Verdict::TooSmall,
            at_half: None,
            at_double: None,
            confirmed: false,
            tentative: false,
            flagged: false,
            p_value: None,
            q_value: None,
            flag_p: None,
            flag_q: None,
            adjusted: None,
            detectable: None,
            marks: Vec::new(),
            probabilities: None,
            inherited_share: None,
            transmission: Source::of(comparison).and_then(|source| source.flow()).map(|flow| flow.transmission),
            runs: Vec::new(),
            control: None,
            support: Some(Support { slice: rows[0], reference: rows[1], needed: None }),
            basis: Some(*basis),
            hidden: false,
        }
    }

    fn labels_gap(&self, slice: (u64, u64), reference: (u64, u64)) -> Option<GapEstimate> {
        if slice.1 == 0 || reference.1 == 0 {
            return None;
        }
        let [s, r] = [slice, reference].map(|(positive, all)| positive as f64 / all as f64);
        let Interval { low, high } = newcombe(slice, reference, self.z);
        Some(GapEstimate { value: s - r, low, high, slice: s, reference: r })
    }

    fn fill_gaps(&self, finding: &mut Finding, quad: &Quad) {
        let gap = |contrast: Contrast| {
            let Interval { low, high } = quad.interval(contrast, self.z);
            let (slice, reference) = (quad.slice.value(contrast), quad.reference.value(contrast));
            Some(GapEstimate { value: quad.value(contrast), low, high, slice, reference })
        };
        finding.base = gap(Contrast::BASE);
        finding.tuned = gap(Contrast::TUNED);
        finding.change = gap(Contrast::CHANGE);
    }

    fn judge(&self, finding: &mut Finding, quad: &Quad) -> Tested {
        let rule = Rule::of(self.stats, &finding.metric);
        let mut tracer = Tracer::new(rule, *quad);
        let ruling = tracer.at(self.z);
        let (x, y) = quad.gaps();
        let candidate = rule.truth(x, y);
        let tested = Tested {
            p: tracer.p_value(),
            flag_p: tracer.flag_p(),
            reassuring: matches!(candidate, Verdict::Absent | Verdict::Eliminated),
        };
        finding.verdict = ruling.verdict;
        finding.detectable = finding.tuned.and_then(|gap| detectable(&gap, rule.tau, self.z));
        finding.at_half = Some(tracer.at_tau(0.5, self.z));
        finding.at_double = Some(tracer.at_tau(2.0, self.z));
        finding.p_value = Some(tested.p);
        finding.flag_p = Some(tested.flag_p);
        if let (Some(support), false) = (finding.support.as_mut(), ruling.verdict.is_exact()) {
            support.needed = finding.basis.and_then(|basis| self.rows_to_settle(&rule, &basis));
        }
        self.mark(finding, rule.tau, ruling);
        tested
    }

    fn mark(&self, finding: &mut Finding, tau: f64, ruling: Ruling) {
        let (Some(base), Some(tuned), Some(change)) = (finding.base, finding.tuned, finding.change) else { return };
        if change.low > 0.0 || change.high < 0.0 {
            let grew = tuned.value.abs() > base.value.abs();
            finding.marks.push(if grew { Mark::Grew } else { Mark::Shrank });
        }
        if ruling.reversed {
            finding.marks.push(Mark::Reversed);
        }
        if finding.labels.is_some_and(|labels| beyond_with_sign(&labels, tuned.value, tau)) {
            finding.marks.push(Mark::InLabels);
        }
    }

    /// About how many rows of the slice would settle the finding if its rates stayed as they are;
    /// `None` where a thousandfold would not.
    fn rows_to_settle(&self, rule: &Rule, basis: &Basis) -> Option<u64> {
        let settled = |factor: f64| basis.scaled(factor).quad().is_some_and(|quad| settles(rule, &quad, self.z));
        smallest_factor(settled).map(|factor| two_digits(basis.slice.support() as f64 * factor))
    }

    fn correct(&self, drafts: &mut [Draft]) {
        let tested: Vec<Tested> = drafts.iter().filter_map(|draft| draft.tested).collect();
        let corrected = correct(&tested, self.stats.multiplicity);
        let level = 1.0 - self.stats.confidence;
        let findings = drafts.iter_mut().filter(|draft| draft.tested.is_some()).map(|draft| &mut draft.finding);
        for (finding, (q, flag_q)) in findings.zip(corrected) {
            let exact = finding.verdict.is_exact();
            finding.q_value = Some(q);
            finding.flag_q = Some(flag_q);
            finding.confirmed = exact && q <= level;
            finding.tentative = exact && q > level;
            finding.flagged = flag_q <= level;
        }
    }
}

/// The smallest gap that would be told from τ four times in five, with an interval as wide as today's
/// (statistics.md 2.6): τ and the half-width, stretched from z to z + Φ⁻¹(0.8).
fn detectable(gap: &GapEstimate, tau: f64, z: f64) -> Option<f64> {
    const POWER: f64 = 0.841_621;
    let half = (gap.value - gap.low).max(gap.high - gap.value);
    Some(tau + half * (z + POWER) / z).filter(|gap| gap.is_finite())
}

fn beyond_with_sign(gap: &GapEstimate, sign: f64, tau: f64) -> bool {
    if sign > 0.0 { gap.low > tau } else { gap.high < -tau }
}

/// The probabilities of the verdicts of a tested finding.
fn drawn(stats: &Stats, finding: &Finding) -> Option<Probabilities> {
    let (basis, _) = finding.basis.zip(finding.p_value)?;
    let mut draws = Draws::new(stats.seed, &format!("probabilities/{}", finding.id));
    Some(probabilities(&Rule::of(stats, &finding.metric), &basis, &mut draws))
}

/// The share where the tuned gap is surely material, and the `latent` mark where no gap is there
/// though the flow through the base surely is one.
fn share(stats: &Stats, finding: &mut Finding, comparison: &Comparison) {
    let (Some(source), Some(tuned)) = (Source::of(comparison), finding.tuned) else { return };
    let Some(flow) = source.flow() else { return };
    let tau = stats.tau(&finding.metric);
    let material = tuned.low > tau || tuned.high < -tau;
    let gone = matches!(finding.verdict, Verdict::Absent | Verdict::Clear);
    let masked = gone && flow.inherited.abs() > tau;
    if !(material || masked) {
        return;
    }
    let resampled = source.resampled(&mut Draws::new(stats.seed, &format!("share/{}", finding.id)));
    if material {
        finding.inherited_share = resampled.share(&flow, stats.confidence);
        if finding.verdict == Verdict::Inherited && finding.inherited_share.is_some_and(|share| share.high < 0.5) {
            finding.marks.push(Mark::Relearned);
        }
    } else if resampled
        .interval(stats.confidence, |flow| Some(flow.inherited))
        .is_some_and(|(low, high)| low > tau || high < -tau)
    {
        finding.marks.push(Mark::Latent);
    }
}

/// The smallest factor in (1, 1000] at which `settled` holds, to 3 %; it is taken to stay true above.
pub fn smallest_factor(settled: impl Fn(f64) -> bool) -> Option<f64> {
    let (mut low, mut high) = (1.0, 1000.0);
    if !settled(high) {
        return None;
    }
    while high / low > 1.03 {
        let middle = f64::sqrt(low * high);
        if settled(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

/// Rounded up to two significant digits: a plan, not a promise.
pub fn two_digits(rows: f64) -> u64 {
    let unit = 10_f64.powf((rows.log10().floor() - 1.0).max(0.0));
    ((rows / unit).ceil() * unit) as u64
}
