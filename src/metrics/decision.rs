//! Rates of one model's decisions against the labels.
//!
//! All are undefined where nobody is in the condition. fairlearn gives 0.0 for the four rates
//! that condition on the label there (scikit-learn's normalized confusion matrix), which turns a
//! group without positive labels into the worst of all; here such a group has no number.

use super::{Better, Formula, Metric};

const LABELED: &str = "fairlearn gives 0.0 where no row is in the condition; here the rate is undefined.";
const SOURCE: &str = "Hardt, Price & Srebro (2016), section 2; fairlearn 0.15, fairlearn.metrics";

pub(super) static METRICS: &[Metric] = &[
    Metric {
        id: "selection_rate",
        aliases: &["pprev", "positive_rate", "predicted_positive_rate", "acceptance_rate", "demographic_parity", "statistical_parity"],
        title: "Selection rate",
        plain: "selected",
        among: "of all",
        better: Better::AsDeclared,
        formula: Formula::Rate(|row| Some(row.said)),
        needs_labels: false,
        doc: "Positive decisions over all rows with a decision. Its gap is the demographic parity difference.",
        source: "fairlearn 0.15, selection_rate; Aequitas calls it pprev",
    },
    Metric {
        id: "base_rate",
        aliases: &["prevalence", "prev"],
        title: "Base rate",
        plain: "labeled positive",
        among: "of all with a label",
        better: Better::Neutral,
        formula: Formula::Labels(Some),
        needs_labels: true,
        doc: "Positive labels over all rows with a label. It describes the data, not a model.",
        source: "AIF360 0.6.1, base_rate",
    },
    Metric {
        id: "true_positive_rate",
        aliases: &["tpr", "recall", "sensitivity", "equal_opportunity"],
        title: "True positive rate",
        plain: "found (TPR)",
        among: "of those with a positive label",
        better: Better::Higher,
        formula: Formula::Rate(|row| (row.label == Some(true)).then_some(row.said)),
        needs_labels: true,
        doc: LABELED,
        source: SOURCE,
    },
    Metric {
        id: "false_positive_rate",
        aliases: &["fpr", "fall_out", "predictive_equality"],
        title: "False positive rate",
        plain: "wrongly selected (FPR)",
        among: "of those with a negative label",
        better: Better::Lower,
        formula: Formula::Rate(|row| (row.label == Some(false)).then_some(row.said)),
        needs_labels: true,
        doc: LABELED,
        source: SOURCE,
    },
    Metric {
        id: "true_negative_rate",
        aliases: &["tnr", "specificity"],
        title: "True negative rate",
        plain: "rightly not selected (TNR)",
        among: "of those with a negative label",
        better: Better::Higher,
        formula: Formula::Rate(|row| (row.label == Some(false)).then_some(!row.said)),
        needs_labels: true,
        doc: LABELED,
        source: SOURCE,
    },
    Metric {
        id: "false_negative_rate",
        aliases: &["fnr", "miss_rate"],
        title: "False negative rate",
        plain: "missed (FNR)",
        among: "of those with a positive label",
        better: Better::Lower,
        formula: Formula::Rate(|row| (row.label == Some(true)).then_some(!row.said)),
        needs_labels: true,
        doc: LABELED,
        source: SOURCE,
    },
    Metric {
        id: "accuracy",
        aliases: &["accuracy_score"],
        title: "Accuracy",
        plain: "judged right",
        among: "of all with a label",
        better: Better::Higher,
        formula: Formula::Rate(|row| row.label.map(|label| label == row.said)),
        needs_labels: true,
        doc: "Decisions that equal the label, over all rows with both.",
        source: "scikit-learn, accuracy_score",
    },
    Metric {
        id: "error_rate",
        aliases: &["zero_one_loss"],
        title: "Error rate",
        plain: "judged wrong",
        among: "of all with a label",
        better: Better::Lower,
        formula: Formula::Rate(|row| row.label.map(|label| label != row.said)),
        needs_labels: true,
        doc: "Decisions that differ from the label, over all rows with both.",
        source: "AIF360 0.6.1, error_rate",
    },
];
