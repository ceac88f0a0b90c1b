//! Compares a result with its policy. A failed check is data, never an `Err`.
//!
//! Reads the result alone, so that a stored one can be judged again under another policy. Nothing
//! here sees a row.

mod accepted;
mod gate;
mod limit;
mod number;
mod select;
mod verdicts;
mod waivers;

pub use accepted::{Acceptance, accept};
pub use gate::{Judgement, PolicyError, judge, unjudged};
pub use waivers::note;
