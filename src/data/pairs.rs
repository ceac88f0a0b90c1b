//! Counterfactual pairs: rows beside themselves with one thing exchanged, a word of a text or a value of a column.

use super::swaps::{Made, SwapList};
use super::{DataError, Literal, Table, Want};
use crate::evidence::Unpaired;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::path::Path;

/// `[pairs]`: what is exchanged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PairsSpec {
    /// The column of texts; the only one that the models read where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Swap lists, by name or as files of the audit file's folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub swap: Vec<String>,
    /// Files of pairs that are ready made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Columns whose values are exchanged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flip: Vec<FlipSpec>,
}

/// Values of a column, or columns, that are exchanged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlipSpec {
    /// What it is called; of values the column too.
    pub name: String,
    /// What is exchanged.
    pub flip: Flip,
}

/// What a flip exchanges.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flip {
    /// Two values of the column.
    Values([Literal; 2]),
    /// Two columns each; the first two tell the row's side by which of them is larger.
    Columns(Vec<[String; 2]>),
}

/// How rows are exchanged, and what the sides are.
#[derive(Debug, Clone)]
pub enum Exchange {
    /// Words of a column of texts.
    Words {
        /// The kind of pair, `gender`.
        kind: String,
        /// The column of texts.
        column: String,
        /// The words.
        list: SwapList,
    },
    /// Values or columns.
    Flip(FlipSpec),
}

/// Rows that were exchanged alike.
pub struct Exchanged {
    /// Those rows alone, exchanged.
    pub table: Table,
    /// Where they come from.
    pub rows: Vec<usize>,
    /// The side that the first is held against, of all sides.
    pub side: usize,
    /// Whether each row as it stands is of that side; else it is of the first.
    pub turned: Vec<bool>,
}

/// How the name of a list ends that is a file.
const LIST: &str = ".toml";

/// Whether a swap list is a file, and none of the tool.
pub fn is_file(list: &str) -> bool {
    list.ends_with(LIST)
}

/// The name of a swap list, and the list: of the tool, or a file `NAME.toml` in a folder.
pub fn swap_list(root: &Path, name: &str) -> Result<(String, SwapList), String> {
    let Some(stem) = name.strip_suffix(LIST) else {
        let known = || super::swaps::SWAP_LISTS.map(|(name, _)| name).join(", ");
        let unknown = || format!("no swap list of the tool is called so; they are {}, or give a .toml file", known());
        return SwapList::named(name).map(|list| (name.to_string(), list)).ok_or_else(unknown);
    };
    let text = std::fs::read_to_string(root.join(name)).map_err(|error| format!("it cannot be read: {error}"))?;
    let stem = Path::new(stem).file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok((stem, SwapList::read(&text)?))
}

impl Exchange {
    /// The kind of pair, `gender`.
    pub fn kind(&self) -> &str {
        match self {
            Exchange::Words { kind, .. } => kind,
            Exchange::Flip(flip) => &flip.name,
        }
    }

    /// The sides; the others are held against the first.
    pub fn sides(&self) -> Vec<String> {
        match self {
            Exchange::Words { list, .. } => list.sides().to_vec(),
            Exchange::Flip(flip) => flip.sides(),
        }
    }

    /// The columns that change.
    pub fn columns(&self) -> Vec<&String> {
        match self {
            Exchange::Words { column, .. } => vec![column],
            Exchange::Flip(FlipSpec { name, flip: Flip::Values(_) }) => vec![name],
            Exchange::Flip(FlipSpec { flip: Flip::Columns(columns), .. }) => columns.iter().flatten().collect(),
        }
    }

    /// How those columns are read.
    pub fn want(&self) -> Want {
        match self {
            Exchange::Flip(FlipSpec { flip: Flip::Columns(_), .. }) => Want::Number,
            _ => Want::Text,
        }
    }

    /// The rows of a range that make pairs, exchanged.
    pub fn apply(&self, table: &Table, range: Range<usize>) -> Result<(Vec<Exchanged>, Unpaired), DataError> {
        match self {
            Exchange::Words { column, list, .. } => words(column, list, table, range),
            Exchange::Flip(flip) => flip.apply(table, range),
        }
    }
}

fn words(
    column: &str,
    list: &SwapList,
    table: &Table,
    range: Range<usize>,
) -> Result<(Vec<Exchanged>, Unpaired), DataError> {
    let mut unpaired = Unpaired::default();
    let mut sides: Vec<(Vec<usize>, Vec<bool>, Vec<String>)> = vec![Default::default(); list.sides().len()];
    for (row, text) in range.clone().zip(table.texts(column, range)?) {
        match text.map(|text| list.pairs(&text)) {
            None => unpaired.unknown += 1,
            Some(Made::Nothing) => unpaired.without += 1,
            Some(Made::Several) => unpaired.several += 1,
            Some(Made::Pairs(pairs, equal)) => {
                unpaired.equal += equal;
                for pair in pairs {
                    let (rows, turned, texts) = &mut sides[pair.side];
                    rows.push(row);
                    turned.push(pair.turned);
                    texts.push(pair.text);
                }
            }
        }
    }
    let made = sides.into_iter().enumerate().filter(|(_, (rows, ..))| !rows.is_empty());
    let exchanged = made.map(|(side, (rows, turned, texts))| {
        Ok(Exchanged { table: table.take(&rows)?.with_texts(column, &texts)?, rows, side, turned })
    });
    Ok((exchanged.collect::<Result<_, DataError>>()?, unpaired))
}

