//! Preflight: audit file, data and both models' signatures are compared before any row is used, and
//! everything that does not fit is told at once.
//!
//! An engine takes as long to start as many rows take to decode. The signatures come from the files
//! themselves, so the engine starts beside the comparison, and the reader beside the engine.

use super::hash::{Hashing, hashes};
use super::language::LanguagePlan;
use super::pairs::{self, PairPlan};
use super::source::SourcePlan;
use super::{lattices, scan_plan, watch};
use crate::config::Audit;
use crate::data::{DataError, Dataset, Scan, ScanPlan, Slicer, Want};
use crate::evidence::Classes;
use crate::models::onnx::{Engine, Graph};
use crate::models::{
    ClassColumns, Column, Embedding, Feed, IMAGE_CHUNK, Model, ModelError, ModelSpec, Predictor, Signature, Threshold,
};
use crate::result::FileHash;
use crate::tasks::{Reading, Task};
use std::path::{Path, PathBuf};

/// Rows in a chunk. Fixed, since the last bits of a model's outputs can depend on a batch's shape.
pub const CHUNK: usize = 2048;

/// Rows in a chunk where a model reads texts, whose rows cost a thousand times more.
const TEXT_CHUNK: usize = 512;

/// Something in the audit file that does not fit the data or the models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Key path in the audit file, `models.base`.
    pub at: String,
    /// What is wrong, what was expected and what was found.
    pub message: String,
}

/// Where a side's scores come from.
pub enum Source {
    /// A model that is run.
    Onnx(Box<OnnxSource>),
    /// A column of the data.
    Column(Column),
    /// Columns that say a class.
    Classes(ClassColumns),
}

impl Source {
    fn reads_text(&self) -> bool {
        matches!(self, Source::Onnx(source) if source.feed.tokenizer().is_some())
    }

    fn reads_images(&self) -> bool {
        self.unreadable().is_some()
    }

    /// The share of rows whose picture may be unreadable, of a model that reads any.
    pub(super) fn unreadable(&self) -> Option<f64> {
        if let Source::Onnx(source) = self { source.feed.unreadable() } else { None }
    }

    fn path(&self) -> Option<&PathBuf> {
        match self {
            Source::Onnx(source) => Some(&source.path),
            Source::Column(_) | Source::Classes(_) => None,
        }
    }
}

/// A model with how it is fed and read.
pub struct OnnxSource {
    path: PathBuf,
    /// How columns become its inputs.
    pub feed: Feed,
    /// What its output means; `None` where a probe on its embedding answers.
    pub reading: Option<Reading>,
    /// Where its embedding is read.
    pub embedding: Option<Embedding>,
}

impl OnnxSource {
    /// The model's file.
    pub fn path(&self) -> &PathBuf {
        &self.path
    }

    /// The outputs to ask for: what is read of its head, then its embedding; once where they are the same.
    pub fn outputs(&self) -> Vec<&str> {
        let head = self.reading.as_ref().and_then(Reading::output);
        let embedding = self.embedding.as_ref().map(|embedding| embedding.output.as_str());
        head.into_iter().chain(embedding.filter(|output| head != Some(output))).collect()
    }
}

/// Everything that gathering needs, checked.
pub struct Plan {
    /// The data.
    pub dataset: Dataset,
    /// What is read of them.
    pub scan: ScanPlan,
    /// Every model's place in the audit: base, tuned, the other runs, the control.
    pub places: Vec<Place>,
    /// Where each model's scores come from; `None` for a side that is not audited.
    pub sources: Vec<Option<Source>>,
    /// The label column of base and tuned; the others answer the tuned model's question.
    pub labels: [Option<String>; 2],
    /// What was inferred, one sentence each.
    pub inferred: Vec<String>,
    /// What was read of each model, in words.
    pub readings: Vec<Option<String>>,
    /// The engine; `None` when no model is run.
    pub engine: Option<Engine>,
    /// The classes of a multiclass task, as they are met.
    pub classes: Classes,
    /// Rows in a chunk.
    pub chunk: usize,
    /// Reads already; an error waits for its turn.
    rows: Option<Result<Scan, DataError>>,
    /// The data's files, as the reader starts.
    hashing: Option<Hashing>,
    models: Vec<Option<Box<dyn Model>>>,
    /// Whether embeddings are measured.
    measures: bool,
    /// The audit of the rows that the tuned model learned from.
    pub train: Option<Box<(Audit, Plan)>>,
    /// What is compared with rows of the kind that the base learned from.
    pub source: Option<SourcePlan>,
    /// What makes counterfactual pairs.
    pub(super) pairs: Option<PairPlan>,
    /// What language models are asked.
    pub language: Option<LanguagePlan>,
}

