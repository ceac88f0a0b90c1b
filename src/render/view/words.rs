//! The words for verdicts, outcomes, reasons and limits: each said in one place, for all formats.

use super::open::Open;
use super::unit::{Unit, is_of_pair};
use crate::metrics::{self, Metric};
use crate::render::{clean, number};
use crate::result::{
    Asked, CheckOutcome, Estimate, Finding, GapEstimate, Limit, MACRO, Mark, Method, Of, On, Outcome, Reason, Severity,
    Span, Verdict, WORST,
};

/// How a word is shown; colour never stands alone, since the word is always printed.
pub(in crate::render) type Tone = &'static str;
/// Of words that say something is wrong.
pub(in crate::render) const OUTSIDE: Tone = "outside";
/// Of words that ask for a look.
pub(in crate::render) const CAUTION: Tone = "caution";
const INSIDE: Tone = "inside";
/// Of words that ask for no attention.
pub(in crate::render) const QUIET: Tone = "quiet";

/// Every verdict, worst first: the order of every table, chart and list.
pub(in crate::render) const VERDICTS: [Verdict; 13] = [
    Verdict::Introduced,
    Verdict::Amplified,
    Verdict::Worsened,
    Verdict::Inherited,
    Verdict::CarriedOver,
    Verdict::Present,
    Verdict::Attenuated,
    Verdict::Improved,
    Verdict::Unclear,
    Verdict::TooSmall,
    Verdict::Clear,
    Verdict::Eliminated,
    Verdict::Absent,
];

/// The verdict's word, tone and meaning.
pub(in crate::render) fn verdict(verdict: Verdict) -> (&'static str, Tone, &'static str) {
    match verdict {
        Verdict::Introduced => {
            ("introduced", OUTSIDE, "At least two thirds of the gap is new since the base, or it points the other way.")
        }
        Verdict::Amplified => ("amplified", OUTSIDE, "The base had the gap, and tuning made it clearly larger."),
        Verdict::Worsened => ("worsened", OUTSIDE, "Clearly larger; new or grown cannot be told yet."),
        Verdict::Inherited => (
            "inherited",
            CAUTION,
            "The base model already had this gap on these same people, and the tuned model's is about the same size.",
        ),
        Verdict::CarriedOver => ("carried over", CAUTION, "Both have it; whether its size changed cannot be told yet."),
        Verdict::Present => ("present", CAUTION, "The tuned model has it; where it came from cannot be told yet."),
        Verdict::Attenuated => ("attenuated", CAUTION, "Tuning made it clearly smaller, but it is still there."),
        Verdict::Improved => ("improved", INSIDE, "Clearly smaller; gone or not cannot be told yet."),
        Verdict::Unclear => ("unclear", QUIET, "The data cannot say; this is not an all-clear."),
        Verdict::TooSmall => ("too small", QUIET, "Too few people; nothing is claimed."),
        Verdict::Clear => ("clear", INSIDE, "The tuned model has no such gap; about the base it cannot be told."),
        Verdict::Eliminated => ("eliminated", INSIDE, "The base had it; the tuned model is below your smallest gap."),
        Verdict::Absent => ("absent", INSIDE, "Neither model has a gap as large as you care about."),
    }
}

/// The word, tone and meaning of a finding's verdict.
pub(in crate::render) fn of(finding: &Finding) -> (&'static str, Tone, &'static str) {
    match finding.is_without_error() {
        true => {
            ("not judged", QUIET, "No error can be told, as where every row has the same number; nothing is claimed.")
        }
        false => verdict(finding.verdict),
    }
}

/// The verdict's meaning in half a line.
pub(in crate::render) fn gloss(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Introduced => "mostly new since the base, or reversed",
        Verdict::Amplified => "was in the base, clearly larger now",
        Verdict::Worsened => "clearly larger; new or grown cannot be told",
        Verdict::Inherited => "was in the base, about the same size now",
        Verdict::CarriedOver => "in both; unclear if its size changed",
        Verdict::Present => "in the tuned model; unclear where from",
        Verdict::Attenuated => "was in the base, clearly smaller now",
        _ => "",
    }
}

