//! JUnit XML: one suite a check, one test case an outcome, for the test views of CI systems.
//!
//! Waived and open outcomes are skipped tests with their reason, never passed ones; what keeps the
//! gate from a conclusion is a failure of type `evidence`. Jenkins shows the attribute `message`
//! and GitLab the element's text, so both say the same.

use super::view::told::{self, Told};
use super::{RenderError, clean};
use crate::result::{Asked, AuditResult, Outcome, Severity};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::collections::HashSet;
use std::io;

type Xml = Writer<Vec<u8>>;

/// What a test case holds.
enum Case {
    Passed,
    Skipped,
    /// With its type.
    Failed(&'static str),
}

/// The checks as JUnit XML.
pub(super) fn render(result: &AuditResult) -> Result<String, RenderError> {
    let told = told::every(result);
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all: Vec<&Told> = told.iter().collect();
    xml.create_element("testsuites")
        .with_attribute(("name", named(&result.name).as_str()))
        .with_attributes(counts(&all).iter().map(|(key, n)| (*key, n.as_str())))
        .write_inner_content(|xml| suites(xml, result, &all))?;
    Ok(String::from_utf8_lossy(&xml.into_inner()).into_owned() + "\n")
}

/// One suite a check, the one with the worst outcome first.
fn suites(xml: &mut Xml, result: &AuditResult, told: &[&Told]) -> io::Result<()> {
    let mut seen = HashSet::new();
    let ids = told.iter().map(|one| one.check.id.as_str()).filter(|id| seen.insert(*id));
    for id in ids {
        let cases: Vec<&Told> = told.iter().filter(|one| one.check.id == id).copied().collect();
        xml.create_element("testsuite")
            .with_attribute(("name", named(id).as_str()))
            .with_attributes(counts(&cases).iter().map(|(key, n)| (*key, n.as_str())))
            .write_inner_content(|xml| suite(xml, &format!("{}.{}", named(&result.name), named(id)), &cases))?;
    }
    Ok(())
}

/// Of several cases with one name GitLab keeps only the first, so each name is made unique.
fn suite(xml: &mut Xml, class: &str, cases: &[&Told]) -> io::Result<()> {
    let mut names = HashSet::new();
    for told in cases {
        let mut name = named(&told.name());
        if !names.insert(name.clone()) {
            name = format!("{name} ({})", told.fingerprint());
        }
        case(xml, class, &name, told)?;
    }
    Ok(())
}

fn case(xml: &mut Xml, class: &str, name: &str, told: &Told) -> io::Result<()> {
    let element = xml
        .create_element("testcase")
        .with_attribute(("classname", class))
        .with_attribute(("name", name))
        .with_attribute(("file", named(&told.check.at.file).as_str()))
        .with_attribute(("line", told.check.at.line.to_string().as_str()))
        .with_attribute(("time", "0"));
    let text = legal(&told.text);
    match kind(told) {
        Case::Passed => element.write_empty()?,
        Case::Skipped => element.write_inner_content(|xml| remark(xml, "skipped", None, &text))?,
        Case::Failed(kind) => element.write_inner_content(|xml| remark(xml, "failure", Some(kind), &text))?,
    };
    Ok(())
}

fn remark(xml: &mut Xml, name: &str, kind: Option<&str>, text: &str) -> io::Result<()> {
    let kind = kind.map(|kind| ("type", kind));
    let element = xml.create_element(name).with_attributes(kind).with_attribute(("message", text));
    element.write_text_content(BytesText::new(text)).map(drop)
}

fn kind(told: &Told) -> Case {
    match (told.check.outcome, &told.check.asked) {
        (Outcome::Met, _) => Case::Passed,
        _ if told.is_gap => Case::Failed("evidence"),
        (Outcome::Failed, _) if told.check.severity == Severity::Warn => Case::Failed("warning"),
        (Outcome::Failed, Asked::Limit { .. }) => Case::Failed("limit"),
        (Outcome::Failed, Asked::Verdicts { .. }) => Case::Failed("verdict"),
        _ => Case::Skipped,
    }
}

fn counts(cases: &[&Told]) -> [(&'static str, String); 4] {
    let of = |wanted: fn(Case) -> bool| cases.iter().filter(|told| wanted(kind(told))).count().to_string();
    let failures = of(|case| matches!(case, Case::Failed(_)));
    let skipped = of(|case| matches!(case, Case::Skipped));
    [("tests", cases.len().to_string()), ("failures", failures), ("errors", "0".into()), ("skipped", skipped)]
}

fn named(name: &str) -> String {
    legal(&clean::shortened(name, 400))
}

/// Without the two characters that are printable to us but no characters of XML 1.0 (section 2.2).
fn legal(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect()
}