/// A model's name in messages, and where the audit file speaks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `base`, `tuned`, `tuned, run 2`, `control`.
    pub name: String,
    /// `models.base`.
    key: &'static str,
}

/// One place for each of [`Audit::models`].
fn places(audit: &Audit) -> Vec<Place> {
    let place = |name: &str, key| Place { name: name.into(), key };
    let runs = (0..audit.runs.len()).map(|at| place(&format!("tuned, run {}", at + 2), "models.tuned"));
    let control = audit.control.iter().map(|_| place("control", "models.control"));
    [place("base", "models.base"), place("tuned", "models.tuned")].into_iter().chain(runs).chain(control).collect()
}

type Paths = Vec<Option<PathBuf>>;

/// Why preflight did not pass.
#[derive(Debug, thiserror::Error)]
pub enum PreflightError {
    /// The audit file asks for what is not there.
    #[error("{} problems", .0.len())]
    Problems(Vec<Problem>),
    /// The data cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A model or the engine cannot be loaded.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// Opens the data, loads the models and settles who reads what.
///
/// Thresholds of models that give decisions are set to 0.5 in `audit`, since a decision is 1 or 0.
/// `start` starts the engine, only if a model has to be run.
pub fn preflight(
    audit: &mut Audit,
    dataset: Dataset,
    start: impl FnOnce() -> Result<Engine, ModelError> + Send,
    limit: Option<u64>,
) -> Result<Plan, PreflightError> {
    let path = |spec: &ModelSpec| match &spec.predictor {
        Predictor::Onnx(onnx) => Some(audit.root.join(&onnx.path)),
        _ => None,
    };
    let paths: Paths = audit.models().into_iter().map(|spec| spec.and_then(path)).collect();
    let places = places(audit);
    let runs_any = paths.iter().any(Option::is_some);
    let (started, compared) = std::thread::scope(|scope| {
        let started = scope.spawn(|| if runs_any { load(start()?, &paths, &places).map(Some) } else { Ok(None) });
        let compared = compare(audit, dataset, &paths, places.clone(), limit);
        (started.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), compared)
    });
    // Whatever else is wrong, that nothing can be run comes first.
    let started = started?;
    let mut plan = compared?;
    plan.train = train(audit, &plan, limit)?.map(Box::new);
    plan.source = source(audit, &plan)?;
    plan.language = LanguagePlan::new(audit, &plan.sources)?;
    if let Some((engine, models)) = started {
        (plan.engine, plan.models) = (Some(engine), models);
    }
    Ok(plan)
}

/// The plan of the same two models over the rows that the tuned model learned from.
fn train(audit: &Audit, plan: &Plan, limit: Option<u64>) -> Result<Option<(Audit, Plan)>, PreflightError> {
    let Some(mut train) = audit.of_train() else { return Ok(None) };
    let dataset = Dataset::open(&audit.root, &train.data.paths)?;
    let paths: Paths = (0..2).map(|at| plan.sources[at].as_ref().and_then(Source::path).cloned()).collect();
    let places = plan.places[..2].to_vec();
    let mut own = compare(&mut train, dataset, &paths, places, limit).map_err(|error| match error {
        PreflightError::Problems(problems) => {
            let moved = |problem: Problem| Problem { at: "data.train".into(), message: problem.message };
            PreflightError::Problems(problems.into_iter().map(moved).collect())
        }
        other => other,
    })?;
    own.inferred.clear();
    own.chunk = plan.chunk;
    Ok(Some((train, own)))
}

