//! What the formats for other programs must keep to: nothing left out, nothing undecided read as
//! met, and every name harmless in the format's own syntax.

use super::samples::{accepted, every, hidden, sample, thousand, waived};
use super::tests::draw;
use super::{annotations, view::told};
use crate::result::{AuditResult, CheckOutcome, ExitStatus, Outcome, Severity};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A test case of a JUnit file: its name, and what it holds: `passed`, `skipped` or a type of failure.
type Case = (String, String);

fn attribute(element: &BytesStart, name: &str) -> String {
    let found =
        element.try_get_attribute(name).expect("attributes are well formed").unwrap_or_else(|| panic!("{name}"));
    found.unescape_value().expect("its escapes are known").into_owned()
}

/// Parses a JUnit file to its end; the parser checks names of tags, attributes and escapes.
fn cases(xml: &str) -> Vec<Case> {
    let mut reader = Reader::from_str(xml);
    let (mut cases, mut texts): (Vec<Case>, usize) = (Vec::new(), 0);
    loop {
        match reader.read_event().expect("it is XML") {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == b"testcase" => {
                cases.push((attribute(&tag, "classname") + "/" + &attribute(&tag, "name"), "passed".into()));
            }
            Event::Start(tag) if matches!(tag.name().as_ref(), b"skipped" | b"failure") => {
                let skipped = tag.name().as_ref() == b"skipped";
                cases.last_mut().expect("inside a case").1 =
                    if skipped { "skipped".into() } else { attribute(&tag, "type") };
                assert!(!attribute(&tag, "message").is_empty());
                texts += 1;
            }
            _ => {}
        }
    }
    assert_eq!(texts, cases.iter().filter(|case| case.1 != "passed").count());
    cases
}

/// Parses CSV as RFC 4180 has it.
fn table(csv: &str) -> Vec<Vec<String>> {
    let (mut rows, mut cell, mut quoted) = (vec![vec![]], String::new(), false);
    let mut chars = csv.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.push(chars.next().expect("it was seen")),
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => {
                let done = std::mem::take(&mut cell);
                rows.last_mut().expect("there is always one").push(done);
                if c == '\n' {
                    rows.push(Vec::new());
                }
            }
            '\r' if !quoted => {}
            c => cell.push(c),
        }
    }
    rows.pop();
    rows
}

fn json(format: &str, result: &AuditResult) -> Value {
    serde_json::from_str(&draw(format, result)).expect("it is JSON")
}

fn unmet(result: &AuditResult) -> Vec<&CheckOutcome> {
    result.checks.iter().filter(|check| check.outcome != Outcome::Met).collect()
}

fn count<T: Ord>(items: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    items.fold(BTreeMap::new(), |mut counts, item| {
        *counts.entry(item).or_default() += 1;
        counts
    })
}

#[test]
fn tables_hold_every_finding_and_every_check() {
    for (name, result) in every() {
        let rows = table(&draw("csv", &result));
        assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{name}");
        let of = |kind: &str| rows.iter().filter(|row| row[0] == kind).collect::<Vec<_>>();
        assert_eq!((of("finding").len(), of("check").len()), (result.findings.len(), result.checks.len()), "{name}");
        let markdown = draw("markdown", &result);
        let lines = markdown.lines().filter(|line| line.starts_with("| **")).count();
        assert_eq!(lines, result.findings.len() + result.checks.len(), "{name}");
    }
}

