//! The tables that an annex names itself: rates and ratios, adverse impact, sensitivity.

use super::annexes::{cut, or_hidden};
use super::evidence::in_use;
use super::lookup::Lookup;
use super::outcomes;
use super::words::{self, Shown};
use crate::render::{clean, number};
use crate::result::{
    AdverseImpact, AdverseNumbers, AuditResult, FourFifths, ImpactRate, ImpactRow, ImpactTable, Span, Test,
};
use serde::Serialize;

/// The categories of one attribute or cross.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Impact {
    /// `Scoring rate by sex`.
    pub title: String,
    /// What was counted, over whom.
    pub about: String,
    /// Whether scores were counted.
    pub scores: bool,
    /// One row a category.
    pub rows: Vec<Category>,
    /// Categories that did not fit.
    pub more: usize,
}

/// One category.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Category {
    /// Its slice.
    pub slice: String,
    /// People.
    pub people: Shown,
    /// Those counted.
    pub counted: Shown,
    /// Their share, of 100.
    pub rate: Shown,
    /// The rate over the table's highest.
    pub ratio: Shown,
}

/// The groups of one attribute or cross beside the one that is selected most often.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Adverse {
    /// The attribute.
    pub attribute: String,
    /// The group that is selected most often.
    pub reference: String,
    /// One row for each other group.
    pub rows: Vec<Beside>,
    /// Groups that did not fit.
    pub more: usize,
}

/// One group: never one number alone.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Beside {
    /// The group.
    pub slice: String,
    /// Selected of people, here and in the reference.
    pub selected: [Shown; 2],
    /// The impact ratio with its interval.
    pub ratio: Shown,
    /// The test that is to be read, and its p-value.
    pub test: Shown,
    /// People more that would have been selected at the rate of both.
    pub shortfall: Shown,
    /// Selections that would have to move.
    pub to_move: Shown,
    /// How the ratio stands beside four fifths.
    pub beside: &'static str,
}

/// The groups of one attribute or cross, and how a tool finds what it looks for in each.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Sensitivity {
    /// The attribute.
    pub attribute: String,
    /// Each group's name, rows, and its numbers of [`FOUND`].
    pub rows: Vec<(String, Shown, [Shown; 3])>,
    /// Groups that did not fit.
    pub more: usize,
}

/// Sensitivity, specificity and PPV.
const FOUND: [&str; 3] = ["true_positive_rate", "true_negative_rate", "positive_predictive_value"];

/// The tables of the model in use.
pub(in crate::render) fn impact(result: &AuditResult) -> Vec<Impact> {
    let (model, _) = in_use(result);
    let tables = result.law.impact_tables.iter().filter(|table| table.model == model);
    tables.map(|table| impact_table(table, result.method.min_cell)).collect()
}

fn impact_table(table: &ImpactTable, min_cell: u64) -> Impact {
    let scores = table.rate == ImpactRate::ScoringRate;
    let unknown = table.unknown.map_or_else(|| words::hidden(min_cell), number::count);
    let median =
        table.median.map_or(String::new(), |median| format!(" Median of everyone: {}.", number::decimal(median)));
    let (rows, more) = cut(table.categories.iter().map(|row| category(row, min_cell)).collect());
    let kind = if scores { "Scoring rate" } else { "Selection rate" };
    Impact {
        title: format!("{kind} by {}", clean::label(&table.attribute)),
        about: format!("In no row, since their category is unknown: {unknown}.{median}{}", ties(table)),
        scores,
        rows,
        more,
    }
}

