//! What an audit of some data is likely to be about, by the names, kinds and values of their columns.
//!
//! A guess is written with the word for it, never acted upon: a person looks the file through.

use crate::data::{ColumnInfo, ColumnKind, DataError, Dataset, ScanPlan, Want};
use std::collections::{BTreeMap, BTreeSet};

/// A column with more values than this has no groups, and no classes, as they are.
const MOST_VALUES: usize = 20;
/// Rows that are looked at.
const ROWS_READ: u64 = 65_536;
/// Groups that are guessed at most.
const MOST_GROUPS: usize = 6;
/// Where no name tells, this many columns are taken, of at most as many values.
const UNNAMED: (usize, usize) = (3, 12);

/// Words in the name of a column that holds what was to be predicted, the surest first.
const LABELS: &[&str] = &[
    "label",
    "labels",
    "target",
    "outcome",
    "truth",
    "class",
    "y",
    "response",
    "hired",
    "approved",
    "admitted",
    "income",
    "default",
    "recidivism",
    "readmitted",
    "survived",
    "fraud",
    "churn",
    "toxic",
    "toxicity",
    "sentiment",
];
/// Words in the name of a column of texts, the surest first.
const TEXTS: &[&str] =
    &["text", "sentence", "comment", "content", "review", "message", "body", "prompt", "post", "tweet"];
/// Words in the name of a column of pictures, or of their paths.
const PICTURES: &[&str] = &["image", "picture", "photo", "img", "pixels", "path", "file", "filename"];
/// Words in the name of a column that says who somebody is.
const PERSONS: &[&str] = &[
    "sex",
    "gender",
    "race",
    "ethnicity",
    "ethnic",
    "age",
    "religion",
    "nationality",
    "citizenship",
    "disability",
    "marital",
    "marriage",
    "orientation",
    "veteran",
];

/// The columns of some data, and the values of those that have few.
#[derive(Debug)]
pub struct Survey {
    columns: Vec<Surveyed>,
}

#[derive(Debug)]
struct Surveyed {
    name: String,
    kind: ColumnKind,
    is_bytes: bool,
    /// Smallest first; `None` where there are more than [`MOST_VALUES`], or none was looked for.
    values: Option<Vec<String>>,
}

impl Survey {
    /// Looks at the first rows.
    pub fn of(data: &Dataset) -> Result<Survey, DataError> {
        // What pandas writes for the numbers of its rows says nothing.
        let told: Vec<&ColumnInfo> =
            data.columns().iter().filter(|column| !column.name.starts_with("__index_level_")).collect();
        let wanted: Vec<&ColumnInfo> = told.iter().copied().filter(|column| is_candidate(column)).collect();
        let plan = ScanPlan {
            columns: wanted.iter().map(|column| (column.name.clone(), Want::Text)).collect(),
            filter: Vec::new(),
            limit: Some(ROWS_READ),
        };
        let mut found: BTreeMap<&str, BTreeSet<String>> =
            wanted.iter().map(|column| (column.name.as_str(), BTreeSet::new())).collect();
        for table in data.scan(&plan)? {
            let table = table?;
            for (column, values) in found.iter_mut().filter(|(_, values)| values.len() <= MOST_VALUES) {
                values.extend(table.texts(column, 0..table.rows())?.into_iter().flatten());
            }
        }
        let columns = told.iter().map(|column| {
            let few = found.remove(column.name.as_str()).filter(|values| values.len() <= MOST_VALUES);
            Surveyed {
                name: column.name.clone(),
                kind: column.kind,
                is_bytes: column.is_bytes(),
                values: few.map(sorted),
            }
        });
        Ok(Survey { columns: columns.collect() })
    }

    /// The column that holds the labels: by its name, else the last one if it has a few values.
    /// Columns that models take as `inputs` are none.
    pub fn label(&self, inputs: &[String]) -> Option<&str> {
        let free: Vec<&Surveyed> = self.columns.iter().filter(|column| !inputs.contains(&column.name)).collect();
        let last = free.iter().rfind(|column| column.kind != ColumnKind::Other);
        let last = last.filter(|column| column.several() && !column.is_of_persons());
        named(&free, LABELS).or(last.copied()).map(|column| column.name.as_str())
    }

