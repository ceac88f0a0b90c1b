//! Data that cannot be read or say nothing: exit code 3, with the file, the line and the way out.

use crate::case::{AUDIT, Case, csv, label, scores};
use polars::prelude::{Column, DataFrame, IpcWriter, NamedFrom, ParquetWriter, SerWriter, Series, df};
use std::fmt::Write;

const FEMALE: fn(usize) -> String = |row| if row % 2 == 0 { "Female".into() } else { "Male".into() };

fn frame(rows: usize) -> DataFrame {
    df!(
        "y" => (0..rows).map(|row| i64::from(label(row))).collect::<Vec<_>>(),
        "sex" => (0..rows).map(FEMALE).collect::<Vec<_>>(),
        "b" => (0..rows).map(|row| scores(row)[0]).collect::<Vec<_>>(),
        "t" => (0..rows).map(|row| scores(row)[1]).collect::<Vec<_>>(),
    )
    .unwrap()
}

fn parquet(frame: &mut DataFrame) -> Vec<u8> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(frame).unwrap();
    bytes
}

fn arrow(frame: &mut DataFrame) -> Vec<u8> {
    let mut bytes = Vec::new();
    IpcWriter::new(&mut bytes).finish(frame).unwrap();
    bytes
}

fn over(name: &str, bytes: impl AsRef<[u8]>) -> Case {
    let case = Case::new();
    case.write(name, bytes).swap("eval.csv", name);
    case
}

#[test]
fn missing_data_are_named() {
    Case::new()
        .swap("eval.csv", "eval2.csv")
        .refuses(3, &["eval2.csv", "does not exist", "relative to the audit file"]);
}

#[test]
fn a_folder_is_no_data() {
    let case = Case::new();
    std::fs::create_dir(case.path("d.csv")).unwrap();
    case.swap("eval.csv", "d.csv").refuses(3, &["d.csv", "is a folder", "*.parquet"]);
}

#[test]
fn a_glob_without_a_match_is_named() {
    Case::new().swap("eval.csv", "part-*.csv").refuses(3, &["part-*.csv", "matches no file"]);
}

#[test]
fn files_of_two_schemas_are_told_apart() {
    let case = Case::new();
    case.write("part-1.csv", csv(50, FEMALE)).write("part-2.csv", "y,sex,b,tt\n1,F,0.1,0.2\n");
    case.swap("eval.csv", "part-*.csv")
        .refuses(3, &["part-2.csv", "other columns", "part-1.csv", "it lacks `t`", "only it has `tt`"]);
    case.write("part-2.csv", csv(50, FEMALE)).write("part-3.parquet", parquet(&mut frame(50)));
    case.swap("part-*.csv", "part-*").refuses(3, &["part-3.parquet", "another format"]);
}

#[test]
fn a_file_named_twice_is_refused() {
    Case::new()
        .swap("path = \"eval.csv\"", "path = [\"eval.csv\", \"eval*.csv\"]")
        .refuses(3, &["eval.csv", "named twice"]);
}

#[test]
fn empty_files_are_refused() {
    for name in ["e.csv", "e.parquet", "e.arrow"] {
        over(name, "").refuses(3, &[name, "is empty"]);
    }
}

#[test]
fn a_header_without_rows_is_nothing_to_audit() {
    Case::new().write("eval.csv", "y,sex,b,t\n").refuses(3, &["no row was read"]);
    over("e.parquet", parquet(&mut frame(0))).refuses(3, &["no row was read"]);
    over("e.arrow", arrow(&mut frame(0))).refuses(3, &["no row was read"]);
}

#[test]
fn binary_files_cut_short_are_told() {
    for (name, bytes) in [("e.parquet", parquet(&mut frame(400))), ("e.arrow", arrow(&mut frame(400)))] {
        for part in [5, bytes.len() / 2, bytes.len() - 1] {
            over(name, &bytes[..part]).refuses(3, &[name, "again"]);
        }
    }
}

