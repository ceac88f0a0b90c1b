//! What a policy asks, in plain sentences, before anything is judged.

use super::view::checks::{accepted_until, facts};
use super::view::words;
use super::{clean, number};
use crate::result::{Asked, CheckNotes, CheckOutcome, Judge, Limit, Of, On, Severity, WaiverNote};

/// A check in sentences: what it asks of whom, by what it is judged, and what a failure does. `slices` are those
/// that it names; none for all.
pub fn check_in_words(check: &CheckOutcome, slices: &[String], notes: &CheckNotes) -> String {
    let mut lines = vec![
        clean::shortened(&check.id, 200),
        format!("  {}, for {}.", asks(check), whom(check, slices)),
        format!("  {}{}", judged_by(check), weighs(check)),
    ];
    lines.extend(facts(notes).into_iter().map(|(name, text)| format!("  {}: {text}", words::capitalized(name))));
    number::plain(&(lines.join("\n") + "\n"))
}

/// A waiver in a sentence, with the check and slice that it is for.
pub fn waiver_in_words(check: &str, slice: &str, note: &WaiverNote, models: &[String]) -> String {
    let name = note.id.as_deref().map_or("waiver".into(), |id| format!("waiver {}", clean::label(id)));
    let floor = note.floor.map_or(String::new(), |floor| format!("  It does not hold beyond {}.\n", limit(floor)));
    let pinned = match models {
        [] => String::new(),
        some => format!("  It is for the tuned model {} alone.\n", some.join(" or ")),
    };
    let (check, slice) = (clean::label(check), clean::label(slice));
    number::plain(&format!("{name}\n  A failure of {check} for {slice} is {}\n{floor}{pinned}", accepted_until(note)))
}

fn asks(check: &CheckOutcome) -> String {
    let title = check.metric.as_deref().map(|metric| words::title_of(metric, check.class.as_deref()));
    match &check.asked {
        Asked::Verdicts { verdicts } => {
            let listed: Vec<&str> = verdicts.iter().map(|one| words::verdict(*one).0).collect();
            let title = title.unwrap_or_else(|| "Every metric with findings".into());
            format!("{title}: no gap may be {}", listed.join(" or "))
        }
        Asked::Limit { limit, of, on, .. } => {
            let number = match on {
                On::Change => words::judged(check),
                On::Base => format!("{} of the base", words::number_of(*of)),
                On::Tuned => format!("{} of the tuned model", words::number_of(*of)),
            };
            let must = if matches!(limit, Limit::MaxDrop(_) | Limit::MaxRise(_)) { "may be" } else { "must be" };
            let title = title.unwrap_or_default();
            format!("{title}: the {number} {must} {}", words::limit(check))
        }
    }
}

/// "every group of sex and sex=Female".
fn whom(check: &CheckOutcome, slices: &[String]) -> String {
    let of_spread = matches!(check.asked, Asked::Limit { of: Of::Spread, .. });
    let one = |slice: &String| match slice.as_str() {
        "all" => "everyone".into(),
        slice if slice.contains('=') => clean::label(slice),
        attribute if of_spread => format!("the groups of {}", clean::label(attribute)),
        attribute => format!("every group of {}", clean::label(attribute)),
    };
    match slices {
        [] if of_spread => "the groups of every attribute".into(),
        [] => "every group".into(),
        some => some.iter().map(one).collect::<Vec<_>>().join(", "),
    }
}

fn judged_by(check: &CheckOutcome) -> &'static str {
    match check.asked {
        Asked::Limit { judge: Judge::Estimate, .. } => "Judged by the estimate alone, whatever its interval.",
        Asked::Limit { judge: Judge::Interval, .. } => {
            "Met where the whole interval is inside, failed where it is all outside, else undecided."
        }
        Asked::Limit { judge: Judge::Probability, .. } => "Judged by the probability that the limit is broken.",
        Asked::Verdicts { .. } => "Failed where such a verdict is confirmed or flagged, met where it is ruled out.",
    }
}

fn weighs(check: &CheckOutcome) -> &'static str {
    match check.severity {
        Severity::Error => " A failure fails the gate.",
        Severity::Warn => " A failure is shown and fails nothing.",
    }
}

/// A limit without the number that it is for, `min 0.7`.
fn limit(limit: Limit) -> String {
    let key = match limit {
        Limit::Min(_) => "min",
        Limit::Max(_) => "max",
        Limit::MaxAbs(_) => "max_abs",
        Limit::MaxGrowth(_) => "max_growth",
        Limit::MaxDrop(_) => "max_drop",
        Limit::MaxRise(_) => "max_rise",
    };
    format!("{key} = {}", limit.value())
}
