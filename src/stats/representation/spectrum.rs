//! Eigenvalues and singular values, by reduction to few diagonals and shifted QL steps (Golub & Van Loan 2013,
//! chapter 8). Vectors are never made: what is asked of them is asked of a few given vectors.

use ndarray::{Array1, Array2, ArrayViewMut1, Axis, s};

/// QL steps for one eigenvalue, of which two or three are the rule.
const STEPS: usize = 60;

/// The singular values of a matrix, in no order: its nuclear norm is their sum.
pub fn singular_values(a: Array2<f64>) -> Vec<f64> {
    let (diagonal, above) = bidiagonal(if a.nrows() < a.ncols() { a.reversed_axes() } else { a });
    // The symmetric matrix with these two numbers in turn beside a diagonal of zeros has the eigenvalues ±σ.
    let beside =
        diagonal.iter().zip(&above).flat_map(|(own, next)| [*own, *next]).take((2 * diagonal.len()).max(1) - 1);
    let mut values = vec![0.0; 2 * diagonal.len()];
    diagonalize(&mut values, beside.collect(), &mut Array2::zeros((2 * diagonal.len(), 0)));
    values.sort_by(|a, b| b.total_cmp(a));
    values.truncate(diagonal.len());
    values.iter_mut().for_each(|value| *value = value.max(0.0));
    values
}

/// The eigenvalues of a symmetric matrix, and the columns of `vectors` in the basis of its eigenvectors.
pub fn eigenvalues(mut a: Array2<f64>, vectors: &mut Array2<f64>) -> Vec<f64> {
    let size = a.nrows();
    let mut beside = Vec::with_capacity(size);
    for at in 0..size.saturating_sub(1) {
        let mut column = a.slice(s![at + 1.., at]).to_owned();
        let (length, times) = reflector(column.view_mut());
        beside.push(length);
        let mut rest = a.slice_mut(s![at + 1.., at + 1..]);
        let mut moved = rest.dot(&column) * times;
        let along = times / 2.0 * moved.dot(&column);
        moved.scaled_add(-along, &column);
        for (i, mut row) in rest.axis_iter_mut(Axis(0)).enumerate() {
            row.scaled_add(-column[i], &moved);
            row.scaled_add(-moved[i], &column);
        }
        let mut turned = vectors.slice_mut(s![at + 1.., ..]);
        reflect(&mut turned, &column, times);
    }
    let mut values = a.diag().to_vec();
    diagonalize(&mut values, beside, vectors);
    values
}

/// Turns x into the v of the reflection I − times v v' that leaves of x only its first place, with this number.
fn reflector(mut x: ArrayViewMut1<f64>) -> (f64, f64) {
    let largest = x.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    if largest == 0.0 || x.len() == 1 {
        let first = x.first().copied().unwrap_or_default();
        x.fill(0.0);
        return (first, 0.0);
    }
    x /= largest;
    let length = x.dot(&x).sqrt();
    let left = if x[0] > 0.0 { -length } else { length };
    x[0] -= left;
    (left * largest, 2.0 / x.dot(&x))
}

/// (I − times v v') A.
fn reflect(a: &mut ndarray::ArrayViewMut2<f64>, v: &Array1<f64>, times: f64) {
    let along = v.dot(a) * times;
    for (mut row, v) in a.axis_iter_mut(Axis(0)).zip(v) {
        row.scaled_add(-v, &along);
    }
}

/// The two diagonals of a matrix with at least as many rows as columns, after reflections of rows and of columns;
/// the second has a 0 at its end.
fn bidiagonal(mut a: Array2<f64>) -> (Vec<f64>, Vec<f64>) {
    let (mut own, mut above) = (Vec::new(), Vec::new());
    for at in 0..a.ncols() {
        let mut column = a.slice(s![at.., at]).to_owned();
        let (length, times) = reflector(column.view_mut());
        own.push(length);
        reflect(&mut a.slice_mut(s![at.., at + 1..]), &column, times);
        let mut row = a.slice(s![at, at + 1..]).to_owned();
        let (length, times) = reflector(row.view_mut());
        above.push(length);
        for mut other in a.slice_mut(s![at + 1.., at + 1..]).axis_iter_mut(Axis(0)) {
            let along = times * other.dot(&row);
            other.scaled_add(-along, &row);
        }
    }
    (own, above)
}

/// Turns the diagonal of a symmetric matrix with three diagonals into its eigenvalues, by QL steps with Wilkinson's
/// shift, and the rows of `vectors` along with it.
fn diagonalize(values: &mut [f64], mut beside: Vec<f64>, vectors: &mut Array2<f64>) {
    beside.resize(values.len(), 0.0);
    for low in 0..values.len() {
        for _ in 0..STEPS {
            let apart = |at: &usize| {
                let size = values[*at].abs() + values[*at + 1].abs();
                size + beside[*at].abs() == size || beside[*at].abs() < f64::MIN_POSITIVE
            };
            let high = (low..values.len() - 1).find(apart).unwrap_or(values.len() - 1);
            if high == low {
                break;
            }
            step(values, &mut beside, vectors, low..high);
        }
    }
}

