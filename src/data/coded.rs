//! Columns of few distinct values as Parquet stores them: a code a row, and the values that codes stand for.
//!
//! Groups, labels, flags and one-hot columns are of this kind: a byte a row is read and held where there would be 4 to
//! 16. Whatever is stored in another way is left to polars, and so is saying what is wrong with a damaged page.

use super::nested::pages;
use polars::prelude::{ArrowDataType, IdxCa, NamedFrom, NewChunkedArray, Series};
use polars_buffer::Buffer;
use polars_parquet::parquet::encoding::Encoding;
use polars_parquet::parquet::page::{DataPage, DictPage, split_buffer};
use polars_parquet::read::ColumnChunkMetadata;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// As many values as a byte tells apart.
pub(super) const MOST: usize = 256;

/// Float32 numbers by code.
pub(super) type Numbers = [f32; MOST];

/// A column of which every value is one of at most 256, and none is null.
#[derive(Debug, Clone)]
pub(super) struct Coded {
    codes: Buffer<u8>,
    /// The value of every code.
    values: Series,
    /// The same of a column of float32.
    numbers: Option<Arc<Numbers>>,
}

impl Coded {
    pub(super) fn codes(&self) -> &[u8] {
        &self.codes
    }

    pub(super) fn values(&self) -> &Series {
        &self.values
    }

    pub(super) fn numbers(&self) -> Option<&Numbers> {
        self.numbers.as_deref()
    }

    /// These rows, without copying.
    pub(super) fn slice(&self, range: Range<usize>) -> Coded {
        Coded { codes: self.codes.clone().sliced(range), ..self.clone() }
    }

    /// The value of every row.
    pub(super) fn series(&self) -> Series {
        let codes = IdxCa::from_iter_values("".into(), self.codes.iter().map(|code| u32::from(*code)));
        match self.values.take(&codes) {
            Ok(series) => series,
            Err(error) => unreachable!("every code was held against the values: {error}"),
        }
    }

    /// Some rows of a column of a row group; `None` where it is stored in another way, or cannot be read.
    pub(super) fn of_parquet(
        path: &Path,
        (column, dtype): (&ColumnChunkMetadata, &ArrowDataType),
        rows: &Range<usize>,
    ) -> Option<Coded> {
        if !may_be_coded(column) {
            return None;
        }
        let mut pages = pages(&mut File::open(path).ok()?, column).ok()?;
        let dictionary = pages.read_dict_page().ok()??;
        let name = column.descriptor().path_in_schema.first()?;
        let values = values(&dictionary, dtype).filter(|values| values.len() <= MOST)?.with_name(name.clone());
        let most = usize::try_from(column.num_values()).ok()?;
        let (mut codes, mut start, mut before) = (Vec::with_capacity(rows.len()), 0_usize, None);
        while let Some(page) = pages.next() {
            let page = page.ok()?;
            // A damaged page may promise more rows than memory holds.
            let span = start..start.checked_add(page.num_values()).filter(|end| *end <= most)?;
            start = span.end;
            if span.end <= rows.start || span.start >= rows.end {
                continue;
            }
            before.get_or_insert(span.start);
            let page = page.decompress(&mut pages).ok()?;
            add(&page, &mut codes)?;
            pages.reuse_page_buffer(page);
        }
        let skipped = rows.start.checked_sub(before?)?;
        let highest = codes.iter().fold(0, |highest: u8, code| highest.max(*code));
        let sound = codes.len() >= skipped + rows.len() && usize::from(highest) < values.len();
        let numbers = values.f32().ok().map(|numbers| {
            let mut by_code = [0.0; MOST];
            by_code.iter_mut().zip(numbers.no_null_iter()).for_each(|(slot, number)| *slot = number);
            Arc::new(by_code)
        });
        sound.then(|| Coded { codes: Buffer::from(codes).sliced(skipped..skipped + rows.len()), values, numbers })
    }
}

/// In no list, and about a byte a row or less.
fn may_be_coded(column: &ColumnChunkMetadata) -> bool {
    let descriptor = &column.descriptor().descriptor;
    let flat =
        descriptor.max_rep_level == 0 && descriptor.max_def_level <= 1 && column.descriptor().path_in_schema.len() == 1;
    flat && column.uncompressed_size() <= column.num_values().saturating_mul(5) / 4 + 4096
}

