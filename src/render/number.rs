//! Numbers as text: rates of 100 and points with one decimal, ratios with two.

use crate::result::Span;

/// A real minus sign; `plain` turns it into a hyphen for the terminal.
const MINUS: char = '\u{2212}';

/// A rate as "of 100", `12.6`.
pub(super) fn hundred(rate: f64) -> String {
    fixed(100.0 * rate, 1)
}

/// A difference of rates in points with its sign, `+0.5`.
pub(super) fn points(difference: f64) -> String {
    let text = hundred(difference);
    if text.starts_with(MINUS) || text == "0.0" { text } else { format!("+{text}") }
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
    let digits = n.to_string();
    let grouped: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|chunk| std::str::from_utf8(chunk).unwrap_or_default()).collect();
    grouped.join(",")
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
