//! A problem of the audit file: what is wrong, where, and what to do about it.

use super::source::{Sources, Span};
use std::fmt;

/// Names longer than this are cut in messages.
const LONGEST: usize = 60;

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
    /// Where; `None` where no text can be pointed at.
    pub span: Option<Span>,
}

/// All problems of one audit, in the order of the file, with the texts that they point into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    /// The problems; at least one.
    pub list: Vec<Problem>,
    /// The texts.
    pub sources: Sources,
}

impl Problem {
    /// A problem at a place.
    pub fn at(span: &Span, message: impl Into<String>) -> Self {
        Problem { message: message.into(), help: None, span: Some(span.clone()) }
    }

    /// A problem that no text can be pointed at for.
    pub fn general(message: impl Into<String>) -> Self {
        Problem { message: message.into(), help: None, span: None }
    }

    /// The same with advice.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.maybe_help(Some(help.into()))
    }

    /// The same with advice, where there is any.
    pub fn maybe_help(self, help: Option<String>) -> Self {
        Problem { help, ..self }
    }
}

impl Problems {
    /// Sorts problems into the order of the texts.
    pub fn new(mut list: Vec<Problem>, sources: Sources) -> Self {
        list.sort_by(|a, b| a.span.cmp(&b.span));
        Problems { list, sources }
    }

    /// One problem without a place.
    pub fn single(problem: Problem) -> Self {
        Problems { list: vec![problem], sources: Sources::default() }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::show::render(self, None))
    }
}

impl std::error::Error for Problems {}

/// A name from the outside, in backticks: cut, and without anything that a terminal would obey.
pub fn quoted(name: &str) -> String {
    let shown: String = name.chars().take(LONGEST).collect();
    let more = if name.chars().count() > LONGEST { "…" } else { "" };
    format!("`{}{more}`", clean(&shown))
}

/// Text in which control characters, bidirectional marks and invisible characters are spelled out.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\t' => cleaned.push(' '),
            hostile if is_hostile(hostile) => cleaned.extend(hostile.escape_unicode()),
            plain => cleaned.push(plain),
        }
    }
    cleaned
}

fn is_hostile(char: char) -> bool {
    let invisible = matches!(char,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    char.is_control() || invisible
}

/// `Did you mean ...?` where a known name is close, else the known names.
pub fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(close) = closest(name, &known) {
        return Some(format!("did you mean {}?", quoted(close)));
    }
    listed(&known).map(|names| format!("known here: {names}"))
}

/// The known name that is most like `name`, when it is like enough.
pub fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let short: String = name.chars().take(4 * LONGEST).collect::<String>().to_lowercase();
    let score = |other: &str| strsim::jaro_winkler(&short, &other.to_lowercase());
    let best = known.iter().map(|other| (score(other), *other)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= 0.84).then_some(best.1)
}

fn listed(known: &[&str]) -> Option<String> {
    const MOST: usize = 24;
    let more = if known.len() > MOST { ", …" } else { "" };
    let names: Vec<String> = known.iter().take(MOST).map(|name| quoted(name)).collect();
    (!names.is_empty()).then(|| format!("{}{more}", names.join(", ")))
}
