//! What a lane counted of the rows, and how lanes add up.

use super::chunks::Chunk;
use super::lanes::Shared;
use super::plan::Place;
use super::{GatherError, Gathered, lattices};
use crate::config::Audit;
use crate::evidence::{
    Attribute, Code, Cut, Evidence, Lattice, Noise, Pairs, Point, Points, Rank, Tally, Unmapped, Unread, decide,
};
use crate::models::Batches;
use std::collections::HashMap;

/// What a lane counted.
#[derive(Default)]
pub struct Counted {
    tallies: Vec<Tally>,
    pub(super) points: Option<Points>,
    kinds: HashMap<Vec<u32>, u32>,
    /// The tensors of the last chunk, to be filled again.
    pub(super) inputs: Batches,
    /// Rows of which each model read only a part of a text.
    cut: Cut,
    pub(super) not_finite: Vec<u64>,
    /// Rows whose picture could not be read.
    pub(super) unread: Unread,
    /// What the class map of each model leaves out.
    pub(super) unmapped: Vec<Unmapped>,
    /// The noise of the run; a lane counts what it reaches.
    pub(super) noise: Option<Noise>,
    pub(super) near: [u64; 2],
    pub(super) scores: Vec<(usize, Said)>,
    pub(super) pairs: Option<Pairs>,
}

/// What every model said of a chunk's rows; `None` for one that is absent or said what is no number.
pub(super) type Said = Vec<Option<Vec<f64>>>;

/// Where the label of each row stands among the classes that a model scores.
pub(super) type Ranks = Vec<Option<Rank>>;

impl Counted {
    /// Nothing yet.
    pub(super) fn new(audit: &Audit) -> Counted {
        let others = audit.others().count();
        Counted {
            tallies: vec![Tally::default(); lattices(audit).len()],
            points: audit.needs_points().then(|| Points::of_others(others)),
            not_finite: vec![0; 2 + others],
            unmapped: vec![Unmapped::default(); 2 + others],
            ..Counted::default()
        }
    }

    /// Counts the rows of a chunk, or keeps them.
    pub(super) fn count(&mut self, shared: &Shared, chunk: &Chunk, all: &Said, ranks: &[Option<Ranks>]) {
        let scores = [0, 1].map(|side| all[side].as_deref());
        let mut start = 0;
        for (work, range) in &chunk.pieces {
            let labels = work.labels.each_ref().map(Option::as_deref);
            let score = |at: usize| scores.map(|scores| said(scores, start + at));
            let atoms: Vec<&[u32]> = work.atoms.iter().map(|atoms| &atoms[range.clone()]).collect();
            match &mut self.points {
                None => {
                    let label =
                        |at: usize| labels.map(|labels| labels.and_then(|labels| labels.answer(range.start + at)));
                    let code = |at: usize| Code::new(label(at), decide(score(at), shared.thresholds));
                    tally(&mut self.tallies, &atoms, &(0..range.len()).map(code).collect::<Vec<_>>());
                }
                Some(points) => {
                    let label = |at: usize| labels.map(|labels| labels.map_or(f64::NAN, |labels| labels.number(at)));
                    let rank = |at: usize| [0, 1].map(|side| ranks[side].as_ref().and_then(|ranks| ranks[at]));
                    let point = |at: usize| Point {
                        kind: 0,
                        rank: rank(start + at - range.start),
                        label: label(at),
                        score: score(at - range.start).map(|score| score.unwrap_or(f64::NAN)),
                        weight: work.shares.weight(at),
                        unit: work.shares.unit(at),
                    };
                    let rows = range.clone().map(point);
                    keep(points, &mut self.kinds, &atoms, rows);
                    let rows = start..start + range.len();
                    let others = points.others.iter_mut().zip(all.iter().skip(2).flatten());
                    others.for_each(|(kept, said)| kept.extend_from_slice(&said[rows.clone()]));
                    for (kept, ranks) in points.ranks.iter_mut().zip(&ranks[2..]) {
                        kept.extend(rows.clone().map(|row| ranks.as_ref().and_then(|ranks| ranks[row])));
                    }
                }
            }
            start += range.len();
        }
    }

    /// Counts the rows of the chunk at hand of which a model read only a part of the text.
    pub(super) fn count_cut(&mut self, chunk: &Chunk, model: usize) {
        let rows = chunk.pieces.iter().flat_map(|(work, range)| range.clone().map(move |row| (work, row)));
        for ((work, row), _) in rows.zip(&self.inputs.cut).filter(|(_, cut)| **cut) {
            self.cut.add(work.atoms.iter().map(|atoms| atoms[row]), model);
        }
    }

