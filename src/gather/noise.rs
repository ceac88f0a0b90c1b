//! A self-check: the same rows, run twice in other company.
//!
//! What an engine makes of a row can depend, in its last bits, on the rows that are run beside it. So the first
//! model of the audit sees some rows of the first chunk twice: as they come, and backwards in batches of other
//! sizes. The largest difference between two scores of a row is the numeric noise of this machine; a decision that
//! is nearer to its threshold may fall the other way elsewhere.

use super::chunks::Chunk;
use super::lanes::tables;
use super::plan::{OnnxSource, Plan, Source};
use crate::config::Audit;
use crate::models::Model;
use crate::tasks::Task;

/// Noise is told as one of these: the least that is no less. What is below the first is told as the first, since
/// float32 has no more digits; so two machines seldom tell different things of one audit.
const LEVELS: [f64; 7] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0];

/// The noise of the scores of the first model that is run; `None` where none gives scores. A model that fails here
/// fails again on all rows, and is told of then.
pub fn measure(audit: &Audit, plan: &Plan, models: &mut [Option<Box<dyn Model>>], chunk: &Chunk) -> Option<f64> {
    if audit.task == Task::Multiclass {
        return None;
    }
    let run = plan.sources.iter().zip(models).find_map(|(source, model)| match (source, model) {
        (Some(Source::Onnx(source)), Some(model)) => Some((source, model)),
        _ => None,
    });
    let (source, model) = run?;
    largest(source, model.as_mut(), chunk, plan.chunk).map(level)
}

fn largest(source: &OnnxSource, model: &mut dyn Model, chunk: &Chunk, size: usize) -> Option<f64> {
    let reading = source.reading.as_ref()?;
    let output = reading.output()?;
    let batches = source.feed.batches(&tables(chunk), size, Default::default()).ok()?;
    let (plain, other, rows) = batches.twice(source.feed.batch().is_none())?;
    let [one, two] = [plain, other].map(|batches| {
        let output = batches.predict(model, output).ok()?;
        reading.scores(&output, rows).ok()
    });
    one?.iter().zip(&two?).map(|(a, b)| (a - b).abs()).reduce(f64::max)
}

fn level(largest: f64) -> f64 {
    LEVELS.into_iter().find(|level| *level >= largest).unwrap_or(largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_told_in_powers_of_ten() {
        assert_eq!([0.0, 6e-8, 1e-6, 2e-6, 0.3, 7.5].map(level), [1e-6, 1e-6, 1e-6, 1e-5, 1.0, 7.5]);
    }
}
