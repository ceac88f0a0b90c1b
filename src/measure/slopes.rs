//! Calibration slopes of rows that count once each: every slice, and everyone else, from sums.

use super::Family;
use super::plain::{Found, Plain, groups, of_sums};
use crate::evidence::Point;
use crate::metrics::{Metric, log_odds};
use crate::stats::{Rated, Recalibrations, Slopes};
use rayon::prelude::*;
use std::sync::OnceLock;

impl Plain<'_> {
    /// Slopes of every slice whose own sums tell them; nothing where a row has a label or a score under one model
    /// alone, or a score that is no probability.
    pub(super) fn slopes(&self, metric: &'static Metric) -> Vec<Found> {
        let Some(rows) = self.rated() else { return Vec::new() };
        let everyone = OnceLock::new();
        let shared = |known: &[bool]| {
            let kept: Vec<Rated> = rows.iter().filter(|row| known[row.kind as usize]).copied().collect();
            let slopes = Recalibrations::new(&kept);
            if kept.len() == rows.len() {
                everyone.get_or_init(|| slopes.everyone());
            }
            slopes
        };
        let of_family =
            |slopes: &Recalibrations, family: &Family| slopes.of_groups(&groups(family), family.slices.len());
        let families = self.by_known(shared, of_family);
        let of = |(sides, covariance): Slopes| of_sums(sides, covariance);
        let found = |slice: &str, [own, rest]: [Option<Slopes>; 2]| {
            Some(Found { slice: slice.into(), metric, own: of(own?), rest: rest.map(of) })
        };
        let everyone = *everyone.get_or_init(|| Recalibrations::new(&rows).everyone());
        let everyone = found("all", [everyone, None]);
        let slices = self.slices.iter().zip(families.into_iter().flatten());
        everyone.into_iter().chain(slices.filter_map(|(slice, slopes)| found(&slice.id, slopes))).collect()
    }

    /// The rows with label and score; `None` where sums would not tell.
    fn rated(&self) -> Option<Vec<Rated>> {
        let there = |point: &&Point| !self.both(point.label)[0].is_nan() && !self.both(point.score)[0].is_nan();
        let rated = |point: &Point| {
            let [base, tuned] = self.both(point.score).map(log_odds);
            Some(Rated { positive: self.both(point.label)[0] == 1.0, log_odds: [base?, tuned?], kind: point.kind })
        };
        let points = || self.sample.rows().par_iter().filter(there);
        self.alike().then(|| points().map(rated).collect())?
    }
}
