//! Waivers: a failed check that somebody accepted, until a day.

use crate::config::Waiver;
use crate::result::{CheckOutcome, Outcome, WaiverNote};

/// Turns failed outcomes into waived ones where a waiver is in force on `today` (ISO date), and
/// says which waivers have expired, which no longer apply and which were used by nothing.
pub fn apply(outcomes: &mut [CheckOutcome], waivers: &[Waiver], today: &str) -> Vec<String> {
    waivers.iter().filter_map(|waiver| apply_one(outcomes, waiver, today)).collect()
}

fn apply_one(outcomes: &mut [CheckOutcome], waiver: &Waiver, today: &str) -> Option<String> {
    let Waiver { check, slice, expires, .. } = waiver;
    let covered = |outcome: &&mut CheckOutcome| outcome.id == *check && outcome.slice == *slice;
    let mut failed: Vec<&mut CheckOutcome> =
        outcomes.iter_mut().filter(covered).filter(|outcome| outcome.outcome == Outcome::Failed).collect();
    // ISO dates compare as text.
    if expires.as_str() < today {
        return Some(match failed.is_empty() {
            true => {
                format!("The waiver of {check} for {slice} expired on {expires}; nothing fails there now: remove it.")
            }
            false => format!("The waiver of {check} for {slice} expired on {expires} and no longer holds."),
        });
    }
    if failed.is_empty() {
        return Some(format!("The waiver of {check} for {slice} was not used: nothing fails there. Remove it."));
    }
    for outcome in &mut failed {
        outcome.outcome = Outcome::Waived;
        outcome.waiver = Some(note(waiver));
    }
    None
}

fn note(waiver: &Waiver) -> WaiverNote {
    WaiverNote {
        reason: waiver.reason.clone(),
        owner: waiver.owner.clone(),
        approved_by: waiver.approved_by.clone(),
        expires: waiver.expires.clone(),
    }
}
