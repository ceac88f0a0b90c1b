//! Numbers as text: rates of 100 and points with one decimal, ratios with two, all else with three
//! or, where it is large, four digits.

use crate::result::Span;

/// A real minus sign; `plain` turns it into a hyphen for the terminal.
const MINUS: char = '\u{2212}';

/// A rate as "of 100", `12.6`.
pub(super) fn hundred(rate: f64) -> String {
    fixed(100.0 * rate, 1)
}

/// A difference of rates in points with its sign, `+0.5`.
pub(super) fn points(difference: f64) -> String {
    signed(hundred(difference))
}

/// A number that is no rate, `0.904`, `45.23`, `12,300`: three decimals, fewer where it is large.
pub(super) fn decimal(value: f64) -> String {
    with_commas(&fixed(value, decimals(value)))
}

/// A difference of such numbers with its sign, `+0.051`.
pub(super) fn difference(value: f64) -> String {
    signed(decimal(value))
}

fn signed(text: String) -> String {
    let zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if zero || text.starts_with(MINUS) { text } else { format!("+{text}") }
}

/// Four digits of a large number, three decimals of a small one.
fn decimals(value: f64) -> usize {
    match value.abs() {
        size if size < 9.9995 => 3,
        size if size < 99.995 => 2,
        size if size < 999.95 => 1,
        _ => 0,
    }
}

/// People more or fewer, who need not be whole, `8.0`.
pub(super) fn people(value: f64) -> String {
    with_commas(&fixed(value, 1))
}

/// A ratio or a share, `0.71`.
pub(super) fn ratio(value: f64) -> String {
    fixed(value, 2)
}

/// A probability that was estimated, so never said to be certain, `0.71`, `> 0.99`.
pub(super) fn chance(value: f64) -> String {
    match value {
        value if value > 0.995 => "> 0.99".into(),
        value if value < 0.005 => "< 0.01".into(),
        value => ratio(value),
    }
}

/// A p-value or q-value, `0.031`, `< 0.001`.
pub(super) fn p_value(p: f64) -> String {
    if p < 0.001 { "< 0.001".into() } else { fixed(p, 3) }
}

/// `low to high`, each end written by `write`; an open end says so.
pub(super) fn span(span: Span, write: fn(f64) -> String) -> String {
    match (span.low, span.high) {
        (Some(low), Some(high)) => format!("{} to {}", write(low), write(high)),
        (Some(low), None) => format!("{} or more", write(low)),
        (None, Some(high)) => format!("{} or less", write(high)),
        (None, None) => String::new(),
    }
}

/// A count with commas, `15,318`.
pub(super) fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// A number's text with commas in its whole part.
fn with_commas(text: &str) -> String {
    let (sign, size) = if text.starts_with(MINUS) { text.split_at(MINUS.len_utf8()) } else { ("", text) };
    let (whole, rest) = size.split_at(size.find('.').unwrap_or(size.len()));
    format!("{sign}{}{rest}", grouped(whole))
}

fn grouped(digits: &str) -> String {
    let chunks: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|chunk| std::str::from_utf8(chunk).unwrap_or_default()).collect();
    chunks.join(",")
}

/// A count and its noun, `1 check`, `4 checks`.
pub(super) fn counted(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

/// A share as `95 %`, with as many decimals as it needs, at most two.
pub(super) fn percent(share: f64) -> String {
    let text = fixed(100.0 * share, 2);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A setting without needless decimals, `1.5`, `3`.
pub(super) fn setting(value: f64) -> String {
    let text = fixed(value, 4);
    text.trim_end_matches('0').trim_end_matches('.').into()
}

/// A limit: as `write` has it, with more decimals where that would round it away.
pub(super) fn exact(value: f64, scale: f64, write: fn(f64) -> String) -> String {
    let (text, shown) = (write(value), scale * value);
    let read: Option<f64> = text.replace(',', "").replace(MINUS, "-").parse().ok();
    let rounded = read.is_none_or(|read| (read - shown).abs() > 1e-9 * (1.0 + shown.abs()));
    if rounded { fixed(shown, 6).trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// A tick of an axis whose ticks are `step` apart, `0.05`, `2,000`.
pub(super) fn tick(size: f64, step: f64) -> String {
    let decimals = (-(step.log10() + 1e-9).floor()).max(0.0) as usize;
    with_commas(&fixed(size, decimals))
}

/// The text with hyphens for minus signs.
pub(super) fn plain(text: &str) -> String {
    text.replace(MINUS, "-")
}

fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(zero) if zero.bytes().all(|byte| matches!(byte, b'0' | b'.')) => zero.into(),
        Some(size) => format!("{MINUS}{size}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_no_rates_have_enough_digits_and_no_more() {
        let written = [0.904, -0.05, 12.345, 999.96, -12_345.6, 0.0].map(decimal);
        assert_eq!(written, ["0.904", "\u{2212}0.050", "12.35", "1,000", "\u{2212}12,346", "0.000"]);
        assert_eq!([0.051, -0.051, 0.0, 1234.0].map(difference), ["+0.051", "\u{2212}0.051", "0.000", "+1,234"]);
    }

    #[test]
    fn a_limit_is_never_rounded_away() {
        assert_eq!(exact(0.03, 1.0, decimal), "0.030");
        assert_eq!(exact(0.0005, 1.0, decimal), "0.0005");
        assert_eq!(exact(0.05, 100.0, hundred), "5.0");
        assert_eq!(exact(0.0025, 100.0, hundred), "0.25");
        assert_eq!(exact(12_500.0, 1.0, decimal), "12,500");
    }

    #[test]
    fn ticks_have_the_decimals_of_their_step() {
        let written = [(0.15, 0.05), (20.0, 10.0), (0.0, 0.02), (4000.0, 2000.0), (0.1, 0.1)];
        assert_eq!(written.map(|(size, step)| tick(size, step)), ["0.15", "20", "0.00", "4,000", "0.1"]);
    }
}
