//! The JSON Schema of the audit file, for editors: a mirror of what the readers ask for.
//!
//! The readers are the only judges of an audit file. A test holds the keys of this mirror against
//! those that they ask for, so that the two cannot drift apart.

use super::checks::LIMITS;
use super::policy::Locked;
use super::{Multiplicity, Undecided};
use crate::models::OutputKind;
use crate::models::onnx::Device;
use crate::result::{Annex, Field, Judge, Likelihood, Numbers, Of, On, Severity, Verdict, annexes};
use crate::tasks::Task;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The schema of an audit file, draft 2020-12, as indented JSON; committed as `schema/audit.json`.
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(AuditFile).to_value();
    without_null(&mut schema);
    format!("{schema:#}\n")
}

/// TOML has no null: a key that may be absent is not one that may be null.
fn without_null(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(without_null);
            lift(map, "type", |one| one != "null");
            lift(map, "anyOf", |one| one.get("type").is_none_or(|one| one != "null"));
        }
        Value::Array(list) => list.iter_mut().for_each(without_null),
        _ => {}
    }
}

/// Keeps some of a key's alternatives; one that is left alone needs no list.
fn lift(map: &mut Map<String, Value>, key: &str, keep: impl Fn(&Value) -> bool) {
    let Some(Value::Array(alternatives)) = map.get_mut(key) else { return };
    alternatives.retain(keep);
    if alternatives.len() > 1 {
        return;
    }
    let Some(only) = alternatives.pop() else { return };
    match (map.remove(key), only) {
        (_, Value::Object(schema)) => schema.into_iter().for_each(|(name, value)| {
            map.entry(name).or_insert(value);
        }),
        (_, word) => drop(map.insert(key.into(), word)),
    }
}

/// One value, or a list of them.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its shape is used")]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

/// A value that a cell of the data can hold.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its shape is used")]
enum Literal {
    Text(String),
    Number(f64),
    Flag(bool),
}

/// An audit file of heirloom.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct AuditFile {
    /// Version of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    schema: Option<u64>,
    /// The audit's name; also the folder under `reports/`.
    name: Option<String>,
    /// A file with checks and waivers, apart from this one.
    policy: Option<String>,
    /// A file of failures that were accepted before; what is no worse then fails nothing.
    accepted: Option<String>,
    /// The base model, an ONNX file: the short form of `models.base.path`.
    base: Option<String>,
    /// The tuned model, an ONNX file, or several runs of it: the short form of `models.tuned.path`.
    tuned: Option<OneOrMany<String>>,
    /// The evaluation data.
    data: Option<DataOrPaths>,
    /// The label column, where `data` is a path.
    label: Option<String>,
    /// The label's positive value, where `data` is a path.
    positive: Option<Literal>,
    /// The columns whose groups are compared.
    groups: Option<Groups>,
    /// The models.
    models: Option<Models>,
    /// What they run on.
    device: Option<Device>,
    /// What makes a row's counterpart.
    pairs: Option<Pairs>,
    /// Which slices there are besides single groups.
    slices: Option<Slices>,
    /// Settings of the statistics.
    stats: Option<Stats>,
    /// What is measured of the models' embeddings.
    representations: Option<Representations>,
    /// What language models are asked, for context.
    language_model: Option<LanguageModel>,
    /// What is hidden.
    privacy: Option<Privacy>,
    /// What becomes of the checks.
    gate: Option<Gate>,
    /// Text for the report.
    report: Option<Report>,
    /// What is said of the annexes, by id.
    annex: Option<AnnexTables>,
    /// Limits, and verdicts that must not be.
    check: Option<Vec<Check>>,
    /// Failed checks that someone accepts for a slice, until a day.
    waiver: Option<Vec<Waiver>>,
}

