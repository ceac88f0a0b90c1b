//! How far the scores of each of many groups are from those of everyone else, in one order of all.
//!
//! With F of all N rows, F_g of the n of a group and F_r of the others, N F = n F_g + (N − n) F_r, so that
//! F_g − F_r = N / (N − n) (F_g − F): the others need not be looked at.

/// Scores in their order, with what lies below each.
#[derive(Debug, Clone, Default)]
pub struct Distances {
    scores: Vec<f64>,
    /// For each place the first place of its score, and the first place after it.
    tied: Vec<[u32; 2]>,
    /// ∫ of N F from the lowest score up to each place's.
    integral: Vec<f64>,
}

impl Distances {
    /// `scores` are sorted and none is NaN.
    pub fn new(scores: Vec<f64>) -> Distances {
        let mut tied = Vec::with_capacity(scores.len());
        let mut integral = Vec::with_capacity(scores.len());
        let mut area = 0.0;
        for tie in scores.chunk_by(|a, b| a == b) {
            let from = tied.len();
            if from > 0 {
                area += from as f64 * (tie[0] - scores[from - 1]);
            }
            let to = from + tie.len();
            tied.extend(tie.iter().map(|_| [from as u32, to as u32]));
            integral.extend(tie.iter().map(|_| area));
        }
        Distances { scores, tied, integral }
    }

    /// sup |F_g − F_r| and ∫ |F_g − F_r| of the group at these places, in their order; `None` where the group
    /// or its others have no rows.
    pub fn of(&self, group: &[u32]) -> Option<[f64; 2]> {
        let (all, own) = (self.scores.len() as f64, group.len() as f64);
        if group.is_empty() || group.len() == self.scores.len() {
            return None;
        }
        let (mut largest, mut area, mut seen, mut at) = (0.0_f64, self.integral[group[0] as usize], 0.0, 0);
        while at < group.len() {
            let [from, to] = self.tied[group[at] as usize];
            let next = at + group[at..].iter().take_while(|&&place| place < to).count();
            // Between two of the group's scores F_g stands still and F rises.
            largest = largest.max(f64::abs(seen / own - f64::from(from) / all));
            seen += (next - at) as f64;
            largest = largest.max(f64::abs(seen / own - f64::from(to) / all));
            let until = group.get(next).map_or(self.scores.len() - 1, |&place| place as usize);
            area += self.between(group[at] as usize, until, seen / own * all);
            at = next;
        }
        let stretch = all / (all - own);
        Some([largest * stretch, area * stretch / all])
    }

    /// ∫ |level − N F| between the scores at two places.
    fn between(&self, from: usize, to: usize, level: f64) -> f64 {
        let risen = (level.ceil() as usize).saturating_sub(1).clamp(from, to);
        // Up to the score at which N F reaches the level it is below, from there on not.
        let turn = (self.tied[risen][0] as usize).clamp(from, to);
        let width = |a: usize, b: usize| self.scores[b] - self.scores[a];
        let below = level * width(from, turn) - (self.integral[turn] - self.integral[from]);
        let above = (self.integral[to] - self.integral[turn]) - level * width(turn, to);
        below.max(0.0) + above.max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// statistics.md section 5.
    #[test]
    fn distances_equal_the_worked_example() {
        let mut both: Vec<(f64, bool)> = [0.1, 0.4, 0.35, 0.8].map(|score| (score, true)).to_vec();
        both.extend([0.2, 0.5, 0.3, 0.9, 0.6].map(|score| (score, false)));
        both.sort_by(|a, b| a.0.total_cmp(&b.0));
        let group: Vec<u32> = (0..9).filter(|&at| both[at as usize].1).collect();
        let [ks, w1] = Distances::new(both.iter().map(|one| one.0).collect()).of(&group).expect("both have rows");
        assert!((ks - 0.35).abs() < 1e-12 && (w1 - 0.1225).abs() < 1e-12, "{ks} {w1}");
    }

    proptest! {
        #[test]
        fn they_are_those_of_the_two_functions(mut rows in prop::collection::vec((0..12_i32, any::<bool>()), 2..40)) {
            rows.sort_unstable();
            let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.0) / 4.0).collect();
            let group: Vec<u32> = (0..rows.len() as u32).filter(|&at| rows[at as usize].1).collect();
            let share = |own: bool, score: f64| {
                let of: Vec<bool> = rows.iter().zip(&scores).filter(|(row, _)| row.1 == own).map(|(_, s)| *s <= score).collect();
                of.iter().filter(|below| **below).count() as f64 / of.len() as f64
            };
            let gaps: Vec<f64> = scores.iter().map(|&score| (share(true, score) - share(false, score)).abs()).collect();
            let Some([ks, w1]) = Distances::new(scores.clone()).of(&group) else {
                prop_assert!(group.is_empty() || group.len() == rows.len());
                return Ok(());
            };
            let widths = scores.windows(2).map(|pair| pair[1] - pair[0]);
            let area: f64 = widths.zip(&gaps).map(|(width, gap)| width * gap).sum();
            prop_assert!((ks - gaps.iter().copied().fold(0.0, f64::max)).abs() < 1e-12);
            prop_assert!((w1 - area).abs() < 1e-12, "{} is not {}", w1, area);
        }
    }
}
