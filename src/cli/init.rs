//! `heirloom init`: writes a commented audit file to start from.

use super::{Failure, files, print};
use crate::result::ExitStatus;
use std::path::PathBuf;

/// The file; a test loads it, so it cannot go stale.
const SKELETON: &str = include_str!("../../templates/audit.toml");

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
    files::write_new(&args.file, SKELETON, args.force)?;
    let name = files::name(&args.file);
    print(&format!(
        "Wrote {name}. Name your models, data and groups in it, then: heirloom audit {}\n",
        args.file.display()
    ));
    Ok(ExitStatus::Ok)
}

#[cfg(test)]
mod tests {
    use super::SKELETON;
    use crate::config::{Origin, load_text};
    use jiff::civil::date;

    fn loads(text: String) {
        let origin = Origin { name: "audit.toml".into(), text: text.clone(), file: None };
        load_text(origin, &[], date(2026, 11, 23)).unwrap_or_else(|problems| panic!("{text}\n{problems}"));
    }

    /// A commented setting starts with `#` and no space; prose has a space.
    fn uncommented() -> String {
        let line = |line: &str| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => format!("{setting}\n"),
            _ => format!("{line}\n"),
        };
        SKELETON.lines().map(line).collect()
    }

    #[test]
    fn the_skeleton_loads_as_it_is_and_with_every_setting_in_force() {
        loads(SKELETON.into());
        loads(uncommented());
    }
}
