//! `heirloom init`: writes a commented audit file to start from, filled with what models and data tell.

use super::flags::{Flags, quote, value};
use super::{Failure, files, print};
use crate::config::{Draft, PRESETS, Preset, clean, preset, quoted, suggest};
use crate::data::{ColumnInfo, ColumnKind, Dataset, ScanPlan, Want};
use crate::models::onnx::Graph;
use crate::result::ExitStatus;
use crate::tasks;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// Columns named in a comment at most.
const MOST_COLUMNS: usize = 30;
/// A label with more values than this is not listed.
const MOST_VALUES: usize = 20;
/// Rows whose labels are looked at.
const LABELS_READ: u64 = 65_536;

/// Arguments of `heirloom init`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to start from: default, hiring, lending, health or eu
    #[arg(long, default_value = "default")]
    preset: String,
    /// List the presets
    #[arg(long)]
    list: bool,
    #[command(flatten, next_help_heading = "What is known already")]
    flags: Flags,
    /// Where to write it
    #[arg(long, value_name = "FILE", default_value = "audit.toml")]
    out: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

/// Writes the file.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    if args.list {
        PRESETS.iter().for_each(|preset| print(&format!("{:9}{}\n", preset.id, preset.about)));
        return Ok(ExitStatus::Ok);
    }
    let preset = named(&args.preset)?;
    let text = filled(preset, &args.flags, args.out.parent().unwrap_or(Path::new("")))?;
    files::write_new(&args.out, &text, args.force)?;
    let next = match args.flags.is_complete() {
        true => "Look it through, then",
        false => "Name your models, data and groups in it, then",
    };
    print(&format!(
        "Wrote {}. {next}: heirloom audit {}\n",
        files::name(&args.out),
        clean(&args.out.display().to_string())
    ));
    Ok(ExitStatus::Ok)
}

fn named(id: &str) -> Result<&'static Preset, Failure> {
    preset(id).ok_or_else(|| {
        let help = suggest(id, PRESETS.iter().map(|preset| preset.id)).unwrap_or_default();
        Failure::usage(format!("there is no preset {}", quoted(id)), help)
    })
}

/// The preset with what is known; paths start from the file's folder.
fn filled(preset: &Preset, flags: &Flags, folder: &Path) -> Result<String, Failure> {
    if flags.scores.is_some() {
        let help = "give --base-scores and --tuned-scores, or audit with --scores without a file";
        return Err(Failure::usage("an audit file to start from compares two models", help));
    }
    let mut draft = Draft::of(preset);
    let data = (!flags.data.is_empty()).then(|| open(&flags.data)).transpose()?;
    model(&mut draft, "base", flags, data.as_ref(), folder)?;
    model(&mut draft, "tuned", flags, data.as_ref(), folder)?;
    if let Some(data) = &data {
        draft.set("data", "path", paths(&flags.data, data, folder));
    }
    label(&mut draft, flags, data.as_ref())?;
    groups(&mut draft, &flags.groups, data.as_ref())?;
    Ok(draft.text())
}

fn open(paths: &[PathBuf]) -> Result<Dataset, Failure> {
    let patterns: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    Dataset::open(Path::new(""), &patterns).map_err(failure)
}

fn model(draft: &mut Draft, role: &str, flags: &Flags, data: Option<&Dataset>, folder: &Path) -> Result<(), Failure> {
    let (path, scores) =
        if role == "base" { (&flags.base, &flags.base_scores) } else { (&flags.tuned, &flags.tuned_scores) };
    let section = format!("models.{role}");
    if let Some(path) = path {
        let graph = Graph::read(path).map_err(failure)?;
        let text = tasks::snippet(role, &from(folder, path), &graph.signature, data.map(Dataset::columns));
        // The header stands in the preset.
        draft.set(&section, "path", text.lines().skip(1).map(String::from).collect());
    } else if let Some(column) = scores {
        draft.set(&section, "path", vec![format!("scores = {}", quote(column))]);
    }
    if let Some(threshold) = flags.threshold.as_deref().filter(|_| path.is_some() || scores.is_some()) {
        draft.set(&section, "threshold", vec![format!("threshold = {}", value(threshold))]);
    }
    Ok(())
}

