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

/// Of each error probability the mean of all that are not larger: how often one is wrong on average
/// when it and all surer ones are taken as right (Newton et al. 2004, section 4).
pub fn mean_errors(errors: &[f64]) -> Vec<f64> {
    let order = ascending(errors);
    let mut means = vec![0.0; errors.len()];
    let mut sum = 0.0;
    let mut taken = 0;
    for tie in order.chunk_by(|&a, &b| errors[a] == errors[b]) {
        sum += tie.iter().map(|&index| errors[index]).sum::<f64>();
        taken += tie.len();
        tie.iter().for_each(|&index| means[index] = sum / taken as f64);
    }
    means
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
    fn mean_errors_are_of_the_surer_ones() {
        close(&mean_errors(&[0.4, 0.0, 0.02, 0.0]), &[0.105, 0.0, 0.02 / 3.0, 0.0]);
        assert!(mean_errors(&[]).is_empty());
    }

    #[test]
    fn untested_members_count() {
        close(&benjamini_hochberg(&[0.01], 10), &[0.1]);
        assert!(benjamini_hochberg(&[], 0).is_empty());
    }
}
