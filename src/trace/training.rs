//! Overfitting by group (statistics.md 5): numbers on the rows that the tuned model learned from, minus those
//! on the audited rows.
//!
//! The two are independent samples, so each difference squares and adds the distances to the limits of
//! either side (Zou & Donner 2008).

use crate::evidence::PAIRS;
use crate::measure::Comparison;
use crate::result::{Basis, Estimate, Reason, Subject, Training};
use crate::stats::{Contrast, Interval, quantile_of};

const SUBJECTS: [(Subject, Contrast); 3] =
    [(Subject::Base, Contrast::BASE), (Subject::Tuned, Contrast::TUNED), (Subject::Change, Contrast::CHANGE)];

/// Three entries for each audited comparison: base, tuned and their change. A side of fewer than `least` rows
/// (besides the metric's own least support) gives no number.
pub fn training(confidence: f64, least: u64, train: &[Comparison], audited: &[Comparison]) -> Vec<Training> {
    let z = quantile_of(confidence);
    let of = |one: &Comparison| {
        let least = one.metric.least_support(least);
        let other = twin(train, one).filter(|basis| basis.support() >= least && one.basis.support() >= least);
        SUBJECTS.map(|(model, contrast)| {
            let [own, gap] = match &other {
                Some(other) => differences(other, &one.basis, contrast, z),
                None => [Estimate::Undefined { undefined: Reason::TooFewRows }; 2],
            };
            let (metric, class) = (one.metric.id.to_string(), one.class.clone());
            let (slice, reference) = (one.slice.clone(), one.reference.clone());
            Training { metric, class, slice, reference, model, own, gap }
        })
    };
    // Pairs are made of the audited rows alone.
    audited.iter().filter(|one| !one.slice.starts_with(PAIRS)).flat_map(of).collect()
}

/// The same comparison among others; of a two-group attribute the smaller group may be the other one there.
fn twin(among: &[Comparison], one: &Comparison) -> Option<Basis> {
    let same = |other: &&Comparison| {
        (other.metric.id, &other.class, &other.reference) == (one.metric.id, &one.class, &one.reference)
    };
    among.iter().filter(same).find_map(|other| {
        let turns = other.mirror.as_ref() == Some(&one.slice);
        if turns { Some(other.basis.turned()) } else { (other.slice == one.slice).then_some(other.basis) }
    })
}

/// The slice's own number and the gap, training minus audited.
fn differences(train: &Basis, audited: &Basis, contrast: Contrast, z: f64) -> [Estimate; 2] {
    let rows = train.support().min(audited.support());
    let nothing = Estimate::Undefined { undefined: Reason::NotDefined };
    let (Some(a), Some(b)) = (train.quad(), audited.quad()) else { return [nothing; 2] };
    let minus = |(x, xs): (f64, Interval), (y, ys): (f64, Interval)| {
        let (below, above) = ((x - xs.low).hypot(ys.high - y), (xs.high - x).hypot(y - ys.low));
        Estimate::known(x - y, x - y - below, x - y + above, rows)
    };
    let own = minus(
        (a.slice.value(contrast), a.slice.interval(contrast, z)),
        (b.slice.value(contrast), b.slice.interval(contrast, z)),
    );
    [own, minus((a.value(contrast), a.interval(contrast, z)), (b.value(contrast), b.interval(contrast, z)))]
}
