//! Formats, globs, schemas and files that are not what they say.

use super::*;
use crate::data::ColumnKind;

#[test]
fn bytes_are_read_only_where_they_are_wanted() {
    let folder = folder();
    let pictures: Vec<Option<&[u8]>> = vec![Some(b"one"), None, Some(b"")];
    let mut frame = df!("n" => [1, 2, 3], "picture" => pictures).expect("columns of one length");
    write_parquet(&folder.path().join("b.parquet"), &mut frame, 2);
    assert!(open(&folder, "b.parquet").expect("it opens").columns()[1].is_bytes());
    let tables = read(&folder, "b.parquet", &wants(&[("picture", Want::Bytes)])).expect("they are read");
    let mut seen: Vec<Option<Vec<u8>>> = Vec::new();
    for table in &tables {
        table.each_bytes("picture", 0..table.rows(), |bytes| seen.push(bytes.map(<[u8]>::to_vec))).expect("bytes");
    }
    assert_eq!(seen, [Some(b"one".to_vec()), None, Some(Vec::new())]);
    for (column, want) in [("picture", Want::Text), ("picture", Want::Number), ("n", Want::Bytes)] {
        assert!(
            error(read(&folder, "b.parquet", &wants(&[(column, want)])))
                .contains(&format!("column `{column}` is of type"))
        );
    }
}

