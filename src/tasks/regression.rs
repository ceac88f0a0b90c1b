//! The regression task: one number for each row, in the label's unit.

use super::{ScoreError, output};
use crate::models::{Element, ModelSpec, Output, Port, Predictor, Shape, Signature};
use ndarray::ArrayD;

/// How the predictions of a model are had from its output.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The output; `None` when the predictions are a column of the data.
    output: Option<String>,
    words: String,
}

impl Reading {
    /// Settles which output is read; see [`super::Reading::plan`].
    pub fn plan(spec: &ModelSpec, signature: Option<&Signature>) -> Result<(Reading, Vec<String>), Vec<String>> {
        let of_column = |words: String| Ok((Reading { output: None, words }, Vec::new()));
        match (&spec.predictor, signature) {
            (Predictor::Scores(name), _) => of_column(format!("predictions in column {name}")),
            (Predictor::Decisions(name), _) => {
                Err(vec![format!("column {name} holds decisions, and a regression has none; say scores = \"{name}\"")])
            }
            (Predictor::ClassScores(_), _) => Err(vec!["a regression takes one column of predictions".to_owned()]),
            (Predictor::Onnx(_), None) => Err(vec!["the model was not loaded".to_owned()]),
            (Predictor::Onnx(onnx), Some(signature)) => {
                let (port, note) = choose(onnx.output.as_deref(), signature).map_err(|problem| vec![problem])?;
                let words = format!("output {} of {}", port.name, port.shape);
                Ok((Reading { output: Some(port.name.clone()), words }, note.into_iter().collect()))
            }
        }
    }

    /// The output to ask the model for; `None` when the predictions are a column of the data.
    pub fn output(&self) -> Option<&str> {
        self.output.as_deref()
    }

    /// The reading in words, for the report: `output variable of float32 [N, 1]`.
    pub fn describe(&self) -> &str {
        &self.words
    }

    /// One prediction for each of the first `rows` rows; what was filled up behind them is cut off.
    pub fn scores(&self, output: &Output, rows: usize) -> Result<Vec<f64>, ScoreError> {
        let numbers = match output {
            Output::Float(array) => self.column(array)?,
            Output::Integer(array) => self.column(&array.mapv(|number| number as f64))?,
            Output::Text(_) | Output::Maps(_) => return Err(self.unreadable("holds no numbers")),
        };
        let given: Vec<f64> = numbers.into_iter().take(rows).collect();
        let broken = given.iter().filter(|number| !number.is_finite()).count();
        match (broken, given.len() == rows) {
            (0, true) => Ok(given),
            (0, false) => Err(self.unreadable(&format!("has {} rows where {rows} were given", given.len()))),
            _ => Err(ScoreError::NotFinite(broken as u64)),
        }
    }

    /// [N] or [N, 1].
    fn column(&self, array: &ArrayD<f64>) -> Result<Vec<f64>, ScoreError> {
        match *array.shape() {
            [_] | [_, 1] => Ok(array.iter().copied().collect()),
            _ => Err(self.unreadable(&format!("has shape {:?}; a regression needs [N] or [N, 1]", array.shape()))),
        }
    }

    fn unreadable(&self, what: &str) -> ScoreError {
        ScoreError::Unreadable(format!("output {} {what}", self.output.as_deref().unwrap_or("")))
    }
}

/// The output to read, and a sentence where it was inferred: the only one of one number for each row,
/// or the only floating one of those.
pub(super) fn choose<'a>(asked: Option<&str>, signature: &'a Signature) -> Result<(&'a Port, Option<String>), String> {
    let outputs = &signature.outputs;
    if let Some(name) = asked {
        let port = outputs.iter().find(|port| port.name == name);
        let port =
            port.ok_or_else(|| format!("the model has no output {name}; its outputs are {}", output::list(outputs)))?;
        let misfit = || format!("output {name} is {}; a regression needs one number for each row", port.shape);
        return if is_number(port) { Ok((port, None)) } else { Err(misfit()) };
    }
    let numbers: Vec<&Port> = outputs.iter().filter(|port| is_number(port)).collect();
    let floating: Vec<&Port> = numbers.iter().copied().filter(|port| is_floating(port)).collect();
    let (([port], _) | (_, [port])) = (&numbers[..], &floating[..]) else {
        return Err(format!(
            "which output holds the predictions cannot be told; say output = \"...\". The outputs are {}",
            output::list(outputs)
        ));
    };
    let sentence = (outputs.len() > 1).then(|| format!("output {} is read", port.name));
    Ok((port, sentence))
}

