//! What language models prefer, as two small tables: context, which no finding and no check comes from.

use super::MOST_ROWS;
use super::words::Shown;
use crate::render::{clean, number};
use crate::result::{
    AuditResult, Estimate, Language, Likelihood, PairSet, Preference, SentenceKind, WordEffect, WordTest,
};
use serde::Serialize;

/// The subsection.
#[derive(Debug, Serialize)]
pub(in crate::render) struct LanguageView {
    /// What is found, in a sentence.
    pub answer: String,
    /// A table for each file of pairs.
    pub pairs: Vec<PairTable>,
    /// One row a test of words.
    pub words: Vec<WordRow>,
}

/// A file of pairs.
#[derive(Debug, Serialize)]
pub(in crate::render) struct PairTable {
    /// The file.
    pub file: String,
    /// What is more likely in a pair that counts.
    pub likelier: &'static str,
    /// "120 pairs; 2 of the same tokens are left out".
    pub note: String,
    /// Whether a third sentence was given.
    pub sense: bool,
    /// Kind by kind.
    pub rows: Vec<PairRow>,
    /// Kinds that did not fit.
    pub more: usize,
}

/// One kind of pairs.
#[derive(Debug, Serialize)]
pub(in crate::render) struct PairRow {
    /// The kind.
    pub kind: String,
    /// Pairs of it.
    pub pairs: String,
    /// Base and tuned.
    pub sides: [Side; 2],
    /// McNemar's p.
    pub p: String,
}

/// What one model prefers.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Side {
    /// Of 100 decided pairs.
    pub score: Shown,
    /// Of 100 comparisons.
    pub sense: String,
    /// Both in one number.
    pub icat: String,
}

/// One test of words.
#[derive(Debug, Serialize)]
pub(in crate::render) struct WordRow {
    /// The test.
    pub name: String,
    /// "men and women, with work rather than home".
    pub sets: String,
    /// Base and tuned.
    pub sides: [Shown; 2],
    /// The p of either.
    pub p: [String; 2],
}

/// The subsection, where language models were asked.
pub(in crate::render) fn language(result: &AuditResult) -> Option<LanguageView> {
    let language = result.language_model.as_ref()?;
    let min_cell = result.method.min_cell;
    Some(LanguageView {
        answer: answer(language),
        pairs: language.pairs.iter().map(|set| table(set, min_cell)).collect(),
        words: language.associations.iter().take(MOST_ROWS).map(|test| word_row(test, min_cell)).collect(),
    })
}

/// What is found, in a sentence.
pub(in crate::render) fn answer(language: &Language) -> String {
    let first = language.pairs.first().and_then(|set| Some((set, set.kinds.first()?)));
    let Some((set, all)) = first else { return "Associations of words were measured, and no pairs.".into() };
    let said = |model: &str, of: &Option<Preference>| {
        let of = of.as_ref()?;
        let pairs = number::counted(of.more + of.less, "pair");
        Some(format!("the {model} found the stereotype more likely in {} of {pairs}", number::count(of.more)))
    };
    let sides: Vec<String> = [said("base", &all.base), said("tuned model", &all.tuned)].into_iter().flatten().collect();
    format!("Of {}, {}; half of them would be no preference.", clean::label(&set.file.name), sides.join(", and "))
}

fn table(set: &PairSet, min_cell: u64) -> PairTable {
    let left =
        [(set.same, "of the same tokens left out"), (set.apart, "with nothing to compare left out"), (set.cut, "cut")];
    let left: String =
        left.iter().filter(|one| one.0 > 0).map(|(n, what)| format!("; {} {what}", number::count(*n))).collect();
    let sense =
        |kind: &SentenceKind| [&kind.base, &kind.tuned].into_iter().flatten().any(|one| one.makes_sense.is_some());
    PairTable {
        file: clean::label(&set.file.name),
        likelier: match set.likelihood {
            Likelihood::Shared => "the tokens that both sentences share are more likely beside the stereotype",
            Likelihood::Target => {
                "the word that makes the stereotype is more likely in its place than the other (the mean over its pieces)"
            }
        },
        note: format!("{}{left}", number::counted(set.pairs, "pair")),
        sense: set.kinds.iter().any(sense),
        rows: set.kinds.iter().take(MOST_ROWS).map(|kind| pair_row(kind, min_cell)).collect(),
        more: set.kinds.len().saturating_sub(MOST_ROWS),
    }
}

fn pair_row(kind: &SentenceKind, min_cell: u64) -> PairRow {
    let sides = [&kind.base, &kind.tuned];
    let pairs = sides.into_iter().flatten().map(|one| one.more + one.less + one.ties).max().unwrap_or(0);
    PairRow {
        kind: kind.kind.as_deref().map_or("all".into(), clean::label),
        pairs: number::count(pairs),
        sides: sides.map(|side| preferred(side.as_ref(), min_cell)),
        p: kind.mcnemar_p.map_or("–".into(), number::p_value),
    }
}

fn preferred(side: Option<&Preference>, min_cell: u64) -> Side {
    let of_hundred = |value: Option<f64>| value.map_or("–".into(), |value| number::hundred(value / 100.0));
    let score = match side.map(|side| &side.score) {
        None => Shown::nothing(),
        Some(Estimate::Undefined { .. }) => Shown::words("no pair is decided"),
        known => Shown::estimate(known, min_cell, |score| number::hundred(score / 100.0)),
    };
    Side {
        score,
        sense: of_hundred(side.and_then(|side| side.makes_sense)),
        icat: of_hundred(side.and_then(|side| side.icat)),
    }
}

fn word_row(test: &WordTest, min_cell: u64) -> WordRow {
    let [x, y, a, b] = test.sets.each_ref().map(|name| clean::label(name));
    let sides = [&test.base, &test.tuned];
    let p = |side: &Option<WordEffect>| side.as_ref().and_then(|one| one.p_value).map_or("–".into(), number::p_value);
    let effect = |side: &Option<WordEffect>| match side {
        None => Shown::nothing(),
        Some(WordEffect { effect: Estimate::Undefined { .. }, .. }) => Shown::words("the words do not differ"),
        Some(known) => Shown::estimate(Some(&known.effect), min_cell, number::difference),
    };
    WordRow {
        name: clean::label(&test.name),
        sets: format!("{x} beside {y}, with {a} rather than {b}"),
        sides: sides.map(effect),
        p: sides.map(p),
    }
}