    /// The column of texts: by its name, else the only one of text that has many values.
    pub fn text(&self) -> Option<&str> {
        let texts = self.columns.iter().filter(|column| column.kind == ColumnKind::Text && column.values.is_none());
        let texts: Vec<&Surveyed> = texts.collect();
        let only = if let [text] = texts[..] { Some(text) } else { None };
        named(&texts, TEXTS).or(only).map(|column| column.name.as_str())
    }

    /// The column of pictures: the only one of bytes, else by its name.
    pub fn image(&self) -> Option<&str> {
        let bytes: Vec<&Surveyed> = self.columns.iter().filter(|column| column.is_bytes).collect();
        let paths = self.columns.iter().filter(|column| column.kind == ColumnKind::Text && column.values.is_none());
        let only = if let [column] = bytes[..] { Some(column) } else { None };
        only.or_else(|| named(&paths.collect::<Vec<_>>(), PICTURES)).map(|column| column.name.as_str())
    }

    /// The values of a column, smallest first; `None` where they are many.
    pub fn values(&self, column: &str) -> Option<&[String]> {
        self.columns.iter().find(|known| known.name == column)?.values.as_deref()
    }

    /// Whether a column holds numbers, and too many to be groups or classes.
    pub fn is_measured(&self, column: &str) -> bool {
        let known = self.columns.iter().find(|known| known.name == column);
        known.is_some_and(|known| known.is_number() && known.values.is_none())
    }

    /// The columns whose groups are compared: by their names, else the first few that have few values.
    /// Of a model's `features`, which have names of their own making, none.
    pub fn groups(&self, label: Option<&str>, features: &[String]) -> Vec<String> {
        let free = |column: &&Surveyed| Some(column.name.as_str()) != label && !features.contains(&column.name);
        let others = || self.columns.iter().filter(free);
        let fits = |column: &&Surveyed| column.several() || (column.is_number() && is_age(&column.name));
        let named: Vec<String> =
            others().filter(|column| column.is_of_persons()).filter(fits).map(|column| column.name.clone()).collect();
        if !named.is_empty() {
            return named.into_iter().take(MOST_GROUPS).collect();
        }
        let (count, most) = UNNAMED;
        let few = |column: &&Surveyed| {
            !column.is_number() && column.several() && column.values.as_ref().is_some_and(|values| values.len() <= most)
        };
        others().filter(few).take(count).map(|column| column.name.clone()).collect()
    }

    /// The columns of numbers that a model may take together, in their order: all but the label, those
    /// that are no groups either, and of these only those with many values.
    pub fn numbers(&self, label: Option<&str>, groups: &[String]) -> [Vec<String>; 3] {
        let numbers: Vec<&Surveyed> =
            self.columns.iter().filter(|column| column.is_number() && Some(column.name.as_str()) != label).collect();
        let names = |fits: &dyn Fn(&Surveyed) -> bool| {
            numbers.iter().filter(|column| fits(column)).map(|column| column.name.clone()).collect()
        };
        let is_group = |column: &Surveyed| groups.contains(&column.name);
        [
            names(&|_| true),
            names(&|column| !is_group(column)),
            names(&|column| column.values.is_none() && !is_group(column)),
        ]
    }
}

impl Surveyed {
    fn several(&self) -> bool {
        self.values.as_ref().is_some_and(|values| values.len() >= 2)
    }

    fn is_number(&self) -> bool {
        matches!(self.kind, ColumnKind::Integer | ColumnKind::Float)
    }

    fn is_of_persons(&self) -> bool {
        words(&self.name).iter().any(|word| PERSONS.contains(&word.as_str()))
    }
}

/// The first column with the surest of some words in its name.
fn named<'a>(columns: &[&'a Surveyed], sure: &[&str]) -> Option<&'a Surveyed> {
    let with = |word: &str| columns.iter().find(|column| words(&column.name).iter().any(|have| have == word)).copied();
    sure.iter().find_map(|word| with(word))
}

