//! Printed figures, each audited from the counts that are printed beside it.

use crate::common::{audited, finding, value};
use crate::peers::{Tally, json, slack};
use heirloom::result::{AuditResult, Estimate, Subject};
use heirloom::stats::shrunk;
use serde::Deserialize;
use std::fmt::Write;

#[derive(Debug, Deserialize)]
struct Published {
    entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    name: String,
    figures: Vec<Figure>,
}

#[derive(Debug, Deserialize)]
struct Figure {
    metric: String,
    value: f64,
}

impl Published {
    fn read() -> Published {
        serde_json::from_str(&json("published")).expect("it is JSON")
    }

    /// A figure in full, by the beginning of its entry's name.
    fn figure(&self, name: &str, metric: &str) -> f64 {
        let entry = self.entries.iter().find(|entry| entry.name.starts_with(name));
        let figures = &entry.unwrap_or_else(|| panic!("no {name}")).figures;
        figures.iter().find(|figure| figure.metric == metric).unwrap_or_else(|| panic!("no {metric} of {name}")).value
    }
}

/// So many rows of a group, with its label and the scores of base and tuned.
type Rows<'a> = (u32, &'a str, f64, f64, f64);

/// The audit of these rows; a score of one half or more is a yes.
fn counted(rows: &[Rows]) -> AuditResult {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut csv = String::from("group,label,base,tuned\n");
    for (times, group, label, base, tuned) in rows {
        (0..*times).for_each(|_| writeln!(csv, "{group},{label},{base},{tuned}").expect("a string takes all"));
    }
    let audit = "models.base.scores = \"base\"\nmodels.tuned.scores = \"tuned\"\ndata.path = \"rows.csv\"\n\
                 data.label = \"label\"\ndata.positive = 1\ngroups = [\"group\"]\nslices.min_support = 1\n\
                 privacy.min_cell = 0\nstats.metrics = [\"selection_rate\", \"roc_auc\", \"scoring_rate\"]\n";
    std::fs::write(folder.path().join("rows.csv"), csv).expect("the folder is ours");
    let file = folder.path().join("audit.toml");
    std::fs::write(&file, audit).expect("the folder is ours");
    audited(&file, &[])
}

/// Selected of all in each group, whatever the label.
fn selected<'a>(groups: &[(&'a str, u32, u32)]) -> Vec<Rows<'a>> {
    let of = |&(group, selected, all): &(&'a str, u32, u32)| {
        [(1, group, 1.0, 1.0, 1.0), (selected - 1, group, 0.0, 1.0, 1.0), (all - selected, group, 0.0, 0.0, 0.0)]
    };
    groups.iter().flat_map(of).collect()
}

fn aggregate(result: &AuditResult, metric: &str, aggregate: &str, model: Subject) -> Option<f64> {
    let wanted =
        |one: &&heirloom::result::Aggregate| one.metric == metric && one.aggregate == aggregate && one.model == model;
    result.aggregates.iter().find(wanted).and_then(|one| one.estimate.value())
}

#[test]
fn tables_of_propublica() {
    let (published, mut tally) = (Published::read(), Tally::default());
    let table = |group, [tn, fp, fn_, tp]: [u32; 4]| {
        [
            (tn, group, 0.0, 0.0, 0.0),
            (fp, group, 0.0, 1.0, 1.0),
            (fn_, group, 1.0, 0.0, 0.0),
            (tp, group, 1.0, 1.0, 1.0),
        ]
    };
    let result = counted(&[table("Black", [990, 805, 532, 1369]), table("white", [1139, 349, 461, 505])].concat());
    for group in ["Black", "white"] {
        for metric in ["false_positive_rate", "false_negative_rate"] {
            let found = value(&result, metric, &format!("group={group}"), Subject::Tuned).estimate.value();
            tally.hold(metric, found, Some(published.figure(&format!("COMPAS, {group}"), metric)), 1e-12);
        }
    }
    tally.told("COMPAS", 4);
}

#[test]
fn intervals_of_newcombe() {
    let (published, mut tally) = (Published::read(), Tally::default());
    let mut hold = |name: &str, low: f64, high: f64| {
        tally.hold(name, Some(low), Some(published.figure(name, "low")), 1e-9);
        tally.hold(name, Some(high), Some(published.figure(name, "high")), 1e-9);
    };
    let gap = finding(&counted(&selected(&[("a", 56, 70), ("b", 48, 80)])), "selection_rate/group=a").tuned;
    let gap = gap.expect("a gap");
    hold("difference of 56/70", gap.low, gap.high);
    let result = counted(&selected(&[("a", 81, 263), ("b", 34, 76)]));
    for (group, name) in [("a", "81/263"), ("b", "34/76")] {
        let span = value(&result, "selection_rate", &format!("group={group}"), Subject::Tuned).estimate.interval();
        let span = span.expect("an interval");
        hold(name, span.low.expect("bounded"), span.high.expect("bounded"));
    }
    tally.told("Newcombe", 6);
}

#[test]
fn the_example_of_local_law_144() {
    let (published, mut tally) = (Published::read(), Tally::default());
    let race =
        [("Hispanic", 18, 28), ("White", 15, 40), ("Black", 16, 32), ("Native Hawaiian", 5, 8), ("Asian", 10, 24)];
    for (table, groups) in [("sex", &[("Male", 50, 92), ("Female", 34, 76)][..]), ("race", &race[..])] {
        let result = counted(&selected(groups));
        let rate =
            |group: &str| value(&result, "scoring_rate", &format!("group={group}"), Subject::Tuned).estimate.value();
        let ratio = |group: &str| rate(group).zip(aggregate(&result, "scoring_rate", "group_max", Subject::Tuned));
        let mut least = f64::INFINITY;
        for (group, ..) in groups {
            let name = format!("scoring rate by {table}: {group}");
            tally.hold(&name, rate(group), Some(published.figure(&name, "scoring_rate")), 1e-12);
            let impact = published.figure(&name, "impact_ratio");
            tally.hold(&name, ratio(group).map(|(rate, best)| rate / best), Some(impact), 1e-12);
            least = least.min(impact);
        }
        tally.hold(table, aggregate(&result, "scoring_rate", "ratio", Subject::Tuned), Some(least), 1e-12);
    }
    tally.told("Local Law 144", 16);
}

