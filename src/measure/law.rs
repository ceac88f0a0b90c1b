//! The numbers that laws and guidelines name: adverse impact of 29 CFR 1607.4(D), and the tables of New York
//! City's Local Law 144 (6 RCNY 5-301). People are counted once each, whatever a row weighs.

use super::rows::ByRows;
use super::values::paired;
use super::{Declared, Family, Slice, Slices};
use crate::config::Audit;
use crate::metrics;
use crate::result::{
    AdverseImpact, AdverseNumbers, FourFifths, ImpactRate, ImpactRow, ImpactTable, Law, Numbers, Subject, Test,
};
use crate::stats::{Fourfold, level_of, mover_ratio, wilson};
use crate::tasks::Task;

/// Four fifths, of 29 CFR 1607.4(D).
const FOUR_FIFTHS: f64 = 0.8;

const MODELS: [(usize, Subject); 2] = [(0, Subject::Base), (1, Subject::Tuned)];

/// What the audit's annexes ask for.
pub(super) fn law(audit: &Audit, declared: &Declared, slices: &Slices, by_rows: Option<&ByRows>) -> Law {
    let models = || MODELS.into_iter().filter(|(side, _)| declared.has[*side]);
    let each = || slices.disjoint().into_iter().flat_map(move |family| models().map(move |model| (family, model)));
    let mut law = Law::default();
    if audit.asks_for(Numbers::AdverseImpact) && declared.task == Task::Binary {
        law.adverse_impact = each().flat_map(|(family, model)| adverse_impact(declared.z, family, model)).collect();
    }
    if audit.asks_for(Numbers::ImpactTables) {
        law.impact_tables = each().flat_map(|(family, model)| tables(declared, by_rows, family, model)).collect();
        let least = audit.annex.values().find_map(|settings| settings.exclude_below);
        law.impact_tables.iter_mut().for_each(|table| compare(table, least));
    }
    law
}

/// People selected by one model, and people, of a slice.
fn selected(slice: &Slice, side: usize) -> (u64, u64) {
    let counts = metrics::find("selection_rate").map(|metric| paired(metric, &slice.cells)).unwrap_or_default();
    if side == 0 { counts.base() } else { counts.tuned() }
}

fn share((events, rows): (u64, u64)) -> f64 {
    events as f64 / rows as f64
}

/// Every group of a family against the one that is selected most often; none where nobody is.
fn adverse_impact(z: f64, family: &Family, (side, model): (usize, Subject)) -> Vec<AdverseImpact> {
    let counts = family.slices.iter().map(|slice| (slice, selected(slice, side)));
    let groups: Vec<(&Slice, (u64, u64))> = counts.filter(|(_, (_, people))| *people > 0).collect();
    let highest = groups.iter().rev().max_by(|a, b| share(a.1).total_cmp(&share(b.1)));
    let Some((reference, best)) = highest.filter(|(_, (selected, _))| *selected > 0) else { return Vec::new() };
    let others = groups.iter().filter(|(slice, _)| slice.id != reference.id);
    let row = |(slice, own): &(&Slice, (u64, u64))| AdverseImpact {
        attribute: family.name.clone(),
        slice: slice.id.clone(),
        reference: reference.id.clone(),
        model,
        numbers: Some(adverse(z, Fourfold { own: *own, other: *best })),
    };
    others.map(row).collect()
}

/// The numbers of a group against another in which somebody is selected, with intervals at quantile `z`.
pub fn adverse(z: f64, counts: Fourfold) -> AdverseNumbers {
    let (p, q) = (share(counts.own), share(counts.other));
    let limits = |(events, rows): (u64, u64)| wilson(events as f64, rows as f64, z);
    let ratio = mover_ratio(p, limits(counts.own), q, limits(counts.other));
    let (fisher_p, hypergeometric_z) = (counts.fisher(), counts.hypergeometric_z());
    let test = if counts.is_small() { Test::Fisher } else { Test::Z };
    let people_to_move = counts.to_move(FOUR_FIFTHS);
    AdverseNumbers {
        selected: counts.own.0,
        people: counts.own.1,
        reference_selected: counts.other.0,
        reference_people: counts.other.1,
        impact_ratio: p / q,
        low: ratio.low,
        high: ratio.high.is_finite().then_some(ratio.high),
        z: counts.z(),
        hypergeometric_z,
        fisher_p,
        test,
        p_value: match (test, hypergeometric_z) {
            (Test::Z, Some(z)) => level_of(z.abs()),
            _ => fisher_p,
        },
        shortfall: counts.expected() - counts.own.0 as f64,
        people_to_move,
        four_fifths: match people_to_move {
            Some(0) => FourFifths::Reached,
            Some(1) => FourFifths::OnePerson,
            _ => FourFifths::Below,
        },
    }
}

/// The tables of one family under one model: selection of a binary task, and scoring where there are scores.
fn tables(
    declared: &Declared,
    by_rows: Option<&ByRows>,
    family: &Family,
    (side, model): (usize, Subject),
) -> Vec<ImpactTable> {
    let table = |rate: ImpactRate, median: Option<f64>, counts: Vec<(u64, u64)>| ImpactTable {
        attribute: family.name.clone(),
        model,
        rate,
        median,
        unknown: Some(family.unknown.rows()),
        categories: rows(family, &counts),
    };
    let mut found = Vec::new();
    if declared.task == Task::Binary {
        let counts = family.slices.iter().map(|slice| selected(slice, side)).collect();
        found.push(table(ImpactRate::SelectionRate, None, counts));
    }
    let scored = declared.task == Task::Regression || declared.gives_scores[side];
    if let Some(sample) = by_rows.map(ByRows::sample).filter(|_| scored) {
        let median = sample.middle(side);
        found.push(table(ImpactRate::ScoringRate, Some(median), sample.above(family, side, median)));
    }
    found
}

/// Categories with their rates.
fn rows(family: &Family, counts: &[(u64, u64)]) -> Vec<ImpactRow> {
    let row = |(slice, counts): (&Slice, &(u64, u64))| ImpactRow {
        slice: slice.id.clone(),
        people: Some(counts.1),
        counted: Some(counts.0),
        rate: (counts.1 > 0).then(|| share(*counts)),
        impact_ratio: None,
        excluded: false,
    };
    family.slices.iter().zip(counts).map(row).collect()
}

/// Each rate over the highest: of this table alone, from rates that are not rounded. Categories with less
/// than a share `least` of the table's people are left out (6 RCNY 5-301(d)).
fn compare(table: &mut ImpactTable, least: Option<f64>) {
    let people: u64 = table.categories.iter().filter_map(|row| row.people).sum();
    let is_small = |row: &ImpactRow| least.is_some_and(|least| share((row.people.unwrap_or(0), people)) < least);
    for row in table.categories.iter_mut().filter(|row| row.rate.is_some()) {
        row.excluded = is_small(row);
    }
    let included = || table.categories.iter().filter(|row| !row.excluded);
    let highest = included().filter_map(|row| row.rate).fold(0.0, f64::max);
    for row in table.categories.iter_mut().filter(|row| highest > 0.0 && !row.excluded) {
        row.impact_ratio = row.rate.map(|rate| rate / highest);
    }
}