/// A file or a glob, several, or the table `[data]`.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its shape is used")]
enum DataOrPaths {
    Paths(OneOrMany<String>),
    Table(Box<Data>),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Data {
    /// Parquet, CSV or Arrow: a file, a list or a glob.
    path: OneOrMany<String>,
    /// Only the rows in which these columns have these values.
    r#where: Option<BTreeMap<String, OneOrMany<Literal>>>,
    /// What the models are asked.
    task: Option<Task>,
    /// The label column.
    label: Option<String>,
    /// The label's positive value.
    positive: Option<Literal>,
    /// Whether a positive decision benefits the person.
    favorable: Option<bool>,
    /// The column of the rows' weights.
    weight: Option<String>,
    /// The column that tells which rows are of one person.
    unit: Option<String>,
    /// A column of ids, to be told where they repeat.
    id: Option<String>,
    /// The rows that the tuned model learned from.
    train: Option<TrainRows>,
    /// Rows of the kind that the base learned from.
    source: Option<SourceRows>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct TrainRows {
    /// Files.
    path: OneOrMany<String>,
    /// Rows to keep.
    r#where: Option<BTreeMap<String, OneOrMany<Literal>>>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct SourceRows {
    /// Files.
    path: OneOrMany<String>,
    /// Rows to keep.
    r#where: Option<BTreeMap<String, OneOrMany<Literal>>>,
    /// The columns to compare.
    columns: Option<OneOrMany<String>>,
}

/// Columns, or a table for each attribute.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its shape is used")]
enum Groups {
    Columns(OneOrMany<String>),
    Tables(BTreeMap<String, Attribute>),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Attribute {
    /// The column; the attribute's name where nothing is said.
    column: Option<String>,
    /// Cut points that rise: bins are closed on the left.
    bins: Option<OneOrMany<f64>>,
    /// Names of codes.
    names: Option<BTreeMap<String, String>>,
    /// Groups that the column's texts name, a text perhaps several: a list of the tool, or a file.
    terms: Option<String>,
    /// Values that stand for unknown.
    unknown: Option<OneOrMany<Literal>>,
    /// What groups are compared with: `rest`, `largest`, `max_rate` or a group.
    reference: Option<ReferenceGroup>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its shape is used")]
enum ReferenceGroup {
    Word(String),
    /// A group that is called as one of the words.
    Named(NamedGroup),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct NamedGroup {
    /// The group.
    group: String,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Models {
    /// The base.
    base: Option<Model>,
    /// The tuned model.
    tuned: Option<Model>,
    /// A model that was tuned the same way from another base.
    control: Option<Model>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Model {
    /// An ONNX file; of the tuned model also a list of runs.
    path: Option<OneOrMany<String>>,
    /// A column of scores, where the model ran elsewhere; of several classes a column each.
    scores: Option<Scores>,
    /// A column of decisions, where the model ran elsewhere.
    decisions: Option<OneOrMany<String>>,
    /// A name for people.
    name: Option<String>,
    /// Its version.
    version: Option<String>,
    /// Who it came from.
    source: Option<String>,
    /// The output to read.
    output: Option<String>,
    /// What the output is.
    kind: Option<OutputKind>,
    /// From which score a decision is positive.
    threshold: Option<Threshold>,
    /// The names of the output's columns, in their order.
    classes: Option<OneOrMany<Literal>>,
    /// The task's class that each of the model's classes stands for; probabilities are added up.
    map: Option<BTreeMap<String, Literal>>,
    /// A label column of its own.
    label: Option<String>,
    /// How columns fill the inputs, by input.
    inputs: Option<BTreeMap<String, Input>>,
    /// The output that holds an embedding of each row.
    embedding: Option<String>,
    /// Whether a probe on the embedding answers in place of the model's own head.
    probe: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Representations {
    /// Whether embeddings are measured; they are where a model names one.
    measure: Option<bool>,
    /// Rows of the sample for neighbours and leakage.
    #[schemars(range(min = 100))]
    sample: Option<u64>,
    /// Neighbours of each row that are compared.
    #[schemars(range(min = 1, max = 100))]
    neighbours: Option<u64>,
    /// Draws of folds for a probe.
    #[schemars(range(min = 1, max = 100))]
    seeds: Option<u64>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its shape is used")]
enum Scores {
    Columns(OneOrMany<String>),
    Prefix(Prefix),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Prefix {
    /// What the columns' names start with.
    prefix: String,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its shape is used")]
enum Threshold {
    Number(f64),
    Word(ThresholdWord),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its shape is used")]
enum ThresholdWord {
    /// As many positive decisions as positive labels.
    Prevalence,
    /// The base's.
    Shared,
    /// As many positive decisions as the base makes.
    Matched,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Input {
    /// These columns, as one wide tensor.
    columns: Option<OneOrMany<String>>,
    /// Every column whose name starts so, in file order.
    prefix: Option<String>,
    /// One column.
    column: Option<String>,
    /// A column of texts, as tokens; mask and token types are filled with it.
    text: Option<String>,
    /// A column of pictures: paths from the data's folder, or bytes.
    image: Option<String>,
    /// The preprocessor_config.json that was saved with the model of pictures.
    preprocessor: Option<String>,
    /// The share of rows whose picture may be unreadable, 0.01 where it is absent.
    unreadable: Option<f64>,
    /// The tokenizer.json of the texts' tokenizer.
    tokenizer: Option<String>,
    /// The most tokens of a row; as the tokenizer says where it is absent.
    max_length: Option<usize>,
    /// Whether numbers may be rounded to the input's type.
    round: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Pairs {
    /// The column of texts; the only one that the models read where it is absent.
    column: Option<String>,
    /// Swap lists: `gender`, `religion`, `nationality`, `names`, or files.
    swap: Option<OneOrMany<String>>,
    /// Files of pairs, with the columns `first` and `second`, and perhaps `kind`.
    path: Option<OneOrMany<String>>,
    /// Two values of a column that are exchanged, or columns by twos.
    flip: Option<BTreeMap<String, Vec<FlipSide>>>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its shape is used")]
enum FlipSide {
    Value(Literal),
    Columns([String; 2]),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Slices {
    /// Crosses, `sex & race`.
    cross: Option<OneOrMany<String>>,
    /// Rows needed inside a metric's condition.
    #[schemars(range(min = 1))]
    min_support: Option<u64>,
    /// Slices that must have enough rows, `sex=Female`.
    required: Option<OneOrMany<String>>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Stats {
    /// Confidence of intervals and of the correction.
    #[schemars(range(min = 0.5, max = 1))]
    confidence: Option<f64>,
    /// The smallest gap that counts, for all metrics or by metric.
    smallest_gap: Option<SmallestGap>,
    /// The ratio within which gaps are about the same size.
    same_size: Option<f64>,
    /// How many times the base's gap is mostly new.
    mostly_new: Option<f64>,
    /// How findings are corrected for their number.
    multiplicity: Option<Multiplicity>,
    /// The metrics that get findings; `heirloom explain` lists them.
    metrics: Option<OneOrMany<String>>,
    /// The seed of every random draw.
    seed: Option<u64>,
    /// Of several classes those that get findings.
    classes: Option<OneOrMany<Literal>>,
    /// Attributes inside whose groups gaps are taken too.
    control: Option<OneOrMany<String>>,
    /// Whether decisions are counted at other thresholds too.
    sweep: Option<bool>,
    /// How many of a model's best classes a top-k accuracy counts.
    #[schemars(range(min = 1))]
    top_k: Option<u64>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its shape is used")]
enum SmallestGap {
    All(f64),
    /// `default`, and metrics by name.
    ByMetric(BTreeMap<String, f64>),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct LanguageModel {
    /// The output that holds a logit for every token, `token_logits`.
    output: Option<String>,
    /// The token that hides another, where its name is not a usual one.
    mask: Option<String>,
    /// Files of sentence pairs, in the style of CrowS-Pairs or StereoSet.
    pairs: Option<OneOrMany<PairFile>>,
    /// Lists of words or sentences: files, or names of those that come with the program.
    associations: Option<OneOrMany<String>>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct PairFile {
    /// The file.
    path: String,
    /// The column of the sentence that keeps to a stereotype.
    more: String,
    /// The column of the one that does not.
    less: String,
    /// The column of a sentence that makes no sense.
    unrelated: Option<String>,
    /// The column of the kind of stereotype.
    kind: Option<String>,
    /// Whose likelihood tells sentences apart: `target` where `unrelated` is given, else `shared`.
    likelihood: Option<Likelihood>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Privacy {
    /// Slices of fewer people are hidden.
    min_cell: Option<u64>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Gate {
    /// What an undecided check does to the exit code.
    undecided: Option<Undecided>,
    /// What a policy that changed since it was locked does.
    locked: Option<Locked>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Report {
    /// Who prepared the report.
    prepared_by: Option<String>,
    /// Who reviewed it.
    reviewed_by: Option<String>,
    /// What the model is for.
    purpose: Option<String>,
    /// The period that the data cover.
    period: Option<String>,
    /// Why these metrics were chosen.
    why_these_metrics: Option<String>,
    /// The laws and standards that the report answers to.
    annexes: Option<OneOrMany<AnnexId>>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Check {
    /// Its name; waivers and results use it.
    id: String,
    /// The metric, by id or alias.
    metric: Option<String>,
    /// Which number is limited.
    of: Option<Of>,
    /// Of which model.
    on: Option<On>,
    /// At least.
    min: Option<f64>,
    /// At most.
    max: Option<f64>,
    /// At most in size.
    max_abs: Option<f64>,
    /// How much larger than the base's the tuned gap may be.
    max_growth: Option<f64>,
    /// How far the change may fall.
    max_drop: Option<f64>,
    /// How far the change may rise.
    max_rise: Option<f64>,
    /// Verdicts that no finding may have.
    verdicts: Option<OneOrMany<Verdict>>,
    /// By what the number is judged.
    judge: Option<Judge>,
    /// What a failure does.
    severity: Option<Severity>,
    /// Attributes, crosses or slices that it holds for; all where nothing is said.
    slices: Option<OneOrMany<String>>,
    /// Of several classes the one that it is about.
    class: Option<Literal>,
    /// What could happen to whom.
    hazard: Option<String>,
    /// Why this limit.
    rationale: Option<String>,
    /// What is done about it.
    mitigation: Option<String>,
    /// When it is looked at again: a day, or an occasion.
    review_by: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Waiver {
    /// The check's id.
    check: String,
    /// The slice that it is for.
    slice: String,
    /// Why.
    reason: String,
    /// Who answers for it.
    owner: String,
    /// Who accepted it; not the owner.
    approved_by: String,
    /// The last day on which it holds.
    #[schemars(extend("format" = "date"))]
    expires: String,
    /// Its own name.
    id: Option<String>,
    /// The day on which it was made.
    #[schemars(extend("format" = "date"))]
    created: Option<String>,
    /// Where it is tracked.
    ticket: Option<String>,
    /// The check's own key with a looser number, beyond which it fails even so.
    limit: Option<WaiverLimit>,
    /// The tuned models that it is for, `sha256:` and 64 digits each.
    models: Option<OneOrMany<String>>,
}

/// One limit of those that a check may have.
struct WaiverLimit;

impl JsonSchema for WaiverLimit {
    fn schema_name() -> Cow<'static, str> {
        "WaiverLimit".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let number = |key: &str| (key.to_string(), json!({ "type": "number" }));
        let keys: Map<String, Value> = LIMITS.iter().map(|(key, _)| number(key)).collect();
        json_schema!({ "type": "object", "properties": keys, "additionalProperties": false, "minProperties": 1,
            "maxProperties": 1 })
    }
}

/// One of the annexes there are.
struct AnnexId;

impl JsonSchema for AnnexId {
    fn schema_name() -> Cow<'static, str> {
        "AnnexId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let ids: Vec<&str> = annexes().iter().map(|annex| annex.id.as_str()).collect();
        json_schema!({ "type": "string", "enum": ids })
    }
}

/// A table for each annex, with the blanks that it has.
struct AnnexTables;

impl JsonSchema for AnnexTables {
    fn schema_name() -> Cow<'static, str> {
        "AnnexTables".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let tables: Map<String, Value> = annexes().iter().map(|annex| (annex.id.clone(), annex_table(annex))).collect();
        json_schema!({ "type": "object", "properties": tables, "additionalProperties": false })
    }
}

fn annex_table(annex: &Annex) -> Value {
    let blank = |field: &Field| {
        (field.key.clone(), json!({ "type": ["string", "number", "boolean"], "description": field.asks }))
    };
    let mut keys: Map<String, Value> = annex.fields.iter().map(blank).collect();
    if annex.numbers == Some(Numbers::ImpactTables) {
        keys.insert("min_cell".into(), json!({ "const": 0, "description": "Its tables show every category." }));
        let share = json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 0.02,
            "description": "Categories with a smaller share of the people have no ratio." });
        keys.insert("exclude_below".into(), share);
    }
    json!({ "type": "object", "properties": keys, "additionalProperties": false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::reader::asked;
    use crate::config::{Origin, PRESETS, load_text};
    use jiff::civil::date;
    use std::collections::BTreeSet;

    /// Keys that readers know and that stand for none: editors offer none of them.
    const UNOFFERED: [&str; 1] = ["ratio"];

    /// All that is reached from some schemas by a key, through references and alternatives.
    fn alternatives<'a>(root: &'a Value, node: &'a Value, found: &mut Vec<&'a Value>) {
        if let Some(name) = node.get("$ref").and_then(Value::as_str) {
            let target = root.pointer(name.trim_start_matches('#')).expect("a reference leads somewhere");
            alternatives(root, target, found);
        }
        for any in ["anyOf", "oneOf"].iter().filter_map(|key| node.get(key)?.as_array()).flatten() {
            alternatives(root, any, found);
        }
        found.push(node);
    }

    fn objects<'a>(root: &'a Value, path: &str) -> Vec<&'a Value> {
        let mut nodes = Vec::new();
        alternatives(root, root, &mut nodes);
        for key in path.split('.').filter(|key| !key.is_empty()) {
            let (name, listed) = key.strip_suffix("[]").map_or((key, false), |name| (name, true));
            let below = |node: &&'a Value| match node.get("properties").and_then(|all| all.get(name)) {
                Some(own) => Some(own),
                None => node.get("additionalProperties").filter(|open| open.is_object()),
            };
            let mut next = Vec::new();
            nodes.iter().filter_map(below).for_each(|node| alternatives(root, node, &mut next));
            if listed {
                let items: Vec<&Value> = next.iter().filter_map(|node| node.get("items")).collect();
                items.into_iter().for_each(|node| alternatives(root, node, &mut next));
            }
            nodes = next;
        }
        nodes
    }

    fn keys(nodes: &[&Value]) -> BTreeSet<String> {
        let properties = nodes.iter().filter_map(|node| node.get("properties")?.as_object());
        properties.flat_map(|map| map.keys().cloned()).collect()
    }

    /// What the readers ask for, by the place in the file, over every sound file at hand.
    fn asked_for() -> BTreeMap<String, BTreeSet<String>> {
        asked::clear();
        let line =
            |line: &str| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line).to_string();
        let full = |text: &str| text.lines().map(line).collect::<Vec<_>>().join("\n");
        let good = std::fs::read_dir("fixtures/policies/good").expect("the fixtures are there");
        let good = good.map(|file| file.expect("a file").path());
        for file in good {
            crate::config::load::load_on(&file, &[], date(2026, 11, 23)).expect("it is sound");
        }
        for preset in PRESETS {
            let origin = Origin { name: "audit.toml".into(), text: full(preset.text), file: None };
            load_text(origin, &[], date(2026, 11, 23)).expect("it is sound");
        }
        asked::take()
    }

    #[test]
    fn the_schema_and_the_readers_know_the_same_keys() {
        let root: Value = serde_json::from_str(&schema()).expect("it is JSON");
        let mut seen = 0;
        for (path, asked) in asked_for() {
            let nodes = objects(&root, &path);
            let offered = keys(&nodes);
            let open = nodes.iter().any(|node| node.get("additionalProperties").is_some_and(Value::is_object));
            if offered.is_empty() && open {
                continue;
            }
            let asked: BTreeSet<String> = asked.into_iter().filter(|key| !UNOFFERED.contains(&key.as_str())).collect();
            assert_eq!(offered, asked, "at {path:?}");
            seen += 1;
        }
        assert!(seen > 15, "only {seen} tables were held against each other");
    }

    #[test]
    fn the_committed_schema_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/audit.json");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, schema()).expect("the schema can be written");
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == schema(), "schema/audit.json is stale; UPDATE=1 writes it anew");
    }
}
