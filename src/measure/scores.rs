//! How scores are spread and what they mean: blocks of rows in the order of their scores, and tenths with the
//! share of positive labels. Rows count once each, whatever they weigh.

use super::Declared;
use super::Slices;
use super::rows::ByRows;
use super::sample::Sample;
use super::singles::Singles;
use crate::config::Audit;
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

/// A score and its label, NaN where there is none.
type Scored = (f64, f64);

/// The profiles; none where no scores were kept, and none of several classes.
pub(super) fn scores(
    audit: &Audit,
    declared: &Declared,
    slices: &Slices,
    by_rows: Option<&ByRows>,
) -> Vec<ScoreProfile> {
    let Some(sample) = by_rows.map(ByRows::sample).filter(|_| audit.task != Task::Multiclass) else {
        return Vec::new();
    };
    let numbers = audit.task == Task::Regression;
    let singles = Singles::of(slices, MOST_SLICES);
    let least = LEAST_ROWS.max(usize::try_from(audit.min_cell).unwrap_or(usize::MAX));
    let mut profiles = Vec::new();
    for (side, model) in [Subject::Base, Subject::Tuned].into_iter().enumerate() {
        if !declared.has[side] || !(declared.gives_scores[side] || numbers) {
            continue;
        }
        let lists = ascending(sample, &singles, side);
        let bins = !numbers && lists[0].iter().all(|(score, _)| (0.0..=1.0).contains(score));
        let of = |(name, rows): (&&str, &Vec<Scored>)| profile(name, model, rows, least, bins.then_some(declared.z));
        profiles.extend(singles.names.iter().zip(&lists).filter_map(of));
    }
    profiles
}

/// The rows of each slice in the ascending order of one model's scores.
fn ascending(sample: &Sample, singles: &Singles, side: usize) -> Vec<Vec<Scored>> {
    let mut lists = vec![Vec::new(); singles.names.len()];
    let places: Vec<Vec<usize>> = (0..sample.kinds() as u32).map(|kind| singles.places(kind)).collect();
    for row in sample.order(side) {
        let point = &sample.rows()[row];
        if !point.score[side].is_nan() {
            places[point.kind as usize]
                .iter()
                .for_each(|&place| lists[place].push((point.score[side], point.label[side])));
        }
    }
    lists
}

/// `None` of fewer rows than a block needs.
fn profile(name: &str, model: Subject, rows: &[Scored], least: usize, bins: Option<f64>) -> Option<ScoreProfile> {
    let blocks = (rows.len() / least).min(MOST_BLOCKS);
    (blocks > 0).then(|| ScoreProfile {
        slice: name.into(),
        model,
        rows: rows.len() as u64,
        blocks: (0..blocks).map(|block| block_mean(rows, block, blocks)).collect(),
        bins: bins.map_or(Vec::new(), |z| binned(rows, least, z)),
    })
}

fn block_mean(rows: &[Scored], block: usize, blocks: usize) -> f64 {
    let [from, to] = [block, block + 1].map(|at| at * rows.len() / blocks);
    six_digits(rows[from..to].iter().map(|(score, _)| score).sum::<f64>() / (to - from) as f64)
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
fn binned(rows: &[Scored], least: usize, z: f64) -> Vec<ScoreBin> {
    let mut tenths: [Bin; BINS] = Default::default();
    for (score, label) in rows.iter().filter(|(_, label)| !label.is_nan()) {
        let tenth = ((score * BINS as f64) as usize).min(BINS - 1);
        tenths[tenth].add(&Bin { rows: 1, scores: *score, positives: usize::from(*label == 1.0) });
    }
    let mut kept: Vec<Bin> = Vec::new();
    let mut open = Bin::default();
    for tenth in tenths {
        open.add(&tenth);
        if open.rows >= least {
            kept.push(std::mem::take(&mut open));
        }
    }
    kept.last_mut().into_iter().for_each(|last| last.add(&open));
    kept.iter().map(|bin| bin.shown(z)).collect()
}

/// Fewer than a model gives, so that a mean of equal scores is still no copy of one of them.
fn six_digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(scores: impl IntoIterator<Item = f64>) -> Vec<Scored> {
        scores.into_iter().map(|score| (score, f64::from(u8::from(score > 0.5)))).collect()
    }

    #[test]
    fn a_block_holds_no_fewer_rows_than_it_must_and_all_rows_are_in_one() {
        let hundred = rows((0..100).map(f64::from));
        let profile = profile("all", Subject::Base, &hundred, 30, None).expect("there are rows");
        assert_eq!(profile.blocks, [16.0, 49.0, 82.5]);
        assert_eq!(profile.rows, 100);
        assert!(profile_of_few().is_none());
    }

    fn profile_of_few() -> Option<ScoreProfile> {
        profile("all", Subject::Base, &rows([0.1; 9]), 10, None)
    }

    #[test]
    fn a_bin_with_too_few_rows_joins_the_one_beside_it() {
        let scores = [0.05; 12].into_iter().chain([0.15; 3]).chain([0.25; 9]).chain([0.95; 4]);
        let bins = binned(&rows(scores), 10, 1.96);
        let counts: Vec<(f64, Option<f64>)> = bins.iter().map(|bin| (bin.score, bin.positives.value())).collect();
        // 3 rows of the second tenth and 9 of the third, then the 4 of the last.
        let joined = (3.0 * 0.15 + 9.0 * 0.25 + 4.0 * 0.95) / 16.0;
        assert_eq!(counts, [(0.05, Some(0.0)), (six_digits(joined), Some(0.25))]);
        assert!(binned(&rows([0.5; 9]), 10, 1.96).is_empty());
    }
}
