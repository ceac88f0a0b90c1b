//! Numbers that mix several cells of a model's confusion table. Their errors are the delta method's.

use super::{Better, Formula, Metric, Peer, Side};
use crate::stats::{Dual, Scale};

/// A confusion table: rows by label and decision, as numbers that know their derivatives.
#[derive(Debug, Clone, Copy)]
pub struct Confusion {
    /// Positive label, positive decision.
    pub true_positive: Dual,
    /// Negative label, positive decision.
    pub false_positive: Dual,
    /// Positive label, negative decision.
    pub false_negative: Dual,
    /// Negative label, negative decision.
    pub true_negative: Dual,
}

impl Confusion {
    /// The row of each count, in the order of [`Confusion::of`].
    pub const PLACES: [Side; 4] = [
        Side { label: Some(true), said: true },
        Side { label: Some(false), said: true },
        Side { label: Some(true), said: false },
        Side { label: Some(false), said: false },
    ];

    /// From counts in the order TP, FP, FN, TN, which may be sums of weights.
    pub fn of(counts: [f64; 4]) -> Confusion {
        let [true_positive, false_positive, false_negative, true_negative] =
            std::array::from_fn(|at| Dual::count(counts[at], at));
        Confusion { true_positive, false_positive, false_negative, true_negative }
    }

    /// Where a row stands among the counts.
    pub fn place(label: bool, said: bool) -> usize {
        match (label, said) {
            (true, true) => 0,
            (false, true) => 1,
            (true, false) => 2,
            (false, false) => 3,
        }
    }

    fn all(&self) -> Dual {
        self.true_positive + self.false_positive + self.false_negative + self.true_negative
    }
}

fn balanced_accuracy(t: &Confusion) -> Option<Dual> {
    let found = t.true_positive.over(t.true_positive + t.false_negative)?;
    let spared = t.true_negative.over(t.true_negative + t.false_positive)?;
    Some(0.5 * (found + spared))
}

fn f1(t: &Confusion) -> Option<Dual> {
    let twice = 2.0 * t.true_positive;
    twice.over(twice + t.false_positive + t.false_negative)
}

fn matthews(t: &Confusion) -> Option<Dual> {
    let product = t.true_positive * t.true_negative - t.false_positive * t.false_negative;
    let labels = (t.true_positive + t.false_negative) * (t.true_negative + t.false_positive);
    let decisions = (t.true_positive + t.false_positive) * (t.true_negative + t.false_negative);
    let margins = labels * decisions;
    (margins.value > 0.0).then(|| product / margins.sqrt())
}

fn treatment(t: &Confusion) -> Option<Dual> {
    t.false_negative.over(t.false_positive)
}

/// The benefits b = decision − label + 1 are 0 for a false negative, 2 for a false positive, else 1;
/// with their mean μ, GE(2) = (mean of (b/μ)² − 1) / 2.
fn generalized_entropy(t: &Confusion) -> Option<Dual> {
    let n = t.all();
    let sum = n + t.false_positive - t.false_negative;
    let squares = n - t.false_negative + 3.0 * t.false_positive;
    Some(0.5 * (n * squares).over(sum * sum)? - Dual::constant(0.5))
}

/// Mean of (b/μ) ln(b/μ), where 0 ln 0 = 0.
fn theil(t: &Confusion) -> Option<Dual> {
    let n = t.all();
    let sum = n + t.false_positive - t.false_negative;
    if sum.value <= 0.0 {
        return None;
    }
    let mean = sum / n;
    let doubled = (2.0 * std::f64::consts::LN_2) * t.false_positive;
    Some(doubled / sum - mean.ln())
}

