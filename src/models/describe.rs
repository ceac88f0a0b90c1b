//! Signatures in words: for `heirloom inspect` and for every message that says what was expected.

use super::{Element, Port, Shape, Signature};
use std::fmt;

impl Element {
    /// Its name as ONNX and numpy write it: `float32`, `string`.
    pub fn name(self) -> &'static str {
        match self {
            Element::Float16 => "float16",
            Element::Float32 => "float32",
            Element::Float64 => "float64",
            Element::Int8 => "int8",
            Element::Int16 => "int16",
            Element::Int32 => "int32",
            Element::Int64 => "int64",
            Element::UInt8 => "uint8",
            Element::Bool => "bool",
            Element::Text => "string",
            Element::Other => "of another type",
        }
    }

    /// Whether it is a floating number.
    pub fn is_floating(self) -> bool {
        matches!(self, Element::Float16 | Element::Float32 | Element::Float64)
    }

    /// Whether it can name a class: a whole number, a boolean or a text.
    pub fn is_label(self) -> bool {
        !self.is_floating() && self != Element::Other
    }
}

/// `float32 [N, 57]`. The first open dimension is the rows, `N`; any other is `?`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Tensor(element, dims) if dims.is_empty() => write!(f, "{} [?]", element.name()),
            Shape::Tensor(element, dims) => write!(f, "{} {}", element.name(), bracketed(dims)),
            Shape::Maps => write!(f, "a map from class to score for each row"),
            Shape::Other(name) => write!(f, "{name}"),
        }
    }
}

/// `[N, 57]`.
fn bracketed(dims: &[Option<u64>]) -> String {
    let word = |(axis, dim): (usize, &Option<u64>)| match dim {
        Some(size) => size.to_string(),
        None if axis == 0 => "N".to_owned(),
        None => "?".to_owned(),
    };
    let words: Vec<String> = dims.iter().enumerate().map(word).collect();
    format!("[{}]", words.join(", "))
}

/// What a model asks for and gives, one line for each input and output.
pub fn describe(signature: &Signature) -> String {
    let ports = || signature.inputs.iter().chain(&signature.outputs);
    let width = ports().map(|port| port.name.chars().count()).max().unwrap_or(0);
    let lines = |ports: &[Port]| -> String {
        ports.iter().map(|port| format!("  {:width$}  {}\n", port.name, port.shape)).collect()
    };
    format!("inputs\n{}outputs\n{}", lines(&signature.inputs), lines(&signature.outputs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_reads_as_a_table() {
        let port = |name: &str, shape| Port { name: name.into(), shape };
        let signature = Signature {
            inputs: vec![port("features", Shape::Tensor(Element::Float32, vec![None, Some(57)]))],
            outputs: vec![port("label", Shape::Tensor(Element::Int64, vec![None])), port("maps", Shape::Maps)],
        };
        assert_eq!(
            describe(&signature),
            "inputs\n  features  float32 [N, 57]\noutputs\n  label     int64 [N]\n  maps      a map from class to score for each row\n"
        );
    }
}
