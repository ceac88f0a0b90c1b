//! Counterfactual pairs: rows with one thing exchanged are run beside the rows as they are.

mod ready;

use super::GatherError;
use super::chunks::{Chunk, Work};
use super::plan::{Problem, Source};
use crate::config::Audit;
use crate::data::pairs::{Exchange, Exchanged, PairsSpec, is_file, swap_list};
use crate::data::{ColumnInfo, DataError, Dataset, Table, Want};
use crate::evidence::{Direction, Pair, Pairs, Unpaired};
use crate::models::Piece;
use ready::{Ready, ReadyPair};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Why predictions that came with the data make no pairs.
const OF_COLUMNS: &str = "a model that ran elsewhere cannot be run on other rows, and a column holds its answers to the rows as they are: give the ONNX files of both models (path = \"model.onnx\"), or leave [pairs] out";

/// What is exchanged, checked against the data and the models.
pub struct PairPlan {
    exchanges: Vec<Exchange>,
    ready: Option<Ready>,
    /// All directions; those of an exchange stand together, in the order of its sides.
    directions: Vec<Direction>,
    files: Vec<PathBuf>,
    /// What the user should know, one sentence each.
    notes: Vec<String>,
}

/// A row in a pair, before its counterpart is run.
struct Half {
    direction: u32,
    /// Whether the row as it stands is of the second side.
    turned: bool,
    scores: [f64; 2],
    weight: f64,
    unit: u64,
}

/// Says what base and tuned score on other rows; `None` where some are no numbers, which is told at the end.
pub type Ask<'a> = &'a mut dyn FnMut(&[Piece], usize) -> Result<Option<[Vec<f64>; 2]>, GatherError>;

/// The plan of an audit's pairs, where it asks for some; `sources` are base and tuned.
pub fn plan(audit: &Audit, sources: &[Option<Source>], columns: &[ColumnInfo]) -> Result<Option<PairPlan>, Problem> {
    let Some(spec) = &audit.pairs else { return Ok(None) };
    let planned = planned(spec, &audit.root, sources, columns);
    planned.map(Some).map_err(|message| Problem { at: "pairs".into(), message })
}

fn planned(
    spec: &PairsSpec,
    root: &Path,
    sources: &[Option<Source>],
    columns: &[ColumnInfo],
) -> Result<PairPlan, String> {
    answer_at_once(sources)?;
    let read = read_columns(sources)?;
    let text = || text_column(spec, &read, columns);
    let mut plan =
        PairPlan { exchanges: Vec::new(), ready: None, directions: Vec::new(), files: Vec::new(), notes: Vec::new() };
    for name in &spec.swap {
        let (kind, list) = swap_list(root, name)?;
        plan.exchanges.push(Exchange::Words { kind, column: text()?, list });
        plan.files.extend(is_file(name).then(|| root.join(name)));
    }
    plan.exchanges.extend(spec.flip.iter().cloned().map(Exchange::Flip));
    plan.exchanges.iter().try_for_each(|exchange| is_read(exchange, &read, columns))?;
    plan.directions = plan.exchanges.iter().flat_map(directions).collect();
    if !spec.paths.is_empty() {
        let column = text()?;
        alone(&column, &read)?;
        let dataset = Dataset::open(root, &spec.paths).map_err(|DataError(cause)| cause)?;
        plan.files.extend(dataset.files().iter().cloned());
        plan.notes.extend(ready::unread(dataset.columns()));
        plan.ready = Some(Ready::read(&dataset, column, &mut plan.directions).map_err(|DataError(cause)| cause)?);
    }
    Ok(plan)
}

/// Every other side against the first.
fn directions(exchange: &Exchange) -> Vec<Direction> {
    let sides = exchange.sides();
    let direction =
        |side: &String| Direction { kind: exchange.kind().into(), first: sides[0].clone(), second: side.clone() };
    sides.iter().skip(1).map(direction).collect()
}

/// Ready pairs are texts, so that models that read more cannot be run on them.
fn alone(column: &String, read: &[(String, Want)]) -> Result<(), String> {
    match read.iter().find(|(name, _)| name != column) {
        Some((other, _)) => Err(format!(
            "a file of pairs holds texts alone, and a model also reads column {other}; swap words of the rows instead"
        )),
        None => Ok(()),
    }
}

