//! Small data written for one test, and the audit of it.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A folder with `rows.csv` (columns group, label, base, tuned) and `audit.toml`.
pub struct Small {
    folder: tempfile::TempDir,
}

/// So many rows of one kind: group, label, base and tuned decision.
pub type Rows<'a> = (u64, &'a str, &'a str, u8, u8);

impl Small {
    /// Writes the rows, and an audit of them that ends in `more`.
    pub fn new(rows: &[Rows], more: &str) -> Small {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut csv = String::from("group,label,base,tuned\n");
        for (times, group, label, base, tuned) in rows {
            for _ in 0..*times {
                writeln!(csv, "{group},{label},{base},{tuned}").expect("a string takes all");
            }
        }
        let audit = format!("{HEAD}{more}");
        std::fs::write(folder.path().join("rows.csv"), csv).expect("the folder is ours");
        std::fs::write(folder.path().join("audit.toml"), audit).expect("the folder is ours");
        Small { folder }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn audit(&self) -> PathBuf {
        self.path().join("audit.toml")
    }

    /// Runs the binary on it: exit code and standard error.
    pub fn run(&self) -> (i32, String) {
        super::common::outcome(&super::common::heirloom(
            self.path(),
            &["audit", "audit.toml", "--out", "out", "--quiet"],
        ))
    }

    /// What the run wrote.
    pub fn result(&self) -> heirloom::result::AuditResult {
        super::common::read(&self.path().join("out"))
    }
}

const HEAD: &str = r#"
models.base.decisions = "base"
models.tuned.decisions = "tuned"
data.path = "rows.csv"
data.label = "label"
data.positive = "1"
groups.group.column = "group"
privacy.min_cell = 0
"#;

/// Two groups of 400: the base selects half of `a` and a quarter of `b`, and so does the tuned model
/// but for some rows. Labels are half and half.
pub const PLAIN: [Rows; 10] = [
    (100, "a", "1", 1, 1),
    (95, "a", "0", 1, 1),
    (5, "a", "0", 1, 0),
    (100, "a", "1", 0, 0),
    (100, "a", "0", 0, 0),
    (60, "b", "1", 1, 1),
    (40, "b", "0", 1, 1),
    (5, "b", "1", 0, 1),
    (135, "b", "1", 0, 0),
    (160, "b", "0", 0, 0),
];
