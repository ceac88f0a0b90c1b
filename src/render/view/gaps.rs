//! Every gap as a chart: where it stood in the base, where it stands now, and how surely it moved.

use super::order;
use super::words;
use crate::render::chart::{Figure, Mark, Panel, Row};
use crate::render::clean;
use crate::result::{AuditResult, Finding, Verdict};

/// Findings drawn; the tables hold more.
pub(in crate::render) const MOST_DRAWN: usize = 40;
/// Rows of one figure, so that a figure fits a printed page.
const ROWS: usize = 20;

/// The figures, worst findings first, and how many findings could not be drawn for lack of room.
pub(in crate::render) fn figures(result: &AuditResult) -> (Vec<Figure>, usize) {
    let sorted = order::findings(result);
    let drawable: Vec<(usize, &Finding)> = sorted.into_iter().enumerate().filter(|(_, finding)| has_numbers(finding)).collect();
    let drawn = &drawable[..drawable.len().min(MOST_DRAWN)];
    let figures = drawn.chunks(ROWS).enumerate().map(|(place, part)| figure(result, place, part)).collect();
    (figures, drawable.len() - drawn.len())
}

fn has_numbers(finding: &Finding) -> bool {
    let numbers = finding.base.is_some() && finding.tuned.is_some() && finding.change.is_some();
    numbers && finding.verdict != Verdict::TooSmall && !finding.hidden
}

fn figure(result: &AuditResult, place: usize, findings: &[(usize, &Finding)]) -> Figure {
    let band = Some(100.0 * result.method.smallest_gap);
    let panels = [
        Panel { heading: "Gap, points: base ○ to tuned ●", signed: true, band, line: None },
        Panel { heading: "Change with its interval, points", signed: true, band: None, line: None },
    ];
    let (first, last) = (findings.first().map_or(0, |one| one.0 + 1), findings.last().map_or(0, |one| one.0 + 1));
    let rows: Vec<Row> = findings.iter().filter_map(|(number, finding)| row(*number, finding)).collect();
    Figure::of(
        format!("gaps-{place}"),
        format!("Findings {first} to {last}: gap of the base and of the tuned model, and the change"),
        "One row a finding. Left: an open circle for the base's gap, a filled one for the tuned model's. Right: the change with its interval; \
         where the interval crosses zero, the data do not show a change. The numbers are in the table of findings."
            .into(),
        &panels,
        &rows,
    )
}

fn row(number: usize, finding: &Finding) -> Option<Row> {
    let [base, tuned, change] = [finding.base?, finding.tuned?, finding.change?];
    let of = |value: f64| 100.0 * value;
    Some(Row {
        label: clean::label(&finding.slice),
        note: format!("{} {} · {}", number + 1, words::verdict(finding.verdict).0, words::plain(&finding.metric)),
        marks: vec![
            vec![Mark::Bar("move", of(base.value), of(tuned.value)), Mark::Dot("base", of(base.value)), Mark::Dot("tuned", of(tuned.value))],
            vec![Mark::Whisker("change", of(change.low), of(change.value), of(change.high), 0.0)],
        ],
    })
}
