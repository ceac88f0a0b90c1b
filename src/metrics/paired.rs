//! Rates that need both models' decisions on the same row: who changed, and which way.

use super::{Better, Formula, Metric, Peer, Side, SmallestGap};

fn right(row: Side) -> Option<bool> {
    row.label.map(|label| label == row.said)
}

/// Rows that went from `from` to the opposite; `None` without a declared direction.
fn flip(base: Side, tuned: Side, from: Option<bool>) -> Option<bool> {
    from.map(|from| base.said == from && tuned.said != from)
}

fn turned(base: Side, tuned: Side, from_right: bool) -> Option<bool> {
    Some(right(base)? == from_right && right(tuned)? != from_right)
}

pub(super) static METRICS: &[Metric] = &[
    Metric {
        id: "churn",
        aliases: &["flip_rate", "symmetric_flip_rate"],
        title: "Churn",
        plain: "decided differently",
        among: "of all",
        better: Better::Neutral,
        formula: Formula::Paired(|base, tuned, _| Some(base.said != tuned.said)),
        needs_labels: false,
        symbols: "rows with b ≠ t / n",
        smallest_gap: SmallestGap::Default,
        peers: &[
            Peer::other(
                "SageMaker Clarify",
                "FT",
                "the flip test: whether near neighbours in the other group are decided otherwise; churn counts what tuning changed",
            ),
            Peer::other("TFMA", "SymmetricPredictionDifference", "the mean relative distance of the two scores"),
        ],
        doc: "Rows on which base and tuned decide differently, over all rows with both decisions.",
        source: "Milani Fard et al. (2016), section 2; TFMA calls it SymmetricFlipRate",
    },
    Metric {
        id: "adverse_flip_rate",
        aliases: &[],
        title: "Adverse flips",
        plain: "changed for the worse",
        among: "of all",
        better: Better::Lower,
        formula: Formula::Paired(flip),
        needs_labels: false,
        symbols: "rows with b in favor and t not / n",
        smallest_gap: SmallestGap::Default,
        peers: &[],
        doc: "Rows that the base decides in the person's favor and the tuned model does not, over all rows. \
              Undefined where `favorable` is not declared.",
        source: "TFMA, flip rates",
    },
    Metric {
        id: "favorable_flip_rate",
        aliases: &["favourable_flip_rate"],
        title: "Favorable flips",
        plain: "changed for the better",
        among: "of all",
        better: Better::Higher,
        formula: Formula::Paired(|base, tuned, favorable| flip(base, tuned, favorable.map(|f| !f))),
        needs_labels: false,
        symbols: "rows with t in favor and b not / n",
        smallest_gap: SmallestGap::Default,
        peers: &[],
        doc: "Rows that the tuned model decides in the person's favor and the base does not, over all rows. \
              Undefined where `favorable` is not declared.",
        source: "TFMA, flip rates",
    },
    Metric {
        id: "negative_flip_rate",
        aliases: &["nfr"],
        title: "Negative flips",
        plain: "right before, wrong now",
        among: "of all with a label",
        better: Better::Lower,
        formula: Formula::Paired(|base, tuned, _| turned(base, tuned, true)),
        needs_labels: true,
        symbols: "rows with b = y and t ≠ y / n",
        smallest_gap: SmallestGap::Default,
        peers: &[],
        doc: "Rows that the base judges right and the tuned model wrong, over all rows with a label.",
        source: "Yan et al. (2021), section 3",
    },
    Metric {
        id: "positive_flip_rate",
        aliases: &["pfr"],
        title: "Positive flips",
        plain: "wrong before, right now",
        among: "of all with a label",
        better: Better::Higher,
        formula: Formula::Paired(|base, tuned, _| turned(base, tuned, false)),
        needs_labels: true,
        symbols: "rows with b ≠ y and t = y / n",
        smallest_gap: SmallestGap::Default,
        peers: &[],
        doc: "Rows that the base judges wrong and the tuned model right, over all rows with a label.",
        source: "Yan et al. (2021), section 3",
    },
    Metric {
        id: "backward_trust_compatibility",
        aliases: &["btc"],
        title: "Backward trust compatibility",
        plain: "still right",
        among: "of those the base judged right",
        better: Better::Higher,
        formula: Formula::Paired(|base, tuned, _| if right(base)? { right(tuned) } else { None }),
        needs_labels: true,
        symbols: "rows with b = y and t = y / rows with b = y",
        smallest_gap: SmallestGap::Default,
        peers: &[],
        doc: "Of the rows that the base judges right, those that the tuned model judges right too.",
        source: "Bansal et al. (2019), BTC",
    },
    Metric {
        id: "backward_error_compatibility",
        aliases: &["bec"],
        title: "Backward error compatibility",
        plain: "wrong before too",
        among: "of those the tuned model judged wrong",
        better: Better::Neutral,
        formula: Formula::Paired(|base, tuned, _| if right(tuned)? { None } else { right(base).map(|ok| !ok) }),
        needs_labels: true,
        symbols: "rows with b ≠ y and t ≠ y / rows with t ≠ y",
        smallest_gap: SmallestGap::Default,
        peers: &[],
        doc: "Of the rows that the tuned model judges wrong, those that the base judged wrong too: \
              high means old errors, low means new ones.",
        source: "Bansal et al. (2019), BEC",
    },
];
