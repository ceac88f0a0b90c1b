//! Metrics of predicted numbers: how far they are from the labels, and on which side.
//!
//! An error is prediction − label, in the label's unit. Means have Student's limits, so that gaps get
//! Welch's t (statistics.md 4.5); what is made of means has the delta method's.

use super::column::by_score;
use super::versus::{plain, wasserstein};
use super::{Better, Column, Formula, Metric, RESIDUAL_DISTANCE, Row, Scored, SmallestGap, Versus};
use crate::stats::{Influenced, Scale, mean};

/// The quantile that the quantile loss is for.
const TAU: f64 = 0.5;

fn squared(row: Row) -> f64 {
    (row.score - row.label).powi(2)
}

fn pinball(row: Row) -> f64 {
    let error = row.score - row.label;
    if error < 0.0 { -TAU * error } else { (1.0 - TAU) * error }
}

fn mean_squared_error(column: &Column) -> Option<Influenced> {
    mean(&column.each(squared), &column.weight, Scale::Mean)
}

/// The root's influences are those of the mean over twice the root.
fn root_mean_squared_error(column: &Column) -> Option<Influenced> {
    let mut found = mean_squared_error(column)?;
    found.value = found.value.sqrt();
    found.scale = Scale::Positive;
    found.influence.iter_mut().for_each(|influence| *influence /= 2.0 * found.value);
    Some(found)
}

/// With the mean squared error M and the labels' variance V, R² = 1 − M/V; a row moves it by
/// M/V² times what it adds to V, less what it adds to M over V.
fn r2(column: &Column) -> Option<Influenced> {
    let labels = column.both(|label, prediction| if prediction.is_nan() { f64::NAN } else { label });
    let weighs = |(label, weight): &(&f64, &f64)| !label.is_nan() && **weight > 0.0;
    let mut known = labels.iter().zip(column.weight.iter()).filter(weighs);
    let (first, _) = known.next()?;
    if known.all(|(label, _)| label == first) {
        return None;
    }
    let center = mean(&labels, &column.weight, Scale::Mean)?.value;
    let spread: Vec<f64> = labels.iter().map(|label| (label - center).powi(2)).collect();
    let spread = mean(&spread, &column.weight, Scale::Mean)?;
    let error = mean_squared_error(column)?;
    let (m, v) = (error.value, spread.value);
    let both = error.influence.iter().zip(&spread.influence);
    let influence = both.map(|(to_error, to_spread)| m / (v * v) * to_spread - to_error / v).collect();
    Some(Influenced { value: 1.0 - m / v, influence, scale: Scale::Real, ..error })
}

/// The errors as a column of their own, in their order.
fn errors(column: &Column) -> Column {
    let score = column.both(|label, prediction| prediction - label);
    let order = by_score(&score);
    Column { score: score.into(), order: order.into(), weight: column.weight.clone(), ..Column::default() }
}

fn error_distance(slice: &Column, rest: &Column) -> Option<Influenced> {
    let slice = errors(slice);
    plain(wasserstein(&slice, &errors(rest)), &slice)
}

