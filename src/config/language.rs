//! Reads `[language_model]`: what language models are asked, for context.

use super::document::Value;
use super::problem::Problem;
use super::reader::Reader;
use crate::result::Likelihood;
use serde::{Deserialize, Serialize};

/// What language models are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageModel {
    /// The output that holds a logit for every token of the vocabulary, `[N, S, V]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The token that hides another, where its name is not a usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<String>,
    /// Files of sentence pairs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<PairFile>,
    /// Lists of words: files, or names of those that come with the program.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub associations: Vec<String>,
}

/// Words of the audit file.
const LIKELIHOODS: &[(&str, Likelihood)] = &[("shared", Likelihood::Shared), ("target", Likelihood::Target)];

/// A file of sentence pairs and its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairFile {
    /// The file.
    pub path: String,
    /// The column of the sentence that keeps to a stereotype.
    pub more: String,
    /// The column of the one that does not.
    pub less: String,
    /// The column of a sentence that makes no sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unrelated: Option<String>,
    /// The column that says what kind of stereotype it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whose likelihood tells sentences apart.
    pub likelihood: Likelihood,
}

/// Reads `[language_model]`, where it stands.
pub fn read(root: &Reader) -> Option<LanguageModel> {
    root.within("language_model", |table| {
        let pairs = pairs(table);
        let associations: Vec<String> =
            table.texts("associations").unwrap_or_default().into_iter().map(|item| item.0).collect();
        if !table.has("pairs") && associations.is_empty() {
            let problem = Problem::at(table.span(), "nothing is asked of the language models");
            table.report(problem.help("give `pairs`, or `associations`"));
        }
        if table.has("pairs") {
            table.require("output", "name the output that holds a logit for every token: output = \"token_logits\"");
        }
        LanguageModel { output: table.text("output"), mask: table.text("mask"), pairs, associations }
    })
}

/// One table, or a list of them.
fn pairs(table: &Reader) -> Vec<PairFile> {
    let Some(node) = table.node("pairs") else { return Vec::new() };
    match &node.value {
        Value::List(_) => table.each("pairs", file).into_iter().flatten().collect(),
        _ => table.within("pairs", file).flatten().into_iter().collect(),
    }
}

fn file(pairs: &Reader) -> Option<PairFile> {
    pairs.require("path", "name the file of pairs: path = \"pairs.csv\"");
    pairs.require("more", "name the column of sentences that keep to a stereotype: more = \"sent_more\"");
    pairs.require("less", "name the column of those that do not: less = \"sent_less\"");
    let (unrelated, kind) = (pairs.text("unrelated"), pairs.text("kind"));
    let usual = if unrelated.is_some() { Likelihood::Target } else { Likelihood::Shared };
    let likelihood = pairs.choice("likelihood", LIKELIHOODS).unwrap_or(usual);
    let (path, more, less) = (pairs.text("path"), pairs.text("more"), pairs.text("less"));
    Some(PairFile { path: path?, more: more?, less: less?, unrelated, kind, likelihood })
}
