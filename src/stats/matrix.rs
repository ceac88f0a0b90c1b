//! Dense products and solutions in float64.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut2, Axis, s};
use std::ops::Range;

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

/// Columns of a factor that are found at once, and unknowns that are solved for at once.
const STRIP: usize = 48;

impl Factored {
    /// From its lower half; `None` where the matrix is not positive.
    pub fn new(mut a: Array2<f64>) -> Option<Factored> {
        let size = a.nrows();
        for low in (0..size).step_by(STRIP) {
            let width = STRIP.min(size - low);
            let (known, rest) = a.view_mut().split_at(Axis(1), low);
            let mut strip = rest.split_at(Axis(1), width).0.split_at(Axis(0), low).1;
            let (own, below) = (known.slice(s![low..low + width, ..]), known.slice(s![low.., ..]));
            general_mat_mul(-1.0, &below, &own.t(), 1.0, &mut strip);
            factor(strip)?;
        }
        Some(Factored(a))
    }

    /// The solution of Ax = b.
    pub fn solved(&self, b: ArrayView1<f64>) -> Array1<f64> {
        self.all_solved(b.insert_axis(Axis(1)).to_owned()).index_axis_move(Axis(1), 0)
    }

    /// The solutions of AX = B.
    pub fn all_solved(&self, mut x: Array2<f64>) -> Array2<f64> {
        let (l, size) = (&self.0, self.0.nrows());
        let strips: Vec<Range<usize>> = (0..size).step_by(STRIP).map(|low| low..(low + STRIP).min(size)).collect();
        for strip in &strips {
            let (above, mut own) = x.view_mut().split_at(Axis(0), strip.start);
            let mut own = own.slice_mut(s![..strip.len(), ..]);
            general_mat_mul(-1.0, &l.slice(s![strip.clone(), ..strip.start]), &above, 1.0, &mut own);
            for i in 0..strip.len() {
                let (known, mut row) = own.view_mut().split_at(Axis(0), i);
                let mut row = row.row_mut(0);
                known.rows().into_iter().enumerate().for_each(|(j, known)| {
                    row.scaled_add(-l[[strip.start + i, strip.start + j]], &known);
                });
                row /= l[[strip.start + i, strip.start + i]];
            }
        }
        for strip in strips.iter().rev() {
            let (own, below) = x.view_mut().split_at(Axis(0), strip.end);
            let mut own = own.split_at(Axis(0), strip.start).1;
            general_mat_mul(-1.0, &l.slice(s![strip.end.., strip.clone()]).t(), &below, 1.0, &mut own);
            for i in (0..strip.len()).rev() {
                let (mut row, known) = own.view_mut().split_at(Axis(0), i + 1);
                let mut row = row.row_mut(i);
                known.rows().into_iter().enumerate().for_each(|(j, known)| {
                    row.scaled_add(-l[[strip.start + i + 1 + j, strip.start + i]], &known);
                });
                row /= l[[strip.start + i, strip.start + i]];
            }
        }
        x
    }
}

/// Factors a strip of columns from its diagonal down; those left of it have been taken away.
fn factor(mut strip: ArrayViewMut2<f64>) -> Option<()> {
    let width = strip.ncols();
    for i in 0..strip.nrows() {
        let (above, mut own) = strip.view_mut().split_at(Axis(0), i);
        let mut row = own.row_mut(0);
        for j in 0..i.min(width) {
            let known = above.slice(s![j, ..j]).dot(&row.slice(s![..j]));
            row[j] = (row[j] - known) / above[[j, j]];
        }
        if i < width {
            let left = row[i] - row.slice(s![..i]).dot(&row.slice(s![..i]));
            if left.is_nan() || left <= 0.0 {
                return None;
            }
            row[i] = left.sqrt();
        }
    }
    Some(())
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

    #[test]
    fn a_system_of_several_strips_is_solved() {
        let half =
            Array2::from_shape_fn((130, 130), |(i, j)| ((i * 37 + j * 91 + i * j * 13) % 101) as f64 / 50.0 - 1.0);
        let a = half.dot(&half.t()) + Array2::<f64>::eye(130);
        let b = Array2::from_shape_fn((130, 3), |(i, j)| (i * (j + 2) % 7) as f64);
        let solved = Factored::new(a.clone()).expect("it is positive").all_solved(b.clone());
        assert!((a.dot(&solved) - b).iter().all(|off| off.abs() < 1e-9));
    }
}
