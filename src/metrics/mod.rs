//! The METRICS table: every metric that can be named, in one place.
//!
//! A metric is one entry: policy names, `explain`, intervals, verdicts, result and report follow
//! from it. Ids are fairlearn's where it has one; a gap is not a metric but an aggregate over one.

mod agreement;
mod attribute;
mod column;
mod composite;
mod decision;
mod leep;
mod paired;
mod peer;
mod regression;
mod score;
mod versus;

pub use agreement::{Agreement, Table, kappa_of_classes};
pub use attribute::{Against, Tally};
pub use column::{Column, Sorted};
pub use composite::Confusion;
pub use peer::{Peer, named, of_word};
pub use score::{log_odds, slope};

use crate::evidence::{Cell, NEGATIVE, POSITIVE};
use crate::result::Of;
use crate::stats::{Dual, Influenced, Scale, area, mean};
use crate::tasks::Task;
use std::collections::HashMap;
use std::sync::LazyLock;

/// One metric.
#[derive(Debug)]
pub struct Metric {
    /// Stable id, fairlearn's where it has one.
    pub id: &'static str,
    /// Other names accepted on input.
    pub aliases: &'static [&'static str],
    /// Title for headings, `True positive rate`.
    pub title: &'static str,
    /// What happens to a person, for sentences and narrow tables, `selected`.
    pub plain: &'static str,
    /// Who is in the condition, for sentences, `of all`, `of those with a positive label`.
    pub among: &'static str,
    /// In which direction a group is better off.
    pub better: Better,
    /// How it is counted.
    pub formula: Formula,
    /// Whether rows without a label are outside the condition.
    pub needs_labels: bool,
    /// The formula: of counts TP, FP, FN and TN among n rows, or of label y, score s and the decisions
    /// b of the base and t of the tuned model.
    pub symbols: &'static str,
    /// The smallest gap that counts where the audit names none.
    pub smallest_gap: SmallestGap,
    /// What other systems call it, or a number made of it.
    pub peers: &'static [Peer],
    /// Definition, edge cases and difference to the peers, in sentences.
    pub doc: &'static str,
    /// Paper or manual that the definition follows.
    pub source: &'static str,
}

/// The one metric of scores that is a rate, and that a regression has too.
const SCORING_RATE: &str = "scoring_rate";

/// The one metric of a slice against the others that needs labels that are numbers.
const RESIDUAL_DISTANCE: &str = "residual_wasserstein";

/// The one metric of a slice against the others that needs several classes.
const CONFUSION_DISTANCE: &str = "confusion_distance";

/// The one rate that needs the scores of several classes.
pub const TOP_K_ACCURACY: &str = "top_k_accuracy";

/// Rows below which nothing gets a verdict, whatever `min_support` says.
const FLOOR: u64 = 10;

/// In which direction a group is better off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// A larger number is better.
    Higher,
    /// A smaller number is better.
    Lower,
    /// Larger is better where `favorable = true`, smaller where it is false, else not declared.
    AsDeclared,
    /// Neither.
    Neutral,
}

/// The smallest gap that counts where the audit names none for the metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SmallestGap {
    /// The default of `[stats] smallest_gap`: a rate, or a number on the scale of one.
    Default,
    /// This: the metric has a scale of its own.
    Own(f64),
    /// None can be said, and no default fits: the audit has to name it.
    Named,
}

impl SmallestGap {
    /// The metric's own.
    pub fn own(self) -> Option<f64> {
        if let SmallestGap::Own(gap) = self { Some(gap) } else { None }
    }
}

/// How a metric of decisions reads a task of several classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Across {
    /// One class against all others, class by class.
    Class,
    /// All classes together: right or wrong.
    Right,
    /// All classes together: the label among the best.
    Best,
    /// All classes together: decided alike or differently.
    Same,
    /// All classes together, each by its name.
    Named,
    /// The rows of one class, and what was decided of them.
    Confused,
}

/// What a person's row says for one model: its label and decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    /// True for a positive label; `None` where it is null.
    pub label: Option<bool>,
    /// True for a positive decision.
    pub said: bool,
}

