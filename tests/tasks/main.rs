//! Tasks that are not binary, against other people's programs.

#[path = "../common/mod.rs"]
mod common;
mod multiclass;
mod regression;

use common::{audited, gathered};
use heirloom::audit::Dossier;
use heirloom::result::{AuditResult, GapEstimate};

/// An audit file and a CSV file in a folder of their own.
fn folder(audit: &str, csv: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("audit.toml"), audit).expect("the audit file can be written");
    std::fs::write(folder.path().join("eval.csv"), csv).expect("the data can be written");
    folder
}

/// The result of an audit file over a CSV file.
fn result(audit: &str, csv: &str, settings: &[&str]) -> AuditResult {
    audited(&folder(audit, csv).path().join("audit.toml"), settings)
}

/// What was counted.
fn gathered_from(audit: &str, csv: &str) -> Dossier {
    gathered(&folder(audit, csv).path().join("audit.toml"), &[])
}

fn close(what: &str, found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found} is not {expected}");
}

/// A gap's value and the ends of its interval.
fn same_gap(what: &str, found: Option<GapEstimate>, [value, low, high]: [f64; 3]) {
    let found = found.unwrap_or_else(|| panic!("{what} has no gap"));
    close(what, found.value, value, 1e-9);
    close(what, found.low, low, 1e-7);
    close(what, found.high, high, 1e-7);
}
