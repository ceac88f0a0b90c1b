//! Rows whose picture could not be read.

use serde::{Deserialize, Serialize};

/// Rows that are named at most.
const NAMED: usize = 5;

/// How many rows, and the first of them in words. No model said anything of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Such rows.
    pub rows: u64,
    /// The first of them by their place among the audited rows, each with what is wrong.
    pub first: Vec<(u64, String)>,
}

impl Unread {
    /// Counts a row.
    pub fn add(&mut self, row: u64, words: String) {
        self.rows += 1;
        self.first.push((row, words));
        self.shorten();
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: Unread) {
        self.rows += other.rows;
        self.first.extend(other.first);
        self.shorten();
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The first rows in words, joined.
    pub fn named(&self) -> String {
        let words: Vec<&str> = self.first.iter().map(|(_, words)| words.as_str()).collect();
        let more = if self.rows > words.len() as u64 { ", …" } else { "" };
        words.join(", ") + more
    }

    fn shorten(&mut self) {
        self.first.sort();
        self.first.truncate(NAMED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_are_named_whoever_met_them() {
        let of = |rows: &[u64]| {
            let mut unread = Unread::default();
            rows.iter().for_each(|row| unread.add(*row, format!("row {row}")));
            unread
        };
        let mut one = of(&[9, 1, 8, 2]);
        one.merge(of(&[4, 3, 7]));
        let mut other = of(&[3, 7, 4]);
        other.merge(of(&[1, 2, 8, 9]));
        assert_eq!(one, other);
        assert_eq!((one.rows, one.named()), (7, "row 1, row 2, row 3, row 4, row 7, …".to_owned()));
        assert!(Unread::default().is_empty() && !one.is_empty());
    }
}
