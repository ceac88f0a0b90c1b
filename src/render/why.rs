//! The answer to `heirloom why`: how one check came to its outcome on one slice, number by number,
//! as something to paste into a discussion.

use super::{clean, number};
use crate::metrics;
use crate::result::{AuditResult, Basis, CheckOutcome, Finding, GapEstimate, Outcome, Probabilities};
use crate::stats::{Paired, quantile_of};
use crate::trace::{Rule, account};
use std::fmt::Write;

/// Everything that the result knows about one outcome.
pub fn why(result: &AuditResult, outcome: &CheckOutcome) -> String {
    let mut text = String::new();
    check(&mut text, outcome);
    let ours = |finding: &&Finding| {
        let mirrored = finding.mirror.as_deref() == Some(outcome.slice.as_str());
        Some(&finding.metric) == outcome.metric.as_ref() && (finding.slice == outcome.slice || mirrored)
    };
    match result.findings.iter().find(ours) {
        Some(finding) if finding.hidden => text.push_str("\nIts numbers are hidden: too few people stand behind them.\n"),
        Some(finding) => self::finding(&mut text, result, finding),
        None => text.push_str("\nNo comparison of two groups stands behind it; the number above is all there is.\n"),
    }
    text.lines().map(|line| number::plain(&clean::shortened(line, 200)).trim_end().to_string() + "\n").collect()
}

fn line(text: &mut String, words: std::fmt::Arguments) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{words}");
}

fn check(text: &mut String, outcome: &CheckOutcome) {
    let CheckOutcome { id, slice, what, limit, at, .. } = outcome;
    line(text, format_args!("{id} on {slice}: {}", word(outcome.outcome)));
    line(text, format_args!("  asked      {what}, {limit} ({} line {})", at.file, at.line));
    if let Some(value) = outcome.value {
        let span = outcome.interval.map_or(String::new(), |span| format!(" ({} to {})", end(span.low), end(span.high)));
        line(text, format_args!("  found      {value:.4}{span}"));
    }
    if let Some(probability) = outcome.probability {
        line(text, format_args!("  broken     with probability {probability:.3}"));
    }
    if let Some(rows) = outcome.support {
        line(text, format_args!("  rows       {rows} of the group are inside the condition"));
    }
    if let Some(rows) = outcome.needed {
        line(text, format_args!("  to settle  about {rows} such rows, if the rates stay as they are"));
    }
}

fn end(end: Option<f64>) -> String {
    end.map_or("unbounded".into(), |end| format!("{end:.4}"))
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "met",
        Outcome::Failed => "failed",
        Outcome::Undecided => "undecided: the data cannot say",
        Outcome::TooSmall => "too small: nothing is claimed",
        Outcome::Missing => "missing: the group has no rows",
        Outcome::Waived => "waived",
    }
}

fn finding(text: &mut String, result: &AuditResult, finding: &Finding) {
    let among = metrics::find(&finding.metric).map_or("", |metric| metric.among);
    line(text, format_args!("\n{} {among}, {} compared with {}", finding.metric, finding.slice, finding.reference));
    if let Some(basis) = finding.basis {
        line(text, format_args!("  rows by what base and tuned gave (- no, + yes)"));
        line(text, format_args!("  {:<12}{:>10}{:>10}{:>10}{:>10}", "", "-/-", "-/+", "+/-", "+/+"));
        counts(text, "group", &basis.slice);
        counts(text, "reference", &basis.reference);
    }
    let gaps = [("base", finding.base), ("tuned", finding.tuned), ("change", finding.change), ("labels", finding.labels)];
    gaps.into_iter().filter_map(|(name, gap)| Some((name, gap?))).for_each(|(name, gap)| rates(text, name, &gap));
    verdict(text, result, finding);
}

fn counts(text: &mut String, name: &str, counts: &Paired) {
    let [a, b, c, d] = counts.cells();
    line(text, format_args!("  {name:<12}{a:>10}{b:>10}{c:>10}{d:>10}"));
    if !counts.same_condition() {
        let ([p, q], [r, s]) = (counts.base_only, counts.tuned_only);
        line(text, format_args!("  {:<12}base alone {p} no, {q} yes; tuned alone {r} no, {s} yes", ""));
    }
}

fn rates(text: &mut String, name: &str, gap: &GapEstimate) {
    let GapEstimate { value, low, high, slice, reference } = gap;
    line(text, format_args!("  {name:<8}{slice:>9.4} - {reference:>7.4} = {value:>8.4}  ({low:.4} to {high:.4})"));
}

fn verdict(text: &mut String, result: &AuditResult, finding: &Finding) {
    let strength = if finding.confirmed {
        " (confirmed)"
    } else if finding.tentative {
        " (tentative: not after correction for the number of comparisons)"
    } else {
        ""
    };
    line(text, format_args!("\nverdict: {}{strength}", finding.verdict.id().replace('_', " ")));
    if let (Some(p), Some(q)) = (finding.p_value, finding.q_value) {
        line(text, format_args!("  an exact verdict fires at level {p:.4}; corrected for {} comparisons {q:.4}", result.method.tested));
        finding.basis.iter().for_each(|basis| statements(text, result, basis));
    }
    finding.probabilities.iter().for_each(|found| probabilities(text, found));
    if let Some(rows) = finding.support.and_then(|support| support.needed) {
        line(text, format_args!("  about {rows} rows of the group inside the condition would give an exact verdict"));
    }
}

fn statements(text: &mut String, result: &AuditResult, basis: &Basis) {
    let method = &result.method;
    let rule = Rule { tau: method.smallest_gap, phi: method.same_size, psi: method.mostly_new };
    let Some((candidate, needed)) = account(rule, basis, quantile_of(method.confidence)) else { return };
    line(text, format_args!("  the numbers as they stand suggest {}, which needs:", candidate.id()));
    for one in needed {
        let (mark, span) = (if one.holds { "shown" } else { "not shown" }, one.interval);
        line(text, format_args!("    {mark:<10}{} ({:.4} to {:.4})", one.words, span.low, span.high));
    }
}

fn probabilities(text: &mut String, found: &Probabilities) {
    let Probabilities { absent, inherited, introduced, amplified, attenuated, eliminated } = *found;
    let mut all = [
        ("absent", absent),
        ("inherited", inherited),
        ("introduced", introduced),
        ("amplified", amplified),
        ("attenuated", attenuated),
        ("eliminated", eliminated),
    ];
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    let words: Vec<String> = all.iter().filter(|(_, p)| *p >= 0.0005).map(|(name, p)| format!("{name} {p:.3}")).collect();
    line(text, format_args!("  most likely, in probability: {}", words.join(", ")));
}