/// Whether a column has values that could be groups as they are.
pub fn is_candidate(column: &ColumnInfo) -> bool {
    matches!(column.kind, ColumnKind::Text | ColumnKind::Integer | ColumnKind::Boolean)
}

/// Whether a column holds years of life, by its name.
pub fn is_age(name: &str) -> bool {
    words(name).iter().any(|word| word == "age")
}

/// A tenth of the standard deviation of a column's first rows, to one digit.
pub fn tenth_of_spread(data: &Dataset, column: &str) -> Result<f64, DataError> {
    let plan = ScanPlan { columns: vec![(column.into(), Want::Number)], filter: Vec::new(), limit: Some(ROWS_READ) };
    let mut numbers = Vec::new();
    for table in data.scan(&plan)? {
        let table = table?;
        numbers.extend(table.numbers(column, 0..table.rows())?.into_iter().filter(|number| number.is_finite()));
    }
    let count = (numbers.len() as f64).max(1.0);
    let mean = numbers.iter().sum::<f64>() / count;
    let variance = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / count;
    let tenth = if variance > 0.0 { variance.sqrt() / 10.0 } else { 1.0 };
    // One digit reads as what it is, a guess.
    Ok(format!("{tenth:.0e}").parse().unwrap_or(tenth))
}

/// `applicant_sex` is of `applicant` and `sex`.
fn words(name: &str) -> Vec<String> {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn sorted(values: BTreeSet<String>) -> Vec<String> {
    let mut values: Vec<String> = values.into_iter().collect();
    values.sort_by(|a, b| number(a).total_cmp(&number(b)).then(a.cmp(b)));
    values
}

/// Text has no place among numbers, and comes after them.
fn number(text: &str) -> f64 {
    text.parse().unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn survey(header: &str, row: impl Fn(usize) -> String) -> Survey {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let rows: Vec<String> = (0..100).map(row).collect();
        let file = folder.path().join("d.csv");
        std::fs::write(&file, format!("{header}\n{}\n", rows.join("\n"))).expect("the folder is ours");
        Survey::of(&Dataset::open(Path::new(""), &[file.display().to_string()]).expect("it opens")).expect("it reads")
    }

    #[test]
    fn names_tell_label_and_groups() {
        let survey = survey("x1,applicant_sex,AGE,hired_label,note,calls", |row| {
            format!("{row}.5,{},{row},{},text {row},{}", ["f", "m"][row % 2], row % 2, row % 5)
        });
        assert_eq!(survey.label(&[]), Some("hired_label"));
        assert_eq!(survey.values("hired_label"), Some(&["0".to_owned(), "1".to_owned()][..]));
        let groups = survey.groups(Some("hired_label"), &[]);
        assert_eq!(groups, ["applicant_sex", "AGE"]);
        let numbers = survey.numbers(Some("hired_label"), &groups);
        assert_eq!(numbers.map(|names| names.join(",")), ["x1,AGE,calls", "x1,calls", "x1"]);
    }

    #[test]
    fn without_names_values_tell() {
        let survey = survey("a,region,b,won", |row| format!("{row},{},{row},{}", ["n", "s", "w"][row % 3], row % 2));
        assert_eq!(survey.label(&[]), Some("won"));
        assert_eq!(survey.groups(Some("won"), &[]), ["region"]);
        assert_eq!(survey.label(&["won".to_owned()]), None);
        assert!(survey.is_measured("a") && !survey.is_measured("won"));
    }

    #[test]
    fn texts_and_pictures_are_columns_of_many_values() {
        let survey = survey("id,body_text,photo,kind", |row| format!("a{row},b{row},c{row}.png,{}", row % 2));
        assert_eq!((survey.text(), survey.image()), (Some("body_text"), Some("photo")));
    }

    #[test]
    fn a_group_that_comes_last_is_no_label() {
        let survey = survey("a,sex", |row| format!("{row},{}", ["f", "m"][row % 2]));
        assert_eq!(survey.label(&[]), None);
    }
}
