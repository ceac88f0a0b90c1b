//! Lanes: each runs its own pair of sessions over chunks and counts for itself; the counts add up.

use super::chunks::{Chunk, Chunks};
use super::plan::{OnnxSource, Pair, Plan, Source, load_sources};
use super::{GatherError, Gathered, Options, SIDES, lattices};
use crate::config::Audit;
use crate::evidence::{Attribute, Code, Evidence, Lattice, Point, Points, Tally, decide};
use crate::models::onnx::Engine;
use crate::models::{Inputs, Model, ModelError, Piece};
use crate::tasks::ScoreError;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

/// What a lane counted.
#[derive(Default)]
pub struct Counted {
    tallies: Vec<Tally>,
    points: Option<Points>,
    kinds: HashMap<Vec<u32>, u32>,
    /// The tensors of the last chunk, to be filled again.
    inputs: Inputs,
    not_finite: [u64; 2],
    scores: Vec<(usize, [Option<Vec<f64>>; 2])>,
}

/// What every lane needs to know.
struct Shared<'a> {
    engine: Option<&'a Engine>,
    sources: &'a [Option<Source>; 2],
    thresholds: [f64; 2],
    chunk: usize,
    /// Whether both models take the same columns in the same way.
    fed_alike: bool,
    keep_scores: bool,
    /// Set when a lane fails, so that the reader stops.
    failed: AtomicBool,
}

/// Runs all chunks of the reader through the lanes.
pub fn run(audit: &Audit, mut plan: Plan, options: &Options, reader: &mut Chunks) -> Result<Counted, GatherError> {
    let lanes = options.threads.max(1);
    let mut first = Some(plan.take_models());
    let shared = Shared {
        engine: plan.engine.as_ref(),
        sources: &plan.sources,
        thresholds: audit.fixed_thresholds(),
        chunk: plan.chunk,
        fed_alike: fed_alike(&plan.sources),
        keep_scores: options.keep_scores,
        failed: AtomicBool::new(false),
    };
    let depth = options.batch_size.map_or(2 * lanes, |rows| rows.div_ceil(plan.chunk).max(1));
    let (send, receive) = sync_channel(depth);
    let receive = Mutex::new(receive);
    std::thread::scope(|scope| {
        let spawn = |models: Option<Pair>| scope.spawn(|| lane(audit, &shared, models, &receive));
        let handles: Vec<_> = (0..lanes).map(|_| spawn(first.take())).collect();
        let fed = feed(reader, send, options, &shared);
        let mut all = Counted::new(audit);
        let mut failure = None;
        for handle in handles {
            match handle.join() {
                Ok(Ok(counted)) => all.merge(counted),
                Ok(Err(error)) => failure = Some(error),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        failure.map_or(fed, Err).map(|()| all)
    })
}

fn fed_alike(sources: &[Option<Source>; 2]) -> bool {
    match sources {
        [Some(Source::Onnx(base)), Some(Source::Onnx(tuned))] => base.feed == tuned.feed,
        _ => false,
    }
}

/// Reads chunks and hands them out until the data end, a lane fails or the user interrupts.
fn feed(reader: &mut Chunks, send: SyncSender<Chunk>, options: &Options, shared: &Shared) -> Result<(), GatherError> {
    let mut sent = 0;
    while let Some(chunk) = reader.next()? {
        if shared.failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        if options.interrupted.load(Ordering::Relaxed) {
            return Err(GatherError::Interrupted);
        }
        sent += chunk.rows() as u64;
        // A closed channel means that every lane has stopped, which they report themselves.
        if send.send(chunk).is_err() {
            return Ok(());
        }
        (options.progress)(sent);
    }
    Ok(())
}

fn lane(
    audit: &Audit,
    shared: &Shared,
    models: Option<Pair>,
    chunks: &Mutex<Receiver<Chunk>>,
) -> Result<Counted, GatherError> {
    let mut counted = Counted::new(audit);
    // Every lane but the first loads its own models, while the first rows are read.
    let (mut models, mut failure) = match models.map_or_else(|| load_sources(shared.engine, shared.sources), Ok) {
        Ok(models) => (models, None),
        Err(error) => ([None, None], Some(error.into())),
    };
    shared.failed.fetch_or(failure.is_some(), Ordering::Relaxed);
    loop {
        let next = chunks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(chunk) = next else { break };
        // After a failure chunks are taken and dropped, so that the reader is never left waiting.
        if shared.failed.load(Ordering::Relaxed) {
            continue;
        }
        if let Err(error) = counted.run(shared, &mut models, &chunk) {
            shared.failed.store(true, Ordering::Relaxed);
            failure = Some(error);
        }
    }
    failure.map_or(Ok(counted), Err)
}

impl Counted {
    fn new(audit: &Audit) -> Counted {
        Counted {
            tallies: vec![Tally::default(); lattices(audit).len()],
            points: audit.needs_points().then(Points::default),
            ..Counted::default()
        }
    }

    fn run(&mut self, shared: &Shared, models: &mut Pair, chunk: &Chunk) -> Result<(), GatherError> {
        let mut scores = [None, None];
        for side in [0, 1] {
            scores[side] = match &shared.sources[side] {
                Some(Source::Onnx(source)) => {
                    // Two models that are fed alike get the same tensors, filled once.
                    if side == 0 || !shared.fed_alike {
                        let used = std::mem::take(&mut self.inputs);
                        self.inputs = source.feed.fill(&tables(chunk), shared.chunk, used)?;
                    }
                    self.predict(source, models[side].as_deref_mut(), chunk, side)?
                }
                Some(Source::Column(_) | Source::Classes(_)) => Some(given(chunk, side)),
                None => None,
            };
        }
        if scores.iter().zip(shared.sources).all(|(scores, source)| scores.is_some() == source.is_some()) {
            self.count(shared, chunk, &scores);
        }
        if shared.keep_scores {
            self.scores.push((chunk.index, scores));
        }
        Ok(())
    }

    /// One score a row; `None` where some are not finite, which is counted and told at the end.
    fn predict(
        &mut self,
        source: &OnnxSource,
        model: Option<&mut (dyn Model + 'static)>,
        chunk: &Chunk,
        side: usize,
    ) -> Result<Option<Vec<f64>>, GatherError> {
        let Some(model) = model else { return Ok(None) };
        let output = model.predict(&self.inputs, source.reading.output().unwrap_or_default())?;
        match source.reading.scores(&output, chunk.rows()) {
            Ok(scores) => Ok(Some(scores)),
            Err(ScoreError::NotFinite(rows)) => {
                self.not_finite[side] += rows;
                Ok(None)
            }
            Err(error) => Err(ModelError(format!("model {}: {error}", SIDES[side])).into()),
        }
    }

    fn count(&mut self, shared: &Shared, chunk: &Chunk, scores: &[Option<Vec<f64>>; 2]) {
        let scores = scores.each_ref().map(Option::as_deref);
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
                    let share = |at: usize| (work.shares.weight(at), work.shares.unit(at));
                    let rows = range.clone().map(|at| ((label(at), score(at - range.start)), share(at)));
                    keep(points, &mut self.kinds, &atoms, rows);
                }
            }
            start += range.len();
        }
    }

    fn merge(&mut self, other: Counted) {
        self.tallies.iter_mut().zip(&other.tallies).for_each(|(tally, more)| tally.merge(more));
        self.not_finite = [0, 1].map(|side| self.not_finite[side] + other.not_finite[side]);
        self.scores.extend(other.scores);
        if let (Some(points), Some(more)) = (&mut self.points, other.points) {
            let into: Vec<u32> = more.kinds.into_iter().map(|atoms| kind(&mut self.kinds, points, atoms)).collect();
            points.rows.extend(more.rows.into_iter().map(|point| Point { kind: into[point.kind as usize], ..point }));
        }
    }

    /// Fails where a model gave numbers that are none.
    pub fn check_finite(&self, used: u64) -> Result<(), GatherError> {
        match self.not_finite.iter().position(|&rows| rows > 0) {
            Some(side) => Err(GatherError::NotFinite { model: SIDES[side], rows: self.not_finite[side], used }),
            None => Ok(()),
        }
    }

    /// The evidence, not yet in an order that does not depend on what the lanes did.
    pub fn into_gathered(mut self, attributes: Vec<Attribute>, lattices: Vec<Lattice>, rows_read: u64) -> Gathered {
        self.scores.sort_by_key(|(index, _)| *index);
        let side = |side: usize| -> Option<Vec<f64>> {
            let parts: Option<Vec<&Vec<f64>>> = self.scores.iter().map(|(_, scores)| scores[side].as_ref()).collect();
            parts.filter(|parts| !parts.is_empty()).map(|parts| parts.into_iter().flatten().copied().collect())
        };
        let scores = [side(0), side(1)];
        let cells = match self.points {
            Some(_) => Vec::new(),
            None => self.tallies.iter().zip(&lattices).map(|(t, l)| t.cells(l.atoms.len())).collect(),
        };
        let (classes, points) = (Vec::new(), self.points);
        let evidence =
            Evidence { attributes, lattices, cells, points, classes, rows_read, without_weight: 0, repeated_ids: 0 };
        Gathered { evidence, scores }
    }
}

