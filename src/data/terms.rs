//! Identity terms: which groups a text names. A text may name several, so that its value is a set of groups.

use super::words::Words;
use super::{DataError, MAX_GROUPS, Table};
use crate::evidence::{Attribute, UNKNOWN};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The lists that come with the tool, by name.
pub const TERM_LISTS: [(&str, &str); 2] =
    [("identity", include_str!("terms/identity.toml")), ("religion", include_str!("terms/religion.toml"))];

/// Groups that a list may have; more would be pooled, and groups that overlap cannot be.
const MOST_GROUPS: usize = 100;

/// The terms of each group.
pub type Terms = BTreeMap<String, Vec<String>>;

/// A list as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    terms: Terms,
}

/// Whether a list is a file, and none of the tool.
pub fn is_file(name: &str) -> bool {
    name.ends_with(".toml")
}

/// A list of terms: of the tool, or a `.toml` file in a folder. What is wrong is said in one sentence.
pub fn term_list(root: &Path, name: &str) -> Result<Terms, String> {
    let text = match is_file(name) {
        true => std::fs::read_to_string(root.join(name)).map_err(|error| format!("it cannot be read: {error}"))?,
        false => {
            let known = || TERM_LISTS.map(|(name, _)| name).join(", ");
            let found = TERM_LISTS.into_iter().find(|(known, _)| *known == name).map(|(_, text)| text.to_string());
            found.ok_or_else(|| {
                format!("no term list of the tool is called so; they are {}, or give a .toml file", known())
            })?
        }
    };
    let file: File = toml::from_str(&text).map_err(|error| error.message().to_string())?;
    check(&file.terms)?;
    Ok(file.terms)
}

fn check(terms: &Terms) -> Result<(), String> {
    if terms.is_empty() || terms.len() > MOST_GROUPS {
        return Err(format!("it has {} groups, and a list has from 1 to {MOST_GROUPS}", terms.len()));
    }
    let mut known = Words::default();
    for (group, terms) in terms {
        if group.trim().is_empty() || group.chars().any(char::is_control) {
            return Err(format!("a group is called {group:?}; give it a plain name"));
        }
        if terms.is_empty() {
            return Err(format!("group {group:?} has no terms; name at least one"));
        }
        for term in terms {
            known.add(term, 0).ok_or_else(|| format!("{term:?} of group {group:?} is no word"))?;
        }
    }
    Ok(())
}

/// The groups of each text, learned as texts come. A set's code is its place among the sets, plus 1.
pub(super) struct TermSets {
    words: Words,
    /// The groups that each term names, ascending.
    terms: Vec<Vec<u32>>,
    names: Vec<String>,
    codes: BTreeMap<Vec<u32>, u32>,
}

impl TermSets {
    pub(super) fn new(terms: &Terms) -> TermSets {
        let (mut words, mut groups) = (Words::default(), Vec::<Vec<u32>>::new());
        for (group, term) in terms.values().zip(0..).flat_map(|(terms, group)| terms.iter().map(move |t| (group, t))) {
            match words.add(term, groups.len()) {
                Some(number) if number < groups.len() => groups[number].push(group),
                Some(_) => groups.push(vec![group]),
                None => {}
            }
        }
        TermSets { words, terms: groups, names: terms.keys().cloned().collect(), codes: BTreeMap::new() }
    }

    /// The code of every row's set; a null is unknown, and a text without a term has the empty set.
    pub(super) fn encode(&mut self, table: &Table, column: &str) -> Result<Vec<u32>, DataError> {
        let texts = table.texts(column, 0..table.rows())?;
        let codes = texts.iter().map(|text| text.as_ref().map_or(UNKNOWN, |text| self.code(text))).collect();
        match self.codes.len() > MAX_GROUPS {
            true => Err(DataError(format!(
                "column `{column}` names more than {MAX_GROUPS} different sets of groups; name fewer groups in `terms`"
            ))),
            false => Ok(codes),
        }
    }

    fn code(&mut self, text: &str) -> u32 {
        let found = self.words.find(text);
        let set: BTreeSet<u32> = found.iter().flat_map(|found| self.terms[found.term].iter().copied()).collect();
        let next = self.codes.len() as u32 + 1;
        *self.codes.entry(set.into_iter().collect()).or_insert(next)
    }

    /// The sets met so far, in the order of their codes.
    pub(super) fn met(&self, name: String) -> Attribute {
        let mut sets: Vec<(u32, &Vec<u32>)> = self.codes.iter().map(|(set, &code)| (code, set)).collect();
        sets.sort_unstable();
        let sets = sets.into_iter().map(|(_, set)| set.clone()).collect();
        Attribute { name, groups: self.names.clone(), sets: Some(sets) }
    }

    /// The attribute with its sets sorted, and the new code of each old one.
    pub(super) fn finish(self, name: String) -> (Attribute, Vec<u32>) {
        let mut recoded = vec![UNKNOWN; self.codes.len() + 1];
        for (&old, new) in self.codes.values().zip(1..) {
            recoded[old as usize] = new;
        }
        let sets = self.codes.into_keys().collect();
        (Attribute { name, groups: self.names, sets: Some(sets) }, recoded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(groups: &[(&str, &[&str])]) -> Terms {
        groups
            .iter()
            .map(|(group, terms)| (group.to_string(), terms.iter().map(ToString::to_string).collect()))
            .collect()
    }

    #[test]
    fn every_list_of_the_tool_is_sound() {
        for (name, _) in TERM_LISTS {
            assert!(term_list(Path::new("."), name).is_ok_and(|terms| terms.len() > 4), "{name}");
        }
    }

    #[test]
    fn a_text_has_all_groups_that_it_names() {
        let terms = terms(&[
            ("black", &["black", "african american"]),
            ("lesbian", &["lesbian", "lesbians"]),
            ("none met", &["nobody"]),
            ("women", &["women", "Lesbians"]),
        ]);
        let mut sets = TermSets::new(&terms);
        let texts = ["Black lesbians", "a LESBIAN", "lesbianism", "", "African-American women"];
        let table = Table::of_texts("text", &texts.map(String::from)).expect("texts");
        assert_eq!(sets.encode(&table, "text"), Ok(vec![1, 2, 3, 3, 4]));
        let (attribute, recoded) = sets.finish("identity".into());
        assert_eq!(attribute.groups, ["black", "lesbian", "none met", "women"]);
        assert_eq!(attribute.sets, Some(vec![vec![], vec![0, 1, 3], vec![0, 3], vec![1]]));
        assert_eq!(recoded, [UNKNOWN, 2, 4, 1, 3]);
    }

    #[test]
    fn a_faulty_list_says_why() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let many: String = (0..101).map(|group| format!("g{group} = ['t{group}']\n")).collect();
        for (text, why) in [
            ("", "missing field"),
            ("[terms]\n", "it has 0 groups"),
            (&format!("[terms]\n{many}"), "it has 101 groups"),
            ("[terms]\na = []\n", "has no terms"),
            ("[terms]\na = ['!']\n", "is no word"),
            ("[terms]\n'' = ['x']\n", "a plain name"),
            ("[terms]\na = 'x'\n", "invalid type"),
        ] {
            std::fs::write(folder.path().join("list.toml"), text).expect("the folder is ours");
            let cause = term_list(folder.path(), "list.toml").expect_err(why);
            assert!(cause.contains(why), "{cause}");
        }
        assert!(term_list(folder.path(), "other.toml").is_err_and(|cause| cause.contains("cannot be read")));
        assert!(term_list(folder.path(), "identities").is_err_and(|cause| cause.contains("identity, religion")));
    }
}
