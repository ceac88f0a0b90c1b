//! From stored numbers to tensor elements: nothing is rounded unless it was asked for.

use super::coded::{MOST, Numbers};
use super::column::{Column, Dense, each_number};
use super::error::DataError;
use polars::prelude::*;
use polars_arrow::array::Array;

/// A type that a numeric column can be written as. Each `from_*` is `None` where the type cannot
/// hold the value exactly; with `round`, only where it is out of range.
pub trait Number: Copy + Default + Send + Sync + 'static {
    /// The type's name, for people.
    const NAME: &'static str;
    /// What a null becomes, if the type has a way to say so.
    const NULL: Option<Self>;
    /// From a float64.
    fn from_f64(value: f64, round: bool) -> Option<Self>;
    /// From a float32.
    fn from_f32(value: f32, round: bool) -> Option<Self> {
        Self::from_f64(f64::from(value), round)
    }
    /// From a whole number.
    fn from_i64(value: i64, round: bool) -> Option<Self>;
}

impl Number for f64 {
    const NAME: &'static str = "float64";
    const NULL: Option<f64> = Some(f64::NAN);

    #[inline]
    fn from_f64(value: f64, _: bool) -> Option<f64> {
        Some(value)
    }

    #[inline]
    fn from_i64(value: i64, round: bool) -> Option<f64> {
        let float = value as f64;
        (round || float as i128 == i128::from(value)).then_some(float)
    }
}

impl Number for f32 {
    const NAME: &'static str = "float32";
    const NULL: Option<f32> = Some(f32::NAN);

    #[inline]
    fn from_f32(value: f32, _: bool) -> Option<f32> {
        Some(value)
    }

    #[inline]
    fn from_f64(value: f64, round: bool) -> Option<f32> {
        let float = value as f32;
        let exact = f64::from(float) == value || value.is_nan();
        (exact || (round && float.is_finite())).then_some(float)
    }

    #[inline]
    fn from_i64(value: i64, round: bool) -> Option<f32> {
        let float = value as f32;
        (round || float as i128 == i128::from(value)).then_some(float)
    }
}

impl Number for i64 {
    const NAME: &'static str = "int64";
    const NULL: Option<i64> = None;

    #[inline]
    fn from_f64(value: f64, round: bool) -> Option<i64> {
        // Beyond 2^53 a float64 may already have lost the number that was meant.
        let limit = if round { 9.2e18 } else { 9_007_199_254_740_992.0 };
        let whole = value.round_ties_even();
        ((round || whole == value) && whole.abs() <= limit).then_some(whole as i64)
    }

    #[inline]
    fn from_i64(value: i64, _: bool) -> Option<i64> {
        Some(value)
    }
}

impl Number for i32 {
    const NAME: &'static str = "int32";
    const NULL: Option<i32> = None;

    #[inline]
    fn from_f64(value: f64, round: bool) -> Option<i32> {
        i64::from_f64(value, round).and_then(|whole| i32::try_from(whole).ok())
    }

    #[inline]
    fn from_i64(value: i64, _: bool) -> Option<i32> {
        i32::try_from(value).ok()
    }
}

impl Number for bool {
    const NAME: &'static str = "boolean";
    const NULL: Option<bool> = None;

    #[inline]
    fn from_f64(value: f64, _: bool) -> Option<bool> {
        [(0.0, false), (1.0, true)].into_iter().find(|(x, _)| *x == value).map(|(_, b)| b)
    }

    #[inline]
    fn from_i64(value: i64, _: bool) -> Option<bool> {
        [false, true].into_iter().find(|b| i64::from(*b) == value)
    }
}

/// A number as stored, on its way into a [`Number`].
trait Source: Copy {
    fn put<T: Number>(self, round: bool) -> Option<T>;
}

