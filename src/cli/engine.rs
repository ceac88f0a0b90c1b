//! `heirloom engine`: what runs the models, where it was found, and how to get it.

use super::{Failure, print, say};
use crate::config::clean;
use crate::models::onnx::{self, Engine, EngineChoice};
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
        Args::Status => status(),
        Args::Install => install(),
    }
}

fn status() -> Result<ExitStatus, Failure> {
    onnx::status(None).iter().for_each(|place| print(&format!("{}\n", clean(&place.to_string()))));
    let engine = Engine::start(EngineChoice::Auto, None).map_err(failure)?;
    engine.passed_over.iter().for_each(|note| print(&format!("passed over: {}\n", clean(note))));
    print(&format!("models run on: {} {}\n", engine.name, engine.version));
    if engine.name == "embedded" {
        print("ONNX Runtime is faster and runs every model: `heirloom engine install` fetches it.\n");
    }
    Ok(ExitStatus::Ok)
}

fn install() -> Result<ExitStatus, Failure> {
    let path = onnx::install(&mut |step| say(&format!("{}\n", clean(step)))).map_err(failure)?;
    print(&format!("{}\n", clean(&path.display().to_string())));
    Ok(ExitStatus::Ok)
}

fn failure(error: impl std::fmt::Display) -> Failure {
    Failure::Error(error.to_string())
}
