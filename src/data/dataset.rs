//! Files of one schema, opened, described and scanned.

use super::error::{list, suggestion};
use super::files::{Format, resolve};
use super::{DataError, Filter, Scan, Table, csv, ipc, nested, parquet};
use polars::prelude::{ArrowDataType, ArrowSchema};
use std::path::{Path, PathBuf};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Strings and categoricals.
    Text,
    /// Whole numbers.
    Integer,
    /// Floating numbers.
    Float,
    /// Booleans.
    Boolean,
    /// Anything else: dates, lists, structs. Such a column cannot be scanned.
    Other,
}

/// One column of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// What it holds. A CSV file has no types: there it is what the first thousand rows look like.
    pub kind: ColumnKind,
    /// Its type in the file, for people: `float32`.
    pub dtype: String,
}

impl ColumnInfo {
    /// Whether the file has types of its own; of a CSV file what a column holds is a guess.
    pub fn is_typed(&self) -> bool {
        self.dtype != CSV_TYPE
    }
}

impl ColumnInfo {
    /// Whether it holds bytes of any kind, such as pictures, by themselves or as the field `bytes` of a struct.
    pub fn is_bytes(&self) -> bool {
        self.kind == ColumnKind::Other && self.dtype == BYTES_TYPE
    }
}

/// What a column of bytes is called.
const BYTES_TYPE: &str = "bytes";

/// What a CSV file's columns all are.
pub(super) const CSV_TYPE: &str = "CSV text";

/// How a column is wanted: a CSV file has no types of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// As text: groups, labels, filters. A CSV cell keeps its text ("05" is not "5").
    Text,
    /// As a number: model inputs, scores, binned attributes.
    Number,
    /// As the bytes of pictures.
    Bytes,
}

/// What to read.
#[derive(Debug, Clone, Default)]
pub struct ScanPlan {
    /// The columns, each with how it is wanted; all others are not read. Filters add their own.
    pub columns: Vec<(String, Want)>,
    /// Rows to keep.
    pub filter: Vec<Filter>,
    /// Stop after this many kept rows.
    pub limit: Option<u64>,
}

/// What a file says of itself without its rows being read.
pub(super) struct Header {
    pub(super) columns: Vec<ColumnInfo>,
    pub(super) rows: Option<u64>,
}

/// The rows of one file, in tables of any size.
pub(super) type Source = Box<dyn Iterator<Item = Result<Table, DataError>> + Send>;

/// Files of one schema.
#[derive(Debug)]
pub struct Dataset {
    format: Format,
    files: Vec<PathBuf>,
    columns: Vec<ColumnInfo>,
    rows: Option<u64>,
}

impl Dataset {
    /// Opens files, lists and globs (relative to `root`) and reads their schema, which must be one.
    pub fn open(root: &Path, patterns: &[String]) -> Result<Dataset, DataError> {
        let mut files = resolve(root, patterns)?.into_iter();
        let first = files.next().ok_or_else(|| DataError("no data file is named".into()))?;
        let format = Format::of(&first)?;
        let Header { columns, rows } = header(format, &first)?;
        let mut dataset = Dataset { format, files: vec![first], columns, rows };
        files.try_for_each(|file| dataset.add(file))?;
        Ok(dataset)
    }

    /// Every column, in file order.
    pub fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    /// The files, in the order read.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Rows in the files where the format tells without reading them.
    pub fn rows_hint(&self) -> Option<u64> {
        self.rows
    }

    /// Reads the rows, in chunks of bounded size, in file order.
    pub fn scan(&self, plan: &ScanPlan) -> Result<Scan, DataError> {
        let mut columns: Vec<(String, Want)> = Vec::new();
        let filters = plan.filter.iter().map(|filter| (filter.column.clone(), Want::Text));
        for (name, want) in plan.columns.iter().cloned().chain(filters) {
            self.check(&name, want)?;
            if !columns.iter().any(|(have, how)| *have == name && *how == want) {
                columns.push((name, want));
            }
        }
        let (format, files) = (self.format, self.files.clone());
        let sources = files.into_iter().map(move |file| read(format, &file, &columns));
        Scan::start(sources, plan)
    }

    /// Adds a file that must look like the first.
    fn add(&mut self, file: PathBuf) -> Result<(), DataError> {
        if Format::of(&file)? != self.format {
            return Err(DataError::of(
                &file,
                "is of another format than the first file. Audit files of one format at a time",
            ));
        }
        let Header { columns, rows } = header(self.format, &file)?;
        if let Some(differences) = self.differences(&columns) {
            let first = self.files[0].display();
            return Err(DataError::of(
                &file,
                format!("has other columns than `{first}`: {differences}. Write both with one schema"),
            ));
        }
        self.rows = self.rows.zip(rows).map(|(a, b)| a + b);
        self.files.push(file);
        Ok(())
    }

