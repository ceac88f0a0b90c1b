//! Every gap as a chart: where it stood in the base, where it stands now, and how surely it moved.

use super::order;
use super::words;
use crate::render::chart::{Figure, Layout, Mark, Panel, Row, Ticks};
use crate::render::clean;
use crate::result::{AuditResult, Finding, Verdict};

/// Findings drawn; the tables hold more.
pub(in crate::render) const MOST_DRAWN: usize = 40;
/// Rows of one figure, so that a printed page has room for two.
const ROWS: usize = 14;

/// The figures, worst findings first, and how many findings could not be drawn for lack of room.
pub(in crate::render) fn figures(result: &AuditResult) -> (Vec<Figure>, usize) {
    let sorted = order::findings(result);
    let drawable: Vec<(usize, &Finding)> =
        sorted.into_iter().enumerate().filter(|(_, finding)| has_numbers(finding)).collect();
    let (first, more) = (drawable.iter().take(MOST_DRAWN), drawable.len().saturating_sub(MOST_DRAWN));
    let rows: Vec<Row> = first.filter_map(|(number, finding)| row(*number, finding)).collect();
    let panels = panels(100.0 * result.method.smallest_gap);
    let layout = Layout::of(&panels, &rows);
    (rows.chunks(ROWS).enumerate().map(|(place, part)| figure(&layout, place, part)).collect(), more)
}

fn has_numbers(finding: &Finding) -> bool {
    let numbers = finding.base.is_some() && finding.tuned.is_some() && finding.change.is_some();
    numbers && finding.verdict != Verdict::TooSmall && !finding.hidden
}

fn panels(smallest_gap: f64) -> [Panel; 2] {
    [
        Panel {
            heading: "Gap, points: base ○ to tuned ●", ticks: Ticks::Signed, band: Some(smallest_gap), line: None
        },
        Panel { heading: "Change with its interval, points", ticks: Ticks::Signed, band: None, line: None },
    ]
}

fn figure(layout: &Layout, place: usize, rows: &[Row]) -> Figure {
    let title = format!(
        "Gap of the base and of the tuned model, and its change: rows {} to {}",
        place * ROWS + 1,
        place * ROWS + rows.len()
    );
    let desc = "One row a finding. Left: an open circle for the base's gap, a filled one for the tuned model's. Right: the change with its \
        interval; where the interval crosses zero, the data do not show a change. The numbers are in the table of findings.";
    layout.figure(format!("gaps-{place}"), title, desc, rows)
}

fn row(number: usize, finding: &Finding) -> Option<Row> {
    let [base, tuned, change] = [finding.base?, finding.tuned?, finding.change?];
    let of = |value: f64| 100.0 * value;
    Some(Row {
        label: clean::label(&finding.slice),
        note: format!("{} {} · {}", number + 1, words::verdict(finding.verdict).0, words::plain(&finding.metric)),
        marks: vec![
            vec![
                Mark::Bar("move", of(base.value), of(tuned.value)),
                Mark::Dot("base", of(base.value)),
                Mark::Dot("tuned", of(tuned.value)),
            ],
            vec![Mark::Whisker("change", of(change.low), of(change.value), of(change.high), 0.0)],
        ],
    })
}
