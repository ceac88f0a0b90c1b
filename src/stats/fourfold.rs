//! Two groups and one event, as counts: tests of a difference, and how many people it comes down to.

/// Events and rows of a group, and of the group that it is held against; rows are above 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fourfold {
    /// Events among the group's rows.
    pub own: (u64, u64),
    /// Events among the other group's rows.
    pub other: (u64, u64),
}

/// Tables this much more probable than the one seen still count as equally probable (Fisher's test in R
/// and scipy), so that rounding splits no tie.
const SAME: f64 = 1.0 + 1e-7;

impl Fourfold {
    fn rates(&self) -> (f64, f64) {
        let share = |(events, rows): (u64, u64)| events as f64 / rows as f64;
        (share(self.own), share(self.other))
    }

    /// Events and rows of both.
    fn both(&self) -> (f64, f64) {
        ((self.own.0 + self.other.0) as f64, (self.own.1 + self.other.1) as f64)
    }

    /// The two-proportion z with the pooled rate; `None` where all rows are alike.
    ///
    /// (p − q) / √(r(1 − r)(1/n + 1/m)), the "standard deviations" of Castaneda v. Partida, 430 U.S. 482
    /// n. 17 (1977).
    pub fn z(&self) -> Option<f64> {
        let ((p, q), (events, rows)) = (self.rates(), self.both());
        let rate = events / rows;
        let variance = rate * (1.0 - rate) * (1.0 / self.own.1 as f64 + 1.0 / self.other.1 as f64);
        (variance > 0.0).then(|| (p - q) / variance.sqrt())
    }

    /// The z of the hypergeometric law, whose margins are all fixed: (a − E) / √V; `None` where V is 0.
    pub fn hypergeometric_z(&self) -> Option<f64> {
        let ((events, rows), (n, m)) = (self.both(), (self.own.1 as f64, self.other.1 as f64));
        let variance = n * m * events * (rows - events) / (rows * rows * (rows - 1.0));
        (variance > 0.0).then(|| (self.own.0 as f64 - self.expected()) / variance.sqrt())
    }

    /// Events of the group if both had the same rate.
    pub fn expected(&self) -> f64 {
        let (events, rows) = self.both();
        self.own.1 as f64 * events / rows
    }

    /// Whether a normal law is too coarse: one of the four expected counts is below 5, or there are fewer
    /// than 100 rows.
    pub fn is_small(&self) -> bool {
        let ((events, rows), n) = (self.both(), [self.own.1 as f64, self.other.1 as f64]);
        let expected = n.map(|n| n * events.min(rows - events) / rows);
        rows < 100.0 || expected.iter().any(|count| *count < 5.0)
    }

    /// Fisher's (1935) exact test, two-sided: the probability, given all margins, of every table that is no
    /// more probable than the one seen.
    pub fn fisher(&self) -> f64 {
        let (a, n, m) = (self.own.0, self.own.1, self.other.1);
        let events = self.own.0 + self.other.0;
        let (least, most) = (events.saturating_sub(m), events.min(n));
        let mode = (((n + 1) as f64 * (events + 1) as f64 / (n + m + 2) as f64) as u64).clamp(least, most);
        // P(x + 1) / P(x) of the hypergeometric law.
        let step = |x: u64| (n - x) as f64 * (events - x) as f64 / ((x + 1) as f64 * (m + x + 1 - events) as f64);
        let up = walk(mode..most, step);
        let down = walk((least..mode).rev(), |x| 1.0 / step(x));
        // Beside the mode's 1; what is too improbable to be told from 0 is 0.
        let seen = match a.cmp(&mode) {
            std::cmp::Ordering::Equal => Some(&1.0),
            std::cmp::Ordering::Greater => up.get((a - mode - 1) as usize),
            std::cmp::Ordering::Less => down.get((mode - a - 1) as usize),
        };
        let seen = seen.copied().unwrap_or(0.0);
        let all = || up.iter().chain(&down).chain(&[1.0]);
        let extreme: f64 = all().filter(|&&p| p <= seen * SAME).sum();
        (extreme / all().sum::<f64>()).min(1.0)
    }

