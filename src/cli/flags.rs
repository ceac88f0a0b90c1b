//! An audit without a file: flags that amount to the text of an audit file.
//!
//! The text goes the same way as a file would, so flags have no rules of their own, and what was
//! tried on the command line can be kept by copying what was printed.

use std::fmt::Write;
use std::path::PathBuf;

/// The audit file as flags; paths start from the working folder.
#[derive(Debug, Default, clap::Args)]
#[group(id = "flags", multiple = true)]
pub struct Flags {
    /// The base model, an ONNX file
    #[arg(long, value_name = "ONNX", conflicts_with_all = ["base_scores", "scores"])]
    pub(super) base: Option<PathBuf>,
    /// The tuned model, an ONNX file
    #[arg(long, value_name = "ONNX", conflicts_with_all = ["tuned_scores", "scores"])]
    pub(super) tuned: Option<PathBuf>,
    /// The column with the base's scores, for a model that ran elsewhere
    #[arg(long, value_name = "COLUMN", conflicts_with = "scores")]
    pub(super) base_scores: Option<String>,
    /// The column with the tuned model's scores
    #[arg(long, value_name = "COLUMN", conflicts_with = "scores")]
    pub(super) tuned_scores: Option<String>,
    /// The column with the scores of one model alone
    #[arg(long, value_name = "COLUMN")]
    pub(super) scores: Option<String>,
    /// Scores from here on are positive decisions, or "prevalence" [default: 0.5]
    #[arg(long, value_name = "NUMBER")]
    pub(super) threshold: Option<String>,
    /// The evaluation data: Parquet, CSV or Arrow; a file or a glob, more than once for several
    #[arg(long, value_name = "FILE")]
    pub(super) data: Vec<PathBuf>,
    /// The label column
    #[arg(long, value_name = "COLUMN")]
    pub(super) label: Option<String>,
    /// The label's positive value
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(super) positive: Option<String>,
    /// The columns whose groups are compared, joined by commas
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(super) groups: Vec<String>,
}

impl Flags {
    /// Whether any was given.
    pub fn any(&self) -> bool {
        !self.toml().is_empty()
    }

    /// The text of the audit file that the flags amount to.
    pub fn toml(&self) -> String {
        let mut text = String::new();
        let tuned_scores = self.tuned_scores.as_ref().or(self.scores.as_ref());
        self.model(&mut text, "base", self.base.as_ref(), self.base_scores.as_ref());
        self.model(&mut text, "tuned", self.tuned.as_ref(), tuned_scores);
        let data: Vec<String> = self.data.iter().map(|path| path.display().to_string()).collect();
        line(&mut text, "data", one_or_list(&data));
        line(&mut text, "label", self.label.as_deref().map(quote));
        line(&mut text, "positive", self.positive.as_deref().map(value));
        line(&mut text, "groups", (!self.groups.is_empty()).then(|| list(&self.groups)));
        text
    }

    fn model(&self, text: &mut String, side: &str, path: Option<&PathBuf>, scores: Option<&String>) {
        let path = path.map(|path| quote(&path.display().to_string()));
        match (path, scores, &self.threshold) {
            (Some(path), _, None) => line(text, side, Some(path)),
            (None, None, _) => {}
            (path, scores, threshold) => {
                line(text, &format!("models.{side}.path"), path);
                line(text, &format!("models.{side}.scores"), scores.map(|column| quote(column)));
                line(text, &format!("models.{side}.threshold"), threshold.as_deref().map(value));
            }
        }
    }
}

fn line(text: &mut String, key: &str, value: Option<String>) {
    if let Some(value) = value {
        let _ = writeln!(text, "{key} = {value}");
    }
}

fn one_or_list(items: &[String]) -> Option<String> {
    match items {
        [] => None,
        [one] => Some(quote(one)),
        _ => Some(list(items)),
    }
}

fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| quote(item)).collect();
    format!("[{}]", items.join(", "))
}

/// Text as TOML has it.
pub(super) fn quote(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A number, `true` or `false` as it is; anything else in quotes.
pub(super) fn value(text: &str) -> String {
    match text.parse::<toml::Value>() {
        Ok(value @ (toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_))) => value.to_string(),
        _ => quote(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Origin, load_text, today};

    fn text(flags: &Flags) -> String {
        let text = flags.toml();
        let origin = Origin { name: "flags".into(), text: text.clone(), file: None };
        load_text(origin, &[], today()).unwrap_or_else(|problems| panic!("{text}\n{problems}"));
        text
    }

    fn strings(items: &[&str]) -> Vec<String> {
        items.iter().map(|item| item.to_string()).collect()
    }

    #[test]
    fn flags_amount_to_the_short_form() {
        let flags = Flags {
            base: Some("base.onnx".into()),
            tuned: Some("tuned.onnx".into()),
            data: vec!["eval.parquet".into()],
            label: Some("income".into()),
            positive: Some(">50K".into()),
            groups: strings(&["sex", "race"]),
            ..Flags::default()
        };
        assert_eq!(text(&flags), include_str!("../../fixtures/policies/good/short.toml"));
    }

    #[test]
    fn scores_need_no_model_file() {
        let flags = Flags {
            base_scores: Some("a".into()),
            tuned_scores: Some("b \"quoted\"\n".into()),
            threshold: Some("prevalence".into()),
            data: vec!["1.csv".into(), "2.csv".into()],
            label: Some("y".into()),
            positive: Some("1".into()),
            groups: strings(&["sex"]),
            ..Flags::default()
        };
        assert!(text(&flags).contains("positive = 1\n"));
        assert!(text(&flags).contains("data = [\"1.csv\", \"2.csv\"]\n"));
    }

    #[test]
    fn a_value_cannot_bring_keys_along() {
        assert_eq!(value("1\nlabel = 2"), quote("1\nlabel = 2"));
        assert_eq!(value("05"), "\"05\"");
        assert_eq!(value("true"), "true");
        assert_eq!(value(""), "\"\"");
    }
}
