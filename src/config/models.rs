//! Reads `[models.base]`, `[models.tuned]` and `[models.control]`, or the two paths of the short form.

use super::document::Value;
use super::literal;
use super::problem::{Problem, quoted, suggest};
use super::reader::Reader;
use super::{class_map, pictures, representations};
use crate::data::Literal;
use crate::evidence::MOST_CLASSES;
use crate::models::{InputColumns, InputSpec, ModelSpec, OnnxSpec, OutputKind, Predictor, Threshold, TokenSpec};
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
const ONNX_KEYS: [&str; 7] = ["inputs", "output", "kind", "classes", "map", "embedding", "probe"];

/// Keys that say how scores become decisions, which a regression does not make.
const DECIDING_KEYS: [&str; 5] = ["threshold", "decisions", "kind", "classes", "map"];

/// What a model's settings are checked against.
pub struct Question<'a> {
    /// What the models are asked.
    pub task: Task,
    /// Whether the data has labels.
    pub labels: bool,
    /// The data's positive value, where it was given.
    pub positive: Option<&'a Literal>,
}

/// The models, as far as they could be read.
#[derive(Default)]
pub struct Named {
    /// The base.
    pub base: Side,
    /// The tuned model.
    pub tuned: Side,
    /// The control.
    pub control: Side,
}

/// One of them.
#[derive(Default)]
pub struct Side {
    /// Whether the audit file names it at all.
    pub named: bool,
    /// What was read; `None` where it is absent or faulty.
    pub spec: Option<ModelSpec>,
    /// The other runs of a list.
    pub runs: Vec<ModelSpec>,
}

impl Side {
    fn of(specs: Vec<ModelSpec>) -> Side {
        let mut specs = specs.into_iter();
        Side { named: true, spec: specs.next(), runs: specs.collect() }
    }
}

/// Reads the models; base or tuned must be named.
pub fn read(root: &Reader, question: &Question) -> Named {
    let short = ["base", "tuned"].map(|key| short(root, key));
    let long = root.within("models", |models| ["base", "tuned", "control"].map(|key| long(models, key, question)));
    let ([base, tuned], [long_base, long_tuned, control]) = (short, long.unwrap_or_default());
    let named =
        Named { base: one(root, "base", base, long_base), tuned: one(root, "tuned", tuned, long_tuned), control };
    follows_base(root, &named);
    if !named.base.named && !named.tuned.named {
        let help = "write base = \"base.onnx\" and tuned = \"tuned.onnx\", or [models.base] and [models.tuned]";
        root.report(Problem::at(root.span(), "no model is named").help(help));
    }
    needs_both(root, &named);
    named
}

/// Runs and a control stand beside a tuned model that is held against a base.
fn needs_both(root: &Reader, named: &Named) {
    let both = named.base.named && named.tuned.named;
    for (key, what) in [("models.control", "a control"), ("models.tuned", "a list of runs")] {
        let given = if key == "models.control" { named.control.named } else { !named.tuned.runs.is_empty() };
        if given && !both {
            let span = root.place(key).unwrap_or_else(|| root.span().clone());
            root.report(Problem::at(&span, format!("{what} needs a base and a tuned model")).help("name both"));
        }
    }
}

/// A threshold that is held to the base's needs a base that has one.
fn follows_base(root: &Reader, pair: &Named) {
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
    if let Value::Table(_) = &node.value {
        let problem = Problem::at(&node.span, "a path is wanted here");
        root.report(problem.help(format!("open the table as [models.{key}]")));
        return Side { named: true, ..Side::default() };
    }
    Side::of(several(root, key, key == "tuned").iter().map(|path| of_path(path)).collect())
}

/// A text, or where runs may be given a list of different ones.
fn several(reader: &Reader, key: &str, runs: bool) -> Vec<String> {
    let Some(node) = reader.node(key) else { return Vec::new() };
    if !runs && matches!(node.value, Value::List(_)) {
        let problem = Problem::at(&node.span, "only the tuned model may be a list of runs");
        reader.report(problem.help("name one"));
        return Vec::new();
    }
    let mut texts: Vec<String> = Vec::new();
    for (text, span) in reader.texts(key).unwrap_or_default() {
        if texts.contains(&text) {
            let problem = Problem::at(&span, format!("{} stands here twice", quoted(&text)));
            reader.report(problem.help("a run that is counted twice agrees with itself; name each once"));
        }
        texts.push(text);
    }
    texts
}

fn of_path(path: &str) -> ModelSpec {
    let onnx = OnnxSpec { path: path.into(), ..OnnxSpec::default() };
    let (version, source, classes, map, label) = Default::default();
    ModelSpec {
        name: stem(path),
        version,
        source,
        predictor: Predictor::Onnx(onnx),
        threshold: THRESHOLD,
        classes,
        map,
        label,
    }
}

fn stem(path: &str) -> String {
    Path::new(path).file_stem().map_or_else(|| path.into(), |stem| stem.to_string_lossy().into_owned())
}

fn long(models: &Reader, key: &str, question: &Question) -> Side {
    let Some(node) = models.node(key) else { return Side::default() };
    if let Value::List(_) = &node.value {
        let problem = Problem::at(&node.span, "a model is one table");
        models.report(problem.help("runs of a tuned model are a list of files: path = [\"a.onnx\", \"b.onnx\"]"));
        return Side { named: true, ..Side::default() };
    }
    let specs = models.within(key, |model| {
        if key == "control" {
            same_question(model);
        }
        specs(model, question, key == "tuned")
    });
    Side::of(specs.unwrap_or_default())
}

/// A control is held against the tuned model, so it answers the tuned model's question.
fn same_question(model: &Reader) {
    if model.has("label") {
        let problem = model.at("label", "a control has no label of its own");
        model.report(problem.help("it answers the tuned model's question; leave it out"));
    }
}

