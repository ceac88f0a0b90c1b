//! What can go wrong with data, and the guard that turns a panic over a malformed file into it.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Once;

/// Why data could not be read. Every message tells what, where and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DataError(pub String);

impl DataError {
    /// An error over a file.
    pub(super) fn of(path: &Path, what: impl std::fmt::Display) -> DataError {
        DataError(format!("`{}`: {what}", path.display()))
    }

    /// A file that its format's reader refuses.
    pub(super) fn damaged(path: &Path, format: &str, why: impl std::fmt::Display) -> DataError {
        let why = shorten(&why.to_string(), 200);
        DataError::of(
            path,
            format!("cannot be read as {format} ({why}). It is damaged or cut short: write or copy it again"),
        )
    }
}

/// The first characters of a text, marked where cut.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    let line = text.lines().next().unwrap_or("");
    match line.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_string(),
    }
}

/// Joins names for a message: `a`, `b`, `c` and 4 more.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.len() {
        0..=8 => names.join(", "),
        n => format!("{} and {} more", names[..8].join(", "), n - 8),
    }
}

/// "; did you mean `x`?" where a name is close to the one asked for.
pub(super) fn suggestion<'a>(asked: &str, known: impl Iterator<Item = &'a str>) -> String {
    let likeness = |name: &str| strsim::jaro_winkler(&asked.to_lowercase(), &name.to_lowercase());
    known
        .map(|name| (likeness(name), name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(String::new(), |(_, name)| format!("; did you mean `{name}`?"))
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a decoder; a panic in it becomes the error's text, and prints nothing.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    hush();
    let before = GUARDED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(before);
    result.unwrap_or_else(|payload| Err(panic_text(payload.as_ref())))
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("the decoder gave up").to_string()
}

/// Silences panics of guarded threads and of polars' own workers, which their callers catch; all
/// other panics print as before.
fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let worker = std::thread::current().name().is_some_and(|name| name.starts_with("polars"));
            if !worker && !GUARDED.get() {
                previous(info);
            }
        }));
    });
}