macro_rules! small {
    ($($t:ty),*) => {$(
        impl Source for $t {
            #[inline]
            fn put<T: Number>(self, round: bool) -> Option<T> {
                T::from_i64(i64::from(self), round)
            }
        }
    )*};
}
small!(bool, i8, i16, i32, i64, u8, u16, u32);

impl Source for u64 {
    #[inline]
    fn put<T: Number>(self, round: bool) -> Option<T> {
        match i64::try_from(self) {
            Ok(value) => T::from_i64(value, round),
            Err(_) if round || (self as f64) as u128 == u128::from(self) => T::from_f64(self as f64, round),
            Err(_) => None,
        }
    }
}

impl Source for f32 {
    #[inline]
    fn put<T: Number>(self, round: bool) -> Option<T> {
        T::from_f32(self, round)
    }
}

impl Source for f64 {
    #[inline]
    fn put<T: Number>(self, round: bool) -> Option<T> {
        T::from_f64(self, round)
    }
}

/// Values that could not be written.
#[derive(Default)]
struct Losses {
    nulls: usize,
    inexact: usize,
}

impl Losses {
    #[inline]
    fn put<S: Source, T: Number>(&mut self, value: S, slot: &mut T, round: bool) {
        match value.put(round) {
            Some(value) => *slot = value,
            None => self.inexact += 1,
        }
    }

    #[inline]
    fn put_null<T: Number>(&mut self, slot: &mut T) {
        match T::NULL {
            Some(null) => *slot = null,
            None => self.nulls += 1,
        }
    }
}

/// Rows written at a time: enough for the processor to read ahead in the columns, few enough for the
/// matrix to stay in its cache.
const BLOCK: usize = 512;

/// Columns written at a time: their values of one row are one store of a vector register.
const SIDE: usize = 4;

/// Writes float32 columns of equal length side by side, row by row; false where a value does not fit.
///
/// This is what model inputs are made of, and writing each column down the whole matrix by itself
/// would miss the cache at every element.
pub(super) fn transpose<T: Number>(columns: &[Dense], out: &mut [T], round: bool) -> bool {
    let width = columns.len();
    let (quads, rest) = columns.as_chunks::<SIDE>();
    let mut exact = true;
    for (block, rows) in out.chunks_mut(BLOCK * width.max(1)).enumerate() {
        let mut place = Place { start: block * BLOCK, at: 0, width, round };
        for quad in quads {
            exact &= alike(quad, rows, &mut place);
        }
        for column in rest {
            exact &= alike(std::array::from_ref(column), rows, &mut place);
        }
    }
    exact
}

/// Where in the columns a block begins, and from which place of every row on it is written.
struct Place {
    start: usize,
    at: usize,
    width: usize,
    round: bool,
}

/// Writes a few columns; together where they are of one kind, else one by one.
fn alike<const N: usize, T: Number>(columns: &[Dense; N], out: &mut [T], place: &mut Place) -> bool {
    let left = columns.iter().map(|column| column.len().saturating_sub(place.start));
    let rows = left.fold(out.len() / place.width, usize::min);
    if rows == 0 {
        place.at += N;
        return true;
    }
    let block = place.start..place.start + rows;
    let plain =
        each(columns, |column| if let Dense::Plain(numbers) = column { numbers.get(block.clone()) } else { None });
    if let Some(numbers) = plain {
        return side_by_side::<N, T>(rows, |column, row| numbers[column][row], out, place);
    }
    let coded = each(columns, |column| match column {
        Dense::Coded(codes, numbers, count) => codes.get(block.clone()).map(|codes| (codes, *numbers, *count)),
        Dense::Plain(_) => None,
    });
    match coded {
        Some(coded) if coded.iter().fold(1_usize, |all, (.., count)| all.saturating_mul(*count)) <= MOST => {
            jointly::<N, T>(&coded, out, place)
        }
        Some(coded) => {
            let number = |column: usize, row: usize| {
                let (codes, numbers, _) = coded[column];
                numbers[usize::from(codes[row])]
            };
            side_by_side::<N, T>(rows, number, out, place)
        }
        None => columns.iter().fold(true, |exact, column| alike(std::array::from_ref(column), out, place) & exact),
    }
}

