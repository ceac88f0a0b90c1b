//! What the embeddings tell of an attribute: how well a linear classifier that has not seen a row tells its group,
//! and in how few bits all groups can be told.

use super::kept::Kept;
use super::measured::{Groups, estimate, reason, rounded, undefined};
use crate::evidence::UNKNOWN;
use crate::result::{Encoding, Estimate, GroupLeak, Leakage, Reason};
use crate::stats::representation::{CrossFitted, Rows, codelength, cross_fitted};
use crate::stats::{Contrast, Influenced, Interval, duo, quantile_of};
use ndarray::{Array2, Axis};
use std::collections::{BTreeMap, BTreeSet};

/// Groups of an attribute at most; of more, the largest. All others are one class.
const MOST_GROUPS: usize = 20;
/// Rows of a group at least.
const LEAST_ROWS: usize = 10;
/// The class of all others.
const OTHERS: u32 = u32::MAX;

/// What is asked of the embeddings: the groups of one attribute.
struct Question<'a> {
    groups: &'a Groups<'a>,
    /// The rows of the sample whose group is known.
    rows: Vec<usize>,
    /// Their groups.
    classes: Vec<u32>,
    units: Option<Vec<u64>>,
}

/// What one embedding answers.
struct Answer {
    encoding: Encoding,
    told: Result<CrossFitted, Reason>,
}

/// An attribute's, of both embeddings.
pub(super) fn leakage(groups: &Groups, sample: &Kept, attribute: usize, broken: bool) -> Leakage {
    let question = Question::new(groups, sample, attribute);
    let answers = [0, 1].map(|side| {
        let embedded = sample.embedded(side)?.select(Axis(0), &question.rows);
        Some(if broken { Answer::none(Reason::NotFinite) } else { question.answer(embedded) })
    });
    let shown = shown(&question.classes, groups.attributes[attribute].groups.len());
    let leak = |code: u32| question.group(attribute, code, &answers);
    let listed = shown.into_iter().filter_map(leak).collect();
    let [base, tuned] = answers.each_ref().map(|answer| answer.as_ref().map(|answer| answer.encoding.clone()));
    let change = base.as_ref().zip(tuned.as_ref()).map(|(base, tuned)| tuned.minus(base));
    Leakage { attribute: groups.attributes[attribute].name.clone(), groups: listed, base, tuned, change }
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
    fn new(groups: &'a Groups, sample: &Kept, attribute: usize) -> Question<'a> {
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
        let units = sample.units().map(|units| rows.iter().map(|&row| units[row]).collect());
        Question { groups, rows, classes, units }
    }

    fn answer(&self, x: Array2<f32>) -> Answer {
        let seed = self.groups.audit.stats.seed;
        let rows = Rows { embedding: x.view(), classes: &self.classes, groups: None, units: self.units.as_deref() };
        let told = cross_fitted(&rows, &[seed]).map_err(why);
        let encoding = match codelength(&rows, seed) {
            Ok(found) => Encoding {
                codelength: estimate(Ok(found.bits), self.support()),
                compression: estimate(Ok(found.compression), self.support()),
            },
            Err(none) => Encoding::undefined(why(none)),
        };
        Answer { encoding, told }
    }

    fn support(&self) -> u64 {
        self.rows.len() as u64
    }

    fn group(&self, attribute: usize, code: u32, answers: &[Option<Answer>; 2]) -> Option<GroupLeak> {
        let slice = self.groups.slice(attribute, code)?;
        let area = |answer: &Answer| match &answer.told {
            Ok(told) => told.against_rest(&self.classes, code).ok_or(Reason::TooFewRows),
            Err(reason) => Err(*reason),
        };
        let areas = answers.each_ref().map(|answer| answer.as_ref().map(area));
        let change = match &areas {
            [Some(Ok(base)), Some(Ok(tuned))] => Some(self.change(base, tuned)),
            [Some(Err(reason)), Some(_)] | [Some(_), Some(Err(reason))] => Some(undefined(*reason)),
            _ => None,
        };
        let [base, tuned] = areas.map(|area| area.map(|area| area.map_or_else(undefined, |area| self.auc(&area))));
        Some(GroupLeak { slice, base, tuned, change })
    }

    fn z(&self) -> f64 {
        quantile_of(self.groups.audit.stats.confidence)
    }

    fn auc(&self, area: &Influenced) -> Estimate {
        let marginal = area.marginal(self.units.as_deref());
        marginal.map_or(undefined(Reason::NotDefined), |one| self.known(one.value, one.at(self.z())))
    }

    fn change(&self, base: &Influenced, tuned: &Influenced) -> Estimate {
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

impl Answer {
    fn none(reason: Reason) -> Answer {
        Answer { encoding: Encoding::undefined(reason), told: Err(reason) }
    }
}