    /// What another lane counted, too.
    pub(super) fn merge(&mut self, other: Counted) {
        self.tallies.iter_mut().zip(&other.tallies).for_each(|(tally, more)| tally.merge(more));
        self.not_finite.iter_mut().zip(&other.not_finite).for_each(|(rows, more)| *rows += more);
        self.cut.merge(other.cut);
        self.near = [0, 1].map(|side| self.near[side] + other.near[side]);
        self.unread.merge(other.unread);
        self.unmapped.iter_mut().zip(&other.unmapped).for_each(|(own, more)| own.merge(more));
        self.scores.extend(other.scores);
        match (&mut self.pairs, other.pairs) {
            (Some(pairs), Some(more)) => pairs.merge(more),
            (pairs, more) => *pairs = pairs.take().or(more),
        }
        if let (Some(points), Some(more)) = (&mut self.points, other.points) {
            let into: Vec<u32> = more.kinds.into_iter().map(|atoms| kind(&mut self.kinds, points, atoms)).collect();
            points.rows.extend(more.rows.into_iter().map(|point| Point { kind: into[point.kind as usize], ..point }));
            points.others.iter_mut().zip(more.others).for_each(|(scores, more)| scores.extend(more));
            points.ranks.iter_mut().zip(more.ranks).for_each(|(ranks, more)| ranks.extend(more));
        }
    }

    /// Fails where a model gave numbers that are none.
    pub fn check_finite(&self, places: &[Place], used: u64) -> Result<(), GatherError> {
        match self.not_finite.iter().zip(places).find(|(rows, _)| **rows > 0) {
            Some((&rows, place)) => Err(GatherError::NotFinite { model: place.name.clone(), rows, used }),
            None => Ok(()),
        }
    }

    /// The evidence, not yet in an order that does not depend on what the lanes did.
    pub fn into_gathered(mut self, attributes: Vec<Attribute>, lattices: Vec<Lattice>, rows_read: u64) -> Gathered {
        self.scores.sort_by_key(|(index, _)| *index);
        let model = |at: usize| -> Option<Vec<f64>> {
            let parts: Option<Vec<&Vec<f64>>> = self.scores.iter().map(|(_, scores)| scores[at].as_ref()).collect();
            parts.filter(|parts| !parts.is_empty()).map(|parts| parts.into_iter().flatten().copied().collect())
        };
        let scores = (0..self.not_finite.len()).map(model).collect();
        let cells = match self.points {
            Some(_) => Vec::new(),
            None => self.tallies.iter().zip(&lattices).map(|(t, l)| t.cells(l.atoms.len())).collect(),
        };
        let (classes, points, unread) = (Vec::new(), self.points, self.unread);
        let noise = self.noise.map(|noise| Noise { near: self.near, ..noise });
        let unmapped = if self.unmapped.iter().any(|left| left.of > 0) { self.unmapped } else { Vec::new() };
        let (cut_texts, cut) = (self.cut.totals(), self.cut);
        let evidence = Evidence {
            attributes,
            lattices,
            cells,
            points,
            classes,
            rows_read,
            cut_texts,
            cut,
            unread,
            noise,
            unmapped,
            pairs: self.pairs,
            ..Evidence::default()
        };
        Gathered { evidence, scores, train: None, source: None, representations: None, language: None }
    }
}

/// The score of a row; `None` where the model said nothing.
#[inline]
fn said(scores: Option<&[f64]>, row: usize) -> Option<f64> {
    scores.map(|scores| scores[row]).filter(|score| !score.is_nan())
}

/// Counts rows in every lattice.
fn tally(tallies: &mut [Tally], atoms: &[&[u32]], codes: &[Code]) {
    for (tally, atoms) in tallies.iter_mut().zip(atoms) {
        tally.count(atoms.iter().copied().zip(codes.iter().copied()));
    }
}

/// Keeps rows, each with its kind.
fn keep(points: &mut Points, kinds: &mut HashMap<Vec<u32>, u32>, atoms: &[&[u32]], rows: impl Iterator<Item = Point>) {
    for (row, point) in rows.enumerate() {
        let kind = kind(kinds, points, atoms.iter().map(|atoms| atoms[row]).collect());
        points.rows.push(Point { kind, ..point });
    }
}

fn kind(kinds: &mut HashMap<Vec<u32>, u32>, points: &mut Points, atoms: Vec<u32>) -> u32 {
    *kinds.entry(atoms).or_insert_with_key(|atoms| {
        points.kinds.push(atoms.clone());
        points.kinds.len() as u32 - 1
    })
}
