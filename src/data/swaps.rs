//! Swap lists: words that stand for each other, side by side, and texts with one side's words in place of
//! another's.

use super::words::{Found, Words, words};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The lists that come with the tool, by name.
pub const SWAP_LISTS: [(&str, &str); 4] = [
    ("gender", include_str!("swaps/gender.toml")),
    ("religion", include_str!("swaps/religion.toml")),
    ("nationality", include_str!("swaps/nationality.toml")),
    ("names", include_str!("swaps/names.toml")),
];

/// Sides of a list at most: each is held against the first.
const MOST_SIDES: usize = 20;

/// Words of several sides that stand for each other.
#[derive(Debug, Clone)]
pub struct SwapList {
    sides: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Where each term stands: side and row.
    places: Vec<(usize, usize)>,
    terms: Words,
    closing: BTreeMap<String, String>,
    closers: Vec<String>,
}

/// A list as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sides: Vec<String>,
    words: Vec<Vec<String>>,
    /// What a word becomes where its phrase closes, if it has two counterparts.
    #[serde(default)]
    closing: BTreeMap<String, String>,
    /// Words after which a phrase is taken to have closed.
    #[serde(default)]
    closers: Vec<String>,
}

/// A text beside itself with other words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swapped {
    /// The side that the first one is held against.
    pub side: usize,
    /// Whether the text as it stands is of that side; else it is of the first.
    pub turned: bool,
    /// The other text.
    pub text: String,
}

/// What a list makes of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// It holds no word of the list.
    Nothing,
    /// It holds words of several sides, so that it is of none.
    Several,
    /// Its counterparts, and how many of them are the text itself.
    Pairs(Vec<Swapped>, u64),
}

impl SwapList {
    /// A list that comes with the tool.
    pub fn named(name: &str) -> Option<SwapList> {
        let (_, text) = SWAP_LISTS.into_iter().find(|(known, _)| *known == name)?;
        SwapList::read(text).ok()
    }

    /// From TOML. What is wrong is said in one sentence.
    pub fn read(text: &str) -> Result<SwapList, String> {
        let file: File = toml::from_str(text).map_err(|error| error.message().to_string())?;
        let sides = file.sides.len();
        if !(2..=MOST_SIDES).contains(&sides) {
            return Err(format!("it has {sides} sides, and a list has from 2 to {MOST_SIDES}"));
        }
        if let Some(side) = repeated(&file.sides).or(file.sides.iter().find(|side| side.trim().is_empty())) {
            return Err(format!("a side is called {side:?}; give each a name of its own"));
        }
        let (mut terms, mut places) = (Words::default(), Vec::new());
        for (at, row) in file.words.iter().enumerate() {
            if row.len() != sides {
                return Err(format!("row {} of `words` has {} words for {sides} sides", at + 1, row.len()));
            }
            for (side, word) in row.iter().enumerate() {
                let number = terms.add(word, places.len());
                let number = number.ok_or_else(|| format!("{word:?} in row {} of `words` is no word", at + 1))?;
                places.push((side, at));
                if places[number].0 != side {
                    return Err(format!("{word:?} stands on two sides, so no text could tell which; leave one out"));
                }
            }
        }
        if sides > 2 && !file.closing.is_empty() {
            return Err("`closing` needs a list of two sides, each word's counterpart being on the other".into());
        }
        let closing = file.closing.iter().map(|(word, other)| (word.to_lowercase(), other.clone())).collect();
        let closers = file.closers.iter().map(|word| word.to_lowercase()).collect();
        Ok(SwapList { sides: file.sides, rows: file.words, places, terms, closing, closers })
    }

    /// The sides' names; the others are held against the first.
    pub fn sides(&self) -> &[String] {
        &self.sides
    }

    /// A text of the first side beside its counterpart of every other; one of another side beside the first's.
    pub fn pairs(&self, text: &str) -> Made {
        let found = self.terms.find(text);
        let side = |found: &Found| self.places[found.term].0;
        let Some(own) = found.first().map(side) else { return Made::Nothing };
        if found.iter().any(|found| side(found) != own) {
            return Made::Several;
        }
        let others = if own == 0 { 1..self.sides.len() } else { 0..1 };
        let swapped =
            |other: usize| Swapped { side: own.max(other), turned: own != 0, text: self.swapped(text, &found, other) };
        let all: Vec<Swapped> = others.map(swapped).collect();
        let count = all.len();
        let pairs: Vec<Swapped> = all.into_iter().filter(|pair| pair.text != text).collect();
        let equal = (count - pairs.len()) as u64;
        Made::Pairs(pairs, equal)
    }

    fn swapped(&self, text: &str, found: &[Found], side: usize) -> String {
        let (mut swapped, mut end) = (String::with_capacity(text.len()), 0);
        for one in found {
            let word = &text[one.at.clone()];
            swapped.push_str(&text[end..one.at.start]);
            swapped.push_str(&self.counterpart(word, one.term, side, &text[one.at.end..]));
            end = one.at.end;
        }
        swapped.push_str(&text[end..]);
        swapped
    }

