//! Which columns fill which input of a model, settled before anything runs.
//!
//! What the audit file leaves open is inferred where there is one way only, and told; whatever does
//! not fit is a problem, and all problems of a model come at once.

use super::image::{ImageFeed, image_advice, is_of_images};
use super::tokens::{TextFeed, advice, is_of_text};
use super::{Element, InputColumns, InputSpec, OnnxSpec, Port, Shape, Signature};
use crate::data::{ColumnInfo, ColumnKind, Want};
use std::collections::BTreeMap;
use std::path::Path;

/// The most rows that a model may insist on: chunks of more would not fit in memory.
const LARGEST_BATCH: u64 = 1 << 20;

/// One input and the columns that fill it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) element: Element,
    /// The model asks for [N]; else [N, d].
    pub(super) flat: bool,
    pub(super) columns: Vec<String>,
    pub(super) round: bool,
}

/// How the inputs of a model are filled from a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Feed {
    pub(super) slots: Vec<Slot>,
    pub(super) text: Option<TextFeed>,
    pub(super) image: Option<ImageFeed>,
    pub(super) batch: Option<usize>,
}

/// A feed, and what was inferred to make it, one sentence each.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// How the inputs are filled.
    pub feed: Feed,
    /// What the audit file left open.
    pub inferred: Vec<String>,
}

impl Feed {
    /// Finds columns for every input. The problems are sentences that name the input, what it asks
    /// for and what was found. `root` is where the audit file's paths start.
    pub fn plan(
        spec: &OnnxSpec,
        signature: &Signature,
        columns: &[ColumnInfo],
        root: &Path,
    ) -> Result<Plan, Vec<String>> {
        let mut problems = unknown_inputs(spec, signature);
        let mut slots = vec![];
        let mut notes = Notes::default();
        let text =
            TextFeed::plan(spec, signature, columns, root).map_err(|found| [problems.clone(), found].concat())?;
        notes.others.extend(text.iter().flat_map(|text| text.notes(spec)));
        let image =
            ImageFeed::plan(spec, signature, columns, root).map_err(|found| [problems.clone(), found].concat())?;
        notes.others.extend(image.iter().flat_map(ImageFeed::notes));
        let filled = |port: &&Port| {
            text.as_ref().is_some_and(|text| text.fills(&port.name))
                || image.as_ref().is_some_and(|image| image.fills(&port.name))
        };
        for port in signature.inputs.iter().filter(|port| !filled(port)) {
            match fit(port, asked(spec, signature, port), columns, &mut notes) {
                Ok(slot) => slots.push(slot),
                Err(found) => problems.extend(found),
            }
        }
        let batch = batch(signature).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        match problems.is_empty() {
            true => Ok(Plan { feed: Feed { slots, text, image, batch }, inferred: notes.sentences() }),
            false => Err(problems),
        }
    }

    /// The columns that are read, and how; one that fills several inputs comes once for each want.
    pub fn columns(&self) -> Vec<(String, Want)> {
        let mut columns: Vec<(String, Want)> = self.text.iter().map(|text| (text.column.clone(), Want::Text)).collect();
        columns.extend(self.image.iter().map(ImageFeed::column));
        for slot in &self.slots {
            let want = if slot.element == Element::Text { Want::Text } else { Want::Number };
            for name in &slot.columns {
                if !columns.iter().any(|(known, wanted)| known == name && *wanted == want) {
                    columns.push((name.clone(), want));
                }
            }
        }
        columns
    }

    /// Inputs of float16 or float32 with their columns, where these hold numbers of more digits.
    pub fn narrowed(&self, columns: &[ColumnInfo]) -> Vec<(&str, &[String])> {
        let narrowed = self.slots.iter().filter(|slot| is_narrowed(slot.element, &slot.columns, columns));
        narrowed.map(|slot| (slot.name.as_str(), &slot.columns[..])).collect()
    }

