//! `heirloom engine`: what runs the models, where it was found, and how to get it.

use super::Failure;
use crate::result::ExitStatus;

/// Arguments of `heirloom engine`.
#[derive(Debug, clap::Subcommand)]
pub enum Args {
    /// Show which engine would run models, and where it was found
    Status,
    /// Fetch ONNX Runtime with your own pip, and check its SHA-256
    Install,
}

/// Shows or installs.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    match args {
        // TODO(wire): models::onnx::engine::status() -> String, printed
        Args::Status => Err(super::unwired("engine status")),
        // TODO(wire): models::onnx::engine::install() -> Result<PathBuf, ModelError>
        Args::Install => Err(super::unwired("engine install")),
    }
}
