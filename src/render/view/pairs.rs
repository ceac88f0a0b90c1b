//! Counterfactual pairs: what the models say when one thing about a row is exchanged and nothing else.

use super::MOST_ROWS;
use super::words::Shown;
use crate::render::{clean, number};
use crate::result::{AuditResult, Estimate, PairDirection, PairKind, PairMeasure, PairValue, Pairs};
use serde::Serialize;

/// The subsection, where there are pairs.
#[derive(Debug, Serialize)]
pub(in crate::render) struct PairsView {
    /// Its question, answered.
    pub answer: String,
    /// One sentence a kind: what made no pair.
    pub left_out: Vec<String>,
    /// One row a direction and measure.
    pub rows: Vec<PairRow>,
    /// Directions that did not fit.
    pub more: usize,
    /// One line a kind, for the terminal.
    #[serde(skip)]
    pub lines: Vec<String>,
}

/// One measure of one direction.
#[derive(Debug, Serialize)]
pub(in crate::render) struct PairRow {
    /// "gender: male → female".
    pub exchange: String,
    /// Pairs.
    pub pairs: String,
    /// What is measured.
    pub measure: &'static str,
    /// The base's.
    pub base: Shown,
    /// The tuned model's.
    pub tuned: Shown,
    /// Tuned minus base.
    pub change: Shown,
}

/// The subsection; `None` where no pairs were asked for.
pub(in crate::render) fn pairs(result: &AuditResult) -> Option<PairsView> {
    let pairs = result.pairs.as_ref()?;
    let shown = pairs.directions.iter().take(MOST_ROWS / 3);
    Some(PairsView {
        answer: answer(pairs),
        left_out: pairs.kinds.iter().map(left_out).collect(),
        rows: shown.flat_map(|one| one.values.iter().map(|value| row(result, one, value))).collect(),
        more: pairs.directions.len().saturating_sub(MOST_ROWS / 3),
        lines: pairs
            .directions
            .iter()
            .take(MOST_LINES)
            .filter(|direction| direction.pairs != Some(0))
            .map(line)
            .collect(),
    })
}

/// Lines of the terminal at most.
const MOST_LINES: usize = 5;

fn row(result: &AuditResult, direction: &PairDirection, value: &PairValue) -> PairRow {
    let of_rates = value.measure == PairMeasure::FlipRate;
    let rate: fn(f64) -> String = if of_rates { number::hundred } else { number::decimal };
    let moved: fn(f64) -> String = if of_rates { number::points } else { number::difference };
    let signed = if value.measure == PairMeasure::ScoreChange { moved } else { rate };
    let shown = |estimate: &Option<Estimate>, write| match estimate {
        Some(estimate) => Shown::estimate(Some(estimate), result.method.min_cell, write),
        None => Shown::nothing(),
    };
    PairRow {
        exchange: exchange(direction),
        pairs: direction.pairs.map_or("hidden".into(), number::count),
        measure: match value.measure {
            PairMeasure::FlipRate => "decided differently, of 100 pairs",
            PairMeasure::CtfGap => "mean distance of the two scores (CTF gap)",
            PairMeasure::ScoreChange => "mean score, second minus first",
        },
        base: shown(&value.base, signed),
        tuned: shown(&value.tuned, signed),
        change: shown(&value.change, moved),
    }
}

fn exchange(direction: &PairDirection) -> String {
    let PairDirection { kind, first, second, .. } = direction;
    clean::label(&format!("{kind}: {first} → {second}"))
}

/// What is said of each model: "base 3.2, tuned 5.1".
fn models(direction: &PairDirection) -> Option<(PairMeasure, f64, String)> {
    let known = |estimate: &Option<Estimate>| estimate.as_ref().and_then(Estimate::value);
    let of = |value: &PairValue| {
        let (base, tuned) = (known(&value.base), known(&value.tuned));
        let write = if value.measure == PairMeasure::FlipRate { number::hundred } else { number::decimal };
        let said: Vec<String> = [("base", base), ("tuned", tuned)]
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| format!("{name} {}", write(value))))
            .collect();
        Some((value.measure, tuned.or(base)?, said.join(", ")))
    };
    direction.values.first().and_then(of)
}

/// The direction in which most is decided differently.
fn answer(pairs: &Pairs) -> String {
    let most = pairs.directions.iter().filter_map(|one| Some((one, models(one)?)));
    let most = most.max_by(|a, b| a.1.1.total_cmp(&b.1.1));
    let Some((direction, (measure, _, said))) = most else {
        return "No row makes a pair whose numbers can be shown.".into();
    };
    let count = direction.pairs.map_or(String::new(), |pairs| format!(" ({})", number::counted(pairs, "pair")));
    let (what, unit) = match measure {
        PairMeasure::FlipRate => ("Most decisions change", " of 100 pairs"),
        _ => ("Scores move most", " on average"),
    };
    format!("{what} for {}{count}: {said}{unit}. Whether a side gets less is among the findings.", exchange(direction))
}

/// "gender: 12 rows name no side, 3 name several; 1 pair has equal halves."
fn left_out(kind: &PairKind) -> String {
    let name = clean::label(&kind.kind);
    let (Some(without), Some(several), Some(unknown), Some(equal)) =
        (kind.without, kind.several, kind.unknown, kind.equal)
    else {
        return format!("{name}: what made no pair is hidden, since it would tell how many pairs are.");
    };
    format!(
        "{name}: {} of no side, {} of several and {} without a value make no pair; {} whose halves are equal are left out.",
        number::counted(without, "row"),
        number::count(several),
        number::count(unknown),
        number::counted(equal, "pair"),
    )
}

fn line(direction: &PairDirection) -> String {
    let count = direction.pairs.map_or("hidden".into(), |pairs| number::counted(pairs, "pair"));
    match models(direction) {
        Some((PairMeasure::FlipRate, _, said)) => {
            format!("pairs {} ({count}): decided differently, of 100: {said}", exchange(direction))
        }
        Some((_, _, said)) => format!("pairs {} ({count}): mean distance of scores: {said}", exchange(direction)),
        None => format!("pairs {} ({count})", exchange(direction)),
    }
}
