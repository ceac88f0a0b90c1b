//! What the embeddings tell of an attribute: how well a linear classifier that has not seen a row tells its group,
//! and in how few bits all groups can be told.

use super::kept::Kept;
use super::measured::{Groups, estimate, reason, rounded, undefined};
use crate::evidence::UNKNOWN;
use crate::result::{Encoding, Estimate, GroupLeak, Leakage, Reason};
use crate::stats::representation::{Codelength, CrossFitted, Rows, codelength, cross_fitted};
use crate::stats::{Contrast, Influenced, Interval, duo, quantile_of};
use ndarray::Axis;
use std::collections::{BTreeMap, BTreeSet};

/// Groups of an attribute at most; of more, the largest. All others are one class.
const MOST_GROUPS: usize = 20;
/// Rows of a group at least.
const LEAST_ROWS: usize = 10;
/// The class of all others.
const OTHERS: u32 = u32::MAX;

/// What is asked of the embeddings: the groups of one attribute, or whether a row is in one.
struct Question<'a> {
    groups: &'a Groups<'a>,
    /// The rows of the sample of which the answer is known.
    rows: Vec<usize>,
    /// The answers.
    classes: Vec<u32>,
    units: Option<Vec<u64>>,
}

/// How well one embedding answers.
type Told = Result<CrossFitted, Reason>;

/// An attribute's, of both embeddings.
pub(super) fn leakage(groups: &Groups, sample: &Kept, attribute: usize, broken: bool) -> Leakage {
    let name = groups.attributes[attribute].name.clone();
    if groups.attributes[attribute].sets.is_some() {
        let listed = overlapping(groups, sample, attribute, broken);
        return Leakage { attribute: name, groups: listed, base: None, tuned: None, change: None };
    }
    let question = Question::of_groups(groups, sample, attribute);
    let told = question.told(sample, broken);
    let shown = shown(&question.classes, groups.attributes[attribute].groups.len());
    let leak = |code: u32| Some(question.group(groups.slice(attribute, code)?, code, &told));
    let listed = shown.into_iter().filter_map(leak).collect();
    let [base, tuned] = question.encodings(sample, broken);
    let change = base.as_ref().zip(tuned.as_ref()).map(|(base, tuned)| tuned.minus(base));
    Leakage { attribute: name, groups: listed, base, tuned, change }
}

/// Of groups that a row may be in several of: each against everyone who is not in it.
fn overlapping(groups: &Groups, sample: &Kept, attribute: usize, broken: bool) -> Vec<GroupLeak> {
    let of = &groups.attributes[attribute];
    let codes = &sample.codes()[attribute];
    let inside = |group: usize| codes.iter().filter(|code| of.names(**code, group)).count();
    let sizes: Vec<usize> = (0..of.groups.len()).map(inside).collect();
    let mut largest: Vec<usize> = (0..of.groups.len()).filter(|&group| sizes[group] > 0).collect();
    largest.sort_by_key(|&group| (std::cmp::Reverse(sizes[group]), group));
    largest.truncate(MOST_GROUPS);
    largest.sort_unstable();
    let known = codes.iter().filter(|code| **code != UNKNOWN).count();
    let leak = |group: usize| {
        let question = Question::of_group(groups, sample, attribute, group);
        let few = sizes[group].min(known - sizes[group]) < LEAST_ROWS;
        let told = if few {
            question.answers(sample, broken, |_| Err(Reason::TooFewRows))
        } else {
            question.told(sample, broken)
        };
        Some(question.group(groups.slice(attribute, group as u32 + 1)?, 1, &told))
    };
    largest.into_iter().filter_map(leak).collect()
}

/// The groups in the order shown. Of two the smaller one stands for both; of many the largest are shown.
fn shown(classes: &[u32], groups: usize) -> Vec<u32> {
    let size = |code: &u32| classes.iter().filter(|class| *class == code).count();
    let all: Vec<u32> = (1..=groups as u32).collect();
    match all[..] {
        [one, two] => vec![if size(&two) < size(&one) { two } else { one }],
        _ => {
            let mut largest = all;
            largest.sort_by_key(|code| (std::cmp::Reverse(size(code)), *code));
            largest.truncate(MOST_GROUPS);
            largest.sort_unstable();
            largest
        }
    }
}

