//! A text column and the inputs of a model that its tokens fill.
//!
//! One text fills all of them: the tokens, the mask that tells them from padding, and the types.

use super::inputs::{Feed, key};
use super::text::{TextReader, Tokens};
use super::{Element, InputColumns, InputSpec, Inputs, OnnxSpec, Port, Shape, Signature, Tensor, TokenSpec};
use crate::data::{ColumnInfo, ColumnKind, DataError};
use crate::models::Piece;
use ndarray::{ArrayD, IxDyn};
use std::path::Path;
use std::sync::Arc;

/// What an input of a text model holds of each token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Ids,
    Mask,
    Kinds,
}

/// Inputs that come with the tokens and need no word in the audit file, by the names that exporters give.
const COMPANIONS: [(&str, Part); 4] = [
    ("attention_mask", Part::Mask),
    ("input_mask", Part::Mask),
    ("token_type_ids", Part::Kinds),
    ("segment_ids", Part::Kinds),
];

/// One input and what it holds.
#[derive(Debug, Clone, PartialEq)]
struct TokenPort {
    name: String,
    part: Part,
    wide: bool,
    width: Option<usize>,
}

/// A column of texts, how it is read and what it fills.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TextFeed {
    pub(super) column: String,
    pub(super) reader: Arc<TextReader>,
    ports: Vec<TokenPort>,
}

/// Whether an input's name says that it takes tokens of a text.
pub(crate) fn is_of_text(name: &str) -> bool {
    name == "input_ids" || COMPANIONS.iter().any(|(companion, _)| *companion == name)
}

/// What the audit file must say for an input of tokens.
pub(crate) fn advice(name: &str) -> String {
    format!("inputs.{} = {{ text = \"...\", tokenizer = \"tokenizer.json\", max_length = 128 }}", key(name))
}

impl TextFeed {
    /// Reads the tokenizer and settles which inputs the text fills; `None` where no input is a text.
    pub(super) fn plan(
        spec: &OnnxSpec,
        signature: &Signature,
        columns: &[ColumnInfo],
        root: &Path,
    ) -> Result<Option<TextFeed>, Vec<String>> {
        let mut texts = signature.inputs.iter().filter_map(|port| Some((port, text_of(spec, port)?)));
        let Some((first, (column, tokens))) = texts.next() else { return Ok(None) };
        if let Some((other, _)) = texts.find(|(_, text)| *text != (column, tokens)) {
            return Err(vec![format!(
                "inputs {} and {} take different texts; a model reads one text, cut in one way",
                first.name, other.name
            )]);
        }
        let ports: Vec<TokenPort> = signature
            .inputs
            .iter()
            .filter_map(|port| token_port(spec, port))
            .collect::<Result<_, _>>()
            .map_err(|problem| vec![problem])?;
        check_column(first, column, columns).map_err(|problem| vec![problem])?;
        let width = ports.iter().filter_map(|port| port.width).min();
        let reader = TextReader::open(&root.join(&tokens.tokenizer), tokens.max_length.or(width))
            .map_err(|error| vec![error.0])?;
        match width.filter(|&width| reader.length() > width) {
            Some(width) => Err(vec![format!(
                "input {} is {}: it takes {width} tokens, and max_length is {}",
                first.name,
                first.shape,
                reader.length()
            )]),
            None => Ok(Some(TextFeed { column: column.to_owned(), reader: Arc::new(reader), ports })),
        }
    }

    /// Whether the text fills this input.
    pub(super) fn fills(&self, name: &str) -> bool {
        self.ports.iter().any(|port| port.name == name)
    }

    /// The input that takes the tokens themselves.
    pub(super) fn ids(&self) -> Option<&str> {
        self.ports.iter().find(|port| port.part == Part::Ids).map(|port| port.name.as_str())
    }

    /// What the audit file left open, one sentence each.
    pub(super) fn notes(&self, spec: &OnnxSpec) -> Vec<String> {
        let own = |port: &&TokenPort| !spec.inputs.contains_key(&port.name);
        let companions: Vec<&str> = self.ports.iter().filter(own).map(|port| port.name.as_str()).collect();
        let told = spec.inputs.values().any(|input| input.tokens.as_ref().is_some_and(|t| t.max_length.is_some()));
        let masked = self.ports.iter().any(|port| port.part == Part::Mask);
        let filled = (!companions.is_empty())
            .then(|| format!("{} filled from the same text as {}", companions.join(", "), self.ids().unwrap_or("it")));
        let length = (!told).then(|| format!("texts of {} are cut after {} tokens", self.column, self.reader.length()));
        let seen = (!masked).then(|| "the model takes no attention mask, so it reads padding as tokens".to_owned());
        filled.into_iter().chain(length).chain(seen).collect()
    }