    /// The number of rows that the model insists on: a chunk then has just as many.
    pub fn batch(&self) -> Option<usize> {
        self.batch
    }
}

/// Whether an input has fewer digits than one of its columns may hold. Text of a CSV file has none of its own.
pub(crate) fn is_narrowed(element: Element, names: &[String], columns: &[ColumnInfo]) -> bool {
    let wide = |column: &&ColumnInfo| column.kind == ColumnKind::Float && column.dtype == Element::Float64.name();
    matches!(element, Element::Float16 | Element::Float32)
        && columns.iter().filter(wide).any(|column| names.contains(&column.name))
}

/// What was inferred: inputs that take the columns of their names share a sentence, and so do those
/// whose names differ from their columns' in hyphens and the like.
#[derive(Default)]
struct Notes {
    namesakes: Vec<String>,
    renamed: Vec<String>,
    others: Vec<String>,
}

impl Notes {
    fn sentences(self) -> Vec<String> {
        let first = match self.namesakes.as_slice() {
            [] => None,
            [name] => Some(format!("input {name} takes the column of its name")),
            names => Some(format!("inputs {} take the columns of their names", names.join(", "))),
        };
        let second =
            (!self.renamed.is_empty()).then(|| format!("inputs of nearly the same name: {}", self.renamed.join(", ")));
        first.into_iter().chain(second).chain(self.others).collect()
    }
}

/// Names in the audit file that are no inputs.
fn unknown_inputs(spec: &OnnxSpec, signature: &Signature) -> Vec<String> {
    let names: Vec<&str> = signature.inputs.iter().map(|port| port.name.as_str()).collect();
    let unknown = spec.inputs.keys().filter(|name| alike(name, &names).is_none());
    unknown
        .map(|name| {
            format!("the model has no input {name}{}; its inputs are {}", suggestion(name, &names), names.join(", "))
        })
        .collect()
}

/// What the audit file says of an input, by its name or by a name that differs in hyphens only.
fn asked<'a>(spec: &'a OnnxSpec, signature: &Signature, port: &Port) -> Option<&'a InputSpec> {
    let names: Vec<&str> = signature.inputs.iter().map(|port| port.name.as_str()).collect();
    let same = |key: &str| alike(key, &names).is_some_and(|at| names[at] == port.name);
    spec.inputs.get(&port.name).or_else(|| spec.inputs.iter().find(|(key, _)| same(key)).map(|(_, input)| input))
}

/// The rows that all inputs with a fixed first dimension agree on.
fn batch(signature: &Signature) -> Result<Option<usize>, String> {
    let mut fixed: Vec<(&str, u64)> = vec![];
    for port in &signature.inputs {
        if let Shape::Tensor(_, dims) = &port.shape {
            fixed.extend(dims.first().copied().flatten().map(|rows| (port.name.as_str(), rows)));
        }
    }
    let Some(&(name, rows)) = fixed.first() else { return Ok(None) };
    match fixed.iter().find(|(_, other)| *other != rows) {
        _ if !(1..=LARGEST_BATCH).contains(&rows) => Err(format!(
            "input {name} takes exactly {rows} rows at once, which cannot be run; export the model with a free first dimension"
        )),
        Some((other, count)) => Err(format!(
            "input {name} takes {rows} rows at a time and input {other} {count}; such a model cannot be run on rows"
        )),
        None => Ok(Some(rows as usize)),
    }
}

fn fit(port: &Port, asked: Option<&InputSpec>, columns: &[ColumnInfo], notes: &mut Notes) -> Result<Slot, Vec<String>> {
    let (element, flat, width) = layout(port).map_err(|problem| vec![problem])?;
    let chosen = match asked {
        Some(input) => listed(port, &input.columns, columns)?,
        None => inferred(port, width, columns, notes).map_err(|problem| vec![problem])?,
    };
    let mut problems: Vec<String> = chosen.iter().filter_map(|column| misfit(port, element, column)).collect();
    if width.is_some_and(|width| width != chosen.len() as u64) || chosen.is_empty() {
        problems.push(format!(
            "input {} is {} and takes {} columns, not {}",
            port.name,
            port.shape,
            width.unwrap_or(1),
            chosen.len()
        ));
    }
    let columns = chosen.iter().map(|column| column.name.clone()).collect();
    let round = asked.is_some_and(|input| input.round);
    if problems.is_empty() {
        Ok(Slot { name: port.name.clone(), element, flat, columns, round })
    } else {
        Err(problems)
    }
}

