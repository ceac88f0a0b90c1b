//! The report: one self-contained HTML file that a reviewer can read, print and sign.
//!
//! Everything printed goes through one formatter that strips control and direction characters and
//! escapes for HTML, so a template cannot forget it. The policy in its head lets the file's own style
//! and script run, each named by its hash, and nothing else: it cannot call anybody.

use super::view::{Sections, View, extract};
use super::{RenderError, clean, json};
use crate::result::AuditResult;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior, escape_formatter};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Every template, by the name that the others include it under.
const TEMPLATES: [(&str, &str); 19] = [
    ("report.html", include_str!("../../templates/report.html")),
    ("macros.html", include_str!("../../templates/macros.html")),
    ("cover.html", include_str!("../../templates/cover.html")),
    ("page.html", include_str!("../../templates/page.html")),
    ("inherited.html", include_str!("../../templates/inherited.html")),
    ("representations.html", include_str!("../../templates/representations.html")),
    ("language.html", include_str!("../../templates/language.html")),
    ("outcomes.html", include_str!("../../templates/outcomes.html")),
    ("changed.html", include_str!("../../templates/changed.html")),
    ("pairs.html", include_str!("../../templates/pairs.html")),
    ("crossed.html", include_str!("../../templates/crossed.html")),
    ("cutoff.html", include_str!("../../templates/cutoff.html")),
    ("scores.html", include_str!("../../templates/scores.html")),
    ("data.html", include_str!("../../templates/data.html")),
    ("cut.html", include_str!("../../templates/cut.html")),
    ("policy.html", include_str!("../../templates/policy.html")),
    ("annexes.html", include_str!("../../templates/annexes.html")),
    ("method.html", include_str!("../../templates/method.html")),
    ("provenance.html", include_str!("../../templates/provenance.html")),
];
const STYLE: &str = include_str!("../../templates/style.css");
const SCRIPT: &str = include_str!("../../templates/report.js");
/// Digits of the result's hash in the foot of every page.
const SHORT_HASH: usize = 16;

/// All that the templates read.
#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    view: View,
    #[serde(flatten)]
    sections: Sections,
    /// The SHA-256 of `result.json`.
    result_hash: String,
    /// The Content-Security-Policy.
    csp: String,
}

/// The report as one HTML file.
pub(super) fn render(result: &AuditResult) -> Result<String, RenderError> {
    let words = || {
        let view = View::of(result);
        (Sections::of(result, &view), view)
    };
    let hash = || json::render(result).map(|json| hex(&Sha256::digest(json.as_bytes())));
    let ((sections, view), (result_hash, environment)) = rayon::join(words, || (hash(), environment()));
    let (result_hash, mut environment) = (result_hash?, environment?);
    let style = format!("\n{STYLE}{}", page_foot(&result_hash));
    let script = format!("\n{SCRIPT}");
    let page = Page { view, sections, csp: csp(&style, &script), result_hash };
    for (name, text) in [("style", style), ("script", script), ("extract", extract(result)?)] {
        environment.add_global(name, Value::from_safe_string(text));
    }
    let template = environment.get_template("report.html")?;
    Ok(template.render(Serde(page))?)
}

/// What may run and load: this style and this script.
fn csp(style: &str, script: &str) -> String {
    let [style, script] = [style, script].map(|text| base64(&Sha256::digest(text.as_bytes())));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
}

/// The foot of every printed page: which result it is drawn from, and its number.
fn page_foot(result_hash: &str) -> String {
    let hash = &result_hash[..SHORT_HASH];
    let look = "font: 7pt system-ui, sans-serif; color: #4a4a4a";
    format!(
        "@page {{ @bottom-left {{ content: \"result {hash}\"; {look} }} @bottom-right {{ content: \"page \" counter(page) \" of \" counter(pages); {look} }} }}\n"
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, place| bits << 8 | u32::from(chunk.get(place).copied().unwrap_or(0)));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(format);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

/// Prints a value: what a template marked safe as it is, all other text cleaned and escaped.
fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() => escape_formatter(out, state, &Value::from(clean::printable(text))),
        _ => escape_formatter(out, state, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        let written = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(written, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }
}
