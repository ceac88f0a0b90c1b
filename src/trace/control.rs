//! A finding beside a control, a model that was tuned the same way from another base (Salman et al. 2022):
//! what both have in common needs no base to explain it.
//!
//! The control never saw the base, so what of its gap runs along the base's decisions was learned again.
//! Only what the tuned model has beyond that came with the base.

use super::share::{Flow, Resampled};
use crate::result::Share;
use crate::stats::{Draws, Interval, multinomial};

const REPLICATES: usize = 1000;

/// The tuned model's flow and share minus the control's, with intervals by a paired bootstrap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Excess {
    /// I of the tuned model minus I of the control, in the unit of the gap.
    pub carried: (f64, Interval),
    /// The inherited share minus the control's; `None` where a share is not defined.
    pub share: Option<(f64, Interval)>,
}

/// From the rows of slice and reference by (base, tuned, control), at place 4·base + 2·tuned + control.
///
/// Replicates are drawn from all eight cells at once, since the same rows are behind both flows. The
/// interval of the difference of shares squares and adds the distances to the ends of the two extended
/// intervals, with the correlation of the replicates (Zou & Donner 2008): a plain percentile interval of
/// shares never covers 0 or 1 (statistics.md 3.3).
pub fn excess(tables: [[u64; 8]; 2], confidence: f64, draws: &mut Draws) -> Option<Excess> {
    let point = flows(tables)?;
    let drawn: Vec<[Flow; 2]> = (0..REPLICATES).filter_map(|_| flows(tables.map(|cells| draw(cells, draws)))).collect();
    let of = |part: fn(&Flow) -> Option<f64>| -> Vec<[f64; 2]> {
        drawn.iter().filter_map(|[tuned, control]| Some([part(tuned)?, part(control)?])).collect()
    };
    let carried = of(|flow| Some(flow.inherited));
    let (low, high) = crate::stats::percentiles(carried.iter().map(|[a, b]| a - b).collect(), REPLICATES, confidence)?;
    let value = point[0].inherited - point[1].inherited;
    let sides = [0, 1].map(|side| Resampled::of(drawn.iter().map(|flows| flows[side]).collect()));
    let shares = [0, 1].map(|side| sides[side].share(&point[side], confidence));
    let share = match shares {
        [Some(tuned), Some(control)] => Some(difference(tuned, control, correlation(&of(Flow::share)))),
        _ => None,
    };
    // A percentile interval need not hold the estimate itself.
    Some(Excess { carried: (value, Interval { low: low.min(value), high: high.max(value) }), share })
}

fn draw(cells: [u64; 8], draws: &mut Draws) -> [u64; 8] {
    let mut drawn = [0; 8];
    multinomial(&cells, &mut drawn, draws);
    drawn
}

/// The flows of tuned and control along the same base.
fn flows(tables: [[u64; 8]; 2]) -> Option<[Flow; 2]> {
    let tuned = tables.map(|n| [n[0] + n[1], n[2] + n[3], n[4] + n[5], n[6] + n[7]]);
    let control = tables.map(|n| [n[0] + n[2], n[1] + n[3], n[4] + n[6], n[5] + n[7]]);
    Some([Flow::of(tuned[0], tuned[1])?, Flow::of(control[0], control[1])?])
}

fn difference(a: Share, b: Share, correlation: f64) -> (f64, Interval) {
    let value = a.value - b.value;
    let reach = |p: f64, q: f64| (p * p + q * q - 2.0 * correlation * p * q).max(0.0).sqrt();
    let below = reach(a.value - a.low, b.high - b.value);
    let above = reach(a.high - a.value, b.value - b.low);
    (value, Interval { low: (value - below).max(-1.0), high: (value + above).min(1.0) })
}

/// Pearson's; 0 where one side does not vary.
fn correlation(pairs: &[[f64; 2]]) -> f64 {
    let n = pairs.len().max(1) as f64;
    let mean = [0, 1].map(|side| pairs.iter().map(|pair| pair[side]).sum::<f64>() / n);
    let moment = |i: usize, j: usize| pairs.iter().map(|p| (p[i] - mean[i]) * (p[j] - mean[j])).sum::<f64>();
    let spread = (moment(0, 0) * moment(1, 1)).sqrt();
    if spread > 0.0 { (moment(0, 1) / spread).clamp(-1.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excess_of(tables: [[u64; 8]; 2]) -> Excess {
        excess(tables, 0.95, &mut Draws::new(1, "excess")).expect("both base decisions occur")
    }

    /// A control that decides as the tuned model does leaves nothing to the base.
    #[test]
    fn a_control_that_is_the_tuned_model_leaves_nothing() {
        let alike = |[n00, n01, n10, n11]: [u64; 4]| [n00, 0, 0, n01, n10, 0, 0, n11];
        let found = excess_of([alike([300, 30, 20, 150]), alike([3600, 200, 150, 1050])]);
        let nothing = (0.0, Interval { low: 0.0, high: 0.0 });
        assert_eq!(found.carried, nothing);
        // The two ends of a share lie unevenly about it, so that a little is left of their difference.
        let (value, interval) = found.share.expect("both have a share");
        assert!(value == 0.0 && interval.low > -0.05 && interval.high < 0.05, "{interval:?}");
    }

    /// Tuned copies the base; the control draws by itself at one rate: the whole flow came with the base.
    #[test]
    fn what_a_control_lacks_came_with_the_base() {
        let copied = |negative: u64, positive: u64| {
            let half = |n: u64| [n * 4 / 5, n / 5];
            let ([a, b], [c, d]) = (half(negative), half(positive));
            [a, b, 0, 0, 0, 0, c, d]
        };
        let found = excess_of([copied(650, 350), copied(6400, 1600)]);
        assert!((found.carried.0 - 0.15).abs() < 1e-12, "{found:?}");
        assert!(found.carried.1.low > 0.1 && found.carried.1.high < 0.2, "{found:?}");
        assert_eq!(found.share, None, "a control without any flow has no share");
    }
}
