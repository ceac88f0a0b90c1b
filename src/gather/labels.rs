//! Whether labels and decisions ever say positive: a misspelt positive value must not turn every
//! rate to 0.

use super::GatherError;
use crate::data::{DataError, Literal, Table};
use std::collections::BTreeSet;

/// Values shown in a message, and characters of each.
const SHOWN: usize = 5;
const LENGTH: usize = 40;

/// Watches one column of labels or decisions as it is read.
pub struct LabelWatch {
    /// `label` or `decision`.
    what: &'static str,
    column: String,
    positive: Literal,
    positives: bool,
    known: bool,
    seen: BTreeSet<String>,
}

impl LabelWatch {
    /// For a column and its positive value.
    pub fn new(what: &'static str, column: &str, positive: &Literal) -> LabelWatch {
        LabelWatch {
            what,
            column: column.into(),
            positive: positive.clone(),
            positives: false,
            known: false,
            seen: BTreeSet::new(),
        }
    }

    /// The column that it watches.
    pub fn column(&self) -> &str {
        &self.column
    }

    /// The labels of a table; `None` where null.
    pub fn read(&mut self, table: &Table) -> Result<Vec<Option<bool>>, DataError> {
        let labels = table.matches(&self.column, &self.positive)?;
        self.positives |= labels.contains(&Some(true));
        self.known |= labels.iter().any(Option::is_some);
        if !self.positives {
            self.remember(table)?;
        }
        Ok(labels)
    }

    /// Only until a positive label is seen, which is in the first table of any sound data.
    fn remember(&mut self, table: &Table) -> Result<(), DataError> {
        for text in table.texts(&self.column, 0..table.rows())?.into_iter().flatten() {
            if self.seen.len() >= SHOWN {
                break;
            }
            if !self.seen.contains(&text) {
                self.seen.insert(text);
            }
        }
        Ok(())
    }

    /// Whether every value so far is null.
    pub fn is_silent(&self) -> bool {
        !self.known
    }

    /// One value throughout is a fact about the data; several of which none is positive, or none
    /// at all, is a mistake in the audit file or the data.
    pub fn check(&self) -> Result<(), GatherError> {
        if self.positives || self.known && self.seen.len() == 1 {
            return Ok(());
        }
        let (what, column) = (self.what, &self.column);
        let positive = self.positive.text();
        Err(GatherError::Labels(if self.known {
            let shorten = |value: &String| value.chars().take(LENGTH).collect::<String>();
            let seen: Vec<String> = self.seen.iter().map(shorten).collect();
            format!(
                "no {what} in column {column} is {positive:?}, the value of `positive`; the column holds {}: correct `positive`, or the column",
                seen.join(", ")
            )
        } else {
            format!("every {what} in column {column} is null; name another column, or leave `{what}` out")
        }))
    }
}
