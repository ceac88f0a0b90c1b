//! The answer to `heirloom why`: how one check came to its outcome on one slice, number by number,
//! as something to paste into a discussion.

use super::view::checks;
use super::view::findings::adjusted;
use super::view::open::{CORRECTED, Open};
use super::view::others;
use super::view::roles::Roles;
use super::view::unit::Unit;
use super::view::words;
use super::{clean, number};
use crate::metrics;
use crate::result::{
    Adjusted, Asked, AuditResult, Basis, CheckOutcome, Control, Estimate, Finding, GapEstimate, Judge, Limit, Mark,
    Outcome, Paired, Probabilities, Run, Span, Subject, Value, Verdict,
};
use crate::stats::quantile_of;
use crate::trace::{Rule, Statement, account};

/// Longest line: names are cut, since nothing here is wrapped.
const LONGEST: usize = 160;
/// Probabilities below this are not worth a word.
const WORTH_SAYING: f64 = 0.005;

/// Everything that the result knows about one outcome.
pub fn why(result: &AuditResult, outcome: &CheckOutcome) -> String {
    let mut lines = check(result, outcome);
    match finding_of(result, outcome) {
        Some(finding) if finding.hidden || outcome.hidden => {
            lines.push("\nIts numbers are hidden: too few people stand behind them.".into())
        }
        Some(finding) => lines.extend(self::finding(result, &finding)),
        None => lines.extend(numbers(result, outcome)),
    }
    lines.extend(as_probe(result));
    let text = lines.join("\n");
    text.lines().map(|line| number::plain(clean::shortened(line, LONGEST).trim_end()) + "\n").collect()
}

/// Whose own head was not read.
fn as_probe(result: &AuditResult) -> Option<String> {
    let roles = Roles::of(result);
    let probed = [(roles.base, "base"), (roles.tuned, "tuned")].into_iter().filter(|(role, name)| role != name);
    let who: Vec<&str> = probed.map(|(_, name)| name).collect();
    roles
        .are_probed()
        .then(|| format!("\nas probe, by a classifier on the embedding and not by its own head: {}", who.join(", ")))
}

/// The finding of the check's slice, turned round where the slice is its mirror.
fn finding_of(result: &AuditResult, outcome: &CheckOutcome) -> Option<Finding> {
    let of_metric =
        |finding: &&Finding| Some(&finding.metric) == outcome.metric.as_ref() && finding.class == outcome.class;
    result.findings.iter().filter(of_metric).find_map(|finding| {
        let turns = finding.mirror.as_ref() == Some(&outcome.slice);
        if turns { Some(turned(finding)) } else { (finding.slice == outcome.slice).then(|| finding.clone()) }
    })
}

fn turned(finding: &Finding) -> Finding {
    let turn = |gap: Option<GapEstimate>| {
        gap.map(|gap| GapEstimate {
            value: -gap.value,
            low: -gap.high,
            high: -gap.low,
            slice: gap.reference,
            reference: gap.slice,
        })
    };
    Finding {
        slice: finding.mirror.clone().unwrap_or_default(),
        mirror: Some(finding.slice.clone()),
        base: turn(finding.base),
        tuned: turn(finding.tuned),
        change: turn(finding.change),
        labels: turn(finding.labels),
        adjusted: finding.adjusted.map(|Adjusted { low, high }| Adjusted { low: -high, high: -low }),
        runs: finding
            .runs
            .iter()
            .map(|run| Run { tuned: turn(run.tuned), change: turn(run.change), ..run.clone() })
            .collect(),
        control: finding.control.map(Control::turned),
        basis: finding.basis.map(Basis::turned),
        ..finding.clone()
    }
}

/// A fact: its name and what it is.
fn fact(name: &str, text: impl std::fmt::Display) -> String {
    format!("  {name:<11} {text}")
}

