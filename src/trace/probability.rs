//! Posterior probabilities of the exact verdicts (statistics.md 2.7): which, most likely, where
//! nothing can be claimed yet. They never turn into a verdict.

use super::Rule;
use crate::result::{Basis, Probabilities, Verdict};
use crate::stats::{Contrast, Dirichlet, Draws, Tail, Twin, bivariate_normal};

/// Draws behind every posterior.
pub const DRAWS: usize = 2000;

/// Standard deviations from its mean that no draw of a normal variable reaches: it would in 1 of 10¹³.
const FAR: f64 = 7.5;

/// The posterior of a group's (base, tuned) rates.
pub enum Posterior {
    /// One condition for both models: the table is Dirichlet(counts + 1/2).
    Table(Dirichlet),
    /// Two conditions, or no rate: the bivariate normal of the estimates, by means and covariance.
    Normal((f64, f64), (f64, f64, f64)),
    /// A condition without rows.
    Empty,
}

impl Posterior {
    /// From what is known of the group.
    pub fn new(twin: &Twin) -> Posterior {
        if let Some(counts) = twin.counts().filter(|counts| counts.same_condition()) {
            return Posterior::Table(Dirichlet::new(counts.cells()));
        }
        match twin.duo() {
            Some(duo) => Posterior::Normal((duo.value(Contrast::BASE), duo.value(Contrast::TUNED)), duo.covariance()),
            None => Posterior::Empty,
        }
    }

    /// One draw of (base, tuned).
    pub fn draw(&self, draws: &mut Draws) -> (f64, f64) {
        match self {
            Posterior::Table(table) => {
                let [_, n01, n10, n11] = table.draw(draws);
                (n10 + n11, n01 + n11)
            }
            Posterior::Normal(mean, covariance) => bivariate_normal(*mean, *covariance, draws),
            Posterior::Empty => (f64::NAN, f64::NAN),
        }
    }

    /// The tails of (base, tuned).
    fn tails(&self) -> Option<[Tail; 2]> {
        let normal = |mean: f64, variance: f64| Tail { mean, variance, skew: 0.0 };
        match self {
            Posterior::Table(table) => Some(table.rates()),
            Posterior::Normal(mean, (xx, yy, _)) => Some([normal(mean.0, *xx), normal(mean.1, *yy)]),
            Posterior::Empty => None,
        }
    }
}

/// The posterior of the two gaps.
pub enum Gaps {
    /// Slice and reference share nobody: each has its own.
    Apart(Posterior, Posterior),
    /// They share units, or are halves of the same pairs: the bivariate normal of the gaps.
    Together(Posterior),
}

impl Gaps {
    /// From what is known of both groups.
    pub fn new(basis: &Basis) -> Gaps {
        match basis.quad().filter(|_| basis.between.is_some()) {
            Some(quad) => Gaps::Together(Posterior::Normal(quad.gaps(), quad.covariance())),
            None => Gaps::Apart(Posterior::new(&basis.slice), Posterior::new(&basis.reference)),
        }
    }

    /// One draw of (D_B, D_T).
    pub fn draw(&self, draws: &mut Draws) -> (f64, f64) {
        match self {
            Gaps::Apart(slice, reference) => {
                let (slice, reference) = (slice.draw(draws), reference.draw(draws));
                (slice.0 - reference.0, slice.1 - reference.1)
            }
            Gaps::Together(gaps) => gaps.draw(draws),
        }
    }

    /// The truth cell that every draw would fall into, where there is one. The cells are bounded by lines that rise
    /// with the base's gap, and by constants: what holds at the corners of a box holds inside.
    fn certain(&self, rule: &Rule) -> Option<Verdict> {
        let [base, tuned] = self.reach()?;
        let truth = rule.truth(base.0, tuned.0);
        let corners = [(base.0, tuned.1), (base.1, tuned.0), (base.1, tuned.1)];
        corners.iter().all(|corner| rule.truth(corner.0, corner.1) == truth).then_some(truth)
    }

    /// Between which numbers all draws of D_B and of D_T lie.
    fn reach(&self) -> Option<[(f64, f64); 2]> {
        let tails = match self {
            Gaps::Apart(slice, reference) => {
                let (slice, reference) = (slice.tails()?, reference.tails()?);
                [0, 1].map(|side| slice[side].less(&reference[side]))
            }
            Gaps::Together(gaps) => gaps.tails()?,
        };
        let ends = tails.map(|tail| tail.ends(FAR));
        ends.iter().all(|(low, high)| low.is_finite() && high.is_finite()).then_some(ends)
    }
}