/// How a metric is counted. Of a rate, P(event | condition), `None` is outside the condition.
#[derive(Debug, Clone, Copy)]
pub enum Formula {
    /// Of one model's decisions.
    Rate(fn(Side) -> Option<bool>),
    /// Of the labels alone.
    Labels(fn(bool) -> Option<bool>),
    /// Of one model's confusion table: a number that mixes several of its counts.
    Composite {
        /// The number with its derivatives; `None` where it is not defined.
        of: fn(&Confusion) -> Option<Dual>,
        /// On which scale its limits are even.
        scale: Scale,
    },
    /// Of one model's scores.
    Score(Scored),
    /// Of the numbers that one model predicts.
    Number(Scored),
    /// Of one model's scores, a slice against everyone else.
    Versus(Versus),
    /// Of all groups of an attribute together.
    Attribute {
        /// What decisions are held against.
        against: Against,
        /// The number; `None` where it is not defined.
        of: fn(&[Tally]) -> Option<f64>,
    },
    /// Of a table of what the base gave by what the tuned model gave.
    Agreement {
        /// Which table.
        table: Table,
        /// The number with its derivatives; `None` where it is not defined.
        of: fn(&Agreement) -> Option<Dual>,
        /// On which scale its limits are even; `None` where it has no interval.
        scale: Option<Scale>,
    },
    /// Of both models' decisions on the same row; the last argument is `favorable`.
    Paired(fn(Side, Side, Option<bool>) -> Option<bool>),
}

/// How a metric of scores, or of predicted numbers, is made of the rows.
#[derive(Debug, Clone, Copy)]
pub enum Scored {
    /// The mean of a number of every row, NaN outside the condition.
    Mean(fn(Row) -> f64, Scale),
    /// The area under the ROC curve.
    Area,
    /// The slope of a logistic regression of the labels on the scores' log-odds.
    Slope,
    /// Anything else of all rows together; without influences it has no interval and no findings.
    Whole(fn(&Column) -> Option<Influenced>),
    /// The same of the rows that have a label and a score, in the order of their scores.
    Sorted(fn(&Sorted) -> Option<Influenced>),
}

impl Scored {
    /// One model's number with the influence of every row.
    pub fn of_column(self, column: &Column) -> Option<Influenced> {
        match self {
            Scored::Mean(of, scale) => mean(&column.each(of), &column.weight, scale),
            Scored::Area => area(&column.label, &column.score, &column.weight, &column.order),
            Scored::Slope => score::slope(&Sorted::new(column)),
            Scored::Whole(of) => of(column),
            Scored::Sorted(of) => of(&Sorted::new(column)),
        }
    }
}

/// How a metric holds a slice against everyone else.
#[derive(Debug, Clone, Copy)]
pub enum Versus {
    /// The area of the others' positives against the slice's negatives.
    Below,
    /// The area of the slice's positives against the others' negatives.
    Above,
    /// sup |F − G| of the scores.
    Largest,
    /// ∫ |F − G| of the scores.
    Between,
    /// Anything else of all rows together.
    Whole(fn(&Column, &Column) -> Option<Influenced>),
}

/// What one row says for one model; NaN stands for what is not there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// The label: 1 or 0, or a number.
    pub label: f64,
    /// The score, or the predicted number.
    pub score: f64,
    /// The median of the scores of everyone.
    pub median: f64,
}

/// The tables, each under a heading, in the order in which `explain` lists them.
pub fn tables() -> [(&'static str, &'static [Metric]); 8] {
    [
        ("Rates of one model's decisions", decision::METRICS),
        ("Numbers of one model's confusion table", composite::METRICS),
        ("Numbers of one model's scores", score::METRICS),
        ("Numbers of one model's scores, a group against the others", versus::METRICS),
        ("Numbers of one model's predictions of a number", regression::METRICS),
        ("Rates of both models on the same row", paired::METRICS),
        ("Numbers of both models on the same rows", agreement::METRICS),
        ("Numbers over all groups of an attribute", attribute::METRICS),
    ]
}

/// Every metric.
pub fn all() -> impl Iterator<Item = &'static Metric> {
    tables().into_iter().flat_map(|(_, metrics)| metrics)
}

/// The metrics of a task, in the same order.
pub fn of(task: Task) -> impl Iterator<Item = &'static Metric> {
    all().filter(move |metric| metric.fits(task))
}

