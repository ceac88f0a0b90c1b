//! `heirloom init`: writes a commented audit file to start from.

use super::{Failure, files, print};
use crate::result::ExitStatus;
use std::path::PathBuf;

/// Arguments of `heirloom init`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to write it
    #[arg(default_value = "audit.toml")]
    file: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

/// Writes the file.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    files::write_new(&args.file, crate::config::PRESETS[0].text, args.force)?;
    let name = files::name(&args.file);
    print(&format!(
        "Wrote {name}. Name your models, data and groups in it, then: heirloom audit {}\n",
        args.file.display()
    ));
    Ok(ExitStatus::Ok)
}
