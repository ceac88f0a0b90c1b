//! Hides small cells and all that is derivable from them, once, before anything is written.
//!
//! A slice of fewer than `min_cell` people is hidden. So is what gives it back by subtraction: where
//! the parts of a whole are known but one, the next smallest part is hidden too. Verdict and outcome
//! words stay, since the gate judged before.
//!
//! Rows whose group is unknown are no slice: their count is shown, and every finding against the
//! rest tells their numbers anyway (everyone, less the slice and its rest). So they can hide no
//! group, and a group counts as found wherever subtracting them would find it.

use super::{
    AuditResult, CheckOutcome, Control, Estimate, Finding, ImpactRow, Mark, Reason, Run, Training, Transfer, Verdict,
};
use crate::evidence::SliceId;
use std::collections::{BTreeMap, BTreeSet};

/// Everyone.
const ALL: &str = "all";

/// Hides the numbers of every slice with fewer than `method.min_cell` people.
pub fn redact(mut result: AuditResult) -> AuditResult {
    let sizes = sizes(&result);
    let mut hidden = hidden_slices(&result, &sizes);
    hidden.extend(result.pairs.iter().flat_map(|pairs| pairs.small(result.method.min_cell)));
    if hidden.is_empty() {
        return result;
    }
    hide_groups(&mut result, &hidden, &sizes);
    hide_values(&mut result, &hidden);
    hide_aggregates(&mut result, &hidden, &sizes);
    result.findings.iter_mut().filter(|finding| touches(finding, &hidden)).for_each(hide_finding);
    hide_law(&mut result, &hidden);
    result.pairs.iter_mut().for_each(|pairs| pairs.hide(&hidden));
    result.sweep.curves.retain(|curve| !hidden.contains(&curve.slice));
    result.scores.retain(|profile| !hidden.contains(&profile.slice));
    hide_encoded(&mut result, &hidden);
    hide_transfer(&mut result);
    hide_training(&mut result, &hidden);
    hide_outcomes(&mut result, &hidden);
    result.notices.push(format!(
        "{} slices are hidden: fewer than {} people stand behind them, or behind what would give them back.",
        hidden.len(),
        result.method.min_cell
    ));
    if in_full(&result) && !result.law.impact_tables.is_empty() {
        result.notices.push("The tables of Local Law 144 show them all the same, as its annex asks for.".into());
    }
    result
}

/// A whole and the disjoint parts that it is the sum of.
struct Sum {
    whole: String,
    parts: Vec<String>,
}

/// The slices to hide: the small ones, and others until no sum gives one back.
fn hidden_slices(result: &AuditResult, sizes: &BTreeMap<String, u64>) -> BTreeSet<String> {
    let least = result.method.min_cell;
    let small = |(_, rows): &(&String, &u64)| (1..least).contains(*rows);
    let mut hidden: BTreeSet<String> = sizes.iter().filter(small).map(|(name, _)| name.clone()).collect();
    let sums = sums(result);
    while let Some(next) = sums.iter().find_map(|sum| give_away(sum, sizes, &hidden, least)) {
        hidden.insert(next);
    }
    hidden
}

/// The next slice to hide of a sum that gives something away: a part, or where none is left the whole.
fn give_away(sum: &Sum, sizes: &BTreeMap<String, u64>, hidden: &BTreeSet<String>, least: u64) -> Option<String> {
    if !is_exposed(sum, sizes, hidden, least) {
        return None;
    }
    let size = |name: &&String| sizes.get(*name).copied().unwrap_or(0);
    let shown = sum.parts.iter().filter(|part| size(part) > 0 && !hidden.contains(*part));
    let part = shown.min_by_key(|part| (size(part), (*part).clone()));
    part.or_else(|| Some(&sum.whole).filter(|whole| *whole != ALL && !hidden.contains(*whole))).cloned()
}

/// Whether the hidden parts of a sum could be found by subtraction, or are together still fewer than
/// `least`; or whether the parts that are shown add up to a whole that is hidden.
fn is_exposed(sum: &Sum, sizes: &BTreeMap<String, u64>, hidden: &BTreeSet<String>, least: u64) -> bool {
    let size = |name: &String| sizes.get(name).copied().unwrap_or(0);
    let gone: Vec<u64> =
        sum.parts.iter().filter(|part| hidden.contains(*part)).map(size).filter(|&rows| rows > 0).collect();
    if hidden.contains(&sum.whole) {
        gone.is_empty()
    } else {
        gone.len() == 1 || !gone.is_empty() && gone.iter().sum::<u64>() < least
    }
}

fn sizes(result: &AuditResult) -> BTreeMap<String, u64> {
    let groups = result.data.attributes.iter().flat_map(|attribute| &attribute.groups);
    let sizes = groups.map(|group| (group.slice.clone(), group.rows.unwrap_or(0)));
    sizes.chain([(ALL.to_string(), result.data.used)]).collect()
}

