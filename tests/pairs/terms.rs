//! Groups that texts name: slices overlap, and each is as if it were the group of a column of its own.

use crate::common::{at, audited, finding, gathered, heirloom, outcome, tell, value};
use heirloom::evidence::merge;
use heirloom::result::{AuditResult, Finding, Subject, redact};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const TERMS: &str =
    "[terms]\nred = ['red', 'reds']\nblue = ['blue']\n'light blue' = ['light blue', 'azure']\nnone = ['nobody']\n";

const HEAD: &str = r#"
models.base.scores = "b"
models.tuned.scores = "t"
data.path = "rows.csv"
data.label = "y"
data.positive = "1"
privacy.min_cell = 0
stats.metrics = ["selection_rate", "true_positive_rate", "accuracy", "roc_auc"]
"#;

/// Texts by turns, with the groups that they name: red, blue, light blue.
const TEXTS: [(&str, [bool; 3]); 6] = [
    ("a Red one", [true, false, false]),
    ("\"blue, and RED\"", [true, true, false]),
    ("light-blue reds", [true, false, true]),
    ("nothing of note: redder", [false, false, false]),
    ("BLUE! blue?", [false, true, false]),
    ("azure", [false, false, true]),
];

/// Rows in which one model or the other is harder on some texts; one in ten has no text.
fn rows(count: usize) -> Vec<String> {
    let row = |at: usize| {
        let (text, [red, blue, light]) = TEXTS[at * 5 % 6];
        let unknown = at % 10 == 9;
        let is = |group: bool| {
            if unknown {
                ""
            } else if group {
                "in"
            } else {
                "out"
            }
        };
        let wave = |by: usize| ((at * by) % 97) as f64 / 97.0;
        let base = 0.7 * wave(31) + if red { 0.0 } else { 0.25 };
        let tuned = 0.7 * wave(37) + if red && blue { 0.3 } else { 0.1 };
        let text = if unknown { "" } else { text };
        let sex = if at % 7 < 3 { "f" } else { "m" };
        let (red, blue, light) = (is(red), is(blue), is(light));
        format!("{text},{base:.3},{tuned:.3},{},{red},{blue},{light},{sex},u{},{}", at * 7 % 11 % 2, at / 4, 1 + at % 3)
    };
    (0..count).map(row).collect()
}

fn write(folder: &Path, rows: &[String], more: &str) -> PathBuf {
    let csv = format!("text,b,t,y,red,blue,light,sex,unit,w\n{}\n", rows.join("\n"));
    std::fs::write(folder.join("rows.csv"), csv).expect("the folder is ours");
    std::fs::write(folder.join("terms.toml"), TERMS).expect("the folder is ours");
    let file = folder.join("audit.toml");
    std::fs::write(&file, format!("{HEAD}{more}")).expect("the folder is ours");
    file
}

fn result(more: &str) -> AuditResult {
    let folder = tempfile::tempdir().expect("a temporary folder");
    audited(&write(folder.path(), &rows(600), more), &[])
}

const OVERLAPPING: &str = "[groups.colour]\ncolumn = \"text\"\nterms = \"terms.toml\"\n[groups.sex]\n";
/// The same groups, each a column of its own; of two groups the smaller is the finding.
const APART: &str = "[groups.red]\n[groups.blue]\n[groups.light]\n[groups.sex]\n";

fn same_gaps(one: &Finding, other: &Finding, sign: f64) {
    assert_eq!(one.verdict, other.verdict, "{}", one.id);
    for (a, b) in [(one.base, other.base), (one.tuned, other.tuned), (one.change, other.change)] {
        let (a, b) = (a.expect("a gap"), b.expect("a gap"));
        let (low, high) = if sign > 0.0 { (b.low, b.high) } else { (-b.high, -b.low) };
        assert!((a.value - sign * b.value).abs() < 1e-12, "{}: {} {}", one.id, a.value, b.value);
        assert!((a.low - low).abs() < 1e-9 && (a.high - high).abs() < 1e-9, "{}", one.id);
    }
}

