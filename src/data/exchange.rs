//! Tables with rows chosen and columns exchanged.

use super::column::Column;
use super::{DataError, Table};
use polars::prelude::*;

impl Table {
    /// A table of one column of texts.
    pub fn of_texts(column: &str, texts: &[String]) -> Result<Table, DataError> {
        let series = Series::new(column.into(), texts);
        let column = Column::new(series, None).map_err(DataError)?;
        Ok(Table::new(texts.len(), vec![column]))
    }

    /// These rows in this order, copied; one may come twice.
    pub fn take(&self, rows: &[usize]) -> Result<Table, DataError> {
        let places: Vec<IdxSize> = rows.iter().map(|&row| row as IdxSize).collect();
        let places = IdxCa::from_vec("rows".into(), places);
        let one = |column: &Column| {
            let series = column.series().take(&places).map_err(|error| DataError(error.to_string()))?;
            column.holding(series)
        };
        Ok(Table::new(rows.len(), self.columns().iter().map(one).collect::<Result<_, DataError>>()?))
    }

    /// The same with other values in a column, each given as text; it keeps its type.
    pub fn with_texts(self, name: &str, texts: &[String]) -> Result<Table, DataError> {
        let one = |column: &Column| {
            if column.name != name { Ok(column.clone()) } else { column.holding(typed(column, texts)?) }
        };
        Ok(Table::new(self.rows(), self.columns().iter().map(one).collect::<Result<_, DataError>>()?))
    }

    /// The same with the values of two columns exchanged.
    pub fn exchanged(self, a: &str, b: &str) -> Table {
        let one = |column: &Column| match &column.name {
            name if name == a => column.renamed(b),
            name if name == b => column.renamed(a),
            _ => column.clone(),
        };
        let columns = self.columns().iter().map(one).collect();
        Table::new(self.rows(), columns)
    }
}

/// Texts as the values of a column's type.
fn typed(column: &Column, texts: &[String]) -> Result<Series, DataError> {
    let name: PlSmallStr = column.name.as_str().into();
    let refused = |text: &str| {
        DataError(format!("column `{}` ({}) cannot hold `{text}`; correct the values", column.name, column.dtype()))
    };
    match column.series().dtype() {
        DataType::String => Ok(Series::new(name, texts)),
        DataType::Boolean => {
            let flag = |text: &String| text.parse::<bool>().or(Err(refused(text)));
            Ok(Series::new(name, texts.iter().map(flag).collect::<Result<Vec<_>, _>>()?))
        }
        dtype => {
            let number = |text: &String| text.trim().parse::<f64>().or(Err(refused(text)));
            let numbers = Series::new(name, texts.iter().map(number).collect::<Result<Vec<_>, _>>()?);
            numbers.strict_cast(dtype).map_err(|_| refused(&texts.first().cloned().unwrap_or_default()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let columns = [
            Series::new("sex".into(), ["f", "m", "f"]),
            Series::new("x_f".into(), [1.0_f32, 0.0, 1.0]),
            Series::new("x_m".into(), [0.0_f32, 1.0, 0.0]),
            Series::new("code".into(), [1_i64, 2, 1]),
            Series::new("flag".into(), [true, false, true]),
        ];
        Table::new(3, columns.into_iter().map(|series| Column::new(series, None).expect("plain")).collect())
    }

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(ToString::to_string).collect()
    }

    fn read(table: &Table, column: &str) -> String {
        let texts = table.texts(column, 0..table.rows()).expect("it is there");
        texts.into_iter().map(|text| text.expect("no nulls")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn rows_are_taken_in_any_order() {
        let taken = table().take(&[2, 1, 1]).expect("they are there");
        assert_eq!((taken.rows(), read(&taken, "code"), read(&taken, "x_m")), (3, "1 2 2".into(), "0 1 1".into()));
        assert!(table().take(&[3]).is_err());
    }

    #[test]
    fn values_keep_the_type_of_their_column() {
        for (column, values) in [("sex", "m f m"), ("code", "2 1 2"), ("flag", "false true false"), ("x_f", "0 1 0.5")]
        {
            let given: Vec<&str> = values.split(' ').collect();
            let other = table().with_texts(column, &texts(&given)).expect("they fit");
            assert_eq!(read(&other, column), values);
        }
        for (column, value) in [("code", "x"), ("code", "1.5e300"), ("flag", "yes")] {
            let cause = table().with_texts(column, &texts(&[value; 3])).expect_err(value);
            assert!(cause.0.contains(value), "{cause}");
        }
    }

    #[test]
    fn columns_are_exchanged() {
        let other = table().exchanged("x_f", "x_m");
        assert_eq!((read(&other, "x_f"), read(&other, "x_m")), ("0 1 0".into(), "1 0 1".into()));
    }
}
