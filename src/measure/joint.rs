//! What base, tuned and control gave together on the same rows: the counts behind a share minus the
//! control's, whose errors are not independent.

use super::{Family, Slice, Slices};
use crate::config::Audit;
use crate::evidence::{Cells, POSITIVE};
use crate::metrics::{Formula, Metric, Side, side};
use crate::settle::Settled;

/// Base and tuned by slice, of the people whom the control decides negative and of those positive.
pub struct Joint([Slices; 2]);

impl Joint {
    /// Cuts settled evidence that still holds what `control` (its place among all models) said.
    pub fn new(audit: &Audit, settled: &Settled, control: usize, threshold: f64) -> Joint {
        let thresholds = settled.thresholds.map(|threshold| threshold.unwrap_or(0.5));
        let meaning = audit.meaning(thresholds);
        let decided = |positive: bool| {
            let mut evidence = settled.evidence.clone();
            evidence.points = evidence
                .points
                .map(|points| points.kept(control, |score| (score >= threshold) == positive).chosen([0, 1]));
            evidence.cells = evidence.points.as_ref().map_or(Vec::new(), |p| p.cells(meaning, &evidence.lattices));
            Slices::new(audit, &evidence)
        };
        Joint([decided(false), decided(true)])
    }

    /// The rows of slice and reference inside the metric's condition by the events (base, tuned, control),
    /// at place 4·base + 2·tuned + control. `None` where the metric is no rate, or a name is not there.
    pub fn tables(&self, metric: &Metric, slice: &str, reference: &str) -> Option<[[u64; 8]; 2]> {
        let Formula::Rate(event) = metric.formula else { return None };
        let mut tables = [[0; 8]; 2];
        for (said, slices) in self.0.iter().enumerate() {
            let [own, other] = parts(slices, slice, reference)?;
            for (table, cells) in tables.iter_mut().zip([own, other]) {
                add(table, &cells, said, event);
            }
        }
        Some(tables)
    }
}

/// The cells of a slice and of what it is compared with.
fn parts(slices: &Slices, slice: &str, reference: &str) -> Option<[Cells; 2]> {
    let named = |family: &Family, name: &str| family.slices.iter().find(|one| one.id == name).cloned();
    let (family, Slice { cells, .. }) =
        slices.families.iter().find_map(|family| Some((family, named(family, slice)?)))?;
    let other = if reference == "rest" { family.known.without(&cells) } else { named(family, reference)?.cells };
    Some([cells, other])
}

fn add(table: &mut [u64; 8], cells: &Cells, said: usize, event: fn(Side) -> Option<bool>) {
    for (cell, n) in cells.iter() {
        let label = cell.label[1].map(|label| label == POSITIVE);
        let control = event(Side { label, said: said == 1 });
        let [base, tuned] = [0, 1].map(|at| side(&cell, at).and_then(event));
        if let (Some(base), Some(tuned), Some(control)) = (base, tuned, control) {
            table[4 * usize::from(base) + 2 * usize::from(tuned) + usize::from(control)] += n;
        }
    }
}
