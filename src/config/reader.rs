//! A cursor over one table of the audit file that hands out typed values.
//!
//! The code that reads a key is the only place that knows it: the reader remembers what was asked
//! for, and every other key becomes a problem with a suggestion. Problems never stop the reading.

use super::document::{Entry, Node, Table, Value};
use super::problem::{Problem, quoted, suggest};
use super::source::Span;
use crate::data::Literal;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Gathers what a whole reading finds.
#[derive(Debug, Default)]
pub struct Log {
    problems: RefCell<Vec<Problem>>,
    notes: RefCell<Vec<String>>,
    spans: RefCell<BTreeMap<String, Span>>,
}

/// What a reading found besides its values.
pub struct Found {
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What is right, but should be known.
    pub notes: Vec<String>,
    /// Where every key stands, by its path from the top.
    pub spans: BTreeMap<String, Span>,
}

/// A cursor over one table.
pub struct Reader<'a> {
    log: &'a Log,
    table: &'a Table,
    span: Span,
    path: String,
    asked: RefCell<BTreeSet<String>>,
    rest_allowed: RefCell<bool>,
}

impl Log {
    /// Everything found.
    pub fn finish(self) -> Found {
        Found { problems: self.problems.into_inner(), notes: self.notes.into_inner(), spans: self.spans.into_inner() }
    }
}

/// Reads a whole document.
pub fn read<T>(log: &Log, table: &Table, span: Span, read: impl FnOnce(&Reader) -> T) -> T {
    Reader::new(log, table, span, String::new()).run(read)
}

impl<'a> Reader<'a> {
    fn new(log: &'a Log, table: &'a Table, span: Span, path: String) -> Self {
        let (asked, rest_allowed) = Default::default();
        log.spans.borrow_mut().entry(path.clone()).or_insert_with(|| span.clone());
        Reader { log, table, span, path, asked, rest_allowed }
    }

    fn run<T>(self, read: impl FnOnce(&Reader) -> T) -> T {
        let value = read(&self);
        #[cfg(test)]
        asked::note(&self.path, &self.asked.borrow());
        self.report_unknown();
        value
    }

