//! What is told of a slice beside its metrics: how far its scores moved and how they are spread. It is found while
//! the rows of the slice are at hand.

use super::rows::ByRows;
use super::sample::{Part, Sample};
use super::scores::{Draft, Profiles};
use super::{Declared, Slices, drift};
use crate::config::Audit;
use crate::models::ModelSpec;
use crate::result::{Drift, ScoreProfile};

/// Every metric that is measured by rows, and what is told beside them.
#[derive(Default)]
pub(super) struct Rows {
    /// The metrics; `None` where no scores were kept, and of several classes.
    pub by_rows: Option<ByRows>,
    /// How far scores moved.
    pub drift: Vec<Drift>,
    /// How scores are spread and what they mean.
    pub scores: Vec<ScoreProfile>,
    /// What is said of scores without log-odds.
    pub notices: Vec<String>,
}

/// One slice.
struct Beside {
    drift: Vec<Drift>,
    drafts: Vec<Draft>,
}

impl Rows {
    /// Of a sample of a binary task or a regression.
    pub fn new(audit: &Audit, declared: &Declared, slices: &Slices, sample: Sample) -> Rows {
        let notices = certain(audit, declared, &sample);
        let (moved, profiles) = (drift::is_measured(audit, declared), Profiles::new(audit, declared, slices));
        let also = |slice: &str, part: &Part| Beside {
            drift: if moved { drift::distances(audit, slice, part) } else { Vec::new() },
            drafts: profiles.drafts(slice, part),
        };
        let (by_rows, told) = ByRows::telling(declared, slices, sample, (declared.shared, None), Some(&also));
        let (drift, drafts): (Vec<_>, Vec<_>) = told.into_iter().map(|one| (one.drift, one.drafts)).unzip();
        Rows {
            by_rows: Some(by_rows),
            drift: drift.into_iter().flatten().collect(),
            scores: profiles.of(drafts),
            notices,
        }
    }
}

/// One sentence for each model with scores that are kept away from 0 and 1 before a logarithm is taken.
fn certain(audit: &Audit, declared: &Declared, sample: &Sample) -> Vec<String> {
    let told = |(side, spec): (usize, Option<&ModelSpec>)| {
        let rows = sample.rows().iter().filter(|row| row.score[side] == 0.0 || row.score[side] == 1.0).count();
        let read = "log loss and calibration slope read them as 1e-15 away from it";
        (rows > 0).then(|| Some(format!("{} scores {rows} rows as exactly 0 or 1: {read}.", spec?.name)))?
    };
    let scored = |(side, _): &(usize, Option<&ModelSpec>)| declared.gives_scores[*side] && declared.labeled[*side];
    audit.sides().into_iter().enumerate().filter(scored).filter_map(told).collect()
}
