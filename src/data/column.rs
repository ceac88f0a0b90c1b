//! One column of a chunk: a polars series of one of the few types that are read, seen cell by cell.

use super::Want;
use super::coded::{Coded, Numbers};
use super::error::DataError;
use polars::prelude::*;
use polars_arrow::array::{Array, Utf8ViewArray};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

/// Runs `$body` with the column's typed numbers; returns an error from the caller for other types.
macro_rules! each_number {
    ($column:expr, $ca:ident => $body:expr) => {{
        use polars::prelude::DataType as D;
        let series = $column.series();
        macro_rules! typed {
            ($get:ident) => {{
                let $ca = series.$get().map_err(|e| $column.mistyped(e))?;
                $body
            }};
        }
        match series.dtype() {
            D::Float32 => typed!(f32),
            D::Float64 => typed!(f64),
            D::Int64 => typed!(i64),
            D::Int32 => typed!(i32),
            D::Int16 => typed!(i16),
            D::Int8 => typed!(i8),
            D::UInt64 => typed!(u64),
            D::UInt32 => typed!(u32),
            D::UInt16 => typed!(u16),
            D::UInt8 => typed!(u8),
            D::String => return Err($column.textual()),
            _ => return Err($column.mistyped("it is of another kind")),
        }
    }};
}
pub(super) use each_number;

/// One value. A NaN is seen as null: writers that know no null write NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Text(&'a str),
    Boolean(bool),
    Integer(i128),
    Single(f32),
    Float(f64),
}

impl<'a> Cell<'a> {
    /// Canonical text: `0`, `true`, `0.25`, `1` for 1.0; `None` for null.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        Some(match self {
            Cell::Null => return None,
            Cell::Text(text) => Cow::Borrowed(text),
            Cell::Boolean(value) => Cow::Borrowed(if value { "true" } else { "false" }),
            Cell::Integer(value) => Cow::Owned(value.to_string()),
            Cell::Single(value) if value.fract() != 0.0 => Cow::Owned(value.to_string()),
            Cell::Single(value) => Cow::Owned(float_text(f64::from(value))),
            Cell::Float(value) => Cow::Owned(float_text(value)),
        })
    }
}

/// A float as text: whole ones like integers, others the shortest that reads back the same.
pub(super) fn float_text(value: f64) -> String {
    // Adding 0 turns -0 into 0.
    (value + 0.0).to_string()
}

/// A column of a table.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    /// Set where the file has no types of its own: the same column may then be there both ways.
    pub(super) want: Option<Want>,
    /// The values; of a coded column once they are asked for.
    series: OnceLock<Series>,
    coded: Option<Coded>,
}

/// The numbers of a column without nulls.
#[derive(Debug, Clone, Copy)]
pub(super) enum Dense<'a> {
    /// In one piece.
    Plain(&'a [f32]),
    /// By code, of so many.
    Coded(&'a [u8], &'a Numbers, usize),
}

impl Dense<'_> {
    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Dense::Plain(numbers) => numbers.len(),
            Dense::Coded(codes, ..) => codes.len(),
        }
    }
}

impl Column {
    /// Takes a series; categoricals become text, and a column of nulls an empty float column.
    pub(super) fn new(series: Series, want: Option<Want>) -> Result<Column, String> {
        let target = match series.dtype() {
            DataType::Categorical(..) | DataType::Enum(..) => DataType::String,
            DataType::Null => DataType::Float64,
            dtype => dtype.clone(),
        };
        let name = series.name().to_string();
        let series =
            if *series.dtype() == target { series } else { series.cast(&target).map_err(|e| e.to_string())? };
        Ok(Column::of(name, want, series))
    }

    fn of(name: String, want: Option<Want>, series: Series) -> Column {
        Column { name, want, series: series.into(), coded: None }
    }

    /// A column of codes.
    pub(super) fn coded(name: &str, coded: Coded) -> Column {
        Column { name: name.into(), want: None, series: OnceLock::new(), coded: Some(coded) }
    }

    pub(super) fn series(&self) -> &Series {
        self.series.get_or_init(|| match &self.coded {
            Some(coded) => coded.series(),
            None => unreachable!("a column without codes is made with its values"),
        })
    }

    /// Whether the numbers were parsed from text, so that their exact value is not the file's.
    pub(super) fn parsed(&self) -> bool {
        self.want == Some(Want::Number)
    }

