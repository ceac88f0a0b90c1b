//! Outputs of the kinds that exporters write.

use super::*;
use crate::models::Element;
use ndarray::{Array, IxDyn};

fn port(name: &str, element: Element, dims: &[Option<u64>]) -> Port {
    Port { name: name.into(), shape: Shape::Tensor(element, dims.to_vec()) }
}

fn floating(name: &str, columns: u64) -> Port {
    port(name, Element::Float32, &[None, Some(columns)])
}

fn spec() -> ModelSpec {
    let onnx = OnnxSpec { path: "m.onnx".into(), ..OnnxSpec::default() };
    ModelSpec {
        name: "m".into(),
        version: None,
        source: None,
        predictor: Predictor::Onnx(onnx),
        threshold: Threshold::At(0.5),
        classes: None,
        label: None,
    }
}

fn with(change: impl FnOnce(&mut ModelSpec, &mut OnnxSpec)) -> ModelSpec {
    let mut spec = spec();
    let Predictor::Onnx(mut onnx) = spec.predictor.clone() else { unreachable!() };
    change(&mut spec, &mut onnx);
    spec.predictor = Predictor::Onnx(onnx);
    spec
}

fn classes(names: &[&str]) -> ModelSpec {
    with(|spec, _| spec.classes = Some(names.iter().map(|name| name.to_string()).collect()))
}

fn plan(spec: &ModelSpec, outputs: Vec<Port>, positive: Literal) -> Result<(Reading, Vec<String>), Vec<String>> {
    Reading::plan(spec, Some(&Signature { inputs: vec![], outputs }), &positive)
}

fn one() -> Literal {
    Literal::Integer(1)
}

fn word() -> Literal {
    Literal::Text(">50K".into())
}

fn reading(spec: &ModelSpec, output: Port, positive: Literal) -> Reading {
    plan(spec, vec![output], positive).unwrap().0
}

fn float(shape: &[usize], numbers: &[f64]) -> Output {
    Output::Float(Array::from_shape_vec(IxDyn(shape), numbers.to_vec()).unwrap())
}

fn maps(keys: [&str; 2], scores: &[[f64; 2]]) -> Output {
    Output::Maps(
        scores
            .iter()
            .map(|pair| keys.iter().zip(pair).map(|(key, score)| (key.to_string(), *score)).collect())
            .collect(),
    )
}

#[test]
fn probabilities_of_two_classes() {
    let (reading, notes) =
        plan(&spec(), vec![floating("probabilities", 2), floating("embedding", 16)], word()).unwrap();
    assert_eq!(notes, ["output probabilities is read as probability"]);
    assert_eq!((reading.describe(), reading.output()), ("output probabilities [N, 2], class 1", Some("probabilities")));
    let output = float(&[3, 2], &[0.9, 0.1, 0.25, 0.75, 0.25, 0.75]);
    assert_eq!(reading.scores(&output, 2).unwrap(), [0.1, 0.75], "padding is cut off");
    assert!(matches!(reading.scores(&output, 4), Err(ScoreError::Unreadable(text)) if text.contains("3 rows where 4")));
}

#[test]
fn classes_choose_the_column() {
    let reading = reading(&classes(&[">50K", "<=50K"]), floating("probabilities", 2), word());
    assert_eq!(reading.describe(), "output probabilities [N, 2], class 0");
    assert_eq!(reading.scores(&float(&[1, 2], &[0.9, 0.1]), 1).unwrap(), [0.9]);
    let problem = |spec: &ModelSpec, output| plan(spec, vec![output], word()).unwrap_err().join("\n");
    assert!(
        problem(&classes(&["a", "b"]), floating("p", 2))
            .contains("exactly one of classes = [a, b] has to be the positive class >50K")
    );
    assert!(problem(&classes(&["a", "b", ">50K"]), floating("p", 2)).contains("two classes"));
    assert!(problem(&classes(&[">50K", "a"]), floating("p", 1)).contains("the score of the second class, a"));
}

#[test]
fn logits_of_one_and_of_two_columns() {
    let single = reading(&spec(), floating("logits", 1), one());
    assert_eq!(single.describe(), "output logits [N, 1], log-odds");
    let scores = single.scores(&float(&[3, 1], &[0.0, 800.0, -800.0]), 3).unwrap();
    assert_eq!(scores, [0.5, 1.0, 0.0]);
    let pair = reading(&spec(), floating("logits", 2), one());
    let scores = pair.scores(&float(&[2, 2], &[1.0, 1.0, 0.0, 3f64.ln()]), 2).unwrap();
    assert!((scores[0] - 0.5).abs() < 1e-15 && (scores[1] - 0.75).abs() < 1e-15);
}

#[test]
fn numbers_that_are_no_probabilities_are_told() {
    let reading = reading(&spec(), floating("output", 1), one());
    assert!(reading.scores(&float(&[2], &[1.0 + 5e-7, -5e-7]), 2).is_ok());
    assert!(
        matches!(reading.scores(&float(&[2], &[0.5, 2.5]), 2), Err(ScoreError::Unreadable(text)) if text.contains("output output gave 2.5") && text.contains("kind = \"logit\""))
    );
    assert_eq!(reading.scores(&float(&[3], &[0.5, f64::NAN, f64::INFINITY]), 3), Err(ScoreError::NotFinite(2)));
    assert_eq!(reading.scores(&float(&[3], &[0.5, f64::NAN, f64::NAN]), 1), Ok(vec![0.5]), "padding is not looked at");
    assert_eq!(ScoreError::NotFinite(37).to_string(), "gave NaN or infinite outputs on 37 rows");
}

