//! Files of sentence pairs, and lists of words.

use crate::config::PairFile;
use crate::data::{DataError, Dataset, ScanPlan, Want};
use crate::gather::{hash_file, hashes};
use crate::models::ModelError;
use crate::result::{FileHash, Likelihood};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Words that come with the program, by name.
const SHIPPED: [(&str, &str); 2] = [
    ("gender-work", include_str!("words/gender-work.toml")),
    ("age-pleasant", include_str!("words/age-pleasant.toml")),
];
/// Words of a set at most.
const MOST: usize = 1000;

/// The pairs of a file.
pub struct Pairs {
    pub(super) file: FileHash,
    pub(super) likelihood: Likelihood,
    pub(super) rows: Vec<Pair>,
}

/// Two sentences, and perhaps a third that makes no sense.
pub struct Pair {
    pub(super) more: String,
    pub(super) less: String,
    pub(super) unrelated: Option<String>,
    pub(super) kind: Option<String>,
}

impl Pairs {
    /// Reads a file of any format that data can have.
    pub(super) fn read(root: &Path, asked: &PairFile) -> Result<Pairs, PairError> {
        let dataset = Dataset::open(root, std::slice::from_ref(&asked.path))?;
        let names: Vec<&String> =
            [&asked.more, &asked.less].into_iter().chain(&asked.unrelated).chain(&asked.kind).collect();
        let columns = names.iter().map(|name| (name.to_string(), Want::Text)).collect();
        let mut rows = Vec::new();
        for table in dataset.scan(&ScanPlan { columns, ..ScanPlan::default() })? {
            let table = table?;
            let column = |name: &String| table.texts(name, 0..table.rows());
            let optional = |name: &Option<String>| name.as_ref().map(column).transpose();
            let (more, less) = (column(&asked.more)?, column(&asked.less)?);
            let (unrelated, kind) = (optional(&asked.unrelated)?, optional(&asked.kind)?);
            let absent = |name: &String| DataError(format!("{}: column {name} has empty (null) sentences", asked.path));
            for (at, (more, less)) in more.into_iter().zip(less).enumerate() {
                let cell = |column: &Option<Vec<Option<String>>>| column.as_ref().and_then(|cells| cells[at].clone());
                let more = more.ok_or_else(|| absent(&asked.more))?;
                let less = less.ok_or_else(|| absent(&asked.less))?;
                rows.push(Pair { more, less, unrelated: cell(&unrelated), kind: cell(&kind) });
            }
        }
        let file = hashes(dataset.files())?.into_iter().next();
        file.map(|file| Pairs { file, likelihood: asked.likelihood, rows })
            .ok_or_else(|| DataError("no file of pairs is named".into()).into())
    }
}

/// Why pairs cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl From<PairError> for crate::gather::PreflightError {
    fn from(error: PairError) -> Self {
        match error {
            PairError::Data(error) => error.into(),
            PairError::Model(error) => error.into(),
        }
    }
}

/// One test: the sets X, Y, A and B.
pub struct Words {
    pub(super) name: String,
    pub(super) file: FileHash,
    /// Whether the list came with the program.
    pub(super) shipped: bool,
    pub(super) names: [String; 4],
    pub(super) sets: [Vec<String>; 4],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    /// Where the words come from; kept in the file for its readers.
    #[serde(rename = "source")]
    _source: Option<String>,
    test: Vec<Test>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    name: String,
    x: Set,
    y: Set,
    a: Set,
    b: Set,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    name: String,
    words: Vec<String>,
}

/// The tests of a list: of a file, or one that comes with the program.
pub(super) fn words(root: &Path, asked: &str) -> Result<Vec<Words>, String> {
    let shipped = SHIPPED.iter().find(|(name, _)| *name == asked).map(|(_, text)| *text);
    let (text, file) = match shipped {
        Some(text) => (text.to_owned(), hash_text(asked, text)),
        None => {
            let known: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
            let help = format!("; the lists that come with the program are {}", known.join(" and "));
            let path = root.join(asked);
            let text =
                std::fs::read_to_string(&path).map_err(|error| format!("{asked} cannot be read: {error}{help}"))?;
            (text, hash_file(&path).map_err(|error| format!("{asked} cannot be read: {error}"))?)
        }
    };
    let list: List =
        toml::from_str(&text).map_err(|error| format!("{asked} is no list of words: {}", error.message()))?;
    let one = |test| {
        let words = checked(test, file.clone()).map_err(|cause| format!("{asked}: {cause}"))?;
        Ok(Words { shipped: shipped.is_some(), ..words })
    };
    list.test.into_iter().map(one).collect()
}

fn hash_text(name: &str, text: &str) -> FileHash {
    let sha256 = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    FileHash { name: name.into(), sha256, bytes: text.len() as u64 }
}

fn checked(test: Test, file: FileHash) -> Result<Words, String> {
    let Test { name, x, y, a, b } = test;
    for (letter, set, least) in [("x", &x, 2), ("y", &y, 2), ("a", &a, 1), ("b", &b, 1)] {
        if !(least..=MOST).contains(&set.words.len()) || set.words.iter().any(|word| word.trim().is_empty()) {
            return Err(format!("set {letter} of test {name} takes {least} to {MOST} words, none of them empty"));
        }
    }
    let names = [&x, &y, &a, &b].map(|set| set.name.clone());
    Ok(Words { name, file, shipped: false, names, sets: [x.words, y.words, a.words, b.words] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_come_with_the_program_are_sound() {
        for (name, _) in SHIPPED {
            let tests = words(Path::new("."), name).unwrap();
            assert!(!tests.is_empty());
            for test in tests {
                assert_eq!(test.sets[0].len(), test.sets[1].len(), "{name}: {}", test.name);
            }
        }
    }

    #[test]
    fn a_list_that_is_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let said = |text: &str| {
            std::fs::write(folder.path().join("list.toml"), text).unwrap();
            words(folder.path(), "list.toml").err().unwrap_or_default()
        };
        let set = |words: &str| format!("{{ name = \"n\", words = [{words}] }}");
        let (two, none) = (set("\"p\", \"q\""), set(""));
        assert!(said("test = 1").contains("is no list of words"));
        assert!(said("test = []\nother = 1").contains("unknown field"));
        let of = |x: &str| said(&format!("[[test]]\nname = \"t\"\nx = {x}\ny = {two}\na = {two}\nb = {two}\n"));
        assert_eq!(of(&two), "");
        assert!(of(&none).contains("set x of test t takes 2 to 1000 words"), "{}", of(&none));
        assert!(of(&set("\"p\", \" \"")).contains("none of them empty"));
        let absent = words(folder.path(), "nowhere.toml").err().unwrap_or_default();
        assert!(absent.contains("cannot be read") && absent.contains("gender-work"), "{absent}");
    }
}
