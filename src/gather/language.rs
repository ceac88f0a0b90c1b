//! What language models prefer: pairs of sentences and sets of words, read and run apart from the rows.
//!
//! Every sentence is run on its own, in batches of itself with one token hidden at a time, by sessions of one
//! thread: so neither the number of lanes nor other sentences show in a number.

mod asked;
mod sets;
mod speaker;
mod target;

use super::plan::{Source, named_problem};
use super::{GatherError, Options, PreflightError};
use crate::config::Audit;
use crate::models::onnx::Engine;
use crate::result::{Estimate, Language, PairSet, Preference, Reason, SentenceKind, WordEffect, WordTest};
use crate::stats::{Draws, association, mcnemar, quantile_of, wilson};
use asked::Compared;
use sets::{Pairs, Words};
use speaker::Speaker;

/// Everything that is asked, checked.
pub struct LanguagePlan {
    speakers: [Option<Speaker>; 2],
    pairs: Vec<Pairs>,
    words: Vec<Words>,
}

impl LanguagePlan {
    /// Reads the files and finds the outputs; `None` where nothing is asked.
    pub(super) fn new(audit: &Audit, sources: &[Option<Source>]) -> Result<Option<LanguagePlan>, PreflightError> {
        let Some(asked) = &audit.language_model else { return Ok(None) };
        let (mut problems, mut speakers) = (Vec::new(), [None, None]);
        for (at, side) in ["base", "tuned"].into_iter().enumerate() {
            match Speaker::new(asked, audit.sides()[at], sources[at].as_ref()) {
                Ok(speaker) => speakers[at] = speaker,
                Err(cause) => problems.push(named_problem("language_model", format!("the {side} model: {cause}"))),
            }
        }
        if problems.is_empty() {
            problems
                .extend(speaker::nobody_answers(asked, &speakers).map(|cause| named_problem("language_model", cause)));
        }
        let (mut pairs, mut words) = (Vec::new(), Vec::new());
        for file in &asked.pairs {
            pairs.push(Pairs::read(&audit.root, file)?);
        }
        for file in &asked.associations {
            match sets::words(&audit.root, file) {
                Ok(tests) => words.extend(tests),
                Err(cause) => problems.push(named_problem("language_model.associations", cause)),
            }
        }
        match problems.is_empty() {
            true => Ok(Some(LanguagePlan { speakers, pairs, words })),
            false => Err(PreflightError::Problems(problems)),
        }
    }

    /// Asks both models everything.
    pub fn measure(&self, audit: &Audit, engine: &Engine, options: &Options) -> Result<Language, GatherError> {
        let mut language = Language::default();
        for pairs in &self.pairs {
            let said = self.each(|speaker| speaker.compare(engine, options, pairs))?;
            language.pairs.push(summed(pairs, &said, audit.stats.confidence));
        }
        for words in &self.words {
            let vectors = self.each(|speaker| speaker.embed(engine, options, &words.sets))?;
            let effect = |sets: &[Vec<Vec<f64>>; 4]| effect(words, sets, audit.stats.seed);
            let [base, tuned] = vectors.each_ref().map(|sets| sets.as_ref().map(effect));
            let (name, file, sets) = (words.name.clone(), words.file.clone(), words.names.clone());
            language.associations.push(WordTest { name, file, shipped: words.shipped, sets, base, tuned });
        }
        Ok(language)
    }

    /// What base and tuned answer; `None` of one that has no such output.
    fn each<T>(&self, ask: impl Fn(&Speaker) -> Result<Option<T>, GatherError>) -> Result<[Option<T>; 2], GatherError> {
        let one = |speaker: &Option<Speaker>| speaker.as_ref().map(&ask).transpose().map(Option::flatten);
        Ok([one(&self.speakers[0])?, one(&self.speakers[1])?])
    }
}

fn effect(words: &Words, sets: &[Vec<Vec<f64>>; 4], seed: u64) -> WordEffect {
    let mut draws = Draws::new(seed, &format!("association/{}", words.name));
    let found = association(sets.each_ref().map(Vec::as_slice), &mut draws);
    let effect = match found {
        Some(found) => Estimate::Known {
            value: found.effect,
            low: None,
            high: None,
            support: (sets[0].len() + sets[1].len()) as u64,
        },
        None => Estimate::Undefined { undefined: Reason::NotDefined },
    };
    WordEffect { effect, p_value: found.map(|found| found.p), exact: found.is_none_or(|found| found.exact) }
}

type Said = [Option<Vec<Compared>>; 2];

/// All pairs, then each kind by name.
fn summed(pairs: &Pairs, said: &Said, confidence: f64) -> PairSet {
    let count = |is: fn(&Compared) -> bool| {
        let of = |said: &Vec<Compared>| said.iter().filter(|one| is(one)).count() as u64;
        said.iter().flatten().map(of).max().unwrap_or(0)
    };
    let mut kinds: Vec<&String> = pairs.rows.iter().filter_map(|row| row.kind.as_ref()).collect();
    kinds.sort();
    kinds.dedup();
    let all = std::iter::once(None).chain(kinds.into_iter().map(Some));
    PairSet {
        file: pairs.file.clone(),
        likelihood: pairs.likelihood,
        pairs: pairs.rows.len() as u64,
        same: count(|one| one.same),
        apart: count(|one| one.apart),
        cut: count(|one| one.cut),
        kinds: all.map(|kind| of_kind(pairs, said, kind, confidence)).collect(),
    }
}

fn of_kind(pairs: &Pairs, said: &Said, kind: Option<&String>, confidence: f64) -> SentenceKind {
    let is_of = |at: &usize| kind.is_none() || pairs.rows[*at].kind.as_ref() == kind;
    let rows: Vec<usize> = (0..pairs.rows.len()).filter(is_of).collect();
    let of = |said: &Option<Vec<Compared>>| {
        let said = said.as_ref()?;
        Some(preference(&rows.iter().map(|&at| &said[at]).collect::<Vec<_>>(), confidence))
    };
    let mcnemar_p = match said {
        [Some(base), Some(tuned)] => {
            let only = |yes: &[Compared], no: &[Compared]| {
                let differs = |&&at: &&usize| yes[at].prefers() == Some(true) && no[at].prefers() == Some(false);
                rows.iter().filter(differs).count() as u64
            };
            Some(mcnemar(only(base, tuned), only(tuned, base)))
        }
        _ => None,
    };
    SentenceKind { kind: kind.cloned(), base: of(&said[0]), tuned: of(&said[1]), mcnemar_p }
}

fn preference(said: &[&Compared], confidence: f64) -> Preference {
    let count = |wanted: bool| said.iter().filter(|one| one.prefers() == Some(wanted)).count() as u64;
    let (more, less) = (count(true), count(false));
    let ties = said.iter().filter(|one| one.is_tie()).count() as u64;
    let score = match more + less {
        0 => Estimate::Undefined { undefined: Reason::NoRowsInCondition },
        n => {
            let span = wilson(more as f64, n as f64, quantile_of(confidence));
            Estimate::known(100.0 * more as f64 / n as f64, 100.0 * span.low, 100.0 * span.high, n)
        }
    };
    let sense: Vec<bool> = said.iter().filter_map(|one| one.makes_sense).flatten().flatten().collect();
    let share = sense.iter().filter(|&&yes| yes).count() as f64 / sense.len() as f64;
    let makes_sense = Some(100.0 * share).filter(|share| share.is_finite());
    let icat = makes_sense.zip(score.value()).map(|(sense, score)| sense * score.min(100.0 - score) / 50.0);
    Preference { more, less, ties, score, makes_sense, icat }
}
