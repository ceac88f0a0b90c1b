//! Protocol Buffers' wire format, read forward from a file.
//!
//! Nothing is held but the field at hand, and a block is stepped over without being read, so a model
//! of many gigabytes costs a few kilobytes. Any bytes at all give a value or an error, never a panic.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// Longer names than this are not names.
const LONGEST_NAME: u64 = 1 << 16;

/// Why bytes are not a message.
#[derive(Debug)]
pub(super) enum Fault {
    /// The file could not be read.
    Io(io::Error),
    /// A field runs past the end of what holds it.
    CutShort,
    /// Not the wire format.
    Malformed,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        if error.kind() == io::ErrorKind::UnexpectedEof { Fault::CutShort } else { Fault::Io(error) }
    }
}

/// The value of a field.
pub(super) enum Value {
    /// A whole number.
    Number(u64),
    /// Bytes that end here: a text or another message, not read yet.
    Block(u64),
    /// Four or eight bytes that nobody here asks for.
    Fixed,
}

/// A file and where it is read.
pub(super) struct Wire {
    reader: BufReader<File>,
    at: u64,
    size: u64,
}

impl Wire {
    /// Opens a file at its start.
    pub(super) fn open(path: &Path) -> io::Result<Wire> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        Ok(Wire { reader: BufReader::new(file), at: 0, size })
    }

    /// Where it is read.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Bytes in the file.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Gives every field of the message that ends at `end`, in order. A block that the visitor does
    /// not read, or not to its end, is stepped over.
    pub(super) fn fields(
        &mut self,
        end: u64,
        mut visit: impl FnMut(&mut Wire, u64, Value) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        while self.at < end {
            let tag = self.varint()?;
            let value = self.value(tag & 7, end)?;
            let next = if let Value::Block(block) = value { Some(block) } else { None };
            visit(self, tag >> 3, value)?;
            if let Some(block) = next {
                self.skip_to(block)?;
            }
        }
        if self.at == end { Ok(()) } else { Err(Fault::CutShort) }
    }

    fn value(&mut self, kind: u64, end: u64) -> Result<Value, Fault> {
        match kind {
            0 => Ok(Value::Number(self.varint()?)),
            1 => self.fixed(8, end),
            2 => {
                let length = self.varint()?;
                let block = self.at.checked_add(length).filter(|&block| block <= end);
                block.map(Value::Block).ok_or(Fault::CutShort)
            }
            5 => self.fixed(4, end),
            _ => Err(Fault::Malformed),
        }
    }

    fn fixed(&mut self, bytes: u64, end: u64) -> Result<Value, Fault> {
        if self.at + bytes > end {
            return Err(Fault::CutShort);
        }
        self.skip_to(self.at + bytes)?;
        Ok(Value::Fixed)
    }

    /// The text of a block.
    pub(super) fn text(&mut self, block: u64) -> Result<String, Fault> {
        let length = block.saturating_sub(self.at);
        if length > LONGEST_NAME {
            return Err(Fault::Malformed);
        }
        let mut bytes = vec![0; length as usize];
        self.reader.read_exact(&mut bytes)?;
        self.at = block;
        String::from_utf8(bytes).map_err(|_| Fault::Malformed)
    }

    /// The whole numbers of a packed block; a list of dimensions is short.
    pub(super) fn numbers(&mut self, block: u64, into: &mut Vec<u64>) -> Result<(), Fault> {
        while self.at < block {
            if into.len() as u64 >= LONGEST_NAME {
                return Err(Fault::Malformed);
            }
            into.push(self.varint()?);
        }
        if self.at == block { Ok(()) } else { Err(Fault::CutShort) }
    }

    /// Up to ten bytes of seven bits each, the lowest first.
    fn varint(&mut self) -> Result<u64, Fault> {
        let mut number = 0u64;
        for shift in (0..70).step_by(7) {
            let mut byte = [0u8];
            self.reader.read_exact(&mut byte)?;
            self.at += 1;
            number |= u64::from(byte[0] & 127).checked_shl(shift).unwrap_or(0);
            if byte[0] < 128 {
                return Ok(number);
            }
        }
        Err(Fault::Malformed)
    }

    /// Steps forward, in hops, since a seek takes a signed distance.
    fn skip_to(&mut self, target: u64) -> Result<(), Fault> {
        while self.at < target {
            let hop = (target - self.at).min(1 << 40);
            self.reader.seek_relative(hop as i64)?;
            self.at += hop;
        }
        Ok(())
    }
}
