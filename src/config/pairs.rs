//! Reads `[pairs]`: what is exchanged in a row to make its counterpart.

use super::document::{Node, Value};
use super::known::Complaint;
use super::problem::{Problem, quoted, suggest};
use super::reader::Reader;
use crate::data::Literal;
use crate::data::pairs::{Flip, FlipSpec, PairsSpec, swap_list};
use crate::evidence::{PAIRS, SliceId};
use crate::result::AuditResult;
use std::collections::BTreeMap;
use std::path::Path;

/// The kinds of pairs that there are, with their sides; those besides the first have findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PairKinds {
    sides: BTreeMap<String, Vec<String>>,
    /// Whether a file of pairs may hold others.
    open: bool,
}

impl PairKinds {
    /// Those of a stored result.
    pub fn of_result(result: &AuditResult) -> PairKinds {
        let mut kinds = PairKinds::default();
        for one in result.pairs.iter().flat_map(|pairs| &pairs.directions) {
            let sides = kinds.sides.entry(one.kind.clone()).or_insert_with(|| vec![one.first.clone()]);
            sides.push(one.second.clone());
        }
        kinds
    }

    /// The slice of a pair's second side, as a check names it.
    pub(super) fn slice(&self, id: &SliceId) -> Result<(), Complaint> {
        let [(attribute, side)] = &id.parts[..] else {
            return Err(Complaint::new("pairs cannot be crossed", Some("name their slice alone".into())));
        };
        self.attribute(attribute)?;
        let Some(sides) = self.sides.get(kind(attribute)) else { return Ok(()) };
        match sides.iter().position(|one| one == side) {
            Some(0) => {
                let help = "it is what the others are held against; name one of those";
                Err(Complaint::new(format!("{} has no gap of its own", quoted(side)), Some(help.into())))
            }
            Some(_) => Ok(()),
            None => {
                let help = suggest(side, sides.iter().skip(1).map(String::as_str));
                Err(Complaint::new(format!("{} is no side of {}", quoted(side), quoted(attribute)), help))
            }
        }
    }

    /// All pairs of a kind, `pairs:gender`.
    pub(super) fn attribute(&self, attribute: &str) -> Result<(), Complaint> {
        if self.open || self.sides.contains_key(kind(attribute)) {
            return Ok(());
        }
        let help = suggest(kind(attribute), self.sides.keys().map(String::as_str));
        let help = help.or(Some("declare it: [pairs] swap = [\"gender\"]".into()));
        Err(Complaint::new(format!("no pairs of {} are made", quoted(kind(attribute))), help))
    }
}

fn kind(attribute: &str) -> &str {
    attribute.strip_prefix(PAIRS).unwrap_or(attribute)
}

/// `[pairs]`, where there is one, and the kinds of pairs that it makes.
pub fn read(root: &Reader, folder: &Path) -> (Option<PairsSpec>, PairKinds) {
    let mut kinds = PairKinds::default();
    let spec = root.within("pairs", |pairs| pairs_of(pairs, folder, &mut kinds));
    (spec, kinds)
}

fn pairs_of(pairs: &Reader, folder: &Path, kinds: &mut PairKinds) -> PairsSpec {
    let spec = PairsSpec {
        column: pairs.text("column"),
        swap: swaps(pairs, folder, kinds),
        paths: pairs.texts("path").unwrap_or_default().into_iter().map(|path| path.0).collect(),
        flip: pairs.within("flip", |flip| flips(flip, kinds)).unwrap_or_default(),
    };
    kinds.open = !spec.paths.is_empty();
    if ["swap", "path", "flip"].iter().all(|key| !pairs.has(key)) {
        let help = "give swap lists (swap = [\"gender\"]), a file of pairs (path = \"pairs.csv\") or values to flip \
                    (flip = { sex = [\"Female\", \"Male\"] })";
        pairs.report(Problem::at(pairs.span(), "nothing says what makes a pair").help(help));
    }
    spec
}

fn swaps(pairs: &Reader, folder: &Path, kinds: &mut PairKinds) -> Vec<String> {
    let mut names = Vec::new();
    for (name, span) in pairs.texts("swap").unwrap_or_default() {
        let added = swap_list(folder, &name).and_then(|(kind, list)| add(kinds, &kind, list.sides().to_vec()));
        if let Err(cause) = added {
            pairs.report(Problem::at(&span, format!("swap list {} cannot be used: {cause}", quoted(&name))));
        }
        names.push(name);
    }
    names
}

/// A kind's name is half of a slice id.
fn add(kinds: &mut PairKinds, kind: &str, sides: Vec<String>) -> Result<(), String> {
    if kind.is_empty() || kind.trim() != kind || kind.contains(['=', '&', '"']) || super::clean(kind) != kind {
        return Err("its name is part of slices' names, and must be a plain one".into());
    }
    match kinds.sides.insert(kind.into(), sides) {
        Some(_) => Err(format!("there are two of the name {}", quoted(kind))),
        None => Ok(()),
    }
}

fn flips(flip: &Reader, kinds: &mut PairKinds) -> Vec<FlipSpec> {
    let mut specs: Vec<FlipSpec> = Vec::new();
    for (name, span) in flip.names() {
        let items = flip.items(name).unwrap_or_default();
        let Some(one) = of_values(&items).or_else(|| of_columns(&items)) else {
            let help = "two values, [\"Female\", \"Male\"], or columns by twos, [[\"x_sex_Female\", \"x_sex_Male\"]]";
            flip.report(flip.at(name, "this is not what can be exchanged").help(help));
            continue;
        };
        let spec = FlipSpec { name: name.into(), flip: one };
        let sides = spec.sides();
        let twice = sides[0] == sides[1];
        if twice {
            flip.report(flip.at(name, "both sides are the same").help("name two that differ"));
        }
        if let Err(cause) = add(kinds, name, sides) {
            flip.report(Problem::at(span, cause));
        }
        specs.push(spec);
    }
    specs
}

fn of_values(items: &[&Node]) -> Option<Flip> {
    let [first, second] = items else { return None };
    Some(Flip::Values([literal(first)?, literal(second)?]))
}

fn literal(node: &Node) -> Option<Literal> {
    match &node.value {
        Value::Text(text) => Some(Literal::Text(text.clone())),
        Value::Integer(number) => Some(Literal::Integer(*number)),
        Value::Float(number) if number.is_finite() => Some(Literal::Float(*number)),
        Value::Boolean(flag) => Some(Literal::Boolean(*flag)),
        _ => None,
    }
}

fn of_columns(items: &[&Node]) -> Option<Flip> {
    let text = |node: &Node| match &node.value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    let two = |node: &&Node| match &node.value {
        Value::List(names) => match &names[..] {
            [first, second] => Some([text(first)?, text(second)?]),
            _ => None,
        },
        _ => None,
    };
    let columns: Vec<[String; 2]> = items.iter().map(two).collect::<Option<_>>()?;
    (!columns.is_empty()).then_some(Flip::Columns(columns))
}
