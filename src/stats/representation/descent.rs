//! The minimum of a convex function of which only gradients are seen, by BFGS of limited memory (Nocedal & Wright
//! 2006, algorithms 7.4 and 7.5) from a guess at the curvature. Who evaluates gradients evaluates those of many
//! functions at once: a descent says where it wants the next one, and is told.

use ndarray::Array1;

/// Steps that are remembered.
const MEMORY: usize = 24;
/// A step is too long where the slope at its end is more than this of the slope at its start, upwards.
const UPWARDS: f64 = 0.5;
/// How often a step is shortened.
const SHORTENED: usize = 30;

/// One search.
pub struct Descent {
    /// The best point so far.
    at: Array1<f64>,
    /// There, and as the guess at the curvature bends it.
    gradient: Option<[Array1<f64>; 2]>,
    direction: Array1<f64>,
    length: f64,
    shortened: usize,
    remembered: Vec<Step>,
    /// Where nothing is left to gain.
    pub done: bool,
}

struct Step {
    moved: Array1<f64>,
    risen: Array1<f64>,
    /// moved · risen.
    product: f64,
    /// The guess's solution of that.
    eased: Array1<f64>,
}

impl Descent {
    /// From this point.
    pub fn from(at: Array1<f64>) -> Descent {
        let direction = Array1::zeros(at.len());
        Descent { at, gradient: None, direction, length: 0.0, shortened: 0, remembered: Vec::new(), done: false }
    }

    /// Where the gradient is asked for.
    pub fn asks(&self) -> Array1<f64> {
        &self.at + &(&self.direction * self.length)
    }

    /// The point that was found.
    pub fn found(self) -> Array1<f64> {
        self.at
    }

    /// Takes the gradient at the point that was asked for, and what the guess at the curvature makes of it. The search
    /// ends where that leaves less than `exact` to gain.
    pub fn told(&mut self, gradient: Array1<f64>, guessed: Array1<f64>, exact: f64) {
        if self.too_long(&gradient) {
            return;
        }
        if let Some([before, guessed_before]) = &self.gradient {
            let (moved, risen) = (&self.direction * self.length, &gradient - before);
            let step = Step { product: moved.dot(&risen), eased: &guessed - guessed_before, moved, risen };
            self.at += &step.moved;
            self.remember(step);
        }
        let left = gradient.dot(&guessed);
        self.done = left.is_nan() || left <= exact || self.shortened >= SHORTENED;
        self.direction = -self.bent(&gradient, &guessed);
        self.gradient = Some([gradient, guessed]);
        (self.length, self.shortened) = (1.0, 0);
    }

    /// Shortens a step at whose end it goes up too steeply.
    fn too_long(&mut self, gradient: &Array1<f64>) -> bool {
        let Some([before, _]) = &self.gradient else { return false };
        let (start, end) = (before.dot(&self.direction), gradient.dot(&self.direction));
        if end <= -UPWARDS * start || self.shortened >= SHORTENED {
            return false;
        }
        // Where a parabola with these slopes has its lowest point.
        self.length *= start / (start - end);
        self.shortened += 1;
        true
    }

    fn remember(&mut self, step: Step) {
        if step.product <= 0.0 || step.risen.dot(&step.eased) <= 0.0 {
            return;
        }
        if self.remembered.len() == MEMORY {
            self.remembered.remove(0);
        }
        self.remembered.push(step);
    }

    /// The gradient as the curvature seen so far bends it; `guessed` is how the guess alone does.
    fn bent(&self, gradient: &Array1<f64>, guessed: &Array1<f64>) -> Array1<f64> {
        // The guess is linear, so that its solution is known of all that is taken away.
        let (mut left, mut bent) = (gradient.clone(), guessed.clone());
        let mut shares = Vec::new();
        for step in self.remembered.iter().rev() {
            let share = step.moved.dot(&left) / step.product;
            left.scaled_add(-share, &step.risen);
            bent.scaled_add(-share, &step.eased);
            shares.push(share);
        }
        bent *= self.remembered.last().map_or(1.0, |step| step.product / step.risen.dot(&step.eased));
        for (step, share) in self.remembered.iter().zip(shares.iter().rev()) {
            let back = step.risen.dot(&bent) / step.product;
            bent.scaled_add(share - back, &step.moved);
        }
        bent
    }
}
