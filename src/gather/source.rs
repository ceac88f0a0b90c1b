//! How far the audited rows are from those that the base learned from, by the columns that it reads.

use super::{GatherError, scan_plan};
use crate::config::Audit;
use crate::data::{ColumnInfo, ColumnKind, Dataset, Filter, ScanPlan, Table, Want};
use crate::evidence::{Shift, ShiftColumn};
use crate::stats::{Draws, apart};
use std::collections::BTreeMap;

/// Rows of either side at most; of more, as many are drawn.
const MOST: usize = 20_000;
/// Groups of a column of text: the most frequent in the source, and all others.
const CATEGORIES: usize = 20;
/// Bins of equal rows of the source.
const BINS: usize = 10;
/// Numbers that the classifier sees of a row at most.
const FEATURES: usize = 200;

/// What is read of the source, and of the audited rows to compare.
pub struct SourcePlan {
    dataset: Dataset,
    filter: Vec<Filter>,
    columns: Vec<(String, Want)>,
}

/// One column of one side.
enum Cells {
    Numbers(Vec<f64>),
    Texts(Vec<Option<String>>),
}

impl SourcePlan {
    /// The problem says which column is missing, or that none is named.
    pub fn new(
        dataset: Dataset,
        filter: Vec<Filter>,
        names: &[String],
        audited: &[ColumnInfo],
    ) -> Result<SourcePlan, String> {
        if names.is_empty() {
            return Err(
                "nothing says which columns to compare: the base is a column itself; name some, columns = [...]".into(),
            );
        }
        let find = |columns: &[ColumnInfo], name: &String| columns.iter().find(|one| one.name == *name).cloned();
        let column = |name: &String| {
            let here = find(audited, name).ok_or_else(|| format!("the audited data has no column {name}"))?;
            let there = find(dataset.columns(), name).ok_or_else(|| format!("it has no column {name}"))?;
            let text = [&here, &there].iter().any(|column| column.kind == ColumnKind::Text);
            Ok((name.clone(), if text { Want::Text } else { Want::Number }))
        };
        let columns = names.iter().map(column).collect::<Result<Vec<_>, String>>()?;
        Ok(SourcePlan { dataset, filter, columns })
    }

    /// The files.
    pub fn files(&self) -> &[std::path::PathBuf] {
        self.dataset.files()
    }

    /// Reads both and counts what differs.
    pub fn compare(&self, audit: &Audit, audited: &Dataset) -> Result<Shift, GatherError> {
        let plan = ScanPlan { columns: self.columns.clone(), filter: self.filter.clone(), limit: None };
        let mut draws = Draws::new(audit.stats.seed, "source");
        let source = self.read(&self.dataset, &plan, &mut draws)?;
        let rows = self.read(audited, &scan_plan(audit, self.columns.clone(), None), &mut draws)?;
        let mut sides = [Vec::new(), Vec::new()];
        let mut columns = Vec::new();
        for ((name, _), (a, b)) in self.columns.iter().zip(source.iter().zip(&rows)) {
            let (counts, features) = compared(a, b);
            columns.push(ShiftColumn { name: name.clone(), source: counts.0, audited: counts.1 });
            for feature in features {
                sides[0].push(feature.0);
                sides[1].push(feature.1);
            }
        }
        sides.iter_mut().for_each(|side| side.truncate(FEATURES));
        let [wrong_source, wrong_audited] = apart(&sides);
        Ok(Shift { columns, source: wrong_source, audited: wrong_audited })
    }

    fn read(&self, dataset: &Dataset, plan: &ScanPlan, draws: &mut Draws) -> Result<Vec<Cells>, GatherError> {
        let mut cells: Vec<Cells> = self.columns.iter().map(|(_, want)| Cells::empty(*want)).collect();
        let (mut seen, mut kept) = (0_usize, 0);
        for table in dataset.scan(plan)? {
            let table = table?;
            let rows: Vec<(usize, usize)> = (0..table.rows())
                .filter_map(|row| {
                    seen += 1;
                    // Algorithm R (Vitter 1985): each row so far is kept with the same probability.
                    let place = if kept < MOST { kept } else { draws.below(seen) };
                    kept = (kept + 1).min(MOST);
                    (place < MOST).then_some((row, place))
                })
                .collect();
            for (cells, (name, _)) in cells.iter_mut().zip(&self.columns) {
                cells.keep(&table, name, &rows)?;
            }
        }
        Ok(cells)
    }
}