/// A model, and of a list of runs each: they differ in nothing but where their predictions come from.
fn specs(model: &Reader, question: &Question, runs: bool) -> Vec<ModelSpec> {
    let (name, version, source) = (model.text("name"), model.text("version"), model.text("source"));
    let label = model.text("label");
    if question.task == Task::Regression {
        undecided(model);
    }
    representations::check_probe(model, question);
    let classes = classes(model, question, label.is_some());
    let map = class_map::read(model, question, classes.as_deref(), label.is_some());
    let predictors = predictors(model, question.task, runs);
    let threshold = threshold(model, predictors.first(), question);
    let named = |(at, predictor): (usize, Predictor)| ModelSpec {
        name: name.as_ref().map_or_else(|| default_name(&predictor), |name| numbered(name, at)),
        version: version.clone(),
        source: source.clone(),
        predictor,
        threshold,
        classes: classes.clone(),
        map: map.clone(),
        label: label.clone(),
    };
    predictors.into_iter().enumerate().map(named).collect()
}

/// The first run has the name that was given, the others a number too.
fn numbered(name: &str, at: usize) -> String {
    if at == 0 { name.into() } else { format!("{name}, run {}", at + 1) }
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

/// Exactly one of `path`, `scores` and `decisions`; several where it is a list of runs.
fn predictors(model: &Reader, task: Task, runs: bool) -> Vec<Predictor> {
    let given: Vec<&str> = ["path", "scores", "decisions"].into_iter().filter(|key| model.has(key)).collect();
    let onnx = onnx(model);
    match given[..] {
        ["path"] => {
            let of = |path| Predictor::Onnx(OnnxSpec { path, ..onnx.clone() });
            several(model, "path", runs).into_iter().map(of).collect()
        }
        [key] => {
            foreign(model, key, task);
            if key == "scores" && task == Task::Multiclass {
                return class_scores(model).map(Predictor::ClassScores).into_iter().collect();
            }
            let of = if key == "scores" { Predictor::Scores } else { Predictor::Decisions };
            several(model, key, runs).into_iter().map(of).collect()
        }
        [] => {
            let help =
                "give the `path` of an ONNX file, or the column of a model that ran elsewhere: `scores` or `decisions`";
            model.report(Problem::at(model.span(), "this model has no predictions").help(help));
            Vec::new()
        }
        [first, second, ..] => {
            let problem = model.at(second, format!("{} stands beside {}", quoted(second), quoted(first)));
            model.report(problem.help("keep one of them"));
            Vec::new()
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

/// How an ONNX file is run, without the file.
fn onnx(model: &Reader) -> OnnxSpec {
    OnnxSpec {
        path: String::new(),
        inputs: model.within("inputs", inputs).unwrap_or_default(),
        output: model.text("output"),
        kind: model.choice("kind", KINDS),
        embedding: model.text("embedding"),
        probe: model.boolean("probe").unwrap_or(false),
    }
}

fn inputs(inputs: &Reader) -> BTreeMap<String, InputSpec> {
    let read = |name: &str| Some((name.to_string(), inputs.within(name, input).flatten()?));
    inputs.names().into_iter().filter_map(|(name, _)| read(name)).collect()
}

/// Exactly one of `columns`, `prefix`, `column`, `text` and `image`.
fn input(input: &Reader) -> Option<InputSpec> {
    let round = input.boolean("round").unwrap_or(false);
    let columns =
        input.texts("columns").map(|list| InputColumns::Columns(list.into_iter().map(|item| item.0).collect()));
    let prefix = input.text("prefix").map(InputColumns::Prefix);
    let column = input.text("column").map(InputColumns::Column);
    let text = input.text("text").map(InputColumns::Column);
    let image = input.text("image").map(InputColumns::Column);
    let (tokens, pictures) = (tokens(input), pictures::read(input));
    let given = ["columns", "prefix", "column", "text", "image"].into_iter().filter(|key| input.has(key)).count();
    if given != 1 {
        let problem = Problem::at(
            input.span(),
            "an input takes exactly one of `columns`, `prefix`, `column`, `text` and `image`",
        );
        input.report(
            problem.help("for example { prefix = \"x_\" }, { columns = [\"age\", \"hours\"] } or { column = \"age\" }"),
        );
    }
    Some(InputSpec { columns: columns.or(prefix).or(column).or(text).or(image)?, round, tokens, image: pictures })
}

/// How a text becomes tokens: `tokenizer` and `max_length` go with `text`, and a text with a tokenizer.
fn tokens(input: &Reader) -> Option<TokenSpec> {
    let tokenizer = input.text("tokenizer");
    let max_length = input.whole("max_length", 1).and_then(|length| usize::try_from(length).ok());
    if input.has("text") {
        input.require("tokenizer", "name the tokenizer.json that was saved with the model");
    }
    for key in ["tokenizer", "max_length"].into_iter().filter(|key| input.has(key) && !input.has("text")) {
        let problem = input.at(key, format!("{} goes with `text`", quoted(key)));
        input.report(problem.help("name the column of texts: text = \"comment\""));
    }
    Some(TokenSpec { tokenizer: tokenizer.filter(|_| input.has("text"))?, max_length })
}

/// The names of the output's columns. One of them is the positive value, or nobody could tell
/// which column to read.
fn classes(model: &Reader, question: &Question, own_label: bool) -> Option<Vec<String>> {
    let classes: Vec<String> = model.literals("classes")?.iter().map(Literal::text).collect();
    if question.task == Task::Multiclass || model.has("map") {
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
        let probed = matches!(predictor, Some(Predictor::Onnx(onnx)) if onnx.probe);
        return if probed { Threshold::Prevalence } else { THRESHOLD };
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
