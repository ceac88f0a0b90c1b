//! Files of pairs that are ready made: two texts a row, and perhaps what kind of pair they are.

use crate::data::{ColumnInfo, DataError, Dataset, ScanPlan, Want};
use crate::evidence::{Direction, Unpaired};

/// The columns of a file of pairs.
const HALVES: [&str; 2] = ["first", "second"];
/// The column that names a pair's kind, and the kind where there is none.
const KIND: &str = "kind";
const READY: &str = "ready";
/// Kinds of pairs that a file may name.
const MOST_KINDS: usize = 100;
/// Columns that a note names.
const MOST_NAMED: usize = 5;
/// Pairs that are ready made.
pub(super) struct Ready {
    /// The column that the models read.
    pub(super) column: String,
    pub(super) pairs: Vec<ReadyPair>,
    /// What of each kind makes no pair.
    pub(super) unpaired: Vec<(String, Unpaired)>,
}

/// One of them.
pub(super) struct ReadyPair {
    pub(super) direction: u32,
    pub(super) halves: [String; 2],
}

/// Columns of a file of pairs that nothing asks for: a label, for one, since halves are compared with each other.
pub(super) fn unread(columns: &[ColumnInfo]) -> Option<String> {
    let known = |name: &str| HALVES.contains(&name) || name == KIND;
    let others: Vec<&str> = columns.iter().map(|one| one.name.as_str()).filter(|name| !known(name)).collect();
    let named = others.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = if others.len() > MOST_NAMED { ", ..." } else { "" };
    (!others.is_empty()).then(|| {
        format!("pairs: of the file, columns {named}{more} are not read: halves are held against each other, and need no label")
    })
}

impl Ready {
    /// Reads them; directions that are new are added.
    pub(super) fn read(dataset: &Dataset, column: String, directions: &mut Vec<Direction>) -> Result<Ready, DataError> {
        let has = |name: &str| dataset.columns().iter().any(|column| column.name == name);
        if let Some(missing) = HALVES.into_iter().find(|name| !has(name)) {
            return Err(DataError(format!(
                "the file of pairs has no column `{missing}`; it needs `first` and `second`"
            )));
        }
        let names: Vec<&str> = HALVES.into_iter().chain(has(KIND).then_some(KIND)).collect();
        let columns = names.iter().map(|name| (name.to_string(), Want::Text)).collect();
        let mut ready = Ready { column, pairs: Vec::new(), unpaired: Vec::new() };
        for table in dataset.scan(&ScanPlan { columns, ..ScanPlan::default() })? {
            let table = table?;
            let texts = |name: &str| table.texts(name, 0..table.rows());
            let kinds = if has(KIND) { texts(KIND)? } else { vec![None; table.rows()] };
            for ((first, second), kind) in texts(HALVES[0])?.into_iter().zip(texts(HALVES[1])?).zip(kinds) {
                ready.add(first.zip(second), kind.unwrap_or(READY.into()), directions)?;
            }
        }
        Ok(ready)
    }

    fn add(
        &mut self,
        halves: Option<(String, String)>,
        kind: String,
        directions: &mut Vec<Direction>,
    ) -> Result<(), DataError> {
        let direction = Direction { kind, first: HALVES[0].into(), second: HALVES[1].into() };
        let place = match directions.iter().position(|one| *one == direction) {
            Some(place) => place,
            None => {
                check_kind(&direction.kind, directions)?;
                directions.push(direction.clone());
                directions.len() - 1
            }
        };
        let known = self.unpaired.iter().position(|(kind, _)| *kind == direction.kind);
        let at = known.unwrap_or_else(|| {
            self.unpaired.push((direction.kind.clone(), Unpaired::default()));
            self.unpaired.len() - 1
        });
        let unpaired = &mut self.unpaired[at].1;
        match halves {
            None => unpaired.unknown += 1,
            Some((first, second)) if first == second => unpaired.equal += 1,
            Some((first, second)) => {
                self.pairs.push(ReadyPair { direction: place as u32, halves: [first, second] });
            }
        }
        Ok(())
    }
}

/// A kind's name is half of a slice id, and it is not that of an exchange.
fn check_kind(kind: &str, directions: &[Direction]) -> Result<(), DataError> {
    let plain = !kind.is_empty() && kind.trim() == kind && !kind.contains(['=', '&', '"']);
    if !plain || kind.chars().any(char::is_control) || kind.chars().count() > 100 {
        return Err(DataError(format!(
            "a kind of pair is called {kind:?}, which cannot be half of a slice's name; use a plain word"
        )));
    }
    if directions.iter().any(|one| one.kind == kind) {
        return Err(DataError(format!(
            "the file of pairs names the kind {kind}, as a swap or a flip does; rename one"
        )));
    }
    match directions.len() < MOST_KINDS {
        true => Ok(()),
        false => {
            Err(DataError(format!("the file of pairs names more than {MOST_KINDS} kinds; is `kind` another column?")))
        }
    }
}
