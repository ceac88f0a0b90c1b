//! One model that is asked: which outputs it has, how a sentence is run, and what it says.

use super::sets::Pair;
use crate::config::LanguageModel;
use crate::gather::plan::{OnnxSource, Source};
use crate::gather::{GatherError, Options};
use crate::models::onnx::{Engine, Graph};
use crate::models::{Model, ModelError, ModelSpec, Output, Predictor, Sentence, Sentences, Signature, Tokens};
use crate::stats::{common, log_share};
use ndarray::{ArrayD, Axis};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

/// Copies of a sentence that run together at most.
const MOST_COPIES: usize = 32;
/// Logits of a run at most: 64 MB of them.
const MOST_LOGITS: usize = 1 << 23;

/// A model that is asked.
pub struct Speaker {
    path: PathBuf,
    sentences: Sentences,
    /// The output of logits, and the token that hides another.
    masked: Option<(String, u32)>,
    embedding: Option<String>,
}

/// What one model says of one pair.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Compared {
    /// Log-likelihoods of the tokens in common, in either sentence.
    likelihoods: Option<[f64; 2]>,
    /// Whether each of the two is more likely than the sentence that makes no sense; ties are neither.
    pub(super) makes_sense: Option<[Option<bool>; 2]>,
    pub(super) same: bool,
    pub(super) apart: bool,
    pub(super) cut: bool,
}

impl Compared {
    /// Whether the first sentence is more likely; `None` for a tie, and where nothing is compared.
    pub(super) fn prefers(&self) -> Option<bool> {
        self.likelihoods.and_then(likelier)
    }

    pub(super) fn is_tie(&self) -> bool {
        self.likelihoods.is_some_and(|both| likelier(both).is_none())
    }
}

fn likelier([first, second]: [f64; 2]) -> Option<bool> {
    (first != second).then_some(first > second)
}

impl Speaker {
    /// Finds the outputs; `None` where the model is none that is run on texts and could be asked.
    pub(super) fn new(
        asked: &LanguageModel,
        spec: Option<&ModelSpec>,
        source: Option<&Source>,
    ) -> Result<Option<Speaker>, String> {
        let (Some(Predictor::Onnx(onnx)), Some(Source::Onnx(source))) = (spec.map(|spec| &spec.predictor), source)
        else {
            return Ok(None);
        };
        let Ok(sentences) = source.feed.sentences() else { return Ok(None) };
        let signature = signature(source)?;
        let has = |name: &&String| signature.outputs.iter().any(|port| port.name == **name);
        let embedding = onnx.embedding.as_ref().filter(|_| !asked.associations.is_empty());
        if let Some(absent) = embedding.filter(|name| !has(name)) {
            return Err(format!("it has no output {absent}; its outputs are {}", names(&signature)));
        }
        let output = asked.output.as_ref().filter(|_| !asked.pairs.is_empty()).filter(has);
        let masked = match (output, sentences.mask(asked.mask.as_deref())) {
            (None, _) => None,
            (Some(output), Some(mask)) => Some((output.clone(), mask)),
            (Some(_), None) => return Err(no_mask(asked)),
        };
        Ok(Some(Speaker { path: source.path().clone(), sentences, masked, embedding: embedding.cloned() }))
    }

    /// What the model says of every pair.
    pub(super) fn compare(
        &self,
        engine: &Engine,
        options: &Options,
        pairs: &[Pair],
    ) -> Result<Option<Vec<Compared>>, GatherError> {
        let Some((output, mask)) = &self.masked else { return Ok(None) };
        self.spread(engine, options, pairs, |model, pair| {
            Asked { sentences: &self.sentences, output, mask: *mask, model }.compare(pair)
        })
        .map(Some)
    }

    /// The embedding of every text of four sets.
    pub(super) fn embed(
        &self,
        engine: &Engine,
        options: &Options,
        sets: &[Vec<String>; 4],
    ) -> Result<Option<[Vec<Vec<f64>>; 4]>, GatherError> {
        let Some(output) = &self.embedding else { return Ok(None) };
        let one = |set: &Vec<String>| {
            self.spread(engine, options, set, |model, text| embedded(&self.sentences, output, model, text))
        };
        Ok(Some([one(&sets[0])?, one(&sets[1])?, one(&sets[2])?, one(&sets[3])?]))
    }

