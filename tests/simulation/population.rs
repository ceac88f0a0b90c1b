//! A population of two models whose numbers are known, and samples of it.

use heirloom::measure::of_column;
use heirloom::metrics::{self, Column, Confusion, Formula, Metric, Side};
use heirloom::result::Basis;
use heirloom::stats::{Influenced, Paired, Quad, Twin, across, correlation, covariance, duo};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Bernoulli, Distribution, StandardNormal};
use statrs::distribution::{ContinuousCDF, Normal};
use std::sync::Arc;

/// One group: a label, and for each model a latent number, normal with variance 1 about
/// `shift + signal · label`. Its score is the logistic function of that, its decision whether it is above 0.
#[derive(Debug, Clone, Copy)]
pub struct Law {
    pub positives: f64,
    pub shift: [f64; 2],
    pub signal: [f64; 2],
    /// Correlation of the two latent numbers given the label.
    pub agreement: f64,
    /// Rows in a unit, and the share of the latent variance that they have in common.
    pub unit: Option<(usize, f64)>,
}

fn logistic(latent: f64) -> f64 {
    1.0 / (1.0 + (-latent).exp())
}

/// Label and decision of the places of [`Confusion`].
const PLACES: [(bool, bool); 4] = [(true, true), (false, true), (true, false), (false, false)];

impl Law {
    /// A number of the population under one model.
    pub fn truth(&self, metric: &Metric, model: usize) -> f64 {
        match metric.formula {
            Formula::Rate(event) => {
                let events = PLACES.map(|(label, said)| event(Side { label: Some(label), said }));
                let sum = |wanted: fn(bool) -> bool| {
                    let of = |(event, share): (&Option<bool>, f64)| event.filter(|e| wanted(*e)).map_or(0.0, |_| share);
                    events.iter().zip(self.table(model)).map(of).sum::<f64>()
                };
                sum(|event| event) / sum(|_| true)
            }
            Formula::Composite { of, .. } => of(&Confusion::of(self.table(model))).expect("it is defined").value,
            _ => self.truth_of_scores(metric.id, model),
        }
    }

    fn truth_of_scores(&self, metric: &str, model: usize) -> f64 {
        let mean = |of: fn(f64, f64) -> f64| {
            let given = |label: f64| {
                let center = self.shift[model] + self.signal[model] * label;
                expected(|noise| of(label, logistic(center + noise)))
            };
            self.positives * given(1.0) + (1.0 - self.positives) * given(0.0)
        };
        match metric {
            "roc_auc" => Normal::standard().cdf(self.signal[model] / 2_f64.sqrt()),
            "mean_score" => mean(|_, score| score),
            "brier_score" => mean(|label, score| (score - label).powi(2)),
            other => panic!("the truth of {other} is not known"),
        }
    }

    /// Shares of TP, FP, FN, TN.
    fn table(&self, model: usize) -> [f64; 4] {
        PLACES.map(|(label, said)| {
            let center = self.shift[model] + self.signal[model] * f64::from(u8::from(label));
            let sign = if said { 1.0 } else { -1.0 };
            let of_label = if label { self.positives } else { 1.0 - self.positives };
            of_label * Normal::standard().cdf(sign * center)
        })
    }

    /// What the rows of each unit have in common.
    fn commons(&self, rows: usize, random: &mut ChaCha8Rng) -> Vec<[f64; 2]> {
        let (size, _) = self.unit.unwrap_or((1, 0.0));
        (0..rows.div_ceil(size)).map(|_| self.pair(random)).collect()
    }

    /// So many rows, of these units.
    fn sample(&self, rows: usize, commons: &[[f64; 2]], random: &mut ChaCha8Rng) -> Sample {
        let mut sample = Sample { columns: <[Column; 2]>::default(), units: self.unit.map(|_| Vec::new()) };
        let labels = Bernoulli::new(self.positives).expect("a probability");
        let (size, icc) = self.unit.unwrap_or((1, 0.0));
        for row in 0..rows {
            let (label, own) = (f64::from(u8::from(labels.sample(random))), self.pair(random));
            for model in [0, 1] {
                let noise = icc.sqrt() * commons[row / size][model] + (1.0 - icc).sqrt() * own[model];
                sample.add(model, label, self.shift[model] + self.signal[model] * label + noise);
            }
            if let Some(units) = &mut sample.units {
                units.push((row / size + 1) as u64);
            }
        }
        sample.columns.iter_mut().for_each(sort);
        sample
    }

    fn pair(&self, random: &mut ChaCha8Rng) -> [f64; 2] {
        let (first, other): (f64, f64) = (StandardNormal.sample(random), StandardNormal.sample(random));
        [first, self.agreement * first + (1.0 - self.agreement * self.agreement).sqrt() * other]
    }
}

/// The mean of a function of a standard normal number, by the trapezoidal rule.
pub fn expected(of: impl Fn(f64) -> f64) -> f64 {
    let step = 0.01;
    let at = |place: i32| step * f64::from(place);
    let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    (-900..=900).map(|place| of(at(place)) * density(at(place)) * step).sum()
}