impl FlipSpec {
    /// The two sides, the one that is compared with first.
    pub fn sides(&self) -> Vec<String> {
        match &self.flip {
            Flip::Values(values) => values.each_ref().map(Literal::text).to_vec(),
            Flip::Columns(columns) => columns.first().map(told_apart).unwrap_or_default(),
        }
    }

    fn apply(&self, table: &Table, range: Range<usize>) -> Result<(Vec<Exchanged>, Unpaired), DataError> {
        let sides = match &self.flip {
            Flip::Values(values) => of_values(table, &self.name, values)?,
            Flip::Columns(columns) => of_columns(table, columns)?,
        };
        let mut unpaired = Unpaired::default();
        let (mut rows, mut turned) = (Vec::new(), Vec::new());
        for row in range {
            match sides[row] {
                Side::Of(second) => {
                    rows.push(row);
                    turned.push(second);
                }
                Side::Neither => unpaired.without += 1,
                Side::Unknown => unpaired.unknown += 1,
            }
        }
        if rows.is_empty() {
            return Ok((Vec::new(), unpaired));
        }
        let table = self.flipped(table.take(&rows)?, &turned)?;
        Ok((vec![Exchanged { table, rows, side: 1, turned }], unpaired))
    }

    fn flipped(&self, table: Table, turned: &[bool]) -> Result<Table, DataError> {
        match &self.flip {
            Flip::Values(values) => {
                let [first, second] = values.each_ref().map(Literal::text);
                let text = |turned: &bool| if *turned { first.clone() } else { second.clone() };
                table.with_texts(&self.name, &turned.iter().map(text).collect::<Vec<_>>())
            }
            Flip::Columns(columns) => Ok(columns.iter().fold(table, |table, [a, b]| table.exchanged(a, b))),
        }
    }
}

/// Which of two sides a row is of.
#[derive(Debug, Clone, Copy)]
enum Side {
    /// The second, or else the first.
    Of(bool),
    Neither,
    Unknown,
}

fn of_values(table: &Table, column: &str, [first, second]: &[Literal; 2]) -> Result<Vec<Side>, DataError> {
    let (first, second) = (table.matches(column, first)?, table.matches(column, second)?);
    let side = |(first, second): (Option<bool>, Option<bool>)| match (first, second) {
        (Some(true), _) => Side::Of(false),
        (_, Some(true)) => Side::Of(true),
        (Some(false), _) => Side::Neither,
        (None, _) => Side::Unknown,
    };
    Ok(first.into_iter().zip(second).map(side).collect())
}

fn of_columns(table: &Table, columns: &[[String; 2]]) -> Result<Vec<Side>, DataError> {
    let Some([first, second]) = columns.first() else { return Ok(vec![Side::Neither; table.rows()]) };
    let (first, second) = (table.numbers(first, 0..table.rows())?, table.numbers(second, 0..table.rows())?);
    let side = |(a, b): (f64, f64)| match a.partial_cmp(&b) {
        Some(std::cmp::Ordering::Equal) => Side::Neither,
        Some(order) => Side::Of(order.is_lt()),
        None => Side::Unknown,
    };
    Ok(first.into_iter().zip(second).map(side).collect())
}

/// The names of two columns without what they begin with alike, to the last `_`: `Female` of `x_sex_Female`.
fn told_apart([first, second]: &[String; 2]) -> Vec<String> {
    let alike = first.bytes().zip(second.bytes()).take_while(|(a, b)| a == b).count();
    let start = first.get(..alike).and_then(|alike| alike.rfind('_')).map_or(0, |at| at + 1);
    let apart = |name: &String| name[start..].to_string();
    let own = !first[start..].is_empty() && !second[start..].is_empty();
    if own { vec![apart(first), apart(second)] } else { vec![first.clone(), second.clone()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_by_what_tells_them_apart() {
        let names = |a: &str, b: &str| told_apart(&[a.into(), b.into()]).join(" ");
        assert_eq!(names("x_sex_Female", "x_sex_Male"), "Female Male");
        assert_eq!(names("x_sex_Male", "x_sex_Mother"), "Male Mother");
        assert_eq!(names("female", "male"), "female male");
        assert_eq!(names("x_", "x_a"), "x_ x_a");
        assert_eq!(names("é_a", "è_a"), "é_a è_a");
    }
}
