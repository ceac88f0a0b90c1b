//! The first page's words: a headline, and three to seven sentences, worst first.

use super::order;
use super::roles::Roles;
use super::unit::{Mix, Unit};
use super::words::{self, Tone};
use super::{checks, overall};
use crate::render::{clean, number};
use crate::result::{AuditResult, Finding, GapEstimate, Mark, ModelNote, Outcome, Span, Verdict};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Sentences about findings at most, and of them about one metric.
const MOST_FINDINGS: usize = 4;
const MOST_OF_A_METRIC: usize = 3;
/// Sentences about undecided checks at most; a second one takes the place of a finding's.
const MOST_OPEN: usize = 2;
/// Sentences about failed or waived checks at most.
const MOST_FAILED: usize = 2;

/// One numbered sentence of the first page.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Sentence {
    /// The word that it is about, `inherited`.
    pub tag: String,
    /// How the word is shown.
    pub tone: Tone,
    /// The sentence.
    pub text: String,
}

/// The headline, one line a thought.
pub(in crate::render) fn headline(result: &AuditResult) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(failed(result));
    lines.extend(if result.findings.is_empty() { nothing_compared(result) } else { gaps(result) });
    lines.extend(as_probe(result));
    lines
}

/// Whose own head was not read.
fn as_probe(result: &AuditResult) -> Option<String> {
    let models = &result.provenance.models;
    let probed = |model: &Option<ModelNote>| model.as_ref().is_some_and(|model| model.probe);
    let who = match (probed(&models.base), probed(&models.tuned)) {
        (true, true) => "Base and tuned model are both",
        (true, false) => "The base is",
        (false, true) => "The tuned model is",
        (false, false) => return None,
    };
    Some(format!("{who} judged as probe: by a classifier on the embedding, not by the model's own head."))
}

fn failed(result: &AuditResult) -> Option<String> {
    let all = result.checks.iter().map(|check| &check.id).collect::<BTreeSet<_>>().len() as u64;
    let failed = u64::from(result.gate.failed);
    (failed > 0).then(|| format!("{failed} of {} failed.", number::counted(all, "check")))
}

fn nothing_compared(result: &AuditResult) -> Vec<String> {
    let one_alone = result.provenance.models.base.is_none() || result.provenance.models.tuned.is_none();
    vec![if one_alone {
        "One model alone: where its gaps came from cannot be told.".into()
    } else {
        "Nothing was compared: there are no findings.".into()
    }]
}

/// What the findings say together, then how much of it is not settled.
fn gaps(result: &AuditResult) -> Vec<String> {
    let mut lines = vec![first_line(result)];
    let (unclear, small) = (count(result, Verdict::Unclear), count(result, Verdict::TooSmall));
    if unclear + small > 0 {
        let untold = result.findings.iter().filter(|finding| finding.is_without_error()).count() as u64;
        let tested = result.findings.len() as u64 - small;
        lines.push(unsettled(unclear, tested, small - untold, untold));
    }
    lines
}

fn first_line(result: &AuditResult) -> String {
    let shown = |finding: &&Finding| order::is_worse(finding.verdict);
    let worse = result.findings.iter().filter(shown).filter(|finding| finding.flagged).count() as u64;
    let tentative = result.findings.iter().filter(shown).filter(|finding| !finding.flagged).count() as u64;
    let traced =
        [Verdict::Inherited, Verdict::CarriedOver, Verdict::Attenuated].iter().map(|v| count(result, *v)).sum::<u64>();
    let present = count(result, Verdict::Present);
    let kept = if tentative == 0 {
        "None was shown to be new.".to_owned()
    } else {
        format!(
            "{} new or larger, but not surely so after correction.",
            if tentative == 1 { "One looks".into() } else { format!("{tentative} look") }
        )
    };
    match (worse, traced, present) {
        (1, _, _) => "Tuning made one gap new or larger.".into(),
        (2.., _, _) => format!("Tuning made {worse} gaps new or larger."),
        (0, 1.., _) => format!("The gaps that we could trace were already in the {}. {kept}", Roles::of(result).base),
        (0, 0, 1..) => format!("The tuned model has gaps, and where they came from cannot be told yet. {kept}"),
        _ if result.method.smallest_gaps.is_empty() && Mix::of(result) == Mix::Rates => {
            format!("No gap of {} or more was shown in the tuned model.", words::smallest_gap(&result.method))
        }
        _ => "No gap large enough to count was shown in the tuned model.".into(),
    }
}

