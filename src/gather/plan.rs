//! Preflight: audit file, data and both models' signatures are compared before any row is used, and
//! everything that does not fit is told at once.
//!
//! An engine takes as long to start as many rows take to decode. The signatures come from the files
//! themselves, so the engine starts beside the comparison, and the reader beside the engine.

use super::{SIDES, lattices, scan_plan, watch};
use crate::config::Audit;
use crate::data::{DataError, Dataset, Scan, ScanPlan, Slicer, Want};
use crate::evidence::Classes;
use crate::models::onnx::{Engine, Graph};
use crate::models::{ClassColumns, Column, Feed, Model, ModelError, ModelSpec, Predictor, Signature, Threshold};
use crate::result::FileHash;
use crate::tasks::{Reading, Task};
use std::path::PathBuf;

/// Rows in a chunk. Fixed, since the last bits of a model's outputs can depend on a batch's shape.
pub const CHUNK: usize = 2048;

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
    /// What its output means.
    pub reading: Reading,
}

/// Everything that gathering needs, checked.
pub struct Plan {
    /// The data.
    pub dataset: Dataset,
    /// What is read of them.
    pub scan: ScanPlan,
    /// Where scores come from; `None` for a side that is not audited.
    pub sources: [Option<Source>; 2],
    /// The label column of each side.
    pub labels: [Option<String>; 2],
    /// What was inferred, one sentence each.
    pub inferred: Vec<String>,
    /// What was read of each side, in words.
    pub readings: [Option<String>; 2],
    /// The engine; `None` when no model is run.
    pub engine: Option<Engine>,
    /// The classes of a multiclass task, as they are met.
    pub classes: Classes,
    /// Rows in a chunk.
    pub chunk: usize,
    /// Reads already; an error waits for its turn.
    rows: Option<Result<Scan, DataError>>,
    models: Pair,
}

/// The models of base and tuned, where they are run.
pub type Pair = [Option<Box<dyn Model>>; 2];

type Paths = [Option<PathBuf>; 2];

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
    let paths = audit.sides().map(|side| side.and_then(path));
    let (started, compared) = std::thread::scope(|scope| {
        let started = scope.spawn(|| if paths == [None, None] { Ok(None) } else { load(start()?, &paths).map(Some) });
        let compared = compare(audit, dataset, &paths, limit);
        (started.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), compared)
    });
    // Whatever else is wrong, that nothing can be run comes first.
    let started = started?;
    let mut plan = compared?;
    if let Some((engine, models)) = started {
        (plan.engine, plan.models) = (Some(engine), models);
    }
    Ok(plan)
}

fn load(engine: Engine, paths: &Paths) -> Result<(Engine, Pair), ModelError> {
    let models = load_pair(&engine, paths.each_ref().map(Option::as_ref))?;
    Ok((engine, models))
}

fn load_pair(engine: &Engine, paths: [Option<&PathBuf>; 2]) -> Result<Pair, ModelError> {
    let mut pair = [None, None];
    for (side, path) in paths.into_iter().enumerate() {
        pair[side] = path.map(|path| engine.load(path, 1).map_err(|error| named(side, error))).transpose()?;
    }
    Ok(pair)
}

/// One more pair of sessions.
pub(super) fn load_sources(engine: Option<&Engine>, sources: &[Option<Source>; 2]) -> Result<Pair, ModelError> {
    let paths = sources.each_ref().map(|source| source.as_ref().and_then(Source::path));
    engine.map_or(Ok([None, None]), |engine| load_pair(engine, paths))
}

/// The plan without its engine, once everything fits; the reader then starts.
fn compare(audit: &mut Audit, dataset: Dataset, paths: &Paths, limit: Option<u64>) -> Result<Plan, PreflightError> {
    let mut plan = Plan {
        labels: audit.sides().map(|side| side.and_then(|spec| spec.label.clone()).or_else(|| audit.data.label.clone())),
        dataset,
        scan: ScanPlan::default(),
        sources: [None, None],
        inferred: Vec::new(),
        readings: [None, None],
        engine: None,
        classes: Classes::default(),
        chunk: CHUNK,
        rows: None,
        models: [None, None],
    };
    let mut problems = Vec::new();
    for side in [0, 1] {
        if let Some(spec) = [&mut audit.base, &mut audit.tuned][side] {
            problems.extend(plan.add(side, audit.task, spec, &audit.data.positive, paths[side].as_ref())?);
        }
    }
    problems.extend(plan.fix_chunk());
    if !problems.is_empty() {
        return Err(PreflightError::Problems(problems));
    }
    plan.scan = scan_plan(audit, plan.columns(audit), limit);
    plan.rows = Some(plan.dataset.scan(&plan.scan));
    Ok(plan)
}

