//! Numbers that need a slice and everyone else together.

use super::column::by_score;
use super::{Better, Column, Formula, Metric, Versus};
use crate::stats::{Influenced, Scale, Sum, apart_by, area};
use std::collections::{BTreeMap, BTreeSet};

/// All rows of two columns, one after the other, so that base and tuned stay side by side; a row that is
/// not kept loses its label.
fn joined(a: &Column, b: &Column, keep: impl Fn(f64, bool) -> bool) -> Column {
    let (mut label, mut score, mut weight) = (Vec::new(), Vec::new(), Vec::new());
    for (column, first) in [(a, true), (b, false)] {
        let kept = |&of: &f64| if keep(of, first) { of } else { f64::NAN };
        label.extend(column.label.iter().map(kept));
        score.extend(column.score.iter());
        weight.extend(column.weight.iter());
    }
    let order = by_score(&score);
    Column { label: label.into(), score: score.into(), weight: weight.into(), order: order.into(), ..Column::default() }
}

/// The area of the slice's rows of one class against the others' rows of the other class.
fn cross_area(slice: &Column, rest: &Column, own: f64) -> Option<Influenced> {
    let all = joined(slice, rest, |label, first| (label == own) == first);
    area(&all.label, &all.score, &all.weight, &all.order)
}

/// sup |F − G| and ∫ |F − G|; `None` where one of the two has nobody.
fn apart(slice: &Column, rest: &Column) -> Option<[f64; 2]> {
    let scores = |column: &Column| -> Vec<(f64, f64)> {
        let here = |row: &usize| column.weight[*row] > 0.0 && !column.score[*row].is_nan();
        let rows = column.order.iter().map(|&row| row as usize).filter(here);
        rows.map(|row| (column.score[row], column.weight[row])).collect()
    };
    let (own, others) = (scores(slice), scores(rest));
    let totals = [&own, &others].map(|scores| Sum::of(scores.iter().map(|one| one.1)));
    let known = totals.iter().all(|&total| total > 0.0);
    known.then(|| apart_by(&own, &others, totals))
}

/// sup |F − G|.
pub fn kolmogorov(slice: &Column, rest: &Column) -> Option<f64> {
    apart(slice, rest).map(|[largest, _]| largest)
}

/// ∫ |F − G|.
pub fn wasserstein(slice: &Column, rest: &Column) -> Option<f64> {
    apart(slice, rest).map(|[_, area]| area)
}

impl Versus {
    /// One model's number with the influence of every row, those of the slice first.
    pub fn of_columns(self, slice: &Column, rest: &Column) -> Option<Influenced> {
        match self {
            Versus::Below => cross_area(slice, rest, 0.0),
            Versus::Above => cross_area(slice, rest, 1.0),
            Versus::Largest => plain(kolmogorov(slice, rest), slice),
            Versus::Between => plain(wasserstein(slice, rest), slice),
            Versus::Whole(of) => of(slice, rest),
        }
    }
}

/// A number without a known error, over the slice's rows with a score.
pub(super) fn plain(value: Option<f64>, slice: &Column) -> Option<Influenced> {
    let here = |(score, weight): &(&f64, &f64)| !score.is_nan() && **weight > 0.0;
    let rows = slice.score.iter().zip(slice.weight.iter()).filter(here).count() as u64;
    Some(Influenced {
        value: value?,
        influence: Vec::new(),
        rows,
        effective: rows as f64,
        inside: Vec::new(),
        scale: Scale::Real,
    })
}