    /// The path of a key from the top, `data.label`.
    pub fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.into() } else { format!("{}.{key}", self.path) }
    }

    /// Whether the key is there; counts as asking for it.
    pub fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// The value of a key; counts as asking for it.
    pub fn node(&self, key: &str) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.asked.borrow_mut().insert(key.into());
        let entry = self.table.get(key)?;
        self.mark(self.path(key), &entry.node.span);
        Some(entry)
    }

    /// A problem at a key's value, or at the table where the key is absent; not yet reported.
    pub fn at(&self, key: &str, message: impl Into<String>) -> Problem {
        Problem::at(self.span_of(key), message)
    }

    /// Reports a problem.
    pub fn report(&self, problem: Problem) {
        self.log.problems.borrow_mut().push(problem);
    }

    /// Tells something that is no problem.
    pub fn note(&self, note: String) {
        self.log.notes.borrow_mut().push(note);
    }

    /// Lets a place of the short form answer to its path in the long form.
    pub fn mark(&self, path: String, span: &Span) {
        self.log.spans.borrow_mut().insert(path, span.clone());
    }

    /// Where a key stands, by its path from the top, among those read so far.
    pub fn place(&self, path: &str) -> Option<Span> {
        self.log.spans.borrow().get(path).cloned()
    }

    /// Reads another text's table into the same log.
    pub fn beside<T>(&self, table: &Table, span: Span, path: &str, read: impl FnOnce(&Reader) -> T) -> T {
        Reader::new(self.log, table, span, path.into()).run(read)
    }

    /// ` in [stats]`; the items of a list have no name of their own, and the line tells.
    fn place_in_words(&self) -> String {
        match self.path.as_str() {
            "" | "policy" => String::new(),
            item if item.ends_with(']') => " here".into(),
            table => format!(" in {}", quoted(table.trim_start_matches("policy."))),
        }
    }

    /// Reports that a required key is absent.
    pub fn require(&self, key: &str, help: &str) {
        if !self.has(key) {
            self.report(
                Problem::at(&self.span, format!("{} is missing{}", quoted(key), self.place_in_words())).help(help),
            );
        }
    }

    /// Keys of the format that this version does not do yet.
    pub fn later(&self, keys: &[&str]) {
        for key in keys {
            if let Some(entry) = self.entry(key) {
                let message = format!("{} is not supported by this version", quoted(key));
                self.report(Problem::at(&entry.key_span, message).help("leave it out"));
            }
        }
    }

    /// Whether keys that are not asked for are left alone.
    pub fn allow_rest(&self, allowed: bool) {
        self.rest_allowed.replace(allowed);
    }

    fn report_unknown(&self) {
        if *self.rest_allowed.borrow() {
            return;
        }
        let asked = self.asked.borrow();
        for entry in self.table.entries.iter().filter(|entry| !asked.contains(&entry.key)) {
            let help = suggest(&entry.key, asked.iter().map(String::as_str));
            let message = format!("{} is not a key{}", quoted(&entry.key), self.place_in_words());
            self.report(Problem::at(&entry.key_span, message).maybe_help(help));
        }
    }

    fn mismatch(&self, node: &Node, wanted: &str) {
        self.report(Problem::at(&node.span, format!("this is {}, and {wanted} is wanted here", node.value.kind())));
    }

    /// Text that is not empty.
    pub fn text(&self, key: &str) -> Option<String> {
        let node = self.node(key)?;
        self.as_text(node, "text")
    }

    fn as_text(&self, node: &Node, wanted: &str) -> Option<String> {
        match &node.value {
            Value::Text(text) if text.trim().is_empty() => self.report(Problem::at(&node.span, "this text is empty")),
            Value::Text(text) => return Some(text.clone()),
            _ => self.mismatch(node, wanted),
        }
        None
    }

    /// `true` or `false`.
    pub fn boolean(&self, key: &str) -> Option<bool> {
        let node = self.node(key)?;
        match node.value {
            Value::Boolean(value) => Some(value),
            _ => {
                self.mismatch(node, "true or false");
                None
            }
        }
    }

    /// A number for which `fits` holds; `range` says it in words, `between 0 and 1`.
    pub fn number(&self, key: &str, range: &str, fits: impl Fn(f64) -> bool) -> Option<f64> {
        let node = self.node(key)?;
        self.as_number(node, range, fits)
    }

    /// The same of a value at hand.
    pub fn as_number(&self, node: &Node, range: &str, fits: impl Fn(f64) -> bool) -> Option<f64> {
        let number = match node.value {
            Value::Integer(number) => number as f64,
            Value::Float(number) => number,
            _ => {
                self.mismatch(node, "a number");
                return None;
            }
        };
        if number.is_finite() && fits(number) {
            return Some(number);
        }
        let problem = Problem::at(&node.span, format!("this number must be {range}"));
        self.report(problem.maybe_help(hundredth(number, fits)));
        None
    }

    /// A whole number of at least `least`.
    pub fn whole(&self, key: &str, least: u64) -> Option<u64> {
        let node = self.node(key)?;
        match node.value {
            Value::Integer(number) if u64::try_from(number).is_ok_and(|number| number >= least) => Some(number as u64),
            Value::Integer(_) => {
                self.report(Problem::at(&node.span, format!("this number must be {least} or more")));
                None
            }
            _ => {
                self.mismatch(node, "a whole number");
                None
            }
        }
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let node = self.node(key)?;
        let text = self.as_text(node, "a word")?;
        self.word(&text, &node.span, words)
    }

    /// The meaning of one of a few words.
    pub fn word<T: Copy>(&self, text: &str, span: &Span, words: &[(&str, T)]) -> Option<T> {
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known = words.iter().map(|(word, _)| *word);
            let message = format!("{} is none of the words that can stand here", quoted(text));
            self.report(Problem::at(span, message).maybe_help(suggest(text, known)));
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// Text or a list of texts, each with its place; an empty list is a problem.
    pub fn texts(&self, key: &str) -> Option<Vec<(String, Span)>> {
        let nodes = self.items(key)?;
        for (index, node) in nodes.iter().enumerate() {
            self.mark(format!("{}[{index}]", self.path(key)), &node.span);
        }
        let texts = nodes.into_iter().filter_map(|node| Some((self.as_text(node, "text")?, node.span.clone())));
        Some(texts.collect())
    }

    /// Any value that a cell of the data can hold.
    pub fn literal(&self, key: &str) -> Option<Literal> {
        let node = self.node(key)?;
        self.as_literal(node)
    }

    /// One value or a list of values.
    pub fn literals(&self, key: &str) -> Option<Vec<Literal>> {
        Some(self.items(key)?.into_iter().filter_map(|node| self.as_literal(node)).collect())
    }

    fn as_literal(&self, node: &Node) -> Option<Literal> {
        match &node.value {
            Value::Text(text) | Value::Date(text) => Some(Literal::Text(text.clone())),
            Value::Integer(number) => Some(Literal::Integer(*number)),
            Value::Float(number) if number.is_finite() => Some(Literal::Float(*number)),
            Value::Boolean(flag) => Some(Literal::Boolean(*flag)),
            _ => {
                self.mismatch(node, "one value (text, a number, true or false)");
                None
            }
        }
    }

    /// The items of a list, or one value as a list of one.
    pub fn items(&self, key: &str) -> Option<Vec<&'a Node>> {
        let node = self.node(key)?;
        match &node.value {
            Value::List(items) if items.is_empty() => {
                self.report(
                    Problem::at(&node.span, "this list is empty").help("name at least one, or leave the key out"),
                );
                None
            }
            Value::List(items) => Some(items.iter().collect()),
            _ => Some(vec![node]),
        }
    }

    /// Reads the table of a key, where there is one.
    pub fn within<T>(&self, key: &str, read: impl FnOnce(&Reader) -> T) -> Option<T> {
        let node = self.node(key)?;
        self.inside(node, self.path(key), read)
    }

    /// Reads a table at hand.
    pub fn inside<T>(&self, node: &Node, path: String, read: impl FnOnce(&Reader) -> T) -> Option<T> {
        match &node.value {
            Value::Table(table) => Some(Reader::new(self.log, table, node.span.clone(), path).run(read)),
            _ => {
                self.mismatch(node, "a table");
                None
            }
        }
    }

    /// Reads each table of a `[[key]]`.
    pub fn each<T>(&self, key: &str, read: impl Fn(&Reader) -> T) -> Vec<T> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let Value::List(items) = &node.value else {
            let message = format!("{} is {}, and tables are wanted here", quoted(key), node.value.kind());
            self.report(Problem::at(&node.span, message).help(format!("open each with [[{key}]]")));
            return Vec::new();
        };
        let path = |index: usize| format!("{}[{index}]", self.path(key));
        items.iter().enumerate().filter_map(|(index, node)| self.inside(node, path(index), &read)).collect()
    }

    /// Every key of a table whose keys are names, in the order written; asks for all of them.
    pub fn names(&self) -> Vec<(&'a str, &'a Span)> {
        self.table.entries.iter().map(|entry| (entry.key.as_str(), &entry.key_span)).collect()
    }

    /// Where the table stands.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// Where a key's value stands, or else the table.
    pub fn span_of(&self, key: &str) -> &Span {
        self.table.get(key).map_or(&self.span, |entry| &entry.node.span)
    }
}