impl Plan {
    fn add(
        &mut self,
        side: usize,
        task: Task,
        spec: &mut ModelSpec,
        positive: &crate::data::Literal,
        path: Option<&PathBuf>,
    ) -> Result<Vec<Problem>, ModelError> {
        let read = |path: &PathBuf| Graph::read(path).map_err(|error| named(side, error));
        let signature = path.map(read).transpose()?.map(|graph| graph.signature);
        let problem = |message: String| Problem { at: format!("models.{}", SIDES[side]), message };
        let reading = match Reading::plan(task, spec, signature.as_ref(), positive, &self.classes) {
            Ok(Some((reading, inferred))) => {
                self.infer(side, inferred);
                reading
            }
            Ok(None) => return Ok(self.add_classes(side, spec).err().map(problem).into_iter().collect()),
            Err(found) => return Ok(found.into_iter().map(problem).collect()),
        };
        spec.threshold = reading.threshold(spec.threshold);
        if matches!(spec.predictor, Predictor::Decisions(_)) {
            spec.threshold = Threshold::At(0.5);
        }
        self.readings[side] = Some(reading.describe().to_string());
        match self.source(side, spec, signature.as_ref().zip(path), reading, positive) {
            Ok(source) => self.sources[side] = Some(source),
            Err(found) => return Ok(found.into_iter().map(problem).collect()),
        }
        Ok(Vec::new())
    }

    /// Of a multiclass task whose predictions are columns.
    fn add_classes(&mut self, side: usize, spec: &ModelSpec) -> Result<(), String> {
        let Some(columns) = ClassColumns::plan(spec, self.dataset.columns(), &self.classes) else { return Ok(()) };
        let columns = columns?;
        self.readings[side] = Some(columns.describe());
        self.sources[side] = Some(Source::Classes(columns));
        Ok(())
    }

    fn source(
        &mut self,
        side: usize,
        spec: &ModelSpec,
        model: Option<(&Signature, &PathBuf)>,
        reading: Reading,
        positive: &crate::data::Literal,
    ) -> Result<Source, Vec<String>> {
        if let Some(column) = Column::plan(&spec.predictor, self.dataset.columns(), positive) {
            return column.map(Source::Column).map_err(|problem| vec![problem]);
        }
        let (Predictor::Onnx(onnx), Some((signature, path))) = (&spec.predictor, model) else {
            return Err(vec!["the model was not read".into()]);
        };
        let planned = Feed::plan(onnx, signature, self.dataset.columns())?;
        self.infer(side, planned.inferred);
        Ok(Source::Onnx(Box::new(OnnxSource { path: path.clone(), feed: planned.feed, reading })))
    }

    fn infer(&mut self, side: usize, sentences: Vec<String>) {
        self.inferred.extend(sentences.into_iter().map(|sentence| format!("{}: {sentence}", SIDES[side])));
    }

    /// A model of a fixed batch decides the chunk; two that differ cannot be run on the same chunks.
    fn fix_chunk(&mut self) -> Option<Problem> {
        let batch = |source: &Option<Source>| match source {
            Some(Source::Onnx(source)) => source.feed.batch(),
            _ => None,
        };
        match self.sources.each_ref().map(batch) {
            [Some(a), Some(b)] if a != b => {
                let message = format!(
                    "the base takes exactly {a} rows at once and the tuned model {b}; export both with a free first dimension"
                );
                return Some(Problem { at: "models.tuned".into(), message });
            }
            [a, b] => self.chunk = a.or(b).unwrap_or(CHUNK),
        }
        None
    }

    fn columns(&self, audit: &Audit) -> Vec<(String, Want)> {
        let mut columns = Slicer::new(&audit.groups, &lattices(audit)).columns();
        columns.extend(audit.data.weight.iter().map(|weight| (weight.clone(), Want::Number)));
        columns.extend(audit.data.unit.iter().map(|unit| (unit.clone(), Want::Text)));
        columns.extend(audit.data.id.iter().map(|id| (id.clone(), Want::Text)));
        columns.extend(self.labels.iter().flatten().map(|label| (label.clone(), watch::want(audit.task))));
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

    /// The pair of sessions that preflight loaded.
    pub(super) fn take_models(&mut self) -> Pair {
        std::mem::take(&mut self.models)
    }

    /// A side's model file; `None` where its predictions are a column.
    pub fn model_path(&self, side: usize) -> Option<&PathBuf> {
        self.sources[side].as_ref().and_then(Source::path)
    }

    /// Hashes of a side's model file and its external data; none for a column.
    pub fn model_files(&self, side: usize) -> Result<Vec<FileHash>, ModelError> {
        let Some(Source::Onnx(source)) = &self.sources[side] else { return Ok(Vec::new()) };
        let beside = Graph::read(&source.path)?.external_files()?;
        let files = std::iter::once(source.path.clone()).chain(beside);
        files
            .map(|file| super::hash_file(&file).map_err(|error| ModelError(format!("{}: {error}", file.display()))))
            .collect()
    }
}

fn named(side: usize, ModelError(cause): ModelError) -> ModelError {
    ModelError(format!("model {}: {cause}", SIDES[side]))
}
