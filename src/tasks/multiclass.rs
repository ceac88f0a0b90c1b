//! The multiclass task: one of several classes for each row, that with the largest score.

use super::{ScoreError, output};
use crate::evidence::{Classes, MOST_CLASSES, Rank};
use crate::models::{ModelSpec, OnnxSpec, Output, OutputKind, Port, Predictor, Shape, Signature, largest, rank};
use ndarray::ArrayD;

/// How the classes that a model says are had from its output.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    output: String,
    kind: OutputKind,
    /// Names of the classes in the order of the output's columns; codes 0, 1, ... without.
    named: Option<Vec<String>>,
    classes: Classes,
    words: String,
}

impl Reading {
    /// Settles which output is read; see [`super::Reading::plan`]. `None` where predictions are columns.
    pub fn plan(
        spec: &ModelSpec,
        signature: Option<&Signature>,
        classes: &Classes,
    ) -> Result<Option<(Reading, Vec<String>)>, Vec<String>> {
        let Predictor::Onnx(onnx) = &spec.predictor else { return Ok(None) };
        let signature = signature.ok_or_else(|| vec!["the model was not loaded".to_owned()])?;
        let (port, kind, mut notes) = choose(onnx, signature).map_err(|problem| vec![problem])?;
        let width = if let Shape::Tensor(_, dims) = &port.shape { output::columns(dims) } else { None };
        let scored = kind != OutputKind::Label && !matches!(port.shape, Shape::Maps);
        if let (true, Some(names), Some(width)) = (scored, &spec.classes, width)
            && names.len() as u64 != width
        {
            return Err(vec![format!("output {} is {}, and `classes` names {}", port.name, port.shape, names.len())]);
        }
        if scored && spec.classes.is_none() {
            notes.push(format!("the columns of output {} are taken for the classes 0, 1, 2 and so on", port.name));
        }
        let words = format!("output {} of {}, the largest of its columns", port.name, port.shape);
        let words = if scored { words } else { format!("output {} of {}", port.name, port.shape) };
        let (output, named, classes) = (port.name.clone(), spec.classes.clone(), classes.clone());
        Ok(Some((Reading { output, kind, named, classes, words }, notes)))
    }

    /// The output to ask the model for.
    pub fn output(&self) -> Option<&str> {
        Some(&self.output)
    }

    /// The reading in words, for the report.
    pub fn describe(&self) -> &str {
        &self.words
    }

    /// The class of each of the first `rows` rows, by its number.
    pub fn said(&self, output: &Output, rows: usize) -> Result<Vec<f64>, ScoreError> {
        let said = match (output, self.kind) {
            (Output::Text(array), _) => array.iter().take(rows).map(|text| self.labelled(text)).collect(),
            (Output::Integer(array), OutputKind::Label) => {
                array.iter().take(rows).map(|code| self.labelled(&code.to_string())).collect()
            }
            (Output::Float(array), OutputKind::Label) => {
                array.iter().take(rows).map(|code| self.labelled(&code.to_string())).collect()
            }
            (Output::Integer(array), _) => self.rows(&array.mapv(|number| number as f64), rows),
            (Output::Float(array), _) => self.rows(array, rows),
            (Output::Maps(maps), _) => maps.iter().take(rows).map(|map| self.mapped(map)).collect(),
        };
        let said: Vec<f64> = said?;
        let broken = said.iter().filter(|class| class.is_nan()).count();
        match (broken, said.len() == rows) {
            (0, true) => Ok(said),
            (0, false) => Err(self.unreadable(&format!("has {} rows where {rows} were given", said.len()))),
            _ => Err(ScoreError::NotFinite(broken as u64)),
        }
    }

    /// Where each label stands among the classes, best first; see [`rank`]. `None` where the output has no
    /// score for each class. The output is one that [`Reading::said`] has read.
    pub fn ranks(&self, output: &Output, labels: &[f64]) -> Result<Option<Vec<Option<Rank>>>, ScoreError> {
        match output {
            Output::Text(_) => Ok(None),
            Output::Integer(_) | Output::Float(_) if self.kind == OutputKind::Label => Ok(None),
            Output::Integer(array) => self.ranks_of(&array.mapv(|number| number as f64), labels).map(Some),
            Output::Float(array) => self.ranks_of(array, labels).map(Some),
            Output::Maps(maps) => maps.iter().zip(labels).map(|(map, label)| self.rank_of(map, *label)).collect(),
        }
    }

