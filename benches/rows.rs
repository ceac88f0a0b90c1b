//! From evidence to result where metrics need the score of every row: all metrics over many slices.
//!
//! `rows AUDIT.toml [REPEATS]` reads the data once and concludes again and again; it prints one line of
//! JSON, times in seconds. An argument is needed, so that `cargo test --all-targets` measures nothing.

use heirloom::audit::{self, Dossier};
use heirloom::config;
use heirloom::data::Dataset;
use heirloom::gather::{self, Options};
use heirloom::models::onnx::{Engine, EngineChoice};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

// As the tool has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let Some(path) = asked.first().map(PathBuf::from) else {
        println!("usage: rows AUDIT.toml [REPEATS]");
        return Ok(());
    };
    let dossier = gathered(&path)?;
    let repeats = asked.get(1).map_or(Ok(3), |repeats| repeats.parse::<usize>())?;
    let mut times = Vec::new();
    let mut slices = 0;
    for _ in 0..repeats {
        let start = Instant::now();
        let result = audit::conclude(&dossier)?;
        times.push(start.elapsed().as_secs_f64());
        slices = result.data.attributes.iter().map(|attribute| attribute.groups.len()).sum::<usize>();
    }
    println!("{}", serde_json::json!({ "conclude": times, "slices": slices, "rows": dossier.evidence.rows_read }));
    Ok(())
}

fn gathered(path: &Path) -> Fallible<Dossier> {
    let mut audit = config::load(path, &[]).map_err(|problems| format!("{problems:?}"))?.audit;
    let dataset = Dataset::open(&audit.root, &audit.data.paths)?;
    let plan = gather::preflight(&mut audit, dataset, || Engine::start(EngineChoice::Embedded, None), None)?;
    let (threads, interrupted) = (std::thread::available_parallelism()?.get(), AtomicBool::new(false));
    let options =
        Options { threads, batch_size: None, keep_scores: false, interrupted: &interrupted, progress: &|_| {} };
    Ok(audit::run(audit, plan, &options)?.dossier)
}
