//! Posterior probabilities of the exact verdicts (statistics.md 2.7): which, most likely, where
//! nothing can be claimed yet. They never turn into a verdict.

use super::Rule;
use crate::result::{Basis, Probabilities, Verdict};
use crate::stats::{Contrast, Draws, Duo, Paired, bivariate_normal, dirichlet};

/// Draws behind every posterior.
pub const DRAWS: usize = 2000;

/// One posterior draw of a group's (base, tuned) rates.
///
/// With one condition for both models: a table from Dirichlet(counts + 1/2). Else the bivariate
/// normal of the estimates.
pub fn rates(counts: &Paired, draws: &mut Draws) -> (f64, f64) {
    if counts.same_condition() {
        let [_, n01, n10, n11] = dirichlet(counts.cells(), draws);
        return (n10 + n11, n01 + n11);
    }
    match Duo::new(counts) {
        Some(duo) => {
            let mean = (duo.value(Contrast::BASE), duo.value(Contrast::TUNED));
            bivariate_normal(mean, duo.covariance(), draws)
        }
        None => (f64::NAN, f64::NAN),
    }
}

/// The share of draws in each truth cell.
pub fn probabilities(rule: &Rule, basis: &Basis, draws: &mut Draws) -> Probabilities {
    let mut counts = [0_u32; EXACT.len()];
    for _ in 0..DRAWS {
        let (slice, reference) = (rates(&basis.slice, draws), rates(&basis.reference, draws));
        let truth = rule.truth(slice.0 - reference.0, slice.1 - reference.1);
        counts.iter_mut().zip(EXACT).filter(|(_, exact)| *exact == truth).for_each(|(count, _)| *count += 1);
    }
    let [absent, inherited, introduced, amplified, attenuated, eliminated] =
        counts.map(|count| f64::from(count) / DRAWS as f64);
    Probabilities { absent, inherited, introduced, amplified, attenuated, eliminated }
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
