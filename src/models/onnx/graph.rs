//! What an ONNX file says of itself, read without any engine: its inputs and outputs, its operators,
//! and the files that hold its weights.
//!
//! Both engines get their signatures from here, and a file that is not a model is told apart before
//! an engine sees it. Field numbers are those of `onnx.proto`; weights are stepped over.

use super::wire::{Fault, Value, Wire};
use crate::models::{Element, ModelError, Port, Shape, Signature};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// Graphs inside graphs (If, Loop) go no deeper than this in a model that makes sense.
const DEEPEST: u32 = 16;

/// What an ONNX file says of itself.
#[derive(Debug, Default)]
pub struct Graph {
    /// Version of the file format.
    pub ir_version: u64,
    /// What wrote the file, as it calls itself; may be empty.
    pub producer: String,
    /// Operator sets, (domain, version); the default domain is empty.
    pub opsets: Vec<(String, u64)>,
    /// Operators used anywhere in it, (domain, name).
    pub operators: BTreeSet<(String, String)>,
    /// Inputs that a caller gives (constants left out), and outputs.
    pub signature: Signature,
    /// Rows of the table that each input is looked up in, where the file tells.
    embedded: BTreeMap<String, u64>,
    /// Files of weights as the model names them, each with the bytes it must have at least.
    external: BTreeMap<String, u64>,
    path: PathBuf,
}

impl Graph {
    /// Reads a model file. The error says what the file is instead, where that can be told.
    pub fn read(path: &Path) -> Result<Graph, ModelError> {
        let shown = path.display();
        let mut wire = open(path).map_err(|error| ModelError(format!("model {shown} cannot be read: {error}")))?;
        let size = wire.size();
        let mut walk = Walk::default();
        let outcome = walk.model(&mut wire, size);
        let mut graph = walk.finish();
        graph.path = path.to_owned();
        match outcome {
            Err(Fault::Io(error)) => Err(ModelError(format!("model {shown} cannot be read: {error}"))),
            Ok(()) if graph.is_model() => Ok(graph),
            Err(Fault::CutShort) if graph.ir_version > 0 && foreign(path).is_none() => Err(ModelError(format!(
                "model {shown} is cut short: it starts as an ONNX model, but ends after {size} bytes. Copy or export it again."
            ))),
            _ => Err(not_a_model(path, size)),
        }
    }

    fn is_model(&self) -> bool {
        // From format 3 on a model names its operator sets, which stand at the file's end.
        self.ir_version > 0 && (self.ir_version < 3 || !self.opsets.is_empty()) && !self.signature.outputs.is_empty()
    }

    /// The rows of the table of embeddings that this input is looked up in, where that can be told.
    pub fn embedded(&self, input: &str) -> Option<u64> {
        self.embedded.get(input).copied()
    }

    /// The files of weights beside the model, each seen to be there and long enough. A name that
    /// leads out of the model's folder is refused.
    pub fn external_files(&self) -> Result<Vec<PathBuf>, ModelError> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        self.external.iter().map(|(name, &least)| self.external_file(folder, name, least)).collect()
    }

    /// How large the model is, its files of weights counted; 0 where that cannot be told.
    pub fn bytes(&self) -> u64 {
        let beside = self.external_files().unwrap_or_default();
        let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |file| file.len());
        std::iter::once(&self.path).chain(&beside).map(size).sum()
    }

    fn external_file(&self, folder: &Path, name: &str, least: u64) -> Result<PathBuf, ModelError> {
        let shown = self.path.display();
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !inside || name.is_empty() {
            return Err(ModelError(format!(
                "model {shown} keeps weights in {name:?}, which is not a file below its own folder; this is not followed."
            )));
        }
        let file = folder.join(name);
        match file.metadata() {
            Ok(found) if found.is_file() && found.len() >= least => Ok(file),
            Ok(found) if found.is_file() => Err(ModelError(format!(
                "model {shown} keeps weights in {name}, which is cut short: {} bytes of at least {least}. Copy it again.",
                found.len()
            ))),
            _ => Err(ModelError(format!(
                "model {shown} keeps weights in {name}, and there is no such file in its folder. Put it beside the model."
            ))),
        }
    }
}

