//! What was counted. Evidence merges by addition, so shards gathered apart conclude as one.

mod cells;
mod lattice;
mod points;
mod tally;

pub use cells::{Cell, Cells, Class, NEGATIVE, POSITIVE};
pub use lattice::{Attribute, Lattice, UNKNOWN};
pub use points::{Point, Points};
pub use tally::Tally;
