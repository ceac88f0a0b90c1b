//! CSV, in blocks of some megabytes cut where a record ends, the parts of a block parsed in parallel.
//!
//! The parser is our own: polars fills short rows up in silence and knows no line numbers. A cell
//! that is wanted as text keeps its text; an empty cell without quotes is null.

use super::blocks::{Block, Blocks};
use super::column::Column;
use super::dataset::{CSV_TYPE, ColumnInfo, ColumnKind, Header, Source};
use super::error::{DataError, shorten};
use super::records::{Fault, Field, blank, field, record_end};
use super::{Table, Want};
use polars::prelude::*;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// How much text is parsed at once.
pub(super) const BLOCK_BYTES: usize = 16 << 20;

/// How much text is looked at to tell what kind of column it is, and how many of its rows.
const SAMPLE_BYTES: usize = 1 << 18;
const SAMPLE_ROWS: usize = 1000;

/// Parts of a block: enough for every core to have some, the same on every machine.
const PARTS: usize = 32;

/// A decimal point and 15 digits, which a float holds exactly; or 16 digits, which need no division.
const DECIMAL_BYTES: usize = 16;

/// 1, 10, 100 and so on, all exact.
const TENS: [f64; DECIMAL_BYTES] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

pub(super) fn header(path: &Path, separator: u8) -> Result<Header, DataError> {
    let mut blocks = Blocks::open(path, separator, SAMPLE_BYTES)?;
    let names = blocks.names()?;
    let mut kinds = vec![None; names.len()];
    let text = blocks.block(1)?.text;
    let (mut at, mut column, mut rows) = (0, 0, 0);
    while at < text.len() && rows < SAMPLE_ROWS {
        let field = field(text, at, separator);
        if let Some(kind) = kinds.get_mut(column) {
            *kind = widened(*kind, &field);
        }
        (at, column, rows) = if field.last { (field.next, 0, rows + 1) } else { (field.next, column + 1, rows) };
    }
    let column = |(name, kind): (String, Option<ColumnKind>)| ColumnInfo {
        name,
        kind: kind.unwrap_or(ColumnKind::Text),
        dtype: CSV_TYPE.into(),
    };
    Ok(Header { columns: names.into_iter().zip(kinds).map(column).collect(), rows: None })
}

/// The narrowest kind of column that holds what was seen and this cell.
fn widened(seen: Option<ColumnKind>, field: &Field) -> Option<ColumnKind> {
    let text = String::from_utf8_lossy(field.bytes);
    let kind = match text.trim() {
        "" => return seen,
        "true" | "false" | "True" | "False" | "TRUE" | "FALSE" => ColumnKind::Boolean,
        text if text.parse::<i64>().is_ok() => ColumnKind::Integer,
        text if text.parse::<f64>().is_ok() => ColumnKind::Float,
        _ => ColumnKind::Text,
    };
    Some(match (seen, kind) {
        (None, kind) => kind,
        (Some(seen), kind) if seen == kind => kind,
        (Some(ColumnKind::Integer | ColumnKind::Float), ColumnKind::Integer | ColumnKind::Float) => ColumnKind::Float,
        _ => ColumnKind::Text,
    })
}

/// Reads a file in blocks of about `size` bytes.
pub(super) fn read(path: &Path, separator: u8, columns: &[(String, Want)], size: usize) -> Result<Source, DataError> {
    let mut blocks = Blocks::open(path, separator, size)?;
    let names = blocks.names()?;
    let mut slots = vec![Vec::new(); names.len()];
    for (slot, (name, _)) in columns.iter().enumerate() {
        let place = names.iter().position(|have| have == name);
        slots[place.ok_or_else(|| DataError::of(path, format!("has no column `{name}`")))?].push(slot);
    }
    let layout = Layout { path: path.into(), separator, columns: columns.to_vec(), names, slots };
    Ok(Box::new(Reader { blocks, layout, ended: false }))
}

