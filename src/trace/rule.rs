//! The verdict rule (statistics.md 2.1 and 2.3): which statement about a pair of gaps holds.
//!
//! Six linear contrasts of the gaps have intervals; each row of the rule is a conjunction of
//! one-sided statements about them, so no correction is needed inside a finding (Berger 1982).

use crate::result::Verdict;
use crate::stats::{Contrast, Curves, Interval, Quad, level_of};

/// The margins of the rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// τ: the smallest gap that counts.
    pub tau: f64,
    /// φ: gaps within this ratio are of the same size.
    pub phi: f64,
    /// ψ: a gap this many times the base's is mostly new.
    pub psi: f64,
}

/// The six intervals that the rule reads: D_B, D_T, Δ, D_T − φD_B, φD_T − D_B, D_T − ψD_B.
#[derive(Debug, Clone, Copy)]
pub struct Six {
    pub(super) base: Interval,
    pub(super) tuned: Interval,
    pub(super) change: Interval,
    over: Interval,
    under: Interval,
    mostly: Interval,
}

impl Six {
    /// From the intervals of the rule's contrasts, in their order.
    pub(super) fn of([base, tuned, change, over, under, mostly]: [Interval; 6]) -> Six {
        Six { base, tuned, change, over, under, mostly }
    }

    /// The six intervals of the gaps turned round.
    pub fn negated(&self) -> Six {
        Six {
            base: self.base.negated(),
            tuned: self.tuned.negated(),
            change: self.change.negated(),
            over: self.over.negated(),
            under: self.under.negated(),
            mostly: self.mostly.negated(),
        }
    }
}

/// The certified statements for one sign of the gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statements {
    /// Xp: the base's gap is beyond τ.
    pub base_gap: bool,
    /// X0: the base's gap is within ±τ.
    pub base_none: bool,
    /// Yp: the tuned gap is beyond τ.
    pub tuned_gap: bool,
    /// Y0: the tuned gap is within ±τ.
    pub tuned_none: bool,
    /// F: about the same size.
    pub same: bool,
    /// G: grown.
    pub grown: bool,
    /// H: shrunk.
    pub shrunk: bool,
    /// The base had no gap beyond τ on this side, or at least 1 − 1/ψ of the gap is new.
    pub mostly_new: bool,
    /// Less than 1 − 1/ψ of the gap is new.
    pub partly_old: bool,
    /// The base's gap pointed the other way, beyond τ.
    pub base_opposite: bool,
}

/// What the rule says at one confidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ruling {
    /// The strongest statement.
    pub verdict: Verdict,
    /// Introduced, with the base's gap surely beyond τ the other way.
    pub reversed: bool,
    /// Something to look at: an inherited gap, or any certified tuned gap.
    pub alert: bool,
}

impl Verdict {
    /// True for the six exact verdicts.
    pub fn is_exact(self) -> bool {
        use Verdict::*;
        matches!(self, Inherited | Amplified | Attenuated | Introduced | Eliminated | Absent)
    }
}

impl Rule {
    /// κ: the noise band of a change, half of τ.
    pub fn kappa(&self) -> f64 {
        self.tau / 2.0
    }

    /// The six contrasts, in the order of `Six`.
    pub fn contrasts(&self) -> [Contrast; 6] {
        let Rule { phi, psi, .. } = *self;
        [
            Contrast::BASE,
            Contrast::TUNED,
            Contrast::CHANGE,
            Contrast { a: 1.0, k: phi },
            Contrast { a: phi, k: 1.0 },
            Contrast { a: 1.0, k: psi },
        ]
    }

    /// The truth cell of a pair of gaps: what the verdict is when both are known exactly.
    pub fn truth(&self, x: f64, y: f64) -> Verdict {
        let tau = self.tau;
        if x.abs() <= tau && y.abs() <= tau {
            return Verdict::Absent;
        }
        let same_sign = x * y > 0.0;
        let ratio = y / x;
        if (y - x).abs() <= self.kappa() || same_sign && (1.0 / self.phi..=self.phi).contains(&ratio) {
            return Verdict::Inherited;
        }
        if y.abs() > tau && (y.abs() > x.abs() || !same_sign) {
            let old = y.signum() * x;
            return if old <= tau.max(y.abs() / self.psi) { Verdict::Introduced } else { Verdict::Amplified };
        }
        if y.abs() <= tau { Verdict::Eliminated } else { Verdict::Attenuated }
    }

    /// The rule applied to six intervals, for whichever sign of the gap gives the stronger statement.
    pub fn ruling(&self, six: &Six) -> Ruling {
        let (up, down) = (self.one_sign(six), self.one_sign(&six.negated()));
        let stronger = if rank(down.verdict) < rank(up.verdict) { down } else { up };
        Ruling { alert: up.alert || down.alert, ..stronger }
    }

