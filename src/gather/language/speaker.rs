//! One model that is asked: which outputs it has, how a sentence is run, and what it says.

use super::asked::{Asked, Compared};
use super::sets::Pairs;
use crate::config::LanguageModel;
use crate::gather::plan::{OnnxSource, Source};
use crate::gather::{GatherError, Options};
use crate::models::onnx::{Engine, Graph};
use crate::models::{Model, ModelError, ModelSpec, Output, Predictor, Sentences, Signature};
use ndarray::{ArrayD, Axis};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

/// A model that is asked.
pub struct Speaker {
    path: PathBuf,
    sentences: Sentences,
    /// The output of logits, and the token that hides another.
    masked: Option<(String, u32)>,
    embedding: Option<String>,
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
        pairs: &Pairs,
    ) -> Result<Option<Vec<Compared>>, GatherError> {
        let Some((output, mask)) = &self.masked else { return Ok(None) };
        self.spread(engine, options, &pairs.rows, |model, pair| {
            Asked { sentences: &self.sentences, output, mask: *mask, model }.compare(pair, pairs.likelihood)
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

pub(super) fn floats(output: Output, name: &str) -> Result<ArrayD<f64>, ModelError> {
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
