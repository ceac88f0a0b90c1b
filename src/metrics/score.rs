//! Metrics of scores: how well they order, how well they are calibrated, how high they are.

use super::column::Bin;
use super::leep::leep;
use super::{Better, Formula, Metric, Peer, Row, Scored, Sorted};
use crate::stats::{Influenced, Scale, recalibrated};

/// Scores are kept this far from 0 and 1 before a logarithm is taken, as scikit-learn does.
const CLIP: f64 = 1e-15;

fn brier(row: Row) -> f64 {
    (row.score - row.label).powi(2)
}

fn kept(score: f64) -> f64 {
    score.clamp(CLIP, 1.0 - CLIP)
}

fn log_loss(row: Row) -> f64 {
    let kept = kept(row.score);
    -(row.label * kept.ln() + (1.0 - row.label) * (1.0 - kept).ln())
}

fn of_class(row: Row, class: f64) -> f64 {
    if row.label == class { row.score } else { f64::NAN }
}

/// The median is taken as known: its own error is left out, as the rule's own arithmetic does.
fn above_median(row: Row) -> f64 {
    if row.score.is_nan() { f64::NAN } else { f64::from(u8::from(row.score > row.median)) }
}

/// The log-odds of a score; `None` where it is outside 0 to 1.
pub fn log_odds(score: f64) -> Option<f64> {
    (0.0..=1.0).contains(&score).then(|| kept(score)).map(|kept| (kept / (1.0 - kept)).ln())
}

/// The slope of a logistic regression of the labels on the scores' log-odds, with the influences of its score
/// equation (Cox 1958; sandwich variance, White 1982).
pub fn slope(rows: &Sorted) -> Option<Influenced> {
    let numbers: Vec<f64> = rows.score.iter().map(|&score| log_odds(score)).collect::<Option<_>>()?;
    let each =
        || numbers.iter().zip(rows.label.iter()).zip(rows.weight.iter()).map(|((x, y), weight)| (*x, *y, *weight));
    let fit = recalibrated(each())?;
    let moved = each().map(|(x, y, weight)| weight * (y - fit.chance(x)) * fit.moves(x));
    let (influence, count) = (rows.scattered(moved, 0.0), rows.len() as u64);
    let (effective, inside) = (count as f64, Vec::new());
    Some(Influenced { value: fit.at[1], influence, rows: count, effective, inside, scale: Scale::Real })
}

fn without_error(value: f64, rows: usize) -> Option<Influenced> {
    let rows = rows as u64;
    Some(Influenced {
        value,
        influence: Vec::new(),
        rows,
        effective: rows as f64,
        inside: Vec::new(),
        scale: Scale::Real,
    })
}

fn calibration_error(rows: &Sorted) -> Option<Influenced> {
    let bins = rows.bins();
    let total: f64 = bins.iter().map(|bin| bin.weight).sum();
    let error: f64 = bins.iter().map(|bin| bin.weight * (bin.score - bin.label).abs()).sum();
    (total > 0.0).then(|| without_error(error / total, bins.iter().map(|bin| bin.rows).sum()))?
}

/// Squared, with the part that chance alone gives taken out of every bin; below 0 counts as 0.
fn debiased_error(rows: &Sorted) -> Option<Influenced> {
    let bins = rows.bins();
    let total: f64 = bins.iter().map(|bin| bin.weight).sum();
    let debiased = |bin: &Bin| {
        let chance = bin.label * (1.0 - bin.label) / (bin.rows as f64 - 1.0);
        bin.weight * ((bin.score - bin.label).powi(2) - chance)
    };
    let enough = total > 0.0 && bins.iter().all(|bin| bin.rows > 1);
    let sum: f64 = bins.iter().map(debiased).sum();
    enough.then(|| without_error((sum / total).max(0.0).sqrt(), bins.iter().map(|bin| bin.rows).sum()))?
}

const LABELED: &str = "of all with a label";

