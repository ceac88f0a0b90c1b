//! The audit file: read with spans, checked as a whole, resolved into an [`Audit`].

mod audit;
pub use audit::{
    Ask, Audit, Check, Judge, Limit, Multiplicity, Of, On, Policy, Slices, Stats, Undecided, Waiver,
};
