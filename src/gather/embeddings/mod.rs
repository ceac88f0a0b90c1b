//! What is kept of the models' embeddings while rows go by, and what is made of it once all are there.
//!
//! Lanes hand in the embeddings of their chunks as they finish; the book takes them in the order of the
//! chunks, so that neither threads nor batches show in a sum of reals. Of all rows it keeps moments; whole
//! rows only of a sample, and of all where a probe has to learn from them. Nothing of it leaves this room
//! but numbers.

mod kept;
mod leakage;
mod measured;
mod memory;
mod moments;
mod probe;

pub use memory::Memory;

use super::plan::{Place, Plan, Source};
use super::{GatherError, Gathered};
use crate::config::Audit;
use crate::evidence::{Attribute, Classes, UNKNOWN};
use crate::models::{Embedded, ModelSpec};
use kept::{Kept, Sample};
use measured::Groups;
use moments::Moments;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Base and tuned: the sides whose embeddings are measured.
const SIDES: usize = 2;

/// A row besides its embeddings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Person {
    /// Its place among the rows used.
    pub row: u64,
    /// Labels for base and tuned; NaN where null.
    pub label: [f64; SIDES],
    /// A hash of its unit; 0 where none are given.
    pub unit: u64,
    /// Its weight; 1 where none are given.
    pub weight: f64,
}

/// What is known of a chunk's rows once the models have run.
pub struct Page {
    /// The embedding of every model that gives one.
    pub embedded: Vec<Option<Embedded>>,
    /// The rows.
    pub people: Vec<Person>,
    /// The code of each row, by attribute.
    pub codes: Vec<Vec<u32>>,
}

/// Takes pages in any order and enters them in the order of the chunks.
pub struct Book(Mutex<Pages>);

struct Pages {
    next: usize,
    waiting: BTreeMap<usize, Page>,
    ledger: Ledger,
}

/// What was entered.
struct Ledger {
    /// Rows in which the base's or the tuned embedding is no number.
    not_finite: [u64; SIDES],
    moments: Option<Moments>,
    sample: Option<Sample>,
    /// All rows of each model with a probe, by its place.
    probed: Vec<(usize, Kept)>,
}

impl Book {
    /// `None` where no embedding is read.
    pub fn new(audit: &Audit, plan: &Plan) -> Option<Book> {
        let embeds = |at: usize| {
            matches!(plan.sources.get(at)?, Some(Source::Onnx(source)) if source.embedding.is_some()).then_some(at)
        };
        let sides: Vec<usize> = (0..SIDES).filter_map(embeds).collect();
        let measured = audit.representations.measure && !sides.is_empty();
        let probed = probed(audit).into_iter().map(|at| (at, Kept::new(&[at])));
        let alone = (0..audit.groups.len()).filter(|&at| audit.groups[at].terms.is_empty()).collect();
        let ledger = Ledger {
            not_finite: [0; SIDES],
            moments: (measured && sides.len() == SIDES).then(|| Moments::new(alone)),
            sample: measured.then(|| Sample::new(&sides, audit.representations.sample, audit.stats.seed)),
            probed: probed.collect(),
        };
        let reads_any = ledger.sample.is_some() || !ledger.probed.is_empty();
        reads_any.then(|| Book(Mutex::new(Pages { next: 0, waiting: BTreeMap::new(), ledger })))
    }

    /// Takes the page of a chunk. Whoever hands in the one that is next enters all that waited for it; the
    /// others wait meanwhile, so that no more pages pile up than there are lanes.
    pub fn hand_in(&self, index: usize, page: Page) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pages.waiting.insert(index, page);
        while let Some(page) = {
            let next = pages.next;
            pages.waiting.remove(&next)
        } {
            pages.ledger.enter(&page);
            pages.next += 1;
        }
    }

    /// Fits the probes, puts their scores in the place of the rows' numbers, and measures what was kept.
    /// `met` names the groups in the order of their codes, `places` the models, `classes` those of a multiclass task.
    pub fn close(
        self,
        audit: &Audit,
        (met, places, classes): (&[Attribute], &[Place], &Classes),
        gathered: &mut Gathered,
    ) -> Result<(), GatherError> {
        let Ledger { not_finite, moments, sample, probed } =
            self.0.into_inner().unwrap_or_else(PoisonError::into_inner).ledger;
        let codes = recoded(met, &gathered.evidence.attributes);
        let groups = Groups { audit, attributes: &gathered.evidence.attributes, places: &codes };
        let mut found = groups.measured(not_finite, moments, sample);
        for (at, rows) in probed {
            let probe = probe::fit(audit, (&places[at].name, at), rows, (&codes, &classes.names()))?;
            probe.answer(at, gathered);
            found.probes.push(probe.note);
        }
        gathered.representations = Some(found);
        Ok(())
    }
}

impl Ledger {
    fn enter(&mut self, page: &Page) {
        for (side, rows) in self.not_finite.iter_mut().enumerate() {
            *rows += page.embedded.get(side).and_then(Option::as_ref).map_or(0, |one| one.not_finite);
        }
        self.probed.iter_mut().for_each(|(_, kept)| kept.add(page));
        // Moments know by themselves that a number is none.
        self.moments.iter_mut().for_each(|moments| moments.add(page));
        self.sample.iter_mut().for_each(|sample| sample.add(page));
    }
}

/// By attribute and code as rows met it, the code in the order shown.
fn recoded(met: &[Attribute], shown: &[Attribute]) -> Vec<Vec<u32>> {
    fn places<T: Ord>(met: &[T], shown: &[T]) -> Vec<u32> {
        let place: BTreeMap<&T, u32> = shown.iter().zip(1..).collect();
        let known = met.iter().map(|one| place.get(one).copied().unwrap_or(UNKNOWN));
        std::iter::once(UNKNOWN).chain(known).collect()
    }
    let places = |(met, shown): (&Attribute, &Attribute)| match (&met.sets, &shown.sets) {
        (Some(met), Some(shown)) => places(met, shown),
        _ => places(&met.groups, &shown.groups),
    };
    met.iter().zip(shown).map(places).collect()
}

/// The places of the models that a probe answers for.
fn probed(audit: &Audit) -> Vec<usize> {
    let models = audit.models();
    (0..models.len()).filter(|&at| models[at].is_some_and(ModelSpec::is_probed)).collect()
}
