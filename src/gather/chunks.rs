//! From tables to chunks: a fixed number of consecutive rows, whatever the tables' sizes.

use super::labels::LabelWatch;
use super::plan::{Plan, Source};
use super::shares::{Shares, Sharing};
use super::watch::{Labels, Watch};
use super::{GatherError, lattices};
use crate::config::Audit;
use crate::data::{DataError, Scan, Slicer, Table};
use crate::evidence::{Attribute, Lattice, Rank};
use crate::models::{ClassColumns, Column, ModelSpec, Predictor};
use crate::tasks::Task;
use std::ops::Range;
use std::sync::Arc;

/// A table with everything that is known of its rows before the models run.
pub struct Work {
    /// The columns for the models.
    pub table: Table,
    /// The atom of every row, for each lattice.
    pub atoms: Vec<Vec<u32>>,
    /// The label of every row, for base and tuned.
    pub labels: [Option<Arc<Labels>>; 2],
    /// Each model's scores that came with the data.
    pub scores: Vec<Option<Vec<f64>>>,
    /// Where the labels stand among the classes that each model scores, as far as that came with the data.
    pub ranks: Vec<Option<Vec<Option<Rank>>>>,
    /// The code of every row by attribute; empty where no embedding is read.
    pub codes: Vec<Vec<u32>>,
    /// What each row weighs, and the unit that it belongs to.
    pub shares: Shares,
}

/// Consecutive rows, which may span tables.
pub struct Chunk {
    /// Its place among all chunks.
    pub index: usize,
    /// The rows.
    pub pieces: Vec<(Arc<Work>, Range<usize>)>,
}

impl Chunk {
    /// Rows in all pieces.
    pub fn rows(&self) -> usize {
        self.pieces.iter().map(|(_, range)| range.len()).sum()
    }
}

/// Predictions that came with the data.
enum Said {
    Score(Column),
    Class(ClassColumns),
}

impl Said {
    fn read(&self, table: &Table) -> Result<Vec<f64>, DataError> {
        match self {
            Said::Score(column) => column.scores(table),
            Said::Class(columns) => columns.said(table),
        }
    }
}

/// Reads tables and cuts them into chunks.
pub struct Chunks {
    scan: Scan,
    slicer: Slicer,
    labels: [Option<Watch>; 2],
    decisions: Vec<LabelWatch>,
    /// The control's: that it says nothing is told in the result, and the rest of the audit goes on.
    control: Option<LabelWatch>,
    columns: Vec<Option<Said>>,
    sharing: Sharing,
    /// Whether the groups of single rows are wanted.
    coded: bool,
    size: usize,
    index: usize,
    used: u64,
    current: Option<(Arc<Work>, usize)>,
}

impl Chunks {
    /// Opens the scan.
    pub fn new(audit: &Audit, plan: &mut Plan) -> Result<Chunks, GatherError> {
        let scan = plan.take_rows()?;
        let watch = |column: &String| Watch::new(audit.task, column, &audit.data.positive, &plan.classes);
        let decisions = |spec: &ModelSpec| match &spec.predictor {
            Predictor::Decisions(column) if audit.task == Task::Binary => {
                Some(LabelWatch::new("decision", column, &audit.data.positive))
            }
            _ => None,
        };
        let column = |source: &Option<Source>| match source {
            Some(Source::Column(column)) => Some(Said::Score(column.clone())),
            Some(Source::Classes(columns)) => Some(Said::Class(columns.clone())),
            _ => None,
        };
        Ok(Chunks {
            scan,
            slicer: Slicer::new(&audit.groups, &lattices(audit)),
            labels: plan.labels.each_ref().map(|label| label.as_ref().map(watch)),
            decisions: audit.sides().into_iter().flatten().chain(&audit.runs).filter_map(decisions).collect(),
            control: audit.control.as_ref().and_then(decisions),
            columns: plan.sources.iter().map(column).collect(),
            sharing: Sharing::new(&audit.data),
            coded: plan.embeddings().next().is_some(),
            size: plan.chunk,
            index: 0,
            used: 0,
            current: None,
        })
    }

    /// Rows read, before the filter.
    pub fn rows_read(&self) -> u64 {
        self.scan.rows_read()
    }

