//! Decides, once, what needs the whole data: thresholds that are matched to the labels or to the base;
//! then decisions become cells.

use crate::config::Audit;
use crate::evidence::{Evidence, Points, pool};
use crate::models::{ModelSpec, Predictor, Threshold};
use crate::tasks::Task;

/// Evidence in cells, with the thresholds that made them.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// Cells of every atom, and the points that metrics of scores need.
    pub evidence: Evidence,
    /// The threshold of base and tuned; `None` where a model gave decisions or predicts
    /// numbers, or is absent.
    pub thresholds: [Option<f64>; 2],
    /// What the reader should know.
    pub notices: Vec<String>,
}

/// Fixes thresholds, turns points into cells and pools the groups that are too many.
pub fn settle(audit: &Audit, mut evidence: Evidence) -> Settled {
    let mut thresholds = audit.fixed_thresholds();
    if let Some(points) = &evidence.points {
        // The base first, since the tuned model's may be held to it.
        for (side, spec) in audit.sides().into_iter().enumerate() {
            match spec.map(|spec| spec.threshold) {
                Some(Threshold::Prevalence) => thresholds[side] = prevalence_threshold(points, side),
                Some(Threshold::Matched) => thresholds[side] = matched_threshold(points, thresholds[0]),
                Some(Threshold::Shared) => thresholds[side] = thresholds[0],
                Some(Threshold::At(_)) | None => {}
            }
        }
        evidence.cells = points.cells(audit.meaning(thresholds), &evidence.lattices);
    }
    let (evidence, notices) = pool(evidence);
    let scored = |spec: &ModelSpec| audit.task == Task::Binary && !matches!(spec.predictor, Predictor::Decisions(_));
    let has_score = audit.sides().map(|spec| spec.is_some_and(scored));
    let thresholds = [0, 1].map(|side| has_score[side].then_some(thresholds[side]));
    Settled { evidence, thresholds, notices }
}

/// The smallest score above the (P+1)-th largest, where P counts the positive labels among the rows
/// with a score: Wang & Russakovsky (2023), `threshold = sort(probs)[-sum(labels) - 1]`, strictly above.
///
/// All rows are positive when P is their number, none when the top P+1 scores tie.
pub fn prevalence_threshold(points: &Points, side: usize) -> f64 {
    let scored = || points.rows.iter().filter(|row| !row.score[side].is_nan());
    let positives = scored().filter(|row| row.label[side] == 1.0).count();
    selecting(positives, scored().map(|row| row.score[side]).collect())
}

/// The tuned model's threshold that makes as many rows positive as the base's does, by the same rule: of the
/// rows that both models score.
pub fn matched_threshold(points: &Points, base: f64) -> f64 {
    let scored = || points.rows.iter().filter(|row| row.score.iter().all(|score| !score.is_nan()));
    let positives = scored().filter(|row| row.score[0] >= base).count();
    selecting(positives, scored().map(|row| row.score[1]).collect())
}

/// The smallest score above the (count + 1)-th largest: it selects `count`, or fewer where scores tie.
fn selecting(count: usize, mut scores: Vec<f64>) -> f64 {
    scores.sort_by(|a, b| b.total_cmp(a));
    let Some(&bound) = scores.get(count) else { return f64::NEG_INFINITY };
    scores.into_iter().take_while(|score| *score > bound).last().unwrap_or(f64::INFINITY)
}
