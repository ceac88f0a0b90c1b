//! Reads `[models.base]` and `[models.tuned]`, or the two paths of the short form.

use super::document::{Node, Value};
use super::literal;
use super::problem::{Problem, quoted, suggest};
use super::reader::Reader;
use crate::data::Literal;
use crate::evidence::MOST_CLASSES;
use crate::models::{InputColumns, InputSpec, ModelSpec, OnnxSpec, OutputKind, Predictor, Threshold};
use crate::tasks::Task;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The decision threshold where none is given.
const THRESHOLD: Threshold = Threshold::At(0.5);
/// Thresholds that are no number.
const THRESHOLDS: &[(&str, Threshold)] =
    &[("prevalence", Threshold::Prevalence), ("shared", Threshold::Shared), ("matched", Threshold::Matched)];
const KINDS: &[(&str, OutputKind)] = &[
    ("probability", OutputKind::Probability),
    ("logit", OutputKind::Logit),
    ("label", OutputKind::Label),
    ("score", OutputKind::Score),
];
/// Keys that say how an ONNX file is run, and so go with `path` alone.
const ONNX_KEYS: [&str; 4] = ["inputs", "output", "kind", "classes"];

/// Keys that say how scores become decisions, which a regression does not make.
const DECIDING_KEYS: [&str; 4] = ["threshold", "decisions", "kind", "classes"];

/// What a model's settings are checked against.
pub struct Question<'a> {
    /// What the models are asked.
    pub task: Task,
    /// Whether the data has labels.
    pub labels: bool,
    /// The data's positive value, where it was given.
    pub positive: Option<&'a Literal>,
}

/// The two models, as far as they could be read.
#[derive(Default)]
pub struct Pair {
    /// The base.
    pub base: Side,
    /// The tuned model.
    pub tuned: Side,
}

/// One of the two.
#[derive(Default)]
pub struct Side {
    /// Whether the audit file names it at all.
    pub named: bool,
    /// What was read; `None` where it is absent or faulty.
    pub spec: Option<ModelSpec>,
}

/// Reads both models; at least one must be named.
pub fn read(root: &Reader, question: &Question) -> Pair {
    let short = (short(root, "base"), short(root, "tuned"));
    let long = root.within("models", |models| {
        models.later(&["control"]);
        (long(models, "base", question), long(models, "tuned", question))
    });
    let long = long.unwrap_or_default();
    let pair = Pair { base: one(root, "base", short.0, long.0), tuned: one(root, "tuned", short.1, long.1) };
    follows_base(root, &pair);
    if !pair.base.named && !pair.tuned.named {
        let help = "write base = \"base.onnx\" and tuned = \"tuned.onnx\", or [models.base] and [models.tuned]";
        root.report(Problem::at(root.span(), "no model is named").help(help));
    }
    pair
}

/// A threshold that is held to the base's needs a base that has one.
fn follows_base(root: &Reader, pair: &Pair) {
    let threshold = |side: &Side| side.spec.as_ref().map(|spec| spec.threshold);
    let follows = |side: &Side| matches!(threshold(side), Some(Threshold::Shared | Threshold::Matched));
    let decides = pair.base.spec.as_ref().is_some_and(|spec| matches!(spec.predictor, Predictor::Decisions(_)));
    let (key, why) = match () {
        _ if follows(&pair.base) => ("base", "the base's threshold cannot follow the base's"),
        _ if !follows(&pair.tuned) => return,
        _ if !pair.base.named => ("tuned", "this threshold follows the base's, and there is no base"),
        _ if decides && threshold(&pair.tuned) == Some(Threshold::Shared) => {
            ("tuned", "this threshold is the base's, which gives decisions and has none")
        }
        _ => return,
    };
    let place = root.place(&format!("models.{key}.threshold")).unwrap_or_else(|| root.span().clone());
    root.report(Problem::at(&place, why).help("give the threshold as a number, or \"prevalence\""));
}

fn one(root: &Reader, key: &str, short: Side, long: Side) -> Side {
    if short.named && long.named {
        let problem = root.at(key, format!("{} is given twice", quoted(key)));
        root.report(problem.help(format!("keep this line or [models.{key}], not both")));
    }
    if short.named { short } else { long }
}

fn short(root: &Reader, key: &str) -> Side {
    let Some(node) = root.node(key) else { return Side::default() };
    root.mark(format!("models.{key}"), &node.span);
    let spec = match &node.value {
        Value::List(_) => several(root, node),
        Value::Table(_) => {
            let problem = Problem::at(&node.span, "a path is wanted here");
            root.report(problem.help(format!("open the table as [models.{key}]")));
            None
        }
        _ => root.text(key).map(|path| of_path(&path)),
    };
    Side { named: true, spec }
}

fn several<T>(reader: &Reader, node: &Node) -> Option<T> {
    let problem = Problem::at(&node.span, "a list of runs is not supported by this version");
    reader.report(problem.help("audit one tuned model at a time"));
    None
}

