//! Intervals of the findings that are picked out: a reader who looks at the flagged ones alone sees
//! the largest of many noisy gaps, so their intervals have to be wider.

use crate::config::Stats;
use crate::result::{Adjusted, Finding};
use crate::stats::{Contrast, Quad, quantile_of};

/// Adds to every flagged finding the interval of its tuned gap at level 1 − R·q/m, over the R flagged
/// of the m tested (Benjamini & Yekutieli 2005, false coverage-statement rate).
pub fn adjust(stats: &Stats, findings: &mut [Finding]) {
    let tested = findings.iter().filter(|finding| finding.p_value.is_some()).count();
    let flagged = findings.iter().filter(|finding| finding.flagged).count();
    let level = (1.0 - stats.confidence) * flagged as f64 / tested.max(1) as f64;
    let z = quantile_of(1.0 - level);
    for finding in findings.iter_mut().filter(|finding| finding.flagged) {
        let quad = finding.basis.and_then(|basis| Quad::new(&basis.slice, &basis.reference));
        finding.adjusted = quad.map(|quad| {
            let interval = quad.interval(Contrast::TUNED, z);
            Adjusted { low: interval.low, high: interval.high }
        });
    }
}
