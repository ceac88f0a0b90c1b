//! Similarity of two embeddings of the same rows, from moments that add up.

use super::Undefined;
use super::spectrum::singular_values;
use crate::stats::matrix::{add_gram, mirrored};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis};

/// The moments of two embeddings of the same rows. Their size is that of the widths squared, whatever the rows.
///
/// Moments are taken about the first row that was added, so that a constant embedding has none at all, and those
/// of the middle lose little by cancellation. Parts that were added apart are merged by moving them to one centre.
#[derive(Debug, Clone, Default)]
pub struct Similarity {
    moments: Option<Moments>,
    trouble: Option<Undefined>,
}

impl Similarity {
    /// Rows more, the same of either embedding in the same order.
    pub fn add(&mut self, x: ArrayView2<f32>, y: ArrayView2<f32>) {
        if let Err(trouble) = self.fits(x, y) {
            self.trouble.get_or_insert(trouble);
        } else if x.nrows() > 0 {
            self.moments.get_or_insert_with(|| Moments::about(x, y)).add(x, y);
        }
    }

    fn fits(&self, x: ArrayView2<f32>, y: ArrayView2<f32>) -> Result<(), Undefined> {
        let others = self.moments.as_ref().is_some_and(|moments| moments.widths() != [x.ncols(), y.ncols()]);
        match x.iter().chain(y).all(|value| value.is_finite()) {
            _ if x.nrows() != y.nrows() || others => Err(Undefined::OtherRows),
            false => Err(Undefined::NotFinite),
            true => Ok(()),
        }
    }

    /// The rows of both.
    pub fn merge(self, other: Similarity) -> Similarity {
        let trouble = self.trouble.or(other.trouble);
        match (self.moments, other.moments) {
            (Some(own), Some(other)) => Similarity::joined(own, other, 1.0, trouble),
            (own, other) => Similarity { moments: own.or(other), trouble },
        }
    }

    /// The rows of this one without those of a part of it.
    pub fn minus(self, part: Similarity) -> Similarity {
        let trouble = self.trouble.or(part.trouble);
        match (self.moments, part.moments) {
            (Some(own), Some(part)) if own.rows >= part.rows => Similarity::joined(own, part, -1.0, trouble),
            (own, None) => Similarity { moments: own, trouble },
            (own, Some(_)) => Similarity { moments: own, trouble: trouble.or(Some(Undefined::OtherRows)) },
        }
    }

    fn joined(own: Moments, other: Moments, times: f64, trouble: Option<Undefined>) -> Similarity {
        if own.widths() != other.widths() {
            return Similarity { moments: Some(own), trouble: trouble.or(Some(Undefined::OtherRows)) };
        }
        Similarity { moments: Some(own.with(other, times)), trouble }
    }

    /// How many rows were added.
    pub fn rows(&self) -> u64 {
        self.moments.as_ref().map_or(0, |moments| moments.rows as u64)
    }

    /// Unbiased linear CKA: HSIC₁(K, L) / √(HSIC₁(K, K) HSIC₁(L, L)), K = XX', L = YY' (Kornblith et al. 2019 with
    /// the estimator of Song et al. 2012). At most 1; around 0, and below it as often, where X and Y have nothing in
    /// common.
    ///
    /// HSIC₁ does not change when an embedding is moved, and about the mean it is a sum over few moments: with
    /// A = X'Y, t = Σ|x|², q = Σ|x|²|y|² it is (‖A‖² − q + t t / ((n − 1)(n − 2)) − 2 q / (n − 2)) / (n (n − 3)).
    pub fn cka(&self) -> Result<f64, Undefined> {
        let moments = self.sound(4.0)?;
        let n = moments.rows;
        let spread = [moments.trace(0), moments.trace(1)];
        let hsic = |joint: &Joint, t: f64| {
            joint.squared() - joint.square - 2.0 * joint.square / (n - 2.0) + t / ((n - 1.0) * (n - 2.0))
        };
        let [xx, xy, yy] = &moments.joints;
        let own = [hsic(xx, spread[0] * spread[0]), hsic(yy, spread[1] * spread[1])];
        // Rows that are all as far from each other have none left but by rounding.
        if own.iter().zip(spread).any(|(own, spread)| *own <= 1e-12 * spread * spread) {
            return Err(Undefined::NoSpread);
        }
        Ok(hsic(xy, spread[0] * spread[1]) / (own[0].sqrt() * own[1].sqrt()))
    }

