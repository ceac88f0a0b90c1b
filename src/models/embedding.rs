//! The output that holds a model's embedding: one vector for each row.

use super::{ModelError, Output, Shape, Signature};
use ndarray::{Array2, Ix2, Slice};

/// Where a model's embedding is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedding {
    /// The output.
    pub output: String,
    /// Numbers of a row, where the file tells.
    pub width: Option<u64>,
    shape: String,
}

/// The embeddings of a chunk's rows, and in how many of them stands a number that is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// `[rows, d]`.
    pub rows: Array2<f32>,
    /// Rows with NaN or infinite numbers.
    pub not_finite: u64,
}

impl Embedding {
    /// Finds the output. The problem says what was found in its place.
    pub fn plan(output: &str, signature: &Signature) -> Result<Embedding, String> {
        let port = signature.outputs.iter().find(|port| port.name == output);
        let names: Vec<String> =
            signature.outputs.iter().map(|port| format!("{} ({})", port.name, port.shape)).collect();
        let port = port.ok_or_else(|| {
            format!("the model has no output {output} to read an embedding from; its outputs are {}", names.join(", "))
        })?;
        match &port.shape {
            Shape::Tensor(element, dims) if element.is_floating() && matches!(dims.len(), 0 | 2) => {
                let width = dims.get(1).copied().flatten();
                Ok(Embedding { output: output.to_owned(), width, shape: port.shape.to_string() })
            }
            shape => Err(format!("output {output} is {shape}; an embedding is floating numbers [N, d], one row each")),
        }
    }

    /// In words, for the report: `embedding float32 [N, 32]`.
    pub fn describe(&self) -> String {
        format!("output {} {}", self.output, self.shape)
    }

    /// The first `rows` rows; what was filled up behind them is cut off.
    pub fn read(&self, output: &Output, rows: usize) -> Result<Embedded, ModelError> {
        let wrong = |what: String| {
            ModelError(format!("output {} {what}; an embedding is floating numbers [N, d]", self.output))
        };
        let Output::Float(array) = output else { return Err(wrong("holds no floating numbers".into())) };
        let shape = array.shape().to_vec();
        let table = array.view().into_dimensionality::<Ix2>().map_err(|_| wrong(format!("has shape {shape:?}")))?;
        if table.nrows() < rows || table.ncols() == 0 {
            return Err(wrong(format!("has shape {shape:?} where {rows} rows were given")));
        }
        let rows = table.slice_axis(ndarray::Axis(0), Slice::from(..rows)).mapv(|number| number as f32);
        let broken = rows.rows().into_iter().filter(|row| row.iter().any(|number| !number.is_finite()));
        Ok(Embedded { not_finite: broken.count() as u64, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{Element, Port};
    use ndarray::{ArrayD, IxDyn, array};

    fn plan(element: Element, dims: &[Option<u64>]) -> Result<Embedding, String> {
        let port = Port { name: "e".into(), shape: Shape::Tensor(element, dims.to_vec()) };
        Embedding::plan("e", &Signature { inputs: vec![], outputs: vec![port] })
    }

    #[test]
    fn an_embedding_is_a_floating_vector_a_row() {
        assert_eq!(plan(Element::Float16, &[None, Some(32)]).unwrap().width, Some(32));
        assert_eq!(plan(Element::Float32, &[]).unwrap().width, None);
        for (element, dims) in
            [(Element::Float32, vec![None]), (Element::Int64, vec![None, Some(3)]), (Element::Float32, vec![None; 3])]
        {
            assert!(plan(element, &dims).unwrap_err().contains("an embedding is floating numbers [N, d]"));
        }
        assert!(Embedding::plan("f", &Signature::default()).unwrap_err().contains("no output f"));
    }

    #[test]
    fn what_was_filled_up_is_cut_off() {
        let embedding = plan(Element::Float32, &[None, None]).unwrap();
        let read =
            embedding.read(&Output::Float(array![[1.0, 2.0], [f64::NAN, 0.0], [9.0, 9.0]].into_dyn()), 2).unwrap();
        assert_eq!((read.rows.dim(), read.not_finite), ((2, 2), 1));
        let deep = Output::Float(ArrayD::zeros(IxDyn(&[2, 2, 2])));
        assert!(embedding.read(&deep, 2).unwrap_err().0.contains("shape [2, 2, 2]"));
        assert!(embedding.read(&Output::Float(ArrayD::zeros(IxDyn(&[1, 2]))), 2).is_err());
    }
}