/// How firmly a verdict stands after the correction for the number of comparisons.
pub(in crate::render) fn standing(finding: &Finding) -> &'static str {
    match (finding.confirmed, finding.tentative, finding.flagged) {
        (true, _, _) => "confirmed",
        (_, true, true) => "tentative, flagged",
        (_, true, false) => "tentative",
        (_, _, true) => "flagged",
        _ => "",
    }
}

/// The same of a check on a finding: what is not judged there is not judged here.
pub(in crate::render) fn outcome_on(finding: Option<&Finding>, check: Outcome) -> (&'static str, Tone) {
    match finding.filter(|finding| check == Outcome::TooSmall && finding.is_without_error()).map(of) {
        Some((word, tone, _)) => (word, tone),
        None => outcome(check),
    }
}

/// The outcome's word and tone.
pub(in crate::render) fn outcome(outcome: Outcome) -> (&'static str, Tone) {
    match outcome {
        Outcome::Met => ("met", INSIDE),
        Outcome::Failed => ("failed", OUTSIDE),
        Outcome::Undecided => ("undecided", CAUTION),
        Outcome::TooSmall => ("too small", QUIET),
        Outcome::Missing => ("missing", OUTSIDE),
        Outcome::Waived => ("waived", OUTSIDE),
        Outcome::Accepted => ("accepted", OUTSIDE),
    }
}

/// "+7.2 points (+1.9 to +10.3)" of a number that is known.
pub(in crate::render) fn with_span(estimate: &Estimate, unit: Unit) -> String {
    let span = estimate.interval().map_or(String::new(), |span| format!(" ({})", number::span(span, unit.writer())));
    estimate.value().map_or(String::new(), |value| format!("{}{span}", unit.full(value)))
}

/// Why a number does not exist.
pub(in crate::render) fn reason(reason: Reason, min_cell: u64) -> String {
    match reason {
        Reason::NoRowsInCondition => "not defined: nobody is in the condition".into(),
        Reason::NoLabels => "not defined: the data carry no labels".into(),
        Reason::DirectionNotDeclared => "not defined: direction of harm not declared".into(),
        Reason::DifferentLabels => "not defined: the two models answer different questions".into(),
        Reason::NotDefined => "not defined on these rows".into(),
        Reason::ZeroDenominator => "not defined: a ratio over zero".into(),
        Reason::NoScores => "not defined: the model gives no score for each class".into(),
        Reason::TooFewClasses => "not defined: there are no more classes than `top_k` counts".into(),
        Reason::TooFewGroups => "not defined: too few groups have a number".into(),
        Reason::RowsNotAlike => "not defined: an exact test needs rows without weights or units".into(),
        Reason::TooFewRows => "not defined: too few people".into(),
        Reason::OtherRows => "not defined: the control says nothing on too many of these rows".into(),
        Reason::NoCounts => "not defined: it needs plain counts of decisions".into(),
        Reason::NoGap => "not defined: no gap here that surely counts".into(),
        Reason::NotFinite => "not defined: the embedding holds numbers that are none".into(),
        Reason::Hidden => hidden(min_cell),
    }
}

/// What stands in place of a hidden number.
pub(in crate::render) fn hidden(min_cell: u64) -> String {
    format!("hidden (fewer than {} people)", number::count(min_cell))
}

/// A remark beside a verdict.
pub(in crate::render) fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Grew => "grew",
        Mark::Shrank => "shrank",
        Mark::Reversed => "points the other way than in the base",
        Mark::Relearned => "same gap on other rows (relearned)",
        Mark::Latent => "two effects cancel (latent)",
        Mark::InLabels => "labels differ the same way",
        Mark::WithoutError => "no error can be told",
    }
}

pub(in crate::render) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warn",
    }
}

/// How the findings are corrected for their number, with the source.
pub(in crate::render) fn multiplicity(id: &str) -> String {
    match id {
        "bh" => "Benjamini & Hochberg (1995), false discovery rate".into(),
        "by" => "Benjamini & Yekutieli (2001), false discovery rate".into(),
        "holm" => "Holm (1979), family-wise error rate".into(),
        "none" => "none: every finding stands alone".into(),
        "bayes" => "posterior probabilities, mean error kept at or below 1 − confidence: Newton et al. (2004)".into(),
        other => clean::label(other),
    }
}

/// What the corrected p-value is.
pub(in crate::render) fn q_is(method: &Method) -> &'static str {
    if is_bayes(method) {
        "mean error of the verdicts that are at least as probable"
    } else {
        "p-value after correction"
    }
}

