//! What every format must keep to, whatever the result holds.

use super::samples::{annexed, every, exchanged, hidden, large, large_of, sample, thousand, waived};
use super::{FORMATS, find, why};
use crate::result::{self, Asked, AuditResult, CheckOutcome, Judge, Limit, Of, On, Outcome, Verdict};
use std::collections::BTreeSet;

const BANNED: [&str; 11] = [
    "unbiased",
    "biased model",
    "safe",
    "compliant",
    "certified",
    "passes",
    "discriminates",
    "illegal",
    "no difference found",
    "no bias",
    "fair",
];

pub(super) fn draw(format: &str, result: &AuditResult) -> String {
    (find(format).expect("a format").render)(result).expect("it draws")
}

fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    html.split(&format!(" {name}=\"")).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// The words a reader sees: without tags, style and scripts.
pub(super) fn visible(html: &str) -> String {
    let body = html.split("</style>").nth(1).and_then(|rest| rest.split("<script").next()).unwrap_or(html);
    body.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_result_draws_in_every_format_and_twice_the_same() {
    for (name, result) in every() {
        for format in FORMATS {
            assert_eq!(draw(format.id, &result), draw(format.id, &result), "{name} {}", format.id);
        }
    }
}

#[test]
fn json_reads_back() {
    let result = sample();
    assert_eq!(draw("json", &result::read(&draw("json", &result)).expect("it reads back")), draw("json", &result));
}

#[test]
fn terminal_keeps_to_eighty_columns() {
    for (name, result) in every() {
        let text = draw("terminal", &result);
        for line in text.lines() {
            assert!(super::clean::columns(line) <= 80, "{name}: {line:?}");
            assert!(!line.chars().any(|c| c.is_control() || c == '\u{202E}'), "{name}: {line:?}");
        }
    }
}

#[test]
fn terminal_snapshots() {
    for (name, result) in every() {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("terminal-{name}"), draw("terminal", &result));
        });
    }
}

#[test]
fn html_calls_nobody_and_runs_only_its_own_script() {
    for (name, result) in every() {
        let html = draw("html", &result);
        assert_eq!(html.to_lowercase().matches("<script").count(), 2, "{name}");
        assert_eq!(html.to_lowercase().matches("</script").count(), 2, "{name}");
        let policy = attributes(&html, "content").into_iter().find(|text| text.starts_with("default-src "));
        assert!(
            policy.is_some_and(|policy| !policy.contains("unsafe") && policy.matches("sha256-").count() == 2),
            "{name}"
        );
        assert!(!html.contains(" style=\"") && !html.contains(" onclick"), "{name}");
        for attribute in ["src", "href", "action", "data", "xlink:href"] {
            assert!(attributes(&html, attribute).iter().all(|target| target.starts_with('#')), "{name} {attribute}");
        }
        assert!(!html.contains("@import") && !html.contains("url("), "{name}");
        assert!(!html.contains('\u{202E}') && !html.contains('\u{1b}') && !html.contains('\0'), "{name}");
    }
}

#[test]
fn html_has_unique_ids_and_links_that_lead_somewhere() {
    for (name, result) in every() {
        let html = draw("html", &result);
        let ids = attributes(&html, "id");
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{name}");
        assert!(attributes(&html, "href").iter().all(|target| ids.contains(&&target[1..])), "{name}");
        let labelled = attributes(&html, "aria-labelledby");
        assert!(labelled.iter().flat_map(|list| list.split(' ')).all(|id| ids.contains(&id)), "{name}");
    }
}

#[test]
fn html_has_its_sections_in_order_and_one_first_heading() {
    let sections = [
        "page",
        "inherited",
        "outcomes",
        "changed",
        "crossed",
        "cutoff",
        "scores",
        "data",
        "limits",
        "policy",
        "annexes",
        "method",
        "provenance",
    ];
    for (name, result) in every() {
        let html = draw("html", &result);
        assert_eq!(html.matches("<h1>").count(), 1, "{name}");
        let headings: Vec<u32> =
            html.match_indices("<h").filter_map(|(at, _)| html[at + 2..].chars().next()?.to_digit(10)).collect();
        assert!(headings.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{name}: {headings:?}");
        let places: Vec<_> = sections.map(|id| html.find(&format!("<section id=\"{id}\">")).expect(id)).to_vec();
        assert!(places.is_sorted(), "{name}");
        for (place, id) in sections.iter().enumerate() {
            assert!(html.contains(&format!("<section id=\"{id}\">\n<h2>{} ", place + 1)), "{name} {id}");
        }
    }
}

fn section<'a>(html: &'a str, id: &str) -> &'a str {
    let rest = html.split(&format!("<section id=\"{id}\">")).nth(1).expect(id);
    rest.split("</section>").next().unwrap_or(rest)
}