    /// Whether it was read the way that is wanted.
    pub(super) fn serves(&self, want: Want) -> bool {
        self.want.is_none_or(|have| have == want)
    }

    /// Some values of a float32 column without nulls.
    pub(super) fn dense(&self, range: Range<usize>) -> Option<Dense<'_>> {
        match &self.coded {
            Some(coded) => Some(Dense::Coded(coded.codes().get(range)?, coded.numbers()?, coded.values().len())),
            None => self.series().f32().ok()?.cont_slice().ok()?.get(range).map(Dense::Plain),
        }
    }

    /// These rows, without copying.
    pub(super) fn slice(&self, range: Range<usize>) -> Column {
        match &self.coded {
            Some(coded) => Column { series: OnceLock::new(), coded: Some(coded.slice(range)), ..self.clone() },
            None => self.with(self.series().slice(range.start as i64, range.len())),
        }
    }

    /// The same column of other values of its kind.
    fn with(&self, series: Series) -> Column {
        Column::of(self.name.clone(), self.want, series)
    }

    /// The rows where the mask holds, copied.
    pub(super) fn filter(&self, mask: &BooleanChunked) -> Result<Column, String> {
        self.series().filter(mask).map(|series| self.with(series)).map_err(|e| e.to_string())
    }

    /// The same column of other values.
    pub(super) fn holding(&self, series: Series) -> Result<Column, DataError> {
        Ok(Column { name: self.name.clone(), ..Column::new(series, self.want).map_err(DataError)? })
    }

    /// The same values under another name.
    pub(super) fn renamed(&self, name: &str) -> Column {
        Column { name: name.into(), ..self.clone() }
    }

    /// Adds another column's rows after these.
    pub(super) fn append(&mut self, other: &Column) -> Result<(), String> {
        let mut series = self.series().clone();
        series.append(other.series()).map_err(|e| e.to_string())?;
        *self = self.with(series);
        Ok(())
    }

    /// Shows every value in turn.
    pub(super) fn visit(&self, mut see: impl FnMut(Cell)) -> Result<(), DataError> {
        match self.series().dtype() {
            DataType::String => self
                .series()
                .str()
                .map_err(|e| self.mistyped(e))?
                .iter()
                .for_each(|v| see(v.map_or(Cell::Null, Cell::Text))),
            DataType::Boolean => self
                .series()
                .bool()
                .map_err(|e| self.mistyped(e))?
                .iter()
                .for_each(|v| see(v.map_or(Cell::Null, Cell::Boolean))),
            _ => each_number!(self, ca => ca.iter().for_each(|v| see(v.map_or(Cell::Null, Native::cell)))),
        }
        Ok(())
    }

    /// What `see` makes of every value in turn. It must give the same for the same value: of values
    /// that come again and again it is asked once in a while only.
    pub(super) fn map<T: Copy>(&self, mut see: impl FnMut(Cell) -> T) -> Result<Vec<T>, DataError> {
        if let Some(coded) = &self.coded {
            return self.map_codes(coded, see);
        }
        let mut mapped = Vec::with_capacity(self.series().len());
        match self.series().dtype() {
            DataType::String => {
                for texts in self.series().str().map_err(|e| self.mistyped(e))?.downcast_iter() {
                    map_texts(texts, &mut see, &mut mapped);
                }
            }
            DataType::Boolean => self.visit(|cell| mapped.push(see(cell)))?,
            _ => each_number!(self, ca => {
                let mut memo = Memo::new();
                mapped.extend(ca.iter().map(|v| memo.get(v.map_or(NULL, Native::key), || see(v.map_or(Cell::Null, Native::cell)))));
            }),
        }
        Ok(mapped)
    }

    /// Each value is asked for when its first row comes, as if there were no codes.
    fn map_codes<T: Copy>(&self, coded: &Coded, mut see: impl FnMut(Cell) -> T) -> Result<Vec<T>, DataError> {
        let values = self.with(coded.values().clone());
        let (mut known, mut mapped) = ([None; 256], Vec::with_capacity(coded.codes().len()));
        for &code in coded.codes() {
            let place = &mut known[usize::from(code)];
            if place.is_none() {
                let at = usize::from(code);
                values.slice(at..at + 1).visit(|cell| *place = Some(see(cell)))?;
            }
            mapped.extend(*place);
        }
        Ok(mapped)
    }

    /// The type, for people.
    pub(super) fn dtype(&self) -> String {
        let of = self.coded.as_ref().map_or_else(|| self.series(), Coded::values);
        match of.dtype() {
            _ if self.parsed() => "a number read from CSV text".to_string(),
            dtype => name_of(dtype),
        }
    }

    pub(super) fn textual(&self) -> DataError {
        let name = &self.name;
        DataError(format!(
            "column `{name}` holds text where a number is needed. Store it as numbers, or use it as text"
        ))
    }

    /// A type that is not read. `Dataset::scan` refuses such columns, so this is seldom seen.
    pub(super) fn mistyped(&self, why: impl std::fmt::Display) -> DataError {
        DataError(format!(
            "column `{}` ({}) cannot be used: {why}. Store it as text, numbers or booleans",
            self.name,
            self.dtype()
        ))
    }
}

