//! Small multiples: one little plot a group, all on the same axes, four in a row.

use super::{Dot, Figure, Path, WIDTH, clean, round, step};
use crate::render::number;

const COLUMNS: usize = 4;
const PITCH: f64 = WIDTH / COLUMNS as f64;
/// Room for the ticks of the upright axis.
const LEFT: f64 = 30.0;
const PLOT: [f64; 2] = [PITCH - LEFT - 14.0, 96.0];
const TITLE_LINE: f64 = 13.0;
const TITLE_COLUMNS: usize = 24;
/// Room below a plot for the ticks of the level axis.
const BELOW: f64 = 30.0;

/// The axes that all plots share.
pub(in crate::render) struct Axes {
    /// What lies along the level axis.
    pub x: Axis,
    /// What lies along the upright axis.
    pub y: Axis,
    /// Whether a line of equal values is drawn.
    pub diagonal: bool,
}

/// One axis.
pub(in crate::render) struct Axis {
    /// Its ends.
    pub ends: [f64; 2],
    /// Its ticks.
    pub ticks: Vec<f64>,
}

impl Axis {
    /// From 0 to `most`, with a tick at both ends and the middle.
    pub fn up_to(most: f64) -> Axis {
        Axis::between(0.0, most)
    }

    /// From `low` to `high`, with a tick at both ends and the middle.
    fn between(low: f64, high: f64) -> Axis {
        let high = if high > low { high } else { low + 1.0 };
        Axis { ends: [low, high], ticks: vec![low, (low + high) / 2.0, high] }
    }

    /// Of scores: from 0 to 1 where all lie there, as probabilities do, else between the next round numbers outside.
    pub fn of_scores(low: f64, high: f64) -> Axis {
        if low >= 0.0 && high <= 1.0 {
            return Axis::up_to(1.0);
        }
        let step = 2.0 * step(high - low, 0.0);
        Axis::between(step * (low / step).floor(), step * (high / step).ceil())
    }

    fn share(&self, value: f64) -> f64 {
        ((value - self.ends[0]) / (self.ends[1] - self.ends[0])).clamp(0.0, 1.0)
    }

    fn step(&self) -> f64 {
        (self.ends[1] - self.ends[0]) / 10.0
    }
}

/// One plot.
#[derive(Default)]
pub(in crate::render) struct Plot {
    /// Its group.
    pub title: String,
    /// Smaller text under it; may be empty.
    pub note: String,
    /// Curves through points.
    pub curves: Vec<(&'static str, Vec<[f64; 2]>)>,
    /// Dots with an upright interval.
    pub dots: Vec<(&'static str, [f64; 2], [f64; 2])>,
    /// Upright lines.
    pub marks: Vec<(&'static str, f64)>,
}

/// Where a plot stands.
struct Frame<'a> {
    axes: &'a Axes,
    left: f64,
    top: f64,
}

impl Frame<'_> {
    fn x(&self, value: f64) -> f64 {
        round(self.left + PLOT[0] * self.axes.x.share(value))
    }

    fn y(&self, value: f64) -> f64 {
        round(self.top + PLOT[1] * (1.0 - self.axes.y.share(value)))
    }
}

/// Lays the plots out, four in a row.
pub(in crate::render) fn grid(id: String, title: String, desc: &str, axes: &Axes, plots: &[Plot]) -> Figure {
    let mut figure = Figure { id, title, desc: desc.into(), ..Figure::default() };
    let mut top = 4.0;
    for row in plots.chunks(COLUMNS) {
        let heads: Vec<(Vec<String>, Vec<String>)> = row.iter().map(head).collect();
        let lines = heads.iter().map(|(title, note)| title.len() + note.len()).max().unwrap_or(0);
        let plot_top = top + TITLE_LINE * lines as f64 + 6.0;
        for (column, (plot, head)) in row.iter().zip(heads).enumerate() {
            let frame = Frame { axes, left: column as f64 * PITCH + LEFT, top: plot_top };
            figure.head(head, frame.left, top);
            figure.frame(&frame);
            figure.plot(plot, &frame);
        }
        top = plot_top + PLOT[1] + BELOW;
    }
    figure.height = round(top);
    figure
}

fn head(plot: &Plot) -> (Vec<String>, Vec<String>) {
    (clean::wrapped(&plot.title, TITLE_COLUMNS), clean::wrapped(&plot.note, TITLE_COLUMNS + 2))
}

impl Figure {
    fn head(&mut self, (title, note): (Vec<String>, Vec<String>), left: f64, top: f64) {
        let lines = title.into_iter().map(|line| ("plot", line)).chain(note.into_iter().map(|line| ("note", line)));
        for (place, (class, line)) in lines.enumerate() {
            self.text(class, left, round(top + TITLE_LINE * (place as f64 + 0.85)), line);
        }
    }

    fn frame(&mut self, frame: &Frame) {
        let [x, y] = [&frame.axes.x, &frame.axes.y];
        for value in &y.ticks {
            let at = frame.y(*value);
            self.line("grid", frame.left, at, frame.left + PLOT[0], at);
            self.text("tick end", frame.left - 4.0, at + 3.5, plain(*value, y.step()));
        }
        for (place, value) in x.ticks.iter().enumerate() {
            // The last is not centred: its right half would be outside the figure.
            let class = if place + 1 == x.ticks.len() { "tick end" } else { "tick" };
            self.text(class, frame.x(*value), frame.top + PLOT[1] + 13.0, plain(*value, x.step()));
        }
        if frame.axes.diagonal {
            let [low, high] = x.ends;
            self.line("level", frame.x(low), frame.y(low), frame.x(high), frame.y(high));
        }
    }

    fn plot(&mut self, plot: &Plot, frame: &Frame) {
        for (class, value) in &plot.marks {
            let x = frame.x(*value);
            self.line(class, x, frame.top, x, frame.top + PLOT[1]);
        }
        for (class, points) in &plot.curves {
            let points = points.iter().map(|[x, y]| format!("{} {}", frame.x(*x), frame.y(*y)));
            self.paths.push(Path { class, d: format!("M{}", points.collect::<Vec<_>>().join("L")) });
        }
        for (class, [x, y], [low, high]) in &plot.dots {
            let x = frame.x(*x);
            self.line(class, x, frame.y(*low), x, frame.y(*high));
            self.dots.push(Dot { class, x, y: frame.y(*y) });
        }
    }
}

/// A tick with as many decimals as tell a tenth of the axis.
fn plain(value: f64, step: f64) -> String {
    let sign = if value < 0.0 { "−" } else { "" };
    let text = number::tick(value.abs(), step);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{sign}{text}")
}