const fn versus(
    id: &'static str,
    aliases: &'static [&'static str],
    [title, plain]: [&'static str; 2],
    (better, needs_labels): (Better, bool),
    of: Versus,
    [doc, source]: [&'static str; 2],
) -> Metric {
    let formula = Formula::Versus(of);
    let among = "against the others";
    Metric { id, aliases, title, plain, among, better, formula, needs_labels, doc, source, ..Metric::BLANK }
}

/// Half the summed distance of two distributions of decisions, of the rows whose label is the class in question;
/// scores are the numbers of classes.
fn confusion_distance(slice: &Column, rest: &Column) -> Option<f64> {
    let shares = |column: &Column| {
        let mut sums = BTreeMap::<u64, f64>::new();
        for row in column.known().filter(|&row| column.label[row] == 1.0) {
            *sums.entry(column.score[row] as u64).or_default() += column.weight[row];
        }
        let all: f64 = sums.values().sum();
        (all > 0.0).then(|| sums.into_iter().map(|(class, sum)| (class, sum / all)).collect::<BTreeMap<u64, f64>>())
    };
    let (own, others) = (shares(slice)?, shares(rest)?);
    let share = |of: &BTreeMap<u64, f64>, class: &u64| of.get(class).copied().unwrap_or(0.0);
    let classes: BTreeSet<&u64> = own.keys().chain(others.keys()).collect();
    Some(classes.into_iter().map(|class| (share(&own, class) - share(&others, class)).abs()).sum::<f64>() / 2.0)
}

pub(super) static METRICS: &[Metric] = &[
    versus(
        super::CONFUSION_DISTANCE,
        &[],
        ["Confusion distance", "decided otherwise than the others of the same class"],
        (Better::Lower, true),
        Versus::Whole(|slice, rest| plain(confusion_distance(slice, rest), slice)),
        [
            "Of the people of one class: how far the shares of what is decided for the group are from those for the others, \
             0 to 1, class by class. Two groups can have one error rate and err toward different classes; this tells. \
             It has no interval. Undefined where the group or the others have nobody of the class.",
            "statistics.md 4.4",
        ],
    )
    .written("½ Σₖ |P(t = k | y, group) − P(t = k | y, others)|"),
    versus(
        "bpsn_auc",
        &["background_positive_subgroup_negative_auc"],
        ["BPSN AUC", "ordered right, the group's negatives below the others' positives"],
        (Better::Higher, true),
        Versus::Below,
        [
            "The chance that someone of the others with a positive label scores above someone of the group with a negative \
             one. Low: the group's negatives are scored too high.",
            "Borkan et al. (2019), section 3; variance: DeLong et al. (1988)",
        ],
    )
    .written("P(s of the others⁺ > s of the group⁻), ties half"),
    versus(
        "bnsp_auc",
        &["background_negative_subgroup_positive_auc"],
        ["BNSP AUC", "ordered right, the group's positives above the others' negatives"],
        (Better::Higher, true),
        Versus::Above,
        [
            "The chance that someone of the group with a positive label scores above someone of the others with a negative \
             one. Low: the group's positives are scored too low.",
            "Borkan et al. (2019), section 3; variance: DeLong et al. (1988)",
        ],
    )
    .written("P(s of the group⁺ > s of the others⁻), ties half"),
    versus(
        "score_wasserstein",
        &["score_w1", "wasserstein_distance", "emd"],
        ["Score distance (W1)", "distance of the scores"],
        (Better::Lower, false),
        Versus::Between,
        [
            "The area between the distribution functions of the group's scores and of the others': how far scores would \
             have to move, on average, to be spread alike (strong demographic parity).",
            "Jiang et al. (2020), section 3; scipy 1.17, wasserstein_distance",
        ],
    )
    .written("∫ |F(s) − G(s)| ds"),
    versus(
        "score_ks",
        &["kolmogorov_smirnov", "max_statistical_parity"],
        ["Score distance (KS)", "largest difference at any threshold"],
        (Better::Lower, false),
        Versus::Largest,
        [
            "The largest difference of the two distribution functions: the largest gap in selection rates that any shared \
             threshold could give.",
            "scipy 1.17, ks_2samp; holisticai, max_statistical_parity",
        ],
    )
    .written("max |F(s) − G(s)|"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::duo;

    fn column(scores: &[f64]) -> Column {
        let order = by_score(scores);
        let (score, weight) = (scores.to_vec(), vec![1.0; scores.len()]);
        let label = vec![f64::NAN; scores.len()].into();
        Column { label, score: score.into(), weight: weight.into(), order: order.into(), ..Column::default() }
    }

    /// A model that turns every score round turns round the influence of every row.
    #[test]
    fn base_and_tuned_are_compared_row_by_row() {
        let labeled = |scores: &[f64], labels: &[f64]| Column { label: labels.to_vec().into(), ..column(scores) };
        let (own, others) = ([0.9, 0.3, 0.6, 0.1, 0.7], [0.2, 0.8, 0.5, 0.4, 0.65, 0.15]);
        let (own_labels, labels) = ([1.0, 1.0, 1.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        let turned = |scores: &[f64]| scores.iter().map(|score| 1.0 - score).collect::<Vec<_>>();
        let base = cross_area(&labeled(&own, &own_labels), &labeled(&others, &labels), 1.0).unwrap();
        let (own, others) = (turned(&own), turned(&others));
        let tuned = cross_area(&labeled(&own, &own_labels), &labeled(&others, &labels), 1.0).unwrap();
        assert!((base.value + tuned.value - 1.0).abs() < 1e-12);
        assert!((duo(&base, &tuned, None).unwrap().correlation + 1.0).abs() < 1e-12);
    }

    /// statistics.md section 5.
    #[test]
    fn distances_equal_the_worked_example() {
        let (u, v) = (column(&[0.1, 0.4, 0.35, 0.8]), column(&[0.2, 0.5, 0.3, 0.9, 0.6]));
        assert!((kolmogorov(&u, &v).unwrap() - 0.35).abs() < 1e-12);
        assert!((wasserstein(&u, &v).unwrap() - 0.1225).abs() < 1e-12);
    }
}