fn check(result: &AuditResult, outcome: &CheckOutcome) -> Vec<String> {
    let CheckOutcome { id, slice, at, severity, .. } = outcome;
    let metric = outcome
        .metric
        .as_deref()
        .map_or(String::new(), |metric| format!("{}, ", words::title_of(metric, outcome.class.as_deref())));
    let asked = format!("{metric}{}: {}", words::judged(outcome), words::limit(outcome));
    let mut lines = vec![
        format!("{id} on {slice}: {}", meaning(outcome.outcome)),
        fact("asked", format!("{asked} ({}-level, {} line {})", words::severity(*severity), at.file, at.line)),
    ];
    lines.extend(judge(result, outcome).map(|by| fact("judged by", by)));
    lines.extend(found(outcome).map(|found| fact("found", found)));
    lines.extend(note(result, outcome).map(|note| fact("", note)));
    if outcome.outcome == Outcome::Undecided {
        lines.extend(words::missed(outcome).map(|missed| fact("possible", format!("{missed} is not ruled out"))));
    }
    lines.extend(outcome.support.map(|rows| fact("people", inside(rows, slice, outcome.metric.as_deref()))));
    lines.extend(outcome.needed.map(|rows| {
        fact("to settle", format!("about {} such people, if the rates stay as they are", number::count(rows)))
    }));
    lines.extend(outcome.waiver.as_ref().map(|_| fact("waiver", checks::tolerated(outcome))));
    lines.extend(outcome.accepted.as_ref().map(|_| fact("accepted", checks::tolerated(outcome))));
    lines.extend(checks::notes(result, id).into_iter().map(|(name, text)| fact(name, text)));
    lines
}

/// "307 people of sex=Female with a positive label".
fn inside(rows: u64, slice: &str, metric: Option<&str>) -> String {
    let people = metric.map_or("people".into(), words::people);
    format!("{} people of {slice}{}", number::count(rows), people.trim_start_matches("people"))
}

/// The growth of a gap that may have changed sides is not simply its change.
fn note(result: &AuditResult, outcome: &CheckOutcome) -> Option<String> {
    let Asked::Limit { limit: Limit::MaxGrowth(_), .. } = outcome.asked else { return None };
    let base = finding_of(result, outcome)?.base?;
    outcome.value?;
    (base.low < 0.0 && base.high > 0.0).then(|| {
        "growth compares the sizes of both gaps, whichever way they point; the base's may point either way,\n"
            .to_owned()
            + &" ".repeat(14)
            + "so its interval allows for both"
    })
}

fn meaning(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "MET",
        Outcome::Failed => "FAILED",
        Outcome::Undecided => "UNDECIDED, the data cannot say",
        Outcome::TooSmall => "TOO SMALL, nothing is claimed",
        Outcome::Missing => "MISSING, the group has no rows",
        Outcome::Waived => "FAILED, and accepted by a waiver",
        Outcome::Accepted => "FAILED, as accepted before, and not surely worse",
    }
}

fn judge(result: &AuditResult, outcome: &CheckOutcome) -> Option<String> {
    let Asked::Limit { judge, .. } = outcome.asked else { return None };
    outcome.value?;
    let confidence = number::percent(result.method.confidence);
    let groups = result.checks.iter().filter(|one| one.id == outcome.id && one.value.is_some()).count();
    Some(match judge {
        Judge::Estimate => "the estimate alone".into(),
        Judge::Probability => format!("the probability that the limit is broken, against {confidence}"),
        Judge::Interval if groups > 1 => {
            format!("its {confidence} interval, corrected for the {groups} groups of this check (Holm)")
        }
        Judge::Interval => format!("its {confidence} interval"),
    })
}

/// "+7.2 points (+1.9 to +10.3); the limit lies inside".
fn found(outcome: &CheckOutcome) -> Option<String> {
    let unit = Unit::of(outcome);
    let write = unit.writer();
    let span = outcome.interval().map_or(String::new(), |span| format!(" ({})", number::span(span, write)));
    let chance =
        outcome.probability.map_or(String::new(), |p| format!("; broken with probability {}", number::chance(p)));
    Some(format!("{}{span}{chance}{}", unit.full(outcome.value?), open(outcome)))
}

/// Why its interval does not settle it.
fn open(outcome: &CheckOutcome) -> String {
    match Open::of(outcome) {
        Some(Open::Inside) => "; the limit lies inside this interval".into(),
        Some(Open::Corrected) => format!("; {CORRECTED}"),
        None => String::new(),
    }
}

