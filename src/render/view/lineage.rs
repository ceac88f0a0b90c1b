//! What the weights say of where the tuned model comes from, in words and as a table.

use crate::render::{clean, number};
use crate::result::{Kinship, LayerLineage, Lineage};
use serde::Serialize;

/// Layers listed at most.
const MOST_LAYERS: usize = 60;

/// The table of layers.
#[derive(Debug, Serialize)]
pub(in crate::render) struct LineageTable {
    /// What goes on "the tuned file ...".
    pub verdict: String,
    /// All together, then every layer.
    pub layers: Vec<LayerRow>,
    /// Layers that did not fit.
    pub more: usize,
}

/// One layer.
#[derive(Debug, Serialize)]
pub(in crate::render) struct LayerRow {
    layer: String,
    state: &'static str,
    shared: String,
    moved: String,
    new: String,
    gone: String,
    change: String,
    cosine: String,
}

/// The table of a result's lineage.
pub(in crate::render) fn table(lineage: &Lineage) -> LineageTable {
    let shown = lineage.layers.iter().take(MOST_LAYERS);
    LineageTable {
        verdict: verdict(lineage),
        layers: std::iter::once(&lineage.total).chain(shown).map(row).collect(),
        more: lineage.layers.len().saturating_sub(MOST_LAYERS),
    }
}

fn verdict(lineage: &Lineage) -> String {
    let frozen = lineage.layers.iter().filter(|layer| layer.is_frozen()).count();
    let layers = format!("{frozen} of {} layers are frozen", lineage.layers.len());
    match lineage.kinship {
        Kinship::Same => "has the base's own weights".into(),
        Kinship::Descendant => format!("looks like a descendant of the base; {layers}"),
        Kinship::Partly => format!("has some of the base's weights, and most are not; {layers}"),
        Kinship::Unrelated => "does not look like a descendant of the base".into(),
        Kinship::Unknown => "has no matrices that could be compared with the base's".into(),
    }
}

fn row(layer: &LayerLineage) -> LayerRow {
    let share = |value: Option<f64>| value.map_or("none".to_owned(), |value| format!("{value:.3}"));
    LayerRow {
        layer: clean::shortened(&layer.layer, 80),
        state: state(layer),
        shared: number::count(layer.shared),
        moved: number::count(layer.moved),
        new: number::count(layer.new),
        gone: number::count(layer.gone),
        change: share(layer.change),
        cosine: share(layer.cosine),
    }
}

fn state(layer: &LayerLineage) -> &'static str {
    match (layer.shared + layer.moved, layer.new, layer.gone) {
        _ if layer.is_frozen() => "frozen",
        (0, _, 0) => "new",
        (0, 0, _) => "gone",
        (_, 0, 0) => "moved",
        _ => "in part new",
    }
}
