//! Weights and units: a weight of 1 and a unit of one row change nothing but the way of counting, a whole
//! weight is as many rows, and rows of one person are not so many people.

use super::common::{audited, value};
use heirloom::result::{AuditResult, Estimate, Subject};
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = r#"
models.base.scores = "base"
models.tuned.scores = "tuned"
data.path = "rows.csv"
data.label = "label"
data.positive = "1"
groups.group.column = "group"
privacy.min_cell = 0
stats.metrics = ["selection_rate", "true_positive_rate", "positive_predictive_value", "f1_score", "roc_auc", "brier_score"]
"#;

/// Rows (group, label, base, tuned, weight, person), without luck in it.
fn rows() -> Vec<(&'static str, u8, f64, f64, u32, String)> {
    let row = |i: u64| {
        let noise = |salt: u64| ((i + 1) * (salt * 2 + 7_919) * 2_654_435_761 % 1_000) as f64 / 1_000.0;
        let (group, label) = (["a", "b"][usize::from(noise(1) < 0.4)], u8::from(noise(2) < 0.35));
        let base = (noise(3) * 0.6 + f64::from(label) * 0.3 + 0.05 * noise(4)).min(1.0);
        let tuned = (base + noise(5) * 0.2 - 0.1).clamp(0.0, 1.0);
        (group, label, base, tuned, 1 + (noise(6) * 3.0) as u32, format!("p{}", i / 4))
    };
    (0..800).map(row).collect()
}

/// Writes each row as often as `times` says, and audits them with `more` in the audit file.
fn audit(folder: &Path, times: impl Fn(u32) -> u32, more: &str) -> AuditResult {
    let mut csv = String::from("group,label,base,tuned,weight,one,person,row\n");
    let mut row = 0;
    for (group, label, base, tuned, weight, person) in rows() {
        for _ in 0..times(weight) {
            row += 1;
            writeln!(csv, "{group},{label},{base},{tuned},{weight},1,{person},r{row}").expect("a string takes all");
        }
    }
    std::fs::write(folder.join("rows.csv"), csv).expect("the folder is ours");
    let file = folder.join("audit.toml");
    std::fs::write(&file, format!("{HEAD}{more}")).expect("the folder is ours");
    audited(&file, &[])
}

fn number(estimate: &Estimate) -> f64 {
    estimate.value().unwrap_or(f64::NAN)
}

/// Compares every value that the two results share.
fn compare(a: &AuditResult, b: &AuditResult, mut near: impl FnMut(&str, &Estimate, &Estimate)) {
    let mut compared = 0;
    for own in &a.values {
        let other = value(b, &own.metric, &own.slice, own.model);
        near(&format!("{} of {} for {:?}", own.metric, own.slice, own.model), &own.estimate, &other.estimate);
        compared += 1;
    }
    assert!(compared > 200, "only {compared} values");
}

fn close(what: &str, a: f64, b: f64, slack: f64) {
    assert!((a - b).abs() <= slack || a.is_nan() && b.is_nan(), "{what}: {a} is not {b}");
}

#[test]
fn a_weight_of_one_changes_no_number() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let plain = audit(folder.path(), |_| 1, "");
    let weighted = audit(folder.path(), |_| 1, "data.weight = \"one\"\n");
    compare(&plain, &weighted, |what, a, b| {
        close(what, number(a), number(b), 1e-12);
        // Newcombe's phi is corrected for counts; the influences of weighted rows are not.
        let slack = if what.ends_with("Change") { 0.01 } else { 1e-12 };
        let ends = |estimate: &Estimate| match estimate {
            Estimate::Known { low: Some(low), high: Some(high), .. } => [*low, *high],
            _ => [f64::NAN; 2],
        };
        ends(a).into_iter().zip(ends(b)).for_each(|(a, b)| close(what, a, b, slack));
    });
}

#[test]
fn a_whole_weight_is_as_many_rows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let copied = audit(folder.path(), |weight| weight, "");
    let weighted = audit(folder.path(), |_| 1, "data.weight = \"weight\"\n");
    // The bins of a calibration error hold equal rows, and an exact test counts rows.
    let binned = |what: &str| what.contains("calibration_error") || what.starts_with("mcnemar");
    compare(&weighted, &copied, |what, a, b| {
        if !binned(what) {
            close(what, number(a), number(b), 1e-9);
        }
    });
}

