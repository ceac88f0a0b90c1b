//! The audit file: read with spans, checked as a whole, resolved into an [`Audit`].
//!
//! Texts (file, policy, flags) become one tree of values that know their place; readers turn
//! tables into specs and gather every problem on the way; later stages report through [`Loaded`].

mod alone;
mod annexes;
mod audit;
mod checks;
mod class_map;
mod document;
mod gaps;
mod json;
mod known;
mod language;
mod literal;
mod load;
mod lock;
mod models;
mod pairs;
mod pictures;
mod policy;
mod preflight;
mod presets;
mod problem;
mod reader;
mod representations;
mod rows;
mod schema;
mod show;
mod source;
mod stats;
mod terms;
#[cfg(test)]
mod tests;
mod waivers;

pub use alone::{LoadedPolicy, hash_to_lock, load_policy, read_policy};
pub use audit::{Ask, Audit, Check, Multiplicity, Policy, Slices, Stats, Undecided, Waiver};
pub use gaps::SmallestGaps;
pub use known::Known;
pub use language::{LanguageModel, PairFile};
pub use load::{Copies, Loaded, Origin, load, load_text};
pub use lock::{Lock, SCHEMA as LOCK_SCHEMA, lock_path};
pub use policy::{AcceptedFile, read_accepted};
pub use preflight::preflight_columns;
pub use presets::{Draft, PRESETS, Preset, preset};
pub use problem::{Problem, Problems, clean, closest, quoted, suggest};
pub use representations::Representations;
pub use schema::schema;
pub use show::{Colour, colour, render};
pub use source::read_text;
pub use stats::{Judging, suggest_metric};
pub use waivers::today;

pub use crate::result::{Judge, Limit, Of, On};
