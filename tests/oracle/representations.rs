//! Numbers of embeddings, each against its definition in another language.

use heirloom::stats::representation::{
    Rows, STRENGTHS, Similarity, codelength, cross_fitted, logme, mutual_neighbours,
};
use ndarray::Array2;
use serde::Deserialize;

#[derive(Deserialize)]
struct Oracle {
    similarities: Vec<Pair>,
    probes: Vec<Probe>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    x: Vec<Vec<f32>>,
    y: Vec<Vec<f32>>,
    k: usize,
    cka: f64,
    procrustes: f64,
    neighbours: f64,
}

#[derive(Deserialize)]
struct Probe {
    name: String,
    x: Vec<Vec<f32>>,
    classes: Vec<u32>,
    groups: Vec<u32>,
    units: Option<Vec<u64>>,
    weights: Option<Vec<f64>>,
    seeds: Vec<u64>,
    scores: Vec<Vec<f64>>,
    areas: Vec<f64>,
    strengths: Vec<Vec<f64>>,
    codelength: Code,
    logme: f64,
}

#[derive(Deserialize)]
struct Code {
    bits: f64,
    uniform_bits: f64,
}

impl Oracle {
    fn read() -> Oracle {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/oracle/representations.json");
        serde_json::from_str(&std::fs::read_to_string(file).expect("the numbers are there")).expect("it is JSON")
    }
}

impl Probe {
    fn rows<'a>(&'a self, x: &'a Array2<f32>) -> Rows<'a> {
        let (groups, units) = (Some(&self.groups[..]), self.units.as_deref());
        Rows { embedding: x.view(), classes: &self.classes, groups, units, weights: self.weights.as_deref() }
    }
}

fn matrix(rows: &[Vec<f32>]) -> Array2<f32> {
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(row, column)| rows[row][column])
}

fn close(what: &str, found: f64, expected: f64, slack: f64) {
    assert!((found - expected).abs() <= slack, "{what}: {found} is not {expected}");
}

#[test]
fn similarities_are_those_of_all_pairs_of_rows() {
    for pair in Oracle::read().similarities {
        let (x, y) = (matrix(&pair.x), matrix(&pair.y));
        let mut similarity = Similarity::default();
        similarity.add(x.view(), y.view());
        close(&pair.name, similarity.cka().expect("it is defined"), pair.cka, 1e-9);
        close(&pair.name, similarity.procrustes().expect("it is defined"), pair.procrustes, 1e-9);
        let shared = mutual_neighbours(x.view(), y.view(), pair.k).expect("it is defined");
        close(&pair.name, shared, pair.neighbours, 1e-14);
    }
}

#[test]
fn probes_are_those_of_scikit_learn_on_the_same_folds() {
    for probe in Oracle::read().probes {
        let x = matrix(&probe.x);
        let found = cross_fitted(&probe.rows(&x), &probe.seeds).expect("it is defined");
        let strengths: Vec<Vec<f64>> = found.strengths.iter().map(|folds| folds.to_vec()).collect();
        assert_eq!(strengths, probe.strengths, "{}", probe.name);
        assert!(strengths.iter().flatten().all(|strength| STRENGTHS.contains(strength)));
        for (found, expected) in found.areas.iter().zip(&probe.areas) {
            close(&probe.name, *found, *expected, 1e-9);
        }
        for (found, expected) in found.scores.iter().zip(probe.scores.iter().flatten()) {
            close(&probe.name, *found, *expected, 1e-5);
        }
    }
}

#[test]
fn codelengths_are_those_of_scikit_learn_block_by_block() {
    for probe in Oracle::read().probes {
        let x = matrix(&probe.x);
        let found = codelength(&probe.rows(&x), probe.seeds[0]).expect("it is defined");
        close(&probe.name, found.bits, probe.codelength.bits, 1e-3);
        close(&probe.name, found.uniform_bits, probe.codelength.uniform_bits, 1e-9);
        close(&probe.name, found.compression, probe.codelength.uniform_bits / probe.codelength.bits, 1e-4);
    }
}

#[test]
fn logme_is_the_density_of_the_classes() {
    for probe in Oracle::read().probes {
        let x = matrix(&probe.x);
        close(&probe.name, logme(&probe.rows(&x)).expect("it is defined"), probe.logme, 1e-6);
    }
}
