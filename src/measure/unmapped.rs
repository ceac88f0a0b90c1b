//! What class maps leave out, for the result and in words.

use crate::config::Audit;
use crate::evidence::Evidence;
use crate::result::Unmapped;

/// A share below this is what rounding leaves.
const NOTHING: f64 = 1e-6;

/// One note for each model that has a map.
pub fn unmapped(audit: &Audit, evidence: &Evidence) -> Vec<Unmapped> {
    let counted = audit.models().into_iter().zip(&evidence.unmapped).filter(|(_, counted)| counted.of > 0);
    let note = |(spec, counted): (Option<&crate::models::ModelSpec>, &crate::evidence::Unmapped)| {
        let model = spec.filter(|spec| spec.map.is_some())?.name.clone();
        Some(Unmapped { model, share: counted.share(), rows: counted.rows, of: counted.of })
    };
    counted.filter_map(note).collect()
}

/// What the reader should know where a map leaves classes out.
pub fn notices(notes: &[Unmapped]) -> impl Iterator<Item = String> + '_ {
    notes.iter().filter(|note| note.rows > 0 || note.share > NOTHING).map(|note| {
        format!(
            "Model {}: classes that its `map` leaves out hold {:.1} % of its probability, and are its answer on {} of {} rows.",
            note.model,
            100.0 * note.share,
            note.rows,
            note.of
        )
    })
}