    fn ranks_of(&self, array: &ArrayD<f64>, labels: &[f64]) -> Result<Vec<Option<Rank>>, ScoreError> {
        let width = array.shape().last().copied().unwrap_or_default().max(1);
        let classes: Vec<f64> = (0..width).map(|place| self.place(place)).collect::<Result<_, _>>()?;
        let array = array.as_standard_layout();
        let rows = array.as_slice().unwrap_or_default().chunks_exact(width);
        Ok(rows.zip(labels).map(|(numbers, label)| rank(numbers, &classes, *label)).collect())
    }

    /// Inside a result and an option, so that the rows of a chunk can be collected.
    fn rank_of(&self, map: &[(String, f64)], label: f64) -> Result<Option<Option<Rank>>, ScoreError> {
        let classes: Vec<f64> = map.iter().map(|(name, _)| self.labelled(name)).collect::<Result<_, _>>()?;
        let numbers: Vec<f64> = map.iter().map(|(_, number)| *number).collect();
        Ok(Some(rank(&numbers, &classes, label)))
    }

    /// [N, k]; NaN where a row's numbers are not all finite.
    fn rows(&self, array: &ArrayD<f64>, rows: usize) -> Result<Vec<f64>, ScoreError> {
        let width = match *array.shape() {
            [_, width] if width > 1 => width,
            _ => return Err(self.unreadable(&format!("has shape {:?}, and [N, classes] is needed", array.shape()))),
        };
        if self.named.as_ref().is_some_and(|named| named.len() != width) {
            return Err(self.unreadable(&format!("has {width} columns; `classes` has to name as many")));
        }
        let places: Vec<f64> = (0..width).map(|place| self.place(place)).collect::<Result<_, _>>()?;
        let array = array.as_standard_layout();
        let numbers = array.as_slice().unwrap_or_default().chunks_exact(width).take(rows);
        Ok(numbers.map(|row| largest(row).map_or(f64::NAN, |place| places[place])).collect())
    }

    /// The number of the class of a column.
    fn place(&self, place: usize) -> Result<f64, ScoreError> {
        match &self.named {
            Some(named) => self.number(&named[place]),
            None => self.number(&place.to_string()),
        }
    }

    /// A label, which may be the code of a class that has a name.
    fn labelled(&self, label: &str) -> Result<f64, ScoreError> {
        let place = label.parse::<usize>().ok();
        let named = self.named.as_ref().zip(place).and_then(|(named, place)| named.get(place));
        self.number(named.map_or(label, String::as_str))
    }

    fn mapped(&self, map: &[(String, f64)]) -> Result<f64, ScoreError> {
        let scores: Vec<f64> = map.iter().map(|(_, score)| *score).collect();
        largest(&scores).map_or(Ok(f64::NAN), |place| self.labelled(&map[place].0))
    }

    fn number(&self, name: &str) -> Result<f64, ScoreError> {
        let number = self.classes.number(name).map(f64::from);
        number.ok_or_else(|| self.unreadable(&format!("says more than {MOST_CLASSES} classes, with the labels'")))
    }

    fn unreadable(&self, what: &str) -> ScoreError {
        ScoreError::Unreadable(format!("output {} {what}", self.output))
    }
}

/// The output to read and what it holds: the one asked for, else `probabilities`, else the only one
/// with a number for each class, else the only one of labels.
fn choose<'a>(onnx: &OnnxSpec, signature: &'a Signature) -> Result<(&'a Port, OutputKind, Vec<String>), String> {
    let outputs = &signature.outputs;
    let kind = |port: &Port| onnx.kind.unwrap_or_else(|| output::kind(port));
    if let Some(name) = &onnx.output {
        let found = outputs.iter().find(|port| port.name == *name);
        let port = found
            .ok_or_else(|| format!("the model has no output {name}; its outputs are {}", output::list(outputs)))?;
        let fits = is_scores(port) || is_labels(port);
        let misfit = || format!("output {name} is {}, which says no class of each row", port.shape);
        return if fits { Ok((port, kind(port), Vec::new())) } else { Err(misfit()) };
    }
    let scores: Vec<&Port> = outputs.iter().filter(|port| is_scores(port)).collect();
    let labels: Vec<&Port> = outputs.iter().filter(|port| is_labels(port)).collect();
    let named = scores.iter().find(|port| port.name == "probabilities").copied();
    let port = match (named, &scores[..], &labels[..]) {
        (Some(port), ..) => port,
        (None, [port], _) | (None, [], [port]) => *port,
        _ => {
            return Err(format!(
                "which output holds the classes cannot be told; say output = \"...\". The outputs are {}",
                output::list(outputs)
            ));
        }
    };
    let kind = kind(port);
    Ok((port, kind, vec![format!("output {} is read as {}", port.name, output::kind_word(kind))]))
}