impl Cells {
    fn empty(want: Want) -> Cells {
        match want {
            Want::Text => Cells::Texts(Vec::new()),
            // Bytes are not compared, and not asked for.
            Want::Number | Want::Bytes => Cells::Numbers(Vec::new()),
        }
    }

    /// Puts rows of a table into their places.
    fn keep(&mut self, table: &Table, name: &str, rows: &[(usize, usize)]) -> Result<(), GatherError> {
        let all = 0..table.rows();
        match self {
            Cells::Numbers(kept) => put(kept, &table.numbers(name, all)?, rows),
            Cells::Texts(kept) => put(kept, &table.texts(name, all)?, rows),
        }
        Ok(())
    }
}

fn put<T: Clone>(kept: &mut Vec<T>, cells: &[T], rows: &[(usize, usize)]) {
    for &(row, place) in rows {
        if place == kept.len() {
            kept.push(cells[row].clone());
        } else {
            kept[place] = cells[row].clone();
        }
    }
}

type Counts = (Vec<u64>, Vec<u64>);
type Features = Vec<(Vec<f64>, Vec<f64>)>;

/// Rows of either side by bin, and what the classifier sees.
fn compared(source: &Cells, audited: &Cells) -> (Counts, Features) {
    match (source, audited) {
        (Cells::Numbers(a), Cells::Numbers(b)) => {
            let edges = edges(a);
            let bin = |x: &f64| if x.is_nan() { edges.len() + 1 } else { edges.partition_point(|edge| edge < x) };
            (counted(a.iter().map(bin), b.iter().map(bin), edges.len() + 2), vec![(a.clone(), b.clone())])
        }
        (Cells::Texts(a), Cells::Texts(b)) => {
            let kinds = most_frequent(a);
            let bin = |text: &Option<String>| match text {
                Some(text) => kinds.iter().position(|kind| kind == text).unwrap_or(kinds.len()),
                None => kinds.len() + 1,
            };
            let is = |at: usize, texts: &[Option<String>]| -> Vec<f64> {
                texts.iter().map(|text| f64::from(u8::from(bin(text) == at))).collect()
            };
            let features = (0..kinds.len()).map(|at| (is(at, a), is(at, b))).collect();
            (counted(a.iter().map(bin), b.iter().map(bin), kinds.len() + 2), features)
        }
        _ => ((Vec::new(), Vec::new()), Vec::new()),
    }
}

/// The deciles of the numbers, each once: order statistics x(⌈kn/10⌉), a number on an edge is below it.
fn edges(numbers: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = numbers.iter().copied().filter(|number| !number.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let mut edges: Vec<f64> = (1..BINS).filter(|_| n > 0).map(|k| sorted[(k * n).div_ceil(BINS) - 1]).collect();
    edges.dedup();
    edges
}

/// The most frequent texts; of equals the first by name.
fn most_frequent(texts: &[Option<String>]) -> Vec<String> {
    let mut counts = BTreeMap::<&String, usize>::new();
    texts.iter().flatten().for_each(|text| *counts.entry(text).or_default() += 1);
    let mut order: Vec<(&String, usize)> = counts.into_iter().collect();
    order.sort_by_key(|&(text, count)| (std::cmp::Reverse(count), text));
    order.into_iter().take(CATEGORIES).map(|(text, _)| text.clone()).collect()
}

fn counted(a: impl Iterator<Item = usize>, b: impl Iterator<Item = usize>, bins: usize) -> Counts {
    let mut counts = (vec![0; bins], vec![0; bins]);
    a.for_each(|bin| counts.0[bin] += 1);
    b.for_each(|bin| counts.1[bin] += 1);
    counts
}
