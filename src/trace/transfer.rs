//! How gaps of the base go over into gaps of the tuned model, across slices (statistics.md 3.6; Steed et
//! al. 2022, table 3): the slope of the tuned gaps on the base's, both with errors.

use crate::result::{Estimate, Finding, GapEstimate, Reason, Transfer};
use crate::stats::{Uncertain, quantile_of, york};

/// Slices that a slope needs at least.
const LEAST: usize = 4;

/// One slope for each metric and class that has findings.
///
/// Only slices of one attribute count, since those of a cross hold the same people again.
pub fn transfer(confidence: f64, findings: &[Finding]) -> Vec<Transfer> {
    let mut keys: Vec<(&String, &Option<String>)> = Vec::new();
    for finding in findings {
        let key = (&finding.metric, &finding.class);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let z = quantile_of(confidence);
    keys.into_iter().map(|key| of_metric(key, z, findings)).collect()
}

fn of_metric((metric, class): (&String, &Option<String>), z: f64, findings: &[Finding]) -> Transfer {
    let own = |finding: &&Finding| {
        (&finding.metric, &finding.class) == (metric, class)
            && finding.p_value.is_some()
            && !finding.is_crossed()
            && !finding.is_of_pairs()
    };
    let points: Vec<Uncertain> = findings.iter().filter(own).filter_map(|finding| point(finding, z)).collect();
    let line = if points.len() < LEAST { None } else { york(&points, z) };
    let reason = if points.len() < LEAST { Reason::TooFewGroups } else { Reason::NotDefined };
    Transfer {
        metric: metric.clone(),
        class: class.clone(),
        slope: line.map_or(Estimate::Undefined { undefined: reason }, |line| {
            Estimate::known(line.slope, line.slope - line.reach, line.slope + line.reach, points.len() as u64)
        }),
        intercept: line.map(|line| line.intercept),
        r_squared: line.map(|line| line.r_squared),
    }
}

/// Both gaps with their errors, as wide as the intervals say. The change's interval tells how the two errors
/// go together: Var(T − B) = Var T + Var B − 2 Cov.
fn point(finding: &Finding, z: f64) -> Option<Uncertain> {
    let (base, tuned, change) = (finding.base?, finding.tuned?, finding.change?);
    let variance = |gap: GapEstimate| ((gap.high - gap.low) / (2.0 * z)).powi(2);
    let (xx, yy) = (variance(base), variance(tuned));
    // Nearly equal models may differ by less than rounding: their errors are then the same.
    let most = (xx * yy).sqrt() * (1.0 - 1e-9);
    let xy = ((xx + yy - variance(change)) / 2.0).clamp(-most, most);
    let usable = xx > 0.0 && yy > 0.0 && xx.is_finite() && yy.is_finite() && xy.is_finite();
    usable.then_some(Uncertain { at: (base.value, tuned.value), errors: (xx, yy, xy) })
}
