//! What embeddings of 384 numbers cost: the cross-fitted probe, and similarity from moments.
//!
//! `embeddings probe [ROWS]` and `embeddings similarity [ROWS]` print one line of JSON: times in seconds, of which
//! `cpu` is that of all threads, and the peak memory of the process in MB. An argument is needed, so that
//! `cargo test --all-targets` measures nothing.

use heirloom::stats::representation::{Rows, Similarity, cross_fitted};
use ndarray::Array2;
use rayon::prelude::*;
use std::time::Instant;

const WIDTH: usize = 384;
/// Rows that are added at once, as many as in two chunks of an audit.
const CHUNK: usize = 4096;
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let rows = |otherwise: usize| asked.get(1).and_then(|rows| rows.parse().ok()).unwrap_or(otherwise);
    let measured = match asked.first().map(String::as_str) {
        Some("probe") => probe(rows(100_000)),
        Some("similarity") => similarity(rows(1_000_000)),
        _ => return println!("usage: embeddings probe|similarity [ROWS]"),
    };
    println!("{measured}");
}

/// Rows with a class that leans on a few columns.
fn probe(rows: usize) -> serde_json::Value {
    let x = numbers(rows, 1);
    let lean = |row: usize| (0..8).map(|column| x[[row, column]]).sum::<f32>() + 6.0 * x[[row, WIDTH - 1]];
    let classes: Vec<u32> = (0..rows).map(|row| u32::from(lean(row) > 0.0)).collect();
    // The class is not all in the embedding.
    let mut seen = x.clone();
    seen.column_mut(WIDTH - 1).fill(0.0);
    drop(x);
    let asked = Rows { embedding: seen.view(), classes: &classes, groups: None, units: None, weights: None };
    let (start, before) = (Instant::now(), cpu());
    let found = cross_fitted(&asked, &SEEDS).expect("two classes");
    let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu() - before);
    serde_json::json!({ "rows": rows, "wall": wall, "cpu": cpu, "areas": found.areas, "peak": peak() })
}

/// The same few chunks again and again, each with moments of its own that are merged in their order.
fn similarity(rows: usize) -> serde_json::Value {
    let chunks: Vec<[Array2<f32>; 2]> = (0..4).map(|seed| [numbers(CHUNK, seed), numbers(CHUNK, seed + 9)]).collect();
    let (start, before) = (Instant::now(), cpu());
    let mut all = Similarity::default();
    let starts: Vec<usize> = (0..rows).step_by(CHUNK).collect();
    for round in starts.chunks(rayon::current_num_threads()) {
        let of = |start: &usize| {
            let [x, y] = &chunks[start / CHUNK % chunks.len()];
            let rows = CHUNK.min(rows - start);
            let mut own = Similarity::default();
            own.add(x.slice(ndarray::s![..rows, ..]), y.slice(ndarray::s![..rows, ..]));
            own
        };
        for own in round.par_iter().map(of).collect::<Vec<_>>() {
            all = all.merge(own);
        }
    }
    let cka = all.cka().expect("rows enough");
    let (streamed, concluding) = (start.elapsed().as_secs_f64(), Instant::now());
    let procrustes = all.procrustes().expect("rows enough");
    serde_json::json!({
        "rows": all.rows(), "wall": streamed, "cpu": cpu() - before, "procrustes_wall": concluding.elapsed().as_secs_f64(),
        "cka": cka, "procrustes": procrustes, "peak": peak(),
    })
}

/// Even numbers between −1 and 1, by a linear congruence.
fn numbers(rows: usize, seed: u64) -> Array2<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
    Array2::from_shape_simple_fn((rows, WIDTH), || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    })
}

/// Seconds of all threads so far; 100 ticks a second, as Linux counts.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// The most memory that the process has had, in MB.
fn peak() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(f64::NAN) * 1024.0 / 1e6
}
