//! The house has floors: a module imports only from those before it in one line, and a heavy
//! dependency has one room. Read from the source, so that a wrong `use` fails in review.

use std::fs;
use std::path::{Path, PathBuf};

/// Every module, from the ground up.
const FLOORS: &str = "stats evidence result data models tasks metrics config gather settle measure trace policy audit compare render archive cli";

/// Crates that one room (or two) may name.
const ROOMS: [(&str, &[&str]); 12] = [
    ("polars", &["data"]),
    ("polars_arrow", &["data"]),
    ("polars_buffer", &["data"]),
    ("polars_parquet", &["data"]),
    ("ort", &["models/onnx"]),
    ("tract_onnx", &["models/onnx"]),
    ("tokenizers", &["models"]),
    ("image", &["models"]),
    ("minijinja", &["render"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
];
const MIETTE: [&str; 2] = ["config", "cli"];

/// Every source file, with its path inside `src` and its text without comments.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let inside = |path: &PathBuf| {
        path.strip_prefix(&root).expect("it was found below the root").to_string_lossy().replace('\\', "/")
    };
    files.iter().map(|path| (inside(path), code(&fs::read_to_string(path).expect("a source file is text")))).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the source folder can be read") {
        let path = entry.expect("its entries can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn module(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap_or_default()
}

/// Modules named as `crate::NAME`, also within `use crate::{a, b::c}`.
fn imports(text: &str) -> Vec<String> {
    let after = text.split("crate::").skip(1);
    after
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(list) => top_level(list),
            None => vec![word(rest)],
        })
        .collect()
}

fn top_level(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut names = vec![String::new()];
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(String::new()),
            _ => {}
        }
        names.last_mut().expect("there is always one").push(c);
    }
    names.iter().map(|name| word(name.trim_start_matches([',', ' ', '\n']))).collect()
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn modules_import_only_from_the_floors_below() {
    let floors: Vec<&str> = FLOORS.split(' ').collect();
    let level = |name: &str| floors.iter().position(|floor| *floor == name);
    let mut seen = 0;
    for (file, text) in sources() {
        let Some(own) = level(module(&file)) else {
            assert!(["lib", "main"].contains(&module(&file)), "{file} stands on no floor");
            continue;
        };
        for import in imports(&text) {
            let other = level(&import);
            seen += usize::from(other.is_some());
            assert!(other.is_none_or(|other| other <= own), "{file} imports from {import}, a floor above its own");
        }
    }
    assert!(seen > 100, "only {seen} imports were found; this test reads the source wrongly");
}

#[test]
fn heavy_dependencies_have_their_room() {
    let mut seen = 0;
    for (file, text) in sources() {
        for (dependency, rooms) in ROOMS.iter().map(|(name, rooms)| (*name, *rooms)).chain([("miette", &MIETTE[..])]) {
            let tokens = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            let uses = tokens.into_iter().any(|token| token.starts_with(&format!("{dependency}::")));
            seen += usize::from(uses);
            assert!(
                !uses || rooms.iter().any(|room| file.starts_with(room)),
                "{file} uses {dependency}, which belongs in {rooms:?}"
            );
        }
    }
    assert!(seen > 10, "only {seen} uses were found; this test reads the source wrongly");
}

#[test]
fn no_unwrap_outside_tests() {
    for (file, text) in sources().into_iter().filter(|(file, _)| !file.contains("test")) {
        let before_tests = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        if file == "trace/worked.rs" {
            continue;
        }
        assert!(!before_tests.contains(".unwrap()"), "{file} unwraps");
        assert!(!before_tests.contains(".expect(\"\")"), "{file} expects without a reason");
    }
}