#[test]
fn damaged_bytes_are_told_or_change_nothing() {
    for (name, bytes) in [("e.parquet", parquet(&mut frame(400))), ("e.arrow", arrow(&mut frame(400)))] {
        for place in (0..bytes.len()).step_by(bytes.len() / 40) {
            let mut bytes = bytes.clone();
            bytes[place] ^= 0xff;
            let case = over(name, bytes);
            let ran = case.audit(&[]);
            assert!(matches!(ran.code, Some(0 | 2 | 3)), "{name} {place} {ran:?}");
            assert_eq!(case.path("out/result.json").exists(), ran.code == Some(0));
        }
    }
}

#[test]
fn foreign_files_are_told_for_what_they_are() {
    let parquet = parquet(&mut frame(40));
    for (name, bytes, looks) in [
        ("e.csv", &parquet[..], "a Parquet file"),
        ("e.arrow", &parquet[..], "a Parquet file"),
        ("e.parquet", b"PK\x03\x04rest of it", "a zip or Excel file"),
        ("e.csv", b"\x1f\x8b\x08\x00", "a gzip file"),
        ("e.csv", b"\xff\xfey\x00,\x00", "UTF-16 text"),
        ("e.parquet", b"y,sex,b,t\n1,F,0.1,0.2\n", "something else"),
    ] {
        over(name, bytes).refuses(3, &[name, looks, "extension"]);
    }
    over("e.xlsx", b"PK\x03\x04").refuses(3, &["e.xlsx", ".parquet"]);
}

#[test]
fn rows_of_csv_that_do_not_fit_are_told_by_line() {
    for (row, words) in [
        ("1,F,0.1", "line 42: has 3 fields where the header names 4 columns"),
        ("1,F,0.1,0.2,9", "line 42: has 5 fields where the header names 4 columns"),
        ("1,F,x,0.2", "line 42: column `b` holds `x`, which is not a number"),
        ("1,\"F,0.1,0.2", "line 42: opens a quote that never closes"),
        ("1,\"F\"x,0.1,0.2", "line 42: has text after a closing quote"),
    ] {
        let text = csv(40, FEMALE) + row + "\n" + csv(40, FEMALE).split_once('\n').unwrap().1;
        Case::new().write("eval.csv", text).refuses(3, &["eval.csv", words]);
    }
}

#[test]
fn text_that_is_not_utf8_is_told_by_line_and_column() {
    let mut text = csv(40, FEMALE).into_bytes();
    text.extend(b"1,F\xe9minin,0.1,0.2\n");
    Case::new().write("eval.csv", text).refuses(3, &["eval.csv", "line 42: column `sex`", "not UTF-8"]);
}

#[test]
fn other_separators_are_told() {
    Case::new().write("eval.csv", csv(40, FEMALE).replace(',', ";")).refuses(3, &["eval.csv", "commas"]);
}

#[test]
fn two_columns_of_one_name_are_told() {
    Case::new().write("eval.csv", "y,sex,b,t,sex\n1,F,0.1,0.2,M\n").refuses(3, &["eval.csv", "two columns `sex`"]);
}

#[test]
fn a_column_that_holds_no_values_is_told() {
    let lists = Series::new("sex".into(), (0..40).map(|_| Series::new("".into(), [1i64])).collect::<Vec<_>>());
    let mut table = frame(40);
    table.with_column(Column::from(lists)).unwrap();
    over("e.parquet", parquet(&mut table)).refuses(2, &["`sex` holds", "groups", "text, numbers or booleans"]);
}

#[test]
fn scores_that_are_text_are_told() {
    let mut table = frame(40);
    table.with_column(Column::new("t".into(), vec!["0.5"; 40])).unwrap();
    over("e.parquet", parquet(&mut table)).refuses(2, &["`t` holds `text`", "audit.toml:7"]);
}

