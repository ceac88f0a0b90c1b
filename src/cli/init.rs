//! `heirloom init`: writes a commented audit file to start from, filled with what models and data tell.

use super::flags::{Flags, quote, value};
use super::guess::{Survey, is_age, is_candidate, tenth_of_spread};
use super::{Failure, files, print};
use crate::config::{Draft, PRESETS, Preset, clean, preset, quoted, suggest};
use crate::data::{ColumnInfo, Dataset};
use crate::models::onnx::Graph;
use crate::models::{Feed, OnnxSpec};
use crate::result::ExitStatus;
use crate::tasks::{self, Beside, Task};
use std::path::{Component, Path, PathBuf};

/// Columns named in a comment at most.
const MOST_COLUMNS: usize = 30;

/// Arguments of `heirloom init`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to start from: default, hiring, lending, health, ll144 or eu
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
    let plan = Plan::of(preset, &args.flags)?;
    let text = plan.text(preset, &args.flags, args.out.parent().unwrap_or(Path::new("")))?;
    files::write_new(&args.out, &text, args.force)?;
    let open = plan.open(&args.flags, &text);
    let next = match open.is_empty() {
        true => "Look it through, then".to_owned(),
        false => format!("Name in it {}, then", open.join(" and ")),
    };
    print(&format!("Wrote {}. {}", files::name(&args.out), plan.guesses()));
    print(&format!("{next}: heirloom audit {}\n", clean(&args.out.display().to_string())));
    Ok(ExitStatus::Ok)
}

fn named(id: &str) -> Result<&'static Preset, Failure> {
    preset(id).ok_or_else(|| {
        let help = suggest(id, PRESETS.iter().map(|preset| preset.id)).unwrap_or_default();
        Failure::usage(format!("there is no preset {}", quoted(id)), help)
    })
}

/// What the file will say: what flags, models and data tell, and what is guessed from them.
#[derive(Default)]
struct Plan {
    graphs: [Option<Graph>; 2],
    data: Option<Dataset>,
    label: Option<String>,
    groups: Vec<String>,
    /// The label's values, smallest first, where they are few.
    values: Vec<String>,
    task: Task,
    /// A tenth of the spread of a regression's label.
    gap: f64,
    numbers: Vec<Vec<String>>,
    text: Option<String>,
    image: Option<String>,
    /// Columns of years, which are cut into bins.
    ages: Vec<String>,
    guessed: Vec<String>,
}

impl Plan {
    fn of(preset: &Preset, flags: &Flags) -> Result<Plan, Failure> {
        if flags.scores.is_some() {
            let help = "give --base-scores and --tuned-scores, or audit with --scores without a file";
            return Err(Failure::usage("an audit file to start from compares two models", help));
        }
        let graph = |path: &Option<PathBuf>| path.as_deref().map(Graph::read).transpose().map_err(failure);
        let mut plan = Plan { graphs: [graph(&flags.base)?, graph(&flags.tuned)?], ..Plan::default() };
        (plan.label, plan.groups) = (flags.label.clone(), flags.groups.clone());
        if !flags.data.is_empty() {
            let data = open(&flags.data)?;
            known(&data, &flags.groups)?;
            let survey = Survey::of(&data).map_err(failure)?;
            plan.data = Some(data);
            plan.survey(preset, flags, &survey)?;
        }
        Ok(plan)
    }

    /// Guesses what no flag told.
    fn survey(&mut self, preset: &Preset, flags: &Flags, survey: &Survey) -> Result<(), Failure> {
        if self.label.is_none() {
            self.label = survey.label(&[self.ports(), self.features()].concat()).map(String::from);
            self.guessed.extend(self.label.iter().map(|label| format!("label {}", quoted(label))));
        }
        if self.groups.is_empty() {
            self.groups = survey.groups(self.label.as_deref(), &self.features());
            let names: Vec<String> = self.groups.iter().map(|name| quoted(name)).collect();
            self.guessed.extend((!names.is_empty()).then(|| format!("groups {}", names.join(", "))));
        }
        self.ages = self.groups.iter().filter(|name| is_age(name) && survey.is_measured(name)).cloned().collect();
        self.numbers = survey.numbers(self.label.as_deref(), &self.groups).into();
        (self.text, self.image) = (survey.text().map(String::from), survey.image().map(String::from));
        let Some(label) = self.label.clone() else { return Ok(()) };
        self.values = survey.values(&label).unwrap_or_default().to_vec();
        if preset.id == PRESETS[0].id && flags.positive.is_none() {
            self.task = self.task(survey.is_measured(&label));
        }
        if let (Task::Regression, Some(data)) = (self.task, &self.data) {
            self.gap = tenth_of_spread(data, &label).map_err(failure)?;
        }
        self.guessed.extend((!self.task.is_default()).then(|| format!("task {}", quoted(self.task.word()))));
        Ok(())
    }

