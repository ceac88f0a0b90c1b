//! Associations of words in an embedding (WEAT, Caliskan et al. 2017; of sentences SEAT, May et al. 2019).

use super::random::Draws;

/// Partitions that are all looked at; of more, as many are drawn.
const MOST_EXACT: usize = 100_000;
/// Rounding may not make a partition that is the observed one, in another order, smaller than it.
const ROUNDING: f64 = 1e-12;

/// How much more the words of X go with A than with B, beside those of Y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Association {
    /// The difference of the means of s over X and over Y, over the sample deviation (n - 1) of all: s is a word's mean
    /// cosine with A less that with B.
    pub effect: f64,
    /// One-sided: the share of the partitions of these sizes whose X goes with A at least as much.
    pub p: f64,
    /// Whether every partition was looked at.
    pub exact: bool,
}

/// The association of four sets of vectors. `None` where a vector is all 0 or no number, X or Y is empty, or s does
/// not vary.
pub fn association(sets: [&[Vec<f64>]; 4], draws: &mut Draws) -> Option<Association> {
    let [x, y, a, b] = sets;
    if [x, y, a, b].iter().any(|set| set.is_empty()) {
        return None;
    }
    let scores: Vec<f64> =
        x.iter().chain(y).map(|word| Some(closeness(word, a)? - closeness(word, b)?)).collect::<Option<_>>()?;
    let deviation = sample_deviation(&scores)?;
    let effect = (mean(&scores[..x.len()]) - mean(&scores[x.len()..])) / deviation;
    let (p, exact) = chance(&scores, x.len(), draws);
    effect.is_finite().then_some(Association { effect, p, exact })
}

/// The mean cosine of a word with a set.
fn closeness(word: &[f64], set: &[Vec<f64>]) -> Option<f64> {
    let sum = set.iter().map(|other| cosine(word, other)).sum::<Option<f64>>()?;
    Some(sum / set.len() as f64)
}

fn cosine(a: &[f64], b: &[f64]) -> Option<f64> {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let cosine = product(a, b) / (product(a, a).sqrt() * product(b, b).sqrt());
    (a.len() == b.len() && cosine.is_finite()).then_some(cosine)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn sample_deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let deviation = (squares / (values.len() as f64 - 1.0)).sqrt();
    (deviation.is_finite() && deviation > ROUNDING).then_some(deviation)
}

/// The sizes are fixed, so that the sum over X orders the partitions.
fn chance(scores: &[f64], size: usize, draws: &mut Draws) -> (f64, bool) {
    let observed: f64 = scores[..size].iter().sum();
    let least = observed - ROUNDING * (1.0 + observed.abs());
    match subsets(scores.len(), size) {
        Some(all) => (at_least(scores, size, 0.0, least) as f64 / all as f64, true),
        None => {
            let mut drawn = scores.to_vec();
            let hits = (0..MOST_EXACT).filter(|_| first_of_shuffled(&mut drawn, size, draws) >= least).count();
            ((hits + 1) as f64 / (MOST_EXACT + 1) as f64, false)
        }
    }
}

/// How many subsets of a size there are; `None` for more than are looked at.
fn subsets(n: usize, size: usize) -> Option<usize> {
    let mut count: u128 = 1;
    for step in 0..size.min(n - size) {
        count = count * (n - step) as u128 / (step as u128 + 1);
        if count > MOST_EXACT as u128 {
            return None;
        }
    }
    Some(count as usize)
}

/// The subsets of that size whose sum, added to `sum`, reaches `least`.
fn at_least(scores: &[f64], size: usize, sum: f64, least: f64) -> usize {
    match (size, scores) {
        (0, _) => usize::from(sum >= least),
        (_, [first, rest @ ..]) if scores.len() >= size => {
            at_least(rest, size - 1, sum + first, least) + at_least(rest, size, sum, least)
        }
        _ => 0,
    }
}

/// The sum of the first places after they were filled at random.
fn first_of_shuffled(scores: &mut [f64], size: usize, draws: &mut Draws) -> f64 {
    for place in 0..size {
        let other = place + draws.below(scores.len() - place);
        scores.swap(place, other);
    }
    scores[..size].iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws() -> Draws {
        Draws::new(1, "test")
    }

    fn of(sets: [&[[f64; 2]]; 4]) -> Option<Association> {
        let sets = sets.map(|set| set.iter().map(|word| word.to_vec()).collect::<Vec<_>>());
        association([&sets[0], &sets[1], &sets[2], &sets[3]], &mut draws())
    }

    #[test]
    fn the_worked_example_has_its_numbers() {
        let sets: [&[[f64; 2]]; 4] =
            [&[[1.0, 0.0], [0.9, 0.1]], &[[0.0, 1.0], [0.1, 0.9]], &[[1.0, 0.1]], &[[0.1, 1.0]]];
        let found = of(sets).unwrap();
        assert!((found.effect - 1.728744).abs() < 1e-6, "{found:?}");
        assert_eq!((found.p, found.exact), (1.0 / 6.0, true));
        let [x, y, a, b] = sets;
        let turned = of([y, x, a, b]).unwrap();
        assert_eq!((turned.effect, turned.p), (-found.effect, 1.0));
    }

    #[test]
    fn what_has_no_number_has_none() {
        let one: &[[f64; 2]] = &[[1.0, 0.0]];
        assert_eq!(of([one, one, one, one]), None);
        assert_eq!(of([&[[0.0, 0.0]], one, one, one]), None);
        assert_eq!(of([&[], one, one, one]), None);
        assert_eq!(of([&[[f64::NAN, 0.0]], one, one, one]), None);
    }

    #[test]
    fn drawn_partitions_come_near_to_all_of_them() {
        let scores: Vec<f64> = (0..18).map(|at| ((at * 7) % 18) as f64 + if at < 9 { 2.0 } else { 0.0 }).collect();
        let least: f64 = scores[..9].iter().sum();
        let exact = at_least(&scores, 9, 0.0, least - 1e-9) as f64 / subsets(18, 9).unwrap() as f64;
        let mut drawn = scores.clone();
        let mut draws = draws();
        let hits = (0..20_000).filter(|_| first_of_shuffled(&mut drawn, 9, &mut draws) >= least - 1e-9).count();
        assert!((hits as f64 / 20_000.0 - exact).abs() < 0.02, "{hits} of 20,000 where {exact} was wanted");
        assert_eq!((subsets(20, 10), subsets(18, 9), subsets(4, 2)), (None, Some(48_620), Some(6)));
    }
}