/// The rows of the kind that the base learned from, by the columns that are named or that the base reads.
fn source(audit: &Audit, plan: &Plan) -> Result<Option<SourcePlan>, PreflightError> {
    let Some(source) = &audit.data.source else { return Ok(None) };
    let dataset = Dataset::open(&audit.root, &source.paths)?;
    let read: Vec<String> = match &plan.sources[0] {
        Some(Source::Onnx(base)) => {
            base.feed.columns().into_iter().filter(|(_, want)| *want != Want::Bytes).map(|(name, _)| name).collect()
        }
        _ => Vec::new(),
    };
    let names = if source.columns.is_empty() { read } else { source.columns.clone() };
    SourcePlan::new(dataset, source.filter.clone(), &names, plan.dataset.columns())
        .map(Some)
        .map_err(|message| PreflightError::Problems(vec![Problem { at: "data.source".into(), message }]))
}

type Loaded = (Engine, Vec<Option<Box<dyn Model>>>);

fn load(engine: Engine, paths: &Paths, places: &[Place]) -> Result<Loaded, ModelError> {
    let session = |(path, place): (&Option<PathBuf>, &Place)| {
        path.as_ref().map(|path| engine.load(path, 1).map_err(|error| named(place, error))).transpose()
    };
    let models = paths.iter().zip(places).map(session).collect::<Result<_, _>>()?;
    Ok((engine, models))
}

