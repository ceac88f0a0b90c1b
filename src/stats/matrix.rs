//! Dense products and solutions in float64.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};

/// Columns of a Gram matrix that are found at once; what is above the diagonal panel is not found twice.
const PANEL: usize = 96;

/// Adds X'X to the upper half of `gram`; what lies below its diagonal is left undefined.
pub fn add_gram(gram: &mut Array2<f64>, x: ArrayView2<f64>) {
    let size = x.ncols();
    for low in (0..size).step_by(PANEL) {
        let high = (low + PANEL).min(size);
        let mut target = gram.slice_mut(s![..high, low..high]);
        general_mat_mul(1.0, &x.slice(s![.., ..high]).t(), &x.slice(s![.., low..high]), 1.0, &mut target);
    }
}

/// Copies the upper half to the lower.
pub fn mirrored(mut a: Array2<f64>) -> Array2<f64> {
    for i in 0..a.nrows() {
        for j in 0..i {
            a[[i, j]] = a[[j, i]];
        }
    }
    a
}

/// A symmetric positive matrix, factored as LL' (Cholesky): what it takes to solve with it.
pub struct Factored(Array2<f64>);

impl Factored {
    /// From its lower half; `None` where the matrix is not positive.
    pub fn new(mut a: Array2<f64>) -> Option<Factored> {
        for i in 0..a.nrows() {
            let (above, mut own) = a.view_mut().split_at(ndarray::Axis(0), i);
            let mut row = own.row_mut(0);
            for j in 0..i {
                let known = above.slice(s![j, ..j]).dot(&row.slice(s![..j]));
                row[j] = (row[j] - known) / above[[j, j]];
            }
            let left = row[i] - row.slice(s![..i]).dot(&row.slice(s![..i]));
            if left.is_nan() || left <= 0.0 {
                return None;
            }
            row[i] = left.sqrt();
        }
        Some(Factored(a))
    }

    /// How many unknowns.
    pub fn size(&self) -> usize {
        self.0.nrows()
    }

    /// The solution of Ax = b.
    pub fn solved(&self, b: ArrayView1<f64>) -> Array1<f64> {
        let (l, mut x) = (&self.0, b.to_owned());
        for i in 0..x.len() {
            x[i] = (x[i] - l.slice(s![i, ..i]).dot(&x.slice(s![..i]))) / l[[i, i]];
        }
        for i in (0..x.len()).rev() {
            x[i] /= l[[i, i]];
            let solved = x[i];
            x.slice_mut(s![..i]).scaled_add(-solved, &l.slice(s![i, ..i]));
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_gram_matrix_is_found_by_panels() {
        let x = Array2::from_shape_fn((7, 230), |(i, j)| ((i * 31 + j * 17) % 23) as f64 - 11.0);
        let mut gram = Array2::zeros((230, 230));
        add_gram(&mut gram, x.view());
        add_gram(&mut gram, x.view());
        assert_eq!(mirrored(gram), x.t().dot(&x) * 2.0);
    }

    #[test]
    fn a_system_is_solved() {
        let a = array![[4.0, 2.0, 0.0], [2.0, 5.0, 3.0], [0.0, 3.0, 6.0]];
        let solved = Factored::new(a.clone()).expect("it is positive").solved(array![2.0, 1.0, 4.0].view());
        assert!((a.dot(&solved) - array![2.0, 1.0, 4.0]).iter().all(|off| off.abs() < 1e-14));
        assert!(Factored::new(array![[1.0, 2.0], [2.0, 1.0]]).is_none());
        assert!(Factored::new(array![[f64::NAN]]).is_none());
    }
}
