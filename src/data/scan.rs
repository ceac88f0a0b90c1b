//! The rows of a dataset, chunk by chunk: read ahead on a thread of its own, filtered, counted, limited.
//!
//! The reader is one step ahead: while a chunk is worked on, the next is decoded. A chunk never
//! depends on the machine, only on the files and the plan.

use super::dataset::Source;
use super::literal::Matcher;
use super::{DataError, ScanPlan, Table, Want};
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, sync_channel};

/// The most rows that a [`Table`] has.
pub const TABLE_ROWS: usize = 65_536;

/// Tables smaller than this are joined, so that models are not run on a handful of rows at a time.
const SMALL: usize = TABLE_ROWS / 4;

/// The rows of a scan, chunk by chunk.
pub struct Scan {
    /// What the reader decoded; `None` after the last, so that a reader that broke off is not taken for the end.
    decoded: Receiver<Option<Result<Table, DataError>>>,
    filter: Vec<(String, Vec<Matcher>)>,
    left: u64,
    /// Rows decoded, not looked at yet.
    pieces: VecDeque<Table>,
    /// Kept rows of small tables, to be handed out as one.
    joined: Option<Table>,
    /// Tables to hand out.
    ready: VecDeque<Table>,
    rows_read: u64,
    kept: u64,
    ended: bool,
    /// Rows are large, and their tables are not joined.
    apart: bool,
}

impl Scan {
    /// Starts to read the sources, one after another.
    pub(super) fn start(
        sources: impl Iterator<Item = Result<Source, DataError>> + Send + 'static,
        plan: &ScanPlan,
    ) -> Result<Scan, DataError> {
        // No room in the channel: one table with the consumer, one decoded, none more.
        let (sender, decoded) = sync_channel(0);
        let tables = sources.flat_map(|source| match source {
            Ok(source) => source,
            Err(error) => Box::new(std::iter::once(Err(error))),
        });
        let send_all = move || tables.map(Some).chain([None]).map(|table| sender.send(table)).find(Result::is_err);
        let thread = std::thread::Builder::new().name("data-reader".into()).spawn(send_all);
        thread.map_err(|e| DataError(format!("no thread to read the data with could be started: {e}")))?;
        let matchers =
            |filter: &super::Filter| (filter.column.clone(), filter.values.iter().map(Matcher::of).collect());
        Ok(Scan {
            decoded,
            filter: plan.filter.iter().map(matchers).collect(),
            left: plan.limit.unwrap_or(u64::MAX),
            pieces: VecDeque::new(),
            joined: None,
            ready: VecDeque::new(),
            rows_read: 0,
            kept: 0,
            ended: false,
            apart: plan.columns.iter().any(|(_, want)| *want == Want::Bytes),
        })
    }

    /// Rows read so far, before the filter; after the last table of a limited scan, the rows up to the limit.
    pub fn rows_read(&self) -> u64 {
        self.rows_read
    }

    /// Reads on until a table can be handed out; `None` at the end.
    fn step(&mut self) -> Result<Option<Table>, DataError> {
        while self.ready.is_empty() && !self.ended {
            match self.piece()? {
                Some(piece) => {
                    let small = piece.rows() < SMALL || !self.filter.is_empty();
                    let kept = self.keep(piece)?;
                    if small && !self.apart { self.join(kept)? } else { self.hand_out(Some(kept)) }
                }
                None if self.kept == 0 => return Err(self.nothing()),
                None => {
                    self.ended = true;
                    self.hand_out(None);
                }
            }
        }
        Ok(self.ready.pop_front())
    }

    /// Adds a small table to those joined, which are handed out when full.
    fn join(&mut self, table: Table) -> Result<(), DataError> {
        match &mut self.joined {
            Some(joined) if joined.rows() + table.rows() <= TABLE_ROWS => joined.append(&table).map_err(DataError)?,
            _ => {
                self.hand_out(None);
                self.joined = Some(table);
            }
        }
        Ok(())
    }

    /// Hands out what was joined, and then a table.
    fn hand_out(&mut self, table: Option<Table>) {
        let tables = [self.joined.take(), table].into_iter().flatten();
        self.ready.extend(tables.filter(|table| table.rows() > 0));
    }

    /// The next at most [`TABLE_ROWS`] rows, as they were read.
    fn piece(&mut self) -> Result<Option<Table>, DataError> {
        while self.pieces.is_empty() && self.left > 0 {
            let broken =
                |_| DataError("reading the data broke off. Try again, and report it if it happens again".into());
            match self.decoded.recv().map_err(broken)? {
                Some(decoded) => self.pieces = cut(&decoded?),
                None => return Ok(None),
            }
        }
        Ok(self.pieces.pop_front().filter(|_| self.left > 0))
    }

    /// The rows that pass the filter, up to the limit.
    fn keep(&mut self, piece: Table) -> Result<Table, DataError> {
        let mask = self.mask(&piece)?;
        let (mut read, mut kept) = (0, 0);
        while read < piece.rows() && (kept as u64) < self.left {
            kept += usize::from(mask.as_ref().is_none_or(|mask| mask[read]));
            read += 1;
        }
        self.rows_read += read as u64;
        self.kept += kept as u64;
        self.left -= kept as u64;
        let piece = piece.slice(0..read);
        match mask {
            Some(mask) => piece.filter(&mask[..read]).map_err(DataError),
            None => Ok(piece),
        }
    }

    /// No row to audit.
    fn nothing(&self) -> DataError {
        let columns = super::error::list(self.filter.iter().map(|(column, _)| column.as_str()));
        DataError(match self.rows_read {
            0 => "no row was read. Check that the data was written in full and that the limit is not 0".to_string(),
            rows => format!(
                "none of the {rows} rows passes `where` on {columns}. Check the values: text is matched exactly"
            ),
        })
    }

    /// Which rows pass the filter; `None` without one.
    fn mask(&self, piece: &Table) -> Result<Option<Vec<bool>>, DataError> {
        let mut mask: Option<Vec<bool>> = None;
        for (column, matchers) in &self.filter {
            let passes = piece.map(column, Want::Text, |cell| matchers.iter().any(|matcher| matcher.test(cell)))?;
            match &mut mask {
                Some(mask) => mask.iter_mut().zip(passes).for_each(|(all, one)| *all &= one),
                None => mask = Some(passes),
            }
        }
        Ok(mask)
    }
}

/// Cuts what was decoded into tables of about the same size.
fn cut(decoded: &Table) -> VecDeque<Table> {
    let rows = decoded.rows();
    let size = rows.div_ceil(rows.div_ceil(TABLE_ROWS).max(1)).max(1);
    (0..rows).step_by(size).map(|start| decoded.slice(start..rows.min(start + size))).collect()
}

impl Iterator for Scan {
    type Item = Result<Table, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.step();
        if next.is_err() {
            // An error is told once, and nothing comes after it.
            self.ended = true;
            self.ready.clear();
        }
        next.transpose()
    }
}
