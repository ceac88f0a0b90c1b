//! Decisions at other thresholds, from the counts of the sweep: whether a gap is one of the cut-off.

use super::lookup::Lookup;
use super::order;
use super::words;
use crate::render::chart::{Axes, Axis, Figure, Plot, grid};
use crate::render::{clean, number};
use crate::result::{AuditResult, Curve, Estimate, Finding, Subject, Sweep};
use serde::Serialize;

/// Groups drawn, and groups in a table, everyone first.
const MOST_PLOTS: usize = 12;
/// Points of a curve.
const MOST_POINTS: usize = 51;
/// Groups in the tables and in the data of the slider.
pub(in crate::render) const MOST_GROUPS: usize = 24;
/// Thresholds of the printed table.
const COLUMNS: usize = 9;
/// A threshold that selects almost nobody or almost everybody says nothing of a gap.
const TELLING: [f64; 2] = [0.05, 0.95];

/// The section "Is it the cut-off?", where a sweep was asked for.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Cutoff {
    /// One figure a rate.
    pub figures: Vec<Figure>,
    /// The thresholds of the printed table.
    pub thresholds: Vec<String>,
    /// Selection rates at them.
    pub rows: Vec<CutoffRow>,
    /// All rates at one threshold, which the slider moves.
    pub at: AtThreshold,
    /// At the threshold that selects as many as the base does.
    pub matched: Option<Matched>,
    /// Groups that did not fit.
    pub more: usize,
    /// What it says of the widest gap.
    pub answer: String,
}

/// A group's selection rates, base and tuned, at each threshold.
#[derive(Debug, Serialize)]
pub(in crate::render) struct CutoffRow {
    slice: String,
    rates: Vec<[String; 2]>,
}

/// Rates at one threshold.
#[derive(Debug, Serialize)]
pub(in crate::render) struct AtThreshold {
    /// Its place in the sweep.
    pub place: usize,
    /// The last place.
    pub last: usize,
    /// The threshold.
    pub threshold: String,
    /// What happens to a person under each rate.
    pub rates: Vec<String>,
    /// One row a group.
    pub rows: Vec<AtRow>,
}

/// One group: its rows, then base and tuned of every rate.
#[derive(Debug, Serialize)]
pub(in crate::render) struct AtRow {
    slice: String,
    people: String,
    rates: Vec<String>,
}

/// The tuned model at the threshold that selects as many of everyone as the base does.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Matched {
    threshold: String,
    /// Of everyone, the base as audited and the tuned model at that threshold, of 100.
    overall: [String; 2],
    rows: Vec<MatchedRow>,
}

/// One group's selection rate: base and tuned as audited, and tuned at the threshold.
#[derive(Debug, Serialize)]
pub(in crate::render) struct MatchedRow {
    slice: String,
    base: String,
    tuned: String,
    matched: String,
}

/// A rate of a curve at one of its thresholds; `None` over nobody.
type Rate = fn(&Curve, usize) -> Option<f64>;

/// The rates that follow from a sweep, by the id of their metric.
const RATES: [(&str, Rate); 3] = [
    ("selection_rate", |curve, at| share(selected(curve, at), curve.rows.iter().sum())),
    ("true_positive_rate", |curve, at| share(curve.true_positives.get(at).copied()?, curve.rows[0])),
    ("false_positive_rate", |curve, at| share(curve.false_positives.get(at).copied()?, curve.rows[1])),
];

fn selected(curve: &Curve, at: usize) -> u64 {
    let lists = [&curve.true_positives, &curve.false_positives, &curve.unlabeled];
    lists.iter().filter_map(|list| list.get(at)).sum()
}

fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// The curves of one group.
struct Group<'a> {
    slice: &'a str,
    base: Option<&'a Curve>,
    tuned: Option<&'a Curve>,
}

impl Group<'_> {
    fn sides(&self) -> [Option<&Curve>; 2] {
        [self.base, self.tuned]
    }

    fn people(&self) -> u64 {
        self.tuned.or(self.base).map_or(0, |curve| curve.rows.iter().sum())
    }
}

fn groups(sweep: &Sweep) -> Vec<Group<'_>> {
    let mut names: Vec<&str> = Vec::new();
    for curve in &sweep.curves {
        if !names.contains(&curve.slice.as_str()) {
            names.push(&curve.slice);
        }
    }
    let find = |slice: &str, model| sweep.curves.iter().find(|one| one.slice == slice && one.model == model);
    let group = |slice| Group { slice, base: find(slice, Subject::Base), tuned: find(slice, Subject::Tuned) };
    names.into_iter().map(group).collect()
}