#[test]
fn a_where_that_keeps_no_row_tells_how_many_there_were() {
    Case::new()
        .swap("positive = 1", "positive = 1\nwhere = { sex = \"female\" }")
        .refuses(3, &["none of the 400 rows", "`where`", "`sex`"]);
}

#[test]
fn labels_that_never_match_positive_are_told() {
    Case::new().swap("positive = 1", "positive = \"yes\"").refuses(3, &["column y", "\"yes\"", "positive", "0, 1"]);
}

#[test]
fn labels_that_are_all_null_are_told() {
    let text: String = csv(60, FEMALE)
        .lines()
        .enumerate()
        .map(|(i, line)| if i == 0 { format!("{line}\n") } else { format!("{}\n", &line[1..]) })
        .collect();
    Case::new().write("eval.csv", text).refuses(3, &["every label in column y is null", "leave `label` out"]);
}

#[test]
fn labels_of_one_value_give_undefined_rates_and_never_a_pass() {
    let one = |value: &str| {
        let rows: String = csv(400, FEMALE).lines().skip(1).map(|line| format!("{value}{}\n", &line[1..])).collect();
        let case = Case::new();
        case.write("eval.csv", format!("y,sex,b,t\n{rows}"));
        case.add("[[check]]\nid = \"c\"\nmetric = \"true_positive_rate\"\nmax_growth = 0.5\n");
        case
    };
    let result = one("0").gives(4);
    let value = result["values"]
        .as_array()
        .unwrap()
        .iter()
        .find(|v| v["metric"] == "true_positive_rate" && v["slice"] == "sex=Male")
        .unwrap();
    assert_eq!(value["undefined"], "no_rows_in_condition");
    assert!(value.get("value").is_none());
    assert_eq!(result["checks"][0]["outcome"], "too_small");
    let case = one("1");
    case.swap("metric = \"true_positive_rate\"", "metric = \"false_positive_rate\"");
    case.gives(4);
}

#[test]
fn nulls_are_counted_and_shown() {
    let mut text = csv(400, FEMALE);
    text += ",Female,0.2,0.3\n1,,0.2,0.3\n1,,0.2,0.3\n1,Male,,0.3\n0,Male,0.2,\n0,Male,0.2,\n0,Male,0.2,\n";
    let result = Case::new().write("eval.csv", text).gives(0);
    let data = &result["data"];
    assert_eq!((data["rows"].as_u64(), data["used"].as_u64()), (Some(407), Some(407)));
    assert_eq!(data["null_labels"], 1);
    assert_eq!(data["null_base"], 1);
    assert_eq!(data["null_tuned"], 3);
    assert_eq!(data["attributes"][0]["unknown"], 2);
    assert_eq!(data["attributes"][0]["groups"][0]["rows"], 201);
}

#[test]
fn decisions_may_be_null_and_are_read_by_positive() {
    let rows: String = (0..400)
        .map(|row| {
            format!("{},{},{},{}\n", label(row), FEMALE(row), ["1", "0", ""][row % 3], ["0", "1.0", "true"][row % 3])
        })
        .collect();
    let case = Case::new();
    case.swap("scores", "decisions").write("eval.csv", format!("y,sex,b,t\n{rows}"));
    let result = case.gives(0);
    assert_eq!(result["data"]["null_base"], 133);
    let value = result["values"]
        .as_array()
        .unwrap()
        .iter()
        .find(|v| v["metric"] == "selection_rate" && v["slice"] == "all" && v["model"] == "tuned")
        .unwrap();
    assert_eq!(value["value"].as_f64(), Some(266.0 / 400.0));
}

#[test]
fn decisions_that_never_say_positive_are_not_taken_for_no() {
    let rows: String = (0..400)
        .map(|row| format!("{},{},{},{}\n", label(row), FEMALE(row), ["yes", "no"][row % 2], ["yes", "no"][row % 2]))
        .collect();
    Case::new()
        .swap("scores", "decisions")
        .write("eval.csv", format!("y,sex,b,t\n{rows}"))
        .refuses(3, &["column b", "positive"]);
}

