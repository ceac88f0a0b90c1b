//! CSV: quotes, line ends, typing, and what is wrong on which line.

use super::*;
use crate::data::{ColumnKind, csv};

const TEXT: &str = "\u{feff}id,name,age\r\n05,\"a, \"\"b\"\"\",1.5\r\n\r\n7,\"two\nlines\", 2 \r\n,\"\",\r\n9,plain,4";

#[test]
fn cells_keep_their_text_and_numbers_are_parsed() {
    let dir = folder();
    write_text(&dir, "a.csv", TEXT);
    let plan = wants(&[
        ("name", Want::Text),
        ("id", Want::Text),
        ("age", Want::Number),
        ("age", Want::Text),
        ("id", Want::Number),
    ]);
    let tables = read(&dir, "a.csv", &plan).unwrap();
    assert_eq!(texts(&tables, "id"), ["05", "7", "-", "9"]);
    assert_eq!(texts(&tables, "name"), ["a, \"b\"", "two\nlines", "", "plain"]);
    assert_eq!(texts(&tables, "age"), ["1.5", " 2 ", "-", "4"]);
    let ages = numbers(&tables, "age");
    assert_eq!((ages[0], ages[1], ages[3]), (1.5, 2.0, 4.0));
    assert!(ages[2].is_nan());
    assert_eq!(numbers(&tables, "id")[0], 5.0);
}

#[test]
fn a_block_may_end_anywhere() {
    let dir = folder();
    let rows: Vec<String> = (0..50).map(|i| format!("{i},\"text\nof \"\"{i}\"\",\r\n\",{}\r\n", i * i)).collect();
    write_text(&dir, "a.csv", &format!("i,t,s\r\n{}", rows.concat()));
    let columns = [("t".to_string(), Want::Text), ("s".to_string(), Want::Number)];
    for size in 1..200 {
        let source = csv::read(&dir.path().join("a.csv"), b',', &columns, size).unwrap();
        let tables: Vec<Table> = source.map(Result::unwrap).collect();
        let expected: Vec<String> = (0..50).map(|i| format!("text\nof \"{i}\",\r\n")).collect();
        assert_eq!(texts(&tables, "t"), expected, "blocks of {size} bytes");
        assert!(numbers(&tables, "s").iter().enumerate().all(|(i, s)| *s == (i * i) as f64));
    }
}

#[test]
fn kinds_are_told_from_a_sample() {
    let dir = folder();
    write_text(&dir, "a.tsv", "a\tb\tc\td\te\n1\t1\ttrue\tx\t\n2\t2.5\tFalse\t1\t\n");
    let data = open(&dir, "a.tsv").unwrap();
    let kinds: Vec<_> = data.columns().iter().map(|c| c.kind).collect();
    use ColumnKind::{Boolean, Float, Integer, Text};
    assert_eq!(kinds, [Integer, Float, Boolean, Text, Text]);
    assert_eq!(data.rows_hint(), None);
}

#[test]
fn errors_name_the_line() {
    let cases = [
        ("a,b\n1,2\n\n3\n", "line 4: has 1 fields where the header names 2 columns"),
        ("a,b\n1,2,3\n", "line 2: has 3 fields"),
        ("a,b\n\"x\ny\",2\nz,many\n", "line 4: column `b` holds `many`, which is not a number"),
        ("a,b\n1,2\n\"x,3\n", "line 3: opens a quote that never closes"),
        ("a,b\n\"x\"y,3\n", "line 2: has text after a closing quote"),
    ];
    for (text, expected) in cases {
        let dir = folder();
        write_text(&dir, "a.csv", text);
        let told = error(read(&dir, "a.csv", &wants(&[("a", Want::Text), ("b", Want::Number)])));
        assert!(told.contains(expected) && told.contains("a.csv"), "{told}");
    }
}

#[test]
fn latin_text_is_refused() {
    let dir = folder();
    std::fs::write(dir.path().join("a.csv"), b"a,b\nx,1\ncaf\xe9,2\n").unwrap();
    let told = error(read(&dir, "a.csv", &wants(&[("a", Want::Text)])));
    assert!(told.contains("line 3: column `a` holds text that is not UTF-8"), "{told}");
}

#[test]
fn csv_numbers_may_be_rounded_to_floats_but_not_to_whole_numbers() {
    let dir = folder();
    write_text(&dir, "a.csv", "x\n0.1\n0.2\n");
    let tables = read(&dir, "a.csv", &wants(&[("x", Want::Number)])).unwrap();
    let mut floats = [0f32; 2];
    tables[0].write("x", 0..2, &mut floats, 0, 1, false).unwrap();
    assert_eq!(floats, [0.1, 0.2]);
    assert!(error(tables[0].write("x", 0..2, &mut [0i64; 2], 0, 1, false)).contains("int64 cannot hold exactly"));
}
