//! What the base passed on besides its decisions: how alike the embeddings are, and what they tell of the groups.

use super::words::{self, Shown};
use crate::render::{clean, number};
use crate::result::{AuditResult, Encoding, Estimate, GroupLeak, Leakage, Representations, Similarity};
use serde::Serialize;

/// Rows of either table at most.
const MOST: usize = 21;

/// The subsection, as it is shown.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Encoded {
    /// The reader's question, answered.
    pub answer: String,
    /// Slice by slice.
    pub alike: Vec<Alike>,
    /// Group by group.
    pub leaks: Vec<LeakRow>,
    /// In how few bits all groups of an attribute are told.
    pub compression: String,
    /// What neighbours, leakage and LogME rest on.
    pub sample: String,
    /// Confidence of the intervals here.
    pub confidence: String,
    /// LogME of both, in a sentence; empty where neither is known.
    pub log_me: String,
    /// Probes, a sentence each.
    pub probes: Vec<String>,
    /// Rows that did not fit.
    pub more: usize,
}

/// How alike base and tuned encode a slice.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Alike {
    /// The slice.
    pub slice: String,
    /// Rows behind CKA.
    pub rows: String,
    /// Unbiased linear CKA.
    pub cka: Shown,
    /// The same of everyone else.
    pub cka_rest: Shown,
    /// Neighbours in common.
    pub neighbours: Shown,
    /// The same among as many others.
    pub neighbours_rest: Shown,
    /// What no rotation explains.
    pub procrustes: Shown,
}

/// What both embeddings tell of a group.
#[derive(Debug, Serialize)]
pub(in crate::render) struct LeakRow {
    /// The group.
    pub slice: String,
    /// Rows behind it.
    pub rows: String,
    /// From the base's embedding.
    pub base: Shown,
    /// From the tuned model's.
    pub tuned: Shown,
    /// Tuned minus base.
    pub change: Shown,
}

/// Reads the subsection from the result; `None` where no embedding was read.
pub(in crate::render) fn encoded(result: &AuditResult) -> Option<Encoded> {
    let found = result.representations.as_ref()?;
    let least = result.method.min_cell;
    let leaks: Vec<&GroupLeak> = found.leakage.iter().flat_map(|one| &one.groups).collect();
    let sample = found.sample.as_ref().map_or(String::new(), |sample| {
        format!(
            "Neighbours, AUC, compression and LogME rest on {} drawn by seed {}; of each row {} neighbours are compared.",
            number::counted(sample.rows, "row"),
            sample.seed,
            sample.neighbours
        )
    });
    Some(Encoded {
        answer: words::capitalized(&answer(found)),
        alike: found.similarity.iter().take(MOST).map(|one| alike(one, least)).collect(),
        leaks: leaks.iter().take(MOST).map(|one| leak(one, least)).collect(),
        compression: compression(found),
        sample,
        confidence: number::percent(found.confidence),
        log_me: log_me(found),
        probes: found.probes.iter().map(probe).collect(),
        more: found.similarity.len().saturating_sub(MOST).max(leaks.len().saturating_sub(MOST)),
    })
}

/// One line for the terminal, and the first of the subsection.
pub(in crate::render) fn answer(found: &Representations) -> String {
    let parts: Vec<String> = [alike_in_all(found), told_most(found)].into_iter().flatten().collect();
    match parts.is_empty() {
        true if found.probes.is_empty() => "The embeddings could not be measured.".into(),
        true => "How alike the embeddings are was not measured.".into(),
        false => format!("{}. This is association, not cause.", parts.join("; ")),
    }
}

fn alike_in_all(found: &Representations) -> Option<String> {
    let all = found.similarity.first()?.cka.value()?;
    let word = match all {
        0.95.. => "encode people nearly alike",
        0.7.. => "encode people much alike",
        0.3.. => "encode people in part alike",
        _ => "encode people differently",
    };
    Some(format!("base and tuned {word} (CKA {all:.2})"))
}

