//! The inherited share (statistics.md section 3): how much of the tuned gap runs along the base's own
//! decisions, scores or errors, with its extended bootstrap interval: of counts by multinomial draws, of means by
//! draws from the normal law of means and slopes.
//!
//! It is an association: descendants that relearn the same labels on the same features also score
//! high. Only a control model could say more.

use crate::measure::Comparison;
use crate::result::{Basis, Share};
use crate::stats::{Draws, Paired, Path, Paths, multinomial, percentiles};

const REPLICATES: usize = 1000;

/// The parts of a tuned gap for one pair of tables.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// λ: mean slope of tuned on base decisions inside the groups.
    pub transmission: f64,
    /// I = λ · D_B.
    pub inherited: f64,
    /// U = D_T − I.
    pub introduced: f64,
}

impl Flow {
    /// From the 2×2 tables (cells 00, 01, 10, 11) of slice and reference; `None` where neither
    /// group has both base decisions.
    pub fn of(slice: [u64; 4], reference: [u64; 4]) -> Option<Flow> {
        let gaps = [base_rate(slice)? - base_rate(reference)?, tuned_rate(slice)? - tuned_rate(reference)?];
        Flow::new([slope(slice), slope(reference)], gaps)
    }

    /// From the means and slopes of slice and reference.
    pub fn along([slice, reference]: &[Path; 2]) -> Option<Flow> {
        let gaps = [slice.base - reference.base, slice.tuned - reference.tuned];
        Flow::new([slice.slope, reference.slope], gaps)
    }

    /// From the slopes inside the groups and the gaps of base and tuned; `None` without any slope.
    fn new(slopes: [Option<f64>; 2], [base, tuned]: [f64; 2]) -> Option<Flow> {
        let transmission = match slopes {
            [Some(a), Some(b)] => (a + b) / 2.0,
            [a, b] => a.or(b)?,
        };
        let inherited = transmission * base;
        Some(Flow { transmission, inherited, introduced: tuned - inherited })
    }

    /// |I| / (|I| + |U|) where λ > 0, else 0; `None` where there is no flow at all.
    pub fn share(&self) -> Option<f64> {
        let total = self.inherited.abs() + self.introduced.abs();
        let share = if self.transmission > 0.0 { self.inherited.abs() } else { 0.0 };
        (total > 0.0).then(|| share / total)
    }
}

/// What a flow is computed from.
#[derive(Debug, Clone, Copy)]
pub enum Source {
    /// The 2×2 tables of a rate of rows that count once each.
    Tables([[u64; 4]; 2]),
    /// Means of rows.
    Paths([Path; 2]),
    /// Means over the halves of pairs.
    Halves(Paths),
}

impl Source {
    /// That of a comparison; `None` where base and tuned are no means of the same rows.
    pub fn of(comparison: &Comparison) -> Option<Source> {
        // Tables that share rows or units are not drawn apart.
        let apart = comparison.basis.between.is_none();
        let counted = tables(&comparison.basis).filter(|_| apart).map(Source::Tables);
        counted.or_else(|| comparison.paths.map(Source::Paths)).or_else(|| comparison.halves.map(Source::Halves))
    }

    /// The flow; `None` where the base says one thing in both groups.
    pub fn flow(&self) -> Option<Flow> {
        match self {
            Source::Tables([slice, reference]) => Flow::of(*slice, *reference),
            Source::Paths(paths) => Flow::along(paths),
            Source::Halves(halves) => Flow::along(&halves.each),
        }
    }

    /// Its bootstrap.
    pub fn resampled(&self, draws: &mut Draws) -> Resampled {
        match self {
            Source::Tables(tables) => Resampled::new(*tables, draws),
            Source::Paths([slice, reference]) => {
                let mut draw = || Flow::along(&[slice.draw(draws), reference.draw(draws)]);
                Resampled((0..REPLICATES).filter_map(|_| draw()).collect())
            }
            Source::Halves(halves) => {
                Resampled((0..REPLICATES).filter_map(|_| Flow::along(&halves.draw(draws))).collect())
            }
        }
    }
}

/// The 2×2 tables of slice and reference, where the metric is a rate with one condition for both models.
pub fn tables(basis: &Basis) -> Option<[[u64; 4]; 2]> {
    let table = |counts: Option<&Paired>| counts.filter(|counts| counts.same_condition()).map(Paired::cells);
    Some([table(basis.slice.counts())?, table(basis.reference.counts())?])
}

/// P(t=1|b=1) − P(t=1|b=0), the slope of tuned on base.
fn slope([n00, n01, n10, n11]: [u64; 4]) -> Option<f64> {
    let (negative, positive) = (n00 + n01, n10 + n11);
    (negative > 0 && positive > 0).then(|| n11 as f64 / positive as f64 - n01 as f64 / negative as f64)
}

fn base_rate([n00, n01, n10, n11]: [u64; 4]) -> Option<f64> {
    let n = n00 + n01 + n10 + n11;
    (n > 0).then(|| (n10 + n11) as f64 / n as f64)
}

