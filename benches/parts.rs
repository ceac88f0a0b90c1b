//! From evidence on: what an audit does after the rows, which must not depend on how many there were.

use criterion::{Criterion, criterion_group, criterion_main};
use heirloom::config::{Multiplicity, Stats};
use heirloom::measure::Comparison;
use heirloom::metrics;
use heirloom::render;
use heirloom::result::{self, Basis};
use heirloom::stats::{Paired, Twin};
use heirloom::trace;
use std::hint::black_box;
use std::time::Duration;

// As the tool has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 125 slices under 4 metrics: 500 findings.
const SLICES: u64 = 125;
const METRICS: [&str; 4] = ["selection_rate", "true_positive_rate", "false_positive_rate", "accuracy"];
const MIN_SUPPORT: u64 = 30;

fn stats() -> Stats {
    Stats {
        classes: Vec::new(),
        control: Vec::new(),
        sweep: false,
        top_k: 2,
        confidence: 0.95,
        smallest_gap: 0.05,
        smallest_gaps: Default::default(),
        same_size: 1.5,
        mostly_new: 3.0,
        multiplicity: Multiplicity::Bh,
        metrics: METRICS.map(String::from).to_vec(),
        seed: 20261123,
    }
}

/// Joint counts of `rows` rows with about these rates of base and tuned, which agree on most rows.
fn paired(rows: u64, base: f64, tuned: f64) -> Twin {
    let both = 0.8 * base.min(tuned);
    let times = |share: f64| (share * rows as f64).round() as u64;
    let [yes, fell, rose] = [both, base - both, tuned - both].map(times);
    Paired { both: [[rows - yes - fell - rose, rose], [fell, yes]], ..Paired::default() }.into()
}

/// Comparisons over data of that many rows. Gaps differ from slice to slice, so that every verdict occurs.
fn comparisons(rows: u64) -> Vec<Comparison> {
    let one = |place: u64| {
        let metric = metrics::find(METRICS[(place / SLICES) as usize]).expect("a metric of the catalogue");
        let slice = place % SLICES;
        let own = rows / SLICES;
        let shift = |steps: u64| (place * steps % 31) as f64 / 100.0 - 0.15;
        let basis = Basis::new(paired(own, 0.4 + shift(7), 0.4 + shift(11)), paired(rows - own, 0.4, 0.4));
        let labels = (!metric.needs_labels).then_some([(own / 3, own), ((rows - own) / 3, rows - own)]);
        Comparison {
            metric,
            class: None,
            slice: format!("group={slice}"),
            reference: "rest".into(),
            mirror: None,
            basis,
            rows: basis.rows(),
            strata: Vec::new(),
            paths: None,
            halves: None,
            labels,
        }
    };
    (0..SLICES * METRICS.len() as u64).map(one).collect()
}

fn findings(criterion: &mut Criterion) {
    let stats = stats();
    let mut group = criterion.benchmark_group("findings");
    for rows in [10_000, 10_000_000] {
        let comparisons = comparisons(rows);
        group.bench_function(format!("verdicts-{rows}"), |bencher| {
            bencher.iter(|| trace::verdicts(black_box(&stats), MIN_SUPPORT, black_box(&comparisons)));
        });
        group.bench_function(format!("trace-{rows}"), |bencher| {
            bencher.iter(|| trace::trace(black_box(&stats), MIN_SUPPORT, black_box(&comparisons)));
        });
    }
}

fn rendering(criterion: &mut Criterion) {
    let html = render::find("html").expect("a format of the list");
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/results/v1.0.json"));
    let sample = result::read(&text.expect("the sample")).expect("a result");
    criterion
        .bench_function("render/html", |bencher| bencher.iter(|| (html.render)(black_box(&sample)).expect("a page")));
}

criterion_group! {
    name = parts;
    config = Criterion::default()
        .without_plots()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = findings, rendering
}
criterion_main!(parts);
