//! What a policy can speak of: the attributes, crosses and metrics of an audit, or of a result.
//!
//! Checks and waivers are read against this and nothing else, so that `gate` reads a policy for a
//! stored result by the same code that reads it for an audit.

use super::pairs::PairKinds;
use super::problem::{Problem, quoted, suggest};
use super::source::Span;
use crate::evidence::{PAIRS, SliceId};
use crate::metrics;
use crate::result::AuditResult;
use crate::tasks::Task;

/// What stands between the attributes of a cross.
const AND: &str = " & ";

/// What a policy can speak of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// What the models are asked.
    pub task: Task,
    /// Attributes in declared order; where it is empty, names are not checked.
    pub attributes: Vec<String>,
    /// Declared crosses, each a list of indices into `attributes`, ascending.
    pub crosses: Vec<Vec<usize>>,
    /// Whether there are labels.
    pub labels: bool,
    /// Whether `favorable` is declared.
    pub direction: bool,
    /// Whether there is a base.
    pub base: bool,
    /// Whether there is a tuned model.
    pub tuned: bool,
    /// Ids of the metrics that get findings.
    pub findings: Vec<String>,
    /// The kinds of counterfactual pairs.
    pub pairs: PairKinds,
    /// Slices that have rows; where it is empty, names of groups are not checked, since a group may lack in one
    /// data set and be there in another.
    pub slices: Vec<String>,
}

/// A complaint about a name that has no place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    message: String,
    help: Option<String>,
}

impl Complaint {
    pub(super) fn new(message: impl Into<String>, help: Option<String>) -> Self {
        Complaint { message: message.into(), help }
    }

    /// The complaint as a problem at a place.
    pub fn at(self, span: &Span) -> Problem {
        Problem::at(span, self.message).maybe_help(self.help)
    }
}

impl Known {
    /// What a stored result can be asked for.
    pub fn of_result(result: &AuditResult) -> Self {
        let names = || result.data.attributes.iter().map(|attribute| attribute.name.as_str());
        let attributes = names().filter(|name| !name.contains(AND)).map(String::from).collect();
        let mut known = Known {
            task: Task::of(&result.task).unwrap_or_default(),
            attributes,
            crosses: Vec::new(),
            labels: result.provenance.data.label.is_some(),
            direction: result.method.favorable.is_some(),
            base: result.provenance.models.base.is_some(),
            tuned: result.provenance.models.tuned.is_some(),
            findings: result.method.metrics.clone(),
            pairs: PairKinds::of_result(result),
            slices: Vec::new(),
        };
        known.crosses = names().filter(|name| name.contains(AND)).filter_map(|name| known.cross(name).ok()).collect();
        known
    }

    /// The same, for a policy whose groups are to be held against those of the result.
    pub fn of_groups(result: &AuditResult) -> Self {
        let groups = result.data.attributes.iter().flat_map(|attribute| &attribute.groups);
        Known { slices: groups.map(|group| group.slice.clone()).collect(), ..Known::of_result(result) }
    }

    /// Whatever a policy can speak of, for one task; names of groups are not checked.
    pub fn anything(task: Task) -> Self {
        let findings = metrics::of(task).filter(|metric| metrics::has_findings(metric));
        let findings = findings.map(|metric| metric.id.into()).collect();
        let there = true;
        Known { task, labels: there, direction: there, base: there, tuned: there, findings, ..Known::default() }
    }

    /// Whether there are two models to compare.
    pub fn both(&self) -> bool {
        self.base && self.tuned
    }

    /// A cross of attributes, ascending: `sex & race`.
    pub fn cross(&self, text: &str) -> Result<Vec<usize>, Complaint> {
        let mut cross = Vec::new();
        for name in text.split('&').map(str::trim) {
            cross.push(self.attribute(name)?);
        }
        cross.sort_unstable();
        cross.dedup();
        if cross.len() < text.split('&').count() || cross.len() < 2 {
            let help = "join two or more different attributes: \"sex & race\"";
            return Err(Complaint::new(format!("{} is not a cross", quoted(text)), Some(help.into())));
        }
        Ok(cross)
    }

    /// A slice id with its attributes in declared order.
    pub fn slice(&self, text: &str) -> Result<SliceId, Complaint> {
        let parsed = SliceId::parse(text)
            .map_err(|error| Complaint::new(format!("{} is not a slice: {error}", quoted(text)), None));
        let mut id = parsed?;
        if self.attributes.is_empty() {
            return Ok(id);
        }
        if id.attributes().any(|name| name.starts_with(PAIRS)) {
            return self.pairs.slice(&id).map(|()| id);
        }
        let mut parts = Vec::new();
        for (attribute, group) in id.parts {
            parts.push((self.attribute(&attribute)?, attribute, group));
        }
        parts.sort();
        let indices: Vec<usize> = parts.iter().map(|part| part.0).collect();
        self.declared(&indices)?;
        id.parts = parts.into_iter().map(|(_, attribute, group)| (attribute, group)).collect();
        self.has_rows(&id).map(|()| id)
    }

    fn has_rows(&self, id: &SliceId) -> Result<(), Complaint> {
        let name = id.to_string();
        if id.parts.is_empty() || self.slices.is_empty() || self.slices.contains(&name) {
            return Ok(());
        }
        let help = suggest(&name, self.slices.iter().map(String::as_str));
        Err(Complaint::new(format!("{} has no rows in that result", quoted(&name)), help))
    }

    /// What a check holds for, in canonical form: an attribute, a cross or a slice id.
    pub fn scope(&self, text: &str) -> Result<String, Complaint> {
        if text.contains('=') || text.trim() == "all" {
            return self.slice(text).map(|id| id.to_string());
        }
        self.attributes_of(text)
    }

    /// An attribute or a declared cross, in canonical form.
    pub fn attributes_of(&self, text: &str) -> Result<String, Complaint> {
        if self.attributes.is_empty() {
            return Ok(text.into());
        }
        if text.starts_with(PAIRS) {
            return self.pairs.attribute(text).map(|()| text.into());
        }
        if !text.contains('&') {
            return self.attribute(text.trim()).map(|index| self.attributes[index].clone());
        }
        let cross = self.cross(text)?;
        self.declared(&cross)?;
        Ok(self.cross_name(&cross))
    }

    fn cross_name(&self, cross: &[usize]) -> String {
        let names: Vec<&str> = cross.iter().map(|index| self.attributes[*index].as_str()).collect();
        names.join(AND)
    }

    /// Complains of several attributes that no declared cross joins.
    fn declared(&self, indices: &[usize]) -> Result<(), Complaint> {
        if indices.len() < 2 || self.crosses.iter().any(|cross| cross == indices) {
            return Ok(());
        }
        let name = self.cross_name(indices);
        let help = format!("declare it: [slices] cross = [\"{name}\"]");
        Err(Complaint::new(format!("{} is not a declared cross", quoted(&name)), Some(help)))
    }

    /// The place of an attribute.
    pub fn attribute(&self, name: &str) -> Result<usize, Complaint> {
        let found = self.attributes.iter().position(|attribute| attribute == name);
        found.ok_or_else(|| {
            let help = suggest(name, self.attributes.iter().map(String::as_str));
            Complaint::new(format!("{} is not a declared attribute", quoted(name)), help)
        })
    }
}