impl<'a> Question<'a> {
    fn of_groups(groups: &'a Groups, sample: &Kept, attribute: usize) -> Question<'a> {
        let codes = &sample.codes()[attribute];
        let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
        codes.iter().filter(|code| **code != UNKNOWN).for_each(|code| *sizes.entry(*code).or_default() += 1);
        let mut large: Vec<(usize, u32)> =
            sizes.into_iter().map(|(code, rows)| (rows, code)).filter(|(rows, _)| *rows >= LEAST_ROWS).collect();
        large.sort_by_key(|&(rows, code)| (std::cmp::Reverse(rows), code));
        large.truncate(MOST_GROUPS);
        let large: BTreeSet<u32> = large.into_iter().map(|(_, code)| code).collect();
        let others = codes.iter().filter(|code| **code != UNKNOWN && !large.contains(code)).count();
        // Too few others are no class of their own, and are left out.
        let asked = |code: u32| large.contains(&code) || code != UNKNOWN && others >= LEAST_ROWS;
        let rows: Vec<usize> = (0..codes.len()).filter(|&row| asked(codes[row])).collect();
        let class = |&row: &usize| if large.contains(&codes[row]) { codes[row] } else { OTHERS };
        let classes = rows.iter().map(class).collect();
        Question::new(groups, sample, rows, classes)
    }

    fn of_group(groups: &'a Groups, sample: &Kept, attribute: usize, group: usize) -> Question<'a> {
        let (codes, of) = (&sample.codes()[attribute], &groups.attributes[attribute]);
        let rows: Vec<usize> = (0..codes.len()).filter(|&row| codes[row] != UNKNOWN).collect();
        let classes = rows.iter().map(|&row| u32::from(of.names(codes[row], group))).collect();
        Question::new(groups, sample, rows, classes)
    }

    fn new(groups: &'a Groups, sample: &Kept, rows: Vec<usize>, classes: Vec<u32>) -> Question<'a> {
        let units = sample.units().map(|units| rows.iter().map(|&row| units[row]).collect());
        Question { groups, rows, classes, units }
    }

    /// What each embedding answers to it.
    fn answers<T>(
        &self,
        sample: &Kept,
        broken: bool,
        of: impl Fn(&Rows) -> Result<T, Reason>,
    ) -> [Option<Result<T, Reason>>; 2] {
        [0, 1].map(|side| {
            let x = sample.embedded(side)?.select(Axis(0), &self.rows);
            let (classes, units) = (&self.classes[..], self.units.as_deref());
            let rows = Rows { embedding: x.view(), classes, groups: None, units, weights: None };
            Some(if broken { Err(Reason::NotFinite) } else { of(&rows) })
        })
    }

    fn told(&self, sample: &Kept, broken: bool) -> [Option<Told>; 2] {
        self.answers(sample, broken, |rows| cross_fitted(rows, &[self.seed()]).map_err(why))
    }

    fn encodings(&self, sample: &Kept, broken: bool) -> [Option<Encoding>; 2] {
        let found = self.answers(sample, broken, |rows| codelength(rows, self.seed()).map_err(why));
        found.map(|found| {
            let known = |found: Codelength| Encoding {
                codelength: estimate(Ok(found.bits), self.support()),
                compression: estimate(Ok(found.compression), self.support()),
            };
            found.map(|found| found.map_or_else(Encoding::undefined, known))
        })
    }

    fn seed(&self) -> u64 {
        self.groups.audit.stats.seed
    }

    fn support(&self) -> u64 {
        self.rows.len() as u64
    }

    fn group(&self, slice: String, class: u32, told: &[Option<Told>; 2]) -> GroupLeak {
        let area = |told: &Told| match told {
            Ok(told) => told.against_rest(&self.classes, class).ok_or(Reason::TooFewRows),
            Err(reason) => Err(*reason),
        };
        let areas = told.each_ref().map(|told| told.as_ref().map(area));
        let change = match &areas {
            [Some(Ok(base)), Some(Ok(tuned))] => Some(self.change(base, tuned)),
            [Some(Err(reason)), Some(_)] | [Some(_), Some(Err(reason))] => Some(undefined(*reason)),
            _ => None,
        };
        let [base, tuned] = areas.map(|area| area.map(|area| area.map_or_else(undefined, |area| self.auc(&area))));
        GroupLeak { slice, base, tuned, change }
    }

    fn z(&self) -> f64 {
        quantile_of(self.groups.audit.stats.confidence)
    }

    fn auc(&self, area: &Influenced) -> Estimate {
        let marginal = area.marginal(self.units.as_deref());
        marginal.map_or(undefined(Reason::NotDefined), |one| self.known(one.value, one.at(self.z())))
    }

    fn change(&self, base: &Influenced, tuned: &Influenced) -> Estimate {
        // Where every row stands as it stood nothing is left to chance.
        if base == tuned {
            return self.known(0.0, Interval { low: 0.0, high: 0.0 });
        }
        let both = duo(base, tuned, self.units.as_deref());
        both.map_or(undefined(Reason::NotDefined), |both| {
            self.known(both.value(Contrast::CHANGE), both.interval(Contrast::CHANGE, self.z()))
        })
    }

    fn known(&self, value: f64, Interval { low, high }: Interval) -> Estimate {
        Estimate::known(rounded(value), rounded(low), rounded(high), self.support())
    }
}

/// One group alone is too few to tell apart.
fn why(none: crate::stats::representation::Undefined) -> Reason {
    match none {
        crate::stats::representation::Undefined::OneClass => Reason::TooFewGroups,
        other => reason(other),
    }
}
