//! The number that a limit is for: a point, an interval at any confidence, and posterior draws.

use super::select::{Target, basis, subject};
use crate::config::{Limit, Of, On};
use crate::metrics;
use crate::result::{Aggregate, Basis, Estimate, MACRO, Reason, Subject, Value, WORST};
use crate::stats::{Contrast, Draws, Duo, Interval, Paired, Quad, Twin, wilson};
use crate::trace::{Gaps, Posterior};

/// What is judged, with all that it takes to judge it at another confidence.
pub enum Number {
    /// A slice's own value or its change.
    Within(Twin, Duo, Contrast),
    /// A gap or its change.
    Gap(Basis, Quad, Contrast),
    /// |D_T| − |D_B|.
    Growth(Basis, Quad),
    /// A model's ratio, slice over reference; true for the base.
    Ratio(Basis, Quad, bool),
    /// The tuned ratio over the base's.
    RatioChange(Basis, Quad),
    /// An aggregate or a value that counts nobody, with the interval that it has at a quantile z, and its
    /// rows. At another quantile the distances to its ends are stretched in proportion.
    Stored(f64, Interval, f64, u64),
}

/// Why there is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoNumber {
    /// It was hidden for privacy.
    Hidden,
    /// It is undefined.
    Undefined,
}

impl Number {
    /// The number that a limit check reads of a target.
    /// A stored interval holds at quantile `z`.
    pub fn of(target: &Target, of: Of, on: On, limit: Limit, z: f64) -> Result<Number, NoNumber> {
        match target {
            Target::Finding { finding, turned } => {
                let basis = basis(finding, *turned).ok_or(NoNumber::Hidden)?;
                let quad = basis.quad().ok_or(NoNumber::Undefined)?;
                Ok(Number::of_quad(basis, quad, of, on, limit))
            }
            Target::Values { values, .. } => Number::of_values(values, on, z),
            Target::Aggregates { aggregates, .. } => Number::of_aggregates(aggregates, on, z),
            Target::Missing { .. } => Err(NoNumber::Undefined),
        }
    }

    fn of_quad(basis: Basis, quad: Quad, of: Of, on: On, limit: Limit) -> Number {
        match (of, on) {
            (Of::Ratio, On::Change) => Number::RatioChange(basis, quad),
            (Of::Ratio, side) => Number::Ratio(basis, quad, side == On::Base),
            _ if matches!(limit, Limit::MaxGrowth(_)) => Number::Growth(basis, quad),
            (_, side) => Number::Gap(basis, quad, contrast(side)),
        }
    }

    fn of_values(values: &[&Value], on: On, z: f64) -> Result<Number, NoNumber> {
        let fits = |model: Subject| model == subject(on) || matches!(model, Subject::Pair | Subject::Labels);
        let value = values.iter().find(|value| fits(value.model)).ok_or(NoNumber::Undefined)?;
        let counted = !matches!(value.class.as_deref(), Some(MACRO | WORST));
        let rate = counted && metrics::find(&value.metric).is_none_or(metrics::is_rate);
        let counts = match (value.basis, value.estimate) {
            (Some(counts), _) => counts,
            (None, Estimate::Known { value, low, support, .. }) if rate && of_rows(value, low, support, z) => {
                as_counts(value, support)
            }
            (None, Estimate::Known { value, low: Some(low), high: Some(high), support }) => {
                return Ok(Number::Stored(value, Interval { low, high }, z, support));
            }
            (None, Estimate::Undefined { undefined: Reason::Hidden }) => return Err(NoNumber::Hidden),
            (None, _) => return Err(NoNumber::Undefined),
        };
        let duo = counts.duo().ok_or(NoNumber::Undefined)?;
        // A number of the pair, or of the labels, stands for itself whatever it is asked on.
        let contrast = if value.model == subject(on) { contrast(on) } else { Contrast::TUNED };
        Ok(Number::Within(counts, duo, contrast))
    }

    fn of_aggregates(aggregates: &[&Aggregate], on: On, z: f64) -> Result<Number, NoNumber> {
        let found = aggregates
            .iter()
            .find(|aggregate| {
                aggregate.model == subject(on) || matches!(aggregate.model, Subject::Pair | Subject::Labels)
            })
            .ok_or(NoNumber::Undefined)?;
        match found.estimate {
            Estimate::Known { value, low: Some(low), high: Some(high), support } => {
                Ok(Number::Stored(value, Interval { low, high }, z, support))
            }
            Estimate::Undefined { undefined: Reason::Hidden } => Err(NoNumber::Hidden),
            _ => Err(NoNumber::Undefined),
        }
    }

