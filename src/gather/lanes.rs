//! Lanes: each runs all models over chunks and counts for itself; the counts add up.

use super::chunks::{Chunk, Chunks, Work};
use super::counted::{Counted, Ranks, Said};
use super::embeddings::{Book, Page, Person};
use super::noise;
use super::pairs::PairPlan;
use super::plan::{OnnxSource, Place, Plan, Source, named};
use super::sessions::Sessions;
use super::watch::Labels;
use super::{GatherError, Options};
use crate::config::Audit;
use crate::evidence::Noise;
use crate::models::{self, Embedded, ModelError, Output, Piece};
use crate::tasks::ScoreError;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// What one model said, where the labels stand, and how it encodes the rows.
type Predicted = (Option<Vec<f64>>, Option<Ranks>, Option<Embedded>);

/// What every lane needs to know.
pub(super) struct Shared<'a> {
    sources: &'a [Option<Source>],
    places: &'a [Place],
    sessions: Sessions<'a>,
    pub(super) thresholds: [f64; 2],
    chunk: usize,
    keep_scores: bool,
    book: Option<&'a Book>,
    pub(super) noise: Option<Noise>,
    pairs: Option<&'a PairPlan>,
    /// Set when a lane fails, so that the reader stops.
    failed: AtomicBool,
}

/// Runs all chunks of the reader through the lanes.
pub fn run(
    audit: &Audit,
    plan: &mut Plan,
    options: &Options,
    reader: &mut Chunks,
    book: Option<&Book>,
) -> Result<Counted, GatherError> {
    let lanes = options.threads.max(1);
    let mut loaded = plan.take_models();
    let first = reader.next()?;
    let noise = first.as_ref().and_then(|chunk| noise::measure(audit, plan, &mut loaded, chunk));
    let noise = noise.map(|at_most| Noise { at_most, near: [0; 2] });
    let shared = Shared {
        sources: &plan.sources,
        places: &plan.places,
        sessions: Sessions::new(plan.engine.as_ref(), loaded),
        thresholds: audit.fixed_thresholds(),
        chunk: plan.chunk,
        keep_scores: options.keep_scores,
        book,
        noise,
        pairs: plan.pairs.as_ref(),
        failed: AtomicBool::new(false),
    };
    let depth = options.batch_size.map_or(2 * lanes, |rows| rows.div_ceil(plan.chunk).max(1));
    let (send, receive) = sync_channel(depth);
    let receive = Mutex::new(receive);
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..lanes).map(|_| scope.spawn(|| lane(audit, &shared, &receive))).collect();
        let fed = feed(first, reader, send, options, &shared);
        let mut all = Counted::new(audit);
        all.noise = noise;
        let mut failure = None;
        for handle in handles {
            match handle.join() {
                Ok(Ok(counted)) => all.merge(counted),
                Ok(Err(error)) => failure = Some(error),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        failure.map_or(fed, Err)?;
        all.pair_files(&shared)?;
        Ok(all)
    })
}