fn of_path(path: &str) -> ModelSpec {
    let onnx = OnnxSpec { path: path.into(), inputs: BTreeMap::new(), output: None, kind: None };
    let (version, source, classes, label) = Default::default();
    ModelSpec {
        name: stem(path),
        version,
        source,
        predictor: Predictor::Onnx(onnx),
        threshold: THRESHOLD,
        classes,
        label,
    }
}

fn stem(path: &str) -> String {
    Path::new(path).file_stem().map_or_else(|| path.into(), |stem| stem.to_string_lossy().into_owned())
}

fn long(models: &Reader, key: &str, question: &Question) -> Side {
    let Some(node) = models.node(key) else { return Side::default() };
    let spec = match &node.value {
        Value::List(_) => several(models, node),
        _ => models.within(key, |model| spec(model, question)).flatten(),
    };
    Side { named: true, spec }
}

fn spec(model: &Reader, question: &Question) -> Option<ModelSpec> {
    model.later(&["map"]);
    if model.text("embedding").is_some() {
        model.note(format!("`{}` is left unread: this version measures no representations", model.path("embedding")));
    }
    let (name, version, source) = (model.text("name"), model.text("version"), model.text("source"));
    let label = model.text("label");
    if question.task == Task::Regression {
        undecided(model);
    }
    let classes = classes(model, question, label.is_some());
    let predictor = predictor(model, question.task);
    let threshold = threshold(model, predictor.as_ref(), question);
    let predictor = predictor?;
    let name = name.unwrap_or_else(|| default_name(&predictor));
    Some(ModelSpec { name, version, source, predictor, threshold, classes, label })
}

/// A regression decides nothing.
fn undecided(model: &Reader) {
    for key in DECIDING_KEYS.into_iter().filter(|key| model.has(key)) {
        let problem = model.at(key, format!("a regression has no {}", quoted(key)));
        model.report(problem.help("leave it out; predictions that ran elsewhere are `scores`"));
    }
}

fn default_name(predictor: &Predictor) -> String {
    match predictor {
        Predictor::Onnx(onnx) => stem(&onnx.path),
        Predictor::Scores(column) | Predictor::Decisions(column) => column.clone(),
        Predictor::ClassScores(InputColumns::Column(name) | InputColumns::Prefix(name)) => name.clone(),
        Predictor::ClassScores(InputColumns::Columns(names)) => names.first().cloned().unwrap_or_default(),
    }
}

/// Exactly one of `path`, `scores` and `decisions`.
fn predictor(model: &Reader, task: Task) -> Option<Predictor> {
    let given: Vec<&str> = ["path", "scores", "decisions"].into_iter().filter(|key| model.has(key)).collect();
    let onnx = onnx(model);
    match given[..] {
        ["path"] => onnx.map(Predictor::Onnx),
        [key] => {
            foreign(model, key, task);
            if key == "scores" && task == Task::Multiclass {
                return class_scores(model).map(Predictor::ClassScores);
            }
            let column = model.text(key)?;
            Some(if key == "scores" { Predictor::Scores(column) } else { Predictor::Decisions(column) })
        }
        [] => {
            let help =
                "give the `path` of an ONNX file, or the column of a model that ran elsewhere: `scores` or `decisions`";
            model.report(Problem::at(model.span(), "this model has no predictions").help(help));
            None
        }
        [first, second, ..] => {
            let problem = model.at(second, format!("{} stands beside {}", quoted(second), quoted(first)));
            model.report(problem.help("keep one of them"));
            None
        }
    }
}

/// A column of scores for each class: a list of them, or `{ prefix = "p_" }`.
fn class_scores(model: &Reader) -> Option<InputColumns> {
    let node = model.node("scores")?;
    match node.value {
        Value::Table(_) => {
            model.within("scores", |scores| scores.require("prefix", "give what the columns' names start with"));
            model.within("scores", |scores| scores.text("prefix").map(InputColumns::Prefix)).flatten()
        }
        Value::List(_) => {
            let names = model.texts("scores")?.into_iter().map(|item| item.0).collect();
            Some(InputColumns::Columns(names))
        }
        _ => {
            let problem = Problem::at(&node.span, "a multiclass model has a column of scores for each class");
            model.report(problem.help("write scores = { prefix = \"p_\" }, a list of columns, or decisions = \"...\""));
            None
        }
    }
}

fn foreign(model: &Reader, key: &str, task: Task) {
    let named = task == Task::Multiclass && key == "scores";
    for onnx in ONNX_KEYS.into_iter().filter(|key| model.has(key) && !(named && *key == "classes")) {
        let problem = model.at(onnx, format!("{} goes with `path`, not with {}", quoted(onnx), quoted(key)));
        model.report(problem.help("leave it out"));
    }
}

