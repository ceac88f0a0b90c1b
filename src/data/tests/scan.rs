//! Filters, limits and the size of tables.

use super::*;

fn filter(column: &str, values: Vec<Literal>) -> Filter {
    Filter { column: column.into(), values }
}

fn text(value: &str) -> Literal {
    Literal::Text(value.into())
}

#[test]
fn all_filters_hold_and_their_columns_need_not_be_asked_for() {
    let dir = folder();
    write_parquet(&dir.path().join("a.parquet"), &mut people(), 3);
    let filter = vec![filter("sex", vec![text("Female")]), filter("n", vec![Literal::Integer(0), Literal::Integer(2)])];
    let plan = ScanPlan { filter, ..wants(&[("x", Want::Number)]) };
    let mut scan = open(&dir, "a.parquet").unwrap().scan(&plan).unwrap();
    let tables: Vec<_> = scan.by_ref().map(Result::unwrap).collect();
    assert_eq!(tables.len(), 1, "small tables are joined");
    assert_eq!(numbers(&tables, "x"), [0.0, 2.0, 6.0, 8.0]);
    assert_eq!(scan.rows_read(), 10);
}

#[test]
fn the_limit_counts_kept_rows() {
    let dir = folder();
    write_parquet(&dir.path().join("a.parquet"), &mut people(), 3);
    let plan =
        ScanPlan { filter: vec![filter("sex", vec![text("Male")])], limit: Some(2), ..wants(&[("x", Want::Number)]) };
    let mut scan = open(&dir, "a.parquet").unwrap().scan(&plan).unwrap();
    let tables: Vec<_> = scan.by_ref().map(Result::unwrap).collect();
    assert_eq!(texts(&tables, "x"), ["1", "-"]);
    assert_eq!(scan.rows_read(), 4);
}

#[test]
fn a_limit_without_a_filter_stops_early() {
    let dir = folder();
    let x: Vec<f64> = (0..300_000).map(f64::from).collect();
    write_parquet(&dir.path().join("a.parquet"), &mut df!("x" => x).unwrap(), 100_000);
    let plan = ScanPlan { limit: Some(120_000), ..wants(&[("x", Want::Number)]) };
    let mut scan = open(&dir, "a.parquet").unwrap().scan(&plan).unwrap();
    let rows: Vec<_> = scan.by_ref().map(|table| table.unwrap().rows()).collect();
    assert_eq!(rows, [50_000, 50_000, 20_000]);
    assert_eq!(scan.rows_read(), 120_000);
}

#[test]
fn a_small_table_waits_behind_no_large_one() {
    let dir = folder();
    let rows = |from: i64, to: i64| df!("x" => (from..to).collect::<Vec<_>>()).unwrap();
    write_parquet(&dir.path().join("a.parquet"), &mut rows(0, 10), 10);
    write_parquet(&dir.path().join("b.parquet"), &mut rows(10, 20_010), 100_000);
    write_parquet(&dir.path().join("c.parquet"), &mut rows(20_010, 20_020), 10);
    let tables = read(&dir, "*.parquet", &wants(&[("x", Want::Number)])).unwrap();
    assert_eq!(numbers(&tables, "x"), (0..20_020).map(f64::from).collect::<Vec<_>>());
}

#[test]
fn no_rows_are_an_error() {
    let dir = folder();
    write_text(&dir, "a.csv", "x,y\n");
    let told = error(read(&dir, "a.csv", &wants(&[("x", Want::Text)])));
    assert!(told.contains("no row was read"), "{told}");
    write_text(&dir, "b.csv", "x,y\n1,2\n");
    let plan = ScanPlan { filter: vec![filter("y", vec![text("3")])], ..ScanPlan::default() };
    let told = error(read(&dir, "b.csv", &plan));
    assert!(told.contains("none of the 1 rows passes `where` on `y`"), "{told}");
}

#[test]
fn rows_can_be_counted_without_columns() {
    let dir = folder();
    write_parquet(&dir.path().join("a.parquet"), &mut people(), 3);
    let tables = read(&dir, "a.parquet", &ScanPlan::default()).unwrap();
    assert_eq!(tables.iter().map(Table::rows).sum::<usize>(), 10);
    write_text(&dir, "a.csv", "x,y\n1,2\n3,4\n");
    let tables = read(&dir, "a.csv", &ScanPlan::default()).unwrap();
    assert_eq!(tables.iter().map(Table::rows).sum::<usize>(), 2);
}

#[test]
fn an_error_ends_the_scan() {
    let dir = folder();
    write_text(&dir, "a.csv", "x\n1\nb\n");
    let mut scan = open(&dir, "a.csv").unwrap().scan(&wants(&[("x", Want::Number)])).unwrap();
    assert!(scan.next().unwrap().is_err());
    assert!(scan.next().is_none());
}
