//! Holds the audit file against the data's columns, before anything is run.

use super::load::Loaded;
use super::problem::{Problem, quoted, suggest};
use crate::data::{AttributeSpec, ColumnInfo, ColumnKind};
use crate::models::{InputColumns, InputSpec, ModelSpec, Predictor};
use crate::tasks::Task;

/// Every column that the audit names exists, and holds what is asked of it.
pub fn preflight_columns(loaded: &Loaded, columns: &[ColumnInfo]) -> Vec<Problem> {
    let preflight = Preflight { loaded, columns, typeless: is_csv(loaded), problems: Vec::new() };
    preflight.run()
}

/// A CSV file has no types of its own: its text may hold numbers.
fn is_csv(loaded: &Loaded) -> bool {
    let plain = |path: &str| path.to_lowercase().trim_end_matches(".gz").to_string();
    loaded.audit.data.paths.iter().any(|path| [".csv", ".tsv", ".txt"].iter().any(|end| plain(path).ends_with(end)))
}

struct Preflight<'a> {
    loaded: &'a Loaded,
    columns: &'a [ColumnInfo],
    typeless: bool,
    problems: Vec<Problem>,
}

impl Preflight<'_> {
    fn run(mut self) -> Vec<Problem> {
        let audit = &self.loaded.audit;
        if let Some(label) = &audit.data.label {
            self.label("data.label", label);
        }
        if let Some(weight) = &audit.data.weight {
            self.number("data.weight", weight, "weights are numbers");
        }
        if let Some(unit) = &audit.data.unit {
            self.plain("data.unit", unit);
        }
        for filter in &audit.data.filter {
            self.plain(&format!("data.where.{}", filter.column), &filter.column);
        }
        for attribute in &audit.groups {
            self.attribute(attribute);
        }
        let runs = audit.tuned.iter().chain(&audit.runs).map(|model| ("models.tuned", model));
        let others = audit.control.iter().map(|model| ("models.control", model));
        for (path, model) in audit.base.iter().map(|model| ("models.base", model)).chain(runs).chain(others) {
            self.model(path, model);
        }
        // Runs are fed alike, so what is wrong with one is wrong with all.
        let mut told: Vec<Problem> = Vec::new();
        self.problems.into_iter().for_each(|problem| {
            if !told.contains(&problem) {
                told.push(problem)
            }
        });
        told
    }

    fn attribute(&mut self, attribute: &AttributeSpec) {
        let path = format!("groups.{}.column", attribute.name);
        match attribute.bins.is_empty() {
            true => self.plain(&path, &attribute.column),
            false => self.number(&path, &attribute.column, "`bins` cut numbers"),
        }
    }

    fn model(&mut self, path: &str, model: &ModelSpec) {
        if let Some(label) = &model.label {
            self.label(&format!("{path}.label"), label);
        }
        match &model.predictor {
            Predictor::Scores(column) => self.number(&format!("{path}.scores"), column, "scores are numbers"),
            Predictor::ClassScores(InputColumns::Prefix(prefix)) => self.prefix(&format!("{path}.scores"), prefix),
            Predictor::ClassScores(InputColumns::Columns(columns)) => {
                for column in columns {
                    self.number(&format!("{path}.scores"), column, "scores are numbers");
                }
            }
            Predictor::ClassScores(InputColumns::Column(column)) => {
                self.number(&format!("{path}.scores"), column, "scores are numbers");
            }
            Predictor::Decisions(column) => self.plain(&format!("{path}.decisions"), column),
            Predictor::Onnx(onnx) => {
                for (name, input) in &onnx.inputs {
                    self.input(&format!("{path}.inputs.{name}"), input);
                }
            }
        }
    }

    fn label(&mut self, path: &str, name: &str) {
        match self.loaded.audit.task {
            Task::Binary | Task::Multiclass => self.plain(path, name),
            Task::Regression => self.number(path, name, "the labels of a regression are numbers"),
        }
    }

    fn input(&mut self, path: &str, input: &InputSpec) {
        match &input.columns {
            InputColumns::Column(column) if input.tokens.is_some() => drop(self.find(&format!("{path}.text"), column)),
            InputColumns::Column(column) if input.image.is_some() => drop(self.find(&format!("{path}.image"), column)),
            InputColumns::Column(column) => drop(self.find(&format!("{path}.column"), column)),
            InputColumns::Columns(columns) => {
                for (index, column) in columns.iter().enumerate() {
                    self.find(&format!("{path}.columns[{index}]"), column);
                }
            }
            InputColumns::Prefix(prefix) => self.prefix(&format!("{path}.prefix"), prefix),
        }
    }

    fn prefix(&mut self, path: &str, prefix: &str) {
        if !self.columns.iter().any(|column| column.name.starts_with(prefix)) {
            let names = self.columns.iter().map(|column| column.name.as_str());
            let problem = self.loaded.problem(path, format!("no column's name starts with {}", quoted(prefix)));
            self.problems.push(problem.maybe_help(suggest(prefix, names)));
        }
    }

    /// A column whose cells are compared as values.
    fn plain(&mut self, path: &str, name: &str) {
        if let Some(column) = self.find(path, name)
            && column.kind == ColumnKind::Other
        {
            let message = format!("{} holds {}, which has no values to compare", quoted(name), quoted(&column.dtype));
            self.problems.push(self.loaded.problem(path, message).help("give a column of text, numbers or booleans"));
        }
    }

    /// A column of numbers; text will do in a CSV file.
    fn number(&mut self, path: &str, name: &str, why: &str) {
        let typeless = self.typeless;
        let fits =
            |kind| matches!(kind, ColumnKind::Integer | ColumnKind::Float) || typeless && kind == ColumnKind::Text;
        if let Some(column) = self.find(path, name)
            && !fits(column.kind)
        {
            let message = format!("{} holds {}, and {why}", quoted(name), quoted(&column.dtype));
            self.problems.push(self.loaded.problem(path, message).help("give a numeric column"));
        }
    }

    fn find(&mut self, path: &str, name: &str) -> Option<ColumnInfo> {
        let found = self.columns.iter().find(|column| column.name == name);
        if found.is_none() {
            let names = self.columns.iter().map(|column| column.name.as_str());
            let problem = self.loaded.problem(path, format!("the data has no column {}", quoted(name)));
            self.problems.push(problem.maybe_help(suggest(name, names)));
        }
        found.cloned()
    }
}