fn tuned_rate([n00, n01, n10, n11]: [u64; 4]) -> Option<f64> {
    let n = n00 + n01 + n10 + n11;
    (n > 0).then(|| (n01 + n11) as f64 / n as f64)
}

/// The flows of `REPLICATES` bootstrap draws of both groups.
pub struct Resampled(Vec<Flow>);

impl Resampled {
    /// Draws; replicates without a flow (one base decision only) are left out.
    pub fn new([slice, reference]: [[u64; 4]; 2], draws: &mut Draws) -> Resampled {
        let mut draw = |cells: [u64; 4]| {
            let mut drawn = [0; 4];
            multinomial(&cells, &mut drawn, draws);
            drawn
        };
        Resampled((0..REPLICATES).filter_map(|_| Flow::of(draw(slice), draw(reference))).collect())
    }

    /// Replicates that were drawn elsewhere.
    pub fn of(flows: Vec<Flow>) -> Resampled {
        Resampled(flows)
    }

    /// Percentile interval of a function of the flow; `None` where it is undefined in more than one draw of ten.
    pub fn interval(&self, confidence: f64, part: impl Fn(&Flow) -> Option<f64>) -> Option<(f64, f64)> {
        percentiles(self.0.iter().filter_map(part).collect(), REPLICATES, confidence)
    }

    /// The share with its interval, extended to 0 or 1 where the flows cannot exclude them
    /// (statistics.md 3.3: the plain percentile interval never covers a share of 1).
    pub fn share(&self, point: &Flow, confidence: f64) -> Option<Share> {
        let value = point.share()?;
        let (low, high) = self.interval(confidence, Flow::share)?;
        let inherited = self.interval(confidence, |flow| Some(flow.inherited))?;
        let introduced = self.interval(confidence, |flow| Some(flow.introduced))?;
        let transmission = self.interval(confidence, |flow| Some(flow.transmission))?;
        let to_zero = contains_zero(inherited) || transmission.0 <= 0.0;
        Some(Share {
            value,
            low: if to_zero { 0.0 } else { low.min(value) },
            high: if contains_zero(introduced) { 1.0 } else { high.max(value) },
        })
    }
}