/// Every sum that a reader of the result can form: each attribute adds up to everyone, each cross
/// to the groups (and smaller crosses) that it refines.
fn sums(result: &AuditResult) -> Vec<Sum> {
    let families: Vec<Vec<(String, SliceId)>> = result.data.attributes.iter().map(slices).collect();
    let mut sums = Vec::new();
    let overlapping = overlapping(result);
    // Parts that share rows add up to nothing.
    let disjoint = |part: &SliceId, whole: &SliceId| {
        let cut = part.attributes().filter(|name| !whole.attributes().any(|own| own == *name));
        !cut.into_iter().any(|name| overlapping.contains(name))
    };
    for family in &families {
        if family.first().is_none_or(|(_, id)| disjoint(id, &SliceId::all())) {
            sums.push(Sum { whole: ALL.into(), parts: family.iter().map(|(name, _)| name.clone()).collect() });
        }
        for (whole, id) in families.iter().flatten() {
            let inside = |part: &&(String, SliceId)| {
                part.1.parts.len() > id.parts.len()
                    && id.parts.iter().all(|p| part.1.parts.contains(p))
                    && disjoint(&part.1, id)
            };
            let parts: Vec<String> = family.iter().filter(inside).map(|(name, _)| name.clone()).collect();
            if !parts.is_empty() {
                sums.push(Sum { whole: whole.clone(), parts });
            }
        }
    }
    sums
}

/// The attributes of which a row may be in several groups.
fn overlapping(result: &AuditResult) -> BTreeSet<&str> {
    let attributes = result.data.attributes.iter().filter(|one| one.overlapping && !one.name.contains(" & "));
    attributes.map(|one| one.name.as_str()).collect()
}

fn slices(attribute: &super::AttributeSummary) -> Vec<(String, SliceId)> {
    let parsed = |group: &super::GroupSummary| Some((group.slice.clone(), SliceId::parse(&group.slice).ok()?));
    attribute.groups.iter().filter_map(parsed).collect()
}

fn hide_groups(result: &mut AuditResult, hidden: &BTreeSet<String>, sizes: &BTreeMap<String, u64>) {
    let least = result.method.min_cell;
    if hidden.contains(ALL) {
        result.data.positives = None;
        result.data.cut_texts.clear();
    }
    result.data.cut_texts.iter_mut().for_each(|texts| texts.hide(hidden));
    for attribute in &mut result.data.attributes {
        let parts = attribute.groups.iter().map(|group| group.slice.clone()).collect();
        // No group is left to hide behind, so everyone less the unknown would be the hidden one.
        if !attribute.overlapping && is_exposed(&Sum { whole: ALL.into(), parts }, sizes, hidden, least) {
            attribute.unknown = None;
        }
        for group in attribute.groups.iter_mut().filter(|group| hidden.contains(&group.slice)) {
            (group.rows, group.positives) = (None, None);
        }
    }
}

fn hide_values(result: &mut AuditResult, hidden: &BTreeSet<String>) {
    for value in result.values.iter_mut().filter(|value| hidden.contains(&value.slice)) {
        value.estimate = Estimate::Undefined { undefined: Reason::Hidden };
        value.basis = None;
    }
}

/// An aggregate can be some group's own number (a minimum, say). Only groups with `min_support`
/// rows enter one, so those of a family whose hidden slices are all smaller stay.
fn hide_aggregates(result: &mut AuditResult, hidden: &BTreeSet<String>, sizes: &BTreeMap<String, u64>) {
    let least = result.method.min_support.max(1);
    let enters = |slice: &String| hidden.contains(slice) && sizes.get(slice).is_some_and(|rows| *rows >= least);
    let exposed = |attribute: &&super::AttributeSummary| attribute.groups.iter().any(|group| enters(&group.slice));
    let named: BTreeSet<String> =
        result.data.attributes.iter().filter(exposed).map(|attribute| attribute.name.clone()).collect();
    for aggregate in result.aggregates.iter_mut().filter(|aggregate| named.contains(&aggregate.attribute)) {
        aggregate.estimate = Estimate::Undefined { undefined: Reason::Hidden };
    }
}

/// What embeddings show of a hidden slice; and of all groups of an attribute where the rows of their rests would
/// tell how many are unknown.
fn hide_encoded(result: &mut AuditResult, hidden: &BTreeSet<String>) {
    let attributes = result.data.attributes.iter().filter(|attribute| attribute.unknown.is_none());
    let closed: BTreeSet<&String> = attributes.clone().map(|attribute| &attribute.name).collect();
    let inside: BTreeSet<&String> = attributes.flat_map(|one| &one.groups).map(|group| &group.slice).collect();
    if let Some(found) = &mut result.representations {
        found.similarity.retain(|one| !hidden.contains(&one.slice) && !inside.contains(&one.slice));
        found.leakage.retain(|one| !closed.contains(&one.attribute));
        found.leakage.iter_mut().for_each(|one| one.groups.retain(|group| !hidden.contains(&group.slice)));
    }
}

