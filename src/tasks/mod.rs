//! What a prediction means. One file for each kind of task; today there is one.

pub mod binary;
mod output;
mod snippet;

pub use binary::{Reading, ScoreError};
pub use snippet::snippet;
