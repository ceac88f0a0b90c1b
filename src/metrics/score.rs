//! Metrics of scores: how well they order, how well they are calibrated, how high they are.

use super::column::Bin;
use super::leep::leep;
use super::{Better, Formula, Metric, Peer, Row, Scored, Sorted};
use crate::stats::{Influenced, Scale};

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

/// Blocks of rows by which a regression of many rows starts.
const BLOCKS: usize = 512;

/// The rows of a logistic regression of the labels on the log-odds of the scores.
struct Recalibration<'a> {
    logit: &'a [f64],
    label: &'a [f64],
    weight: &'a [f64],
}

/// The slope of a logistic regression of the labels on the scores' log-odds, by Newton's method, with
/// the influences of its score equation (Cox 1958; sandwich variance, White 1982).
fn slope(rows: &Sorted) -> Option<Influenced> {
    if rows.score.iter().any(|score| !(0.0..=1.0).contains(score)) {
        return None;
    }
    let logit: Vec<f64> = rows.score.iter().map(|&score| kept(score)).map(|kept| (kept / (1.0 - kept)).ln()).collect();
    let recalibration = Recalibration { logit: &logit, label: &rows.label, weight: &rows.weight };
    let both_labels = [0.0, 1.0].iter().all(|class| rows.label.contains(class));
    let (at, chances) = both_labels.then(|| recalibration.converged())??;
    let (_, [_, h01, h11]) = recalibration.score_and_inverse(&chances)?;
    let moved = recalibration.rows().zip(&chances).map(|((x, y, weight), chance)| {
        let left = weight * (y - chance);
        h01 * left + h11 * left * x
    });
    let (influence, count) = (rows.scattered(moved, 0.0), rows.len() as u64);
    let (effective, inside) = (count as f64, Vec::new());
    Some(Influenced { value: at[1], influence, rows: count, effective, inside, scale: Scale::Real })
}

#[inline]
fn chance([intercept, slope]: [f64; 2], x: f64) -> f64 {
    1.0 / (1.0 + (-(intercept + slope * x)).exp())
}

type Newton = ([f64; 2], [f64; 3]);

/// Intercept and slope, with the chance of every row there.
type Fitted = ([f64; 2], Vec<f64>);

/// How far a row's log-odds may move for its chance to follow by the first terms of Taylor's series: the fourth is
/// below d⁴ / 24.
const NEAR: f64 = 1e-3;

/// The chance once its log-odds moved by `d`.
#[inline]
fn followed(p: f64, d: f64) -> f64 {
    let q = p * (1.0 - p);
    p + d * q * (1.0 + d * (0.5 - p + d * (1.0 - 6.0 * q) / 6.0))
}

impl Recalibration<'_> {
    fn rows(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        self.logit.iter().zip(self.label).zip(self.weight).map(|((x, y), weight)| (*x, *y, *weight))
    }

    /// Intercept and slope; `None` where the labels are separated, so that they run away. Of many rows those of
    /// their blocks come near them.
    fn converged(&self) -> Option<Fitted> {
        let many = self.logit.len() > 8 * BLOCKS;
        let nearly = if many { self.of_blocks() } else { None };
        nearly.and_then(|(at, _)| self.from(at)).or_else(|| self.of_all())
    }

    /// Most scores are nearly right, so that the search starts there; from nothing it is safer.
    fn of_all(&self) -> Option<Fitted> {
        self.from([0.0, 1.0]).or_else(|| self.from([0.0, 0.0]))
    }

    /// The same of rows that are neighbors in the order of their scores, taken together.
    fn of_blocks(&self) -> Option<Fitted> {
        let size = self.logit.len().div_ceil(BLOCKS);
        let weights = || self.weight.chunks(size);
        let sum = |terms: &[f64], weights: &[f64]| terms.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>();
        let weight: Vec<f64> = weights().map(|weights| weights.iter().sum()).collect();
        let mean = |terms: &[f64]| -> Vec<f64> {
            let sums = terms.chunks(size).zip(weights()).map(|(terms, weights)| sum(terms, weights));
            sums.zip(&weight).map(|(sum, weight)| sum / weight).collect()
        };
        let (logit, label) = (mean(self.logit), mean(self.label));
        Recalibration { logit: &logit, label: &label, weight: &weight }.of_all()
    }

    fn from(&self, mut at: [f64; 2]) -> Option<Fitted> {
        let mut chances: Vec<f64> = self.logit.iter().map(|&x| chance(at, x)).collect();
        let farthest = self.logit.iter().fold(0.0, |far: f64, x| far.max(x.abs()));
        for _ in 0..50 {
            let ([g0, g1], [h00, h01, h11]) = self.score_and_inverse(&chances)?;
            let step = [h00 * g0 + h01 * g1, h01 * g0 + h11 * g1];
            at = [at[0] + step[0], at[1] + step[1]];
            let rows = chances.iter_mut().zip(self.logit);
            if step[0].abs() + step[1].abs() * farthest < NEAR {
                rows.for_each(|(p, x)| *p = followed(*p, step[0] + step[1] * x));
            } else {
                rows.for_each(|(p, &x)| *p = chance(at, x));
            }
            // What is left is about the square of this step.
            if step[0].abs() + step[1].abs() < 1e-7 * (1.0 + at[0].abs() + at[1].abs()) {
                return Some((at, chances));
            }
        }
        None
    }

    /// Gradient of the log-likelihood, and the inverse of its negative second derivatives, from every row's chance.
    fn score_and_inverse(&self, chances: &[f64]) -> Option<Newton> {
        let (mut g, mut h) = ([0.0; 2], [0.0; 3]);
        for ((x, y, weight), &p) in self.rows().zip(chances) {
            let (left, spread) = (weight * (y - p), weight * p * (1.0 - p));
            g = [g[0] + left, g[1] + left * x];
            h = [h[0] + spread, h[1] + spread * x, h[2] + spread * x * x];
        }
        let determinant = h[0] * h[2] - h[1] * h[1];
        let sound = determinant > 1e-12 * h[0] * h[2] && determinant.is_finite();
        sound.then(|| (g, [h[2] / determinant, -h[1] / determinant, h[0] / determinant]))
    }
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
        Scored::Sorted(slope),
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

    /// Many rows end where the search without blocks does.
    #[test]
    fn blocks_are_but_a_start() {
        let logit: Vec<f64> = (0..9000).map(|row| f64::from(row) / 1500.0 - 3.0).collect();
        let likely = |row: &usize| ((row * 7919) % 1000) as f64 / 1000.0 < chance([0.3, 0.8], logit[*row]);
        let label: Vec<f64> = (0..9000).map(|row| f64::from(u8::from(likely(&row)))).collect();
        let weight: Vec<f64> = (0..9000).map(|row| f64::from(row % 3 + 1)).collect();
        let rows = Recalibration { logit: &logit, label: &label, weight: &weight };
        let ((found, chances), (afar, _)) =
            (rows.converged().expect("both labels"), rows.of_all().expect("both labels"));
        // Chances that only followed are those that the fit gives.
        let exact = logit.iter().map(|&x| chance(found, x));
        assert!(chances.iter().zip(exact).all(|(a, b)| (a - b).abs() < 1e-13));
        assert!(found.iter().zip(afar).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} is not {afar:?}");
        let (near, _) = rows.of_blocks().expect("both labels");
        assert!(near != found && (near[1] - found[1]).abs() < 1e-3, "{near:?} is not near {found:?}");
    }

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
