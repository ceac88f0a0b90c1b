//! Reads `[stats]`: confidence, what counts as a gap, and which metrics get findings.

use super::audit::usual_top_k;
use super::gaps::{self, SmallestGaps};
use super::known::Known;
use super::problem::{Problem, closest, quoted};
use super::reader::Reader;
use super::{Audit, Multiplicity, Stats};
use crate::metrics::{self, Metric, Peer};
use crate::tasks::Task;
use std::collections::BTreeMap;

const CONFIDENCE: f64 = 0.95;
const SAME_SIZE: f64 = 1.5;
const MOSTLY_NEW: f64 = 3.0;
const SEED: u64 = 20261123;
/// What gets findings where nothing is said, as far as the data allows.
const METRICS: [&str; 4] = ["selection_rate", "true_positive_rate", "false_positive_rate", "accuracy"];
const REGRESSION_METRICS: [&str; 3] = ["mean_error", "mean_absolute_error", "mean_prediction"];
const MULTIPLICITY: &[(&str, Multiplicity)] = &[
    ("bh", Multiplicity::Bh),
    ("by", Multiplicity::By),
    ("holm", Multiplicity::Holm),
    ("none", Multiplicity::None),
    ("bayes", Multiplicity::Bayes),
];

/// The settings by which findings are judged: those that a policy may set too.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judging {
    /// Confidence of intervals and of the correction for multiplicity.
    pub confidence: Option<f64>,
    /// τ.
    pub smallest_gap: Option<SmallestGaps>,
    /// φ.
    pub same_size: Option<f64>,
    /// ψ.
    pub mostly_new: Option<f64>,
    /// How findings are corrected.
    pub multiplicity: Option<Multiplicity>,
}

/// `[stats]` of an audit file, before a policy has its say.
#[derive(Default)]
pub struct Given {
    judging: Judging,
    metrics: Option<Vec<String>>,
    seed: Option<u64>,
    classes: Vec<String>,
    control: Vec<usize>,
    sweep: bool,
    top_k: Option<u64>,
}

/// Reads what a policy may set; all else is a problem.
pub fn judging(stats: &Reader, known: &Known) -> Judging {
    Judging {
        confidence: stats.number("confidence", "at least 0.5 and below 1", |c| (0.5..1.0).contains(&c)),
        smallest_gap: gaps::read(stats, known.task),
        same_size: stats
            .number("same_size", "above 1: the ratio within which gaps are about the same size", |ratio| ratio > 1.0),
        mostly_new: stats
            .number("mostly_new", "above 1: how many times the base's gap is mostly new", |ratio| ratio > 1.0),
        multiplicity: stats.choice("multiplicity", MULTIPLICITY),
    }
}

/// Reads `[stats]` of an audit file. `known` tells which metrics the data allows.
pub fn read(root: &Reader, known: &Known) -> Given {
    let read = root.within("stats", |stats| Given {
        judging: judging(stats, known),
        metrics: metrics(stats, known),
        seed: stats.whole("seed", 0),
        classes: classes(stats, known),
        control: control(stats, known),
        sweep: sweep(stats, known),
        top_k: top_k(stats, known),
    });
    read.unwrap_or_default()
}

impl Given {
    /// Complains where the smallest gap that counts is needed and cannot be supposed: a number in the
    /// label's unit.
    pub fn check_gap(&self, root: &Reader, policy: &Judging, known: &Known) {
        let given = root.place("stats.smallest_gap").is_some() || policy.smallest_gap.is_some();
        if known.task == Task::Regression && known.both() && !given {
            let place = root.place("data.task").unwrap_or_else(|| root.span().clone());
            let problem = Problem::at(&place, "`smallest_gap` is missing, and for a regression it cannot be supposed");
            root.report(
                problem.help("give the smallest gap that counts, in the label's unit: [stats] smallest_gap = 500"),
            );
        }
    }

