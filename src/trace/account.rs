//! The rule's statements about one finding, each with the interval that it was read from: what led
//! to a verdict, and what was missing for the one that the point estimates suggest.

use super::rule::{Rule, Tracer};
use crate::result::{Basis, Verdict};
use crate::stats::{Interval, Quad};

/// One statement that the candidate verdict needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Needed {
    /// The statement in words.
    pub words: String,
    /// The interval that it was read from.
    pub interval: Interval,
    /// Whether the interval certifies it.
    pub holds: bool,
}

/// The verdict that the point estimates suggest, with every statement that it needs; `None` where a
/// condition has no rows.
pub fn account(rule: Rule, basis: &Basis, z: f64) -> Option<(Verdict, Vec<Needed>)> {
    let quad = Quad::new(&basis.slice, &basis.reference)?;
    let (x, y) = quad.gaps();
    let candidate = rule.truth(x, y);
    let six = Tracer::new(rule, quad).six(z);
    // Statements are about a positive gap: of the tuned model, or of the base where that is gone.
    let leading = if candidate == Verdict::Eliminated || y == 0.0 { x } else { y };
    let six = if leading < 0.0 { six.negated() } else { six };
    let s = rule.statements(&six);
    let points = |share: f64| format!("{} points", (share * 1000.0).round() / 10.0);
    let (tau, kappa) = (points(rule.tau), points(rule.kappa()));
    let say = |words: String, interval: Interval, holds: bool| Needed { words, interval, holds };
    let base_gap = || say(format!("the base's gap is beyond {tau}"), six.base, s.base_gap);
    let base_none = || say(format!("the base's gap is within {tau}"), six.base, s.base_none);
    let tuned_gap = || say(format!("the tuned gap is beyond {tau}"), six.tuned, s.tuned_gap);
    let tuned_none = || say(format!("the tuned gap is within {tau}"), six.tuned, s.tuned_none);
    let same = || say(format!("the change is within {kappa}, or the gaps within {} times each other", rule.phi), six.change, s.same);
    let grown = || say(format!("the gap grew by more than {kappa} and to more than {} times", rule.phi), six.change, s.grown);
    let shrunk = || say(format!("the gap shrank by more than {kappa} and to less than 1/{}", rule.phi), six.change, s.shrunk);
    let new = || say(format!("the base had no gap beyond {tau} this way, or less than 1/{} of this one", rule.psi), six.base, s.mostly_new);
    let old = || say(format!("the base had more than 1/{} of this gap", rule.psi), six.base, s.partly_old);
    let either = || if s.base_gap { base_gap() } else { tuned_gap() };
    let needed = match candidate {
        Verdict::Absent => vec![base_none(), tuned_none()],
        Verdict::Inherited => vec![either(), same()],
        Verdict::Introduced => vec![tuned_gap(), grown(), new()],
        Verdict::Amplified => vec![base_gap(), tuned_gap(), grown(), old()],
        Verdict::Attenuated => vec![base_gap(), tuned_gap(), shrunk()],
        _ => vec![base_gap(), tuned_none(), shrunk()],
    };
    Some((candidate, needed))
}
