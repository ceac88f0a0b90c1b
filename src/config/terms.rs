//! Reads `terms` of a `[groups.NAME]`: groups that texts name.

use super::problem::{Problem, quoted};
use super::reader::Reader;
use crate::data::terms::{Terms, term_list};
use std::path::Path;

/// Keys that say how one value names one group.
const OF_VALUES: [&str; 3] = ["bins", "names", "unknown"];

/// The terms of each group; empty where values are groups themselves.
pub fn read(group: &Reader, folder: &Path) -> Terms {
    let Some(name) = group.text("terms") else { return Terms::default() };
    for key in OF_VALUES.into_iter().filter(|key| group.has(key)) {
        let problem = group.at(key, format!("{} stands beside `terms`", quoted(key)));
        group.report(problem.help("a text names its groups by terms alone; leave it out"));
    }
    if group.has("reference") {
        let problem = group.at("reference", "groups that a text may name together have no reference but the rest");
        group.report(problem.help("leave it out"));
    }
    let listed = term_list(folder, &name).map_err(|cause| {
        let message = format!("term list {} cannot be used: {cause}", quoted(&name));
        group.report(Problem::at(group.span_of("terms"), message));
    });
    listed.unwrap_or_default()
}