    /// The orthogonal Procrustes distance d² = ‖X‖² + ‖Y‖² − 2‖X'Y‖_* of embeddings that are centred and of Frobenius
    /// norm 1: 0 where one is a rotation of the other, at most 2.
    pub fn procrustes(&self) -> Result<f64, Undefined> {
        let moments = self.sound(2.0)?;
        let size = moments.trace(0).sqrt() * moments.trace(1).sqrt();
        let nuclear: f64 = singular_values(moments.joints[1].product.clone()).iter().sum();
        Ok((2.0 - 2.0 * nuclear / size).max(0.0))
    }

    /// The moments about the mean, of so many rows at least, with some spread on either side.
    fn sound(&self, least: f64) -> Result<Moments, Undefined> {
        let moments = match (self.trouble, &self.moments) {
            (Some(trouble), _) => return Err(trouble),
            (None, Some(moments)) if moments.rows >= least => moments.clone().about_the_mean(),
            _ => return Err(Undefined::TooFewRows),
        };
        let flat = |side: usize| moments.trace(side) <= REST_OF_ROUNDING * moments.whole[side];
        if flat(0) || flat(1) { Err(Undefined::NoSpread) } else { Ok(moments) }
    }
}

/// What is left of a sum of squares when rows are taken away, below which it is rounding.
const REST_OF_ROUNDING: f64 = 1e-10;

/// Moments about a centre, of x and x, x and y, y and y.
#[derive(Debug, Clone)]
struct Moments {
    /// A whole number.
    rows: f64,
    centre: [Array1<f64>; 2],
    sum: [Array1<f64>; 2],
    joints: [Joint; 3],
    /// Σ |u|² of the whole that rows were taken away from, of either side.
    whole: [f64; 2],
}

/// Which two sides a joint moment is of.
const SIDES: [[usize; 2]; 3] = [[0, 0], [0, 1], [1, 1]];

/// Moments of one embedding u with another, v. Of one with itself only the upper half of `product` counts.
#[derive(Debug, Clone)]
struct Joint {
    /// Σ u v'.
    product: Array2<f64>,
    /// Σ u |v|² and Σ v |u|².
    third: [Array1<f64>; 2],
    /// Σ |u|² |v|².
    square: f64,
}

impl Moments {
    /// None yet, about the first of these rows.
    fn about(x: ArrayView2<f32>, y: ArrayView2<f32>) -> Moments {
        let centre = [x, y].map(|side| side.row(0).mapv(f64::from));
        let widths = centre.each_ref().map(Array1::len);
        let joints = SIDES.map(|sides| Joint::zero(sides.map(|side| widths[side])));
        Moments { rows: 0.0, centre, sum: widths.map(Array1::zeros), joints, whole: [0.0; 2] }
    }

    fn widths(&self) -> [usize; 2] {
        self.centre.each_ref().map(Array1::len)
    }

    fn add(&mut self, x: ArrayView2<f32>, y: ArrayView2<f32>) {
        let sides = [(x, &self.centre[0]), (y, &self.centre[1])].map(|(side, centre)| side.mapv(f64::from) - centre);
        let norms = sides.each_ref().map(|side| side.map_axis(Axis(1), |row| row.dot(&row)));
        self.rows += x.nrows() as f64;
        for (sum, side) in self.sum.iter_mut().zip(&sides) {
            *sum += &side.sum_axis(Axis(0));
        }
        for (joint, [u, v]) in self.joints.iter_mut().zip(SIDES) {
            joint.add([&sides[u], &sides[v]], [&norms[u], &norms[v]], u == v);
        }
    }

    /// Σ |u|².
    fn trace(&self, side: usize) -> f64 {
        self.joints[2 * side].product.diag().sum()
    }

    fn about_the_mean(self) -> Moments {
        let mean = [0, 1].map(|side| &self.centre[side] + &(&self.sum[side] / self.rows));
        self.moved(mean)
    }