    /// Does one thing for each item, each lane with a session of its own.
    fn spread<I: Sync, T: Send>(
        &self,
        engine: &Engine,
        options: &Options,
        items: &[I],
        one: impl Fn(&mut dyn Model, &I) -> Result<T, ModelError> + Sync,
    ) -> Result<Vec<T>, GatherError> {
        let part = items.len().div_ceil(options.threads.max(1)).max(1);
        let lane = |items: &[I]| {
            let mut model = engine.load(&self.path, 1)?;
            items.iter().map(|item| stopped(options).and_then(|()| Ok(one(model.as_mut(), item)?))).collect()
        };
        let parts: Vec<Result<Vec<T>, GatherError>> = std::thread::scope(|scope| {
            let lanes: Vec<_> = items.chunks(part).map(|items| scope.spawn(|| lane(items))).collect();
            lanes.into_iter().map(|lane| lane.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        Ok(parts.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }
}

fn stopped(options: &Options) -> Result<(), GatherError> {
    if options.interrupted.load(Ordering::Relaxed) { Err(GatherError::Interrupted) } else { Ok(()) }
}

fn signature(source: &OnnxSource) -> Result<Signature, String> {
    Graph::read(source.path()).map(|graph| graph.signature).map_err(|error| error.0)
}

fn names(signature: &Signature) -> String {
    signature.outputs.iter().map(|port| port.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn no_mask(asked: &LanguageModel) -> String {
    match &asked.mask {
        Some(name) => format!("its tokenizer has no token {name}"),
        None => "its tokenizer has neither [MASK] nor <mask>: name the token that hides another, mask = \"...\"".into(),
    }
}

/// Why neither model can answer what is asked.
pub(super) fn nobody_answers(asked: &LanguageModel, speakers: &[Option<Speaker>; 2]) -> Option<String> {
    let any = |is: fn(&Speaker) -> bool| speakers.iter().flatten().any(is);
    let output = asked.output.as_deref().unwrap_or("token_logits");
    match () {
        _ if !asked.pairs.is_empty() && !any(|one| one.masked.is_some()) => {
            Some(format!("neither model is run on texts and has an output {output}, a logit for every token"))
        }
        _ if !asked.associations.is_empty() && !any(|one| one.embedding.is_some()) => Some(
            "neither model is run on texts and names its embedding: give the output, models.base.embedding = \"...\""
                .into(),
        ),
        _ => None,
    }
}

/// One model at work on one pair.
struct Asked<'a> {
    sentences: &'a Sentences,
    output: &'a str,
    mask: u32,
    model: &'a mut dyn Model,
}

impl Asked<'_> {
    fn compare(&mut self, pair: &Pair) -> Result<Compared, ModelError> {
        let more = self.sentences.read(&pair.more)?;
        let less = self.sentences.read(&pair.less)?;
        let other = pair.unrelated.as_ref().map(|text| self.sentences.read(text)).transpose()?;
        let likelihoods = self.likelihoods(&more, &less)?;
        let makes_sense = match &other {
            Some(other) => Some([self.beats(&more, other)?, self.beats(&less, other)?]),
            None => None,
        };
        let same = more.tokens.ids == less.tokens.ids;
        let cut = more.tokens.cut || less.tokens.cut;
        Ok(Compared { likelihoods, makes_sense, same, apart: likelihoods.is_none() && !same, cut })
    }

    fn beats(&mut self, sentence: &Sentence, other: &Sentence) -> Result<Option<bool>, ModelError> {
        Ok(self.likelihoods(sentence, other)?.and_then(likelier))
    }

    /// Of two sentences the log-likelihoods of the tokens that they have in common, marks left aside; `None` where
    /// there are none, or all are.
    fn likelihoods(&mut self, a: &Sentence, b: &Sentence) -> Result<Option<[f64; 2]>, ModelError> {
        if a.tokens.ids == b.tokens.ids {
            return Ok(None);
        }
        let places = common(&a.tokens.ids, &b.tokens.ids);
        let places: Vec<(usize, usize)> = places.into_iter().filter(|&(i, j)| !a.marks[i] && !b.marks[j]).collect();
        if places.is_empty() {
            return Ok(None);
        }
        let (in_a, in_b): (Vec<usize>, Vec<usize>) = places.into_iter().unzip();
        Ok(Some([self.likelihood(&a.tokens, &in_a)?, self.likelihood(&b.tokens, &in_b)?]))
    }

    /// The sum of the logarithms of the probability of each of these tokens when it alone is hidden.
    fn likelihood(&mut self, tokens: &Tokens, places: &[usize]) -> Result<f64, ModelError> {
        let mut sum = 0.0;
        for some in places.chunks(self.copies(tokens.ids.len())) {
            let copies: Vec<Tokens> = some.iter().map(|&at| hidden(tokens, at, self.mask)).collect();
            let logits = floats(self.model.predict(&self.sentences.inputs(&copies)?, self.output)?, self.output)?;
            let width = logits.shape().get(1).copied().unwrap_or(0);
            for (copy, &at) in some.iter().enumerate() {
                let place = self.sentences.start(tokens, width) + at;
                sum += self.log_probability(&logits, [copy, place], tokens.ids[at] as usize)?;
            }
        }
        Ok(sum)
    }

    fn copies(&self, tokens: usize) -> usize {
        let each = tokens * usize::try_from(self.sentences.vocabulary()).unwrap_or(usize::MAX).max(1);
        self.sentences.batch().unwrap_or((MOST_LOGITS / each.max(1)).clamp(1, MOST_COPIES))
    }

    fn log_probability(&self, logits: &ArrayD<f64>, [copy, place]: [usize; 2], id: usize) -> Result<f64, ModelError> {
        let shape = logits.shape();
        if shape.len() != 3 || copy >= shape[0] || place >= shape[1] || id >= shape[2] {
            return Err(ModelError(format!(
                "output {} is {shape:?}, where a logit for every token of every row was wanted, [N, S, V]",
                self.output
            )));
        }
        let row = logits.index_axis(Axis(0), copy);
        let row = row.index_axis(Axis(0), place);
        log_share(row.iter().copied(), id)
            .ok_or_else(|| ModelError(format!("output {} holds NaN or infinite numbers", self.output)))
    }
}

fn hidden(tokens: &Tokens, at: usize, mask: u32) -> Tokens {
    let mut copy = tokens.clone();
    copy.ids[at] = mask;
    copy
}

fn floats(output: Output, name: &str) -> Result<ArrayD<f64>, ModelError> {
    match output {
        Output::Float(array) => Ok(array),
        _ => Err(ModelError(format!("output {name} holds no floating numbers"))),
    }
}

fn embedded(sentences: &Sentences, output: &str, model: &mut dyn Model, text: &str) -> Result<Vec<f64>, ModelError> {
    let tokens = sentences.read(text)?.tokens;
    let array = floats(model.predict(&sentences.inputs(&[tokens])?, output)?, output)?;
    match array.shape() {
        [rows, _] if *rows > 0 => Ok(array.index_axis(Axis(0), 0).iter().copied().collect()),
        shape => Err(ModelError(format!("output {output} is {shape:?}, where one embedding a row was wanted, [N, d]"))),
    }
}