/// The metric of that id, alias or name in another system; case does not count.
pub fn find(name: &str) -> Option<&'static Metric> {
    static BY_ID: LazyLock<HashMap<&str, &Metric>> =
        LazyLock::new(|| all().map(|metric| (metric.id, metric)).collect());
    static BY_NAME: LazyLock<HashMap<String, &Metric>> = LazyLock::new(by_name);
    BY_ID.get(name).or_else(|| BY_NAME.get(&name.to_ascii_lowercase())).copied()
}

/// Every metric by all of its names in lower case; of metrics that share a name, the first.
fn by_name() -> HashMap<String, &'static Metric> {
    let mut by_name = HashMap::new();
    for metric in all() {
        let peers = metric.peers.iter().filter(|peer| peer.is == Some(Of::Value)).map(|peer| peer.name);
        let names = [metric.id].into_iter().chain(metric.aliases.iter().copied()).chain(peers);
        names.for_each(|name| _ = by_name.entry(name.to_ascii_lowercase()).or_insert(metric));
    }
    by_name
}

/// Whether a metric can have findings: base and tuned each have one, with a known error.
pub fn has_findings(metric: &Metric) -> bool {
    let without_error = ["expected_calibration_error", "debiased_calibration_error"].contains(&metric.id);
    of_model(metric) && !without_error
}

/// Whether a metric describes one model, so that base and tuned each have one.
pub fn of_model(metric: &Metric) -> bool {
    matches!(metric.formula, Formula::Rate(_) | Formula::Composite { .. } | Formula::Score(_) | Formula::Number(_))
}

/// Whether a metric describes both models at once, so that its value is no difference.
pub fn of_pair(metric: &Metric) -> bool {
    matches!(metric.formula, Formula::Paired(_) | Formula::Agreement { .. })
}

/// Whether a metric is a rate, which counts people: "of 100", gaps in points.
pub fn is_rate(metric: &Metric) -> bool {
    let counted = matches!(metric.formula, Formula::Rate(_) | Formula::Labels(_) | Formula::Paired(_));
    counted || metric.id == SCORING_RATE
}

/// Whether a metric has a mean over classes that says something: shares of the classes have none, since
/// they add up to 1.
pub fn has_mean(metric: &Metric) -> bool {
    metric.across() == Some(Across::Class) && metric.needs_labels && of_model(metric)
}

/// Whether a metric needs the score of every row.
pub fn needs_scores(metric: &Metric) -> bool {
    matches!(metric.formula, Formula::Score(_) | Formula::Number(_) | Formula::Versus(_))
}

impl Metric {
    /// What a table's entries start from: no words, a neutral direction, the default gap, no other names.
    const BLANK: Metric = Metric {
        id: "",
        aliases: &[],
        title: "",
        plain: "",
        among: "of all with a label",
        better: Better::Neutral,
        formula: Formula::Labels(|_| None),
        needs_labels: true,
        symbols: "",
        smallest_gap: SmallestGap::Default,
        peers: &[],
        doc: "",
        source: "",
    };

    /// The same metric with a smallest gap of its own.
    const fn counting_from(self, gap: f64) -> Metric {
        Metric { smallest_gap: SmallestGap::Own(gap), ..self }
    }

    /// The same metric where every audit has to name the smallest gap.
    const fn named_by_the_audit(self) -> Metric {
        Metric { smallest_gap: SmallestGap::Named, ..self }
    }

    /// The same metric with its formula in symbols.
    const fn written(self, symbols: &'static str) -> Metric {
        Metric { symbols, ..self }
    }

    /// The same metric with its names in other systems.
    const fn elsewhere(self, peers: &'static [Peer]) -> Metric {
        Metric { peers, ..self }
    }

    /// Whether it is for the predictions of a task.
    pub fn fits(&self, task: Task) -> bool {
        match self.formula {
            _ if task == Task::Multiclass => self.across().is_some(),
            Formula::Rate(_) if self.id == TOP_K_ACCURACY => false,
            Formula::Score(_) if self.id == SCORING_RATE => true,
            Formula::Versus(_) if self.id == CONFUSION_DISTANCE => false,
            Formula::Versus(_) if !self.needs_labels => true,
            Formula::Versus(_) if self.id == RESIDUAL_DISTANCE => task == Task::Regression,
            Formula::Number(_) => task == Task::Regression,
            _ => task == Task::Binary,
        }
    }