/// The section; `None` where no sweep was asked for.
pub(in crate::render) fn cutoff(result: &AuditResult) -> Option<Cutoff> {
    let sweep = &result.sweep;
    let (first, last) = (sweep.thresholds.first()?, sweep.thresholds.last()?);
    let all = groups(sweep);
    let shown = &all[..all.len().min(MOST_GROUPS)];
    let axes = Axes { x: Axis::of_scores(*first, *last), y: Axis::up_to(100.0), diagonal: false };
    let columns = columns(sweep.thresholds.len());
    Some(Cutoff {
        figures: figures(result, shown, &axes),
        thresholds: columns.iter().map(|at| number::setting(sweep.thresholds[*at])).collect(),
        rows: shown.iter().map(|group| row(group, &columns)).collect(),
        at: at_threshold(result, shown),
        matched: matched(result, shown),
        more: all.len() - shown.len(),
        answer: answer(result, &all),
    })
}

/// Places of the printed table, evenly spaced without the ends, where everyone is selected or nobody.
fn columns(count: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (1..=COLUMNS).map(|step| step * (count - 1) / (COLUMNS + 1)).collect();
    places.dedup();
    places
}

fn hundred(rate: Option<f64>) -> String {
    rate.map_or("–".into(), number::hundred)
}

fn row(group: &Group, columns: &[usize]) -> CutoffRow {
    let (_, rate) = RATES[0];
    let of = |side: Option<&Curve>, at| hundred(side.and_then(|curve| rate(curve, at)));
    let rates = columns.iter().map(|at| group.sides().map(|side| of(side, *at)));
    CutoffRow { slice: clean::label(group.slice), rates: rates.collect() }
}

fn figures(result: &AuditResult, groups: &[Group], axes: &Axes) -> Vec<Figure> {
    let figure = |(place, (id, rate)): (usize, &(&str, Rate))| {
        let plots: Vec<Plot> = groups.iter().take(MOST_PLOTS).filter_map(|group| plot(result, group, *rate)).collect();
        (!plots.is_empty()).then(|| {
            grid(
                format!("cutoff-{place}"),
                format!(
                    "{} by threshold, of 100: base dashed, tuned solid, grey of fewer than {}; upright: the thresholds in use",
                    words::title(id),
                    number::counted(result.method.min_support, "row"),
                ),
                "One small plot a group. Along: the threshold from its lowest to its highest; up: the rate of 100. Rates at nine thresholds are in the table below.",
                axes,
                &plots,
            )
        })
    };
    RATES.iter().enumerate().filter_map(figure).collect()
}

fn plot(result: &AuditResult, group: &Group, rate: Rate) -> Option<Plot> {
    let thresholds = &result.sweep.thresholds;
    let points = |curve: &Curve| -> Vec<[f64; 2]> {
        let point = |(at, threshold): (usize, &f64)| Some([*threshold, 100.0 * rate(curve, at)?]);
        // Half of a hundred points are finer than a small plot can show.
        let step = thresholds.len().div_ceil(MOST_POINTS);
        thresholds.iter().enumerate().step_by(step).filter_map(point).collect()
    };
    let thin = group.people() < result.method.min_support;
    let curves = ["base", if thin { "small" } else { "tuned" }].into_iter().zip(group.sides());
    let curves: Vec<_> = curves.filter_map(|(class, side)| Some((class, points(side?)))).collect();
    let method = &result.method;
    let marks = [("level", method.base_threshold), ("zero", method.tuned_threshold)];
    let curves: Vec<_> = curves.into_iter().filter(|(_, points)| !points.is_empty()).collect();
    (!curves.is_empty()).then(|| Plot {
        title: clean::label(group.slice),
        note: format!("n {}", number::count(group.people())),
        curves,
        marks: marks.into_iter().filter_map(|(class, at)| Some((class, at?))).collect(),
        ..Plot::default()
    })
}

/// The place of the threshold nearest to the tuned model's, or to the base's where it has none.
fn place_in_use(result: &AuditResult) -> usize {
    let thresholds = &result.sweep.thresholds;
    let used = result.method.tuned_threshold.or(result.method.base_threshold);
    let used = used.unwrap_or_else(|| thresholds[thresholds.len() / 2]);
    let distance = |at: &usize| (thresholds[*at] - used).abs();
    (0..thresholds.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0)
}