#[test]
fn worked_examples_of_everyone() {
    let (published, mut tally) = (Published::read(), Tally::default());
    let mut hold = |result: &AuditResult, name: &str, metrics: &[&str], model: Subject| {
        for metric in metrics {
            let found = value(result, metric, "all", model).estimate.value();
            tally.hold(metric, found, Some(published.figure(name, metric)), slack(metric));
        }
    };
    let rows = |label: &[u8], base: &[u8], tuned: &[u8]| -> Vec<Rows> {
        let one = |row: usize| (1, "a", f64::from(label[row]), f64::from(base[row]), f64::from(tuned[row]));
        (0..label.len()).map(one).collect()
    };
    let (label, said) = ([1, 1, 0, 0, 1, 0], [1, 0, 1, 0, 1, 0]);
    let benefit = counted(&rows(&label, &said, &said));
    hold(&benefit, "individual benefit", &["generalized_entropy_index", "theil_index"], Subject::Tuned);
    // All labels say yes, so that yes is right.
    let right = rows(&[1; 10], &[1, 1, 1, 0, 1, 0, 1, 0, 1, 1], &[1, 0, 1, 1, 1, 0, 1, 1, 0, 1]);
    let names = [
        "backward_trust_compatibility",
        "backward_error_compatibility",
        "negative_flip_rate",
        "relative_negative_flip_rate",
    ];
    hold(&counted(&right), "backward compatibility", &names, Subject::Pair);
    let table = [(50, "a", 1.0, 0.0, 0.0), (10, "a", 1.0, 0.0, 1.0), (5, "a", 1.0, 1.0, 0.0), (35, "a", 0.0, 1.0, 1.0)];
    hold(&counted(&table), "agreement", &["cohens_kappa"], Subject::Pair);
    let discordant = [(30, "a", 1.0, 1.0, 0.0), (10, "a", 1.0, 0.0, 1.0), (20, "a", 0.0, 0.0, 0.0)];
    hold(&counted(&discordant), "discordant rows", &["mcnemar_exact_p", "mcnemar_mid_p"], Subject::Pair);
    tally.told("worked examples", 9);
}

#[test]
fn worked_examples_of_groups() {
    let (published, mut tally) = (Published::read(), Tally::default());
    let rates = [("a", 30, 100), ("b", 5, 20), ("c", 12, 80)];
    let rows: Vec<Rows> = selected(&rates).into_iter().chain([(15, "d", 0.0, 0.0, 0.0)]).collect();
    let found = aggregate(&counted(&rows), "differential_fairness", "value", Subject::Tuned);
    let expected = published.figure("differential fairness", "differential_fairness");
    tally.hold("differential fairness", found, Some(expected), 1e-9);
    let pulled = shrunk(&[(30.0, 100.0), (5.0, 20.0), (12.0, 80.0), (0.0, 15.0)]).expect("two groups or more");
    for (at, found) in pulled.into_iter().enumerate() {
        let expected = published.figure("the same groups, shrunk", &format!("shrunk_rate {at}"));
        tally.hold("shrunk rate", Some(found), Some(expected), 1e-9);
    }
    // Labels of 0.6 and 0.4, decisions of 0.7 and 0.35, in two groups of twenty.
    let group = |name, label: u32, said: u32| {
        [
            (said.min(label), name, 1.0, 1.0, 1.0),
            (label.saturating_sub(said), name, 1.0, 0.0, 0.0),
            (said.saturating_sub(label), name, 0.0, 1.0, 1.0),
            (20 - label.max(said), name, 0.0, 0.0, 0.0),
        ]
    };
    let found = aggregate(
        &counted(&[group("a", 12, 14), group("b", 8, 7)].concat()),
        "bias_amplification",
        "value",
        Subject::Tuned,
    );
    tally.hold("bias amplification", found, Some(published.figure("bias amplification", "bias_amplification")), 1e-12);
    tally.told("worked examples of groups", 6);
}

#[test]
fn two_curves_on_the_same_rows() {
    let (published, mut tally) = (Published::read(), Tally::default());
    let first = [0.9, 0.8, 0.4, 0.6, 0.3, 0.5, 0.2, 0.4, 0.1];
    let second = [0.7, 0.9, 0.5, 0.3, 0.2, 0.6, 0.3, 0.1, 0.4];
    let rows: Vec<Rows> = (0..9).map(|row| (1, "a", f64::from(u8::from(row < 4)), first[row], second[row])).collect();
    let change = value(&counted(&rows), "roc_auc", "all", Subject::Change).clone();
    let duo = change.basis.and_then(|twin| twin.duo()).expect("both curves have an error");
    let (base, tuned, both) = duo.covariance();
    let found = [
        ("auc first", duo.base.value),
        ("auc second", duo.tuned.value),
        ("var first", base),
        ("var second", tuned),
        ("cov", both),
        ("var difference", base + tuned - 2.0 * both),
    ];
    for (metric, found) in found {
        tally.hold(metric, Some(found), Some(published.figure("two curves", metric)), 1e-12);
    }
    assert!(matches!(change.estimate, Estimate::Known { low: Some(_), .. }));
    tally.told("two curves", 6);
}
