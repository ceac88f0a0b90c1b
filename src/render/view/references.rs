//! The papers that the method follows, those that this audit used.

use super::words;
use crate::result::AuditResult;

/// Whether an audit used what a paper tells.
type Used = fn(&AuditResult) -> bool;

const ALWAYS: Used = |_| true;

const REFERENCES: [(Used, &str); 16] = [
    (
        ALWAYS,
        "Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the American Statistical Association 22, 209–212.",
    ),
    (
        ALWAYS,
        "Newcombe, R. G. (1998). Improved confidence intervals for the difference between binomial proportions based on paired data. Statistics in Medicine 17, 2635–2650.",
    ),
    (
        ALWAYS,
        "Zou, G. Y. & Donner, A. (2008). Construction of confidence limits about effect measures: a general approach. Statistics in Medicine 27, 1693–1702.",
    ),
    (
        |result| result.findings.iter().any(|one| one.ratios.is_some()),
        "Donner, A. & Zou, G. Y. (2012). Closed-form confidence intervals for functions of the normal mean and standard deviation. Statistical Methods in Medical Research 21, 347–359.",
    ),
    (
        |result| result.findings.iter().any(|one| one.metric == "roc_auc"),
        "DeLong, E. R., DeLong, D. M. & Clarke-Pearson, D. L. (1988). Comparing the areas under two or more correlated receiver operating characteristic curves: a nonparametric approach. Biometrics 44, 837–845.",
    ),
    (
        ALWAYS,
        "Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach for assessing the equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics 15, 657–680.",
    ),
    (
        ALWAYS,
        "Berger, R. L. (1982). Multiparameter hypothesis testing and acceptance sampling. Technometrics 24, 295–300.",
    ),
    (
        |result| result.method.multiplicity == "bh",
        "Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate: a practical and powerful approach to multiple testing. Journal of the Royal Statistical Society B 57, 289–300.",
    ),
    (
        |result| result.method.multiplicity == "by",
        "Benjamini, Y. & Yekutieli, D. (2001). The control of the false discovery rate in multiple testing under dependency. Annals of Statistics 29, 1165–1188.",
    ),
    (
        |result| result.method.multiplicity == "holm" || !result.checks.is_empty(),
        "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6, 65–70.",
    ),
    (
        |result| words::is_bayes(&result.method),
        "Newton, M. A., Noueiry, A., Sarkar, D. & Ahlquist, P. (2004). Detecting differential gene expression with a semiparametric hierarchical mixture method. Biostatistics 5, 155–176.",
    ),
    (
        |result| result.findings.iter().any(|one| one.adjusted.is_some()),
        "Benjamini, Y. & Yekutieli, D. (2005). False discovery rate–adjusted multiple confidence intervals for selected parameters. Journal of the American Statistical Association 100, 71–81.",
    ),
    (
        ALWAYS,
        "Kitagawa, E. M. (1955). Components of a difference between two rates. Journal of the American Statistical Association 50, 1168–1194.",
    ),
    (
        ALWAYS,
        "Shorrocks, A. F. (2013). Decomposition procedures for distributional analysis: a unified framework based on the Shapley value. Journal of Economic Inequality 11, 99–126.",
    ),
    (
        |result| !result.transfer.is_empty(),
        "York, D., Evensen, N. M., Martínez, M. L. & De Basabe Delgado, J. (2004). Unified equations for the slope, intercept, and standard errors of the best straight line. American Journal of Physics 72, 367–375.",
    ),
    (
        |result| result.provenance.models.control.is_some(),
        "Salman, H., Jain, S., Ilyas, A., Engstrom, L., Wong, E. & Madry, A. (2022). When does bias transfer in transfer learning? arXiv:2207.02842.",
    ),
];

/// The papers, in the order in which the method meets them.
pub(super) fn references(result: &AuditResult) -> Vec<&'static str> {
    REFERENCES.iter().filter(|(used, _)| used(result)).map(|(_, text)| *text).collect()
}
