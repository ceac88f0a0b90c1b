//! CSV by the byte: fields, records, and where a block of text may be cut.
//!
//! A quote opens a field only at its start; inside, two quotes stand for one, and separators and
//! line ends are text. Lines end in `\n` or `\r\n`. Empty lines are no records.

use std::borrow::Cow;

/// Why a field is not CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A quote that never closes.
    Open,
    /// Text between a closing quote and the next separator.
    Stray,
}

/// One field as it lies in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field<'a> {
    /// Its bytes, without the quotes around them.
    pub(super) bytes: &'a [u8],
    /// Whether quotes stood around it.
    pub(super) quoted: bool,
    /// Whether it holds doubled quotes.
    pub(super) doubled: bool,
    /// Whether it ends the record.
    pub(super) last: bool,
    /// Where the next field starts.
    pub(super) next: usize,
    pub(super) fault: Option<Fault>,
}

impl Field<'_> {
    /// Its bytes with doubled quotes undone.
    #[inline]
    pub(super) fn unquoted(&self) -> Cow<'_, [u8]> {
        if !self.doubled {
            return Cow::Borrowed(self.bytes);
        }
        let mut second = false;
        let keep = |byte: &u8| {
            second = *byte == b'"' && !second;
            *byte != b'"' || second
        };
        Cow::Owned(self.bytes.iter().copied().filter(keep).collect())
    }
}

/// The field that starts at `at`.
#[inline]
pub(super) fn field(text: &[u8], at: usize, separator: u8) -> Field<'_> {
    match text.get(at) {
        Some(b'"') => quoted(text, at + 1, separator),
        _ => plain(text, at, separator),
    }
}

#[inline]
fn plain(text: &[u8], at: usize, separator: u8) -> Field<'_> {
    let rest = &text[at..];
    let length = rest.iter().position(|&byte| byte == separator || byte == b'\n').unwrap_or(rest.len());
    let last = rest.get(length) != Some(&separator);
    let bytes = if last { rest[..length].strip_suffix(b"\r").unwrap_or(&rest[..length]) } else { &rest[..length] };
    Field { bytes, quoted: false, doubled: false, last, next: (at + length + 1).min(text.len()), fault: None }
}

fn quoted(text: &[u8], start: usize, separator: u8) -> Field<'_> {
    let mut doubled = false;
    let mut at = start;
    while let Some(offset) = text[at..].iter().position(|&byte| byte == b'"') {
        at += offset;
        if text.get(at + 1) == Some(&b'"') {
            doubled = true;
            at += 2;
            continue;
        }
        let after = plain(text, at + 1, separator);
        let fault = (!after.bytes.is_empty()).then_some(Fault::Stray);
        return Field { bytes: &text[start..at], quoted: true, doubled, fault, ..after };
    }
    Field { bytes: &text[start..], quoted: true, doubled, last: true, next: text.len(), fault: Some(Fault::Open) }
}

/// How many bytes of an empty line stand at `at`, 0 where a record starts.
#[inline]
pub(super) fn blank(text: &[u8], at: usize) -> usize {
    match (text.get(at), text.get(at + 1)) {
        (Some(b'\n'), _) => 1,
        (Some(b'\r'), Some(b'\n')) => 2,
        _ => 0,
    }
}

/// The end of the record at `at`, or `None` where the text breaks off before it.
pub(super) fn record_end(text: &[u8], mut at: usize, separator: u8) -> Option<usize> {
    let start = at;
    loop {
        let field = field(text, at, separator);
        at = field.next;
        if field.last {
            let ended = field.fault != Some(Fault::Open) && text[start..at].ends_with(b"\n");
            return ended.then_some(at);
        }
    }
}

/// Cuts a text that starts with a record into about `count` parts, each of whole records. What
/// follows the last cut is a record that the text breaks off.
pub(super) fn cuts(text: &[u8], separator: u8, count: usize) -> Vec<usize> {
    let targets = (1..count).map(|part| text.len() / count * part);
    // Without a quote every line end ends a record, and no byte between the cuts need be looked at.
    if !text.contains(&b'"') {
        let line_end =
            |from: usize| text[from..].iter().position(|&byte| byte == b'\n').map(|offset| from + offset + 1);
        let end = text.iter().rposition(|&byte| byte == b'\n').map(|at| at + 1);
        let mut cuts: Vec<usize> = targets.filter_map(line_end).chain(end).collect();
        cuts.dedup();
        return cuts;
    }
    let (mut cuts, mut at) = (Vec::new(), 0);
    let mut targets = targets.chain([usize::MAX]).peekable();
    while let Some(end) = record_end(text, at, separator) {
        at = end;
        if targets.next_if(|target| at >= *target).is_some() {
            cuts.push(at);
        }
    }
    cuts.extend((at > 0 && cuts.last() != Some(&at)).then_some(at));
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(String, bool)> {
        let (mut at, mut fields) = (0, Vec::new());
        while at < text.len() {
            let field = field(text.as_bytes(), at, b',');
            fields.push((String::from_utf8_lossy(field.bytes).into_owned(), field.last));
            at = field.next;
        }
        fields
    }

    #[test]
    fn fields_end_at_separators_line_ends_and_the_end() {
        let fields = all("a,\"b\nc\",\"\"\r\nd, \"x\"");
        let texts: Vec<_> = fields.iter().map(|(text, last)| (text.as_str(), *last)).collect();
        assert_eq!(texts, [("a", false), ("b\nc", false), ("", true), ("d", false), (" \"x\"", true)]);
    }

    #[test]
    fn faults_are_told() {
        assert_eq!(field(b"\"abc", 0, b',').fault, Some(Fault::Open));
        assert_eq!(field(b"\"abc\"d,", 0, b',').fault, Some(Fault::Stray));
        assert!(field(b"\"a\"\"b\"", 0, b',').doubled);
    }

    #[test]
    fn cuts_never_fall_inside_quotes() {
        let text = b"a,\"1\n2\n3\"\nb,c\nd,\"e\nf";
        assert_eq!(cuts(text, b',', 1), [14]);
        assert_eq!(cuts(text, b',', 4), [10, 14]);
        assert_eq!(cuts(b"a\nb\nc", b',', 2), [4]);
        assert!(cuts(b"abc", b',', 3).is_empty());
    }
}