fn finding(result: &AuditResult, finding: &Finding) -> Vec<String> {
    let reference = if finding.reference == "rest" && finding.mirror.is_none() {
        "everyone else".into()
    } else {
        words::reference(finding)
    };
    let names = [finding.slice.clone(), reference];
    let (title, among) = (
        words::title_of(&finding.metric, finding.class.as_deref()),
        metrics::find(&finding.metric).map_or("", |metric| metric.among),
    );
    let plain = words::plain(&finding.metric);
    let plain = plain.split(" (").next().unwrap_or(&plain);
    let mut lines = vec![format!("\n{title} ({plain}, {among}): {} compared with {}", names[0], names[1])];
    lines.extend(finding.basis.and_then(|basis| counts(&names, plain, &basis)).unwrap_or_default());
    lines.extend(gaps(result, &names, finding));
    lines.extend(verdict(result, finding));
    lines
}

/// The names in a column of their own width.
fn column(names: &[String; 2]) -> usize {
    names.iter().map(|name| clean::columns(name)).max().unwrap_or(0).clamp(10, 60)
}

/// The 2 × 4 table of a rate: what base and tuned gave, in the group and in what it is compared with.
fn counts(names: &[String; 2], plain: &str, basis: &Basis) -> Option<Vec<String>> {
    let width = column(names);
    let heads = ["neither", "base only", "tuned only", "both", "all"];
    let mut lines = vec![String::new(), format!("  people {plain} by"), row(width, "", heads.map(String::from))];
    for (name, paired) in names.iter().zip([basis.slice.counts()?, basis.reference.counts()?]) {
        let [[neither, tuned], [base, both]] = paired.both;
        let all = neither + tuned + base + both;
        lines.push(row(width, name, [neither, base, tuned, both, all].map(number::count)));
        lines.extend(one_condition(paired).map(|more| format!("  {:width$} {more}", "")));
    }
    Some(lines)
}

fn row(width: usize, name: &str, cells: [String; 5]) -> String {
    let cells: String = cells.iter().map(|cell| format!("{cell:>11}")).collect();
    format!("  {name:width$}{cells}")
}

/// People inside the condition of one model alone.
fn one_condition(counts: &Paired) -> Option<String> {
    let ([p, q], [r, s]) = (counts.base_only, counts.tuned_only);
    (!counts.same_condition()).then(|| format!("base alone has {p} no, {q} yes; tuned alone {r} no, {s} yes"))
}

/// The values of both, and the gap with its interval, for base, tuned, change and labels.
fn gaps(result: &AuditResult, names: &[String; 2], finding: &Finding) -> Vec<String> {
    let rows =
        [("base", finding.base), ("tuned", finding.tuned), ("change", finding.change), ("labels", finding.labels)];
    let [a, b] = names.each_ref().map(|name| clean::columns(name).clamp(8, 40));
    let (value, signed) = (Unit::value(&finding.metric), Unit::gap(&finding.metric));
    let points = if signed == Unit::Points { ", points" } else { "" };
    let head = format!("gap{points} ({} interval)", number::percent(result.method.confidence));
    let of = value.suffix().trim_start();
    let mut lines = vec![String::new(), format!("  {of:<8} {:>a$}  {:>b$}   {head}", names[0], names[1])];
    for (name, gap) in rows.into_iter().filter_map(|(name, gap)| Some((name, gap?))) {
        let write = if name == "change" { signed.writer() } else { value.writer() };
        let (slice, reference) = (write(gap.slice), write(gap.reference));
        let span = number::span(Span::bounded(gap.low, gap.high), signed.writer());
        lines.push(format!("  {name:<8} {slice:>a$}  {reference:>b$}   {:>5} ({span})", signed.writer()(gap.value)));
    }
    lines
}

