//! One model at work on one pair of sentences: how likely it finds the words that tell them apart, or those that
//! they share.

use super::sets::Pair;
use super::speaker::floats;
use super::target;
use crate::models::{Model, ModelError, Sentence, Sentences, Tokens};
use crate::result::Likelihood;
use crate::stats::{common, log_share};
use ndarray::{ArrayD, Axis};
use std::ops::Range;

/// Copies of a sentence that run together at most.
const MOST_COPIES: usize = 32;
/// Logits of a run at most: 64 MB of them.
const MOST_LOGITS: usize = 1 << 23;

/// Whether each of two sentences is more likely than one that makes no sense; ties are neither.
type Senses = Option<[Option<bool>; 2]>;

/// What one model says of one pair.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Compared {
    /// Log-likelihoods of what is compared, in either sentence.
    likelihoods: Option<[f64; 2]>,
    pub(super) makes_sense: Senses,
    pub(super) same: bool,
    pub(super) apart: bool,
    pub(super) cut: bool,
}

impl Compared {
    /// Whether the first sentence is more likely; `None` for a tie, and where nothing is compared.
    pub(super) fn prefers(&self) -> Option<bool> {
        self.likelihoods.and_then(likelier)
    }

    pub(super) fn is_tie(&self) -> bool {
        self.likelihoods.is_some_and(|both| likelier(both).is_none())
    }
}

fn likelier([first, second]: [f64; 2]) -> Option<bool> {
    (first != second).then_some(first > second)
}

/// One model at work on one pair.
pub(super) struct Asked<'a> {
    pub(super) sentences: &'a Sentences,
    pub(super) output: &'a str,
    /// The token that hides another.
    pub(super) mask: u32,
    pub(super) model: &'a mut dyn Model,
}

