//! Draws a result, and nothing else: every format is a pure function of it.
//!
//! `view` sorts, rounds and words once; each format has one file that lays the view out. Nothing
//! here reads a model, a row or a policy, so a report can be made again from `result.json` alone.

mod chart;
mod clean;
mod html;
mod json;
mod number;
#[cfg(test)]
mod samples;
mod terminal;
#[cfg(test)]
mod tests;
mod view;
mod why;

pub use why::why;

use crate::result::AuditResult;

/// A format that a result can be written in.
#[derive(Debug)]
pub struct Format {
    /// The name that `--format` takes.
    pub id: &'static str,
    /// Extension of the file, without the dot.
    pub extension: &'static str,
    /// Draws a result. The same result gives the same bytes.
    pub render: fn(&AuditResult) -> Result<String, RenderError>,
}

/// Every format.
pub static FORMATS: &[Format] = &[
    Format { id: "html", extension: "html", render: html::render },
    Format { id: "json", extension: "json", render: json::render },
    Format { id: "terminal", extension: "txt", render: terminal::render },
];

/// The checks of a result, for a terminal.
pub fn gate(result: &AuditResult) -> String {
    terminal::gate(result)
}

/// The format of that id.
pub fn find(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}

/// Why a result could not be drawn. None of these depends on the reader's data being well behaved.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template is wrong.
    #[error("the report's template failed: {0:#}")]
    Template(#[from] minijinja::Error),
    /// The result cannot be written as JSON.
    #[error("the result cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}