    /// Names that models give their inputs.
    fn ports(&self) -> Vec<String> {
        let ports = self.graphs.iter().flatten().flat_map(|graph| &graph.signature.inputs);
        ports.map(|port| port.name.clone()).collect()
    }

    /// Columns that models are known to take without inputs of their names: those of a prefix.
    fn features(&self) -> Vec<String> {
        let columns = self.data.as_ref().map(Dataset::columns).unwrap_or_default();
        let spec = OnnxSpec::default();
        let feed = |graph: &Graph| Feed::plan(&spec, &graph.signature, columns, Path::new("")).ok();
        let feeds = self.graphs.iter().flatten().filter_map(feed);
        let taken = feeds.flat_map(|plan| plan.feed.columns()).map(|(name, _)| name);
        let ports = self.ports();
        taken.filter(|name| !ports.contains(name)).collect()
    }

    fn task(&self, measured: bool) -> Task {
        let fits = |task| self.graphs.iter().flatten().all(|graph| tasks::may_be_for(task, &graph.signature));
        match self.values.len() {
            _ if measured && fits(Task::Regression) => Task::Regression,
            3.. if fits(Task::Multiclass) => Task::Multiclass,
            _ => Task::Binary,
        }
    }

    /// The preset with what is known; paths start from the file's folder.
    fn text(&self, preset: &Preset, flags: &Flags, folder: &Path) -> Result<String, Failure> {
        let mut draft = Draft::of(preset);
        self.model(&mut draft, 0, flags, folder);
        self.model(&mut draft, 1, flags, folder);
        if let Some(data) = &self.data {
            draft.set("data", "path", paths(&flags.data, data, folder));
        }
        self.asked(&mut draft, flags);
        if !self.groups.is_empty() {
            draft.group_by(&self.groups);
        }
        for age in &self.ages {
            draft.bins(age, "[25, 40, 60]    # guessed");
        }
        Ok(draft.text())
    }

    fn model(&self, draft: &mut Draft, side: usize, flags: &Flags, folder: &Path) {
        let role = ["base", "tuned"][side];
        let (path, scores) = [(&flags.base, &flags.base_scores), (&flags.tuned, &flags.tuned_scores)][side];
        let section = format!("models.{role}");
        if let (Some(path), Some(graph)) = (path, &self.graphs[side]) {
            let columns = self.data.as_ref().map(Dataset::columns);
            let beside = Beside {
                task: self.task,
                columns,
                numbers: &self.numbers,
                text: self.text.as_deref(),
                image: self.image.as_deref(),
                classes: &self.values,
            };
            let text = tasks::snippet(role, &from(folder, path), &graph.signature, beside);
            let text = with_companions(&text, path, folder);
            // The header stands in the preset.
            draft.set(&section, "path", text.lines().skip(1).map(String::from).collect());
        } else if let Some(column) = scores {
            draft.set(&section, "path", vec![format!("scores = {}", quote(column))]);
        }
        if let Some(threshold) = flags.threshold.as_deref().filter(|_| path.is_some() || scores.is_some()) {
            draft.set(&section, "threshold", vec![format!("threshold = {}", value(threshold))]);
        }
    }