#[test]
fn rows_of_one_person_are_not_so_many_people() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let width = |result: &AuditResult, metric: &str| match value(result, metric, "all", Subject::Tuned).estimate {
        Estimate::Known { low: Some(low), high: Some(high), .. } => high - low,
        other => panic!("{other:?}"),
    };
    let alone = audit(folder.path(), |_| 4, "");
    let each = audit(folder.path(), |_| 4, "data.unit = \"row\"\n");
    let together = audit(folder.path(), |_| 4, "data.unit = \"person\"\n");
    for metric in ["selection_rate", "positive_predictive_value", "f1_score", "roc_auc", "brier_score"] {
        let [alone, each, together] = [&alone, &each, &together].map(|result| width(result, metric));
        assert!((each / alone - 1.0).abs() < 0.01, "{metric}: {each} is not {alone}");
        // Every row is there four times: the interval has to be about twice as wide.
        assert!(together > 1.6 * alone, "{metric}: {together} beside {alone}");
    }
    let gap = |result: &AuditResult| {
        result.findings[0].tuned.expect("a gap").high - result.findings[0].tuned.expect("a gap").low
    };
    assert!(gap(&together) > 1.5 * gap(&alone));
}

#[test]
fn a_weight_that_is_none_weighs_nothing_and_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let csv = "group,label,base,tuned,w\na,1,0.9,0.8,1\na,0,0.2,0.1,-3\nb,1,0.7,0.9,\nb,0,0.6,0.4,2\n";
    std::fs::write(folder.path().join("rows.csv"), csv).expect("the folder is ours");
    let file = folder.path().join("audit.toml");
    std::fs::write(&file, format!("{HEAD}data.weight = \"w\"\n")).expect("the folder is ours");
    let result = audited(&file, &[]);
    assert!(result.notices.iter().any(|notice| notice.contains("negative or infinite: 2.")), "{:?}", result.notices);
    close("selected", number(&value(&result, "selection_rate", "all", Subject::Base).estimate), 1.0, 1e-12);
    close("selected", number(&value(&result, "selection_rate", "all", Subject::Tuned).estimate), 1.0 / 3.0, 1e-12);
}

fn over<'a>(result: &'a AuditResult, metric: &str, kind: &str, model: Subject) -> &'a Estimate {
    let wanted = |one: &&heirloom::result::Aggregate| {
        one.metric == metric && one.aggregate == kind && one.model == model && one.attribute == "group"
    };
    &result.aggregates.iter().find(wanted).unwrap_or_else(|| panic!("no {kind} of {metric}")).estimate
}

fn ends(estimate: &Estimate) -> [f64; 2] {
    match estimate {
        Estimate::Known { low: Some(low), high: Some(high), .. } => [*low, *high],
        other => panic!("{other:?}"),
    }
}

/// Rows that weigh as many rows have, over the groups, what those have: also where a few rows weigh most.
#[test]
fn aggregates_of_weights_are_those_of_as_many_rows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let copied = audit(folder.path(), |_| 3, "");
    let weighted = audit(folder.path(), |_| 3, "data.weight = \"one\"\n");
    for (metric, kind) in
        [("selection_rate", "to_overall"), ("equalized_odds_difference", "value"), ("differential_fairness", "value")]
    {
        for model in [Subject::Base, Subject::Tuned, Subject::Change] {
            let [a, b] = [&copied, &weighted].map(|result| ends(over(result, metric, kind, model)));
            let slack = 0.2 * (a[1] - a[0]);
            a.into_iter().zip(b).for_each(|(a, b)| close(&format!("{metric} {kind} {model:?}"), a, b, slack));
        }
    }
}

/// A number of all groups together moves with people too, not with their rows.
#[test]
fn numbers_of_all_groups_move_with_units() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let width = |result: &AuditResult| {
        let [low, high] = ends(over(result, "equalized_odds_difference", "value", Subject::Tuned));
        high - low
    };
    let alone = width(&audit(folder.path(), |_| 1, ""));
    let each = width(&audit(folder.path(), |_| 1, "data.unit = \"row\"\n"));
    let copies = width(&audit(folder.path(), |_| 4, ""));
    let together = width(&audit(folder.path(), |_| 4, "data.unit = \"person\"\n"));
    assert!((each / alone - 1.0).abs() < 0.15, "{each} beside {alone}");
    assert!(together > 1.6 * copies, "{together} beside {copies}");
}

