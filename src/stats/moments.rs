//! Means of base and tuned from sums, which add up over groups: what rows that count once each need.

use super::{Path, Scale, Sum, Summed};

/// Sums over rows of one number for each model, around a center that both share. NaN is outside the
/// condition.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    rows: [u64; 2],
    sum: [Sum; 2],
    square: [Sum; 2],
    /// Of rows inside under both models: how many, their sums, the sum of products.
    both: u64,
    shared: [Sum; 2],
    product: Sum,
    /// Of the same rows, with x the base's number and y the tuned model's: x³, x²y, xy², x⁴, x³y, x²y².
    higher: [Sum; 6],
    /// A number of each model, and whether another differs from it: sums alone would leave rounding.
    one: [Option<f64>; 2],
    varies: [bool; 2],
}

impl Moments {
    /// Adds a row, its numbers less the center.
    #[inline]
    pub fn add(&mut self, pair: [f64; 2]) {
        let known = pair.map(|x| !x.is_nan());
        for side in [0, 1] {
            if known[side] {
                self.rows[side] += 1;
                self.sum[side].add(pair[side]);
                self.square[side].add(pair[side] * pair[side]);
                self.meet(side, pair[side], false);
            }
        }
        if known == [true, true] {
            self.both += 1;
            self.shared[0].add(pair[0]);
            self.shared[1].add(pair[1]);
            let [x, y] = pair;
            let (xx, xy) = (x * x, x * y);
            self.product.add(xy);
            let higher = [xx * x, xx * y, xy * y, xx * xx, xx * xy, xy * xy];
            self.higher.iter_mut().zip(higher).for_each(|(sum, term)| sum.add(term));
        }
    }

    #[inline]
    fn meet(&mut self, side: usize, number: f64, varies: bool) {
        let one = *self.one[side].get_or_insert(number);
        self.varies[side] |= varies || one != number;
    }

    /// Adds the rows of another group, around the same center.
    pub fn merge(&mut self, other: &Moments) {
        for side in [0, 1] {
            self.rows[side] += other.rows[side];
            self.sum[side].merge(&other.sum[side]);
            self.square[side].merge(&other.square[side]);
            self.shared[side].merge(&other.shared[side]);
            if let Some(one) = other.one[side] {
                self.meet(side, one, other.varies[side]);
            }
        }
        self.both += other.both;
        self.product.merge(&other.product);
        self.higher.iter_mut().zip(&other.higher).for_each(|(sum, more)| sum.merge(more));
    }

    /// The means of base and tuned, and their covariance. The influence of a row is (x − mean) / n, of
    /// anything but a rate times √(n / (n − 1)).
    pub fn means(&self, center: f64, scale: Scale) -> ([Option<Summed>; 2], f64) {
        let rows = self.rows.map(|rows| rows as f64);
        let sum = self.sum.map(|sum| sum.value());
        let mean = [0, 1].map(|side| sum[side] / rows[side]);
        let few =
            |side: usize| if scale == Scale::Rate || rows[side] < 2.0 { 1.0 } else { rows[side] / (rows[side] - 1.0) };
        // One expression for all three, so that models that are alike are alike to the last bit.
        let spread = |n: u64, [a, b]: [f64; 2], product: f64, [to_a, to_b]: [usize; 2]| {
            let around = product - mean[to_a] * b - mean[to_b] * a + n as f64 * mean[to_a] * mean[to_b];
            around * (few(to_a) * few(to_b)).sqrt() / (rows[to_a] * rows[to_b])
        };
        let one = |side: usize| {
            // Rounding may leave the squares of numbers that are nearly equal a hair below 0.
            let own = spread(self.rows[side], [sum[side]; 2], self.square[side].value(), [side; 2]).max(0.0);
            let own = if self.varies[side] { own } else { 0.0 };
            let (value, rows) = (center + mean[side], self.rows[side]);
            (rows > 0).then_some(Summed { value, rows, variance: Some(own), scale })
        };
        let covariance = spread(self.both, self.shared.map(|sum| sum.value()), self.product.value(), [0, 1]);
        ([one(0), one(1)], covariance)
    }