#[test]
fn tables_name_each_one() {
    let result = sample();
    let rows = table(&draw("csv", &result));
    let ids = |kind: &str| count(rows.iter().filter(|row| row[0] == kind).map(|row| (row[1].clone(), row[4].clone())));
    assert_eq!(ids("finding"), count(result.findings.iter().map(|one| (one.id.clone(), one.slice.clone()))));
    assert_eq!(ids("check"), count(result.checks.iter().map(|one| (one.id.clone(), one.slice.clone()))));
    let place = |column: &str| rows[0].iter().position(|name| name == column).expect("a column");
    for finding in &result.findings {
        let row = rows.iter().find(|row| row[1] == finding.id).expect("its row");
        let number = |column: &str| row[place(column)].parse::<f64>().ok();
        assert_eq!(number("tuned"), finding.tuned.map(|gap| gap.value), "{}", finding.id);
        assert_eq!(number("change_high"), finding.change.map(|gap| gap.high), "{}", finding.id);
        assert_eq!(number("q_value"), finding.q_value, "{}", finding.id);
        assert_eq!(number("reference_support"), finding.support.map(|n| n.reference as f64), "{}", finding.id);
    }
    for check in &result.checks {
        let row = rows.iter().find(|row| (&row[1], &row[4]) == (&check.id, &check.slice)).expect("its row");
        assert_eq!(row[place("judged_low")].parse::<f64>().ok(), check.low, "{}", check.id);
        assert_eq!(row[place("line")], check.at.line.to_string(), "{}", check.id);
    }
    let markdown = draw("markdown", &result);
    for finding in &result.findings {
        let metric = super::view::words::title(&finding.metric);
        let named = |line: &&str| line.contains(&format!("` {} `", finding.slice)) && line.contains(&metric);
        assert_eq!(markdown.lines().filter(named).count(), 1, "{}", finding.id);
    }
}

#[test]
fn junit_has_a_case_for_every_outcome_and_none_that_is_open_passes() {
    for (name, result) in every() {
        let cases = cases(&draw("junit", &result));
        assert_eq!(cases.len(), result.checks.len(), "{name}");
        let met = result.checks.iter().filter(|check| check.outcome == Outcome::Met).count();
        assert_eq!(cases.iter().filter(|case| case.1 == "passed").count(), met, "{name}");
    }
}

/// GitLab keeps only the first of several cases with one name.
#[test]
fn junit_tells_cases_apart_that_look_alike() {
    let mut result = sample();
    let alike = |place: usize| [format!("{}{place}", "x".repeat(500)), format!("b{}", "\u{200B}".repeat(place))];
    for (place, check) in result.checks.iter_mut().enumerate() {
        (check.id, check.slice) = ("one".into(), alike(place / 2)[place % 2].clone());
    }
    let cases = cases(&draw("junit", &result));
    let names: BTreeSet<&String> = cases.iter().map(|case| &case.0).collect();
    assert_eq!(names.len(), result.checks.len());
}

#[test]
fn junit_says_what_kept_the_gate_open() {
    let mut result = waived();
    result.checks.truncate(5);
    let outcomes = [Outcome::Failed, Outcome::Waived, Outcome::Missing, Outcome::Undecided, Outcome::TooSmall];
    result.checks.iter_mut().zip(outcomes).for_each(|(check, outcome)| {
        (check.outcome, check.severity) = (outcome, Severity::Error);
        check.slice = format!("{outcome:?}");
    });
    let kinds = |result: &AuditResult| -> BTreeMap<String, String> {
        let last = |name: String| name.rsplit(' ').next().unwrap_or_default().to_string();
        cases(&draw("junit", result)).into_iter().map(|(name, kind)| (last(name), kind)).collect()
    };
    let ended = |status: ExitStatus, severity: Severity| {
        let mut result = result.clone();
        result.gate.status = status;
        result.checks.iter_mut().for_each(|check| check.severity = severity);
        let kinds = kinds(&result);
        ["Failed", "Waived", "Missing", "Undecided", "TooSmall"].map(|name| kinds[name].clone())
    };
    assert_eq!(ended(ExitStatus::Failed, Severity::Error), ["limit", "skipped", "evidence", "skipped", "skipped"]);
    assert_eq!(ended(ExitStatus::EvidenceGap, Severity::Error)[2..], ["evidence", "evidence", "evidence"]);
    assert_eq!(ended(ExitStatus::Ok, Severity::Warn), ["warning", "skipped", "skipped", "skipped", "skipped"]);
}

