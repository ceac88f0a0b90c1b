//! Scores: how they spread in each group, what they mean, and how far tuning moved them.

use super::MOST_ROWS;
use super::words::Shown;
use crate::render::chart::{Axes, Axis, Figure, Plot, grid};
use crate::render::{clean, number};
use crate::result::{AuditResult, Drift, Estimate, ScoreBin, ScoreProfile, Subject};
use serde::Serialize;

/// Groups drawn and in the tables, everyone first.
const MOST_PLOTS: usize = 12;
/// Shares of the rows that the table of spreads shows.
const SHARES: [(f64, &str); 5] = [(0.1, "10"), (0.25, "25"), (0.5, "50"), (0.75, "75"), (0.9, "90")];
/// Distances in the order shown, with their titles.
const DISTANCES: [(&str, &str); 4] = [
    ("wasserstein", "Wasserstein-1"),
    ("ks_statistic", "Kolmogorov–Smirnov"),
    ("population_stability_index", "Stability index (PSI)"),
    ("jensen_shannon_divergence", "Jensen–Shannon"),
];

/// The section "Scores", where there is something to show.
#[derive(Debug, Serialize)]
pub(in crate::render) struct ScoresView {
    /// How scores spread; `None` without curves.
    pub spread: Option<Figure>,
    /// The same at five shares of the rows.
    pub spreads: Vec<SpreadRow>,
    /// The titles of those shares.
    pub shares: Vec<&'static str>,
    /// What scores mean; `None` without labels or probabilities.
    pub meaning: Option<Figure>,
    /// The same in numbers.
    pub meanings: Vec<MeaningGroup>,
    /// The models of that table, a column each.
    pub models: Vec<&'static str>,
    /// Groups that did not fit.
    pub more: usize,
    /// The titles of the distances.
    pub distances: Vec<&'static str>,
    /// How far scores moved from base to tuned.
    pub moved: Vec<MovedRow>,
    /// The section's question, answered.
    pub answer: String,
}

/// One group's scores under one model.
#[derive(Debug, Serialize)]
pub(in crate::render) struct SpreadRow {
    slice: String,
    model: &'static str,
    people: String,
    scores: Vec<String>,
}

/// One group: people with like scores, from the lowest scores up.
#[derive(Debug, Serialize)]
pub(in crate::render) struct MeaningGroup {
    slice: String,
    /// Bins, and of each what it says under every model: "5.1 → 4.8" with the interval and the people. Models
    /// may have bins of their own number.
    bins: Vec<Vec<Option<Shown>>>,
}

/// One group's distances.
#[derive(Debug, Serialize)]
pub(in crate::render) struct MovedRow {
    slice: String,
    people: String,
    distances: Vec<Shown>,
}

/// The section; `None` where no scores were kept.
pub(in crate::render) fn scores(result: &AuditResult) -> Option<ScoresView> {
    if result.scores.is_empty() && result.drift.is_empty() {
        return None;
    }
    let groups = groups(result);
    let shown = &groups[..groups.len().min(MOST_PLOTS)];
    let profiles: Vec<&ScoreProfile> = shown.iter().flat_map(|group| group.iter().copied()).collect();
    Some(ScoresView {
        spread: spread(shown),
        spreads: profiles.iter().map(|profile| spread_row(profile)).collect(),
        shares: SHARES.map(|(_, title)| title).to_vec(),
        meaning: meaning(shown),
        meanings: shown.iter().filter_map(|group| meaning_group(group, &models(&profiles))).collect(),
        models: models(&profiles).into_iter().map(class).collect(),
        more: groups.len() - shown.len(),
        distances: distances(result).into_iter().map(|(_, title)| title).collect(),
        moved: moved(result),
        answer: answer(result),
    })
}

/// The profiles slice by slice, base before tuned.
fn groups(result: &AuditResult) -> Vec<Vec<&ScoreProfile>> {
    let mut groups: Vec<Vec<&ScoreProfile>> = Vec::new();
    for profile in &result.scores {
        match groups.iter_mut().find(|group| group[0].slice == profile.slice) {
            Some(group) => group.push(profile),
            None => groups.push(vec![profile]),
        }
    }
    groups
}