/// What codes stand for (Apache Parquet, Encodings, PLAIN = 0); `None` of other types.
fn values(page: &DictPage, dtype: &ArrowDataType) -> Option<Series> {
    use ArrowDataType as A;
    macro_rules! numbers {
        ($type:ty) => {{
            let stored = page.buffer.as_chunks().0.get(..page.num_values)?;
            Series::new("".into(), stored.iter().map(|bytes| <$type>::from_le_bytes(*bytes)).collect::<Vec<$type>>())
        }};
    }
    Some(match dtype {
        A::Float32 => numbers!(f32),
        A::Float64 => numbers!(f64),
        A::Int32 => numbers!(i32),
        A::Int64 => numbers!(i64),
        A::Utf8 | A::LargeUtf8 | A::Utf8View => Series::new("".into(), texts(&page.buffer, page.num_values)?),
        _ => return None,
    })
}

fn texts(mut bytes: &[u8], count: usize) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    for _ in 0..count {
        let (length, rest) = bytes.split_first_chunk()?;
        let (text, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        found.push(std::str::from_utf8(text).ok()?);
        bytes = rest;
    }
    Some(found)
}

/// Adds a page's codes; `None` where there are none, or a row is null.
fn add(page: &DataPage, codes: &mut Vec<u8>) -> Option<()> {
    if !matches!(page.encoding(), Encoding::RleDictionary | Encoding::PlainDictionary) {
        return None;
    }
    let parts = split_buffer(page).ok()?;
    let rows = page.num_values();
    if page.descriptor.max_def_level > 0 && !all_there(parts.def, rows) {
        return None;
    }
    let (&width, runs) = parts.values.split_first()?;
    (width <= 8).then(|| unpack(runs, width.into(), rows, codes))?
}

/// Whether no row of a page is null: mostly it is one run of ones.
fn all_there(levels: &[u8], rows: usize) -> bool {
    let one_run = || {
        let (header, rest) = varint(levels)?;
        Some(header & 1 == 0 && header >> 1 >= rows as u64 && rest.first() == Some(&1))
    };
    one_run() == Some(true) || {
        let mut each = Vec::new();
        unpack(levels, 1, rows, &mut each).is_some() && each.iter().all(|level| *level == 1)
    }
}

/// Adds `rows` numbers of `width` ≤ 8 bits from runs of one number and runs of packed bits (Apache Parquet, Encodings,
/// RLE = 3); `None` where the bytes end before.
fn unpack(bytes: &[u8], width: usize, rows: usize, found: &mut Vec<u8>) -> Option<()> {
    let start = found.len();
    found.resize(start + rows, 0);
    let mask = 0xff_u64.checked_shr(8 - width as u32).unwrap_or(0);
    let numbers = |bits: &[u8]| {
        let word = bits.iter().rev().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
        std::array::from_fn(|at| ((word >> (at * width)) & mask) as u8)
    };
    match width {
        0 => Some(()),
        1 => runs(bytes, 1, &mut found[start..], |bits| flags(bits[0])),
        _ => runs(bytes, width, &mut found[start..], numbers),
    }
}

/// Writes all runs over zeros; `eight` tells the numbers of `width` bytes.
#[inline(always)]
fn runs(mut bytes: &[u8], width: usize, mut left: &mut [u8], eight: impl Fn(&[u8]) -> [u8; 8]) -> Option<()> {
    while !left.is_empty() {
        let (header, rest) = varint(bytes)?;
        let many = usize::try_from(header >> 1).ok().filter(|many| *many > 0)?;
        if header & 1 == 0 {
            let (&number, rest) = rest.split_first()?;
            let (own, others) = left.split_at_mut(many.min(left.len()));
            // Zeros are there already, and runs are mostly of these and short.
            if number != 0 {
                own.fill(number);
            }
            (bytes, left) = (rest, others);
        } else {
            // Groups of eight; the last one may be cut short.
            let groups = many.min(left.len().div_ceil(8));
            let (packed, rest) = rest.split_at(rest.len().min(groups.saturating_mul(width)));
            let (own, others) = left.split_at_mut(left.len().min(8 * groups));
            if packed.len() * 8 < width * own.len() {
                return None;
            }
            let (whole, cut) = own.as_chunks_mut::<8>();
            let mut packed = packed.chunks(width);
            whole.iter_mut().zip(&mut packed).for_each(|(out, bits)| *out = eight(bits));
            let last = packed.next().map(&eight).unwrap_or_default();
            cut.iter_mut().zip(last).for_each(|(out, number)| *out = number);
            (bytes, left) = (rest, others);
        }
    }
    Some(())
}