    /// How the tuned numbers follow the base's: what `Path::new` finds row by row. `None` where a row is inside
    /// under one model alone.
    pub fn path(&self, center: f64, scale: Scale) -> Option<Path> {
        if self.rows != [self.both; 2] || self.both < 2 {
            return None;
        }
        let n = self.both as f64;
        let few = if scale == Scale::Rate { 1.0 } else { n / (n - 1.0) };
        let Central { xx, xy, yy, xxx, xxy, xyy, xxxx, xxxy, xxyy } = self.central();
        let mean = self.shared.map(|sum| center + sum.value() / n);
        let slope = (xx > Path::ROUNDING * mean[0] * mean[0] * n && self.varies[0]).then(|| xy / xx);
        let of_slope = |number: f64| if slope.is_some() { number / xx * few } else { 0.0 };
        let b = slope.unwrap_or(0.0);
        let [to_base, to_tuned] = [xxy - b * xxx, xyy - b * xxy].map(|number| of_slope(number / n));
        let own = of_slope((xxyy - 2.0 * b * xxxy + b * b * xxxx) / xx);
        let means = [xx, xy, yy].map(|number| number / (n * n) * few);
        let covariance =
            [[means[0], means[1], to_base], [means[1], means[2], to_tuned], [to_base, to_tuned, own.max(0.0)]];
        let path = Path { base: mean[0], tuned: mean[1], slope, covariance };
        path.covariance.as_flattened().iter().all(|number| number.is_finite()).then_some(path)
    }

    /// The same sums around the means of the rows that are inside under both models.
    fn central(&self) -> Central {
        let n = self.both as f64;
        let [a, b] = self.shared.map(|sum| sum.value() / n);
        let [x, y] = self.shared.map(|sum| sum.value());
        let [sx, sy] = self.square.map(|sum| sum.value());
        let sxy = self.product.value();
        let [x3, x2y, xy2, x4, x3y, x2y2] = self.higher.map(|sum| sum.value());
        Central {
            xx: sx - a * x,
            xy: sxy - a * y,
            yy: sy - b * y,
            xxx: x3 - 3.0 * a * sx + 3.0 * a * a * x - n * a.powi(3),
            xxy: x2y - 2.0 * a * sxy + a * a * y - b * (sx - 2.0 * a * x + n * a * a),
            xyy: xy2 - 2.0 * b * sxy + b * b * x - a * (sy - 2.0 * b * y + n * b * b),
            xxxx: x4 - 4.0 * a * x3 + 6.0 * a * a * sx - 4.0 * a.powi(3) * x + n * a.powi(4),
            xxxy: x3y - 3.0 * a * x2y + 3.0 * a * a * sxy
                - a.powi(3) * y
                - b * (x3 - 3.0 * a * sx + 3.0 * a * a * x - n * a.powi(3)),
            xxyy: x2y2 - 2.0 * b * x2y + b * b * sx - 2.0 * a * (xy2 - 2.0 * b * sxy + b * b * x)
                + a * a * (sy - 2.0 * b * y + n * b * b),
        }
    }
}

/// Sums of products of x and y, each less its mean.
struct Central {
    xx: f64,
    xy: f64,
    yy: f64,
    xxx: f64,
    xxy: f64,
    xyy: f64,
    xxxx: f64,
    xxxy: f64,
    xxyy: f64,
}

