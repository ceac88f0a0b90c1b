//! What a step of GitHub Actions says: annotations at the checks' lines, as workflow commands.
//!
//! GitHub shows ten annotations of a step and drops the rest in silence, so nine are written and
//! the others counted.

use super::clean;
use super::view::told::{self, Level, Told};
use crate::result::AuditResult;

const MOST: usize = 9;

/// At most nine annotations, worst first, and how many did not fit; empty where all is met. Of a
/// result that says where in the repository its checks stand.
pub fn annotations(result: &AuditResult) -> String {
    let told: Vec<Told> = told::every(result).into_iter().filter(|told| told.level != Level::Quiet).collect();
    let mut lines: String = told.iter().take(MOST).map(|told| annotation(told)).collect();
    if let more @ 1.. = told.len().saturating_sub(MOST) {
        lines += &format!("{more} more that are not met stand in the report.\n");
    }
    lines
}

fn annotation(told: &Told) -> String {
    let command = match told.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note | Level::Quiet => "notice",
    };
    let (file, line) = (property(&clean::printable(&told.check.at.file)), told.check.at.line);
    let title = property(&format!("heirloom: {}", clean::label(&told.check.id)));
    format!("::{command} file={file},line={line},title={title}::{}\n", data(&told.text))
}

/// The text of a command; its line breaks are gone already.
fn data(text: &str) -> String {
    text.replace('%', "%25")
}

/// The value of a command's property, which colons and commas would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
