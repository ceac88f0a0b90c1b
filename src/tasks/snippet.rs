//! The lines of an audit file that a model suggests, for `heirloom inspect`.

use super::{Task, multiclass, output, regression};
use crate::data::ColumnInfo;
use crate::models::inputs::{is_narrowed, key};
use crate::models::{
    Element, Embedding, Feed, OnnxSpec, Port, Shape, Signature, advice, image_advice, is_of_images, is_of_text,
};
use std::path::Path;

/// What is known beside a model's file: by default nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// What the model is asked.
    pub task: Task,
    /// The columns of the data.
    pub columns: Option<&'a [ColumnInfo]>,
    /// Columns of numbers that one wide input may take, if there are just as many as it has; the
    /// lists are tried in turn.
    pub numbers: &'a [Vec<String>],
    /// The column of texts that a model of texts may read.
    pub text: Option<&'a str>,
    /// The column of pictures, or of their paths.
    pub image: Option<&'a str>,
    /// Names of the classes in the order in which a model is likely to have them.
    pub classes: &'a [String],
}

/// A `[models.ROLE]` table for a model file: its output, and its inputs where the columns of the data
/// do not already tell them. What a person has to fill in is left as `...`.
pub fn snippet(role: &str, path: &str, signature: &Signature, beside: Beside<'_>) -> String {
    let spec = OnnxSpec { path: path.to_owned(), ..OnnxSpec::default() };
    let mut lines = vec![format!("[models.{role}]"), format!("path = {}", toml::Value::from(path))];
    lines.extend(output_lines(&spec, signature, beside));
    lines.extend(embedding(signature));
    match beside.columns.map(|columns| Feed::plan(&spec, signature, columns, Path::new(""))) {
        Some(Ok(plan)) => {
            lines.extend(plan.inferred.iter().map(|sentence| format!("# {sentence}")));
            let narrowed = plan.feed.narrowed(beside.columns.unwrap_or_default());
            lines.extend(narrowed.iter().map(|(name, columns)| rounded(name, columns)));
        }
        _ => lines.extend(signature.inputs.iter().map(|port| input(port, beside))),
    }
    // A name in a comment must not end it.
    let lines: Vec<String> = lines.iter().map(|line| line.replace(char::is_control, " ")).collect();
    lines.join("\n") + "\n"
}

/// The output that is read; where it numbers classes that have names, also these.
fn output_lines(spec: &OnnxSpec, signature: &Signature, beside: Beside<'_>) -> Vec<String> {
    let chosen = match beside.task {
        Task::Binary => output::choose(None, signature).map(|(port, _)| (port, Some(output::kind(port)))),
        Task::Multiclass => multiclass::choose(spec, signature).map(|(port, kind, _)| (port, Some(kind))),
        Task::Regression => regression::choose(None, signature).map(|(port, _)| (port, None)),
    };
    let (port, kind) = match chosen {
        Ok(chosen) => chosen,
        Err(problem) => return vec![format!("output = \"...\"    # {problem}")],
    };
    let read = kind.map_or(String::new(), |kind| format!(", read as {}", output::kind_word(kind)));
    let line = format!("output = {}    # {}{read}", toml::Value::from(port.name.as_str()), port.shape);
    std::iter::once(line).chain(classes(port, beside)).collect()
}

/// Whether a model may have been made for this task, by its outputs.
pub fn may_be_for(task: Task, signature: &Signature) -> bool {
    match task {
        Task::Binary => output::choose(None, signature).is_ok(),
        Task::Multiclass => multiclass::choose(&OnnxSpec::default(), signature).is_ok_and(|(port, ..)| !is_pair(port)),
        Task::Regression => regression::choose(None, signature).is_ok(),
    }
}

/// Two numbers for each row: those of a binary task.
fn is_pair(port: &Port) -> bool {
    matches!(&port.shape, Shape::Tensor(_, dims) if output::columns(dims) == Some(2))
}

/// Classes that an output has by number, in the order of their names.
fn classes(port: &Port, beside: Beside<'_>) -> Option<String> {
    let Shape::Tensor(element, dims) = &port.shape else { return None };
    let fits = element.is_floating() && output::columns(dims) == Some(beside.classes.len() as u64);
    let names: Vec<toml::Value> = beside.classes.iter().map(|name| toml::Value::from(name.as_str())).collect();
    (beside.task == Task::Multiclass && fits)
        .then(|| format!("classes = {}    # guessed: the label's values in their order", toml::Value::from(names)))
}

/// The output that calls itself an embedding, if one does.
fn embedding(signature: &Signature) -> Option<String> {
    let called = |port: &&Port| port.name.to_lowercase().contains("embedding");
    let port = signature.outputs.iter().filter(called).find(|port| Embedding::plan(&port.name, signature).is_ok())?;
    Some(format!("embedding = {}    # {}", toml::Value::from(port.name.as_str()), port.shape))
}

fn input(port: &Port, beside: Beside<'_>) -> String {
    if is_of_text(&port.name) {
        return text(port, beside.text);
    }
    if is_of_images(port) {
        return named(&image_advice(&port.name), beside.image, port);
    }
    let (filling, guessed) = match &port.shape {
        Shape::Tensor(_, dims) if dims.len() == 2 && dims[1] != Some(1) => wide(dims[1], beside),
        _ => single(&port.name, beside),
    };
    let element = if let Shape::Tensor(element, _) = &port.shape { *element } else { Element::Other };
    let round = is_narrowed(element, filling.names(), beside.columns.unwrap_or_default());
    let guessed = if guessed { "; guessed" } else { "" };
    format!("inputs.{} = {}    # {}{guessed}", key(&port.name), filling.words(round), port.shape)
}

/// Columns of an input.
enum Filling {
    One(Vec<String>),
    Many(Vec<String>),
    Open,
}

