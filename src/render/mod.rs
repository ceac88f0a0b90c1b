//! Draws a result, and nothing else: every format is a pure function of it.
//!
//! `view` sorts, rounds and words once; each format has one file that lays the view out. Nothing
//! here reads a model, a row or a policy, so a report can be made again from `result.json` alone.

mod asks;
mod chart;
mod clean;
mod compared;
mod context;
mod counts;
mod csv;
mod cyclonedx;
mod github;
mod gitlab;
mod html;
mod in_toto;
mod json;
mod junit;
mod markdown;
mod model_card;
mod number;
#[cfg(test)]
mod outputs_tests;
#[cfg(test)]
mod samples;
mod sarif;
mod terminal;
#[cfg(test)]
mod tests;
mod view;
mod why;

pub use asks::{check_in_words, waiver_in_words};
pub use compared::compared;
pub use github::annotations;
pub use why::why;

use crate::result::AuditResult;

/// A format that a result can be written in.
#[derive(Debug)]
pub struct Format {
    /// The name that `--format` takes.
    pub id: &'static str,
    /// The name of its file beside the others, as those who read it expect it.
    pub file: &'static str,
    /// What it is for, in half a line.
    pub about: &'static str,
    /// Draws a result. The same result gives the same bytes.
    pub render: fn(&AuditResult) -> Result<String, RenderError>,
}

/// Every format. `markdown`, `model-card`, `csv` and `json` hold every finding and every outcome of a
/// check; `context` what stands beside them; the others hold what their readers act on.
pub static FORMATS: &[Format] = &[
    Format { id: "html", file: "report.html", about: "the report, to read, print and sign", render: html::render },
    Format { id: "json", file: "result.json", about: "the result itself", render: json::render },
    Format { id: "terminal", file: "report.txt", about: "a summary of 80 columns", render: terminal::render },
    Format { id: "markdown", file: "summary.md", about: "checks and findings, worst first", render: markdown::render },
    Format { id: "csv", file: "findings.csv", about: "findings and checks as one table", render: csv::render },
    Format { id: "counts", file: "counts.csv", about: "slice, label, base, tuned: rows", render: counts::render },
    Format {
        id: "context",
        file: "context.csv",
        about: "embeddings, probes, language, noise",
        render: context::render,
    },
    Format { id: "junit", file: "junit.xml", about: "checks as test cases", render: junit::render },
    Format { id: "sarif", file: "results.sarif", about: "what is not met, SARIF 2.1.0", render: sarif::render },
    Format { id: "gitlab", file: "codequality.json", about: "what is not met, Code Quality", render: gitlab::render },
    Format { id: "in-toto", file: "statement.intoto.json", about: "an unsigned test result", render: in_toto::render },
    Format { id: "model-card", file: "model-card.md", about: "for the Hugging Face Hub", render: model_card::render },
    Format { id: "cyclonedx", file: "model.cdx.json", about: "bill of materials, 1.7", render: cyclonedx::render },
];

impl Format {
    /// Whether it points at lines of the audit file, for programs that open it: they need its path in the
    /// repository, as [`placed`] gives it, and people its name.
    pub fn points(&self) -> bool {
        matches!(self.id, "csv" | "junit" | "sarif" | "gitlab")
    }
}

/// The result with paths in place of the names of the audit file and the policy. A result itself
/// holds no path, since that would differ from machine to machine.
pub fn placed(result: &AuditResult, place: impl Fn(&str) -> String) -> AuditResult {
    let mut placed = result.clone();
    let from = &mut placed.provenance;
    let files = from.audit_file.iter_mut().chain(&mut from.policy_file).map(|file| &mut file.name);
    files.chain(placed.checks.iter_mut().map(|check| &mut check.at.file)).for_each(|name| *name = place(name));
    placed
}

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
    /// The result cannot be written as XML.
    #[error("the result cannot be written as XML: {0}")]
    Xml(#[from] std::io::Error),
}
