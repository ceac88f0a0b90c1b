//! Whether the classes of models and labels belong together: names that never meet are a mistake in the
//! audit file, and would turn every rate to 0.

use super::GatherError;
use super::plan::Place;
use crate::config::Audit;
use crate::evidence::{Evidence, Point};
use std::collections::BTreeSet;

/// Names shown in a message, and characters of each.
const SHOWN: usize = 5;
const LENGTH: usize = 40;

/// At least two classes, and of each model at least one that is a label, where there are labels.
pub fn check(audit: &Audit, places: &[Place], evidence: &Evidence) -> Result<(), GatherError> {
    let rows = evidence.points.as_ref().map_or(&[][..], |points| &points.rows);
    let labels =
        seen(rows, |row| row.label[0]).union(&seen(rows, |row| row.label[1])).copied().collect::<BTreeSet<_>>();
    let mut said = [0, 1].map(|side| seen(rows, |row| row.score[side])).to_vec();
    let others = evidence.points.iter().flat_map(|points| &points.others);
    said.extend(others.map(|scores| scores.iter().filter(|x| !x.is_nan()).map(|x| *x as usize).collect()));
    let all = labels.iter().chain(said.iter().flatten()).collect::<BTreeSet<_>>();
    if all.len() < 2 {
        let only = names(evidence, &labels);
        return Err(GatherError::Labels(format!(
            "labels and models know the class {only} alone, and two are needed; correct the columns, or `classes`"
        )));
    }
    for ((model, place), said) in audit.models().into_iter().zip(places).zip(&said) {
        if model.is_some() && !labels.is_empty() && !said.is_empty() && said.is_disjoint(&labels) {
            return Err(GatherError::Labels(format!(
                "the {} model says the classes {}, and the labels hold {}: give the names of its columns in order, classes = [...]",
                place.name,
                names(evidence, said),
                names(evidence, &labels)
            )));
        }
    }
    Ok(())
}

fn seen(rows: &[Point], of: impl Fn(&Point) -> f64) -> BTreeSet<usize> {
    rows.iter().map(of).filter(|number| !number.is_nan()).map(|number| number as usize).collect()
}

fn names(evidence: &Evidence, classes: &BTreeSet<usize>) -> String {
    let name =
        |&class: &usize| evidence.classes.get(class).map_or(String::new(), |name| name.chars().take(LENGTH).collect());
    let more = if classes.len() > SHOWN { ", …" } else { "" };
    classes.iter().take(SHOWN).map(name).collect::<Vec<String>>().join(", ") + more
}
