//! Sentences that stand in no column, as inputs of a model of text: what a language model is asked.

use super::tokens::TextFeed;
use super::{Feed, Inputs, ModelError, Tokens};

/// Names of the token that hides another, as tokenizers have it.
const MASKS: [&str; 2] = ["[MASK]", "<mask>"];

/// How sentences become the inputs of a model.
#[derive(Debug, Clone)]
pub struct Sentences {
    text: TextFeed,
    batch: Option<usize>,
}

/// The tokens of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The tokens.
    pub tokens: Tokens,
    /// Of each whether the tokenizer added it as a mark.
    pub marks: Vec<bool>,
    /// Of each the place of its word; a mark is of none.
    pub words: Vec<Option<u32>>,
}

impl Feed {
    /// The same for sentences alone; the problem says what else the model wants.
    pub fn sentences(&self) -> Result<Sentences, String> {
        let Some(text) = &self.text else { return Err("it reads no text".into()) };
        match self.slots.first() {
            Some(slot) => Err(format!("besides a text it reads input {}, which a sentence does not have", slot.name)),
            None => Ok(Sentences { text: text.clone(), batch: self.batch() }),
        }
    }
}

impl Sentences {
    /// The tokens of a sentence.
    pub fn read(&self, text: &str) -> Result<Sentence, ModelError> {
        let failed = |cause| ModelError(format!("a sentence cannot be tokenized: {cause}"));
        let (tokens, marks, words) = self.text.reader.read_marked(text).map_err(failed)?;
        Ok(Sentence { tokens, marks, words })
    }

    /// The token that hides another: that of the name, or one of the usual names.
    pub fn mask(&self, name: Option<&str>) -> Option<u32> {
        name.map_or_else(
            || MASKS.iter().find_map(|name| self.text.reader.token(name)),
            |name| self.text.reader.token(name),
        )
    }

    /// How many tokens there are.
    pub fn vocabulary(&self) -> u64 {
        self.text.reader.vocabulary()
    }

    /// The rows that the model insists on.
    pub fn batch(&self) -> Option<usize> {
        self.batch
    }

    /// The inputs of sentences side by side; the last is repeated where the model insists on more rows.
    pub fn inputs(&self, rows: &[Tokens]) -> Result<Inputs, ModelError> {
        let more = self.batch.map_or(0, |batch| batch.saturating_sub(rows.len()));
        let rows: Vec<&Tokens> = rows.iter().chain(rows.last().into_iter().cycle().take(more)).collect();
        self.text.inputs(&rows).map_err(|error| ModelError(error.0))
    }

    /// Where a row's first token stands in an output that is `width` tokens wide.
    pub fn start(&self, tokens: &Tokens, width: usize) -> usize {
        if self.text.reader.padding().left { width.saturating_sub(tokens.ids.len()) } else { 0 }
    }
}

#[cfg(test)]
#[path = "sentences_tests.rs"]
mod tests;