/// One number for each row, as far as the file tells.
fn is_number(port: &Port) -> bool {
    matches!(&port.shape, Shape::Tensor(element, dims)
        if !matches!(element, Element::Text | Element::Bool | Element::Other)
            && dims.len() <= 2
            && output::columns(dims).is_none_or(|columns| columns == 1))
}

fn is_floating(port: &Port) -> bool {
    matches!(&port.shape, Shape::Tensor(element, _) if element.is_floating())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{OnnxSpec, Threshold};
    use ndarray::{Array, IxDyn};

    fn port(name: &str, element: Element, columns: u64) -> Port {
        Port { name: name.into(), shape: Shape::Tensor(element, vec![None, Some(columns)]) }
    }

    fn plan(output: Option<&str>, outputs: Vec<Port>) -> Result<(Reading, Vec<String>), Vec<String>> {
        let output = output.map(String::from);
        let onnx = OnnxSpec { path: "m.onnx".into(), output, ..OnnxSpec::default() };
        let (version, source, classes, label) = Default::default();
        let (predictor, threshold) = (Predictor::Onnx(onnx), Threshold::At(0.5));
        let spec = ModelSpec { name: "m".into(), version, source, predictor, threshold, classes, map: None, label };
        Reading::plan(&spec, Some(&Signature { inputs: Vec::new(), outputs }))
    }

    fn float(shape: &[usize], numbers: &[f64]) -> Output {
        Output::Float(Array::from_shape_vec(IxDyn(shape), numbers.to_vec()).unwrap())
    }

    #[test]
    fn the_only_number_is_the_prediction() {
        let outputs = || vec![port("embedding", Element::Float32, 8), port("variable", Element::Float32, 1)];
        let (reading, said) = plan(None, outputs()).unwrap();
        assert_eq!((reading.output(), said), (Some("variable"), vec!["output variable is read".to_owned()]));
        assert_eq!(reading.describe(), "output variable of float32 [N, 1]");
        assert!(plan(Some("embedding"), outputs()).unwrap_err()[0].contains("one number for each row"));
        let two = vec![port("a", Element::Float32, 1), port("b", Element::Float64, 1)];
        assert!(plan(None, two).unwrap_err()[0].contains("cannot be told"));
        let counts = vec![port("count", Element::Int64, 1)];
        assert_eq!(plan(None, counts).unwrap().0.output(), Some("count"));
    }

    #[test]
    fn numbers_are_taken_as_they_are() {
        let (reading, _) = plan(None, vec![port("y", Element::Float32, 1)]).unwrap();
        assert_eq!(reading.scores(&float(&[3, 1], &[1.5, -2.0, 9.0]), 2), Ok(vec![1.5, -2.0]));
        let whole = Output::Integer(Array::from_shape_vec(IxDyn(&[2]), vec![3, 4]).unwrap());
        assert_eq!(reading.scores(&whole, 2), Ok(vec![3.0, 4.0]));
        assert_eq!(reading.scores(&float(&[2], &[f64::NAN, 1.0]), 2), Err(ScoreError::NotFinite(1)));
        assert!(matches!(reading.scores(&float(&[1, 2], &[1.0, 2.0]), 1), Err(ScoreError::Unreadable(_))));
        assert!(matches!(reading.scores(&float(&[1], &[1.0]), 2), Err(ScoreError::Unreadable(_))));
    }
}