fn class(model: Subject) -> &'static str {
    if model == Subject::Base { "base" } else { "tuned" }
}

fn head(group: &[&ScoreProfile]) -> (String, String) {
    let rows = group.iter().map(|profile| profile.rows).min().unwrap_or(0);
    (clean::label(&group[0].slice), format!("n {}", number::count(rows)))
}

fn spread(groups: &[Vec<&ScoreProfile>]) -> Option<Figure> {
    let ends = groups.iter().flatten().flat_map(|profile| &profile.blocks).copied();
    let (low, high) = ends.map(|x| (x, x)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    let plot = |group: &Vec<&ScoreProfile>| {
        let (title, note) = head(group);
        let curves = group.iter().map(|profile| (class(profile.model), curve(profile))).collect();
        Plot { title, note, curves, ..Plot::default() }
    };
    Some(grid(
        "spread".into(),
        "How many of 100 people have at most this score: base dashed, tuned solid".into(),
        "One small plot a group. Along: the score; up: how many of 100 people have at most this score. Curves go through means of at least ten people. Scores at five shares are in the table below.",
        &Axes { x: Axis::of_scores(low, high), y: Axis::up_to(100.0), diagonal: false },
        &groups.iter().map(plot).collect::<Vec<_>>(),
    ))
}

fn curve(profile: &ScoreProfile) -> Vec<[f64; 2]> {
    let count = profile.blocks.len() as f64;
    let point = |(place, score): (usize, &f64)| [*score, 100.0 * (place as f64 + 0.5) / count];
    profile.blocks.iter().enumerate().map(point).collect()
}

fn spread_row(profile: &ScoreProfile) -> SpreadRow {
    let count = profile.blocks.len();
    let at = |share: f64| profile.blocks.get(((share * count as f64) as usize).min(count.saturating_sub(1)));
    SpreadRow {
        slice: clean::label(&profile.slice),
        model: class(profile.model),
        people: number::count(profile.rows),
        scores: SHARES
            .iter()
            .map(|(share, _)| at(*share).map_or("–".into(), |score| number::decimal(*score)))
            .collect(),
    }
}

fn meaning(groups: &[Vec<&ScoreProfile>]) -> Option<Figure> {
    let plot = |group: &Vec<&ScoreProfile>| {
        let (title, note) = head(group);
        let dots =
            group.iter().flat_map(|profile| profile.bins.iter().filter_map(|bin| dot(class(profile.model), bin)));
        Plot { title, note, dots: dots.collect(), ..Plot::default() }
    };
    let plots: Vec<Plot> = groups.iter().map(plot).filter(|plot| !plot.dots.is_empty()).collect();
    (!plots.is_empty()).then(|| {
        grid(
            "meaning".into(),
            "How many of 100 people with a score have a positive label: base ○, tuned ●; dashed: as many as the score says".into(),
            "One small plot a group. Along: the mean score of people with like scores; up: how many of 100 of them have a positive label, with its interval. The numbers are in the table below.",
            &Axes { x: Axis::up_to(100.0), y: Axis::up_to(100.0), diagonal: true },
            &plots,
        )
    })
}

fn dot(class: &'static str, bin: &ScoreBin) -> Option<(&'static str, [f64; 2], [f64; 2])> {
    let value = bin.positives.value()?;
    let span = bin.positives.interval();
    let [low, high] = [span.and_then(|span| span.low), span.and_then(|span| span.high)].map(|end| end.unwrap_or(value));
    Some((class, [100.0 * bin.score, 100.0 * value], [100.0 * low, 100.0 * high]))
}

/// The models that have bins, base first.
fn models(profiles: &[&ScoreProfile]) -> Vec<Subject> {
    let has = |model: &Subject| profiles.iter().any(|one| one.model == *model && !one.bins.is_empty());
    [Subject::Base, Subject::Tuned].into_iter().filter(has).collect()
}

fn meaning_group(group: &[&ScoreProfile], models: &[Subject]) -> Option<MeaningGroup> {
    let of = |model: &Subject| group.iter().find(|one| one.model == *model).map_or(&[][..], |one| &one.bins);
    let most = models.iter().map(|model| of(model).len()).max().filter(|most| *most > 0)?;
    let row = |at: usize| models.iter().map(|model| of(model).get(at).map(shown_bin)).collect();
    Some(MeaningGroup { slice: clean::label(&group[0].slice), bins: (0..most).map(row).collect() })
}

fn shown_bin(bin: &ScoreBin) -> Shown {
    let share = bin.positives.value().map_or("–".into(), number::hundred);
    let span = bin.positives.interval().map_or(String::new(), |span| number::span(span, number::hundred));
    Shown {
        text: format!("{} → {share}", number::hundred(bin.score)),
        span: format!("{span}; n {}", rows(&bin.positives)),
        words: false,
    }
}

fn rows(estimate: &Estimate) -> String {
    match estimate {
        Estimate::Known { support, .. } => number::count(*support),
        Estimate::Undefined { .. } => "–".into(),
    }
}

/// The distances that the result has.
fn distances(result: &AuditResult) -> Vec<(&'static str, &'static str)> {
    DISTANCES.into_iter().filter(|(id, _)| result.drift.iter().any(|drift| drift.metric == *id)).collect()
}

fn moved(result: &AuditResult) -> Vec<MovedRow> {
    let mut slices: Vec<&str> = Vec::new();
    for drift in &result.drift {
        if !slices.contains(&drift.slice.as_str()) && slices.len() < MOST_ROWS {
            slices.push(&drift.slice);
        }
    }
    let row = |slice: &&str| {
        let of: Vec<&Drift> = result.drift.iter().filter(|drift| drift.slice == *slice).collect();
        let find = |id: &str| of.iter().find(|drift| drift.metric == id).copied();
        MovedRow {
            slice: clean::label(slice),
            people: of.first().map_or("–".into(), |drift| rows(&drift.estimate)),
            distances: distances(result).iter().map(|(id, _)| distance(result, find(id))).collect(),
        }
    };
    slices.iter().map(row).collect()
}

fn distance(result: &AuditResult, drift: Option<&Drift>) -> Shown {
    let shown = Shown::estimate(drift.map(|drift| &drift.estimate), result.method.min_cell, number::decimal);
    match drift.and_then(|drift| drift.p_value) {
        Some(p) if !shown.words => Shown { span: format!("p {}", number::p_value(p)), ..shown },
        _ => shown,
    }
}

/// How many bins lie apart from their scores, beside how many chance would put there, and the one furthest off.
fn answer(result: &AuditResult) -> String {
    let tuned = |profile: &&ScoreProfile| profile.model == Subject::Tuned || result.provenance.models.tuned.is_none();
    let large = |bin: &&ScoreBin| matches!(bin.positives, Estimate::Known { support, .. } if support >= result.method.min_support);
    let bins =
        || result.scores.iter().filter(tuned).flat_map(|one| one.bins.iter().filter(large).map(move |bin| (one, bin)));
    if result.task != "binary" {
        return "That is asked where there are two classes; how often or how far each group is wrong is in section 3."
            .into();
    }
    if bins().next().is_none() {
        return "What a score means was not measured: that needs enough labels, and scores between 0 and 1.".into();
    }
    let distance = |bin: &ScoreBin| bin.positives.value().map_or(0.0, |share| (share - bin.score).abs());
    let apart = |(_, bin): &(&ScoreProfile, &ScoreBin)| {
        let span = bin.positives.interval();
        span.is_some_and(|span| {
            span.low.is_some_and(|low| low > bin.score) || span.high.is_some_and(|high| high < bin.score)
        })
    };
    match bins().filter(apart).max_by(|a, b| distance(a.1).total_cmp(&distance(b.1))) {
        Some((profile, bin)) => format!(
            "Of {}, {} have positive labels in a share that surely differs from the score; chance alone would give about {}. Furthest off: {}, scores near {} of 100, of whom {} of 100 have a positive label ({} people).",
            number::counted(bins().count() as u64, "bin"),
            bins().filter(apart).count(),
            ((1.0 - result.method.confidence) * bins().count() as f64).round(),
            clean::label(&profile.slice),
            number::hundred(bin.score),
            bin.positives.value().map_or("–".into(), number::hundred),
            rows(&bin.positives),
        ),
        None => {
            "As far as these people can tell: in no group does the interval of positive labels leave out the score."
                .into()
        }
    }
}
