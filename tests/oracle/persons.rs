//! Rows of persons: rates and their variances over persons, against statsmodels.

use crate::common::value;
use crate::peers::{Tally, audit, peers};
use heirloom::result::Subject;
use heirloom::stats::{Limits, Marginal};

const MORE: &str = "models.base.scores = \"base\"\nmodels.tuned.scores = \"tuned\"\ndata.positive = 1\n\
                    stats.metrics = [\"selection_rate\", \"true_positive_rate\", \"false_positive_rate\"]\n";

/// Persons whose rows happen to balance are taken for no more than their rows; statsmodels takes them for more.
fn bounded(one: &Marginal) -> bool {
    matches!(one.limits, Limits::Wilson { effective } if effective >= one.rows as f64)
}

#[test]
fn rates_of_persons_equal_statsmodels() {
    let (peers, folder) = (peers("visits"), tempfile::tempdir().expect("a temporary folder"));
    let result = audit("visits", &peers, MORE, folder.path());
    let mut tally = Tally::default();
    for one in &peers.clustered {
        let change = value(&result, &one.metric, &one.slice, Subject::Change);
        let duo = change.basis.and_then(|twin| twin.duo()).expect("there are two persons or more");
        let (base, tuned, both) = duo.covariance();
        let (found, variance, bounded) = match one.model.as_str() {
            "base" => (duo.base.value, base, bounded(&duo.base)),
            "tuned" => (duo.tuned.value, tuned, bounded(&duo.tuned)),
            _ => {
                let change = duo.tuned.value - duo.base.value;
                (change, base + tuned - 2.0 * both, bounded(&duo.base) || bounded(&duo.tuned))
            }
        };
        let what = format!("{} of {} for {}", one.metric, one.slice, one.model);
        tally.hold(&what, Some(found), one.value, 1e-12);
        if bounded {
            let theirs = one.variance_corrected.expect("it varies");
            assert!(variance >= theirs - 1e-15, "{what}: {variance} is less than {theirs}");
        } else {
            tally.hold(&format!("{what}, its variance"), Some(variance), one.variance_corrected, 1e-12);
        }
    }
    tally.told("visits", 200);
}