fn unsettled(unclear: u64, tested: u64, small: u64, untold: u64) -> String {
    let first = format!("But {unclear} of {tested} comparisons {} unclear", verb(unclear));
    let second = if small > 0 { format!(" and {small} more {} too small", verb(small)) } else { String::new() };
    let third = if untold > 0 { format!(" and {untold} more {} not judged", verb(untold)) } else { String::new() };
    format!("{first}{second}{third}: this is not an all-clear.")
}

fn verb(n: u64) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

fn count(result: &AuditResult, verdict: Verdict) -> u64 {
    result.findings.iter().filter(|finding| finding.verdict == verdict).count() as u64
}

/// The numbered sentences.
pub(in crate::render) fn sentences(result: &AuditResult) -> Vec<Sentence> {
    let mut told = checks::failures(result, MOST_FAILED);
    let open = checks::unsettled(result, MOST_OPEN);
    let room = MOST_FINDINGS + 1 - open.len().max(1);
    told.extend(worst(result).into_iter().take(room).map(|finding| of_finding(result, finding)));
    if result.findings.is_empty() {
        told.extend(overall::spreads(result));
    }
    told.extend(open);
    told.extend(too_small(result));
    told.extend(without_error(result));
    told.extend(overall::sentences(result));
    told.truncate(7);
    told
}

/// The findings worth a sentence: the worst of each metric and attribute, of groups that are worse off.
fn worst(result: &AuditResult) -> Vec<&Finding> {
    let mut told: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut of_metric: BTreeMap<&str, usize> = BTreeMap::new();
    let mut kept = Vec::new();
    let mut sorted = order::findings(result);
    // Of gaps of one verdict the simple groups come first: they are easier to act on than crosses.
    sorted.sort_by_key(|finding| (order::rank(finding.verdict), attributes(&finding.slice).count() > 1));
    for finding in sorted {
        let counts = order::is_gap(finding.verdict) && finding.tuned.is_some();
        if !counts || order::worse_off(finding, result.method.favorable) == Some(false) {
            continue;
        }
        let attributes: Vec<_> = attributes(&finding.slice).map(|name| (finding.metric.as_str(), name)).collect();
        let seen = of_metric.entry(&finding.metric).or_default();
        if *seen < MOST_OF_A_METRIC && attributes.iter().all(|pair| !told.contains(pair)) {
            *seen += 1;
            told.extend(attributes);
            kept.push(finding);
        }
        if kept.len() == MOST_FINDINGS {
            break;
        }
    }
    kept
}

/// The attributes of a slice; good enough to tell one kind of group from another.
fn attributes(slice: &str) -> impl Iterator<Item = &str> {
    slice.split(" & ").map(|part| part.split('=').next().unwrap_or(part))
}

fn of_finding(result: &AuditResult, finding: &Finding) -> Sentence {
    let (tag, tone, _) = words::of(finding);
    let parts = [rates(result, finding), gap(result, finding), change(result, finding), labels(finding)];
    let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let tag = if finding.flagged || finding.confirmed { tag.into() } else { format!("{tag}, tentative") };
    Sentence { tag, tone, text }
}

/// "sex=Female, selected: 12.6 of 100 (base 12.5); sex=Male 39.3 (base 37.0)."
fn rates(result: &AuditResult, finding: &Finding) -> String {
    let Some(tuned) = finding.tuned else { return String::new() };
    let unit = Unit::value(&finding.metric);
    let write = unit.writer();
    let base = |rate: fn(GapEstimate) -> f64| {
        let of_base = |gap| format!(" ({} {})", Roles::of(result).base, write(rate(gap)));
        finding.base.map_or(String::new(), of_base)
    };
    format!(
        "{}, {}: {}{}; {} {}{}.",
        clean::label(&finding.slice),
        words::plain_of(&finding.metric, finding.class.as_deref()),
        unit.full(tuned.slice),
        base(|gap| gap.slice),
        words::reference(finding),
        write(tuned.reference),
        base(|gap| gap.reference),
    )
}

/// "Gap 26.7 points (95 % interval 23.2 to 30.1; 834 and 1,364 people), base 24.5."
fn gap(result: &AuditResult, finding: &Finding) -> String {
    let Some(tuned) = finding.tuned else { return String::new() };
    let (size, span) = oriented(tuned, tuned.value);
    let people = finding.support.map_or(String::new(), |n| {
        format!("; {} and {} {}", number::count(n.slice), number::count(n.reference), words::people(&finding.metric))
    });
    let unit = Unit::size(&finding.metric);
    let write = unit.writer();
    let base = finding
        .base
        .map_or(String::new(), |base| format!(", {} {}", Roles::of(result).base, write(oriented(base, tuned.value).0)));
    format!(
        "Gap {} ({} interval {}{people}){base}.",
        unit.full(size),
        number::percent(result.method.confidence),
        number::span(span, write)
    )
}

