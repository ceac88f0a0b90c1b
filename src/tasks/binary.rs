//! The binary task: one score for each row, larger meaning more positive.

use super::{ScoreError, output};
use crate::data::Literal;
use crate::models::{ModelSpec, OnnxSpec, Output, OutputKind, Port, Predictor, Shape, Signature, Threshold};
use ndarray::ArrayD;

/// Probabilities may miss [0, 1] by this much: softmax in float32 does.
pub(super) const SLACK: f64 = 1e-6;

/// How the scores of a model are had from its output.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The output; `None` when the predictions are a column of the data.
    output: Option<String>,
    kind: OutputKind,
    /// The column of the positive class, of two.
    column: usize,
    classes: Option<Vec<String>>,
    positive: Literal,
    words: String,
}

impl Reading {
    /// Settles which output is read and how; `signature` is that of the loaded model, `None` where
    /// the predictions are a column. With the reading come sentences on what was inferred.
    pub fn plan(
        spec: &ModelSpec,
        signature: Option<&Signature>,
        positive: &Literal,
    ) -> Result<(Reading, Vec<String>), Vec<String>> {
        let reading = |output, kind, column, words| Reading {
            output,
            kind,
            column,
            classes: spec.classes.clone(),
            positive: positive.clone(),
            words,
        };
        let mut problems: Vec<String> = threshold_problem(spec).into_iter().collect();
        let outcome = match (&spec.predictor, signature) {
            (Predictor::Scores(name), _) => {
                Ok((reading(None, OutputKind::Score, 0, format!("scores in column {name}")), vec![]))
            }
            (Predictor::Decisions(name), _) => {
                Ok((reading(None, OutputKind::Label, 0, format!("decisions in column {name}")), vec![]))
            }
            (Predictor::ClassScores(_), _) => Err(vec!["a binary task takes one column of scores".to_owned()]),
            (Predictor::Onnx(_), None) => Err(vec!["the model was not loaded".to_owned()]),
            (Predictor::Onnx(onnx), Some(signature)) => {
                settle(spec, onnx, signature, positive).map(|(port, kind, column, notes)| {
                    (reading(Some(port.name.clone()), kind, column, words(port, kind, column, positive)), notes)
                })
            }
        };
        match outcome {
            Ok(planned) if problems.is_empty() => Ok(planned),
            Ok(_) => Err(problems),
            Err(found) => {
                problems.extend(found);
                Err(problems)
            }
        }
    }

    /// The output to ask the model for; `None` when the predictions are a column of the data.
    pub fn output(&self) -> Option<&str> {
        self.output.as_deref()
    }

    /// What the output's numbers are.
    pub fn kind(&self) -> OutputKind {
        self.kind
    }

    /// The threshold that holds: labels are 1 or 0, and are told apart at 0.5 whatever was asked.
    pub fn threshold(&self, asked: Threshold) -> Threshold {
        if self.kind == OutputKind::Label { Threshold::At(0.5) } else { asked }
    }

    /// The reading in words, for the report: `output probabilities [N, 2], class 1`.
    pub fn describe(&self) -> &str {
        &self.words
    }

    /// One score for each of the first `rows` rows; what was filled up behind them is cut off.
    pub fn scores(&self, output: &Output, rows: usize) -> Result<Vec<f64>, ScoreError> {
        match (output, self.kind) {
            (Output::Float(array), OutputKind::Label) => {
                array.iter().take(rows).map(|&number| self.labelled(&number.to_string())).collect()
            }
            (Output::Integer(array), OutputKind::Label) => {
                array.iter().take(rows).map(|number| self.labelled(&number.to_string())).collect()
            }
            (Output::Text(array), _) => array.iter().take(rows).map(|text| self.labelled(text)).collect(),
            (Output::Integer(array), _) => self.numbers(&array.mapv(|number| number as f64), rows),
            (Output::Float(array), _) => self.numbers(array, rows),
            (Output::Maps(maps), _) => {
                self.checked(maps.iter().take(rows).map(|map| self.mapped(map)).collect::<Result<_, _>>()?)
            }
        }
        .and_then(|scores| self.all_there(scores, rows))
    }

    /// [N], [N, 1] or [N, 2].
    fn numbers(&self, array: &ArrayD<f64>, rows: usize) -> Result<Vec<f64>, ScoreError> {
        let width = match *array.shape() {
            [_] | [_, 1] => 1,
            [_, 2] => 2,
            _ => {
                return Err(self
                    .unreadable(&format!("has shape {:?}; a binary task needs [N], [N, 1] or [N, 2]", array.shape())));
            }
        };
        let array = array.as_standard_layout();
        let numbers = array.as_slice().unwrap_or_default().chunks_exact(width);
        self.checked(numbers.take(rows).map(|numbers| self.score(numbers)).collect())
    }