    /// The same about another centre.
    fn moved(mut self, centre: [Array1<f64>; 2]) -> Moments {
        let by = [0, 1].map(|side| &centre[side] - &self.centre[side]);
        let squares = [self.trace(0), self.trace(1)];
        for (joint, sides) in self.joints.iter_mut().zip(SIDES) {
            if sides[0] == sides[1] {
                joint.product = mirrored(std::mem::take(&mut joint.product));
            }
            let of = |side: usize| Side { rows: self.rows, sum: &self.sum[side], square: squares[side], by: &by[side] };
            joint.move_by(sides.map(of));
        }
        for (sum, by) in self.sum.iter_mut().zip(&by) {
            sum.scaled_add(-self.rows, by);
        }
        Moments { centre, ..self }
    }

    /// Those of another set of rows added, or taken away (`times` = −1).
    fn with(mut self, other: Moments, times: f64) -> Moments {
        let whole = [0, 1].map(|side| self.whole[side].max(other.whole[side]).max(self.trace(side)));
        let other = other.moved(self.centre.clone());
        self.rows += times * other.rows;
        for (own, other) in self.sum.iter_mut().zip(&other.sum) {
            own.scaled_add(times, other);
        }
        for (own, other) in self.joints.iter_mut().zip(&other.joints) {
            own.product.scaled_add(times, &other.product);
            own.third.iter_mut().zip(&other.third).for_each(|(own, other)| own.scaled_add(times, other));
            own.square += times * other.square;
        }
        Moments { whole, ..self }
    }
}

/// One side of a joint moment, and by how much its centre moves.
struct Side<'a> {
    rows: f64,
    sum: &'a Array1<f64>,
    /// Σ |u|².
    square: f64,
    by: &'a Array1<f64>,
}

impl Side<'_> {
    /// How far it moves, squared.
    fn far(&self) -> f64 {
        self.by.dot(self.by)
    }

    /// Σ |u|² about the new centre.
    fn square_moved(&self) -> f64 {
        self.square - 2.0 * self.by.dot(self.sum) + self.rows * self.far()
    }
}

impl Joint {
    fn zero([u, v]: [usize; 2]) -> Joint {
        Joint { product: Array2::zeros((u, v)), third: [Array1::zeros(u), Array1::zeros(v)], square: 0.0 }
    }

    fn add(&mut self, [u, v]: [&Array2<f64>; 2], norms: [&Array1<f64>; 2], same: bool) {
        if same {
            add_gram(&mut self.product, u.view());
        } else {
            general_mat_mul(1.0, &u.t(), v, 1.0, &mut self.product);
        }
        self.third[0] += &u.t().dot(norms[1]);
        self.third[1] += &v.t().dot(norms[0]);
        self.square += norms[0].dot(norms[1]);
    }

    /// ‖Σ u v'‖².
    fn squared(&self) -> f64 {
        self.product.iter().map(|value| value * value).sum()
    }

    /// Every moment of u − δ and v − ε, multiplied out.
    fn move_by(&mut self, [u, v]: [Side; 2]) {
        let crossed = [self.product.dot(v.by), self.product.t().dot(u.by)];
        let [first, second] = &self.third;
        self.square += -2.0 * (v.by.dot(second) + u.by.dot(first))
            + v.far() * (u.square - 2.0 * u.by.dot(u.sum))
            + u.far() * (v.square - 2.0 * v.by.dot(v.sum))
            + 4.0 * u.by.dot(&crossed[0])
            + u.rows * u.far() * v.far();
        let third = |third: &mut Array1<f64>, crossed: &Array1<f64>, own: &Side, other: &Side| {
            third.scaled_add(-2.0, crossed);
            third.scaled_add(other.far(), own.sum);
            third.scaled_add(-other.square_moved(), own.by);
        };
        third(&mut self.third[0], &crossed[0], &u, &v);
        third(&mut self.third[1], &crossed[1], &v, &u);
        let outer =
            |a: &Array1<f64>, b: &Array1<f64>| a.view().insert_axis(Axis(1)).dot(&b.view().insert_axis(Axis(0)));
        self.product -= &outer(u.sum, v.by);
        self.product -= &outer(u.by, &(v.sum - &(v.by * u.rows)));
    }
}