/// A probe answers once all rows were run, and then for those rows alone.
fn answer_at_once(sources: &[Option<Source>]) -> Result<(), String> {
    let probed = |source: &Option<Source>| matches!(source, Some(Source::Onnx(one)) if one.reading.is_none());
    match ["base", "tuned"].into_iter().zip(sources).find(|(_, source)| probed(source)) {
        Some((side, _)) => Err(format!(
            "models.{side} answers through a probe, which is fitted to the rows as they are and scores no others: name its own head as `output` in place of `probe`, or leave [pairs] out"
        )),
        None => Ok(()),
    }
}

/// The columns that base and tuned read, which both must be run.
fn read_columns(sources: &[Option<Source>]) -> Result<Vec<(String, Want)>, String> {
    let mut columns = Vec::new();
    for source in sources.iter().take(2).flatten() {
        match source {
            Source::Onnx(source) => columns.extend(source.feed.columns()),
            Source::Column(_) | Source::Classes(_) => {
                return Err(OF_COLUMNS.into());
            }
        }
    }
    Ok(columns)
}

/// The column that is named, or the only one of texts that is read.
fn text_column(spec: &PairsSpec, read: &[(String, Want)], columns: &[ColumnInfo]) -> Result<String, String> {
    let texts: BTreeSet<&String> =
        read.iter().filter(|column| column.1 == Want::Text).map(|column| &column.0).collect();
    match (&spec.column, texts.len()) {
        (Some(column), _) if !columns.iter().any(|known| known.name == *column) => {
            Err(format!("there is no column {column}; name the column of texts that the models read"))
        }
        (Some(column), _) => Ok(column.clone()),
        (None, 1) => Ok(texts.into_iter().next().cloned().unwrap_or_default()),
        (None, 0) => Err(
            "the models read no column of texts, so there are no words to swap; flip values instead: flip = { ... }"
                .into(),
        ),
        (None, _) => Err("the models read several columns of texts; say which: column = \"...\"".into()),
    }
}

/// What is exchanged must be there, and some model must read it, or nothing could change.
fn is_read(exchange: &Exchange, read: &[(String, Want)], columns: &[ColumnInfo]) -> Result<(), String> {
    let changed = exchange.columns();
    if let Some(missing) = changed.iter().find(|name| !columns.iter().any(|column| column.name == ***name)) {
        return Err(format!("{}: there is no column {missing}", exchange.kind()));
    }
    match changed.iter().any(|name| read.iter().any(|column| column.0 == **name)) {
        true => Ok(()),
        false => Err(format!(
            "{}: no model reads column {}, so that exchanging its values changes nothing; name the columns that are read, by twos where there is one for each value: {} = [[\"...\", \"...\"]]",
            exchange.kind(),
            changed[0],
            exchange.kind()
        )),
    }
}

impl PairPlan {
    /// The columns that are looked at.
    pub fn columns(&self) -> Vec<(String, Want)> {
        let of = |exchange: &Exchange| {
            let want = exchange.want();
            exchange.columns().into_iter().map(|name| (name.clone(), want)).collect::<Vec<_>>()
        };
        self.exchanges.iter().flat_map(of).collect()
    }

    /// What the user should know of the pairs, one sentence each.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The files of pairs and of swap lists.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// No pair yet.
    pub fn empty(&self) -> Pairs {
        let mut pairs = Pairs { directions: self.directions.clone(), ..Pairs::default() };
        pairs.unpaired = self.directions.iter().map(|one| (one.kind.clone(), Unpaired::default())).collect();
        pairs
    }

    /// The pairs that the rows of a chunk make. `said` are the scores of base and tuned on it.
    pub fn of_chunk(
        &self,
        chunk: &Chunk,
        said: [Option<&[f64]>; 2],
        most: usize,
        into: &mut Pairs,
        ask: Ask,
    ) -> Result<(), GatherError> {
        let (mut tables, mut halves) = (Vec::new(), Vec::new());
        let mut start = 0;
        for (work, range) in &chunk.pieces {
            let mut offset = 0;
            for exchange in &self.exchanges {
                let (exchanged, unpaired) = exchange.apply(&work.table, range.clone())?;
                into.unpaired.entry(exchange.kind().into()).or_default().add(&unpaired);
                for one in exchanged {
                    halves.extend(self.halves(&one, offset, work, said, |row| start + row - range.start));
                    tables.push(one.table);
                }
                offset += exchange.sides().len() - 1;
            }
            start += range.len();
        }
        run(&tables, most, ask, |place, scores| into.pairs.push(halves[place].with(scores)))
    }