/// Element, whether it is [N], and its width where the file tells.
fn layout(port: &Port) -> Result<(Element, bool, Option<u64>), String> {
    let refused = |why: &str| Err(format!("input {} is {}, and {why}", port.name, port.shape));
    let Shape::Tensor(element, dims) = &port.shape else { return refused("only tensors can be filled from columns") };
    if is_of_images(port) {
        return refused(&format!("pictures fill it. Say which: {}", image_advice(&port.name)));
    }
    if matches!(element, Element::Int8 | Element::Int16 | Element::UInt8 | Element::Other) {
        return refused(
            "only float16, float32, float64, int32, int64, bool and string inputs can be filled from columns",
        );
    }
    match dims.as_slice() {
        [] => Ok((*element, false, None)),
        [_] => Ok((*element, true, Some(1))),
        [_, width] => Ok((*element, false, *width)),
        _ => refused("only inputs of one or two dimensions can be filled from columns"),
    }
}

/// The columns that the audit file names.
fn listed<'a>(
    port: &Port,
    asked: &InputColumns,
    columns: &'a [ColumnInfo],
) -> Result<Vec<&'a ColumnInfo>, Vec<String>> {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let find = |name: &String| {
        let missing = || format!("input {}: there is no column {name}{}", port.name, suggestion(name, &names));
        columns.iter().find(|column| column.name == *name).ok_or_else(missing)
    };
    match asked {
        InputColumns::Column(name) => Ok(vec![find(name).map_err(|problem| vec![problem])?]),
        InputColumns::Prefix(prefix) => {
            Ok(columns.iter().filter(|column| column.name.starts_with(prefix.as_str())).collect())
        }
        InputColumns::Columns(list) => {
            let (found, missing): (Vec<_>, Vec<_>) = list.iter().map(find).partition(Result::is_ok);
            let missing: Vec<String> = missing.into_iter().filter_map(Result::err).collect();
            if missing.is_empty() { Ok(found.into_iter().flatten().collect()) } else { Err(missing) }
        }
    }
}

/// The column of the input's name, else the one prefix with as many columns as the input is wide.
fn inferred<'a>(
    port: &Port,
    width: Option<u64>,
    columns: &'a [ColumnInfo],
    notes: &mut Notes,
) -> Result<Vec<&'a ColumnInfo>, String> {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    if width.is_none_or(|width| width == 1)
        && let Some(at) = alike(&port.name, &names)
    {
        match names[at] == port.name {
            true => notes.namesakes.push(port.name.clone()),
            false => notes.renamed.push(format!("{} takes column {}", port.name, names[at])),
        }
        return Ok(vec![&columns[at]]);
    }
    let groups = prefixes(&names);
    let fitting: Vec<&String> = groups
        .iter()
        .filter(|(_, count)| Some(**count as u64) == width && **count > 1)
        .map(|(prefix, _)| prefix)
        .collect();
    match fitting.as_slice() {
        [prefix] => {
            let chosen: Vec<&ColumnInfo> =
                columns.iter().filter(|column| column.name.starts_with(prefix.as_str())).collect();
            notes.others.push(format!(
                "input {} takes the {} columns whose names start with {prefix}",
                port.name,
                chosen.len()
            ));
            Ok(chosen)
        }
        _ => Err(unfilled(port, width, &names, &groups, &fitting)),
    }
}

