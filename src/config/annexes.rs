//! Reads which laws and standards a report answers to: `[report] annexes` and `[annex.ID]`.

use super::Audit;
use super::problem::{Problem, quoted, suggest};
use super::reader::Reader;
use crate::result::{Annex, AnnexSettings, Numbers, annex, annexes};
use crate::tasks::Task;
use std::collections::BTreeMap;

/// The largest share of people that 6 RCNY 5-301(d) lets an auditor leave out.
const SMALL_SHARE: f64 = 0.02;

/// The ids of `[report] annexes`, in the order written.
pub fn ids(report: &Reader) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (name, span) in report.texts("annexes").unwrap_or_default() {
        if annex(&name).is_none() {
            let problem = Problem::at(&span, format!("{} is not an annex", quoted(&name)));
            report.report(problem.maybe_help(suggest(&name, annexes().iter().map(|annex| annex.id.as_str()))));
        } else if found.contains(&name) {
            report.report(Problem::at(&span, format!("{} stands here twice", quoted(&name))).help("keep one of them"));
        } else {
            found.push(name);
        }
    }
    found
}

/// Every `[annex.ID]`, which must be one of those asked for.
pub fn settings(root: &Reader, asked: &[String]) -> BTreeMap<String, AnnexSettings> {
    let one = |table: &Reader, annex: &Annex| Some((annex.id.clone(), table.within(&annex.id, |own| of(own, annex))?));
    let found: BTreeMap<String, AnnexSettings> = root
        .within("annex", |table| annexes().iter().filter_map(|annex| one(table, annex)).collect())
        .unwrap_or_default();
    for id in found.keys().filter(|id| !asked.contains(id)) {
        let place = root.place(&format!("annex.{id}")).unwrap_or_else(|| root.span().clone());
        let problem = Problem::at(&place, format!("the annex {} is not asked for", quoted(id)));
        root.report(problem.help(format!("ask for it: [report] annexes = [\"{id}\"]")));
    }
    found
}

fn of(own: &Reader, annex: &Annex) -> AnnexSettings {
    let filled = |key: &str| Some((key.to_string(), own.literal(key)?.text()));
    let tables = annex.numbers == Some(Numbers::ImpactTables);
    AnnexSettings {
        fields: annex.fields.iter().filter_map(|field| filled(&field.key)).collect(),
        exclude_below: if tables { exclude_below(own) } else { None },
        in_full: tables && in_full(own),
    }
}

/// The rule wants the count of every category: all of them or none.
fn in_full(own: &Reader) -> bool {
    let given = own.whole("min_cell", 0);
    if given.is_some_and(|least| least > 0) {
        let problem = own.at("min_cell", "its tables show every category or are left out");
        own.report(problem.help("write min_cell = 0, or leave the annex out"));
    }
    given == Some(0)
}

fn exclude_below(own: &Reader) -> Option<f64> {
    let range = "above 0 and at most 0.02, the 2 % of 6 RCNY 5-301(d)";
    let share = own.number("exclude_below", range, |share| share > 0.0 && share <= SMALL_SHARE)?;
    own.require("justification", "the rule asks for the auditor's reason: justification = \"...\"");
    Some(share)
}

/// What the annexes asked for need of the audit.
pub fn check(root: &Reader, audit: &Audit) {
    let Some(place) = root.place("report.annexes") else { return };
    if let Some(why) = no_selection(audit) {
        root.report(Problem::at(&place, why).help("leave the annex out"));
    }
    let hidden = audit.min_cell > 1 && audit.asks_for(Numbers::ImpactTables);
    if hidden && !audit.annex.values().any(|settings| settings.in_full) {
        let least = audit.min_cell;
        let message = format!("`ll144` counts every category, and groups of fewer than {least} people are hidden");
        let help = "show them in its tables: [annex.ll144] min_cell = 0; or leave the annex out";
        root.report(Problem::at(&place, message).help(help));
    }
}

/// Both count selections, which are positive decisions that benefit a person.
fn no_selection(audit: &Audit) -> Option<&'static str> {
    let [tables, adverse] = [Numbers::ImpactTables, Numbers::AdverseImpact].map(|numbers| audit.asks_for(numbers));
    match audit.task {
        _ if !tables && !adverse => None,
        Task::Multiclass => Some("selection is not defined for a multiclass task"),
        Task::Regression if adverse => Some("a regression selects nobody, which `ugesp` counts"),
        _ if audit.data.favorable == Some(false) => {
            Some("a positive decision is a selection here, and `favorable` is false")
        }
        _ => None,
    }
}
