//! From Quads to findings: verdicts, p-values, corrections, shares, probabilities and marks.
//!
//! Nothing here sees a row.

mod account;
mod bayes;
mod conditional;
mod control;
mod family;
mod finding;
mod opposed;
mod probability;
#[cfg(test)]
mod properties;
mod rule;
mod selected;
mod share;
mod training;
mod transfer;
#[cfg(test)]
mod worked;

pub use account::{Account, Statement, account};
pub use control::{Excess, excess};
pub use finding::{smallest_factor, trace, two_digits, verdicts};
pub use opposed::opposed;
pub use probability::{DRAWS, Gaps, Posterior};
pub use rule::{Rule, Ruling, Tracer};
pub use training::training;
pub use transfer::transfer;
