//! Maps that fit, and those that leave out or invent classes.

use super::*;
use crate::models::{Element, OnnxSpec, Threshold};
use ndarray::{Array, IxDyn};

const STARS: [&str; 5] = ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"];

fn spec(map: &[(&str, &str)], classes: Option<&[&str]>) -> ModelSpec {
    let onnx = OnnxSpec { path: "m.onnx".into(), ..OnnxSpec::default() };
    ModelSpec {
        name: "m".into(),
        version: None,
        source: None,
        predictor: Predictor::Onnx(onnx),
        threshold: Threshold::At(0.5),
        classes: classes.map(|names| names.iter().map(|name| name.to_string()).collect()),
        map: Some(map.iter().map(|(class, target)| (class.to_string(), target.to_string())).collect()),
        label: None,
    }
}

fn floats(name: &str, columns: u64) -> Port {
    Port { name: name.into(), shape: Shape::Tensor(Element::Float32, vec![None, Some(columns)]) }
}

fn plan(task: Task, spec: &ModelSpec, port: Port, classes: &Classes) -> Result<Reading, String> {
    let signature = Signature { inputs: Vec::new(), outputs: vec![port] };
    Reading::plan(task, spec, Some(&signature), &Literal::Text("pos".into()), classes)
        .map(|planned| planned.unwrap().0)
        .map_err(|problems| problems.join("\n"))
}

fn tensor(shape: &[usize], numbers: &[f64]) -> Output {
    Output::Float(Array::from_shape_vec(IxDyn(shape), numbers.to_vec()).unwrap())
}

#[test]
fn probabilities_of_the_classes_that_stand_for_one_are_added() {
    let map = [("1 star", "neg"), ("2 stars", "neg"), ("4 stars", "pos"), ("5 stars", "pos")];
    let reading = plan(Task::Binary, &spec(&map, Some(&STARS)), floats("p", 5), &Classes::default()).unwrap();
    let output = tensor(&[2, 5], &[0.125, 0.125, 0.25, 0.375, 0.125, 0.1, 0.1, 0.6, 0.1, 0.1]);
    let scores = reading.scores(&output, 2).unwrap();
    assert!((scores[0] - 0.5).abs() < 1e-12 && (scores[1] - 0.2).abs() < 1e-12, "{scores:?}");
    let left = reading.unmapped(&output, 2).unwrap();
    assert_eq!((left.of, left.rows), (2, 1));
    assert!((left.share() - 0.425).abs() < 1e-9, "{}", left.share());
    assert_eq!(reading.ranks(&output, &[0.0, 1.0]), Ok(None));
    assert_eq!(reading.describe(), "output p of float32 [N, 5], 4 of its classes mapped to neg, pos");
}

#[test]
fn log_odds_become_probabilities_first() {
    let reading =
        plan(Task::Binary, &spec(&[("0", "neg"), ("2", "pos")], None), floats("logits", 3), &Classes::default())
            .unwrap();
    let scores = reading.scores(&tensor(&[1, 3], &[1000.0, 1000.0, 1000.0 + 2f64.ln()]), 1).unwrap();
    assert!((scores[0] - 0.5).abs() < 1e-9, "{scores:?}");
    assert_eq!(reading.scores(&tensor(&[1, 3], &[f64::NAN, 0.0, 0.0]), 1), Err(ScoreError::NotFinite(1)));
}

#[test]
fn of_several_classes_the_largest_sum_is_said() {
    let classes = Classes::default();
    let map = [("0", "low"), ("1", "low"), ("2", "high")];
    let reading = plan(Task::Multiclass, &spec(&map, None), floats("p", 3), &classes).unwrap();
    let output = tensor(&[1, 3], &[0.3, 0.3, 0.4]);
    let said = reading.scores(&output, 1).unwrap();
    assert_eq!(classes.names()[said[0] as usize], "low");
    let high = f64::from(classes.number("high").unwrap());
    assert_eq!(reading.ranks(&output, &[high]), Ok(Some(vec![Rank::new(2)])));
}

#[test]
fn labels_and_maps_are_mapped_by_name() {
    let port = Port { name: "l".into(), shape: Shape::Tensor(Element::Text, vec![None]) };
    let reading =
        plan(Task::Binary, &spec(&[("good", "pos"), ("bad", "neg")], None), port, &Classes::default()).unwrap();
    let said = |names: &[&str]| {
        let texts = names.iter().map(|name| name.to_string()).collect();
        reading.scores(&Output::Text(Array::from_shape_vec(IxDyn(&[names.len()]), texts).unwrap()), names.len())
    };
    assert_eq!(said(&["good", "bad"]), Ok(vec![1.0, 0.0]));
    assert!(matches!(said(&["so so"]), Err(ScoreError::Unreadable(why)) if why.contains("which `map` leaves out")));
    let port = Port { name: "z".into(), shape: Shape::Maps };
    let reading = plan(Task::Binary, &spec(&[("good", "pos")], None), port, &Classes::default()).unwrap();
    let zipped = |name: &str| reading.scores(&Output::Maps(vec![vec![(name.into(), 0.7), ("bad".into(), 0.3)]]), 1);
    assert_eq!(zipped("good"), Ok(vec![0.7]));
    assert!(matches!(zipped("fine"), Err(ScoreError::Unreadable(why)) if why.contains("`map` names good")));
}

#[test]
fn a_map_that_does_not_fit_is_a_problem() {
    let classes = Classes::default();
    let said = |map: &[(&str, &str)], names: Option<&[&str]>, port: Port| {
        plan(Task::Binary, &spec(map, names), port, &classes).unwrap_err()
    };
    let found = said(&[("5 star", "pos")], Some(&STARS), floats("p", 5));
    assert!(found.contains("names the class 5 star, which the model does not have (did you mean 5 stars?)"), "{found}");
    let found = said(&[("5 stars", "pos")], None, floats("p", 5));
    assert!(found.contains("classes = [...]"), "{found}");
    assert!(said(&[("5 stars", "neg")], Some(&STARS), floats("p", 5)).contains("maps no class to pos"));
    assert!(said(&[("5 stars", "pos")], Some(&STARS), floats("p", 4)).contains("`classes` names 5"));
    assert!(
        said(&[("0", "pos")], None, Port { name: "y".into(), shape: Shape::Tensor(Element::Float32, vec![None]) })
            .contains("cannot be told")
    );
}
