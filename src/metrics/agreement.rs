//! Numbers of the pair that mix several cells of one table: what the base gave by what the tuned model gave.

use super::{Better, Formula, Metric};
use crate::stats::{self, Dual, Scale};
use statrs::distribution::{Binomial, Discrete};

/// Which table of base by tuned is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Decisions, of all rows that both models decided.
    Decisions,
    /// Right or wrong, of those with a label.
    Right,
}

/// Counts by (base, tuned): no-no, no-yes, yes-no, yes-yes.
pub type Agreement = [Dual; 4];

/// (po − pe) / (1 − pe), with the agreement pe that chance alone would give.
fn kappa([n00, n01, n10, n11]: &Agreement) -> Option<Dual> {
    let (a, b, c, d) = (*n00, *n01, *n10, *n11);
    let n = a + b + c + d;
    let chance = (a + b) * (a + c) + (c + d) * (b + d);
    (n * (a + d) - chance).over(n * n - chance)
}

/// Cohen's kappa over any number of classes, of rows given as (base, tuned, weight), with the influence of each
/// row; `None` where chance alone makes the two agree. With the agreement po, chance pe = Σ p q over the shares
/// p of the base and q of the tuned model, and A = 1 − pe, a row moves it by
/// w/W ((same − po)/A − (1 − po)/A² (q of its base class + p of its tuned class − 2 pe)).
pub fn kappa_of_classes(rows: &[(usize, usize, f64)]) -> Option<(f64, Vec<f64>)> {
    let classes = rows.iter().map(|row| 1 + row.0.max(row.1)).max()?;
    let all: f64 = rows.iter().map(|row| row.2).sum();
    let (mut p, mut q, mut observed) = (vec![0.0; classes], vec![0.0; classes], 0.0);
    for (base, tuned, weight) in rows {
        p[*base] += weight / all;
        q[*tuned] += weight / all;
        observed += if base == tuned { weight / all } else { 0.0 };
    }
    let chance: f64 = p.iter().zip(&q).map(|(p, q)| p * q).sum();
    let beyond = 1.0 - chance;
    // Rounding may leave the least bit where both always say one and the same.
    if all <= 0.0 || beyond < 1e-12 {
        return None;
    }
    let moved = |(base, tuned, weight): &(usize, usize, f64)| {
        let same = f64::from(u8::from(base == tuned));
        let by_chance = q[*base] + p[*tuned] - 2.0 * chance;
        weight / all * ((same - observed) / beyond - (1.0 - observed) / (beyond * beyond) * by_chance)
    };
    Some(((observed - chance) / beyond, rows.iter().map(moved).collect()))
}

/// NFR over what independent errors would give, (1 − Err_base) · Err_tuned.
fn relative_nfr([n00, n01, n10, n11]: &Agreement) -> Option<Dual> {
    let (a, b, c, d) = (*n00, *n01, *n10, *n11);
    let n = a + b + c + d;
    (n * c).over((c + d) * (a + c))
}

fn mcnemar(table: &Agreement, mid: bool) -> Option<Dual> {
    let (b, c) = (table[1].value, table[2].value);
    let (few, all) = (b.min(c).round() as u64, (b + c).round() as u64);
    if all == 0 {
        return (!mid).then(|| Dual::constant(1.0));
    }
    let law = Binomial::new(0.5, all).ok()?;
    let exact = stats::mcnemar(few, all - few);
    let p = match (mid, b == c) {
        (false, _) => exact,
        // Of a tie the two tails overlap in their middle term, which then counts once, half of it.
        (true, true) => 1.0 - law.pmf(few) / 2.0,
        (true, false) => exact - law.pmf(few),
    };
    Some(Dual::constant(p))
}

/// A number of a table with its derivatives.
type OfTable = fn(&Agreement) -> Option<Dual>;

