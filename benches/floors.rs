//! What an audit cannot do without: decoding the columns, running both models, and hashing the files.
//!
//! `floors AUDIT.toml [--threads N] [--repeats N]` measures each in one process that is warm, and prints one
//! line of JSON, times in seconds: of each part the wall time of every repeat, and the CPU time of all threads
//! in the mean; with them which columns were decoded and how many batches were run. With
//! `--only decode|models|hash` a process that is fresh, as an audit's is, does one of them once and prints its
//! seconds: its clock starts when the models are loaded and a batch is in memory. Columns and batches are those of
//! a line that was printed before, `--as FILE`. An argument is needed, so that `cargo test --all-targets` measures
//! nothing.

use heirloom::config::{self, Audit};
use heirloom::data::{Dataset, ScanPlan, Table, Want};
use heirloom::gather::{self, Plan, hash_file};
use heirloom::models::onnx::{Engine, EngineChoice};
use heirloom::models::{Feed, Inputs, Model, OnnxSpec, Predictor};
use heirloom::result::FileHash;
use polars::prelude::*;
use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

type Fallible<T> = Result<T, Box<dyn Error>>;

/// Rows in a batch, as many as in a chunk of an audit.
const BATCH: usize = 2048;

struct Asked {
    audit: PathBuf,
    threads: usize,
    repeats: usize,
    only: Option<String>,
    printed: PathBuf,
}

fn main() -> Fallible<()> {
    let Some(asked) = asked()? else {
        println!("usage: floors AUDIT.toml [--threads N] [--repeats N | --only decode|models|hash --as FILE]");
        return Ok(());
    };
    let mut audit = config::load(&asked.audit, &[]).map_err(|problems| format!("{problems:?}"))?.audit;
    let specs = specs(&audit)?;
    let dataset = Dataset::open(&audit.root, &audit.data.paths)?;
    if let Some(floor) = &asked.only {
        println!("{}", alone(floor, &asked, &dataset, &specs)?);
        return Ok(());
    }
    // The rest of the plan is dropped, and with it the reader that would already decode.
    let again = || Engine::start(EngineChoice::OnnxRuntime, None);
    let Plan { dataset, scan, engine, .. } = gather::preflight(&mut audit, dataset, again, None)?;
    let engine = engine.as_ref().ok_or("the audit runs no model")?;
    let file = &dataset.files()[0];
    let columns: Columns = scan.columns.iter().map(|(name, want)| (name.clone(), *want == Want::Text)).collect();

    let plain = measure(asked.repeats, || decode(file, &columns))?;
    let decoded = measure(asked.repeats, || tables(&dataset, &scan))?;
    let batches = preload(&dataset, &scan, engine, &specs)?;
    let mut lanes = (0..asked.threads).map(|_| load(engine, &specs)).collect::<Fallible<Vec<_>>>()?;
    let runtime = measure(asked.repeats, || run(&mut lanes, &specs, &batches.iter().collect::<Vec<_>>()))?;
    let hash = measure(asked.repeats, || hash(&dataset, &specs))?;
    let report = serde_json::json!({
        "threads": asked.threads,
        "batches": batches.len(),
        "columns": columns,
        "decode_plain": plain,
        "decode_scan": decoded,
        "runtime": runtime,
        "hash": hash,
    });
    println!("{report}");
    Ok(())
}

/// Every argument but the `--bench` that cargo adds.
fn asked() -> Fallible<Option<Asked>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut asked = Asked { audit: PathBuf::new(), threads: cores, repeats: 5, only: None, printed: PathBuf::new() };
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--threads" => asked.threads = arguments.next().ok_or("--threads needs a number")?.parse()?,
            "--repeats" => asked.repeats = arguments.next().ok_or("--repeats needs a number")?.parse()?,
            "--only" => asked.only = arguments.next(),
            "--as" => asked.printed = arguments.next().ok_or("--as needs a file")?.into(),
            _ => asked.audit = argument.into(),
        }
    }
    Ok((!asked.audit.as_os_str().is_empty()).then_some(asked))
}

/// The seconds of one floor, once.
fn alone(floor: &str, asked: &Asked, dataset: &Dataset, specs: &[(PathBuf, OnnxSpec)]) -> Fallible<f64> {
    match floor {
        "models" => models(dataset, specs, asked.threads, printed(&asked.printed, "batches")?),
        "hash" => Ok(timed(|| hash(dataset, specs))?.0),
        _ => {
            let columns = printed(&asked.printed, "columns")?;
            Ok(timed(|| decode(&dataset.files()[0], &columns))?.0)
        }
    }
}

/// How many seconds something took, and what it made.
fn timed<T>(work: impl FnOnce() -> Fallible<T>) -> Fallible<(f64, T)> {
    let start = Instant::now();
    let made = work()?;
    Ok((start.elapsed().as_secs_f64(), made))
}

/// The times of some repeats in seconds; dropping what was made is not in the wall time.
fn measure<T>(repeats: usize, mut work: impl FnMut() -> Fallible<T>) -> Fallible<serde_json::Value> {
    let before = cpu_seconds()?;
    let wall = (0..repeats).map(|_| Ok(timed(&mut work)?.0)).collect::<Fallible<Vec<f64>>>()?;
    let cpu = (cpu_seconds()? - before) / repeats as f64;
    Ok(serde_json::json!({ "wall": wall, "cpu": cpu }))
}