#[test]
fn html_sections_open_with_their_question_answered() {
    let answered = [
        "inherited",
        "outcomes",
        "changed",
        "crossed",
        "cutoff",
        "scores",
        "data",
        "limits",
        "policy",
        "method",
        "provenance",
    ];
    for (name, result) in every() {
        let html = draw("html", &result);
        for id in answered {
            let opening = section(&html, id).split("</h2>").nth(1).unwrap_or_default().trim_start();
            let answer = opening.strip_prefix("<p class=\"lead\"><i>").and_then(|rest| rest.split("</p>").next());
            let (question, answer) = answer.and_then(|text| text.split_once("</i>")).expect(id);
            assert!(question.ends_with('?') && answer.trim().len() > 10, "{name} {id}: {question} {answer}");
        }
    }
}

#[test]
fn a_waiver_is_told_with_how_it_stands() {
    let mut result = waived();
    let (check, slice) = (result.checks[1].id.clone(), result.checks[1].slice.clone());
    let waiver = |expires: &str, check: &str| serde_json::json!({ "check": check, "slice": slice, "expires": expires, "reason": "r", "owner": "o", "approved_by": "a" });
    let state = |result: &mut AuditResult, waiver: serde_json::Value| {
        result.provenance.config = serde_json::json!({ "policy": { "waivers": [waiver] } });
        let html = draw("html", result);
        let cell = section(&html, "policy")
            .split("Table of waivers")
            .nth(1)
            .and_then(|rest| rest.split("<b class=\"tag ").nth(1));
        cell.and_then(|rest| rest.split(['>', '<']).nth(1)).unwrap_or_default().to_string()
    };
    // The sample was made on 25 November 2026.
    assert_eq!(state(&mut result, waiver("2027-01-31", &check)), "active");
    assert_eq!(state(&mut result, waiver("2026-12-20", &check)), "ends soon");
    assert_eq!(state(&mut result, waiver("2026-11-25", &check)), "ends soon");
    assert_eq!(state(&mut result, waiver("2026-11-24", &check)), "expired");
    assert_eq!(state(&mut result, waiver("2027-01-31", "another")), "unused");
}

#[test]
fn a_crossed_cell_says_why_it_has_no_number() {
    let cells = |result: &AuditResult, look: &str| {
        section(&draw("html", result), "crossed").matches(&format!("<td class=\"{look}\">")).count()
    };
    let result = sample();
    let small =
        result.findings.iter().filter(|one| one.slice.contains(" & ") && one.verdict == Verdict::TooSmall).count();
    assert_eq!((cells(&result, "thin"), cells(&result, "none")), (small, 0));
    let hidden = hidden();
    let all = hidden.findings.iter().filter(|one| one.slice.contains(" & ")).count();
    assert_eq!(cells(&hidden, "none"), all);
    assert!(
        section(&draw("html", &hidden), "crossed").contains("<td class=\"none\">–<small>hidden (fewer than 10 people)")
    );
}

#[test]
fn annexes_tell_evidence_and_draw_no_conclusion() {
    let result = annexed();
    let html = draw("html", &result);
    let text = visible(&html);
    for annex in result::annexes() {
        assert!(html.contains(&format!("id=\"annex-{}\"", annex.id)), "{}", annex.id);
        assert!(text.contains(&annex.status.replace('&', "&amp;")), "{}", annex.id);
    }
    for told in [
        "p 0.002",
        "z −3.09",
        "p 1.000",
        "Fisher, exact",
        "12 of 40",
        "0.50",
        "8.0",
        "below by one person",
        "hidden (fewer than 10 people)",
        "left out",
        "nobody",
        "Median of everyone: 0.310",
        "This rule sets no pass mark",
        "independent auditor",
        "2026-09; the audit was run with 2026-01",
        "does not know this annex",
        "Below 2 % of a table",
    ] {
        assert!(text.contains(told), "{told}");
    }
    let markdown = draw("markdown", &result);
    assert!(
        result::annexes()
            .iter()
            .all(|annex| markdown.contains(&annex.rows[0].left.split('.').next().unwrap_or("")[..10]))
    );
    assert!(!draw("html", &sample()).contains("annex-"), "none is asked for");
}