    /// Rows that the filter kept.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// The next chunk; the last one may be short.
    pub fn next(&mut self) -> Result<Option<Chunk>, GatherError> {
        let mut pieces = Vec::new();
        let mut missing = self.size;
        while missing > 0 {
            let Some((work, start)) = self.at_hand()? else { break };
            let end = work.table.rows().min(start + missing);
            missing -= end - start;
            self.current = (end < work.table.rows()).then(|| (work.clone(), end));
            pieces.push((work, start..end));
        }
        if pieces.is_empty() {
            return Ok(None);
        }
        self.index += 1;
        Ok(Some(Chunk { index: self.index - 1, pieces }))
    }

    fn at_hand(&mut self) -> Result<Option<(Arc<Work>, usize)>, GatherError> {
        while self.current.is_none() {
            let Some(table) = self.scan.next() else { return Ok(None) };
            let table = table?;
            if table.rows() > 0 {
                self.current = Some((Arc::new(self.prepare(table)?), 0));
            }
        }
        Ok(self.current.take())
    }

    fn prepare(&mut self, table: Table) -> Result<Work, GatherError> {
        self.used += table.rows() as u64;
        let atoms = self.slicer.encode(&table)?;
        let codes = if self.coded { self.slicer.codes(&atoms) } else { Vec::new() };
        let base = self.read_labels(0, &table)?;
        let same = |a: &Watch, b: &Watch| a.column() == b.column();
        let shared = matches!(&self.labels, [Some(a), Some(b)] if same(a, b));
        let tuned = if shared { base.clone() } else { self.read_labels(1, &table)? };
        self.decisions.iter_mut().chain(&mut self.control).try_for_each(|watch| watch.read(&table).map(drop))?;
        let scores = self.columns.iter().map(|column| column.as_ref().map(|column| column.read(&table)).transpose());
        let scores = scores.collect::<Result<_, _>>()?;
        let shares = self.sharing.read(&table)?;
        let labels = [base, tuned];
        let ranks = (0..self.columns.len()).map(|at| self.ranks(at, &table, &labels)).collect::<Result<_, _>>()?;
        Ok(Work { table, atoms, codes, labels, scores, ranks, shares })
    }

    fn ranks(
        &self,
        at: usize,
        table: &Table,
        labels: &[Option<Arc<Labels>>; 2],
    ) -> Result<Option<Vec<Option<Rank>>>, DataError> {
        match (&self.columns[at], labels[at.min(1)].as_deref()) {
            (Some(Said::Class(columns)), Some(Labels::Numbers(labels))) => columns.ranks(table, labels),
            _ => Ok(None),
        }
    }

    fn read_labels(&mut self, side: usize, table: &Table) -> Result<Option<Arc<Labels>>, GatherError> {
        let Some(watch) = &mut self.labels[side] else { return Ok(None) };
        Ok(Some(Arc::new(watch.read(table)?)))
    }

    /// Checks that labels say something, and that those of a binary task and decisions ever say positive.
    pub fn check_labels(&self) -> Result<(), GatherError> {
        let [base, tuned] = &self.labels;
        // Two sides with one column are watched once, as the base's.
        let second = tuned.as_ref().filter(|tuned| base.as_ref().is_none_or(|base| base.column() != tuned.column()));
        base.iter().chain(second).try_for_each(Watch::check)?;
        let control = self.control.iter().filter(|watch| !watch.is_silent());
        self.decisions.iter().chain(control).try_for_each(LabelWatch::check)
    }

    /// Rows whose id an earlier row has, where no units are named.
    pub fn repeated_ids(&self) -> u64 {
        self.sharing.repeated()
    }

    /// Rows whose weight is none: missing, negative or infinite.
    pub fn without_weight(&self) -> u64 {
        self.sharing.without_weight()
    }

    /// The groups in the order in which rows met them: that of the codes.
    pub fn groups_met(&self) -> Vec<Attribute> {
        self.slicer.met()
    }

    /// The groups and atoms learned.
    pub fn finish(self) -> (Vec<Attribute>, Vec<Lattice>) {
        self.slicer.finish()
    }
}