    /// The point estimate.
    pub fn value(&self) -> Option<f64> {
        match self {
            Number::Within(_, duo, contrast) => Some(duo.value(*contrast)),
            Number::Gap(_, quad, contrast) => Some(quad.value(*contrast)),
            Number::Growth(_, quad) => {
                let (base, tuned) = quad.gaps();
                Some(tuned.abs() - base.abs())
            }
            Number::Ratio(_, quad, base) => quad.ratio(*base, 1.0).map(|(value, _)| value),
            Number::RatioChange(_, quad) => quad.ratio_change(1.0).map(|(value, _)| value),
            Number::Stored(value, ..) => Some(*value),
        }
    }

    /// The interval at quantile `z`.
    pub fn at(&self, z: f64) -> Option<Interval> {
        match self {
            Number::Within(_, duo, contrast) => Some(duo.interval(*contrast, z)),
            Number::Gap(_, quad, contrast) => Some(quad.plain(*contrast, z)),
            Number::Growth(_, quad) => Some(growth(quad, z)),
            Number::Ratio(_, quad, base) => quad.ratio(*base, z).map(|(_, interval)| interval),
            Number::RatioChange(_, quad) => quad.ratio_change(z).map(|(_, interval)| interval),
            Number::Stored(value, interval, at, _) => Some(stretched(*value, *interval, z / at)),
        }
    }

    /// Rows inside the condition: of the slice, and the smaller of slice and reference.
    pub fn support(&self) -> (u64, u64) {
        match self {
            Number::Within(counts, ..) => (counts.support(), counts.support()),
            Number::Gap(basis, ..)
            | Number::Growth(basis, _)
            | Number::Ratio(basis, ..)
            | Number::RatioChange(basis, _) => (basis.slice.support(), basis.support()),
            Number::Stored(_, _, _, support) => (*support, *support),
        }
    }

    /// The same number of about `factor` times as many rows; `None` for a stored one.
    pub fn scaled(&self, factor: f64) -> Option<Number> {
        let basis = match self {
            Number::Within(counts, _, contrast) => {
                let counts = counts.scaled(factor);
                return Some(Number::Within(counts, counts.duo()?, *contrast));
            }
            Number::Gap(basis, ..)
            | Number::Growth(basis, _)
            | Number::Ratio(basis, ..)
            | Number::RatioChange(basis, _) => basis.scaled(factor),
            Number::Stored(..) => return None,
        };
        let quad = basis.quad()?;
        Some(match self {
            Number::Gap(_, _, contrast) => Number::Gap(basis, quad, *contrast),
            Number::Ratio(_, _, base) => Number::Ratio(basis, quad, *base),
            Number::RatioChange(..) => Number::RatioChange(basis, quad),
            _ => Number::Growth(basis, quad),
        })
    }

    /// One draw from the posterior; `None` for a stored number or where the draw has no value.
    pub fn draw(&self, draws: &mut Draws) -> Option<f64> {
        let weigh = |(b, t): (f64, f64), c: &Contrast| c.a * t - c.k * b;
        let rates = |twin: &Twin, draws: &mut Draws| Posterior::new(twin).draw(draws);
        let pair = |basis: &Basis, draws: &mut Draws| (rates(&basis.slice, draws), rates(&basis.reference, draws));
        let ratio = |p: f64, q: f64| (q > 0.0).then(|| p / q);
        match self {
            Number::Within(counts, _, contrast) => Some(weigh(rates(counts, draws), contrast)),
            Number::Gap(basis, _, contrast) => Some(weigh(Gaps::new(basis).draw(draws), contrast)),
            Number::Growth(basis, _) => {
                let (base, tuned) = Gaps::new(basis).draw(draws);
                Some(tuned.abs() - base.abs())
            }
            Number::Ratio(basis, _, base) => {
                let (s, r) = pair(basis, draws);
                if *base { ratio(s.0, r.0) } else { ratio(s.1, r.1) }
            }
            Number::RatioChange(basis, _) => {
                let (s, r) = pair(basis, draws);
                ratio(ratio(s.1, r.1)?, ratio(s.0, r.0)?)
            }
            Number::Stored(..) => None,
        }
    }
}