/// One QL step on the block from `start` to `end`, which is in it.
fn step(values: &mut [f64], beside: &mut [f64], vectors: &mut Array2<f64>, block: std::ops::Range<usize>) {
    let (low, high) = (block.start, block.end);
    let half = (values[low + 1] - values[low]) / (2.0 * beside[low]);
    let shift = beside[low] / (half + 1.0_f64.hypot(half).copysign(half));
    let mut bulge = values[high] - values[low] + shift;
    let (mut sine, mut cosine, mut taken) = (1.0, 1.0, 0.0);
    for at in block.rev() {
        let (outer, inner) = (sine * beside[at], cosine * beside[at]);
        let length = outer.hypot(bulge);
        beside[at + 1] = length;
        if length == 0.0 {
            values[at + 1] -= taken;
            beside[high] = 0.0;
            return;
        }
        (sine, cosine) = (outer / length, bulge / length);
        bulge = values[at + 1] - taken;
        let turned = (values[at] - bulge) * sine + 2.0 * cosine * inner;
        taken = sine * turned;
        values[at + 1] = bulge + taken;
        bulge = cosine * turned - inner;
        turn(vectors, at, sine, cosine);
    }
    values[low] -= taken;
    beside[low] = bulge;
    beside[high] = 0.0;
}

/// Turns the rows `at` and `at + 1` into each other.
fn turn(vectors: &mut Array2<f64>, at: usize, sine: f64, cosine: f64) {
    for mut column in vectors.columns_mut() {
        let (own, next) = (column[at], column[at + 1]);
        column[at + 1] = sine * own + cosine * next;
        column[at] = cosine * own - sine * next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn some(rows: usize, columns: usize) -> Array2<f64> {
        Array2::from_shape_fn((rows, columns), |(i, j)| ((i * 37 + j * 91 + i * j * 13) % 101) as f64 / 50.0 - 1.0)
    }

    #[test]
    fn given_vectors_turn_into_the_basis_of_the_eigenvectors() {
        for size in [1, 2, 3, 17, 40] {
            let half = some(size, size);
            let a = &half + &half.t();
            let mut basis = Array2::eye(size);
            let values = eigenvalues(a.clone(), &mut basis);
            let turned = basis.dot(&a).dot(&basis.t());
            let off = turned - Array2::from_diag(&Array1::from(values));
            assert!(off.iter().all(|off| off.abs() < 1e-12 * size as f64), "{size}");
            let off = basis.dot(&basis.t()) - Array2::<f64>::eye(size);
            assert!(off.iter().all(|off| off.abs() < 1e-13 * size as f64), "{size}");
        }
    }

    #[test]
    fn singular_values_are_the_roots_of_eigenvalues() {
        for (rows, columns) in [(1, 1), (5, 5), (9, 4), (4, 9), (30, 21), (2, 1)] {
            let a = some(rows, columns);
            let mut found = singular_values(a.clone());
            found.sort_by(|a, b| b.total_cmp(a));
            let gram = if rows < columns { a.dot(&a.t()) } else { a.t().dot(&a) };
            let mut expected = eigenvalues(gram, &mut Array2::zeros((rows.min(columns), 0)));
            expected.sort_by(|a, b| b.total_cmp(a));
            assert_eq!(found.len(), rows.min(columns));
            found.iter().zip(&expected).for_each(|(found, square)| assert!((found * found - square).abs() < 1e-11));
        }
    }

    #[test]
    fn matrices_of_low_rank_have_no_more() {
        let a = array![[3.0, 0.0], [4.0, 0.0], [0.0, 0.0]];
        assert!((singular_values(a).iter().sum::<f64>() - 5.0).abs() < 1e-14);
        assert_eq!(singular_values(Array2::zeros((3, 5))), [0.0; 3]);
        assert!((singular_values(Array2::eye(50)).iter().sum::<f64>() - 50.0).abs() < 1e-12);
        let outer = Array2::from_shape_fn((60, 40), |(i, j)| (i as f64 - 7.0) * (j as f64 + 1.0));
        let sum: f64 = singular_values(outer.clone()).iter().sum();
        let norm = outer.iter().map(|value| value * value).sum::<f64>().sqrt();
        assert!((sum / norm - 1.0).abs() < 1e-12, "{sum} {norm}");
        assert_eq!(singular_values(Array2::zeros((0, 3))), [0.0; 0]);
    }
}
