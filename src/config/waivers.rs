//! Reads `[[waiver]]`: a failed check that someone accepts for a slice, until a day.

use super::checks;
use super::document::{Node, Value};
use super::known::Known;
use super::problem::{Problem, quoted, suggest};
use super::reader::Reader;
use super::source::{Sources, Span};
use super::{Limit, Waiver};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

/// No waiver runs longer than this from today; it can be renewed, by someone who looks at it again.
const LONGEST_DAYS: i64 = 180;

/// One `[[waiver]]`, read but not yet held against the checks.
pub struct Draft {
    waiver: Waiver,
    check_span: Span,
    slice_span: Span,
    floor_span: Span,
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
    let (created, floor, models) = (created(waiver, today), floor(waiver), models(waiver));
    if let (Some(created), Some(expires)) = (created, expires)
        && created > expires
    {
        waiver.report(waiver.at("expires", "this waiver ends before it was made").help("correct one of the two days"));
    }
    let (id, ticket) = (text("id"), text("ticket"));
    let at = sources.at(waiver.span());
    let waiver_read = Waiver {
        id,
        created: created.map(|day| day.to_string()),
        ticket,
        floor,
        models,
        check: check?,
        slice: slice?,
        reason: reason?,
        owner: owner?,
        approved_by: approved_by?,
        expires: expires?.to_string(),
        at,
    };
    let place = |key| waiver.span_of(key).clone();
    let (check_span, slice_span, floor_span) = (place("check"), place("slice"), place("limit"));
    Some(Draft { waiver: waiver_read, check_span, slice_span, floor_span })
}

fn same_person(owner: Option<&str>, approver: Option<&str>) -> bool {
    let plain = |name: Option<&str>| name.map(|name| name.trim().to_lowercase());
    plain(owner) == plain(approver)
}

/// A day, `2027-01-31`, quoted or not.
fn day(node: &Node) -> Option<Date> {
    match &node.value {
        Value::Date(text) | Value::Text(text) if text.len() == 10 => text.parse::<Date>().ok(),
        _ => None,
    }
}

/// The day on which it was made.
fn created(waiver: &Reader, today: Date) -> Option<Date> {
    let node = waiver.node("created")?;
    let parsed = day(node);
    match parsed {
        None => waiver.report(Problem::at(&node.span, "this is not a day").help(format!("write it as {today}"))),
        Some(day) if day > today => {
            let problem = Problem::at(&node.span, "a waiver is not made in the future");
            waiver.report(problem.help(format!("today is {today}, UTC")));
        }
        day => return day,
    }
    None
}

/// `limit = { min = 0.70 }`: beyond it the waiver does not hold.
fn floor(waiver: &Reader) -> Option<Limit> {
    waiver.within("limit", |limit| {
        let given: Vec<_> = checks::LIMITS.into_iter().filter(|(key, _)| limit.has(key)).collect();
        match given[..] {
            [(key, floor)] => limit.number(key, "finite", |_| true).map(floor),
            _ => {
                let problem = Problem::at(limit.span(), "a waiver's limit has one key");
                limit.report(problem.help("repeat the check's own with a looser number: limit = { min = 0.7 }"));
                None
            }
        }
    })?
}

/// The tuned models that it is for, `sha256:` and 64 digits each.
fn models(waiver: &Reader) -> Vec<String> {
    let mut hashes = Vec::new();
    for (text, span) in waiver.texts("models").unwrap_or_default() {
        let hash = text.strip_prefix("sha256:").unwrap_or(&text).to_lowercase();
        if hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            hashes.push(hash);
        } else {
            let problem = Problem::at(&span, "this is not the SHA-256 of a model");
            waiver.report(problem.help("write \"sha256:\" and 64 digits, as the report gives them"));
        }
    }
    hashes
}

/// The last day. A day that has passed is no problem here: the check then fails, with its report.
fn expires(waiver: &Reader, today: Date) -> Option<Date> {
    let node = waiver.node("expires")?;
    let parsed = day(node);
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
    let ids = checks.iter().filter_map(|check| check.id.as_ref().map(|id| (id.0.as_str(), check)));
    let Some((_, check)) = ids.clone().find(|(id, _)| id == name) else {
        let help =
            suggest(name, ids.map(|(id, _)| id)).unwrap_or_else(|| "there are no checks; leave the waiver out".into());
        root.report(Problem::at(&draft.check_span, format!("no check is called {}", quoted(name))).help(help));
        return None;
    };
    hold_floor(root, draft, check);
    let slice = match check.spread {
        true => known.attributes_of(&draft.waiver.slice),
        false => known.slice(&draft.waiver.slice).map(|id| id.to_string()),
    };
    let slice = slice.map_err(|complaint| root.report(complaint.at(&draft.slice_span))).ok()?;
    Some(Waiver { slice, ..draft.waiver.clone() })
}

/// Complains of a floor that is of another kind than the check's limit, or not looser.
fn hold_floor(root: &Reader, draft: &Draft, check: &checks::Draft) {
    let (Some(floor), Some(_)) = (draft.waiver.floor, &check.check) else { return };
    let message = match check.limit {
        None => "this check has no limit that a waiver could loosen",
        Some(limit) if std::mem::discriminant(&limit) != std::mem::discriminant(&floor) => {
            "the check's own limit has another key"
        }
        Some(Limit::Min(least)) if floor.value() < least => return,
        Some(Limit::Min(_)) => "this is not below the check's own limit",
        Some(limit) if floor.value() > limit.value() => return,
        Some(_) => "this is not above the check's own limit",
    };
    let help = "a waiver's limit is where it ends to hold: the check's key with a looser number, or none";
    root.report(Problem::at(&draft.floor_span, message).help(help));
}
