//! Classes of a model that ran elsewhere: decisions in one column, or a column of scores for each class.

use super::inputs::suggestion;
use super::{InputColumns, ModelSpec, Predictor};
use crate::data::{ColumnInfo, ColumnKind, DataError, Table, Want};
use crate::evidence::{Classes, Rank};

/// Columns that say the class of each row.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassColumns {
    columns: Vec<String>,
    /// The class of each column of scores; `None` where the one column holds decisions.
    scored: Option<Vec<f64>>,
    classes: Classes,
}

impl ClassColumns {
    /// For a predictor that is columns; `None` for one that is a model.
    pub fn plan(spec: &ModelSpec, columns: &[ColumnInfo], classes: &Classes) -> Option<Result<ClassColumns, String>> {
        match &spec.predictor {
            Predictor::Onnx(_) => None,
            Predictor::Scores(name) => {
                Some(Err(format!("column {name} is one column of scores; name one for each class, or `decisions`")))
            }
            Predictor::Decisions(name) => Some(decisions(name, columns, classes)),
            Predictor::ClassScores(which) => Some(scores(spec, which, columns, classes)),
        }
    }

    /// The columns, and how they are read.
    pub fn columns(&self) -> Vec<(String, Want)> {
        let want = if self.scored.is_some() { Want::Number } else { Want::Text };
        self.columns.iter().map(|column| (column.clone(), want)).collect()
    }

    /// The reading in words, for the report.
    pub fn describe(&self) -> String {
        match &self.scored {
            None => format!("decisions in column {}", self.columns[0]),
            Some(_) => format!("the largest of the scores in columns {}", self.columns.join(", ")),
        }
    }

    /// The class of each row of the table; NaN where the model said nothing.
    pub fn said(&self, table: &Table) -> Result<Vec<f64>, DataError> {
        let Some(classes) = &self.scored else { return self.decided(table) };
        let read = |column: &String| table.numbers(column, 0..table.rows());
        let scores: Vec<Vec<f64>> = self.columns.iter().map(read).collect::<Result<_, _>>()?;
        let of = |row: usize| {
            let numbers: Vec<f64> = scores.iter().map(|column| column[row]).collect();
            largest(&numbers).map_or(f64::NAN, |place| classes[place])
        };
        Ok((0..table.rows()).map(of).collect())
    }

    /// Where the label of each row stands among the classes; see [`rank`]. `None` where decisions tell no order.
    pub fn ranks(&self, table: &Table, labels: &[f64]) -> Result<Option<Vec<Option<Rank>>>, DataError> {
        let Some(classes) = &self.scored else { return Ok(None) };
        let read = |column: &String| table.numbers(column, 0..table.rows());
        let scores: Vec<Vec<f64>> = self.columns.iter().map(read).collect::<Result<_, _>>()?;
        let of = |(row, label): (usize, &f64)| {
            rank(&scores.iter().map(|column| column[row]).collect::<Vec<_>>(), classes, *label)
        };
        Ok(Some(labels.iter().enumerate().map(of).collect()))
    }

    fn decided(&self, table: &Table) -> Result<Vec<f64>, DataError> {
        let column = &self.columns[0];
        let texts = table.texts(column, 0..table.rows())?;
        texts
            .iter()
            .map(|text| text.as_deref().map_or(Ok(f64::NAN), |text| numbered(&self.classes, text, column)))
            .collect()
    }
}

/// The number of a class that a column names.
pub fn numbered(classes: &Classes, name: &str, column: &str) -> Result<f64, DataError> {
    classes.number(name).map(f64::from).ok_or_else(|| {
        DataError(format!(
            "column {column} has more than {} classes; if it holds numbers, say task = \"regression\"",
            crate::evidence::MOST_CLASSES
        ))
    })
}

/// The place of the largest number, the first of equal ones; `None` where one is not finite.
pub fn largest(numbers: &[f64]) -> Option<usize> {
    if numbers.iter().any(|number| !number.is_finite()) {
        return None;
    }
    (0..numbers.len()).reduce(|best, place| if numbers[place] > numbers[best] { place } else { best })
}