/// Each bit of a byte as a byte of its own, lowest first.
#[inline]
fn flags(bits: u8) -> [u8; 8] {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let alone = (u64::from(bits) * EACH) & 0x8040_2010_0804_0201;
    // What is not 0 reaches the highest bit of its byte.
    (((alone + 0x7f * EACH) >> 7) & EACH).to_le_bytes()
}

/// A number of seven bits a byte, lowest first, and what comes after it.
#[inline]
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    // Most are of one byte.
    if let [own, rest @ ..] = bytes
        && *own < 0x80
    {
        return Some((u64::from(*own), rest));
    }
    let length = bytes.iter().take(9).position(|byte| *byte < 0x80)? + 1;
    let (own, rest) = bytes.split_at(length);
    Some((own.iter().rev().fold(0, |number, byte| (number << 7) | u64::from(byte & 0x7f)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The reverse, by the same description: runs of one number where it repeats, else packed bits.
    fn packed(numbers: &[u8], width: usize) -> Vec<u8> {
        let header = |mut number: u64, bytes: &mut Vec<u8>| {
            while number >= 0x80 {
                bytes.push(number as u8 | 0x80);
                number >>= 7;
            }
            bytes.push(number as u8);
        };
        let mut bytes = Vec::new();
        let mut rest = numbers;
        while let Some(first) = rest.first() {
            let run = rest.iter().take_while(|number| *number == first).count();
            if run >= 8 {
                header((run as u64) << 1, &mut bytes);
                bytes.push(*first);
                rest = &rest[run..];
                continue;
            }
            let groups = 1 + rest.len() / 40;
            header(((groups as u64) << 1) | 1, &mut bytes);
            let (own, others) = rest.split_at(rest.len().min(8 * groups));
            let mut bits = vec![0; groups * width];
            for (at, bit) in own.iter().enumerate().flat_map(|(at, _)| (0..width).map(move |bit| (at, bit))) {
                bits[(at * width + bit) / 8] |= ((own[at] >> bit) & 1) << ((at * width + bit) % 8);
            }
            bytes.extend(bits);
            rest = others;
        }
        bytes
    }

    proptest! {
        #[test]
        fn packed_numbers_are_found_again(
            width in 1..=8_usize,
            drawn in prop::collection::vec((any::<u8>(), 1..30_usize), 0..60),
        ) {
            let number = |(number, times): (u8, usize)| std::iter::repeat_n(number >> (8 - width), if times > 20 { times } else { 1 });
            let numbers: Vec<u8> = drawn.into_iter().flat_map(number).collect();
            let bytes = packed(&numbers, width);
            let mut found = vec![7];
            prop_assert_eq!(unpack(&bytes, width, numbers.len(), &mut found), Some(()));
            prop_assert_eq!(&found[1..], &numbers[..]);
            // Bytes that end early, or that say anything, are refused or read: never more than was asked for.
            let cut = &bytes[..bytes.len() / 2];
            let mut less = Vec::new();
            let _ = unpack(cut, width, numbers.len(), &mut less);
            prop_assert!(less.len() <= numbers.len());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..40), width in 0..=8_usize) {
            let mut found = Vec::new();
            if unpack(&bytes, width, 100, &mut found).is_some() {
                prop_assert_eq!(found.len(), 100);
            }
        }
    }

    #[test]
    fn a_null_is_seen() {
        assert!(all_there(&[200, 1, 1], 100) && all_there(&[0b11, 0xff], 8) && all_there(&[], 0));
        assert!(!all_there(&[200, 1, 0], 100) && !all_there(&[0b11, 0xfd], 8) && !all_there(&[], 5));
        assert!(!all_there(&[2, 1], 100));
    }
}
