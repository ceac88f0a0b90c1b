//! From the text of an audit file, a policy and flags to a resolved [`Audit`], or all problems.

use super::document::{Table, Value, parse, parse_setting};
use super::known::Known;
use super::lock::Locks;
use super::models::{Named, Question};
use super::policy::{AcceptedFile, Context, Draft};
use super::problem::{Problem, Problems, clean, quoted};
use super::reader::{self, Log, Reader};
use super::source::{Sources, Span, read_text};
use super::stats::Judging;
use super::{
    Audit, Policy, annexes, gaps, language, lock, models, pairs, policy, representations, rows, stats, waivers,
};
use crate::models::onnx::DEVICES;
use crate::models::{ModelSpec, OutputKind, Predictor};
use crate::result::{PolicyNote, ReportNotes};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Slices of fewer people are hidden, where nothing is said.
const MIN_CELL: u64 = 10;

/// A loaded audit, which still knows where everything stands, so that later stages can point at it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The audit.
    pub audit: Audit,
    /// What was read but has no effect in this version, one sentence each.
    pub notices: Vec<String>,
    /// What a policy of this audit can speak of.
    pub known: Known,
    /// The texts that it was read from, to be kept beside the result.
    pub texts: Copies,
    sources: Sources,
    spans: BTreeMap<String, Span>,
}

/// The texts of an audit, as they were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copies {
    /// The audit file, or what the flags amount to.
    pub audit: String,
    /// The policy, where it stands apart.
    pub policy: Option<String>,
    /// The lock of the policy.
    pub lock: Option<String>,
    /// What was accepted before.
    pub accepted: Option<String>,
}

/// The text of an audit and where it comes from.
pub struct Origin {
    /// The path as given, for people.
    pub name: String,
    /// The text.
    pub text: String,
    /// The file; `None` when the text came from flags.
    pub file: Option<PathBuf>,
}

impl Loaded {
    /// A problem at the key of that path (`data.label`, `groups.sex.column`), or at the nearest
    /// table above it that is written down.
    pub fn problem(&self, path: &str, message: impl Into<String>) -> Problem {
        let mut above = Some(path);
        while let Some(key) = above {
            if let Some(span) = self.spans.get(key) {
                return Problem::at(span, message);
            }
            above = key.rfind('.').map(|dot| &key[..dot]);
        }
        Problem::general(message)
    }

    /// Problems of a later stage, ready to be shown with this audit's texts.
    pub fn problems(&self, list: Vec<Problem>) -> Problems {
        Problems::new(list, self.sources.clone())
    }

    /// Takes what was accepted before from another file than the audit file names.
    pub fn accept(&mut self, file: AcceptedFile) {
        self.audit.accepted_file = Some(file.path);
        self.audit.policy.accepted = file.checks;
        self.texts.accepted = Some(file.text);
    }

    /// Whether the audit file or a flag gives the key of that path.
    pub fn gives(&self, path: &str) -> bool {
        self.spans.contains_key(path)
    }
}

/// Loads an audit file; `settings` are the `key=value` of `--set`.
pub fn load(path: &Path, settings: &[String]) -> Result<Loaded, Problems> {
    load_on(path, settings, waivers::today())
}

/// The same on a given day.
pub fn load_on(path: &Path, settings: &[String], today: Date) -> Result<Loaded, Problems> {
    let text = text_of("the audit file", path).map_err(Problems::single)?;
    let origin = Origin { name: path.display().to_string(), text, file: Some(path.into()) };
    load_text(origin, settings, today)
}

/// Loads the text of an audit, on a given day.
pub fn load_text(origin: Origin, settings: &[String], today: Date) -> Result<Loaded, Problems> {
    load_with(origin, settings, today, Locks::Held)
}

/// The same, with or without the lock of its policy.
pub(super) fn load_with(origin: Origin, settings: &[String], today: Date, locks: Locks) -> Result<Loaded, Problems> {
    let mut sources = Sources::default();
    let texts = texts(&origin, settings, &mut sources, locks);
    let texts = texts.map_err(|problems| Problems::new(problems, sources.clone()))?;
    let log = Log::default();
    let reading = Reading {
        origin: &origin,
        sources: &sources,
        policy: texts.policy.as_ref(),
        lock: texts.lock.as_ref(),
        note: lock::note(texts.policy.as_ref().map_or(&texts.audit, |file| &file.table), texts.lock.as_ref()),
        locks,
        today,
    };
    let (audit, known, accepted) = reader::read(&log, &texts.audit, top(0), |root| reading.audit(root));
    let found = log.finish();
    if !found.problems.is_empty() {
        return Err(Problems::new(found.problems, sources));
    }
    let copies = Copies {
        policy: texts.policy.and_then(|file| Some(sources.get(file.source)?.text.clone())),
        lock: texts.lock.map(|read| read.text),
        accepted: accepted.map(|file| file.text),
        audit: origin.text,
    };
    Ok(Loaded { audit, notices: found.notes, known, texts: copies, sources, spans: found.spans })
}