/// CPU time of all threads so far, user and system, to a hundredth of a second; NaN where there is no /proc.
fn cpu_seconds() -> Fallible<f64> {
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else { return Ok(f64::NAN) };
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<f64> = after_name.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / 100.0)
}

/// Names of columns, and whether they are read as text.
type Columns = Vec<(String, bool)>;

/// What a warm process printed under this name.
fn printed<T: serde::de::DeserializeOwned>(file: &Path, name: &str) -> Fallible<T> {
    let line: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    Ok(serde_json::from_value(line[name].clone())?)
}

/// The same columns by polars alone, the whole file at once.
fn decode(path: &Path, columns: &Columns) -> Fallible<DataFrame> {
    if path.extension().is_some_and(|extension| extension == "parquet") {
        let names = columns.iter().map(|(name, _)| name.clone()).collect();
        return Ok(ParquetReader::new(File::open(path)?).with_columns(Some(names)).finish()?);
    }
    let dtype = |text: bool| if text { DataType::String } else { DataType::Float64 };
    let types: Schema = columns.iter().map(|(name, text)| Field::new(name.into(), dtype(*text))).collect();
    let names: Arc<[PlSmallStr]> = columns.iter().map(|(name, _)| name.into()).collect();
    let options = CsvReadOptions::default().with_columns(Some(names)).with_schema_overwrite(Some(types.into()));
    Ok(options.try_into_reader_with_file_path(Some(path.into()))?.finish()?)
}

/// The same columns as an audit reads them.
fn tables(dataset: &Dataset, scan: &ScanPlan) -> Fallible<Vec<Table>> {
    Ok(dataset.scan(scan)?.collect::<Result<_, _>>()?)
}

/// The models' files, and how they are fed and read.
fn specs(audit: &Audit) -> Fallible<Vec<(PathBuf, OnnxSpec)>> {
    let spec = |predictor: &Predictor| match predictor {
        Predictor::Onnx(onnx) => Ok((audit.root.join(&onnx.path), onnx.clone())),
        _ => Err("only models that are run have a floor".into()),
    };
    audit.sides().into_iter().flatten().map(|side| spec(&side.predictor)).collect()
}

type Lane = Vec<Box<dyn Model>>;

fn load(engine: &Engine, specs: &[(PathBuf, OnnxSpec)]) -> Fallible<Lane> {
    Ok(specs.iter().map(|(path, _)| engine.load(path, 1)).collect::<Result<_, _>>()?)
}

/// All rows as batches, which both models take.
fn preload(
    dataset: &Dataset,
    scan: &ScanPlan,
    engine: &Engine,
    specs: &[(PathBuf, OnnxSpec)],
) -> Fallible<Vec<Inputs>> {
    let model = engine.load(&specs[0].0, 1)?;
    let feed = Feed::plan(&specs[0].1, model.signature(), dataset.columns(), Path::new(""))
        .map_err(|problems| problems.join("; "))?
        .feed;
    let (mut batches, mut pieces, mut missing) = (Vec::new(), Vec::new(), BATCH);
    let tables = tables(dataset, scan)?;
    for table in &tables {
        let mut start = 0;
        while start < table.rows() {
            let end = table.rows().min(start + missing);
            missing -= end - start;
            pieces.push((table, start..end));
            start = end;
            if missing == 0 {
                batches.push(feed.fill(&pieces, BATCH, Inputs::new())?);
                (pieces, missing) = (Vec::new(), BATCH);
            }
        }
    }
    if !pieces.is_empty() {
        batches.push(feed.fill(&pieces, BATCH, Inputs::new())?);
    }
    Ok(batches)
}

/// The seconds of running one batch again and again, once both models are loaded for every lane.
fn models(dataset: &Dataset, specs: &[(PathBuf, OnnxSpec)], threads: usize, batches: usize) -> Fallible<f64> {
    let engine = Engine::start(EngineChoice::OnnxRuntime, None)?;
    let mut lanes = (0..threads).map(|_| load(&engine, specs)).collect::<Fallible<Vec<_>>>()?;
    let feed = Feed::plan(&specs[0].1, lanes[0][0].signature(), dataset.columns(), Path::new(""))
        .map_err(|problems| problems.join("; "))?
        .feed;
    let batch = feed.fill(&[], BATCH, Inputs::new())?;
    let batches = vec![&batch; batches];
    Ok(timed(|| run(&mut lanes, specs, &batches))?.0)
}

fn hash(dataset: &Dataset, specs: &[(PathBuf, OnnxSpec)]) -> Fallible<Vec<FileHash>> {
    let files = dataset.files().iter().chain(specs.iter().map(|(path, _)| path));
    Ok(files.map(|path| hash_file(path)).collect::<Result<_, _>>()?)
}

/// Every lane takes the next batch until none is left.
fn run(lanes: &mut [Lane], specs: &[(PathBuf, OnnxSpec)], batches: &[&Inputs]) -> Fallible<()> {
    let next = AtomicUsize::new(0);
    let work = |lane: &mut Lane| -> Result<(), String> {
        while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
            for (model, (_, spec)) in lane.iter_mut().zip(specs) {
                let output = spec.output.as_deref().unwrap_or("probabilities");
                std::hint::black_box(model.predict(batch, output).map_err(|error| error.to_string())?);
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let handles: Vec<_> = lanes.iter_mut().map(|lane| scope.spawn(|| work(lane))).collect();
        let ended = handles.into_iter().map(|handle| handle.join().unwrap_or_else(|_| Err("a lane panicked".into())));
        ended.collect::<Result<(), String>>()
    })?;
    Ok(())
}
