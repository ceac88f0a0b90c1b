//! Parse, run, exit code.

use heirloom::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::install_panic_hook();
    cli::conclude(cli::run(cli::parse()))
}
