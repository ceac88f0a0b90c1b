//! Problems of the audit file, the command line and the policy: exit code 2, all at once.

use crate::case::{AUDIT, Case};

#[test]
fn every_problem_comes_at_once_with_line_caret_and_suggestion() {
    let case = Case::income();
    case.swap("min_support = 30", "min_suport = 30")
        .swap("metric = \"true_positive_rate\"", "metric = \"true_positiv_rate\"")
        .swap("required = [\"sex=Female\"]", "required = [\"sx=Female\"]")
        .swap("slices = [\"sex\", \"race\", \"sex & race\"]", "slices = [\"sex\", \"rce\"]");
    let ran =
        case.refuses(2, &["audit.toml:41:1", "`min_suport` is not a key", "did you mean `min_support`?", "4 problems"]);
    for word in
        ["did you mean `true_positive_rate`?", "`sx` is not a declared attribute", "did you mean `race`?", "───"]
    {
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
}

#[test]
fn a_misspelt_column_is_named_with_the_one_meant() {
    Case::income()
        .swap("column = \"race\"", "column = \"rase\"")
        .refuses(2, &["audit.toml:33:10", "no column `rase`", "did you mean `race`?"]);
}

#[test]
fn all_misspelt_columns_come_at_once() {
    let case = Case::new();
    case.swap("label = \"y\"", "label = \"why\"")
        .swap("scores = \"b\"", "scores = \"bb\"")
        .swap("column = \"sex\"", "column = \"sexx\"");
    case.refuses(2, &["no column `why`", "no column `bb`", "no column `sexx`", "did you mean `sex`?", "3 problems"]);
}

#[test]
fn a_file_that_is_no_toml_is_shown_where_it_breaks() {
    Case::new().write("audit.toml", "name = \"x\"\n[models.base\nscores = 1\n").refuses(2, &["audit.toml:2"]);
}

#[test]
fn an_empty_file_is_told_what_it_needs() {
    Case::new().write("audit.toml", "").refuses(2, &["`data` is missing", "`groups` is missing", "eval.parquet"]);
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    Case::new().write("audit.toml", b"\xff\xfe\x00garbage").refuses(2, &["audit.toml", "UTF-8"]);
}

#[test]
fn a_missing_audit_file_is_named() {
    Case::new().fails(&["audit", "nothing.toml"], 2, &["nothing.toml", "could not be read"]);
}

#[test]
fn a_folder_is_no_audit_file() {
    Case::new().fails(&["audit", "."], 2, &["`.` could not be read"]);
}

#[test]
fn nothing_to_audit_is_told_how_to_start() {
    Case::new().fails(&["audit"], 2, &["nothing says what to audit", "heirloom init"]);
}

#[test]
fn deep_nesting_is_refused_quickly() {
    let deep = format!("a = {}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    Case::new().write("audit.toml", format!("{AUDIT}{deep}")).refuses(2, &["audit.toml:"]);
    let tables = format!("[{}]\nx = 1\n", vec!["a"; 50_000].join("."));
    Case::new().write("audit.toml", format!("{AUDIT}{tables}")).refuses(2, &["audit.toml:"]);
}

#[test]
fn a_line_of_a_million_characters_is_cut() {
    let ran = Case::new()
        .add(&format!("[stats]\nconfidense = \"{}\"\n", "x".repeat(1_000_000)))
        .refuses(2, &["did you mean `confidence`?"]);
    assert!(ran.err.len() < 5_000, "{}", ran.err.len());
}

#[test]
fn hostile_keys_and_values_are_spelled_out() {
    let case = Case::new();
    case.add("\"\\u001b[2J\\u202e\" = 1\n[stats]\nconfidence = \"\\u0007\"\n")
        .refuses(2, &["\\u{1b}[2J\\u{202e}", "confidence"]);
}

#[test]
fn thousands_of_problems_are_counted_not_drawn() {
    let many: String = (0..3_000).map(|i| format!("key{i} = 1\n")).collect();
    Case::new().add(&format!("[stats]\n{many}")).refuses(2, &["3000 problems; the first 30 are shown"]);
}

#[test]
fn thousands_of_checks_take_reasonable_time() {
    let one =
        |i: usize| format!("[[check]]\nid = \"c{i}\"\nmetric = \"selection_rate\"\non = \"tuned\"\nmax_abs = 0.9\n");
    let case = Case::new();
    case.add(&(0..8_000).map(one).collect::<String>());
    let start = std::time::Instant::now();
    let result = case.gives(0);
    assert_eq!(result["checks"].as_array().unwrap().len(), 8_000);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn a_check_that_matches_nothing_is_a_problem() {
    let check = "[[check]]\nid = \"spread\"\nmetric = \"selection_rate\"\nof = \"spread\"\nmax = 0.9\nslices = [\"sex=Female\"]\n";
    Case::new().add(check).refuses(2, &["audit.toml", "slices"]);
}

#[test]
fn a_check_without_a_limit_is_a_problem() {
    Case::new().add("[[check]]\nid = \"c\"\nmetric = \"selection_rate\"\n").refuses(2, &["audit.toml", "max_abs"]);
}

#[test]
fn two_checks_of_one_id_are_a_problem() {
    let check = "[[check]]\nid = \"c\"\nmetric = \"selection_rate\"\nmax_abs = 0.5\n";
    Case::new().add(&format!("{check}{check}")).refuses(2, &["`c`", "audit.toml"]);
}

#[test]
fn a_waiver_by_its_own_owner_or_for_no_check_is_a_problem() {
    let waiver = "[[waiver]]\ncheck = \"c\"\nslice = \"sex=Male\"\nreason = \"r\"\nowner = \"A\"\napproved_by = \"A\"\nexpires = 2027-01-31\n";
    Case::new().add(waiver).refuses(2, &["approved_by", "`c`"]);
}

#[test]
fn an_attribute_cannot_be_named_like_a_slice() {
    for name in ["a=b", "a & b", "all", "", " x", "q\\\"", "\\u202ex"] {
        let case = Case::new();
        case.swap("[groups.sex]", &format!("[groups.\"{name}\"]"))
            .refuses(2, &["cannot name an attribute", "choose a plain name"]);
    }
}

#[test]
fn an_audit_name_never_leaves_the_reports_folder() {
    for name in ["../../x", "a/b", "..", ".", ".hidden", "x\\u0000y", "x\\u001b[2J", "C:\\\\x"] {
        let case = Case::new();
        case.swap("name = \"small\"", &format!("name = \"{name}\""));
        case.fails(&["audit", "audit.toml"], 2, &["this name cannot name a folder"]);
    }
}

#[test]
fn a_name_taken_from_a_hostile_file_stays_in_the_reports_folder() {
    let case = Case::new();
    let text = case.read("audit.toml").replace("name = \"small\"\n", "");
    case.write("..a\u{202e}b c\n.toml", text);
    let ran = case.run(&["audit", "..a\u{202e}b c\n.toml"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let folders: Vec<_> =
        std::fs::read_dir(case.path("reports")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(folders, ["a-b-c-"]);
}

#[test]
fn settings_outside_their_range_are_problems() {
    for (table, key, value) in [
        ("stats", "confidence", "1.5"),
        ("stats", "confidence", "nan"),
        ("stats", "smallest_gap", "-0.1"),
        ("stats", "smallest_gap", "inf"),
        ("stats", "same_size", "0.5"),
        ("stats", "multiplicity", "\"bonferoni\""),
        ("stats", "seed", "-1"),
        ("slices", "min_support", "0"),
        ("privacy", "min_cell", "-3"),
        ("gate", "undecided", "\"maybe\""),
    ] {
        Case::new().add(&format!("[{table}]\n{key} = {value}\n")).refuses(2, &[key, "audit.toml:"]);
    }
}

#[test]
fn bins_that_do_not_rise_are_a_problem() {
    for bins in ["[40, 25]", "[1, 1]", "[nan]", "[inf]", "[\"a\"]"] {
        Case::new().add(&format!("[groups.t]\nbins = {bins}\n")).refuses(2, &["bins", "audit.toml:"]);
    }
}

#[test]
fn another_schema_is_refused() {
    Case::new().swap("schema = 1", "schema = 2").refuses(2, &["audit.toml:1:", "schema = 1"]);
}

#[test]
fn an_unknown_format_is_named_with_those_there_are() {
    let case = Case::new();
    case.fails(&["audit", "audit.toml", "--format", "pdf"], 2, &["there is no format `pdf`", "html"]);
    case.fails(&["audit", "audit.toml", "--format", "htm"], 2, &["did you mean `html`?"]);
}

#[test]
fn flags_that_cannot_be_read_are_usage() {
    let case = Case::new();
    for flags in [
        ["--threads", "0"],
        ["--limit", "0"],
        ["--limit", "-1"],
        ["--batch-size", "x"],
        ["--engine", "gpu"],
        ["--set", "stats.confidence"],
        ["--set", "a.b.c=1"],
    ] {
        let ran = case.run(&[&["audit", "audit.toml"], &flags[..]].concat());
        assert_eq!(ran.code, Some(2), "{flags:?} {}", ran.err);
        assert!(ran.err.contains(flags[1].split('=').next().unwrap()), "{flags:?} {}", ran.err);
    }
}

#[test]
fn a_policy_apart_is_pointed_at() {
    let case = Case::new();
    case.write("policy.toml", "[[check]]\nid = \"c\"\nmetric = \"selecton_rate\"\nmax_abs = 0.5\n");
    case.swap("schema = 1\n", "schema = 1\npolicy = \"policy.toml\"\n")
        .refuses(2, &["policy.toml:3:10", "did you mean `selection_rate`?"]);
    std::fs::remove_file(case.path("policy.toml")).unwrap();
    case.refuses(2, &["policy.toml", "could not be read", "audit.toml:2"]);
}

#[test]
fn flags_are_checked_like_a_file() {
    let case = Case::new();
    let all = [
        "audit",
        "--base-scores",
        "b",
        "--tuned-scores",
        "t",
        "--data",
        "eval.csv",
        "--label",
        "y",
        "--positive",
        "1",
        "--groups",
        "sexx",
    ];
    let ran = case.run(&all);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    case.fails(&["audit", "--data", "eval.csv", "--groups", "sex"], 2, &["the flags"]);
    case.fails(
        &["audit", "--base", "a\"\n[x]\n.onnx", "--tuned", "t.onnx", "--data", "eval.csv", "--groups", "sex"],
        3,
        &["cannot be read"],
    );
}
