//! What kept embeddings will take, told before they do.

use super::moments;
use super::{SIDES, probed};
use crate::config::Audit;
use crate::gather::Plan;

/// The memory of embeddings, as far as their widths are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memory {
    /// Bytes of the moments and of the sample.
    pub measured: u64,
    /// Bytes of the rows that probes learn from.
    pub probed: u64,
    /// Whether a model does not tell how wide its embedding is: its own is not counted.
    pub open: bool,
}

impl Memory {
    /// Of an audit of so many rows.
    pub fn of(audit: &Audit, plan: &Plan, rows: u64) -> Memory {
        let widths: Vec<(usize, Option<u64>)> = plan.embeddings().collect();
        let width = |at: usize| widths.iter().find(|one| one.0 == at).and_then(|one| one.1).unwrap_or(0);
        let cells = |at: usize, rows: u64| rows.saturating_mul(width(at)).saturating_mul(size_of::<f32>() as u64);
        let measured = if audit.representations.measure {
            let sample = audit.representations.sample.min(rows);
            moments_of(audit, [width(0), width(1)]) + (0..SIDES).map(|side| cells(side, sample)).sum::<u64>()
        } else {
            0
        };
        let probed = probed(audit).into_iter().map(|at| cells(at, rows)).sum();
        Memory { measured, probed, open: widths.iter().any(|(_, width)| width.is_none()) }
    }
}

/// Of everyone, of the groups, and of the unknown of each attribute.
fn moments_of(audit: &Audit, widths: [u64; 2]) -> u64 {
    let widths = widths.map(|width| usize::try_from(width).unwrap_or(usize::MAX));
    if widths.contains(&0) {
        return 0;
    }
    let sets = 1 + moments::most(widths) + audit.groups.len();
    (moments::bytes(widths) as u64).saturating_mul(sets as u64)
}
