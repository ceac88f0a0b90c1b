//! A TOML text as a tree of values that know their place, in the order written.
//!
//! The parser's own tables are sorted by key and borrow the text; this mirror keeps the order of
//! declaration, and lets values from several texts (file, policy, flags) stand in one tree.

use super::json;
use super::problem::{Problem, quoted};
use super::source::{Sources, Span};
use toml::de::{DeTable, DeValue};
use toml::{Spanned, de::Error};

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it stands; for a table, its header.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// A TOML value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A date or time, as written.
    Date(String),
    /// A list.
    List(Vec<Node>),
    /// A table.
    Table(Table),
}

/// Keys and values in the order written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// The entries.
    pub entries: Vec<Entry>,
}

/// One key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

impl Value {
    /// What it is, in words, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "text",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Boolean(_) => "true or false",
            Value::Date(_) => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

impl Table {
    /// The entry of that key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Sets the value at a path of keys, in place of what stood there.
    pub fn set(&mut self, path: &[(String, Span)], node: Node) -> Result<(), Problem> {
        let Some(((key, span), rest)) = path.split_first() else { return Ok(()) };
        if !self.entries.iter().any(|entry| &entry.key == key) {
            let empty = Node { span: span.clone(), value: Value::Table(Table::default()) };
            self.entries.push(Entry { key: key.clone(), key_span: span.clone(), node: empty });
        }
        let found = self.entries.iter_mut().find(|entry| &entry.key == key);
        let Some(entry) = found else { return Ok(()) };
        if rest.is_empty() {
            *entry = Entry { key: key.clone(), key_span: span.clone(), node };
            return Ok(());
        }
        match &mut entry.node.value {
            Value::Table(table) => table.set(rest, node),
            other => {
                Err(Problem::at(span, format!("{} is {}, so nothing can be set inside it", quoted(key), other.kind()))
                    .help(format!("set the whole of it: --set '{key}=...'")))
            }
        }
    }
}

/// Parses one source, JSON where its name says so. All mistakes of TOML's syntax are collected.
pub fn parse(sources: &Sources, index: usize) -> (Table, Vec<Problem>) {
    let (name, text) = sources.get(index).map_or(("", ""), |source| (&source.name, &source.text));
    if name.to_lowercase().ends_with(".json") {
        return json::parse(index, text);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut problems: Vec<Problem> = errors.iter().map(|error| syntax(index, error)).collect();
    let table = mirror_table(index, table.get_ref(), &mut problems);
    (table, problems)
}

/// Reads `key=value` of a flag; a value that is not TOML is text.
pub fn parse_setting(sources: &mut Sources, flag: &str, setting: &str) -> Result<(Vec<(String, Span)>, Node), Problem> {
    let index = sources.add(flag, setting);
    let whole = Span::new(index, 0..setting.len());
    let malformed = |message: &str| {
        Problem::at(&whole, message).help("write it as key=value, for example --set stats.confidence=0.9")
    };
    let (key, value) = setting.split_once('=').ok_or_else(|| malformed("this setting has no `=`"))?;
    let path = parse_path(index, key).ok_or_else(|| malformed("what stands before `=` is not a key"))?;
    let start = setting.len() - value.trim_start().len();
    let node = bare(index, start, value.trim());
    Ok((path, node))
}

/// A TOML value, or else the text as it is; its place is shifted by `start`.
fn bare(index: usize, start: usize, text: &str) -> Node {
    let span = Span::new(index, start..start + text.len());
    let mut problems = Vec::new();
    let value = match DeValue::parse(text) {
        Ok(value) => mirror(index, &value, &mut problems).value,
        Err(_) => Value::Text(text.into()),
    };
    flatten(Node { span: span.clone(), value }, &span)
}

/// Gives every value inside a flag the place of the whole: a flag is one line.
fn flatten(mut node: Node, span: &Span) -> Node {
    node.span = span.clone();
    node.value = match node.value {
        Value::List(items) => Value::List(items.into_iter().map(|item| flatten(item, span)).collect()),
        Value::Table(table) => Value::Table(Table {
            entries: table
                .entries
                .into_iter()
                .map(|entry| Entry { key: entry.key, key_span: span.clone(), node: flatten(entry.node, span) })
                .collect(),
        }),
        other => other,
    };
    node
}

/// The keys of a dotted path.
fn parse_path(index: usize, key: &str) -> Option<Vec<(String, Span)>> {
    let text = format!("{key}=0");
    let table = DeTable::parse(&text).ok()?;
    let mut path = Vec::new();
    let mut table = Some(table.get_ref());
    while let Some((key, value)) = table.and_then(|table| table.iter().next()) {
        path.push((key.get_ref().to_string(), Span::new(index, key.span())));
        table = value.get_ref().as_table();
    }
    Some(path)
}

fn syntax(index: usize, error: &Error) -> Problem {
    let span = Span::new(index, error.span().unwrap_or(0..0));
    match error.message() {
        "duplicate key" => Problem::at(&span, "this key stands in the file twice").help("keep one of the two"),
        other => Problem::at(&span, format!("this is not TOML: {}", other.replace('\n', "; "))),
    }
}

fn mirror_table(index: usize, table: &DeTable<'_>, problems: &mut Vec<Problem>) -> Table {
    let mut entries: Vec<Entry> = table.iter().map(|(key, value)| entry(index, key, value, problems)).collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    Table { entries }
}

fn entry(
    index: usize,
    key: &Spanned<std::borrow::Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    problems: &mut Vec<Problem>,
) -> Entry {
    let key_span = Span::new(index, key.span());
    let mut node = mirror(index, value, problems);
    // A table without a header of its own stands where its key does.
    if matches!(node.value, Value::Table(_)) && node.span.start >= node.span.end {
        node.span = key_span.clone();
    }
    Entry { key: key.get_ref().to_string(), key_span, node }
}

fn mirror(index: usize, value: &Spanned<DeValue<'_>>, problems: &mut Vec<Problem>) -> Node {
    let span = Span::new(index, value.span());
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            Value::Integer(i64::from_str_radix(number.as_str(), number.radix()).unwrap_or_else(|_| {
                problems.push(Problem::at(&span, "this whole number is too large"));
                0
            }))
        }
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Boolean(*flag),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => Value::List(items.iter().map(|item| mirror(index, item, problems)).collect()),
        DeValue::Table(table) => Value::Table(mirror_table(index, table, problems)),
    };
    Node { span, value }
}
