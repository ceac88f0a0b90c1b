//! `heirloom explain`: what a metric is, from the one table that everything else reads too.

use super::{Failure, print};
use crate::config::{quoted, suggest_metric};
use crate::metrics::{self, Better, Formula, Metric};
use crate::result::ExitStatus;

/// Arguments of `heirloom explain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A metric by id or alias; without it, all are listed
    name: Option<String>,
}

/// Explains.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    match &args.name {
        None => print(&list()),
        Some(name) => print(&page(find(name)?)),
    }
    Ok(ExitStatus::Ok)
}

fn find(name: &str) -> Result<&'static Metric, Failure> {
    let unknown =
        || Failure::usage(format!("{} is not a metric", quoted(name)), suggest_metric(name).unwrap_or_default());
    metrics::find(name).ok_or_else(unknown)
}

fn list() -> String {
    let width = metrics::all().map(|metric| metric.id.len()).max().unwrap_or_default();
    let line = |metric: &Metric| format!("{:width$}  {}, {}\n", metric.id, metric.plain, metric.among);
    let lines: String = metrics::all().map(line).collect();
    format!("{lines}\n`heirloom explain NAME` tells more of one.\n")
}

fn page(metric: &Metric) -> String {
    let mut text = format!("{} ({})\n\n", metric.title, metric.id);
    let mut line = |name: &str, value: &str| text.push_str(&format!("  {name:<8} {value}\n"));
    line("counts", &format!("{}, {}", metric.plain, metric.among));
    line("of", of(metric));
    line("better", better(metric));
    line("labels", if metric.needs_labels { "needed" } else { "not needed" });
    if !metric.aliases.is_empty() {
        line("also", &metric.aliases.join(", "));
    }
    line("source", metric.source);
    format!("{text}\n{}\n", metric.doc)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_page() {
        for metric in metrics::all() {
            assert!(page(metric).contains(metric.doc) && list().contains(metric.id));
        }
        insta::assert_snapshot!(page(find("tpr").unwrap()));
    }

    #[test]
    fn an_unknown_metric_gets_a_suggestion() {
        let Err(Failure::Problems(problems)) = find("recal") else { panic!("recal is no metric") };
        assert_eq!(problems.list[0].help.as_deref(), Some("did you mean `true_positive_rate`?"));
    }
}
