//! How scores are spread and what they mean: blocks of rows in the order of their scores, and tenths with the
//! share of positive labels. Rows count once each, whatever they weigh.

use super::sample::Part;
use super::singles::Singles;
use super::{Declared, Slices};
use crate::config::Audit;
use crate::metrics::Column;
use crate::result::{Estimate, ScoreBin, ScoreProfile, Subject};
use crate::stats::wilson;
use crate::tasks::Task;

/// Slices at most, so that a result stays small; the first in the order shown.
const MOST_SLICES: usize = 40;
/// Blocks at most: points of a curve.
const MOST_BLOCKS: usize = 50;
/// Rows of a block or a bin at least, even where no group is hidden: a mean of fewer comes near to a person's score.
const LEAST_ROWS: usize = 10;
/// Bins of equal width.
const BINS: usize = 10;

/// The profiles of an audit's slices.
pub(super) struct Profiles<'a> {
    singles: Singles<'a>,
    /// The models with scores.
    models: Vec<(usize, Subject)>,
    /// Rows of a block at least.
    least: usize,
    /// The quantile of the bins' intervals, where scores may be chances.
    z: Option<f64>,
}

impl<'a> Profiles<'a> {
    /// Of the models that give scores or numbers.
    pub fn new(audit: &Audit, declared: &Declared, slices: &'a Slices) -> Profiles<'a> {
        let numbers = audit.task == Task::Regression;
        let models = [(0, Subject::Base), (1, Subject::Tuned)];
        let scored = |(side, _): &(usize, Subject)| declared.has[*side] && (declared.gives_scores[*side] || numbers);
        Profiles {
            singles: Singles::of(slices, MOST_SLICES),
            models: models.into_iter().filter(scored).collect(),
            least: LEAST_ROWS.max(usize::try_from(audit.min_cell).unwrap_or(usize::MAX)),
            z: (!numbers).then_some(declared.z),
        }
    }

    /// The rows of a slice, model by model; nothing of a slice that has no profile.
    pub fn drafts(&self, slice: &str, part: &Part) -> Vec<Draft> {
        let models = self.models.iter().filter(|_| self.singles.names.contains(&slice));
        models.map(|(side, _)| Draft::of(&part.columns[*side], self.least)).collect()
    }

    /// Model by model those of every slice, in their order with everyone first.
    pub fn of(&self, mut drafts: Vec<Vec<Draft>>) -> Vec<ScoreProfile> {
        drafts.retain(|drafts| !drafts.is_empty());
        let mut profiles = Vec::new();
        for (at, (_, model)) in self.models.iter().enumerate() {
            let z = self.z.filter(|_| drafts.first().is_some_and(|everyone| everyone[at].within));
            let of = |(name, drafts): (&&str, &Vec<Draft>)| drafts[at].profile(name, *model, self.least, z);
            profiles.extend(self.singles.names.iter().zip(&drafts).filter_map(of));
        }
        profiles
    }
}

/// A slice whose rows pass in the order of their scores.
pub(super) struct Draft {
    rows: usize,
    seen: usize,
    /// Sums of scores; no blocks of fewer rows than one needs.
    blocks: Vec<f64>,
    block: usize,
    /// The rows up to the end of this block.
    end: usize,
    tenths: [Bin; BINS],
    /// Whether every score is between 0 and 1.
    within: bool,
}

impl Draft {
    fn of(column: &Column, least: usize) -> Draft {
        let scored = || column.order.iter().map(|&row| row as usize).filter(|&row| !column.score[row].is_nan());
        let mut draft = Draft::new(scored().count(), least);
        scored().for_each(|row| draft.add(column.score[row], column.label[row]));
        draft
    }

    fn new(rows: usize, least: usize) -> Draft {
        let blocks = vec![0.0; (rows / least).min(MOST_BLOCKS)];
        let mut draft = Draft { rows, seen: 0, blocks, block: 0, end: 0, tenths: Default::default(), within: true };
        draft.end = draft.up_to(1);
        draft
    }

    /// The rows of the first so many blocks.
    fn up_to(&self, blocks: usize) -> usize {
        blocks * self.rows / self.blocks.len().max(1)
    }