#[test]
fn each_group_is_as_one_of_a_column_of_its_own() {
    for more in ["", "[data]\nunit = \"unit\"\n", "[data]\nweight = \"w\"\n"] {
        let keys = |groups: &str| format!("{}{groups}", more.replace("[data]\n", "data."));
        let (overlapping, apart) = (result(&keys(OVERLAPPING)), result(&keys(APART)));
        for (group, column) in [("red", "red"), ("blue", "blue"), ("light blue", "light")] {
            for metric in ["selection_rate", "true_positive_rate", "accuracy", "roc_auc"] {
                let own = finding(&overlapping, &format!("{metric}/colour={group}"));
                let inside = format!("{column}=in");
                let wanted = |one: &&Finding| {
                    one.metric == metric && (one.slice == inside || one.mirror.as_ref() == Some(&inside))
                };
                let other = apart.findings.iter().find(wanted).expect("one of the two groups has a finding");
                same_gaps(own, other, if other.slice == inside { 1.0 } else { -1.0 });
                assert_eq!((own.reference.as_str(), &own.mirror), ("rest", &None));
                let rate = |result: &AuditResult, slice: &str| value(result, metric, slice, Subject::Tuned).estimate;
                assert_eq!(rate(&overlapping, &format!("colour={group}")), rate(&apart, &inside));
            }
        }
    }
}

#[test]
fn rows_are_counted_in_every_group_that_they_name() {
    let result = result(OVERLAPPING);
    let colour = &result.data.attributes[0];
    let rows: Vec<_> = colour.groups.iter().map(|group| (&group.group[..], group.rows)).collect();
    assert_eq!(rows, [("blue", Some(180)), ("light blue", Some(180)), ("none", Some(0)), ("red", Some(280))]);
    assert!(colour.overlapping && colour.unknown == Some(60) && !result.data.attributes[1].overlapping);
    let told = |text: &str| result.notices.iter().any(|notice| notice.contains(text));
    assert!(told("colour: no text holds a term of 1 groups: none.") && told("no spread"), "{:?}", result.notices);
    assert!(result.aggregates.iter().all(|one| one.attribute != "colour"));
    assert!(result.aggregates.iter().any(|one| one.attribute == "sex"));
    let shown = serde_json::to_string(&result).expect("it is data");
    assert!(!shown.contains("\\u0001"), "the rest of a group is no slice");
}

#[test]
fn crosses_with_other_attributes_work() {
    let overlapping = result(&format!("{OVERLAPPING}[slices]\ncross = [\"colour & sex\"]\n"));
    let apart = result(&format!("{APART}[slices]\ncross = [\"red & sex\"]\n"));
    for sex in ["f", "m"] {
        let of = |result: &AuditResult, slice: &str| value(result, "selection_rate", slice, Subject::Base).estimate;
        let (own, other) = (format!("colour=red & sex={sex}"), format!("red=in & sex={sex}"));
        assert_eq!(of(&overlapping, &own), of(&apart, &other));
        let found = |result: &AuditResult, slice: &str| finding(result, &format!("selection_rate/{slice}")).clone();
        same_gaps(&found(&overlapping, &own), &found(&apart, &other), 1.0);
    }
    let cross = overlapping.data.attributes.iter().find(|one| one.name == "colour & sex").expect("it is declared");
    assert_eq!((cross.groups.len(), cross.overlapping, cross.unknown), (6, true, Some(60)));
}

#[test]
fn a_small_group_hides_no_other_that_overlaps() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut rows = rows(600);
    rows.push("nobody,0.5,0.5,1,out,out,out,f,v,1".into());
    let more = format!("{OVERLAPPING}[slices]\ncross = [\"colour & sex\"]\n");
    let result = redact(audited(&write(folder.path(), &rows, &more), &["privacy.min_cell=10"]));
    let hidden: Vec<&str> = result
        .data
        .attributes
        .iter()
        .flat_map(|attribute| attribute.groups.iter().filter(|group| group.rows.is_none()))
        .map(|group| group.slice.as_str())
        .collect();
    assert_eq!(hidden, ["colour=none", "colour=none & sex=f"]);
}