/// Which cells of a record are kept, and how.
struct Layout {
    path: PathBuf,
    separator: u8,
    columns: Vec<(String, Want)>,
    /// All columns of the file.
    names: Vec<String>,
    /// For each column of the file, which of `columns` it fills: none, or one, or one for each way.
    slots: Vec<Vec<usize>>,
}

struct Reader {
    blocks: Blocks,
    layout: Layout,
    ended: bool,
}

impl Reader {
    fn step(&mut self) -> Result<Option<Table>, DataError> {
        let block = self.blocks.block(PARTS)?;
        if block.cuts.is_empty() {
            return Ok(None);
        }
        self.layout.table(&block).map(Some)
    }
}

impl Iterator for Reader {
    type Item = Result<Table, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.step();
        self.ended = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

/// Where in a text something is wrong, and what.
struct Wrong {
    byte: usize,
    what: String,
}

impl Layout {
    /// Parses a block; of several errors the first is told.
    fn table(&self, block: &Block) -> Result<Table, DataError> {
        let starts = [0].iter().chain(&block.cuts).copied();
        let parts: Vec<_> = starts.zip(block.cuts.iter().copied()).collect();
        let parsed: Vec<_> =
            parts.par_iter().map(|&(start, end)| (start, self.parse(&block.text[start..end]))).collect();
        let mut table: Option<Table> = None;
        for (start, part) in parsed {
            let part = part.map_err(|wrong| {
                let line = block.line_of(start + wrong.byte);
                DataError::of(&self.path, format!("line {line}: {}", wrong.what))
            })?;
            match &mut table {
                Some(table) => table.append(&part).map_err(DataError)?,
                None => table = Some(part),
            }
        }
        Ok(table.unwrap_or_else(|| Table::new(0, Vec::new())))
    }

    /// Parses whole records.
    fn parse(&self, text: &[u8]) -> Result<Table, Wrong> {
        // Most records are about as long as the first: the columns seldom have to grow.
        let first = record_end(text, 0, self.separator).unwrap_or(text.len());
        let rows = text.len() / first.max(self.names.len()) + 1;
        let mut cells: Vec<Cells> = self.columns.iter().map(|(name, want)| Cells::new(name, *want, rows)).collect();
        let (mut at, mut rows) = (0, 0);
        while at < text.len() {
            match blank(text, at) {
                0 => {
                    at = self.record(text, at, &mut cells)?;
                    rows += 1;
                }
                skipped => at += skipped,
            }
        }
        let columns = cells.into_iter().map(Cells::finish).collect::<Result<_, _>>();
        Ok(Table::new(rows, columns.map_err(|what| Wrong { byte: 0, what })?))
    }

    /// Parses one record, and says where the next starts.
    #[inline]
    fn record(&self, text: &[u8], start: usize, cells: &mut [Cells]) -> Result<usize, Wrong> {
        let (mut at, mut column) = (start, 0);
        loop {
            let field = field(text, at, self.separator);
            if let Some(fault) = field.fault {
                return Err(Wrong { byte: at, what: fault_text(fault).into() });
            }
            for slot in self.slots.get(column).into_iter().flatten() {
                cells[*slot].push(&field).map_err(|what| self.wrong_cell(at, column, &what))?;
            }
            (at, column) = (field.next, column + 1);
            if field.last {
                break;
            }
        }
        match column == self.names.len() {
            true => Ok(at),
            false => Err(self.ragged(start, column)),
        }
    }

    fn ragged(&self, byte: usize, fields: usize) -> Wrong {
        let columns = self.names.len();
        Wrong {
            byte,
            what: format!(
                "has {fields} fields where the header names {columns} columns. Quote fields that hold a separator"
            ),
        }
    }

    fn wrong_cell(&self, byte: usize, column: usize, what: &str) -> Wrong {
        Wrong { byte, what: format!("column `{}` holds {what}", self.names[column]) }
    }
}

fn fault_text(fault: Fault) -> &'static str {
    match fault {
        Fault::Open => "opens a quote that never closes. Close it, or double the quotes inside quoted fields",
        Fault::Stray => "has text after a closing quote. Double the quotes inside quoted fields",
    }
}

