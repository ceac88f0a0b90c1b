//! The committed sample report is the one that today's program draws from its result, and that
//! result is the one that the fixture gives. `UPDATE=1` writes both anew.

use std::path::{Path, PathBuf};
use std::process::Command;

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/sample").join(name)
}

#[test]
fn the_sample_report_is_fresh() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_heirloom"));
    command.args(["audit", "fixtures/income/audit.toml", "--quiet", "--engine", "embedded", "--out"]).arg(folder.path());
    // 23 November 2026, noon UTC.
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("SOURCE_DATE_EPOCH", "1795435200");
    let run = command.output().expect("the tool can be started");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    for name in ["result.json", "report.html"] {
        let fresh = std::fs::read(folder.path().join(name)).expect("it was written");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(sample("")).expect("the folder can be made");
            std::fs::write(sample(name), &fresh).expect("the sample can be written");
        }
        let committed = std::fs::read(sample(name)).unwrap_or_default();
        assert!(committed == fresh, "reports/sample/{name} is stale; UPDATE=1 cargo test --release --test sample_report");
    }
}
