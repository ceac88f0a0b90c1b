//! Words in texts: where the terms of a list stand, as whole words, whatever their case.

use std::collections::HashMap;
use std::ops::Range;

/// Terms to look for, each of one word or of several.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    /// The number of each term, by its words in lower case with a space between them.
    terms: HashMap<String, usize>,
    /// The most words of a term that begins with this one.
    begins: HashMap<String, usize>,
}

/// A term in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it stands.
    pub(super) at: Range<usize>,
    /// Its number.
    pub(super) term: usize,
}

impl Words {
    /// Gives a term its number. A term without any word is left out; of two that read alike the first stays,
    /// and its number comes back.
    pub(super) fn add(&mut self, term: &str, number: usize) -> Option<usize> {
        let words: Vec<String> = words(term).map(|at| term[at].to_lowercase()).collect();
        let first = words.first()?.clone();
        let most = self.begins.entry(first).or_default();
        *most = words.len().max(*most);
        Some(*self.terms.entry(words.join(" ")).or_insert(number))
    }

    /// Every term of a text in turn; of those that begin at the same word the longest.
    pub(super) fn find(&self, text: &str) -> Vec<Found> {
        let all: Vec<Range<usize>> = words(text).collect();
        let (mut found, mut at) = (Vec::new(), 0);
        while at < all.len() {
            match self.longest(text, &all[at..]) {
                Some((count, term)) => {
                    found.push(Found { at: all[at].start..all[at + count - 1].end, term });
                    at += count;
                }
                None => at += 1,
            }
        }
        found
    }

    /// How many words the longest term has that begins here, and its number.
    fn longest(&self, text: &str, ahead: &[Range<usize>]) -> Option<(usize, usize)> {
        let mut phrase = text[ahead.first()?.clone()].to_lowercase();
        let most = (*self.begins.get(&phrase)?).min(ahead.len());
        let mut longest = None;
        for count in 1..=most {
            if count > 1 {
                if !joins(&text[ahead[count - 2].end..ahead[count - 1].start]) {
                    break;
                }
                phrase = format!("{phrase} {}", text[ahead[count - 1].clone()].to_lowercase());
            }
            longest = self.terms.get(&phrase).map(|&term| (count, term)).or(longest);
        }
        longest
    }
}

/// Whether what stands between two words leaves them one term: blanks, a hyphen or an apostrophe.
fn joins(between: &str) -> bool {
    let blank = !between.is_empty() && between.chars().all(char::is_whitespace);
    blank || ["-", "\u{2010}", "\u{2011}", "'", "\u{2019}"].contains(&between)
}

/// The words of a text: letters and digits of any script, with the marks upon them.
pub(super) fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, first) = chars.find(|(_, c)| is_of_word(*c))?;
        let mut end = start + first.len_utf8();
        while let Some((at, c)) = chars.next_if(|(_, c)| is_of_word(*c)) {
            end = at + c.len_utf8();
        }
        Some(start..end)
    })
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_mark(c)
}

/// Marks that stand upon a letter, as far as they are no letters themselves.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{94d}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{200c}'..='\u{200d}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(terms: &[&str], text: &str) -> Vec<String> {
        let mut words = Words::default();
        terms.iter().enumerate().for_each(|(number, term)| {
            words.add(term, number);
        });
        words.find(text).into_iter().map(|found| format!("{}:{}", found.term, &text[found.at])).collect()
    }

    #[test]
    fn terms_are_whole_words_of_any_case() {
        assert_eq!(
            find(&["he", "gay"], "He said the gays, GAY people and he's here: #he_ he."),
            ["0:He", "1:GAY", "0:he", "0:he"]
        );
    }

    #[test]
    fn of_terms_that_begin_alike_the_longest_counts() {
        let terms = ["african", "african american", "american", "african american women"];
        assert_eq!(
            find(&terms, "African-American, african  american women; African, American"),
            ["1:African-American", "3:african  american women", "0:African", "2:American"]
        );
    }

    #[test]
    fn letters_of_other_scripts_have_edges_too() {
        assert_eq!(
            find(&["élan", "женщина", "女"], "ÉLAN, Женщина; женщинам 女 男女 e\u{301}lan"),
            ["0:ÉLAN", "1:Женщина", "2:女"]
        );
        assert_eq!(find(&["e\u{301}lan", "", "!?"], "E\u{301}LAN e\u{301}lane"), ["0:E\u{301}LAN"]);
    }

    #[test]
    fn a_very_long_text_is_read_once() {
        let text = "nothing of note here ".repeat(500_000) + "she";
        assert_eq!(find(&["she", "nothing of that"], &text), ["0:she"]);
    }
}
