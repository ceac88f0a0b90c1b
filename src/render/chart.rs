//! Charts as display lists: the geometry is settled here, the look in the templates.
//!
//! A figure is lines, dots and texts with class names. Labels are wrapped here, since SVG text
//! does not wrap, so that no name is ever cut off or laid over a number.

mod grid;

pub(super) use grid::{Axes, Axis, Plot, grid};

use super::{clean, number};
use serde::Serialize;

const LABEL_WIDTH: f64 = 240.0;
const LABEL_COLUMNS: usize = 36;
const LINE: f64 = 13.0;
const PADDING: f64 = 9.0;
const HEAD: f64 = 40.0;
const FOOT: f64 = 8.0;
const GAP: f64 = 40.0;
/// Width of every figure, in its own units.
pub(super) const WIDTH: f64 = 760.0;

/// A chart, ready to draw.
#[derive(Debug, Default, Serialize)]
pub(super) struct Figure {
    /// Unique in the document.
    pub id: String,
    /// What it shows, in a line.
    pub title: String,
    /// What it shows, for those who cannot see it.
    pub desc: String,
    /// Height; the width is always `WIDTH`.
    pub height: f64,
    /// Strips of background: (x, y, width, height).
    pub bands: Vec<[f64; 4]>,
    /// Straight lines, those of one look as one path: many are drawn, and each would take more than its ends.
    pub lines: Vec<Path>,
    /// Curves, drawn over the lines.
    pub paths: Vec<Path>,
    /// Dots, drawn last.
    pub dots: Vec<Dot>,
    /// Texts.
    pub texts: Vec<Text>,
}

/// Straight lines or a curve through points, as an SVG path.
#[derive(Debug, Serialize)]
pub(super) struct Path {
    class: &'static str,
    d: String,
}

/// A circle.
#[derive(Debug, Serialize)]
pub(super) struct Dot {
    class: &'static str,
    #[serde(serialize_with = "short")]
    x: f64,
    #[serde(serialize_with = "short")]
    y: f64,
}

/// A line of text.
#[derive(Debug, Serialize)]
pub(super) struct Text {
    class: &'static str,
    #[serde(serialize_with = "short")]
    x: f64,
    #[serde(serialize_with = "short")]
    y: f64,
    text: String,
}

/// A horizontal axis that covers its values at round numbers.
#[derive(Debug)]
pub(super) struct Scale {
    left: f64,
    width: f64,
    /// The first tick, in steps.
    first: f64,
    step: f64,
    steps: usize,
}

/// One row of a figure: its label, and what is drawn in each panel at its height.
pub(super) struct Row {
    /// The group.
    pub label: String,
    /// Smaller text under it; may be empty.
    pub note: String,
    /// Marks by panel.
    pub marks: Vec<Vec<Mark>>,
}

/// Something drawn at a value of a panel's axis.
pub(super) enum Mark {
    /// A line between two values.
    Bar(&'static str, f64, f64),
    /// A circle, and how far above the row's middle it stands.
    Dot(&'static str, f64),
    /// A short upright line, shifted down by so many units.
    Tick(&'static str, f64, f64),
    /// An interval with its circle, shifted down by so many units.
    Whisker(&'static str, f64, f64, f64, f64),
}

/// How the numbers of an axis are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ticks {
    /// With their sign, `+20`: differences.
    Signed,
    /// Without a sign: rates, and bars whose side tells the direction.
    Sizes,
    /// Plain numbers, on an axis that need not hold zero.
    Values,
}

/// One panel beside the labels.
pub(super) struct Panel {
    /// Heading over the axis.
    pub heading: String,
    /// How its ticks are written.
    pub ticks: Ticks,
    /// A strip of values that do not count as a gap: plus and minus this.
    pub band: Option<f64>,
    /// Upright lines with their looks: `level` dashed, `limit` solid.
    pub lines: Vec<(&'static str, f64)>,
    /// The least distance between two ticks; 0 where none is too small.
    pub least_step: f64,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64>, panel: &Panel, left: f64, width: f64) -> Scale {
        let zero = (panel.ticks != Ticks::Values).then_some(0.0);
        let lines = panel.lines.iter().map(|(_, value)| *value);
        let ends = values.chain(lines).filter(|value| value.is_finite()).chain(zero).map(|value| (value, value));
        let (low, high) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or_default();
        let step = step(high - low, panel.least_step);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        Scale { left, width, first, step, steps: (last - first).max(1.0) as usize }
    }

    fn x(&self, value: f64) -> f64 {
        let share = (value / self.step - self.first) / self.steps as f64;
        round(self.left + self.width * share.clamp(0.0, 1.0))
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        (0..=self.steps).map(|tick| self.step * (self.first + tick as f64))
    }
}

/// A round step that gives at most six or seven ticks: 1, 2 or 5 of a power of ten.
fn step(width: f64, least: f64) -> f64 {
    if width <= 0.0 {
        return if least > 0.0 { least } else { 1.0 };
    }
    let unit = 10_f64.powi((width / 5.0).log10().floor() as i32);
    let steps = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * unit);
    steps.into_iter().find(|step| width <= 5.0 * step * (1.0 + 1e-9)).unwrap_or(10.0 * unit).max(least)
}

/// The panels of one or more figures, which share their axes.
pub(super) struct Layout<'a> {
    panels: &'a [Panel],
    scales: Vec<Scale>,
}

impl<'a> Layout<'a> {
    /// Axes that hold all the rows.
    pub fn of(panels: &'a [Panel], rows: &[Row]) -> Layout<'a> {
        Layout { panels, scales: (0..panels.len()).map(|place| scale(place, panels, rows)).collect() }
    }

    /// Lays out rows with their labels beside the panels.
    pub fn figure(&self, id: String, title: String, desc: &str, rows: &[Row]) -> Figure {
        let mut figure = Figure { id, title, desc: desc.into(), ..Figure::default() };
        let heights: Vec<f64> = rows.iter().map(height).collect();
        let bottom = HEAD + heights.iter().sum::<f64>();
        for (panel, scale) in self.panels.iter().zip(&self.scales) {
            figure.axis(panel, scale, bottom);
        }
        let mut top = HEAD;
        for (row, height) in rows.iter().zip(&heights) {
            figure.row(row, &self.scales, top, *height);
            top += height;
        }
        figure.height = round(bottom + FOOT);
        figure
    }
}

impl Figure {
    fn axis(&mut self, panel: &Panel, scale: &Scale, bottom: f64) {
        if let Some(size) = panel.band {
            let (left, right) = (scale.x(-size), scale.x(size));
            self.bands.push([left, HEAD, round(right - left), round(bottom - HEAD)]);
        }
        self.text("panel", round(scale.left), 14.0, panel.heading.clone());
        for value in scale.ticks() {
            let x = scale.x(value);
            self.line(if value == 0.0 { "zero" } else { "grid" }, x, HEAD, x, bottom);
            self.text("tick", x, HEAD - 8.0, tick(value, scale.step, panel.ticks));
        }
        for (class, value) in &panel.lines {
            let x = scale.x(*value);
            self.line(class, x, HEAD, x, bottom);
        }
    }

