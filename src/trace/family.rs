//! Corrections for the number of findings (statistics.md 2.5): two families for exact verdicts, one
//! for flags, each over all tested findings.

use crate::config::Multiplicity;
use crate::stats::{benjamini_hochberg, benjamini_yekutieli, holm};

/// A tested finding's p-values and the family of its candidate verdict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tested {
    /// The smallest level at which an exact verdict fires.
    pub p: f64,
    /// The smallest level at which any alert fires.
    pub flag_p: f64,
    /// True when the point estimates' verdict is absent or eliminated.
    pub reassuring: bool,
}

/// The corrected (q_value, flag_q) of each tested finding.
///
/// Each family counts every tested finding, with p = 1 for those of the other family, since a
/// reader picks findings of one kind out of all.
pub fn correct(tested: &[Tested], how: Multiplicity) -> Vec<(f64, f64)> {
    let family = |reassuring: bool| {
        let p = tested.iter().map(|t| if t.reassuring == reassuring { t.p } else { 1.0 });
        adjust(&p.collect::<Vec<_>>(), how)
    };
    let (alerts, absences) = (family(false), family(true));
    let flags = adjust(&tested.iter().map(|t| t.flag_p).collect::<Vec<_>>(), how);
    let q = tested.iter().enumerate().map(|(i, t)| if t.reassuring { absences[i] } else { alerts[i] });
    q.zip(flags).collect()
}

fn adjust(p: &[f64], how: Multiplicity) -> Vec<f64> {
    match how {
        Multiplicity::Bh => benjamini_hochberg(p, p.len()),
        Multiplicity::By => benjamini_yekutieli(p, p.len()),
        Multiplicity::Holm => holm(p, p.len()),
        Multiplicity::None => p.to_vec(),
        // Nothing holds before the probabilities are drawn: see `bayes`.
        Multiplicity::Bayes => vec![1.0; p.len()],
    }
}