/// Why nothing could be inferred, and how to say it.
fn unfilled(
    port: &Port,
    width: Option<u64>,
    names: &[&str],
    groups: &BTreeMap<String, usize>,
    fitting: &[&String],
) -> String {
    let (name, shape) = (&port.name, &port.shape);
    if is_of_text(name) {
        return format!("input {name} is {shape}: tokens of a text. Say which: {}.", advice("input_ids"));
    }
    let say = format!("Say which columns: inputs.{} = {{ columns = [...] }} or {{ prefix = \"...\" }}.", key(name));
    match (width, fitting) {
        (Some(1), _) => format!(
            "input {name} is {shape}, and there is no column {name}{}. Say which: inputs.{} = {{ column = \"...\" }}.",
            suggestion(name, names),
            key(name)
        ),
        (None, _) => format!("input {name} is {shape}: its width is open, and there is no column {name}. {say}"),
        (Some(width), []) => {
            format!("input {name} is {shape}, and no prefix has exactly {width} columns{}. {say}", largest(groups))
        }
        (Some(width), several) => {
            let several: Vec<&str> = several.iter().map(|prefix| prefix.as_str()).collect();
            format!("input {name} is {shape}, and several prefixes have {width} columns: {}. {say}", several.join(", "))
        }
    }
}

fn largest(groups: &BTreeMap<String, usize>) -> String {
    let group = groups.iter().max_by_key(|(_, count)| **count).filter(|(_, count)| **count > 1);
    group.map_or(String::new(), |(prefix, count)| format!(" (the largest, {prefix}, has {count})"))
}

/// Prefixes that end in `_` with the number of their columns; of prefixes with the same columns the shortest.
fn prefixes(names: &[&str]) -> BTreeMap<String, usize> {
    let ends = |name: &str| -> Vec<String> { name.match_indices('_').map(|(at, _)| name[..=at].to_owned()).collect() };
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    for prefix in names.iter().flat_map(|name| ends(name)) {
        let count = names.iter().filter(|name| name.starts_with(&prefix)).count();
        groups.insert(prefix, count);
    }
    let all = groups.clone();
    let shorter = |prefix: &str, count: usize| {
        all.iter()
            .any(|(other, &same)| same == count && other.len() < prefix.len() && prefix.starts_with(other.as_str()))
    };
    groups.retain(|prefix, count| !shorter(prefix, *count));
    groups
}

/// Why a column cannot fill an input of this element.
fn misfit(port: &Port, element: Element, column: &ColumnInfo) -> Option<String> {
    let fits = match column.kind {
        ColumnKind::Other => false,
        ColumnKind::Text => element == Element::Text,
        ColumnKind::Integer | ColumnKind::Float | ColumnKind::Boolean => true,
    };
    let problem =
        || format!("input {} is {}, and column {} holds {}", port.name, port.shape, column.name, column.dtype);
    (!fits).then(problem)
}

/// The one name that is equal, or else equal but for hyphens, spaces and dots, which exporters turn
/// into underscores. `None` where several are.
fn alike(name: &str, names: &[&str]) -> Option<usize> {
    let plain = |name: &str| -> String {
        name.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' }).collect()
    };
    if let Some(at) = names.iter().position(|other| *other == name) {
        return Some(at);
    }
    let mut same = (0..names.len()).filter(|&at| plain(names[at]) == plain(name));
    same.next().filter(|_| same.next().is_none())
}

/// ` (did you mean age?)`, where something is close.
pub(crate) fn suggestion(name: &str, names: &[&str]) -> String {
    let near = names.iter().map(|other| (strsim::jaro_winkler(name, other), other)).filter(|(near, _)| *near > 0.85);
    let best = near.max_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or(String::new(), |(_, other)| format!(" (did you mean {other}?)"))
}

/// A name as a TOML key.
pub(crate) fn key(name: &str) -> String {
    let bare =
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-');
    if bare { name.to_owned() } else { toml::Value::from(name).to_string() }
}

#[cfg(test)]
#[path = "inputs_tests.rs"]
mod tests;