fn tables(chunk: &Chunk) -> Vec<Piece<'_>> {
    chunk.pieces.iter().map(|(work, range)| (&work.table, range.clone())).collect()
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

type Row = (([f64; 2], [Option<f64>; 2]), (f64, u64));

/// Keeps rows with their scores, weights and units.
fn keep(points: &mut Points, kinds: &mut HashMap<Vec<u32>, u32>, atoms: &[&[u32]], rows: impl Iterator<Item = Row>) {
    for (row, ((label, score), (weight, unit))) in rows.enumerate() {
        let kind = kind(kinds, points, atoms.iter().map(|atoms| atoms[row]).collect());
        let score = score.map(|score| score.unwrap_or(f64::NAN));
        points.rows.push(Point { kind, label, score, weight, unit });
    }
}

/// The scores that came with the data.
fn given(chunk: &Chunk, side: usize) -> Vec<f64> {
    let rows = chunk.pieces.iter().filter_map(|(work, range)| Some(&work.scores[side].as_ref()?[range.clone()]));
    rows.flatten().copied().collect()
}

fn kind(kinds: &mut HashMap<Vec<u32>, u32>, points: &mut Points, atoms: Vec<u32>) -> u32 {
    *kinds.entry(atoms).or_insert_with_key(|atoms| {
        points.kinds.push(atoms.clone());
        points.kinds.len() as u32 - 1
    })
}
