//! The cells of a family's groups, unit by unit: what a bootstrap over units adds up. A unit may stand in
//! several groups and cells, and all that it has moves together.

use super::sample::Part;
use crate::evidence::{Cell, NEGATIVE, POSITIVE};
use crate::metrics::Column;
use crate::stats::{Draws, Sum};
use std::collections::BTreeMap;

/// A group's cells with what they weigh.
pub(super) type Weighed = Vec<(Cell, f64)>;

/// The weights of all units.
pub(super) struct Clusters {
    /// By group: its cells.
    groups: Vec<Vec<Cell>>,
    /// Weights of units in cells, which are numbered through all groups; those of a unit lie together.
    rows: Vec<Amount>,
}

struct Amount {
    /// Whether this is the first one of a unit.
    first: bool,
    cell: usize,
    weight: f64,
}

impl Clusters {
    /// Of the parts that are the groups. A row without a unit (0) is one of its own.
    pub fn of(parts: &[Part]) -> Clusters {
        let (mut groups, mut alone) = (Vec::new(), Vec::new());
        let mut units = BTreeMap::<(u64, usize), Sum>::new();
        let mut before = 0;
        for part in parts {
            let cells: Vec<Cell> = (0..part.columns[0].len()).map(|row| cell(part, row)).collect();
            let mut own = cells.clone();
            own.sort_unstable();
            own.dedup();
            for (row, cell) in cells.iter().enumerate() {
                let cell = before + own.partition_point(|one| one < cell);
                let weight = part.columns[0].weight[row];
                match part.units().map_or(0, |units| units[row]) {
                    0 => alone.push(Amount { first: true, cell, weight }),
                    unit => units.entry((unit, cell)).or_default().add(weight),
                }
            }
            before += own.len();
            groups.push(own);
        }
        let mut last = None;
        let of = |((unit, cell), sum): ((u64, usize), Sum)| Amount {
            first: last.replace(unit) != Some(unit),
            cell,
            weight: sum.value(),
        };
        alone.extend(units.into_iter().map(of));
        Clusters { groups, rows: alone }
    }

    /// Every unit once.
    pub fn totals(&self) -> Vec<Weighed> {
        self.counted(|| 1.0)
    }

    /// Every unit as often as an exponential draw says (the Bayesian bootstrap; Rubin 1981).
    pub fn anew(&self, draws: &mut Draws) -> Vec<Weighed> {
        self.counted(|| draws.weight(1.0, 1.0))
    }

    fn counted(&self, mut times: impl FnMut() -> f64) -> Vec<Weighed> {
        let mut sums = vec![0.0; self.groups.iter().map(Vec::len).sum()];
        let mut of_unit = 1.0;
        for Amount { first, cell, weight } in &self.rows {
            of_unit = if *first { times() } else { of_unit };
            sums[*cell] += of_unit * weight;
        }
        let mut sums = sums.into_iter();
        self.groups.iter().map(|cells| cells.iter().copied().zip(sums.by_ref()).collect()).collect()
    }
}

/// What both models said of a row, by its labels.
pub(super) fn cell(part: &Part, row: usize) -> Cell {
    let class = |yes: bool| if yes { POSITIVE } else { NEGATIVE };
    let said = |column: &Column| column.said(row).map(class);
    let label =
        |column: &Column| Some(column.label[row]).filter(|label| !label.is_nan()).map(|label| class(label == 1.0));
    let [base, tuned] = &part.columns;
    Cell { label: [label(base), label(tuned)], said: [said(base), said(tuned)] }
}
