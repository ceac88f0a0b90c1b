//! Texts of which models read only a part, by group: a model that reads the beginnings of one group's texts and
//! all of another's judges the two by unlike evidence.

use super::overlap::combinations;
use super::slices::keys;
use super::{Family, Slice, Slices};
use crate::config::Audit;
use crate::evidence::{Evidence, add_counts};
use crate::result::{CutSlice, CutTexts};
use crate::stats::{newcombe, quantile_of};
use std::collections::BTreeMap;

/// A share that exceeds everyone else's by more is worth a notice: five points, as gaps count where nobody says
/// otherwise.
const FAR: f64 = 0.05;
/// Slices named in a notice at most.
const MOST_NAMED: usize = 5;

/// One entry for each model that did not read some text to its end.
pub(super) fn cut_texts(audit: &Audit, evidence: &Evidence, slices: &Slices) -> Vec<CutTexts> {
    // Evidence may be the sum of parts of which one was gathered before groups were told apart.
    let by_group = if evidence.cut.totals() == evidence.cut_texts { by_group(audit, evidence, slices) } else { vec![] };
    let one = |(model, &rows): (usize, &u64)| {
        let of = |slice: &Counted| slice.told(model);
        CutTexts { model: role(audit, model), rows, slices: by_group.iter().map(of).collect() }
    };
    evidence.cut_texts.iter().enumerate().filter(|(_, rows)| **rows > 0).map(one).collect()
}

/// `base`, `tuned`, `run 2`, ... or `control`, by the place among all models.
fn role(audit: &Audit, model: usize) -> String {
    match model {
        0 => "base".into(),
        1 => "tuned".into(),
        run if run - 2 < audit.runs.len() => format!("run {run}"),
        _ => "control".into(),
    }
}

/// A slice and everyone else whose group is known: rows, and those of each model that were cut.
struct Counted<'a> {
    slice: &'a Slice,
    rest: u64,
    cut: Vec<u64>,
    cut_rest: Vec<u64>,
    /// Rows from which on a share is compared.
    least: u64,
    z: f64,
}

impl Counted<'_> {
    fn told(&self, model: usize) -> CutSlice {
        let count = |counts: &[u64]| counts.get(model).copied().unwrap_or(0);
        let own = (count(&self.cut), self.slice.cells.rows());
        let others = (count(&self.cut_rest), self.rest);
        let enough = own.1.min(others.1) >= self.least;
        let more = enough && newcombe(own, others, self.z).low > FAR;
        CutSlice { slice: self.slice.id.clone(), cut: Some(own.0), of: Some(own.1), more }
    }
}

fn by_group<'a>(audit: &Audit, evidence: &Evidence, slices: &'a Slices) -> Vec<Counted<'a>> {
    let least = audit.slices.min_support.max(audit.min_cell).max(1);
    let z = quantile_of(audit.stats.confidence);
    let mut all = Vec::new();
    // Groups that overlap are families of their own, and stand together.
    for families in slices.families.chunk_by(|a, b| a.attributes == b.attributes) {
        let Some(family) = families.first() else { continue };
        let (known, parts) = parts(evidence, family);
        for (family, slice) in families.iter().flat_map(|family| family.shown().iter().map(move |one| (family, one))) {
            let cut = parts.get(&slice.groups).cloned().unwrap_or_default();
            let left = |(model, all): (usize, &u64)| all.saturating_sub(cut.get(model).copied().unwrap_or(0));
            let cut_rest = known.iter().enumerate().map(left).collect();
            let rest = family.known.rows().saturating_sub(slice.cells.rows());
            all.push(Counted { slice, rest, cut, cut_rest, least, z });
        }
    }
    all
}

/// The counts of everyone whose groups are known, and of each combination of groups, by their names.
fn parts(evidence: &Evidence, family: &Family) -> (Vec<u64>, BTreeMap<Vec<String>, Vec<u64>>) {
    let (mut known, mut parts) = (Vec::new(), BTreeMap::<Vec<String>, Vec<u64>>::new());
    let Some((lattice, keys)) = keys(evidence, &family.attributes) else { return (known, parts) };
    let name = |(&attribute, &code): (&usize, &u32)| evidence.attributes[attribute].groups[code as usize - 1].clone();
    for (atom, rows) in evidence.cut.atoms(lattice) {
        let codes = &keys[atom as usize];
        if codes.is_empty() {
            continue;
        }
        add_counts(&mut known, rows);
        for groups in combinations(evidence, &family.attributes, codes) {
            add_counts(parts.entry(family.attributes.iter().zip(&groups).map(name).collect()).or_default(), rows);
        }
    }
    (known, parts)
}

/// What the reader should know: that texts were cut, and whose most. No counts of groups, which may be hidden.
pub(super) fn notices(audit: &Audit, texts: &[CutTexts]) -> Vec<String> {
    let specs: Vec<_> = audit.models().into_iter().enumerate().collect();
    let name = |texts: &CutTexts| {
        let spec = specs.iter().find(|(model, _)| role(audit, *model) == texts.model).and_then(|(_, spec)| *spec);
        spec.map_or_else(|| texts.model.clone(), |spec| spec.name.clone())
    };
    let mut notices: Vec<String> = texts.iter().map(|one| cut(&name(one), one)).collect();
    notices.extend(texts.iter().filter_map(|one| far(&name(one), one)));
    notices
}

fn cut(name: &str, texts: &CutTexts) -> String {
    let groups = if texts.slices.is_empty() {
        "They are counted over all groups together."
    } else {
        "The section on data counts them by group."
    };
    format!("Model {name} did not read {} texts to their ends: they are longer than `max_length`. {groups}", texts.rows)
}

fn far(name: &str, texts: &CutTexts) -> Option<String> {
    let far: Vec<&str> = texts.slices.iter().filter(|slice| slice.more).map(|slice| slice.slice.as_str()).collect();
    let named = far.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = if far.len() > MOST_NAMED { format!(" and {} more", far.len() - MOST_NAMED) } else { String::new() };
    (!far.is_empty()).then(|| {
        format!(
            "Model {name} cuts the texts of some groups far more often than those of everyone else, by more than \
             five points of 100: {named}{more}. A gap there may come from what it did not read; raise `max_length`."
        )
    })
}
