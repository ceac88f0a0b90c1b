//! What was run, on what, by what, and how to run it again.

use super::lineage::{self, LineageTable};
use crate::render::{clean, number};
use crate::result::{AuditResult, FileHash, ModelNote, Noise};
use serde::Serialize;
use serde_json::Value;

/// Settings listed at most.
const MOST_SETTINGS: usize = 200;
/// Characters of one setting at most.
const LONGEST_SETTING: usize = 200;

/// The section "Provenance".
#[derive(Debug, Serialize)]
pub(in crate::render) struct Origin {
    /// Facts: label and value.
    pub facts: Vec<(&'static str, String)>,
    /// Every file with its role.
    pub files: Vec<File>,
    /// What the weights say; absent where a side is no file.
    pub lineage: Option<LineageTable>,
    /// What was inferred.
    pub inferred: Vec<String>,
    /// Settings, `stats.confidence` and its value.
    pub settings: Vec<(String, String)>,
    /// Settings that did not fit.
    pub more: usize,
    /// The command, and the time to pin.
    pub again: String,
    /// Seconds since 1970 of the run, for `SOURCE_DATE_EPOCH`.
    pub epoch: Option<i64>,
}

/// One file.
#[derive(Debug, Serialize)]
pub(in crate::render) struct File {
    role: &'static str,
    name: String,
    bytes: String,
    sha256: String,
}

/// Reads the section from the result.
pub(in crate::render) fn origin(result: &AuditResult) -> Origin {
    let mut settings = Vec::new();
    flatten(String::new(), &result.provenance.config, &mut settings);
    let more = settings.len().saturating_sub(MOST_SETTINGS);
    settings.truncate(MOST_SETTINGS);
    Origin {
        facts: facts(result),
        files: files(result),
        lineage: result.provenance.lineage.as_ref().map(lineage::table),
        inferred: result.provenance.inferred.iter().map(|line| clean::shortened(line, 400)).collect(),
        settings,
        more,
        again: again(result),
        epoch: result.provenance.created.parse::<jiff::Timestamp>().ok().map(|time| time.as_second()),
    }
}

fn facts(result: &AuditResult) -> Vec<(&'static str, String)> {
    let from = &result.provenance;
    let reading =
        |model: &Option<ModelNote>| model.as_ref().map_or("none".into(), |model| clean::shortened(&model.reading, 300));
    let mut facts = vec![
        ("Time of the run", clean::label(&from.created)),
        ("Program", format!("{} {}", clean::label(&from.tool.name), clean::label(&from.tool.version))),
        (
            "Engine",
            format!(
                "{} {}{}, chunks of {}",
                clean::label(&from.engine.name),
                clean::label(&from.engine.version),
                from.engine.provider.as_deref().map_or(String::new(), |on| format!(" on {}", clean::label(on))),
                number::counted(from.engine.chunk, "row")
            ),
        ),
        ("Format of the result", clean::label(&result.schema)),
        ("Read from the base", reading(&from.models.base)),
        ("Read from the tuned model", reading(&from.models.tuned)),
    ];
    facts.extend(from.models.runs.iter().map(|model| ("Another run", clean::shortened(&model.name, 300))));
    facts.extend(
        from.models.control.iter().map(|model| ("Read from the control", clean::shortened(&model.reading, 300))),
    );
    facts.extend(result.noise.as_ref().map(|noise| ("Numeric noise", noise_in_words(noise))));
    facts.extend(source("Source of the control", &from.models.control));
    facts.extend(source("Source of the base", &from.models.base));
    facts.extend(source("Source of the tuned model", &from.models.tuned));
    facts
}

/// What a second run in other batches changed, and the decisions within it.
pub(in crate::render) fn noise_in_words(noise: &Noise) -> String {
    let near = |count: Option<u64>, whose: &str| count.map(|count| format!("{} of the {whose}", number::count(count)));
    let near: Vec<String> = near(noise.base, "base").into_iter().chain(near(noise.tuned, "tuned model")).collect();
    let near = if near.is_empty() {
        String::new()
    } else {
        format!("; decisions as near to the threshold: {}", near.join(", "))
    };
    format!("the same rows in other batches gave scores within {}{near}", noise.at_most)
}

fn source(name: &'static str, model: &Option<ModelNote>) -> Option<(&'static str, String)> {
    Some((name, clean::shortened(model.as_ref()?.source.as_deref()?, 300)))
}

fn files(result: &AuditResult) -> Vec<File> {
    let from = &result.provenance;
    let of_model = |model: &Option<ModelNote>| model.iter().flat_map(|model| model.files.clone()).collect::<Vec<_>>();
    let named = [
        ("base", of_model(&from.models.base)),
        ("tuned", of_model(&from.models.tuned)),
        ("another run", from.models.runs.iter().flat_map(|model| model.files.clone()).collect()),
        ("control", of_model(&from.models.control)),
        ("data", from.data.files.clone()),
        ("training data", from.data.train.clone()),
        ("data of the base's kind", from.data.source.clone()),
        ("pairs", from.data.pairs.clone()),
        ("terms", from.data.terms.clone()),
        ("sentences and words", result.language_model.iter().flat_map(|language| language.files().cloned()).collect()),
        ("audit file", from.audit_file.iter().cloned().collect()),
        ("policy", from.policy_file.iter().cloned().collect()),
    ];
    named.into_iter().flat_map(|(role, files)| files.into_iter().map(move |file| described(role, &file))).collect()
}

fn described(role: &'static str, file: &FileHash) -> File {
    File { role, name: clean::label(&file.name), bytes: number::count(file.bytes), sha256: clean::label(&file.sha256) }
}

fn again(result: &AuditResult) -> String {
    let file = result.provenance.audit_file.as_ref().map_or("audit.toml".into(), |file| clean::label(&file.name));
    format!("heirloom audit {file}")
}

/// Leaves of the settings by their dotted path; lists of plain values stay together.
fn flatten(path: String, value: &Value, into: &mut Vec<(String, String)>) {
    let joined = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| flatten(joined(key), value, into)),
        Value::Array(list) if list.iter().any(|one| one.is_object()) => {
            list.iter().enumerate().for_each(|(place, value)| flatten(joined(&(place + 1).to_string()), value, into));
        }
        Value::Null => {}
        leaf => {
            into.push((clean::shortened(&path, LONGEST_SETTING), clean::shortened(&leaf.to_string(), LONGEST_SETTING)))
        }
    }
}
