//! What the reader should know where a probe answers for a model, and where embeddings could not be measured.

use super::Dossier;
use crate::result::Probe;
use crate::tasks::Task;

/// One sentence each.
pub fn notices(dossier: &Dossier) -> Vec<String> {
    let Some(found) = &dossier.representations else {
        let embeds = dossier.audit.sides().into_iter().flatten().any(|spec| spec.embedding().is_some());
        let lost = dossier.audit.representations.measure && embeds;
        return lost.then(|| MERGED.to_owned()).into_iter().collect();
    };
    let area = if dossier.audit.task == Task::Multiclass { "mean AUC of each class against the rest" } else { "AUC" };
    let mut notices: Vec<String> = found.probes.iter().flat_map(|probe| of_probe(probe, area)).collect();
    let weighed = dossier.audit.data.weight.is_some();
    notices.extend((weighed && !found.probes.is_empty()).then(|| LEARNS_BY_WEIGHT.to_owned()));
    notices.extend((weighed && found.sample.is_some()).then(|| ALIKE.to_owned()));
    notices.extend((found.left_out > 0).then(|| {
        format!(
            "How alike the embeddings are was kept for {} groups, those that came first; {} more had no room.",
            found.similarity.len().saturating_sub(1),
            found.left_out
        )
    }));
    notices
}

const MERGED: &str = "What the embeddings have in common was not measured: it is not kept in evidence that was merged.";

const LEARNS_BY_WEIGHT: &str = "A probe learns from rows by their weight; its AUC counts them alike.";
const ALIKE: &str =
    "How alike embeddings are, what they tell of groups and LogME count rows alike, whatever they weigh.";

fn of_probe(probe: &Probe, area: &str) -> Vec<String> {
    let [low, high] = probe.range().map(|area| format!("{area:.3}"));
    let model = capital(&probe.model);
    let draws = probe.auc.len();
    let range =
        if draws == 1 { format!("was {low}") } else { format!("was {low} to {high} over {draws} draws of the parts") };
    let mut notices = vec![
        format!(
            "{model} is judged as probe: a linear classifier on its embedding, in {} parts of the rows, none judged by one that learned from it.",
            probe.folds
        ),
        format!(
            "Read {} as probe as a lower bound of what the {} encodes, not of what its own head did.",
            probe.model, probe.model
        ),
        format!("Its intervals hold for these parts alone; the {area} of the probe {range}."),
    ];
    notices.extend(
        (probe.unlabelled > 0).then(|| format!("The probe says nothing on {} rows without a label.", probe.unlabelled)),
    );
    notices
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
