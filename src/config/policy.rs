//! Reads what is gated, from an audit file and from a policy file that stands apart.

use super::known::Known;
use super::reader::Reader;
use super::source::Sources;
use super::stats::{Judging, judging};
use super::{Policy, Problem, Undecided, checks, quoted, read_text, waivers};
use crate::result::{Accepted, AcceptedCheck, LockNote, PolicyNote};
use jiff::civil::Date;
use schemars::JsonSchema;
use std::path::{Path, PathBuf};

const UNDECIDED: &[(&str, Undecided)] =
    &[("pass", Undecided::Pass), ("warn", Undecided::Warn), ("error", Undecided::Error)];

/// What it means that the policy is not what was locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub(super) enum Locked {
    /// It is said.
    Warn,
    /// Nothing is audited.
    Error,
}

const LOCKED: &[(&str, Locked)] = &[("warn", Locked::Warn), ("error", Locked::Error)];

/// What a policy is read against.
pub struct Context<'a> {
    /// The names that it can speak of.
    pub known: &'a Known,
    /// The texts, for the places that results carry.
    pub sources: &'a Sources,
    /// Waivers are measured from this day.
    pub today: Date,
    /// Whether a policy file may be an audit file, whose other keys are left unread.
    pub whole_audit: bool,
    /// Folder that relative paths start from.
    pub root: PathBuf,
}

/// A file of what was accepted before, with its text.
#[derive(Debug, Clone)]
pub struct AcceptedFile {
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// What it holds.
    pub checks: Vec<AcceptedCheck>,
}

/// Reads a file of what was accepted before.
pub fn read_accepted(path: &Path) -> Result<AcceptedFile, Problem> {
    let wrong = |why: String| {
        let name = quoted(&path.display().to_string());
        Problem::general(format!("what was accepted before, {name}, could not be read: {why}"))
    };
    let text = read_text(path).map_err(wrong)?;
    let checks = Accepted::read(&text).map_err(|error| wrong(error.to_string()))?.checks;
    Ok(AcceptedFile { path: path.into(), text, checks })
}

/// Checks, waivers and the gate, gathered from one or two texts and not yet held together.
#[derive(Default)]
pub struct Draft {
    checks: Vec<checks::Draft>,
    waivers: Vec<waivers::Draft>,
    undecided: Option<Undecided>,
    locked: Option<Locked>,
    /// What was accepted before.
    pub accepted: Option<AcceptedFile>,
}

impl Draft {
    /// Adds the checks, waivers and gate of one text.
    pub fn read(&mut self, root: &Reader, context: &Context) {
        self.checks.extend(checks::read(root, context.known, context.sources));
        self.waivers.extend(waivers::read(root, context.sources, context.today));
        let gate = root.within("gate", |gate| (gate.choice("undecided", UNDECIDED), gate.choice("locked", LOCKED)));
        let (undecided, locked) = gate.unwrap_or_default();
        if undecided.is_some() && self.undecided.is_some() {
            let problem = root.at("gate", "the policy file says too what undecided means");
            root.report(problem.help("keep one of the two [gate] tables"));
        }
        self.undecided = self.undecided.or(undecided);
        // Of two the stricter holds.
        self.locked = if self.locked == Some(Locked::Error) { self.locked } else { locked.or(self.locked) };
        self.read_accepted(root, context);
    }

    fn read_accepted(&mut self, root: &Reader, context: &Context) {
        let Some(name) = root.text("accepted") else { return };
        if self.accepted.is_some() {
            let problem = root.at("accepted", "the policy file names what was accepted too");
            return root.report(problem.help("keep one of the two"));
        }
        match read_accepted(&context.root.join(name)) {
            Ok(file) => self.accepted = Some(file),
            Err(problem) => root.report(Problem { span: Some(root.span_of("accepted").clone()), ..problem }),
        }
    }

    /// Reports a policy that must be what was locked, and is not.
    pub fn hold_lock(&self, root: &Reader, note: &PolicyNote) {
        let message = match &note.locked {
            _ if self.locked != Some(Locked::Error) => return,
            Some(LockNote { unchanged: true, .. }) => return,
            Some(lock) => format!("the policy changed since it was locked on {}", lock.on),
            None => "the policy must be locked, and has no lock".into(),
        };
        let places = ["gate.locked", "policy.gate.locked"].into_iter().find_map(|path| root.place(path));
        let problem = Problem::at(&places.unwrap_or_else(|| root.span().clone()), message);
        root.report(problem.help("have it reviewed, then lock it: heirloom policy lock FILE"));
    }

    /// Holds everything together: ids are unique, waivers meet their checks.
    pub fn resolve(self, root: &Reader, known: &Known) -> Policy {
        checks::unique(root, &self.checks);
        let waivers = waivers::resolve(root, self.waivers, &self.checks, known);
        let checks = self.checks.into_iter().filter_map(|draft| draft.check).collect();
        let accepted = self.accepted.map(|file| file.checks).unwrap_or_default();
        Policy { undecided: self.undecided.unwrap_or(Undecided::Warn), checks, waivers, accepted }
    }
}

/// Reads the keys of a policy file: those of [`Draft`], and the settings by which it judges.
pub fn file(root: &Reader, draft: &mut Draft, context: &Context) -> Judging {
    let audit = context.whole_audit && root.has("data");
    let read = |stats: &Reader| {
        stats.allow_rest(audit);
        judging(stats, context.known)
    };
    root.allow_rest(audit);
    schema(root);
    root.text("name");
    draft.read(root, context);
    root.within("stats", read).unwrap_or_default()
}

/// Checks `schema = 1`, the only one so far.
pub fn schema(root: &Reader) {
    if root.whole("schema", 0).is_some_and(|schema| schema != 1) {
        root.report(
            root.at("schema", "this version reads `schema = 1` alone")
                .help("write schema = 1, or use a newer heirloom"),
        );
    }
}
