//! Reads which rows and which groups are audited: `[data]`, `[groups]` and `[slices]`.

use super::Slices;
use super::document::Value;
use super::known::Known;
use super::problem::{Problem, clean, quoted};
use super::reader::Reader;
use super::source::Span;
use super::terms;
use crate::data::terms::is_file;
use crate::data::{AttributeSpec, DataSpec, Filter, Literal, OtherRows, Reference};
use crate::evidence::SliceId;
use crate::tasks::Task;
use std::path::Path;

/// Rows needed inside a metric's condition where nothing is said.
const MIN_SUPPORT: u64 = 30;

/// `[data]` as far as it could be read.
#[derive(Default)]
pub struct Rows {
    /// What the models are asked.
    pub task: Task,
    /// Files or globs.
    pub paths: Vec<String>,
    /// Rows to keep.
    pub filter: Vec<Filter>,
    /// Whether a label is asked for, even by a faulty value.
    pub has_label: bool,
    /// The label column.
    pub label: Option<String>,
    /// Whether a positive value is given, even a faulty one.
    has_positive: bool,
    /// The positive value.
    pub positive: Option<Literal>,
    /// The column of the rows' weights.
    weight: Option<String>,
    /// The column of the units.
    unit: Option<String>,
    /// The column of the ids.
    id: Option<String>,
    /// Whether a positive decision benefits the person.
    pub favorable: Option<bool>,
    /// The rows that the tuned model learned from.
    train: Option<OtherRows>,
    /// Rows of the kind that the base learned from.
    source: Option<OtherRows>,
}

/// Reads `[data]`, or `data`, `label` and `positive` of the short form.
pub fn data(root: &Reader) -> Rows {
    let short = Rows {
        has_label: root.has("label"),
        label: root.text("label"),
        has_positive: root.has("positive"),
        positive: root.literal("positive"),
        ..Rows::default()
    };
    for key in ["label", "positive"].into_iter().filter(|key| root.has(key)) {
        root.mark(format!("data.{key}"), root.span_of(key));
    }
    root.require("data", "name the evaluation data: data = \"eval.parquet\"");
    match root.node("data").map(|node| &node.value) {
        Some(Value::Table(_)) => root.within("data", |data| long(data, short)).unwrap_or_default(),
        _ => Rows { paths: paths(root, "data"), ..short },
    }
}

fn long(data: &Reader, short: Rows) -> Rows {
    data.require("path", "name the files: path = \"eval.parquet\", a list, or a glob");
    let task = task(data);
    let given_twice = [("label", short.has_label), ("positive", short.has_positive)];
    for (key, _) in given_twice.into_iter().filter(|(key, short)| *short && data.has(key)) {
        data.report(
            data.at(key, format!("{} is given twice", quoted(key)))
                .help("it also stands at the top of the file; keep one"),
        );
    }
    Rows {
        task,
        paths: paths(data, "path"),
        filter: data.within("where", filter).unwrap_or_default(),
        has_label: short.has_label || data.has("label"),
        label: data.text("label").or(short.label),
        has_positive: short.has_positive || data.has("positive"),
        positive: data.literal("positive").or(short.positive),
        weight: data.text("weight"),
        unit: data.text("unit"),
        id: data.text("id"),
        favorable: data.boolean("favorable"),
        train: data.within("train", |train| other_rows(train, false)),
        source: data.within("source", |source| other_rows(source, true)),
    }
}

/// `[data.train]` or `[data.source]`; of the latter the columns to compare may be named.
fn other_rows(rows: &Reader, columns: bool) -> OtherRows {
    rows.require("path", "name the files: path = \"train.parquet\", a list, or a glob");
    let named = if columns { rows.texts("columns") } else { None };
    OtherRows {
        paths: paths(rows, "path"),
        filter: rows.within("where", filter).unwrap_or_default(),
        columns: named.unwrap_or_default().into_iter().map(|column| column.0).collect(),
    }
}

