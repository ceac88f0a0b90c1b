//! The command line: one file a verb, and one place where failures are printed and become exit codes.
//!
//! A verb reads its arguments, loads what they name and calls the library. It decides nothing.

mod accept;
mod audit;
mod compare;
mod engine;
mod explain;
mod files;
mod flags;
mod folder;
mod gate;
mod github;
mod guess;
mod init;
mod inspect;
mod interrupt;
mod manual;
mod merge;
mod policy;
mod render;
mod repository;
mod rerun;
mod schema;
mod verify;
mod why;

pub use interrupt::interrupted;

use crate::config::{self, Problem, Problems};
use crate::result::ExitStatus;
use clap::{Parser, Subcommand};
use std::io::Write;
use std::sync::{Mutex, PoisonError};

const AFTER_HELP: &str = "\
Exit codes:
  0  every error-level check is met, or none was asked
  1  an error-level check failed
  2  a problem of the command line, the audit file or the policy
  3  the audit could not be done: a model, the data, an input or an output
  4  an evidence gap: too few people, or too wide an interval, to settle what must be settled";

/// Audits a fine-tuned model against its base: which gaps between groups were inherited,
/// amplified, attenuated, introduced or eliminated.
#[derive(Debug, Parser)]
#[command(name = "heirloom", version, propagate_version = true, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Audit a tuned model against its base, as an audit file or flags say
    Audit(Box<audit::Args>),
    /// Hold a stored result against a policy, without models or data
    Gate(gate::Args),
    /// Draw a stored result as a report
    Render(render::Args),
    /// Check, explain or lock a policy, before anything is run
    #[command(subcommand)]
    Policy(policy::Args),
    /// Accept what fails, so that only new and worse failures fail
    Accept(accept::Args),
    /// Tell what changed between two results
    Compare(compare::Args),
    /// Hold the folder of an audit against its manifest, and run the audit again
    Verify(verify::Args),
    /// Tell how one check came to its outcome on one slice
    Why(why::Args),
    /// Add up the evidence of shards that were audited apart
    Merge(merge::Args),
    /// Show what a model asks for and gives, or what columns the data has
    Inspect(inspect::Args),
    /// Explain a metric, or list them all
    Explain(explain::Args),
    /// Show or install what runs the models
    #[command(subcommand)]
    Engine(engine::Args),
    /// Write a commented audit file to start from
    Init(Box<init::Args>),
    /// Print the JSON Schema of the audit file or of the result
    Schema(schema::Args),
    /// Print completions for a shell
    Completions(manual::Completions),
    /// Print the manual page, or write them all
    Man(manual::Man),
}

/// Why a verb came to no conclusion. What a policy says of a model is never a failure.
#[derive(Debug)]
pub enum Failure {
    /// Problems of the command line, the audit file or the policy: exit code 2.
    Problems(Problems),
    /// What stopped the work, and what to do about it: exit code 3.
    Error(String),
}

impl Failure {
    /// A problem of the command line.
    fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Failure::Problems(Problems::single(Problem::general(message).help(help)))
    }

    fn status(&self) -> ExitStatus {
        match self {
            Failure::Problems(_) => ExitStatus::Problem,
            Failure::Error(_) => ExitStatus::Error,
        }
    }

    fn text(&self) -> String {
        match self {
            Failure::Problems(problems) => config::render(problems, config::colour()),
            Failure::Error(message) => {
                let lines: Vec<String> = message.lines().map(config::clean).collect();
                format!("error: {}\n", lines.join("\n"))
            }
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Failure::Problems(problems)
    }
}

/// Runs one command.
fn run(cli: Cli) -> Result<ExitStatus, Failure> {
    match cli.verb {
        Verb::Audit(args) => audit::run(*args),
        Verb::Gate(args) => gate::run(args),
        Verb::Render(args) => render::run(args),
        Verb::Policy(args) => policy::run(args),
        Verb::Accept(args) => accept::run(args),
        Verb::Compare(args) => compare::run(args),
        Verb::Verify(args) => verify::run(args),
        Verb::Why(args) => why::run(args),
        Verb::Merge(args) => merge::run(args),
        Verb::Inspect(args) => inspect::run(args),
        Verb::Explain(args) => explain::run(args),
        Verb::Engine(args) => engine::run(args),
        Verb::Init(args) => init::run(*args),
        Verb::Schema(args) => schema::run(args),
        Verb::Completions(args) => manual::completions(args),
        Verb::Man(args) => manual::man(args),
    }
}

/// Prints a failure, once, and says how the process ends.
fn conclude(outcome: Result<ExitStatus, Failure>) -> ExitStatus {
    outcome.unwrap_or_else(|failure| {
        say(&failure.text());
        failure.status()
    })
}

/// Runs the command line. A fault of the program itself is one plain sentence and exit code 3;
/// never a backtrace, never the values at hand, which may be people's data.
pub fn main() -> ExitStatus {
    static PLACE: Mutex<Option<String>> = Mutex::new(None);
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|at| format!(" at {}:{}", at.file(), at.line()));
        *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }));
    conclude(std::panic::catch_unwind(|| run(Cli::parse())).unwrap_or_else(|_| {
        let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
        Err(Failure::Error(format!(
            "heirloom met a fault of its own{place} and stopped; please report it with the command that led here"
        )))
    }))
}

/// Writes to standard output. A reader that has gone away, such as `head`, is no failure.
fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Writes to standard error, where everything goes that is not the answer itself.
fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