    /// How it reads several classes; `None` where it does not.
    pub fn across(&self) -> Option<Across> {
        match self.formula {
            Formula::Rate(_) if ["accuracy", "error_rate"].contains(&self.id) => Some(Across::Right),
            Formula::Rate(_) if self.id == TOP_K_ACCURACY => Some(Across::Best),
            Formula::Rate(_) | Formula::Composite { .. } | Formula::Labels(_) => Some(Across::Class),
            Formula::Paired(_) if self.id == "churn" => Some(Across::Same),
            Formula::Paired(_) if self.needs_labels => Some(Across::Right),
            Formula::Agreement { table: Table::Right, .. } => Some(Across::Right),
            Formula::Agreement { .. } if self.id == "cohens_kappa" => Some(Across::Named),
            Formula::Versus(_) if self.id == CONFUSION_DISTANCE => Some(Across::Confused),
            Formula::Attribute { .. } => Some(Across::Class),
            _ => None,
        }
    }

    /// Whether larger is better, given whether the positive decision benefits the person.
    pub fn higher_is_better(&self, favorable: Option<bool>) -> Option<bool> {
        match self.better {
            Better::Higher => Some(true),
            Better::Lower => Some(false),
            Better::AsDeclared => favorable,
            Better::Neutral => None,
        }
    }

    /// The least and the largest value that it can have; infinite where nothing bounds it, as scores
    /// need not be probabilities.
    pub fn bounds(&self) -> (f64, f64) {
        match self.formula {
            Formula::Rate(_) | Formula::Labels(_) | Formula::Paired(_) => (0.0, 1.0),
            Formula::Composite { scale: Scale::Signed, .. } => (-1.0, 1.0),
            Formula::Composite { scale: Scale::Positive, .. } => (0.0, f64::INFINITY),
            Formula::Composite { .. } => (0.0, 1.0),
            Formula::Score(_) if ["roc_auc", SCORING_RATE].contains(&self.id) => (0.0, 1.0),
            Formula::Agreement { scale: Some(Scale::Signed), .. } => (-1.0, 1.0),
            Formula::Agreement { scale: Some(_), .. } => (0.0, f64::INFINITY),
            Formula::Agreement { .. } => (0.0, 1.0),
            Formula::Versus(_) if self.id == "score_wasserstein" || self.id == RESIDUAL_DISTANCE => {
                (0.0, f64::INFINITY)
            }
            Formula::Attribute { .. } if self.id == "differential_fairness" => (0.0, f64::INFINITY),
            Formula::Attribute { against, .. } if against != Against::Nothing && self.id.starts_with("bias_") => {
                (-1.0, 1.0)
            }
            Formula::Versus(_) | Formula::Attribute { .. } => (0.0, 1.0),
            Formula::Score(_) | Formula::Number(_) => (f64::NEG_INFINITY, f64::INFINITY),
        }
    }

    /// Whose rows a comparison rests on, for sentences: of an area under a curve those of the rarer label.
    pub fn rests_on(&self) -> &'static str {
        if self.id == "roc_auc" { "of those with the rarer label" } else { self.among }
    }

    /// Rows inside the condition below which nothing is claimed (statistics.md 2.6): `min_support`, at
    /// least 10; of an area under a curve 10 of the rarer label.
    pub fn least_support(&self, min_support: u64) -> u64 {
        if self.id == "roc_auc" { FLOOR } else { min_support.max(FLOOR) }
    }

    /// True when the metric needs `favorable` to be declared.
    pub fn needs_direction(&self) -> bool {
        matches!(self.id, "adverse_flip_rate" | "favorable_flip_rate")
    }
}

/// The side of a cell for one model, or `None` where that model said nothing.
pub fn side(cell: &Cell, model: usize) -> Option<Side> {
    let binary = |class: Option<u16>| class.map(|class| class == POSITIVE);
    debug_assert!(cell.said[model].is_none_or(|class| class == POSITIVE || class == NEGATIVE));
    binary(cell.said[model]).map(|said| Side { label: binary(cell.label[model]), said })
}