    /// How many of the other group's events would have to be the group's, so that its rate is at least
    /// `least` times the other's; 0 where it is, `None` where no number would do.
    pub fn to_move(&self, least: f64) -> Option<u64> {
        let ((a, n), (b, m)) = (self.own, self.other);
        let enough = |k: u64| (a + k) as f64 / n as f64 >= least * ((b - k) as f64 / m as f64);
        let most = b.min(n - a);
        let (mut low, mut high) = (0, most);
        if !enough(most) {
            return None;
        }
        while low < high {
            let middle = (low + high) / 2;
            if enough(middle) { high = middle } else { low = middle + 1 }
        }
        Some(low)
    }
}

/// Probabilities beside the mode's, from it outwards, until they are lost beside it.
fn walk(places: impl Iterator<Item = u64>, step: impl Fn(u64) -> f64) -> Vec<f64> {
    const LOST: f64 = 1e-300;
    let probability = |last: &mut f64, x: u64| {
        *last *= step(x);
        (*last > LOST).then_some(*last)
    };
    places.scan(1.0, probability).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use statrs::distribution::{Discrete, Hypergeometric};

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    fn published() -> Vec<serde_json::Value> {
        let file: serde_json::Value =
            serde_json::from_str(include_str!("../../fixtures/oracle/peers/published.json")).expect("it is JSON");
        let named =
            |entry: &&serde_json::Value| entry["name"].as_str().is_some_and(|name| name.starts_with("adverse impact"));
        file["entries"].as_array().expect("a list").iter().filter(named).cloned().collect()
    }

    /// Worked examples, computed by scipy.
    #[test]
    fn adverse_impact_is_as_worked() {
        let entries = published();
        assert_eq!(entries.len(), 3);
        let mut compared = 0;
        for entry in entries {
            let count = |key: &str| entry["given"][key].as_u64().expect("a count");
            let of = Fourfold { own: (count("a"), count("n")), other: (count("b"), count("m")) };
            for figure in entry["figures"].as_array().expect("a list") {
                let expected = figure["value"].as_f64().expect("a number");
                match figure["metric"].as_str().expect("a name") {
                    "two_proportion_z" => close(of.z().expect("rows differ"), expected),
                    "hypergeometric_z" => close(of.hypergeometric_z().expect("rows differ"), expected),
                    "fisher_exact_p" => close(of.fisher(), expected),
                    "shortfall" => close(of.expected() - of.own.0 as f64, expected),
                    "people_to_move" => assert_eq!(of.to_move(0.8), Some(expected as u64)),
                    _ => continue,
                }
                compared += 1;
            }
        }
        assert_eq!(compared, 10);
    }

    /// scipy.stats.fisher_exact, of more rows than a table of factorials holds.
    #[test]
    fn an_exact_test_of_many_rows() {
        close(Fourfold { own: (5_000, 100_000), other: (5_100, 100_000) }.fisher(), 0.312_043_239_001_554_2);
        close(Fourfold { own: (0, 7), other: (0, 9) }.fisher(), 1.0);
        assert!(Fourfold { own: (0, 100_000), other: (100_000, 100_000) }.fisher() < 1e-200);
    }

    proptest! {
        #[test]
        fn an_exact_test_sums_the_law(n in 1_u64..60, m in 1_u64..60, shares in (0.0..=1.0, 0.0..=1.0)) {
            let (a, b) = ((n as f64 * shares.0) as u64, (m as f64 * shares.1) as u64);
            let law = Hypergeometric::new(n + m, a + b, n).expect("sound");
            let seen = law.pmf(a);
            let all = (0..=n).map(|x| law.pmf(x)).filter(|p| *p <= seen * (1.0 + 1e-7)).sum::<f64>();
            let found = Fourfold { own: (a, n), other: (b, m) }.fisher();
            prop_assert!((found - all).abs() < 1e-9, "{} is not {}", found, all);
        }

        #[test]
        fn as_many_as_are_moved_are_enough_and_no_fewer(n in 1_u64..60, m in 1_u64..60, shares in (0.0..=1.0, 0.0..=1.0)) {
            let (a, b) = ((n as f64 * shares.0) as u64, (m as f64 * shares.1) as u64);
            let enough = |k: u64| (a + k) as f64 / n as f64 >= 0.8 * ((b - k) as f64 / m as f64);
            let first = (0..=b.min(n - a)).find(|&k| enough(k));
            prop_assert_eq!(Fourfold { own: (a, n), other: (b, m) }.to_move(0.8), first);
        }
    }
}
