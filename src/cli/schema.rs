//! `heirloom schema`: the JSON Schema of a file format, for editors and other programs.

use super::{Failure, print};
use crate::archive::{self, Manifest, log::Run};
use crate::compare::{self, Compared};
use crate::config::{self, LOCK_SCHEMA, Lock};
use crate::result::{self, ACCEPTED_SCHEMA, Accepted, ExitStatus, schema_of};

/// Arguments of `heirloom schema`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of what
    #[arg(value_enum)]
    format: Format,
}

/// A format that has a schema, by the name of its file in `schema/`.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Format {
    /// The audit file
    Audit,
    /// The result
    Result,
    /// manifest.json
    Manifest,
    /// A line of runs.jsonl
    Run,
    /// The lock of a policy
    Lock,
    /// What was accepted
    Accepted,
    /// What `heirloom compare --format json` writes
    Compare,
}

/// Prints a schema.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    print(&schema(args.format));
    Ok(ExitStatus::Ok)
}

fn schema(format: Format) -> String {
    match format {
        Format::Audit => config::schema(),
        Format::Result => result::schema(),
        Format::Manifest => schema_of::<Manifest>(archive::SCHEMA),
        Format::Run => schema_of::<Run>("a line of runs.jsonl"),
        Format::Lock => schema_of::<Lock>(LOCK_SCHEMA),
        Format::Accepted => schema_of::<Accepted>(ACCEPTED_SCHEMA),
        Format::Compare => schema_of::<Compared>(compare::SCHEMA),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn the_committed_schemas_are_fresh() {
        for format in Format::value_variants() {
            let name = format.to_possible_value().expect("none is left out").get_name().to_owned();
            let path = format!("{}/schema/{name}.json", env!("CARGO_MANIFEST_DIR"));
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&path, schema(*format)).expect("the schema can be written");
            }
            let committed = std::fs::read_to_string(path).unwrap_or_default();
            assert!(committed == schema(*format), "schema/{name}.json is stale; UPDATE=1 writes it anew");
        }
    }
}