/// Whether probabilities name the confirmed verdicts.
pub(in crate::render) fn is_bayes(method: &Method) -> bool {
    method.multiplicity == "bayes"
}

/// What happens to a person under a metric, `selected`; an unknown id prints as it is.
pub(in crate::render) fn plain(metric: &str) -> String {
    metrics::find(metric).map_or_else(|| clean::label(metric), |metric| metric.plain.into())
}

/// The same of one class of several, `found (TPR) of class virginica`.
pub(in crate::render) fn plain_of(metric: &str, class: Option<&str>) -> String {
    match class {
        None => plain(metric),
        Some(MACRO) => format!("{}, mean of classes", plain(metric)),
        Some(WORST) => format!("{}, worst class", plain(metric)),
        Some(class) => format!("{} of class {}", plain(metric), clean::label(class)),
    }
}

/// The title with the class that it is about, `True positive rate of class virginica`.
pub(in crate::render) fn title_of(metric: &str, class: Option<&str>) -> String {
    match class {
        None => title(metric),
        Some(MACRO) => format!("{}, mean of classes", title(metric)),
        Some(WORST) => format!("{}, worst class", title(metric)),
        Some(class) => format!("{} of class {}", title(metric), clean::label(class)),
    }
}

/// The text with a capital letter first.
pub(in crate::render) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// The metric's title, `Selection rate`.
pub(in crate::render) fn title(metric: &str) -> String {
    metrics::find(metric).map_or_else(|| clean::label(metric), |metric| metric.title.into())
}

/// The smallest gap that counts, `5 points, 0.03 for ordered right (AUC)`.
pub(in crate::render) fn smallest_gap(method: &Method) -> String {
    let shared: Vec<Unit> =
        method.metrics.iter().filter(|id| !method.smallest_gaps.contains_key(*id)).map(|id| Unit::size(id)).collect();
    let rates = method.metrics.is_empty() || shared.contains(&Unit::Spread);
    let numbers = shared.contains(&Unit::Number).then(|| Unit::Number.setting(method.smallest_gap));
    let own =
        method.smallest_gaps.iter().map(|(id, gap)| format!("{} for {}", Unit::size(id).setting(*gap), plain(id)));
    let mut parts: Vec<String> = rates.then(|| Unit::Spread.setting(method.smallest_gap)).into_iter().collect();
    parts.extend(numbers.map(|gap| if rates { format!("{gap} for plain numbers") } else { gap }));
    parts.extend(own);
    parts.join(", ")
}

/// The people inside a metric's condition, `people with a positive label`.
pub(in crate::render) fn people(metric: &str) -> String {
    let among = metrics::find(metric).map_or("", Metric::rests_on);
    among.strip_prefix("of those ").map_or_else(|| "people".into(), |condition| format!("people {condition}"))
}

/// What a finding's slice is compared with, in words.
pub(in crate::render) fn reference(finding: &Finding) -> String {
    match (finding.reference.as_str(), &finding.mirror) {
        ("rest", Some(mirror)) => clean::label(mirror),
        ("rest", None) => "the others".into(),
        (named, _) => clean::label(named),
    }
}

/// What a check judges, `growth of the gap`.
pub(in crate::render) fn judged(check: &CheckOutcome) -> String {
    let Asked::Limit { of, on, limit, .. } = &check.asked else { return "verdict".into() };
    let number = number_of(*of);
    match on {
        _ if matches!(limit, Limit::MaxGrowth(_)) => "growth of the gap".into(),
        _ if is_of_pair(check) => number.into(),
        On::Change => format!("change of the {number}"),
        On::Base => format!("{number}, base"),
        On::Tuned => format!("{number}, tuned model"),
    }
}

/// Which number, in words.
pub(in crate::render) fn number_of(of: Of) -> &'static str {
    match of {
        Of::Value => "value",
        Of::Gap => "gap",
        Of::Ratio => "ratio to the reference",
        Of::Spread => "difference between the groups",
    }
}