/// What each column gives, if all give it.
fn each<'a, const N: usize, V>(columns: &[Dense<'a>; N], of: impl Fn(&Dense<'a>) -> Option<V>) -> Option<[V; N]> {
    columns.iter().map(of).collect::<Option<Vec<V>>>()?.try_into().ok()
}

/// Writes a few columns whose codes together are one code, such as flags: what a row holds is looked up at once.
fn jointly<const N: usize, T: Number>(coded: &[(&[u8], &Numbers, usize); N], out: &mut [T], place: &mut Place) -> bool {
    let mut joint = [0_u8; BLOCK];
    for (codes, _, count) in coded {
        // There are at most 256 codes together, so that none of them wraps.
        let with = |joint: &mut u8, code: &u8| *joint = joint.wrapping_mul(*count as u8).wrapping_add(*code);
        joint.iter_mut().zip(*codes).for_each(|(joint, code)| with(joint, code));
    }
    let mut exact = true;
    let mut table = vec![[T::default(); N]; coded.iter().map(|(.., count)| count).product()];
    for (code, row) in table.iter_mut().enumerate() {
        let mut left = code;
        for (slot, (_, numbers, count)) in row.iter_mut().zip(coded).rev() {
            match T::from_f32(numbers[left % count], place.round) {
                Some(value) => *slot = value,
                None => exact = false,
            }
            left /= count;
        }
    }
    let rows = coded[0].0.len();
    for (slots, code) in out.chunks_exact_mut(place.width).zip(&joint[..rows]) {
        slots[place.at..place.at + N].copy_from_slice(&table[usize::from(*code)]);
    }
    place.at += N;
    exact
}

/// Writes a few columns' numbers, and goes on behind them.
#[inline]
fn side_by_side<const N: usize, T: Number>(
    rows: usize,
    number: impl Fn(usize, usize) -> f32,
    out: &mut [T],
    place: &mut Place,
) -> bool {
    let mut exact = true;
    for (row, slots) in out.chunks_exact_mut(place.width).take(rows).enumerate() {
        for (column, slot) in slots[place.at..place.at + N].iter_mut().enumerate() {
            match T::from_f32(number(column, row), place.round) {
                Some(value) => *slot = value,
                None => exact = false,
            }
        }
    }
    place.at += N;
    exact
}

/// Writes a whole column to the slots, in order.
pub(super) fn fill<'a, T: Number>(
    column: &Column,
    slots: impl Iterator<Item = &'a mut T>,
    round: bool,
) -> Result<(), DataError> {
    // CSV text says nothing about precision: "0.1" may become any float.
    let lenient = round || (column.parsed() && T::NULL.is_some());
    let mut losses = Losses::default();
    if let DataType::Boolean = column.series().dtype() {
        let values = column.series().bool().map_err(|e| column.mistyped(e))?;
        fill_sparse(values.iter(), slots, lenient, &mut losses);
    } else {
        each_number!(column, ca => fill_numbers(ca, slots, lenient, &mut losses));
    }
    verdict::<T>(column, &losses, round)
}

fn fill_numbers<'a, P, T>(
    values: &ChunkedArray<P>,
    mut slots: impl Iterator<Item = &'a mut T>,
    round: bool,
    losses: &mut Losses,
) where
    P: PolarsNumericType,
    P::Native: Source,
    T: Number,
{
    for array in values.downcast_iter() {
        if array.null_count() == 0 {
            array.values().iter().zip(&mut slots).for_each(|(value, slot)| losses.put(*value, slot, round));
        } else {
            fill_sparse(array.iter().map(|value| value.copied()), &mut slots, round, losses);
        }
    }
}

