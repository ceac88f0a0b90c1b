//! Problems drawn for people: the line, a caret under the place, and the advice.
//!
//! The text shown is the file's own, so it is untrusted: control and bidirectional characters are
//! spelled out, and a line of ten thousand characters is cut around the place.

use super::problem::{Problem, Problems, clean};
use super::source::Source;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan};
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::fmt;
use std::io::IsTerminal;
use std::ops::Range;

/// More problems than this are counted, not drawn.
const MOST: usize = 30;
/// Characters of a line that are shown.
const LINE: usize = 100;
/// Characters shown before the place, when a line is cut.
const BEFORE: usize = 40;
/// Columns of the drawing where the terminal does not tell.
const WIDTH: usize = 100;

/// How to draw on standard error: coloured only on a terminal that wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour;

/// Colours, when standard error is a terminal and `NO_COLOR` is not set.
pub fn colour() -> Option<Colour> {
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    (std::io::stderr().is_terminal() && !dumb && !unwanted).then_some(Colour)
}

/// Draws all problems.
pub fn render(problems: &Problems, colour: Option<Colour>) -> String {
    let theme = if colour.is_some() { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(WIDTH).with_links(false).with_context_lines(1);
    let mut text = String::new();
    for problem in problems.list.iter().take(MOST) {
        let source = problem.span.as_ref().and_then(|span| problems.sources.get(span.source));
        let drawn = handler.render_report(&mut text, &Drawing::new(problem, source));
        debug_assert!(drawn.is_ok(), "drawing into a string");
        text.push('\n');
    }
    text + &count(problems.list.len())
}

fn count(all: usize) -> String {
    match all {
        1 => "1 problem\n".into(),
        all if all > MOST => format!("{all} problems; the first {MOST} are shown\n"),
        all => format!("{all} problems\n"),
    }
}

/// One problem in the shape that miette draws.
#[derive(Debug)]
struct Drawing {
    message: String,
    help: Option<String>,
    place: Option<(Excerpt, SourceSpan)>,
}

/// A source made safe to show. Its lines may be cut, so it knows the column that counts.
#[derive(Debug)]
struct Excerpt {
    name: String,
    text: String,
    column: usize,
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let lines = self.text.read_span(span, before, after)?;
        // Read without lines around it, the place is about to be named, not drawn.
        let column = if before + after == 0 { self.column } else { lines.column() };
        let (data, span, line, count) = (lines.data(), *lines.span(), lines.line(), lines.line_count());
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, span, line, column, count)))
    }
}

impl Drawing {
    fn new(problem: &Problem, source: Option<&Source>) -> Self {
        let place = problem.span.as_ref().zip(source).map(|(span, source)| {
            let (text, column, place) = excerpt(&source.text, span.start, span.end);
            (Excerpt { name: clean(&source.name), text, column }, SourceSpan::from(place))
        });
        Drawing { message: clean(&problem.message), help: problem.help.as_deref().map(clean), place }
    }
}

impl fmt::Display for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawing {}

impl Diagnostic for Drawing {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|(source, _)| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, span) = self.place.as_ref()?;
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, *span))))
    }
}

/// The whole text made safe to show, every line cut; the true column, and the place in that text.
fn excerpt(text: &str, start: usize, end: usize) -> (String, usize, Range<usize>) {
    let start = text.floor_char_boundary(start.min(text.len()));
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let end = text.floor_char_boundary(end.clamp(start, line_end));

    let mut shown: String = text[..line_start].split_inclusive('\n').map(short_line).collect();
    let (before, cut) = head(&text[line_start..start]);
    shown += &before;
    let place = shown.len();
    shown += &short(&text[start..end], LINE);
    let place_end = shown.len();
    shown += &short(text[end..line_end].trim_end_matches('\r'), LINE.saturating_sub(cut));
    shown.extend(text[line_end..].split_inclusive('\n').map(short_line));
    (shown, text[line_start..start].chars().count(), place..place_end)
}

/// What stands before the place on its line; a long head loses its beginning.
fn head(text: &str) -> (String, usize) {
    let length = text.chars().count();
    if length <= LINE - BEFORE {
        return (clean(text), length);
    }
    let tail: String = text.chars().skip(length - BEFORE).collect();
    (format!("…{}", clean(&tail)), BEFORE)
}

fn short_line(line: &str) -> String {
    let ended = line.ends_with('\n');
    let body = line.trim_end_matches(['\n', '\r']);
    short(body, LINE) + if ended { "\n" } else { "" }
}

fn short(text: &str, most: usize) -> String {
    let shown: String = text.chars().take(most).collect();
    let more = if text.chars().nth(most).is_some() { "…" } else { "" };
    clean(&shown) + more
}
