//! Reads the data once, runs the models on it, and counts. The only place that sees rows.
//!
//! One thread reads tables and encodes groups; lanes run all models on chunks of a fixed number of
//! consecutive rows and count. Counts are integers, so neither the
//! number of lanes nor the order in which they finish can show in the result.

mod answers;
mod chunks;
mod counted;
mod embeddings;
mod hash;
mod labels;
mod lanes;
mod language;
mod noise;
mod pairs;
mod plan;
mod sessions;
mod shares;
mod source;
mod watch;

pub use embeddings::Memory;
pub use hash::{Hashing, hash_file, hashes};
pub use plan::{Plan, PreflightError, Problem, preflight};

use crate::config::Audit;
use crate::data::{DataError, ScanPlan, Slicer, Want};
use crate::evidence::{Evidence, Shift, Unread};
use crate::models::ModelError;
use crate::result::{Language, Representations};
use crate::tasks::Task;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

/// How to run, none of which changes a number.
pub struct Options<'a> {
    /// Lanes; by default one a core.
    pub threads: usize,
    /// Rows in flight at once; by default two chunks a lane.
    pub batch_size: Option<usize>,
    /// Keep the scores of every row, in row order.
    pub keep_scores: bool,
    /// Set when the user interrupts.
    pub interrupted: &'a AtomicBool,
    /// Told how many rows have been sent to the models.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// What came of the rows.
pub struct Gathered {
    /// The counts.
    pub evidence: Evidence,
    /// Scores of every model in row order, if asked for; NaN is "said nothing".
    pub scores: Vec<Option<Vec<f64>>>,
    /// The counts of the rows that the tuned model learned from, where they are given.
    pub train: Option<Evidence>,
    /// How far the audited rows are from those that the base learned from, where they are given.
    pub source: Option<Shift>,
    /// What was measured of the models' embeddings.
    pub representations: Option<Representations>,
    /// What language models prefer, where it is asked.
    pub language: Option<Language>,
}

/// Why gathering stopped.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// The data could not be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A model could not be run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A model gave numbers that are none.
    #[error(
        "model {model} gave NaN or infinite outputs on {rows} of {used} rows; a null or extreme input can cause this: check the input columns, and the model"
    )]
    NotFinite {
        /// `base`, `tuned`, another run or the control.
        model: String,
        /// Such rows.
        rows: u64,
        /// All rows used.
        used: u64,
    },
    /// No rows to audit.
    #[error("{0}")]
    NoRows(String),
    /// The labels cannot be used: they never say positive, or nothing at all.
    #[error("{0}")]
    Labels(String),
    /// More pictures could not be read than the audit allows.
    #[error(
        "{rows} of {used} rows have a picture that cannot be read, and {allowed} is the share that may be: {named}. Correct the files, or raise `unreadable` of the input"
    )]
    Unreadable {
        /// Such rows.
        rows: u64,
        /// All rows used.
        used: u64,
        /// The share that may be.
        allowed: f64,
        /// The first of them.
        named: String,
    },
    /// Something of the training rows.
    #[error("of the rows of [data.train]: {0}")]
    Train(Box<GatherError>),
    /// A probe could not be fitted.
    #[error("model {model}: a probe on its embedding cannot be fitted: {cause}")]
    Probe {
        /// `base`, `tuned`, another run or the control.
        model: String,
        /// Why, and what to do.
        cause: String,
    },
    /// The user interrupted.
    #[error("interrupted; nothing was written")]
    Interrupted,
}

/// Reads, runs and counts; then the same for the training rows, and compares with the base's own rows.
pub fn gather(audit: &Audit, mut plan: Plan, options: &Options) -> Result<Gathered, GatherError> {
    let mut gathered = rows(audit, &mut plan, options)?;
    if let Some(source) = &plan.source {
        gathered.source = Some(source.compare(audit, &plan.dataset)?);
    }
    if let Some((asked, engine)) = plan.language.take().zip(plan.engine.as_ref()) {
        gathered.language = Some(asked.measure(audit, engine, options)?);
    }
    if let Some(train) = plan.train.take() {
        let (audit, mut own) = *train;
        own.engine = plan.engine.take();
        let quiet = Options { keep_scores: false, progress: &|_| {}, ..*options };
        let trained = rows(&audit, &mut own, &quiet).map_err(|error| match error {
            GatherError::Interrupted => GatherError::Interrupted,
            error => GatherError::Train(Box::new(error)),
        });
        gathered.train = Some(trained?.evidence);
    }
    Ok(gathered)
}

fn rows(audit: &Audit, plan: &mut Plan, options: &Options) -> Result<Gathered, GatherError> {
    let mut reader = chunks::Chunks::new(audit, plan)?;
    let (classes, places) = (plan.classes.clone(), plan.places.clone());
    let book = embeddings::Book::new(audit, plan);
    let counted = lanes::run(audit, plan, options, &mut reader, book.as_ref())?;
    if options.interrupted.load(Ordering::Relaxed) {
        return Err(GatherError::Interrupted);
    }
    let (rows_read, used) = (reader.rows_read(), reader.used());
    if used == 0 {
        return Err(no_rows(audit, rows_read));
    }
    reader.check_labels()?;
    counted.check_finite(&places, used)?;
    check_unread(&plan.sources, &counted.unread, used)?;
    let (without_weight, repeated_ids) = (reader.without_weight(), reader.repeated_ids());
    let met = reader.groups_met();
    let (attributes, lattices) = reader.finish();
    let mut gathered = counted.into_gathered(attributes, lattices, rows_read);
    gathered.evidence.without_weight = without_weight;
    check_weights(audit, &gathered.evidence)?;
    if let Some(book) = book {
        book.close(audit, (&met, &places, &classes), &mut gathered)?;
    }
    gathered.evidence.repeated_ids = repeated_ids;
    if audit.task == Task::Multiclass {
        gathered.evidence.classes = classes.names();
        answers::check(audit, &places, &gathered.evidence)?;
    }
    gathered.evidence = gathered.evidence.sorted();
    Ok(gathered)
}