    /// The score of one row from the number or the two numbers that the model gave; NaN where one of
    /// them is not finite.
    #[inline]
    fn score(&self, numbers: &[f64]) -> f64 {
        if numbers.iter().any(|number| !number.is_finite()) {
            return f64::NAN;
        }
        match (numbers, self.kind) {
            (&[logit], OutputKind::Logit) => logistic(logit),
            (pair @ &[_, _], OutputKind::Logit) => logistic(pair[self.column] - pair[1 - self.column]),
            (&[number], _) => number,
            (several, _) => several[self.column],
        }
    }

    fn checked(&self, scores: Vec<f64>) -> Result<Vec<f64>, ScoreError> {
        let broken = scores.iter().filter(|score| !score.is_finite()).count();
        if broken > 0 {
            return Err(ScoreError::NotFinite(broken as u64));
        }
        let outside = scores.iter().find(|score| !(-SLACK..=1.0 + SLACK).contains(*score));
        match (self.kind, outside) {
            (OutputKind::Probability, Some(score)) => Err(self.unreadable(&format!(
                "gave {score}, which is no probability; say kind = \"logit\" if these are log-odds, or kind = \"score\""
            ))),
            _ => Ok(scores),
        }
    }

    fn all_there(&self, scores: Vec<f64>, rows: usize) -> Result<Vec<f64>, ScoreError> {
        if scores.len() == rows {
            Ok(scores)
        } else {
            Err(self.unreadable(&format!("has {} rows where {rows} were given", scores.len())))
        }
    }

    /// A label as a score: 1 where it is the positive class.
    fn labelled(&self, label: &str) -> Result<f64, ScoreError> {
        let class = self.class(label);
        match (self.is_code_of_text(class), class) {
            (false, _) => Ok(f64::from(u8::from(names(&self.positive, class)))),
            (true, "1") => Ok(1.0),
            (true, "0") => Ok(0.0),
            (true, other) => Err(self.unreadable(&format!(
                "gave class {other}, and which class is positive cannot be told; say classes = [...]"
            ))),
        }
    }

    /// The score that a ZipMap gives the positive class.
    fn mapped(&self, map: &[(String, f64)]) -> Result<f64, ScoreError> {
        let named = map.iter().find(|(key, _)| names(&self.positive, self.class(key)));
        let codes =
            map.iter().all(|(key, _)| matches!(key.as_str(), "0" | "1") && self.is_code_of_text(self.class(key)));
        let coded = || map.iter().find(|(key, _)| codes && key == "1");
        let keys = || map.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(", ");
        let found = named.or_else(coded).map(|(_, score)| *score);
        found.ok_or_else(|| {
            self.unreadable(&format!(
                "scores the classes {}, and none of them is {}; say classes = [...]",
                keys(),
                self.positive.text()
            ))
        })
    }

    /// The name of a class: `classes` may give names to the codes 0, 1, ...
    fn class<'a>(&'a self, label: &'a str) -> &'a str {
        let place = label.parse::<usize>().ok();
        self.classes.as_ref().zip(place).and_then(|(classes, place)| classes.get(place)).map_or(label, String::as_str)
    }

    /// A number where the positive class is a word such as `>50K`: then 1 stands for it, and 0 does not.
    fn is_code_of_text(&self, class: &str) -> bool {
        matches!(&self.positive, Literal::Text(text) if text.parse::<f64>().is_err()) && class.parse::<f64>().is_ok()
    }

    fn unreadable(&self, what: &str) -> ScoreError {
        ScoreError::Unreadable(format!("output {} {what}", self.output.as_deref().unwrap_or("")))
    }
}

type Settled<'a> = (&'a Port, OutputKind, usize, Vec<String>);