fn verdict(result: &AuditResult, finding: &Finding) -> Vec<String> {
    let (word, _, meaning) = words::of(finding);
    let standing = words::standing(finding);
    let standing = if standing.is_empty() { String::new() } else { format!(" ({standing})") };
    let mut lines = vec![format!("\nVerdict: {word}{standing}. {meaning}")];
    if finding.is_without_error() {
        return lines;
    }
    if finding.verdict == Verdict::TooSmall {
        lines.push(fact(
            "needed",
            format!("{} inside the condition, here and in what it is compared with", result.method.min_support.max(10)),
        ));
        return lines;
    }
    lines.extend(moved(finding));
    if words::is_bayes(&result.method) && finding.confirmed {
        lines.push(fact("named by", "its probability, as multiplicity = \"bayes\" asks; intervals alone may say less"));
    }
    lines.extend(finding.basis.iter().flat_map(|basis| statements(result, finding, basis)));
    lines.extend(levels(result, finding));
    lines.extend(adjusted(finding).map(|ends| fact("adjusted", format!("tuned gap {ends}, {}", picked(result)))));
    lines.extend(otherwise(finding, result.method.tau(&finding.metric)).map(|said| fact("otherwise", said)));
    lines.extend(finding.probabilities.map(|found| fact("probability", probabilities(found))));
    lines.extend(runs(finding));
    lines.extend(control(result, finding));
    lines.extend(finding.detectable.map(|gap| {
        let gap = Unit::size(&finding.metric).full(gap);
        fact("would show", format!("a tuned gap of about {gap} or more, four times in five, from these people"))
    }));
    let needed = finding.support.and_then(|support| support.needed);
    lines.extend(
        needed.map(|rows| fact("to settle", format!("about {}", inside(rows, &finding.slice, Some(&finding.metric))))),
    );
    lines
}

/// How many runs agree, and what each of the others says.
fn runs(finding: &Finding) -> Vec<String> {
    let agreement = others::agreement(finding);
    let head = (!agreement.is_empty()).then(|| {
        let range = others::range(finding).map_or(String::new(), |range| format!("; {range}"));
        fact("runs", format!("{agreement}{range}"))
    });
    let each = finding.runs.iter().filter(|_| head.is_some()).map(|run| fact("", others::run(&finding.metric, run)));
    let each: Vec<String> = each.collect();
    head.into_iter().chain(each).collect()
}

/// What the base made of the gap, where a control tells.
fn control(result: &AuditResult, finding: &Finding) -> Vec<String> {
    let (Some(cause), Some(control)) = (others::cause(finding, result.method.min_cell), finding.control) else {
        return Vec::new();
    };
    let unit = Unit::gap(&finding.metric);
    let known = |name: &str, estimate: &Estimate, unit: Unit| {
        estimate.value().map(|_| fact("", format!("{name} {}", words::with_span(estimate, unit))))
    };
    let more = [
        known("the control's gap:", &control.gap, unit),
        known("along the base's decisions, beyond the control:", &control.carried, unit),
        known("inherited share, minus the control's:", &control.excess, Unit::Number),
    ];
    std::iter::once(fact("control", cause)).chain(more.into_iter().flatten()).collect()
}

/// "with a smallest gap of 2.5 points inherited, of 10 points unclear".
fn otherwise(finding: &Finding, tau: f64) -> Option<String> {
    let unit = Unit::size(&finding.metric);
    let at = |factor: f64, verdict| format!("{} {}", unit.setting(factor * tau), words::verdict(verdict).0);
    Some(format!("with a smallest gap of {}, of {}", at(0.5, finding.at_half?), at(2.0, finding.at_double?)))
}

/// "which allows for the choice of the 18 flagged of 51 tested".
fn picked(result: &AuditResult) -> String {
    let flagged = result.findings.iter().filter(|finding| finding.flagged).count() as u64;
    format!(
        "which allows for the choice of the {} flagged of {} tested",
        number::count(flagged),
        number::count(result.method.tested)
    )
}

/// The p-value of an exact verdict, alone and after the correction.
fn levels(result: &AuditResult, finding: &Finding) -> Option<String> {
    let (p, q) = (finding.p_value?, finding.q_value?);
    let tested = number::counted(result.method.tested, "comparison");
    let text = match words::is_bayes(&result.method) {
        true => format!("{}; over {tested}: {}", words::q_is(&result.method), number::p_value(q)),
        false => format!("{}; corrected for {tested}: {}", number::p_value(p), number::p_value(q)),
    };
    let name = if words::is_bayes(&result.method) { "q" } else { "p-value" };
    finding.verdict.is_exact().then(|| fact(name, text))
}

