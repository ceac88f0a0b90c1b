//! Numbers that laws and guidelines name, and gaps inside strata.

use crate::common::{audited, finding};
use heirloom::result::{AuditResult, FourFifths, ImpactRate, ImpactTable, Subject, Test, redact};
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = r#"
models.base.scores = "score"
models.tuned.scores = "score"
data.path = "rows.csv"
data.label = "label"
data.positive = "1"
slices.min_support = 1
privacy.min_cell = 0
"#;

/// The City's example of a scoring tool, as far as its counts can be told from the printed rates: category,
/// people, those above the median, and the rate and ratio as printed.
const RACE: [(&str, u32, u32, f64, f64); 5] = [
    ("Hispanic or Latino", 28, 18, 0.642, 1.00),
    ("White", 40, 15, 0.375, 0.58),
    ("Black or African American", 32, 16, 0.500, 0.78),
    ("Native Hawaiian or Pacific Islander", 8, 5, 0.625, 0.97),
    ("Asian", 24, 10, 0.417, 0.65),
];
const SEX: [(&str, u32, u32, f64, f64); 2] = [("Male", 92, 50, 0.543, 1.00), ("Female", 76, 34, 0.447, 0.82)];

/// Rows of a column of categories, so many above the median and the others at it or below; the table holds half
/// of everyone, and rows of unknown category make up what is missing.
fn rows(categories: &[(&str, u32, u32, f64, f64)]) -> String {
    let mut csv = String::from("category,score,label\n");
    let (mut above, mut below) = (0, 0);
    for (name, people, counted, ..) in categories {
        for person in 0..*people {
            let is_above = person < *counted;
            (above, below) = if is_above { (above + 1, below) } else { (above, below + 1) };
            writeln!(csv, "{name},{},{}", if is_above { 0.9 } else { 0.2 }, person % 2).expect("a string takes all");
        }
    }
    for _ in above..below {
        csv += ",0.9,1\n";
    }
    for _ in below..above {
        csv += ",0.2,0\n";
    }
    csv
}

fn audit(folder: &Path, csv: &str, more: &str) -> AuditResult {
    std::fs::write(folder.join("rows.csv"), csv).expect("the folder is ours");
    let file = folder.join("audit.toml");
    std::fs::write(&file, format!("{HEAD}{more}")).expect("the folder is ours");
    audited(&file, &[])
}

fn table(result: &AuditResult, rate: ImpactRate) -> &ImpactTable {
    let wanted = |table: &&ImpactTable| table.rate == rate && table.model == Subject::Tuned;
    result.law.impact_tables.iter().find(wanted).expect("the annex asks for it")
}

#[test]
fn the_rates_of_local_law_144_are_those_that_the_city_prints() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for categories in [&RACE[..], &SEX] {
        let more =
            "groups.category.column = \"category\"\ngroups.category.unknown = [\"\"]\nreport.annexes = [\"ll144\"]\n";
        let result = audit(folder.path(), &rows(categories), more);
        let found = table(&result, ImpactRate::ScoringRate);
        let people: u32 = categories.iter().map(|one| one.1).sum();
        assert_eq!(found.unknown, Some(result.data.used - u64::from(people)));
        assert_eq!(found.categories.len(), categories.len());
        for (name, people, above, rate, ratio) in categories {
            let row = found.categories.iter().find(|row| row.slice == format!("category={name}")).expect(name);
            assert_eq!((row.people, row.counted), (Some(u64::from(*people)), Some(u64::from(*above))), "{name}");
            // The City cuts 64.29 % to 64.2 and rounds all else.
            assert!(row.rate.is_some_and(|found| (found - rate).abs() < 0.001), "{name}: {:?}", row.rate);
            assert!(row.impact_ratio.is_some_and(|found| (found - ratio).abs() <= 0.005), "{name}: {row:?}");
        }
        assert!(result.law.adverse_impact.is_empty(), "it was not asked for");
    }
}

