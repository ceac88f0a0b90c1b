//! Decides, once, what needs the whole data, so far the prevalence-matched thresholds; then
//! decisions become cells.

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
        for (side, spec) in audit.sides().into_iter().enumerate() {
            if spec.is_some_and(|spec| spec.threshold == Threshold::Prevalence) {
                thresholds[side] = prevalence_threshold(points, side);
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
    let scored = points.rows.iter().filter(|row| !row.score[side].is_nan());
    let mut scores: Vec<(f64, bool)> = scored.map(|row| (row.score[side], row.label[side] == 1.0)).collect();
    let positives = scores.iter().filter(|(_, positive)| *positive).count();
    scores.sort_by(|a, b| b.0.total_cmp(&a.0));
    let Some(&(bound, _)) = scores.get(positives) else { return f64::NEG_INFINITY };
    let above = scores.iter().map(|(score, _)| *score).take_while(|score| *score > bound).last();
    above.unwrap_or(f64::INFINITY)
}
