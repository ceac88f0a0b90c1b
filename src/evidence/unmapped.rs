//! How much of a model's answers went to classes that its class map leaves out.

use serde::{Deserialize, Serialize};

/// A probability in whole steps, so that the order in which rows are added does not show.
const STEPS: f64 = (1_u64 << 32) as f64;

/// Of one model, over all rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmapped {
    /// Rows that it answered.
    pub of: u64,
    /// Rows whose largest class is left out.
    pub rows: u64,
    /// The probability of the classes that are left out, in steps of 2^-32.
    mass: u64,
}

impl Unmapped {
    /// Adds other rows.
    pub fn merge(&mut self, other: &Unmapped) {
        self.of += other.of;
        self.rows += other.rows;
        self.mass = self.mass.saturating_add(other.mass);
    }

    /// The mean probability of what is left out; 0 without rows.
    pub fn share(&self) -> f64 {
        if self.of == 0 { 0.0 } else { self.mass as f64 / STEPS / self.of as f64 }
    }
}

/// From the probability left out of each row, and whether its largest class is.
impl FromIterator<(f64, bool)> for Unmapped {
    fn from_iter<T: IntoIterator<Item = (f64, bool)>>(rows: T) -> Unmapped {
        rows.into_iter().fold(Unmapped::default(), |mut all, (mass, lost)| {
            all.merge(&Unmapped { of: 1, rows: u64::from(lost), mass: (mass.clamp(0.0, 1.0) * STEPS).round() as u64 });
            all
        })
    }
}
