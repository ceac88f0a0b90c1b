//! Two audits side by side, for a terminal of 80 columns.

use super::view::unit::Unit;
use super::view::words;
use super::{clean, number};
use crate::compare::{Compared, Gap, Moved, Movement, Pairing, Side, Told, Turned};
use crate::result::{Outcome, Span};

const WIDTH: usize = 80;
/// Lines of one part at most; all are in the JSON.
const MOST: usize = 20;

/// What was and what is now, changed verdicts first.
pub fn compared(compared: &Compared) -> String {
    let mut lines = Vec::new();
    lines.extend(side("then", &compared.then));
    lines.extend(side("now", &compared.now));
    lines.extend(filled(" ", &rows(compared)));
    let (turned, others): (Vec<&Moved>, Vec<&Moved>) = compared.findings.iter().partition(|one| one.turned());
    let surely: Vec<&Moved> = others.iter().copied().filter(|one| one.surely()).collect();
    part(&mut lines, "VERDICTS THAT ARE OTHERS NOW", turned.iter().map(|one| moved(one)));
    part(&mut lines, "SAME VERDICT, BUT THE GAP SURELY MOVED", surely.iter().map(|one| moved(one)));
    part(&mut lines, "COMPARED NOW ALONE", compared.new.iter().map(told));
    part(&mut lines, "COMPARED THEN ALONE", compared.gone.iter().map(told));
    part(&mut lines, "OUTCOMES OF CHECKS THAT ARE OTHERS NOW", compared.checks.iter().map(check));
    lines.extend(unmoved(&others).into_iter().flat_map(|text| filled(" ", &text)));
    lines.iter().map(|line| number::plain(line.trim_end()) + "\n").collect()
}

/// How many comparisons have the verdict that they had, and no gap that surely moved.
fn unmoved(same_verdict: &[&Moved]) -> Vec<String> {
    let kinds = [
        (Movement::Same, "in which nothing moved: the same."),
        (Movement::Untold, "with the same verdict: whether their gaps moved cannot be told."),
        (Movement::Unknown, "with the same verdict and no gap to compare: undefined, too few people, or hidden."),
    ];
    let count = |kind| same_verdict.iter().filter(|one| one.movement == kind).count() as u64;
    let told = kinds.into_iter().map(|(kind, text)| (count(kind), text)).filter(|(count, _)| *count > 0);
    told.map(|(count, text)| format!("{} {text}", number::counted(count, "comparison"))).collect()
}

fn filled(indent: &str, text: &str) -> Vec<String> {
    clean::wrapped(text, WIDTH - indent.len()).into_iter().map(|line| format!("{indent}{line}")).collect()
}

fn side(when: &str, side: &Side) -> Vec<String> {
    let hash: String = side.sha256.as_deref().map(clean::printable).unwrap_or_default().chars().take(12).collect();
    let (name, created, tuned) = (clean::label(&side.name), clean::label(&side.created), clean::label(&side.tuned));
    let rows = number::counted(side.rows, "row");
    filled(" ", &format!("{when}: {name}, {created}, {tuned} {hash}, {rows}, exit {}", side.gate.code()))
}

fn rows(compared: &Compared) -> String {
    let rows = if compared.same_rows { "The same rows." } else { "Other rows." };
    let confidence = number::percent(compared.confidence);
    let how = match compared.pairing {
        Pairing::SameModel => "The tuned model is the same.".into(),
        Pairing::Chained => format!("The earlier tuned model is the base now: differences are paired, {confidence}."),
        Pairing::Together => {
            format!("Both tuned models ran together: differences are paired, {confidence}.{}", left(compared))
        }
        Pairing::Unpaired if compared.same_rows => format!(
            "Differences are unpaired, {confidence}: the results do not hold both tuned models row by row, so these intervals are wider than need be. The same command with --paired (and --inputs AUDIT.toml, where models and data lie) runs both models and pairs them."
        ),
        Pairing::Unpaired => format!("Differences are unpaired, {confidence}."),
    };
    format!("{rows} {how}")
}

/// What could not be paired although both models ran.
fn left(compared: &Compared) -> String {
    let unpaired = compared.findings.iter().filter(|one| one.difference.is_some() && !one.paired).count();
    match unpaired {
        0 => String::new(),
        n => format!(
            " {} unpaired still: the models did not give the gaps that the results have.",
            number::counted(n as u64, "difference")
        ),
    }
}

fn part(lines: &mut Vec<String>, title: &str, entries: impl Iterator<Item = String>) {
    let entries: Vec<String> = entries.collect();
    if entries.is_empty() {
        return;
    }
    lines.push(format!(" {title}: {}", entries.len()));
    entries.iter().take(MOST).for_each(|entry| lines.extend(filled("   ", entry)));
    if let more @ 1.. = entries.len().saturating_sub(MOST) {
        lines.push(format!("   {more} more; --format json has all"));
    }
}

/// "sex=Female, selected: inherited, now amplified; gap -24.5 points, now -30.1; by -5.6 (-8.0 to -3.2)".
fn moved(one: &Moved) -> String {
    let unit = Unit::gap(&one.metric);
    let [then, now] = one.verdict.map(|verdict| words::verdict(verdict).0);
    let verdict = if one.turned() { format!("{then}, now {now}") } else { then.into() };
    let [before, after] = one.gap.map(|gap| gap.map_or("not known".into(), |gap| unit.full(gap.value)));
    let by = one.difference.map_or(String::new(), |apart| format!("; by {}", spanned(apart, unit)));
    let metric = words::plain_of(&one.metric, one.class.as_deref());
    format!("{}, {metric}: {verdict}; gap {before}, now {after}{by}", clean::label(&one.slice))
}

fn spanned(gap: Gap, unit: Unit) -> String {
    let span = number::span(Span::bounded(gap.low, gap.high), unit.writer());
    format!("{} ({span})", unit.full(gap.value))
}

fn told(one: &Told) -> String {
    format!("{}: {}", clean::shortened(&one.id, 200), words::verdict(one.verdict).0)
}

fn check(one: &Turned) -> String {
    let word = |outcome: Option<Outcome>| outcome.map_or("not asked", |outcome| words::outcome(outcome).0);
    let [then, now] = one.outcome.map(word);
    let metric = one
        .metric
        .as_deref()
        .map_or(String::new(), |metric| format!(", {}", words::plain_of(metric, one.class.as_deref())));
    format!("{}, {}{metric}: {then}, now {now}", clean::label(&one.id), clean::label(&one.slice))
}
