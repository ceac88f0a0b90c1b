//! The texts that an audit is read from (the audit file, a policy file, flags) and places in them.

use crate::result::At;
use std::ops::Range;
use std::path::Path;

/// A file larger than this is no audit file, and is not read into memory.
const LARGEST: u64 = 1 << 20;

/// One text with a name for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path as given, or the flag.
    pub name: String,
    /// The text.
    pub text: String,
}

/// A place: bytes of one of the sources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Which source.
    pub source: usize,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// Every text of one audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources(Vec<Source>);

impl Span {
    /// The bytes `range` of a source.
    pub fn new(source: usize, range: Range<usize>) -> Self {
        Span { source, start: range.start, end: range.end }
    }
}

impl Sources {
    /// Adds a text and returns its index.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> usize {
        self.0.push(Source { name: name.into(), text: text.into() });
        self.0.len() - 1
    }

    /// The source of that index.
    pub fn get(&self, index: usize) -> Option<&Source> {
        self.0.get(index)
    }

    /// File name, line and column of a place, for the result.
    pub fn at(&self, span: &Span) -> At {
        let Some(source) = self.get(span.source) else {
            return At { file: String::new(), line: 0, column: 0 };
        };
        let before = &source.text[..source.text.floor_char_boundary(span.start)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        At {
            file: file_name(&source.name),
            line: before.matches('\n').count() as u32 + 1,
            column: before[line_start..].chars().count() as u32 + 1,
        }
    }
}

/// Reads a text file; the error says why not, and what to do.
pub fn read_text(path: &Path) -> Result<String, String> {
    let meta = std::fs::metadata(path).map_err(|error| reason(&error))?;
    if meta.is_dir() {
        return Err("it is a folder; give the file in it".into());
    }
    if meta.len() > LARGEST {
        return Err("it is too large to be one: more than 1 MiB of text".into());
    }
    let bytes = std::fs::read(path).map_err(|error| reason(&error))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!("it is not UTF-8 text (byte {at}); save it as UTF-8, or give the TOML file")
    })
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".into(),
        std::io::ErrorKind::PermissionDenied => "it may not be read by this user".into(),
        _ => error.to_string(),
    }
}

fn file_name(name: &str) -> String {
    Path::new(name).file_name().map_or_else(|| name.into(), |name| name.to_string_lossy().into_owned())
}