/// 6 RCNY 5-300: strictly above the median, so that a tie at it is not above.
#[test]
fn a_score_at_the_median_is_not_above_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let csv = "category,score,label\na,0.1,1\na,0.2,0\na,0.2,1\nb,0.2,0\nb,0.3,1\n";
    let result = audit(folder.path(), csv, "groups.category.column = \"category\"\nreport.annexes = [\"ll144\"]\n");
    let found = table(&result, ImpactRate::ScoringRate);
    assert_eq!(found.median, Some(0.2));
    assert_eq!(found.categories.iter().map(|row| row.counted).collect::<Vec<_>>(), [Some(0), Some(1)]);
    assert_eq!(found.categories.iter().map(|row| row.impact_ratio).collect::<Vec<_>>(), [Some(0.0), Some(1.0)]);
}

/// 12 of 40 against 48 of 80, and 1 of 10 against 3 of 20: the worked examples of `published.json`.
#[test]
fn adverse_impact_is_never_one_number_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let csv = |counts: [(&str, u32, u32); 2]| {
        let mut csv = String::from("category,score,label\n");
        for (name, people, selected) in counts {
            (0..people).for_each(|row| csv += &format!("{name},{},{}\n", u8::from(row < selected), row % 2));
        }
        csv
    };
    let more = "groups.category.column = \"category\"\nreport.annexes = [\"ugesp\"]\n";
    let result = audit(folder.path(), &csv([("a", 40, 12), ("b", 80, 48)]), more);
    assert_eq!(result.law.adverse_impact.len(), 2, "base and tuned");
    let row = &result.law.adverse_impact[1];
    assert_eq!((row.slice.as_str(), row.reference.as_str()), ("category=a", "category=b"));
    let found = row.numbers.expect("nothing is hidden");
    assert_eq!((found.people_to_move, found.four_fifths, found.test), (Some(6), FourFifths::Below, Test::Z));
    for (found, expected) in [
        (found.impact_ratio, 0.5),
        (found.low, 0.295_203_043),
        (found.high.expect("it is bounded"), 0.795_330_676),
        (found.z.expect("it is defined"), -3.098_386_677),
        (found.hypergeometric_z.expect("it is defined"), -3.085_449_724),
        (found.fisher_p, 0.003_409_222),
        (found.shortfall, 8.0),
    ] {
        assert!((found - expected).abs() < 1e-8, "{found} is not {expected}");
    }
    let small = audit(folder.path(), &csv([("a", 10, 1), ("b", 20, 3)]), more);
    let found = small.law.adverse_impact[1].numbers.expect("nothing is hidden");
    assert_eq!((found.people_to_move, found.four_fifths, found.test), (Some(1), FourFifths::OnePerson, Test::Fisher));
    assert!((found.p_value - 1.0).abs() < 1e-12);
}

/// 6 RCNY 5-301(d): a category below 2 % keeps its count and rate, loses its ratio, and is no table's highest.
#[test]
fn small_categories_are_left_out_of_ratios_where_the_auditor_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut csv = String::from("category,score,label\n");
    for (name, people, selected) in [("a", 98, 49), ("b", 100, 20), ("tiny", 3, 3)] {
        (0..people).for_each(|row| csv += &format!("{name},{},{}\n", u8::from(row < selected), row % 2));
    }
    let more = "groups.category.column = \"category\"\nreport.annexes = [\"ll144\"]\n";
    let ratios = |more: &str| {
        let result = audit(folder.path(), &csv, more);
        let table = table(&result, ImpactRate::SelectionRate).clone();
        table
            .categories
            .iter()
            .map(|row| (row.people, row.rate.is_some(), row.impact_ratio, row.excluded))
            .collect::<Vec<_>>()
    };
    assert_eq!(ratios(more)[2], (Some(3), true, Some(1.0), false));
    let excluded = "annex.ll144.exclude_below = 0.02\nannex.ll144.justification = \"three people\"\n";
    let rows = ratios(&format!("{more}{excluded}"));
    assert_eq!(rows[0], (Some(98), true, Some(1.0), false));
    assert!(rows[1].2.is_some_and(|ratio| (ratio - 0.4).abs() < 1e-12), "{rows:?}");
    assert_eq!(rows[2], (Some(3), true, None, true));
}