/// The plan without its engine, once everything fits; the reader then starts.
fn compare(
    audit: &mut Audit,
    dataset: Dataset,
    paths: &Paths,
    places: Vec<Place>,
    limit: Option<u64>,
) -> Result<Plan, PreflightError> {
    let mut plan = Plan {
        labels: audit.sides().map(|side| side.and_then(|spec| spec.label.clone()).or_else(|| audit.data.label.clone())),
        dataset,
        scan: ScanPlan::default(),
        sources: places.iter().map(|_| None).collect(),
        inferred: Vec::new(),
        readings: vec![None; places.len()],
        engine: None,
        classes: Classes::default(),
        chunk: CHUNK,
        rows: None,
        hashing: None,
        models: places.iter().map(|_| None).collect(),
        places,
        measures: audit.representations.measure,
        train: None,
        source: None,
        pairs: None,
        language: None,
    };
    let mut problems = Vec::new();
    let (task, positive, root) = (audit.task, audit.data.positive.clone(), audit.root.clone());
    for (at, spec) in audit.models_mut().into_iter().enumerate() {
        if let Some(spec) = spec {
            problems.extend(plan.add(at, task, spec, &positive, (&root, paths[at].as_ref()))?);
        }
    }
    problems.extend(plan.fix_chunk());
    if problems.is_empty() {
        match pairs::plan(audit, &plan.sources, plan.dataset.columns()) {
            Ok(pairs) => {
                plan.inferred.extend(pairs.iter().flat_map(PairPlan::notes).cloned());
                plan.pairs = pairs;
            }
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(PreflightError::Problems(problems));
    }
    plan.scan = scan_plan(audit, plan.columns(audit), limit);
    plan.rows = Some(plan.dataset.scan(&plan.scan));
    plan.hashing = Some(Hashing::start(plan.dataset.files()));
    Ok(plan)
}

impl Plan {
    fn add(
        &mut self,
        at: usize,
        task: Task,
        spec: &mut ModelSpec,
        positive: &crate::data::Literal,
        (root, path): (&Path, Option<&PathBuf>),
    ) -> Result<Vec<Problem>, ModelError> {
        let place = self.places[at].clone();
        let read = |path: &PathBuf| Graph::read(path).map_err(|error| named(&place, error));
        let graph = path.map(read).transpose()?;
        let signature = graph.as_ref().map(|graph| &graph.signature);
        let problem = |message: String| Problem { at: place.key.to_string(), message };
        let embedding = match self.embedding(at, spec, signature) {
            Ok(embedding) => embedding,
            Err(found) => return Ok(vec![Problem { at: format!("{}.embedding", place.key), message: found }]),
        };
        let probed = embedding.as_ref().filter(|_| spec.is_probed());
        let planned = match probed {
            Some(_) => Ok(Some((None, Vec::new()))),
            None => Reading::plan(task, spec, signature, positive, &self.classes)
                .map(|planned| planned.map(|(reading, inferred)| (Some(reading), inferred))),
        };
        let reading = match planned {
            Ok(Some((reading, inferred))) => {
                self.infer(at, inferred);
                reading
            }
            Ok(None) => return Ok(self.add_classes(at, spec).err().map(problem).into_iter().collect()),
            Err(found) => return Ok(found.into_iter().map(problem).collect()),
        };
        if let Some(reading) = &reading {
            spec.threshold = reading.threshold(spec.threshold);
        }
        if matches!(spec.predictor, Predictor::Decisions(_)) {
            spec.threshold = Threshold::At(0.5);
        }
        let described = reading.as_ref().map(|reading| reading.describe().to_string());
        self.readings[at] = described.or_else(|| Some(format!("{}, through a probe", probed?.describe())));
        match self.source(at, spec, graph.as_ref().zip(path), (reading, embedding), (root, positive)) {
            Ok(source) => self.sources[at] = Some(source),
            Err(found) => return Ok(found.into_iter().map(problem).collect()),
        }
        Ok(Vec::new())
    }

    /// Where a model's embedding is read: that of base and tuned to be measured, and of any for a probe.
    fn embedding(
        &self,
        at: usize,
        spec: &ModelSpec,
        signature: Option<&Signature>,
    ) -> Result<Option<Embedding>, String> {
        let wanted = spec.is_probed() || self.measures && at < 2;
        let asked = spec.embedding().filter(|_| wanted).zip(signature);
        asked.map(|(output, signature)| Embedding::plan(output, signature)).transpose()
    }

    /// Of a multiclass task whose predictions are columns.
    fn add_classes(&mut self, at: usize, spec: &ModelSpec) -> Result<(), String> {
        let Some(columns) = ClassColumns::plan(spec, self.dataset.columns(), &self.classes) else { return Ok(()) };
        let columns = columns?;
        self.readings[at] = Some(columns.describe());
        self.sources[at] = Some(Source::Classes(columns));
        Ok(())
    }

    fn source(
        &mut self,
        at: usize,
        spec: &ModelSpec,
        model: Option<(&Graph, &PathBuf)>,
        (reading, embedding): (Option<Reading>, Option<Embedding>),
        (root, positive): (&Path, &crate::data::Literal),
    ) -> Result<Source, Vec<String>> {
        if let Some(column) = Column::plan(&spec.predictor, self.dataset.columns(), positive) {
            return column.map(Source::Column).map_err(|problem| vec![problem]);
        }
        let (Predictor::Onnx(onnx), Some((graph, path))) = (&spec.predictor, model) else {
            return Err(vec!["the model was not read".into()]);
        };
        let mut planned = Feed::plan(onnx, &graph.signature, self.dataset.columns(), root)?;
        planned.feed.look_beside(self.dataset.files()).map_err(|problem| vec![problem])?;
        check_vocabulary(&planned.feed, graph).map_err(|problem| vec![problem])?;
        self.infer(at, planned.inferred);
        Ok(Source::Onnx(Box::new(OnnxSource { path: path.clone(), feed: planned.feed, reading, embedding })))
    }

    fn infer(&mut self, at: usize, sentences: Vec<String>) {
        let name = &self.places[at].name;
        self.inferred.extend(sentences.into_iter().map(|sentence| format!("{name}: {sentence}")));
    }

    /// A model of a fixed batch decides the chunk; two that differ cannot be run on the same chunks.
    fn fix_chunk(&mut self) -> Option<Problem> {
        let batch = |source: &Option<Source>| match source {
            Some(Source::Onnx(source)) => source.feed.batch(),
            _ => None,
        };
        let fixed = self.sources.iter().zip(&self.places).filter_map(|(source, place)| Some((batch(source)?, place)));
        let fixed: Vec<(usize, &Place)> = fixed.collect();
        if self.sources.iter().flatten().any(Source::reads_text) {
            self.chunk = TEXT_CHUNK;
        }
        if self.sources.iter().flatten().any(Source::reads_images) {
            self.chunk = IMAGE_CHUNK;
        }
        let &(first, one) = fixed.first()?;
        self.chunk = first;
        let (other, place) = fixed.into_iter().find(|(batch, _)| *batch != first)?;
        let model = |place: &Place| if place.name == "base" { "base".into() } else { format!("{} model", place.name) };
        let message = format!(
            "the {} takes exactly {first} rows at once and the {} {other}; export both with a free first dimension",
            model(one),
            model(place)
        );
        Some(Problem { at: place.key.into(), message })
    }

    /// The places of the models whose embeddings are read, with their widths as far as the files tell.
    pub fn embeddings(&self) -> impl Iterator<Item = (usize, Option<u64>)> {
        let width = |(at, source): (usize, &Option<Source>)| match source {
            Some(Source::Onnx(source)) => Some((at, source.embedding.as_ref()?.width)),
            _ => None,
        };
        self.sources.iter().enumerate().filter_map(width)
    }

    fn columns(&self, audit: &Audit) -> Vec<(String, Want)> {
        let mut columns = Slicer::new(&audit.groups, &lattices(audit)).columns();
        columns.extend(audit.data.weight.iter().map(|weight| (weight.clone(), Want::Number)));
        columns.extend(audit.data.unit.iter().map(|unit| (unit.clone(), Want::Text)));
        columns.extend(audit.data.id.iter().map(|id| (id.clone(), Want::Text)));
        columns.extend(self.labels.iter().flatten().map(|label| (label.clone(), watch::want(audit.task))));
        columns.extend(self.pairs.iter().flat_map(PairPlan::columns));
        for source in self.sources.iter().flatten() {
            match source {
                Source::Onnx(source) => columns.extend(source.feed.columns()),
                Source::Column(column) => columns.extend(column.columns()),
                Source::Classes(said) => columns.extend(said.columns()),
            }
        }
        columns
    }

    /// The rows, which the reader has begun to decode.
    pub(super) fn take_rows(&mut self) -> Result<Scan, DataError> {
        self.rows.take().unwrap_or_else(|| self.dataset.scan(&self.scan))
    }

    /// The hashes of the data's files, which preflight began to make; of the audited rows', or of those trained on.
    pub fn take_hashing(&mut self) -> Hashing {
        self.hashing.take().unwrap_or_else(|| Hashing::start(self.dataset.files()))
    }

    /// The sessions that preflight loaded, one a model.
    pub(super) fn take_models(&mut self) -> Vec<Option<Box<dyn Model>>> {
        std::mem::take(&mut self.models)
    }

    /// Every file of data.
    pub fn data_files(&self) -> impl Iterator<Item = &PathBuf> {
        let train = self.train.iter().flat_map(|train| train.1.dataset.files());
        let source = self.source.iter().flat_map(SourcePlan::files);
        self.dataset.files().iter().chain(train).chain(source).chain(self.pair_files())
    }

    /// The files of pairs and of swap lists.
    pub fn pair_files(&self) -> &[PathBuf] {
        self.pairs.as_ref().map_or(&[], PairPlan::files)
    }

    /// Every model's file, where it has one.
    pub fn model_paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.sources.iter().flatten().filter_map(Source::path)
    }

    /// The files of base and tuned, where both are run.
    pub fn pair(&self) -> Option<[&PathBuf; 2]> {
        let path = |at: usize| self.sources.get(at)?.as_ref()?.path();
        Some([path(0)?, path(1)?])
    }

    /// Hashes of a model's file, its external data, its tokenizer and its preprocessor; none for a column.
    pub fn model_files(&self, at: usize) -> Result<Vec<FileHash>, ModelError> {
        let Some(Source::Onnx(source)) = &self.sources[at] else { return Ok(Vec::new()) };
        let beside = Graph::read(&source.path)?.external_files()?;
        let tokenizer = source.feed.tokenizer().map(Path::to_owned);
        let preprocessor = source.feed.preprocessor().map(Path::to_owned);
        let files = std::iter::once(source.path.clone()).chain(beside).chain(tokenizer).chain(preprocessor);
        hashes(&files.collect::<Vec<_>>())
    }
}

/// A token that the model has no embedding for would end the run at the first row that holds it.
fn check_vocabulary(feed: &Feed, graph: &Graph) -> Result<(), String> {
    let Some((input, file, tokens)) = feed.vocabulary() else { return Ok(()) };
    match graph.embedded(input).filter(|&rows| rows < tokens) {
        Some(rows) => Err(format!(
            "{file} knows {tokens} tokens, and the model embeds {rows} (input {input}): it belongs to another model. Give the tokenizer.json that was saved with this one."
        )),
        None => Ok(()),
    }
}

pub(super) fn named_problem(at: &str, message: String) -> Problem {
    Problem { at: at.into(), message }
}

pub(super) fn named(place: &Place, ModelError(cause): ModelError) -> ModelError {
    ModelError(format!("model {}: {cause}", place.name))
}
