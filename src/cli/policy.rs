//! `heirloom policy`: a policy before anything is run. Is it right, what does it ask, and since when does it stand?

use super::{Failure, files, print, repository};
use crate::audit;
use crate::config::{self, Check, Known, Lock, Policy, Waiver, lock_path};
use crate::policy;
use crate::render;
use crate::result::ExitStatus;
use std::path::{Path, PathBuf};

/// What to do with a policy.
#[derive(Debug, clap::Subcommand)]
pub enum Args {
    /// Find its problems, without models or data
    Check(Against),
    /// Tell every check and waiver in plain sentences
    Explain(File),
    /// Record its hash, the time and the commit, so that reports can say since when it stands
    Lock(File),
}

/// A policy.
#[derive(Debug, clap::Args)]
pub struct File {
    /// The policy, or the audit file that holds one
    file: PathBuf,
}

/// A policy, and what it is for.
#[derive(Debug, clap::Args)]
pub struct Against {
    /// The policy, or the audit file that holds one
    file: PathBuf,
    /// Hold its names against an audit file, which knows attributes and metrics, or against a result.json or the
    /// folder of one, which knows the groups too
    #[arg(long, value_name = "PATH")]
    against: Option<PathBuf>,
}

/// Runs one of them.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    match args {
        Args::Check(Against { file, against }) => {
            let policy = read(&file)?;
            if let Some(path) = against {
                config::load_policy(&file, &known(&path)?)?;
            }
            check(&policy);
        }
        Args::Explain(File { file }) => print(&explained(&read(&file)?)),
        Args::Lock(File { file }) => lock(&file)?,
    }
    Ok(ExitStatus::Ok)
}

fn read(file: &Path) -> Result<Policy, Failure> {
    Ok(config::read_policy(file)?)
}

/// What an audit file or a result lets a policy speak of.
fn known(path: &Path) -> Result<Known, Failure> {
    if path.is_dir() || files::is_result(path) {
        return Ok(Known::of_groups(&files::read_result(&files::result_in(path))?));
    }
    Ok(config::load(path, &[])?.known)
}

fn check(policy: &Policy) {
    let counted = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    let (checks, waivers) = (counted(policy.checks.len(), "check"), counted(policy.waivers.len(), "waiver"));
    print(&format!("No problem found: {checks}, {waivers}.\n"));
}

/// Checks, then waivers.
fn explained(policy: &Policy) -> String {
    if policy.checks.is_empty() {
        return "This policy asks nothing: nothing would be gated.\n".into();
    }
    let check = |check: &Check| render::check_in_words(&policy::unjudged(check), &check.slices, &check.notes);
    let waiver =
        |waiver: &Waiver| render::waiver_in_words(&waiver.check, &waiver.slice, &policy::note(waiver), &waiver.models);
    policy.checks.iter().map(check).chain(policy.waivers.iter().map(waiver)).collect()
}

/// Locks what could be audited with: a policy with problems is not locked.
fn lock(file: &Path) -> Result<(), Failure> {
    let hash = config::hash_to_lock(file)?;
    let lock = Lock::new(file, hash, audit::created(), repository::commit(file));
    let json = lock.to_json().map_err(|error| Failure::Error(error.to_string()))?;
    let path = lock_path(file);
    files::write(&path, json.as_bytes())?;
    let commit = lock.commit.as_deref().map_or(String::new(), |commit| format!(", commit {commit}"));
    print(&format!("Locked {} on {}{commit}: {}\n", files::name(file), lock.locked, files::name(&path)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::explained;
    use crate::config::{Origin, load_text};
    use jiff::civil::date;

    #[test]
    fn every_check_and_waiver_is_a_sentence() {
        let text = include_str!("../../fixtures/policies/good/waivers.toml").to_owned();
        let origin = Origin { name: "waivers.toml".into(), text, file: None };
        let loaded = load_text(origin, &[], date(2026, 11, 23)).unwrap();
        insta::assert_snapshot!(explained(&loaded.audit.policy));
    }
}