/// Percent in place of a fraction is the common slip.
fn hundredth(number: f64, fits: impl Fn(f64) -> bool) -> Option<String> {
    let fraction = number / 100.0;
    (number > 1.0 && fits(fraction))
        .then(|| format!("did you mean {fraction}? Numbers are fractions here, not percent"))
}

/// What was asked for on this thread, by place: a test holds it against the schema.
#[cfg(test)]
pub(super) mod asked {
    use std::cell::RefCell;
    use std::collections::{BTreeMap, BTreeSet};

    type Asked = BTreeMap<String, BTreeSet<String>>;
    thread_local!(static ASKED: RefCell<Asked> = RefCell::default());

    pub fn clear() {
        drop(take());
    }

    pub fn take() -> Asked {
        ASKED.take()
    }

    /// Items of a list are one place, and a policy that stands apart is like one that does not.
    pub fn note(path: &str, asked: &BTreeSet<String>) {
        let path = path.strip_prefix("policy").filter(|rest| rest.is_empty() || rest.starts_with('.')).unwrap_or(path);
        let path = path.trim_start_matches('.');
        let place: String = path.chars().filter(|c| !c.is_ascii_digit() || !path.contains('[')).collect();
        ASKED.with_borrow_mut(|all| all.entry(place).or_default().extend(asked.iter().cloned()));
    }
}
