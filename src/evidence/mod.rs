//! What was counted. Evidence merges by addition, so shards gathered apart conclude as one.

mod cells;
mod lattice;
mod points;
mod slice_id;
mod tally;

pub use cells::{Cell, Cells, Class, NEGATIVE, POSITIVE};
pub use lattice::{Attribute, Lattice, UNKNOWN};
pub use points::{Point, Points};
pub use slice_id::{SliceId, SliceIdError};
pub use tally::Tally;
