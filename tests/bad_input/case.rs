//! A folder with an audit in it, and the tool run on it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// An audit of two columns of scores, which needs no model.
pub const AUDIT: &str = r#"schema = 1
name = "small"

[models.base]
scores = "b"
[models.tuned]
scores = "t"

[data]
path = "eval.csv"
label = "y"
positive = 1

[groups.sex]
column = "sex"
"#;

/// What stands in the output folder before a run that fails, and after it.
const OLDER: &str = "an older result";

/// Words that no message may hold.
const FAULTS: [&str; 6] = ["panicked", "fault of its own", "backtrace", "unwrap", ".rs:", "Error("];

/// A folder of its own.
pub struct Case {
    folder: TempDir,
}

/// What came of a command.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Case {
    /// The small audit over 400 sound rows.
    pub fn new() -> Case {
        let case = Case { folder: tempfile::tempdir().unwrap() };
        case.write("audit.toml", AUDIT);
        case.write("eval.csv", csv(400, |row| if row % 2 == 0 { "Female".into() } else { "Male".into() }));
        case
    }

    /// The income fixture.
    pub fn income() -> Case {
        let case = Case { folder: tempfile::tempdir().unwrap() };
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/income");
        for name in ["audit.toml", "base.onnx", "tuned.onnx", "eval.parquet"] {
            std::fs::copy(from.join(name), case.path(name)).unwrap();
        }
        case
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Case {
        std::fs::write(self.path(name), bytes).unwrap();
        self
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The audit file with one text for another, which must be there.
    pub fn swap(&self, old: &str, new: &str) -> &Case {
        let text = self.read("audit.toml");
        assert!(text.contains(old), "{old} is not in the audit file");
        self.write("audit.toml", text.replace(old, new))
    }

    /// The audit file with more at its end.
    pub fn add(&self, text: &str) -> &Case {
        self.write("audit.toml", self.read("audit.toml") + "\n" + text)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heirloom"));
        command.current_dir(&self.folder).args(args).stdin(Stdio::null());
        // A backtrace must not come even where one is asked for.
        command.env("RUST_BACKTRACE", "1").env("SOURCE_DATE_EPOCH", "1790000000");
        for name in ["HEIRLOOM_ONNXRUNTIME", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        let output = self.command(args).output().unwrap();
        let ran = Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        };
        if std::env::var_os("SHOW").is_some() {
            println!("{args:?}: {:?}\n{}", ran.code, ran.err);
        }
        for fault in FAULTS {
            assert!(!ran.err.contains(fault), "{args:?} says {fault}: {}", ran.err);
        }
        assert!(ran.err.len() < 20_000, "{args:?} says {} bytes", ran.err.len());
        for text in [&ran.err, &ran.out] {
            let hostile = text.chars().find(|c| c.is_control() && *c != '\n' || ('\u{202a}'..='\u{202e}').contains(c));
            assert_eq!(hostile, None, "{args:?} prints a character that drives a terminal: {text}");
        }
        ran
    }

    /// Runs the audit of the folder.
    pub fn audit(&self, more: &[&str]) -> Ran {
        self.run(&[&["audit", "audit.toml", "--out", "out", "--engine", "embedded"], more].concat())
    }

    /// The audit runs and exits as told; its result.
    pub fn gives(&self, code: i32) -> serde_json::Value {
        let ran = self.audit(&[]);
        assert_eq!(ran.code, Some(code), "{}{}", ran.out, ran.err);
        serde_json::from_str(&self.read("out/result.json")).unwrap()
    }

    /// The audit fails, says these words, and leaves the folder as it was.
    #[track_caller]
    pub fn refuses(&self, code: i32, words: &[&str]) -> Ran {
        std::fs::create_dir_all(self.path("out")).unwrap();
        self.write("out/result.json", OLDER);
        self.fails(&["audit", "audit.toml", "--out", "out", "--engine", "embedded"], code, words)
    }

    /// A command fails, says these words, and leaves the folder as it was.
    #[track_caller]
    pub fn fails(&self, args: &[&str], code: i32, words: &[&str]) -> Ran {
        let before = self.files();
        let ran = self.run(args);
        assert_eq!(ran.code, Some(code), "{args:?}: {}{}", ran.out, ran.err);
        // Problems are drawn in lines of some width, so a sentence may be broken anywhere.
        let said = squeezed(&ran.err);
        for word in words {
            assert!(said.contains(&squeezed(word)), "{word:?} is not said in:\n{}", ran.err);
        }
        assert_eq!(ran.out, "", "nothing is answered");
        let after = self.files();
        assert!(before == after, "{args:?} wrote something: {:?}", after.keys());
        ran
    }

    /// Every file and folder with its content.
    pub fn files(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path.clone());
                }
                let content = std::fs::read(&path).ok();
                found.insert(path, content);
            }
        }
        found
    }
}

/// Text without what a line break may have put in.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '│').collect()
}

/// Rows of `y,sex,b,t`, with a group for each.
pub fn csv(rows: usize, group: impl Fn(usize) -> String) -> String {
    let mut text = String::from("y,sex,b,t\n");
    for row in 0..rows {
        let [b, t] = scores(row);
        let _ = writeln!(text, "{},{},{b},{t}", label(row), group(row));
    }
    text
}

/// A label that has little to do with the row's number.
pub fn label(row: usize) -> u8 {
    u8::from(mixed(row).is_multiple_of(3))
}

/// Scores of base and tuned, which mostly agree.
pub fn scores(row: usize) -> [f64; 2] {
    let base = mixed(row + 7) % 100;
    let tuned = if mixed(row + 13).is_multiple_of(10) { 100 - base } else { base };
    [base as f64 / 100.0, tuned as f64 / 100.0]
}

fn mixed(number: usize) -> u64 {
    (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40
}
