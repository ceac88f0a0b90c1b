//! The findings as rows, and how many there are of each verdict.

use super::MOST_ROWS;
use super::order::{self, Listed};
use super::others;
use super::unit::Unit;
use super::words::{self, Shown, Tone, VERDICTS};
use crate::render::{clean, number};
use crate::result::{
    Adjusted, AuditResult, Finding, GapEstimate, Mark, Method, Pooled, Probabilities, RatioEstimate, Span, Support,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Findings that are flagged have rows up to this place.
const MOST_FLAGGED: usize = 150;
/// Hexadecimal digits of an anchor.
const ANCHOR: usize = 10;
/// Probabilities below this are not worth a word.
const WORTH_SAYING: f64 = 0.1;

/// How many findings have a verdict.
#[derive(Debug, Serialize)]
pub(in crate::render) struct VerdictCount {
    /// The verdict's word.
    pub word: &'static str,
    /// How it is shown.
    pub tone: Tone,
    /// Findings with it.
    pub count: u64,
    /// Findings of it that hold after the correction.
    pub confirmed: u64,
    /// What it means.
    pub meaning: &'static str,
    /// The same in half a line, for verdicts that say there is a gap.
    pub gloss: &'static str,
}

/// One finding, rounded and worded.
#[derive(Debug, Serialize)]
pub(in crate::render) struct FindingRow {
    /// Its place in the order, from 1.
    pub number: usize,
    /// What a link to it names, the same from run to run.
    pub anchor: String,
    /// The verdict's word.
    pub verdict: &'static str,
    /// How it is shown.
    pub tone: Tone,
    /// `confirmed`, `tentative`, `flagged` or empty.
    pub standing: &'static str,
    /// The group.
    pub slice: String,
    /// What happens to a person, `selected`.
    pub plain: String,
    /// What it is compared with; empty for everyone else.
    pub reference: String,
    /// Rows inside the condition, of the group and of the reference.
    pub support: Shown,
    /// The slice's own values, base and tuned.
    pub rates: [String; 2],
    /// The reference's own values, base and tuned.
    pub reference_rates: [String; 2],
    /// The verdict where gaps count from half or from twice as much.
    pub elsewhere: String,
    /// The base's gap.
    pub base: Shown,
    /// The tuned model's gap.
    pub tuned: Shown,
    /// Of a flagged finding, the tuned gap's interval that allows for the selection; else empty.
    pub adjusted: String,
    /// Tuned minus base.
    pub change: Shown,
    /// The tuned ratio with its interval; empty of what is no rate.
    pub ratio: String,
    /// The tuned gap inside strata; empty without.
    pub within: String,
    /// The labels' own gap, where it is known.
    pub labels: Shown,
    /// The corrected p-value.
    pub q: String,
    /// The inherited share with its interval.
    pub share: Shown,
    /// How strongly tuned decisions follow the base's.
    pub transmission: String,
    /// The probable exact verdicts.
    pub likely: String,
    /// How many runs agree, and how far their gaps lie apart; empty without other runs.
    pub runs: String,
    /// What the base made of the gap, by a control; empty without one.
    pub cause: String,
    /// What runs along the base's decisions beyond the control's.
    pub carried: String,
    /// Rows of the slice that would settle it.
    pub needed: String,
    /// The smallest gap that these rows would show; empty where one is shown.
    pub detectable: String,
    /// Whether it is a cross that says the same as a finding above it.
    pub under: bool,
    /// Whether the gap surely moved, or empty.
    pub moved: &'static str,
    /// Remarks.
    pub marks: String,
}

/// Verdicts with their counts, all thirteen, worst first.
pub(in crate::render) fn counts(result: &AuditResult) -> Vec<VerdictCount> {
    let count = |verdict| {
        let of = || result.findings.iter().filter(move |finding| finding.verdict == verdict);
        let (word, tone, meaning) = words::verdict(verdict);
        // What did not happen is not coloured.
        let tone = if of().next().is_some() { tone } else { words::QUIET };
        let untold = of().any(Finding::is_without_error);
        let meaning = if untold { "Too few people, or no error can be told; nothing is claimed." } else { meaning };
        let confirmed = of().filter(|finding| finding.confirmed).count() as u64;
        VerdictCount { word, tone, count: of().count() as u64, confirmed, meaning, gloss: words::gloss(verdict) }
    };
    VERDICTS.into_iter().map(count).collect()
}

/// The rows, worst first, and how many did not fit.
pub(in crate::render) fn rows(result: &AuditResult) -> (Vec<FindingRow>, usize) {
    let sorted = order::listed(result);
    let all: Vec<&Finding> = sorted.iter().map(|listed| listed.finding).collect();
    let (anchors, shown) = (anchors(&all), listed_rows(&all));
    let row = |place: &usize| {
        let Listed { finding, under } = sorted[*place];
        FindingRow { under, anchor: anchors[*place].clone(), ..row(finding, place + 1, &result.method) }
    };
    (shown.iter().map(row).collect(), all.len() - shown.len())
}

/// The places of the findings that have a row: the first, and all that is flagged, as far as a page can hold it.
pub(super) fn listed_rows(listed: &[&Finding]) -> Vec<usize> {
    let flagged = |place: &usize| *place < MOST_ROWS || listed[*place].flagged;
    (0..listed.len()).filter(flagged).take(MOST_FLAGGED).collect()
}

/// What a link to each finding names: of its id alone, so that a link holds from run to run.
pub(super) fn anchors(listed: &[&Finding]) -> Vec<String> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let anchor = |finding: &Finding| -> String {
        let hash: String = Sha256::digest(finding.id.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("f-{}", &hash[..ANCHOR])
    };
    let mut anchors = Vec::with_capacity(listed.len());
    for finding in listed {
        let again = seen.entry(&finding.id).or_default();
        *again += 1;
        let repeat = if *again > 1 { format!("-{again}") } else { String::new() };
        anchors.push(anchor(finding) + &repeat);
    }
    anchors
}

fn row(finding: &Finding, number: usize, method: &Method) -> FindingRow {
    let min_cell = method.min_cell;
    let (verdict, tone, _) = words::of(finding);
    let absent = || if finding.hidden { words::hidden(min_cell) } else { "not defined".into() };
    let shown = |gap: GapEstimate| Shown::gap(&finding.metric, gap);
    let gap = |gap: Option<GapEstimate>| gap.map_or_else(|| Shown::words(absent()), shown);
    let write = Unit::value(&finding.metric).writer();
    let rate = |gap: Option<GapEstimate>, of: fn(GapEstimate) -> f64| gap.map_or("–".into(), |gap| write(of(gap)));
    FindingRow {
        number,
        anchor: String::new(),
        verdict,
        tone,
        standing: words::standing(finding),
        slice: clean::label(&finding.slice),
        plain: words::plain_of(&finding.metric, finding.class.as_deref()),
        reference: if finding.reference == "rest" && finding.mirror.is_none() {
            String::new()
        } else {
            words::reference(finding)
        },
        support: finding.support.map_or_else(|| Shown::words(absent()), support),
        rates: [finding.base, finding.tuned].map(|gap| rate(gap, |gap| gap.slice)),
        reference_rates: [finding.base, finding.tuned].map(|gap| rate(gap, |gap| gap.reference)),
        elsewhere: elsewhere(finding, method.tau(&finding.metric)).unwrap_or_default(),
        base: gap(finding.base),
        tuned: gap(finding.tuned),
        adjusted: adjusted(finding).unwrap_or_default(),
        change: gap(finding.change),
        ratio: ratio(finding).unwrap_or_default(),
        within: within(finding).unwrap_or_default(),
        labels: finding.labels.map_or_else(Shown::nothing, shown),
        q: finding.q_value.map_or("–".into(), number::p_value),
        share: finding.inherited_share.map_or_else(Shown::nothing, |share| {
            Shown::number(share.value, Some(Span::bounded(share.low, share.high)), number::ratio)
        }),
        transmission: finding.transmission.map_or("–".into(), number::ratio),
        likely: finding.probabilities.map_or(String::new(), likely),
        runs: runs(finding),
        cause: others::cause(finding, method.min_cell).unwrap_or_default(),
        carried: finding
            .control
            .map_or(String::new(), |control| words::with_span(&control.carried, Unit::gap(&finding.metric))),
        needed: finding.support.and_then(|n| n.needed).map(number::count).unwrap_or_default(),
        detectable: detectable(finding).unwrap_or_default(),
        under: false,
        moved: moved(finding),
        marks: finding.marks.iter().map(|mark| words::mark(*mark)).collect::<Vec<_>>().join("; "),
    }
}

/// The verdict from half and from twice the smallest gap, in the unit of the gap: "at 2.5 and 10: the
/// same", or "at 2.5: the same; at 10: unclear".
fn elsewhere(finding: &Finding, tau: f64) -> Option<String> {
    let scale = Unit::size(&finding.metric).scale();
    let [half, double] = [0.5, 2.0].map(|factor| number::setting(factor * scale * tau));
    let said = |verdict| if verdict == finding.verdict { "the same" } else { words::verdict(verdict).0 };
    let (at_half, at_double) = (said(finding.at_half?), said(finding.at_double?));
    Some(match at_half == at_double {
        true => format!("at {half} and {double}: {at_half}"),
        false => format!("at {half}: {at_half}; at {double}: {at_double}"),
    })
}

/// The tuned ratio with its interval, "0.71 (0.64 to 0.79)", or "at least 1.71" over 0.
fn ratio(finding: &Finding) -> Option<String> {
    let RatioEstimate { value, low, high } = finding.ratios?.tuned?;
    Some(match value {
        Some(value) => {
            let span = number::span(Span { low: Some(low), high }, number::ratio);
            format!("{} ({span})", number::ratio(value))
        }
        None => format!("at least {}", number::ratio(low)),
    })
}

/// The tuned gap inside strata, "−3.1 (−5.0 to −1.2)".
fn within(finding: &Finding) -> Option<String> {
    let Pooled { value, low, high } = finding.conditional?.tuned;
    let write = Unit::gap(&finding.metric).writer();
    Some(format!("{} ({})", write(value), number::span(Span::bounded(low, high), write)))
}

fn runs(finding: &Finding) -> String {
    let agreement = others::agreement(finding);
    let range = others::range(finding).filter(|_| !agreement.is_empty());
    range.map_or(agreement.clone(), |range| format!("{agreement}; {range}"))
}

/// The smallest gap that these rows would show, where they show none.
fn detectable(finding: &Finding) -> Option<String> {
    let shown = order::is_gap(finding.verdict);
    finding.detectable.filter(|_| !shown).map(|gap| Unit::size(&finding.metric).full(gap))
}

/// The ends of the adjusted interval.
pub(in crate::render) fn adjusted(finding: &Finding) -> Option<String> {
    let Adjusted { low, high } = finding.adjusted?;
    Some(number::span(Span::bounded(low, high), Unit::gap(&finding.metric).writer()))
}

/// Whether the gap surely moved, in words.
pub(super) fn moved(finding: &Finding) -> &'static str {
    let marked = |mark| finding.marks.contains(&mark);
    match (marked(Mark::Grew), marked(Mark::Shrank)) {
        (true, _) => "it grew",
        (_, true) => "it shrank",
        _ => "",
    }
}

fn support(n: Support) -> Shown {
    Shown { text: number::count(n.slice), span: number::count(n.reference), words: false }
}

/// "inherited 0.71, amplified 0.24": the likeliest first, the rest left out.
fn likely(chances: Probabilities) -> String {
    let mut all = [
        ("introduced", chances.introduced),
        ("amplified", chances.amplified),
        ("inherited", chances.inherited),
        ("attenuated", chances.attenuated),
        ("eliminated", chances.eliminated),
        ("absent", chances.absent),
    ];
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    let worth = all.iter().filter(|(_, chance)| *chance >= WORTH_SAYING);
    worth.map(|(word, chance)| format!("{word} {}", number::chance(*chance))).collect::<Vec<_>>().join(", ")
}
