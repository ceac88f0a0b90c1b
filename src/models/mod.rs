//! Models: what a model asks for and says, and how columns become its inputs.
//!
//! A runtime is one implementation of [`Model`]; a model that ran elsewhere is a column of the data.

mod batches;
mod classes;
mod column;
mod describe;
mod embedding;
mod fill;
mod image;
pub use fill::Piece;
pub mod inputs;
pub mod onnx;
mod sentences;
pub mod spec;
mod text;
mod tokens;

pub use batches::Batches;
pub use classes::{ClassColumns, largest, numbered, rank};
pub use column::Column;
pub use describe::describe;
pub use embedding::{Embedded, Embedding};
pub use image::{IMAGE_CHUNK, Unread};
pub(crate) use image::{image_advice, is_of_images};
pub use inputs::{Feed, Plan};
pub use sentences::{Sentence, Sentences};
pub use spec::{ImageSpec, InputColumns, InputSpec, ModelSpec, OnnxSpec, OutputKind, Predictor, Threshold, TokenSpec};
pub use text::{TextReader, Tokens};
pub(crate) use tokens::{advice, is_of_text};

use ndarray::ArrayD;

/// One input tensor. The first axis is the row.
#[derive(Debug, Clone, PartialEq)]
pub enum Tensor {
    /// 32-bit floats.
    F32(ArrayD<f32>),
    /// 64-bit floats.
    F64(ArrayD<f64>),
    /// 64-bit integers.
    I64(ArrayD<i64>),
    /// 32-bit integers.
    I32(ArrayD<i32>),
    /// Bytes: pictures as they are.
    U8(ArrayD<u8>),
    /// Booleans.
    Bool(ArrayD<bool>),
    /// Strings.
    Text(ArrayD<String>),
}

/// The named inputs of one chunk of rows.
pub type Inputs = Vec<(String, Tensor)>;

/// One output of one chunk of rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Floating numbers (float16, float32 and float64 alike), `[N]` or `[N, k]`.
    Float(ArrayD<f64>),
    /// Whole numbers, `[N]` or `[N, 1]`: classes.
    Integer(ArrayD<i64>),
    /// Texts, `[N]` or `[N, 1]`: class names.
    Text(ArrayD<String>),
    /// scikit-learn's ZipMap: for each row the score of each class by its name.
    Maps(Vec<Vec<(String, f64)>>),
}

/// The element type of a tensor, by its ONNX name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Element {
    Float16,
    Float32,
    Float64,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    Bool,
    Text,
    Other,
}

/// What one input or output looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A tensor; a dimension that may vary is `None`, and the list is empty where the file does not
    /// tell the shape at all.
    Tensor(Element, Vec<Option<u64>>),
    /// A sequence of maps from class to score.
    Maps,
    /// Anything else, by its name.
    Other(String),
}

/// A named input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name in the file.
    pub name: String,
    /// What it looks like.
    pub shape: Shape,
}

/// Everything a model asks for and gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signature {
    /// Inputs in file order.
    pub inputs: Vec<Port>,
    /// Outputs in file order.
    pub outputs: Vec<Port>,
}

/// A model that can be run. `&mut`, since a session of ONNX Runtime is: one per lane.
pub trait Model: Send {
    /// What it asks for and gives.
    fn signature(&self) -> &Signature;
    /// Runs one chunk once and returns the outputs of those names, in that order.
    fn predict_all(&mut self, inputs: &Inputs, outputs: &[&str]) -> Result<Vec<Output>, ModelError>;

    /// Runs one chunk and returns the output of that name.
    fn predict(&mut self, inputs: &Inputs, output: &str) -> Result<Output, ModelError> {
        let mut outputs = self.predict_all(inputs, &[output])?;
        outputs.pop().ok_or_else(|| ModelError(format!("output {output} was not given")))
    }
}

/// Why a model could not be loaded or run. Every message tells what, where and what to do next.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ModelError(pub String);