impl Rows {
    /// The data, where all that is needed was given. `decisions` tells that a model gives classes,
    /// which only the positive value can read.
    pub fn resolve(self, root: &Reader, decisions: bool) -> DataSpec {
        if self.task != Task::Binary {
            self.no_positive(root);
        } else if !self.has_positive && (self.has_label || decisions) {
            let help = "say which value of the label counts as positive: positive = \">50K\"";
            root.report(root.at(if root.has("label") { "label" } else { "data" }, "`positive` is missing").help(help));
        }
        DataSpec {
            paths: self.paths,
            filter: self.filter,
            label: self.label,
            positive: self.positive.unwrap_or(Literal::Integer(1)),
            weight: self.weight,
            unit: self.unit,
            id: self.id,
            favorable: self.favorable,
            train: self.train,
            source: self.source,
        }
    }

    /// Labels that are numbers, or several classes, are not positive or negative.
    fn no_positive(&self, root: &Reader) {
        let word = self.task.word();
        if let Some(place) = root.place("data.positive") {
            let problem = Problem::at(&place, format!("a {word} task has no positive label"));
            root.report(problem.help("leave `positive` out"));
        }
        if let Some(place) = root.place("data.favorable").filter(|_| self.task == Task::Multiclass) {
            let problem = Problem::at(&place, "`favorable` is not supported for a multiclass task");
            root.report(problem.help("leave it out"));
        }
    }
}

fn paths(reader: &Reader, key: &str) -> Vec<String> {
    reader.texts(key).unwrap_or_default().into_iter().map(|path| path.0).collect()
}

fn task(data: &Reader) -> Task {
    let tasks = [Task::Binary, Task::Multiclass, Task::Regression].map(|task| (task.word(), task));
    data.choice("task", &tasks).unwrap_or_default()
}

fn filter(filter: &Reader) -> Vec<Filter> {
    let one = |column: &str| Some(Filter { column: column.into(), values: filter.literals(column)? });
    filter.names().into_iter().filter_map(|(column, _)| one(column)).collect()
}

/// Reads `[groups]`, or the list of columns of the short form, in the order written.
pub fn groups(root: &Reader, folder: &Path) -> Vec<AttributeSpec> {
    root.require("groups", "name the columns whose groups are compared: groups = [\"sex\", \"race\"]");
    match root.node("groups").map(|node| &node.value) {
        Some(Value::Table(_)) => root.within("groups", |groups| tables(groups, folder)).unwrap_or_default(),
        _ => listed(root),
    }
}

fn listed(root: &Reader) -> Vec<AttributeSpec> {
    let mut attributes: Vec<AttributeSpec> = Vec::new();
    for (column, span) in root.texts("groups").unwrap_or_default() {
        nameable(root, &column, &span);
        if attributes.iter().any(|other| other.name == column) {
            twice(root, &column, &span);
            continue;
        }
        root.mark(format!("groups.{column}"), &span);
        attributes.push(plain(column));
    }
    attributes
}

fn twice(reader: &Reader, text: &str, span: &Span) {
    reader.report(Problem::at(span, format!("{} stands here twice", quoted(text))));
}

fn plain(name: String) -> AttributeSpec {
    let (bins, names, unknown, terms, terms_file) = Default::default();
    AttributeSpec { column: name.clone(), name, bins, names, unknown, terms, terms_file, reference: Reference::Rest }
}

fn tables(groups: &Reader, folder: &Path) -> Vec<AttributeSpec> {
    if groups.names().is_empty() {
        groups.report(Problem::at(groups.span(), "no groups are named").help("name at least one: [groups.sex]"));
    }
    let one = |(name, span): (&str, &Span)| {
        nameable(groups, name, span);
        let read = groups.within(name, |group| attribute(group, name, folder));
        read.unwrap_or_else(|| plain(name.into()))
    };
    groups.names().into_iter().map(one).collect()
}

/// An attribute's name is the first half of slice ids, so it must not read as something else.
fn nameable(reader: &Reader, name: &str, span: &Span) {
    let reserved = name == "all" || name.trim() != name || name.is_empty();
    if reserved || name.contains(['=', '&', '"']) || clean(name) != name {
        let problem = Problem::at(span, format!("{} cannot name an attribute", quoted(name)));
        let help =
            "slices are named by it: choose a plain name, and give the column apart: [groups.NAME] column = \"...\"";
        reader.report(problem.help(help));
    }
}

