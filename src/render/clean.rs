//! Text from data, models and policies, made harmless to look at.
//!
//! A group's name can be anything. Control characters could drive a terminal, and bidirectional
//! ones could make a line read differently from what it says; both are left out of every format
//! but JSON. Escaping for HTML is the template engine's work and not done here.

const LONGEST_LABEL: usize = 80;

/// The text without control and direction characters; line breaks and tabs become spaces.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter_map(|c| if c.is_whitespace() { Some(' ') } else { (!hidden(c)).then_some(c) }).collect()
}

/// A printable label of at most 80 characters; the whole of it is in `result.json`.
pub(super) fn label(text: &str) -> String {
    shortened(text, LONGEST_LABEL)
}

/// Printable text of at most `longest` characters.
pub(super) fn shortened(text: &str, longest: usize) -> String {
    // Cut first: a hostile name may hold megabytes.
    let head: String = text.chars().take(4 * longest).collect();
    let mut kept = printable(&head);
    if kept.chars().count() > longest || head.len() < text.len() {
        kept = kept.chars().take(longest - 1).chain(['…']).collect();
    }
    kept
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
