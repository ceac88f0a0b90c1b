//! Points: the multiset of (atoms, labels, scores), kept only where a threshold needs the whole data.

use super::{Cell, Class};

/// One row's scores before a threshold is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Index into [`Points::kinds`]: the row's atom in each lattice.
    pub kind: u32,
    /// Labels for base and tuned.
    pub label: [Option<Class>; 2],
    /// Scores of base and tuned; NaN is "said nothing".
    pub score: [f64; 2],
}

/// All points, with the distinct tuples of atoms that they refer to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Points {
    /// One tuple an entry: the atom in each lattice.
    pub kinds: Vec<Vec<u32>>,
    /// The rows.
    pub rows: Vec<Point>,
}

impl Points {
    /// The cell of a point, once each model has a threshold: positive where the score reaches it.
    pub fn cell(point: &Point, thresholds: [f64; 2]) -> Cell {
        let decide = |side: usize| {
            let score = point.score[side];
            (!score.is_nan()).then(|| Class::from(score >= thresholds[side]))
        };
        Cell { label: point.label, said: [decide(0), decide(1)] }
    }
}