/// A number for each class, or a ZipMap's maps.
fn is_scores(port: &Port) -> bool {
    match &port.shape {
        Shape::Tensor(element, dims) => {
            element.is_floating() && dims.len() == 2 && output::columns(dims).is_none_or(|columns| columns > 1)
        }
        Shape::Maps => true,
        Shape::Other(_) => false,
    }
}

fn is_labels(port: &Port) -> bool {
    matches!(&port.shape, Shape::Tensor(element, dims)
        if element.is_label() && dims.len() <= 2 && output::columns(dims).is_none_or(|columns| columns == 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{Element, Threshold};
    use ndarray::{Array, IxDyn};

    fn reading(port: Port, named: Option<&[&str]>) -> (Reading, Classes) {
        let onnx = OnnxSpec { path: "m.onnx".into(), ..OnnxSpec::default() };
        let (version, source, label) = Default::default();
        let named = named.map(|names| names.iter().map(|name| name.to_string()).collect());
        let (predictor, threshold) = (Predictor::Onnx(onnx), Threshold::At(0.5));
        let spec = ModelSpec { name: "m".into(), version, source, predictor, threshold, classes: named, label };
        let classes = Classes::default();
        let signature = Signature { inputs: Vec::new(), outputs: vec![port] };
        (Reading::plan(&spec, Some(&signature), &classes).unwrap().unwrap().0, classes)
    }

    fn floats(columns: u64) -> Port {
        Port { name: "p".into(), shape: Shape::Tensor(Element::Float32, vec![None, Some(columns)]) }
    }

    fn tensor(shape: &[usize], numbers: &[f64]) -> Output {
        Output::Float(Array::from_shape_vec(IxDyn(shape), numbers.to_vec()).unwrap())
    }

    #[test]
    fn the_largest_column_is_said() {
        let (reading, classes) = reading(floats(3), Some(&["b", "a", "c"]));
        let said = reading.said(&tensor(&[3, 3], &[0.1, 0.8, 0.1, 0.4, 0.4, 0.2, 0.0, 0.0, 1.0]), 2).unwrap();
        let names = classes.names();
        assert_eq!(said.iter().map(|&at| names[at as usize].as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(reading.said(&tensor(&[1, 3], &[f64::NAN, 0.0, 0.0]), 1), Err(ScoreError::NotFinite(1)));
        assert!(matches!(reading.said(&tensor(&[1, 2], &[0.0, 1.0]), 1), Err(ScoreError::Unreadable(_))));
        // What was filled up behind the rows is cut off.
        let scores = tensor(&[3, 3], &[0.1, 0.8, 0.1, 0.5, 0.4, 0.1, 0.0, 0.0, 1.0]);
        let c = f64::from(classes.number("c").unwrap());
        assert_eq!(reading.ranks(&scores, &[c, c]), Ok(Some(vec![Rank::new(2), Rank::new(3)])));
    }

    #[test]
    fn labels_and_maps_name_their_classes() {
        let labels = Port { name: "l".into(), shape: Shape::Tensor(Element::Int64, vec![None]) };
        let (labelled, classes) = reading(labels, Some(&["cat", "dog"]));
        let codes = Output::Integer(Array::from_shape_vec(IxDyn(&[2]), vec![1, 7]).unwrap());
        assert_eq!(labelled.said(&codes, 2), Ok(vec![0.0, 1.0]));
        assert_eq!(classes.names(), ["dog", "7"]);
        let (mapped, classes) = reading(Port { name: "m".into(), shape: Shape::Maps }, None);
        let maps = Output::Maps(vec![vec![("x".into(), 0.2), ("y".into(), 0.7), ("z".into(), 0.1)]]);
        assert_eq!((mapped.said(&maps, 1), classes.names()), (Ok(vec![0.0]), vec!["y".to_owned()]));
        let z = f64::from(classes.number("z").unwrap());
        assert_eq!(mapped.ranks(&maps, &[z]), Ok(Some(vec![Rank::new(3)])));
        assert_eq!(labelled.ranks(&codes, &[0.0, 1.0]), Ok(None));
    }
}