    /// The tokens of every row. A null is an error, as for any input of text; an empty text is a text.
    pub(super) fn read(&self, pieces: &[Piece]) -> Result<Vec<Tokens>, DataError> {
        let mut rows = Vec::new();
        for (table, range) in pieces {
            for text in table.texts(&self.column, range.clone())? {
                let text = text.ok_or_else(|| super::fill::null_text(&self.column))?;
                let failed =
                    |cause| DataError(format!("a text of column {} cannot be tokenized: {cause}", self.column));
                rows.push(self.reader.read(&text).map_err(failed)?);
            }
        }
        Ok(rows)
    }

    /// The inputs of these rows side by side, padded to the longest of them.
    pub(super) fn inputs(&self, rows: &[&Tokens]) -> Result<Inputs, DataError> {
        let longest = rows.iter().map(|row| row.ids.len()).max().unwrap_or(0);
        let one = |port: &TokenPort| {
            let cells = self.cells(port.part, rows, port.width.unwrap_or(longest));
            Ok((port.name.clone(), tensor(port.wide, cells, rows.len())?))
        };
        self.ports.iter().map(one).collect()
    }

    fn cells(&self, part: Part, rows: &[&Tokens], width: usize) -> Vec<i64> {
        let padding = self.reader.padding();
        let fill = match part {
            Part::Ids => i64::from(padding.id),
            Part::Kinds => i64::from(padding.kind),
            Part::Mask => 0,
        };
        let mut cells = vec![fill; rows.len() * width];
        for (row, cells) in rows.iter().zip(cells.chunks_mut(width.max(1))) {
            let from = if padding.left { width - row.ids.len() } else { 0 };
            for (at, cell) in cells[from..].iter_mut().take(row.ids.len()).enumerate() {
                *cell = match part {
                    Part::Ids => i64::from(row.ids[at]),
                    Part::Kinds => i64::from(row.kinds[at]),
                    Part::Mask => 1,
                };
            }
        }
        cells
    }
}

impl Feed {
    /// The input that takes tokens, the tokenizer's file name and how many tokens it knows.
    pub fn vocabulary(&self) -> Option<(&str, String, u64)> {
        let text = self.text.as_ref()?;
        let file = text.reader.file().file_name().unwrap_or_default().to_string_lossy().into_owned();
        Some((text.ids()?, file, text.reader.vocabulary()))
    }

    /// The tokenizer's file.
    pub fn tokenizer(&self) -> Option<&Path> {
        self.text.as_ref().map(|text| text.reader.file())
    }
}

/// The column and the tokenizer of an input that takes a text.
fn text_of<'a>(spec: &'a OnnxSpec, port: &Port) -> Option<(&'a str, &'a TokenSpec)> {
    let InputSpec { columns: InputColumns::Column(column), tokens: Some(tokens), .. } = spec.inputs.get(&port.name)?
    else {
        return None;
    };
    Some((column, tokens))
}

/// The input as the text fills it; `None` where it does not.
fn token_port(spec: &OnnxSpec, port: &Port) -> Option<Result<TokenPort, String>> {
    let companion = COMPANIONS.iter().find(|(name, _)| *name == port.name).map(|(_, part)| *part);
    let asked = text_of(spec, port).is_some();
    if !asked && (companion.is_none() || spec.inputs.contains_key(&port.name)) {
        return None;
    }
    let (wide, width) = match &port.shape {
        Shape::Tensor(Element::Int64, dims) if matches!(dims.len(), 0 | 2) => (true, dims.get(1)),
        Shape::Tensor(Element::Int32, dims) if matches!(dims.len(), 0 | 2) => (false, dims.get(1)),
        other => return Some(Err(format!("input {} is {other}, and tokens are int64 or int32 [N, S]", port.name))),
    };
    let width = width.copied().flatten().map(|width| usize::try_from(width).unwrap_or(usize::MAX));
    let part = companion.unwrap_or(Part::Ids);
    Some(Ok(TokenPort { name: port.name.clone(), part, wide, width }))
}

fn check_column(port: &Port, name: &str, columns: &[ColumnInfo]) -> Result<(), String> {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    match columns.iter().find(|column| column.name == name) {
        None => {
            Err(format!("input {}: there is no column {name}{}", port.name, super::inputs::suggestion(name, &names)))
        }
        Some(column) if column.kind != ColumnKind::Text => {
            Err(format!("input {} takes a text, and column {name} holds {}", port.name, column.dtype))
        }
        Some(_) => Ok(()),
    }
}

fn tensor(wide: bool, cells: Vec<i64>, rows: usize) -> Result<Tensor, DataError> {
    let shape = IxDyn(&[rows, cells.len() / rows.max(1)]);
    let wrong = |error: ndarray::ShapeError| DataError(error.to_string());
    if wide {
        return ArrayD::from_shape_vec(shape, cells).map(Tensor::I64).map_err(wrong);
    }
    // A vocabulary has far fewer than 2^31 tokens.
    let cells = cells.into_iter().map(|cell| i32::try_from(cell).unwrap_or(i32::MAX)).collect();
    ArrayD::from_shape_vec(shape, cells).map(Tensor::I32).map_err(wrong)
}
