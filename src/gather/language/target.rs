//! The words in which sentences differ, as StereoSet has them: the same context around another word.

use crate::models::{Sentence, Tokens};
use std::ops::Range;

/// Of each sentence the tokens between what all begin with and what all end with, widened to whole words.
pub(super) fn places(sentences: &[&Sentence]) -> Vec<Range<usize>> {
    let Some((first, others)) = sentences.split_first() else { return Vec::new() };
    let ids = |sentence: &Sentence| sentence.tokens.ids.clone();
    let back = |sentence: &Sentence| sentence.tokens.ids.iter().rev().copied().collect::<Vec<u32>>();
    let alike = |of: &dyn Fn(&Sentence) -> Vec<u32>| {
        let own = of(first);
        others.iter().map(|other| agree(&own, &of(other))).min().unwrap_or(own.len())
    };
    let shortest = sentences.iter().map(|sentence| sentence.tokens.ids.len()).min().unwrap_or(0);
    let start = alike(&ids);
    let end = alike(&back).min(shortest - start);
    // The same word ends or begins in the same way: no sentence keeps a part of it.
    let start = sentences.iter().map(|sentence| word_start(sentence, start)).min().unwrap_or(start);
    let end = sentences.iter().map(|sentence| sentence.tokens.ids.len() - word_end(sentence, end)).min().unwrap_or(end);
    let place = |sentence: &&Sentence| {
        let length = sentence.tokens.ids.len();
        start.min(length)..(length - end.min(length)).max(start.min(length))
    };
    sentences.iter().map(place).collect()
}

/// How many places two lists have in common from their beginning on.
fn agree(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// The place where the word begins that a place cuts in two; else the place.
fn word_start(sentence: &Sentence, place: usize) -> usize {
    let word = |at: usize| sentence.words.get(at).copied().flatten();
    (0..=place).rev().find(|&at| at == 0 || word(at).is_none() || word(at - 1) != word(at)).unwrap_or(place)
}

/// The place where the word ends that so many last tokens cut in two; else where they begin.
fn word_end(sentence: &Sentence, last: usize) -> usize {
    let length = sentence.tokens.ids.len();
    let word = |at: usize| sentence.words.get(at).copied().flatten();
    let place = length - last.min(length);
    (place..=length)
        .find(|&at| at == 0 || at == length || word(at).is_none() || word(at - 1) != word(at))
        .unwrap_or(place)
}

/// The tokens with one of them hidden and those after it, up to `end`, left out.
pub(super) fn opened(tokens: &Tokens, at: usize, end: usize, mask: u32) -> Tokens {
    let without = |all: &[u32]| [&all[..=at], &all[end..]].concat();
    let mut copy = Tokens { ids: without(&tokens.ids), kinds: without(&tokens.kinds), cut: tokens.cut };
    copy.ids[at] = mask;
    copy
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens between two marks, each with its word.
    fn sentence(tokens: &[(u32, u32)]) -> Sentence {
        let ids = [&[101], &tokens.iter().map(|token| token.0).collect::<Vec<_>>()[..], &[102]].concat();
        let words: Vec<Option<u32>> =
            std::iter::once(None).chain(tokens.iter().map(|token| Some(token.1))).chain([None]).collect();
        let marks = words.iter().map(Option::is_none).collect();
        Sentence { tokens: Tokens { kinds: vec![0; ids.len()], ids, cut: false }, marks, words }
    }

    #[test]
    fn what_differs_lies_between_what_all_share() {
        let [a, b, c] = [7, 8, 9].map(|word| sentence(&[(1, 0), (2, 1), (word, 2), (3, 3)]));
        assert_eq!(places(&[&a, &b]), [3..4, 3..4]);
        assert_eq!(places(&[&a, &b, &c]), [3..4, 3..4, 3..4]);
        // A word of several pieces, and one that only adds.
        let long = sentence(&[(1, 0), (2, 1), (7, 2), (70, 2), (3, 3)]);
        assert_eq!(places(&[&long, &b]), [3..5, 3..4]);
        assert_eq!(places(&[&sentence(&[(1, 0), (2, 1)]), &sentence(&[(1, 0)])]), [2..3, 2..2]);
    }

    #[test]
    fn a_word_is_taken_whole() {
        // friend ##ly and lone ##ly end in the same piece; un ##kind and un ##fair begin so.
        let [friendly, lonely] = [7, 8].map(|stem| sentence(&[(1, 0), (stem, 1), (70, 1), (3, 2)]));
        assert_eq!(places(&[&friendly, &lonely]), [2..4, 2..4]);
        let [unkind, uneven] = [7, 8].map(|stem| sentence(&[(1, 0), (60, 1), (stem, 1), (3, 2)]));
        assert_eq!(places(&[&unkind, &uneven]), [2..4, 2..4]);
        // Whole words that are alike are no part of a word.
        assert_eq!(places(&[&sentence(&[(5, 0), (5, 1)]), &sentence(&[(5, 0)])]), [2..3, 2..2]);
    }

    #[test]
    fn pieces_are_opened_from_left_to_right() {
        let tokens = sentence(&[(1, 0), (7, 1), (70, 1), (3, 2)]).tokens;
        assert_eq!(opened(&tokens, 2, 4, 99).ids, [101, 1, 99, 3, 102]);
        assert_eq!(opened(&tokens, 3, 4, 99).ids, [101, 1, 7, 99, 3, 102]);
        assert_eq!(opened(&tokens, 3, 4, 99).kinds.len(), 6);
    }
}