/// The share of draws in each truth cell.
pub fn probabilities(rule: &Rule, basis: &Basis, draws: &mut Draws) -> Probabilities {
    let gaps = Gaps::new(basis);
    let mut counts = [0; EXACT.len()];
    let mut count = |truth: Verdict, draws: usize| {
        counts.iter_mut().zip(EXACT).filter(|(_, exact)| *exact == truth).for_each(|(count, _)| *count += draws);
    };
    match gaps.certain(rule) {
        Some(truth) => count(truth, DRAWS),
        None => (0..DRAWS).map(|_| gaps.draw(draws)).for_each(|(base, tuned)| count(rule.truth(base, tuned), 1)),
    }
    let [absent, inherited, introduced, amplified, attenuated, eliminated] =
        counts.map(|count| count as f64 / DRAWS as f64);
    Probabilities { absent, inherited, introduced, amplified, attenuated, eliminated }
}

/// The most probable verdict and its probability; of equals the first.
pub fn likeliest(chances: &Probabilities) -> (Verdict, f64) {
    let Probabilities { absent, inherited, introduced, amplified, attenuated, eliminated } = *chances;
    let all = EXACT.into_iter().zip([absent, inherited, introduced, amplified, attenuated, eliminated]);
    all.fold((Verdict::Absent, absent), |most, one| if one.1 > most.1 { one } else { most })
}

/// The truth cells, in the order of the fields of [`Probabilities`].
const EXACT: [Verdict; 6] = [
    Verdict::Absent,
    Verdict::Inherited,
    Verdict::Introduced,
    Verdict::Amplified,
    Verdict::Attenuated,
    Verdict::Eliminated,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Paired;
    use proptest::prelude::*;

    proptest! {
        /// What holds at the corners of a box holds inside.
        #[test]
        fn corners_tell_of_a_box(
            (tau, phi, psi) in (0.01..0.1_f64, 1.1..2.0_f64, 2.1..4.0_f64),
            (x, y) in (-0.3..0.3_f64, -0.3..0.3_f64),
            (width, height) in (0.0..0.1_f64, 0.0..0.1_f64),
            inside in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 40),
        ) {
            let rule = Rule { tau, phi, psi };
            let truth = |a: f64, b: f64| rule.truth(x + a * width, y + b * height);
            let corners = [truth(0.0, 0.0), truth(0.0, 1.0), truth(1.0, 0.0), truth(1.0, 1.0)];
            if corners.iter().all(|corner| *corner == corners[0]) {
                prop_assert!(inside.into_iter().all(|(a, b)| truth(a, b) == corners[0]));
            }
        }
    }

    /// Of many rows what draws would say is said without them; of few it is drawn.
    #[test]
    fn what_is_certain_is_what_is_drawn() {
        let rule = Rule { tau: 0.05, phi: 1.5, psi: 3.0 };
        let group = |times: u64, cells: [u64; 4]| {
            let mut counts = Paired::default();
            for (said, n) in [(false, false), (false, true), (true, false), (true, true)].into_iter().zip(cells) {
                counts.add(Some(said.0), Some(said.1), n * times);
            }
            Twin::Counts(counts)
        };
        for (slice, verdict) in [([60, 4, 4, 32], Verdict::Absent), ([44, 2, 2, 52], Verdict::Inherited)] {
            let certain = |times: u64| {
                let basis = Basis::new(group(times, slice), group(times, [61, 4, 4, 31]));
                (Gaps::new(&basis).certain(&rule), likeliest(&probabilities(&rule, &basis, &mut Draws::new(1, "c"))))
            };
            assert_eq!(certain(10_000), (Some(verdict), (verdict, 1.0)));
            assert_eq!(certain(1).0, None);
            let gaps = Gaps::new(&Basis::new(group(10_000, slice), group(10_000, [61, 4, 4, 31])));
            let (mut draws, [base, tuned]) = (Draws::new(1, "c"), gaps.reach().expect("both have rows"));
            let within = |(x, y): (f64, f64)| base.0 < x && x < base.1 && tuned.0 < y && y < tuned.1;
            assert!((0..DRAWS).all(|_| within(gaps.draw(&mut draws))));
        }
    }
}