#[test]
fn sarif_has_a_rule_for_every_check_and_a_result_for_all_that_is_not_met() {
    for (name, result) in every() {
        let log = json("sarif", &result);
        let run = &log["runs"][0];
        let ids: BTreeSet<&str> = result.checks.iter().map(|check| check.id.as_str()).collect();
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        assert_eq!(rules.len(), ids.len(), "{name}");
        let results = run["results"].as_array().expect("results");
        assert_eq!(results.len(), unmet(&result).len(), "{name}");
        for one in results {
            let rule = &rules[one["ruleIndex"].as_u64().expect("an index") as usize];
            assert_eq!(rule["id"], one["ruleId"], "{name}");
            assert_eq!(one["kind"] == "open", one["level"] == "none", "{name}");
        }
    }
    let result = waived();
    let log = json("sarif", &result);
    let of = |outcome: &str| {
        let results = log["runs"][0]["results"].as_array().expect("results");
        results.iter().find(|one| one["properties"]["outcome"] == outcome).expect("one").clone()
    };
    let region = &of("failed")["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startLine"], result.checks[0].at.line);
    assert_eq!(of("failed")["level"], "error");
    assert_eq!(of("waived")["suppressions"][0]["justification"], "retraining is scheduled; until 2027-01-31");
    assert!(of("failed")["suppressions"].is_null());
}

#[test]
fn gitlab_lists_all_that_is_not_met_in_its_own_shape() {
    for (name, result) in every() {
        let issues = json("gitlab", &result);
        let issues = issues.as_array().expect("a list");
        assert_eq!(issues.len(), unmet(&result).len(), "{name}");
        for issue in issues {
            let severity = issue["severity"].as_str().expect("a word");
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity), "{name}");
            assert!(issue["location"]["lines"]["begin"].as_u64().expect("a line") > 0, "{name}");
        }
    }
    let severities = json("gitlab", &waived());
    let severities =
        severities.as_array().expect("a list").iter().map(|one| one["severity"].as_str().unwrap_or("")).take(2);
    assert_eq!(severities.collect::<Vec<_>>(), ["major", "minor"]);
}

#[test]
fn fingerprints_tell_outcomes_apart_and_stay_while_numbers_move() {
    let result = sample();
    let prints = |result: &AuditResult| -> BTreeMap<String, String> {
        told::every(result).iter().map(|told| (told.fingerprint(), told.check.id.clone())).collect()
    };
    let before = prints(&result);
    assert_eq!(before.len(), result.checks.len());
    let mut moved = result.clone();
    moved.checks.iter_mut().for_each(|check| {
        (check.value, check.low, check.high, check.outcome) = (Some(0.5), None, None, Outcome::Failed);
    });
    assert_eq!(prints(&moved), before);
}

#[test]
fn annotations_are_nine_at_most_and_the_rest_is_counted() {
    for (name, result) in every() {
        let text = annotations(&result);
        let (commands, others): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("::"));
        let open = unmet(&result).len();
        assert_eq!(commands.len(), open.min(9), "{name}");
        assert_eq!(others.len(), usize::from(open > 9), "{name}");
        assert!(others.iter().all(|line| line.starts_with(&format!("{} more", open - 9))), "{name}");
    }
    let mut result = waived();
    result.checks[0].id = "100%, a:b\n::error::x".into();
    let text = annotations(&super::placed(&result, |file| format!("ci/{file}")));
    let head = format!(
        "::error file=ci/audit.toml,line={},title=heirloom%3A 100%25%2C a%3Ab %3A%3Aerror%3A%3Ax::Failed: ",
        result.checks[0].at.line
    );
    assert!(text.starts_with(&head), "{text}");
}