const fn composite(
    id: &'static str,
    aliases: &'static [&'static str],
    [title, plain]: [&'static str; 2],
    better: Better,
    of: fn(&Confusion) -> Option<Dual>,
    scale: Scale,
    [doc, source]: [&'static str; 2],
) -> Metric {
    let formula = Formula::Composite { of, scale };
    Metric { id, aliases, title, plain, better, formula, doc, source, ..Metric::BLANK }
}

pub(super) static METRICS: &[Metric] = &[
    composite(
        "balanced_accuracy",
        &["balanced_accuracy_score"],
        ["Balanced accuracy", "judged right, both labels alike"],
        Better::Higher,
        balanced_accuracy,
        Scale::Unit,
        [
            "The mean of the true positive and the true negative rate. Undefined where a label has no rows; \
             scikit-learn averages what is left.",
            "scikit-learn 1.9, balanced_accuracy_score",
        ],
    )
    .written("(TP / (TP + FN) + TN / (TN + FP)) / 2"),
    composite(
        "f1_score",
        &["f1", "f_score", "f_measure"],
        ["F1 score", "F1"],
        Better::Higher,
        f1,
        Scale::Unit,
        [
            "2 TP / (2 TP + FP + FN). Undefined where no row has a positive label or decision; scikit-learn gives 0.",
            "van Rijsbergen (1979); scikit-learn 1.9, f1_score",
        ],
    )
    .written("2 TP / (2 TP + FP + FN)"),
    composite(
        "matthews_correlation",
        &["mcc", "matthews_corrcoef", "phi"],
        ["Matthews correlation", "agreement of decision and label"],
        Better::Higher,
        matthews,
        Scale::Signed,
        [
            "The correlation of label and decision. Undefined where one of them never varies; scikit-learn gives 0.",
            "Matthews (1975); scikit-learn 1.9, matthews_corrcoef",
        ],
    )
    .written("(TP TN − FP FN) / √((TP + FP)(TP + FN)(TN + FP)(TN + FN))"),
    composite(
        "treatment_equality",
        &["treatment_equality_ratio"],
        ["Treatment equality", "missed for each wrongly selected"],
        Better::Neutral,
        treatment,
        Scale::Positive,
        [
            "False negatives over false positives, FN / FP. Undefined without a false positive. SageMaker Clarify's \
             TE has the same ratio (as slice minus reference); OxonFair has its inverse, FP / FN.",
            "Berk et al. (2021), section on treatment equality; SageMaker Clarify, TE",
        ],
    )
    .written("FN / FP")
    .elsewhere(&[Peer::gap("SageMaker Clarify", "TE", "disadvantaged minus advantaged")])
    .counting_from(0.25),
    composite(
        "generalized_entropy_index",
        &["generalized_entropy_error", "gei"],
        ["Generalized entropy index", "inequality of benefits"],
        Better::Lower,
        generalized_entropy,
        Scale::Positive,
        [
            "GE(2) of the benefits decision − label + 1: 0 where all fare alike. Undefined where every benefit is 0.",
            "Speicher et al. (2018), equation 2; AIF360 0.6.1, generalized_entropy_index",
        ],
    )
    .written("(mean of (b/μ)² − 1) / 2, where b = t − y + 1 and μ is the mean of b")
    .elsewhere(&[
        Peer::same("SageMaker Clarify", "GE", ""),
        Peer::same("OxonFair", "gen_entropy", ""),
        Peer::other("AIF360", "coefficient_of_variation", "the root of twice this index"),
        Peer::other("AIF360", "consistency_score", "how alike near neighbours are decided"),
    ])
    .counting_from(0.02),
    composite(
        "theil_index",
        &["theil"],
        ["Theil index", "inequality of benefits (Theil)"],
        Better::Lower,
        theil,
        Scale::Positive,
        [
            "GE(1) of the benefits decision − label + 1, with 0 ln 0 = 0. Undefined where every benefit is 0.",
            "Speicher et al. (2018), section 2; AIF360 0.6.1, theil_index",
        ],
    )
    .written("mean of (b/μ) ln(b/μ), where b = t − y + 1 and μ is the mean of b")
    .counting_from(0.02),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// statistics.md 4.2: y = 110010, decisions 101010.
    #[test]
    fn inequality_equals_the_worked_example() {
        let (labels, said) = ([1, 1, 0, 0, 1, 0], [1, 0, 1, 0, 1, 0]);
        let mut counts = [0.0; 4];
        labels.iter().zip(said).for_each(|(&label, said)| counts[Confusion::place(label == 1, said == 1)] += 1.0);
        assert_eq!(counts, [2.0, 1.0, 1.0, 2.0]);
        let table = Confusion::of(counts);
        assert!((generalized_entropy(&table).unwrap().value - 0.166_666_7).abs() < 1e-7);
        assert!((theil(&table).unwrap().value - 0.231_049_1).abs() < 1e-7);
    }

    #[test]
    fn what_has_no_denominator_is_undefined() {
        assert!(f1(&Confusion::of([0.0, 0.0, 0.0, 5.0])).is_none());
        assert!(treatment(&Confusion::of([3.0, 0.0, 2.0, 5.0])).is_none());
        assert!(balanced_accuracy(&Confusion::of([0.0, 3.0, 0.0, 5.0])).is_none());
        assert!(matthews(&Confusion::of([0.0, 0.0, 2.0, 5.0])).is_none());
        assert!(theil(&Confusion::of([0.0, 0.0, 5.0, 0.0])).is_none());
    }
}
