//! The text of a CSV file, in blocks that end where a record ends.

use super::error::DataError;
use super::records::{blank, cuts, field};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A record longer than this is taken for a quote that never closes.
const RECORD_BYTES: usize = 256 << 20;

/// A CSV file, read block by block.
pub(super) struct Blocks {
    path: PathBuf,
    file: File,
    separator: u8,
    /// How much text a block has, but for a record that is longer.
    size: usize,
    text: Vec<u8>,
    /// How much of the text was handed out.
    used: usize,
    /// The number of the text's first line.
    line: u64,
    ended: bool,
}

/// Whole records.
pub(super) struct Block<'a> {
    pub(super) text: &'a [u8],
    /// The ends of parts that can be parsed apart.
    pub(super) cuts: Vec<usize>,
    line: u64,
}

impl Block<'_> {
    /// The number of the line that holds a byte of the text.
    pub(super) fn line_of(&self, byte: usize) -> u64 {
        self.line + lines(&self.text[..byte])
    }
}

impl Blocks {
    /// Opens a file and passes over a byte-order mark.
    pub(super) fn open(path: &Path, separator: u8, size: usize) -> Result<Blocks, DataError> {
        let file = File::open(path).map_err(|e| DataError::of(path, format!("cannot be read: {e}")))?;
        let mut blocks = Blocks {
            path: path.into(),
            file,
            separator,
            size: size.max(1),
            text: vec![],
            used: 0,
            line: 1,
            ended: false,
        };
        blocks.fill(blocks.size.max(3))?;
        blocks.used = if blocks.text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Ok(blocks)
    }

    /// The columns' names: the first record.
    pub(super) fn names(&mut self) -> Result<Vec<String>, DataError> {
        let separator = self.separator;
        let block = self.block(1)?;
        let (mut names, mut at) = (Vec::new(), 0);
        while blank(block.text, at) > 0 {
            at += blank(block.text, at);
        }
        while at < block.text.len() {
            let field = field(block.text, at, separator);
            at = field.next;
            names.push(String::from_utf8_lossy(&field.unquoted()).into_owned());
            if field.last {
                break;
            }
        }
        let unread = block.text.len() - at;
        self.used -= unread;
        match names.as_slice() {
            [] => Err(DataError::of(&self.path, "has no header line. The first line must name the columns")),
            [only] if only.contains([';', '\t']) => Err(DataError::of(
                &self.path,
                "does not separate its columns by commas. Write it with commas, or as .tsv with tabs",
            )),
            _ => Ok(names),
        }
    }

    /// The next whole records, cut into about `parts` parts; empty at the end.
    pub(super) fn block(&mut self, parts: usize) -> Result<Block<'_>, DataError> {
        self.line += lines(&self.text[..self.used]);
        self.text.drain(..self.used);
        self.used = 0;
        let mut size = self.size;
        let cuts = loop {
            self.fill(size)?;
            let mut cuts = cuts(&self.text, self.separator, parts);
            if self.ended && cuts.last().copied().unwrap_or(0) < self.text.len() {
                cuts.push(self.text.len());
            }
            if !cuts.is_empty() || self.ended {
                break cuts;
            }
            size = self.longer(size)?;
        };
        self.used = cuts.last().copied().unwrap_or(0);
        Ok(Block { text: &self.text[..self.used], cuts, line: self.line })
    }

    /// Reads on until the text has this many bytes or the file ends.
    fn fill(&mut self, size: usize) -> Result<(), DataError> {
        let wanted = size.saturating_sub(self.text.len());
        let read = self.file.by_ref().take(wanted as u64).read_to_end(&mut self.text);
        let read = read.map_err(|e| DataError::of(&self.path, format!("cannot be read: {e}")))?;
        self.ended |= read < wanted;
        Ok(())
    }

    /// A size for a record that did not fit.
    fn longer(&self, size: usize) -> Result<usize, DataError> {
        if size < RECORD_BYTES {
            return Ok(size * 2);
        }
        let line = self.line;
        Err(DataError::of(
            &self.path,
            format!("line {line} starts a record that does not end within {RECORD_BYTES} bytes. Close its quotes"),
        ))
    }
}

fn lines(text: &[u8]) -> u64 {
    // Counts of short pieces fit a byte, so that many bytes are compared and added at once.
    let ends = |piece: &[u8]| piece.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>();
    text.chunks(usize::from(u8::MAX)).map(|piece| u64::from(ends(piece))).sum()
}
