//! `heirloom explain`: what a metric is, from the one table that everything else reads too.

use super::{Failure, print};
use crate::config::{quoted, suggest_metric};
use crate::metrics::{self, Better, Formula, Metric, Peer, SmallestGap};
use crate::result::{ExitStatus, Of};

/// Arguments of `heirloom explain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A metric by id, alias or name in another system; without it, all are listed
    name: Option<String>,
}

/// Explains.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    match &args.name {
        None => print(&list()),
        Some(name) => print(&answer(name)?),
    }
    Ok(ExitStatus::Ok)
}

/// The page of a metric; of what is made of one, how to ask for it, and then the metric's page.
fn answer(name: &str) -> Result<String, Failure> {
    if let Some(metric) = metrics::find(name) {
        return Ok(page(metric));
    }
    let unknown =
        || Failure::usage(format!("{} is not a metric", quoted(name)), suggest_metric(name).unwrap_or_default());
    let (metric, peers) = metrics::named(name).ok_or_else(unknown)?;
    let lines: String = peers.iter().map(|peer| meaning(name, metric, peer)).collect();
    Ok(format!("{lines}\n{}", page(metric)))
}

/// "disparate_impact (AIF360) is the ratio of selection_rate: unprivileged over privileged."
fn meaning(name: &str, metric: &Metric, peer: &Peer) -> String {
    let differs = if peer.differs.is_empty() { String::new() } else { format!(": {}", peer.differs) };
    let Some(of) = peer.is.map(metrics::of_word) else {
        return format!("{name} ({}) is not measured{differs}.\nThe nearest metric is {}.\n", peer.system, metric.id);
    };
    format!(
        "{name} ({}) is the {of} of {id}{differs}.\nIn a check: metric = \"{id}\", of = \"{of}\"\n",
        peer.system,
        id = metric.id
    )
}

/// All metrics, table by table.
fn list() -> String {
    let width = metrics::all().map(|metric| metric.id.len()).max().unwrap_or_default();
    let line = |metric: &Metric| format!("  {:width$}  {}, {}\n", metric.id, metric.plain, metric.among);
    let table = |(heading, metrics): (&str, &[Metric])| {
        format!("{heading}\n{}\n", metrics.iter().map(line).collect::<String>())
    };
    let tables: String = metrics::tables().into_iter().map(table).collect();
    format!(
        "{tables}A gap, a ratio or a spread is no metric, but is taken over one: `of` in a check.\n\
         `heirloom explain NAME` tells more of one, by any system's name.\n"
    )
}

fn page(metric: &Metric) -> String {
    let mut text = format!("{} ({})\n\n", metric.title, metric.id);
    let mut line = |name: &str, value: &str| text.push_str(&format!("  {name:<10} {value}\n"));
    line("counts", &format!("{}, {}", metric.plain, metric.among));
    line("formula", metric.symbols);
    line("of", of(metric));
    line("better", better(metric));
    line("undefined", &format!("where nobody is in the condition ({})", metric.among));
    line("labels", if metric.needs_labels { "needed" } else { "not needed" });
    if metrics::has_findings(metric) {
        line("a gap", &smallest_gap(metric));
    }
    if !metric.aliases.is_empty() {
        line("also", &metric.aliases.join(", "));
    }
    line("source", metric.source);
    format!("{text}\n{}\n{}", metric.doc, peers(metric))
}

/// What the other systems call it, and how that differs.
fn peers(metric: &Metric) -> String {
    let lines: String = metric.peers.iter().map(peer).collect();
    if lines.is_empty() { lines } else { format!("\nIn other systems\n{lines}") }
}

fn peer(peer: &Peer) -> String {
    let is = match peer.is {
        Some(Of::Value) => "the same".into(),
        Some(of) => format!("its {}", metrics::of_word(of)),
        None => "not measured".into(),
    };
    let differs = if peer.differs.is_empty() { String::new() } else { format!(": {}", peer.differs) };
    format!("  {} ({}): {is}{differs}\n", peer.name, peer.system)
}

fn of(metric: &Metric) -> &'static str {
    match metric.formula {
        Formula::Rate(_) => "one model's decisions; base and tuned are compared, so it can have findings",
        Formula::Composite { .. } => {
            "one model's confusion table; base and tuned are compared, so it can have findings"
        }
        Formula::Score(_) if metrics::has_findings(metric) => {
            "one model's scores; base and tuned are compared, so it can have findings"
        }
        Formula::Score(_) => "one model's scores, without findings",
        Formula::Number(_) => "one model's predicted numbers; base and tuned are compared, so it can have findings",
        Formula::Versus(_) => "one model's scores, a group against everyone else",
        Formula::Attribute { .. } => "all groups of an attribute together",
        Formula::Agreement { .. } => "both models on the same rows; it describes the change itself",
        Formula::Labels(_) => "the labels alone",
        Formula::Paired(_) => "both models' decisions on the same row; it describes the change itself",
    }
}

fn better(metric: &Metric) -> &'static str {
    match metric.better {
        Better::Higher => "higher",
        Better::Lower => "lower",
        Better::AsDeclared => "as `favorable` in [data] declares",
        Better::Neutral => "neither",
    }
}

fn smallest_gap(metric: &Metric) -> String {
    match metric.smallest_gap {
        SmallestGap::Default => "counts from the default of [stats] smallest_gap".into(),
        SmallestGap::Own(gap) => {
            format!("counts from {gap}, unless [stats] smallest_gap = {{ {} = ... }} says otherwise", metric.id)
        }
        SmallestGap::Named => format!("counts from what [stats] smallest_gap = {{ {} = ... }} has to say", metric.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_page() {
        for metric in metrics::all() {
            assert!(page(metric).contains(metric.doc) && list().contains(metric.id));
        }
        insta::assert_snapshot!(answer("tpr").unwrap());
    }

    #[test]
    fn a_peers_name_is_answered_with_the_metric() {
        let answers = ["disparate_impact", "equal_opportunity_difference", "ppr", "FT"].map(|name| {
            let answer = answer(name).unwrap();
            answer.split("\n\n").next().unwrap_or_default().to_owned()
        });
        insta::assert_snapshot!(answers.join("\n\n"));
    }

    #[test]
    fn an_unknown_metric_gets_a_suggestion() {
        let Err(Failure::Problems(problems)) = answer("recal") else { panic!("recal is no metric") };
        assert_eq!(problems.list[0].help.as_deref(), Some("did you mean `true_positive_rate`?"));
    }
}