/// The group that the tuned embedding, else the base's, tells most of.
fn told_most(found: &Representations) -> Option<String> {
    let area = |leak: &Option<Estimate>| leak.as_ref().and_then(Estimate::value);
    let told = |one: &GroupLeak| area(&one.tuned).or(area(&one.base));
    let most = found.leakage.iter().flat_map(|one| &one.groups).filter(|one| told(one).is_some());
    let most = most.max_by(|a, b| told(a).unwrap_or(0.0).total_cmp(&told(b).unwrap_or(0.0)))?;
    let both = [("base", area(&most.base)), ("tuned", area(&most.tuned))];
    let both: Vec<String> = both.iter().filter_map(|(model, area)| Some(format!("{model} {:.2}", (*area)?))).collect();
    Some(format!("most is told of {} (AUC {})", clean::label(&most.slice), both.join(", ")))
}

fn alike(one: &Similarity, least: u64) -> Alike {
    let shown = |estimate: &Estimate| Shown::estimate(Some(estimate), least, three);
    let rest = |estimate: &Option<Estimate>| estimate.as_ref().map_or(Shown::nothing(), shown);
    Alike {
        slice: clean::label(&one.slice),
        rows: rows(&[&one.cka, &one.procrustes]),
        cka: shown(&one.cka),
        cka_rest: rest(&one.cka_rest),
        neighbours: shown(&one.neighbours),
        neighbours_rest: rest(&one.neighbours_rest),
        procrustes: shown(&one.procrustes),
    }
}

fn leak(one: &GroupLeak, least: u64) -> LeakRow {
    let shown = |estimate: &Option<Estimate>| {
        estimate.as_ref().map_or(Shown::nothing(), |one| Shown::estimate(Some(one), least, three))
    };
    let areas: Vec<&Estimate> = [&one.base, &one.tuned].into_iter().flatten().collect();
    LeakRow {
        slice: clean::label(&one.slice),
        rows: rows(&areas),
        base: shown(&one.base),
        tuned: shown(&one.tuned),
        change: shown(&one.change),
    }
}

/// "sex 1.12 (base), 1.10 (tuned)" of every attribute; empty where none is known.
fn compression(found: &Representations) -> String {
    let one = |name: &str, encoding: &Option<Encoding>| {
        let value = encoding.as_ref()?.compression.value()?;
        Some(format!("{name} {}", number::ratio(value)))
    };
    let attribute = |leakage: &Leakage| {
        let both: Vec<String> =
            [one("base", &leakage.base), one("tuned", &leakage.tuned)].into_iter().flatten().collect();
        (!both.is_empty()).then(|| format!("{}: {}", clean::label(&leakage.attribute), both.join(", ")))
    };
    let all: Vec<String> = found.leakage.iter().filter_map(attribute).collect();
    if all.is_empty() { String::new() } else { format!("{}.", all.join("; ")) }
}

/// The rows behind the first of them that is known.
fn rows(estimates: &[&Estimate]) -> String {
    let support = estimates.iter().find_map(|estimate| match estimate {
        Estimate::Known { support, .. } => Some(*support),
        Estimate::Undefined { .. } => None,
    });
    support.map_or("–".into(), number::count)
}

fn log_me(found: &Representations) -> String {
    let one = |name: &str, estimate: &Option<Estimate>| Some(format!("{name} {}", three(estimate.as_ref()?.value()?)));
    let both: Vec<String> =
        [one("base", &found.log_me_base), one("tuned", &found.log_me_tuned)].into_iter().flatten().collect();
    if both.is_empty() { String::new() } else { format!("LogME of the labels: {}.", both.join(", ")) }
}

fn probe(probe: &crate::result::Probe) -> String {
    let [low, high] = probe.range();
    let range = if probe.auc.len() > 1 {
        format!(" ({} to {} over {} draws of the parts)", three(low), three(high), probe.auc.len())
    } else {
        String::new()
    };
    let strengths: Vec<String> = probe.inverse_penalty.iter().map(|c| format!("{c}")).collect();
    format!(
        "{} as probe: AUC {}{range} on {} in {} parts; C chosen inside each: {}.",
        clean::label(&probe.model),
        probe.auc.first().map_or("–".into(), |area| three(*area)),
        number::counted(probe.rows, "row"),
        probe.folds,
        strengths.join(", ")
    )
}

fn three(value: f64) -> String {
    number::plain(&format!("{value:.3}"))
}
