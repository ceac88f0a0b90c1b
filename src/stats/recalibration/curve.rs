//! Logistic regression of a label on one number, from sums over cells of that number.

use super::newton::{Fit, Newton, Unfit, climb};
use super::series::{NARROW, Powers, Series, TERMS, summed};

/// Cells of equal width over the range of a number.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    low: f64,
    /// Half the width of a cell.
    half: f64,
    cells: usize,
}

impl Grid {
    /// At most as wide, where slopes are about 1, as a series takes; of a narrow range, where they may be larger, so
    /// many.
    const WIDEST: f64 = 0.125;
    const FEWEST: f64 = 128.0;

    /// Over the range of some numbers.
    pub fn new(numbers: impl Iterator<Item = f64>) -> Grid {
        let (low, high) = numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let range = if high > low { high - low } else { 0.0 };
        let width = if range > 0.0 { (range / Grid::FEWEST).min(Grid::WIDEST) } else { Grid::WIDEST };
        Grid { low, half: width / 2.0, cells: (range / width) as usize + 1 }
    }

    /// How many cells there are.
    pub fn cells(&self) -> usize {
        self.cells
    }

    /// The cell of a number, and how far it is from the cell's middle, in halves of its width.
    #[inline]
    pub fn place(&self, number: f64) -> (usize, f64) {
        let cell = (((number - self.low) / (2.0 * self.half)) as usize).min(self.cells - 1);
        (cell, (number - self.middle(cell)) / self.half)
    }

    fn middle(&self, cell: usize) -> f64 {
        self.low + (2 * cell + 1) as f64 * self.half
    }

    /// The chance in a cell, by distance.
    fn series(&self, [intercept, slope]: [f64; 2], cell: usize) -> Series {
        Series::new(intercept + slope * self.middle(cell), slope * self.half)
    }
}

/// Of a cell without rows.
const NONE: [Powers; 2] = [[0.0; TERMS]; 2];

/// Of every cell the sums of powers over its rows, of negatives and of positives.
#[derive(Debug, Clone)]
pub struct Curve {
    grid: Grid,
    cells: Vec<[Powers; 2]>,
}

impl Curve {
    /// Of no rows.
    pub fn new(grid: Grid) -> Curve {
        Curve { grid, cells: vec![NONE; grid.cells()] }
    }

    /// Adds the sums over rows of one label in one cell.
    pub fn add(&mut self, cell: usize, positive: bool, sums: &Powers) {
        let own = &mut self.cells[cell][usize::from(positive)];
        own.iter_mut().zip(sums).for_each(|(own, sum)| *own += sum);
    }

    /// The rows that are not among `others`, which are rows of this one.
    pub fn without(&self, others: &Curve) -> Curve {
        let less = |own: &Powers, other: &Powers| std::array::from_fn(|power| own[power] - other[power]);
        let cells = self.cells.iter().zip(&others.cells);
        let cells = cells.map(|(own, other)| [0, 1].map(|label| less(&own[label], &other[label]))).collect();
        Curve { grid: self.grid, cells }
    }

    /// What the negatives and the positives weigh.
    pub fn weights(&self) -> [f64; 2] {
        [0, 1].map(|label| self.cells.iter().map(|cell| cell[label][0]).sum())
    }

    /// The regression; `Undefined` too where one label is missing.
    ///
    /// # Errors
    ///
    /// Where there is none, or cells are too wide for its slope.
    pub fn fit(&self) -> Result<Fit, Unfit> {
        let both = self.weights().iter().all(|weight| *weight > 0.0);
        if both { climb(|at| self.newton(at)) } else { Err(Unfit::Undefined) }
    }

    fn newton(&self, at: [f64; 2]) -> Result<Newton, Unfit> {
        let reach = (at[1] * self.grid.half).abs();
        if reach.is_nan() || reach >= NARROW {
            return Err(Unfit::TooWide);
        }
        let mut newton = Newton::default();
        for (place, cell) in self.occupied() {
            let series = self.grid.series(at, place);
            let (middle, half) = (self.grid.middle(place), self.grid.half);
            let both: Powers = std::array::from_fn(|power| cell[0][power] + cell[1][power]);
            let left = [0, 1].map(|raised| cell[1][raised] - summed(&series.chance, &both, raised));
            let spread = [0, 1, 2].map(|raised| summed(&series.spread, &both, raised));
            let squared = middle * middle * spread[0] + half * (2.0 * middle * spread[1] + half * spread[2]);
            newton.add(left[0], middle * left[0] + half * left[1]);
            newton.curve(spread[0], middle * spread[0] + half * spread[1], squared);
        }
        Ok(newton)
    }

    fn occupied(&self) -> impl Iterator<Item = (usize, &[Powers; 2])> {
        self.cells.iter().enumerate().filter(|(_, cell)| cell[0][0] != 0.0 || cell[1][0] != 0.0)
    }

    /// Σ over rows of how far each moves the slope, squared.
    pub fn variance(&self, fit: &Fit) -> f64 {
        let of_cell = |(place, cell): (usize, &[Powers; 2])| {
            let series = self.grid.series(fit.at, place);
            let [own, along] = self.moved(fit, place);
            let of_label = |label: usize| {
                let squared = series.left_squared(label == 1);
                let [plain, once, twice] = [0, 1, 2].map(|raised| summed(&squared, &cell[label], raised));
                own * own * plain + along * (2.0 * own * once + along * twice)
            };
            of_label(0) + of_label(1)
        };
        self.occupied().map(of_cell).sum::<f64>().max(0.0)
    }

    /// By cell, of negatives and positives: how far a row moves the slope, by distance.
    pub fn influences(&self, fit: &Fit) -> Vec<[Powers; 2]> {
        let mut found = vec![NONE; self.cells.len()];
        for (place, _) in self.occupied() {
            let series = self.grid.series(fit.at, place);
            let [own, along] = self.moved(fit, place);
            found[place] = [false, true].map(|positive| {
                let left = series.left(positive);
                let before = |power: usize| if power == 0 { 0.0 } else { left[power - 1] };
                std::array::from_fn(|power| own * left[power] + along * before(power))
            });
        }
        found
    }

    /// How far what a label leaves moves the slope: in the middle of a cell, and more by distance.
    fn moved(&self, fit: &Fit, place: usize) -> [f64; 2] {
        [fit.moves(self.grid.middle(place)), fit.inverse[2] * self.grid.half]
    }
}