/// A gap or change, turned so that the tuned gap is positive.
fn oriented(gap: GapEstimate, sign: f64) -> (f64, Span) {
    if sign < 0.0 {
        (-gap.value, Span::bounded(-gap.high, -gap.low))
    } else {
        (gap.value, Span::bounded(gap.low, gap.high))
    }
}

fn change(result: &AuditResult, finding: &Finding) -> String {
    let (Some(tuned), Some(change)) = (finding.tuned, finding.change) else { return String::new() };
    let (size, span) = oriented(change, tuned.value);
    let (signed, write) = (Unit::gap(&finding.metric).writer(), Unit::size(&finding.metric).writer());
    let by = format!("{} ({})", write(size.abs()), number::span(if size < 0.0 { negated(span) } else { span }, write));
    let moved = if size < 0.0 { "shrank" } else { "grew" };
    let settled = finding.marks.iter().any(|mark| matches!(mark, Mark::Grew | Mark::Shrank));
    match finding.verdict {
        Verdict::Inherited if settled => format!(
            "It {moved} by {by}, which is within “about the same size” (up to {} times).",
            number::setting(result.method.same_size)
        ),
        Verdict::Inherited => {
            format!("Its change, {} ({}), is within “about the same size”.", signed(size), number::span(span, signed))
        }
        Verdict::Introduced if finding.marks.contains(&Mark::Reversed) => {
            format!("It {moved} by {by}; in the base it pointed the other way.")
        }
        Verdict::CarriedOver | Verdict::Present => {
            unresolved(finding, &format!("{}, {}", signed(size), number::span(span, signed)))
        }
        _ => format!("It {moved} by {by}."),
    }
}

fn unresolved(finding: &Finding, by: &str) -> String {
    let what = if finding.verdict == Verdict::Present {
        "Where it came from"
    } else {
        "Whether tuning changed its size enough to count"
    };
    let from = finding.support.map_or(String::new(), |n| format!(" from {} people", number::count(n.slice)));
    format!("{what} (change {by}) cannot be told{from}.")
}

fn negated(span: Span) -> Span {
    Span { low: span.high.map(|x| -x), high: span.low.map(|x| -x) }
}

fn labels(finding: &Finding) -> String {
    let (Some(labels), Some(tuned)) = (finding.labels, finding.tuned) else { return String::new() };
    let (size, span) = oriented(labels, tuned.value);
    let write = Unit::size(&finding.metric).writer();
    let differ = format!("The labels differ by {} ({})", write(size), number::span(span, write));
    if finding.marks.contains(&Mark::InLabels) {
        format!("{differ}, so a model trained without this base might show the gap too.")
    } else {
        format!("{differ}.")
    }
}

/// One sentence on everything that has too few people.
fn too_small(result: &AuditResult) -> Option<Sentence> {
    let small: Vec<&Finding> = result
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::TooSmall && !finding.is_without_error())
        .collect();
    let slices: BTreeSet<&str> = small.iter().map(|finding| finding.slice.as_str()).collect();
    let first = slices.first()?;
    let more = if slices.len() > 1 {
        format!(" and {}", number::counted(slices.len() as u64 - 1, "other group"))
    } else {
        String::new()
    };
    let text = format!(
        "{} of {} have fewer than {} people behind them, in {}{more}. Nothing is claimed about them.",
        small.len(),
        number::counted(result.findings.len() as u64, "comparison"),
        result.method.min_support.max(10),
        clean::label(first),
    );
    let (tag, tone) = words::outcome(Outcome::TooSmall);
    Some(Sentence { tag: tag.into(), tone, text })
}

/// One sentence on everything of which no error can be told.
fn without_error(result: &AuditResult) -> Option<Sentence> {
    let untold = result.findings.iter().filter(|finding| finding.is_without_error()).count();
    let text = format!(
        "Of {untold} of {} no error can be told, as where every row has the same number. Nothing is claimed about them.",
        number::counted(result.findings.len() as u64, "comparison"),
    );
    (untold > 0).then(|| Sentence { tag: "not judged".into(), tone: words::QUIET, text })
}
