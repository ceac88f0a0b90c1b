//! Which output of a model is read, and what its numbers are, where the audit file does not say.

use crate::models::{OutputKind, Port, Shape, Signature};

/// The output to read, and a sentence where it was inferred: `probabilities`, else the only one that
/// can hold scores, else the only one that can hold labels.
pub(super) fn choose<'a>(asked: Option<&str>, signature: &'a Signature) -> Result<(&'a Port, Option<String>), String> {
    if let Some(name) = asked {
        let port = signature.outputs.iter().find(|port| port.name == name);
        return port
            .map(|port| (port, None))
            .ok_or_else(|| format!("the model has no output {name}; its outputs are {}", list(&signature.outputs)));
    }
    let scores: Vec<&Port> = signature.outputs.iter().filter(|port| may_be_scores(&port.shape)).collect();
    let labels: Vec<&Port> = signature.outputs.iter().filter(|port| may_be_labels(&port.shape)).collect();
    let named = scores.iter().find(|port| port.name == "probabilities").copied();
    let only = |ports: &[&'a Port]| if let [port] = ports { Some(*port) } else { None };
    let chosen = named.or_else(|| only(&scores)).or_else(|| if scores.is_empty() { only(&labels) } else { None });
    let chosen = chosen.ok_or_else(|| {
        format!(
            "which output holds the scores cannot be told; say output = \"...\". The outputs are {}",
            list(&signature.outputs)
        )
    })?;
    let sentence = (signature.outputs.len() > 1).then(|| format!("output {} is read", chosen.name));
    Ok((chosen, sentence))
}

/// Outputs in words, for messages.
pub(super) fn list(ports: &[Port]) -> String {
    ports.iter().map(|port| format!("{} ({})", port.name, port.shape)).collect::<Vec<_>>().join(", ")
}

/// Floating, for each row one number or one for each of two classes; or a ZipMap's maps.
fn may_be_scores(shape: &Shape) -> bool {
    match shape {
        Shape::Tensor(element, dims) => {
            element.is_floating() && columns(dims).is_none_or(|columns| columns <= 2) && dims.len() <= 2
        }
        Shape::Maps => true,
        Shape::Other(_) => false,
    }
}

fn may_be_labels(shape: &Shape) -> bool {
    matches!(shape, Shape::Tensor(element, dims) if element.is_label() && columns(dims).is_none_or(|columns| columns == 1) && dims.len() <= 2)
}

/// Numbers for each row where the file tells.
pub(super) fn columns(dims: &[Option<u64>]) -> Option<u64> {
    match dims {
        [_] => Some(1),
        [_, columns] => *columns,
        _ => None,
    }
}

/// What the numbers of an output are, by its type and name.
pub(super) fn kind(port: &Port) -> OutputKind {
    match &port.shape {
        Shape::Tensor(element, _) if element.is_label() => OutputKind::Label,
        _ if port.name.to_lowercase().contains("logit") => OutputKind::Logit,
        _ => OutputKind::Probability,
    }
}

/// The word for it, as in `kind = "logit"`.
pub(super) fn kind_word(kind: OutputKind) -> &'static str {
    match kind {
        OutputKind::Probability => "probability",
        OutputKind::Logit => "logit",
        OutputKind::Label => "label",
        OutputKind::Score => "score",
    }
}

/// Why an output cannot be read as this kind.
pub(super) fn misfit(port: &Port, kind: OutputKind) -> Option<String> {
    let fits = match (&port.shape, kind) {
        (Shape::Maps, kind) => kind == OutputKind::Probability || kind == OutputKind::Score,
        (Shape::Tensor(element, _), OutputKind::Label) => element.is_label() || element.is_floating(),
        (Shape::Tensor(element, _), OutputKind::Score) => element.is_floating() || element.is_label(),
        (Shape::Tensor(element, _), _) => element.is_floating(),
        (Shape::Other(_), _) => false,
    };
    let widest = if kind == OutputKind::Label { 1 } else { 2 };
    let narrow = match &port.shape {
        Shape::Tensor(_, dims) => dims.len() <= 2 && columns(dims).is_none_or(|columns| columns <= widest),
        _ => true,
    };
    let wanted =
        if widest == 1 { "one label for each row" } else { "one number for each row, or one for each of two classes" };
    match (fits, narrow) {
        (true, true) => None,
        (false, _) => Some(format!(
            "output {} is {}, which cannot be read as kind = \"{}\"",
            port.name,
            port.shape,
            kind_word(kind)
        )),
        (true, false) => Some(format!("output {} is {}; a binary task needs {wanted}", port.name, port.shape)),
    }
}