/// Output, kind and column, with what was inferred.
fn settle<'a>(
    spec: &ModelSpec,
    onnx: &OnnxSpec,
    signature: &'a Signature,
    positive: &Literal,
) -> Result<Settled<'a>, Vec<String>> {
    let (port, note) = output::choose(onnx.output.as_deref(), signature).map_err(|problem| vec![problem])?;
    let kind = onnx.kind.unwrap_or_else(|| output::kind(port));
    let read_as = || format!("output {} is read as {}", port.name, output::kind_word(kind));
    let mut notes: Vec<String> = if onnx.kind.is_none() { vec![read_as()] } else { note.into_iter().collect() };
    notes.extend(code_note(spec, port, kind, positive));
    let mut problems: Vec<String> = output::misfit(port, kind).into_iter().collect();
    let column = column(spec, port, kind, positive).unwrap_or_else(|problem| {
        problems.push(problem);
        1
    });
    if problems.is_empty() { Ok((port, kind, column, notes)) } else { Err(problems) }
}

/// Whole-number labels where the positive class is a word.
fn code_note(spec: &ModelSpec, port: &Port, kind: OutputKind, positive: &Literal) -> Option<String> {
    let coded = matches!(&port.shape, Shape::Tensor(element, _) if element.is_label() && *element != crate::models::Element::Text);
    let word = matches!(positive, Literal::Text(text) if text.parse::<f64>().is_err());
    (kind == OutputKind::Label && coded && word && spec.classes.is_none())
        .then(|| format!("label 1 of output {} is taken for {}", port.name, positive.text()))
}

/// The column of the positive class: as `classes` says, else the second of two.
fn column(spec: &ModelSpec, port: &Port, kind: OutputKind, positive: &Literal) -> Result<usize, String> {
    let Some(classes) = &spec.classes else { return Ok(1) };
    let places: Vec<usize> = (0..classes.len()).filter(|&at| names(positive, &classes[at])).collect();
    let [place] = places.as_slice() else {
        return Err(format!(
            "exactly one of classes = [{}] has to be the positive class {}",
            classes.join(", "),
            positive.text()
        ));
    };
    let width = if let Shape::Tensor(_, dims) = &port.shape { output::columns(dims) } else { None };
    match (kind, width) {
        (OutputKind::Label, _) => Ok(*place),
        _ if classes.len() != 2 => {
            Err(format!("a binary task has two classes, and classes = [{}] has {}", classes.join(", "), classes.len()))
        }
        (_, Some(1)) if *place == 0 => Err(format!(
            "output {} is {}: one number for each row, which is the score of the second class, {}, and positive is {}",
            port.name,
            port.shape,
            classes[1],
            positive.text()
        )),
        _ => Ok(*place),
    }
}

fn threshold_problem(spec: &ModelSpec) -> Option<String> {
    let labels = match &spec.predictor {
        Predictor::Decisions(_) => true,
        Predictor::Onnx(onnx) => onnx.kind == Some(OutputKind::Label),
        Predictor::Scores(_) | Predictor::ClassScores(_) => false,
    };
    (labels && !matches!(spec.threshold, Threshold::At(_)))
        .then(|| "a `threshold` that is no number needs scores, and these are decisions".to_owned())
}

fn words(port: &Port, kind: OutputKind, column: usize, positive: &Literal) -> String {
    let (name, shape) = (&port.name, port.shape.to_string());
    let dims = shape.find('[').map_or("", |at| &shape[at..]);
    let pair = matches!(&port.shape, Shape::Tensor(_, dims) if output::columns(dims) == Some(2));
    let class = if pair { format!(", class {column}") } else { String::new() };
    match (&port.shape, kind) {
        (Shape::Maps, _) => format!("output {name}, the score of class {}", positive.text()),
        (_, OutputKind::Label) => format!("output {name} {dims}, label {}", positive.text()),
        (_, OutputKind::Logit) => format!("output {name} {dims}{class}, log-odds"),
        (_, OutputKind::Score) => format!("output {name} {dims}{class}, as it is"),
        (_, OutputKind::Probability) => format!("output {name} {dims}{class}"),
    }
}

/// Whether a class of this name is the value: 1 is 1, 1.0, "1" and true.
pub(super) fn names(value: &Literal, class: &str) -> bool {
    let number = match class {
        "true" | "True" => Some(1.0),
        "false" | "False" => Some(0.0),
        other => other.parse::<f64>().ok(),
    };
    match value {
        Literal::Text(text) => text == class,
        Literal::Boolean(flag) => number == Some(f64::from(u8::from(*flag))),
        Literal::Integer(whole) => number == Some(*whole as f64),
        Literal::Float(value) => number == Some(*value),
    }
}

/// 1 / (1 + exp(-x)), without overflow on either side.
fn logistic(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let odds = x.exp();
        odds / (1.0 + odds)
    }
}

#[cfg(test)]
#[path = "binary_tests.rs"]
mod tests;