fn at_threshold(result: &AuditResult, groups: &[Group]) -> AtThreshold {
    let place = place_in_use(result);
    let rates = |group: &Group| {
        let of =
            |(_, rate): &(&str, Rate)| group.sides().map(|side| hundred(side.and_then(|curve| rate(curve, place))));
        RATES.iter().flat_map(of).collect()
    };
    let row = |group: &Group| AtRow {
        slice: clean::label(group.slice),
        people: number::count(group.people()),
        rates: rates(group),
    };
    AtThreshold {
        place,
        last: result.sweep.thresholds.len() - 1,
        threshold: number::setting(result.sweep.thresholds[place]),
        rates: RATES.iter().map(|(id, _)| words::capitalized(&words::plain(id))).collect(),
        rows: groups.iter().map(row).collect(),
    }
}

fn matched(result: &AuditResult, groups: &[Group]) -> Option<Matched> {
    let lookup = Lookup::of(result);
    let audited = |slice: &str, model| lookup.estimate("selection_rate", slice, model).and_then(Estimate::value);
    let everyone = groups.iter().find(|group| group.slice == "all")?.tuned?;
    let wanted = audited("all", Subject::Base)?;
    let (_, rate) = RATES[0];
    let distance = |at: &usize| rate(everyone, *at).map_or(f64::MAX, |rate| (rate - wanted).abs());
    let at = (0..result.sweep.thresholds.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    let row = |group: &Group| MatchedRow {
        slice: clean::label(group.slice),
        base: hundred(audited(group.slice, Subject::Base)),
        tuned: hundred(audited(group.slice, Subject::Tuned)),
        matched: hundred(group.tuned.and_then(|curve| rate(curve, at))),
    };
    Some(Matched {
        threshold: number::setting(result.sweep.thresholds[at]),
        overall: [Some(wanted), rate(everyone, at)].map(hundred),
        rows: groups.iter().map(row).collect(),
    })
}

/// How far the widest gap in selections hangs on the threshold.
fn answer(result: &AuditResult, groups: &[Group]) -> String {
    let told = widest(result).and_then(|finding| range(result, groups, finding));
    told.unwrap_or_else(|| "The rates of every group at every threshold are below.".into())
}

/// The worst finding about selections of a group of one attribute.
fn widest(result: &AuditResult) -> Option<&Finding> {
    let of = |one: &&Finding| one.metric == "selection_rate" && !one.is_crossed() && order::is_gap(one.verdict);
    order::findings(result).into_iter().find(of)
}

/// Whether a gap counts, in one direction, at both ends of a range.
fn counts(low: f64, high: f64, smallest_gap: f64) -> bool {
    low > smallest_gap || high < -smallest_gap
}

/// "Selected, sex=Female against everyone else: ...".
fn range(result: &AuditResult, groups: &[Group], finding: &Finding) -> Option<String> {
    let find = |slice: &str| groups.iter().find(|group| group.slice == slice)?.tuned;
    let (own, all) = (find(&finding.slice)?, find("all")?);
    let people = |curve: &Curve| curve.rows.iter().sum::<u64>();
    let gap = |at: usize| {
        let rest = people(all).saturating_sub(people(own));
        let rest = share(selected(all, at).saturating_sub(selected(own, at)), rest)?;
        Some(share(selected(own, at), people(own))? - rest)
    };
    let telling = |at: &usize| {
        let rate = share(selected(all, *at), people(all)).unwrap_or(0.0);
        (TELLING[0]..=TELLING[1]).contains(&rate)
    };
    let gaps: Vec<f64> = (0..result.sweep.thresholds.len()).filter(telling).filter_map(gap).collect();
    let low = gaps.iter().copied().reduce(f64::min)?;
    let high = gaps.iter().copied().reduce(f64::max)?;
    let moved = if counts(low, high, result.method.tau(&finding.metric)) {
        "No threshold among them takes it away. These are numbers without intervals."
    } else {
        "At some of them it is smaller than what counts. These are numbers without intervals."
    };
    Some(format!(
        "{}, {} against everyone else: over all thresholds that select 5 to 95 of 100 people the tuned gap lies between {} and {} points. {moved}",
        words::capitalized(&words::plain(&finding.metric)),
        clean::label(&finding.slice),
        number::points(low),
        number::points(high),
    ))
}
