//! Every gap as a chart: where it stood in the base, where it stands now, and how surely it moved.
//!
//! An axis has one unit: the rates share theirs, and every other metric has figures of its own.

use super::order;
use super::unit::Unit;
use super::words;
use crate::render::chart::{Figure, Layout, Mark, Panel, Row, Ticks};
use crate::render::clean;
use crate::result::{AuditResult, Finding, Verdict};

/// Findings drawn; the tables hold more.
pub(in crate::render) const MOST_DRAWN: usize = 40;
/// Rows of one figure, so that a printed page has room for two.
const ROWS: usize = 14;

/// Findings on one axis, each with its place in the order.
struct Group<'a> {
    /// What they share, `rates` or a metric's title.
    name: String,
    unit: Unit,
    /// The smallest gap that counts.
    smallest_gap: f64,
    findings: Vec<(usize, &'a Finding)>,
}

/// The figures, worst findings first, and how many findings could not be drawn for lack of room.
pub(in crate::render) fn figures(result: &AuditResult) -> (Vec<Figure>, usize) {
    let sorted = order::listed(result).into_iter().map(|listed| listed.finding);
    let drawable: Vec<(usize, &Finding)> = sorted.enumerate().filter(|(_, finding)| has_numbers(finding)).collect();
    let more = drawable.len().saturating_sub(MOST_DRAWN);
    let groups = groups(result, drawable.into_iter().take(MOST_DRAWN));
    let alone = groups.len() == 1;
    let mut figures = Vec::new();
    for group in &groups {
        group.draw(alone, &mut figures);
    }
    (figures, more)
}

fn has_numbers(finding: &Finding) -> bool {
    let numbers = finding.base.is_some() && finding.tuned.is_some() && finding.change.is_some();
    numbers && finding.verdict != Verdict::TooSmall && !finding.hidden
}

fn groups<'a>(result: &AuditResult, findings: impl Iterator<Item = (usize, &'a Finding)>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group> = Vec::new();
    for (number, finding) in findings {
        let unit = Unit::gap(&finding.metric);
        let name = if unit == Unit::Points { "rates".into() } else { words::title(&finding.metric) };
        let smallest_gap = result.method.tau(&finding.metric);
        let same = |group: &&mut Group| group.name == name && group.smallest_gap == smallest_gap;
        match groups.iter_mut().find(same) {
            Some(group) => group.findings.push((number, finding)),
            None => groups.push(Group { name, unit, smallest_gap, findings: vec![(number, finding)] }),
        }
    }
    groups
}

impl Group<'_> {
    /// Adds the group's figures, which share their axes.
    fn draw(&self, alone: bool, figures: &mut Vec<Figure>) {
        let rows: Vec<Row> =
            self.findings.iter().filter_map(|(number, finding)| row(*number, finding, self.unit.scale())).collect();
        let panels = self.panels();
        let layout = Layout::of(&panels, &rows);
        let of = if alone { String::new() } else { format!(" ({})", self.name) };
        for (place, part) in rows.chunks(ROWS).enumerate() {
            let (first, id) = (place * ROWS, format!("gaps-{}", figures.len()));
            let title = format!(
                "Gap of the base and of the tuned model, and its change{of}: rows {} to {}",
                first + 1,
                first + part.len()
            );
            figures.push(layout.figure(id, title, DESCRIPTION, part));
        }
    }

    fn panels(&self) -> [Panel; 2] {
        let rates = self.unit == Unit::Points;
        let (unit, least_step) = if rates { (", points", 1.0) } else { ("", 0.0) };
        let panel = |heading: String, band| Panel { heading, ticks: Ticks::Signed, band, lines: vec![], least_step };
        [
            panel(format!("Gap{unit}: base ○ to tuned ●"), Some(self.unit.scale() * self.smallest_gap)),
            panel(format!("Change with its interval{unit}"), None),
        ]
    }
}

const DESCRIPTION: &str = "One row a finding. Left: an open circle for the base's gap, a filled one for the tuned model's. Right: the change with its \
        interval; where the interval crosses zero, the data do not show a change. The numbers are in the table of findings.";

fn row(number: usize, finding: &Finding, scale: f64) -> Option<Row> {
    let [base, tuned, change] = [finding.base?, finding.tuned?, finding.change?];
    let of = |value: f64| scale * value;
    Some(Row {
        label: clean::label(&finding.slice),
        note: format!(
            "{} {} · {}",
            number + 1,
            words::of(finding).0,
            words::plain_of(&finding.metric, finding.class.as_deref())
        ),
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
