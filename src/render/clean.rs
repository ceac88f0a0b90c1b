//! Text from data, models and policies, made harmless to look at.
//!
//! A group's name can be anything. Control characters could drive a terminal, and bidirectional
//! ones could make a line read differently from what it says; both are left out of every format
//! but JSON. Escaping for HTML is the template engine's work and not done here.

use sha2::{Digest, Sha256};

/// Characters of a label.
const LONGEST_LABEL: usize = 80;
/// Bytes of a label where it is escaped for HTML, so that a report of many groups keeps its size whatever they are
/// called.
const WIDEST_LABEL: usize = 90;
/// Digits of the hash that stands for what was cut off.
const MARK: usize = 8;

/// The text without control and direction characters; line breaks and tabs become spaces.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter_map(|c| if c.is_whitespace() { Some(' ') } else { (!hidden(c)).then_some(c) }).collect()
}

/// A printable label of at most 80 characters, fewer where they take many bytes; the whole of it is in
/// `result.json`. One that is cut ends in the hash of the whole, so that two long names which begin alike stay two.
pub(super) fn label(text: &str) -> String {
    within(text, LONGEST_LABEL)
        .and_then(|whole| if escaped(&whole) > WIDEST_LABEL { Err(whole) } else { Ok(whole) })
        .unwrap_or_else(|head| format!("{}…{}", narrow(&head), mark(text)))
}

/// As many of the first characters as leave room for the mark of what is cut.
fn narrow(head: &str) -> String {
    let mut room = WIDEST_LABEL - MARK - '…'.len_utf8();
    let fits = |c: &char| {
        let left = room.checked_sub(escaped_char(*c));
        room = left.unwrap_or(0);
        left.is_some()
    };
    head.chars().take(LONGEST_LABEL - MARK - 1).take_while(fits).collect()
}

fn escaped(text: &str) -> usize {
    text.chars().map(escaped_char).sum()
}

/// Bytes of a character in HTML.
fn escaped_char(c: char) -> usize {
    if "<>&\"'/".contains(c) { 6 } else { c.len_utf8() }
}

fn mark(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(MARK / 2).map(|byte| format!("{byte:02x}")).collect()
}

/// Printable text of at most `longest` characters.
pub(super) fn shortened(text: &str, longest: usize) -> String {
    within(text, longest).unwrap_or_else(|head| head.chars().take(longest - 1).chain(['…']).collect())
}

/// The printable text where it has at most `longest` characters, else a longer start of it.
fn within(text: &str, longest: usize) -> Result<String, String> {
    // Cut first: a hostile name may hold megabytes.
    let head: String = text.chars().take(4 * longest).collect();
    let kept = printable(&head);
    if kept.chars().count() > longest || head.len() < text.len() { Err(kept) } else { Ok(kept) }
}

/// The text in lines of at most `width` columns, broken at spaces where there are any.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let gap = usize::from(!lines[last].is_empty());
        if columns(&lines[last]) + gap + columns(word) <= width {
            lines[last] += &" ".repeat(gap);
            lines[last] += word;
        } else {
            lines.extend(chopped(word, width));
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// A word cut into pieces of at most `width` columns.
fn chopped(word: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in word.chars() {
        let last = pieces.len() - 1;
        if columns(&pieces[last]) + wide(c) > width {
            pieces.push(String::new());
        }
        let last = pieces.len() - 1;
        pieces[last].push(c);
    }
    pieces
}

/// Columns that a text takes in a fixed-width font; East Asian characters take two.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(wide).sum()
}

fn wide(c: char) -> usize {
    1 + usize::from(
        matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD),
    )
}

fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_that_begin_alike_stay_two() {
        let long = |end: &str| "sex=".to_string() + &"x".repeat(10_000) + end;
        let (one, two) = (label(&long("a")), label(&long("b")));
        assert!(one != two && one == label(&long("a")), "{one} {two}");
        assert!([&one, &two].iter().all(|label| label.chars().count() == LONGEST_LABEL), "{one} {two}");
        for wide in ["\"", "群", "é"] {
            let label = label(&wide.repeat(79));
            assert!(escaped(&label) <= WIDEST_LABEL && label.contains('…'), "{label}");
        }
        let whole = "x".repeat(LONGEST_LABEL);
        assert_eq!((label(&whole), shortened(&whole, 5)), (whole, "xxxx…".into()));
    }
}
