//! Pure numerics: intervals, the Quad, corrections for multiplicity and seeded draws.
//!
//! Nothing here knows a metric, a file or a verdict.

mod interval;
mod multiplicity;
mod paired;
mod quad;
mod random;

pub use interval::{Interval, level_of, mover_ratio, newcombe, quantile_of, wilson};
pub use multiplicity::{benjamini_hochberg, benjamini_yekutieli, holm};
pub use paired::Paired;
pub use quad::{Contrast, Curve, Duo, Quad};
pub use random::{Dirichlet, Draws, bivariate_normal, multinomial, percentiles};
