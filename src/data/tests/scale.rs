//! What a million rows cost. Run with `cargo test --release --lib scale -- --ignored --nocapture --test-threads 1`.

use super::*;
use std::time::{Duration, Instant};

const ROWS: usize = 1_000_000;
const COLUMNS: usize = 57;

/// A Parquet file of random floats, a batch written at a time.
fn write_big(path: &Path, group: usize) {
    let names: Vec<String> = (0..COLUMNS).map(|c| format!("x_{c}")).collect();
    let mut state = 1u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / 1e4
    };
    let mut writer = None;
    for _ in 0..ROWS / group {
        let columns = names
            .iter()
            .map(|name| Column::new(name.as_str().into(), (0..group).map(|_| random()).collect::<Vec<f32>>()));
        let frame = DataFrame::new(group, columns.collect()).unwrap();
        let file = || File::create(path).unwrap();
        let writer = writer.get_or_insert_with(|| {
            ParquetWriter::new(file()).with_row_group_size(Some(group)).batched(frame.schema()).unwrap()
        });
        writer.write_batch(&frame).unwrap();
    }
    writer.unwrap().finish().unwrap();
}

/// A figure of this process in megabytes.
fn memory(key: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(key)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
}

fn all() -> ScanPlan {
    let columns = (0..COLUMNS).map(|c| (format!("x_{c}"), Want::Number)).collect();
    ScanPlan { columns, ..ScanPlan::default() }
}

/// The peak in megabytes; prints the best of five times of scanning, and of writing tensors too.
fn measure(dir: &TempDir, name: &str) -> usize {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let scan = || open(dir, name).unwrap().scan(&all()).unwrap().map(Result::unwrap);
    let counted = best(|| assert_eq!(scan().map(|table| table.rows()).sum::<usize>(), ROWS));
    let written = best(|| scan().for_each(|table| tensors(&table)));
    let peak = memory("VmHWM");
    eprintln!("{name}: scan {counted:.2?}, with tensors {written:.2?}, peak {peak} MB");
    peak
}

fn best(mut work: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..5).map(time).min().unwrap_or_default()
}

fn tensors(table: &Table) {
    const BATCH: usize = 4096;
    let mut tensor = vec![0f32; BATCH * COLUMNS];
    for start in (0..table.rows()).step_by(BATCH) {
        let range = start..table.rows().min(start + BATCH);
        for column in 0..COLUMNS {
            table.write(&format!("x_{column}"), range.clone(), &mut tensor, column, COLUMNS, false).unwrap();
        }
    }
}

#[test]
#[ignore = "writes and reads files of 228 MB"]
fn memory_does_not_grow_with_the_rows() {
    let dir = folder();
    for (name, group, limit) in [("small.parquet", 100_000, 400), ("big.parquet", ROWS, 700)] {
        write_big(&dir.path().join(name), group);
        assert!(measure(&dir, name) < limit);
    }
    for name in ["small.parquet", "big.parquet"] {
        let plain = best(|| {
            let frame = ParquetReader::new(File::open(dir.path().join(name)).unwrap()).finish().unwrap();
            assert_eq!(frame.height(), ROWS);
        });
        eprintln!("{name}: polars alone {plain:.2?}");
    }
}

#[test]
#[ignore = "writes and reads a file of 500 MB"]
fn csv_is_read_in_blocks() {
    let dir = folder();
    let header = (0..COLUMNS).map(|c| format!("x_{c}")).collect::<Vec<_>>().join(",");
    let row = |i: usize| {
        (0..COLUMNS).map(|c| format!("{}", ((i * 31 + c * 17) % 99_991) as f32 / 1e3)).collect::<Vec<_>>().join(",")
    };
    let lines: Vec<String> = (0..1000).map(row).collect();
    let mut text = lines.join("\n");
    text.push('\n');
    let mut file = File::create(dir.path().join("a.csv")).unwrap();
    use std::io::Write;
    writeln!(file, "{header}").unwrap();
    (0..ROWS / 1000).for_each(|_| file.write_all(text.as_bytes()).unwrap());
    drop(file);
    assert!(measure(&dir, "a.csv") < 400);
}