/// Whether the gap surely moved is a plain fact beside any verdict.
fn moved(finding: &Finding) -> Option<String> {
    let (base, tuned, change) = (finding.base?, finding.tuned?, finding.change?);
    let settled = finding.marks.iter().any(|mark| matches!(mark, Mark::Grew | Mark::Shrank));
    let grew = tuned.value.abs() > base.value.abs();
    let (low, high) = if tuned.value < 0.0 { (-change.high, -change.low) } else { (change.low, change.high) };
    let span = number::span(Span::bounded(low, high), Unit::gap(&finding.metric).writer());
    let size = Unit::size(&finding.metric).full(change.value.abs());
    Some(fact(
        "change",
        match (settled, grew) {
            (true, true) => format!("the data show that the gap grew, by {size} ({span})"),
            (true, false) => format!("the data show that the gap shrank, by {size} ({span})"),
            (false, _) => format!("whether the gap grew or shrank cannot be told ({span})"),
        },
    ))
}

fn statements(result: &AuditResult, finding: &Finding, basis: &Basis) -> Vec<String> {
    let method = &result.method;
    let rule = Rule { tau: method.tau(&finding.metric), phi: method.same_size, psi: method.mostly_new };
    let unit = Unit::size(&finding.metric);
    let write = |size: f64| unit.setting(size);
    let Some(account) = account(rule, basis, finding.verdict, quantile_of(method.confidence), &write) else {
        return Vec::new();
    };
    let mut lines: Vec<String> = account.shown.iter().map(|one| fact("shown", statement(one, unit))).collect();
    lines.extend(account.missing.filter(|_| !finding.verdict.is_exact()).map(|one| {
        let candidate = words::verdict(account.candidate).0;
        fact(
            "not shown",
            format!("{}; without it the data cannot say {candidate}, which the numbers suggest", statement(&one, unit)),
        )
    }));
    lines
}

fn statement(one: &Statement, unit: Unit) -> String {
    let span = Span::bounded(one.interval.low, one.interval.high);
    format!("{} ({})", one.words, number::span(span, unit.writer()))
}

fn probabilities(found: Probabilities) -> String {
    let Probabilities { absent, inherited, introduced, amplified, attenuated, eliminated } = found;
    let mut all = [
        ("absent", absent),
        ("inherited", inherited),
        ("introduced", introduced),
        ("amplified", amplified),
        ("attenuated", attenuated),
        ("eliminated", eliminated),
    ];
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    let worth = all.iter().filter(|(_, chance)| *chance >= WORTH_SAYING);
    worth.map(|(word, chance)| format!("{word} {}", number::chance(*chance))).collect::<Vec<_>>().join(", ")
}

/// Where no finding stands behind an outcome: the numbers of the slice, or of an attribute's groups.
fn numbers(result: &AuditResult, outcome: &CheckOutcome) -> Vec<String> {
    let Some(metric) = outcome.metric.as_deref() else { return Vec::new() };
    let attribute = result.data.attributes.iter().find(|one| one.name == outcome.slice);
    let slices: Vec<&str> = match attribute {
        Some(attribute) => attribute.groups.iter().map(|group| group.slice.as_str()).collect(),
        None => vec![&outcome.slice],
    };
    let of = |slice: &str| {
        result
            .values
            .iter()
            .filter(move |value| value.metric == metric && value.class == outcome.class && value.slice == slice)
            .map(value)
            .collect::<Vec<_>>()
    };
    let unit = Unit::value(metric).suffix();
    let comma = if unit.is_empty() { "" } else { "," };
    let mut lines = vec![format!("\n{}{comma}{unit}", words::title_of(metric, outcome.class.as_deref()))];
    lines.extend(slices.into_iter().flat_map(of));
    lines
}

fn value(value: &Value) -> String {
    let subject = match value.model {
        Subject::Base => "base",
        Subject::Tuned => "tuned",
        Subject::Change => "change",
        Subject::Pair => "both models",
        Subject::Labels => "labels",
    };
    let unit = if value.model == Subject::Change { Unit::gap(&value.metric) } else { Unit::value(&value.metric) };
    let shown = words::Shown::estimate(Some(&value.estimate), 0, unit.writer());
    let rows = match value.estimate {
        Estimate::Known { support, .. } => format!("; {}", number::counted(support, "row")),
        Estimate::Undefined { .. } => String::new(),
    };
    let span = if shown.span.is_empty() { String::new() } else { format!(" ({})", shown.span) };
    format!("  {:<24} {subject:<11} {}{span}{rows}", value.slice, shown.text)
}