fn fill_sparse<'a, S: Source, T: Number>(
    values: impl Iterator<Item = Option<S>>,
    slots: impl Iterator<Item = &'a mut T>,
    round: bool,
    losses: &mut Losses,
) {
    for (value, slot) in values.zip(slots) {
        match value {
            Some(value) => losses.put(value, slot, round),
            None => losses.put_null(slot),
        }
    }
}

fn verdict<T: Number>(column: &Column, losses: &Losses, round: bool) -> Result<(), DataError> {
    let (name, dtype, rows, target) = (&column.name, column.dtype(), column.series().len(), T::NAME);
    if losses.nulls > 0 {
        let nulls = losses.nulls;
        return Err(DataError(format!(
            "column `{name}` ({dtype}) is empty in {nulls} of {rows} rows, and {target} cannot say so. \
             Fill these cells in, or leave the rows out of the data"
        )));
    }
    if losses.inexact == 0 {
        return Ok(());
    }
    let what = format!("column `{name}` ({dtype}) holds values in {} of {rows} rows that {target}", losses.inexact);
    Err(DataError(match round {
        true => format!(
            "{what} cannot hold even when rounded. Correct these values, or give the model an input of a wider type"
        ),
        false => format!(
            "{what} cannot hold exactly. Store the column as {target}, or set `round = true` on the input in the audit file"
        ),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The numbers of so many values, and which of them each row holds.
    type Drawn = (Box<Numbers>, usize, Vec<u8>);

    fn column() -> impl Strategy<Value = Drawn> {
        const ROWS: usize = BLOCK + 30;
        let count = prop_oneof![3 => 1..5_usize, 1 => 1..=MOST];
        count.prop_flat_map(|count| {
            let codes = prop::collection::vec((0..count).prop_map(|code| code as u8), ROWS);
            let numbers = prop::collection::vec(-1000..1000_i16, count).prop_map(|numbers| {
                let mut by_code = Box::new([0.0; MOST]);
                by_code.iter_mut().zip(numbers).for_each(|(slot, number)| *slot = f32::from(number) / 4.0);
                by_code
            });
            (numbers, Just(count), codes)
        })
    }

    fn coded((by_code, count, codes): &Drawn) -> Dense<'_> {
        Dense::Coded(codes, by_code, *count)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// However many columns there are and of how many values, codes say what their numbers say.
        #[test]
        fn codes_are_written_as_their_numbers(columns in prop::collection::vec(column(), 1..14)) {
            let numbers = |(by_code, _, codes): &Drawn| {
                codes.iter().map(|code| by_code[usize::from(*code)]).collect::<Vec<f32>>()
            };
            let decoded: Vec<Vec<f32>> = columns.iter().map(numbers).collect();
            let expected: Vec<f32> = (0..decoded[0].len()).flat_map(|row| decoded.iter().map(move |one| one[row])).collect();
            // All by code, and with some plain ones among them.
            for plain in [usize::MAX, 3] {
                let one = |at: usize| if (at + 1).is_multiple_of(plain) { Dense::Plain(&decoded[at]) } else { coded(&columns[at]) };
                let mut written = vec![f32::NAN; expected.len()];
                prop_assert!(transpose(&(0..columns.len()).map(one).collect::<Vec<_>>(), &mut written, false));
                prop_assert_eq!(&written, &expected);
            }
        }

        /// Quarters do not fit whole numbers, and that is told.
        #[test]
        fn what_does_not_fit_is_told(drawn in column()) {
            let (by_code, _, codes) = &drawn;
            let mut whole = vec![0_i64; codes.len()];
            let exact = transpose(&[coded(&drawn)], &mut whole, false);
            let numbers: Vec<f32> = codes.iter().map(|code| by_code[usize::from(*code)]).collect();
            prop_assert!(!exact || numbers.iter().zip(&whole).all(|(number, whole)| *number == *whole as f32));
        }
    }
}
