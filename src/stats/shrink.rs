//! Rates of small groups pulled toward those of the others, by as much as their rows are few: a
//! beta-binomial model whose two numbers are fitted to the groups (empirical Bayes).
//!
//! For ranking and for charts alone: it makes gaps look smaller than they are, so no verdict reads it.

/// Groups that are this much alike have one rate in common.
const ALIKE: f64 = 1e6;

/// The pulled rates of groups given as (events, rows), each (k + α) / (n + α + β) with the most likely
/// α and β; `None` for fewer than two groups with rows.
pub fn shrunk(groups: &[(f64, f64)]) -> Option<Vec<f64>> {
    let rows: f64 = groups.iter().map(|group| group.1).sum();
    let events: f64 = groups.iter().map(|group| group.0).sum();
    if groups.iter().filter(|group| group.1 > 0.0).count() < 2 {
        return None;
    }
    let common = events / rows;
    if common <= 0.0 || common >= 1.0 {
        return Some(vec![common; groups.len()]);
    }
    let [a, b] = fitted(groups, common);
    Some(groups.iter().map(|(k, n)| (k + a) / (n + a + b)).collect())
}

/// Newton's method on ln α and ln β, from the common rate with the weight of ten rows.
fn fitted(groups: &[(f64, f64)], common: f64) -> [f64; 2] {
    let mut at = [(10.0 * common).ln(), (10.0 * (1.0 - common)).ln()];
    for _ in 0..200 {
        let [a, b] = at.map(f64::exp);
        if a + b > ALIKE {
            return [ALIKE * common, ALIKE * (1.0 - common)];
        }
        let step = step(groups, a, b).map(|step| step.clamp(-1.0, 1.0));
        at = [at[0] + step[0], at[1] + step[1]];
        if step[0].abs() + step[1].abs() < 1e-12 {
            break;
        }
    }
    at.map(f64::exp)
}

/// One step of Newton's method; uphill where the likelihood is not curved downwards.
fn step(groups: &[(f64, f64)], a: f64, b: f64) -> [f64; 2] {
    let (mut g, mut h) = ([0.0; 2], [0.0; 3]);
    for &(k, n) in groups {
        let (first, second) = (digamma(a + b) - digamma(n + a + b), trigamma(a + b) - trigamma(n + a + b));
        g[0] += digamma(k + a) - digamma(a) + first;
        g[1] += digamma(n - k + b) - digamma(b) + first;
        h[0] += trigamma(k + a) - trigamma(a) + second;
        h[1] += second;
        h[2] += trigamma(n - k + b) - trigamma(b) + second;
    }
    // By ln α and ln β.
    let (g, h) = ([a * g[0], b * g[1]], [a * a * h[0] + a * g[0], a * b * h[1], b * b * h[2] + b * g[1]]);
    let determinant = h[0] * h[2] - h[1] * h[1];
    if h[0] < 0.0 && determinant > 0.0 {
        return [(h[1] * g[1] - h[2] * g[0]) / determinant, (h[1] * g[0] - h[0] * g[1]) / determinant];
    }
    g
}

/// The derivative of ln Γ: its recurrence up to 6, then the asymptotic series.
fn digamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 6.0 {
        sum -= 1.0 / x;
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    sum + x.ln() - 0.5 / x - r * (1.0 / 12.0 - r * (1.0 / 120.0 - r * (1.0 / 252.0 - r * (1.0 / 240.0 - r / 132.0))))
}

/// The derivative of that.
fn trigamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 6.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    sum + (1.0 + (0.5 + (1.0 / 6.0 - r * (1.0 / 30.0 - r * (1.0 / 42.0 - r * (1.0 / 30.0 - r * 5.0 / 66.0)))) / x) / x)
        / x
}

#[cfg(test)]
mod tests {
    use super::*;

    /// statistics.md section 6.
    #[test]
    fn four_groups_equal_the_worked_example() {
        let groups = [(30.0, 100.0), (5.0, 20.0), (12.0, 80.0), (0.0, 15.0)];
        let [a, b] = fitted(&groups, 47.0 / 215.0);
        assert!((a - 4.166_842).abs() < 1e-5 && (b - 17.403_636).abs() < 1e-5, "{a} {b}");
        let expected = [0.281_045_5, 0.220_513_3, 0.159_168_7, 0.113_940_0];
        for (found, expected) in shrunk(&groups).unwrap().into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
        }
    }

    #[test]
    fn groups_that_are_alike_have_one_rate() {
        let found = shrunk(&[(20.0, 100.0), (40.0, 200.0), (4.0, 20.0)]).unwrap();
        assert!(found.iter().all(|rate| (rate - 0.2).abs() < 1e-3), "{found:?}");
        assert_eq!(shrunk(&[(0.0, 10.0), (0.0, 20.0)]), Some(vec![0.0, 0.0]));
        assert_eq!(shrunk(&[(3.0, 10.0)]), None);
    }

    #[test]
    fn the_derivatives_of_the_gamma_function() {
        assert!((digamma(1.0) + 0.577_215_664_901_532_9).abs() < 1e-10);
        assert!((trigamma(1.0) - std::f64::consts::PI.powi(2) / 6.0).abs() < 1e-9);
        assert!((digamma(10.5) - (digamma(9.5) + 1.0 / 9.5)).abs() < 1e-12);
    }
}