/// Reads chunks and hands them out until the data end, a lane fails or the user interrupts.
fn feed(
    mut first: Option<Chunk>,
    reader: &mut Chunks,
    send: SyncSender<Chunk>,
    options: &Options,
    shared: &Shared,
) -> Result<(), GatherError> {
    let mut sent = 0;
    while let Some(chunk) = first.take().map_or_else(|| reader.next(), |chunk| Ok(Some(chunk)))? {
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

fn lane(audit: &Audit, shared: &Shared, chunks: &Mutex<Receiver<Chunk>>) -> Result<Counted, GatherError> {
    let (mut counted, mut failure) = (Counted::new(audit), None);
    loop {
        let next = chunks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(chunk) = next else { break };
        // After a failure chunks are taken and dropped, so that the reader is never left waiting.
        if shared.failed.load(Ordering::Relaxed) {
            continue;
        }
        if let Err(error) = counted.run(shared, &chunk) {
            shared.failed.store(true, Ordering::Relaxed);
            failure = Some(error);
        }
    }
    failure.map_or(Ok(counted), Err)
}

impl Counted {
    /// Each chunk begins with another model, so that lanes at work side by side seldom want the same session.
    fn run(&mut self, shared: &Shared, chunk: &Chunk) -> Result<(), GatherError> {
        let count = shared.sources.len();
        let mut said: Said = vec![None; count];
        let mut ranks: Vec<Option<Ranks>> = vec![None; count];
        let mut embedded: Vec<Option<Embedded>> = vec![None; count];
        let (mut filled, mut unread) = (None, BTreeMap::new());
        for at in (0..count).map(|step| (chunk.index + step) % count) {
            let (own, ranked, encoded) = match &shared.sources[at] {
                Some(Source::Onnx(source)) => {
                    // Models that are fed alike get the same tensors, filled once.
                    if filled != Some(&source.feed) {
                        let used = std::mem::take(&mut self.inputs);
                        self.inputs = source.feed.batches(&tables(chunk), shared.chunk, used)?;
                        filled = Some(&source.feed);
                    }
                    self.count_cut(chunk, at);
                    unread.extend(self.inputs.unread.iter().map(|one| (one.row, one.clone())));
                    self.predict(shared, source, chunk, at)?
                }
                Some(Source::Column(_) | Source::Classes(_)) => (Some(given(chunk, at)), given_ranks(chunk, at), None),
                None => (None, None, None),
            };
            said[at] = own;
            embedded[at] = encoded;
            ranks[at] = ranked;
        }
        self.silence(shared, chunk, unread, &mut said, &mut ranks);
        self.reached(shared, &said);
        if said.iter().zip(shared.sources).all(|(said, source)| said.is_some() == source.is_some()) {
            self.count(shared, chunk, &said, &ranks);
            self.pair(shared, chunk, &said)?;
        }
        if let Some(book) = shared.book {
            book.hand_in(chunk.index, page(chunk, shared.chunk, embedded));
        }
        if shared.keep_scores {
            self.scores.push((chunk.index, said));
        }
        Ok(())
    }

    /// Counts the decisions that noise reaches. Where points are kept they tell it, once thresholds are settled.
    fn reached(&mut self, shared: &Shared, said: &Said) {
        let Some(noise) = shared.noise.filter(|_| self.points.is_none()) else { return };
        for ((near, scores), &threshold) in self.near.iter_mut().zip(said).zip(&shared.thresholds) {
            let scores = scores.iter().flatten();
            *near += scores.filter(|score| noise.reaches(**score, threshold)).count() as u64;
        }
    }

    /// A row whose picture one model could not be shown is said nothing of by any, so that all are held against
    /// the same rows.
    fn silence(
        &mut self,
        shared: &Shared,
        chunk: &Chunk,
        unread: BTreeMap<usize, models::Unread>,
        said: &mut Said,
        ranks: &mut [Option<Ranks>],
    ) {
        for (row, models::Unread { file, cause, .. }) in unread {
            said.iter_mut().flatten().for_each(|scores| scores[row] = f64::NAN);
            ranks.iter_mut().flatten().for_each(|ranks| ranks[row] = None);
            let place = (chunk.index * shared.chunk + row + 1) as u64;
            self.unread.add(place, format!("{} ({cause})", file.unwrap_or_else(|| format!("row {place}"))));
        }
    }

    /// One score a row; `None` where some are not finite, which is counted and told at the end. With it where the
    /// labels stand, and the embedding. A model with a probe says the numbers of the rows, which the probe's
    /// scores take the place of once it is fitted.
    fn predict(
        &mut self,
        shared: &Shared,
        source: &OnnxSource,
        chunk: &Chunk,
        at: usize,
    ) -> Result<Predicted, GatherError> {
        let place = &shared.places[at];
        let outputs = self.outputs(shared, source, at, &source.outputs())?;
        let encoded = source.embedding.as_ref().zip(outputs.last());
        let embedded = encoded.map(|(embedding, output)| embedding.read(output, chunk.rows())).transpose();
        let embedded = embedded.map_err(|error| named(place, error))?;
        let Some((reading, output)) = source.reading.as_ref().zip(outputs.first()) else {
            return Ok(self.unanswered(shared, chunk, at, embedded));
        };
        let unread = |error: ScoreError| named(place, ModelError(error.to_string()));
        match reading.scores(output, chunk.rows()) {
            Ok(scores) => {
                let left = reading.unmapped(output, chunk.rows()).map_err(unread)?;
                left.iter().for_each(|left| self.unmapped[at].merge(left));
                let labels = class_labels(chunk, at);
                let ranks = labels.map(|labels| reading.ranks(output, &labels)).transpose().map_err(unread)?;
                Ok((Some(scores), ranks.flatten(), embedded))
            }
            Err(ScoreError::NotFinite(rows)) => {
                self.not_finite[at] += rows;
                Ok((None, None, embedded))
            }
            Err(error) => Err(unread(error).into()),
        }
    }

    /// What a model says until its probe is fitted: the numbers of the rows.
    fn unanswered(&mut self, shared: &Shared, chunk: &Chunk, at: usize, embedded: Option<Embedded>) -> Predicted {
        self.not_finite[at] += embedded.as_ref().map_or(0, |one| one.not_finite);
        let first = chunk.index * shared.chunk;
        (Some((first..first + chunk.rows()).map(|row| row as f64).collect()), None, embedded)
    }

    /// Runs the rows that make counterfactual pairs with something exchanged.
    fn pair(&mut self, shared: &Shared, chunk: &Chunk, said: &Said) -> Result<(), GatherError> {
        let Some(plan) = shared.pairs else { return Ok(()) };
        let mut pairs = self.pairs.take().unwrap_or_else(|| plan.empty());
        let said = [0, 1].map(|side| said[side].as_deref());
        plan.of_chunk(chunk, said, shared.chunk, &mut pairs, &mut |pieces, rows| self.ask(shared, pieces, rows))?;
        self.pairs = Some(pairs);
        Ok(())
    }

    /// The same for pairs that are ready made.
    fn pair_files(&mut self, shared: &Shared) -> Result<(), GatherError> {
        let Some(plan) = shared.pairs else { return Ok(()) };
        let mut pairs = plan.empty();
        plan.of_files(shared.chunk, &mut pairs, &mut |pieces, rows| self.ask(shared, pieces, rows))?;
        // The lanes' own may stand in another order by now.
        pairs.merge(self.pairs.take().unwrap_or_default());
        self.pairs = Some(pairs);
        Ok(())
    }

    /// What base and tuned score on other rows; NaN of one that is absent, and `None` where some are not finite.
    fn ask(&mut self, shared: &Shared, pieces: &[Piece], rows: usize) -> Result<Option<[Vec<f64>; 2]>, GatherError> {
        let mut said = [0, 1].map(|_| vec![f64::NAN; rows]);
        let mut filled = None;
        for (at, scores) in said.iter_mut().enumerate() {
            let Some(Source::Onnx(source)) = &shared.sources[at] else { continue };
            let Some(reading) = &source.reading else { continue };
            if filled != Some(&source.feed) {
                let used = std::mem::take(&mut self.inputs);
                self.inputs = source.feed.batches(pieces, shared.chunk, used)?;
                filled = Some(&source.feed);
            }
            let outputs = self.outputs(shared, source, at, &[reading.output().unwrap_or_default()])?;
            let Some(output) = outputs.first() else { continue };
            match reading.scores(output, rows) {
                Ok(found) => *scores = found,
                Err(ScoreError::NotFinite(rows)) => {
                    self.not_finite[at] += rows;
                    return Ok(None);
                }
                Err(error) => return Err(named(&shared.places[at], ModelError(error.to_string())).into()),
            }
        }
        Ok(Some(said))
    }

    /// What a model gives for the inputs at hand, as many outputs as are asked for.
    fn outputs(
        &self,
        shared: &Shared,
        source: &OnnxSource,
        at: usize,
        outputs: &[&str],
    ) -> Result<Vec<Output>, GatherError> {
        let mut session = shared.sessions.borrow(at, source).map_err(|error| named(&shared.places[at], error))?;
        let outputs = self.inputs.predict_all(session.as_mut(), outputs)?;
        shared.sessions.give_back(at, session);
        Ok(outputs)
    }
}

/// What is kept of a chunk beside its counts.
fn page(chunk: &Chunk, size: usize, embedded: Vec<Option<Embedded>>) -> Page {
    let rows = || chunk.pieces.iter().flat_map(|(work, range)| range.clone().map(move |row| (work, row)));
    let person = |(at, (work, row)): (usize, (&Arc<Work>, usize))| Person {
        row: (chunk.index * size + at) as u64,
        label: work.labels.each_ref().map(|labels| labels.as_ref().map_or(f64::NAN, |labels| labels.number(row))),
        unit: work.shares.unit(row),
        weight: work.shares.weight(row),
    };
    let attributes = chunk.pieces.first().map_or(0, |(work, _)| work.codes.len());
    let codes = |attribute: usize| rows().map(|(work, row)| work.codes[attribute][row]).collect();
    Page { people: rows().enumerate().map(person).collect(), codes: (0..attributes).map(codes).collect(), embedded }
}

/// The rows of a chunk, by the tables that they are in.
pub fn tables(chunk: &Chunk) -> Vec<Piece<'_>> {
    chunk.pieces.iter().map(|(work, range)| (&work.table, range.clone())).collect()
}

/// The numbers of the classes that a model is held against, those besides the base against the tuned model's; `None`
/// where labels are no classes.
fn class_labels(chunk: &Chunk, at: usize) -> Option<Vec<f64>> {
    let of = |(work, range): &(Arc<Work>, Range<usize>)| match work.labels[at.min(1)].as_deref()? {
        Labels::Numbers(numbers) => Some(numbers[range.clone()].to_vec()),
        Labels::Answers(_) => None,
    };
    chunk.pieces.iter().map(of).collect::<Option<Vec<_>>>().map(|parts| parts.concat())
}

/// Where the labels stand among scores that came with the data.
fn given_ranks(chunk: &Chunk, at: usize) -> Option<Ranks> {
    let of = |(work, range): &(Arc<Work>, Range<usize>)| Some(work.ranks[at].as_ref()?[range.clone()].to_vec());
    chunk.pieces.iter().map(of).collect::<Option<Vec<_>>>().map(|parts| parts.concat())
}

/// The scores that came with the data.
fn given(chunk: &Chunk, side: usize) -> Vec<f64> {
    let rows = chunk.pieces.iter().filter_map(|(work, range)| Some(&work.scores[side].as_ref()?[range.clone()]));
    rows.flatten().copied().collect()
}
