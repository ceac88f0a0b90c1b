//! `multiplicity = "bayes"` (statistics.md 2.7): the most probable verdicts are confirmed for as long
//! as the mean chance that one of them is wrong stays at or below 1 − confidence.
//!
//! It names more than the interval rule does, and errs more often where a gap lies on a limit, so it
//! is never the default. What it does not confirm keeps the rule's verdict.

use super::probability::likeliest;
use crate::result::{Finding, Mark, Probabilities, Verdict};
use crate::stats::mean_errors;

/// Confirms and flags findings by their probabilities; `level` is 1 − confidence.
pub fn confirm(level: f64, findings: &mut [Finding]) {
    let mut tested: Vec<(&mut Finding, Probabilities)> =
        findings.iter_mut().filter_map(|finding| finding.probabilities.map(|chances| (finding, chances))).collect();
    let errors = |error: fn(&Probabilities) -> f64| {
        mean_errors(&tested.iter().map(|(_, chances)| error(chances)).collect::<Vec<f64>>())
    };
    let q = errors(|chances| 1.0 - likeliest(chances).1);
    let flag_q = errors(|chances| chances.absent + chances.eliminated);
    for ((finding, chances), (q, flag_q)) in tested.iter_mut().zip(q.into_iter().zip(flag_q)) {
        (finding.q_value, finding.flag_q) = (Some(q), Some(flag_q));
        finding.confirmed = q <= level;
        finding.flagged = flag_q <= level;
        if finding.confirmed {
            name(finding, likeliest(chances).0);
        }
        finding.tentative = !finding.confirmed && finding.verdict.is_exact();
    }
}

fn name(finding: &mut Finding, verdict: Verdict) {
    finding.verdict = verdict;
    finding.marks.retain(|mark| *mark != Mark::Reversed || verdict == Verdict::Introduced);
    if let Some(support) = &mut finding.support {
        support.needed = None;
    }
}
