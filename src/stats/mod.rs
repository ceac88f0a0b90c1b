//! Pure numerics: intervals, the Quad, corrections for multiplicity and seeded draws.
//!
//! Nothing here knows a metric, a file or a verdict.

mod apart;
mod areas;
mod associations;
mod distances;
mod drift;
mod dual;
mod fourfold;
mod groups;
mod influence;
mod interval;
mod likelihood;
mod marginal;
mod matrix;
mod mcnemar;
mod moments;
mod multiplicity;
mod paired;
mod path;
mod quad;
mod random;
mod ranks;
mod recalibration;
pub mod representation;
mod shrink;
mod stratified;
mod student;
mod sum;
mod twin;
mod york;

pub use apart::apart;
pub use areas::{Area, Areas, Ranked, Ranking};
pub use associations::{Association, association};
pub use distances::{Distances, apart_by};
pub use drift::{MovedRows, Shares, Shift, stability_of_counts};
pub use dual::Dual;
pub use fourfold::Fourfold;
pub use influence::{
    Influenced, Scale, Spread, Summed, Units, across, area, correlation, covariance, duo, duo_of, mean,
};
pub use interval::{Interval, level_of, mover_ratio, newcombe, quantile_of, wilson};
pub use likelihood::{common, log_share};
pub use marginal::{Limits, Marginal};
pub use mcnemar::mcnemar;
pub use moments::{Moments, others};
pub use multiplicity::{benjamini_hochberg, benjamini_yekutieli, holm, mean_errors};
pub use paired::Paired;
pub use path::{Path, Paths};
pub use quad::{Contrast, Curves, Duo, Quad};
pub use random::{Dirichlet, Draws, Tail, bivariate_normal, multinomial, normal, percentiles};
pub use recalibration::{Rated, Recalibrations, Slopes, recalibrated};
pub use shrink::shrunk;
pub use stratified::{Common, Stratum, common_change, common_difference, common_odds_ratio, shared};
pub use sum::Sum;
pub use twin::Twin;
pub use york::{Line, Uncertain, york};