/// What is strange of a median: that far from half of the people are above it.
fn ties(table: &ImpactTable) -> String {
    let counts = table.categories.iter().filter_map(|row| row.counted.zip(row.people));
    let (above, people) = counts.fold((0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
    let share = above as f64 / people as f64;
    let odd = table.median.is_some() && people > 0 && !(0.45..=0.55).contains(&share);
    let told = || {
        format!(
            " {} of 100 of those with a category are above it, far from half: many scores may tie.",
            number::hundred(share)
        )
    };
    if odd { told() } else { String::new() }
}

fn category(row: &ImpactRow, min_cell: u64) -> Category {
    let hidden = row.people.is_none();
    let ratio = match (row.impact_ratio, row.excluded) {
        (_, true) => Shown::words("left out"),
        (Some(ratio), _) => Shown::number(ratio, None, number::ratio),
        (None, _) if hidden => Shown::words(words::hidden(min_cell)),
        (None, _) => Shown::words("not defined"),
    };
    let empty = row.people == Some(0);
    Category {
        slice: clean::label(&row.slice),
        people: or_hidden(row.people, min_cell, number::count),
        counted: or_hidden(row.counted, min_cell, number::count),
        rate: if empty { Shown::words("nobody") } else { or_hidden(row.rate, min_cell, number::hundred) },
        ratio,
    }
}

/// One table for each attribute and cross of the model in use.
pub(in crate::render) fn adverse(result: &AuditResult) -> Vec<Adverse> {
    let (model, _) = in_use(result);
    let mut found: Vec<(&str, Vec<&AdverseImpact>)> = Vec::new();
    for row in result.law.adverse_impact.iter().filter(|row| row.model == model) {
        match found.iter_mut().find(|(attribute, _)| *attribute == row.attribute) {
            Some((_, rows)) => rows.push(row),
            None => found.push((&row.attribute, vec![row])),
        }
    }
    found.into_iter().map(|(attribute, rows)| adverse_table(attribute, &rows, result.method.min_cell)).collect()
}

fn adverse_table(attribute: &str, rows: &[&AdverseImpact], min_cell: u64) -> Adverse {
    let (shown, more) = cut(rows.iter().map(|row| beside(row, min_cell)).collect());
    Adverse {
        attribute: clean::label(attribute),
        reference: rows.first().map_or(String::new(), |row| clean::label(&row.reference)),
        rows: shown,
        more,
    }
}

fn beside(row: &AdverseImpact, min_cell: u64) -> Beside {
    let shown =
        |write: fn(AdverseNumbers) -> Shown| row.numbers.map_or_else(|| Shown::words(words::hidden(min_cell)), write);
    Beside {
        slice: clean::label(&row.slice),
        selected: [shown(|n| of(n.selected, n.people)), shown(|n| of(n.reference_selected, n.reference_people))],
        ratio: shown(|n| Shown::number(n.impact_ratio, Some(Span { low: Some(n.low), high: n.high }), number::ratio)),
        test: shown(test),
        shortfall: shown(|n| Shown::number(n.shortfall, None, number::people)),
        to_move: shown(|n| {
            n.people_to_move.map_or(Shown::words("no number would do"), |people| plain(number::count(people)))
        }),
        beside: row.numbers.map_or("–", |numbers| four_fifths(numbers.four_fifths)),
    }
}

fn plain(text: String) -> Shown {
    Shown { text, span: String::new(), words: false }
}

fn of(part: u64, whole: u64) -> Shown {
    plain(format!("{} of {}", number::count(part), number::count(whole)))
}

fn test(numbers: AdverseNumbers) -> Shown {
    let name = match (numbers.test, numbers.hypergeometric_z) {
        (Test::Z, Some(z)) => format!("z {}", number::ratio(z)),
        _ => "Fisher, exact".into(),
    };
    Shown { text: format!("p {}", number::p_value(numbers.p_value)), span: name, words: false }
}

fn four_fifths(beside: FourFifths) -> &'static str {
    match beside {
        FourFifths::Reached => "at four fifths or above",
        FourFifths::Below => "below four fifths",
        FourFifths::OnePerson => "below by one person: too small to say",
    }
}

/// One table for each attribute and cross, where there are labels.
pub(in crate::render) fn sensitivity(result: &AuditResult) -> Vec<Sensitivity> {
    let lookup = Lookup::of(result);
    let (model, _) = in_use(result);
    let measured = FOUND.iter().any(|metric| lookup.estimate(metric, "all", model).is_some());
    let number = |metric: &str, slice: &str| {
        Shown::estimate(lookup.estimate(metric, slice, model), result.method.min_cell, number::hundred)
    };
    let positives = |slice: &str| match outcomes::support(lookup.estimate(FOUND[0], slice, model)) {
        Some(rows) => plain(number::count(rows)),
        None => Shown::nothing(),
    };
    let attributes = result.data.attributes.iter().filter(|_| measured);
    attributes
        .map(|attribute| {
            let row =
                |slice: &String| (clean::label(slice), positives(slice), FOUND.map(|metric| number(metric, slice)));
            let (rows, more) = cut(attribute.groups.iter().map(|group| row(&group.slice)).collect());
            Sensitivity { attribute: clean::label(&attribute.name), rows, more }
        })
        .collect()
}