/// Opens a regular file: a folder opens on some systems, and then fails late.
fn open(path: &Path) -> std::io::Result<Wire> {
    if path.is_dir() {
        return Err(std::io::Error::other("it is a folder"));
    }
    Wire::open(path)
}

fn not_a_model(path: &Path, size: u64) -> ModelError {
    let what = match foreign(path) {
        _ if size == 0 => "it is empty",
        Some(format) => format,
        None => "its bytes are not a whole ONNX graph",
    };
    ModelError(format!("model {} is not an ONNX model: {what}.", path.display()))
}

/// Files that are taken for models, by their first bytes (ORT models: from the fifth).
const FOREIGN: [(usize, &[u8], &str); 9] = [
    (0, b"PAR1", "it is a Parquet file"),
    (0, b"ARROW1", "it is an Arrow file"),
    (0, b"PK\x03\x04", "it is a zip archive, such as PyTorch's .pt; export it with torch.onnx.export"),
    (0, b"\x89HDF", "it is an HDF5 file, such as Keras's .h5; convert it with tf2onnx"),
    (0, b"\x80", "it is a Python pickle; convert a scikit-learn model with skl2onnx"),
    (0, b"\x1f\x8b", "it is compressed with gzip; unpack it first"),
    (0, b"version https://git-lfs", "it is a Git LFS pointer; run git lfs pull"),
    (0, b"{", "it is JSON"),
    (4, b"ORTM", "it is in ONNX Runtime's own .ort format; use the .onnx file it was made from"),
];

fn foreign(path: &Path) -> Option<&'static str> {
    let mut start = [0u8; 32];
    let length = File::open(path).ok()?.read(&mut start).ok()?;
    let starts = |&&(at, magic, _): &&(usize, &[u8], &'static str)| {
        start[..length].get(at..).is_some_and(|rest| rest.starts_with(magic))
    };
    FOREIGN.iter().find(starts).map(|&(_, _, what)| what)
}

/// A graph as it is being read.
#[derive(Default)]
struct Walk {
    graph: Graph,
    seen_graph: bool,
    constants: HashSet<String>,
    /// Rows of initializers of two dimensions.
    tables: HashMap<String, u64>,
    /// What a Cast and the like gives is what it was given.
    aliases: HashMap<String, String>,
    /// Look-ups: the table and the places.
    gathers: Vec<(String, String)>,
}

impl Walk {
    /// Files before format version 4 list constants among the inputs.
    fn finish(mut self) -> Graph {
        let constants = &self.constants;
        self.graph.signature.inputs.retain(|port| !constants.contains(&port.name));
        self.graph.embedded = self.embedded();
        self.graph
    }

    /// Of several look-ups by one input the smallest table.
    fn embedded(&self) -> BTreeMap<String, u64> {
        let mut rows: BTreeMap<String, u64> = BTreeMap::new();
        for (table, places) in &self.gathers {
            let (table, input) = (self.origin(table), self.origin(places));
            if let Some(&count) =
                self.tables.get(table).filter(|_| self.graph.signature.inputs.iter().any(|port| port.name == input))
            {
                rows.entry(input.to_owned()).and_modify(|least| *least = count.min(*least)).or_insert(count);
            }
        }
        rows
    }

    fn origin<'a>(&'a self, name: &'a str) -> &'a str {
        (0..DEEPEST).fold(name, |name, _| self.aliases.get(name).map_or(name, String::as_str))
    }

    fn model(&mut self, wire: &mut Wire, end: u64) -> Result<(), Fault> {
        wire.fields(end, |wire, field, value| {
            match (field, value) {
                (1, Value::Number(version)) => self.graph.ir_version = version,
                (2, Value::Block(block)) => self.graph.producer = wire.text(block)?,
                (7, Value::Block(_)) if self.seen_graph => return Err(Fault::Malformed),
                (7, Value::Block(block)) => {
                    self.seen_graph = true;
                    self.main_graph(wire, block)?;
                }
                (8, Value::Block(block)) => self.opset(wire, block)?,
                (25, Value::Block(block)) => self.function(wire, block)?,
                _ => {}
            }
            Ok(())
        })
    }