#[test]
fn html_charts_and_tables_can_be_read_aloud() {
    let html = draw("html", &sample());
    assert!(html.matches("<svg role=\"img\"").count() > 0);
    assert_eq!(html.matches("<svg").count(), html.matches("</desc>").count());
    assert_eq!(html.matches("<table").count(), html.matches("<caption>").count());
    assert_eq!(html.matches("<th").count(), html.matches(" scope=\"").count() + html.matches("<thead").count());
}

#[test]
fn html_is_small() {
    for (name, result) in every().into_iter().filter(|(name, _)| *name != "many") {
        let size = draw("html", &result).len();
        assert!(size < 600_000, "{name}: {size} bytes");
    }
}

/// 200 slices under 10 metrics, with everything that can be drawn of them.
#[test]
fn html_of_many_slices_stays_below_a_megabyte() {
    let size = draw("html", &large()).len();
    assert!(size < 1_000_000, "{size} bytes");
}

/// The same where every group has a name of 10,000 characters, each of which takes six when it is escaped.
#[test]
fn html_of_many_long_names_stays_below_a_megabyte_and_tells_them_apart() {
    for filling in ["\"", "&", "群", "x"] {
        let result = large_of(|place| format!("{}{place}", filling.repeat(10_000)));
        let html = draw("html", &result);
        // An audit has crosses and transitions too, for which there has to be room.
        assert!(html.len() < 930_000, "{filling}: {} bytes", html.len());
        let labels: BTreeSet<String> =
            result.data.attributes[0].groups.iter().map(|group| super::clean::label(&group.slice)).collect();
        assert_eq!(labels.len(), 200, "{filling}");
    }
}