    fn add(&mut self, score: f64, label: f64) {
        if self.blocks.is_empty() {
            return;
        }
        if self.seen == self.end {
            self.block += 1;
            self.end = self.up_to(self.block + 1);
        }
        self.blocks[self.block] += score;
        self.seen += 1;
        self.within &= (0.0..=1.0).contains(&score);
        if !label.is_nan() {
            let tenth = ((score * BINS as f64) as usize).min(BINS - 1);
            self.tenths[tenth].add(&Bin { rows: 1, scores: score, positives: usize::from(label == 1.0) });
        }
    }

    /// `None` of fewer rows than a block needs; bins only with the quantile of their intervals.
    fn profile(&self, name: &str, model: Subject, least: usize, z: Option<f64>) -> Option<ScoreProfile> {
        let size = |block: usize| self.up_to(block + 1) - self.up_to(block);
        let mean = |(block, sum): (usize, &f64)| six_digits(sum / size(block) as f64);
        (!self.blocks.is_empty()).then(|| ScoreProfile {
            slice: name.into(),
            model,
            rows: self.rows as u64,
            blocks: self.blocks.iter().enumerate().map(mean).collect(),
            bins: z.map_or(Vec::new(), |z| joined(&self.tenths, least).iter().map(|bin| bin.shown(z)).collect()),
        })
    }
}

/// Rows that a bin holds so far.
#[derive(Default)]
struct Bin {
    rows: usize,
    scores: f64,
    positives: usize,
}

impl Bin {
    fn add(&mut self, other: &Bin) {
        self.rows += other.rows;
        self.scores += other.scores;
        self.positives += other.positives;
    }

    fn shown(&self, z: f64) -> ScoreBin {
        let (n, events) = (self.rows as f64, self.positives as f64);
        let span = wilson(events, n, z);
        ScoreBin {
            score: six_digits(self.scores / n),
            positives: Estimate::known(events / n, span.low, span.high, self.rows as u64),
        }
    }
}

/// Tenths of the scores; one with fewer than `least` rows is joined to the next, the last to the one before.
fn joined(tenths: &[Bin], least: usize) -> Vec<Bin> {
    let mut kept: Vec<Bin> = Vec::new();
    let mut open = Bin::default();
    for tenth in tenths {
        open.add(tenth);
        if open.rows >= least {
            kept.push(std::mem::take(&mut open));
        }
    }
    kept.last_mut().into_iter().for_each(|last| last.add(&open));
    kept
}

/// Fewer than a model gives, so that a mean of equal scores is still no copy of one of them.
fn six_digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(scores: impl IntoIterator<Item = f64>, least: usize, z: Option<f64>) -> Option<ScoreProfile> {
        let scores: Vec<f64> = scores.into_iter().collect();
        let mut draft = Draft::new(scores.len(), least);
        scores.iter().for_each(|&score| draft.add(score, f64::from(u8::from(score > 0.5))));
        draft.profile("all", Subject::Base, least, z)
    }

    #[test]
    fn a_block_holds_no_fewer_rows_than_it_must_and_all_rows_are_in_one() {
        let hundred = profile((0..100).map(f64::from), 30, None).expect("there are rows");
        assert_eq!(hundred.blocks, [16.0, 49.0, 82.5]);
        assert_eq!(hundred.rows, 100);
        assert!(profile([0.1; 9], 10, None).is_none());
    }

    #[test]
    fn a_bin_with_too_few_rows_joins_the_one_beside_it() {
        let scores = [0.05; 12].into_iter().chain([0.15; 3]).chain([0.25; 9]).chain([0.95; 4]);
        let bins = profile(scores, 10, Some(1.96)).expect("there are rows").bins;
        let counts: Vec<(f64, Option<f64>)> = bins.iter().map(|bin| (bin.score, bin.positives.value())).collect();
        // 3 rows of the second tenth and 9 of the third, then the 4 of the last.
        let joined = (3.0 * 0.15 + 9.0 * 0.25 + 4.0 * 0.95) / 16.0;
        assert_eq!(counts, [(0.05, Some(0.0)), (six_digits(joined), Some(0.25))]);
    }
}
