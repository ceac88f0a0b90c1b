//! How often the 95 % interval of a mean over classes holds the truth.

use super::coverage::{DATA_SETS, SOUND, Tally};
use super::population::metric;
use heirloom::measure::mean_of_columns;
use heirloom::metrics::{Column, Confusion, Formula, Metric, Side};
use heirloom::stats::{Quad, Twin, duo, quantile_of};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

const CLASSES: usize = 4;
const METRICS: [&str; 4] = ["true_positive_rate", "positive_predictive_value", "f1_score", "false_positive_rate"];

/// One group: how frequent each class is, how often each model is right of it, and how often the tuned model
/// says what the base says whatever is right. Whoever errs says the next class twice as often as each other one.
struct Law {
    labels: [f64; CLASSES],
    right: [[f64; CLASSES]; 2],
    copies: f64,
}

const SLICE: Law =
    Law { labels: [0.4, 0.3, 0.2, 0.1], right: [[0.7, 0.6, 0.5, 0.6], [0.8, 0.7, 0.6, 0.5]], copies: 0.5 };
const REFERENCE: Law =
    Law { labels: [0.3, 0.3, 0.2, 0.2], right: [[0.8, 0.7, 0.7, 0.7], [0.85, 0.8, 0.7, 0.7]], copies: 0.5 };

impl Law {
    /// The chance that a model of its own says a class of a label.
    fn own(&self, model: usize, label: usize, said: usize) -> f64 {
        let right = self.right[model][label];
        match (said + CLASSES - label) % CLASSES {
            0 => right,
            1 => (1.0 - right) * 2.0 / CLASSES as f64,
            _ => (1.0 - right) / CLASSES as f64,
        }
    }

    fn chance(&self, model: usize, label: usize, said: usize) -> f64 {
        let own = self.own(model, label, said);
        if model == 0 { own } else { self.copies * self.own(0, label, said) + (1.0 - self.copies) * own }
    }

    /// The mean over the classes under one model.
    fn truth(&self, metric: &Metric, model: usize) -> f64 {
        let of = |class: usize| {
            let mut table = [0.0; 4];
            for (label, share) in self.labels.iter().enumerate() {
                for said in 0..CLASSES {
                    table[Confusion::place(label == class, said == class)] += share * self.chance(model, label, said);
                }
            }
            number(metric, table)
        };
        (0..CLASSES).map(of).sum::<f64>() / CLASSES as f64
    }

    fn sample(&self, rows: usize, random: &mut ChaCha8Rng) -> [Column; 2] {
        let mut numbers: [Vec<f64>; 3] = std::array::from_fn(|_| Vec::with_capacity(rows));
        for _ in 0..rows {
            let label = drawn(|class| self.labels[class], random);
            let base = drawn(|said| self.own(0, label, said), random);
            let copied = random.random::<f64>() < self.copies;
            let tuned = if copied { base } else { drawn(|said| self.own(1, label, said), random) };
            numbers.iter_mut().zip([label, base, tuned]).for_each(|(numbers, class)| numbers.push(class as f64));
        }
        let [label, base, tuned] = numbers;
        [base, tuned].map(|said| Column {
            label: label.clone().into(),
            score: said.into(),
            weight: vec![1.0; rows].into(),
            ..Column::default()
        })
    }
}

fn number(metric: &Metric, table: [f64; 4]) -> f64 {
    match metric.formula {
        Formula::Composite { of, .. } => of(&Confusion::of(table)).expect("it is defined").value,
        Formula::Rate(event) => {
            let places = [(true, true), (false, true), (true, false), (false, false)];
            let events = places.map(|(label, said)| event(Side { label: Some(label), said }));
            let sum = |of: fn(bool) -> bool| -> f64 {
                events.iter().zip(table).filter(|(event, _)| event.is_some_and(of)).map(|(_, share)| share).sum()
            };
            sum(|event| event) / sum(|_| true)
        }
        _ => panic!("{} has no mean over classes", metric.id),
    }
}

fn drawn(chance: impl Fn(usize) -> f64, random: &mut ChaCha8Rng) -> usize {
    let mut left: f64 = random.random();
    (0..CLASSES - 1)
        .find(|&class| {
            left -= chance(class);
            left < 0.0
        })
        .unwrap_or(CLASSES - 1)
}

fn tally(metric: &Metric, rows: usize) -> Tally {
    let z = quantile_of(0.95);
    let gaps = [0, 1].map(|model| SLICE.truth(metric, model) - REFERENCE.truth(metric, model));
    let of = |seed: u64| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut twin = |law: &Law, rows: usize| {
            let [base, tuned] = mean_of_columns(metric, &law.sample(rows, &mut random));
            duo(&base?, &tuned?, None).map(Twin::Estimates)
        };
        let (slice, reference) = (twin(&SLICE, rows), twin(&REFERENCE, 2 * rows));
        let quad = slice.zip(reference).and_then(|(slice, reference)| Quad::new(&slice, &reference));
        quad.map_or(Tally::default(), |quad| Tally::of(&quad, gaps, z))
    };
    (0..DATA_SETS).into_par_iter().map(of).reduce(Tally::default, Tally::add)
}

#[test]
#[ignore = "takes minutes"]
fn means_over_classes_hold_the_truth_as_often_as_they_say() {
    let mut unsound = Vec::new();
    for (id, rows) in METRICS.into_iter().flat_map(|id| [100, 300, 1000].map(|rows| (id, rows))) {
        unsound.extend(tally(metric(id), rows).unsound(&format!("{id}, mean of classes | {rows}"), SOUND));
    }
    assert!(unsound.is_empty(), "{unsound:#?}");
}