/// The data's path, and a comment on what a reader may choose from.
fn paths(given: &[PathBuf], data: &Dataset, folder: &Path) -> Vec<String> {
    let paths: Vec<String> = given.iter().map(|path| quote(&from(folder, path))).collect();
    let path = if let [one] = &paths[..] { one.clone() } else { format!("[{}]", paths.join(", ")) };
    let rows = data.rows_hint().map_or(String::new(), |rows| format!("{rows} rows. "));
    let mut names: Vec<String> = data.columns().iter().filter(|column| is_candidate(column)).map(described).collect();
    let more = names.len().saturating_sub(MOST_COLUMNS);
    names.truncate(MOST_COLUMNS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let comment = format!("# {rows}Columns that could be labels or groups: {}{more}.", names.join(", "));
    vec![format!("path = {path}"), comment]
}

/// Whether a column has values that could be groups as they are.
fn is_candidate(column: &ColumnInfo) -> bool {
    matches!(column.kind, ColumnKind::Text | ColumnKind::Integer | ColumnKind::Boolean)
}

fn described(column: &ColumnInfo) -> String {
    format!("{} ({})", quoted(&column.name), clean(&column.dtype))
}

fn label(draft: &mut Draft, flags: &Flags, data: Option<&Dataset>) -> Result<(), Failure> {
    let Some(label) = &flags.label else { return Ok(()) };
    draft.set("data", "label", vec![format!("label = {}", quote(label))]);
    if let Some(positive) = &flags.positive {
        draft.set("data", "positive", vec![format!("positive = {}", value(positive))]);
    } else if let Some(data) = data {
        draft.set("data", "positive", guessed(&values(data, label)?));
    }
    Ok(())
}

/// The values of a column, as far as its first rows tell, smallest first.
fn values(data: &Dataset, column: &str) -> Result<Vec<String>, Failure> {
    let plan = ScanPlan { columns: vec![(column.into(), Want::Text)], filter: Vec::new(), limit: Some(LABELS_READ) };
    let mut found = BTreeSet::new();
    for table in data.scan(&plan).map_err(failure)? {
        let table = table.map_err(failure)?;
        found.extend(table.texts(column, 0..table.rows()).map_err(failure)?.into_iter().flatten());
    }
    let mut values: Vec<String> = found.into_iter().collect();
    values.sort_by(|a, b| number(a).total_cmp(&number(b)).then(a.cmp(b)));
    Ok(values)
}

/// Text has no place among numbers, and comes after them.
fn number(text: &str) -> f64 {
    text.parse().unwrap_or(f64::INFINITY)
}

/// The positive value, where two are there to choose from; what is guessed is said.
fn guessed(values: &[String]) -> Vec<String> {
    if values.len() > MOST_VALUES {
        return vec!["# The label has many values: it may be one of a regression.".into(), "positive = 1".into()];
    }
    let listed: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    let comment = format!("# Guessed: the label's values are {}.", listed.join(", "));
    vec![comment, format!("positive = {}", value(values.last().map_or("1", String::as_str)))]
}

fn groups(draft: &mut Draft, columns: &[String], data: Option<&Dataset>) -> Result<(), Failure> {
    let known = data.map(Dataset::columns).unwrap_or_default();
    let absent = |name: &&String| data.is_some() && !known.iter().any(|column| column.name == **name);
    if let Some(name) = columns.iter().find(absent) {
        let help = suggest(name, known.iter().map(|column| column.name.as_str())).unwrap_or_default();
        return Err(Failure::usage(format!("the data has no column {}", quoted(name)), help));
    }
    if !columns.is_empty() {
        draft.group_by(columns);
    }
    Ok(())
}

/// A path as it is written in a file in `folder`.
fn from(folder: &Path, path: &Path) -> String {
    let absolute = [folder, path].map(|path| std::path::absolute(path).ok());
    let here = folder.as_os_str().is_empty() || folder == Path::new(".") || path.is_absolute();
    let ([Some(folder), Some(target)], false) = (absolute, here) else { return path.display().to_string() };
    let plain = |path: &Path| {
        path.components()
            .filter(|part| *part != Component::CurDir)
            .map(|part| part.as_os_str().to_owned())
            .collect::<Vec<_>>()
    };
    let (folder, target) = (plain(&folder), plain(&target));
    let shared = folder.iter().zip(&target).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".into(), folder.len() - shared);
    up.chain(target[shared..].iter().cloned()).collect::<PathBuf>().display().to_string()
}

fn failure(error: impl std::fmt::Display) -> Failure {
    Failure::Error(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_from_the_files_folder() {
        let written = |folder: &str, path: &str| from(Path::new(folder), Path::new(path));
        assert_eq!(written("", "models/b.onnx"), "models/b.onnx");
        assert_eq!(written("audits", "models/b.onnx"), "../models/b.onnx");
        assert_eq!(written("audits/hiring", "audits/b.onnx"), "../b.onnx");
        assert_eq!(written("audits", "/data/b.onnx"), "/data/b.onnx");
    }

    #[test]
    fn a_positive_value_is_the_last_and_is_said_to_be_guessed() {
        let of = |values: &[&str]| guessed(&values.iter().map(|value| value.to_string()).collect::<Vec<_>>());
        assert_eq!(of(&["0", "1"])[1], "positive = 1");
        assert_eq!(
            of(&["<=50K", ">50K"]),
            ["# Guessed: the label's values are `<=50K`, `>50K`.", "positive = \">50K\""]
        );
        assert_eq!(of(&["false", "true"])[1], "positive = true");
        assert!(of(&["a\nlabel = 1", "b"])[0].lines().count() == 1);
    }
}
