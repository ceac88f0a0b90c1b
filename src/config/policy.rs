//! Reads what is gated, from an audit file and from a policy file that stands apart.

use super::known::Known;
use super::reader::Reader;
use super::source::Sources;
use super::stats::{Judging, judging};
use super::{Policy, Undecided, checks, waivers};
use jiff::civil::Date;

const UNDECIDED: &[(&str, Undecided)] =
    &[("pass", Undecided::Pass), ("warn", Undecided::Warn), ("error", Undecided::Error)];

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
}

/// Checks, waivers and the gate, gathered from one or two texts and not yet held together.
#[derive(Default)]
pub struct Draft {
    checks: Vec<checks::Draft>,
    waivers: Vec<waivers::Draft>,
    undecided: Option<Undecided>,
}

impl Draft {
    /// Adds the checks, waivers and gate of one text.
    pub fn read(&mut self, root: &Reader, context: &Context) {
        self.checks.extend(checks::read(root, context.known, context.sources));
        self.waivers.extend(waivers::read(root, context.sources, context.today));
        let undecided = root.within("gate", |gate| gate.choice("undecided", UNDECIDED)).flatten();
        if undecided.is_some() && self.undecided.is_some() {
            let problem = root.at("gate", "the policy file says too what undecided means");
            root.report(problem.help("keep one of the two [gate] tables"));
        }
        self.undecided = self.undecided.or(undecided);
    }

    /// Holds everything together: ids are unique, waivers meet their checks.
    pub fn resolve(self, root: &Reader, known: &Known) -> Policy {
        checks::unique(root, &self.checks);
        let waivers = waivers::resolve(root, self.waivers, &self.checks, known);
        let checks = self.checks.into_iter().filter_map(|draft| draft.check).collect();
        Policy { undecided: self.undecided.unwrap_or(Undecided::Warn), checks, waivers }
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