    /// The settings in full; what the file leaves open is taken from the policy, else the default.
    pub fn resolve(self, policy: &Judging, known: &Known) -> Stats {
        let own = self.judging;
        let gaps = own.smallest_gap.or_else(|| policy.smallest_gap.clone()).unwrap_or_default();
        let mut stats = Stats {
            confidence: own.confidence.or(policy.confidence).unwrap_or(CONFIDENCE),
            smallest_gap: gaps.default,
            smallest_gaps: BTreeMap::new(),
            same_size: own.same_size.or(policy.same_size).unwrap_or(SAME_SIZE),
            mostly_new: own.mostly_new.or(policy.mostly_new).unwrap_or(MOSTLY_NEW),
            multiplicity: own.multiplicity.or(policy.multiplicity).unwrap_or(Multiplicity::Bh),
            metrics: self.metrics.unwrap_or_else(|| default_metrics(known)),
            classes: self.classes,
            control: self.control,
            sweep: self.sweep,
            top_k: self.top_k.unwrap_or_else(usual_top_k),
            seed: self.seed.unwrap_or(SEED),
        };
        stats.set_smallest_gap(gaps);
        stats
    }

    /// Ids of the metrics that get findings.
    pub fn findings(&self, known: &Known) -> Vec<String> {
        self.metrics.clone().unwrap_or_else(|| default_metrics(known))
    }
}

fn default_metrics(known: &Known) -> Vec<String> {
    let metrics = match known.task {
        Task::Binary | Task::Multiclass => &METRICS[..],
        Task::Regression => &REGRESSION_METRICS,
    };
    let allowed =
        metrics.iter().filter(|id| known.labels || metrics::find(id).is_some_and(|metric| !metric.needs_labels));
    allowed.map(|id| String::from(*id)).collect()
}

/// The classes that get findings of their own.
fn classes(stats: &Reader, known: &Known) -> Vec<String> {
    let classes = stats.literals("classes").unwrap_or_default();
    if known.task != Task::Multiclass && stats.has("classes") {
        let problem = stats.at("classes", "classes are those of a multiclass task");
        stats.report(problem.help("leave them out"));
    }
    classes.iter().map(|class| class.text()).collect()
}

/// How many of the best classes a top-k accuracy counts.
fn top_k(stats: &Reader, known: &Known) -> Option<u64> {
    if known.task != Task::Multiclass && stats.has("top_k") {
        let problem = stats.at("top_k", "the best classes are those of a multiclass task");
        stats.report(problem.help("leave it out"));
    }
    stats.whole("top_k", 1)
}

/// The attributes inside whose groups gaps are taken too.
fn control(stats: &Reader, known: &Known) -> Vec<usize> {
    let mut found = Vec::new();
    for (name, span) in stats.texts("control").unwrap_or_default() {
        match known.attribute(&name) {
            Ok(index) if found.contains(&index) => stats
                .report(Problem::at(&span, format!("{} stands here twice", quoted(&name))).help("keep one of them")),
            Ok(index) => found.push(index),
            Err(complaint) => stats.report(complaint.at(&span)),
        }
    }
    if !found.is_empty() && known.task != Task::Binary {
        let problem = stats.at("control", format!("strata are not supported for a {} task", known.task.word()));
        stats.report(problem.help("leave `control` out"));
    }
    found
}

/// Whether decisions are counted at other thresholds too.
fn sweep(stats: &Reader, known: &Known) -> bool {
    let asked = stats.boolean("sweep").unwrap_or_default();
    if asked && known.task != Task::Binary {
        let problem = stats.at("sweep", format!("a {} task has no thresholds", known.task.word()));
        stats.report(problem.help("leave `sweep` out"));
    }
    asked
}

/// Strata are counted row by row, once each.
pub fn check_control(root: &Reader, audit: &Audit) {
    let counted = audit.data.weight.is_none() && audit.data.unit.is_none();
    if let Some(place) = root.place("stats.control").filter(|_| !counted) {
        let problem = Problem::at(&place, "strata are not supported for rows with `weight` or `unit`");
        root.report(problem.help("leave `control` out"));
    }
}

