//! Writing into tensors, canonical text, and what literals match.

use super::*;

fn table(frame: DataFrame) -> Table {
    Table::of(frame).unwrap()
}

#[test]
fn columns_are_written_side_by_side() {
    let table = table(people());
    let mut tensor = [-1f32; 8];
    table.write("x", 2..6, &mut tensor, 0, 2, false).unwrap();
    table.write("n", 2..6, &mut tensor, 1, 2, false).unwrap();
    assert!(tensor[2].is_nan());
    tensor[2] = 3.0;
    assert_eq!(tensor, [2.0, 2.0, 3.0, 0.0, 4.0, 1.0, 5.0, 2.0]);
    let mut flags = [false; 10];
    table.write("old", 0..10, &mut flags, 0, 1, false).unwrap();
    assert_eq!(flags, [false, false, false, false, false, false, false, true, true, true]);
}

#[test]
fn a_tensor_that_is_too_small_is_an_error() {
    assert!(error(table(people()).write("x", 0..10, &mut [0f32; 18], 0, 2, false)).contains("do not fit"));
    assert!(error(table(people()).write("x", 0..11, &mut [0f32; 50], 0, 2, false)).contains("do not fit"));
}

#[test]
fn nothing_is_rounded_unasked() {
    let big = (1i64 << 24) + 1;
    let table = table(df!("i" => [1, big, big], "f" => [0.5, 0.1, 1e300], "u" => [u64::MAX, 1, 2]).unwrap());
    let told = error(table.write("i", 0..3, &mut [0f32; 3], 0, 1, false));
    assert_eq!(
        told,
        "column `i` (int64) holds values in 2 of 3 rows that float32 cannot hold exactly. \
         Store the column as float32, or set `round = true` on the input in the audit file"
    );
    let mut floats = [0f32; 3];
    table.write("i", 0..3, &mut floats, 0, 1, true).unwrap();
    assert_eq!(floats, [1.0, 16_777_216.0, 16_777_216.0]);
    table.write("f", 0..2, &mut floats, 0, 1, true).unwrap();
    assert_eq!(floats[1], 0.1);
    assert!(error(table.write("f", 0..2, &mut floats, 0, 1, false)).contains("in 1 of 2 rows"));
    assert!(error(table.write("f", 0..3, &mut floats, 0, 1, true)).contains("even when rounded"));
    assert!(error(table.write("u", 0..3, &mut [0i64; 3], 0, 1, false)).contains("in 1 of 3 rows"));
    assert!(error(table.write("i", 0..3, &mut [false; 3], 0, 1, false)).contains("boolean cannot hold"));
}

#[test]
fn nulls_are_nan_or_an_error() {
    let told = error(table(people()).write("x", 0..10, &mut [0i64; 10], 0, 1, false));
    assert!(told.contains("empty in 1 of 10 rows, and int64 cannot say so"), "{told}");
    let told = error(table(people()).write("sex", 0..10, &mut [0f32; 10], 0, 1, false));
    assert!(told.contains("`sex` holds text where a number is needed"), "{told}");
    let told = error(table(people()).numbers("olds", 0..10));
    assert!(told.contains("did you mean"), "{told}");
}

#[test]
fn text_is_canonical() {
    let frame = df!("f" => [1.0, -0.0, 0.25, f64::NAN], "s" => [0.1f32, 2.0, f32::INFINITY, -3.5], "b" => [true, false, true, false]);
    let table = table(frame.unwrap());
    let texts = |column: &str| texts(std::slice::from_ref(&table), column).join(" ");
    assert_eq!(texts("f"), "1 0 0.25 -");
    assert_eq!(texts("s"), "0.1 2 inf -3.5");
    assert_eq!(texts("b"), "true false true false");
}