pub(super) fn text_of(what: &str, path: &Path) -> Result<String, Problem> {
    let name = || quoted(&path.display().to_string());
    read_text(path).map_err(|reason| Problem::general(format!("{what} {} could not be read: {reason}", name())))
}

pub(super) fn top(source: usize) -> Span {
    Span::new(source, 0..0)
}

/// The parsed texts of one audit.
struct Texts {
    audit: Table,
    policy: Option<PolicyFile>,
    lock: Option<lock::Read>,
}

/// A policy file that stands apart.
struct PolicyFile {
    path: PathBuf,
    source: usize,
    table: Table,
}

fn texts(origin: &Origin, settings: &[String], sources: &mut Sources, locks: Locks) -> Result<Texts, Vec<Problem>> {
    let index = sources.add(&origin.name, &origin.text);
    let (mut audit, problems) = parse(sources, index);
    if !problems.is_empty() {
        return Err(problems);
    }
    override_keys(&mut audit, settings, sources)?;
    let policy = policy_file(&audit, &origin.root(), sources)?;
    let locked = policy.as_ref().map(|file| &file.path).or(origin.file.as_ref());
    let locked = locked.filter(|_| locks == Locks::Held);
    let lock = locked.map(|path| lock::read(path)).transpose().map_err(|problem| vec![problem])?.flatten();
    Ok(Texts { audit, policy, lock })
}

fn override_keys(audit: &mut Table, settings: &[String], sources: &mut Sources) -> Result<(), Vec<Problem>> {
    let set = |setting: &String| {
        let (path, node) = parse_setting(sources, "--set", setting)?;
        audit.set(&path, node)
    };
    let problems: Vec<Problem> = settings.iter().map(set).filter_map(Result::err).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn policy_file(audit: &Table, root: &Path, sources: &mut Sources) -> Result<Option<PolicyFile>, Vec<Problem>> {
    let Some(entry) = audit.get("policy") else { return Ok(None) };
    let Value::Text(name) = &entry.node.value else { return Ok(None) };
    let path = root.join(name);
    let here = |problem| vec![Problem { span: Some(entry.node.span.clone()), ..problem }];
    let text = text_of("the policy", &path).map_err(here)?;
    let source = sources.add(name, text);
    let (table, problems) = parse(sources, source);
    if problems.is_empty() { Ok(Some(PolicyFile { path, source, table })) } else { Err(problems) }
}

impl Origin {
    /// The folder that relative paths start from.
    fn root(&self) -> PathBuf {
        folder_of(self.file.as_deref().unwrap_or(Path::new("")))
    }
}

pub(super) fn folder_of(file: &Path) -> PathBuf {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).into()
}

/// One reading of an audit.
struct Reading<'a> {
    origin: &'a Origin,
    sources: &'a Sources,
    policy: Option<&'a PolicyFile>,
    lock: Option<&'a lock::Read>,
    note: PolicyNote,
    locks: Locks,
    today: Date,
}