#[test]
fn scores_that_are_infinite_are_told() {
    let text = csv(400, FEMALE) + "1,Male,inf,0.3\n1,Male,-inf,0.3\n";
    Case::new().write("eval.csv", text).refuses(3, &["column b", "infinite", "2 rows", "leave the cells empty"]);
}

#[test]
fn the_same_column_serves_as_label_and_group() {
    let case = Case::new();
    case.swap("column = \"sex\"", "column = \"y\"");
    let result = case.gives(0);
    let names: Vec<_> =
        result["data"]["attributes"][0]["groups"].as_array().unwrap().iter().map(|g| g["slice"].clone()).collect();
    assert_eq!(names, ["sex=0", "sex=1"]);
}

#[test]
fn numbers_and_booleans_name_groups_plainly() {
    let rows = 400;
    let mut table = frame(rows);
    table.with_column(Column::new("i".into(), (0..rows).map(|row| (row % 2) as i32).collect::<Vec<_>>())).unwrap();
    table
        .with_column(Column::new("f".into(), (0..rows).map(|row| [0.0f32, -0.0, 0.1][row % 3]).collect::<Vec<_>>()))
        .unwrap();
    table.with_column(Column::new("k".into(), (0..rows).map(|row| row % 2 == 0).collect::<Vec<_>>())).unwrap();
    for (name, bytes) in [("e.parquet", parquet(&mut table.clone())), ("e.arrow", arrow(&mut table.clone()))] {
        let case = over(name, bytes);
        case.add("[groups.i]\n[groups.f]\n[groups.k]\n");
        let result = case.gives(0);
        let names = |at: usize| -> Vec<String> {
            let groups = result["data"]["attributes"][at]["groups"].as_array().unwrap();
            groups.iter().map(|group| group["group"].as_str().unwrap().to_string()).collect()
        };
        assert_eq!(names(1), ["0", "1"]);
        assert_eq!(names(2), ["0", "0.1"]);
        assert_eq!(names(3), ["false", "true"]);
    }
}

#[test]
fn a_csv_code_keeps_its_zeros() {
    let case = Case::new();
    case.write("eval.csv", csv(400, |row| ["05", "5"][row % 2].into()));
    let result = case.gives(0);
    let groups = result["data"]["attributes"][0]["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2);
    // And as a label: none of the values 05 and 06 is 5.
    let rows: String = (0..400).map(|row| format!("{},Female,0.1,0.2\n", ["05", "06"][row % 2])).collect();
    Case::new()
        .write("eval.csv", format!("y,sex,b,t\n{rows}"))
        .swap("positive = 1", "positive = 5")
        .refuses(3, &["column y", "05, 06"]);
}

#[test]
fn very_long_lines_are_read() {
    let mut text = csv(400, FEMALE).replace("sex,b,t\n", "sex,b,t,note\n");
    text = text
        .lines()
        .enumerate()
        .map(|(i, line)| if i == 0 { format!("{line}\n") } else { format!("{line},{}\n", "x".repeat(100_000)) })
        .collect();
    Case::new().write("eval.csv", text).gives(0);
}

#[test]
fn a_column_of_a_million_characters_is_named_in_short() {
    let name = "x".repeat(1_000_000);
    let mut text = format!("y,sex,b,t,{name}\n");
    for row in 0..40 {
        let _ = writeln!(text, "{},F,0.1,0.2,0", label(row));
    }
    let ran = Case::new()
        .write("eval.csv", text)
        .write("audit.toml", AUDIT.replace("scores = \"t\"", "scores = \"tt\""))
        .refuses(2, &["no column `tt`"]);
    assert!(ran.err.len() < 5_000, "{}", ran.err.len());
}