#[test]
fn one_is_one_in_every_type() {
    let frame = df!(
        "i" => [1i64, 0], "u" => [1u8, 2], "f" => [1.0, 1.5], "s" => [1.0f32, 0.1], "b" => [true, false], "t" => ["1", "01"],
    );
    let table = table(frame.unwrap());
    for literal in [Literal::Integer(1), Literal::Float(1.0), Literal::Boolean(true)] {
        for column in ["i", "u", "f", "s", "b", "t"] {
            assert_eq!(table.matches(column, &literal).unwrap(), [Some(true), Some(false)], "{column} {literal:?}");
        }
    }
    assert_eq!(table.matches("s", &Literal::Float(0.1)).unwrap(), [Some(false), Some(true)]);
    assert_eq!(table.matches("f", &Literal::Float(1.5)).unwrap(), [Some(false), Some(true)]);
    assert_eq!(table.matches("i", &Literal::Text("1".into())).unwrap(), [Some(true), Some(false)]);
}

#[test]
fn text_matches_exactly_and_null_matches_nothing() {
    let table = table(df!("t" => [Some("05"), Some("5"), None, Some(" 5")]).unwrap());
    let told = [Some(false), Some(true), None, Some(false)];
    assert_eq!(table.matches("t", &Literal::Text("5".into())).unwrap(), told);
    assert_eq!(table.matches("t", &Literal::Integer(5)).unwrap(), told);
    assert!(Literal::Integer(1).matches_text("true") && Literal::Boolean(false).matches_text("False"));
    assert!(Literal::Float(0.5).matches_number(0.5) && !Literal::Text("0.50".into()).matches_number(0.5));
    assert!(Literal::Integer(0).matches_bool(false));
    assert_eq!(Literal::Float(2.0).text(), "2");
}

#[test]
fn rows_are_written_as_their_columns_are() {
    let rows = 5000;
    let value = |column: usize, row: usize| (column * rows + row) as f32;
    for width in [1, 3, 4, 9] {
        let names: Vec<String> = (0..width).map(|at| format!("x{at}")).collect();
        let series =
            |at: usize| Column::new(names[at].as_str().into(), (0..rows).map(|row| value(at, row)).collect::<Vec<_>>());
        let table = table(DataFrame::new(rows, (0..width).map(series).collect()).unwrap());
        let mut tensor = vec![-1f32; 4000 * width + 1];
        table.write_rows(&names, 500..4500, &mut tensor, false).unwrap();
        let expected = (500..4500).flat_map(|row| (0..width).map(move |at| value(at, row)));
        assert!(tensor.iter().copied().eq(expected.chain([-1.0])), "{width} columns");
    }
}

#[test]
fn a_value_seen_before_is_known_again() {
    let long = |i: usize| format!("a text that is too long for a view, number {}", i % 700);
    let short = |i: usize| {
        (!i.is_multiple_of(7)).then(|| if i.is_multiple_of(3) { String::new() } else { format!("{}", i % 500) })
    };
    let frame = df!(
        "long" => (0..3000).map(long).collect::<Vec<_>>(),
        "short" => (0..3000).map(short).collect::<Vec<_>>(),
        "number" => (0..3000).map(|i| (i % 11 != 0).then_some(i % 600 - 300)).collect::<Vec<_>>(),
        "float" => (0..3000).map(|i| if i % 13 == 0 { f64::NAN } else { f64::from(i % 400) / 8.0 }).collect::<Vec<_>>(),
    );
    let table = table(frame.unwrap()).slice(17..2900);
    for (name, want) in [("long", Want::Text), ("short", Want::Text), ("number", Want::Number), ("float", Want::Number)]
    {
        let mut seen: Vec<Option<String>> = Vec::new();
        let text = |cell: super::super::column::Cell| cell.text().map(String::from);
        let codes = table.map(name, want, |cell| {
            seen.push(text(cell));
            seen.len() - 1
        });
        let mapped: Vec<Option<String>> = codes.unwrap().into_iter().map(|code| seen[code].clone()).collect();
        assert_eq!(mapped, table.texts(name, 0..table.rows()).unwrap(), "{name}");
        // Each long text of this frame has a place of its own, and so a view of its own.
        assert_eq!(seen.len() == table.rows(), name == "long", "{name}");
    }
}