impl Filling {
    fn names(&self) -> &[String] {
        match self {
            Filling::One(names) | Filling::Many(names) => names,
            Filling::Open => &[],
        }
    }

    /// As the audit file has it.
    fn words(&self, round: bool) -> String {
        let round = if round { ", round = true" } else { "" };
        match self {
            Filling::One(names) => format!("{{ column = {}{round} }}", toml::Value::from(names.concat())),
            Filling::Many(names) => format!("{{ columns = {}{round} }}", toml::Value::from(names.clone())),
            Filling::Open => "{ prefix = \"...\" }".to_owned(),
        }
    }
}

/// The columns of a wide input, and whether they are guessed.
fn wide(width: Option<u64>, beside: Beside<'_>) -> (Filling, bool) {
    match beside.numbers.iter().find(|names| Some(names.len() as u64) == width) {
        Some(names) => (Filling::Many(names.clone()), true),
        None => (Filling::Open, false),
    }
}

/// The column of an input: exporters number a name that an output has too.
fn single(port: &str, beside: Beside<'_>) -> (Filling, bool) {
    let columns = beside.columns.unwrap_or_default();
    let known = |name: &str| columns.iter().any(|column| column.name == name);
    let plain = port.trim_end_matches(|c: char| c.is_ascii_digit());
    let renamed = !known(port) && known(plain);
    (Filling::One(vec![if renamed { plain } else { port }.to_owned()]), renamed)
}

/// An input that has fewer digits than its columns.
fn rounded(port: &str, columns: &[String]) -> String {
    let filling = if let [_] = columns { Filling::One(columns.to_vec()) } else { Filling::Many(columns.to_vec()) };
    format!("inputs.{} = {}    # float64 is rounded", key(port), filling.words(true))
}

/// The tokens have a line; what is filled with them needs none.
fn text(port: &Port, column: Option<&str>) -> String {
    match port.name.as_str() {
        "input_ids" => named(&advice(&port.name), column, port),
        name => format!("# {name} is filled from the same text    # {}", port.shape),
    }
}

/// The advice with its column, where one is likely.
fn named(advice: &str, column: Option<&str>, port: &Port) -> String {
    match column {
        Some(column) => {
            let advice = advice.replacen("\"...\"", &toml::Value::from(column).to_string(), 1);
            format!("{advice}    # {}; guessed", port.shape)
        }
        None => format!("{advice}    # {}", port.shape),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ColumnKind;

    fn signature() -> Signature {
        let port = |name: &str, columns| Port {
            name: name.into(),
            shape: Shape::Tensor(Element::Float32, vec![None, Some(columns)]),
        };
        Signature {
            inputs: vec![port("features", 2), port("age.1", 1)],
            outputs: vec![port("probabilities", 2), port("embedding", 16)],
        }
    }

    #[test]
    fn a_model_alone_leaves_its_columns_open() {
        let expected = "[models.base]\npath = \"b.onnx\"\noutput = \"probabilities\"    # float32 [N, 2], read as probability\n\
                        embedding = \"embedding\"    # float32 [N, 16]\n\
                        inputs.features = { prefix = \"...\" }    # float32 [N, 2]\ninputs.\"age.1\" = { column = \"age.1\" }    # float32 [N, 1]\n";
        let text = snippet("base", "b.onnx", &signature(), Beside::default());
        assert_eq!(text, expected);
        assert!(text.parse::<toml::Table>().is_ok());
    }

    #[test]
    fn columns_that_fit_need_no_word() {
        let column = |name: &str| ColumnInfo { name: name.into(), kind: ColumnKind::Float, dtype: "float32".into() };
        let columns = [column("x_1"), column("x_2"), column("age.1")];
        let text = snippet("base", "b.onnx", &signature(), Beside { columns: Some(&columns), ..Beside::default() });
        assert!(
            text.contains("# input features takes the 2 columns whose names start with x_\n")
                && !text.contains("inputs.")
        );
    }

    #[test]
    fn what_fits_in_number_or_nearly_in_name_is_guessed() {
        let column = |name: &str| ColumnInfo { name: name.into(), kind: ColumnKind::Float, dtype: "float64".into() };
        let columns = [column("height"), column("weight"), column("age.")];
        let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        let numbers = [names(&["height", "weight", "age."]), names(&["height", "weight"])];
        let beside = Beside { columns: Some(&columns), numbers: &numbers, ..Beside::default() };
        let text = snippet("base", "b.onnx", &signature(), beside);
        assert!(text.contains(
            "inputs.features = { columns = [\"height\", \"weight\"], round = true }    # float32 [N, 2]; guessed\n"
        ));
        assert!(
            text.contains("inputs.\"age.1\" = { column = \"age.\", round = true }    # float32 [N, 1]; guessed\n"),
            "{text}"
        );
    }

    #[test]
    fn columns_of_more_digits_are_rounded() {
        let column = |name: &str| ColumnInfo { name: name.into(), kind: ColumnKind::Float, dtype: "float64".into() };
        let columns = [column("x_1"), column("x_2"), column("age.1")];
        let text = snippet("base", "b.onnx", &signature(), Beside { columns: Some(&columns), ..Beside::default() });
        assert!(
            text.contains("inputs.features = { columns = [\"x_1\", \"x_2\"], round = true }    # float64 is rounded\n")
        );
    }

    #[test]
    fn classes_by_number_get_the_labels_names() {
        let classes = ["a".to_owned(), "b".to_owned()];
        let beside = Beside { task: Task::Multiclass, classes: &classes, ..Beside::default() };
        let text = snippet("base", "b.onnx", &signature(), beside);
        assert!(text.contains("classes = [\"a\", \"b\"]    # guessed"), "{text}");
    }
}