const fn scored(
    id: &'static str,
    aliases: &'static [&'static str],
    [title, plain, among]: [&'static str; 3],
    better: Better,
    formula: Scored,
    [doc, source]: [&'static str; 2],
) -> Metric {
    let formula = Formula::Score(formula);
    Metric { id, aliases, title, plain, among, better, formula, doc, source, ..Metric::BLANK }
}

pub(super) static METRICS: &[Metric] = &[
    scored(
        "roc_auc",
        &["auc", "roc_auc_score", "auroc", "subgroup_auc"],
        ["Area under the ROC curve", "ordered right (AUC)", LABELED],
        Better::Higher,
        Scored::Area,
        [
            "The chance that someone with a positive label scores above someone with a negative one, both of the \
             group; ties count half. Undefined where one label is missing. It needs 10 rows of each.",
            "DeLong, DeLong & Clarke-Pearson (1988); Sun & Xu (2014); scikit-learn 1.9, roc_auc_score",
        ],
    )
    .written("P(s⁺ > s⁻) + P(s⁺ = s⁻) / 2")
    .elsewhere(&[
        Peer::other("holisticai", "abroca", "the difference of two areas, whatever its name; the area between two curves is not measured"),
    ])
    .counting_from(0.03),
    scored(
        "brier_score",
        &["brier", "brier_score_loss"],
        ["Brier score", "squared error (Brier)", LABELED],
        Better::Lower,
        Scored::Mean(brier, Scale::Mean),
        ["The mean of (score − label)².", "Brier (1950); scikit-learn 1.9, brier_score_loss"],
    )
    .written("mean of (s − y)²")
    .counting_from(0.02),
    scored(
        "log_loss",
        &["cross_entropy"],
        ["Log loss", "log loss", LABELED],
        Better::Lower,
        Scored::Mean(log_loss, Scale::Mean),
        [
            "The mean of −ln of the score given to the label; scores are kept 1e-15 away from 0 and 1.",
            "scikit-learn 1.9, log_loss",
        ],
    )
    .written("−mean of (y ln s + (1 − y) ln(1 − s))")
    .counting_from(0.05),
    scored(
        "leep",
        &["log_expected_empirical_prediction"],
        ["LEEP", "transferability", LABELED],
        Better::Higher,
        Scored::Sorted(leep),
        [
            "How well the labels follow from the model's classes alone: the mean of ln Σ P(y | z) θ(z), θ being the scores of both classes and P(y | z) their table with the labels. 0 at best; the entropy of the labels, negated, where the classes tell nothing. Of a base before tuning it forecasts how well it can be tuned. Scores outside 0 to 1 have none.",
            "Nguyen et al. (2020), ICML, equation 4",
        ],
    )
    .written("mean of ln Σz P(y | z) θz")
    .counting_from(0.05),
    scored(
        "calibration_in_the_large",
        &["mean_calibration_error", "calibration_gap"],
        ["Calibration in the large", "scored too high", LABELED],
        Better::Neutral,
        Scored::Mean(|row| row.score - row.label, Scale::Mean),
        [
            "Mean score minus mean label: above 0 the group is scored too high. TFMA's Calibration is their ratio.",
            "Cox (1958); Van Calster et al. (2016)",
        ],
    )
    .written("mean of s − mean of y")
    .elsewhere(&[
        Peer::other("TFMA", "calibration", "mean score over mean label: their ratio"),
    ]),
    scored(
        "calibration_slope",
        &["recalibration_slope"],
        ["Calibration slope", "calibration slope", LABELED],
        Better::Neutral,
        Scored::Slope,
        [
            "The slope of a logistic regression of the labels on the log-odds of the scores: 1 is right, below 1 the \
             scores are too extreme. Scores are kept 1e-15 away from 0 and 1, as in log_loss: a certain score that is \
             wrong weighs heavily. Undefined where a score is outside 0 to 1, where labels or scores do not vary, or \
             where they are perfectly separated.",
            "Cox (1958); variance: White (1982)",
        ],
    )
    .written("b in logit P(y = 1) = a + b logit s")
    .counting_from(0.2),
    scored(
        "expected_calibration_error",
        &["ece"],
        ["Expected calibration error", "calibration error", LABELED],
        Better::Lower,
        Scored::Sorted(calibration_error),
        [
            "The mean distance of mean score and mean label over at most 15 bins of equal rows (at least 20 each), equal \
             scores together. It is biased upwards in small groups, so it gets no findings; see debiased_calibration_error.",
            "Naeini et al. (2015); Roelofs et al. (2022)",
        ],
    )
    .written("Σ (n_k / n) |mean s − mean y| over bins k"),
    scored(
        "debiased_calibration_error",
        &["debiased_ece"],
        ["Debiased calibration error", "calibration error, debiased", LABELED],
        Better::Lower,
        Scored::Sorted(debiased_error),
        [
            "The root of the mean squared distance of mean score and mean label over the same bins, less what chance \
             alone gives; below 0 counts as 0.",
            "Bröcker (2012); Ferro & Fricker (2012); Kumar, Liang & Ma (2019)",
        ],
    )
    .written("√ Σ (n_k / n) ((mean s − mean y)² − mean y (1 − mean y) / (n_k − 1)) over bins k"),
    Metric {
        needs_labels: false,
        ..scored(
            "mean_score",
            &["average_score"],
            ["Mean score", "mean score", "of all"],
            Better::AsDeclared,
            Scored::Mean(|row| row.score, Scale::Mean),
            ["The mean score.", "holisticai, avg_score_diff; fairlearn 0.15, mean_prediction"],
        )
        .written("mean of s")
        .elsewhere(&[
            Peer::gap("holisticai", "avg_score_diff", ""),
            Peer::ratio("holisticai", "avg_score_ratio", ""),
        ])
    },
    Metric {
        needs_labels: false,
        ..scored(
            super::SCORING_RATE,
            &["median_rate"],
            ["Scoring rate", "scored above the median", "of all"],
            Better::AsDeclared,
            Scored::Mean(above_median, Scale::Rate),
            [
                "The share of the group that scores strictly above the median score of everyone; of an even number \
                 of rows the median lies halfway between the middle two. It is taken as known.",
                "New York City, 6 RCNY § 5-300 (rules on Local Law 144 of 2021), scoring rate",
            ],
        )
        .written("P(s > median of all s)")
        .counting_from(0.05)
    },
    scored(
        "mean_score_positives",
        &["balance_for_positive_class", "generalized_true_positive_rate"],
        ["Balance for the positive class", "mean score (positive label)", "of those with a positive label"],
        Better::Higher,
        Scored::Mean(|row| of_class(row, 1.0), Scale::Mean),
        [
            "The mean score of those with a positive label.",
            "Kleinberg, Mullainathan & Raghavan (2017); AIF360 0.6.1, generalized_true_positive_rate",
        ],
    )
    .written("mean of s where y = 1"),
    scored(
        "mean_score_negatives",
        &["balance_for_negative_class", "generalized_false_positive_rate"],
        ["Balance for the negative class", "mean score (negative label)", "of those with a negative label"],
        Better::Lower,
        Scored::Mean(|row| of_class(row, 0.0), Scale::Mean),
        [
            "The mean score of those with a negative label.",
            "Kleinberg, Mullainathan & Raghavan (2017); AIF360 0.6.1, generalized_false_positive_rate",
        ],
    )
    .written("mean of s where y = 0"),
];

#[cfg(test)]
mod tests {
    use super::super::Column;
    use super::*;

    /// One score in a hundred is certain, and half of those are wrong. By Newton's method in numpy 2.4, on log-odds of
    /// scores kept 1e-15 away from 0 and 1.
    #[test]
    fn a_certain_score_has_log_odds() {
        let score: Vec<f64> = (0..400)
            .map(|row| if row % 100 == 7 { f64::from(row / 200) } else { f64::from(row % 97 + 1) / 99.0 })
            .collect();
        let label: Vec<f64> = (0..400).map(|row| f64::from(u8::from((row * 37) % 101 < row % 97))).collect();
        let column = |score: Vec<f64>| Column {
            label: label.clone().into(),
            order: super::super::column::by_score(&score).into(),
            weight: vec![1.0; 400].into(),
            score: score.into(),
            ..Column::default()
        };
        let found = slope(&Sorted::new(&column(score.clone()))).expect("labels vary");
        let error = found.influence.iter().map(|x| x * x).sum::<f64>().sqrt();
        let [value, expected] = [0.441_927_929, 0.251_231_163];
        assert!((found.value - value).abs() < 1e-8 && (error - expected).abs() < 1e-8, "{} {error}", found.value);
        let beyond: Vec<f64> = score.iter().map(|score| score * 1.01).collect();
        assert_eq!(slope(&Sorted::new(&column(beyond))), None);
    }

    /// The lowest scores weigh nothing, enough of them for a bin of their own.
    #[test]
    fn rows_without_weight_make_no_bin() {
        let score: Vec<f64> = (0..60).map(|row| f64::from(row) / 60.0).collect();
        let label: Vec<f64> = (0..60).map(|row| f64::from(row % 2)).collect();
        let weight: Vec<f64> = (0..60).map(|row| f64::from(u8::from(row >= 20))).collect();
        let order: Vec<u32> = (0..60).collect();
        let column = Column {
            label: label.into(),
            score: score.into(),
            weight: weight.into(),
            order: order.into(),
            ..Column::default()
        };
        let rows = Sorted::new(&column);
        for error in [calibration_error(&rows), debiased_error(&rows)] {
            let found = error.expect("rows that weigh");
            assert!(found.value.is_finite() && found.rows == 40, "{found:?}");
        }
    }
}