fn metrics(stats: &Reader, known: &Known) -> Option<Vec<String>> {
    let mut ids: Vec<String> = Vec::new();
    for (name, span) in stats.texts("metrics")? {
        match finding_metric(&name, known) {
            Err(problem) => stats.report(Problem { span: Some(span), ..problem }),
            Ok(metric) if ids.iter().any(|id| id == metric.id) => {
                let message = format!("{} names {} again", quoted(&name), quoted(metric.id));
                stats.report(Problem::at(&span, message).help("keep one of them"));
            }
            Ok(metric) => ids.push(metric.id.into()),
        }
    }
    Some(ids)
}

/// A metric that can have findings on this data; the problem has no place yet.
fn finding_metric(name: &str, known: &Known) -> Result<&'static Metric, Problem> {
    let metric = metric(name, known)?;
    if !metrics::has_findings(metric) {
        let message = format!("{} gets no findings: base and tuned do not each have one", quoted(metric.id));
        return Err(
            Problem::general(message).help("leave it out here; it is measured all the same, and checks can limit it")
        );
    }
    Ok(metric)
}

/// A metric by id or alias that this data allows; the problem has no place yet.
pub fn metric(name: &str, known: &Known) -> Result<&'static Metric, Problem> {
    let metric = named_metric(name)?;
    if !metric.fits(known.task) {
        let message = format!("{} is no metric of a {} task", quoted(metric.id), known.task.word());
        return Err(Problem::general(message).maybe_help(fitting(known.task)));
    }
    if metric.needs_labels && !known.labels {
        let message = format!("{} needs labels, and no label column is given", quoted(metric.id));
        return Err(Problem::general(message).help("give `label`, or leave the metric out"));
    }
    if metric.needs_direction() && !known.direction {
        let message = format!("{} needs to know which decision benefits a person", quoted(metric.id));
        return Err(Problem::general(message).help("say so: [data] favorable = true, or false"));
    }
    Ok(metric)
}

/// A metric by id or alias, whatever the data allows; the problem has no place yet.
pub fn named_metric(name: &str) -> Result<&'static Metric, Problem> {
    metrics::find(name).ok_or_else(|| match metrics::named(name) {
        Some((metric, peers)) => made_of(name, metric, &peers),
        None => Problem::general(format!("{} is not a metric", quoted(name))).maybe_help(suggest_metric(name)),
    })
}

/// A name that another system gives to a gap or ratio over a metric, or to what is not measured.
fn made_of(name: &str, metric: &Metric, peers: &[Peer]) -> Problem {
    let made: Vec<&Peer> = peers.iter().filter(|peer| peer.is.is_some()).collect();
    let Some(first) = made.first() else {
        let differs = peers.first().map_or("", |peer| peer.differs);
        let message = format!("{} is not measured: {differs}", quoted(name));
        return Problem::general(message).help(format!("the nearest metric is {}", quoted(metric.id)));
    };
    let is = |peer: &Peer| peer.is.map_or("", metrics::of_word);
    let message = format!("{} is no metric, but the {} of {}", quoted(name), is(first), quoted(metric.id));
    let way = |peer: &&Peer| {
        let differs = if peer.differs.is_empty() { String::new() } else { format!(", {}", peer.differs) };
        format!("of = \"{}\" ({}{differs})", is(peer), peer.system)
    };
    let ways: Vec<String> = made.iter().map(way).collect();
    Problem::general(message).help(format!("name {}; a check says {}", quoted(metric.id), ways.join(", or ")))
}

/// The metrics that a task has, for advice.
fn fitting(task: Task) -> Option<String> {
    let ids: Vec<&str> = metrics::of(task).map(|metric| metric.id).collect();
    Some(format!("its metrics are {}", ids.join(", ")))
}

/// The metric meant, by id or alias, else all ids.
pub fn suggest_metric(name: &str) -> Option<String> {
    let names: Vec<&str> =
        metrics::all().flat_map(|metric| std::iter::once(metric.id).chain(metric.aliases.iter().copied())).collect();
    let close =
        closest(name, &names).and_then(metrics::find).map(|metric| format!("did you mean {}?", quoted(metric.id)));
    close.or_else(|| Some("`heirloom explain` lists the metrics".into()))
}
