//! The lock of a policy: its hash, taken before a run, so that a report can say since when it stands.
//!
//! The hash is of what is read and not of the bytes: comments, spaces and the order of keys change
//! nothing. It covers the tables that say what is judged, and by what; where checks stand in an audit
//! file, its models and data may change.

use super::document::{Node, Table, Value};
use super::problem::{Problem, quoted};
use super::source::read_text;
use crate::result::{LockNote, PolicyNote};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Format and version.
pub const SCHEMA: &str = "heirloom.lock/1.0";
/// What is judged, and by what.
const KEYS: [&str; 6] = ["check", "waiver", "gate", "stats", "slices", "groups"];
/// Whole numbers up to here are written alike, with a point or without.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// A policy as it was at some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lock {
    schema: String,
    /// The policy's file name.
    pub file: String,
    /// Its hash.
    pub sha256: String,
    /// When it was locked, UTC.
    pub locked: String,
    /// The commit that was checked out.
    pub commit: Option<String>,
}

impl Lock {
    /// A lock of today.
    pub fn new(policy: &Path, sha256: String, locked: String, commit: Option<String>) -> Lock {
        let file = policy.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Lock { schema: SCHEMA.into(), file, sha256, locked, commit }
    }

    /// Indented JSON with a newline at the end.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// What the lock says of a policy of that hash.
    pub(super) fn note(&self, sha256: &str) -> LockNote {
        LockNote { on: self.locked.clone(), commit: self.commit.clone(), unchanged: self.sha256 == sha256 }
    }
}

/// Whether a policy is held against its lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Locks {
    /// It is.
    Held,
    /// It is about to be locked anew.
    Ignored,
}

/// A lock that was found, with its text.
pub(super) struct Read {
    pub path: PathBuf,
    pub text: String,
    pub lock: Lock,
}

/// Where the lock of a policy lies.
pub fn lock_path(policy: &Path) -> PathBuf {
    let mut path = policy.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

/// The lock beside a policy, where there is one.
pub(super) fn read(policy: &Path) -> Result<Option<Read>, Problem> {
    let path = lock_path(policy);
    if !path.exists() {
        return Ok(None);
    }
    let wrong = |why: String| {
        Problem::general(format!("the lock {} cannot be used: {why}", quoted(&path.display().to_string())))
            .help("lock the policy again with `heirloom policy lock`, or remove the file")
    };
    let text = read_text(&path).map_err(wrong)?;
    let lock: Lock = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    match lock.schema == SCHEMA {
        true => Ok(Some(Read { path, text, lock })),
        false => Err(wrong(format!("it says it is {}, and this version reads {SCHEMA}", quoted(&lock.schema)))),
    }
}

/// What a result says of a policy and of its lock.
pub(super) fn note(table: &Table, lock: Option<&Read>) -> PolicyNote {
    let sha256 = hash(table);
    PolicyNote { locked: lock.map(|read| read.lock.note(&sha256)), sha256 }
}

/// The hash of a policy, or of that in an audit file.
pub(super) fn hash(table: &Table) -> String {
    let kept = KEYS.iter().filter_map(|key| Some(((*key).to_owned(), canonical(&table.get(key)?.node))));
    let text = serde_json::Value::Object(kept.collect()).to_string();
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A value as JSON, whose maps are sorted by key.
fn canonical(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Text(text) | Value::Date(text) => text.as_str().into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) if number.fract() == 0.0 && number.abs() < WHOLE => (*number as i64).into(),
        // JSON has no infinity; as text it is still told from any other.
        Value::Float(number) if !number.is_finite() => number.to_string().into(),
        Value::Float(number) => (*number).into(),
        Value::Boolean(flag) => (*flag).into(),
        Value::List(items) => items.iter().map(canonical).collect(),
        Value::Table(table) => table.entries.iter().map(|entry| (entry.key.clone(), canonical(&entry.node))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::parse;
    use super::super::source::Sources;
    use super::*;

    fn hashed(text: &str) -> String {
        let mut sources = Sources::default();
        let index = sources.add("p.toml", text);
        let (table, problems) = parse(&sources, index);
        assert!(problems.is_empty(), "{text}: {problems:?}");
        hash(&table)
    }

    const POLICY: &str = "[[check]]\nid = \"a\"\nmetric = \"m\"\nmax = 1.0\n[stats]\nconfidence = 0.9\n";

    #[test]
    fn what_changes_nothing_keeps_the_hash() {
        let same = [
            "# why\n[stats]\nconfidence = 0.90\n\n[[check]]\nmax = 1\nmetric = 'm'\nid = \"a\"\n",
            "check = [{ id = \"a\", metric = \"m\", max = 1 }]\nstats = { confidence = 0.9 }\n",
            "name = \"x\"\nbase = \"b.onnx\"\n[[check]]\nid = \"a\"\nmetric = \"m\"\nmax = 1.0\n[stats]\nconfidence = 0.9\n",
        ];
        same.iter().for_each(|text| assert_eq!(hashed(text), hashed(POLICY), "{text}"));
    }

    #[test]
    fn what_is_judged_otherwise_has_another_hash() {
        let others = [
            POLICY.replace("1.0", "1.1"),
            POLICY.replace("0.9", "0.95"),
            POLICY.replace("\"a\"", "\"b\""),
            format!("{POLICY}[gate]\nundecided = \"pass\"\n"),
            format!("{POLICY}[[waiver]]\ncheck = \"a\"\n"),
            String::new(),
        ];
        let mut hashes: Vec<String> = others.iter().map(|text| hashed(text)).chain([hashed(POLICY)]).collect();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), others.len() + 1);
    }
}