const fn of_pair(
    id: &'static str,
    aliases: &'static [&'static str],
    [title, plain]: [&'static str; 2],
    better: Better,
    (table, of, scale): (Table, OfTable, Option<Scale>),
    [doc, source]: [&'static str; 2],
) -> Metric {
    let (needs_labels, among) = match table {
        Table::Decisions => (false, "of all"),
        Table::Right => (true, "of all with a label"),
    };
    let formula = Formula::Agreement { table, of, scale };
    Metric { id, aliases, title, plain, among, better, formula, needs_labels, doc, source, ..Metric::BLANK }
}

pub(super) static METRICS: &[Metric] = &[
    of_pair(
        "cohens_kappa",
        &["kappa", "cohen_kappa_score"],
        ["Cohen's kappa", "agreement beyond chance"],
        Better::Neutral,
        (Table::Decisions, kappa, Some(Scale::Signed)),
        [
            "Agreement of base and tuned decisions beyond chance, of two classes or of any number: 1 is the same \
             decision on every row. Undefined where chance alone makes them agree.",
            "Cohen (1960); scikit-learn 1.9, cohen_kappa_score; variance: Fleiss, Cohen & Everitt (1969)",
        ],
    )
    .written("(po − pe) / (1 − pe)"),
    of_pair(
        "relative_negative_flip_rate",
        &["relative_nfr", "rel_nfr"],
        ["Relative negative flips", "negative flips, relative"],
        Better::Lower,
        (Table::Right, relative_nfr, Some(Scale::Positive)),
        [
            "The negative flip rate over (1 − error of the base) · error of the tuned model: 1 is what two models with \
             independent errors would have. Undefined where the base is never right or the tuned model never wrong.",
            "Yan et al. (2021), section 3",
        ],
    )
    .written("NFR / ((1 − error of b) · error of t)"),
    of_pair(
        "mcnemar_exact_p",
        &["mcnemar", "mcnemar_p"],
        ["McNemar's exact p", "p that neither is more often right"],
        Better::Neutral,
        (Table::Right, |table| mcnemar(table, false), None),
        [
            "Two-sided exact binomial p-value that base and tuned are equally often right, from the rows on which only \
             one of them is. It is 1 where there is none. Undefined of rows with weights or units, which no exact count of \
             independent rows stands for: read the change of the accuracy there.",
            "McNemar (1947); statsmodels 0.14, mcnemar(exact=True)",
        ],
    )
    .written("2 P(X ≤ min(n01, n10)), X ~ Binomial(n01 + n10, 1/2)"),
    of_pair(
        "mcnemar_mid_p",
        &[],
        ["McNemar's mid-p", "mid-p that neither is more often right"],
        Better::Neutral,
        (Table::Right, |table| mcnemar(table, true), None),
        [
            "The exact p-value less half the probability of what was seen, on either side: less conservative. Undefined without such rows, \
             and of rows with weights or units.",
            "Fagerland, Lydersen & Laake (2013)",
        ],
    )
    .written("exact p − P(X = min(n01, n10))"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn table(counts: [f64; 4]) -> Agreement {
        std::array::from_fn(|at| Dual::count(counts[at], at))
    }

    fn close(found: Option<Dual>, expected: f64) {
        let found = found.expect("it is defined").value;
        assert!((found - expected).abs() < 1e-7, "{found} is not {expected}");
    }

    /// statistics.md section 5.
    /// Of two classes both formulas are one, and so are their errors.
    #[test]
    fn kappa_of_two_classes_is_kappa_of_a_table() {
        let counts = [50.0, 10.0, 5.0, 35.0];
        let rows = [(0, 0, 50.0), (0, 1, 10.0), (1, 0, 5.0), (1, 1, 35.0)];
        let (value, influence) = kappa_of_classes(&rows).unwrap();
        let expected = kappa(&table(counts)).unwrap();
        assert!((value - expected.value).abs() < 1e-14);
        let variance: f64 = influence.iter().zip(counts).map(|(all, n)| all * all / n).sum();
        let by_table: f64 = expected.slope.iter().zip(counts).map(|(slope, n)| slope * slope * n).sum();
        assert!((variance - by_table).abs() < 1e-14, "{variance} is not {by_table}");
        assert_eq!(kappa_of_classes(&[(2, 2, 5.0)]), None);
    }

    #[test]
    fn the_worked_examples() {
        close(kappa(&table([50.0, 10.0, 5.0, 35.0])), 0.693_877_6);
        close(mcnemar(&table([0.0, 30.0, 10.0, 0.0]), false), 0.002_221_4);
        close(mcnemar(&table([0.0, 30.0, 10.0, 0.0]), true), 0.001_450_5);
        // b = 1110101011, t = 1011101101 as correctness.
        close(relative_nfr(&table([1.0, 2.0, 2.0, 5.0])), 0.952_381);
    }
}
