//! Corrections for the number of findings: adjusted p-values in the order given.

/// Benjamini & Hochberg (1995), over `m` tests of which `p` are those listed (others count as 1).
pub fn benjamini_hochberg(p: &[f64], m: usize) -> Vec<f64> {
    step_up(p, m, 1.0)
}

/// Benjamini & Yekutieli (2001): valid under any dependence.
pub fn benjamini_yekutieli(p: &[f64], m: usize) -> Vec<f64> {
    let harmonic: f64 = (1..=m).map(|i| 1.0 / i as f64).sum();
    step_up(p, m, harmonic)
}

fn step_up(p: &[f64], m: usize, factor: f64) -> Vec<f64> {
    let mut adjusted = vec![1.0; p.len()];
    let mut smallest: f64 = 1.0;
    for (rank, &index) in ascending(p).iter().enumerate().rev() {
        smallest = smallest.min(p[index] * factor * m as f64 / (rank + 1) as f64);
        adjusted[index] = smallest;
    }
    adjusted
}

/// Holm (1979): controls the chance of any false statement.
pub fn holm(p: &[f64], m: usize) -> Vec<f64> {
    let mut adjusted = vec![1.0; p.len()];
    let mut largest: f64 = 0.0;
    for (rank, &index) in ascending(p).iter().enumerate() {
        largest = largest.max(p[index] * m.saturating_sub(rank) as f64).min(1.0);
        adjusted[index] = largest;
    }
    adjusted
}

fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    // Reference: statsmodels 0.14, multipletests(p, method = "fdr_bh" | "fdr_by" | "holm").
    const P: [f64; 4] = [0.3, 0.001, 0.02, 0.8];

    fn close(found: &[f64], expected: &[f64]) {
        let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(near && found.len() == expected.len(), "{found:?} is not {expected:?}");
    }

    #[test]
    fn corrections_equal_statsmodels() {
        close(&benjamini_hochberg(&P, 4), &[0.4, 0.004, 0.04, 0.8]);
        close(&benjamini_yekutieli(&P, 4), &[0.4 * 25.0 / 12.0, 0.1 / 12.0, 1.0 / 12.0, 1.0]);
        close(&holm(&P, 4), &[0.6, 0.004, 0.06, 0.8]);
    }

    #[test]
    fn untested_members_count() {
        close(&benjamini_hochberg(&[0.01], 10), &[0.1]);
        assert!(benjamini_hochberg(&[], 0).is_empty());
    }
}