#[test]
fn a_finding_that_no_table_has_room_for_is_in_the_extract() {
    let result = large();
    let html = draw("html", &result);
    let extract =
        html.split("id=\"extract\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("it is there");
    let extract: serde_json::Value = serde_json::from_str(extract).expect("it is JSON");
    let columns = extract["findings"].as_object().expect("columns");
    assert!(columns.values().all(|column| column.as_array().map(Vec::len) == Some(result.findings.len())));
    let shown = html.split("id=\"evidence\"").next().map_or(0, |text| text.matches("data-at=").count());
    assert!(shown < result.findings.len());
}

/// A result can be cut or edited by hand; a report of it may say little, and must not fall over.
#[test]
fn curves_that_no_audit_writes_do_not_shake_a_report() {
    let broken: [fn(&mut AuditResult); 5] = [
        |result| result.sweep.thresholds.truncate(1),
        |result| result.sweep.curves.iter_mut().for_each(|curve| curve.true_positives.clear()),
        |result| result.sweep.curves[1].rows = [u64::MAX / 4; 3],
        |result| result.scores.iter_mut().for_each(|profile| profile.blocks.clear()),
        |result| result.scores.iter_mut().for_each(|profile| profile.blocks = vec![-1e308, 1e308]),
    ];
    for (place, spoil) in broken.iter().enumerate() {
        let mut result = large();
        result.method.metrics.truncate(1);
        spoil(&mut result);
        assert!(draw("html", &result).trim_end().ends_with("</html>"), "{place}");
    }
}

#[test]
fn a_link_to_a_finding_holds_from_run_to_run() {
    let result = sample();
    let anchors = |html: &str| {
        attributes(html, "id").into_iter().filter(|id| id.starts_with("f-")).map(String::from).collect::<BTreeSet<_>>()
    };
    let mut moved = result.clone();
    moved.findings.iter_mut().for_each(|finding| finding.verdict = Verdict::Unclear);
    moved.findings.reverse();
    assert_eq!(anchors(&draw("html", &result)), anchors(&draw("html", &moved)));
}

#[test]
fn no_format_says_what_an_audit_cannot_know() {
    for (name, result) in every() {
        for format in FORMATS {
            let text = draw(format.id, &result);
            let lower = if format.id == "html" { visible(&text) } else { text }.to_lowercase();
            let words = || lower.split(|c: char| !c.is_alphanumeric());
            for banned in BANNED {
                let found =
                    if banned.contains(' ') { lower.contains(banned) } else { words().any(|word| word == banned) };
                assert!(!found, "{name} {}: {banned}", format.id);
            }
            assert!(!words().any(|word| matches!(word, "nan" | "inf")), "{name} {}", format.id);
        }
    }
}

#[test]
fn html_names_every_verdict_and_every_group() {
    let result = sample();
    let text = visible(&draw("html", &result));
    for finding in &result.findings {
        assert!(text.contains(super::view::words::verdict(finding.verdict).0), "{:?}", finding.verdict);
        assert!(
            text.contains(
                &finding.slice.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
            ),
            "{}",
            finding.slice
        );
    }
}

#[test]
fn hidden_numbers_are_said_to_be_hidden() {
    let text = visible(&draw("html", &hidden()));
    assert!(text.contains("hidden (fewer than 10 people)"));
}

#[test]
fn a_check_is_told_in_the_unit_of_its_limit() {
    let told = |of: Of, on: On, limit: Limit| {
        let mut result = waived();
        result.checks[0].asked = Asked::Limit { of, on, limit, judge: Judge::Interval };
        draw("terminal", &result).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let growth = told(Of::Gap, On::Change, Limit::MaxGrowth(0.1));
    assert!(growth.contains("growth of the gap: at most 10.0 points"), "{growth}");
    assert!(told(Of::Value, On::Tuned, Limit::Min(0.8)).contains("value, tuned model: at least 80.0 of 100"));
    assert!(told(Of::Ratio, On::Tuned, Limit::Min(0.8)).contains("at least 0.80"));
}

/// Only what counts people is written of 100 and in points.
#[test]
fn numbers_that_are_no_rates_are_plain() {
    let mut result = exchanged("selection_rate", "roc_auc", 1.0);
    result.findings.retain(|finding| finding.metric == "roc_auc");
    result.checks.retain(|check| check.metric.as_deref() == Some("roc_auc"));
    result.method.metrics.retain(|metric| metric == "roc_auc");
    let text = draw("terminal", &result);
    assert!(!text.contains("point"), "{text}");
    assert!(text.contains("gap counts from 0.03"), "{text}");
    let html = visible(&draw("html", &result));
    let findings = html.split("Findings").nth(1).and_then(|rest| rest.split("Group outcomes").next()).unwrap_or("");
    assert!(findings.contains("as plain numbers") && !findings.contains("points"), "{findings}");
}

#[test]
fn why_snapshots() {
    let (result, mixed) = (sample(), exchanged("selection_rate", "roc_auc", 1.0));
    for (name, result, check, slice) in [
        ("open", &result, "true-positive-gap-holds", "sex=Female"),
        ("met", &result, "selection-gap-holds", "sex=Female"),
        ("verdict", &result, "selection-gap-not-introduced", "sex=Female"),
        ("small", &result, "true-positive-gap-holds", "race=Other"),
        ("number", &mixed, "selection-gap-holds", "sex=Female"),
    ] {
        let found = |one: &&CheckOutcome| one.id == check && one.slice == slice;
        let outcome = result.checks.iter().find(found).expect("the sample has this outcome");
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("why-{name}"), why(result, outcome));
        });
    }
}

#[test]
fn the_command_can_be_pasted_into_a_shell() {
    let mut result = sample();
    result.checks[0].outcome = Outcome::Failed;
    result.checks[0].slice = "sex=F & age=\">=60\"".into();
    let text = draw("terminal", &result).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("heirloom why selection-gap-holds 'sex=F & age=\">=60\"'"), "{text}");
}

#[test]
fn what_does_not_fit_is_counted() {
    assert!(draw("html", &thousand()).contains("850 more findings are in result.json."));
}

#[test]
fn uncertainty_is_never_an_all_clear() {
    let mut result = sample();
    result.findings.retain(|finding| matches!(finding.verdict, Verdict::Unclear | Verdict::TooSmall));
    for format in ["html", "terminal"] {
        let text = draw(format, &result);
        assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains("not an all-clear"), "{format}");
    }
}

#[test]
#[ignore = "writes every kind of report to the folder in RENDER_TO, to be looked at"]
fn write_for_looking() {
    let folder = std::path::PathBuf::from(std::env::var("RENDER_TO").expect("RENDER_TO names a folder"));
    for (name, result) in every() {
        for format in FORMATS.iter().filter(|format| format.id != "json") {
            std::fs::write(folder.join(format!("{name}-{}", format.file)), draw(format.id, &result))
                .expect("the folder is there");
        }
    }
}
