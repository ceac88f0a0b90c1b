//! Whether a tuned model descends from its base, as far as the weights of the two files tell.
//!
//! Tensors are paired by name and shape, then by content, then by shape and order, since exports rename
//! them. Each is read as a stream: nothing is held but the bytes at hand.

use super::graph::Graph;
use super::weights::{Weight, weights};
use super::wire::Fault;
use crate::models::ModelError;
use crate::result::{Kinship, LayerLineage, Lineage};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io;
use std::path::Path;

/// Fewer elements are constants of the graph rather than weights.
const FEWEST: u64 = 16;
/// Matrices of independent models have a cosine near 0, within about 1 / √n; one that is related is far above.
const RELATED: f64 = 0.5;
const DEVIATIONS: f64 = 4.0;

/// Compares the weights of two files.
pub fn lineage(base: &Path, tuned: &Path) -> Result<Lineage, ModelError> {
    let [base, tuned] = [all(base)?, all(tuned)?];
    let found = Pairs::of(&base, &tuned).and_then(|pairs| pairs.compared(&base, &tuned));
    found.map_err(|error| ModelError(format!("the weights of the two models cannot be compared: {error}")))
}

fn all(path: &Path) -> Result<Vec<Weight>, ModelError> {
    let graph = Graph::read(path)?;
    graph.external_files()?;
    let wrong = |fault| match fault {
        Fault::Io(error) => error.to_string(),
        Fault::CutShort | Fault::Malformed => "its bytes are not a whole ONNX graph".to_owned(),
    };
    let found = weights(path).map_err(|fault| ModelError(format!("model {}: {}", path.display(), wrong(fault))))?;
    Ok(found.into_iter().filter(|weight| weight.elements >= FEWEST).collect())
}

/// For each tensor of the tuned model its place among the base's.
struct Pairs(Vec<Option<usize>>);

impl Pairs {
    fn of(base: &[Weight], tuned: &[Weight]) -> io::Result<Pairs> {
        let mut pairs = Pairs(vec![None; tuned.len()]);
        pairs.add(base, tuned, |weight| Ok((weight.name.clone(), weight.dims.clone())))?;
        pairs.add(base, tuned, |weight| Ok((content(weight)?, weight.dims.clone())))?;
        pairs.add(base, tuned, |weight| Ok(weight.dims.clone()))?;
        Ok(pairs)
    }

    /// Pairs what is left and has the same key, in the order of the files; a key that is not as frequent in
    /// both pairs nothing.
    fn add<K: std::hash::Hash + Eq>(
        &mut self,
        base: &[Weight],
        tuned: &[Weight],
        key: impl Fn(&Weight) -> io::Result<K>,
    ) -> io::Result<()> {
        let mut keys: HashMap<K, [Vec<usize>; 2]> = HashMap::new();
        let paired: Vec<usize> = self.0.iter().copied().flatten().collect();
        for at in (0..base.len()).filter(|at| !paired.contains(at)) {
            keys.entry(key(&base[at])?).or_default()[0].push(at);
        }
        for at in (0..tuned.len()).filter(|&at| self.0[at].is_none()) {
            keys.entry(key(&tuned[at])?).or_default()[1].push(at);
        }
        for [of_base, of_tuned] in keys.into_values().filter(|[base, tuned]| base.len() == tuned.len()) {
            of_tuned.into_iter().zip(of_base).for_each(|(tuned, base)| self.0[tuned] = Some(base));
        }
        Ok(())
    }

    fn compared(&self, base: &[Weight], tuned: &[Weight]) -> io::Result<Lineage> {
        let (mut layers, mut matrices) = (Layers::default(), Matrices::default());
        for (weight, place) in tuned.iter().zip(&self.0) {
            let sums = place.map(|at| Sums::of(&base[at], weight)).transpose()?;
            let layer = layers.named(&weight.layer);
            match &sums {
                None => layer.lineage.new += weight.elements,
                Some(sums) => layer.add(weight.elements, sums),
            }
            matrices.add(weight, sums.as_ref());
        }
        let gone = (0..base.len()).filter(|at| !self.0.contains(&Some(*at)));
        gone.for_each(|at| layers.named(&base[at].layer).lineage.gone += base[at].elements);
        Ok(layers.finish(&matrices))
    }
}