#[test]
fn shards_with_other_sets_conclude_as_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let rows = rows(300);
    let gather = |rows: &[String]| gathered(&write(folder.path(), rows, OVERLAPPING), &[]).evidence;
    let first: Vec<String> =
        rows.iter().filter(|row| row.starts_with("a Red") || row.starts_with("azure")).cloned().collect();
    let second: Vec<String> = rows.iter().filter(|row| !first.contains(row)).cloned().collect();
    let whole = gather(&rows);
    let merged = merge(gather(&second), gather(&first)).expect("they add");
    assert_eq!(merged.attributes, whole.attributes);
    assert_eq!(merged.lattices, whole.lattices);
    assert!(merged == whole, "the sum differs from the whole");
}

#[test]
fn a_group_that_is_required_and_named_by_nobody_is_missing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = |more: &str| {
        write(folder.path(), &rows(600), &format!("{OVERLAPPING}{more}"));
        let (code, told) = outcome(&heirloom(folder.path(), &["audit", "audit.toml", "--out", "out"]));
        (code, told)
    };
    assert_eq!(run("[slices]\nrequired = [\"colour=none\"]\n").0, 4);
    let spread =
        "[[check]]\nid = \"a\"\nmetric = \"selection_rate\"\nof = \"spread\"\nmax = 0.5\nslices = [\"colour\"]\n";
    let (code, told) = run(spread);
    assert!(code == 2 && told.contains("matches nothing"), "{told}");
    for (terms, why) in [
        ("terms = \"nowhere.toml\"", "cannot be read"),
        ("terms = \"identitty\"", "no term list of the tool"),
        ("terms = \"identity\"\nbins = [1]", "stands beside `terms`"),
        ("terms = \"identity\"\nreference = \"largest\"", "no reference but the rest"),
    ] {
        write(folder.path(), &rows(60), &format!("[groups.colour]\ncolumn = \"text\"\n{terms}\n"));
        let (code, told) = outcome(&heirloom(folder.path(), &["audit", "audit.toml", "--out", "out"]));
        assert!(code == 2 && told.contains(why), "{terms}: {told}");
    }
}

/// Madlibs: the column `identity` holds the first term of each text, which may hold others too.
#[test]
fn the_terms_of_real_texts_are_found() {
    let data = at("../shared/data/text_pair/madlibs_eval.parquet");
    if !data.exists() {
        tell(&format!("NOT RUN: {} is absent; the shared data lie beside the package", data.display()));
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let audit = |groups: &str| {
        let text = format!(
            "models.base.scores = \"score_base\"\nmodels.tuned.scores = \"score_tuned\"\ndata.path = \"{}\"\n\
             data.label = \"label\"\ndata.positive = 1\n{groups}",
            data.display()
        );
        let file = folder.path().join("audit.toml");
        std::fs::write(&file, text).expect("the folder is ours");
        audited(&file, &[])
    };
    let first = audit("groups = [\"identity\"]\n").data.attributes[0].groups.clone();
    assert_eq!(first.len(), 49);
    let mut terms = String::from("[terms]\n");
    first.iter().for_each(|group| writeln!(terms, "\"{0}\" = [\"{0}\"]", group.group).expect("a string takes all"));
    std::fs::write(folder.path().join("terms.toml"), terms).expect("the folder is ours");
    let found = audit("groups.named = { column = \"text\", terms = \"terms.toml\" }\n");
    let named = &found.data.attributes[0];
    assert_eq!((named.groups.len(), named.unknown), (49, Some(0)));
    for (first, named) in first.iter().zip(&named.groups) {
        assert_eq!(first.group, named.group);
        assert!(first.rows <= named.rows, "{}: {:?} {:?}", first.group, first.rows, named.rows);
    }
    let listed = audit("groups.named = { column = \"text\", terms = \"identity\" }\n");
    assert!(listed.data.attributes[0].groups.iter().filter(|group| group.rows > Some(0)).count() > 15);
}