    /// What differs between the first file's columns and another's; their order may.
    fn differences(&self, theirs: &[ColumnInfo]) -> Option<String> {
        let typed = !matches!(self.format, Format::Csv { .. });
        let twin =
            |column: &ColumnInfo, others: &[ColumnInfo]| others.iter().find(|other| other.name == column.name).cloned();
        let missing: Vec<&ColumnInfo> = self.columns.iter().filter(|column| twin(column, theirs).is_none()).collect();
        let added: Vec<&ColumnInfo> = theirs.iter().filter(|column| twin(column, &self.columns).is_none()).collect();
        let mut parts = Vec::new();
        for (columns, what) in [(missing, "it lacks"), (added, "only it has")] {
            if !columns.is_empty() {
                parts.push(format!("{what} {}", list(columns.iter().map(|column| column.name.as_str()))));
            }
        }
        for column in theirs.iter().filter(|_| typed) {
            match twin(column, &self.columns) {
                Some(first) if first.dtype != column.dtype => {
                    parts.push(format!("`{}` is {} there and {} here", column.name, first.dtype, column.dtype));
                }
                _ => {}
            }
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// Whether a column can be read as wanted.
    fn check(&self, name: &str, want: Want) -> Result<(), DataError> {
        let file = &self.files[0];
        let Some(column) = self.columns.iter().find(|column| column.name == name) else {
            let hint = suggestion(name, self.columns.iter().map(|column| column.name.as_str()));
            let hint = if hint.is_empty() { ". `heirloom inspect` lists the columns".to_string() } else { hint };
            return Err(DataError::of(file, format!("has no column `{name}`{hint}")));
        };
        let typed = !matches!(self.format, Format::Csv { .. });
        let why = match column.kind {
            _ if want == Want::Bytes && column.is_bytes() => return Ok(()),
            _ if want == Want::Bytes => "where bytes are needed. Store them as binary",
            ColumnKind::Other => "which is not read. Store it as text, numbers or booleans",
            ColumnKind::Text if typed && want == Want::Number => "where numbers are needed. Store it as numbers",
            _ => return Ok(()),
        };
        Err(DataError::of(file, format!("column `{name}` is of type {}, {why}", column.dtype)))
    }
}

fn header(format: Format, path: &Path) -> Result<Header, DataError> {
    let header = match format {
        Format::Parquet => parquet::header(path),
        Format::Ipc => ipc::header(path),
        Format::Csv { separator } => csv::header(path, separator),
    }?;
    let mut names: Vec<&str> = header.columns.iter().map(|column| column.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(DataError::of(path, format!("has two columns `{}`. Rename one", pair[0]))),
        None => Ok(header),
    }
}

fn read(format: Format, path: &Path, columns: &[(String, Want)]) -> Result<Source, DataError> {
    match format {
        Format::Parquet => parquet::read(path, columns),
        Format::Ipc => ipc::read(path, columns),
        Format::Csv { separator } => csv::read(path, separator, columns, csv::BLOCK_BYTES),
    }
}

/// The columns of an Arrow schema, which Parquet files have too.
pub(super) fn columns_of(schema: &ArrowSchema) -> Vec<ColumnInfo> {
    let describe = |field: &polars::prelude::ArrowField| {
        let (kind, dtype) = kind_of(field.dtype());
        ColumnInfo { name: field.name.to_string(), kind, dtype }
    };
    schema.iter_values().map(describe).collect()
}

/// Whether a column is of bytes.
pub(super) fn is_of_bytes(dtype: &ArrowDataType) -> bool {
    matches!(dtype, ArrowDataType::Binary | ArrowDataType::LargeBinary | ArrowDataType::BinaryView)
}

fn kind_of(dtype: &ArrowDataType) -> (ColumnKind, String) {
    use ArrowDataType as A;
    let (kind, name) = match dtype {
        A::Utf8 | A::LargeUtf8 | A::Utf8View => (ColumnKind::Text, "text"),
        A::Dictionary(_, values, _) if kind_of(values).0 == ColumnKind::Text => (ColumnKind::Text, "categorical"),
        A::Boolean => (ColumnKind::Boolean, "boolean"),
        A::Float16 => (ColumnKind::Float, "float16"),
        A::Float32 => (ColumnKind::Float, "float32"),
        A::Null => (ColumnKind::Float, "null"),
        A::Float64 => (ColumnKind::Float, "float64"),
        A::Int8 | A::Int16 | A::Int32 | A::Int64 | A::UInt8 | A::UInt16 | A::UInt32 | A::UInt64 => {
            return (ColumnKind::Integer, format!("{dtype:?}").to_lowercase());
        }
        dtype if is_of_bytes(dtype) || nested::holds_bytes(dtype) => (ColumnKind::Other, BYTES_TYPE),
        other => {
            let name = format!("{other:?}").to_lowercase();
            return (ColumnKind::Other, name.split('(').next().unwrap_or_default().to_string());
        }
    };
    (kind, name.to_string())
}
