//! Reads `[[waiver]]`: a failed check that someone accepts for a slice, until a day.

use super::Waiver;
use super::checks;
use super::document::Value;
use super::known::Known;
use super::problem::{Problem, quoted, suggest};
use super::reader::Reader;
use super::source::{Sources, Span};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

/// No waiver runs longer than this from today; it can be renewed, by someone who looks at it again.
const LONGEST_DAYS: i64 = 180;

/// One `[[waiver]]`, read but not yet held against the checks.
pub struct Draft {
    waiver: Waiver,
    check_span: Span,
    slice_span: Span,
}

/// Today in UTC; `SOURCE_DATE_EPOCH` pins it.
pub fn today() -> Date {
    let pinned = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let pinned = pinned.and_then(|second| Timestamp::from_second(second).ok());
    TimeZone::UTC.to_datetime(pinned.unwrap_or_else(Timestamp::now)).date()
}

/// Reads every `[[waiver]]` of a text.
pub fn read(root: &Reader, sources: &Sources, today: Date) -> Vec<Draft> {
    root.each("waiver", |waiver| draft(waiver, sources, today)).into_iter().flatten().collect()
}

fn draft(waiver: &Reader, sources: &Sources, today: Date) -> Option<Draft> {
    for key in ["check", "slice", "reason", "owner", "approved_by", "expires"] {
        waiver.require(key, "a waiver says `check`, `slice`, `reason`, `owner`, `approved_by` and `expires`");
    }
    let text = |key| waiver.text(key);
    let (check, slice, reason) = (text("check"), text("slice"), text("reason"));
    let (owner, approved_by, expires) = (text("owner"), text("approved_by"), expires(waiver, today));
    if owner.is_some() && same_person(owner.as_deref(), approved_by.as_deref()) {
        let problem = waiver.at("approved_by", "a waiver is approved by someone other than its owner");
        waiver.report(problem.help("name the person who accepted it"));
    }
    let at = sources.at(waiver.span());
    let waiver_read = Waiver {
        check: check?,
        slice: slice?,
        reason: reason?,
        owner: owner?,
        approved_by: approved_by?,
        expires: expires?.to_string(),
        at,
    };
    let place = |key| waiver.span_of(key).clone();
    Some(Draft { waiver: waiver_read, check_span: place("check"), slice_span: place("slice") })
}

fn same_person(owner: Option<&str>, approver: Option<&str>) -> bool {
    let plain = |name: Option<&str>| name.map(|name| name.trim().to_lowercase());
    plain(owner) == plain(approver)
}

/// The last day. A day that has passed is no problem here: the check then fails, with its report.
fn expires(waiver: &Reader, today: Date) -> Option<Date> {
    let node = waiver.node("expires")?;
    let parsed = match &node.value {
        Value::Date(text) | Value::Text(text) if text.len() == 10 => text.parse::<Date>().ok(),
        _ => None,
    };
    let latest = today.saturating_add(LONGEST_DAYS.days());
    match parsed {
        None => waiver.report(Problem::at(&node.span, "this is not a day").help(format!("write it as {latest}"))),
        Some(day) if day > latest => {
            let message = format!("a waiver runs for {LONGEST_DAYS} days at most, so until {latest}");
            waiver.report(
                Problem::at(&node.span, message).help("choose an earlier day, and renew it then if it still stands"),
            );
        }
        day => return day,
    }
    None
}

/// Holds waivers against the checks and slices that there are.
pub fn resolve(root: &Reader, drafts: Vec<Draft>, checks: &[checks::Draft], known: &Known) -> Vec<Waiver> {
    let mut waivers: Vec<Waiver> = Vec::new();
    for draft in drafts {
        let Some(waiver) = held(root, &draft, checks, known) else { continue };
        if waivers.iter().any(|other| (&other.check, &other.slice) == (&waiver.check, &waiver.slice)) {
            let message = format!("another waiver accepts {} for {}", quoted(&waiver.check), quoted(&waiver.slice));
            root.report(Problem::at(&draft.slice_span, message).help("keep one of them"));
            continue;
        }
        waivers.push(waiver);
    }
    waivers
}

fn held(root: &Reader, draft: &Draft, checks: &[checks::Draft], known: &Known) -> Option<Waiver> {
    let name = &draft.waiver.check;
    let ids = checks.iter().filter_map(|check| check.id.as_ref().map(|id| (id.0.as_str(), check.spread)));
    let Some((_, spread)) = ids.clone().find(|(id, _)| id == name) else {
        let help =
            suggest(name, ids.map(|(id, _)| id)).unwrap_or_else(|| "there are no checks; leave the waiver out".into());
        root.report(Problem::at(&draft.check_span, format!("no check is called {}", quoted(name))).help(help));
        return None;
    };
    let slice = match spread {
        true => known.attributes_of(&draft.waiver.slice),
        false => known.slice(&draft.waiver.slice).map(|id| id.to_string()),
    };
    let slice = slice.map_err(|complaint| root.report(complaint.at(&draft.slice_span))).ok()?;
    Some(Waiver { slice, ..draft.waiver.clone() })
}