const fn numeric(
    id: &'static str,
    aliases: &'static [&'static str],
    [title, plain]: [&'static str; 2],
    better: Better,
    formula: Scored,
    [doc, source]: [&'static str; 2],
) -> Metric {
    let formula = Formula::Number(formula);
    Metric { id, aliases, title, plain, better, formula, doc, source, ..Metric::BLANK }
}

pub(super) static METRICS: &[Metric] = &[
    numeric(
        "mean_error",
        &["bias", "mean_bias_error"],
        ["Mean error", "predicted too high"],
        Better::Neutral,
        Scored::Mean(|row| row.score - row.label, Scale::Mean),
        ["The mean of prediction − label: above 0 the group is predicted too high.", "statistics.md 4.5"],
    )
    .written("mean of s − y"),
    numeric(
        "mean_absolute_error",
        &["mae"],
        ["Mean absolute error", "mean absolute error"],
        Better::Lower,
        Scored::Mean(|row| (row.score - row.label).abs(), Scale::Mean),
        ["The mean of |prediction − label|.", "scikit-learn 1.9, mean_absolute_error"],
    )
    .written("mean of |s − y|"),
    numeric(
        "mean_squared_error",
        &["mse"],
        ["Mean squared error", "mean squared error"],
        Better::Lower,
        Scored::Mean(squared, Scale::Mean),
        [
            "The mean of (prediction − label)², in the square of the label's unit.",
            "scikit-learn 1.9, mean_squared_error",
        ],
    )
    .written("mean of (s − y)²")
    .named_by_the_audit(),
    numeric(
        "root_mean_squared_error",
        &["rmse"],
        ["Root mean squared error", "root mean squared error"],
        Better::Lower,
        Scored::Whole(root_mean_squared_error),
        [
            "The root of the mean of (prediction − label)². Its limits are even on the logarithm; where every \
             prediction is right it is 0 and has none.",
            "scikit-learn 1.9, root_mean_squared_error; variance: the delta method",
        ],
    )
    .written("√ mean of (s − y)²"),
    numeric(
        "r2_score",
        &["r2", "coefficient_of_determination"],
        ["Coefficient of determination", "explained (R²)"],
        Better::Higher,
        Scored::Whole(r2),
        [
            "1 − the mean squared error over the labels' variance, both of the group. Undefined where the group's \
             labels do not vary; scikit-learn gives 0 or 1 there.",
            "scikit-learn 1.9, r2_score; variance: the delta method",
        ],
    )
    .written("1 − mean of (s − y)² / mean of (y − ȳ)²")
    .counting_from(0.05),
    numeric(
        "quantile_loss",
        &["pinball_loss", "mean_pinball_loss"],
        ["Quantile loss", "quantile loss"],
        Better::Lower,
        Scored::Mean(pinball, Scale::Mean),
        [
            "The mean of τ (label − prediction) where the prediction is too low and of (1 − τ) (prediction − label) \
             where it is too high, for the median, τ = 0.5: half the mean absolute error.",
            "Koenker & Bassett (1978); scikit-learn 1.9, mean_pinball_loss",
        ],
    )
    .written("mean of max(τ(y − s), (1 − τ)(s − y)), τ = 1/2"),
    Metric {
        id: RESIDUAL_DISTANCE,
        aliases: &["residual_w1"],
        title: "Error distance (W1)",
        plain: "distance of the errors",
        among: "against the others",
        better: Better::Lower,
        formula: Formula::Versus(Versus::Whole(error_distance)),
        needs_labels: true,
        symbols: "∫ |F(e) − G(e)| de, e = s − y",
        smallest_gap: SmallestGap::Default,
        peers: &[],
        doc: "The area between the distribution functions of the group's errors, prediction − label, and of the others': \
              how far errors would have to move, on average, to be spread alike.",
        source: "Jiang et al. (2020), section 3, of residuals; scipy 1.17, wasserstein_distance",
    },
    Metric {
        among: "of all",
        needs_labels: false,
        symbols: "mean of s",
        ..numeric(
            "mean_prediction",
            &["average_prediction"],
            ["Mean prediction", "mean prediction"],
            Better::AsDeclared,
            Scored::Mean(|row| row.score, Scale::Mean),
            [
                "The mean prediction, over all rows with one.",
                "fairlearn 0.15, mean_prediction; holisticai, avg_score_diff",
            ],
        )
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics;

    /// Labels and predictions of scikit-learn's manual for r2_score and others.
    fn column() -> Column {
        Column {
            label: vec![3.0, -0.5, 2.0, 7.0, f64::NAN, 4.0].into(),
            score: vec![2.5, 0.0, 2.0, 8.0, 1.0, f64::NAN].into(),
            weight: vec![1.0; 6].into(),
            ..Column::default()
        }
    }

    fn found(id: &str, column: &Column) -> Option<Influenced> {
        let metric = metrics::find(id).unwrap();
        let Formula::Number(of) = metric.formula else { panic!("{id} is no number") };
        of.of_column(column)
    }

    /// scikit-learn 1.9: the examples of its manual.
    #[test]
    fn values_equal_those_of_scikit_learn() {
        let expected = [
            ("mean_error", 0.25),
            ("mean_absolute_error", 0.5),
            ("mean_squared_error", 0.375),
            ("root_mean_squared_error", 0.612_372_435_695_794_5),
            ("r2_score", 0.948_608_137_044_967_9),
            ("quantile_loss", 0.25),
        ];
        for (id, value) in expected {
            let found = found(id, &column()).unwrap();
            assert!((found.value - value).abs() < 1e-15, "{id}: {}", found.value);
            assert_eq!(found.rows, 4);
        }
        let mean = found("mean_prediction", &column()).unwrap();
        assert_eq!((mean.value, mean.rows), (2.7, 5));
    }

    /// An influence is the derivative by the row's weight.
    #[test]
    fn influences_are_derivatives() {
        for metric in METRICS.iter().filter(|metric| metric.id != RESIDUAL_DISTANCE) {
            let at = |weight: f64| {
                let mut moved = column();
                std::sync::Arc::make_mut(&mut moved.weight)[3] = weight;
                found(metric.id, &moved).unwrap().value
            };
            let slope = (at(1.0 + 1e-6) - at(1.0 - 1e-6)) / 2e-6;
            let found = found(metric.id, &column()).unwrap();
            let few = (found.rows as f64 / (found.rows - 1) as f64).sqrt();
            assert!((slope * few - found.influence[3]).abs() < 1e-8, "{}: {slope}", metric.id);
        }
    }

    #[test]
    fn labels_that_do_not_vary_have_no_r2() {
        let constant = Column { label: vec![0.1; 6].into(), ..column() };
        assert!(found("r2_score", &constant).is_none());
        assert!(found("mean_error", &constant).is_some());
        // Those that differ weigh nothing.
        let weightless = Column {
            label: vec![1.0, 1.0, 1.0, 7.0, 1.0, 1.0].into(),
            weight: vec![1.0, 1.0, 1.0, 0.0, 1.0, 1.0].into(),
            ..column()
        };
        assert!(found("r2_score", &weightless).is_none());
        let nothing = Column { label: vec![f64::NAN; 6].into(), ..column() };
        assert!(found("r2_score", &nothing).is_none() && found("mean_error", &nothing).is_none());
    }
}
