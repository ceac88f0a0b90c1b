//! What language models prefer: context for a reader, and never evidence of harm.

use super::{Estimate, FileHash};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Preferences of base and tuned, where the audit file asks for them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Language {
    /// Pairs of sentences, by file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<PairSet>,
    /// Associations of words or sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub associations: Vec<WordTest>,
}

/// Whose likelihood tells the sentences of a pair apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Likelihood {
    /// The sum over the tokens that both have in common, each hidden alone (Nangia et al. 2020).
    #[default]
    Shared,
    /// The mean over the pieces of the words in which they differ, each hidden with those after it left out
    /// (Nadeem et al. 2021).
    Target,
}

impl Likelihood {
    fn is_shared(&self) -> bool {
        *self == Likelihood::Shared
    }
}

/// A file of sentence pairs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairSet {
    /// The file.
    pub file: FileHash,
    /// Whose likelihood is compared.
    #[serde(default, skip_serializing_if = "Likelihood::is_shared")]
    pub likelihood: Likelihood,
    /// Pairs in it.
    pub pairs: u64,
    /// Pairs whose sentences are the same tokens, which are left out.
    pub same: u64,
    /// Pairs without a token to compare, which are left out: none in common, or one sentence only adds to the other.
    pub apart: u64,
    /// Pairs with a sentence of which only the first tokens were read.
    pub cut: u64,
    /// All pairs, then each kind.
    pub kinds: Vec<SentenceKind>,
}

/// The pairs of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SentenceKind {
    /// The kind; absent for all pairs together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What the base prefers; absent where it has no such output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Preference>,
    /// What the tuned model prefers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<Preference>,
    /// McNemar's exact p that the two prefer alike, where both have such an output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mcnemar_p: Option<f64>,
}

/// Which sentences of pairs a model finds more likely.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Preference {
    /// Pairs in which the sentence that keeps to a stereotype is more likely.
    pub more: u64,
    /// Pairs in which the other is.
    pub less: u64,
    /// Pairs in which both are alike; they count for neither.
    pub ties: u64,
    /// 100 times more / (more + less), with Wilson's interval; 50 is no preference.
    pub score: Estimate,
    /// 100 times the share of comparisons in which a sentence that makes sense is more likely than one that does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub makes_sense: Option<f64>,
    /// makes_sense times the smaller of score and 100 - score, over 50 (Nadeem et al. 2021).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icat: Option<f64>,
}

/// One test of associations: how much more X goes with A than with B, beside Y.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WordTest {
    /// Its name.
    pub name: String,
    /// The list that it is from.
    pub file: FileHash,
    /// Whether the list came with the program, and lies nowhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shipped: bool,
    /// What the sets X, Y, A and B are called.
    pub sets: [String; 4],
    /// In the base's embedding; absent where it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<WordEffect>,
    /// In the tuned model's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<WordEffect>,
}

/// The size of an association.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WordEffect {
    /// The difference of the means over X and Y in sample deviations (n - 1) of both together.
    pub effect: Estimate,
    /// One-sided p over partitions of X and Y together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    /// Whether every partition was looked at; else 100,000 were drawn.
    pub exact: bool,
}

impl Language {
    /// The files that it comes from.
    pub fn files(&self) -> impl Iterator<Item = &FileHash> {
        self.once(|_| true)
    }

    /// Those that were read, without the lists that came with the program.
    pub fn read_files(&self) -> impl Iterator<Item = &FileHash> {
        self.once(|test| !test.shipped)
    }

    fn once(&self, wanted: fn(&&WordTest) -> bool) -> impl Iterator<Item = &FileHash> {
        let mut seen = BTreeSet::new();
        let lists = self.associations.iter().filter(wanted).map(|test| &test.file);
        let files = self.pairs.iter().map(|set| &set.file).chain(lists);
        files.filter(move |file| seen.insert(&file.sha256))
    }
}