/// A check's limit in words, `at most 5.0 points`, or its verdicts, `not introduced or amplified`.
pub(in crate::render) fn limit(check: &CheckOutcome) -> String {
    let limit = match &check.asked {
        Asked::Limit { limit, .. } => *limit,
        Asked::Verdicts { verdicts } => {
            let words: Vec<&str> = verdicts.iter().map(|one| verdict(*one).0).collect();
            return format!("not {}", words.join(" or "));
        }
    };
    let number = Unit::of(check).unsigned().limit(limit.value());
    match limit {
        Limit::Min(_) => format!("at least {number}{}", if is_four_fifths(check) { FOUR_FIFTHS } else { "" }),
        Limit::Max(_) | Limit::MaxGrowth(_) => format!("at most {number}"),
        Limit::MaxAbs(_) => format!("at most {number} in size"),
        Limit::MaxDrop(_) => format!("a drop of at most {number}"),
        Limit::MaxRise(_) => format!("a rise of at most {number}"),
    }
}

/// What the limit is, where a policy asks for it: never said of a ratio that has no such limit.
const FOUR_FIFTHS: &str = " (the four fifths of 29 CFR 1607.4(D), a rule of thumb)";

/// Whether a check asks for four fifths of a selection rate.
fn is_four_fifths(check: &CheckOutcome) -> bool {
    let ratio = matches!(check.asked, Asked::Limit { of: Of::Ratio, limit: Limit::Min(0.8), .. });
    ratio && check.metric.as_deref() == Some("selection_rate")
}

/// Whether the number itself is outside the limit, however unsure it is.
pub(in crate::render) fn is_outside(check: &CheckOutcome) -> bool {
    let (Asked::Limit { limit, .. }, Some(value)) = (&check.asked, check.value) else { return false };
    !limit.allows(value)
}

/// What an undecided check could have missed, `a growth of the gap of up to 10.3 points`.
pub(in crate::render) fn missed(check: &CheckOutcome) -> Option<String> {
    let Asked::Limit { of, on, limit, .. } = check.asked else { return None };
    // An interval on one side of the limit rules out what is beyond it; the corrected one is not at hand.
    if Open::of(check) == Some(Open::Corrected) {
        return None;
    }
    let unit = Unit::of(check).unsigned();
    let write = |x: f64| unit.full(x);
    let judged = if on == On::Change { judged(check) } else { number_of(of).into() };
    Some(match limit {
        Limit::MaxGrowth(_) => format!("a growth of up to {}", write(check.high?)),
        Limit::MaxRise(_) => format!("a rise of up to {}", write(check.high?)),
        Limit::MaxDrop(_) => format!("a drop of up to {}", write(-check.low?)),
        Limit::Max(_) => format!("a {judged} of up to {}", write(check.high?)),
        Limit::Min(_) => format!("a {judged} of only {}", write(check.low?)),
        Limit::MaxAbs(_) => format!("a {judged} of up to {} in size", write(check.low?.abs().max(check.high?.abs()))),
    })
}

/// A number with its interval, or the words that stand in its place.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub(in crate::render) struct Shown {
    /// The number, or why there is none.
    pub text: String,
    /// The interval, `11.2 to 14.1`; empty where there is none.
    pub span: String,
    /// Whether `text` is words and no number.
    pub words: bool,
}

impl Shown {
    /// A dash where there is nothing to show.
    pub fn nothing() -> Shown {
        Shown { text: "–".into(), span: String::new(), words: false }
    }

    /// Words in place of a number.
    pub fn words(text: impl Into<String>) -> Shown {
        Shown { text: text.into(), span: String::new(), words: true }
    }

    /// A gap of a metric.
    pub fn gap(metric: &str, gap: GapEstimate) -> Shown {
        Shown::number(gap.value, Some(Span::bounded(gap.low, gap.high)), Unit::gap(metric).writer())
    }

    /// A number, written by `write`, and its interval.
    pub fn number(value: f64, span: Option<Span>, write: fn(f64) -> String) -> Shown {
        Shown { text: write(value), span: span.map(|span| number::span(span, write)).unwrap_or_default(), words: false }
    }

    /// An estimate, if the result has one.
    pub fn estimate(estimate: Option<&Estimate>, min_cell: u64, write: fn(f64) -> String) -> Shown {
        match estimate {
            Some(known @ Estimate::Known { value, .. }) => Shown::number(*value, known.interval(), write),
            Some(Estimate::Undefined { undefined }) => Shown::words(reason(*undefined, min_cell)),
            None => Shown::words("not measured"),
        }
    }
}
