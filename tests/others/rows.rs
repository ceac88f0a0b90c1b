//! Other rows: those that the tuned model learned from, and those of the kind that the base learned from.

use super::common::{at, audited, reason};
use super::{close, ends, file, oracle, same};
use heirloom::result::{AuditResult, Reason};
use std::fmt::Write;

const MODELS: &str = "models.base.scores = \"base\"\nmodels.tuned.scores = \"tuned\"";

fn with(more: &str, data: Option<&str>) -> AuditResult {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let train = at("fixtures/oracle/others/train.csv").display().to_string();
    audited(&file(folder.path(), &format!("{MODELS}\n{}", more.replace("TRAIN", &train)), data), &[])
}

#[test]
fn training_rows_have_the_numbers_of_an_independent_program() {
    let result = with("data.train.path = \"TRAIN\"", None);
    let oracle = oracle();
    assert_eq!(result.training.len(), oracle.training.len());
    for (own, expected) in oracle.training.iter().filter_map(|expected| {
        let same = |own: &&heirloom::result::Training| {
            (&own.metric, &own.slice, own.model) == (&expected.metric, &expected.slice, expected.model)
        };
        result.training.iter().find(same).map(|own| (own, expected))
    }) {
        let what = format!("{} of {}, {:?}", own.metric, own.slice, own.model);
        same(&what, ends(&own.gap), expected.gap);
        same(&what, ends(&own.own), expected.own);
    }
    assert_eq!(result.provenance.data.train.len(), 1);
}

/// The audited rows as training rows: nothing differs, and every interval says so.
#[test]
fn the_same_rows_show_no_overfitting() {
    let rows = at("fixtures/oracle/others/others.csv").display().to_string();
    let result = with(&format!("data.train.path = {rows:?}"), None);
    assert!(!result.training.is_empty());
    for own in &result.training {
        for [value, low, high] in [ends(&own.own), ends(&own.gap)] {
            assert!(value == 0.0 && low < 0.0 && high > 0.0, "{own:?}");
        }
    }
}

#[test]
fn too_few_training_rows_have_a_reason() {
    let result = with("data.train.path = \"TRAIN\"\ndata.train.where.group = \"a\"", None);
    let of_group = result.training.iter().filter(|own| own.slice.starts_with("group="));
    assert!(of_group.clone().count() > 0);
    of_group.for_each(|own| assert_eq!(reason(&own.gap), Some(Reason::TooFewRows), "{own:?}"));
    assert!(result.training.iter().any(|own| own.slice == "kind=x" && own.gap.value().is_some()));
}

#[test]
fn the_distance_of_the_source_is_that_of_an_independent_program() {
    let result = with("data.source = { path = \"TRAIN\", columns = [\"base\", \"group\"] }", None);
    let (shift, oracle) = (result.shift.expect("a source was given"), oracle().shift);
    let [value, low, high] = ends(&shift.distance);
    // Other folds, the same kind of classifier.
    close("distance", value, oracle.distance, 0.05);
    assert!(low < oracle.distance && oracle.distance < high, "{low} {high}");
    assert_eq!(shift.columns.len(), 2);
    for column in &shift.columns {
        let [index, p] = if column.column == "base" { oracle.base } else { oracle.group };
        close(&column.column, column.population_stability_index.expect("an index"), index, 1e-12);
        close(&column.column, column.p_value.expect("a p-value"), p, 1e-9);
    }
}

#[test]
fn a_source_of_the_same_rows_is_told_apart_by_chance_alone() {
    let rows = at("fixtures/oracle/others/others.csv").display().to_string();
    let result = with(&format!("data.source = {{ path = {rows:?}, columns = [\"base\", \"group\"] }}"), None);
    let shift = result.shift.expect("a source was given");
    let [value, ..] = ends(&shift.distance);
    assert!(value.abs() < 0.15, "{value}");
    assert!(shift.columns.iter().all(|column| column.population_stability_index == Some(0.0)));
}

/// More rows than are compared: as many are drawn, of columns with gaps too.
#[test]
fn of_many_rows_some_are_drawn() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut csv = String::from("group,kind,label,base,tuned,age\n");
    for row in 0..30_000_u64 {
        let noise = row * 2_654_435_761 % 1_000;
        let age = if row % 7 == 0 { String::new() } else { (noise % 60).to_string() };
        writeln!(csv, "{},x,{},0.{noise:03},0.5,{age}", ["a", "b"][(row % 2) as usize], row % 3 / 2).expect("a string");
    }
    let path = folder.path().join("many.csv");
    std::fs::write(&path, csv).expect("the folder is ours");
    let path = path.display().to_string();
    let result = with(&format!("data.source = {{ path = {path:?}, columns = [\"base\", \"age\"] }}"), Some(&path));
    let shift = result.shift.expect("a source was given");
    let heirloom::result::Estimate::Known { support, .. } = shift.distance else { panic!("{shift:?}") };
    assert_eq!(support, 20_000);
}
