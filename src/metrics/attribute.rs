//! Numbers that need all groups of an attribute together: one a model, or one of the pair.

use super::{Better, Formula, Metric};

/// What is counted of one group under one model.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Rows with a label, by label and decision: TP, FP, FN, TN.
    pub labeled: [f64; 4],
    /// Rows with a decision, and those with a positive one.
    pub decided: [f64; 2],
    /// What the number is held against: rows and positives by label, or by the base's decision.
    pub before: [f64; 2],
}

impl Tally {
    fn found(&self) -> Option<f64> {
        share(self.labeled[0], self.labeled[2])
    }

    fn wrongly(&self) -> Option<f64> {
        share(self.labeled[1], self.labeled[3])
    }
}

fn share(yes: f64, no: f64) -> Option<f64> {
    (yes + no > 0.0).then(|| yes / (yes + no))
}

/// Smallest and largest of what is defined; `None` of fewer than two groups.
fn range(groups: &[Tally], of: fn(&Tally) -> Option<f64>) -> Option<(f64, f64)> {
    let values: Vec<f64> = groups.iter().filter_map(of).collect();
    let ends = || values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &x| (a.min(x), b.max(x)));
    (values.len() > 1).then(ends)
}

fn odds(groups: &[Tally]) -> Option<[f64; 2]> {
    let gap = |of| range(groups, of).map(|(low, high)| high - low);
    Some([gap(Tally::found)?, gap(Tally::wrongly)?])
}

fn odds_difference(groups: &[Tally]) -> Option<f64> {
    odds(groups).map(|[found, wrongly]| found.max(wrongly))
}

fn odds_average(groups: &[Tally]) -> Option<f64> {
    odds(groups).map(|[found, wrongly]| (found + wrongly) / 2.0)
}

fn odds_ratio(groups: &[Tally]) -> Option<f64> {
    let ratio = |of| range(groups, of).and_then(|(low, high)| (high > 0.0).then(|| low / high));
    Some(f64::min(ratio(Tally::found)?, ratio(Tally::wrongly)?))
}

/// max over pairs of groups and both decisions of |ln of the ratio of their smoothed shares|, where
/// (k + 1/2) / (n + 1) is the share.
fn differential_fairness(groups: &[Tally]) -> Option<f64> {
    let smoothed = |group: &Tally| {
        let [n, yes] = group.decided;
        (n > 0.0).then(|| (yes + 0.5) / (n + 1.0))
    };
    let (low, high) = range(groups, smoothed)?;
    Some((high / low).ln().max(((1.0 - low) / (1.0 - high)).ln()))
}

/// Mean over groups of sign · (share of positive decisions − share before), where the sign says whether
/// the group and a positive went together before, in all people.
fn amplification(groups: &[Tally]) -> Option<f64> {
    let (people, positives) = groups.iter().fold((0.0, 0.0), |(n, k), g| (n + g.before[0], k + g.before[1]));
    let overall = (people > 0.0).then(|| positives / people)?;
    let of = |group: &Tally| {
        let before = (group.before[0] > 0.0).then(|| group.before[1] / group.before[0])?;
        let now = (group.decided[0] > 0.0).then(|| group.decided[1] / group.decided[0])?;
        let sign = if before == overall { 0.0 } else { (before - overall).signum() };
        Some(sign * (now - before))
    };
    let moved: Vec<f64> = groups.iter().filter_map(of).collect();
    (moved.len() > 1).then(|| moved.iter().sum::<f64>() / moved.len() as f64)
}

/// What a [`Tally`] is held against, and of which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The labels.
    Labels,
    /// Nothing: decisions alone.
    Nothing,
    /// The base's decisions: a number of the pair.
    Base,
}