/// The cells of one column, as they are parsed.
enum Cells {
    Text(StringChunkedBuilder),
    Number(PrimitiveChunkedBuilder<Float64Type>),
}

impl Cells {
    /// With room for this many rows.
    fn new(name: &str, want: Want, rows: usize) -> Cells {
        match want {
            Want::Text | Want::Bytes => Cells::Text(StringChunkedBuilder::new(name.into(), rows)),
            Want::Number => Cells::Number(PrimitiveChunkedBuilder::new(name.into(), rows)),
        }
    }

    #[inline]
    fn push(&mut self, field: &Field) -> Result<(), String> {
        match self {
            // What is a decimal needs neither be unquoted nor be checked to be UTF-8.
            Cells::Number(cells) => match decimal(field.bytes) {
                Some(value) => cells.append_value(value),
                None => cells.append_option(number(utf8(&field.unquoted())?)?),
            },
            Cells::Text(cells) if field.bytes.is_empty() && !field.quoted => cells.append_null(),
            Cells::Text(cells) => cells.append_value(utf8(&field.unquoted())?),
        }
        Ok(())
    }

    fn finish(self) -> Result<Column, String> {
        match self {
            Cells::Text(cells) => Column::new(cells.finish().into_series(), Some(Want::Text)),
            Cells::Number(cells) => Column::new(cells.finish().into_series(), Some(Want::Number)),
        }
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "text that is not UTF-8. Save the file as UTF-8".to_string())
}

fn number(text: &str) -> Result<Option<f64>, String> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong =
        || format!("`{}`, which is not a number. Write it as a number, or leave the cell empty", shorten(text, 20));
    text.parse().map(Some).map_err(|_| wrong())
}

/// The number of bytes like `1`, `-12.25` or `.5`, the same that [`str::parse`] makes of them;
/// `None` for all that is longer or written in another way.
#[inline]
fn decimal(bytes: &[u8]) -> Option<f64> {
    // Flags and small counts are one digit, and often most of a table.
    if let [digit @ b'0'..=b'9'] = bytes {
        return Some(f64::from(digit - b'0'));
    }
    let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
    if digits.len() > DECIMAL_BYTES {
        return None;
    }
    let (mut whole, mut point) = (0, None);
    for (place, &byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => whole = whole * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(place),
            _ => return None,
        }
    }
    let after = point.map_or(0, |place| digits.len() - place - 1);
    let empty = digits.len() == usize::from(point.is_some());
    // Both are exact, so the quotient is rounded once, as it should be; with no point, `whole` is.
    let value = whole as f64 / TENS[after];
    // The sign comes last: -0 has one.
    (!empty).then(|| if digits.len() < bytes.len() { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_what_the_standard_library_makes_of_them() {
        let whole = ["0", "7", "-0", "007", "9007199254740993", "9999999999999999", "-1234567890123456"];
        let parts = ["0.1", "-0.0", ".5", "5.", "-.25", "12.25", "43.09694", "0.00000000000001", "999999999.999999"];
        let scaled = (0..20_000).map(|i| format!("{}.{:0width$}", i * 79, i * 104_729 % 9973, width = 4 + i % 5));
        for text in whole.iter().chain(&parts).map(|text| text.to_string()).chain(scaled) {
            let expected: f64 = text.parse().unwrap();
            assert_eq!(decimal(text.as_bytes()).map(f64::to_bits), Some(expected.to_bits()), "{text}");
        }
    }

    #[test]
    fn all_else_is_no_decimal() {
        for text in ["", "-", ".", "-.", "--1", "+1", "1e3", "1.2.3", " 1", "1 ", "nan", "0x1", "12345678901234567"] {
            assert_eq!(decimal(text.as_bytes()), None, "{text}");
        }
    }
}
