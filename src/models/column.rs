//! A model that ran elsewhere: its scores or its decisions are a column of the data.

use super::Predictor;
use super::inputs::suggestion;
use crate::data::{ColumnInfo, ColumnKind, DataError, Literal, Table, Want};

/// A column of predictions.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    name: String,
    /// The decision that counts as positive; `None` for a column of scores.
    positive: Option<Literal>,
}

impl Column {
    /// For a predictor that is a column; `None` for one that is a model. The problem says what is
    /// wrong with the column.
    pub fn plan(predictor: &Predictor, columns: &[ColumnInfo], positive: &Literal) -> Option<Result<Column, String>> {
        match predictor {
            Predictor::Onnx(_) | Predictor::ClassScores(_) => None,
            Predictor::Scores(name) => Some(checked(name, columns, None)),
            Predictor::Decisions(name) => Some(checked(name, columns, Some(positive.clone()))),
        }
    }

    /// The column, and how it is read.
    pub fn columns(&self) -> Vec<(String, Want)> {
        let want = if self.positive.is_some() { Want::Text } else { Want::Number };
        vec![(self.name.clone(), want)]
    }

    /// One score for each row of the table: a decision is 1 or 0, and NaN marks a row of which the
    /// model said nothing. An infinite score is an error.
    pub fn scores(&self, table: &Table) -> Result<Vec<f64>, DataError> {
        match &self.positive {
            Some(positive) => Ok(table.matches(&self.name, positive)?.into_iter().map(decided).collect()),
            None => finite(&self.name, table.numbers(&self.name, 0..table.rows())?),
        }
    }
}

fn decided(positive: Option<bool>) -> f64 {
    positive.map_or(f64::NAN, |positive| f64::from(u8::from(positive)))
}

fn finite(name: &str, scores: Vec<f64>) -> Result<Vec<f64>, DataError> {
    match scores.iter().filter(|score| score.is_infinite()).count() {
        0 => Ok(scores),
        count => Err(DataError(format!(
            "column {name} holds infinite scores in {count} rows; write finite numbers, or leave the cells empty where nothing was said"
        ))),
    }
}

fn checked(name: &str, columns: &[ColumnInfo], positive: Option<Literal>) -> Result<Column, String> {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let found = columns
        .iter()
        .find(|column| column.name == name)
        .ok_or_else(|| format!("there is no column {name}{}", suggestion(name, &names)))?;
    let fits = match found.kind {
        ColumnKind::Other => false,
        ColumnKind::Text => positive.is_some() || !found.is_typed(),
        _ => true,
    };
    let what = if positive.is_some() { "decisions" } else { "scores" };
    let column = Column { name: name.to_owned(), positive };
    if fits { Ok(column) } else { Err(format!("column {name} holds {}, which cannot be {what}", found.dtype)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<ColumnInfo> {
        let column = |name: &str, kind, dtype: &str| ColumnInfo { name: name.into(), kind, dtype: dtype.into() };
        vec![column("score", ColumnKind::Float, "float64"), column("said", ColumnKind::Text, "string")]
    }

    fn plan(predictor: Predictor) -> Result<Column, String> {
        Column::plan(&predictor, &columns(), &Literal::Integer(1)).unwrap()
    }

    #[test]
    fn columns_are_checked_against_their_use() {
        assert_eq!(plan(Predictor::Scores("score".into())).unwrap().columns(), [("score".to_owned(), Want::Number)]);
        assert_eq!(plan(Predictor::Decisions("said".into())).unwrap().columns(), [("said".to_owned(), Want::Text)]);
        assert_eq!(
            plan(Predictor::Scores("said".into())).unwrap_err(),
            "column said holds string, which cannot be scores"
        );
        assert_eq!(
            plan(Predictor::Scores("scores".into())).unwrap_err(),
            "there is no column scores (did you mean score?)"
        );
    }

    #[test]
    fn nothing_said_is_nan() {
        assert_eq!((decided(Some(true)), decided(Some(false))), (1.0, 0.0));
        assert!(decided(None).is_nan());
        assert!(finite("score", vec![0.5, f64::NAN]).is_ok() && finite("score", vec![f64::INFINITY]).is_err());
    }
}
