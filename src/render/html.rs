//! The report: one self-contained HTML file that a reviewer can read, print and sign.
//!
//! Everything printed goes through one formatter that strips control and direction characters and
//! escapes for HTML, so a template cannot forget it.

use super::view::View;
use super::{RenderError, clean};
use crate::result::AuditResult;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior, escape_formatter};

/// Every template, by the name that the others include it under.
const TEMPLATES: [(&str, &str); 12] = [
    ("report.html", include_str!("../../templates/report.html")),
    ("style.css", include_str!("../../templates/style.css")),
    ("macros.html", include_str!("../../templates/macros.html")),
    ("cover.html", include_str!("../../templates/cover.html")),
    ("page.html", include_str!("../../templates/page.html")),
    ("inherited.html", include_str!("../../templates/inherited.html")),
    ("outcomes.html", include_str!("../../templates/outcomes.html")),
    ("changed.html", include_str!("../../templates/changed.html")),
    ("data.html", include_str!("../../templates/data.html")),
    ("annexes.html", include_str!("../../templates/annexes.html")),
    ("method.html", include_str!("../../templates/method.html")),
    ("provenance.html", include_str!("../../templates/provenance.html")),
];

/// The report as one HTML file.
pub(super) fn render(result: &AuditResult) -> Result<String, RenderError> {
    let environment = environment()?;
    let template = environment.get_template("report.html")?;
    Ok(template.render(Serde(View::of(result)))?)
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