fn stretched(value: f64, interval: Interval, factor: f64) -> Interval {
    // The bootstrap of a largest difference can leave its point estimate out.
    let (below, above) = ((value - interval.low).max(0.0), (interval.high - value).max(0.0));
    Interval { low: value - factor * below, high: value + factor * above }
}

fn contrast(on: On) -> Contrast {
    match on {
        On::Base => Contrast::BASE,
        On::Tuned => Contrast::TUNED,
        On::Change => Contrast::CHANGE,
    }
}

/// Whether a rate's interval is that of rows which count once each: with weights or units it is not.
fn of_rows(value: f64, low: Option<f64>, rows: u64, z: f64) -> bool {
    let expected = wilson((value * rows as f64).round(), rows as f64, z).low;
    rows > 0 && low.is_none_or(|low| (low - expected).abs() < 1e-9)
}

/// The counts of a rate of one model alone, as a pair that agrees on every row.
fn as_counts(value: f64, rows: u64) -> Twin {
    let events = ((value * rows as f64).round() as u64).min(rows);
    Paired { both: [[rows - events, 0], [0, events]], ..Paired::default() }.into()
}

/// The interval of |y| − |x|, the growth of a gap.
///
/// Where the intervals of both gaps tell their signs a and b, it is that of a·y − b·x. Where a sign
/// is open, the lower end is the lowest over the signs left open, and the upper end that of |y − x|,
/// which no growth exceeds: at the kink of |·| either end of one contrast alone would promise too much.
fn growth(quad: &Quad, z: f64) -> Interval {
    let (minus, plus) = (quad.plain(Contrast::CHANGE, z), quad.plain(Contrast::SUM, z));
    let (base, tuned) = (signs(quad.plain(Contrast::BASE, z)), signs(quad.plain(Contrast::TUNED, z)));
    let contrast = |a: f64, b: f64| {
        let toward = if a == b { minus } else { plus };
        if a > 0.0 { toward } else { toward.negated() }
    };
    if let ([a], [b]) = (tuned, base) {
        return contrast(*a, *b);
    }
    let open = tuned.iter().flat_map(|&a| base.iter().map(move |&b| contrast(a, b)));
    let low = open.map(|interval| interval.low).fold(f64::INFINITY, f64::min);
    Interval { low, high: minus.high.max(-minus.low) }
}

/// The signs that an interval leaves open.
fn signs(interval: Interval) -> &'static [f64] {
    if interval.low > 0.0 {
        &[1.0]
    } else if interval.high < 0.0 {
        &[-1.0]
    } else {
        &[1.0, -1.0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::multinomial;

    const Z: f64 = 1.959_963_984_540_054;

    fn quad(slice: [u64; 4], reference: [u64; 4]) -> Quad {
        let paired = |[a, b, c, d]: [u64; 4]| Twin::from(Paired { both: [[a, b], [c, d]], ..Paired::default() });
        Quad::new(&paired(slice), &paired(reference)).expect("both groups have rows")
    }

    #[test]
    fn the_growth_of_a_gap_of_known_sign_is_its_change() {
        let both_negative = quad([880, 30, 20, 70], [500, 50, 50, 400]);
        let change = both_negative.plain(Contrast::CHANGE, Z);
        assert_eq!(growth(&both_negative, Z), change.negated());
        let both_positive = quad([500, 50, 50, 400], [880, 30, 20, 70]);
        assert_eq!(growth(&both_positive, Z), both_positive.plain(Contrast::CHANGE, Z));
    }

    /// At the kink of |·|, with a true growth that is exactly the limit, no more than the nominal
    /// 2.5 % of the data sets (and three standard errors) say that it is inside.
    #[test]
    fn the_growth_from_no_gap_is_not_promised_too_often() {
        let (slice, reference) = ([204, 21, 6, 69], [2130, 120, 120, 630]);
        let mut draws = Draws::new(1, "growth");
        let mut draw = |counts: [u64; 4]| {
            let mut drawn = [0; 4];
            multinomial(&counts, &mut drawn, &mut draws);
            drawn
        };
        let met = (0..4000).filter(|_| growth(&quad(draw(slice), draw(reference)), Z).high <= 0.05).count();
        assert!(met <= 130, "{met} of 4000");
    }
}