/// A text is known by its view: the text itself if it is short, else its place in the array.
fn map_texts<T: Copy>(texts: &Utf8ViewArray, see: &mut impl FnMut(Cell) -> T, mapped: &mut Vec<T>) {
    let mut memo = Memo::new();
    let views = texts.views().iter().map(|view| view.as_u128());
    if texts.null_count() == 0 {
        mapped.extend(views.enumerate().map(|(row, key)| memo.get(key, || see(Cell::Text(texts.value(row))))));
    } else {
        let cell = |row: usize| texts.get(row).map_or(Cell::Null, Cell::Text);
        let key = |(row, key): (usize, u128)| if texts.is_valid(row) { key } else { NULL };
        mapped.extend(views.enumerate().map(|at| memo.get(key(at), || see(cell(at.0)))));
    }
}

/// The key of null; no number and no view is this one.
const NULL: u128 = u128::MAX;

/// What was made of the values seen last, each at a place of its own or of a few that share it.
struct Memo<T>([Option<(u128, T)>; PLACES]);

const PLACES: usize = 256;

impl<T: Copy> Memo<T> {
    fn new() -> Memo<T> {
        Memo([None; PLACES])
    }

    #[inline]
    fn get(&mut self, key: u128, make: impl FnOnce() -> T) -> T {
        let mixed = (key ^ (key >> 64)) as u64;
        let place = &mut self.0[(mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as usize];
        match place {
            Some((known, made)) if *known == key => *made,
            _ => place.insert((key, make())).1,
        }
    }
}

/// The name of a type as Arrow and NumPy have it.
fn name_of(dtype: &DataType) -> String {
    let name = match dtype {
        DataType::String => "text",
        DataType::Boolean => "boolean",
        DataType::Int8 => "int8",
        DataType::Int16 => "int16",
        DataType::Int32 => "int32",
        DataType::Int64 => "int64",
        DataType::UInt8 => "uint8",
        DataType::UInt16 => "uint16",
        DataType::UInt32 => "uint32",
        DataType::UInt64 => "uint64",
        DataType::Float32 => "float32",
        DataType::Float64 => "float64",
        other => return other.to_string(),
    };
    name.to_string()
}

/// A number as stored.
pub(super) trait Native: Copy {
    /// The number by its bits, below 2^64.
    fn key(self) -> u128;
    /// The number as a cell; NaN is null.
    fn cell(self) -> Cell<'static>;
}

macro_rules! whole {
    ($($t:ty),*) => {$(
        impl Native for $t {
            #[inline]
            fn key(self) -> u128 {
                u128::from(self as u64)
            }

            #[inline]
            fn cell(self) -> Cell<'static> {
                Cell::Integer(i128::from(self))
            }
        }
    )*};
}
whole!(i8, i16, i32, i64, u8, u16, u32, u64);

impl Native for f32 {
    #[inline]
    fn key(self) -> u128 {
        u128::from(self.to_bits())
    }

    #[inline]
    fn cell(self) -> Cell<'static> {
        if self.is_nan() { Cell::Null } else { Cell::Single(self) }
    }
}

impl Native for f64 {
    #[inline]
    fn key(self) -> u128 {
        u128::from(self.to_bits())
    }

    #[inline]
    fn cell(self) -> Cell<'static> {
        if self.is_nan() { Cell::Null } else { Cell::Float(self) }
    }
}