    fn opset(&mut self, wire: &mut Wire, end: u64) -> Result<(), Fault> {
        let (mut domain, mut opset) = (String::new(), 0);
        wire.fields(end, |wire, field, value| {
            match (field, value) {
                (1, Value::Block(block)) => domain = wire.text(block)?,
                (2, Value::Number(version)) => opset = version,
                _ => {}
            }
            Ok(())
        })?;
        self.graph.opsets.push((domain, opset));
        Ok(())
    }

    fn function(&mut self, wire: &mut Wire, end: u64) -> Result<(), Fault> {
        wire.fields(end, |wire, field, value| match (field, value) {
            (7, Value::Block(block)) => self.node(wire, block, 0),
            _ => Ok(()),
        })
    }

    fn main_graph(&mut self, wire: &mut Wire, end: u64) -> Result<(), Fault> {
        wire.fields(end, |wire, field, value| {
            match (field, value) {
                (1, Value::Block(block)) => self.node(wire, block, 0)?,
                (5, Value::Block(block)) => {
                    let name = self.tensor(wire, block)?;
                    self.constants.insert(name);
                }
                (11, Value::Block(block)) => self.graph.signature.inputs.push(port(wire, block)?),
                (12, Value::Block(block)) => self.graph.signature.outputs.push(port(wire, block)?),
                _ => {}
            }
            Ok(())
        })
    }

    fn inner_graph(&mut self, wire: &mut Wire, end: u64, depth: u32) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err(Fault::Malformed);
        }
        wire.fields(end, |wire, field, value| match (field, value) {
            (1, Value::Block(block)) => self.node(wire, block, depth),
            (5, Value::Block(block)) => self.tensor(wire, block).map(drop),
            _ => Ok(()),
        })
    }

    fn node(&mut self, wire: &mut Wire, end: u64, depth: u32) -> Result<(), Fault> {
        let (mut name, mut domain) = (String::new(), String::new());
        let (mut takes, mut gives) = (Vec::new(), Vec::new());
        wire.fields(end, |wire, field, value| {
            match (field, value) {
                (1, Value::Block(block)) => takes.push(wire.text(block)?),
                (2, Value::Block(block)) => gives.push(wire.text(block)?),
                (4, Value::Block(block)) => name = wire.text(block)?,
                (5, Value::Block(block)) => self.attribute(wire, block, depth)?,
                (7, Value::Block(block)) => domain = wire.text(block)?,
                _ => {}
            }
            Ok(())
        })?;
        if depth == 0 {
            self.follow(&name, takes, gives);
        }
        self.graph.operators.insert((domain, name));
        Ok(())
    }

    /// Notes what leads from an input to a table of embeddings.
    fn follow(&mut self, operator: &str, takes: Vec<String>, gives: Vec<String>) {
        let mut takes = takes.into_iter();
        match (operator, takes.next(), takes.next(), gives.into_iter().next()) {
            ("Gather", Some(table), Some(places), _) => self.gathers.push((table, places)),
            ("Cast" | "Identity" | "DequantizeLinear", Some(taken), _, Some(given)) => {
                self.aliases.insert(given, taken);
            }
            _ => {}
        }
    }

    /// Attributes hold tensors (5, 10) and graphs (6, 11).
    fn attribute(&mut self, wire: &mut Wire, end: u64, depth: u32) -> Result<(), Fault> {
        wire.fields(end, |wire, field, value| match (field, value) {
            (5 | 10, Value::Block(block)) => self.tensor(wire, block).map(drop),
            (6 | 11, Value::Block(block)) => self.inner_graph(wire, block, depth + 1),
            _ => Ok(()),
        })
    }

    /// The name of a tensor; where its bytes are in another file, that file is noted.
    fn tensor(&mut self, wire: &mut Wire, end: u64) -> Result<String, Fault> {
        let (mut name, mut dims) = (String::new(), Vec::new());
        let mut place: BTreeMap<String, String> = BTreeMap::new();
        wire.fields(end, |wire, field, value| {
            match (field, value) {
                (1, Value::Number(size)) => dims.push(size),
                (1, Value::Block(block)) => wire.numbers(block, &mut dims)?,
                (8, Value::Block(block)) => name = wire.text(block)?,
                (13, Value::Block(block)) => place.extend([pair(wire, block)?]),
                _ => {}
            }
            Ok(())
        })?;
        if let [rows, _] = dims[..] {
            self.tables.insert(name.clone(), rows);
        }
        if let Some(location) = place.get("location") {
            let number = |key| place.get(key).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
            let least = self.graph.external.entry(location.clone()).or_default();
            *least = (*least).max(number("offset").saturating_add(number("length")));
        }
        Ok(name)
    }
}