#[test]
fn parquet_is_read_across_row_groups_with_its_types() {
    let dir = folder();
    write_parquet(&dir.path().join("a.parquet"), &mut people(), 4);
    let data = open(&dir, "a.parquet").unwrap();
    let kinds: Vec<_> = data.columns().iter().map(|c| (c.name.as_str(), c.kind, c.dtype.as_str())).collect();
    let expected = [
        ("x", ColumnKind::Float, "float32"),
        ("n", ColumnKind::Integer, "int64"),
        ("sex", ColumnKind::Text, "text"),
        ("old", ColumnKind::Boolean, "boolean"),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(data.rows_hint(), Some(10));
    let plan = wants(&[("x", Want::Number), ("sex", Want::Text), ("n", Want::Text), ("old", Want::Text)]);
    let tables: Vec<_> = data.scan(&plan).unwrap().map(Result::unwrap).collect();
    assert_eq!(texts(&tables, "x").join(" "), "0 1 2 - 4 5 6 7 8 9");
    assert_eq!(texts(&tables, "n").join(" "), "0 1 2 0 1 2 0 1 2 0");
    assert_eq!(texts(&tables, "old")[6..8], ["false", "true"]);
    assert_eq!(texts(&tables, "sex")[..2], ["Female", "Male"]);
    assert!(numbers(&tables, "x")[3].is_nan());
}

#[test]
fn one_big_row_group_comes_in_tables_of_bounded_size() {
    let dir = folder();
    let x: Vec<f32> = (0..200_000).map(|i| i as f32).collect();
    write_parquet(&dir.path().join("a.parquet"), &mut df!("x" => &x).unwrap(), 1_000_000);
    let tables = read(&dir, "a.parquet", &wants(&[("x", Want::Number)])).unwrap();
    assert_eq!(tables.iter().map(Table::rows).collect::<Vec<_>>(), [50_000; 4]);
    assert!(numbers(&tables, "x").iter().enumerate().all(|(i, x)| *x == i as f64));
}

fn categorical(mut frame: DataFrame) -> DataFrame {
    let categories = Categories::new("c".into(), "".into(), CategoricalPhysical::U32);
    let sex = frame.column("sex").unwrap().cast(&DataType::from_categories(categories)).unwrap();
    frame.with_column(sex).unwrap();
    frame
}

#[test]
fn categoricals_are_text() {
    let dir = folder();
    write_parquet(&dir.path().join("a.parquet"), &mut categorical(people()), 4);
    let data = open(&dir, "a.parquet").unwrap();
    assert_eq!(data.columns()[2].kind, ColumnKind::Text);
    let tables: Vec<_> = data.scan(&wants(&[("sex", Want::Text)])).unwrap().map(Result::unwrap).collect();
    assert_eq!(texts(&tables, "sex")[..3], ["Female", "Male", "Female"]);
}

#[test]
fn arrow_files_are_read_batch_by_batch() {
    let dir = folder();
    let whole = categorical(people());
    let mut frame = whole.slice(0, 4);
    frame.vstack_mut(&whole.slice(4, 6)).unwrap();
    let file = File::create(dir.path().join("a.arrow")).unwrap();
    IpcWriter::new(file).with_compression(Some(IpcCompression::LZ4)).finish(&mut frame).unwrap();
    let data = open(&dir, "*.arrow").unwrap();
    assert_eq!(data.rows_hint(), Some(10));
    let tables: Vec<_> =
        data.scan(&wants(&[("sex", Want::Text), ("x", Want::Number)])).unwrap().map(Result::unwrap).collect();
    assert_eq!(texts(&tables, "x").join(" "), "0 1 2 - 4 5 6 7 8 9");
    assert_eq!(texts(&tables, "sex")[8..], ["Female", "Male"]);
}

#[test]
fn a_glob_is_read_by_name() {
    let dir = folder();
    write_text(&dir, "b.csv", "a,g\n3,z\n");
    write_text(&dir, "a.csv", "g,a\nx,1\ny,2\n");
    let tables = read(&dir, "*.csv", &wants(&[("a", Want::Text), ("g", Want::Text)])).unwrap();
    assert_eq!(texts(&tables, "a").join(" "), "1 2 3");
    assert_eq!(texts(&tables, "g").join(" "), "x y z");
    let twice = Dataset::open(dir.path(), &["a.csv".into(), "*.csv".into()]);
    assert!(error(twice).contains("named twice"));
}

#[test]
fn files_of_other_columns_are_refused_by_name() {
    let dir = folder();
    write_parquet(&dir.path().join("a.parquet"), &mut people(), 10);
    let mut other = df!("x" => [1.0f64], "sex" => ["Male"], "old" => [true], "age" => [1i64]).unwrap();
    write_parquet(&dir.path().join("b.parquet"), &mut other, 10);
    let told = error(open(&dir, "*.parquet"));
    assert!(told.contains("it lacks `n`; only it has `age`; `x` is float32 there and float64 here"), "{told}");
}

#[test]
fn missing_columns_get_a_suggestion() {
    let dir = folder();
    write_text(&dir, "a.csv", "income,sex\n1,F\n");
    let told = error(open(&dir, "a.csv").unwrap().scan(&wants(&[("incom", Want::Text)])));
    assert!(told.contains("no column `incom`; did you mean `income`?"), "{told}");
    let told = error(open(&dir, "a.csv").unwrap().scan(&wants(&[("zzz", Want::Text)])));
    assert!(told.contains("heirloom inspect"), "{told}");
}

#[test]
fn text_is_no_number_and_dates_are_nothing() {
    let dir = folder();
    write_parquet(&dir.path().join("a.parquet"), &mut people(), 10);
    let told = error(open(&dir, "a.parquet").unwrap().scan(&wants(&[("sex", Want::Number)])));
    assert!(told.contains("`sex` is of type text, where numbers are needed"), "{told}");
}

#[test]
fn what_is_not_data_is_told_apart() {
    let dir = folder();
    write_text(&dir, "empty.parquet", "");
    write_text(&dir, "text.parquet", "a,b\n1,2\n");
    write_text(&dir, "cut.parquet", "PAR1 and no more");
    write_text(&dir, "lie.parquet", "PAR1garbagegarbagegarbagePAR1");
    write_text(&dir, "lie.arrow", "ARROW1garbagegarbagegarbageARROW1");
    write_text(&dir, "parquet.csv", "PAR1");
    write_text(&dir, "a.xlsx", "PK");
    write_text(&dir, "blank.csv", "\n\n");
    write_text(&dir, "semicolons.csv", "a;b\n1;2\n");
    let cases = [
        ("empty.parquet", "is empty"),
        ("text.parquet", "is not a Parquet file"),
        ("cut.parquet", "its end is missing"),
        ("lie.parquet", "damaged or cut short"),
        ("lie.arrow", "damaged or cut short"),
        ("parquet.csv", "looks like a Parquet file"),
        ("a.xlsx", "extension that is not read"),
        ("blank.csv", "no header line"),
        ("semicolons.csv", "by commas"),
        ("none.csv", "does not exist"),
        ("none*.csv", "matches no file"),
        (".", "is a folder"),
    ];
    for (file, expected) in cases {
        let told = error(open(&dir, file));
        assert!(told.contains(expected), "{file}: {told}");
    }
}

#[test]
fn a_parquet_file_with_a_damaged_body_is_an_error_not_a_panic() {
    let dir = folder();
    let path = dir.path().join("a.parquet");
    let x: Vec<f64> = (0..50_000).map(|i| f64::from(i).sqrt()).collect();
    let g: Vec<String> = (0..50_000).map(|i| format!("group {}", i % 700)).collect();
    write_parquet(&path, &mut df!("x" => x, "g" => g).unwrap(), 10_000);
    let sound = std::fs::read(&path).unwrap();
    for seed in 0..60usize {
        let mut bytes = sound.clone();
        for k in 0..40 {
            let at = 4 + (seed * 7919 + k * 104_729 * (seed + 1)) % (bytes.len() - 12);
            bytes[at] = bytes[at].wrapping_add(1 + (k as u8 % 250));
        }
        std::fs::write(&path, bytes).unwrap();
        if let Err(e) = read(&dir, "a.parquet", &wants(&[("x", Want::Number), ("g", Want::Text)])) {
            assert!(e.0.contains("a.parquet"), "{e}");
        }
    }
}

/// Numbers that Parquet stores by code, in parts of row groups, beside some of every other kind.
#[test]
fn columns_of_few_numbers_are_what_polars_reads() {
    let rows = 150_000;
    let each = |of: &dyn Fn(usize) -> f32| (0..rows).map(of).collect::<Vec<f32>>();
    let mixed = |row: usize| row.wrapping_mul(2_654_435_761) >> 7;
    let few = |kinds: usize| each(&move |row| (mixed(row) % kinds) as f32 / 8.0 - 1.0);
    let flag = each(&|row| if mixed(row) % 5 == 0 { 1.0 } else { 0.0 });
    let nan = each(&|row| if row % 9 == 0 { f32::NAN } else { -0.0 });
    let sparse: Vec<Option<f32>> = (0..rows).map(|row| (row != 70_000).then_some((row % 2) as f32)).collect();
    let mut frame = df!(
        "flag" => flag, "one" => few(1), "three" => few(3), "most" => few(256), "more" => few(257),
        "many" => each(&|row| row as f32), "nan" => nan, "sparse" => sparse,
        "runs" => each(&|row| (row / 1000 % 7) as f32), "label" => few(2).iter().map(|x| x.to_string()).collect::<Vec<_>>(),
    )
    .unwrap();
    let names: Vec<String> = frame.get_column_names().iter().map(|name| name.to_string()).collect();
    for group in [1_000, 40_000, rows] {
        let dir = folder();
        write_parquet(&dir.path().join("a.parquet"), &mut frame, group);
        let plan: Vec<(&str, Want)> =
            names.iter().map(|name| (name.as_str(), if name == "label" { Want::Text } else { Want::Number })).collect();
        let tables = read(&dir, "a.parquet", &wants(&plan)).unwrap();
        let bits = |numbers: Vec<f64>| {
            numbers.into_iter().map(|x| if x.is_nan() { u64::MAX } else { x.to_bits() }).collect::<Vec<_>>()
        };
        for name in &names[..names.len() - 1] {
            let column = frame.column(name).unwrap().f32().unwrap().iter();
            let expected: Vec<f64> = column.map(|x| x.map_or(f64::NAN, f64::from)).collect();
            assert!(bits(numbers(&tables, name)) == bits(expected), "{name}, groups of {group}");
        }
        let text: Vec<String> =
            frame.column("three").unwrap().f32().unwrap().iter().flatten().map(|x| x.to_string()).collect();
        let found: Vec<String> =
            tables.iter().flat_map(|table| table.texts("three", 0..table.rows()).unwrap()).flatten().collect();
        assert!(found.iter().zip(&text).all(|(a, b)| a.parse::<f32>() == b.parse()), "groups of {group}");
        // Row by row, all kinds side by side, over more than one block.
        let side = &names[..names.len() - 1];
        for table in &tables {
            let range = 3.min(table.rows())..table.rows().min(5_000);
            let mut tensor = vec![-7f32; range.len() * side.len()];
            table.write_rows(side, range.clone(), &mut tensor, false).unwrap();
            let alone: Vec<Vec<f64>> = side.iter().map(|name| table.numbers(name, range.clone()).unwrap()).collect();
            let rows = (0..range.len()).flat_map(|row| alone.iter().map(move |column| column[row]));
            assert!(bits(tensor.iter().map(|x| f64::from(*x)).collect()) == bits(rows.collect()), "groups of {group}");
        }
    }
}