/// Where a label stands among the classes that one row's numbers are of, the largest first. Of equal numbers the
/// later one stands first, as in scikit-learn's `top_k_accuracy_score`. `None` without a label, or where a number
/// is not finite.
pub fn rank(numbers: &[f64], classes: &[f64], label: f64) -> Option<Rank> {
    if label.is_nan() || numbers.iter().any(|number| !number.is_finite()) {
        return None;
    }
    let Some(own) = classes.iter().rposition(|class| *class == label) else { return Some(Rank::MAX) };
    let before = |(place, number): &(usize, &f64)| **number > numbers[own] || **number == numbers[own] && *place > own;
    Rank::new(1 + numbers.iter().enumerate().filter(before).count() as u16)
}

fn decisions(name: &str, columns: &[ColumnInfo], classes: &Classes) -> Result<ClassColumns, String> {
    let found = find(name, columns)?;
    match found.kind {
        ColumnKind::Other => Err(format!("column {name} holds {}, which cannot be decisions", found.dtype)),
        _ => Ok(ClassColumns { columns: vec![name.to_owned()], scored: None, classes: classes.clone() }),
    }
}

/// Named by `classes`, else by what follows the prefix, else by the columns themselves.
fn scores(
    spec: &ModelSpec,
    which: &InputColumns,
    columns: &[ColumnInfo],
    classes: &Classes,
) -> Result<ClassColumns, String> {
    let (names, own) = match which {
        InputColumns::Prefix(prefix) => {
            let begins = |column: &&ColumnInfo| column.name.starts_with(prefix.as_str());
            let names: Vec<String> = columns.iter().filter(begins).map(|column| column.name.clone()).collect();
            let own = names.iter().map(|name| name[prefix.len()..].to_owned()).collect();
            (names, own)
        }
        InputColumns::Columns(names) => (names.clone(), names.clone()),
        InputColumns::Column(name) => (vec![name.clone()], vec![name.clone()]),
    };
    let named = spec.classes.as_ref().unwrap_or(&own);
    if names.len() < 2 || named.len() != names.len() {
        return Err(format!("{} columns of scores for {} classes: {}", names.len(), named.len(), names.join(", ")));
    }
    for name in &names {
        let found = find(name, columns)?;
        let number = matches!(found.kind, ColumnKind::Integer | ColumnKind::Float | ColumnKind::Boolean);
        if !number && (found.kind == ColumnKind::Other || found.is_typed()) {
            return Err(format!("column {name} holds {}, which cannot be scores", found.dtype));
        }
    }
    let numbers = named.iter().map(|name| classes.number(name).map(f64::from)).collect::<Option<Vec<f64>>>();
    let scored = numbers.ok_or_else(|| format!("there are more than {} classes", crate::evidence::MOST_CLASSES))?;
    Ok(ClassColumns { columns: names, scored: Some(scored), classes: classes.clone() })
}

fn find<'a>(name: &str, columns: &'a [ColumnInfo]) -> Result<&'a ColumnInfo, String> {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let found = columns.iter().find(|column| column.name == name);
    found.ok_or_else(|| format!("there is no column {name}{}", suggestion(name, &names)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_largest_is_said() {
        assert_eq!(largest(&[0.1, 0.4, 0.4, 0.1]), Some(1));
        assert_eq!(largest(&[0.1, f64::NAN]), None);
        assert_eq!(largest(&[]), None);
    }

    /// scikit-learn 1.9, top_k_accuracy_score: of equal scores the class of the highest index is chosen first.
    #[test]
    fn of_equal_numbers_the_last_stands_first() {
        let place = |label: f64| rank(&[0.2, 0.5, 0.2, 0.1], &[3.0, 0.0, 7.0, 1.0], label).map(Rank::get);
        assert_eq!([0.0, 7.0, 3.0, 1.0].map(place), [Some(1), Some(2), Some(3), Some(4)]);
        assert_eq!((place(5.0), place(f64::NAN)), (Some(u16::MAX), None));
        assert_eq!(rank(&[0.5, f64::NAN], &[0.0, 1.0], 0.0), None);
    }
}
