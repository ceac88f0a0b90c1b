//! Texts of which models read only a part, by group: one table, where models that cut alike share their columns.

use super::{MOST_ROWS, words};
use crate::render::{clean, number};
use crate::result::{AuditResult, CutSlice, CutTexts};
use serde::Serialize;

/// The table, and a line for formats without one.
#[derive(Debug, Serialize)]
pub(in crate::render) struct CutView {
    /// "texts cut: base, tuned 12 of 5,000 rows (0.2 of 100); most in g=b: 3.1 of 100".
    #[serde(skip)]
    pub line: String,
    /// Which models the columns are of, `Base, tuned`.
    heads: Vec<String>,
    /// Everyone, then every group.
    rows: Vec<Row>,
    more: usize,
}

/// One group, or everyone.
#[derive(Debug, Serialize)]
struct Row {
    slice: String,
    rows: String,
    /// What each column's models did not read to the end, and the same of 100.
    cut: Vec<[String; 2]>,
    /// Whether some model's share is far above that of everyone else.
    far: bool,
}

/// The table, where a text was cut.
pub(in crate::render) fn cut(result: &AuditResult) -> Option<CutView> {
    let columns = columns(&result.data.cut_texts);
    let (_, first) = columns.first()?;
    let groups = (0..first.slices.len()).take(MOST_ROWS).map(|at| group(result, &columns, at));
    Some(CutView {
        line: format!(
            "texts cut: {}",
            columns.iter().map(|column| told(result, column)).collect::<Vec<_>>().join("; ")
        ),
        heads: columns.iter().map(|(heads, _)| clean::label(&words::capitalized(heads))).collect(),
        rows: std::iter::once(everyone(result, &columns)).chain(groups).collect(),
        more: first.slices.len().saturating_sub(MOST_ROWS),
    })
}

/// Models with the same counts, as a rule those that read a text alike: their names, and the counts of one.
type Column<'a> = (String, &'a CutTexts);

fn columns(texts: &[CutTexts]) -> Vec<Column<'_>> {
    let mut columns: Vec<Column> = Vec::new();
    for one in texts {
        let alike = |column: &&mut Column| column.1.rows == one.rows && column.1.slices == one.slices;
        match columns.iter_mut().find(alike) {
            Some((names, _)) => *names += &format!(", {}", one.model),
            None => columns.push((one.model.clone(), one)),
        }
    }
    columns
}

fn everyone(result: &AuditResult, columns: &[Column]) -> Row {
    let cut = |(_, texts): &Column| counts(Some(texts.rows), Some(result.data.used), result.method.min_cell);
    Row {
        slice: "all".into(),
        rows: number::count(result.data.used),
        cut: columns.iter().map(cut).collect(),
        far: false,
    }
}

fn group(result: &AuditResult, columns: &[Column], at: usize) -> Row {
    let slices = || columns.iter().map(|(_, texts)| texts.slices.get(at));
    let first = slices().flatten().next();
    let min_cell = result.method.min_cell;
    let cut = |slice: Option<&CutSlice>| counts(slice.and_then(|one| one.cut), slice.and_then(|one| one.of), min_cell);
    Row {
        slice: first.map_or(String::new(), |one| clean::label(&one.slice)),
        rows: first.and_then(|one| one.of).map_or_else(|| words::hidden(min_cell), number::count),
        cut: slices().map(cut).collect(),
        far: slices().flatten().any(|one| one.more && one.cut.is_some()),
    }
}

/// A count, and the same of 100 rows.
fn counts(cut: Option<u64>, of: Option<u64>, min_cell: u64) -> [String; 2] {
    let share = share(cut, of).map_or("–".into(), number::hundred);
    [cut.map_or_else(|| words::hidden(min_cell), number::count), share]
}

fn share(cut: Option<u64>, of: Option<u64>) -> Option<f64> {
    Some(cut? as f64 / of.filter(|rows| *rows > 0)? as f64)
}

/// "base, tuned 12 of 5,000 rows (0.2 of 100), most in g=b: 3.1 of 100".
fn told(result: &AuditResult, (names, texts): &Column) -> String {
    let used = result.data.used;
    let of_all = share(Some(texts.rows), Some(used)).map_or("–".into(), number::hundred);
    let enough = |slice: &&CutSlice| slice.of.is_some_and(|rows| rows >= result.method.min_support);
    let most = texts.slices.iter().filter(enough).filter_map(|slice| Some((share(slice.cut, slice.of)?, &slice.slice)));
    // The first of several with the same share.
    let most = most.reduce(|best, one| if one.0 > best.0 { one } else { best }).filter(|best| best.0 > 0.0);
    let most = most.map_or(String::new(), |(share, slice)| {
        format!(", most in {}: {} of 100", clean::label(slice), number::hundred(share))
    });
    format!(
        "{} {} of {} ({of_all} of 100){most}",
        clean::label(names),
        number::count(texts.rows),
        number::counted(used, "row")
    )
}