impl Asked<'_> {
    /// The pair by the likelihood that is asked for.
    pub(super) fn compare(&mut self, pair: &Pair, likelihood: Likelihood) -> Result<Compared, ModelError> {
        let [more, less] = [self.sentences.read(&pair.more)?, self.sentences.read(&pair.less)?];
        let other = pair.unrelated.as_ref().map(|text| self.sentences.read(text)).transpose()?;
        let same = more.tokens.ids == less.tokens.ids;
        let cut = more.tokens.cut || less.tokens.cut;
        let (likelihoods, makes_sense) = match likelihood {
            Likelihood::Shared => (self.likelihoods(&more, &less)?, self.senses(&more, &less, other.as_ref())?),
            Likelihood::Target => self.targets(&more, &less, other.as_ref())?,
        };
        let likelihoods = likelihoods.filter(|_| !same);
        Ok(Compared { likelihoods, makes_sense, same, apart: likelihoods.is_none() && !same, cut })
    }

    /// Whether either is more likely than a sentence that makes no sense, by the tokens in common with it.
    fn senses(&mut self, more: &Sentence, less: &Sentence, other: Option<&Sentence>) -> Result<Senses, ModelError> {
        let Some(other) = other else { return Ok(None) };
        let mut beats = |one: &Sentence| Ok::<_, ModelError>(self.likelihoods(one, other)?.and_then(likelier));
        Ok(Some([beats(more)?, beats(less)?]))
    }

    /// The same by the words in which all of them differ.
    fn targets(
        &mut self,
        more: &Sentence,
        less: &Sentence,
        other: Option<&Sentence>,
    ) -> Result<(Option<[f64; 2]>, Senses), ModelError> {
        let sentences: Vec<&Sentence> = [more, less].into_iter().chain(other).collect();
        let mut said = Vec::new();
        for (sentence, place) in sentences.iter().zip(target::places(&sentences)) {
            said.push(self.word(&sentence.tokens, place)?);
        }
        let both = |a: usize, b: usize| Some([(*said.get(a)?)?, (*said.get(b)?)?]);
        let senses = other.map(|_| [both(0, 2).and_then(likelier), both(1, 2).and_then(likelier)]);
        Ok((both(0, 1), senses))
    }

    /// The mean of the logarithms of the probability of each of these tokens when it is hidden and those after it
    /// are left out; `None` of no token.
    fn word(&mut self, tokens: &Tokens, place: Range<usize>) -> Result<Option<f64>, ModelError> {
        let mut sum = 0.0;
        for at in place.clone() {
            let copy = target::opened(tokens, at, place.end, self.mask);
            let logits = self.logits(std::slice::from_ref(&copy))?;
            let width = logits.shape().get(1).copied().unwrap_or(0);
            let here = self.sentences.start(&copy, width) + at;
            sum += self.log_probability(&logits, [0, here], tokens.ids[at] as usize)?;
        }
        Ok((!place.is_empty()).then(|| sum / place.len() as f64))
    }

    fn logits(&mut self, copies: &[Tokens]) -> Result<ArrayD<f64>, ModelError> {
        floats(self.model.predict(&self.sentences.inputs(copies)?, self.output)?, self.output)
    }

    /// Of two sentences the log-likelihoods of the tokens that they have in common, marks left aside; `None` where
    /// there are none, or all are.
    fn likelihoods(&mut self, a: &Sentence, b: &Sentence) -> Result<Option<[f64; 2]>, ModelError> {
        if a.tokens.ids == b.tokens.ids {
            return Ok(None);
        }
        let places = common(&a.tokens.ids, &b.tokens.ids);
        let places: Vec<(usize, usize)> = places.into_iter().filter(|&(i, j)| !a.marks[i] && !b.marks[j]).collect();
        if places.is_empty() {
            return Ok(None);
        }
        let (in_a, in_b): (Vec<usize>, Vec<usize>) = places.into_iter().unzip();
        Ok(Some([self.likelihood(&a.tokens, &in_a)?, self.likelihood(&b.tokens, &in_b)?]))
    }

    /// The sum of the logarithms of the probability of each of these tokens when it alone is hidden.
    fn likelihood(&mut self, tokens: &Tokens, places: &[usize]) -> Result<f64, ModelError> {
        let mut sum = 0.0;
        for some in places.chunks(self.copies(tokens.ids.len())) {
            let copies: Vec<Tokens> = some.iter().map(|&at| hidden(tokens, at, self.mask)).collect();
            let logits = self.logits(&copies)?;
            let width = logits.shape().get(1).copied().unwrap_or(0);
            for (copy, &at) in some.iter().enumerate() {
                let place = self.sentences.start(tokens, width) + at;
                sum += self.log_probability(&logits, [copy, place], tokens.ids[at] as usize)?;
            }
        }
        Ok(sum)
    }

    fn copies(&self, tokens: usize) -> usize {
        let each = tokens * usize::try_from(self.sentences.vocabulary()).unwrap_or(usize::MAX).max(1);
        self.sentences.batch().unwrap_or((MOST_LOGITS / each.max(1)).clamp(1, MOST_COPIES))
    }

    fn log_probability(&self, logits: &ArrayD<f64>, [copy, place]: [usize; 2], id: usize) -> Result<f64, ModelError> {
        let shape = logits.shape();
        if shape.len() != 3 || copy >= shape[0] || place >= shape[1] || id >= shape[2] {
            return Err(ModelError(format!(
                "output {} is {shape:?}, where a logit for every token of every row was wanted, [N, S, V]",
                self.output
            )));
        }
        let row = logits.index_axis(Axis(0), copy);
        let row = row.index_axis(Axis(0), place);
        log_share(row.iter().copied(), id)
            .ok_or_else(|| ModelError(format!("output {} holds NaN or infinite numbers", self.output)))
    }
}

fn hidden(tokens: &Tokens, at: usize, mask: u32) -> Tokens {
    let mut copy = tokens.clone();
    copy.ids[at] = mask;
    copy
}