/// Everyone's area moves with those of the groups, whether rows are counted or weighed.
#[test]
fn everyone_moves_with_the_groups_of_an_area() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let counted = audit(folder.path(), |_| 1, "");
    let weighed = audit(folder.path(), |_| 1, "data.weight = \"one\"\n");
    for model in [Subject::Base, Subject::Tuned, Subject::Change] {
        let [counted, weighed] = [&counted, &weighed].map(|result| ends(over(result, "roc_auc", "to_overall", model)));
        counted.into_iter().zip(weighed).for_each(|(a, b)| close("an end", a, b, 1e-9));
    }
}

/// One heavy group makes up almost everyone, so that the others are as far from everyone as from it.
#[test]
fn everyone_moves_by_weight() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut csv = String::from("group,label,base,tuned,w\n");
    for row in 0..400 {
        let (group, weight) = if row % 2 == 0 { ("a", 1) } else { ("b", 1000) };
        let said = u8::from(row % 10 < if group == "a" { 5 } else { 3 });
        writeln!(csv, "{group},{},{said},{said},{weight}", row % 3 % 2).expect("a string takes all");
    }
    std::fs::write(folder.path().join("rows.csv"), csv).expect("the folder is ours");
    let file = folder.path().join("audit.toml");
    std::fs::write(&file, format!("{HEAD}data.weight = \"w\"\n")).expect("the folder is ours");
    let result = audited(&file, &[]);
    // Everyone is b, so that the distance to everyone is the difference, and as unsure.
    let [far, apart] = ["to_overall", "difference"].map(|kind| over(&result, "selection_rate", kind, Subject::Tuned));
    close("distance", number(far), number(apart), 1e-3);
    ends(far).into_iter().zip(ends(apart)).for_each(|(a, b)| close("an end", a, b, 2e-3));
}

#[test]
fn an_exact_test_of_weighted_rows_is_undefined_and_says_why() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for more in ["data.weight = \"weight\"\n", "data.unit = \"person\"\n"] {
        let result = audit(folder.path(), |_| 1, more);
        for metric in ["mcnemar_exact_p", "mcnemar_mid_p"] {
            let found = value(&result, metric, "all", Subject::Pair).estimate;
            assert_eq!(super::common::reason(&found), Some(heirloom::result::Reason::RowsNotAlike), "{metric}");
        }
    }
}

/// The base scores nobody of `b` with a label of its own; the tuned model everyone: its intervals stay.
#[test]
fn an_error_that_is_not_known_takes_no_other_models_interval() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut csv = String::from("group,label,base,tuned\n");
    for row in 0..240 {
        let group = ["a", "b", "c"][row % 3];
        let label = u8::from(row % 4 < 2);
        // A perfect order has an exact bound and so an error; of one row of a class nothing is known.
        let noise = (row * 7919 % 100) as f64 / 100.0;
        let base = if group == "b" && (row != 1 && label == 1) { String::new() } else { format!("{noise}") };
        writeln!(csv, "{group},{label},{base},{}", 0.5 * noise + 0.3 * f64::from(label)).expect("a string takes all");
    }
    std::fs::write(folder.path().join("rows.csv"), csv).expect("the folder is ours");
    let file = folder.path().join("audit.toml");
    std::fs::write(&file, format!("{HEAD}slices.min_support = 1\n")).expect("the folder is ours");
    let result = audited(&file, &[]);
    let low = |model| match over(&result, "roc_auc", "group_min", model) {
        Estimate::Known { low, .. } => *low,
        Estimate::Undefined { .. } => None,
    };
    assert_eq!(low(Subject::Base), None);
    assert!(low(Subject::Tuned).is_some());
    assert_eq!(low(Subject::Change), None);
}