    /// The certified statements for a positive gap; negate the intervals for a negative one.
    pub fn statements(&self, six: &Six) -> Statements {
        let (tau, kappa) = (self.tau, self.kappa());
        Statements {
            base_gap: six.base.low > tau,
            base_none: six.base.inside(-tau, tau),
            tuned_gap: six.tuned.low > tau,
            tuned_none: six.tuned.inside(-tau, tau),
            same: six.change.inside(-kappa, kappa) || six.over.high < 0.0 && six.under.low > 0.0,
            grown: six.change.low > kappa && six.over.low > 0.0,
            shrunk: six.change.high < -kappa && six.under.high < 0.0,
            mostly_new: six.base.high <= tau || six.mostly.low > 0.0,
            partly_old: six.mostly.high < 0.0,
            base_opposite: six.base.high < -tau,
        }
    }

    fn one_sign(&self, six: &Six) -> Ruling {
        let s = self.statements(six);
        let verdict = exact(&s).unwrap_or_else(|| partial(&s));
        Ruling {
            verdict,
            reversed: verdict == Verdict::Introduced && s.base_opposite,
            alert: s.tuned_gap || verdict == Verdict::Inherited,
        }
    }
}

/// Rows 1 to 6: mutually exclusive.
fn exact(s: &Statements) -> Option<Verdict> {
    if s.base_none && s.tuned_none {
        Some(Verdict::Absent)
    } else if (s.base_gap || s.tuned_gap) && s.same {
        Some(Verdict::Inherited)
    } else if s.tuned_gap && s.grown && s.mostly_new {
        Some(Verdict::Introduced)
    } else if s.tuned_gap && s.base_gap && s.grown && s.partly_old {
        Some(Verdict::Amplified)
    } else if s.base_gap && s.tuned_gap && s.shrunk {
        Some(Verdict::Attenuated)
    } else if s.base_gap && s.tuned_none && s.shrunk {
        Some(Verdict::Eliminated)
    } else {
        None
    }
}

/// Rows 7a to 7f: what can be said short of an exact verdict, the first that holds.
fn partial(s: &Statements) -> Verdict {
    if s.tuned_gap && s.grown {
        Verdict::Worsened
    } else if s.base_gap && s.tuned_gap {
        Verdict::CarriedOver
    } else if s.base_gap && s.shrunk {
        Verdict::Improved
    } else if s.tuned_gap {
        Verdict::Present
    } else if s.tuned_none {
        Verdict::Clear
    } else {
        Verdict::Unclear
    }
}

/// Exact verdicts before partial statements, those in the order of the rule.
fn rank(verdict: Verdict) -> usize {
    use Verdict::*;
    let partial = [Worsened, CarriedOver, Improved, Present, Clear, Unclear];
    partial.iter().position(|&v| v == verdict).map_or(0, |at| at + 1)
}

/// A Quad under the rule, at any confidence.
pub struct Tracer {
    rule: Rule,
    curves: Curves<6>,
    /// What was said at each quantile so far: two searches for a level start alike.
    said: Vec<(f64, Ruling)>,
}

impl Tracer {
    /// Prepares the six curves.
    pub fn new(rule: Rule, quad: Quad) -> Tracer {
        Tracer { rule, curves: Curves::new(quad, rule.contrasts()), said: Vec::new() }
    }

    /// The six intervals at quantile `z`.
    pub fn six(&mut self, z: f64) -> Six {
        Six::of(self.curves.at(z))
    }

    /// What the rule says at quantile `z`.
    pub fn at(&mut self, z: f64) -> Ruling {
        if let Some((_, ruling)) = self.said.iter().find(|(at, _)| *at == z) {
            return *ruling;
        }
        let six = self.six(z);
        let ruling = self.rule.ruling(&six);
        self.said.push((z, ruling));
        ruling
    }

    /// The verdict at quantile `z` where a gap counts from `factor` times τ.
    pub fn at_tau(&mut self, factor: f64, z: f64) -> Verdict {
        let rule = Rule { tau: factor * self.rule.tau, ..self.rule };
        rule.ruling(&self.six(z)).verdict
    }

    /// The smallest level at which an exact verdict fires.
    pub fn p_value(&mut self) -> f64 {
        self.smallest_level(|ruling| ruling.verdict.is_exact())
    }

    /// The smallest level at which any alert fires.
    pub fn flag_p(&mut self) -> f64 {
        self.smallest_level(|ruling| ruling.alert)
    }

    /// Intervals nest, so what fires at z fires below it; 34 halvings of [0, 9] are exact to 5e-10.
    fn smallest_level(&mut self, fires: impl Fn(Ruling) -> bool) -> f64 {
        let (mut low, mut high) = (0.0, 9.0);
        for _ in 0..34 {
            let middle = (low + high) / 2.0;
            if fires(self.at(middle)) { low = middle } else { high = middle }
        }
        level_of(low)
    }
}

/// Whether an exact verdict fires at quantile `z`, without the envelope: for planning sizes.
pub fn settles(rule: &Rule, quad: &Quad, z: f64) -> bool {
    let six = Six::of(quad.several(rule.contrasts(), z));
    rule.ruling(&six).verdict.is_exact()
}
