//! Columns read by code are what polars reads.

use super::super::coded::Coded;
use super::super::column::Column;
use super::*;
use std::ops::Range;

const FIXTURE: &str = "fixtures/income/eval.parquet";

/// Rows of the second row group of the fixture, by code, and as polars reads them.
fn both(names: &[&str], rows: Range<usize>) -> [Table; 2] {
    let path = Path::new(FIXTURE);
    let mut reader = ParquetReader::new(File::open(path).unwrap());
    let (schema, metadata) = (reader.schema().unwrap(), reader.get_metadata().unwrap().clone());
    let group = &metadata.row_groups[1];
    let before = metadata.row_groups[0].num_rows();
    let coded = |name: &&str| {
        let chunk = group.columns_under_root_iter(name).unwrap().next().unwrap();
        let coded = Coded::of_parquet(path, (chunk, schema.get(name).unwrap().dtype()), &rows);
        Column::coded(name, coded.unwrap_or_else(|| panic!("{name} is stored by code")))
    };
    let coded = Table::new(rows.len(), names.iter().map(coded).collect());
    let names = names.iter().map(|name| name.to_string()).collect();
    let frame = ParquetReader::new(File::open(path).unwrap()).with_columns(Some(names)).finish().unwrap();
    [coded, Table::of(frame.slice((before + rows.start) as i64, rows.len())).unwrap()]
}

const NAMES: [&str; 7] = ["income", "sex", "age", "x_age", "x_education_num", "x_sex_Male", "x_relationship_Wife"];

fn seen(table: &Table, name: &str, want: Want) -> Vec<Option<String>> {
    let mut met = Vec::new();
    let places = table.map(name, want, |cell| {
        let text = cell.text().map(String::from);
        met.iter().position(|one| *one == text).unwrap_or_else(|| {
            met.push(text);
            met.len() - 1
        })
    });
    // With the order in which they were met.
    let values = places.unwrap().into_iter().map(|place| met[place].clone()).collect::<Vec<_>>();
    met.into_iter().chain(values).collect()
}

#[test]
fn every_kind_is_the_same_in_every_way() {
    for rows in [0..5000, 100..4321, 4999..5000] {
        let [coded, plain] = both(&NAMES, rows.clone());
        let inner = rows.len() / 3..rows.len() - rows.len() / 5;
        let mask: Vec<bool> = (0..rows.len()).map(|row| row % 3 == 0).collect();
        let ways: [&dyn Fn(&Table) -> Table; 4] =
            [&Table::clone, &|table| table.slice(inner.clone()), &|table| table.filter(&mask).unwrap(), &|table| {
                let mut twice = table.clone();
                twice.append(&table.slice(inner.clone())).unwrap();
                twice
            }];
        for way in ways {
            let [coded, plain] = [way(&coded), way(&plain)];
            assert_eq!(coded.rows(), plain.rows());
            for name in NAMES {
                assert_eq!(seen(&coded, name, Want::Text), seen(&plain, name, Want::Text), "{name}, {rows:?}");
                let texts = |table: &Table| table.texts(name, 0..table.rows()).unwrap();
                assert_eq!(texts(&coded), texts(&plain), "{name}, {rows:?}");
            }
            for name in &NAMES[2..] {
                let numbers = |table: &Table| table.numbers(name, 0..table.rows()).unwrap();
                assert_eq!(numbers(&coded), numbers(&plain), "{name}, {rows:?}");
            }
            assert_eq!(coded.columns()[2].dtype(), plain.columns()[2].dtype());
        }
    }
}

#[test]
fn rows_are_written_side_by_side() {
    let [coded, plain] = both(&NAMES, 0..5000);
    let some: Vec<Column> = coded.columns()[..4].iter().chain(&plain.columns()[4..]).cloned().collect();
    let mixed = Table::new(5000, some);
    // Four of one kind, four of both, and what is left of four.
    let sets =
        [&NAMES[3..], &["x_age", "x_age", "x_sex_Male", "x_age", "x_age", "x_age", "x_age", "x_age", "x_age"][..]];
    for names in sets.map(|names| names.iter().map(|name| name.to_string()).collect::<Vec<_>>()) {
        let written = |table: &Table| {
            let mut tensor = vec![-1f32; 4700 * names.len() + 3];
            table.write_rows(&names, 200..4900, &mut tensor, false).unwrap();
            tensor
        };
        assert_eq!(written(&coded), written(&plain));
        assert_eq!(written(&mixed), written(&plain));
    }
}

#[test]
fn what_is_stored_in_another_way_is_left() {
    let dir = folder();
    let path = dir.path().join("a.parquet");
    let numbers: Vec<f32> = (0..3000).map(|row| row as f32).collect();
    write_parquet(&path, &mut df!("x" => numbers).unwrap(), 3000);
    let mut reader = ParquetReader::new(File::open(&path).unwrap());
    let (schema, metadata) = (reader.schema().unwrap(), reader.get_metadata().unwrap().clone());
    let chunk = metadata.row_groups[0].columns_under_root_iter("x").unwrap().next().unwrap();
    assert!(Coded::of_parquet(&path, (chunk, schema.get("x").unwrap().dtype()), &(0..3000)).is_none());
    // A damaged file is no column of codes either.
    let whole = Path::new(FIXTURE);
    let metadata = ParquetReader::new(File::open(whole).unwrap()).get_metadata().unwrap().clone();
    let chunk = metadata.row_groups[1].columns_under_root_iter("sex").unwrap().next().unwrap();
    let mut bytes = std::fs::read(whole).unwrap();
    let place = chunk.byte_range();
    for cut in [place.start as usize + 1, (place.start + place.end) as usize / 2] {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        assert!(Coded::of_parquet(&path, (chunk, &polars::prelude::ArrowDataType::Utf8View), &(0..5000)).is_none());
    }
    bytes[place.start as usize..place.end as usize].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    assert!(Coded::of_parquet(&path, (chunk, &polars::prelude::ArrowDataType::Utf8View), &(0..5000)).is_none());
}