/// For every part the sum of all the others, without taking anything away.
pub fn others(parts: &[Moments]) -> Vec<Moments> {
    let mut found = vec![Moments::default(); parts.len()];
    let mut add = |places: &mut dyn Iterator<Item = usize>| {
        let mut before = Moments::default();
        for place in places {
            found[place].merge(&before);
            before.merge(&parts[place]);
        }
    };
    add(&mut (0..parts.len()));
    add(&mut (0..parts.len()).rev());
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Influenced, covariance, duo, mean};
    use proptest::prelude::*;

    fn by_rows(rows: &[[f64; 2]], scale: Scale) -> [Option<Influenced>; 2] {
        let ones = vec![1.0; rows.len()];
        [0, 1].map(|side| mean(&rows.iter().map(|row| row[side]).collect::<Vec<_>>(), &ones, scale))
    }

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![4 => -3.0..5.0_f64, 1 => Just(f64::NAN)]
    }

    proptest! {
        /// The sums say what the rows say, whatever the center, whole and merged.
        #[test]
        fn sums_equal_rows(rows in prop::collection::vec([number(), number()], 1..40), center in -2.0..2.0_f64, cut in 0..40_usize) {
            let of = |rows: &[[f64; 2]]| {
                let mut moments = Moments::default();
                rows.iter().for_each(|row| moments.add(row.map(|x| x - center)));
                moments
            };
            let mut moments = of(&rows[..cut.min(rows.len())]);
            moments.merge(&of(&rows[cut.min(rows.len())..]));
            for scale in [Scale::Mean, Scale::Rate] {
                let (sums, both) = moments.means(center, scale);
                let expected = by_rows(&rows, scale);
                for (sum, one) in sums.iter().zip(&expected) {
                    prop_assert_eq!(sum.is_some(), one.is_some());
                    let (Some(sum), Some(one)) = (sum, one) else { continue };
                    prop_assert!((sum.value - one.value).abs() < 1e-12 && sum.rows == one.rows);
                    let variance = covariance(&one.influence, &one.influence, None);
                    prop_assert!((sum.variance.unwrap_or(f64::NAN) - variance).abs() < 1e-12);
                }
                if let [Some(base), Some(tuned)] = &expected {
                    let path = Path::new(base, tuned, &vec![1.0; rows.len()], None);
                    let found = moments.path(center, scale);
                    prop_assert_eq!(found.and_then(|path| path.slope).is_some(), path.and_then(|path| path.slope).is_some());
                    if let (Some(found), Some(path)) = (found, path) {
                        // A base that hardly varies has a slope of which nothing is known, on either way.
                        let near = |a: f64, b: f64| (a - b).abs() < 1e-7 * (1.0 + b.abs());
                        prop_assert!(near(found.base, path.base) && near(found.tuned, path.tuned));
                        let sure = path.covariance[0][0] > 1e-3;
                        prop_assert!(!sure || near(found.slope.unwrap_or(0.0), path.slope.unwrap_or(0.0)));
                        let both = found.covariance.as_flattened().iter().zip(path.covariance.as_flattened());
                        // Fourth powers around the center lose so many digits beside a small variance of the base.
                        let far = rows.iter().flatten().filter(|x| !x.is_nan()).map(|x| (x - center).abs()).fold(0.0, f64::max);
                        let lost = 1e-13 * far.powi(4) / path.covariance[0][0].powi(2);
                        for (a, b) in both {
                            prop_assert!(!sure || near(*a, *b) || (a - b).abs() < lost, "{} is not {}", a, b);
                        }
                    }
                    prop_assert!((both - covariance(&base.influence, &tuned.influence, None)).abs() < 1e-12);
                    let [Some(b), Some(t)] = sums else { unreachable!("the rows have both") };
                    prop_assert_eq!(Summed::duo(&b, &t, both).is_some(), duo(base, tuned, None).is_some());
                }
            }
        }

        #[test]
        fn the_others_are_all_but_one(parts in prop::collection::vec(prop::collection::vec([-3.0..5.0_f64, -3.0..5.0], 0..5), 1..6)) {
            let of = |keep: &dyn Fn(usize) -> bool| {
                let mut moments = Moments::default();
                let kept = parts.iter().enumerate().filter(|(at, _)| keep(*at));
                kept.flat_map(|(_, rows)| rows).for_each(|row| moments.add(*row));
                moments
            };
            let each: Vec<Moments> = (0..parts.len()).map(|at| of(&|other| other == at)).collect();
            for (at, found) in others(&each).iter().enumerate() {
                let expected = of(&|other| other != at);
                prop_assert_eq!((found.rows, found.both), (expected.rows, expected.both));
                prop_assert!((found.product.value() - expected.product.value()).abs() < 1e-9);
                prop_assert!((found.sum[1].value() - expected.sum[1].value()).abs() < 1e-9);
            }
        }
    }
}