    fn counterpart(&self, word: &str, term: usize, side: usize, after: &str) -> String {
        let (own, row) = self.places[term];
        let listed = &self.rows[row][own];
        let closing = self.closing.get(&word.to_lowercase()).filter(|_| self.closes(after));
        let other = closing.unwrap_or(&self.rows[row][side]);
        if word == listed { other.clone() } else { in_case_of(word, other) }
    }

    /// Whether a phrase ends before this: at punctuation, the end, or a word that begins another.
    fn closes(&self, after: &str) -> bool {
        let Some(next) = words(after).next() else { return true };
        let between = after[..next.start].trim();
        !between.is_empty() || self.closers.contains(&after[next].to_lowercase())
    }
}

fn repeated(names: &[String]) -> Option<&String> {
    names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)).map(|(_, name)| name)
}

/// The other word written as this one: SHE, She or she.
fn in_case_of(word: &str, other: &str) -> String {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    let first = letters.next().is_some_and(char::is_uppercase);
    let (mut rest, one) = (letters.clone(), letters.next().is_none());
    match first {
        false => other.to_lowercase(),
        true if !one && rest.all(char::is_uppercase) => other.to_uppercase(),
        true => capital(other),
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gender(text: &str) -> String {
        let list = SwapList::named("gender").expect("it comes with the tool");
        match list.pairs(text) {
            Made::Pairs(pairs, 0) => pairs.into_iter().next().map(|pair| pair.text).expect("two sides"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_list_of_the_tool_is_sound() {
        for (name, text) in SWAP_LISTS {
            let list = SwapList::read(text).unwrap_or_else(|cause| panic!("{name}: {cause}"));
            assert!(list.rows.len() >= 3 && list.sides.len() >= 2, "{name}");
        }
    }

    #[test]
    fn case_and_edges_are_kept() {
        assert_eq!(gender("He told HIMSELF: the man's theme."), "She told HERSELF: the woman's theme.");
        assert_eq!(gender("SHE and she, Her mother"), "HE and he, His father");
    }

    #[test]
    fn words_with_two_counterparts_go_by_what_follows() {
        assert_eq!(gender("I saw her."), "I saw him.");
        assert_eq!(gender("I saw her and her dog, with her"), "I saw him and his dog, with him");
        assert_eq!(gender("His dog is his; his own"), "Her dog is hers; her own");
    }

    #[test]
    fn texts_of_no_side_make_no_pair() {
        let list = SwapList::named("gender").expect("it comes with the tool");
        assert_eq!(list.pairs("The technician told the customer that they could pay."), Made::Nothing);
        assert_eq!(list.pairs("He told her."), Made::Several);
    }

    #[test]
    fn each_other_side_is_held_against_the_first() {
        let list = SwapList::read("sides = ['a', 'b', 'c']\nwords = [['one', 'two', 'three']]").expect("sound");
        let Made::Pairs(pairs, 0) = list.pairs("One") else { panic!("it has a word") };
        assert_eq!(
            pairs.iter().map(|pair| (pair.side, pair.turned, &pair.text[..])).collect::<Vec<_>>(),
            [(1, false, "Two"), (2, false, "Three")]
        );
        let back = Swapped { side: 2, turned: true, text: "ONE".into() };
        assert_eq!(list.pairs("THREE"), Made::Pairs(vec![back], 0));
    }

    #[test]
    fn halves_that_are_equal_are_counted() {
        let list = SwapList::read("sides = ['a', 'b', 'c']\nwords = [['one', 'One ', 'two']]");
        assert!(list.is_err_and(|cause| cause.contains("two sides")));
        let list = "sides = ['a', 'b']\nwords = [['x', 'y']]\nclosing = { x = 'x' }";
        assert_eq!(SwapList::read(list).expect("sound").pairs("an x"), Made::Pairs(vec![], 1));
    }

    #[test]
    fn other_scripts_swap_too() {
        let list = SwapList::read("sides = ['m', 'f']\nwords = [['он', 'она'], ['größe', 'straße']]").expect("sound");
        let Made::Pairs(pairs, 0) = list.pairs("Он 😀 ОН größe") else { panic!("it has words") };
        assert_eq!(pairs[0].text, "Она 😀 ОНА straße");
    }

    #[test]
    fn a_faulty_list_says_why() {
        for (list, why) in [
            ("sides = ['a']\nwords = []", "1 sides"),
            ("sides = ['a', 'a']\nwords = []", "a name of its own"),
            ("sides = ['a', 'b']\nwords = [['x']]", "1 words for 2"),
            ("sides = ['a', 'b']\nwords = [['x', '!']]", "is no word"),
            ("sides = ['a', 'b']\nwords = [['x', 'X']]", "two sides"),
            ("side = ['a', 'b']", "unknown field"),
        ] {
            let cause = SwapList::read(list).expect_err(why);
            assert!(cause.contains(why), "{cause}");
        }
    }
}