/// The City's example through the whole walk, to the printed page: the small category is hidden everywhere but in
/// the tables that the rule asks for.
#[test]
fn the_citys_table_is_printed_from_the_result_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let more = "groups.category.column = \"category\"\ngroups.category.unknown = [\"\"]\n\
        report.annexes = [\"ll144\"]\nannex.ll144.min_cell = 0\nannex.ll144.tool = \"culture fit\"\n";
    let mut result = audit(folder.path(), &rows(&RACE), more);
    result.method.min_cell = 10;
    let result = redact(result);
    let stored = heirloom::result::read(&serde_json::to_string(&result).expect("it can be written")).expect("it reads");
    let html = (heirloom::render::find("html").expect("a format").render)(&stored).expect("it draws");
    let annex =
        html.split("id=\"annexes\"").nth(1).expect("it is asked for").split("</section>").next().expect("it ends");
    let line = |name: &str| {
        let rows = annex.split("<tr>").filter(|row| row.contains(&format!("category={name}<")));
        rows.last().expect(name).split(&['<', '>'][..]).map(str::trim).collect::<Vec<_>>().join(" ")
    };
    for (name, people, above, rate, ratio) in [
        ("Hispanic or Latino", 28, 18, "64.3", "1.00"),
        ("White", 40, 15, "37.5", "0.58"),
        ("Black or African American", 32, 16, "50.0", "0.78"),
        ("Native Hawaiian or Pacific Islander", 8, 5, "62.5", "0.97"),
        ("Asian", 24, 10, "41.7", "0.65"),
    ] {
        let line = line(name);
        let told = [people.to_string(), above.to_string(), rate.into(), ratio.into()];
        assert!(told.iter().all(|number| line.contains(&format!(" {number} "))), "{name}: {line}");
    }
    assert!(annex.contains("culture fit") && annex.contains("This rule sets no pass mark"));
    assert!(result.notices.iter().any(|notice| notice.contains("Local Law 144 show them")), "{:?}", result.notices);
    let hidden = result.data.attributes[0].groups.iter().filter(|group| group.rows.is_none()).count();
    assert!(hidden > 0, "elsewhere the small group is hidden");
}

#[test]
fn what_is_hidden_is_in_no_law() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let more = "groups.category.column = \"category\"\ngroups.category.unknown = [\"\"]\nreport.annexes = [\"ll144\", \"ugesp\"]\n";
    let mut result = audit(folder.path(), &rows(&RACE), more);
    result.method.min_cell = 10;
    let result = redact(result);
    let small = "category=Native Hawaiian or Pacific Islander";
    let rows = result.law.impact_tables.iter().flat_map(|table| &table.categories).filter(|row| row.slice == small);
    assert!(rows.clone().count() > 0);
    for row in rows {
        assert_eq!((row.people, row.counted, row.rate, row.impact_ratio), (None, None, None, None));
    }
    let touched = result.law.adverse_impact.iter().filter(|row| row.slice == small || row.reference == small);
    assert!(touched.clone().count() > 0 && touched.clone().all(|row| row.numbers.is_none()));
}

/// Berkeley's admissions of 1973 in small: each department takes as many of either, and one that takes few is asked
/// by many of one.
#[test]
fn a_gap_between_strata_is_none_inside_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut csv = String::from("category,department,score,label\n");
    for (category, department, people, selected) in
        [("a", "x", 80, 48), ("b", "x", 20, 12), ("a", "y", 20, 4), ("b", "y", 80, 16)]
    {
        (0..people)
            .for_each(|row| csv += &format!("{category},{department},{},{}\n", u8::from(row < selected), row % 2));
    }
    let more = "groups.category.column = \"category\"\ngroups.department.column = \"department\"\n\
        stats.control = [\"department\"]\nslices.cross = [\"category & department\"]\n";
    let result = audit(folder.path(), &csv, more);
    let one = finding(&result, "selection_rate/category=a");
    let within = one.conditional.expect("it is cut by department");
    assert!(one.tuned.is_some_and(|gap| (gap.value - 0.24).abs() < 1e-12), "{:?}", one.tuned);
    assert_eq!(within.strata, 2);
    assert!(within.tuned.value.abs() < 1e-12 && within.tuned.low < 0.0 && within.tuned.high > 0.0, "{within:?}");
    assert!(within.tuned_odds_ratio.is_some_and(|ratio| (ratio.value - 1.0).abs() < 1e-12));
    let change = within.change.expect("rows are many");
    assert_eq!((change.value, change.low, change.high), (0.0, 0.0, 0.0));
    // What is a stratum itself, or a cross with one, has none inside.
    for id in ["selection_rate/department=x", "selection_rate/category=a & department=x"] {
        assert!(finding(&result, id).conditional.is_none(), "{id}");
    }
}