    fn halves<'a>(
        &self,
        one: &'a Exchanged,
        offset: usize,
        work: &'a Work,
        said: [Option<&'a [f64]>; 2],
        place: impl Fn(usize) -> usize + 'a,
    ) -> impl Iterator<Item = Half> + 'a {
        let direction = (offset + one.side - 1) as u32;
        one.rows.iter().zip(&one.turned).map(move |(&row, &turned)| Half {
            direction,
            turned,
            scores: said.map(|scores| scores.map_or(f64::NAN, |scores| scores[place(row)])),
            weight: work.shares.weight(row),
            unit: work.shares.unit(row),
        })
    }

    /// The pairs that are ready made.
    pub fn of_files(&self, most: usize, into: &mut Pairs, ask: Ask) -> Result<(), GatherError> {
        let Some(ready) = &self.ready else { return Ok(()) };
        for (kind, unpaired) in &ready.unpaired {
            into.unpaired.entry(kind.clone()).or_default().add(unpaired);
        }
        for pairs in ready.pairs.chunks(most) {
            let mut scores = [0, 1].map(|_| Vec::new());
            for (half, scores) in scores.iter_mut().enumerate() {
                let texts: Vec<String> = pairs.iter().map(|pair| pair.halves[half].clone()).collect();
                let table = Table::of_texts(&ready.column, &texts)?;
                run(&[table], most, ask, |_, found| scores.push(found))?;
            }
            let [first, second] = scores;
            let both = pairs.iter().zip(first.into_iter().zip(second));
            let pair = |(pair, (first, second)): (&ReadyPair, ([f64; 2], [f64; 2]))| Pair {
                direction: pair.direction,
                first,
                second,
                weight: 1.0,
                unit: 0,
            };
            into.pairs.extend(both.map(pair));
        }
        Ok(())
    }
}

impl Half {
    fn with(&self, counterpart: [f64; 2]) -> Pair {
        let Half { direction, turned, scores, weight, unit } = *self;
        let (first, second) = if turned { (counterpart, scores) } else { (scores, counterpart) };
        Pair { direction, first, second, weight, unit }
    }
}

/// Runs all rows of some tables, at most so many at once, and hands out the scores of each in turn.
fn run(tables: &[Table], most: usize, ask: Ask, mut each: impl FnMut(usize, [f64; 2])) -> Result<(), GatherError> {
    let mut place = 0;
    for batch in batches(tables, most) {
        let rows = batch.iter().map(|(_, range)| range.len()).sum();
        if let Some([base, tuned]) = ask(&batch, rows)? {
            (0..rows).for_each(|row| each(place + row, [base[row], tuned[row]]));
        }
        place += rows;
    }
    Ok(())
}

/// The rows of all tables in turn, cut after so many.
fn batches(tables: &[Table], most: usize) -> Vec<Vec<(&Table, Range<usize>)>> {
    let (mut batches, mut room) = (Vec::new(), 0);
    for table in tables {
        let mut start = 0;
        while start < table.rows() {
            if room == 0 {
                batches.push(Vec::new());
                room = most.max(1);
            }
            let end = table.rows().min(start + room);
            if let Some(batch) = batches.last_mut() {
                batch.push((table, start..end));
            }
            room -= end - start;
            start = end;
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_full_but_for_the_last() {
        let table = |rows: usize| Table::of_texts("text", &vec![String::new(); rows]).expect("texts");
        let tables = [table(3), table(5), table(1)];
        let ends = |batch: &Vec<(&Table, Range<usize>)>| batch.iter().map(|(_, rows)| (rows.start, rows.end)).collect();
        let found: Vec<Vec<(usize, usize)>> = batches(&tables, 4).iter().map(ends).collect();
        assert_eq!(found, [vec![(0, 3), (0, 1)], vec![(1, 5)], vec![(0, 1)]]);
        assert!(batches(&[], 4).is_empty());
    }
}