    fn row(&mut self, row: &Row, scales: &[Scale], top: f64, height: f64) {
        let mut y = round(top + PADDING / 2.0 + 10.0);
        for line in clean::wrapped(&row.label, LABEL_COLUMNS) {
            self.text("name", 0.0, y, line);
            y += LINE;
        }
        for line in clean::wrapped(&row.note, LABEL_COLUMNS + 4) {
            self.text("note", 0.0, y, line);
            y += LINE;
        }
        self.line("rule", 0.0, round(top), WIDTH, round(top));
        for (scale, marks) in scales.iter().zip(&row.marks) {
            marks.iter().for_each(|mark| self.mark(mark, scale, round(top + height / 2.0)));
        }
    }

    fn mark(&mut self, mark: &Mark, scale: &Scale, y: f64) {
        match *mark {
            Mark::Bar(class, from, to) => self.line(class, scale.x(from), y, scale.x(to), y),
            Mark::Tick(class, value, down) => {
                let x = scale.x(value);
                self.line(class, x, y + down - 5.0, x, y + down + 5.0);
            }
            Mark::Dot(class, value) => self.dots.push(Dot { class, x: scale.x(value), y }),
            Mark::Whisker(class, low, value, high, down) => {
                self.line(class, scale.x(low), y + down, scale.x(high), y + down);
                self.dots.push(Dot { class, x: scale.x(value), y: y + down });
            }
        }
    }

    fn line(&mut self, class: &'static str, x1: f64, y1: f64, x2: f64, y2: f64) {
        let to = match (x1 == x2, y1 == y2) {
            (_, true) => format!("H{x2}"),
            (true, _) => format!("V{y2}"),
            _ => format!("L{x2} {y2}"),
        };
        let d = format!("M{x1} {y1}{to}");
        match self.lines.iter_mut().find(|path| path.class == class) {
            Some(path) => path.d += &d,
            None => self.lines.push(Path { class, d }),
        }
    }

    fn text(&mut self, class: &'static str, x: f64, y: f64, text: String) {
        self.texts.push(Text { class, x, y, text });
    }
}

fn scale(place: usize, panels: &[Panel], rows: &[Row]) -> Scale {
    let each = (WIDTH - LABEL_WIDTH) / panels.len() as f64 - GAP;
    let left = LABEL_WIDTH + GAP / 2.0 + place as f64 * (each + GAP);
    let marks = rows.iter().filter_map(|row| row.marks.get(place)).flatten();
    Scale::of(marks.flat_map(ends), &panels[place], left, each)
}

fn ends(mark: &Mark) -> [f64; 2] {
    match *mark {
        Mark::Bar(_, from, to) => [from, to],
        Mark::Dot(_, value) | Mark::Tick(_, value, _) => [value, value],
        Mark::Whisker(_, low, _, high, _) => [low, high],
    }
}

fn height(row: &Row) -> f64 {
    let lines = clean::wrapped(&row.label, LABEL_COLUMNS).len() + clean::wrapped(&row.note, LABEL_COLUMNS + 4).len();
    PADDING + LINE * lines.max(1) as f64
}

fn tick(value: f64, step: f64, ticks: Ticks) -> String {
    let size = number::tick(value.abs(), step);
    match ticks {
        Ticks::Signed | Ticks::Values if value < 0.0 => format!("−{size}"),
        Ticks::Signed if value > 0.0 => format!("+{size}"),
        _ => size,
    }
}

/// A whole number without its decimal.
fn short<S: serde::Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if x.fract() == 0.0 { serializer.serialize_i64(*x as i64) } else { serializer.serialize_f64(*x) }
}

/// One decimal is finer than any screen, and keeps the file small.
fn round(x: f64) -> f64 {
    (10.0 * x).round() / 10.0
}