fn onnx(model: &Reader) -> Option<OnnxSpec> {
    let inputs = model.within("inputs", inputs).unwrap_or_default();
    let (output, kind) = (model.text("output"), model.choice("kind", KINDS));
    let node = model.node("path")?;
    if matches!(node.value, Value::List(_)) {
        return several(model, node);
    }
    Some(OnnxSpec { path: model.text("path")?, inputs, output, kind })
}

fn inputs(inputs: &Reader) -> BTreeMap<String, InputSpec> {
    let read = |name: &str| Some((name.to_string(), inputs.within(name, input).flatten()?));
    inputs.names().into_iter().filter_map(|(name, _)| read(name)).collect()
}

/// Exactly one of `columns`, `prefix` and `column`.
fn input(input: &Reader) -> Option<InputSpec> {
    input.later(&["text", "tokenizer", "max_length"]);
    let round = input.boolean("round").unwrap_or(false);
    let columns =
        input.texts("columns").map(|list| InputColumns::Columns(list.into_iter().map(|item| item.0).collect()));
    let prefix = input.text("prefix").map(InputColumns::Prefix);
    let column = input.text("column").map(InputColumns::Column);
    let given = ["columns", "prefix", "column", "text"].into_iter().filter(|key| input.has(key)).count();
    if given != 1 {
        let problem = Problem::at(input.span(), "an input takes exactly one of `columns`, `prefix` and `column`");
        input.report(
            problem.help("for example { prefix = \"x_\" }, { columns = [\"age\", \"hours\"] } or { column = \"age\" }"),
        );
    }
    Some(InputSpec { columns: columns.or(prefix).or(column)?, round })
}

/// The names of the output's columns. One of them is the positive value, or nobody could tell
/// which column to read.
fn classes(model: &Reader, question: &Question, own_label: bool) -> Option<Vec<String>> {
    let classes: Vec<String> = model.literals("classes")?.iter().map(Literal::text).collect();
    if question.task == Task::Multiclass {
        several_classes(model, &classes);
    } else if classes.len() != 2 || classes[0] == classes[1] {
        let problem = model.at("classes", "a binary model has two different classes");
        model.report(problem.help("name them in the order of the output's columns"));
    } else if let Some(positive) = question.positive.filter(|_| !own_label)
        && !classes.iter().any(|class| literal::is_class(positive, class))
    {
        let positive = positive.text();
        let problem = model.at("classes", format!("the positive value {} is none of the classes", quoted(&positive)));
        model.report(problem.maybe_help(suggest(&positive, classes.iter().map(String::as_str))));
    }
    Some(classes)
}

/// From two to a thousand names, each once.
fn several_classes(model: &Reader, classes: &[String]) {
    let different = classes.iter().collect::<BTreeSet<_>>().len();
    if different < classes.len() || !(2..=MOST_CLASSES).contains(&different) {
        let message = format!("a multiclass model has 2 to {MOST_CLASSES} different classes");
        model.report(model.at("classes", message).help("name them in the order of the output's columns"));
    }
}

fn threshold(model: &Reader, predictor: Option<&Predictor>, question: &Question) -> Threshold {
    let kind = match predictor {
        Some(Predictor::Decisions(_)) => Some(OutputKind::Label),
        Some(Predictor::Onnx(onnx)) => onnx.kind,
        _ => None,
    };
    let Some(node) = model.node("threshold") else {
        if kind == Some(OutputKind::Score) && question.task == Task::Binary {
            let problem =
                Problem::at(model.span(), "`kind = \"score\"` needs a `threshold`: the scale of a score is not known");
            model.report(
                problem.help("give the score from which a decision is positive, or threshold = \"prevalence\""),
            );
        }
        return THRESHOLD;
    };
    if question.task == Task::Multiclass {
        model.report(Problem::at(&node.span, "a multiclass model has no `threshold`").help("leave it out"));
    }
    if kind == Some(OutputKind::Label) {
        model.report(Problem::at(&node.span, "a model that gives decisions has no `threshold`").help("leave it out"));
    }
    match &node.value {
        Value::Text(_) => named_threshold(model, question),
        _ => {
            let bounded = matches!(kind, Some(OutputKind::Probability | OutputKind::Logit));
            let range = if bounded { "between 0 and 1: it is held against a probability" } else { "finite" };
            model
                .as_number(node, range, |number| !bounded || (0.0..=1.0).contains(&number))
                .map_or(THRESHOLD, Threshold::At)
        }
    }
}

fn named_threshold(model: &Reader, question: &Question) -> Threshold {
    let threshold = model.choice("threshold", THRESHOLDS);
    if threshold == Some(Threshold::Prevalence) && !question.labels {
        let problem = model.at("threshold", "this threshold counts positive labels, and no label column is given");
        model.report(problem.help("give `label`, or the threshold as a number"));
    }
    threshold.unwrap_or(THRESHOLD)
}