const fn over_groups(
    id: &'static str,
    aliases: &'static [&'static str],
    [title, plain]: [&'static str; 2],
    against: Against,
    of: fn(&[Tally]) -> Option<f64>,
    [symbols, doc, source]: [&'static str; 3],
) -> Metric {
    let (among, needs_labels) = ("over the groups of an attribute", matches!(against, Against::Labels));
    let formula = Formula::Attribute { against, of };
    let better = Better::Lower;
    Metric { id, aliases, title, plain, among, better, formula, needs_labels, symbols, doc, source, ..Metric::BLANK }
}

pub(super) static METRICS: &[Metric] = &[
    over_groups(
        "equalized_odds_difference",
        &["equalized_odds", "equalised_odds_difference"],
        ["Equalized odds difference", "largest gap in found and wrongly selected"],
        Against::Labels,
        odds_difference,
        [
            "max(max TPR − min TPR, max FPR − min FPR)",
            "The larger of the spreads of the true and of the false positive rate. Groups without a label of a kind are left \
             out of that rate; fairlearn counts their rate as 0, which makes such a group the worst. OxonFair's equalized_odds is a mean of average gaps, AIF360's \
             compares a privileged group with the others.",
            "Hardt, Price & Srebro (2016); fairlearn 0.15, equalized_odds_difference (worst_case)",
        ],
    ),
    over_groups(
        "average_odds_spread",
        &["equalized_odds_average", "average_abs_odds_difference", "average_absolute_odds_difference"],
        ["Average odds difference", "mean gap in found and wrongly selected"],
        Against::Labels,
        odds_average,
        [
            "(max TPR − min TPR + max FPR − min FPR) / 2",
            "The mean of the spreads of the true and of the false positive rate; of two groups this is AIF360's average \
             absolute odds difference.",
            "fairlearn 0.15, equalized_odds_difference (agg = mean); AIF360 0.6.1, average_abs_odds_difference",
        ],
    ),
    Metric {
        better: Better::Higher,
        ..over_groups(
            "equalized_odds_ratio",
            &["equalised_odds_ratio"],
            ["Equalized odds ratio", "smallest ratio in found and wrongly selected"],
            Against::Labels,
            odds_ratio,
            [
                "min(min TPR / max TPR, min FPR / max FPR)",
                "The smaller of the two ratios of smallest to largest rate. Undefined where a largest rate is 0.",
                "fairlearn 0.15, equalized_odds_ratio (worst_case)",
            ],
        )
    },
    over_groups(
        "differential_fairness",
        &["smoothed_edf", "edf", "smoothed_empirical_differential_fairness"],
        ["Differential fairness", "largest log ratio of any decision"],
        Against::Nothing,
        differential_fairness,
        [
            "max |ln p(d | g) / p(d | h)| over groups g, h and decisions d, p = (k + 1/2) / (n + 1)",
            "The largest logarithm of the ratio of two groups' shares of the same decision, smoothed by half a row. It grows \
             with the number of groups, also where nothing differs. Tuned minus base is its amplification.",
            "Foulds et al. (2020), definitions 3.1 and 4.2; AIF360 0.6.1, smoothed_empirical_differential_fairness",
        ],
    ),
    over_groups(
        "bias_amplification",
        &["directional_bias_amplification", "bias_amp"],
        ["Bias amplification", "what labels and groups share, enlarged"],
        Against::Labels,
        amplification,
        [
            "mean over groups of sign(p(y | g) − p(y)) · (p(d | g) − p(y | g))",
            "Whether decisions enlarge what the labels already share with the groups: above 0 they do. A group exactly as \
             often positive as everyone adds 0.",
            "Wang & Russakovsky (2021), BiasAmp→ (attribute to task), as in their code",
        ],
    ),
    over_groups(
        "bias_amplification_from_base",
        &[],
        ["Bias amplification from the base", "what the base's decisions and groups share, enlarged"],
        Against::Base,
        amplification,
        [
            "mean over groups of sign(p(b | g) − p(b)) · (p(t | g) − p(b | g))",
            "The same with the base's decisions in the labels' place: whether tuning enlarges what the base's decisions \
             share with the groups.",
            "Wang & Russakovsky (2021), with the base for the labels (statistics.md section 1)",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(decided: [f64; 2], before: [f64; 2]) -> Tally {
        Tally { decided, before, ..Tally::default() }
    }

    /// statistics.md 4.2 and 5.
    #[test]
    fn the_worked_examples() {
        let counts = [(30.0, 100.0), (5.0, 20.0), (12.0, 80.0), (0.0, 15.0)];
        let groups: Vec<Tally> = counts.iter().map(|&(k, n)| tally([n, k], [0.0; 2])).collect();
        assert!((differential_fairness(&groups).unwrap() - 2.268_342).abs() < 1e-6);
        let groups = [tally([100.0, 70.0], [100.0, 60.0]), tally([100.0, 35.0], [100.0, 40.0])];
        assert!((amplification(&groups).unwrap() - 0.075).abs() < 1e-12);
    }
}
