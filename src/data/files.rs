//! From the paths and globs of the audit file to files, and what format each is.

use super::error::DataError;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Parquet,
    Ipc,
    Csv { separator: u8 },
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Format::Parquet => "Parquet",
            Format::Ipc => "Arrow",
            Format::Csv { .. } => "CSV",
        }
    }

    fn by_extension(path: &Path) -> Result<Format, DataError> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match extension.as_str() {
            "parquet" | "pq" => Ok(Format::Parquet),
            "arrow" | "ipc" | "feather" => Ok(Format::Ipc),
            "csv" => Ok(Format::Csv { separator: b',' }),
            "tsv" => Ok(Format::Csv { separator: b'\t' }),
            "gz" | "zst" | "zip" | "bz2" | "xz" => {
                Err(DataError::of(path, "is compressed. Unpack it, or store the data as Parquet"))
            }
            _ => Err(DataError::of(
                path,
                "has an extension that is not read. Use .parquet, .pq, .csv, .tsv, .arrow, .ipc or .feather",
            )),
        }
    }

    /// The format of a file: its extension says it, its first bytes must agree.
    pub(super) fn of(path: &Path) -> Result<Format, DataError> {
        let claimed = Format::by_extension(path)?;
        let (head, tail) = ends(path).map_err(|e| DataError::of(path, format!("cannot be read: {e}")))?;
        let named = claimed.name();
        let found = foreign(&head);
        match claimed {
            _ if head.is_empty() => Err(DataError::of(path, "is empty. Write the data again")),
            Format::Parquet if head.starts_with(b"PAR1") && tail.ends_with(b"PAR1") => Ok(claimed),
            Format::Ipc if head.starts_with(b"ARROW1") => Ok(claimed),
            Format::Parquet if head.starts_with(b"PAR1") => Err(DataError::damaged(path, named, "its end is missing")),
            Format::Csv { .. } if found.is_none() => Ok(claimed),
            _ => {
                let found = found.unwrap_or("something else");
                let what = format!(
                    "is not a {named} file: it looks like {found}. Give it the extension of what it is, or write it again"
                );
                Err(DataError::of(path, what))
            }
        }
    }
}

/// What a file is that is not plain UTF-8 text, by its first bytes.
fn foreign(head: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 9] = [
        (b"PAR1", "a Parquet file"),
        (b"PARE", "an encrypted Parquet file"),
        (b"ARROW1", "an Arrow file"),
        (b"FEA1", "a Feather file of version 1"),
        (b"\xff\xff\xff\xff", "an Arrow stream"),
        (b"\x1f\x8b", "a gzip file"),
        (b"PK\x03\x04", "a zip or Excel file"),
        (b"\x28\xb5\x2f\xfd", "a zstd file"),
        (b"\xff\xfe", "UTF-16 text"),
    ];
    let magic = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name);
    magic.or(head.contains(&0).then_some("a binary file"))
}

fn ends(path: &Path) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let mut file = File::open(path)?;
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    file.by_ref().take(4096).read_to_end(&mut head)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(8)))?;
    file.read_to_end(&mut tail)?;
    Ok((head, tail))
}

/// The files that the patterns name, in the order given, a glob's files by name.
pub(super) fn resolve(root: &Path, patterns: &[String]) -> Result<Vec<PathBuf>, DataError> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut seen = BTreeSet::new();
    for pattern in patterns {
        for file in matching(&root.join(pattern), pattern)? {
            // One file has many paths: `./a.csv` is `a.csv`, and a link is what it leads to.
            if !seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())) {
                return Err(DataError::of(&file, "is named twice, so its rows would count twice. Name it once"));
            }
            files.push(file);
        }
    }
    match files.is_empty() {
        true => Err(DataError("no data file is named. Set `data` to a file, a list or a glob".into())),
        false => Ok(files),
    }
}

fn matching(path: &Path, pattern: &str) -> Result<Vec<PathBuf>, DataError> {
    if path.is_dir() {
        return Err(DataError::of(path, "is a folder. Name its files, for example with `*.parquet` at the end"));
    }
    if path.exists() {
        return Ok(vec![path.to_path_buf()]);
    }
    if !pattern.contains(['*', '?', '[']) {
        return Err(DataError::of(path, "does not exist. Paths are relative to the audit file"));
    }
    let found = glob::glob(&path.to_string_lossy()).map_err(|e| DataError::of(path, format!("is not a glob: {e}")))?;
    let mut files: Vec<PathBuf> = found.filter_map(Result::ok).filter(|file| file.is_file()).collect();
    files.sort();
    match files.is_empty() {
        true => Err(DataError::of(path, "matches no file. Globs are relative to the audit file")),
        false => Ok(files),
    }
}
