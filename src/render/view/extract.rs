//! What the script of the report reads: every finding as rounded columns, so that a filter reaches those that
//! no table has room for, and the counts that the slider of thresholds recomputes rates from.

use super::cutoff::MOST_GROUPS;
use super::findings::anchors;
use super::order;
use super::unit::Unit;
use super::words::{self, Tone};
use crate::evidence::SliceId;
use crate::render::{RenderError, clean, number};
use crate::result::{AuditResult, Finding, GapEstimate, Subject, Sweep};
use serde::Serialize;
use std::collections::HashMap;

/// The whole extract.
#[derive(Debug, Serialize)]
struct Extract {
    name: String,
    /// Verdicts: the word and its tone.
    verdicts: Vec<(&'static str, Tone)>,
    slices: Vec<String>,
    attributes: Vec<String>,
    /// Metrics: title, and what happens to a person.
    metrics: Vec<(String, String)>,
    standings: Vec<String>,
    /// What groups are compared with, and how many people are in both: `542 4,410`.
    references: Vec<String>,
    people: Vec<String>,
    /// What stands in place of a number that is hidden.
    hidden: String,
    findings: Columns,
    #[serde(skip_serializing_if = "Option::is_none")]
    sweep: Option<SweepData>,
}

/// Findings, worst first, column by column.
#[derive(Debug, Default, Serialize)]
struct Columns {
    /// What a link to it names, without `f-`.
    id: Vec<String>,
    slice: Vec<usize>,
    attribute: Vec<usize>,
    metric: Vec<usize>,
    /// Places among the verdicts: as audited, from half and from twice the smallest gap; −1 where unknown.
    verdict: Vec<i32>,
    half: Vec<i32>,
    double: Vec<i32>,
    /// Places among the standings, the references and the counts of people.
    standing: Vec<usize>,
    reference: Vec<usize>,
    n: Vec<usize>,
    /// Gaps as they are printed, with the ends of the interval, `-29.3 -31.0 -27.3`; where there is none a letter:
    /// `h` for hidden, `u` for undefined, nothing where none is meant to be.
    base: Vec<String>,
    tuned: Vec<String>,
    change: Vec<String>,
    labels: Vec<String>,
}

/// The sweep, for the groups that the table of the slider has.
#[derive(Debug, Serialize)]
struct SweepData {
    thresholds: Vec<String>,
    /// Of each group, base then tuned: rows, true positives, false positives, positive decisions without a label.
    groups: Vec<[Option<Counts>; 2]>,
}

type Counts = ([u64; 3], Vec<u64>, Vec<u64>, Vec<u64>);

/// Gives each text its place in a list without repeats.
#[derive(Default)]
struct Places {
    texts: Vec<String>,
    places: HashMap<String, usize>,
}

impl Places {
    fn of(&mut self, text: String) -> usize {
        if let Some(place) = self.places.get(&text) {
            return *place;
        }
        self.texts.push(text.clone());
        self.places.insert(text, self.texts.len() - 1);
        self.texts.len() - 1
    }
}

/// The extract as JSON that can stand inside a script element.
pub(in crate::render) fn extract(result: &AuditResult) -> Result<String, RenderError> {
    let json = serde_json::to_string(&read(result))?;
    Ok(json
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029"))
}

fn read(result: &AuditResult) -> Extract {
    let listed: Vec<&Finding> = order::listed(result).into_iter().map(|listed| listed.finding).collect();
    let (mut lists, mut columns) = (Lists::default(), Columns::default());
    for (finding, anchor) in listed.iter().zip(anchors(&listed)) {
        columns.id.push(anchor.trim_start_matches("f-").into());
        columns.add_names(finding, &mut lists);
        columns.add_numbers(finding);
    }
    Extract {
        name: clean::label(&result.name),
        verdicts: lists.verdicts,
        slices: lists.slices.texts,
        attributes: lists.attributes.texts,
        metrics: lists.titles,
        standings: lists.standings.texts,
        references: lists.references.texts,
        people: lists.people.texts,
        hidden: words::hidden(result.method.min_cell),
        findings: columns,
        sweep: (!result.sweep.is_empty()).then(|| sweep(&result.sweep)),
    }
}

/// The texts that columns name by their places.
#[derive(Default)]
struct Lists {
    slices: Places,
    attributes: Places,
    metrics: Places,
    titles: Vec<(String, String)>,
    standings: Places,
    references: Places,
    people: Places,
    verdicts: Vec<(&'static str, Tone)>,
}

impl Lists {
    fn metric(&mut self, finding: &Finding) -> usize {
        let class = finding.class.as_deref();
        let title = words::title_of(&finding.metric, class);
        let place = self.metrics.of(title.clone());
        if place == self.titles.len() {
            self.titles.push((title, words::plain_of(&finding.metric, class)));
        }
        place
    }

    /// The place of a verdict's word; −1 where there is none.
    fn verdict(&mut self, said: Option<(&'static str, Tone, &'static str)>) -> i32 {
        let Some((word, tone, _)) = said else { return -1 };
        let place = self.verdicts.iter().position(|(known, _)| *known == word).unwrap_or_else(|| {
            self.verdicts.push((word, tone));
            self.verdicts.len() - 1
        });
        place as i32
    }
}

/// `sex & race` of a slice; the slice itself where it is no id.
fn attribute(slice: &str) -> String {
    let named = SliceId::parse(slice).map(|id| id.attributes().collect::<Vec<_>>().join(" & "));
    clean::label(&named.unwrap_or_else(|_| slice.into()))
}

impl Columns {
    fn add_names(&mut self, finding: &Finding, lists: &mut Lists) {
        let named = finding.reference != "rest" || finding.mirror.is_some();
        self.slice.push(lists.slices.of(clean::label(&finding.slice)));
        self.attribute.push(lists.attributes.of(attribute(&finding.slice)));
        self.metric.push(lists.metric(finding));
        self.verdict.push(lists.verdict(Some(words::of(finding))));
        self.half.push(lists.verdict(finding.at_half.map(words::verdict)));
        self.double.push(lists.verdict(finding.at_double.map(words::verdict)));
        self.standing.push(lists.standings.of(words::standing(finding).into()));
        self.reference.push(lists.references.of(if named { words::reference(finding) } else { String::new() }));
        let people = finding.support.map(|n| format!("{} {}", number::count(n.slice), number::count(n.reference)));
        self.n.push(lists.people.of(people.unwrap_or_else(|| absent(finding))));
    }

    fn add_numbers(&mut self, finding: &Finding) {
        let gap = |gap: Option<GapEstimate>| gap.map_or_else(|| absent(finding), |gap| ends(&finding.metric, gap));
        self.base.push(gap(finding.base));
        self.tuned.push(gap(finding.tuned));
        self.change.push(gap(finding.change));
        self.labels.push(finding.labels.map_or_else(String::new, |gap| ends(&finding.metric, gap)));
    }
}

/// The letter in place of a number that is not there.
fn absent(finding: &Finding) -> String {
    if finding.hidden { "h" } else { "u" }.into()
}

/// The gap and the ends of its interval, with a hyphen for a minus sign: a third of its bytes.
fn ends(metric: &str, gap: GapEstimate) -> String {
    let write = Unit::gap(metric).writer();
    number::plain(&[gap.value, gap.low, gap.high].map(write).join(" "))
}

fn sweep(sweep: &Sweep) -> SweepData {
    let mut names: Vec<&str> = Vec::new();
    for curve in &sweep.curves {
        if !names.contains(&curve.slice.as_str()) && names.len() < MOST_GROUPS {
            names.push(&curve.slice);
        }
    }
    let counts = |slice: &str, model: Subject| {
        let curve = sweep.curves.iter().find(|curve| curve.slice == slice && curve.model == model)?;
        Some((curve.rows, curve.true_positives.clone(), curve.false_positives.clone(), curve.unlabeled.clone()))
    };
    SweepData {
        thresholds: sweep.thresholds.iter().map(|threshold| number::setting(*threshold)).collect(),
        groups: names.iter().map(|slice| [Subject::Base, Subject::Tuned].map(|model| counts(slice, model))).collect(),
    }
}
