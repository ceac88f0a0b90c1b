//! The weights of an ONNX file: where the bytes of each stand, read as a stream and never held as a whole.
//!
//! Only tensors whose bytes stand together and fit their shape are weights; lists of whole numbers and
//! strings, and anything with a shape that its bytes do not fill, are passed over.

use super::wire::{Fault, Value, Wire};
use half::{bf16, f16};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Elements read at once.
const STEP: u64 = 1 << 14;

/// One tensor of weights.
#[derive(Debug)]
pub(super) struct Weight {
    pub(super) name: String,
    pub(super) dims: Vec<u64>,
    pub(super) elements: u64,
    /// The layer that it belongs to, as far as names tell.
    pub(super) layer: String,
    kind: u64,
    file: PathBuf,
    from: u64,
}

impl Weight {
    /// Gives all bytes, some at a time.
    pub(super) fn stream(&self, mut see: impl FnMut(&[u8])) -> io::Result<()> {
        self.pieces(|bytes| {
            see(bytes);
            Ok(())
        })
    }

    /// Gives each element of this tensor and the other's in its place, as float64; both have one shape.
    pub(super) fn beside(&self, other: &Weight, mut see: impl FnMut(f64, f64)) -> io::Result<()> {
        let mut file = other.open()?;
        let size = width(other.kind);
        let mut theirs = vec![0; (STEP * size) as usize];
        self.pieces(|mine| {
            let mine = mine.chunks_exact(width(self.kind) as usize);
            let theirs = &mut theirs[..mine.len() * size as usize];
            file.read_exact(theirs)?;
            let theirs = theirs.chunks_exact(size as usize);
            mine.zip(theirs).for_each(|(mine, theirs)| see(number(self.kind, mine), number(other.kind, theirs)));
            Ok(())
        })
    }

    fn pieces(&self, mut see: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut file = self.open()?;
        let mut buffer = vec![0; (STEP * width(self.kind)) as usize];
        let mut left = self.elements;
        while left > 0 {
            let now = left.min(STEP);
            let bytes = &mut buffer[..(now * width(self.kind)) as usize];
            file.read_exact(bytes)?;
            see(bytes)?;
            left -= now;
        }
        Ok(())
    }

    fn open(&self) -> io::Result<File> {
        let mut file = File::open(&self.file)?;
        file.seek(SeekFrom::Start(self.from))?;
        Ok(file)
    }
}

/// Bytes of an element, by `TensorProto.DataType`; 0 of one that is no weight.
fn width(kind: u64) -> u64 {
    match kind {
        2 | 3 => 1,
        10 | 16 => 2,
        1 => 4,
        11 => 8,
        _ => 0,
    }
}

fn number(kind: u64, bytes: &[u8]) -> f64 {
    match (kind, bytes) {
        (2, &[a]) => f64::from(a),
        (3, &[a]) => f64::from(i8::from_le_bytes([a])),
        (10, &[a, b]) => f16::from_le_bytes([a, b]).to_f64(),
        (16, &[a, b]) => bf16::from_le_bytes([a, b]).to_f64(),
        (1, &[a, b, c, d]) => f64::from(f32::from_le_bytes([a, b, c, d])),
        (11, _) => bytes.try_into().map_or(f64::NAN, f64::from_le_bytes),
        _ => f64::NAN,
    }
}

/// Every tensor of weights in a model's graph, in file order. Files beside it are known to be there.
pub(super) fn weights(path: &Path) -> Result<Vec<Weight>, Fault> {
    let mut wire = Wire::open(path)?;
    let size = wire.size();
    let mut found = Found::default();
    wire.fields(size, |wire, field, value| match (field, value) {
        (7, Value::Block(block)) => found.graph(wire, block),
        _ => Ok(()),
    })?;
    let users = &found.users;
    Ok(found.tensors.iter().filter_map(|tensor| tensor.weight(path, users)).collect())
}

#[derive(Default)]
struct Found {
    tensors: Vec<Tensor>,
    /// The node that first takes a value, by the value.
    users: HashMap<String, String>,
}

/// A tensor as the file has it.
#[derive(Default)]
struct Tensor {
    name: String,
    kind: u64,
    dims: Vec<u64>,
    /// Bytes in this file, from and to; of several none is believed.
    inside: Vec<(u64, u64)>,
    outside: HashMap<String, String>,
}

