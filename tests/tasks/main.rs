//! Tasks that are not binary, against other people's programs.

#[path = "../common/mod.rs"]
mod common;
mod regression;

use common::audited;
use heirloom::result::{AuditResult, GapEstimate};

/// The result of an audit file over a CSV file, both of their own folder.
fn result(audit: &str, csv: &str, settings: &[&str]) -> AuditResult {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("audit.toml");
    std::fs::write(&file, audit).expect("the audit file can be written");
    std::fs::write(folder.path().join("eval.csv"), csv).expect("the data can be written");
    audited(&file, settings)
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