pub(super) fn pair(wire: &mut Wire, end: u64) -> Result<(String, String), Fault> {
    let (mut key, mut text) = (String::new(), String::new());
    wire.fields(end, |wire, field, value| {
        match (field, value) {
            (1, Value::Block(block)) => key = wire.text(block)?,
            (2, Value::Block(block)) => text = wire.text(block)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok((key, text))
}

fn port(wire: &mut Wire, end: u64) -> Result<Port, Fault> {
    let mut port = Port { name: String::new(), shape: Shape::Other("of a type that the file does not tell".into()) };
    wire.fields(end, |wire, field, value| {
        match (field, value) {
            (1, Value::Block(block)) => port.name = wire.text(block)?,
            (2, Value::Block(block)) => port.shape = shape(wire, block)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(port)
}

fn shape(wire: &mut Wire, end: u64) -> Result<Shape, Fault> {
    let mut shape = Shape::Other("of a type that the file does not tell".into());
    wire.fields(end, |wire, field, value| {
        match (field, value) {
            (1, Value::Block(block)) => shape = tensor_shape(wire, block)?,
            (4, Value::Block(block)) => shape = sequence_shape(wire, block)?,
            (5, Value::Block(_)) => shape = Shape::Other("a map".into()),
            (8, Value::Block(_)) => shape = Shape::Other("a sparse tensor".into()),
            (9, Value::Block(_)) => shape = Shape::Other("optional".into()),
            _ => {}
        }
        Ok(())
    })?;
    Ok(shape)
}

/// A sequence of maps is what a ZipMap gives; of other sequences only the kind is told.
fn sequence_shape(wire: &mut Wire, end: u64) -> Result<Shape, Fault> {
    let mut shape = Shape::Other("a sequence".into());
    wire.fields(end, |wire, _, value| match value {
        Value::Block(block) => wire.fields(block, |_, field, _| {
            if field == 5 {
                shape = Shape::Maps;
            }
            Ok(())
        }),
        _ => Ok(()),
    })?;
    Ok(shape)
}

fn tensor_shape(wire: &mut Wire, end: u64) -> Result<Shape, Fault> {
    let (mut kind, mut dims) = (Element::Other, vec![]);
    wire.fields(end, |wire, field, value| {
        match (field, value) {
            (1, Value::Number(number)) => kind = element(number),
            (2, Value::Block(block)) => dims = dimensions(wire, block)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(Shape::Tensor(kind, dims))
}

fn dimensions(wire: &mut Wire, end: u64) -> Result<Vec<Option<u64>>, Fault> {
    let mut dims = vec![];
    wire.fields(end, |wire, _, value| {
        let Value::Block(block) = value else { return Ok(()) };
        let mut dim = None;
        wire.fields(block, |_, field, value| {
            if let (1, Value::Number(size)) = (field, value) {
                // Some exporters write 0 or -1 for a dimension that may vary.
                dim = (1..=i64::MAX as u64).contains(&size).then_some(size);
            }
            Ok(())
        })?;
        dims.push(dim);
        Ok(())
    })?;
    Ok(dims)
}

/// `TensorProto.DataType`.
fn element(number: u64) -> Element {
    match number {
        1 => Element::Float32,
        2 => Element::UInt8,
        3 => Element::Int8,
        5 => Element::Int16,
        6 => Element::Int32,
        7 => Element::Int64,
        8 => Element::Text,
        9 => Element::Bool,
        10 => Element::Float16,
        11 => Element::Float64,
        _ => Element::Other,
    }
}

#[cfg(test)]
#[path = "graph_tests.rs"]
mod tests;