fn content(weight: &Weight) -> io::Result<Vec<u8>> {
    let mut hash = Sha256::new();
    weight.stream(|bytes| hash.update(bytes))?;
    Ok(hash.finalize().to_vec())
}

/// What the pair of two tensors sums up to.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    base: f64,
    tuned: f64,
    product: f64,
    difference: f64,
    same: bool,
}

impl Sums {
    fn of(base: &Weight, tuned: &Weight) -> io::Result<Sums> {
        let mut sums = Sums { same: true, ..Sums::default() };
        base.beside(tuned, |base, tuned| {
            sums.base += base * base;
            sums.tuned += tuned * tuned;
            sums.product += base * tuned;
            sums.difference += (tuned - base) * (tuned - base);
            sums.same &= base.to_bits() == tuned.to_bits();
        })?;
        Ok(sums)
    }

    fn add(&mut self, other: &Sums) {
        self.base += other.base;
        self.tuned += other.tuned;
        self.product += other.product;
        self.difference += other.difference;
    }

    /// Undefined where the base is all 0, or holds what is no number.
    fn change(&self) -> Option<f64> {
        Some((self.difference / self.base).sqrt()).filter(|change| change.is_finite())
    }

    fn cosine(&self) -> Option<f64> {
        let cosine = self.product / (self.base.sqrt() * self.tuned.sqrt());
        Some(cosine.clamp(-1.0, 1.0)).filter(|cosine| cosine.is_finite())
    }
}

/// The elements of the tuned model's matrices, and of those that are the base's or close to them.
#[derive(Debug, Default)]
struct Matrices {
    all: u64,
    related: u64,
}

impl Matrices {
    fn add(&mut self, weight: &Weight, sums: Option<&Sums>) {
        if weight.dims.iter().filter(|&&size| size > 1).count() < 2 {
            return;
        }
        let least = RELATED.max(DEVIATIONS / (weight.elements as f64).sqrt());
        let close = |sums: &Sums| sums.same || sums.cosine().is_some_and(|cosine| cosine >= least);
        self.all += weight.elements;
        self.related += if sums.is_some_and(close) { weight.elements } else { 0 };
    }
}

#[derive(Debug, Default)]
struct Layer {
    lineage: LayerLineage,
    sums: Sums,
}

impl Layer {
    fn add(&mut self, elements: u64, sums: &Sums) {
        *(if sums.same { &mut self.lineage.shared } else { &mut self.lineage.moved }) += elements;
        self.sums.add(sums);
    }

    fn finish(self) -> LayerLineage {
        let compared = self.lineage.shared + self.lineage.moved > 0;
        let (change, cosine) = (self.sums.change(), self.sums.cosine());
        LayerLineage { change: change.filter(|_| compared), cosine: cosine.filter(|_| compared), ..self.lineage }
    }
}

/// Layers in the order in which they are met.
#[derive(Debug, Default)]
struct Layers {
    all: Vec<Layer>,
    places: HashMap<String, usize>,
}

impl Layers {
    fn named(&mut self, name: &str) -> &mut Layer {
        let next = self.all.len();
        let place = *self.places.entry(name.to_owned()).or_insert(next);
        if place == next {
            let lineage = LayerLineage { layer: name.to_owned(), ..LayerLineage::default() };
            self.all.push(Layer { lineage, sums: Sums::default() });
        }
        &mut self.all[place]
    }

    fn finish(self, matrices: &Matrices) -> Lineage {
        let mut total = Layer::default();
        total.lineage.layer = "all".into();
        for layer in &self.all {
            total.lineage.shared += layer.lineage.shared;
            total.lineage.moved += layer.lineage.moved;
            total.lineage.new += layer.lineage.new;
            total.lineage.gone += layer.lineage.gone;
            total.sums.add(&layer.sums);
        }
        let kinship = match total.lineage {
            _ if total.lineage.is_frozen() => Kinship::Same,
            _ if matrices.all == 0 => Kinship::Unknown,
            _ if matrices.related == 0 => Kinship::Unrelated,
            _ if 2 * matrices.related >= matrices.all => Kinship::Descendant,
            _ => Kinship::Partly,
        };
        Lineage { kinship, total: total.finish(), layers: self.all.into_iter().map(Layer::finish).collect() }
    }
}

#[cfg(test)]
#[path = "lineage_tests.rs"]
mod tests;
