//! The lines of an audit file that a model suggests, for `heirloom inspect`.

use super::output;
use crate::data::ColumnInfo;
use crate::models::inputs::key;
use crate::models::{Feed, OnnxSpec, Port, Shape, Signature, advice, is_of_text};
use std::path::Path;

/// A `[models.ROLE]` table for a model file: its output, and its inputs where `columns` (of the data,
/// if any is given) do not already tell them. What a person has to fill in is left as `...`.
pub fn snippet(role: &str, path: &str, signature: &Signature, columns: Option<&[ColumnInfo]>) -> String {
    let mut lines = vec![format!("[models.{role}]"), format!("path = {}", toml::Value::from(path))];
    lines.push(match output::choose(None, signature) {
        Ok((port, _)) => format!(
            "output = {}    # {}, read as {}",
            toml::Value::from(port.name.as_str()),
            port.shape,
            output::kind_word(output::kind(port))
        ),
        Err(problem) => format!("output = \"...\"    # {problem}"),
    });
    let spec = OnnxSpec { path: path.to_owned(), ..OnnxSpec::default() };
    match columns.map(|columns| Feed::plan(&spec, signature, columns, Path::new(""))) {
        Some(Ok(plan)) => lines.extend(plan.inferred.iter().map(|sentence| format!("# {sentence}"))),
        _ => lines.extend(signature.inputs.iter().map(input)),
    }
    // A name in a comment must not end it.
    let lines: Vec<String> = lines.iter().map(|line| line.replace(char::is_control, " ")).collect();
    lines.join("\n") + "\n"
}

fn input(port: &Port) -> String {
    if is_of_text(&port.name) {
        return text(port);
    }
    let wide = matches!(&port.shape, Shape::Tensor(_, dims) if dims.len() == 2 && dims[1] != Some(1));
    let columns = if wide {
        "{ prefix = \"...\" }".to_owned()
    } else {
        format!("{{ column = {} }}", toml::Value::from(port.name.as_str()))
    };
    format!("inputs.{} = {columns}    # {}", key(&port.name), port.shape)
}

/// The tokens have a line; what is filled with them needs none.
fn text(port: &Port) -> String {
    match port.name.as_str() {
        "input_ids" => format!("{}    # {}", advice(&port.name), port.shape),
        name => format!("# {name} is filled from the same text    # {}", port.shape),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ColumnKind;
    use crate::models::Element;

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
                        inputs.features = { prefix = \"...\" }    # float32 [N, 2]\ninputs.\"age.1\" = { column = \"age.1\" }    # float32 [N, 1]\n";
        let text = snippet("base", "b.onnx", &signature(), None);
        assert_eq!(text, expected);
        assert!(text.parse::<toml::Table>().is_ok());
    }

    #[test]
    fn columns_that_fit_need_no_word() {
        let column = |name: &str| ColumnInfo { name: name.into(), kind: ColumnKind::Float, dtype: "float64".into() };
        let text = snippet("base", "b.onnx", &signature(), Some(&[column("x_1"), column("x_2"), column("age.1")]));
        assert!(
            text.contains("# input features takes the 2 columns whose names start with x_\n")
                && !text.contains("inputs.")
        );
    }
}