#[test]
fn ids_that_repeat_are_told_where_no_unit_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let told = |more: &str| {
        let notices = audit(folder.path(), |_| 1, more).notices;
        notices.into_iter().find(|notice| notice.contains("repeat an id"))
    };
    // 800 rows of 200 people.
    let notice = told("data.id = \"person\"\n").expect("it is told");
    assert!(notice.contains("600 rows repeat an id of column person"), "{notice}");
    assert_eq!(told("data.id = \"row\"\n"), None);
    assert_eq!(told("data.id = \"person\"\ndata.unit = \"person\"\n"), None);
}

/// The share of a rate is the same number from counts and from rows; means of scores have one too.
#[test]
fn a_share_is_the_same_from_counts_and_from_rows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let plain = audit(folder.path(), |_| 3, "");
    let weighted = audit(folder.path(), |_| 3, "data.weight = \"one\"\n");
    let of = |result: &AuditResult, metric: &str| {
        let found = result.findings.iter().find(|one| one.metric == metric).expect("it has a finding");
        found.transmission
    };
    for metric in ["selection_rate", "true_positive_rate"] {
        let [a, b] = [&plain, &weighted].map(|result| of(result, metric).expect("the base varies"));
        close(metric, a, b, 1e-9);
    }
    assert!(of(&plain, "brier_score").is_some_and(|slope| slope > 0.2 && slope < 1.2));
    assert!(of(&plain, "f1_score").is_none() && of(&plain, "roc_auc").is_none());
}

/// At the threshold in use the sweep counts what the rates say, for either model and every group.
#[test]
fn a_sweep_passes_through_the_rates() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let result = audit(folder.path(), |_| 1, "stats.sweep = true\n");
    let at = result.sweep.thresholds.iter().position(|threshold| *threshold == 0.5).expect("a hundredth");
    assert_eq!((result.sweep.thresholds.len(), result.sweep.curves.len()), (101, 6));
    for curve in &result.sweep.curves {
        let [positive, negative, without] = curve.rows.map(|rows| rows as f64);
        let (found, wrongly) = (curve.true_positives[at] as f64, curve.false_positives[at] as f64);
        let rate = |metric: &str| number(&value(&result, metric, &curve.slice, curve.model).estimate);
        assert_eq!((without, curve.unlabeled.len()), (0.0, 0));
        close("selected", (found + wrongly) / (positive + negative), rate("selection_rate"), 1e-12);
        close("found", found / positive, rate("true_positive_rate"), 1e-12);
        close("wrongly", wrongly / negative, rate("false_positive_rate"), 1e-12);
        // Everyone is at or above 0.
        assert_eq!((curve.true_positives[0], curve.false_positives[0]), (curve.rows[0], curve.rows[1]));
        assert!(curve.true_positives.windows(2).all(|pair| pair[0] >= pair[1]));
    }
    assert!(audit(folder.path(), |_| 1, "").sweep.is_empty());
}

/// The blocks of a profile are all its rows in order, and its bins all its labels.
#[test]
fn a_profile_of_scores_adds_up_to_the_means() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let result = audit(folder.path(), |_| 1, "stats.sweep = true\n");
    assert_eq!(result.scores.len(), 6);
    for profile in &result.scores {
        let known = |metric: &str| number(&value(&result, metric, &profile.slice, profile.model).estimate);
        assert!(profile.blocks.is_sorted());
        let mean = profile.blocks.iter().sum::<f64>() / profile.blocks.len() as f64;
        // Blocks differ by a row at most.
        close("mean score", mean, known("mean_score"), 0.01);
        let (mut rows, mut positives, mut scores) = (0.0, 0.0, 0.0);
        for bin in &profile.bins {
            let Estimate::Known { value, support, .. } = bin.positives else { panic!("a bin has labels") };
            rows += support as f64;
            positives += value * support as f64;
            scores += bin.score * support as f64;
        }
        close("rows", rows, profile.rows as f64, 1e-9);
        close("positives", positives, rows * labels(&result, &profile.slice), 1e-6);
        close("scores", scores / rows, known("mean_score"), 1e-5);
    }
}

/// The share of positive labels of a slice.
fn labels(result: &AuditResult, slice: &str) -> f64 {
    number(&value(result, "base_rate", slice, Subject::Labels).estimate)
}
