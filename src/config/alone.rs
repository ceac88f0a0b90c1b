//! A policy alone: for a stored result, or before there is anything to audit.

use super::document::parse;
use super::known::Known;
use super::load::{Origin, folder_of, load_with, text_of, top};
use super::lock::{self, Locks};
use super::policy::{Context, Draft};
use super::problem::{Problem, Problems};
use super::reader::{self, Log};
use super::source::Sources;
use super::stats::Judging;
use super::{Policy, policy, waivers};
use crate::result::PolicyNote;
use crate::tasks::Task;
use jiff::civil::Date;
use std::path::Path;

/// A loaded policy for a stored result.
#[derive(Debug, Clone)]
pub struct LoadedPolicy {
    /// Checks, waivers and what undecided means.
    pub policy: Policy,
    /// Settings by which to judge; what is `None` stays as in the result.
    pub judging: Judging,
    /// Its hash, and what its lock says.
    pub note: PolicyNote,
}

/// Loads a policy for what is `known`, usually [`Known::of_result`]. An audit file serves too.
pub fn load_policy(path: &Path, known: &Known) -> Result<LoadedPolicy, Problems> {
    load_alone(path, known, Locks::Held)
}

fn load_alone(path: &Path, known: &Known, locks: Locks) -> Result<LoadedPolicy, Problems> {
    let text = text_of("the policy", path).map_err(Problems::single)?;
    let read = (locks == Locks::Held).then(|| lock::read(path)).transpose().map_err(Problems::single)?.flatten();
    let text = Text { name: &path.display().to_string(), text: &text, lock: read.as_ref(), locks };
    policy_text(&text, known, waivers::today())
}

/// The text of a policy, and its lock.
pub(super) struct Text<'a> {
    pub name: &'a str,
    pub text: &'a str,
    pub lock: Option<&'a lock::Read>,
    pub locks: Locks,
}

/// Loads the text of a policy, on a given day.
pub(super) fn policy_text(text: &Text, known: &Known, today: Date) -> Result<LoadedPolicy, Problems> {
    let mut sources = Sources::default();
    let index = sources.add(text.name, text.text);
    let (table, problems) = parse(&sources, index);
    if !problems.is_empty() {
        return Err(Problems::new(problems, sources));
    }
    let root = folder_of(Path::new(text.name));
    let context = Context { known, sources: &sources, today, whole_audit: true, root };
    let log = Log::default();
    let loaded = reader::read(&log, &table, top(index), |root| {
        let (mut draft, note) = (Draft::default(), lock::note(&table, text.lock));
        let judging = policy::file(root, &mut draft, &context);
        if text.locks == Locks::Held {
            draft.hold_lock(root, &note);
        }
        LoadedPolicy { policy: draft.resolve(root, known), judging, note }
    });
    let problems = log.finish().problems;
    if problems.is_empty() { Ok(loaded) } else { Err(Problems::new(problems, sources)) }
}

/// Reads a policy, for which no result is at hand: an audit file as a whole, a policy apart by all that it can
/// speak of. Names of groups cannot be told right or wrong there, and it is right if it is for any one task.
pub fn read_policy(path: &Path) -> Result<Policy, Problems> {
    read(path, Locks::Held)
}

/// The hash of a policy that is about to be locked, whatever an older lock says: it must be right.
pub fn hash_to_lock(path: &Path) -> Result<String, Problems> {
    read(path, Locks::Ignored)?;
    let mut sources = Sources::default();
    let text = text_of("the policy", path).map_err(Problems::single)?;
    let index = sources.add("", text);
    Ok(lock::hash(&parse(&sources, index).0))
}

fn read(path: &Path, locks: Locks) -> Result<Policy, Problems> {
    let text = text_of("the policy", path).map_err(Problems::single)?;
    if is_audit(&text) {
        let origin = Origin { name: path.display().to_string(), text, file: Some(path.into()) };
        return load_with(origin, &[], waivers::today(), locks).map(|loaded| loaded.audit.policy);
    }
    let tasks = [Task::Binary, Task::Multiclass, Task::Regression];
    let read = tasks.map(|task| load_alone(path, &Known::anything(task), locks));
    let fewest = |a: Problems, b: Problems| if b.list.len() < a.list.len() { b } else { a };
    let mut wrong: Option<Problems> = None;
    for loaded in read {
        match loaded {
            Ok(loaded) => return Ok(loaded.policy),
            Err(problems) => wrong = Some(wrong.map_or(problems.clone(), |few| fewest(few, problems))),
        }
    }
    Err(wrong.unwrap_or_else(|| Problems::single(Problem::general("there is no task to read it for"))))
}

/// Whether a text is an audit file: it names data or a model.
fn is_audit(text: &str) -> bool {
    let mut sources = Sources::default();
    let index = sources.add("", text);
    let (table, _) = parse(&sources, index);
    ["data", "models", "base", "tuned"].iter().any(|key| table.get(key).is_some())
}