#[test]
fn scores_are_as_they_are() {
    let spec = with(|_, onnx| onnx.kind = Some(OutputKind::Score));
    assert_eq!(
        reading(&spec, floating("margin", 1), one()).scores(&float(&[2, 1], &[-3.5, 12.0]), 2).unwrap(),
        [-3.5, 12.0]
    );
    let decile = reading(&spec, port("decile", Element::Int64, &[None]), one());
    assert_eq!(decile.scores(&Output::Integer(Array::from_vec(vec![1, 10]).into_dyn()), 2).unwrap(), [1.0, 10.0]);
}

#[test]
fn labels_become_ones_and_zeros() {
    let whole = |numbers: &[i64]| Output::Integer(Array::from_vec(numbers.to_vec()).into_dyn());
    let label = || port("label", Element::Int64, &[None]);
    let plain = reading(&spec(), label(), one());
    assert_eq!(plain.scores(&whole(&[0, 1, 7]), 3).unwrap(), [0.0, 1.0, 0.0]);
    assert_eq!((plain.kind(), plain.threshold(Threshold::At(0.9))), (OutputKind::Label, Threshold::At(0.5)));
    let (coded, notes) = plan(&spec(), vec![label()], word()).unwrap();
    assert!(notes.contains(&"label 1 of output label is taken for >50K".to_owned()));
    assert_eq!(coded.scores(&whole(&[0, 1]), 2).unwrap(), [0.0, 1.0]);
    assert!(
        matches!(coded.scores(&whole(&[1, 2]), 2), Err(ScoreError::Unreadable(text)) if text.contains("gave class 2"))
    );
    let named = reading(&classes(&[">50K", "<=50K"]), label(), word());
    assert_eq!(named.scores(&whole(&[0, 1]), 2).unwrap(), [1.0, 0.0]);
    let text = reading(&spec(), port("label", Element::Text, &[None]), word());
    let texts = Output::Text(Array::from_vec(vec![">50K".to_owned(), "<=50K".to_owned()]).into_dyn());
    assert_eq!(text.scores(&texts, 2).unwrap(), [1.0, 0.0]);
}

#[test]
fn zip_maps_are_read_by_their_keys() {
    let output = || Port { name: "output_probability".into(), shape: Shape::Maps };
    let (found, notes) = plan(&spec(), vec![port("output_label", Element::Int64, &[None]), output()], word()).unwrap();
    assert_eq!(notes, ["output output_probability is read as probability"]);
    assert_eq!(found.describe(), "output output_probability, the score of class >50K");
    let named = maps(["<=50K", ">50K"], &[[0.9, 0.1], [0.2, 0.8]]);
    assert_eq!(found.scores(&named, 2).unwrap(), [0.1, 0.8]);
    assert_eq!(found.scores(&maps(["0", "1"], &[[0.9, 0.1]]), 1).unwrap(), [0.1]);
    assert!(
        matches!(found.scores(&maps(["a", "b"], &[[0.9, 0.1]]), 1), Err(ScoreError::Unreadable(text)) if text.contains("classes a, b, and none of them is >50K"))
    );
    assert_eq!(
        reading(&spec(), output(), Literal::Integer(2)).scores(&maps(["1", "2"], &[[0.9, 0.1]]), 1).unwrap(),
        [0.1]
    );
    assert!(found.scores(&maps(["1", "2"], &[[0.9, 0.1]]), 1).is_err());
}

#[test]
fn outputs_that_cannot_be_told_apart_are_a_problem() {
    let problem = |outputs| plan(&spec(), outputs, one()).unwrap_err().join("\n");
    let several = problem(vec![floating("a", 1), floating("b", 2)]);
    assert!(
        several.contains("say output = \"...\". The outputs are a (float32 [N, 1]), b (float32 [N, 2])"),
        "{several}"
    );
    assert!(problem(vec![floating("embedding", 384)]).contains("cannot be told"));
    let asked = with(|_, onnx| onnx.output = Some("five".into()));
    assert!(
        plan(&asked, vec![floating("five", 5)], one()).unwrap_err()[0].contains("float32 [N, 5]; a binary task needs")
    );
    assert!(
        plan(&asked, vec![floating("six", 1)], one()).unwrap_err()[0]
            .contains("no output five; its outputs are six (float32 [N, 1])")
    );
    assert!(plan(&asked, vec![port("five", Element::Int64, &[None])], one()).is_ok());
    let probability = with(|_, onnx| onnx.kind = Some(OutputKind::Probability));
    assert!(
        plan(&probability, vec![port("label", Element::Int64, &[None])], one()).unwrap_err()[0]
            .contains("cannot be read as kind = \"probability\"")
    );
}

#[test]
fn columns_of_the_data_need_no_model() {
    let column = |predictor| ModelSpec { predictor, ..spec() };
    let (scores, _) = Reading::plan(&column(Predictor::Scores("s".into())), None, &one()).unwrap();
    assert_eq!(
        (scores.describe(), scores.output(), scores.threshold(Threshold::Prevalence)),
        ("scores in column s", None, Threshold::Prevalence)
    );
    let decisions = ModelSpec { threshold: Threshold::Prevalence, ..column(Predictor::Decisions("d".into())) };
    assert!(Reading::plan(&decisions, None, &one()).unwrap_err()[0].contains("needs scores"));
    assert!(Reading::plan(&spec(), None, &one()).is_err());
}

#[test]
fn one_is_one_however_it_is_written() {
    for class in ["1", "1.0", "true", "True"] {
        assert!(
            names(&one(), class) && names(&Literal::Boolean(true), class) && names(&Literal::Float(1.0), class),
            "{class}"
        );
    }
    assert!(
        !names(&one(), "0")
            && !names(&word(), "1")
            && names(&Literal::Text("05".into()), "05")
            && !names(&Literal::Text("05".into()), "5")
    );
}
