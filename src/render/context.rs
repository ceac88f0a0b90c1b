//! The numbers beside the findings, one a line: of embeddings and their probes, of language models, and the noise of
//! the machine. They are context: no verdict and no check comes from them.
//!
//! `model` is the one that a number is of: `base`, `tuned` or `change`, or `pair` for one that both have together.
//! What is not defined has no value and says why. Numbers are whole, as in `result.json`.

use super::csv::{real, text, whole};
use super::{RenderError, csv};
use crate::result::{
    AuditResult, Estimate, Language, Noise, Preference, Probe, Reason, Representations, SentenceKind, WordEffect,
};

const COLUMNS: [&str; 9] = ["part", "metric", "slice", "model", "value", "low", "high", "support", "undefined"];

/// One number, or why there is none.
struct Line<'a> {
    part: &'static str,
    metric: &'static str,
    /// A slice, an attribute, a kind of pairs or a test of words.
    slice: &'a str,
    model: &'a str,
    number: Estimate,
}

/// The table; of a result without any of it only the names of the columns.
pub(super) fn render(result: &AuditResult) -> Result<String, RenderError> {
    let mut lines = result.representations.iter().flat_map(embedded).collect::<Vec<Line>>();
    lines.extend(result.language_model.iter().flat_map(preferred));
    lines.extend(result.noise.iter().flat_map(noisy));
    let header = COLUMNS.map(String::from).to_vec();
    Ok(csv::table([header].into_iter().chain(lines.iter().map(row))))
}

fn row(line: &Line) -> Vec<String> {
    let mut row: Vec<String> = [line.part, line.metric, line.slice, line.model].map(text).to_vec();
    row.extend(match line.number {
        Estimate::Known { value, low, high, support } => {
            [real(Some(value)), real(low), real(high), whole((support > 0).then_some(support)), String::new()]
        }
        Estimate::Undefined { undefined } => {
            let none = String::new;
            [none(), none(), none(), none(), text(&reason(undefined))]
        }
    });
    row
}

/// As the result has it.
fn reason(why: Reason) -> String {
    serde_json::to_value(why).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

fn embedded(found: &Representations) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for one in &found.similarity {
        let mut add = |metric, model, number: &Option<Estimate>| {
            lines.extend(number.map(|number| Line { part: "embedding", metric, slice: &one.slice, model, number }));
        };
        add("cka", "pair", &Some(one.cka));
        add("cka_of_the_rest", "pair", &one.cka_rest);
        add("neighbours", "pair", &Some(one.neighbours));
        add("neighbours_of_the_rest", "pair", &one.neighbours_rest);
        add("procrustes", "pair", &Some(one.procrustes));
    }
    for leakage in &found.leakage {
        for one in &leakage.groups {
            let sides = [("base", &one.base), ("tuned", &one.tuned), ("change", &one.change)];
            lines.extend(sides.into_iter().filter_map(|(model, number)| {
                Some(Line { part: "leakage", metric: "auc", slice: &one.slice, model, number: (*number)? })
            }));
        }
        for (model, encoding) in [("base", &leakage.base), ("tuned", &leakage.tuned), ("change", &leakage.change)] {
            let Some(encoding) = encoding else { continue };
            let of = |metric, number| Line { part: "leakage", metric, slice: &leakage.attribute, model, number };
            lines.extend([of("codelength", encoding.codelength), of("compression", encoding.compression)]);
        }
    }
    let log_me = [("base", found.log_me_base), ("tuned", found.log_me_tuned)];
    lines.extend(log_me.into_iter().filter_map(|(model, number)| {
        Some(Line { part: "embedding", metric: "log_me", slice: "all", model, number: number? })
    }));
    lines.extend(found.probes.iter().flat_map(probed));
    lines
}

/// The AUC of each draw.
fn probed(probe: &Probe) -> impl Iterator<Item = Line<'_>> {
    probe.auc.iter().map(|area| Line {
        part: "probe",
        metric: "auc",
        slice: "all",
        model: &probe.model,
        number: plain(*area, probe.rows),
    })
}

fn preferred(language: &Language) -> Vec<Line<'_>> {
    let kinds = language.pairs.iter().flat_map(|set| &set.kinds).flat_map(of_kind);
    let tests = language.associations.iter().flat_map(|test| {
        let sides = [("base", &test.base), ("tuned", &test.tuned)];
        sides
            .into_iter()
            .flat_map(move |(model, effect)| effect.iter().flat_map(move |one| of_words(&test.name, model, one)))
    });
    kinds.chain(tests).collect()
}

fn of_kind(kind: &SentenceKind) -> Vec<Line<'_>> {
    let slice = kind.kind.as_deref().unwrap_or("all");
    let of = |metric, model, number| Line { part: "sentence_pairs", metric, slice, model, number };
    let mut lines = Vec::new();
    for (model, side) in [("base", &kind.base), ("tuned", &kind.tuned)] {
        let Some(side) = side else { continue };
        let Preference { score, makes_sense, icat, .. } = side;
        lines.push(of("score", model, *score));
        let others = [("makes_sense", makes_sense), ("icat", icat)];
        lines.extend(others.into_iter().filter_map(|(metric, value)| Some(of(metric, model, plain((*value)?, 0)))));
    }
    lines.extend(kind.mcnemar_p.map(|p| of("mcnemar_p", "pair", plain(p, 0))));
    lines
}