fn sort(column: &mut Column) {
    let (scores, mut order) = (&column.score, (0..column.score.len() as u32).collect::<Vec<u32>>());
    order.sort_by(|&a, &b| scores[a as usize].total_cmp(&scores[b as usize]));
    column.order = order.into();
}

/// Rows under base and tuned.
pub struct Sample {
    columns: [Column; 2],
    units: Option<Vec<u64>>,
}

impl Sample {
    fn add(&mut self, model: usize, label: f64, latent: f64) {
        let column = &mut self.columns[model];
        Arc::make_mut(&mut column.label).push(label);
        Arc::make_mut(&mut column.score).push(logistic(latent));
        column.threshold = 0.5;
        Arc::make_mut(&mut column.weight).push(1.0);
    }

    /// Both models' numbers, as an audit has them; `None` where one is not defined.
    fn twin(&self, metric: &Metric) -> Option<Twin> {
        if let (Formula::Rate(event), None) = (metric.formula, &self.units) {
            return Some(self.counts(event));
        }
        let [base, tuned] = self.influences(metric)?;
        duo(&base, &tuned, self.units.as_deref()).map(Twin::Estimates)
    }

    fn influences(&self, metric: &Metric) -> Option<[Influenced; 2]> {
        let [base, tuned] = self.columns.each_ref().map(|column| of_column(metric, column));
        Some([base?, tuned?])
    }

    /// Correlations of these estimates with those of another sample with units in common.
    fn between(&self, other: &Sample, metric: &Metric) -> Option<[[f64; 2]; 2]> {
        let (own, others) = (self.influences(metric)?, other.influences(metric)?);
        let (units, other_units) = (self.units.as_deref()?, other.units.as_deref()?);
        let variance = |one: &Influenced, units| covariance(&one.influence, &one.influence, Some(units));
        let of = |a: &Influenced, b: &Influenced| {
            let both = across((&a.influence, units), (&b.influence, other_units));
            correlation(both, variance(a, units), variance(b, other_units))
        };
        Some([0, 1].map(|i| [0, 1].map(|j| of(&own[i], &others[j]))))
    }

    fn counts(&self, event: fn(Side) -> Option<bool>) -> Twin {
        let mut counts = Paired::default();
        let of = |model: usize, row: usize| {
            let column = &self.columns[model];
            event(Side { label: Some(column.label[row] == 1.0), said: column.said(row)? })
        };
        (0..self.columns[0].label.len()).for_each(|row| counts.add(of(0, row), of(1, row), 1));
        counts.into()
    }
}

/// Slice and reference.
#[derive(Debug, Clone, Copy)]
pub struct World {
    pub slice: Law,
    pub reference: Law,
    /// Whether every unit of the slice has as many rows in the reference.
    pub shared: bool,
}

impl World {
    /// The true gaps of base and tuned.
    pub fn gaps(&self, metric: &Metric) -> [f64; 2] {
        [0, 1].map(|model| self.slice.truth(metric, model) - self.reference.truth(metric, model))
    }

    /// A data set with `rows` rows in the slice and twice as many in the reference; `None` where a number
    /// is not defined.
    pub fn quad(&self, metric: &Metric, rows: usize, seed: u64) -> Option<Quad> {
        self.basis(metric, rows, seed)?.quad()
    }

    /// The two groups behind that.
    pub fn basis(&self, metric: &Metric, rows: usize, seed: u64) -> Option<Basis> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let commons = self.slice.commons(rows, &mut random);
        let slice = self.slice.sample(rows, &commons, &mut random);
        let mut others = self.reference.commons(2 * rows, &mut random);
        if self.shared {
            others[..commons.len()].copy_from_slice(&commons);
        }
        let reference = self.reference.sample(2 * rows, &others, &mut random);
        let basis = Basis::new(slice.twin(metric)?, reference.twin(metric)?);
        let between = if self.shared { Some(slice.between(&reference, metric)?) } else { None };
        Some(Basis { between, ..basis })
    }
}

/// The metric of this id.
pub fn metric(id: &str) -> &'static Metric {
    metrics::find(id).expect("a known id")
}

/// The sample's estimates are about the truth that is told of its law.
#[test]
fn truths_are_those_of_a_large_sample() {
    let law = super::coverage::WORLD.slice;
    let (rows, mut random) = (200_000, ChaCha8Rng::seed_from_u64(1));
    let commons = law.commons(rows, &mut random);
    let sample = law.sample(rows, &commons, &mut random);
    for (id, _) in super::coverage::METRICS {
        let found = sample.twin(metric(id)).and_then(|twin| twin.duo()).expect("it is defined");
        for (model, one) in [found.base, found.tuned].into_iter().enumerate() {
            let truth = law.truth(metric(id), model);
            assert!((one.value - truth).abs() < 5.0 * one.variance().sqrt(), "{id}: {} is not {truth}", one.value);
        }
    }
}