fn attribute(group: &Reader, name: &str, folder: &Path) -> AttributeSpec {
    let bins = bins(group);
    let names = group.within("names", names).unwrap_or_default();
    if !bins.is_empty() && !names.is_empty() {
        let problem = group.at("names", "`names` stands beside `bins`");
        group.report(problem.help("bins name themselves: `<25`, `25-40`, `>=40`; leave `names` out"));
    }
    let unknown = group.literals("unknown").unwrap_or_default();
    AttributeSpec {
        name: name.into(),
        column: group.text("column").unwrap_or_else(|| name.into()),
        bins,
        names,
        unknown: unknown.iter().map(Literal::text).collect(),
        terms: terms::read(group, folder),
        terms_file: group.text("terms").filter(|name| is_file(name)),
        reference: reference(group),
    }
}

fn bins(group: &Reader) -> Vec<f64> {
    let items = group.items("bins").unwrap_or_default();
    let bins: Vec<f64> = items.into_iter().filter_map(|item| group.as_number(item, "finite", |_| true)).collect();
    if bins.windows(2).any(|pair| pair[0] >= pair[1]) {
        group.report(group.at("bins", "cut points must rise").help("for example bins = [25, 40, 60]"));
    }
    bins
}

fn names(names: &Reader) -> Vec<(String, String)> {
    let one = |code: &str| Some((code.to_string(), names.text(code)?));
    names.names().into_iter().filter_map(|(code, _)| one(code)).collect()
}

/// `rest`, `largest`, `max_rate`, a group's name, or `{ group = "rest" }` for a group called so.
fn reference(group: &Reader) -> Reference {
    let named = match group.node("reference").map(|node| &node.value) {
        Some(Value::Table(_)) => group.within("reference", |reference| {
            reference.require("group", "name the group: { group = \"rest\" }");
            reference.text("group").map(Reference::Group)
        }),
        _ => group.text("reference").map(|word| Some(word_reference(word))),
    };
    named.flatten().unwrap_or(Reference::Rest)
}

fn word_reference(word: String) -> Reference {
    match word.as_str() {
        "rest" => Reference::Rest,
        "largest" => Reference::Largest,
        "max_rate" => Reference::MaxRate,
        _ => Reference::Group(word),
    }
}

/// Reads `[slices]`. `known` learns the crosses, since slices and checks are named by them.
pub fn slices(root: &Reader, known: &mut Known) -> Slices {
    let read = root.within("slices", |slices| {
        known.crosses = crosses(slices, known);
        let min_support = slices.whole("min_support", 1).unwrap_or(MIN_SUPPORT);
        Slices { cross: known.crosses.clone(), min_support, required: required(slices, known) }
    });
    read.unwrap_or_else(|| Slices { cross: Vec::new(), min_support: MIN_SUPPORT, required: Vec::new() })
}

fn crosses(slices: &Reader, known: &Known) -> Vec<Vec<usize>> {
    let mut crosses = Vec::new();
    for (text, span) in slices.texts("cross").unwrap_or_default() {
        if known.attributes.is_empty() {
            continue;
        }
        match known.cross(&text) {
            Ok(cross) if crosses.contains(&cross) => twice(slices, &text, &span),
            Ok(cross) => crosses.push(cross),
            Err(complaint) => slices.report(complaint.at(&span)),
        }
    }
    crosses
}

fn required(slices: &Reader, known: &Known) -> Vec<String> {
    let mut ids: Vec<SliceId> = Vec::new();
    for (text, span) in slices.texts("required").unwrap_or_default() {
        match known.slice(&text) {
            Ok(id) if ids.contains(&id) => twice(slices, &text, &span),
            Ok(id) => ids.push(id),
            Err(complaint) => slices.report(complaint.at(&span)),
        }
    }
    ids.iter().map(ToString::to_string).collect()
}
