//! Waivers: a failed check that somebody accepted, until a day.

use crate::config::{Limit, Waiver};
use crate::result::{CheckOutcome, Outcome, WaiverNote};

/// Turns failed outcomes into waived ones where a waiver is in force on `today` (ISO date) and for a model of
/// these hashes, and says which waivers have expired, which do not apply and which were used by nothing.
pub fn apply(outcomes: &mut [CheckOutcome], waivers: &[Waiver], today: &str, models: Vec<&str>) -> Vec<String> {
    waivers.iter().filter_map(|waiver| apply_one(outcomes, waiver, today, &models)).collect()
}

fn apply_one(outcomes: &mut [CheckOutcome], waiver: &Waiver, today: &str, models: &[&str]) -> Option<String> {
    let Waiver { check, slice, expires, .. } = waiver;
    let covered = |outcome: &&mut CheckOutcome| outcome.id == *check && outcome.slice == *slice;
    let failed: Vec<&mut CheckOutcome> =
        outcomes.iter_mut().filter(covered).filter(|outcome| outcome.outcome == Outcome::Failed).collect();
    let said = |what: String| Some(format!("The waiver of {check} for {slice} {what}"));
    // ISO dates compare as text.
    if expires.as_str() < today {
        return match failed.is_empty() {
            true => said(format!("expired on {expires}; nothing fails there now: remove it.")),
            false => said(format!("expired on {expires} and no longer holds.")),
        };
    }
    if failed.is_empty() {
        return said("was not used: nothing fails there. Remove it.".into());
    }
    if !waiver.models.is_empty() && !waiver.models.iter().any(|hash| models.contains(&hash.as_str())) {
        return said("is for another model and does not hold for this one.".into());
    }
    let (within, beyond): (Vec<_>, Vec<_>) = failed.into_iter().partition(|outcome| is_within(outcome, waiver.floor));
    for outcome in within {
        outcome.outcome = Outcome::Waived;
        outcome.waiver = Some(note(waiver));
    }
    if beyond.is_empty() { None } else { said("does not hold: the number is beyond the limit that it sets.".into()) }
}

/// Whether the number itself is inside the waiver's own limit. What has no number is not.
fn is_within(outcome: &CheckOutcome, floor: Option<Limit>) -> bool {
    let Some(floor) = floor else { return true };
    outcome.value.is_some_and(|value| floor.allows(value))
}

/// A waiver as a result tells it.
pub fn note(waiver: &Waiver) -> WaiverNote {
    WaiverNote {
        id: waiver.id.clone(),
        reason: waiver.reason.clone(),
        owner: waiver.owner.clone(),
        approved_by: waiver.approved_by.clone(),
        expires: waiver.expires.clone(),
        created: waiver.created.clone(),
        ticket: waiver.ticket.clone(),
        floor: waiver.floor,
    }
}
