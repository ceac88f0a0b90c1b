//! Posterior probabilities of the exact verdicts (statistics.md 2.7): which, most likely, where
//! nothing can be claimed yet. They never turn into a verdict.

use super::Rule;
use crate::result::{Basis, Probabilities, Verdict};
use crate::stats::{Contrast, Dirichlet, Draws, Twin, bivariate_normal};

/// Draws behind every posterior.
pub const DRAWS: usize = 2000;

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
}

/// The share of draws in each truth cell.
pub fn probabilities(rule: &Rule, basis: &Basis, draws: &mut Draws) -> Probabilities {
    let gaps = Gaps::new(basis);
    let mut counts = [0_u32; EXACT.len()];
    for _ in 0..DRAWS {
        let (base, tuned) = gaps.draw(draws);
        let truth = rule.truth(base, tuned);
        counts.iter_mut().zip(EXACT).filter(|(_, exact)| *exact == truth).for_each(|(count, _)| *count += 1);
    }
    let [absent, inherited, introduced, amplified, attenuated, eliminated] =
        counts.map(|count| f64::from(count) / DRAWS as f64);
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