    /// The label, and what is asked of it.
    fn asked(&self, draft: &mut Draft, flags: &Flags) {
        let Some(label) = &self.label else { return };
        let guessed = if flags.label.is_none() { "    # guessed" } else { "" };
        draft.set("data", "label", vec![format!("label = {}{guessed}", quote(label))]);
        match (self.task, &flags.positive) {
            (Task::Binary, Some(positive)) => {
                draft.set("data", "positive", vec![format!("positive = {}", value(positive))]);
            }
            (Task::Binary, None) if self.data.is_some() => draft.set("data", "positive", positive(&self.values)),
            (Task::Binary, None) => {}
            (task, _) => {
                draft.set("data", "positive", Vec::new());
                draft.set("data", "task", vec![format!("task = {}    # guessed", quote(task.word()))]);
                draft.set("[check]", "metric", vec![format!("metric = {}", quote(first_metric(task)))]);
            }
        }
        if self.task == Task::Regression {
            let gap = format!("smallest_gap = {}    # guessed: a tenth of the label's standard deviation", self.gap);
            draft.set("stats", "smallest_gap", vec![gap]);
            draft.set("[check]", "max_growth", vec![format!("max_growth = {}", self.gap)]);
        }
    }

    /// What was guessed, in a sentence.
    fn guesses(&self) -> String {
        if self.guessed.is_empty() { String::new() } else { format!("Guessed: {}. ", self.guessed.join("; ")) }
    }

    /// What is left for a person to name.
    fn open(&self, flags: &Flags, text: &str) -> Vec<&'static str> {
        let model = |path: &Option<PathBuf>, scores: &Option<String>| path.is_some() || scores.is_some();
        let models = model(&flags.base, &flags.base_scores) && model(&flags.tuned, &flags.tuned_scores);
        let inputs = text.lines().any(|line| line.starts_with("inputs.") && line.contains("\"...\""));
        let known = [
            (models, "your models"),
            (self.data.is_some(), "data"),
            (self.label.is_some(), "the label"),
            (!self.groups.is_empty(), "groups"),
            (!inputs, "the columns that the models take"),
        ];
        known.iter().filter(|(known, _)| !known).map(|(_, what)| *what).collect()
    }
}

/// Files that are saved beside a model, where they are found there.
fn with_companions(text: &str, model: &Path, folder: &Path) -> String {
    let there = |name: &&&str| model.with_file_name(name).exists();
    ["tokenizer.json", "preprocessor_config.json"].iter().filter(there).fold(text.to_owned(), |text, name| {
        text.replace(&quote(name), &quote(&from(folder, &model.with_file_name(name))))
    })
}

/// The metric that a first check of this task looks at.
fn first_metric(task: Task) -> &'static str {
    match task {
        Task::Binary => "selection_rate",
        Task::Multiclass => "accuracy",
        Task::Regression => "mean_prediction",
    }
}

fn open(paths: &[PathBuf]) -> Result<Dataset, Failure> {
    let patterns: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    Dataset::open(Path::new(""), &patterns).map_err(failure)
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

fn described(column: &ColumnInfo) -> String {
    let kind = match column.is_typed() {
        true => format!(" ({})", clean(&column.dtype)),
        false => String::new(),
    };
    format!("{}{kind}", quoted(&column.name))
}

/// The positive value, where two are there to choose from; what is guessed is said.
fn positive(values: &[String]) -> Vec<String> {
    if values.is_empty() {
        return vec!["# The label has many values, or none.".into(), "positive = 1".into()];
    }
    let listed: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    let comment = format!("# Guessed: the label's values are {}.", listed.join(", "));
    vec![comment, format!("positive = {}", value(values.last().map_or("1", String::as_str)))]
}

/// Groups that were asked for must be columns of the data.
fn known(data: &Dataset, groups: &[String]) -> Result<(), Failure> {
    let columns = data.columns();
    let absent = |name: &&String| !columns.iter().any(|column| column.name == **name);
    let Some(name) = groups.iter().find(absent) else { return Ok(()) };
    let help = suggest(name, columns.iter().map(|column| column.name.as_str())).unwrap_or_default();
    Err(Failure::usage(format!("the data has no column {}", quoted(name)), help))
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
        let of = |values: &[&str]| positive(&values.iter().map(|value| value.to_string()).collect::<Vec<_>>());
        assert_eq!(of(&["0", "1"])[1], "positive = 1");
        assert_eq!(
            of(&["<=50K", ">50K"]),
            ["# Guessed: the label's values are `<=50K`, `>50K`.", "positive = \">50K\""]
        );
        assert_eq!(of(&["false", "true"])[1], "positive = true");
        assert!(of(&["a\nlabel = 1", "b"])[0].lines().count() == 1);
    }
}
