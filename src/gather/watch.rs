//! The labels of each table, whatever the task: positive or not, or the numbers of a regression.

use super::GatherError;
use super::labels::LabelWatch;
use crate::data::{DataError, Literal, Table, Want};
use crate::tasks::Task;

/// The labels of a table.
pub enum Labels {
    /// Positive or not; `None` where null.
    Answers(Vec<Option<bool>>),
    /// A number each; NaN where null.
    Numbers(Vec<f64>),
}

impl Labels {
    /// Whether a row's label is positive. A number is neither.
    #[inline]
    pub fn answer(&self, row: usize) -> Option<bool> {
        match self {
            Labels::Answers(answers) => answers[row],
            Labels::Numbers(_) => None,
        }
    }

    /// The label of a row as points keep it; NaN where null.
    pub fn number(&self, row: usize) -> f64 {
        match self {
            Labels::Answers(answers) => answers[row].map_or(f64::NAN, |answer| f64::from(u8::from(answer))),
            Labels::Numbers(numbers) => numbers[row],
        }
    }
}

/// How the label column of a task is read.
pub fn want(task: Task) -> Want {
    match task {
        Task::Binary => Want::Text,
        Task::Regression => Want::Number,
    }
}

/// Watches a column of labels as it is read.
pub enum Watch {
    /// Of a binary task.
    Binary(LabelWatch),
    /// Of a regression.
    Numbers(NumberWatch),
}

impl Watch {
    /// For a column of labels.
    pub fn new(task: Task, column: &str, positive: &Literal) -> Watch {
        match task {
            Task::Binary => Watch::Binary(LabelWatch::new("label", column, positive)),
            Task::Regression => Watch::Numbers(NumberWatch { column: column.into(), known: false }),
        }
    }

    /// The column that it watches.
    pub fn column(&self) -> &str {
        match self {
            Watch::Binary(watch) => watch.column(),
            Watch::Numbers(watch) => &watch.column,
        }
    }

    /// The labels of a table.
    pub fn read(&mut self, table: &Table) -> Result<Labels, DataError> {
        Ok(match self {
            Watch::Binary(watch) => Labels::Answers(watch.read(table)?),
            Watch::Numbers(watch) => Labels::Numbers(watch.read(table)?),
        })
    }

    /// Whether the labels of all tables together can be used.
    pub fn check(&self) -> Result<(), GatherError> {
        match self {
            Watch::Binary(watch) => watch.check(),
            Watch::Numbers(watch) => watch.check(),
        }
    }
}

/// Watches a column of numbers.
pub struct NumberWatch {
    column: String,
    known: bool,
}

impl NumberWatch {
    fn read(&mut self, table: &Table) -> Result<Vec<f64>, DataError> {
        let numbers = table.numbers(&self.column, 0..table.rows())?;
        self.known |= numbers.iter().any(|number| !number.is_nan());
        match numbers.iter().filter(|number| number.is_infinite()).count() {
            0 => Ok(numbers),
            count => Err(DataError(format!(
                "column {} holds infinite labels in {count} rows; write finite numbers, or leave the cells empty where nothing is known",
                self.column
            ))),
        }
    }

    fn check(&self) -> Result<(), GatherError> {
        let column = &self.column;
        let nothing = format!("every label in column {column} is null; name another column, or leave `label` out");
        if self.known { Ok(()) } else { Err(GatherError::Labels(nothing)) }
    }
}