fn hide_law(result: &mut AuditResult, hidden: &BTreeSet<String>) {
    for row in &mut result.law.adverse_impact {
        row.numbers = row.numbers.filter(|_| !hidden.contains(&row.slice) && !hidden.contains(&row.reference));
    }
    if in_full(result) {
        return;
    }
    let unknown = |name: &str| result.data.attributes.iter().find(|one| one.name == name).and_then(|one| one.unknown);
    for table in &mut result.law.impact_tables {
        table.unknown = table.unknown.and_then(|_| unknown(&table.attribute));
        let gone = |row: &ImpactRow| hidden.contains(&row.slice);
        // The others' ratios to a hidden rate would give it back.
        let best = table.categories.iter().any(|row| gone(row) && row.impact_ratio == Some(1.0));
        for row in &mut table.categories {
            if gone(row) {
                (row.people, row.counted, row.rate) = (None, None, None);
            }
            row.impact_ratio = row.impact_ratio.filter(|_| !best && !gone(row));
        }
    }
}

/// Whether the tables of a law show every category, as the audit file asks for by hand.
fn in_full(result: &AuditResult) -> bool {
    result.annexes.iter().any(|annex| annex.settings.in_full)
}

fn touches(finding: &Finding, hidden: &BTreeSet<String>) -> bool {
    let mirror = finding.mirror.iter();
    [&finding.slice, &finding.reference].into_iter().chain(mirror).any(|slice| hidden.contains(slice))
}

fn hide_finding(finding: &mut Finding) {
    *finding = Finding {
        base: None,
        tuned: None,
        change: None,
        labels: None,
        ratios: None,
        conditional: None,
        at_half: None,
        at_double: None,
        adjusted: None,
        detectable: None,
        p_value: None,
        q_value: None,
        flag_p: None,
        flag_q: None,
        probabilities: None,
        inherited_share: None,
        transmission: None,
        runs: finding.runs.iter().map(hidden_run).collect(),
        control: finding.control.map(|_| Control::undefined(Reason::Hidden)),
        support: None,
        basis: None,
        // That nothing varies would tell the number of everybody.
        marks: finding.marks.iter().copied().filter(|mark| *mark != Mark::WithoutError).collect(),
        hidden: true,
        ..finding.clone()
    };
}

fn hidden_run(run: &Run) -> Run {
    Run { tuned: None, change: None, basis: None, ..run.clone() }
}

fn hide_training(result: &mut AuditResult, hidden: &BTreeSet<String>) {
    let touched = |one: &&mut Training| hidden.contains(&one.slice) || hidden.contains(&one.reference);
    for one in result.training.iter_mut().filter(touched) {
        (one.own, one.gap) =
            (Estimate::Undefined { undefined: Reason::Hidden }, Estimate::Undefined { undefined: Reason::Hidden });
    }
}

/// A line through all gaps but one that is hidden would give that away.
fn hide_transfer(result: &mut AuditResult) {
    let hidden = |of: &Transfer, finding: &Finding| {
        let entered = finding.hidden && finding.verdict != Verdict::TooSmall && !finding.is_crossed();
        entered && (&finding.metric, &finding.class) == (&of.metric, &of.class)
    };
    for line in &mut result.transfer {
        if result.findings.iter().any(|finding| hidden(line, finding)) {
            line.slope = Estimate::Undefined { undefined: Reason::Hidden };
            (line.intercept, line.r_squared) = (None, None);
        }
    }
}

fn hide_outcomes(result: &mut AuditResult, hidden: &BTreeSet<String>) {
    let aggregated: BTreeSet<&String> = result
        .aggregates
        .iter()
        .filter(|aggregate| aggregate.estimate == Estimate::Undefined { undefined: Reason::Hidden })
        .map(|aggregate| &aggregate.attribute)
        .collect();
    // A gap to a hidden reference would give that away.
    let gaps: BTreeSet<(&String, &String)> = result
        .findings
        .iter()
        .filter(|finding| finding.hidden)
        .flat_map(|finding| finding.mirror.iter().chain([&finding.slice]).map(|slice| (&finding.metric, slice)))
        .collect();
    let compared =
        |outcome: &CheckOutcome| outcome.metric.as_ref().is_some_and(|metric| gaps.contains(&(metric, &outcome.slice)));
    let hides = |outcome: &CheckOutcome| {
        hidden.contains(&outcome.slice) || aggregated.contains(&outcome.slice) || compared(outcome)
    };
    for outcome in result.checks.iter_mut().filter(|outcome| hides(outcome)) {
        (outcome.value, outcome.probability, outcome.support, outcome.needed) = (None, None, None, None);
        (outcome.low, outcome.high, outcome.hidden) = (None, None, true);
        if let Some(then) = &mut outcome.accepted {
            (then.value, then.low, then.high) = (None, None, None);
        }
    }
}