fn contains_zero((low, high): (f64, f64)) -> bool {
    low <= 0.0 && high >= 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Scale, mean};
    use proptest::prelude::*;

    const SLACK: f64 = 1e-9;

    fn path(rows: &[(f64, f64)]) -> Path {
        let ones = vec![1.0; rows.len()];
        let of = |numbers: Vec<f64>| mean(&numbers, &ones, Scale::Mean).expect("rows");
        let [base, tuned] = [rows.iter().map(|row| row.0).collect(), rows.iter().map(|row| row.1).collect()].map(of);
        Path::new(&base, &tuned, &ones, None).expect("means of the same rows")
    }

    fn flow(groups: &[Vec<(f64, f64)>; 2]) -> Flow {
        Flow::along(&groups.each_ref().map(|rows| path(rows))).expect("the base varies")
    }

    fn turned(groups: &[Vec<(f64, f64)>; 2], of: impl Fn(usize, (f64, f64)) -> (f64, f64)) -> [Vec<(f64, f64)>; 2] {
        [0, 1].map(|group| groups[group].iter().map(|&row| of(group, row)).collect())
    }

    fn gaps(groups: &[Vec<(f64, f64)>; 2]) -> [f64; 2] {
        let mean = |group: usize, of: fn(&(f64, f64)) -> f64| {
            groups[group].iter().map(of).sum::<f64>() / groups[group].len() as f64
        };
        [mean(0, |row| row.0) - mean(1, |row| row.0), mean(0, |row| row.1) - mean(1, |row| row.1)]
    }

    /// Two groups of rows (base, tuned) whose base varies and differs.
    fn groups() -> impl Strategy<Value = [Vec<(f64, f64)>; 2]> {
        let rows = || proptest::collection::vec((-2.0..2.0, -2.0..2.0), 3..30);
        let varies = |rows: &Vec<(f64, f64)>| rows.iter().any(|row| (row.0 - rows[0].0).abs() > 0.1);
        (rows(), rows())
            .prop_map(|(slice, reference)| [slice, reference])
            .prop_filter("the base varies and has a gap", move |groups| {
                groups.iter().all(varies) && gaps(groups)[0].abs() > 0.05
            })
    }

    fn share(flow: &Flow) -> f64 {
        flow.share().expect("there is a flow")
    }

    /// The nine properties of statistics.md 3.2, for numbers of any scale.
    mod properties {
        use super::*;

        proptest! {
            #[test]
            fn the_flows_add_up_and_the_share_is_one(groups in groups()) {
                let found = flow(&groups);
                prop_assert!((found.inherited + found.introduced - gaps(&groups)[1]).abs() < SLACK);
                let share = found.share().unwrap_or(0.0);
                prop_assert!((0.0..=1.0).contains(&share));
            }

            #[test]
            fn the_same_model_inherits_all(groups in groups()) {
                let same = flow(&turned(&groups, |_, (b, _)| (b, b)));
                prop_assert!((same.transmission - 1.0).abs() < SLACK && (share(&same) - 1.0).abs() < SLACK);
            }

            /// Each row once with either of two tuned numbers: nothing follows the base, whatever the gaps are.
            #[test]
            fn independent_numbers_inherit_nothing(groups in groups(), shift in 0.1..1.0_f64) {
                let both = [0, 1].map(|group| {
                    let with = |by: f64| groups[group].iter().map(move |&(b, _)| (b, by + shift * (1 - group) as f64));
                    with(0.0).chain(with(1.0)).collect::<Vec<_>>()
                });
                let found = flow(&both);
                prop_assert!(found.transmission.abs() < SLACK && share(&found) < SLACK);
            }

            #[test]
            fn a_reversal_inherits_nothing(groups in groups()) {
                let found = flow(&turned(&groups, |_, (b, _)| (b, 1.0 - b)));
                prop_assert!((found.transmission + 1.0).abs() < SLACK && share(&found) == 0.0);
            }

            #[test]
            fn of_a_base_without_a_gap_nothing_is_inherited(groups in groups()) {
                let gap = gaps(&groups)[0];
                let found = flow(&turned(&groups, |group, (b, t)| (if group == 0 { b - gap } else { b }, t)));
                prop_assert!(found.inherited.abs() < SLACK);
            }

            #[test]
            fn a_copy_of_a_part_is_told_from_what_is_added(groups in groups(), copy in 0.1..0.9_f64, added in 0.1..1.0_f64) {
                let neutral = flow(&turned(&groups, |_, (b, _)| (b, copy * b + 0.3)));
                prop_assert!((neutral.transmission - copy).abs() < SLACK && (share(&neutral) - 1.0).abs() < 1e-6);
                let new = flow(&turned(&groups, |group, (b, _)| (b, copy * b + added * (1 - group) as f64)));
                prop_assert!((new.introduced - added).abs() < SLACK);
                prop_assert!((new.inherited - copy * gaps(&groups)[0]).abs() < SLACK);
            }

            #[test]
            fn what_is_masked_is_half(groups in groups(), copy in 0.1..0.9_f64) {
                let gap = gaps(&groups)[0];
                let masked = |group: usize, (b, _): (f64, f64)| (b, copy * (if group == 0 { b - gap } else { b }));
                let found = flow(&turned(&groups, masked));
                prop_assert!((found.inherited + found.introduced).abs() < SLACK && (share(&found) - 0.5).abs() < 1e-6);
            }

            #[test]
            fn neither_order_nor_sign_nor_unit_matters(groups in groups(), scale in 0.1..10.0_f64, shift in -3.0..3.0_f64) {
                let Some(share) = flow(&groups).share() else { return Ok(()) };
                let [slice, reference] = groups.clone();
                let others = [
                    [reference, slice],
                    turned(&groups, |_, (b, t)| (-b, -t)),
                    turned(&groups, |_, (b, t)| (scale * b + shift, t)),
                ];
                for other in &others {
                    prop_assert!((flow(other).share().expect("there is a flow") - share).abs() < 1e-6);
                }
            }

            #[test]
            fn events_have_the_share_of_their_counts(cells in proptest::array::uniform8(1_u64..20)) {
                let [a, b, c, d, e, f, g, h] = cells;
                let rows = |[n00, n01, n10, n11]: [u64; 4]| {
                    let some = |n: u64, row: (f64, f64)| std::iter::repeat_n(row, n as usize);
                    some(n00, (0.0, 0.0)).chain(some(n01, (0.0, 1.0))).chain(some(n10, (1.0, 0.0)))
                        .chain(some(n11, (1.0, 1.0))).collect::<Vec<_>>()
                };
                let counted = Flow::of([a, b, c, d], [e, f, g, h]).expect("both decisions occur");
                let found = flow(&[rows([a, b, c, d]), rows([e, f, g, h])]);
                prop_assert!((found.inherited - counted.inherited).abs() < SLACK);
                prop_assert!((found.introduced - counted.introduced).abs() < SLACK);
            }
        }
    }

    /// The interval covers a share that is known, of a model that copies a part and adds the rest.
    #[test]
    fn the_interval_of_a_share_of_means_covers_it() {
        let mut noise = Draws::new(11, "share of means");
        let identity = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let mut group = |rows: usize, gap: f64, added: f64| {
            let mut row = || {
                let [x, e, _] = crate::stats::normal([0.0; 3], &identity, &mut noise);
                (gap + x, 0.6 * (gap + x) + added + 0.8 * e)
            };
            (0..rows).map(|_| row()).collect::<Vec<_>>()
        };
        // 0.6 · 0.5 inherited, 0.2 added.
        let covered = (0..400).filter(|place| {
            let source = Source::Paths([path(&group(150, 0.5, 0.2)), path(&group(600, 0.0, 0.0))]);
            let flow = source.flow().expect("the base varies");
            let resampled = source.resampled(&mut Draws::new(*place, "share"));
            resampled.share(&flow, 0.95).is_some_and(|share| share.low <= 0.6 && 0.6 <= share.high)
        });
        let covered = covered.count();
        assert!((368..=396).contains(&covered), "{covered} of 400");
    }
}