impl Reading<'_> {
    /// Reads everything; where something is faulty a stand-in takes its place, so that all
    /// problems come to light at once. The audit counts only when there are none.
    fn audit(&self, root: &Reader) -> (Audit, Known, Option<AcceptedFile>) {
        policy::schema(root);
        let name = name(root);
        let rows = rows::data(root);
        let question = Question { task: rows.task, labels: rows.has_label, positive: rows.positive.as_ref() };
        let named = models::read(root, &question);
        let groups = rows::groups(root, &self.origin.root());
        let mut known = Known {
            task: rows.task,
            attributes: groups.iter().map(|group| group.name.clone()).collect(),
            labels: rows.has_label,
            direction: rows.favorable.is_some(),
            base: named.base.named,
            tuned: named.tuned.named,
            ..Known::default()
        };
        let slices = rows::slices(root, &mut known);
        let (pairs, kinds) = pairs::read(root, &self.origin.root());
        known.pairs = kinds;
        let stats = stats::read(root, &known);
        known.findings = stats.findings(&known);
        let min_cell = root.within("privacy", |privacy| privacy.whole("min_cell", 0)).flatten();
        let report = root.within("report", |report| (notes(report), annexes::ids(report))).unwrap_or_default();
        let annex = annexes::settings(root, &report.1);
        let (policy, judging, accepted) = self.policy(root, &known);
        stats.check_gap(root, &judging, &known);
        let audit = Audit {
            root: self.origin.root(),
            file: self.origin.file.clone(),
            policy_file: self.policy.map(|file| file.path.clone()),
            lock_file: self.lock.map(|read| read.path.clone()),
            accepted_file: accepted.as_ref().map(|file| file.path.clone()),
            policy_note: (!policy.checks.is_empty()).then(|| self.note.clone()),
            name: name.unwrap_or_else(|| self.default_name(&named)),
            task: rows.task,
            device: root.choice("device", DEVICES).unwrap_or_default(),
            data: rows.resolve(root, gives_decisions(&named)),
            base: named.base.spec,
            tuned: named.tuned.spec,
            runs: named.tuned.runs,
            control: named.control.spec,
            groups,
            pairs,
            slices,
            stats: stats.resolve(&judging, &known),
            representations: representations::read(root),
            language_model: language::read(root),
            min_cell: min_cell.unwrap_or(MIN_CELL),
            policy,
            report: report.0,
            annexes: report.1,
            annex,
        };
        gaps::require(root, &audit);
        stats::check_control(root, &audit);
        representations::check(root, &audit);
        annexes::check(root, &audit);
        (audit, known, accepted)
    }

    /// The checks of both texts, the policy's first.
    fn policy(&self, root: &Reader, known: &Known) -> (Policy, Judging, Option<AcceptedFile>) {
        let (sources, today) = (self.sources, self.today);
        let of = |root: PathBuf| Context { known, sources, today, whole_audit: false, root };
        let context = of(self.origin.root());
        let mut draft = Draft::default();
        root.text("policy");
        let judging = self.policy.map(|file| {
            let context = of(folder_of(&file.path));
            let read = |apart: &Reader| policy::file(apart, &mut draft, &context);
            root.beside(&file.table, top(file.source), "policy", read)
        });
        set_twice(root);
        draft.read(root, &context);
        if self.locks == Locks::Held {
            draft.hold_lock(root, &self.note);
        }
        let accepted = draft.accepted.clone();
        (draft.resolve(root, known), judging.unwrap_or_default(), accepted)
    }

    /// The file's stem, else the tuned model's name.
    fn default_name(&self, named: &Named) -> String {
        let stem =
            self.origin.file.as_deref().and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
        let model = named.tuned.spec.as_ref().or(named.base.spec.as_ref()).map(|model| model.name.clone());
        stem.or(model).unwrap_or_else(|| "audit".into())
    }
}

/// A setting that the policy's owner has made is not to be made again in the audit file.
fn set_twice(root: &Reader) {
    for key in ["confidence", "smallest_gap", "same_size", "mostly_new", "multiplicity"] {
        let (own, policy) = (root.place(&format!("stats.{key}")), root.place(&format!("policy.stats.{key}")));
        if let Some((own, _)) = own.zip(policy) {
            root.report(
                Problem::at(&own, format!("the policy sets {} too", quoted(key))).help("leave it to the policy"),
            );
        }
    }
}

/// The name, which is also a folder under `reports/`.
fn name(root: &Reader) -> Option<String> {
    let name = root.text("name")?;
    let misleading = name.starts_with('.') || name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|']);
    if misleading || clean(&name) != name || name.chars().count() > 100 {
        let help = "at most 100 letters, digits, spaces, hyphens and the like: name = \"income-transfer\"";
        root.report(root.at("name", "this name cannot name a folder").help(help));
    }
    Some(name)
}

/// Whether a model gives classes, which only the positive value can read.
fn gives_decisions(named: &Named) -> bool {
    let decides = |model: &ModelSpec| match &model.predictor {
        Predictor::Decisions(_) => true,
        Predictor::Onnx(onnx) => onnx.kind == Some(OutputKind::Label),
        Predictor::Scores(_) | Predictor::ClassScores(_) => false,
    };
    [&named.base.spec, &named.tuned.spec, &named.control.spec].into_iter().flatten().any(decides)
}

fn notes(report: &Reader) -> ReportNotes {
    ReportNotes {
        prepared_by: report.text("prepared_by"),
        reviewed_by: report.text("reviewed_by"),
        purpose: report.text("purpose"),
        period: report.text("period"),
        why_these_metrics: report.text("why_these_metrics"),
    }
}