/// A row is always one line of as many cells as there are columns, and a name is always inside code.
#[test]
fn markdown_keeps_names_inside_their_cells() {
    for hostile in ["a|b", "a\\|b", "`", "``` x `", "<img src=x>", "[x](http://e.vil)", "@all #1", "\n\n# x", "a\\"] {
        let mut result = sample();
        result.findings.iter_mut().for_each(|finding| finding.slice = hostile.into());
        let text = draw("markdown", &result);
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| **")).collect();
        assert_eq!(rows.len(), result.findings.len() + result.checks.len());
        for row in rows.iter().skip(result.checks.len()) {
            let cells = cells(row);
            assert_eq!(cells.len(), 9, "{hostile:?}: {row}");
            let fence: String = cells[1].chars().take_while(|c| *c == '`').collect();
            let inside = cells[1].trim_start_matches('`').strip_suffix(&fence).expect("the fence closes");
            let longest = inside.split(|c| c != '`').map(str::len).max().unwrap_or_default();
            assert!(!fence.is_empty() && longest < fence.len(), "{hostile:?}: {row}");
        }
    }
}

/// The cells of a row, as GitHub's Markdown cuts them: at bars that no backslash escapes.
fn cells(row: &str) -> Vec<String> {
    let (mut cells, mut escaped) = (vec![String::new()], false);
    for c in row.trim_matches('|').chars() {
        match c {
            '|' if !escaped => cells.push(String::new()),
            c => cells.last_mut().expect("there is always one").push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    cells.iter().map(|cell| cell.trim().to_string()).collect()
}

#[test]
fn markdown_is_cut_before_github_drops_it() {
    let mut result = thousand();
    let more = result.findings.clone();
    (0..9).for_each(|_| result.findings.extend(more.clone()));
    let text = draw("markdown", &result);
    assert!(text.len() < 900_000, "{}", text.len());
    let rows = text.lines().filter(|line| line.starts_with("| **")).count();
    let left = (result.findings.len() + result.checks.len() - rows) as u64;
    assert!(left > 0 && text.contains(&format!("{} more are in result.json.", super::number::count(left))), "{left}");
}

#[test]
fn no_spreadsheet_takes_a_name_for_a_formula() {
    for start in ["=1+1", "+1", "-1", "@x", "\t=1", "=\"a\",b"] {
        let mut result = sample();
        result.findings.iter_mut().for_each(|finding| finding.slice = start.into());
        let rows = table(&draw("csv", &result));
        let slices = rows.iter().filter(|row| row[0] == "finding").map(|row| row[4].as_str());
        assert!(slices.into_iter().all(|slice| !slice.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{start}");
    }
}

#[test]
fn sarif_tells_which_failures_were_there_before() {
    let mut result = accepted();
    let states = |result: &AuditResult| -> Vec<Value> {
        let log = json("sarif", result);
        let results = log["runs"][0]["results"].as_array().expect("a list").clone();
        results.into_iter().filter_map(|one| one.get("baselineState").cloned()).collect()
    };
    assert_eq!(states(&result), ["updated"], "another number than was accepted");
    result.checks[0].value = result.checks[0].accepted.as_ref().and_then(|then| then.value);
    assert_eq!(states(&result), ["unchanged"]);
    assert!(states(&sample()).is_empty());
}

#[test]
fn sarif_messages_hold_no_links_and_no_placeholders() {
    let mut result = waived();
    result.checks[0].slice = "[x](http://e.vil) {0} \\".into();
    let log = json("sarif", &result);
    let text = log["runs"][0]["results"][0]["message"]["text"].as_str().expect("a text");
    assert!(text.contains("\\[x\\](http://e.vil) {{0}} \\\\"), "{text}");
}

#[test]
fn hidden_numbers_are_in_no_format() {
    let mut result = hidden();
    result.checks.iter_mut().for_each(|check| {
        (check.value, check.low, check.high, check.support, check.needed) = (None, None, None, None, None);
        check.hidden = true;
    });
    let rows = table(&draw("csv", &result));
    for row in rows.iter().skip(1) {
        assert!(row[8..21].iter().chain(&row[25..28]).all(String::is_empty), "{row:?}");
    }
    let markdown = draw("markdown", &result);
    assert_eq!(
        markdown.matches("hidden (fewer than 10 people)").count(),
        4 * result.findings.len() + result.checks.len()
    );
}

#[test]
fn no_control_or_direction_character_is_written() {
    for (name, result) in every() {
        for format in ["markdown", "csv", "junit", "sarif", "gitlab", "in-toto", "model-card", "cyclonedx"] {
            let text = draw(format, &result);
            let bad = |c: char| (c.is_control() && !matches!(c, '\n' | '\r')) || c == '\u{202E}';
            assert!(!text.contains(bad), "{name} {format}");
        }
    }
}

#[test]
fn a_statement_passes_only_what_is_met() {
    for (name, result) in every() {
        let statement = json("in-toto", &result);
        let of = |kind: &str| statement["predicate"][kind].as_array().expect("a list").len();
        let met = result.checks.iter().filter(|check| check.outcome == Outcome::Met).count();
        assert_eq!(of("passedTests"), met, "{name}");
        assert_eq!(of("passedTests") + of("warnedTests") + of("failedTests"), result.checks.len(), "{name}");
        assert!(!statement["subject"].as_array().expect("a list").is_empty(), "{name}");
    }
    let said = |result: &AuditResult| json("in-toto", result)["predicate"]["result"].as_str().map(String::from);
    let mut result = sample();
    assert_eq!(said(&result).as_deref(), Some("WARNED"), "warn-level checks are open");
    result.checks.retain(|check| check.outcome == Outcome::Met);
    assert_eq!(said(&result).as_deref(), Some("PASSED"));
    result.checks.clear();
    assert_eq!(said(&result).as_deref(), Some("WARNED"), "nothing was gated");
    assert_eq!(said(&waived()).as_deref(), Some("FAILED"));
}

#[test]
fn the_base_is_the_ancestor_and_every_gap_is_in_the_bill() {
    let result = sample();
    let component = &json("cyclonedx", &result)["components"][0];
    assert_eq!(component["name"], "government");
    assert_eq!(component["pedigree"]["ancestors"][0]["name"], "private-sector");
    let metrics = component["modelCard"]["quantitativeAnalysis"]["performanceMetrics"].as_array().expect("a list");
    for finding in &result.findings {
        let kind = format!("{}.gap", finding.metric);
        let found = metrics.iter().find(|one| one["type"] == kind && one["slice"] == finding.slice);
        let value = found.and_then(|one| one["value"].as_str()?.parse::<f64>().ok());
        assert_eq!(value, finding.tuned.map(|gap| gap.value), "{}", finding.id);
    }
    let assessed = component["modelCard"]["considerations"]["fairnessAssessments"].as_array().expect("a list").len();
    let gaps = result.findings.iter().filter(|one| super::view::order::is_gap(one.verdict)).count();
    assert_eq!(assessed, gaps);
}

#[test]
fn a_card_names_its_base_and_ends_with_the_summary() {
    for (name, result) in every() {
        let card = draw("model-card", &result);
        let (head, body) = card.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n\n")).expect("metadata");
        assert_eq!(body, draw("markdown", &result), "{name}");
        let pair = result.provenance.models.base.is_some();
        assert_eq!(head.starts_with("base_model: \"private-sector\"\n"), pair, "{name}");
    }
}

/// A result in which every finding and every check has a name of its own, which nothing else has.
fn labelled() -> AuditResult {
    let mut result = waived();
    let name = |kind: &str, place: usize| format!("{kind}{place:03}z");
    result.findings.iter_mut().enumerate().for_each(|(place, one)| one.slice = format!("sex={}", name("f", place)));
    result.checks.iter_mut().enumerate().for_each(|(place, one)| one.id = name("c", place));
    result
}

/// The formats that carry findings leave none out, and no check either; those that carry checks name them all.
#[test]
fn every_finding_and_every_check_is_in_every_format_that_carries_them() {
    let result = labelled();
    let findings: Vec<String> = (0..result.findings.len()).map(|place| format!("f{place:03}z")).collect();
    let checks: Vec<String> = (0..result.checks.len()).map(|place| format!("c{place:03}z")).collect();
    let unmet: Vec<&String> =
        checks.iter().zip(&result.checks).filter(|(_, check)| check.outcome != Outcome::Met).map(|one| one.0).collect();
    for format in super::FORMATS {
        let text = draw(format.id, &result);
        let lacks = |names: &[String]| names.iter().filter(|name| !text.contains(*name)).count();
        let expected = match format.id {
            "html" | "json" | "markdown" | "csv" | "model-card" => Some(true),
            "terminal" | "junit" | "sarif" | "in-toto" => Some(false),
            "gitlab" => None,
            // Counts and numbers by group, of no check and no verdict.
            "counts" | "context" | "cyclonedx" => continue,
            other => panic!("{other}: say here what it carries"),
        };
        match expected {
            Some(both) => {
                assert_eq!(lacks(&checks), 0, "{} leaves out checks", format.id);
                assert!(!both || lacks(&findings) == 0, "{} leaves out findings", format.id);
            }
            None => assert!(unmet.iter().all(|name| text.contains(*name)), "{}", format.id),
        }
    }
}

#[test]
fn paths_stand_where_programs_open_the_file_and_names_where_people_read() {
    let placed = super::placed(&waived(), |name| format!("ci/a b/{name}"));
    let sarif = json("sarif", &placed);
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(place, "ci/a%20b/audit.toml");
    assert!(
        sarif["runs"][0]["artifacts"].as_array().expect("a list").iter().any(|one| one["location"]["uri"] == *place)
    );
    assert_eq!(json("gitlab", &placed)[0]["location"]["path"], "ci/a b/audit.toml");
    assert!(draw("junit", &placed).contains("file=\"ci/a b/audit.toml\""));
    let pointing: Vec<&str> = super::FORMATS.iter().filter(|format| format.points()).map(|format| format.id).collect();
    assert_eq!(pointing, ["csv", "junit", "sarif", "gitlab"]);
}

#[test]
fn a_statement_names_the_model_the_result_and_the_report_by_hash() {
    let result = waived();
    let statement = json("in-toto", &result);
    let subject = statement["subject"].as_array().expect("a list");
    let names: Vec<&str> = subject.iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["tuned.onnx", "result.json", "report.html"]);
    let model = &result.provenance.models.tuned.as_ref().expect("it has one").files[0].sha256;
    assert_eq!(subject[0]["digest"]["sha256"], *model);
    use sha2::Digest;
    for (place, format) in [(1, "json"), (2, "html")] {
        let hash = sha2::Sha256::digest(draw(format, &result).as_bytes());
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(subject[place]["digest"]["sha256"], hex);
    }
}

#[test]
fn counts_add_up_to_the_rows_and_give_the_rates_back() {
    let result = sample();
    let rows = table(&draw("counts", &result));
    assert_eq!(rows[0], ["slice", "class", "label", "base", "tuned", "n"]);
    let number = |row: &Vec<String>| row[5].parse::<u64>().expect("a count");
    let sum =
        |fits: &dyn Fn(&Vec<String>) -> bool| rows.iter().skip(1).filter(|row| fits(row)).map(number).sum::<u64>();
    assert_eq!(sum(&|row| row[0] == "all"), result.data.used);
    let group = result.data.attributes[0].groups[0].clone();
    assert_eq!(Some(sum(&|row| row[0] == group.slice)), group.rows);
    assert_eq!(Some(sum(&|row| row[0] == group.slice && row[2] == "1")), group.positives);
    let selected = sum(&|row| row[0] == group.slice && row[4] == "1") as f64 / group.rows.expect("it is shown") as f64;
    let finding = &result.findings[0];
    assert_eq!((finding.metric.as_str(), &finding.slice), ("selection_rate", &group.slice));
    assert!((selected - finding.tuned.expect("it is known").slice).abs() < 1e-12);
}

/// What is hidden in the result is in no count.
#[test]
fn counts_hold_nothing_that_is_hidden() {
    assert_eq!(table(&draw("counts", &hidden())).len(), 1);
}
