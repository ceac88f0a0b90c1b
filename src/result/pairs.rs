//! Counterfactual pairs: how decisions and scores move when one thing about a row is exchanged
//! (statistics.md 4.6).

use super::{Estimate, Reason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What was exchanged, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pairs {
    /// What made no pair, by kind.
    pub kinds: Vec<PairKind>,
    /// Two sides each; their gaps are among the findings.
    pub directions: Vec<PairDirection>,
}

/// What of one kind made no pair; a count is absent where it would give away a hidden one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairKind {
    /// `gender`.
    pub kind: String,
    /// Rows of no side.
    pub without: Option<u64>,
    /// Rows of several sides.
    pub several: Option<u64>,
    /// Rows whose value is null.
    pub unknown: Option<u64>,
    /// Pairs whose halves are equal.
    pub equal: Option<u64>,
}

/// The pairs of two sides, each oriented from the first to the second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairDirection {
    /// `gender`.
    pub kind: String,
    /// The side that is compared with, `male`.
    pub first: String,
    /// The other side, `female`.
    pub second: String,
    /// The slice of the second halves in findings, `pairs:gender=female`.
    pub slice: String,
    /// The slice of the first halves.
    pub reference: String,
    /// Pairs; `None` when hidden.
    pub pairs: Option<u64>,
    /// How the models answer the exchange.
    pub values: Vec<PairValue>,
}

/// One measure of an exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairValue {
    /// What is measured.
    pub measure: PairMeasure,
    /// The base's; absent without a base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Estimate>,
    /// The tuned model's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<Estimate>,
    /// Tuned minus base, on the same pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Estimate>,
}

/// What is measured of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PairMeasure {
    /// The share of pairs whose halves are decided differently.
    FlipRate,
    /// The mean distance of the two scores: the counterfactual token fairness gap (Garg et al. 2019).
    CtfGap,
    /// The mean score of the second halves minus that of the first.
    ScoreChange,
}

impl Pairs {
    /// The slices of directions with some pairs, but fewer than `least`.
    pub(super) fn small(&self, least: u64) -> BTreeSet<String> {
        let small = |one: &&PairDirection| one.pairs.is_some_and(|pairs| (1..least).contains(&pairs));
        self.directions.iter().filter(small).map(|one| one.slice.clone()).collect()
    }

    /// Hides the numbers of these slices, and the counts that would give back how many pairs they have.
    pub(super) fn hide(&mut self, hidden: &BTreeSet<String>) {
        for one in self.directions.iter_mut().filter(|one| hidden.contains(&one.slice)) {
            one.pairs = None;
            one.values.iter_mut().for_each(PairValue::hide);
        }
        for kind in &mut self.kinds {
            let gone = |one: &PairDirection| one.kind == kind.kind && hidden.contains(&one.slice);
            if self.directions.iter().any(gone) {
                *kind = PairKind { without: None, several: None, unknown: None, equal: None, ..kind.clone() };
            }
        }
    }
}

impl PairValue {
    fn hide(&mut self) {
        for estimate in [&mut self.base, &mut self.tuned, &mut self.change].into_iter().flatten() {
            *estimate = Estimate::Undefined { undefined: Reason::Hidden };
        }
    }
}