fn of_words<'a>(slice: &'a str, model: &'a str, effect: &WordEffect) -> Vec<Line<'a>> {
    let of = |metric, number| Line { part: "words", metric, slice, model, number };
    let p = effect.p_value.map(|p| of("p_value", plain(p, 0)));
    [Some(of("effect", effect.effect)), p].into_iter().flatten().collect()
}

fn noisy(noise: &Noise) -> Vec<Line<'_>> {
    let of = |metric, model, number| Line { part: "noise", metric, slice: "all", model, number };
    let near = |model, count: Option<u64>| count.map(|count| of("decisions_near", model, plain(count as f64, 0)));
    let at_most = of("at_most", "base", plain(noise.at_most, 0));
    [Some(at_most), near("base", noise.base), near("tuned", noise.tuned)].into_iter().flatten().collect()
}

/// A number without an interval.
fn plain(value: f64, support: u64) -> Estimate {
    Estimate::Known { value, low: None, high: None, support }
}

#[cfg(test)]
mod tests {
    use crate::render::samples::sample;
    use crate::render::tests::draw;
    use crate::result::AuditResult;
    use serde_json::json;

    /// The sample with everything that may stand beside the findings.
    fn measured() -> AuditResult {
        let of = |value: f64| json!({ "value": value, "low": value - 0.01, "high": value + 0.01, "support": 900 });
        let plain = |value: f64| json!({ "value": value, "support": 900 });
        let none = json!({ "undefined": "too_few_rows" });
        let code = |bits: f64| json!({ "codelength": plain(bits), "compression": plain(1.5) });
        let mut result = sample();
        result.representations = serde_json::from_value(json!({
            "confidence": 0.95, "base_width": 8, "tuned_width": 8,
            "sample": { "rows": 900, "seed": 7, "neighbours": 10 },
            "similarity": [
                { "slice": "all", "cka": plain(0.97), "neighbours": plain(0.5), "procrustes": plain(0.02) },
                { "slice": "sex=Female", "cka": plain(0.91), "cka_rest": plain(0.96), "neighbours": plain(0.4),
                  "neighbours_rest": none, "procrustes": plain(0.03) },
            ],
            "leakage": [
                { "attribute": "sex", "base": code(800.0), "tuned": code(700.0), "change": code(-100.0), "groups": [
                    { "slice": "sex=Female", "base": of(0.8), "tuned": of(0.85), "change": of(0.05) }] },
                { "attribute": "=named", "groups": [{ "slice": "=named=a, b", "base": none, "tuned": none, "change": none }] },
            ],
            "log_me_base": plain(-0.5), "log_me_tuned": plain(-0.25),
            "probes": [{ "model": "base", "rows": 900, "unlabelled": 0, "folds": 5,
                         "inverse_penalty": [1.0, 1.0, 0.1, 1.0, 1.0], "auc": [0.9, 0.91] }],
        }))
        .expect("it is one");
        let prefers = |more: u64| json!({ "more": more, "less": 100 - more, "ties": 1, "score": of(more as f64) });
        let file = json!({ "name": "pairs.csv", "sha256": "0".repeat(64), "bytes": 1 });
        result.language_model = serde_json::from_value(json!({
            "pairs": [{ "file": file, "pairs": 101, "same": 0, "apart": 0, "cut": 0, "kinds": [
                { "base": prefers(60), "tuned": prefers(55), "mcnemar_p": 0.25 }, { "kind": "age", "base": prefers(70) }] }],
            "associations": [{ "name": "work", "file": file, "sets": ["men", "women", "work", "home"],
                               "base": { "effect": plain(1.25), "p_value": 0.01, "exact": true } }],
        }))
        .expect("it is one");
        result.noise = serde_json::from_value(json!({ "at_most": 1e-6, "base": 0, "tuned": 2 })).expect("it is one");
        result
    }

    #[test]
    fn every_number_is_a_line() {
        insta::assert_snapshot!(draw("context", &measured()).replace("\r\n", "\n"));
        assert_eq!(draw("context", &sample_without()).lines().count(), 1);
    }

    fn sample_without() -> AuditResult {
        AuditResult { representations: None, language_model: None, noise: None, ..sample() }
    }

    #[test]
    fn summaries_hold_them_too() {
        let markdown = draw("markdown", &measured());
        let (_, context) = markdown.split_once("#### Embeddings").expect("the section");
        insta::assert_snapshot!(context.split("\n\"Inherited\"").next().unwrap_or_default());
        assert!(draw("model-card", &measured()).contains("#### Embeddings"));
        let terminal = draw("terminal", &measured());
        for line in ["embeddings: ", "language models: ", "noise: "] {
            assert!(terminal.contains(&format!("\n {line}")), "{terminal}");
        }
        assert!(terminal.lines().all(|line| line.chars().count() <= 80));
    }
}