fn no_rows(audit: &Audit, rows_read: u64) -> GatherError {
    let filter = &audit.data.filter;
    GatherError::NoRows(if rows_read == 0 || filter.is_empty() {
        "the data hold no rows; there is nothing to audit".into()
    } else {
        let columns: Vec<&str> = filter.iter().map(|filter| filter.column.as_str()).collect();
        format!("`where` keeps none of the {rows_read} rows; check its values for {}", columns.join(", "))
    })
}

/// The least share that a model of pictures allows holds for all, since a row that one was not shown is left out.
fn check_unread(sources: &[Option<plan::Source>], unread: &Unread, used: u64) -> Result<(), GatherError> {
    let shares = sources.iter().flatten().filter_map(plan::Source::unreadable);
    let Some(allowed) = shares.reduce(f64::min) else { return Ok(()) };
    if unread.rows == used || unread.rows as f64 > allowed * used as f64 {
        let (rows, named) = (unread.rows, unread.named());
        return Err(GatherError::Unreadable { rows, used, allowed, named });
    }
    Ok(())
}

/// Weights that are all nothing leave nothing to audit.
fn check_weights(audit: &Audit, evidence: &Evidence) -> Result<(), GatherError> {
    let Some((weight, points)) = audit.data.weight.as_ref().zip(evidence.points.as_ref()) else { return Ok(()) };
    if points.rows.iter().any(|row| row.weight > 0.0) {
        return Ok(());
    }
    Err(GatherError::NoRows(format!(
        "no row weighs anything: column {weight} is 0, missing, negative or infinite in every row; correct it, or leave `weight` out"
    )))
}

/// The attribute indices of each lattice: those that a cross joins stand together, the others
/// alone, so that the number of atoms does not explode with the number of attributes. What is cut by
/// control attributes too has a lattice more.
pub fn lattices(audit: &Audit) -> Vec<Vec<usize>> {
    let mut home: Vec<usize> = (0..audit.groups.len()).collect();
    for cross in &audit.slices.cross {
        let joined: Vec<usize> = cross.iter().map(|&attribute| home[attribute]).collect();
        let Some(&first) = joined.iter().min() else { continue };
        home.iter_mut().filter(|home| joined.contains(home)).for_each(|home| *home = first);
    }
    let mut roots = home.clone();
    roots.sort_unstable();
    roots.dedup();
    let members = |root: usize| (0..home.len()).filter(|&attribute| home[attribute] == root).collect();
    let mut lattices: Vec<Vec<usize>> =
        if roots.is_empty() { vec![Vec::new()] } else { roots.into_iter().map(members).collect() };
    for cut in controlled(audit) {
        if !lattices.iter().any(|lattice| cut.iter().all(|attribute| lattice.contains(attribute))) {
            lattices.push(cut);
        }
    }
    lattices
}

/// The attributes of every family together with those it is cut by.
fn controlled(audit: &Audit) -> Vec<Vec<usize>> {
    let control = &audit.stats.control;
    let single = (0..audit.groups.len()).map(|attribute| vec![attribute]);
    let families = single.chain(audit.slices.cross.iter().cloned()).filter(|_| !control.is_empty());
    let others = families.filter(|family| !family.iter().any(|attribute| control.contains(attribute)));
    let cut = |family: Vec<usize>| {
        let mut all = [family, control.clone()].concat();
        all.sort_unstable();
        all
    };
    others.map(cut).collect()
}

/// The columns that an audit cuts by: groups, labels and `where`, without the models' inputs.
pub fn cut_columns(audit: &Audit, limit: Option<u64>) -> ScanPlan {
    let mut columns = Slicer::new(&audit.groups, &lattices(audit)).columns();
    let labels = audit.models().into_iter().flatten().filter_map(|spec| spec.label.as_ref());
    let labels = labels.chain(&audit.data.label).map(|column| (column.clone(), watch::want(audit.task)));
    columns.extend(labels);
    columns.extend(audit.data.filter.iter().map(|filter| (filter.column.clone(), Want::Text)));
    // Of a CSV file a column comes once for each way in which it is wanted; one of them will do.
    let mut seen = BTreeSet::new();
    columns.retain(|(name, _)| seen.insert(name.clone()));
    scan_plan(audit, columns, limit)
}

/// What the scan reads: exactly the columns that groups, labels and models need.
fn scan_plan(audit: &Audit, columns: Vec<(String, crate::data::Want)>, limit: Option<u64>) -> ScanPlan {
    let mut unique = Vec::new();
    for column in columns {
        if !unique.contains(&column) {
            unique.push(column);
        }
    }
    ScanPlan { columns: unique, filter: audit.data.filter.clone(), limit }
}
