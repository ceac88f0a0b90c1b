//! How likely a sentence is to a masked language model, token by token (Salazar et al. 2020), and what two
//! sentences have in common (Nangia et al. 2020).

/// The logarithm of the share of one outcome under a softmax. `None` where there is no such outcome, or a logit is
/// no number.
pub fn log_share(logits: impl Iterator<Item = f64> + Clone, at: usize) -> Option<f64> {
    let own = logits.clone().nth(at)?;
    let largest = logits.clone().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logits.map(|logit| (logit - largest).exp()).sum();
    Some(own - largest - sum.ln()).filter(|log| log.is_finite())
}

/// The places of a longest common subsequence, in either; the earliest in the first where there are several.
pub fn common(a: &[u32], b: &[u32]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let mut longest = vec![0_u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = match a[i] == b[j] {
                true => longest[(i + 1) * width + j + 1] + 1,
                false => longest[(i + 1) * width + j].max(longest[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j, mut places) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        match () {
            _ if a[i] == b[j] => {
                places.push((i, j));
                (i, j) = (i + 1, j + 1);
            }
            _ if longest[i * width + j + 1] >= longest[(i + 1) * width + j] => j += 1,
            _ => i += 1,
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_to_one() {
        let logits = [1000.0, 999.0, -4.0];
        let sum: f64 = (0..3).map(|at| log_share(logits.into_iter(), at).unwrap().exp()).sum();
        assert!((sum - 1.0).abs() < 1e-12);
        assert!((log_share([0.0, 0.0].into_iter(), 1).unwrap() + 2_f64.ln()).abs() < 1e-15);
        assert_eq!(log_share([0.0].into_iter(), 1), None);
        assert_eq!(log_share([f64::NAN, 0.0].into_iter(), 1), None);
    }

    #[test]
    fn what_two_sentences_share_is_as_long_as_it_can_be() {
        let places = |a: &[u32], b: &[u32]| common(a, b).into_iter().map(|(i, _)| a[i]).collect::<Vec<_>>();
        assert_eq!(places(&[2, 7, 5, 3], &[2, 8, 9, 5, 3]), [2, 5, 3]);
        assert_eq!(places(&[1, 2, 3, 4], &[3, 4, 1, 2]).len(), 2);
        assert_eq!(common(&[5, 5], &[5]), [(0, 0)]);
        assert!(common(&[], &[1]).is_empty());
    }
}