impl Found {
    fn graph(&mut self, wire: &mut Wire, end: u64) -> Result<(), Fault> {
        wire.fields(end, |wire, field, value| {
            match (field, value) {
                (1, Value::Block(block)) => self.node(wire, block)?,
                (5, Value::Block(block)) => self.tensors.push(tensor(wire, block)?),
                _ => {}
            }
            Ok(())
        })
    }

    fn node(&mut self, wire: &mut Wire, end: u64) -> Result<(), Fault> {
        let (mut name, mut operator, mut takes, mut gives) = (String::new(), String::new(), Vec::new(), Vec::new());
        wire.fields(end, |wire, field, value| {
            match (field, value) {
                (1, Value::Block(block)) => takes.push(wire.text(block)?),
                (2, Value::Block(block)) => gives.push(wire.text(block)?),
                (3, Value::Block(block)) => name = wire.text(block)?,
                (4, Value::Block(block)) => operator = wire.text(block)?,
                _ => {}
            }
            Ok(())
        })?;
        // What a Cast takes is used by whoever takes what it gives.
        let user = if operator == "Cast" { gives.pop().unwrap_or_default() } else { format!("/{name}") };
        for taken in takes {
            self.users.entry(taken).or_insert_with(|| user.clone());
        }
        Ok(())
    }
}

fn tensor(wire: &mut Wire, end: u64) -> Result<Tensor, Fault> {
    let mut found = Tensor::default();
    wire.fields(end, |wire, field, value| {
        match (field, value) {
            (1, Value::Number(size)) => found.dims.push(size),
            (1, Value::Block(block)) => wire.numbers(block, &mut found.dims)?,
            (2, Value::Number(kind)) => found.kind = kind,
            (8, Value::Block(block)) => found.name = wire.text(block)?,
            // Packed floats (4) and doubles (10) are the bytes that raw data (9) would be.
            (4 | 9 | 10, Value::Block(block)) => found.inside.push((wire.at(), block)),
            (13, Value::Block(block)) => found.outside.extend([super::graph::pair(wire, block)?]),
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

impl Tensor {
    fn weight(&self, path: &Path, users: &HashMap<String, String>) -> Option<Weight> {
        let elements = self.dims.iter().try_fold(1u64, |all, &size| all.checked_mul(size))?;
        let bytes = elements.checked_mul(width(self.kind)).filter(|&bytes| bytes > 0)?;
        let (file, from) = self.place(path, bytes)?;
        let (name, dims) = (self.name.clone(), self.dims.clone());
        Some(Weight { layer: layer(&name, users), name, dims, elements, kind: self.kind, file, from })
    }

    /// The file and where the bytes begin, if there are as many as the shape asks for.
    fn place(&self, path: &Path, bytes: u64) -> Option<(PathBuf, u64)> {
        if let Some(location) = self.outside.get("location") {
            let number = |key: &str| self.outside.get(key).and_then(|text| text.parse::<u64>().ok());
            let file = path.parent().unwrap_or(Path::new("")).join(location);
            let from = number("offset").unwrap_or(0);
            let there = file.metadata().ok()?.len();
            let fits = number("length").is_none_or(|length| length == bytes) && from.checked_add(bytes)? <= there;
            return fits.then_some((file, from));
        }
        match self.inside[..] {
            [(from, to)] if to - from == bytes => Some((path.to_owned(), from)),
            _ => None,
        }
    }
}

/// The layer of a weight: its name up to the first number, else without its last part. A name that an exporter
/// made up says nothing, and then the name of the node that takes it is read.
fn layer(name: &str, users: &HashMap<String, String>) -> String {
    let plain = |name: &str| name.contains("::") || !name.contains(['.', '/']);
    let user = || {
        let first = users.get(name)?;
        let second = if first.starts_with('/') { Some(first) } else { users.get(first) };
        second.filter(|user| user.matches('/').count() > 1).map(|user| user.replace('/', "."))
    };
    let known = if plain(name) { user().unwrap_or_else(|| name.to_owned()) } else { name.replace('/', ".") };
    let parts: Vec<&str> = known.split('.').filter(|part| !part.is_empty()).collect();
    let numbered = parts.iter().position(|part| part.chars().all(|letter| letter.is_ascii_digit()));
    match (numbered, parts.len()) {
        (Some(at), _) if at > 0 => parts[..=at].join("."),
        (_, 0 | 1) => known,
        (_, count) => parts[..count - 1].join("."),
    }
}
